//! `fitbit-hr plot`: a day, weeks or years as a picture, from the archive; a day that it does not hold from the service.

mod args;
mod days;
mod target;

pub use args::Args;

use super::blocking::blocking;
use super::context::Context;
use crate::console::Style;
use crate::error::Error;
use crate::extract::between::Between;
use crate::live::When;
use crate::plot::{Figures, Kind, Plan, term::Terminal};
use chrono::NaiveDate;
use days::{Days, Span};
use serde_json::{Value, json};
use std::path::PathBuf;
use target::Target;

pub async fn run(args: &Args, context: &Context) -> Result<(), Error> {
    let span = args.span(context)?;
    let between = args.window.between()?;
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
    let (picture, figures) = blocking(move |_| plan.draw(days.digests)).await?;
    if figures.days == 0 {
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
            (&figures, between),
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
    (figures, between): (&Figures, Option<Between>),
    (requests, left_out): (u64, u64),
) -> Value {
    let bin = &figures.samples;
    let known = |bpm: u16| (bin.count > 0).then_some(bpm);
    let tenths = |bpm: f64| (bpm * 10.0).round() / 10.0;
    json!({
        "from": from.to_string(),
        "to": to.to_string(),
        "between": between.map(Between::ends),
        "picture": kind.name(),
        "format": target.format.name(),
        "days": figures.days,
        "samples": bin.count,
        "min_bpm": known(bin.min),
        "max_bpm": known(bin.max),
        "mean_bpm": bin.mean().map(tenths),
        "resting_bpm": figures.resting.map(tenths),
        "worn_s": figures.worn / 1000,
        "largest_gap_s": figures.largest_gap.map(|gap| gap / 1000),
        "requests": requests,
        "left_out": left_out,
        "file": file.map(|path| path.display().to_string()),
        "bytes": bytes,
    })
}
