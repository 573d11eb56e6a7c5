//! Changes that take something away: an import may learn that samples belong to another day than it thought.

use super::{Archive, Change, DayFile, Error, Folder, Store, parquet_file};
use crate::day::Detail;
use chrono::NaiveDate;
use std::fs::{self, File, TryLockError};

impl<S: Store> Archive<S> {
    /// Puts what `decide` makes of a day's file in its place: another file, or none.
    ///
    /// What it gives must be as [`super::merge()`] or [`super::merge::normalized`] leave it. It is asked again if somebody else wrote in between. Answers `None` where there was no file and is none.
    ///
    /// # Errors
    /// Fails when the file that is there cannot be read, or the new one cannot be written.
    pub fn rework(
        &self,
        detail: Detail,
        date: NaiveDate,
        decide: impl Fn(Option<DayFile>) -> Option<DayFile>,
    ) -> Result<Option<Change>, Error> {
        loop {
            let (before, after) = self.decided(detail, date, &decide)?;
            match (before, after) {
                (None, None) => return Ok(None),
                (Some(before), None) => {
                    if self.store.remove(detail, date, &before)? {
                        return Ok(Some(Change::Changed));
                    }
                }
                (before, Some(after)) => {
                    if let Some(change) = self.put(detail, date, before.as_deref(), &after)? {
                        return Ok(Some(change));
                    }
                }
            }
        }
    }

    /// What [`Archive::rework`] would do; nothing is written.
    ///
    /// # Errors
    /// Fails when the file that is there cannot be read.
    pub fn foresee(
        &self,
        detail: Detail,
        date: NaiveDate,
        decide: impl Fn(Option<DayFile>) -> Option<DayFile>,
    ) -> Result<Option<Change>, Error> {
        let (before, after) = self.decided(detail, date, &decide)?;
        Ok(match (before, after) {
            (None, None) => None,
            (None, Some(_)) => Some(Change::Created),
            (Some(before), Some(after)) if before == after => Some(Change::Unchanged),
            (Some(_), _) => Some(Change::Changed),
        })
    }

    #[allow(clippy::type_complexity, reason = "bytes before and after")]
    fn decided(
        &self,
        detail: Detail,
        date: NaiveDate,
        decide: &impl Fn(Option<DayFile>) -> Option<DayFile>,
    ) -> Result<(Option<Vec<u8>>, Option<Vec<u8>>), Error> {
        let stored = self.store.read(detail, date)?;
        let before = match &stored {
            Some(bytes) => Some(self.decode(detail, date, bytes)?),
            None => None,
        };
        let after = decide(before)
            .map(|file| parquet_file::encode(&file).map_err(Error::Encode))
            .transpose()?;
        Ok((stored, after))
    }
}

/// Keeps other imports waiting until it is dropped.
#[derive(Debug)]
pub struct ImportLock {
    _file: File,
}

impl Archive<Folder> {
    /// Its name; it stands above `heart_rate/`, where no reader of the data set meets it.
    const IMPORT_LOCK: &'static str = ".fitbit-hr.import.lock";

    /// Waits until no other import works on this archive, and keeps others waiting.
    ///
    /// An import decides on a day by its neighbours, so two of them must not take turns. Syncs are not kept waiting.
    /// `waits` is called if there is one to wait for.
    ///
    /// # Errors
    /// Fails when the folder or the lock cannot be made.
    pub fn lock_for_import(&self, waits: impl FnOnce()) -> Result<ImportLock, Error> {
        let path = self.root().join(Self::IMPORT_LOCK);
        let open = || {
            fs::create_dir_all(self.root())?;
            let file = File::options()
                .create(true)
                .truncate(false)
                .write(true)
                .open(&path)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    waits();
                    file.lock()?;
                }
                Err(TryLockError::Error(error)) => return Err(error),
            }
            Ok(ImportLock { _file: file })
        };
        open().map_err(|cause| Error::Lock { path, cause })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::day::{Day, Provider, Sample};

    fn day(bpm: u16) -> DayFile {
        let date = NaiveDate::from_ymd_opt(2017, 6, 1).expect("a date");
        let mut day = Day::empty(date, Detail::Sec1, Provider::Takeout);
        day.samples = vec![Sample::at(1_496_289_600_000, 0, bpm)];
        DayFile::new(day)
    }

    #[test]
    fn a_day_is_replaced_foreseen_and_taken_away() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let archive = Archive::open(folder.path(), None);
        let date = day(60).day.date;
        let work =
            |file: Option<DayFile>| archive.rework(Detail::Sec1, date, move |_| file.clone());
        let sees =
            |file: Option<DayFile>| archive.foresee(Detail::Sec1, date, move |_| file.clone());
        for (file, change) in [
            (None, None),
            (Some(day(60)), Some(Change::Created)),
            (Some(day(60)), Some(Change::Unchanged)),
            (Some(day(61)), Some(Change::Changed)),
            (None, Some(Change::Changed)),
            (None, None),
        ] {
            assert_eq!(sees(file.clone()).expect("readable"), change);
            assert_eq!(work(file.clone()).expect("writable"), change);
            let stored = archive.read(Detail::Sec1, date).expect("readable");
            let bpm = |file: &DayFile| file.day.samples[0].bpm;
            assert_eq!(stored.as_ref().map(bpm), file.as_ref().map(bpm));
        }
    }

    #[test]
    fn a_second_import_waits_for_the_first() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let archive = Archive::open(&folder.path().join("new"), None);
        let first = archive
            .lock_for_import(|| panic!("nobody is there"))
            .expect("locked");
        std::thread::scope(|scope| {
            let (tell, told) = std::sync::mpsc::channel();
            let second =
                scope.spawn(|| archive.lock_for_import(move || tell.send(()).expect("heard")));
            told.recv().expect("the second one waits");
            drop(first);
            second.join().expect("no panic").expect("locked in the end");
        });
    }
}
