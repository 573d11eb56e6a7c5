//! The files of a day: `NAME.json` and `NAME.csv` of each series, and a table of segments beside.

use super::args::Format;
use super::fetch::{Data, Fetched, Part};
use super::plan::Plan;
use crate::atomic_file::{self, Access};
use crate::cli::context::Context;
use crate::cli::demo_files;
use crate::cli::typed::Wanted;
use crate::error::Error;
use crate::extract::{Definition, Rows};
use crate::live::{self, DayOfSeries};
use crate::sink::{Shown, csv, json, table};
use chrono::NaiveDate;
use std::path::PathBuf;

/// A file that is not written yet.
#[derive(Debug)]
pub struct Document {
    /// Its name within the output folder.
    pub name: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// The files of all series.
pub fn documents(fetched: &Fetched, plan: &Plan) -> Vec<Document> {
    let parts = fetched.parts.iter();
    parts
        .flat_map(|part| of_part(part, plan, fetched.date))
        .collect()
}

fn of_part(part: &Part, plan: &Plan, date: NaiveDate) -> Vec<Document> {
    let stem = part.wanted.file_stem();
    let document = |ending: &str, bytes| Document {
        name: format!("{stem}.{ending}"),
        bytes,
    };
    match &part.data {
        Data::HeartRate(fetched) => vec![
            document("json", heart_rate_json(fetched)),
            document("csv", csv::encode(&fetched.day, &plan.columns)),
        ],
        Data::Series(day) => {
            let definition = &part.wanted.definition;
            let shown = shown(&part.wanted, plan, &day.rows);
            let mut documents = vec![
                document("json", series_json(definition, date, &shown, day)),
                document("csv", table::csv(&shown, &day.rows)),
            ];
            if let (Some(segments), Some(rows)) = (&definition.segments, &day.segments) {
                documents.push(Document {
                    name: format!("{}.csv", segments.table),
                    bytes: table::csv(&Shown::of_segments(segments), rows),
                });
            }
            documents
        }
    }
}

fn heart_rate_json(fetched: &live::Fetched) -> Vec<u8> {
    let answer = fetched.answer.clone();
    answer.unwrap_or_else(|| json::encode(&fetched.day))
}

fn series_json(
    definition: &Definition,
    date: NaiveDate,
    shown: &Shown,
    day: &DayOfSeries,
) -> Vec<u8> {
    let mut out = Vec::new();
    let segments = day.segments.as_ref();
    table::push_document(&mut out, definition, date, shown, &day.rows, segments);
    out.push(b'\n');
    out
}

/// The fields of a series: those that were named, else the usual ones.
pub fn shown(wanted: &Wanted, plan: &Plan, rows: &Rows) -> Shown {
    let (definition, detail) = (&wanted.definition, wanted.detail);
    let usual = || definition.default_fields_at(detail);
    let names = plan.fields.clone().unwrap_or_else(usual);
    Shown::of(definition, rows.columns(), &names)
}

/// The one table, or the one document, to stdout.
///
/// # Errors
/// Fails when stdout takes no more.
pub fn print(context: &Context, format: Format, documents: &[&Document]) -> Result<(), Error> {
    let ending = match format {
        Format::Csv => ".csv",
        Format::Json => ".json",
    };
    let mut documents = documents.iter();
    if let Some(document) = documents.find(|document| document.name.ends_with(ending)) {
        context.console.data(&document.bytes)?;
    }
    Ok(())
}

/// All of them into place, or none.
///
/// # Errors
/// Fails when one of them cannot be written; all earlier files stay as they were.
pub fn write(context: &Context, documents: &[&Document]) -> Result<Vec<PathBuf>, Error> {
    let folder = &context.settings.output_dir;
    demo_files::mark(context, documents.iter().map(|document| &*document.name))?;
    let paths: Vec<_> = documents
        .iter()
        .map(|document| folder.join(&document.name))
        .collect();
    let pending = documents.iter().zip(&paths);
    let pending = pending
        .map(|(document, path)| atomic_file::with_bytes(path, &document.bytes, Access::Shared));
    atomic_file::together::commit(pending.collect::<Result<_, _>>()?)?;
    Ok(paths)
}
