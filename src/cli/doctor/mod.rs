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
    let checks = in_order(examine(context).await);
    report(context, &checks)?;
    end(&checks)
}

pub(super) fn end(checks: &[Check]) -> Result<(), Error> {
    let exits = || checks.iter().filter_map(Check::exit);
    match exits().max_by_key(|exit| exit.code()) {
        None => Ok(()),
        Some(exit) => Err(Error::Unwell(Unwell {
            exit,
            failed: exits().count(),
        })),
    }
}

/// Looks at everything before the first day, and says what is not as it should be. What comes with use is not there yet.
///
/// # Errors
/// Fails when something would keep a run from its data.
pub async fn prove(context: &Context) -> Result<(), Error> {
    let mut checks = in_order(examine(context).await);
    checks.retain(|check| check.remedy().is_some());
    print(context, &checks);
    end(&checks)
}

/// The checks that could be made, in any order.
async fn examine(context: &Context) -> Vec<Check> {
    let mut checks = settings::checks(context);
    checks.extend(time::checks(context));
    let (token, found) = login::checks(context);
    checks.extend(found);
    checks.extend(service::checks(context, token).await);
    checks.extend(data::checks(context));
    checks
}

/// One check for every id; what could not be made is told of.
fn in_order(mut made: Vec<Check>) -> Vec<Check> {
    let worst = made.iter().find(|check| check.exit().is_some());
    let first = worst.map_or("service", |check| check.id);
    let mut take = |id: &'static str| {
        // Of two that look at the same thing the one that found something wrong counts.
        let is_bad = |check: &Check| check.id == id && check.exit().is_some();
        let bad = made.iter().position(is_bad);
        let at = bad.or_else(|| made.iter().position(|check| check.id == id));
        at.map_or_else(
            || Check::skipped(id, format!("look at \"{first}\" first")),
            |at| made.swap_remove(at),
        )
    };
    IDS.map(&mut take).into()
}

pub(super) fn report(context: &Context, checks: &[Check]) -> Result<(), Error> {
    if context.global.json {
        let list: Value = checks.iter().map(Check::to_json).collect();
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
        let checks = in_order(made);
        assert_eq!(checks.iter().map(|check| check.id).collect::<Vec<_>>(), IDS);
        let states: Vec<_> = checks.iter().map(Check::state).collect();
        assert_eq!(
            (states[0], states[1], states[18]),
            ("failed", "skipped", "ok")
        );
        assert!(checks[1].says.contains("keys"), "{}", checks[1].says);
    }
}
