//! Named bytes at rest, in a folder or in a bucket: one rule for both places.
//!
//! Names are parts of printable ASCII between single `/`: `_fitbit_hr/runs/2026-06-01/shard-0-of-8.json`. Whoever reads
//! sees whole objects only: the earlier one or the later one.
//!
//! [`Objects::replace`] guards what several may write at once. A folder keeps that promise with a lock. A bucket's server is
//! asked to keep it (`If-Match`, `If-None-Match`), and servers do so unevenly: some know no conditions, some pass over them,
//! some lose one of two that race. So the promise saves work and nothing rests on it: what is kept here must be such that
//! two who write over each other come to the same bytes in the end. Files of the archive are: the same rows give the same
//! bytes, merging is free of order, and rows that were lost to a race are fetched again by the next run.

#[cfg(feature = "s3")]
mod bucket;
mod error;
mod folder;
mod location;
pub mod race;

#[cfg(feature = "s3")]
pub use bucket::Bucket;
pub use error::{BucketError, Error, Trouble};
pub use folder::Folder;
pub use location::{BadLocation, Location};

use bytes::Bytes;
use std::fmt;
use std::path::PathBuf;

/// Writes something, reads it back and takes it away: whether the store is good for anything.
///
/// # Errors
/// Fails as the store does.
pub fn is_usable(objects: &dyn Objects, name: &str) -> Result<bool, Error> {
    let bytes = b"{}";
    objects.put(name, bytes)?;
    let is_same = objects.read(name)?.as_deref() == Some(&bytes[..]);
    objects.delete(name)?;
    Ok(is_same && objects.read(name)?.is_none())
}

/// An object of a listing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Object {
    /// Its name.
    pub name: String,
    /// Its size.
    pub bytes: u64,
}

/// A place for named bytes.
pub trait Objects: fmt::Debug + Send + Sync {
    /// All objects below a folder, however deep, ascending by name; none where there is no such folder. `""` lists all.
    ///
    /// # Errors
    /// Fails when the place cannot be listed.
    fn list(&self, folder: &str) -> Result<Vec<Object>, Error>;

    /// The names of the folders right below a folder, ascending, without what lies before them.
    ///
    /// # Errors
    /// As [`Objects::list`].
    fn folders(&self, folder: &str) -> Result<Vec<String>, Error>;

    /// The bytes of an object; `None` where there is none.
    ///
    /// # Errors
    /// Fails when it cannot be read.
    fn read(&self, name: &str) -> Result<Option<Bytes>, Error>;

    /// The last `length` bytes of an object, or all of a shorter one; `None` where there is none.
    ///
    /// # Errors
    /// As [`Objects::read`].
    fn read_tail(&self, name: &str, length: u64) -> Result<Option<Bytes>, Error>;

    /// Puts `bytes` there in one step, whatever was there.
    ///
    /// # Errors
    /// Fails when it cannot be written; the earlier object is as it was.
    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), Error>;

    /// Puts `bytes` in the place of `before` (`None`: of nothing) in one step.
    ///
    /// Answers `false`, and changes nothing, if the object is not what it was. Nothing may rest on that; see the module.
    ///
    /// # Errors
    /// As [`Objects::put`].
    fn replace(&self, name: &str, before: Option<&[u8]>, bytes: &[u8]) -> Result<bool, Error>;

    /// Takes an object away, if it still is what it was; else answers `false`.
    ///
    /// # Errors
    /// Fails when it cannot be removed; it is as it was.
    fn remove(&self, name: &str, before: &[u8]) -> Result<bool, Error>;

    /// Takes an object away, whatever it is; it need not be there.
    ///
    /// # Errors
    /// As [`Objects::remove`].
    fn delete(&self, name: &str) -> Result<(), Error>;

    /// Sweeps up what killed runs left half written below a folder, however deep, of objects whose last names `is_ours` knows,
    /// and folders that hold nothing.
    fn sweep(&self, folder: &str, is_ours: &dyn Fn(&str) -> bool);

    /// Makes what was written and removed outlast a power cut.
    fn flush(&self);

    /// Where an object is, for messages.
    fn locate(&self, name: &str) -> PathBuf;
}
