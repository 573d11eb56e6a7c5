//! What is asked for: the filter of a range of civil days, or the ranges of roll-ups. Pure.
//!
//! A filter on another member than the one a type wants answers 400, or 200 and nothing, so that the member stands in the
//! definition. Bounds by instant are a day and two hours wider than the account's days: no two clocks on Earth are
//! further apart, and rows are cut by their own clock afterwards.

use crate::civil::{self, Window};
use crate::extract::Definition;
use crate::extract::definition::{Filter, Literal, Operation};
use crate::zone::Tz;
use chrono::{Days, NaiveDate};
use serde_json::{Value, json};
use std::ops::RangeInclusive;

const CLOCKS_DIFFER: i64 = 26 * 3_600_000;
const DAY_S: i64 = 86_400;

/// The instants of civil days on the account's clock.
pub(super) fn window(days: &RangeInclusive<NaiveDate>, zone: Tz) -> Window {
    let begin = |date: NaiveDate| {
        let utc = civil::day_number(date) * DAY_S * 1000;
        civil::window(date, zone).map_or(utc, |window| window.start)
    };
    let after = days.end().checked_add_days(Days::new(1));
    begin(*days.start())..begin(after.unwrap_or(*days.end()))
}

/// The filter for a range of days.
pub(super) fn filter(filter: &Filter, days: &RangeInclusive<NaiveDate>, zone: Tz) -> String {
    let (from, to) = match filter.literal {
        Literal::Instant => {
            let window = window(days, zone);
            (
                civil::rfc3339(window.start - CLOCKS_DIFFER),
                civil::rfc3339(window.end + CLOCKS_DIFFER),
            )
        }
        Literal::Civil => (
            before(*days.start(), 1).to_string(),
            after(*days.end(), 2).to_string(),
        ),
        Literal::Date => (days.start().to_string(), after(*days.end(), 1).to_string()),
    };
    let member = &filter.member;
    if filter.has_upper {
        format!("{member} >= \"{from}\" AND {member} < \"{to}\"")
    } else {
        format!("{member} >= \"{from}\"")
    }
}

fn before(date: NaiveDate, days: u64) -> NaiveDate {
    date.checked_sub_days(Days::new(days)).unwrap_or(date)
}

fn after(date: NaiveDate, days: u64) -> NaiveDate {
    date.checked_add_days(Days::new(days)).unwrap_or(date)
}

/// The body of a request for roll-ups in windows of the series' own detail.
pub(super) fn roll_up(definition: &Definition, window: &Window) -> Value {
    json!({
        "range": {"startTime": civil::rfc3339(window.start), "endTime": civil::rfc3339(window.end)},
        "windowSize": format!("{}s", window_s(definition)),
        "pageSize": page_size(definition),
    })
}

fn window_s(definition: &Definition) -> i64 {
    definition.finest.map_or(60, crate::day::Detail::seconds)
}

/// The largest page that is accepted: window times page may not exceed what one request may span.
#[must_use]
pub fn page_size(definition: &Definition) -> u64 {
    let page = u64::from(definition.page_size).max(1);
    match (definition.operation, longest_s(definition)) {
        (Operation::RollUp, Some(longest)) => {
            let windows = longest / window_s(definition);
            windows.unsigned_abs().clamp(1, page)
        }
        (Operation::RollUp | Operation::Reconcile | Operation::List, _) => page,
    }
}

fn longest_s(definition: &Definition) -> Option<i64> {
    let days = definition.days_per_request.filter(|days| *days > 0)?;
    Some(i64::from(days) * DAY_S)
}

/// A stretch of time in ranges that one request after the other may span, ascending; all but the last have full pages.
pub(super) fn ranges(definition: &Definition, window: &Window) -> Vec<Window> {
    let full_s = i64::try_from(page_size(definition)).unwrap_or(i64::MAX) * window_s(definition);
    let Some(longest) = longest_s(definition) else {
        return vec![window.clone()];
    };
    let length = (longest / full_s).max(1) * full_s * 1000;
    let mut ranges = Vec::new();
    let mut start = window.start;
    while start < window.end {
        let end = (start + length).min(window.end);
        ranges.push(start..end);
        start = end;
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::Catalogue;

    fn days(first: &str, last: &str) -> RangeInclusive<NaiveDate> {
        first.parse().expect("a date")..=last.parse().expect("a date")
    }

    #[test]
    fn each_type_is_asked_by_the_member_that_it_wants() {
        let catalogue = Catalogue::default();
        let zone = Tz::of("America/New_York");
        for (name, expected) in [
            (
                "steps",
                "steps.interval.start_time >= \"2026-05-31T02:00:00Z\" AND steps.interval.start_time < \"2026-06-03T06:00:00Z\"",
            ),
            (
                "spo2",
                "oxygen_saturation.sample_time.physical_time >= \"2026-05-31T02:00:00Z\" AND oxygen_saturation.sample_time.physical_time < \"2026-06-03T06:00:00Z\"",
            ),
            (
                "sleep",
                "sleep.interval.civil_end_time >= \"2026-05-31\" AND sleep.interval.civil_end_time < \"2026-06-03\"",
            ),
            (
                "hrv_daily",
                "daily_heart_rate_variability.date >= \"2026-06-01\" AND daily_heart_rate_variability.date < \"2026-06-02\"",
            ),
            (
                "ecg",
                "electrocardiogram.interval.start_time >= \"2026-05-31T02:00:00Z\"",
            ),
        ] {
            let definition = catalogue.get(name).expect("in the catalogue");
            let by = definition.filter.as_ref().expect("a filter");
            assert_eq!(
                filter(by, &days("2026-06-01", "2026-06-01"), zone),
                expected
            );
        }
    }

    #[test]
    fn roll_ups_keep_within_what_one_request_may_span_and_fill_their_pages() {
        let catalogue = Catalogue::default();
        let all = days("2026-01-01", "2026-12-31");
        let year = window(&all, Tz::of("Europe/Berlin"));
        for (name, page, days, requests) in [
            ("calories", 10_000, 14, 53),
            ("zone_calories", 1344, 14, 27),
        ] {
            let definition = catalogue.get(name).expect("in the catalogue");
            let ranges = ranges(definition, &year);
            assert_eq!(ranges.first().map(|range| range.start), Some(year.start));
            assert_eq!(ranges.last().map(|range| range.end), Some(year.end));
            assert!(ranges.windows(2).all(|pair| pair[0].end == pair[1].start));
            let length = |range: &Window| (range.end - range.start) / 1000;
            assert!(ranges.iter().all(|range| length(range) <= days * DAY_S));
            assert_eq!(page_size(definition), page, "{name}");
            let full_s = i64::try_from(page).expect("small") * window_s(definition);
            let pages = ranges
                .iter()
                .map(|range| (length(range) + full_s - 1) / full_s);
            assert_eq!(pages.sum::<i64>(), requests, "{name}");
        }
        let steps = catalogue.get("steps").expect("in the catalogue");
        assert_eq!(super::ranges(steps, &year), [year]);
    }
}
