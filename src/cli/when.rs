//! Dates on the command line that can be asked for. Pure.

use crate::civil;
use crate::error::Usage;
use crate::live::When;
use crate::zone::Tz;
use chrono::{DateTime, NaiveDate, Utc};

/// The civil date that is meant, as the wearer's zone has it.
///
/// # Errors
/// Fails for a date in the future, and for one that the zone skipped.
pub fn date(when: When, now: DateTime<Utc>, zone: Tz) -> Result<NaiveDate, Usage> {
    let (date, today) = (when.date(now, zone), civil::today(now, zone));
    if date > today {
        return Err(Usage::new(
            format!("{date} lies in the future: today is {today} in {zone}"),
            "give a date up to today",
        ));
    }
    if when == When::On(date) && civil::window(date, zone).is_none() {
        return Err(Usage::new(
            format!("there was no {date} in {zone}: the clocks skipped it"),
            "give the day before or after",
        ));
    }
    Ok(date)
}

/// The ends of a range of days, where they were given; both are included.
///
/// # Errors
/// As [`date`], and where the first is after the last.
pub fn range(
    from: Option<When>,
    to: Option<When>,
    now: DateTime<Utc>,
    zone: Tz,
) -> Result<(Option<NaiveDate>, Option<NaiveDate>), Usage> {
    let date = |when: Option<When>| when.map(|when| date(when, now, zone)).transpose();
    match (date(from)?, date(to)?) {
        (Some(from), Some(to)) if from > to => Err(Usage::new(
            format!("--from {from} is after --to {to}"),
            "give the earlier day to --from; both are included",
        )),
        ends => Ok(ends),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_still_to_come_or_never_was_is_refused() {
        let now = "2026-11-22T03:00:00Z".parse().expect("an instant");
        let on = |text: &str, zone| date(When::On(text.parse().expect("a date")), now, zone);
        assert!(on("2026-11-22", Tz::of("America/New_York")).is_err());
        assert!(on("2026-11-22", Tz::UTC).is_ok());
        assert!(on("2011-12-30", Tz::of("Pacific/Apia")).is_err());
        let day = |text: &str| Some(When::On(text.parse().expect("a date")));
        let between = |from, to| range(day(from), day(to), now, Tz::UTC);
        assert!(between("2026-11-20", "2026-11-19").is_err());
        assert!(between("2026-11-20", "2026-11-20").is_ok());
        assert!(range(None, day("2027-01-01"), now, Tz::UTC).is_err());
    }
}
