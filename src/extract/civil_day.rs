//! Which civil day of the wearer a row is of. Wall clocks are milliseconds, dates days since 1970-01-01.

use super::rows::Rows;
use super::shape::DayOf;
use chrono::NaiveDate;

const DAY: i64 = 86_400_000;

/// The date on a wall clock.
#[must_use]
pub const fn date(wall_clock: i64) -> i64 {
    wall_clock.div_euclid(DAY)
}

/// The day of a row of the archive: the one it names, else the date of its wall clock.
///
/// `None` where the table has neither.
#[must_use]
pub fn of_row(rows: &Rows, row: usize) -> Option<i64> {
    let cell = |name| rows.ints(name).get(row).copied().flatten();
    cell("day").or_else(|| cell("local_time").map(date))
}

/// `2026-06-01` of days since 1970-01-01.
#[must_use]
pub fn text(day: i64) -> String {
    let days = i32::try_from(day).ok();
    let date = days.and_then(NaiveDate::from_epoch_days);
    date.unwrap_or_default().to_string()
}

/// A session on the wall clocks of its own ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    /// When it began.
    pub start: i64,
    /// When it ended; `None` while it runs.
    pub end: Option<i64>,
    /// The last that is known of it, such as the end of its last segment.
    pub last_seen: Option<i64>,
}

/// The day of a session: until it ends, the one it was last seen on.
#[must_use]
pub fn of_session(session: Session, day: DayOf) -> i64 {
    match day {
        DayOf::Start | DayOf::Given => date(session.start),
        DayOf::End => {
            let seen = session
                .last_seen
                .unwrap_or(session.start)
                .max(session.start);
            date(session.end.unwrap_or(seen))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    #[test]
    fn a_night_is_of_its_morning_and_a_workout_of_its_start() {
        let evening = 23 * HOUR;
        for (end, last_seen, of_end) in [
            (Some(31 * HOUR), None, 1),
            (Some(DAY), None, 1),
            (Some(DAY - 1), None, 0),
            (None, None, 0),
            (None, Some(30 * HOUR), 1),
            (None, Some(5 * HOUR), 0),
            (Some(23 * HOUR + 1), Some(30 * HOUR), 0),
        ] {
            let session = Session {
                start: evening,
                end,
                last_seen,
            };
            assert_eq!(of_session(session, DayOf::End), of_end, "{session:?}");
            assert_eq!(of_session(session, DayOf::Start), 0);
        }
        assert_eq!(date(-1), -1);
    }
}
