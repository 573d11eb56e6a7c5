//! The archive: Parquet files of a civil day or a year each, immutable, replaced by rename.
//!
//! [`Archive`] is the door. What is beneath it: [`key`] names the files, [`store`] reaches them, [`parquet_file`] turns
//! rows into bytes and back, [`table`] is what every series has, [`meta`] and [`zones`] what heart rate has besides, and
//! [`merge()`] and [`merge::shape`] decide what two accounts of one time make together. Two processes may work on one
//! archive at once: a file is replaced only while it still is what the change began from, else the change is made again.

pub mod coverage;
pub mod day_file;
pub mod day_ranges;
pub mod error;
pub mod format;
pub mod heart_rate;
pub mod import_lock;
pub mod key;
pub mod layout;
pub mod merge;
pub mod meta;
pub mod owner;
pub mod parquet_file;
pub mod refused;
pub mod store;
pub mod table;
pub mod takeout_notes;
pub mod zones;

pub use coverage::{Coverage, coverage, coverages};
pub use day_file::{DayFile, Meta};
pub use day_ranges::DayRanges;
pub use error::{Error, Fault};
pub use key::{HEART_RATE, Key, Period, Series};
pub use layout::Layout;
pub use merge::merge;
pub use meta::Footer;
pub use refused::Refused;
pub use store::{Entry, Store};
pub use table::{Table, TableFooter, TableMeta};
pub use takeout_notes::TakeoutNotes;

use crate::extract::Columns;
use bytes::Bytes;
use format::Format;
use parquet_file::{Longer, Tail, USUAL_FOOTER};
use std::path::Path;
use std::sync::Arc;
use table::TableFormat;

/// What an edit did to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// There was none before.
    Created,
    /// It holds something else now.
    Changed,
    /// It held all of it already: not a byte was written.
    Unchanged,
}

/// All series of one wearer.
///
/// Cheap to share between threads: every operation opens what it needs.
#[derive(Debug, Clone)]
pub struct Archive {
    store: Arc<Store>,
}

impl Archive {
    /// The archive below a folder, or its part for a profile. Does no I/O; the folder need not exist.
    #[must_use]
    pub fn open(root: &Path, profile: Option<&str>) -> Self {
        let root = match profile {
            Some(profile) => root.join(format!("user={profile}")),
            None => root.to_owned(),
        };
        Self::on(Store::of_folder(&root))
    }

    /// The archive of any store.
    #[must_use]
    pub fn on(store: Store) -> Self {
        Self {
            store: Arc::new(store),
        }
    }

    /// The folder that holds the tables; elsewhere than in a folder, where that is, for messages.
    #[must_use]
    pub fn root(&self) -> &Path {
        self.store.root()
    }

    /// What sync remembers beside the data; `None` where nothing has been remembered.
    ///
    /// # Errors
    /// Fails when it cannot be read.
    pub fn memory(&self) -> Result<Option<Bytes>, Error> {
        self.store.memory()
    }

    /// Puts what sync remembers in the place of what was, in one step.
    ///
    /// # Errors
    /// Fails when it cannot be written; the earlier memory is as it was.
    pub fn remember(&self, memory: &[u8]) -> Result<(), Error> {
        self.store.remember(memory)
    }

    /// What it has files of, ascending by name, then by detail.
    ///
    /// # Errors
    /// Fails when a folder cannot be listed.
    pub fn series(&self) -> Result<Vec<Series>, Error> {
        self.store.series()
    }

    /// The files of a series, ascending by time. A folder that is not there is an empty archive.
    ///
    /// # Errors
    /// Fails when a folder cannot be listed.
    pub fn entries(&self, series: &Series) -> Result<Vec<Entry>, Error> {
        self.store.list(series)
    }

    /// A table's rows of a day or a year, in the given columns; `None` where there is no file.
    ///
    /// # Errors
    /// Fails when the file cannot be read, or lacks a column that must be there.
    pub fn table(&self, key: &Key, columns: &Columns) -> Result<Option<Table>, Error> {
        self.read_as(&TableFormat { columns }, key)
    }

    /// What the footer of a table's file says, without reading its rows; `None` where there is no file.
    ///
    /// # Errors
    /// Fails when the file cannot be read or its footer cannot be decoded.
    pub fn table_footer(&self, key: &Key) -> Result<Option<TableFooter>, Error> {
        self.footer_as(key, TableFooter::of)
    }

    /// Puts what `decide` makes of a table's file in its place: another file, or none. The one way to change a file.
    ///
    /// It is asked again if somebody else wrote in between. Answers `None` where there was no file and is none.
    ///
    /// # Errors
    /// Fails when the file that is there cannot be read, or the new one cannot be written.
    pub fn edit(
        &self,
        key: &Key,
        columns: &Columns,
        decide: impl Fn(Option<Table>) -> Option<Table>,
    ) -> Result<Option<Change>, Error> {
        self.edit_as(&TableFormat { columns }, key, decide)
    }

    /// Makes all changes so far outlast a power cut. Dropping the archive does, too.
    pub fn flush(&self) {
        self.store.flush();
    }

    fn read_as<F: Format>(&self, format: &F, key: &Key) -> Result<Option<F::File>, Error> {
        match self.store.read(key)? {
            Some(bytes) => self.decoded(format, key, &bytes).map(Some),
            None => Ok(None),
        }
    }

    fn footer_as<T>(
        &self,
        key: &Key,
        read: impl Fn(&Key, &Tail) -> Result<T, Fault>,
    ) -> Result<Option<T>, Error> {
        let mut length = USUAL_FOOTER;
        loop {
            let Some(bytes) = self.store.read_tail(key, length)? else {
                return Ok(None);
            };
            match Tail::read(&bytes, length) {
                Ok(Ok(tail)) => {
                    let footer = read(key, &tail);
                    return footer
                        .map(Some)
                        .map_err(|fault| self.unreadable(key, fault));
                }
                Ok(Err(Longer(needed))) => length = needed,
                Err(fault) => return Err(self.unreadable(key, fault)),
            }
        }
    }

    /// Reads, decides, and writes unless somebody else wrote in between, in which case it begins again.
    fn edit_as<F: Format>(
        &self,
        format: &F,
        key: &Key,
        decide: impl Fn(Option<F::File>) -> Option<F::File>,
    ) -> Result<Option<Change>, Error> {
        loop {
            let edit = self.decided(format, key, &decide)?;
            if self.put(&edit)? {
                return Ok(edit.change());
            }
        }
    }

    /// Does what was decided. Answers `false`, and changes nothing, if the file is not what it was by then.
    ///
    /// # Errors
    /// Fails when the file cannot be written or removed; the earlier one is as it was.
    pub fn put(&self, edit: &Edit) -> Result<bool, Error> {
        match (&edit.before, &edit.after) {
            (Some(before), None) => self.store.remove(&edit.key, before),
            (before, Some(after)) if before.as_ref() != Some(after) => {
                self.store.replace(&edit.key, before.as_deref(), after)
            }
            _ => Ok(true),
        }
    }

    fn decided<F: Format>(
        &self,
        format: &F,
        key: &Key,
        decide: &impl Fn(Option<F::File>) -> Option<F::File>,
    ) -> Result<Edit, Error> {
        let before = self.store.read(key)?;
        let stored = before
            .as_ref()
            .map(|bytes| self.decoded(format, key, bytes));
        let after = decide(stored.transpose()?).map(|file| format.encode(&file, key));
        Ok(Edit {
            key: key.clone(),
            before,
            after: after.transpose().map_err(Error::Encode)?.map(Bytes::from),
        })
    }

    fn decoded<F: Format>(&self, format: &F, key: &Key, bytes: &Bytes) -> Result<F::File, Error> {
        let file = format.decode(bytes, key);
        file.map_err(|fault| self.unreadable(key, fault))
    }

    fn unreadable(&self, key: &Key, fault: Fault) -> Error {
        Error::Unreadable {
            path: self.store.locate(key),
            fault,
        }
    }
}

/// A change that is decided and not yet made: the bytes of a file before it and after it.
#[derive(Debug)]
pub struct Edit {
    key: Key,
    before: Option<Bytes>,
    after: Option<Bytes>,
}

impl Edit {
    /// What it does to the file; `None` where there was none and is none.
    #[must_use]
    pub fn change(&self) -> Option<Change> {
        match (&self.before, &self.after) {
            (None, None) => None,
            (None, Some(_)) => Some(Change::Created),
            (before, after) if before == after => Some(Change::Unchanged),
            (Some(_), _) => Some(Change::Changed),
        }
    }
}

#[cfg(test)]
mod tests;
