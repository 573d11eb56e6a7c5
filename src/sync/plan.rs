//! Which days are looked at, and what that costs. Pure.

use super::slices;
use crate::civil;
use crate::config::Provider;
use crate::day::Detail;
use crate::zone::Tz;
use chrono::{DateTime, Days, NaiveDate, Utc};
use std::collections::BTreeMap;

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

/// The days from `first` to `last` that are missing, not settled, or to be looked at again; newest first.
///
/// `again` tells which days are looked at whatever the archive says. A day that is called settled before it has ended
/// was written while a clock was wrong.
#[must_use]
pub fn wanted(
    (first, last): (NaiveDate, NaiveDate),
    again: impl Fn(NaiveDate) -> bool,
    stored: &BTreeMap<NaiveDate, Stored>,
    zone: Tz,
    now: DateTime<Utc>,
) -> Vec<NaiveDate> {
    let mut days = Vec::new();
    let mut date = last;
    while date >= first {
        // A day that the zone skipped has no window.
        if let Some(window) = civil::window(date, zone) {
            let settled = stored.get(&date).is_some_and(|stored| stored.settled)
                && window.end <= now.timestamp_millis();
            if !settled || again(date) {
                days.push(date);
            }
        }
        let Some(before) = date.pred_opt() else { break };
        date = before;
    }
    days
}

/// The first of the last `days` days up to `today`, which `--refetch` looks at again.
#[must_use]
pub fn refetched_from(today: NaiveDate, days: u32) -> Option<NaiveDate> {
    let back = u64::from(days).checked_sub(1)?;
    today.checked_sub_days(Days::new(back))
}

/// Runs of neighbouring days, newest first, as first and last day; `days` descends.
#[must_use]
pub fn runs(days: &[NaiveDate]) -> Vec<(NaiveDate, NaiveDate)> {
    let mut runs: Vec<(NaiveDate, NaiveDate)> = Vec::new();
    for date in days {
        match runs.last_mut() {
            Some((first, _)) if first.pred_opt() == Some(*date) => *first = *date,
            _ => runs.push((*date, *date)),
        }
    }
    runs
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
    #[allow(clippy::cast_precision_loss, reason = "an estimate for people")]
    let minutes = if habits.provider == Provider::Fitbit {
        (requests.saturating_sub(1) / FITBIT_REQUESTS_AN_HOUR * 60) as f64
            + requests as f64 / habits.requests_per_second / 60.0
    } else {
        requests as f64 / habits.requests_per_second / 60.0
    };
    Cost {
        days: count,
        requests,
        minutes,
        bytes: full * samples * bytes_a_sample + requests * BYTES_AN_ANSWER,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn descending(first: &str, last: &str) -> Vec<NaiveDate> {
        wanted(
            (day(first), day(last)),
            |_| false,
            &BTreeMap::new(),
            Tz::UTC,
            "2030-01-01T00:00:00Z".parse().expect("an instant"),
        )
    }

    fn shown(days: &[NaiveDate]) -> String {
        let days: Vec<_> = days
            .iter()
            .map(|day| day.format("%d").to_string())
            .collect();
        days.join(" ")
    }

    #[test]
    fn missing_and_unsettled_days_are_wanted_newest_first() {
        let now = "2026-06-08T12:00:00Z".parse().expect("an instant");
        let (s, u) = (true, false);
        for (first, last, again, stored, expected) in [
            ("01", "03", None, vec![], "03 02 01"),
            ("01", "03", None, vec![("01", s), ("02", s), ("03", s)], ""),
            ("01", "03", None, vec![("01", u), ("02", s)], "03 01"),
            ("01", "03", None, vec![("02", s), ("03", s)], "01"),
            // What is outside the range is nobody's business.
            ("03", "03", None, vec![("01", u)], "03"),
            ("03", "02", None, vec![], ""),
            // Another look.
            (
                "01",
                "03",
                Some("02"),
                vec![("01", s), ("02", s), ("03", s)],
                "03 02",
            ),
            // Called settled by a clock that was days ahead.
            ("07", "08", None, vec![("07", s), ("08", s)], "08"),
        ] {
            let date = |d: &str| day(&format!("2026-06-{d}"));
            let stored = stored
                .into_iter()
                .map(|(d, settled)| {
                    let stored = Stored {
                        settled,
                        samples: 1,
                        has_resting: false,
                        has_zones: false,
                    };
                    (date(d), stored)
                })
                .collect();
            let days = wanted(
                (date(first), date(last)),
                |day| again.map(date).is_some_and(|again| day >= again),
                &stored,
                Tz::of("America/New_York"),
                now,
            );
            assert_eq!(shown(&days), expected, "{first}..{last} {again:?}");
        }
    }

    #[test]
    fn a_day_that_never_was_is_not_wanted() {
        let days = wanted(
            (day("2011-12-29"), day("2011-12-31")),
            |_| false,
            &BTreeMap::new(),
            Tz::of("Pacific/Apia"),
            "2026-01-01T00:00:00Z".parse().expect("an instant"),
        );
        assert_eq!(shown(&days), "31 29");
    }

    #[test]
    fn refetch_counts_today() {
        let today = day("2026-06-08");
        assert_eq!(refetched_from(today, 0), None);
        assert_eq!(refetched_from(today, 1), Some(today));
        assert_eq!(refetched_from(today, 3), Some(day("2026-06-06")));
    }

    #[test]
    fn neighbours_make_a_run() {
        let days = ["09", "08", "05", "03", "02", "01"].map(|d| day(&format!("2026-06-{d}")));
        let shown: Vec<_> = runs(&days)
            .iter()
            .map(|(first, last)| format!("{}-{}", first.format("%d"), last.format("%d")))
            .collect();
        assert_eq!(shown, ["08-09", "05-05", "01-03"]);
        assert!(runs(&[]).is_empty());
    }

    #[test]
    fn a_plan_has_its_price() {
        let year = descending("2025-01-01", "2025-12-31");
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
