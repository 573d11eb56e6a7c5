//! One import at a time.

use super::{Archive, Error};
use std::fs::{self, File, TryLockError};

/// Keeps other imports waiting until it is dropped.
#[derive(Debug)]
pub struct ImportLock {
    _file: File,
}

impl Archive {
    /// Its name; it stands above the tables, where no reader of the data set meets it.
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
