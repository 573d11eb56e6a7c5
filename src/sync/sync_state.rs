//! What no file of the archive shows, kept beside it.
//!
//! From which day on it is wanted: an interrupted backfill goes on where it was, although the newest days come first. And up
//! to when each device had synced when it was last seen: what it brings later may belong to days that are settled, so these
//! are due for another look, until some run has had it. And, while a run is not finished, on which other clocks it met
//! samples: they may belong to days that are still to come, and lie in windows that are done with.

use super::stale::Stale;
use crate::archive::{Archive, Error};
use crate::file_version;
use crate::settled::Syncs;
use crate::tasks::in_place;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

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
    /// Whether a newer version of the program wrote it, so that this one must leave it alone.
    ///
    /// # Errors
    /// As [`SyncState::read`].
    pub fn is_newer(archive: &Archive) -> Result<bool, Error> {
        let bytes = in_place(|| archive.memory())?.unwrap_or_default();
        Ok(file_version::is_newer(&bytes, VERSION))
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
    pub fn set_stale(&mut self, archive: &Archive, stale: Vec<Stale>) -> Result<(), Error> {
        if self.stale == stale {
            return Ok(());
        }
        self.stale = stale;
        self.write(archive)
    }

    /// What is remembered about the archive; nothing where that is missing or damaged.
    ///
    /// # Errors
    /// Fails when it is there and cannot be read.
    pub fn read(archive: &Archive) -> Result<Self, Error> {
        let bytes = in_place(|| archive.memory())?;
        let state = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Ok(state.unwrap_or_default())
    }

    /// The first day that was asked for.
    #[must_use]
    pub fn wanted_from(&self, series: &str) -> Option<NaiveDate> {
        self.wanted_from.get(series).copied()
    }

    /// Remembers from which day on series are wanted.
    ///
    /// # Errors
    /// Fails when it cannot be written.
    pub fn want<'a>(
        &mut self,
        archive: &Archive,
        all: impl IntoIterator<Item = (&'a str, NaiveDate)>,
    ) -> Result<(), Error> {
        let before = self.clone();
        for (series, first) in all {
            let wanted = self.wanted_from.entry(series.to_owned()).or_insert(first);
            *wanted = first.min(*wanted);
        }
        self.write_unless(&before, archive)
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
    pub fn begin(
        &mut self,
        archive: &Archive,
        series: &str,
        first: NaiveDate,
    ) -> Result<(), Error> {
        self.begins.insert(series.to_owned(), first);
        self.want(archive, [(series, first)])
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

    /// Remembers when the devices had synced, and which days of series are still to be looked at for what they brought.
    ///
    /// # Errors
    /// As [`SyncState::want`].
    pub fn see<'a>(
        &mut self,
        archive: &Archive,
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
        self.write_unless(&before, archive)
    }

    /// Remembers up to when devices may have synced that do not say so.
    ///
    /// # Errors
    /// As [`SyncState::want`].
    pub fn guess<'a>(
        &mut self,
        archive: &Archive,
        all: impl IntoIterator<Item = &'a str>,
        sync: i64,
    ) -> Result<(), Error> {
        let before = self.clone();
        for series in all {
            self.synced_until.insert(series.to_owned(), sync);
        }
        self.write_unless(&before, archive)
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
    pub fn meet(
        &mut self,
        archive: &Archive,
        series: &str,
        clocks: &BTreeSet<i32>,
    ) -> Result<(), Error> {
        if &self.clocks(series) == clocks {
            return Ok(());
        }
        self.clocks.insert(series.to_owned(), clocks.clone());
        self.write(archive)
    }

    fn write_unless(&self, before: &Self, archive: &Archive) -> Result<(), Error> {
        if self == before {
            return Ok(());
        }
        self.write(archive)
    }

    fn write(&self, archive: &Archive) -> Result<(), Error> {
        let file = Self {
            version: VERSION,
            ..self.clone()
        };
        let text = serde_json::to_vec_pretty(&file)
            .map_err(|error| Error::Encode(format!("the state of sync: {error}")))?;
        in_place(|| archive.remember(&text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn read(archive: &Archive) -> SyncState {
        SyncState::read(archive).expect("readable")
    }

    #[test]
    fn the_earliest_day_that_was_asked_for_is_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let archive = Archive::open(folder.path(), None);
        let day = |text: &str| text.parse::<NaiveDate>().expect("a date");
        assert_eq!(read(&archive), SyncState::default());
        for (asked, kept) in [
            ("2020-01-01", "2020-01-01"),
            ("2021-01-01", "2020-01-01"),
            ("2019-01-01", "2019-01-01"),
        ] {
            read(&archive)
                .want(&archive, [("1sec", day(asked))])
                .expect("writable");
            assert!(!SyncState::is_newer(&archive).expect("readable"));
            let state = read(&archive);
            assert_eq!(state.wanted_from("1sec"), Some(day(kept)));
            assert_eq!(state.wanted_from("1min"), None);
        }
        read(&archive)
            .guess(&archive, ["1sec"], 7)
            .expect("writable");
        for clocks in [[3600].into(), BTreeSet::new(), [7200].into()] {
            let mut state = read(&archive);
            let met = state.meet(&archive, "1sec", &clocks);
            met.expect("writable");
            assert_eq!(read(&archive).clocks("1sec"), clocks);
        }
        let state = read(&archive);
        assert!(!state.knows_no_sync("1sec") && state.knows_no_sync("1min"));
        assert_eq!(state.begins("1sec"), None);
        assert_eq!(state.wanted_from("1sec"), Some(day("2019-01-01")));
        fs::write(
            folder.path().join(".fitbit-hr.sync.json"),
            r#"{"version": 2, "begins": 5}"#,
        )
        .expect("writable");
        assert!(SyncState::is_newer(&archive).expect("readable"));
        fs::write(folder.path().join(".fitbit-hr.sync.json"), "{").expect("writable");
        assert_eq!(read(&archive), SyncState::default());
    }

    #[test]
    fn each_device_is_unseen_since_its_own_last_sync() {
        let folder = tempfile::tempdir().expect("a folder");
        let archive = Archive::open(folder.path(), None);
        let detail = "1sec";
        let syncs = |devices: &[(&str, i64)]| {
            let named = devices.iter().map(|(name, at)| ((*name).to_owned(), *at));
            Syncs(named.collect())
        };
        // As an earlier version wrote it.
        fs::write(
            folder.path().join(".fitbit-hr.sync.json"),
            r#"{"synced_until":{"1sec":50}}"#,
        )
        .expect("writable");
        let mut state = read(&archive);
        assert_eq!(state.unseen_since(detail, &syncs(&[("a", 50)])), None);
        assert_eq!(state.unseen_since(detail, &syncs(&[("a", 60)])), Some(50));
        let day: NaiveDate = "2026-06-01".parse().expect("a date");
        let due = [(detail, [day].into())];
        let seen = state.see(&archive, &syncs(&[("a", 60), ("b", 20)]), due);
        seen.expect("writable");
        let state = read(&archive);
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
