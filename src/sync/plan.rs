//! Which days are looked at, and what that costs. Pure.

use super::slices;
use crate::archive::DayRanges;
use crate::civil;
use crate::config::Provider;
use crate::day::Detail;
use crate::zone::Tz;
use chrono::{Days, NaiveDate};
use std::collections::BTreeSet;
use std::ops::RangeInclusive;

/// What the archive says about one of its days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// Nothing more is to come.
    pub settled: bool,
    /// How many samples it has.
    pub samples: u64,
    /// Its resting heart rate is known.
    pub has_resting: bool,
    /// The limits of its zones are known.
    pub has_zones: bool,
}

/// The days of a range that are not settled, or to be looked at `again` whatever the archive says.
///
/// A day that is called settled before it has ended was written while a clock was wrong.
#[must_use]
pub fn wanted(
    range: &RangeInclusive<NaiveDate>,
    settled: &DayRanges,
    today: NaiveDate,
    again: &DayRanges,
) -> DayRanges {
    let all = DayRanges::from(range.clone());
    let mut done = settled.clone();
    done.remove_range(&(today..=NaiveDate::MAX));
    let mut days = all.clone();
    days.remove(&done);
    days.merge(&all.within(again));
    days
}

/// The days to be looked at again: those that are due, and the last `refetch` ones up to `last`.
#[must_use]
pub fn again(due: &BTreeSet<NaiveDate>, refetch: Option<u32>, last: NaiveDate) -> DayRanges {
    let mut again: DayRanges = due.iter().copied().collect();
    if let Some(back) = refetch.and_then(|days| days.checked_sub(1)) {
        let first = last.checked_sub_days(Days::new(back.into()));
        again.insert_range(first.unwrap_or(NaiveDate::MIN)..=last);
    }
    again
}

/// These days, newest first, without those that the zone skipped.
#[must_use]
pub fn newest_first(days: &DayRanges, zone: Tz) -> Vec<NaiveDate> {
    let mut days: Vec<_> = days.iter().collect();
    days.retain(|date| civil::window(*date, zone).is_some());
    days.reverse();
    days
}

/// What a plan costs.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Cost {
    /// Days to look at.
    pub days: u64,
    /// API requests, about.
    pub requests: u64,
    /// How long the requests take at the allowed rate, about.
    pub minutes: f64,
    /// What comes over the wire, compressed, about.
    pub bytes: u64,
}

impl Cost {
    /// So many days in so many requests, whose answers have so many bytes of rows, at so many requests a second.
    #[must_use]
    pub fn of(days: u64, requests: u64, row_bytes: u64, requests_per_second: f64) -> Self {
        #[allow(clippy::cast_precision_loss, reason = "an estimate for people")]
        let requests_to_make = requests as f64;
        Self {
            days,
            requests,
            minutes: requests_to_make / requests_per_second / 60.0,
            bytes: row_bytes + requests * BYTES_AN_ANSWER,
        }
    }
}

/// What a service is known to do, for an estimate.
#[derive(Debug, Clone, Copy)]
pub struct Habits {
    /// Who is asked.
    pub provider: Provider,
    /// At what detail.
    pub detail: Detail,
    /// In the long run; of the settings.
    pub requests_per_second: f64,
    /// How many samples a day has at this detail, by what the archive has of it.
    pub samples_a_day: Option<u64>,
}

/// Samples a day of a watch that measures every three seconds.
const DENSE_DAY: u64 = 27_500;
/// What a page of samples held in practice.
const SAMPLES_A_PAGE: u64 = 5_000;
/// Where the wearer is, when the device last synced, the resting heart rates, and the limits of the zones.
const REQUESTS_FOR_ACCOUNT: u64 = 4;
/// Compressed, measured on pages of the stand-in: a sample with its time and offset; a mean with its window.
const BYTES_A_SAMPLE: u64 = 11;
const BYTES_A_MEAN: u64 = 18;
/// An answer without samples, with its head.
const BYTES_AN_ANSWER: u64 = 500;
/// The legacy service's own limit.
const FITBIT_REQUESTS_AN_HOUR: u64 = 150;

/// What it costs to look at `days` (descending), of which `empty` are known to have nothing.
#[must_use]
pub fn cost(days: &[NaiveDate], empty: u64, zone: Tz, habits: &Habits) -> Cost {
    let count = days.len() as u64;
    let full = count.saturating_sub(empty);
    let windows = 86_400 / habits.detail.seconds().unsigned_abs().max(1);
    let samples = habits
        .samples_a_day
        .unwrap_or(if habits.detail == Detail::Sec1 {
            DENSE_DAY
        } else {
            windows
        });
    let (requests, bytes_a_sample) = match (habits.provider, habits.detail) {
        _ if count == 0 => (0, 0),
        (Provider::Fitbit, _) => (full + 1, BYTES_A_SAMPLE),
        (_, Detail::Sec1) => (
            full * samples.div_ceil(SAMPLES_A_PAGE).max(1) + REQUESTS_FOR_ACCOUNT,
            BYTES_A_SAMPLE,
        ),
        (_, detail) => (
            slices::ranges(days, zone, detail).len() as u64 + REQUESTS_FOR_ACCOUNT,
            BYTES_A_MEAN,
        ),
    };
    let row_bytes = full * samples * bytes_a_sample;
    let mut cost = Cost::of(count, requests, row_bytes, habits.requests_per_second);
    if habits.provider == Provider::Fitbit {
        let hours = requests.saturating_sub(1) / FITBIT_REQUESTS_AN_HOUR;
        #[allow(clippy::cast_precision_loss, reason = "an estimate for people")]
        let rests = hours as f64 * 60.0;
        cost.minutes += rests;
    }
    cost
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::civil::day;

    fn ranges(text: &str) -> DayRanges {
        text.parse().expect("ranges")
    }

    #[test]
    fn what_is_settled_is_not_looked_at_again_but_where_that_is_asked_for() {
        let settled = ranges("2026-01-02/2026-01-10,2026-01-12/2026-01-22");
        let no = BTreeSet::new();
        for (first, due, refetch, expected) in [
            (
                "2026-01-01",
                no.clone(),
                None,
                // Today is called settled by a clock that was ahead.
                "2026-01-01/2026-01-01,2026-01-11/2026-01-11,2026-01-20/2026-01-20",
            ),
            (
                "2026-01-05",
                [day("2026-01-01"), day("2026-01-07"), day("2026-02-01")].into(),
                Some(2),
                "2026-01-07/2026-01-07,2026-01-11/2026-01-11,2026-01-19/2026-01-20",
            ),
            ("2026-01-19", no.clone(), Some(1), "2026-01-20/2026-01-20"),
            (
                "2026-01-18",
                no.clone(),
                Some(u32::MAX),
                "2026-01-18/2026-01-20",
            ),
            ("2026-01-21", no, Some(0), ""),
        ] {
            let (range, today) = (day(first)..=day("2026-01-20"), day("2026-01-20"));
            let days = wanted(&range, &settled, today, &again(&due, refetch, today));
            assert_eq!(days.to_string(), expected);
        }
    }

    #[test]
    fn days_are_looked_at_newest_first_but_for_one_that_never_was() {
        let days = ranges("2011-12-25/2011-12-26,2011-12-29/2011-12-31");
        let shown = newest_first(&days, Tz::of("Pacific/Apia"));
        let expected = ["2011-12-31", "2011-12-29", "2011-12-26", "2011-12-25"];
        assert_eq!(shown, expected.map(day));
    }

    #[test]
    fn a_plan_has_its_price() {
        let year = newest_first(&ranges("2025-01-01/2025-12-31"), Tz::UTC);
        let habits = |provider, detail| Habits {
            provider,
            detail,
            requests_per_second: 2.5,
            samples_a_day: None,
        };
        for (provider, detail, empty, requests) in [
            (Provider::GOOGLE, Detail::Sec1, 0, 365 * 6 + 4),
            (Provider::GOOGLE, Detail::Sec1, 300, 65 * 6 + 4),
            (Provider::GOOGLE, Detail::Min1, 0, 53 + 4),
            (Provider::GOOGLE, Detail::Min5, 0, 27 + 4),
            (Provider::DEMO, Detail::Min15, 0, 27 + 4),
            (Provider::Fitbit, Detail::Sec1, 0, 366),
        ] {
            let cost = cost(&year, empty, Tz::UTC, &habits(provider, detail));
            assert_eq!(
                (cost.days, cost.requests),
                (365, requests),
                "{provider} {detail}"
            );
            assert!(cost.bytes > 0);
        }
        let fitbit = cost(&year, 0, Tz::UTC, &habits(Provider::Fitbit, Detail::Min1));
        assert!((120.0..125.0).contains(&fitbit.minutes), "two more windows");
        let google = cost(&year, 0, Tz::UTC, &habits(Provider::GOOGLE, Detail::Sec1));
        assert!((14.0..15.0).contains(&google.minutes));
        assert_eq!(
            cost(&[], 0, Tz::UTC, &habits(Provider::GOOGLE, Detail::Sec1)),
            Cost::default()
        );
    }
}
