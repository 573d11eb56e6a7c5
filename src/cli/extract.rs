//! The main job: one day of heart rate into `hr.json` and `hr.csv`, or to stdout.

use super::conflict;
use super::context::Context;
use super::when;
use crate::atomic_file::{self, Access};
use crate::civil;
use crate::day::{Detail, clock_text, wall_clock};
use crate::error::{Error, Usage};
use crate::live::{Fetched, Request, When};
use crate::numerals::{counted, span};
use crate::settled;
use crate::sink::{csv, fields::Field, json};
use chrono::{DateTime, NaiveDate};
use serde_json::{Value, json as object};
use std::borrow::Cow;
use std::path::PathBuf;

/// Options of the main job.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Civil day of the wearer: YYYY-MM-DD, today or yesterday [default: today]
    #[arg(value_name = "DATE", value_parser = date_not_command)]
    date: Option<When>,
    /// 1sec, 1min, 5min or 15min [default: 1min]
    #[arg(value_name = "DETAIL")]
    detail: Option<Detail>,
    /// Write the data to standard output and nowhere else
    #[arg(long, value_name = "FORMAT", value_enum)]
    stdout: Option<Format>,
    /// Columns of the CSV, in this order: day,time,hr,utc,offset,confidence,source
    #[arg(long, value_name = "LIST")]
    fields: Option<String>,
    /// Skip zones and resting heart rate
    #[arg(long)]
    no_summary: bool,
}

/// What can go to stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Csv,
    Json,
}

impl Args {
    /// The first day that `setup` fetches.
    pub const fn yesterday() -> Self {
        Self {
            date: Some(When::Yesterday),
            detail: None,
            stdout: None,
            fields: None,
            no_summary: false,
        }
    }

    /// These options belong to the main job alone.
    pub fn refuse_with_command(&self) -> Result<(), Error> {
        let given = [
            (self.date.is_some(), "a date"),
            (self.stdout.is_some(), "--stdout"),
            (self.fields.is_some(), "--fields"),
            (self.no_summary, "--no-summary"),
        ];
        match given.into_iter().find(|(given, _)| *given) {
            Some((_, option)) => Err(conflict(
                &format!(
                    "{option} before a command belongs to the main job, which runs without a command"
                ),
                "leave it out, or see the command's own --help",
            )),
            None => Ok(()),
        }
    }

    fn columns(&self) -> Result<Vec<Field>, Error> {
        let Some(list) = &self.fields else {
            return Ok(crate::sink::fields::DEFAULT_FIELDS.to_vec());
        };
        if self.stdout == Some(Format::Json) {
            return Err(conflict(
                "--fields picks columns of the CSV, and --stdout json has none",
                "leave one of the two out",
            ));
        }
        Field::parse_list(list).map_err(|problem| {
            Usage::new(
                format!("--fields: {problem}"),
                "choose from day,time,hr,utc,offset,confidence,source",
            )
            .into()
        })
    }
}

pub async fn run(args: &Args, context: &Context) -> Result<(), Error> {
    let columns = args.columns()?;
    if args.stdout.is_some() && context.global.json {
        return Err(conflict(
            "--stdout and --json both want standard output",
            "leave one of the two out",
        ));
    }
    let (when, detail) = (
        args.date.unwrap_or(When::Today),
        args.detail.unwrap_or(Detail::Min1),
    );
    // Before any request, by what is known of the wearer's zone so far.
    when::date(when, context.now, context.wearers_zone())?;
    if context.demo.is_some() && args.stdout.is_none() {
        super::demo::spare_real_files(&context.settings.output_dir)?;
    }
    let service = context.session().await?;
    let request = Request {
        when,
        now: context.now,
        detail,
        summary: !args.no_summary,
        account: true,
        zones: context.zones(),
    };
    let fetched = Box::pin(service.day(request)).await;
    context.remember_quota(&service);
    if let Some(warning) = service.clock_warning() {
        context.console.warn(&warning);
    }
    let fetched = fetched?;
    when::date(when, fetched.now, fetched.zone)?;
    for note in &fetched.notes {
        context.console.note(note);
    }
    if fetched.left_out.count() > 0 {
        // An answer that is kept byte for byte still has them.
        let of = if fetched.answer.is_some() {
            " of hr.csv"
        } else {
            ""
        };
        context.console.note(&(fetched.left_out.to_string() + of));
    }
    let json = match &fetched.answer {
        Some(answer) => Cow::Borrowed(answer),
        None => Cow::Owned(json::encode(&fetched.day)),
    };
    let csv = csv::encode(&fetched.day, &columns);
    let files = match args.stdout {
        Some(Format::Csv) => context.console.data(&csv).map(|()| vec![])?,
        Some(Format::Json) => context.console.data(&json).map(|()| vec![])?,
        None => write(context, &json, &csv)?,
    };
    let complete = say(context, &fetched, &files);
    if context.global.json {
        context.console.json(&account(
            &fetched,
            complete,
            service.requests(),
            &files,
            context,
        ))?;
    }
    Ok(())
}

/// A word where a date should be may be a command with a slip in it.
fn date_not_command(text: &str) -> Result<When, String> {
    text.parse().map_err(|problem| {
        if text.starts_with(|c: char| c.is_ascii_alphabetic()) {
            format!("{problem}, and no command is called so; all are listed by: fitbit-hr --help")
        } else {
            problem
        }
    })
}

fn write(context: &Context, json: &[u8], csv: &[u8]) -> Result<Vec<PathBuf>, Error> {
    let folder = &context.settings.output_dir;
    let pair = vec![
        atomic_file::with_bytes(&folder.join("hr.json"), json, Access::Shared)?,
        atomic_file::with_bytes(&folder.join("hr.csv"), csv, Access::Shared)?,
    ];
    atomic_file::commit_together(pair)?;
    Ok(vec![folder.join("hr.json"), folder.join("hr.csv")])
}

/// Tells a person what there is; returns whether the day is complete.
fn say(context: &Context, fetched: &Fetched, files: &[PathBuf]) -> bool {
    let (day, console) = (&fetched.day, &context.console);
    let end = civil::window(day.date, fetched.zone).map_or(i64::MAX, |window| window.end);
    let complete = settled::is_complete(end, fetched.now, &fetched.syncs);
    match (day.samples.first(), day.samples.last()) {
        (Some(first), Some(last)) => {
            let gap = day
                .largest_gap_s()
                .map(|gap| format!(", largest gap {}", span(gap)))
                .unwrap_or_default();
            let resting = day
                .summary
                .resting_bpm
                .map(|bpm| format!(", resting {bpm:.0}"))
                .unwrap_or_default();
            console.say(&format!(
                "{}: {}, {} to {}{gap}{resting}",
                day.date,
                counted(day.samples.len() as u64, "sample"),
                hour_and_minute(first.local_time),
                hour_and_minute(last.local_time)
            ));
        }
        _ => console.note(&format!(
            "there is no heart rate for {}: not worn, or not synced",
            day.date
        )),
    }
    if let Some(text) = unfinished(day.date, end, fetched) {
        console.note(&text);
    }
    if !files.is_empty() {
        let names: Vec<_> = files
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        console.say(&format!("wrote {}", names.join(" and ")));
    }
    complete
}

/// Why more may come.
fn unfinished(date: NaiveDate, end: i64, fetched: &Fetched) -> Option<String> {
    let at = |instant: i64| {
        DateTime::from_timestamp_millis(instant).map(|at| at.with_timezone(&fetched.zone))
    };
    let behind = fetched.syncs.behind(fetched.now);
    match behind.or(fetched.syncs.latest()) {
        Some(sync) if sync < end => {
            let sync = at(sync)?;
            let format = if sync.date_naive() == date {
                "%H:%M"
            } else {
                "%Y-%m-%d %H:%M"
            };
            Some(format!(
                "last sync {}: later samples are not there yet",
                sync.format(format)
            ))
        }
        None if fetched.now.timestamp_millis() < end => Some(format!(
            "{date} is not over: later samples are not there yet"
        )),
        _ => None,
    }
}

/// `23:59`.
fn hour_and_minute(local_time: i64) -> String {
    wall_clock(local_time).format("%H:%M").to_string()
}

fn account(
    fetched: &Fetched,
    complete: bool,
    requests: u64,
    files: &[PathBuf],
    context: &Context,
) -> Value {
    let day = &fetched.day;
    let clock =
        |sample: Option<&crate::day::Sample>| sample.map(|sample| clock_text(sample.local_time));
    object!({
        "provider": context.settings.provider.name(),
        "profile": context.settings.profile_name(),
        "day": day.date.to_string(),
        "detail": day.detail.name(),
        "timezone": fetched.zone.name(),
        "samples": day.samples.len(),
        "first": clock(day.samples.first()),
        "last": clock(day.samples.last()),
        "largest_gap_s": day.largest_gap_s(),
        "resting_bpm": day.summary.resting_bpm,
        "last_sync": fetched.syncs.latest().map(civil::rfc3339),
        "complete": complete,
        "left_out": fetched.left_out.count(),
        "requests": requests,
        "files": files.iter().map(|path| path.display().to_string()).collect::<Vec<_>>(),
    })
}
