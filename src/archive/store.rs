//! How the archive's files are reached: list, read, replace, by their [`Key`]. Each is a named object, in a folder or in a
//! bucket.

use super::{Error, Key, Layout, Series};
use crate::objects::{Folder, Object, Objects};
use bytes::Bytes;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// A file of the archive.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// What it is called.
    pub key: Key,
    /// Its size.
    pub bytes: u64,
}

/// The place for the files of an archive.
///
/// Readers see whole files only: the earlier one or the later one, never a part.
#[derive(Debug)]
pub struct Store {
    objects: Arc<dyn Objects>,
    layout: Layout,
    root: PathBuf,
    /// Set when what killed runs left has been swept up.
    swept: OnceLock<()>,
}

impl Store {
    /// The lock's name in a folder. It stands above the tables, so that no reader of the data set meets it.
    const LOCK: &'static str = ".fitbit-hr.lock";

    /// A folder of one wearer. Does no I/O; the folder need not exist.
    #[must_use]
    pub fn of_folder(root: &Path) -> Self {
        let objects = Arc::new(Self::folder(root));
        Self {
            swept: OnceLock::new(),
            ..Self::new(objects, Layout::default())
        }
    }

    /// The objects of a wearer among others', where somebody else sweeps. Does no I/O.
    #[must_use]
    pub fn new(objects: Arc<dyn Objects>, layout: Layout) -> Self {
        Self {
            root: objects.locate(""),
            objects,
            layout,
            swept: OnceLock::from(()),
        }
    }

    /// The objects of a folder of one wearer.
    pub(super) fn folder(root: &Path) -> Folder {
        Folder::new(root.to_owned(), Self::LOCK)
    }

    /// The series that were ever written, ascending by name, then by detail.
    ///
    /// # Errors
    /// Fails when the place cannot be listed.
    pub fn series(&self) -> Result<Vec<Series>, Error> {
        let mut all = Vec::new();
        for table in self.objects.folders("")? {
            if !Layout::is_table(&table) {
                continue;
            }
            let within = self.objects.folders(&self.layout.table(&table))?;
            if within.iter().any(|folder| folder.starts_with("year=")) {
                all.push(Series::new(&table, None));
            }
            let details: BTreeSet<_> = within
                .iter()
                .filter_map(|folder| folder.strip_prefix("detail=")?.parse().ok())
                .collect();
            let of_detail = |detail| Series::new(&table, Some(detail));
            all.extend(details.into_iter().map(of_detail));
        }
        all.sort_unstable();
        Ok(all)
    }

    /// The files of a series, ascending by time; none where nothing was ever written.
    ///
    /// # Errors
    /// Fails when the place cannot be listed.
    pub fn list(&self, series: &Series) -> Result<Vec<Entry>, Error> {
        let listed = self.objects.list(&self.layout.folder(series))?;
        let entry = |object: Object| {
            let key = Key::named(series, object.name.rsplit('/').next()?)?;
            // A file in another month's folder is nobody's: it would never be read.
            (self.layout.name(&key) == object.name).then_some(Entry {
                key,
                bytes: object.bytes,
            })
        };
        let mut entries: Vec<_> = listed.into_iter().filter_map(entry).collect();
        entries.sort_unstable();
        Ok(entries)
    }

    /// The bytes of a file; `None` where there is none.
    ///
    /// # Errors
    /// Fails when the file cannot be read.
    pub fn read(&self, key: &Key) -> Result<Option<Bytes>, Error> {
        Ok(self.objects.read(&self.layout.name(key))?)
    }

    /// The last `length` bytes of a file, or all of a shorter one; `None` where there is none.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub fn read_tail(&self, key: &Key, length: u64) -> Result<Option<Bytes>, Error> {
        Ok(self.objects.read_tail(&self.layout.name(key), length)?)
    }

    /// Puts `bytes` in the place of `before` (`None`: of nothing) in one step. It outlasts a power cut after
    /// [`Store::flush`]; until then the earlier file, whole, may be what a power cut leaves.
    ///
    /// Answers `false`, and changes nothing, if the file is not what it was.
    ///
    /// # Errors
    /// Fails when the file cannot be written; the earlier one is as it was.
    pub fn replace(&self, key: &Key, before: Option<&[u8]>, bytes: &[u8]) -> Result<bool, Error> {
        self.swept.get_or_init(|| self.sweep());
        Ok(self
            .objects
            .replace(&self.layout.name(key), before, bytes)?)
    }

    /// Takes a file away, in one step.
    ///
    /// Answers `false`, and changes nothing, if the file is not what it was.
    ///
    /// # Errors
    /// Fails when the file cannot be removed; it is as it was.
    pub fn remove(&self, key: &Key, before: &[u8]) -> Result<bool, Error> {
        Ok(self.objects.remove(&self.layout.name(key), before)?)
    }

    /// Makes what was replaced and removed outlast a power cut; the last owner that is dropped does so, too.
    pub fn flush(&self) {
        self.objects.flush();
    }

    /// Where a file is, for messages.
    #[must_use]
    pub fn locate(&self, key: &Key) -> PathBuf {
        self.objects.locate(&self.layout.name(key))
    }

    /// Where all of it is: the folder, or an address for messages.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What sync remembers beside the data; `None` where nothing has been remembered.
    ///
    /// # Errors
    /// Fails when it cannot be read.
    pub fn memory(&self) -> Result<Option<Bytes>, Error> {
        Ok(self.objects.read(&self.layout.memory())?)
    }

    /// Puts what sync remembers in the place of what was, in one step; it outlasts a power cut.
    ///
    /// # Errors
    /// Fails when it cannot be written; the earlier memory is as it was.
    pub fn remember(&self, memory: &[u8]) -> Result<(), Error> {
        Ok(self.objects.put(&self.layout.memory(), memory)?)
    }

    /// What killed runs left anywhere in the archive goes.
    fn sweep(&self) {
        for series in self.series().unwrap_or_default() {
            let folder = self.layout.folder(&series);
            let is_ours = |name: &str| Key::named(&series, name).is_some();
            self.objects.sweep(&folder, &is_ours);
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::day::Detail;
    use chrono::NaiveDate;

    /// Heart rate of a day of June 2026.
    pub(crate) fn key(day: u32) -> Key {
        let date = NaiveDate::from_ymd_opt(2026, 6, day).expect("a date");
        Series::heart_rate(Detail::Sec1).day(date)
    }

    #[test]
    fn a_wearer_among_others_has_the_own_files_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let objects: Arc<dyn Objects> =
            Arc::new(Folder::new(folder.path().to_owned(), "_fitbit_hr/lock"));
        let [a, b] = ["P001", "P0010"]
            .map(|id| Store::new(Arc::clone(&objects), Layout::of_participant(id)));
        let year = Series::new("sleep", None).year(2026);
        for (store, key) in [(&a, key(1)), (&b, key(2)), (&b, year.clone())] {
            assert!(store.replace(&key, None, b"x").expect("written"));
        }
        objects
            .put(
                "heart_rate/participant=P001/detail=1sec/year=2026/month=07/2026-06-09.parquet",
                b"x",
            )
            .expect("written");
        let listed = |store: &Store, series: &Series| -> Vec<Key> {
            let entries = store.list(series).expect("listed");
            entries.into_iter().map(|entry| entry.key).collect()
        };
        assert_eq!(listed(&a, &key(1).series), [key(1)]);
        assert_eq!(a.series().expect("listed"), [key(1).series]);
        assert_eq!(b.series().expect("listed"), [key(1).series, year.series]);
    }
}
