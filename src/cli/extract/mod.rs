//! The main job: one day of some series into files, all of them together or none, or to stdout.
//!
//! What was typed becomes a [`plan`]; [`fetch`] gets the day of each series side by side; [`during`] cuts it into workouts;
//! [`files`] has the bytes, and [`report`] says what there is.

mod during;
mod fetch;
mod files;
mod plan;
mod report;

use super::conflict;
use super::context::Context;
use super::when;
use crate::day::Detail;
use crate::error::Error;
use crate::extract::Selection;
use crate::extract::between::ClockTime;
use crate::live::{SeriesError, When};
use plan::{Format, Plan};

/// Options of the main job.
#[allow(
    clippy::doc_markdown,
    reason = "these comments are the help text, where backticks would show"
)]
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Civil day of the wearer: YYYY-MM-DD, today or yesterday [default: today]
    #[arg(value_name = "DATE", value_parser = date_not_command)]
    date: Option<When>,
    /// 1sec, 1min, 5min or 15min [default: 1min; other series their own finest]
    #[arg(value_name = "DETAIL")]
    detail: Option<Detail>,
    /// What to extract: names with commas between, or all [default: heart_rate]
    #[arg(long, value_name = "LIST")]
    extract: Option<Selection>,
    /// Only what begins from one time of the wearer's clock up to a later one, HH:MM[:SS]
    #[arg(long, num_args = 2, value_names = ["FROM", "TO"])]
    between: Option<Vec<ClockTime>>,
    /// A CSV for each session of that day, as of exercise: hr-2026-06-01T1805-run.csv
    #[arg(long, value_name = "EXTRACT", conflicts_with = "between")]
    during: Option<String>,
    /// Write the data to standard output and nowhere else
    #[arg(long, value_name = "FORMAT", value_enum)]
    stdout: Option<Format>,
    /// Fields of one extract, in this order: heart rate has
    /// day,time,hr,utc,offset,confidence,source
    #[arg(long, value_name = "LIST")]
    fields: Option<String>,
    /// Skip zones and resting heart rate
    #[arg(long)]
    no_summary: bool,
}

impl Args {
    /// The first day that `setup` fetches.
    pub const fn yesterday() -> Self {
        Self {
            date: Some(When::Yesterday),
            detail: None,
            extract: None,
            between: None,
            during: None,
            stdout: None,
            fields: None,
            no_summary: false,
        }
    }

    /// These options belong to the main job alone.
    pub fn refuse_with_command(&self) -> Result<(), Error> {
        let given = [
            (self.date.is_some(), "a date"),
            (self.extract.is_some(), "--extract"),
            (self.between.is_some(), "--between"),
            (self.during.is_some(), "--during"),
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
}

pub async fn run(args: &Args, context: &Context) -> Result<(), Error> {
    let plan = Plan::of(args, context)?;
    // Before any request, by what is known of the wearer's zone so far.
    when::date(plan.when, context.now, context.wearers_zone())?;
    if plan.stdout.is_none() {
        super::demo_files::look(context)?;
    }
    let service = context.session_for(&plan.definitions()).await?;
    let fetched = Box::pin(fetch::fetched(&service, &plan, context)).await;
    context.remember_quota(&service);
    if let Some(warning) = service.clock_warning() {
        context.console.warn(&warning);
    }
    let fetched = fetched?;
    when::date(plan.when, fetched.now, fetched.zone)?;
    let documents = match &plan.during {
        Some(sessions) => during::documents(&fetched, &plan, sessions),
        None => files::documents(&fetched, &plan),
    };
    report::notes(context, &plan, &fetched);
    let written = match plan.stdout {
        Some(format) => files::print(context, format, &documents).map(|()| vec![])?,
        None => files::write(context, &documents)?,
    };
    report::said(context, &plan, &fetched, &written);
    if context.global.json {
        let account = report::account(context, &plan, &fetched, service.requests(), &written);
        context.console.json(&account)?;
    }
    // What else was asked for is there by now.
    let all_refused = fetched.parts.is_empty();
    if !fetched.refused.is_empty() && (plan.by_name || all_refused) {
        return Err(SeriesError::Refused(fetched.refused).into());
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
