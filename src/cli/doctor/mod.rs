//! `fitbit-hr doctor`: looks at everything that can go wrong before it does; one line and one remedy each.
//!
//! A group of checks a file: [`settings`], [`time`], [`login`], [`service`] and [`data`].

pub(super) mod check;
mod data;
mod login;
mod service;
mod settings;
mod time;

use super::context::Context;
use crate::error::{Error, Unwell};
use crate::oauth::Token;
use check::Check;
use serde_json::Value;

const EXAMPLES: &str = "\
Examples:
  fitbit-hr doctor            one line a check, and a remedy where needed
  fitbit-hr doctor --json     the same for scripts: id, state, says, remedy
  fitbit-hr --demo doctor     against the stand-in";

/// Everything that is looked at, in the order of the report. Scripts go by these names: they stay.
const IDS: [&str; 19] = [
    "keys", "provider", "client", "redirect", "port", "clock", "zone", "tzdb", "state", "login",
    "lock", "service", "identity", "account", "scopes", "expiry", "archive", "series", "schedule",
];

/// Options of `doctor`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {}

pub async fn run(_: &Args, context: &Context) -> Result<(), Error> {
    if context.demo.is_some() {
        context.session().await?;
    }
    let checks = in_order(examine(context).await.1, &IDS, "service");
    report(context, &checks)?;
    end(&checks, "doctor")
}

pub(super) fn end(checks: &[Check], command: &'static str) -> Result<(), Error> {
    let exits = || checks.iter().filter_map(Check::exit);
    match exits().max_by_key(|exit| exit.code()) {
        None => Ok(()),
        Some(exit) => Err(Error::Unwell(Unwell {
            exit,
            failed: exits().count(),
            command,
        })),
    }
}

/// What `setup` shows although it is as it should be.
const PROVEN: [&str; 5] = ["service", "identity", "account", "scopes", "expiry"];

/// Looks at everything before the first day; says what the way through the console has come to, and what is not as it should be.
///
/// # Errors
/// Fails when something would keep a run from its data.
pub async fn prove(context: &Context) -> Result<(), Error> {
    let (token, mut checks) = examine(context).await;
    if let Some(check) = token.and_then(|token| login::in_testing(context, &token)) {
        checks.insert(0, check);
    }
    let mut checks = in_order(checks, &IDS, "service");
    checks.retain(|check| check.remedy().is_some() || PROVEN.contains(&check.id));
    print(context, &checks);
    end(&checks, "setup")
}

/// The login that a run would use, and the checks that could be made, in any order.
async fn examine(context: &Context) -> (Option<Token>, Vec<Check>) {
    let mut checks = settings::checks(context);
    checks.extend(time::checks(context));
    let (token, found) = login::checks(context);
    checks.extend(found);
    checks.extend(service::checks(context, token.clone()).await);
    checks.extend(data::checks(context));
    (token, checks)
}

/// One check for every id; what could not be made is told of, as hanging on the first that failed, or on this one.
pub(super) fn in_order(mut made: Vec<Check>, ids: &[&'static str], first: &str) -> Vec<Check> {
    let worst = made.iter().find(|check| check.exit().is_some());
    let first = worst.map_or(first, |check| check.id).to_owned();
    let take = |id: &&'static str| {
        // Of two that look at the same thing the one that found something wrong counts.
        let is_bad = |check: &Check| check.id == *id && check.exit().is_some();
        let bad = made.iter().position(is_bad);
        let at = bad.or_else(|| made.iter().position(|check| check.id == *id));
        at.map_or_else(
            || Check::skipped(id, format!("look at \"{first}\" first")),
            |at| made.swap_remove(at),
        )
    };
    ids.iter().map(take).collect()
}

pub(super) fn report(context: &Context, checks: &[Check]) -> Result<(), Error> {
    if context.global.json {
        let list: Value = checks
            .iter()
            .map(|check| check.to_json(context.console.run()))
            .collect();
        return Ok(context.console.json(&list)?);
    }
    print(context, checks);
    Ok(())
}

fn print(context: &Context, checks: &[Check]) {
    for check in checks {
        let state = format!("{:<7}", check.state());
        let state = context.console.paint(check.sgr(), &state);
        let line = format!("{state} {:<9} {}", check.id, check.says);
        context.console.ask(&line);
        if let Some(remedy) = check.remedy() {
            let remedy = context.said(remedy);
            context.console.ask(&format!("{:>17} {remedy}", "->"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Exit;

    #[test]
    fn there_is_one_check_for_every_id_whatever_could_be_looked_at() {
        let made = vec![
            Check::good("schedule", "x"),
            Check::bad("keys", Exit::Config, "x", "y"),
        ];
        let checks = in_order(made, &IDS, "service");
        assert_eq!(checks.iter().map(|check| check.id).collect::<Vec<_>>(), IDS);
        let states: Vec<_> = checks.iter().map(Check::state).collect();
        assert_eq!(
            (states[0], states[1], states[18]),
            ("failed", "skipped", "ok")
        );
        assert!(checks[1].says.contains("keys"), "{}", checks[1].says);
    }
}
