//! When nothing more is to come for a day. Pure; instants are milliseconds since 1970-01-01T00:00:00Z.

use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;

/// Where no last sync is known: data that has not arrived by then is not waited for.
pub const AGE: TimeDelta = TimeDelta::days(2);
/// A device that has not synced for longer is away, and not waited for.
pub const AWAY: TimeDelta = TimeDelta::weeks(2);

/// When each device that may measure the heart rate last synced, by the device's id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Syncs(pub BTreeMap<String, i64>);

impl Syncs {
    /// The latest of all.
    #[must_use]
    pub fn latest(&self) -> Option<i64> {
        self.0.values().copied().max()
    }

    /// The sync of the device that is furthest behind, of those that are in use.
    #[must_use]
    pub fn behind(&self, now: DateTime<Utc>) -> Option<i64> {
        let since = (now - AWAY).timestamp_millis();
        self.0.values().copied().filter(|at| *at >= since).min()
    }
}

/// The day that ended at `end` is settled: every device in use has synced after it; or, where no sync is known at all, it
/// ended more than two days ago.
#[must_use]
pub fn is_settled(end: i64, now: DateTime<Utc>, syncs: &Syncs) -> bool {
    let since = now.timestamp_millis() - end;
    since >= 0
        && if syncs.0.is_empty() {
            since > AGE.num_milliseconds()
        } else {
            syncs.behind(now).is_none_or(|sync| sync >= end)
        }
}

/// The day is over and, as far as is known, synced. Stricter than settled: a device that is away may still hold samples.
#[must_use]
pub fn is_complete(end: i64, now: DateTime<Utc>, syncs: &Syncs) -> bool {
    is_settled(end, now, syncs) && syncs.latest().is_none_or(|sync| sync >= end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_device_in_use_settles_a_day_and_age_where_none_is_known() {
        const DAY: i64 = 86_400_000;
        let now = DateTime::from_timestamp_millis(100 * DAY).expect("an instant");
        for (end, syncs, settled, complete) in [
            (101 * DAY, vec![101 * DAY], false, false),
            (101 * DAY, vec![], false, false),
            (101 * DAY, vec![50 * DAY], false, false),
            (100 * DAY, vec![100 * DAY], true, true),
            (99 * DAY, vec![99 * DAY - 1], false, false),
            (99 * DAY, vec![], false, false),
            (98 * DAY, vec![], false, false),
            (98 * DAY - 1, vec![], true, true),
            // In use, and behind: however long ago the day was.
            (90 * DAY, vec![88 * DAY], false, false),
            (90 * DAY, vec![95 * DAY], true, true),
            // One watch has synced, the other an hour later.
            (99 * DAY, vec![99 * DAY + 1, 99 * DAY - 1], false, false),
            (99 * DAY, vec![99 * DAY + 1, 99 * DAY], true, true),
            // One lies in a drawer, or all do.
            (99 * DAY, vec![99 * DAY + 1, 86 * DAY - 1], true, true),
            (99 * DAY, vec![86 * DAY, 99 * DAY], false, false),
            (99 * DAY, vec![80 * DAY], true, false),
        ] {
            let named = syncs.iter().enumerate();
            let syncs = Syncs(named.map(|(n, at)| (n.to_string(), *at)).collect());
            assert_eq!(
                (is_settled(end, now, &syncs), is_complete(end, now, &syncs)),
                (settled, complete),
                "{end} {syncs:?}"
            );
        }
    }
}
