//! What an import is asked for.

use crate::takeout::record_filter::RecordFilter;
use crate::takeout::wearer_clock::Candidate;
use crate::zone::Tz;
use chrono::{DateTime, Utc};
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
