//! What no file of the archive shows, kept beside it.
//!
//! From which day on it is wanted: an interrupted backfill goes on where it was, although the newest days come first. And up
//! to when each device had synced when it was last seen: what it brings later may belong to days that are settled, so these
//! are due for another look, until some run has had it. And, while a run is not finished, on which other clocks it met
//! samples: they may belong to days that are still to come, and lie in windows that are done with.

use super::stale::Stale;
use crate::archive::Error;
use crate::atomic_file::{self, Access};
use crate::file_version;
use crate::settled::Syncs;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Stands above `heart_rate/`, as the archive's lock does: no reader of the data set meets it.
const NAME: &str = ".fitbit-hr.sync.json";

/// What this version writes.
const VERSION: u32 = 1;

/// What is remembered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncState {
    /// By series, which for heart rate is its level of detail: nothing before this day was asked for, or there is nothing.
    #[serde(default)]
    wanted_from: BTreeMap<String, NaiveDate>,
    /// By series: the first day that the service has.
    #[serde(default)]
    begins: BTreeMap<String, NaiveDate>,
    /// By series, for devices that were not told apart, in milliseconds since 1970-01-01T00:00:00Z.
    #[serde(default)]
    synced_until: BTreeMap<String, i64>,
    /// By series and device: when it had last synced, as it was last seen.
    #[serde(default)]
    devices: BTreeMap<String, BTreeMap<String, i64>>,
    /// By series: days to be looked at again, settled or not.
    #[serde(default)]
    due: BTreeMap<String, BTreeSet<NaiveDate>>,
    /// By series, in seconds ahead of UTC.
    #[serde(default)]
    clocks: BTreeMap<String, BTreeSet<i32>>,
    /// Series that have stopped, at the last run that looked up to its today.
    #[serde(default)]
    stale: Vec<Stale>,
    /// The version of this file.
    #[serde(default)]
    version: u32,
}

impl SyncState {
    /// Whether a newer version of the program wrote the file, so that this one must leave it alone.
    #[must_use]
    pub fn is_newer(root: &Path) -> bool {
        let bytes = fs::read(root.join(NAME)).unwrap_or_default();
        file_version::is_newer(&bytes, VERSION)
    }

    /// Series that had stopped when it was looked last.
    #[must_use]
    pub fn stale(&self) -> &[Stale] {
        &self.stale
    }

    /// Remembers which series have stopped, in the place of what was.
    ///
    /// # Errors
    /// As [`SyncState::want`].
    pub fn set_stale(&mut self, root: &Path, stale: Vec<Stale>) -> Result<(), Error> {
        if self.stale == stale {
            return Ok(());
        }
        self.stale = stale;
        self.write(root)
    }

    /// What is remembered about the archive below `root`; nothing where the file is missing or damaged.
    #[must_use]
    pub fn read(root: &Path) -> Self {
        fs::read(root.join(NAME))
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default()
    }

    /// The first day that was asked for.
    #[must_use]
    pub fn wanted_from(&self, series: &str) -> Option<NaiveDate> {
        self.wanted_from.get(series).copied()
    }

    /// Remembers that days from `first` on are wanted.
    ///
    /// # Errors
    /// Fails when the file cannot be written.
    pub fn want(&mut self, root: &Path, series: &str, first: NaiveDate) -> Result<(), Error> {
        self.want_all(root, [(series, first)])
    }

    /// Remembers that days of several series are wanted.
    ///
    /// # Errors
    /// As [`SyncState::want`].
    pub fn want_all<'a>(
        &mut self,
        root: &Path,
        all: impl IntoIterator<Item = (&'a str, NaiveDate)>,
    ) -> Result<(), Error> {
        let before = self.clone();
        for (series, first) in all {
            let wanted = self.wanted_from.entry(series.to_owned()).or_insert(first);
            *wanted = first.min(*wanted);
        }
        self.write_unless(&before, root)
    }

    /// The first day that the service has, where it was looked for.
    #[must_use]
    pub fn begins(&self, series: &str) -> Option<NaiveDate> {
        self.begins.get(series).copied()
    }

    /// Remembers the first day that the service has, and that all days from then on are wanted.
    ///
    /// # Errors
    /// As [`SyncState::want`].
    pub fn begin(&mut self, root: &Path, series: &str, first: NaiveDate) -> Result<(), Error> {
        self.begins.insert(series.to_owned(), first);
        self.want(root, series, first)
    }

    /// Nothing is known of what devices had brought at an earlier run.
    #[must_use]
    pub fn knows_no_sync(&self, series: &str) -> bool {
        !self.devices.contains_key(series) && !self.synced_until.contains_key(series)
    }

    /// The days to be looked at again, whether or not they are settled.
    #[must_use]
    pub fn due(&self, series: &str) -> BTreeSet<NaiveDate> {
        self.due.get(series).cloned().unwrap_or_default()
    }

    /// The earliest instant of which some device has brought data since it was last seen.
    ///
    /// A device that was never seen is newer than the last look at the others.
    #[must_use]
    pub fn unseen_since(&self, series: &str, syncs: &Syncs) -> Option<i64> {
        let known = self.devices.get(series);
        let others = known
            .and_then(|known| known.values().max())
            .or(self.synced_until.get(series));
        let unseen = syncs.0.iter().filter_map(|(device, now)| {
            let before = known.and_then(|known| known.get(device)).or(others)?;
            (before < now).then_some(*before)
        });
        unseen.min()
    }

    /// Remembers when the devices had synced, and which days are still to be looked at for what they brought.
    ///
    /// # Errors
    /// As [`SyncState::want`].
    pub fn see(
        &mut self,
        root: &Path,
        series: &str,
        syncs: &Syncs,
        due: BTreeSet<NaiveDate>,
    ) -> Result<(), Error> {
        self.see_all(root, syncs, [(series, due)])
    }

    /// The same of several series.
    ///
    /// # Errors
    /// As [`SyncState::want`].
    pub fn see_all<'a>(
        &mut self,
        root: &Path,
        syncs: &Syncs,
        all: impl IntoIterator<Item = (&'a str, BTreeSet<NaiveDate>)>,
    ) -> Result<(), Error> {
        let before = self.clone();
        for (series, due) in all {
            let devices = self.devices.entry(series.to_owned()).or_default();
            devices.extend(syncs.0.clone());
            self.due.insert(series.to_owned(), due);
        }
        self.devices.retain(|_, devices| !devices.is_empty());
        self.due.retain(|_, due| !due.is_empty());
        self.write_unless(&before, root)
    }

    /// Remembers up to when devices may have synced that do not say so.
    ///
    /// # Errors
    /// As [`SyncState::want`].
    pub fn guess<'a>(
        &mut self,
        root: &Path,
        all: impl IntoIterator<Item = &'a str>,
        sync: i64,
    ) -> Result<(), Error> {
        let before = self.clone();
        for series in all {
            self.synced_until.insert(series.to_owned(), sync);
        }
        self.write_unless(&before, root)
    }

    /// Clocks that were met on samples of days other than the fetched ones, since the last run that left nothing undone.
    #[must_use]
    pub fn clocks(&self, series: &str) -> BTreeSet<i32> {
        self.clocks.get(series).cloned().unwrap_or_default()
    }

    /// Remembers these clocks in the place of what was; none of them is to forget them.
    ///
    /// # Errors
    /// As [`SyncState::want`].
    pub fn meet(&mut self, root: &Path, series: &str, clocks: &BTreeSet<i32>) -> Result<(), Error> {
        if &self.clocks(series) == clocks {
            return Ok(());
        }
        self.clocks.insert(series.to_owned(), clocks.clone());
        self.write(root)
    }

    fn write_unless(&self, before: &Self, root: &Path) -> Result<(), Error> {
        if self == before {
            return Ok(());
        }
        self.write(root)
    }

    fn write(&self, root: &Path) -> Result<(), Error> {
        let file = Self {
            version: VERSION,
            ..self.clone()
        };
        let text = serde_json::to_vec_pretty(&file)
            .map_err(|error| Error::Encode(format!("the state of sync: {error}")))?;
        let file = atomic_file::with_bytes(&root.join(NAME), &text, Access::Shared);
        file.and_then(atomic_file::Pending::commit)
            .map(drop)
            .map_err(Error::Write)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_day_that_was_asked_for_is_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let day = |text: &str| text.parse::<NaiveDate>().expect("a date");
        assert_eq!(SyncState::read(folder.path()), SyncState::default());
        for (asked, kept) in [
            ("2020-01-01", "2020-01-01"),
            ("2021-01-01", "2020-01-01"),
            ("2019-01-01", "2019-01-01"),
        ] {
            SyncState::read(folder.path())
                .want(folder.path(), "1sec", day(asked))
                .expect("writable");
            assert!(!SyncState::is_newer(folder.path()));
            let state = SyncState::read(folder.path());
            assert_eq!(state.wanted_from("1sec"), Some(day(kept)));
            assert_eq!(state.wanted_from("1min"), None);
        }
        SyncState::read(folder.path())
            .guess(folder.path(), ["1sec"], 7)
            .expect("writable");
        for clocks in [[3600].into(), BTreeSet::new(), [7200].into()] {
            let mut state = SyncState::read(folder.path());
            let met = state.meet(folder.path(), "1sec", &clocks);
            met.expect("writable");
            assert_eq!(SyncState::read(folder.path()).clocks("1sec"), clocks);
        }
        let state = SyncState::read(folder.path());
        assert!(!state.knows_no_sync("1sec") && state.knows_no_sync("1min"));
        assert_eq!(state.begins("1sec"), None);
        assert_eq!(state.wanted_from("1sec"), Some(day("2019-01-01")));
        fs::write(folder.path().join(NAME), r#"{"version": 2, "begins": 5}"#).expect("writable");
        assert!(SyncState::is_newer(folder.path()));
        fs::write(folder.path().join(NAME), "{").expect("writable");
        assert_eq!(SyncState::read(folder.path()), SyncState::default());
    }

    #[test]
    fn each_device_is_unseen_since_its_own_last_sync() {
        let folder = tempfile::tempdir().expect("a folder");
        let detail = "1sec";
        let syncs = |devices: &[(&str, i64)]| {
            let named = devices.iter().map(|(name, at)| ((*name).to_owned(), *at));
            Syncs(named.collect())
        };
        // As an earlier version wrote it.
        fs::write(folder.path().join(NAME), r#"{"synced_until":{"1sec":50}}"#).expect("writable");
        let mut state = SyncState::read(folder.path());
        assert_eq!(state.unseen_since(detail, &syncs(&[("a", 50)])), None);
        assert_eq!(state.unseen_since(detail, &syncs(&[("a", 60)])), Some(50));
        let day: NaiveDate = "2026-06-01".parse().expect("a date");
        let seen = state.see(
            folder.path(),
            detail,
            &syncs(&[("a", 60), ("b", 20)]),
            [day].into(),
        );
        seen.expect("writable");
        let state = SyncState::read(folder.path());
        assert_eq!(state.due(detail), [day].into());
        for (now, expected) in [
            (vec![("a", 60), ("b", 20)], None),
            (vec![("a", 70), ("b", 20)], Some(60)),
            // One that had been away has synced again.
            (vec![("a", 70), ("b", 65)], Some(20)),
            (vec![("b", 20)], None),
            (vec![("a", 60), ("c", 80)], Some(60)),
            (vec![], None),
        ] {
            assert_eq!(
                state.unseen_since(detail, &syncs(&now)),
                expected,
                "{now:?}"
            );
        }
    }
}
