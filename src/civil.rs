//! Civil days and the instants they span. Pure; all instants are milliseconds since 1970-01-01T00:00:00Z.

use crate::zone::Tz;
use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use std::ops::Range;

/// Before this there was no Fitbit.
pub const EARLIEST: NaiveDate = NaiveDate::from_ymd_opt(2007, 1, 1).expect("a date");

const MINUTE: i64 = 60_000;
const DAY: i64 = 86_400_000;

/// Half-open: the first instant is in it, the last is not.
pub type Window = Range<i64>;

/// The instants from the first to the last of a civil day: 23, 24 or 25 hours, rarely another length.
///
/// `None` for a day that was skipped, as 2011-12-30 was in Samoa.
#[must_use]
pub fn window(date: NaiveDate, zone: Tz) -> Option<Window> {
    let next = date.checked_add_days(Days::new(1))?;
    match (midnight(date, zone), midnight(next, zone)) {
        (Some(start), Some(end)) => Some(start..end),
        _ => hull(date, zone),
    }
}

/// The instant of midnight where there is exactly one.
fn midnight(date: NaiveDate, zone: Tz) -> Option<i64> {
    zone.from_local_datetime(&date.and_time(NaiveTime::MIN))
        .single()
        .map(|at| at.timestamp_millis())
}

/// The slow way, for days that begin or end within a change of the clock: minute by minute.
fn hull(date: NaiveDate, zone: Tz) -> Option<Window> {
    let utc_midnight = millis(date.and_time(NaiveTime::MIN));
    let minutes =
        (utc_midnight - 16 * 60 * MINUTE..utc_midnight + DAY + 16 * 60 * MINUTE).step_by(60_000);
    let mut within =
        minutes.filter(|instant| local_date(*instant, offset_at(*instant, zone)) == date);
    let first = within.next()?;
    Some(first..within.last().unwrap_or(first) + MINUTE)
}

/// The civil day in a place whose offset never changes.
#[must_use]
pub fn fixed_window(date: NaiveDate, utc_offset: i32) -> Window {
    let start = millis(date.and_time(NaiveTime::MIN)) - i64::from(utc_offset) * 1000;
    start..start + DAY
}

/// What a zone's wall clock is ahead of UTC at an instant, in seconds.
#[must_use]
pub fn offset_at(instant: i64, zone: Tz) -> i32 {
    zone.utc_offset(instant)
}

/// The civil date at an instant on a clock that is ahead of UTC by `utc_offset` seconds.
#[must_use]
pub fn local_date(instant: i64, utc_offset: i32) -> NaiveDate {
    at(instant + i64::from(utc_offset) * 1000).date()
}

/// The clocks of the zone are changed on this day.
#[must_use]
pub fn has_clock_change(date: NaiveDate, zone: Tz) -> bool {
    window(date, zone).is_none_or(|day| {
        offset_at(day.start, zone) != offset_at(day.end - 1, zone) || day.end - day.start != DAY
    })
}

/// Days from 1970-01-01 to a date.
#[must_use]
pub fn day_number(date: NaiveDate) -> i64 {
    (date - NaiveDate::default()).num_days()
}

/// Today on a zone's wall clock.
#[must_use]
pub fn today(now: DateTime<Utc>, zone: Tz) -> NaiveDate {
    now.with_timezone(&zone).date_naive()
}

/// The part of `wanted` that `covered` does not hold, in ascending pieces.
#[must_use]
pub fn uncovered(wanted: &Window, covered: &[Window]) -> Vec<Window> {
    let mut pieces = vec![wanted.clone()];
    for done in covered {
        pieces = pieces
            .into_iter()
            .flat_map(|piece| {
                [
                    piece.start..piece.end.min(done.start),
                    piece.start.max(done.end)..piece.end,
                ]
            })
            .filter(|piece| piece.start < piece.end)
            .collect();
    }
    pieces
}

/// Cuts a window into `count` pieces of equal length, the last one taking the rest; on whole minutes.
#[must_use]
pub fn slices(window: &Window, count: i64) -> Vec<Window> {
    let length = window.end - window.start;
    let step = ((length / count.max(1)) / MINUTE * MINUTE).max(MINUTE);
    let mut slices: Vec<Window> = Vec::new();
    let mut start = window.start;
    while start < window.end {
        let last = i64::try_from(slices.len()).unwrap_or(i64::MAX) + 1 >= count;
        let end = if last {
            window.end
        } else {
            (start + step).min(window.end)
        };
        slices.push(start..end);
        start = end;
    }
    slices
}

/// An instant as RFC 3339 with `Z`; with milliseconds only where there are some.
#[must_use]
pub fn rfc3339(instant: i64) -> String {
    let format = if instant % 1000 == 0 {
        "%Y-%m-%dT%H:%M:%SZ"
    } else {
        "%Y-%m-%dT%H:%M:%S%.3fZ"
    };
    at(instant).format(format).to_string()
}

fn at(instant: i64) -> NaiveDateTime {
    let epoch = DateTime::UNIX_EPOCH.naive_utc();
    TimeDelta::try_milliseconds(instant)
        .and_then(|delta| epoch.checked_add_signed(delta))
        .unwrap_or(epoch)
}

fn millis(time: NaiveDateTime) -> i64 {
    time.and_utc().timestamp_millis()
}

/// A day as tests write it.
#[cfg(test)]
#[must_use]
pub fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[allow(clippy::cast_precision_loss, reason = "a day has few milliseconds")]
    fn hours(millis: i64) -> f64 {
        millis as f64 / 3_600_000.0
    }

    fn text(date: &str, zone: Tz) -> String {
        window(day(date), zone).map_or("none".to_owned(), |w| {
            format!(
                "{} {} {}h",
                rfc3339(w.start),
                rfc3339(w.end),
                hours(w.end - w.start)
            )
        })
    }

    #[test]
    fn civil_days_are_as_long_as_the_clocks_make_them() {
        for (date, zone, expected) in [
            (
                "2017-06-01",
                Tz::of("America/New_York"),
                "2017-06-01T04:00:00Z 2017-06-02T04:00:00Z 24h",
            ),
            (
                "2017-03-12",
                Tz::of("America/New_York"),
                "2017-03-12T05:00:00Z 2017-03-13T04:00:00Z 23h",
            ),
            (
                "2017-11-05",
                Tz::of("America/New_York"),
                "2017-11-05T04:00:00Z 2017-11-06T05:00:00Z 25h",
            ),
            (
                "2026-03-29",
                Tz::of("Europe/Berlin"),
                "2026-03-28T23:00:00Z 2026-03-29T22:00:00Z 23h",
            ),
            (
                "2026-10-25",
                Tz::of("Europe/Berlin"),
                "2026-10-24T22:00:00Z 2026-10-25T23:00:00Z 25h",
            ),
            (
                "2026-04-05",
                Tz::of("Australia/Lord_Howe"),
                "2026-04-04T13:00:00Z 2026-04-05T13:30:00Z 24.5h",
            ),
            (
                "2026-10-04",
                Tz::of("Australia/Lord_Howe"),
                "2026-10-03T13:30:00Z 2026-10-04T13:00:00Z 23.5h",
            ),
            (
                "2026-10-25",
                Tz::of("Asia/Kolkata"),
                "2026-10-24T18:30:00Z 2026-10-25T18:30:00Z 24h",
            ),
            (
                "2026-06-01",
                Tz::UTC,
                "2026-06-01T00:00:00Z 2026-06-02T00:00:00Z 24h",
            ),
            // Midnight itself does not exist.
            (
                "2018-11-04",
                Tz::of("America/Sao_Paulo"),
                "2018-11-04T03:00:00Z 2018-11-05T02:00:00Z 23h",
            ),
            // Midnight comes twice: the hour before it is repeated.
            (
                "2018-02-17",
                Tz::of("America/Sao_Paulo"),
                "2018-02-17T02:00:00Z 2018-02-18T03:00:00Z 25h",
            ),
            (
                "2018-02-18",
                Tz::of("America/Sao_Paulo"),
                "2018-02-18T03:00:00Z 2018-02-19T03:00:00Z 24h",
            ),
            ("2011-12-30", Tz::of("Pacific/Apia"), "none"),
        ] {
            assert_eq!(text(date, zone), expected, "{date} {zone}");
        }
    }

    #[test]
    fn changes_of_the_clock_are_known() {
        assert!(has_clock_change(
            day("2017-11-05"),
            Tz::of("America/New_York")
        ));
        assert!(!has_clock_change(
            day("2017-06-01"),
            Tz::of("America/New_York")
        ));
    }

    #[test]
    #[allow(
        clippy::single_range_in_vec_init,
        reason = "a list of windows with one window"
    )]
    fn only_what_is_missing_is_asked_for() {
        for (wanted, covered, expected) in [
            (0..10, vec![], vec![0..10]),
            (0..10, vec![0..10], vec![]),
            (0..10, vec![-5..15], vec![]),
            (0..10, vec![3..5], vec![0..3, 5..10]),
            (-4..10, vec![0..10], vec![-4..0]),
            (0..10, vec![2..4, 3..8], vec![0..2, 8..10]),
        ] {
            assert_eq!(uncovered(&wanted, &covered), expected);
        }
    }

    #[test]
    fn slices_cover_the_window_without_overlap() {
        for (start, length, count) in [
            (0, DAY, 12),
            (7, 23 * 60 * MINUTE, 12),
            (0, 25 * 60 * MINUTE, 7),
            (0, 30_000, 4),
            (0, DAY, 1),
        ] {
            let slices = slices(&(start..start + length), count);
            assert!(i64::try_from(slices.len()).expect("few") <= count);
            assert_eq!(
                (slices[0].start, slices[slices.len() - 1].end),
                (start, start + length)
            );
            assert!(slices.windows(2).all(|pair| pair[0].end == pair[1].start));
        }
    }
}
