//! A window of the wearer's clock, `--between 18:05 18:52`: what of a day lies in it. Pure.
//!
//! Readings and spans with an amount are in it that begin in it, by their own wall clock; in a repeated hour those of both
//! passes. A span with a label is cut at its edges, as it is at those of coarser windows. A session is in it whole if it touches
//! it. Days have no clock and stay.

use super::civil_day;
use super::cut::{self, When};
use super::definition::Definition;
use super::rows::Rows;
use super::shape::Shape;
use crate::day::{Day, Detail};
use std::fmt;
use std::ops::Range;
use std::str::FromStr;

const DAY: i64 = 86_400_000;

/// A time on a wall clock in milliseconds since its midnight: `HH:MM` or `HH:MM:SS`, up to `24:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClockTime(i64);

impl FromStr for ClockTime {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let part = |text: &str| {
            let two_digits = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
            text.parse::<i64>().ok().filter(|_| two_digits)
        };
        let parts: Option<Vec<i64>> = text.split(':').map(part).collect();
        let seconds = match parts.as_deref() {
            Some([hour, minute]) if *minute < 60 => Some(hour * 3600 + minute * 60),
            Some([hour, minute, second]) if *minute < 60 && *second < 60 => {
                Some(hour * 3600 + minute * 60 + second)
            }
            _ => None,
        };
        seconds
            .map(|seconds| Self(seconds * 1000))
            .filter(|time| time.0 <= DAY)
            .ok_or_else(|| "a time is HH:MM or HH:MM:SS, up to 24:00".to_owned())
    }
}

impl fmt::Display for ClockTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0 / 1000;
        write!(f, "{:02}:{:02}", seconds / 3600, seconds / 60 % 60)?;
        match seconds % 60 {
            0 => Ok(()),
            second => write!(f, ":{second:02}"),
        }
    }
}

/// The first time is in it, the last is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Between {
    from: ClockTime,
    to: ClockTime,
}

/// `18:05 and 18:52`.
impl fmt::Display for Between {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} and {}", self.from, self.to)
    }
}

impl Between {
    /// The window from one time to a later one; `None` where it would run over midnight or be empty.
    #[must_use]
    pub fn of(from: ClockTime, to: ClockTime) -> Option<Self> {
        (from < to).then_some(Self { from, to })
    }

    /// Its ends in milliseconds since midnight.
    #[must_use]
    pub const fn bounds(self) -> (i64, i64) {
        (self.from.0, self.to.0)
    }

    /// Its ends, for scripts: `18:05` and `18:52`.
    #[must_use]
    pub fn ends(self) -> [String; 2] {
        [self.from.to_string(), self.to.to_string()]
    }

    /// The time of a wall clock lies in it.
    #[must_use]
    pub const fn holds(self, wall_clock: i64) -> bool {
        let time = wall_clock.rem_euclid(DAY);
        self.from.0 <= time && time < self.to.0
    }

    /// The rows at a detail that lie in it.
    ///
    /// A span with a label that reaches past midnight is partly in the window of the next day: whoever works day by day hands
    /// in the rows of the day before as well, and takes those of the day.
    #[must_use]
    pub fn rows(self, definition: &Definition, rows: &Rows, detail: Option<Detail>) -> Rows {
        match definition.shape {
            Shape::Samples | Shape::Intervals => {
                cut::at_detail(definition, rows, detail, |when| self.of_days(when))
            }
            Shape::Sessions => rows.filter(|row| self.is_touched(rows, *row).unwrap_or(false)),
            Shape::Days => rows.clone(),
        }
    }

    /// It on each day that a row touches.
    fn of_days(self, when: &When) -> Vec<Range<i64>> {
        let span = &when.wall_clock;
        let last = span.start.max(span.end - 1);
        let days = civil_day::date(span.start)..=civil_day::date(last);
        days.map(|day| self.of_day(day)).collect()
    }

    const fn of_day(self, day: i64) -> Range<i64> {
        day * DAY + self.from.0..day * DAY + self.to.0
    }

    fn is_touched(self, sessions: &Rows, row: usize) -> Option<bool> {
        let cell = |name| sessions.ints(name).get(row).copied().flatten();
        let start = cell("local_time")?;
        let window = self.of_day(civil_day::of_row(sessions, row)?);
        let end = cell("local_end").unwrap_or(start).max(start + 1);
        Some(start < window.end && end > window.start)
    }

    /// Leaves the samples of a day that lie in it.
    pub fn cut(self, day: &mut Day) {
        day.samples.retain(|sample| self.holds(sample.local_time));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::{Catalogue, Value};

    fn between(from: &str, to: &str) -> Option<Between> {
        Between::of(from.parse().expect("a time"), to.parse().expect("a time"))
    }

    #[test]
    fn a_time_is_two_or_three_pairs_of_digits() {
        for wrong in [
            "",
            "18",
            "1:05",
            "18:60",
            "24:01",
            "18:05:60",
            "18:05:00:00",
            "-1:00",
            "+1:00",
        ] {
            assert!(wrong.parse::<ClockTime>().is_err(), "{wrong}");
        }
        assert!(between("00:00", "24:00").is_some());
        for (from, to) in [("18:05", "18:05"), ("23:00", "01:00")] {
            assert_eq!(between(from, to), None);
        }
    }

    #[test]
    fn the_first_moment_is_in_it_and_the_last_is_not() {
        let window = between("18:05", "18:52:30").expect("a window");
        let at = |hour: i64, minute: i64, second: i64| {
            ((20 * 24 + hour) * 3600 + minute * 60 + second) * 1000
        };
        for (time, expected) in [
            (at(18, 4, 59), false),
            (at(18, 5, 0), true),
            (at(18, 52, 29), true),
            (at(18, 52, 30), false),
        ] {
            assert_eq!(window.holds(time), expected);
        }
    }

    #[test]
    fn a_session_that_touches_it_stays_whole() {
        let catalogue = Catalogue::default();
        let definition = catalogue.get("sleep").expect("of the catalogue");
        let mut rows = Rows::none(definition.columns());
        let hour = |hour: i64| Value::Int(hour * 3_600_000);
        // From 23:00 to 07:00 of day 1, and a nap from 13:00 to 14:00.
        for (start, end) in [(23, 31), (37, 38)] {
            rows.push([
                Value::Null,
                Value::Int(1),
                hour(start),
                hour(end),
                hour(start),
                hour(end),
            ]);
        }
        for (from, to, expected) in [
            ("00:00", "01:00", vec![Some(31 * 3_600_000)]),
            ("07:00", "13:00", vec![]),
            ("13:59", "24:00", vec![Some(38 * 3_600_000)]),
        ] {
            let window = between(from, to).expect("a window");
            let kept = window.rows(definition, &rows, None);
            assert_eq!(kept.ints("end_time"), expected, "{from} to {to}");
        }
    }

    const MINUTE: i64 = 60_000;

    /// Spans by start and length in minutes, and a label or an amount.
    fn spans(name: &str, all: &[(i64, i64, Value)]) -> (Definition, Rows) {
        let catalogue = Catalogue::default();
        let definition = catalogue.get(name).expect("of the catalogue").clone();
        let mut rows = Rows::none(definition.columns());
        for (start, length, value) in all {
            let at = |minute: i64| Value::Int(minute * MINUTE);
            let when = [at(*start), at(start + length), at(*start), Value::Int(0)];
            rows.push(when.into_iter().chain([value.clone()]));
        }
        (definition, rows)
    }

    fn minutes(rows: &Rows, name: &str) -> Vec<i64> {
        let cells = rows.ints(name).iter().flatten();
        cells.map(|at| at / MINUTE).collect()
    }

    #[test]
    fn a_span_with_a_label_is_cut_at_its_edges() {
        let label = || Value::Text("LIGHT".into());
        // From 23:00 over midnight and the whole window to 09:00, and one that ends where the window begins.
        let all = [(1380, 600, label()), (600, 120, label())];
        let (definition, rows) = spans("time_in_zone", &all);
        for (from, to, starts, ends) in [
            ("00:30", "08:00", vec![1470], vec![1920]),
            ("11:00", "23:30", vec![660, 1380], vec![720, 1410]),
            ("12:00", "23:00", vec![], vec![]),
            (
                "00:00",
                "24:00",
                vec![600, 1380, 1440],
                vec![720, 1440, 1980],
            ),
        ] {
            let window = between(from, to).expect("a window");
            let kept = window.rows(&definition, &rows, None);
            assert_eq!(minutes(&kept, "time"), starts, "{from} to {to}");
            assert_eq!(minutes(&kept, "end_time"), ends, "{from} to {to}");
            assert_eq!(minutes(&kept, "local_time"), starts, "{from} to {to}");
        }
    }

    #[test]
    fn coarser_windows_have_the_seconds_in_it() {
        let label = |zone: &str| Value::Text(zone.into());
        let all = [(1000, 100, label("LIGHT")), (1090, 9, label("PEAK"))];
        let (definition, rows) = spans("time_in_zone", &all);
        let window = between("18:05", "18:17").expect("a window");
        let kept = window.rows(&definition, &rows, Some(Detail::Min15));
        assert_eq!(minutes(&kept, "time"), [1085, 1085, 1095, 1095]);
        assert_eq!(minutes(&kept, "end_time"), [1095, 1095, 1097, 1097]);
        let seconds = [600, 300, 120, 120].map(Some);
        assert_eq!(kept.ints("seconds"), seconds);
    }

    #[test]
    fn a_span_with_an_amount_is_in_it_whole_by_its_start() {
        let all = [(1080, 10, Value::Int(5)), (1089, 60, Value::Int(7))];
        let (definition, rows) = spans("steps", &all);
        let window = between("18:05", "18:17").expect("a window");
        let kept = window.rows(&definition, &rows, None);
        assert_eq!(minutes(&kept, "end_time"), [1149]);
        assert_eq!(kept.ints("steps"), [Some(7)]);
    }
}
