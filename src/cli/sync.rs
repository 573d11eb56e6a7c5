//! `fitbit-hr sync`: the archive is brought up to date.

use super::context::Context;
use super::{hooks, schedule, when};
use crate::archive::{Archive, DayRanges, HEART_RATE};
use crate::console::Console;
use crate::day::Detail;
use crate::error::Error;
use crate::exit::Explain;
use crate::extract::Selection;
use crate::live::{Service, When};
use crate::numerals::{counted, size};
use crate::progress::Progress;
use crate::sync::pace::Patience;
use crate::sync::plan::Cost;
use crate::sync::settle::Open;
use crate::sync::{self, End, Foreseen, Options, Report, Target, stopped};
use chrono::NaiveDate;
use serde_json::{Value, json};
use std::time::Duration;

const EXAMPLES: &str = "\
Examples:
  fitbit-hr sync                          what is missing or not settled
  fitbit-hr sync --dry-run                what that would cost
  fitbit-hr sync --from 2020-01-01        years; stop it and go on at will
  fitbit-hr sync --detail 1min            by the minute, in far fewer requests
  fitbit-hr sync --extract sleep,steps    others: see fitbit-hr extracts
  fitbit-hr sync --refetch 7 --verify     the last week again, with a proof
  fitbit-hr --demo sync --from yesterday  against the stand-in";

/// Options of `sync`.
#[allow(
    clippy::doc_markdown,
    reason = "these comments are the help text, where backticks would show"
)]
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Names of extracts, comma-separated, or all [default: extracts of the keys file]
    #[arg(long, value_name = "LIST")]
    extract: Option<Selection>,
    /// First day [default: where the archive begins, else where the service's history begins]
    #[arg(long, value_name = "DATE")]
    from: Option<When>,
    /// Last day [default: today]
    #[arg(long, value_name = "DATE")]
    to: Option<When>,
    /// 1sec, 1min, 5min or 15min
    #[arg(long, value_name = "DETAIL", default_value_t = Detail::Sec1)]
    detail: Detail,
    /// Look at the last DAYS days again, settled or not
    #[arg(long, value_name = "DAYS")]
    refetch: Option<u32>,
    /// Print days, requests, minutes and bytes, and fetch nothing
    #[arg(long)]
    dry_run: bool,
    /// Longest wait for a rate limit or for another sync [default: an hour at a terminal, else none]
    #[arg(long, value_name = "SECONDS")]
    max_wait: Option<u64>,
    /// Hold every day against the service's own means by the minute
    #[arg(long)]
    verify: bool,
}

impl Args {
    fn options(&self, context: &Context) -> Result<Options, Error> {
        let (from, to) = when::range(self.from, self.to, context.now, context.read_zone())?;
        let definitions = context.extracts(self.extract.as_ref())?;
        let by_name = self.extract.as_ref().is_some_and(Selection::is_by_name);
        let patience = Patience {
            max_wait: self.max_wait.map(Duration::from_secs),
            terminal: context.console.style().terminal,
        };
        Ok(Options {
            from,
            to,
            refetch: self.refetch,
            verify: self.verify,
            ..Options::new(definitions, by_name, self.detail, patience)
        })
    }
}

pub async fn run(args: &Args, context: &Context) -> Result<(), Error> {
    if args.dry_run || !hooks::is_unattended(context) {
        return attempt(args, context, &mut Value::Null).await;
    }
    let mut told = json!({});
    let ended = attempt(args, context, &mut told).await;
    close(context, told, ended.as_ref().err()).await;
    ended
}

/// The end of a run that nobody watched: it is put down for `schedule show`, and the hooks run. None of it changes how it ended.
async fn close(context: &Context, mut told: Value, error: Option<&Error>) {
    if matches!(error, Some(Error::Interrupted)) {
        return;
    }
    let says = error.map(Explain::line);
    let exit_code = error.map_or(0, |error| error.exit().code());
    schedule::keep_end(context, exit_code, says.clone());
    if let (Value::Object(members), Some(says)) = (&mut told, says) {
        members.extend(about(context));
        members.insert("exit_code".to_owned(), json!(exit_code));
        members.insert("error".to_owned(), json!(says));
    }
    let commands = &context.settings.hooks;
    let command = if error.is_none() {
        &commands.done
    } else {
        &commands.failed
    };
    hooks::run(command, &told, context).await;
    let stale = told["stale"].as_array();
    let news = stale.into_iter().flatten();
    let news = news.filter(|stale| stale["told"] == json!(false));
    let names: Vec<_> = news.filter_map(|stale| stale["series"].as_str()).collect();
    if !names.is_empty() && !commands.stale.is_empty() {
        hooks::run(&commands.stale, &told, context).await;
        if let Err(error) = stopped::told(&context.archive(), &names) {
            context.console.note(&error.why());
        }
    }
}

/// Does it, and puts what the run would say as `--json` into `told`.
async fn attempt(args: &Args, context: &Context, told: &mut Value) -> Result<(), Error> {
    // Before any request, by what is known of the wearer's zone so far.
    args.options(context)?;
    context.archive().admits_kind(context.demo.is_some())?;
    let progress = context.progress();
    let service = tokio::select! {
        session = context.session() => session?,
        () = progress.over() => return Err(Error::Interrupted),
    };
    let options = args.options(context)?;
    let target = target(context, progress);
    let person = context.person(&service).await?;
    sync::admits(&target)?;
    target.archive.admits(&person)?;
    if args.dry_run {
        return tokio::select! {
            told = dry_run(&options, &service, &target, context) => told,
            () = target.progress.over() => Err(Error::Interrupted),
        };
    }
    target.archive.bind(context.demo.is_some(), &person)?;
    let report = sync::run(&options, &service, &target).await?;
    *told = object(&report, context);
    tell(&report, context);
    if context.global.json {
        context.console.json(told)?;
    }
    let interrupted = matches!(report.end, Some(End::Interrupted));
    match report.into_error() {
        Some(error) => Err(error.into()),
        None if interrupted => Err(Error::Interrupted),
        None => Ok(()),
    }
}

fn target(context: &Context, progress: Progress) -> Target {
    let settings = &context.settings;
    Target {
        archive: Archive::open(&settings.archive, settings.profile.as_deref()),
        zones: context.read_zones(),
        requests_per_second: settings.requests_per_second,
        progress,
    }
}

async fn dry_run(
    options: &Options,
    service: &Service,
    target: &Target,
    context: &Context,
) -> Result<(), Error> {
    let foreseen = sync::foresee(options, service, target).await?;
    let (days, cost) = total(&foreseen);
    let range = days.bounds();
    if context.global.json {
        let each = each(&foreseen);
        let extracts: serde_json::Map<_, _> = each
            .map(|(name, cost)| (name.to_owned(), counts(cost)))
            .collect();
        let mut value = counts(&cost);
        value["dry_run"] = json!(true);
        value["detail"] = json!(options.detail.name());
        value["from"] = json!(range.as_ref().map(|range| range.start().to_string()));
        value["to"] = json!(range.as_ref().map(|range| range.end().to_string()));
        value["extracts"] = Value::Object(extracts);
        return Ok(context.console.json(&value)?);
    }
    if !options.extracts.is_empty() {
        for (name, cost) in each(&foreseen).filter(|(_, cost)| cost.days > 0) {
            context.console.ask(&format!("{name}: {}", estimate(cost)));
        }
    }
    context.console.ask(&match range {
        None => "nothing to fetch: every day is there and settled".to_owned(),
        Some(range) => {
            let at = match &options.extracts[..] {
                [] => format!(" at {}", options.detail),
                _ => String::new(),
            };
            let (first, last) = (range.start(), range.end());
            let days = counted(cost.days, "day");
            format!("{days} from {first} to {last}{at}: {}", needs(&cost))
        }
    });
    Ok(())
}

/// `14 days, about 3 requests, less than a minute, 20 kB to download`.
fn estimate(cost: &Cost) -> String {
    format!("{}, {}", counted(cost.days, "day"), needs(cost))
}

fn needs(cost: &Cost) -> String {
    format!(
        "about {}, {}, {} to download",
        counted(cost.requests, "request"),
        time_in_words(cost.minutes),
        size(cost.bytes),
    )
}

fn counts(cost: &Cost) -> Value {
    json!({
        "days": cost.days,
        "requests": cost.requests,
        "minutes": (cost.minutes * 100.0).round() / 100.0,
        "bytes": cost.bytes,
    })
}

/// What each extract costs, by its name.
fn each(foreseen: &Foreseen) -> impl Iterator<Item = (&str, &Cost)> {
    let heart_rate = foreseen
        .heart_rate
        .iter()
        .map(|(_, cost)| (HEART_RATE, cost));
    let others = foreseen.extracts.iter();
    heart_rate.chain(others.map(|(plan, cost)| (&*plan.definition.name, cost)))
}

/// The days of all extracts together, and what all of it costs.
fn total(foreseen: &Foreseen) -> (DayRanges, Cost) {
    let mut days = DayRanges::new();
    if let Some((dates, _)) = &foreseen.heart_rate {
        days.merge(&dates.iter().copied().collect());
    }
    for (plan, _) in &foreseen.extracts {
        days.merge(&plan.likely_days());
    }
    let mut all = Cost {
        days: days.days(),
        ..Cost::default()
    };
    for (_, cost) in each(foreseen) {
        all.requests += cost.requests;
        all.minutes += cost.minutes;
        all.bytes += cost.bytes;
    }
    (days, all)
}

fn tell(report: &Report, context: &Context) {
    let console = &context.console;
    for note in &report.notes {
        console.note(note);
    }
    if report.left_out.count() > 0 {
        console.note(&report.left_out.to_string());
    }
    for (day, (why, _)) in &report.failed {
        console.warn(&format!("{day}: {why}"));
    }
    for (day, why) in &report.open {
        let text = format!("{day} stays open: {why}");
        if matches!(why, Open::Short(_)) {
            console.warn(&text);
        } else {
            console.trace(1, &text);
        }
    }
    tell_of_extracts(report, console);
    if report.heart_rate.is_some() && report.range.is_none() && report.end.is_none() {
        console.note("the service has no heart rate for this account");
    }
    console.say(&report.line());
    if let (Some(first), Some(last)) = (report.left.iter().min(), report.left.iter().max()) {
        console.say(&format!(
            "{} still to come, {}; run the same command again to go on",
            counted(report.left.len() as u64, "day"),
            span(*first, *last),
        ));
    }
}

fn tell_of_extracts(report: &Report, console: &Console) {
    for one in &report.extracts {
        let name = &one.name;
        if let Some(refused) = &one.refused {
            console.warn(&format!("{name} is set aside: {}", refused.why));
        }
        if let Some(failed) = &one.failed {
            console.warn(&format!("{name}: {}", failed.why));
        } else if let Some(members) = one.never_met.as_deref().filter(|all| !all.is_empty()) {
            console.warn(&format!("{name}: {}", one.without(members)));
        }
        if one.faults.unreadable > 0 && one.failed.is_none() {
            let (odd, all) = (one.faults.unreadable, counted(one.faults.points, "point"));
            console.note(&format!(
                "{name}: {odd} of {all} could not be read and are left out"
            ));
        }
    }
}

fn object(report: &Report, context: &Context) -> Value {
    let mut value = report.json(context.console.run());
    if let Value::Object(members) = &mut value {
        members.extend(about(context));
    }
    value
}

/// Whose run it was, and where.
fn about(context: &Context) -> [(String, Value); 3] {
    let settings = &context.settings;
    [
        ("provider".to_owned(), json!(settings.provider.name())),
        ("profile".to_owned(), json!(settings.profile_name())),
        (
            "archive".to_owned(),
            json!(settings.archive.display().to_string()),
        ),
    ]
}

fn span(first: NaiveDate, last: NaiveDate) -> String {
    if first == last {
        first.to_string()
    } else {
        format!("{first} to {last}")
    }
}

/// `less than a minute`, `15 minutes`, `3.2 hours`.
fn time_in_words(minutes: f64) -> String {
    if minutes < 1.0 {
        "less than a minute".to_owned()
    } else if minutes < 120.0 {
        format!("{minutes:.0} minutes")
    } else {
        format!("{:.1} hours", minutes / 60.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_are_said_as_people_say_them() {
        assert_eq!(
            [0.2, 15.4, 200.0].map(time_in_words),
            ["less than a minute", "15 minutes", "3.3 hours"]
        );
    }
}
