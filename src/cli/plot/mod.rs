//! `fitbit-hr plot`: a day, weeks or years as a picture, from the archive; a day that it does not hold from the service.

mod days;
mod target;

use super::blocking::blocking;
use super::context::Context;
use super::{typed, when};
use crate::console::Style;
use crate::day::Detail;
use crate::error::{Error, Usage};
use crate::extract::between::ClockTime;
use crate::live::When;
use crate::plot::{Format, Kind, Plan, Summary, term::Terminal};
use chrono::NaiveDate;
use days::{Days, Span};
use serde_json::{Value, json};
use std::path::PathBuf;
use target::Target;

const EXAMPLES: &str = "\
Examples:
  fitbit-hr plot yesterday                           in the terminal
  fitbit-hr plot 2017-06-01 -o day.svg               a day as a picture
  fitbit-hr plot --from 2017-06-01 --to 2017-06-14   a curve a day
  fitbit-hr plot --from 2017-01-01 -o years.html     a page to zoom into
  fitbit-hr plot today --open                        today, in the browser
  fitbit-hr plot 2017-06-01 --between 17:45 19:00    a part of the day
  fitbit-hr --demo plot 2017-06-01                   without an account

Up to 27 days are drawn as curves, more as a heat map of day and hour. Zones are
shown on days whose source knows them: a live service does, Takeout does not.";

/// Options of `plot`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Civil day of the wearer: YYYY-MM-DD, today or yesterday [default: today]
    #[arg(value_name = "DATE", conflicts_with_all = ["from", "to"])]
    date: Option<When>,
    /// First day, included [default: the first there is]
    #[arg(long, value_name = "DATE")]
    from: Option<When>,
    /// Last day, included [default: the last there is]
    #[arg(long, value_name = "DATE")]
    to: Option<When>,
    /// Only what begins from one time of the wearer's clock up to a later one, HH:MM[:SS]
    #[arg(long, num_args = 2, value_names = ["FROM", "TO"])]
    between: Option<Vec<ClockTime>>,
    /// 1sec, 1min, 5min or 15min [default: the finest that the archive holds of each day]
    #[arg(long, value_name = "DETAIL")]
    detail: Option<Detail>,
    /// What to draw [default: what the file's name ends in, else term]
    #[arg(long, value_name = "FORMAT", value_enum)]
    format: Option<Format>,
    /// Where to; - is standard output [default: -]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Open the picture when it is done; without -o a page in the output folder
    #[arg(long)]
    open: bool,
}

impl Args {
    fn span(&self, context: &Context) -> Result<Span, Error> {
        let date = |when: When| when::date(when, context.now, context.wearers_zone());
        if self.from.is_none() && self.to.is_none() {
            let when = self.date.unwrap_or(When::Today);
            return Ok(Span::Day(when, date(when)?));
        }
        let (from, to) = (
            self.from.map(date).transpose()?,
            self.to.map(date).transpose()?,
        );
        match (from, to) {
            (Some(from), Some(to)) if from > to => Err(Usage::new(
                format!("--from {from} is after --to {to}"),
                "give the earlier day first; both are included",
            )
            .into()),
            _ => Ok(Span::Range {
                from,
                to,
                today: date(When::Today)?,
            }),
        }
    }
}

pub async fn run(args: &Args, context: &Context) -> Result<(), Error> {
    let span = args.span(context)?;
    let between = typed::between(args.between.as_deref())?;
    let target = Target::choose(args, context)?;
    let plan = |listed: &Days| {
        let plan = Plan::new(listed.from, listed.to, target.format).between(between);
        plan.on(terminal(context, &target))
    };
    let mut listed = Days::list(context, span, args.detail).await?;
    let mut days = listed.digest(context, plan(&listed)).await?;
    if let Some(there) = days.meant {
        let span = Span::Day(When::On(there), there);
        listed = Days::list(context, span, args.detail).await?;
        days = listed.digest(context, plan(&listed)).await?;
    }
    let plan = plan(&listed);
    for note in &days.notes {
        context.console.note(note);
    }
    if days.left_out.count() > 0 {
        context.console.note(&days.left_out.to_string());
    }
    let (picture, summary) = blocking(move |_| plan.draw(days.digests)).await?;
    if summary.days == 0 {
        context.console.note(&format!(
            "there is no heart rate for {}{}: not worn, or not synced",
            dates(listed.from, listed.to),
            between.map_or_else(String::new, |between| format!(" between {between}"))
        ));
    }
    let file = target.deliver(context, &picture, (listed.from, listed.to))?;
    if context.global.json {
        let bytes = picture.len();
        context.console.json(&account(
            (listed.from, listed.to),
            plan.kind(),
            &target,
            (file.as_ref(), bytes),
            &summary,
            (days.requests, days.left_out.count()),
        ))?;
    }
    Ok(())
}

/// The terminal that text is made for; a file is none.
fn terminal(context: &Context, target: &Target) -> Terminal {
    let environment = &context.environment;
    let shown = environment.stdout_terminal && target.file.is_none();
    let columns = environment.stdout_columns.filter(|_| shown);
    Terminal {
        columns: columns.or(environment.columns).unwrap_or(80),
        color: Style::colored(
            context.global.color,
            shown,
            environment.no_color,
            environment.dumb_terminal,
        ),
    }
}

fn dates(from: NaiveDate, to: NaiveDate) -> String {
    if from == to {
        from.to_string()
    } else {
        format!("{from} to {to}")
    }
}

fn account(
    (from, to): (NaiveDate, NaiveDate),
    kind: Kind,
    target: &Target,
    (file, bytes): (Option<&PathBuf>, usize),
    summary: &Summary,
    (requests, left_out): (u64, u64),
) -> Value {
    json!({
        "from": from.to_string(),
        "to": to.to_string(),
        "picture": kind.name(),
        "format": target.format.name(),
        "days": summary.days,
        "samples": summary.samples,
        "min_bpm": summary.min_bpm,
        "max_bpm": summary.max_bpm,
        "mean_bpm": summary.mean_bpm,
        "resting_bpm": summary.resting_bpm,
        "worn_s": summary.worn_s,
        "largest_gap_s": summary.largest_gap_s,
        "requests": requests,
        "left_out": left_out,
        "file": file.map(|path| path.display().to_string()),
        "bytes": bytes,
    })
}
