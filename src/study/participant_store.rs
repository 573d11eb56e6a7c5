//! The part of the data set that is one participant's, as an archive: guarded against writing for somebody who has withdrawn.
//!
//! What a run writes is noted with what was there before. After each write it looks for a tombstone; where there is one,
//! everything that this run wrote is taken back, or, where the data are to be erased, taken away.

use super::id::Id;
use super::tombstone;
use crate::archive::refused::Refused;
use crate::archive::{Entry, Error, Key, Layout, Series, Store};
use crate::objects::Objects;
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// A participant's part of the store, as an archive's place.
#[derive(Debug)]
pub struct ParticipantStore {
    objects: Arc<dyn Objects>,
    id: Id,
    layout: Layout,
    root: PathBuf,
    /// What this run wrote, and what was there before.
    written: Mutex<BTreeMap<String, Option<Bytes>>>,
}

/// The name of an object, of the parts of a path.
fn name(path: &Path) -> String {
    let parts = path.iter().map(|part| part.to_string_lossy());
    parts.collect::<Vec<_>>().join("/")
}

impl ParticipantStore {
    /// The part of this participant. Does no I/O.
    #[must_use]
    pub fn new(objects: Arc<dyn Objects>, id: Id) -> Self {
        Self {
            root: objects.locate(""),
            layout: Layout::of_participant(id.as_str()),
            objects,
            id,
            written: Mutex::default(),
        }
    }

    /// Takes back what this run wrote, if the participant has withdrawn; whether that is so.
    ///
    /// # Errors
    /// Fails when the store cannot be read or written.
    pub fn yields(&self) -> Result<bool, Error> {
        let Some(tombstone) = tombstone::of(&*self.objects, &self.id)? else {
            return Ok(false);
        };
        let written = std::mem::take(&mut *self.notes());
        for (name, before) in written {
            match before {
                Some(before) if !tombstone.erase => self.objects.put(&name, &before)?,
                _ => self.objects.delete(&name)?,
            }
        }
        Ok(true)
    }

    fn notes(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Option<Bytes>>> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what was there before the first write of this run, and does it; then looks for a tombstone.
    fn guarded(
        &self,
        name: &str,
        before: Option<&[u8]>,
        write: impl FnOnce() -> Result<bool, crate::objects::Error>,
    ) -> Result<bool, Error> {
        let is_first = {
            let mut notes = self.notes();
            let is_first = !notes.contains_key(name);
            if is_first {
                notes.insert(name.to_owned(), before.map(Bytes::copy_from_slice));
            }
            is_first
        };
        let written = write();
        if is_first && !matches!(written, Ok(true)) {
            self.notes().remove(name);
        }
        if !written? {
            return Ok(false);
        }
        if self.yields()? {
            return Err(Error::Refused(Refused::Withdrawn));
        }
        Ok(true)
    }
}

impl Store for ParticipantStore {
    fn series(&self) -> Result<Vec<Series>, Error> {
        let mut all = Vec::new();
        for table in self.objects.folders("")? {
            if table.starts_with(['.', '_']) || table.contains('=') {
                continue;
            }
            let within = self.objects.folders(&name(&self.layout.table(&table)))?;
            if within.iter().any(|folder| folder.starts_with("year=")) {
                all.push(Series::new(&table, None));
            }
            let details: BTreeSet<_> = within
                .iter()
                .filter_map(|folder| folder.strip_prefix("detail=")?.parse().ok())
                .collect();
            all.extend(
                details
                    .into_iter()
                    .map(|detail| Series::new(&table, Some(detail))),
            );
        }
        all.sort_unstable();
        Ok(all)
    }

    fn list(&self, series: &Series) -> Result<Vec<Entry>, Error> {
        let listed = self.objects.list(&name(&self.layout.folder(series)))?;
        let entry = |object: crate::objects::Object| {
            let file = object.name.rsplit('/').next()?;
            let key = Key::named(series, file)?;
            // A file in another month's folder is nobody's: it would never be read.
            let is_there = name(&self.layout.path(&key)) == object.name;
            is_there.then_some(Entry {
                key,
                bytes: object.bytes,
            })
        };
        let mut entries: Vec<_> = listed.into_iter().filter_map(entry).collect();
        entries.sort_unstable();
        Ok(entries)
    }

    fn read(&self, key: &Key) -> Result<Option<Bytes>, Error> {
        Ok(self.objects.read(&name(&self.layout.path(key)))?)
    }

    fn read_tail(&self, key: &Key, length: u64) -> Result<Option<Bytes>, Error> {
        Ok(self
            .objects
            .read_tail(&name(&self.layout.path(key)), length)?)
    }

    fn replace(&self, key: &Key, before: Option<&[u8]>, bytes: &[u8]) -> Result<bool, Error> {
        let name = name(&self.layout.path(key));
        self.guarded(&name, before, || self.objects.replace(&name, before, bytes))
    }

    fn remove(&self, key: &Key, before: &[u8]) -> Result<bool, Error> {
        let name = name(&self.layout.path(key));
        self.guarded(&name, Some(before), || self.objects.remove(&name, before))
    }

    fn flush(&self) {
        self.objects.flush();
    }

    fn locate(&self, key: &Key) -> PathBuf {
        self.objects.locate(&name(&self.layout.path(key)))
    }

    fn root(&self) -> &Path {
        &self.root
    }

    fn memory(&self) -> Result<Option<Bytes>, Error> {
        Ok(self.objects.read(&name(&self.layout.memory()))?)
    }

    fn remember(&self, memory: &[u8]) -> Result<(), Error> {
        let name = name(&self.layout.memory());
        let before = self.objects.read(&name)?;
        let write = || self.objects.put(&name, memory).map(|()| true);
        self.guarded(&name, before.as_deref(), write).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::day::Detail;
    use crate::objects::Folder;
    use chrono::NaiveDate;

    fn key(day: u32) -> Key {
        let date = NaiveDate::from_ymd_opt(2026, 6, day).expect("a date");
        Series::heart_rate(Detail::Sec1).day(date)
    }

    #[test]
    fn what_a_run_wrote_for_somebody_who_withdraws_is_taken_back() {
        for erase in [false, true] {
            let folder = tempfile::tempdir().expect("a folder");
            let objects: Arc<dyn Objects> =
                Arc::new(Folder::new(folder.path().to_owned(), "_fitbit_hr/lock"));
            let id: Id = "P001".parse().expect("an id");
            let participant_store =
                |id: &Id| ParticipantStore::new(Arc::clone(&objects), id.clone());
            let before = participant_store(&id);
            assert!(
                before
                    .replace(&key(1), None, b"yesterday")
                    .expect("written")
            );
            before.remember(b"earlier").expect("written");
            let run = participant_store(&id);
            assert!(
                run.replace(&key(1), Some(b"yesterday"), b"today")
                    .expect("written")
            );
            assert!(run.replace(&key(2), None, b"new").expect("written"));
            assert!(
                !run.replace(&key(3), Some(b"no"), b"x")
                    .expect("not as it was")
            );
            run.remember(b"later").expect("written");
            assert!(!run.yields().expect("readable"), "nobody has withdrawn");
            tombstone::put(&*objects, &id, chrono::DateTime::UNIX_EPOCH, erase).expect("written");
            let refused = run.replace(&key(4), None, b"too late");
            assert!(matches!(refused, Err(Error::Refused(Refused::Withdrawn))));
            let kept = |day| before.read(&key(day)).expect("readable");
            let memory = before.memory().expect("readable");
            assert_eq!((kept(2), kept(3), kept(4)), (None, None, None));
            let stays = |bytes: &'static [u8]| (!erase).then(|| Bytes::from_static(bytes));
            assert_eq!((kept(1), memory), (stays(b"yesterday"), stays(b"earlier")));
            assert!(run.yields().expect("readable"));
        }
    }

    #[test]
    fn a_participant_store_shows_its_own_files_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let objects: Arc<dyn Objects> =
            Arc::new(Folder::new(folder.path().to_owned(), "_fitbit_hr/lock"));
        let [a, b] = ["P001", "P0010"].map(|id| {
            let id = id.parse().expect("an id");
            ParticipantStore::new(Arc::clone(&objects), id)
        });
        let year = Series::new("sleep", None).year(2026);
        for (participant_store, key) in [(&a, key(1)), (&b, key(2)), (&b, year.clone())] {
            assert!(
                participant_store
                    .replace(&key, None, b"x")
                    .expect("written")
            );
        }
        objects
            .put(
                "heart_rate/participant=P001/detail=1sec/year=2026/month=07/2026-06-09.parquet",
                b"x",
            )
            .expect("written");
        let listed = |participant_store: &ParticipantStore, series: &Series| -> Vec<Key> {
            let entries = participant_store.list(series).expect("listed");
            entries.into_iter().map(|entry| entry.key).collect()
        };
        assert_eq!(listed(&a, &key(1).series), [key(1)]);
        assert_eq!(a.series().expect("listed"), [key(1).series]);
        assert_eq!(b.series().expect("listed"), [key(1).series, year.series]);
    }
}
