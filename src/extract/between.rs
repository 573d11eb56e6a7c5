//! A window of the wearer's clock, `--between 18:05 18:52`: what of a day lies in it. Pure.
//!
//! Readings and spans are in it that begin in it, by their own wall clock; in a repeated hour those of both passes. A session
//! is in it whole if it touches it. Days have no clock and stay.

use super::civil_day;
use super::rows::Rows;
use super::shape::Shape;
use crate::day::Day;
use std::fmt;
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

    /// The time of a wall clock lies in it.
    #[must_use]
    pub const fn holds(self, wall_clock: i64) -> bool {
        let time = wall_clock.rem_euclid(DAY);
        self.from.0 <= time && time < self.to.0
    }

    /// The rows of one civil day that lie in it.
    #[must_use]
    pub fn rows(self, shape: Shape, rows: &Rows) -> Rows {
        let cell = |name, row: usize| rows.ints(name).get(row).copied().flatten();
        let touches = |row: usize| {
            let start = cell("local_time", row)?;
            let day = civil_day::of_row(rows, row)? * DAY;
            let end = cell("local_end", row).unwrap_or(start).max(start + 1);
            Some(start < day + self.to.0 && end > day + self.from.0)
        };
        rows.filter(|row| match shape {
            Shape::Samples | Shape::Intervals => {
                cell("local_time", *row).is_some_and(|at| self.holds(at))
            }
            Shape::Sessions => touches(*row).unwrap_or(false),
            Shape::Days => true,
        })
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
            let kept = window.rows(Shape::Sessions, &rows);
            assert_eq!(kept.ints("end_time"), expected, "{from} to {to}");
        }
    }
}
