//! Why a day is still open. Pure; [`crate::settled`] has the rule itself.

use crate::civil::{self, Window};
use crate::settled::{self, Syncs};
use crate::zone::Tz;
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::BTreeSet;
use std::fmt;

/// Why more is to come for a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Open {
    /// It has not ended yet.
    NotOver,
    /// A device last synced before the day ended, at this instant.
    NotSynced(i64),
    /// Nobody says when the device synced, and the day ended less than two days ago.
    Young,
    /// It was over when it was last looked at, and not settled then: another look is due.
    LookDue,
    /// A day beside it could not be fetched, and on another clock some of its samples may be there.
    Doubtful,
    /// It has less than the service's own means say.
    Short(String),
}

impl fmt::Display for Open {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOver => f.write_str("the day is not over"),
            Self::NotSynced(at) => {
                let at = DateTime::<Utc>::from_timestamp_millis(*at).unwrap_or_default();
                write!(
                    f,
                    "the device last synced {}, before the day ended",
                    at.format("%Y-%m-%d %H:%M UTC")
                )
            }
            Self::Young => {
                f.write_str("the day ended less than two days ago, and the last sync is not known")
            }
            Self::Doubtful => f.write_str(
                "a day beside it could not be fetched, and may hold some of its samples",
            ),
            Self::LookDue => f.write_str("the next sync looks at it again"),
            Self::Short(how) => f.write_str(how),
        }
    }
}

/// Why the day that ended at `end` is not settled; `None` if it is.
#[must_use]
pub fn open(end: i64, now: DateTime<Utc>, syncs: &Syncs) -> Option<Open> {
    if settled::is_settled(end, now, syncs) {
        return None;
    }
    Some(if end > now.timestamp_millis() {
        Open::NotOver
    } else {
        syncs.behind(now).map_or(Open::Young, Open::NotSynced)
    })
}

/// What can be said about an unsettled day of the archive without asking the service.
#[must_use]
pub fn open_in_archive(date: NaiveDate, zone: Tz, now: DateTime<Utc>) -> Open {
    match civil::window(date, zone) {
        Some(window) if window.end > now.timestamp_millis() => Open::NotOver,
        _ => Open::LookDue,
    }
}

/// When a day has ended on every clock that its samples show, and on the zone's.
#[must_use]
pub fn end_of(date: NaiveDate, window: &Window, utc_offsets: &BTreeSet<i32>) -> i64 {
    utc_offsets
        .iter()
        .map(|offset| civil::fixed_window(date, *offset).end)
        .fold(window.end, i64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;
    const DAY: i64 = 24 * HOUR;

    #[test]
    fn an_open_day_has_a_reason_and_a_settled_one_has_none() {
        let now = DateTime::from_timestamp_millis(100 * DAY).expect("an instant");
        for (end, sync, expected) in [
            (100 * DAY + 1, None, Some(Open::NotOver)),
            (100 * DAY + 1, Some(101 * DAY), Some(Open::NotOver)),
            (100 * DAY, Some(100 * DAY), None),
            (99 * DAY, Some(98 * DAY), Some(Open::NotSynced(98 * DAY))),
            (99 * DAY, None, Some(Open::Young)),
            (97 * DAY, None, None),
            (97 * DAY, Some(90 * DAY), Some(Open::NotSynced(90 * DAY))),
            (97 * DAY, Some(80 * DAY), None),
        ] {
            let syncs = Syncs(sync.map(|at| (String::new(), at)).into_iter().collect());
            assert_eq!(open(end, now, &syncs), expected, "{end} {sync:?}");
        }
    }

    #[test]
    fn a_day_ends_on_the_last_of_its_clocks() {
        let date = "2026-06-01".parse().expect("a date");
        let window = civil::window(date, Tz::of("America/New_York")).expect("a day");
        for (offsets, hours) in [
            (vec![], 0),
            (vec![-14_400], 0),
            (vec![7_200], 0),
            (vec![-25_200, 7_200], 3),
            (vec![-36_000], 6),
        ] {
            let offsets = offsets.into_iter().collect();
            assert_eq!(
                end_of(date, &window, &offsets),
                window.end + hours * HOUR,
                "{offsets:?}"
            );
        }
    }
}
