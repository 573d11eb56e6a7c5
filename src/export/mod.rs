//! The archive's tables as documents: a table, an array, a database.
//!
//! [`heart_rate`] is a source with a summary of each day: its [`plan`] says which day comes from which file, coarser ones through
//! [`aggregate`]. [`series`] is any other, by its definition. [`days`] reads a source's files and has them encoded several
//! side by side while they are written in order, so that memory is bounded by a few of them. Formats only
//! turn files into bytes: [`text`] owns those whose document is one stream ([`csv`], [`json`], [`ndjson`],
//! [`influx`]); [`parquet`] and [`sqlite`] have files with a structure of their own. [`output`] owns files and stdout.
//!
//! A new format is a file here, and its lines in [`Format`] and below.

pub mod aggregate;
pub mod csv;
pub mod days;
mod error;
mod format;
pub mod heart_rate;
pub mod influx;
pub mod json;
pub mod ndjson;
pub mod output;
pub mod parquet;
pub mod plan;
pub mod series;
pub mod sqlite;
mod subject;
pub mod text;

pub use days::Tally;
pub use error::Error;
pub use format::Format;
pub use heart_rate::HeartRate;
pub use output::{Destination, Target};
pub use plan::Plan;
pub use series::Table;
pub use subject::Subject;

use crate::extract::Catalogue;
use crate::progress::{Progress, Work};
use output::Output;

/// Writes tables to where they belong, all of them or none. `catalogue` says how they belong together.
///
/// # Errors
/// Fails when a file cannot be read or a target cannot be written; all files are as they were then.
pub fn run(
    subjects: &[Subject],
    catalogue: &Catalogue,
    format: Format,
    place: &Destination,
    progress: &Progress,
) -> Result<Vec<Tally>, Error> {
    let files: usize = subjects.iter().map(Subject::files).sum();
    let _begun = progress.begin(Work::Export, files as u64);
    if format == Format::Sqlite {
        return sqlite::write(subjects, catalogue, progress, &place.of("", format));
    }
    let (mut tallies, mut outputs) = (Vec::new(), Vec::new());
    for subject in subjects {
        let mut output = Output::open(&place.of(subject.name(), format))?;
        tallies.push(write(subject, format, progress, &mut output)?);
        outputs.push(output);
    }
    output::finish(outputs)?;
    Ok(tallies)
}

fn write(
    subject: &Subject,
    format: Format,
    progress: &Progress,
    output: &mut Output,
) -> Result<Tally, Error> {
    match subject {
        Subject::HeartRate(source) => match format {
            Format::Csv => text::write(source, &csv::Csv(source), progress, output),
            Format::Json => text::write(source, &json::Json, progress, output),
            Format::Ndjson => text::write(source, &ndjson::Ndjson(source), progress, output),
            Format::Influx => text::write(source, &influx::Influx, progress, output),
            Format::Parquet => parquet::write(source, progress, output),
            Format::Sqlite => Err(Error::NeedsFile(format.name())),
        },
        Subject::Series(table) => write_table(table, format, progress, output),
    }
}

fn write_table(
    table: &Table,
    format: Format,
    progress: &Progress,
    output: &mut Output,
) -> Result<Tally, Error> {
    match format {
        Format::Csv => text::write(table, &csv::CsvOfTable(table), progress, output),
        Format::Json => text::write(table, &json::JsonOfTable(table), progress, output),
        Format::Ndjson => text::write(table, &ndjson::NdjsonOfTable(table), progress, output),
        Format::Influx => text::write(table, &influx::InfluxOfTable(table), progress, output),
        Format::Parquet => parquet::write_table(table, progress, output),
        Format::Sqlite => Err(Error::NeedsFile(format.name())),
    }
}
