//! The store, guarded for one participant against writing for somebody who has withdrawn.
//!
//! What a run writes is noted with what was there before. After each write it looks for a tombstone; where there is one,
//! everything that this run wrote is taken back, or, where the data are to be erased, taken away.

use super::id::Id;
use super::tombstone;
use crate::objects::{Error, Object, Objects};
use bytes::Bytes;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The objects that a run writes for one participant.
#[derive(Debug)]
pub struct Guarded {
    objects: Arc<dyn Objects>,
    id: Id,
    /// What this run wrote, and what was there before.
    written: Mutex<BTreeMap<String, Option<Bytes>>>,
}

impl Guarded {
    /// The store as this participant's run may write it. Does no I/O.
    #[must_use]
    pub fn new(objects: Arc<dyn Objects>, id: Id) -> Self {
        Self {
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

    fn notes(&self) -> MutexGuard<'_, BTreeMap<String, Option<Bytes>>> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what was there before the first write of this run, and does it; then looks for a tombstone.
    fn guarded(
        &self,
        name: &str,
        before: Option<&[u8]>,
        write: impl FnOnce() -> Result<bool, Error>,
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
            return Err(Error::Withdrawn);
        }
        Ok(true)
    }
}

impl Objects for Guarded {
    fn list(&self, folder: &str) -> Result<Vec<Object>, Error> {
        self.objects.list(folder)
    }

    fn folders(&self, folder: &str) -> Result<Vec<String>, Error> {
        self.objects.folders(folder)
    }

    fn read(&self, name: &str) -> Result<Option<Bytes>, Error> {
        self.objects.read(name)
    }

    fn read_tail(&self, name: &str, length: u64) -> Result<Option<Bytes>, Error> {
        self.objects.read_tail(name, length)
    }

    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let before = self.objects.read(name)?;
        let write = || self.objects.put(name, bytes).map(|()| true);
        self.guarded(name, before.as_deref(), write).map(drop)
    }

    fn replace(&self, name: &str, before: Option<&[u8]>, bytes: &[u8]) -> Result<bool, Error> {
        self.guarded(name, before, || self.objects.replace(name, before, bytes))
    }

    fn remove(&self, name: &str, before: &[u8]) -> Result<bool, Error> {
        self.guarded(name, Some(before), || self.objects.remove(name, before))
    }

    fn delete(&self, name: &str) -> Result<(), Error> {
        let before = self.objects.read(name)?;
        let write = || self.objects.delete(name).map(|()| true);
        self.guarded(name, before.as_deref(), write).map(drop)
    }

    fn sweep(&self, folder: &str, is_ours: &dyn Fn(&str) -> bool) {
        self.objects.sweep(folder, is_ours);
    }

    fn flush(&self) {
        self.objects.flush();
    }

    fn locate(&self, name: &str) -> PathBuf {
        self.objects.locate(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::store::tests::key;
    use crate::archive::{self, Layout, Store};
    use crate::objects::Folder;

    #[test]
    fn what_a_run_wrote_for_somebody_who_withdraws_is_taken_back() {
        for erase in [false, true] {
            let folder = tempfile::tempdir().expect("a folder");
            let objects: Arc<dyn Objects> =
                Arc::new(Folder::new(folder.path().to_owned(), "_fitbit_hr/lock"));
            let id: Id = "P001".parse().expect("an id");
            let guarded = || Arc::new(Guarded::new(Arc::clone(&objects), id.clone()));
            let store = |guarded: Arc<Guarded>| Store::new(guarded, Layout::of_participant("P001"));
            let before = store(guarded());
            assert!(
                before
                    .replace(&key(1), None, b"yesterday")
                    .expect("written")
            );
            before.remember(b"earlier").expect("written");
            let guard = guarded();
            let run = store(Arc::clone(&guard));
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
            assert!(!guard.yields().expect("readable"), "nobody has withdrawn");
            tombstone::put(&*objects, &id, chrono::DateTime::UNIX_EPOCH, erase).expect("written");
            let refused = run.replace(&key(4), None, b"too late");
            assert!(matches!(
                refused,
                Err(archive::Error::Objects(Error::Withdrawn))
            ));
            let kept = |day| before.read(&key(day)).expect("readable");
            let memory = before.memory().expect("readable");
            assert_eq!((kept(2), kept(3), kept(4)), (None, None, None));
            let stays = |bytes: &'static [u8]| (!erase).then(|| Bytes::from_static(bytes));
            assert_eq!((kept(1), memory), (stays(b"yesterday"), stays(b"earlier")));
            assert!(guard.yields().expect("readable"));
        }
    }
}
