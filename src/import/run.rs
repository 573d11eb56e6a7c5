//! What all parts of a run share.

use super::report::Report;
use super::request::Request;
use crate::archive::Archive;
use crate::progress::Progress;
use crate::takeout::device::Devices;
use crate::takeout::packed::Packed;
use chrono::NaiveDate;
use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Records of a CSV that holds more days than the one in its name, which is only the first.
#[derive(Debug)]
pub(super) struct OtherDay {
    pub(super) block: Packed,
    pub(super) export: usize,
}

/// One import.
pub(super) struct Run<'a> {
    pub(super) request: &'a Request,
    pub(super) archive: &'a Archive,
    pub(super) progress: &'a Progress,
    pub(super) devices: Devices,
    pub(super) report: Mutex<Report>,
    /// Days of the archive that this run put samples into.
    pub(super) touched: Mutex<BTreeSet<NaiveDate>>,
    /// Records of days that no file's name tells of.
    pub(super) other_days: Mutex<Vec<OtherDay>>,
}

impl Run<'_> {
    pub(super) fn report(&self) -> MutexGuard<'_, Report> {
        self.report.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
