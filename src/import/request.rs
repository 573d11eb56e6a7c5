//! What an import is asked for, and who is told how far it is.

use crate::takeout::record_filter::RecordFilter;
use crate::takeout::wearer_clock::Candidate;
use crate::zone::Tz;
use chrono::{DateTime, NaiveDate, Utc};
use std::path::PathBuf;

/// What a person asked for.
#[derive(Debug, Clone)]
pub struct Request {
    /// Zip files, tar files, folders, single files; all parts of an export.
    pub paths: Vec<PathBuf>,
    /// `--timezone`: the wearer's clock, whatever the files prove.
    pub timezone: Option<Tz>,
    /// The keys file's zone, then the machine's, for what the files and their profile leave open.
    pub zones: Vec<Candidate>,
    /// What is left out.
    pub filter: RecordFilter,
    /// Nothing is written.
    pub dry_run: bool,
    /// When the run began.
    pub now: DateTime<Utc>,
    /// How many threads read and write.
    pub threads: usize,
    /// How much of a tar file may wait in memory; see [`WAITING_BYTES`].
    pub waiting_bytes: usize,
}

/// What waits of a tar file until all of it is read: about a year of both twins at two bytes a record.
pub const WAITING_BYTES: usize = 16 << 20;

/// Is told how far an import is.
pub trait Watch: Sync {
    /// The reading begins; so many bytes are to be read.
    fn begins(&self, bytes: u64);
    /// So many more bytes have been read.
    fn reads(&self, bytes: u64);
    /// A day has been written.
    fn writes(&self, day: NaiveDate);
    /// Another import is at work: this one waits.
    fn waits(&self);
    /// Nobody waits for the result any more: what is begun is finished, nothing else is.
    fn is_over(&self) -> bool;
}
