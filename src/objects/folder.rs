//! Objects as files of a folder: written beside their place and renamed, under a lock where others may write, too.

use super::{Error, Object, Objects};
use crate::atomic_file::{self, Access, Pending, leftovers};
use bytes::Bytes;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// A folder on this machine, or one that several share.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
    lock: PathBuf,
    /// Folders whose entries changed; flushed once, at the end.
    unflushed: Mutex<BTreeSet<PathBuf>>,
}

impl Folder {
    /// A folder, which need not exist, and the name of the file in it whose lock guards it.
    #[must_use]
    pub fn new(root: PathBuf, lock: &str) -> Self {
        Self {
            lock: below(&root, lock),
            root,
            unflushed: Mutex::default(),
        }
    }

    /// Keeps other threads and processes from replacing objects until the answer is dropped.
    ///
    /// # Errors
    /// Fails when the lock's file cannot be made or locked.
    pub fn lock(&self) -> Result<File, Error> {
        let path = &self.lock;
        let open = || {
            fs::create_dir_all(path.parent().unwrap_or(&self.root))?;
            let mut options = File::options();
            let file = options
                .create(true)
                .truncate(false)
                .write(true)
                .open(path)?;
            file.lock().map(|()| file)
        };
        open().map_err(|cause| Error::Lock {
            path: path.clone(),
            cause,
        })
    }

    fn changed(&self, file: &Path) {
        let mut folders = self
            .unflushed
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        folders.extend(file.parent().map(Path::to_owned));
    }

    /// Adds the files below `folder` whose names, which begin with `prefix`, an object can have.
    fn collect(&self, folder: &Path, prefix: &str, into: &mut Vec<Object>) -> Result<(), Error> {
        for (name, path) in children(folder)? {
            let full = format!("{prefix}{name}");
            let Some(metadata) = found(&path, fs::metadata(&path))? else {
                continue;
            };
            if metadata.is_dir() {
                self.collect(&path, &format!("{full}/"), into)?;
            } else if path != self.lock && !is_in_the_making(&name) {
                into.push(Object {
                    name: full,
                    bytes: metadata.len(),
                });
            }
        }
        Ok(())
    }

    fn take_away(&self, path: &Path) -> Result<(), Error> {
        match fs::remove_file(path) {
            Err(cause) if !missing(&cause) => Err(Error::Write(atomic_file::Error::Write {
                path: path.to_owned(),
                cause,
            })),
            _ => {
                self.changed(path);
                self.prune(path);
                Ok(())
            }
        }
    }

    /// Removes the folders above a file that hold nothing any more: a bucket has no empty ones.
    fn prune(&self, path: &Path) {
        let above = path.ancestors().skip(1);
        for folder in above.take_while(|folder| *folder != self.root) {
            if fs::remove_dir(folder).is_err() {
                break;
            }
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        self.flush();
    }
}

impl Objects for Folder {
    fn list(&self, folder: &str) -> Result<Vec<Object>, Error> {
        let mut all = Vec::new();
        let prefix = match folder {
            "" => String::new(),
            folder => format!("{folder}/"),
        };
        self.collect(&self.locate(folder), &prefix, &mut all)?;
        all.sort_unstable();
        Ok(all)
    }

    fn folders(&self, folder: &str) -> Result<Vec<String>, Error> {
        let within = children(&self.locate(folder))?.into_iter();
        let mut names: Vec<_> = within
            .filter(|(_, path)| path.is_dir())
            .map(|(name, _)| name)
            .collect();
        names.sort_unstable();
        Ok(names)
    }

    fn read(&self, name: &str) -> Result<Option<Bytes>, Error> {
        let path = self.locate(name);
        found(&path, fs::read(&path).map(Bytes::from))
    }

    fn read_tail(&self, name: &str, length: u64) -> Result<Option<Bytes>, Error> {
        let path = self.locate(name);
        let read = |mut file: File| {
            let size = file.seek(SeekFrom::End(0))?;
            file.seek(SeekFrom::Start(size.saturating_sub(length)))?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            Ok(Bytes::from(bytes))
        };
        found(&path, File::open(&path).and_then(read))
    }

    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let pending = pending(&self.locate(name), bytes)?;
        pending.commit().map(drop).map_err(Error::Write)
    }

    fn replace(&self, name: &str, before: Option<&[u8]>, bytes: &[u8]) -> Result<bool, Error> {
        let path = self.locate(name);
        // The slow part, outside the lock: several threads write side by side.
        let mut pending = pending(&path, bytes)?;
        pending.flush().map_err(Error::Write)?;
        let _lock = self.lock()?;
        if self.read(name)?.as_deref() != before {
            return Ok(false);
        }
        self.changed(&path);
        pending.rename().map_err(Error::Write)?;
        Ok(true)
    }

    fn remove(&self, name: &str, before: &[u8]) -> Result<bool, Error> {
        let _lock = self.lock()?;
        if self.read(name)?.as_deref() != Some(before) {
            return Ok(false);
        }
        self.take_away(&self.locate(name)).map(|()| true)
    }

    fn delete(&self, name: &str) -> Result<(), Error> {
        self.take_away(&self.locate(name))
    }

    fn sweep(&self, folder: &str, is_ours: &dyn Fn(&str) -> bool) {
        fn walk(folder: &Path, is_ours: &dyn Fn(&str) -> bool) {
            leftovers::sweep(folder, is_ours);
            for (_, path) in children(folder).unwrap_or_default() {
                if path.is_dir() {
                    walk(&path, is_ours);
                    // One that holds something stays.
                    let _ = fs::remove_dir(path);
                }
            }
        }
        let folder = self.locate(folder);
        walk(&folder, is_ours);
        self.prune(&folder.join("_"));
    }

    fn flush(&self) {
        let mut folders = self
            .unflushed
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for folder in std::mem::take(&mut *folders) {
            atomic_file::flush_folder(&folder);
        }
    }

    fn locate(&self, name: &str) -> PathBuf {
        below(&self.root, name)
    }
}

fn below(root: &Path, name: &str) -> PathBuf {
    let mut path = root.to_owned();
    path.extend(name.split('/').filter(|part| !part.is_empty()));
    path
}

/// The bytes beside their place. Where somebody takes away the last file of the folder just now, and so the folder, it is made
/// again.
fn pending(path: &Path, bytes: &[u8]) -> Result<Pending, Error> {
    let gone = |error: &atomic_file::Error| match error {
        atomic_file::Error::Create { cause, .. } | atomic_file::Error::Write { cause, .. } => {
            cause.kind() == io::ErrorKind::NotFound
        }
    };
    let mut written = atomic_file::with_bytes(path, bytes, Access::Shared);
    for _ in 0..10 {
        if !written.as_ref().is_err_and(gone) {
            break;
        }
        written = atomic_file::with_bytes(path, bytes, Access::Shared);
    }
    written.map_err(Error::Write)
}

fn is_in_the_making(name: &str) -> bool {
    leftovers::target_of(name).is_some()
}

/// What a folder holds, by name; nothing if it is not there or no folder.
fn children(folder: &Path) -> Result<Vec<(String, PathBuf)>, Error> {
    let list = |folder: &Path| -> io::Result<Vec<_>> {
        fs::read_dir(folder)?
            .map(|entry| {
                let entry = entry?;
                let name = entry.file_name().to_string_lossy().into_owned();
                Ok((name, entry.path()))
            })
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
