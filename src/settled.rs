//! When nothing more is to come for a day. Pure; instants are milliseconds since 1970-01-01T00:00:00Z.

use chrono::{DateTime, TimeDelta, Utc};

/// Data that has not arrived by then is not waited for.
pub const AGE: TimeDelta = TimeDelta::days(2);

/// The day that ended at `end` is settled: the device synced after it, or it ended more than two days ago.
#[must_use]
pub fn is_settled(end: i64, now: DateTime<Utc>, last_sync: Option<i64>) -> bool {
    let now = now.timestamp_millis();
    end <= now && (last_sync.is_some_and(|sync| sync >= end) || now - end > AGE.num_milliseconds())
}

/// The day is over and, as far as is known, synced. Stricter than settled: a device that has not synced since the day
/// ended still holds samples, however long ago that was.
#[must_use]
pub fn is_complete(end: i64, now: DateTime<Utc>, last_sync: Option<i64>) -> bool {
    end <= now.timestamp_millis()
        && last_sync.map_or_else(|| is_settled(end, now, None), |sync| sync >= end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sync_settles_a_day_and_so_does_age() {
        const DAY: i64 = 86_400_000;
        let now = DateTime::from_timestamp_millis(100 * DAY).expect("an instant");
        for (end, sync, settled, complete) in [
            (101 * DAY, Some(101 * DAY), false, false),
            (101 * DAY, None, false, false),
            (100 * DAY, Some(100 * DAY), true, true),
            (99 * DAY, Some(99 * DAY - 1), false, false),
            (99 * DAY, None, false, false),
            (98 * DAY, None, false, false),
            (98 * DAY - 1, None, true, true),
            (90 * DAY, Some(80 * DAY), true, false),
            (90 * DAY, Some(95 * DAY), true, true),
        ] {
            assert_eq!(
                (is_settled(end, now, sync), is_complete(end, now, sync)),
                (settled, complete),
                "{end} {sync:?}"
            );
        }
    }
}
