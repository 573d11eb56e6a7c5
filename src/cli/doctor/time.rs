//! Checks of clocks and zones. Whether the clock is right only the service can tell.

use super::check::Check;
use crate::cli::context::Context;
use crate::exit::Exit;
use crate::http::Answer;
use crate::zone;
use chrono::{DateTime, TimeDelta, Utc};

/// A clock that is further off than this ends logins at the wrong time.
const TOLERANCE: TimeDelta = TimeDelta::seconds(60);

/// `zone` and `tzdb`.
pub(super) fn checks(context: &Context) -> Vec<Check> {
    vec![zone(context), tzdb()]
}

fn zone(context: &Context) -> Check {
    match (context.settings.timezone, context.environment.timezone) {
        (Some(zone), _) => Check::good("zone", format!("{} (keys file)", zone.name())),
        (None, Some(zone)) => Check::good(
            "zone",
            format!("the account's, else this machine's {}", zone.name()),
        ),
        (None, None) => Check::caution(
            "zone",
            "this machine does not say which it is in; days are cut by UTC where the account does not say either",
            "set timezone = \"America/New_York\" or the like in the keys file",
        ),
    }
}

fn tzdb() -> Check {
    let database = zone::database();
    let origin = database.origin.as_ref();
    let origin = origin.map_or("bundled".to_owned(), |folder| folder.display().to_string());
    Check::good("tzdb", format!("{} ({origin})", database.version))
}

/// `clock`: this machine's held against the one that the service's answer shows.
pub(super) fn clock(answer: Option<&Answer>, ours: DateTime<Utc>) -> Check {
    match answer.and_then(server_time) {
        Some(theirs) => compare(theirs, ours),
        None => Check::skipped("clock", "the service did not say what time it is"),
    }
}

fn server_time(answer: &Answer) -> Option<DateTime<Utc>> {
    let date = answer.headers.get("date")?.to_str().ok()?;
    DateTime::parse_from_rfc2822(date)
        .ok()
        .map(|at| at.to_utc())
}

fn compare(theirs: DateTime<Utc>, ours: DateTime<Utc>) -> Check {
    let ahead = ours - theirs;
    if ahead.abs() <= TOLERANCE {
        return Check::good("clock", "agrees with the service's");
    }
    let direction = if ahead > TimeDelta::zero() {
        "ahead of"
    } else {
        "behind"
    };
    let seconds = ahead.abs().num_seconds();
    Check::bad(
        "clock",
        Exit::Config,
        format!("this machine's is {seconds} s {direction} the service's"),
        "set the clock (timedatectl set-ntp true): tokens end and days begin by it",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_held_against_the_services() {
        let theirs: DateTime<Utc> = "2026-11-22T10:00:00Z".parse().expect("an instant");
        assert_eq!(
            compare(theirs, theirs + TimeDelta::seconds(59)).exit(),
            None
        );
        let late = compare(theirs, theirs - TimeDelta::seconds(90));
        assert_eq!(late.exit(), Some(Exit::Config));
        assert!(late.says.contains("90 s behind"), "{}", late.says);
    }
}
