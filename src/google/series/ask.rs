//! What is asked for: the filter of a range of civil days, or the ranges of roll-ups. Pure.
//!
//! A filter on another member than the one a type wants answers 400, or 200 and nothing, so that the member stands in the
//! definition. Bounds by instant are a day and two hours wider than the account's days: no two clocks on Earth are
//! further apart, and rows are cut by their own clock afterwards.

use crate::civil::{self, Window};
use crate::extract::Definition;
use crate::extract::definition::{Filter, Literal};
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
fn page_size(definition: &Definition) -> i64 {
    let longest = definition.days_per_request.map_or(i64::MAX, |days| {
        i64::from(days) * DAY_S / window_s(definition)
    });
    longest.min(definition.page_size.into())
}

/// The ranges that one request each may span, in ascending order.
#[must_use]
pub fn pieces(
    definition: &Definition,
    days: &RangeInclusive<NaiveDate>,
) -> Vec<RangeInclusive<NaiveDate>> {
    let Some(most) = definition.days_per_request.filter(|days| *days > 0) else {
        return vec![days.clone()];
    };
    // A day of 25 hours would make a range of civil days longer than the service allows.
    let most = u64::from(most).saturating_sub(1).max(1);
    let mut pieces = Vec::new();
    let mut first = *days.start();
    while first <= *days.end() {
        let last = after(first, most - 1).min(*days.end());
        pieces.push(first..=last);
        let Some(next) = last.succ_opt() else { break };
        first = next;
    }
    pieces
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
    fn roll_ups_keep_within_what_one_request_may_span() {
        let catalogue = Catalogue::default();
        let calories = catalogue.get("calories").expect("in the catalogue");
        let all = days("2026-01-01", "2026-12-31");
        let pieces = pieces(calories, &all);
        assert_eq!(pieces.first().map(RangeInclusive::start), Some(all.start()));
        assert_eq!(pieces.last().map(RangeInclusive::end), Some(all.end()));
        for piece in &pieces {
            let window = window(piece, Tz::of("Europe/Berlin"));
            assert!(window.end - window.start <= 14 * 86_400_000, "{piece:?}");
        }
        assert_eq!(page_size(calories), 10_000);
        let steps = catalogue.get("steps").expect("in the catalogue");
        assert_eq!(super::pieces(steps, &all), [all]);
    }
}
