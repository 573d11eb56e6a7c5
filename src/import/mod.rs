//! `import`: exports on disk become days in the archive.
//!
//! ```text
//! paths -> inventory: which members, by name -> evidence: zones, nights, resting heart rates
//!       -> stage: members in the order of time, on all cores -> window: the days around -> twins: one day -> archive
//! ```
//!
//! All paths are one input. A day is written as soon as every file that may say something about it has been read, so
//! memory holds some weeks, never the export. What the archive already holds around the imported days is read as one
//! more witness: the clock of a day, and so the place of its samples, follows from all that is known, in whatever
//! order it came. What an export says that is no data (the profile's zone, the nights) is kept beside the archive
//! ([`exports`]). Guaranteed is: the same files with the same options give the same bytes, at once or one after the other,
//! in any order.

pub mod day;
mod day_writer;
mod error;
mod evidence;
pub mod exports;
mod files;
pub mod inventory;
mod member;
mod other_days;
pub mod report;
mod request;
mod run;
mod skip;
mod stage;
mod summary;
mod tar_files;
mod window;

#[cfg(test)]
mod tests;

pub use error::Error;
pub use report::Report;
pub use request::{Request, WAITING_BYTES};
pub use skip::Skip;

use crate::archive::{Archive, DayRanges};
use crate::progress::{Event, Progress, Work};
use crate::takeout::device::Devices;
use run::Run;
use std::sync::{Mutex, PoisonError};

/// Imports what was asked for, and gives the report of it; see [`Report::outcome`].
///
/// # Errors
/// Fails when a path cannot be read, when none holds a heart-rate file, or when the archive cannot be read or written.
/// What could not be read in an export does not fail the run: it is in the report.
pub fn run(request: &Request, archive: &Archive, progress: &Progress) -> Result<Report, Error> {
    let mut inventory = inventory::Inventory::of(&request.paths, archive.root())?;
    if inventory.is_empty() {
        let mut report = Report::default();
        inventory.tell(&mut report);
        return Err(nothing_found(request, &report));
    }
    let _lock = if request.dry_run {
        None
    } else {
        Some(archive.lock_for_import(|| progress.tell(Event::WaitsFor(Work::Import)))?)
    };
    let run = Run {
        request,
        archive,
        progress,
        devices: Devices::default(),
        report: Mutex::default(),
        touched: Mutex::default(),
        other_days: Mutex::default(),
    };
    let inputs = request.paths.iter().map(|path| path.display().to_string());
    run.report().inputs = inputs.collect();
    inventory.tell(&mut run.report());
    let _begun = progress.begin(Work::Import, inventory.bytes());
    let before = exports::Exports::read(archive.root())?;
    let mut known = evidence::Known::new(request, before);
    known.read(&run, &mut inventory);
    known.owner(&run)?;
    let tar_files = tar_files::read(&run, &mut inventory, &mut known)?;
    known.owner(&run)?;
    known.recall(&run)?;
    let batch = stage::Batch {
        members: &inventory.members,
        zips: &inventory.zips,
        kept: &tar_files.kept,
        earlier: &tar_files.written,
        again: tar_files.late_evidence,
    };
    stage::perform(&run, &known, batch)?;
    other_days::import(&run, &inventory, &mut known, tar_files.written)?;
    remember(&run, known.exports)?;
    let mut report = run
        .report
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    report.total = std::mem::take(&mut report.total).settled();
    report.zones = known.profiles.iter().map(ToString::to_string).collect();
    if report.found_nothing() {
        return Err(nothing_found(request, &report));
    }
    Ok(report)
}

fn nothing_found(request: &Request, report: &Report) -> Error {
    Error::NothingFound {
        path: request.paths.first().cloned().unwrap_or_default(),
        paths: request.paths.len(),
        foreign: report.foreign,
    }
}

/// Keeps what the exports say for the parts that come later.
fn remember(run: &Run<'_>, mut exports: exports::Exports) -> Result<(), Error> {
    if run.request.dry_run {
        return Ok(());
    }
    let touched = run.touched.lock().unwrap_or_else(PoisonError::into_inner);
    let touched: DayRanges = touched.iter().copied().collect();
    if run.request.timezone.is_some() {
        exports.given.merge(&touched);
    } else {
        exports.given.remove(&touched);
    }
    Ok(exports.write(run.archive.root())?)
}
