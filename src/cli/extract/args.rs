//! What can be typed for the main job.

use crate::cli::typed::Window;
use crate::day::Detail;
use crate::error::{Error, conflict};
use crate::extract::Selection;
use crate::live::When;

/// What can go to stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// The table of rows.
    Csv,
    /// The document of the day.
    Json,
}

/// Options of the main job.
#[allow(
    clippy::doc_markdown,
    reason = "these comments are the help text, where backticks would show"
)]
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Civil day of the wearer: YYYY-MM-DD, today or yesterday [default: today]
    #[arg(value_name = "DATE", value_parser = date_not_command)]
    pub(super) date: Option<When>,
    /// 1sec, 1min, 5min or 15min [default: 1min; other series their own finest]
    #[arg(value_name = "DETAIL")]
    pub(super) detail: Option<Detail>,
    /// What to extract: names with commas between, or all [default: heart_rate]
    #[arg(long, value_name = "LIST")]
    pub(super) extract: Option<Selection>,
    #[command(flatten)]
    pub(super) window: Window,
    /// A CSV for each session of that day, as of exercise: hr-2026-06-01T1805-run.csv
    #[arg(long, value_name = "EXTRACT", conflicts_with = "between")]
    pub(super) during: Option<String>,
    /// Write the data to standard output and nowhere else
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub(super) stdout: Option<Format>,
    /// Fields of one extract, in this order: heart rate has
    /// day,time,hr,utc,offset,confidence,source
    #[arg(long, value_name = "LIST")]
    pub(super) fields: Option<String>,
    /// Skip zones and resting heart rate
    #[arg(long)]
    pub(super) no_summary: bool,
}

impl Args {
    /// The first day that `setup` fetches.
    pub const fn yesterday() -> Self {
        Self {
            date: Some(When::Yesterday),
            detail: None,
            extract: None,
            window: Window::NONE,
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
            (self.window.is_given(), "--between"),
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
