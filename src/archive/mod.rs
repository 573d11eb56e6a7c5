//! The archive: a Parquet file a civil day, immutable, replaced by rename.
//!
//! [`Archive`] is the door. What is beneath it: [`path`] names the files, [`store`] reaches them, [`parquet_file`] turns
//! a [`DayFile`] into bytes and back, [`meta`] is the footer's own part of it, and [`merge()`] decides what two
//! accounts of one day make together. Two processes may work on one archive at once: a file is replaced only while it
//! still is what the merge began from, else the merge is done again.

pub mod coverage;
pub mod merge;
pub mod meta;
pub mod owner;
pub mod parquet_file;
pub mod path;
pub mod rework;
pub mod store;
pub mod takeout_notes;
pub mod zones;

pub use coverage::{Coverage, coverage, coverages};
pub use merge::merge;
pub use meta::{Footer, Meta};
pub use store::{Entry, Folder, Store};
pub use takeout_notes::TakeoutNotes;

use crate::atomic_file;
use crate::day::{Day, Detail};
use crate::exit::{Exit, Explain};
use chrono::NaiveDate;
use std::io;
use std::path::{Path, PathBuf};

/// A day as the archive keeps it: its samples, and what is known about it as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct DayFile {
    /// Date, detail, samples and their sources; the summary says what [`Meta`] does.
    pub day: Day,
    /// Who contributed, and what the footer says.
    pub meta: Meta,
}

impl DayFile {
    /// A day from one source, with what its summary says: unsettled, time zone unknown, no placeholders.
    #[must_use]
    pub fn new(day: Day) -> Self {
        let meta = Meta {
            providers: day.sources.iter().map(|source| source.provider).collect(),
            resting_bpm: day.summary.resting_bpm,
            zones: zones::limits(&day.summary.zones),
            ..Meta::default()
        };
        Self { day, meta }
    }
}

/// What an update did to the file of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// There was none before.
    Created,
    /// It holds something else now.
    Changed,
    /// It held all of it already: not a byte was written.
    Unchanged,
}

/// Why the archive could not be read or written.
#[derive(Debug)]
pub enum Error {
    /// A folder or file could not be read.
    Read {
        /// Which.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The lock that guards the archive could not be had.
    Lock {
        /// The lock file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// A file is there, and is not what this program writes.
    Damaged {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A file could not be written or put in place.
    Write(atomic_file::Error),
    /// A day could not be encoded.
    Encode(String),
    /// It is somebody else's.
    Refused(owner::Refused),
}

impl Explain for Error {
    fn what(&self) -> String {
        match self {
            Self::Read { path, .. } => format!("could not read {}", path.display()),
            Self::Lock { path, .. } => {
                format!("could not lock the archive with {}", path.display())
            }
            Self::Damaged { path, .. } => format!("could not decode {}", path.display()),
            Self::Write(error) => error.what(),
            Self::Encode(_) => "could not encode a day for the archive".to_owned(),
            Self::Refused(refused) => refused.what(),
        }
    }
    fn why(&self) -> String {
        match self {
            Self::Read { cause, .. } | Self::Lock { cause, .. } => cause.to_string(),
            Self::Damaged { problem, .. } | Self::Encode(problem) => problem.clone(),
            Self::Write(error) => error.why(),
            Self::Refused(refused) => refused.why(),
        }
    }
    fn hint(&self) -> String {
        match self {
            Self::Read { .. } => "check the permissions of the archive folder".to_owned(),
            Self::Lock { .. } => "make the archive folder writable, or name another one with \
                                  'archive' in the keys file"
                .to_owned(),
            Self::Damaged { .. } => {
                "remove that file, then import or sync its day again".to_owned()
            }
            Self::Write(error) => error.hint(),
            Self::Encode(_) => "please report this with the command that was run".to_owned(),
            Self::Refused(refused) => refused.hint(),
        }
    }
    fn exit(&self) -> Exit {
        match self {
            Self::Read { .. } => Exit::NoInput,
            Self::Lock { .. } => Exit::CannotCreate,
            Self::Damaged { .. } => Exit::Data,
            Self::Write(error) => error.exit(),
            Self::Encode(_) => Exit::Bug,
            Self::Refused(refused) => refused.exit(),
        }
    }
}

/// All days of one wearer.
///
/// Cheap to share between threads: every operation opens what it needs.
#[derive(Debug, Clone)]
pub struct Archive<S = Folder> {
    store: S,
}

impl Archive {
    /// The archive below a folder, or its part for a profile. Does no I/O; the folder need not exist.
    #[must_use]
    pub fn open(root: &Path, profile: Option<&str>) -> Self {
        let root = match profile {
            Some(profile) => root.join(format!("user={profile}")),
            None => root.to_owned(),
        };
        Self::on(Folder::new(root))
    }

    /// The folder that holds `heart_rate/`.
    #[must_use]
    pub fn root(&self) -> &Path {
        self.store.root()
    }
}

impl<S: Store> Archive<S> {
    /// An archive on any store.
    #[must_use]
    pub fn on(store: S) -> Self {
        Self { store }
    }

    /// The files of a level of detail, ascending by date. A folder that is not there is an empty archive.
    ///
    /// # Errors
    /// Fails when a folder cannot be listed.
    pub fn entries(&self, detail: Detail) -> Result<Vec<Entry>, Error> {
        self.store.list(detail)
    }

    /// The dates that have a file, empty days included, ascending.
    ///
    /// # Errors
    /// As [`Archive::entries`].
    pub fn days(&self, detail: Detail) -> Result<Vec<NaiveDate>, Error> {
        let entries = self.entries(detail)?;
        Ok(entries.into_iter().map(|entry| entry.date).collect())
    }

    /// The day, or `None` where there is no file.
    ///
    /// # Errors
    /// Fails when the file cannot be read or decoded.
    pub fn read(&self, detail: Detail, date: NaiveDate) -> Result<Option<DayFile>, Error> {
        match self.store.read(detail, date)? {
            Some(bytes) => self.decode(detail, date, &bytes).map(Some),
            None => Ok(None),
        }
    }

    /// What the footer says, without reading the samples; `None` where there is no file.
    ///
    /// # Errors
    /// Fails when the file cannot be read or its footer cannot be decoded.
    pub fn footer(&self, detail: Detail, date: NaiveDate) -> Result<Option<Footer>, Error> {
        let mut length = parquet_file::USUAL_FOOTER;
        loop {
            let Some(tail) = self.store.read_tail(detail, date, length)? else {
                return Ok(None);
            };
            match parquet_file::decode_footer(&tail, length, detail, date) {
                Ok(parquet_file::Tail::Footer(footer)) => return Ok(Some(*footer)),
                Ok(parquet_file::Tail::Longer(needed)) => length = needed,
                Err(problem) => return Err(self.damaged(detail, date, problem)),
            }
        }
    }

    /// Merges a day into what is there, by [`merge()`], and replaces the file if that changes it.
    ///
    /// Safe with other threads and processes at work on the same day.
    ///
    /// # Errors
    /// Fails when the file that is there cannot be read, or the new one cannot be written.
    pub fn update(&self, incoming: &DayFile) -> Result<Change, Error> {
        self.change(
            incoming.day.detail,
            incoming.day.date,
            |stored| match stored {
                Some(stored) => merge(stored, incoming.clone()),
                None => merge::normalized(incoming.clone()),
            },
        )
    }

    /// Puts what a live service says now in the place of what it said before, by [`merge::refreshed`]: what it took
    /// back goes, what other sources contributed stays.
    ///
    /// # Errors
    /// As [`Archive::update`].
    pub fn refresh(&self, incoming: &DayFile) -> Result<Change, Error> {
        self.change(
            incoming.day.detail,
            incoming.day.date,
            |stored| match stored {
                Some(stored) => merge::refreshed(stored, incoming.clone()),
                None => merge::normalized(incoming.clone()),
            },
        )
    }

    /// Makes the file of a day hold this and nothing else.
    ///
    /// # Errors
    /// Fails when the file cannot be written.
    pub fn replace(&self, day: &DayFile) -> Result<Change, Error> {
        let (detail, date) = (day.day.detail, day.day.date);
        let bytes = parquet_file::encode(&merge::normalized(day.clone())).map_err(Error::Encode)?;
        loop {
            let stored = self.store.read(detail, date)?;
            if let Some(change) = self.put(detail, date, stored.as_deref(), &bytes)? {
                return Ok(change);
            }
        }
    }

    /// Makes all changes so far outlast a power cut. Dropping the archive does, too.
    pub fn flush(&self) {
        self.store.flush();
    }

    /// Reads, decides, and writes unless somebody else wrote in between, in which case it begins again.
    fn change(
        &self,
        detail: Detail,
        date: NaiveDate,
        decide: impl Fn(Option<DayFile>) -> DayFile,
    ) -> Result<Change, Error> {
        loop {
            let stored = self.store.read(detail, date)?;
            let before = match &stored {
                Some(bytes) => Some(self.decode(detail, date, bytes)?),
                None => None,
            };
            let bytes = parquet_file::encode(&decide(before)).map_err(Error::Encode)?;
            if let Some(change) = self.put(detail, date, stored.as_deref(), &bytes)? {
                return Ok(change);
            }
        }
    }

    fn put(
        &self,
        detail: Detail,
        date: NaiveDate,
        stored: Option<&[u8]>,
        bytes: &[u8],
    ) -> Result<Option<Change>, Error> {
        if stored == Some(bytes) {
            return Ok(Some(Change::Unchanged));
        }
        let change = match stored {
            Some(_) => Change::Changed,
            None => Change::Created,
        };
        let replaced = self.store.replace(detail, date, stored, bytes)?;
        Ok(replaced.then_some(change))
    }

    fn decode(&self, detail: Detail, date: NaiveDate, bytes: &[u8]) -> Result<DayFile, Error> {
        let file = parquet_file::decode(bytes, detail, date);
        file.map_err(|problem| self.damaged(detail, date, problem))
    }

    fn damaged(&self, detail: Detail, date: NaiveDate, problem: String) -> Error {
        Error::Damaged {
            path: self.store.locate(detail, date),
            problem,
        }
    }
}

#[cfg(test)]
mod tests;
