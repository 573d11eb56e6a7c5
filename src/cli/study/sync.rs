//! `fitbit-hr study sync`: the participants of a shard, brought up to date side by side.

use super::opened::Study;
use crate::cli::context::Context;
use crate::cli::when;
use crate::day::Detail;
use crate::error::{Error, Usage};
use crate::live::When;
use crate::numerals::counted;
use crate::study::report::{Outcome, Report, State};
use crate::study::run::{self, Done};
use crate::study::shard::{Choice, Shard, Task};
use crate::study::tolerance::Tolerance;
use crate::study::turn::Means;
use crate::study::{self, Id, account, tombstone};
use crate::sync::Options;
use crate::sync::pace::Patience;
use crate::zone::Tz;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

const EXAMPLES: &str = "\
Examples:
  fitbit-hr study sync                          everybody, on this machine
  fitbit-hr study sync --shard 0/8              the first of eight parts
  fitbit-hr study sync --shard auto             a task of a Slurm or AWS array
  fitbit-hr study sync --shard auto/8           and of a Kubernetes job
  fitbit-hr study sync --from 2026-01-01        from this day on
  fitbit-hr study sync --fail-above 10%         75 when more of them failed";

/// A quota that is counted by the minute is waited for; longer waits are the next run's.
const LONGEST_WAIT: Duration = Duration::from_secs(150);

/// Options of `study sync`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Which part of the participants: I/N, auto or auto/N
    #[arg(long, value_name = "SHARD", default_value = "0/1")]
    shard: Choice,
    /// First day [default: where each history begins]
    #[arg(long, value_name = "DATE")]
    from: Option<When>,
    /// Last day [default: today]
    #[arg(long, value_name = "DATE")]
    to: Option<When>,
    /// 1sec, 1min, 5min or 15min
    #[arg(long, value_name = "DETAIL", default_value_t = Detail::Sec1)]
    detail: Detail,
    /// End with 75 when a larger share of the participants failed
    #[arg(long, value_name = "PERCENT", default_value_t)]
    fail_above: Tolerance,
}

impl Args {
    fn options(&self, study: &Study, context: &Context) -> Result<Options, Error> {
        let (from, to) = when::range(self.from, self.to, context.now, Tz::UTC)?;
        let extracts = &study.settings.extracts;
        let named = extracts
            .resolve(&context.settings.catalogue)
            .map_err(Usage::from)?;
        let patience = Patience {
            max_wait: Some(LONGEST_WAIT),
            terminal: false,
        };
        Ok(Options {
            from,
            to,
            ..Options::new(named, extracts.is_by_name(), self.detail, patience)
        })
    }

    fn shard(&self, context: &Context) -> Result<Shard, Error> {
        let shard = self.shard.shard(Task(&context.environment.array_task));
        shard.map_err(|problem| {
            Usage::new(
                format!("could not tell which shard this is: {problem}"),
                "give --shard I/N, or --shard auto/N in a task of an array",
            )
            .into()
        })
    }
}

pub async fn run(args: &Args, study: &Study, context: &Context) -> Result<(), Error> {
    let (shard, options) = (args.shard(context)?, args.options(study, context)?);
    let client = context.settings.client()?.clone();
    let listed = study.tokens.list()?;
    for name in &listed.odd {
        context.console.warn(&format!(
            "{name} among the tokens is named like no participant, and is left out"
        ));
    }
    let settings = &context.settings;
    let rate = study.settings.requests_per_minute / 60.0 / f64::from(shard.of);
    let means = Means {
        objects: Arc::clone(&study.objects),
        tokens: study.tokens.clone(),
        options,
        http: context.http(settings, rate)?,
        requests_per_second: settings.requests_per_second,
        provider: settings.provider,
        client,
        endpoints: settings.endpoints.clone(),
        device_names: study.settings.device_names,
        zone: settings.timezone.unwrap_or(Tz::UTC),
        renewals: context.renewals.clone(),
        progress: context.progress(),
    };
    of_this_client(&listed.ids, shard, &means)?;
    let mut ids = listed.ids;
    ids.extend(without_a_login(&ids, study).await?);
    ids.retain(|id| shard.has(id));
    warn_of_open_tokens(&ids, study, context);
    let done = run::run(means, shard, ids).await?;
    conclude(done, args.fail_above, context)
}

/// Some logins of another client are their participants' failures; where all are, the keys are wrong.
fn of_this_client(all: &[Id], shard: Shard, means: &Means) -> Result<(), Error> {
    let is_wrong = |ids: &[Id]| {
        let unfit = means.tokens.unfit(ids, &means.client.id, &means.endpoints);
        !ids.is_empty() && unfit.len() == ids.len()
    };
    let ours: Vec<Id> = all.iter().filter(|id| shard.has(id)).cloned().collect();
    // The others are looked at only where it may be so.
    if is_wrong(&ours) && is_wrong(all) {
        return Err(study::Error::OtherClient.into());
    }
    Ok(())
}

fn warn_of_open_tokens(ids: &[Id], study: &Study, context: &Context) {
    let open: Vec<_> = ids
        .iter()
        .filter(|id| study.tokens.open_to_others(id).is_some())
        .collect();
    if let Some(first) = open.first() {
        let count = counted(open.len() as u64, "token");
        context.console.warn(&format!(
            "others can read {count}, the first of {first}: chmod 600 {}/*.json",
            study.tokens.folder().display()
        ));
    }
}

/// Participants whose login is gone from its folder although they never withdrew: failures, and named as such.
async fn without_a_login(there: &[Id], study: &Study) -> Result<Vec<Id>, Error> {
    let known = study.with_store(|objects| {
        let withdrawn = tombstone::all(objects)?;
        let mut known = account::participants(objects)?;
        known.retain(|id| !withdrawn.iter().any(|one| one.participant == *id));
        Ok(known)
    });
    let mut known = known.await?;
    known.retain(|id| !there.contains(id));
    Ok(known)
}

fn conclude(done: Done, tolerance: Tolerance, context: &Context) -> Result<(), Error> {
    let Done {
        report,
        error,
        stopped,
    } = done;
    let (failed, all) = report.failed();
    let failures = report
        .participants
        .iter()
        .filter(|(_, outcome)| outcome.state == State::Failed);
    let first = failures
        .clone()
        .next()
        .map(|(id, outcome)| format!("{id}: {}", outcome.why.as_deref().unwrap_or_default()));
    for (id, outcome) in failures {
        let why = outcome.why.as_deref().unwrap_or_default();
        context.console.trace(1, &format!("{id}: {why}"));
    }
    context.console.say(&line(&report));
    if context.global.json {
        context.console.json(&object(&report))?;
    }
    if stopped {
        return Err(Error::Interrupted);
    }
    if let Some(error) = error {
        return Err(error.into());
    }
    if tolerance.is_exceeded(failed, all) {
        let why = first.unwrap_or_default();
        return Err(study::Error::TooMany {
            failed,
            all,
            tolerance,
            why,
        }
        .into());
    }
    Ok(())
}

fn object(report: &Report) -> Value {
    let (failed, _) = report.failed();
    let mut value = serde_json::to_value(report).unwrap_or_default();
    value["failed"] = json!(failed);
    value["report"] = json!(report.name());
    value
}

/// `shard 0 of 8: 1 250 participants, 2 500 days, 11 250 requests; 3 failed, 1 withdrawn`.
fn line(report: &Report) -> String {
    let sum = |of: fn(&Outcome) -> u64| report.participants.values().map(of).sum::<u64>();
    let (failed, all) = report.failed();
    let withdrawn = report.participants.len() - all;
    let mut line = format!(
        "shard {} of {}: {}, {}, {}",
        report.shard,
        report.of,
        counted(report.participants.len() as u64, "participant"),
        counted(sum(|outcome| outcome.days), "day"),
        counted(sum(|outcome| outcome.requests), "request"),
    );
    let parts = [(failed, "failed"), (withdrawn, "withdrawn")];
    let parts: Vec<_> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    if !parts.is_empty() {
        line += "; ";
        line += &parts.join(", ");
    }
    line
}
