//! How the archive's files are reached: list, read, replace, by their [`Key`]. A folder today; an object store could take
//! its place, with its conditional writes for [`Store::replace`].

use super::{Error, Key, Layout, Series};
use crate::atomic_file::{self, Access, leftovers};
use crate::day::Detail;
use bytes::Bytes;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// A file of the archive.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// What it is called.
    pub key: Key,
    /// Its size.
    pub bytes: u64,
}

/// A place for the files of an archive.
///
/// Readers see whole files only: the earlier one or the later one, never a part.
pub trait Store: std::fmt::Debug + Send + Sync {
    /// The series that were ever written, ascending by name, then by detail.
    ///
    /// # Errors
    /// Fails when the place cannot be listed.
    fn series(&self) -> Result<Vec<Series>, Error>;

    /// The files of a series, ascending by time; none where nothing was ever written.
    ///
    /// # Errors
    /// Fails when the place cannot be listed.
    fn list(&self, series: &Series) -> Result<Vec<Entry>, Error>;

    /// The bytes of a file; `None` where there is none.
    ///
    /// # Errors
    /// Fails when the file cannot be read.
    fn read(&self, key: &Key) -> Result<Option<Bytes>, Error>;

    /// The last `length` bytes of a file, or all of a shorter one; `None` where there is none.
    ///
    /// # Errors
    /// As [`Store::read`].
    fn read_tail(&self, key: &Key, length: u64) -> Result<Option<Bytes>, Error>;

    /// Puts `bytes` in the place of `before` (`None`: of nothing) in one step. It outlasts a power cut after
    /// [`Store::flush`]; until then the earlier file, whole, may be what a power cut leaves.
    ///
    /// Answers `false`, and changes nothing, if the file is not what it was.
    ///
    /// # Errors
    /// Fails when the file cannot be written; the earlier one is as it was.
    fn replace(&self, key: &Key, before: Option<&[u8]>, bytes: &[u8]) -> Result<bool, Error>;

    /// Takes a file away, in one step.
    ///
    /// Answers `false`, and changes nothing, if the file is not what it was.
    ///
    /// # Errors
    /// Fails when the file cannot be removed; it is as it was.
    fn remove(&self, key: &Key, before: &[u8]) -> Result<bool, Error>;

    /// Makes what was replaced and removed outlast a power cut; the last owner that is dropped does so, too.
    fn flush(&self);

    /// Where a file is, for messages.
    fn locate(&self, key: &Key) -> PathBuf;

    /// Where all of it is: the folder, or an address for messages.
    fn root(&self) -> &Path;

    /// What sync remembers beside the data; `None` where nothing has been remembered.
    ///
    /// # Errors
    /// Fails when it cannot be read.
    fn memory(&self) -> Result<Option<Bytes>, Error>;

    /// Puts what sync remembers in the place of what was, in one step; it outlasts a power cut.
    ///
    /// # Errors
    /// Fails when it cannot be written; the earlier memory is as it was.
    fn remember(&self, memory: &[u8]) -> Result<(), Error>;
}

/// A folder on this machine.
#[derive(Debug, Clone)]
pub struct Folder {
    root: PathBuf,
    layout: Layout,
    unflushed: Arc<Unflushed>,
    swept: Arc<OnceLock<()>>,
}

/// The folders whose entries have changed. To flush each once, at the end, is what makes thousands of days quick.
#[derive(Debug, Default)]
struct Unflushed(Mutex<BTreeSet<PathBuf>>);

impl Unflushed {
    fn add(&self, file: &Path) {
        let mut folders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        folders.extend(file.parent().map(Path::to_owned));
    }

    fn flush(&self) {
        let mut folders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for folder in std::mem::take(&mut *folders) {
            atomic_file::flush_folder(&folder);
        }
    }
}

impl Drop for Unflushed {
    fn drop(&mut self) {
        self.flush();
    }
}

impl Folder {
    /// The folder that holds the tables; it need not exist.
    #[must_use]
    pub fn new(root: PathBuf) -> Self {
        Self::laid_out(root, Layout::default())
    }

    /// The files of one wearer in a folder that many may share.
    #[must_use]
    pub fn laid_out(root: PathBuf, layout: Layout) -> Self {
        Self {
            root,
            layout,
            unflushed: Arc::default(),
            swept: Arc::default(),
        }
    }

    /// Takes a path among the entries if it is a file of the series.
    fn enter(&self, series: &Series, path: &Path, into: &mut Vec<Entry>) -> Result<(), Error> {
        // A file in another month's folder is nobody's: it would never be read.
        let key = Key::named(series, &name_of(path)).filter(|key| self.locate(key) == path);
        if let Some(key) = key
            && let Some(metadata) = found(path, fs::metadata(path))?
        {
            into.push(Entry {
                key,
                bytes: metadata.len(),
            });
        }
        Ok(())
    }

    /// Once, before the first file is written: what killed runs left anywhere in the archive goes.
    fn sweep(&self) {
        self.swept.get_or_init(|| {
            for series in self.series().unwrap_or_default() {
                let is_ours = |name: &str| Key::named(&series, name).is_some();
                let years = children(&self.folder_of(&series)).unwrap_or_default();
                let months = years
                    .iter()
                    .flat_map(|year| children(year).unwrap_or_default());
                for folder in years.iter().chain(&months.collect::<Vec<_>>()) {
                    leftovers::sweep(folder, is_ours);
                }
            }
        });
    }

    /// Keeps other threads and processes from replacing files until the answer is dropped.
    pub(super) fn lock(&self) -> Result<File, Error> {
        let path = self.root.join(self.layout.lock());
        let open = || {
            let mut options = File::options();
            options.create(true).truncate(false).write(true).open(&path)
        };
        let made = open().or_else(|cause| match path.parent() {
            Some(folder) if cause.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(folder)?;
                open()
            }
            _ => Err(cause),
        });
        let lock = made.and_then(|file| file.lock().map(|()| file));
        lock.map_err(|cause| Error::Lock { path, cause })
    }

    fn folder_of(&self, series: &Series) -> PathBuf {
        self.root.join(self.layout.folder(series))
    }
}

impl Store for Folder {
    fn series(&self) -> Result<Vec<Series>, Error> {
        let mut all = Vec::new();
        for folder in children(&self.root)?.iter().filter(|path| path.is_dir()) {
            let name = name_of(folder);
            if name.starts_with(['.', '_']) || name.contains('=') {
                continue;
            }
            let of = |folder: &PathBuf| name_of(folder).strip_prefix("detail=")?.parse().ok();
            let within = children(&self.root.join(self.layout.table(&name)))?;
            let details: BTreeSet<Detail> = within.iter().filter_map(of).collect();
            if within.iter().any(|path| name_of(path).starts_with("year=")) {
                all.push(Series::new(&name, None));
            }
            all.extend(
                details
                    .into_iter()
                    .map(|detail| Series::new(&name, Some(detail))),
            );
        }
        all.sort_unstable();
        Ok(all)
    }

    fn list(&self, series: &Series) -> Result<Vec<Entry>, Error> {
        let mut entries = Vec::new();
        for year in children(&self.folder_of(series))? {
            for below in children(&year)? {
                self.enter(series, &below, &mut entries)?;
                for file in children(&below)? {
                    self.enter(series, &file, &mut entries)?;
                }
            }
        }
        entries.sort_unstable();
        Ok(entries)
    }

    fn read(&self, key: &Key) -> Result<Option<Bytes>, Error> {
        let path = self.locate(key);
        found(&path, fs::read(&path).map(Bytes::from))
    }

    fn read_tail(&self, key: &Key, length: u64) -> Result<Option<Bytes>, Error> {
        let path = self.locate(key);
        let read = |mut file: File| {
            let size = file.seek(SeekFrom::End(0))?;
            file.seek(SeekFrom::Start(size.saturating_sub(length)))?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            Ok(Bytes::from(bytes))
        };
        found(&path, File::open(&path).and_then(read))
    }

    fn replace(&self, key: &Key, before: Option<&[u8]>, bytes: &[u8]) -> Result<bool, Error> {
        self.sweep();
        let path = self.locate(key);
        // The slow part, outside the lock: several threads write side by side.
        let mut pending =
            atomic_file::with_bytes(&path, bytes, Access::Shared).map_err(Error::Write)?;
        pending.flush().map_err(Error::Write)?;
        let _lock = self.lock()?;
        if self.read(key)?.as_deref() != before {
            return Ok(false);
        }
        self.unflushed.add(&path);
        pending.rename().map_err(Error::Write)?;
        Ok(true)
    }

    fn remove(&self, key: &Key, before: &[u8]) -> Result<bool, Error> {
        let path = self.locate(key);
        let _lock = self.lock()?;
        if self.read(key)?.as_deref() != Some(before) {
            return Ok(false);
        }
        self.unflushed.add(&path);
        fs::remove_file(&path).map_err(|cause| {
            Error::Write(atomic_file::Error::Write {
                path: path.clone(),
                cause,
            })
        })?;
        Ok(true)
    }

    fn flush(&self) {
        self.unflushed.flush();
    }

    fn locate(&self, key: &Key) -> PathBuf {
        self.root.join(self.layout.path(key))
    }

    fn root(&self) -> &Path {
        &self.root
    }

    fn memory(&self) -> Result<Option<Bytes>, Error> {
        let path = self.root.join(self.layout.memory());
        found(&path, fs::read(&path).map(Bytes::from))
    }

    fn remember(&self, memory: &[u8]) -> Result<(), Error> {
        let path = self.root.join(self.layout.memory());
        let file = atomic_file::with_bytes(&path, memory, Access::Shared);
        file.and_then(atomic_file::Pending::commit)
            .map(drop)
            .map_err(Error::Write)
    }
}

fn name_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// What a folder holds; nothing if it is not there or no folder.
fn children(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let list = |folder: &Path| -> io::Result<Vec<PathBuf>> {
        fs::read_dir(folder)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect()
    };
    Ok(found(folder, list(folder))?.unwrap_or_default())
}

/// Tells "not there" from "cannot be read".
fn found<T>(path: &Path, result: io::Result<T>) -> Result<Option<T>, Error> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(cause) if missing(&cause) => Ok(None),
        Err(cause) => Err(Error::Read {
            path: path.to_owned(),
            cause,
        }),
    }
}

fn missing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}
