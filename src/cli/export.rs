//! `fitbit-hr export`: days of the archive as one document. No network, no account.

use super::blocking::blocking;
use super::conflict;
use super::context::Context;
use super::when;
use crate::civil;
use crate::day::Detail;
use crate::error::{Error, Usage};
use crate::export::{self, Days, Format, Plan, Tally, Target, plan};
use crate::live::When;
use crate::numerals::counted;
use crate::sink::Field;
use chrono::NaiveDate;
use serde_json::{Value, json};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const EXAMPLES: &str = "\
Examples:
  fitbit-hr export > heart_rate.csv                   everything, as CSV
  fitbit-hr export --from 2024-01-01 -o 2024.parquet  for pandas, Polars or R
  fitbit-hr export --detail 1min -o heart.sqlite      run again to update
  fitbit-hr export --fields utc,hr,source --format ndjson
  fitbit-hr export --format influx | influx write -b health

An existing database keeps its other days and tables. The archive itself is
plain Parquet, which DuckDB, Polars, pandas and Spark read as it is.";

/// Options of `export`.
#[allow(
    clippy::doc_markdown,
    reason = "these comments are the help text, where backticks would show"
)]
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// First day, included [default: the first there is]
    #[arg(long, value_name = "DATE")]
    from: Option<When>,
    /// Last day, included [default: the last there is]
    #[arg(long, value_name = "DATE")]
    to: Option<When>,
    /// 1sec, 1min, 5min or 15min [default: the finest that the archive holds of these days]
    ///
    /// What the archive does not hold at this detail is the mean of the samples in each civil minute (five, fifteen),
    /// rounded half up; a window without samples is absent.
    #[arg(long, value_name = "DETAIL")]
    detail: Option<Detail>,
    /// What to write [default: what the file's name ends in, else csv]
    #[arg(long, value_name = "FORMAT", value_enum)]
    format: Option<Format>,
    /// Columns of csv, keys of ndjson, in this order: day,time,hr,utc,offset,confidence,source
    #[arg(long, value_name = "LIST")]
    fields: Option<String>,
    /// Where to; - is standard output [default: -]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// What was typed, as it is meant.
struct Job {
    range: RangeInclusive<NaiveDate>,
    detail: Option<Detail>,
    format: Format,
    fields: Option<Vec<Field>>,
    /// `None` is standard output.
    file: Option<PathBuf>,
}

impl Args {
    fn job(&self, context: &Context) -> Result<Job, Error> {
        let file = self.output.clone().filter(|path| path != Path::new("-"));
        let named = file.as_deref().and_then(Format::of_name);
        if let Some(path) = &file
            && self.format.or(named).is_none()
            && let Some(ending) = path.extension()
        {
            return Err(Usage::new(
                format!("no export is written as .{}", ending.display()),
                "end the name in .csv, .json, .ndjson, .parquet, .sqlite or .influx, or choose with --format",
            )
            .into());
        }
        let format = self.format.or(named).unwrap_or(Format::Csv);
        if file.is_none() && !format.streams() {
            return Err(export::Error::NeedsFile(format.name()).into());
        }
        if file.is_none() && context.global.json {
            return Err(conflict(
                "--json and the export both want standard output",
                "leave --json out, or name a file with -o",
            ));
        }
        Ok(Job {
            range: self.range(context)?,
            detail: self.detail,
            format,
            fields: self.fields(format)?,
            file,
        })
    }

    fn range(&self, context: &Context) -> Result<RangeInclusive<NaiveDate>, Error> {
        let date = |when: Option<When>| {
            when.map(|when| when::date(when, context.now, context.wearers_zone()))
                .transpose()
        };
        let (from, to) = (date(self.from)?, date(self.to)?);
        if let (Some(from), Some(to)) = (from, to)
            && from > to
        {
            return Err(Usage::new(
                format!("--from {from} is after --to {to}"),
                "give the earlier day first; both are included",
            )
            .into());
        }
        Ok(from.unwrap_or(civil::EARLIEST)..=to.unwrap_or(NaiveDate::MAX))
    }

    fn fields(&self, format: Format) -> Result<Option<Vec<Field>>, Error> {
        let Some(list) = &self.fields else {
            return Ok(None);
        };
        if !format.has_fields() {
            return Err(conflict(
                &format!(
                    "--fields picks columns, and those of {} are fixed",
                    format.name()
                ),
                "leave it out, or choose --format csv or ndjson",
            ));
        }
        let fields = Field::parse_list(list).map_err(|problem| {
            Usage::new(
                format!("--fields: {problem}"),
                "choose from day,time,hr,utc,offset,confidence,source",
            )
        })?;
        Ok(Some(fields))
    }
}

pub async fn run(args: &Args, context: &Context) -> Result<(), Error> {
    let job = args.job(context)?;
    let archive = context.archive_to_show()?;
    let console = Arc::clone(&context.console);
    let target = match &job.file {
        Some(path) => Target::File(path.clone()),
        None => Target::Stdout(Arc::clone(&console)),
    };
    // Whatever reads the data may print it on this terminal, and a bar would run through it.
    let shown = job.file.is_some();
    let done = blocking(
        move |cancelled| -> Result<(Job, Plan, Tally), export::Error> {
            let plan = plan::plan(&archive, &job.range, job.detail)?;
            let bar = shown.then(|| console.progress("export", "days", plan.items.len() as u64));
            let days = Days {
                archive: &archive,
                plan: &plan,
                progress: &|days| {
                    if let Some(bar) = &bar {
                        bar.advance(days);
                    }
                },
                cancelled,
            };
            let tally = export::run(&days, job.format, job.fields.as_deref(), &target)?;
            drop(bar);
            Ok((job, plan, tally))
        },
    );
    let (job, plan, tally) = done.await?;
    say(context, &job, &plan, &tally);
    if context.global.json {
        context.console.json(&account(&job, &plan, &tally))?;
    }
    Ok(())
}

fn say(context: &Context, job: &Job, plan: &Plan, tally: &Tally) {
    let console = &context.console;
    if tally.samples + tally.without_instant == 0 {
        console.note(&nothing(context, job, plan));
    }
    if let Some((days, coarser)) = plan.too_coarse {
        let they = if days == 1 {
            "1 day is"
        } else {
            &format!("{days} days are")
        };
        console.note(&format!(
            "{they} stored at a coarser detail only and left out; --detail {coarser} takes them in"
        ));
    }
    if tally.without_instant > 0 {
        console.note(&format!(
            "left out {} whose source gives wall clock only: {} needs instants",
            counted(tally.without_instant, "sample"),
            job.format.name()
        ));
    }
    if let Some(path) = &job.file {
        console.say(&format!(
            "wrote {}: {}, {} at {}",
            path.display(),
            counted(tally.days, "day"),
            counted(tally.samples, "sample"),
            plan.detail
        ));
    }
}

/// Why there is no sample.
fn nothing(context: &Context, job: &Job, plan: &Plan) -> String {
    if !plan.items.is_empty() {
        return "there is no heart rate on these days".to_owned();
    }
    let root = context.settings.archive.display();
    if job.range.start() == &civil::EARLIEST && job.range.end() == &NaiveDate::MAX {
        format!("there are no days in the archive at {root}; fill it with fitbit-hr sync or import")
    } else {
        format!("there are none of these days in the archive at {root}")
    }
}

fn account(job: &Job, plan: &Plan, tally: &Tally) -> Value {
    let date = |item: Option<&plan::Item>| item.map(|item| item.date.to_string());
    let bytes = |path: &PathBuf| std::fs::metadata(path).ok().map(|found| found.len());
    json!({
        "format": job.format.name(),
        "detail": plan.detail.name(),
        "first_day": date(plan.items.first()),
        "last_day": date(plan.items.last()),
        "days": tally.days,
        "empty_days": tally.empty_days,
        "unsettled_days": tally.unsettled_days,
        "samples": tally.samples,
        "samples_without_instant": tally.without_instant,
        "days_too_coarse": plan.too_coarse.map_or(0, |(days, _)| days),
        "file": job.file.as_ref().map(|path| path.display().to_string()),
        "bytes": job.file.as_ref().and_then(bytes),
    })
}
