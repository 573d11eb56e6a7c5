//! Days to be looked at again, settled or not: devices have brought more of them since they were last seen.

use super::sync_state::SyncState;
use crate::archive::{Archive, Error};
use crate::civil;
use crate::live::Account;
use crate::settled::Syncs;
use crate::zone::Tz;
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::BTreeSet;
use std::ops::RangeInclusive;

/// A tracker keeps its samples a week.
const TRACKER_KEEPS_MS: i64 = 7 * 86_400_000;

/// What is known of devices at the time of a run.
#[derive(Debug, Clone, Copy)]
pub struct Devices<'a> {
    /// When each last synced.
    pub syncs: &'a Syncs,
    /// The present.
    pub now: DateTime<Utc>,
    /// The account's zone.
    pub zone: Tz,
}

impl<'a> Devices<'a> {
    /// Those of an account.
    #[must_use]
    pub const fn of(account: &'a Account, now: DateTime<Utc>) -> Self {
        Self {
            syncs: &account.syncs,
            now,
            zone: account.zone,
        }
    }

    /// The account's today.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        civil::today(self.now, self.zone)
    }

    /// The days of a series to be looked at again: of which devices have brought more since they were last seen, and what is
    /// left of those from before.
    #[must_use]
    pub fn due(&self, state: &SyncState, series: &str) -> BTreeSet<NaiveDate> {
        let mut due = state.due(series);
        if let Some(since) = state.unseen_since(series, self.syncs) {
            let first = civil::local_date(since, civil::offset_at(since, self.zone));
            let today = self.today();
            due.extend(first.iter_days().take_while(|date| *date <= today));
        }
        due
    }

    /// Remembers, for series of which no sync is known yet, when devices had synced as they are first looked at: before their
    /// first day settles by age while the device still holds some of it.
    ///
    /// # Errors
    /// Fails when the state cannot be written.
    pub fn first_seen(
        &self,
        archive: &Archive,
        state: &mut SyncState,
        series: &[&str],
    ) -> Result<(), Error> {
        let new = series.iter().copied();
        let new: Vec<_> = new.filter(|name| state.knows_no_sync(name)).collect();
        if self.syncs.0.is_empty() {
            return state.guess(archive, new, self.guess());
        }
        let seen = new.into_iter().map(|name| (name, BTreeSet::new()));
        state.see(archive, self.syncs, seen)
    }

    /// When a device may have synced that does not say so.
    fn guess(&self) -> i64 {
        self.now.timestamp_millis() - TRACKER_KEEPS_MS
    }
}

/// Whether a due day is still to be looked at by a run of these days, all of which it has had: what lies before all that is
/// wanted is nobody's business.
#[must_use]
pub fn is_left(day: NaiveDate, range: &RangeInclusive<NaiveDate>, from: Option<NaiveDate>) -> bool {
    let is_before = day < *range.start() && from.is_none();
    !(range.contains(&day) || is_before)
}
