//! `fitbit-hr export`: days of the archive as documents. No network, no account.
//!
//! What was typed becomes a [`job`]; the tables of the archive are written; [`report`] says what there is.

mod job;
mod report;

use super::blocking::blocking;
use super::context::Context;
use crate::archive::Archive;
use crate::day::Detail;
use crate::error::Error;
use crate::export::{self, Format, HeartRate, Subject, Table, Tally, Watch, plan};
use crate::extract::Selection;
use crate::extract::between::ClockTime;
use crate::live::When;
use job::{Job, Wanted};
use std::path::PathBuf;
use std::sync::Arc;

const EXAMPLES: &str = "\
Examples:
  fitbit-hr export > heart_rate.csv                   everything, as CSV
  fitbit-hr export --from 2024-01-01 -o 2024.parquet  for pandas, Polars or R
  fitbit-hr export --detail 1min -o heart.sqlite      run again to update
  fitbit-hr export --fields utc,hr,source --format ndjson
  fitbit-hr export --format influx | influx write -b health
  fitbit-hr export --extract sleep -o sleep.json      nights with their stages
  fitbit-hr export --extract all -o health.sqlite     a table each, and views
  fitbit-hr export --extract sleep,steps -o out/      a file each

In a database a night stands beside its stages, heart rate, variability and
oxygen saturation in the views sleep_joined and sleep_stages_joined. An existing
database keeps its other days and tables. The archive itself is plain Parquet,
which DuckDB, Polars, pandas and Spark read as it is.";

/// Options of `export`.
#[allow(
    clippy::doc_markdown,
    reason = "these comments are the help text, where backticks would show"
)]
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// What to export: names with commas between, or all [default: extracts of the keys file, else heart_rate]
    #[arg(long, value_name = "LIST")]
    extract: Option<Selection>,
    /// First day, included [default: the first there is]
    #[arg(long, value_name = "DATE")]
    from: Option<When>,
    /// Last day, included [default: the last there is]
    #[arg(long, value_name = "DATE")]
    to: Option<When>,
    /// Only what begins from one time of the wearer's clock up to a later one, HH:MM[:SS]
    #[arg(long, num_args = 2, value_names = ["FROM", "TO"])]
    between: Option<Vec<ClockTime>>,
    /// 1sec, 1min, 5min or 15min [default: the finest that the archive holds of these days]
    ///
    /// What the archive does not hold at this detail is the mean of the samples in each civil minute (five, fifteen),
    /// rounded half up, of other series the mean, the sum or the seconds in each label; a window without rows is absent.
    #[arg(long, value_name = "DETAIL")]
    detail: Option<Detail>,
    /// What to write [default: what the file's name ends in, else csv]
    #[arg(long, value_name = "FORMAT", value_enum)]
    format: Option<Format>,
    /// Fields of one extract in csv, ndjson and json, in this order: heart rate has
    /// day,time,hr,utc,offset,confidence,source
    #[arg(long, value_name = "LIST")]
    fields: Option<String>,
    /// Where to: a file, a folder (FOLDER/) with a file each, or - for standard output [default: -]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// What was exported of one table.
struct Exported {
    subject: Subject,
    tally: Tally,
}

/// What was done.
struct Done {
    tables: Vec<Exported>,
    /// Extracts of which there is nothing on these days.
    absent: Vec<String>,
}

pub async fn run(args: &Args, context: &Context) -> Result<(), Error> {
    let job = Arc::new(Job::of(args, context)?);
    let archive = context.archive_to_show()?;
    let console = Arc::clone(&context.console);
    let catalogue = context.settings.catalogue.clone();
    let place = job.place(&console);
    let wanted = Arc::clone(&job);
    let done = blocking(move |cancelled| -> Result<Done, export::Error> {
        let (subjects, absent) = subjects(&archive, &wanted)?;
        let files: usize = subjects.iter().map(Subject::files).sum();
        // Whatever reads the data may print it on this terminal, and a bar would run through it.
        let bar = wanted.output.is_some();
        let bar = bar.then(|| console.progress("export", "files", files as u64));
        let watch = Watch {
            progress: &|files| {
                if let Some(bar) = &bar {
                    bar.advance(files);
                }
            },
            cancelled,
        };
        let tallies = export::run(&subjects, &catalogue, wanted.format, &place, watch)?;
        let tables = subjects.into_iter().zip(tallies);
        let tables = tables.map(|(subject, tally)| Exported { subject, tally });
        Ok(Done {
            tables: tables.collect(),
            absent,
        })
    });
    let done = done.await?;
    report::say(context, &job, &done);
    if context.global.json {
        context.console.json(&report::account(&job, &done))?;
    }
    Ok(())
}

/// The tables of a job, and the names of the extracts that are not there where all were meant.
fn subjects(archive: &Archive, job: &Job) -> Result<(Vec<Subject>, Vec<String>), export::Error> {
    let (mut subjects, mut absent) = (Vec::new(), Vec::new());
    for wanted in &job.wanted {
        let subject = subject(archive, job, wanted)?;
        if subject.files() == 0 && job.all {
            absent.push(wanted.definition.name.clone());
            continue;
        }
        let segments = match &subject {
            Subject::Series(table) if job.has_room_for_segments() => table.segments(),
            Subject::Series(_) | Subject::HeartRate(_) => None,
        };
        subjects.push(subject);
        subjects.extend(segments.map(Subject::Series));
    }
    Ok((subjects, absent))
}

fn subject(archive: &Archive, job: &Job, wanted: &Wanted) -> Result<Subject, export::Error> {
    if wanted.is_heart_rate() {
        return Ok(Subject::HeartRate(HeartRate {
            archive: archive.clone(),
            plan: plan::plan(archive, &job.range, wanted.detail)?,
            between: job.between,
            fields: job.columns.clone(),
        }));
    }
    let (definition, detail) = (&wanted.definition, wanted.detail);
    let table = Table::of(archive, definition, detail, &job.range, job.between)?;
    Ok(Subject::Series(match &job.fields {
        Some(fields) => table.with_fields(fields),
        None => table,
    }))
}
