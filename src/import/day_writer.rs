//! A day is made from all that was read around it, and put into the archive.
//!
//! To make it takes a processor, to put it takes a disk: as many days wait for the disk side by side as it flushes in one
//! go, while the processors make the next ones. Each file is flushed before it is renamed, as ever.

use super::day::combine;
use super::evidence::Known;
use super::run::Run;
use super::window::Due;
use crate::archive::{self, Edit};
use crate::day::Detail;
use crate::takeout::tally::Tally;
use crate::takeout::twins;
use chrono::NaiveDate;
use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

/// How many days wait for the disk at once.
const SIDE_BY_SIDE: usize = 16;

/// What turns a day that is due into a file.
pub(super) struct DayWriter<'a> {
    pub(super) run: &'a Run<'a>,
    pub(super) known: &'a Known,
    /// Days that this run imported before, from what it had read of a tar file.
    pub(super) earlier: &'a BTreeSet<NaiveDate>,
    /// Days whose file in the archive has been read, or is not there.
    pub(super) reviewed: BTreeSet<NaiveDate>,
}

/// A day that is made and not yet in the archive.
pub(super) struct Made {
    due: Box<Due>,
    /// `None` where the archive's file cannot be read, which was reported when it was.
    edit: Option<Edit>,
    tally: Tally,
    /// Samples came from the input.
    sampled: bool,
    /// Anything came from the input.
    touched: bool,
}

impl DayWriter<'_> {
    /// Unites all that is known of a day with what the archive has of it. Nothing is written.
    pub(super) fn make(&self, mut due: Box<Due>) -> Result<Made, archive::Error> {
        let run = self.run;
        let day = due.pages.day;
        due.pages.earlier = self.earlier.contains(&day);
        let mut union = twins::unite(&due.pages, run.request.filter, &run.devices);
        let resting = self.known.resting.get(&day).copied();
        union.file.day.summary.resting_bpm = resting;
        if !union.file.day.samples.is_empty() || union.known {
            let last = union.file.day.samples.last();
            let utc_offset = last.and_then(|sample| sample.utc_offset);
            let utc_offset = utc_offset.unwrap_or_default();
            union.file.meta.settled = due.settles(last.is_some(), utc_offset, run.request.now);
        }
        let reviewed = self.reviewed.contains(&day);
        let decide = |stored| combine(stored, &union.file, union.known, reviewed);
        let edit = match run.archive.decide_day(Detail::Sec1, day, decide) {
            Err(archive::Error::Unreadable { .. }) => None,
            edit => Some(edit?),
        };
        Ok(Made {
            due,
            edit,
            tally: union.tally,
            sampled: union.touched,
            touched: union.touched || resting.is_some(),
        })
    }

    /// Puts a day into the archive; it is made again if somebody else wrote its file in between.
    fn put(&self, mut made: Made) -> Result<NaiveDate, archive::Error> {
        let run = self.run;
        while let Some(edit) = &made.edit
            && !run.request.dry_run
            && !run.archive.put(edit)?
        {
            made = self.make(made.due)?;
        }
        let day = made.due.pages.day;
        if made.sampled {
            let mut touched = run.touched.lock().unwrap_or_else(PoisonError::into_inner);
            touched.insert(day);
        }
        let mut report = run.report();
        report.total.add(day, made.tally);
        if let Some(change) = made.edit.and_then(|edit| edit.change()) {
            report.wrote(change, made.touched);
        }
        Ok(day)
    }

    /// Days that are sent are put into the archive on threads of the scope, until the last sender is dropped.
    pub(super) fn start<'scope>(
        &'scope self,
        scope: &'scope std::thread::Scope<'scope, '_>,
        done: impl Fn(Result<NaiveDate, archive::Error>) + Copy + Send + 'scope,
    ) -> SyncSender<Made> {
        let (send, made) = sync_channel(0);
        let made = Arc::new(Mutex::new(made));
        for _ in 0..SIDE_BY_SIDE {
            let made = Arc::clone(&made);
            scope.spawn(move || {
                while let Some(made) = next(&made) {
                    done(self.put(made));
                }
            });
        }
        send
    }
}

fn next(made: &Mutex<Receiver<Made>>) -> Option<Made> {
    let made = made.lock().unwrap_or_else(PoisonError::into_inner);
    made.recv().ok()
}
