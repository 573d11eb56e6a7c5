//! `import`: exports on disk become days in the archive.
//!
//! ```text
//! paths -> plan: which members, by name -> evidence: zones, nights, resting heart rates
//!       -> stage: members in the order of time, on all cores -> window: the days around -> twins: one day -> archive
//! ```
//!
//! All paths are one input. A day is written as soon as every file that may say something about it has been read, so
//! memory holds some weeks, never the export. What the archive already holds around the imported days is read as one
//! more witness: the clock of a day, and so the place of its samples, follows from all that is known, in whatever
//! order it came. What an export says that is no data (the profile's zone, the nights) is kept beside the archive
//! ([`exports`]). Guaranteed is: the same files with the same options give the same bytes, at once or one after the other,
//! in any order.

pub mod account;
pub mod day;
mod evidence;
pub mod exports;
mod files;
mod other_days;
pub mod plan;
mod stage;
mod summary;
mod tar_files;
mod window;

#[cfg(test)]
mod tests;

pub use account::{Account, Skip};

use crate::archive::{self, Archive};
use crate::exit::{Exit, Explain};
use crate::numerals::counted;
use crate::takeout::device::Devices;
use crate::takeout::twins::Wishes;
use crate::takeout::wearer_clock::Candidate;
use crate::zone::Tz;
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

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
    pub wishes: Wishes,
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

/// Why an import did not do all that was asked for.
#[derive(Debug)]
pub enum Error {
    /// A path leads to nothing that can be read. Nothing was imported.
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// There is no heart-rate file in any of the paths.
    NothingFound {
        /// The first of them.
        path: PathBuf,
        /// How many there are.
        paths: usize,
        /// How many other files they hold.
        foreign: u64,
    },
    /// Something could not be read; everything else was imported.
    Skipped {
        /// Whole files.
        files: u64,
        /// Records in other files.
        records: u64,
        /// Something could be read.
        others: bool,
        /// Nothing is wrong with the bytes: they are not here, or may not be read.
        absent: bool,
        /// The first of it.
        first: Box<Skip>,
    },
}

impl Explain for Error {
    fn what(&self) -> String {
        match self {
            Self::Unreadable { path, .. } => format!("could not read {}", printable(path)),
            Self::NothingFound { path, paths, .. } if *paths == 1 => {
                format!("found no heart-rate file in {}", printable(path))
            }
            Self::NothingFound { path, paths, .. } => format!(
                "found no heart-rate file in {} and {} more",
                printable(path),
                paths - 1
            ),
            Self::Skipped {
                files,
                records,
                others,
                ..
            } => {
                let counts = [(*files, "file"), (*records, "record")];
                let counts = counts.iter().filter(|(count, _)| *count > 0);
                let counts: Vec<_> = counts.map(|(count, what)| counted(*count, what)).collect();
                let others = if *others {
                    "all others were imported"
                } else {
                    "there is nothing else"
                };
                format!("could not read {}; {others}", counts.join(" and "))
            }
        }
    }
    fn why(&self) -> String {
        match self {
            Self::Unreadable { cause, .. } => cause.to_string(),
            Self::NothingFound { foreign, .. } => format!(
                "none of its {} is called heart_rate-YYYY-MM-DD.json or heart_rate_YYYY-MM-DD.csv",
                counted(*foreign, "file")
            ),
            Self::Skipped { first, .. } => first.to_string(),
        }
    }
    fn hint(&self) -> String {
        match self {
            Self::Unreadable { cause, .. } => if cause.kind() == io::ErrorKind::PermissionDenied {
                "check the permissions"
            } else if cause.raw_os_error().is_none() {
                "do that, then import again"
            } else {
                "check the path and its permissions"
            }
            .to_owned(),
            Self::NothingFound { .. } => {
                "give all parts of the export; ask for it at https://takeout.google.com with the product \
                 Google Health (or Fitbit)"
                    .to_owned()
            }
            Self::Skipped { first, .. } => format!(
                "{}--json lists all that was left out",
                first.remedy.hint()
            ),
        }
    }
    fn exit(&self) -> Exit {
        match self {
            Self::Unreadable { .. }
            | Self::NothingFound { .. }
            | Self::Skipped { absent: true, .. } => Exit::NoInput,
            Self::Skipped { .. } => Exit::Data,
        }
    }
}

fn printable(path: &std::path::Path) -> String {
    crate::secret::printable(&path.display().to_string())
}

/// Why an import stopped.
#[derive(Debug)]
pub enum Failure {
    /// The input.
    Input(Error),
    /// The archive.
    Archive(archive::Error),
}

impl std::convert::From<archive::Error> for Failure {
    fn from(error: archive::Error) -> Self {
        Self::Archive(error)
    }
}

impl std::convert::From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Input(error)
    }
}

/// What all parts of a run share.
struct Run<'a> {
    request: &'a Request,
    archive: &'a Archive,
    watch: &'a dyn Watch,
    devices: Devices,
    account: Mutex<Account>,
    /// Days of the archive that this run put samples into.
    touched: Mutex<BTreeSet<NaiveDate>>,
    /// Records of days that no file's name tells of.
    other_days: Mutex<Vec<files::OtherDay>>,
}

impl Run<'_> {
    fn account(&self) -> MutexGuard<'_, Account> {
        self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Imports what was asked for, and gives the account of it; see [`Account::verdict`].
///
/// # Errors
/// Fails when a path cannot be read, when none holds a heart-rate file, or when the archive cannot be read or written.
/// What could not be read in an export does not fail the run: it is in the account.
pub fn run(request: &Request, archive: &Archive, watch: &dyn Watch) -> Result<Account, Failure> {
    let mut plan = plan::Plan::make(&request.paths, archive.root())?;
    if plan.is_empty() {
        let mut account = Account::default();
        plan.tell(&mut account);
        return Err(nothing_found(request, &account).into());
    }
    let _lock = if request.dry_run {
        None
    } else {
        Some(archive.lock_for_import(|| watch.waits())?)
    };
    let run = Run {
        request,
        archive,
        watch,
        devices: Devices::default(),
        account: Mutex::default(),
        touched: Mutex::default(),
        other_days: Mutex::default(),
    };
    let inputs = request.paths.iter().map(|path| path.display().to_string());
    run.account().inputs = inputs.collect();
    plan.tell(&mut run.account());
    watch.begins(plan.bytes());
    let before = exports::Exports::read(archive.root())?;
    let mut known = evidence::Known::new(request, before);
    known.read(&run, &mut plan);
    known.owner(&run)?;
    let tar_files = tar_files::read(&run, &mut plan, &mut known)?;
    known.owner(&run)?;
    known.recall(&run)?;
    let batch = stage::Batch {
        members: &plan.members,
        zips: &plan.zips,
        kept: &tar_files.kept,
        earlier: &tar_files.written,
        again: tar_files.late_evidence,
    };
    stage::perform(&run, &known, batch)?;
    other_days::import(&run, &plan, &mut known, tar_files.written)?;
    remember(&run, known.exports)?;
    let mut account = run
        .account
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    account.total = std::mem::take(&mut account.total).settled();
    account.zones = known.profiles.iter().map(ToString::to_string).collect();
    if account.found_nothing() {
        return Err(nothing_found(request, &account).into());
    }
    Ok(account)
}

fn nothing_found(request: &Request, account: &Account) -> Error {
    Error::NothingFound {
        path: request.paths.first().cloned().unwrap_or_default(),
        paths: request.paths.len(),
        foreign: account.foreign,
    }
}

/// Keeps what the exports say for the parts that come later.
fn remember(run: &Run<'_>, mut exports: exports::Exports) -> Result<(), Failure> {
    if run.request.dry_run {
        return Ok(());
    }
    let touched = run.touched.lock().unwrap_or_else(PoisonError::into_inner);
    if run.request.timezone.is_some() {
        exports.given.0.extend(touched.iter());
    } else {
        exports.given.0.retain(|day| !touched.contains(day));
    }
    Ok(exports.write(run.archive.root())?)
}
