//! The days of a plan, read and encoded side by side, handed over in order.

use super::aggregate::aggregated;
use super::{Error, Plan, plan::Item};
use crate::archive::{Archive, DayFile};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// What was exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Days that have a file, empty ones included.
    pub days: u64,
    /// Days without samples.
    pub empty_days: u64,
    /// Samples written.
    pub samples: u64,
    /// Samples left out because the format needs instants.
    pub without_instant: u64,
    /// Days with more to come.
    pub unsettled_days: u64,
}

impl Tally {
    fn of(file: &DayFile) -> Self {
        let samples = file.day.samples.len() as u64;
        Self {
            days: 1,
            empty_days: u64::from(samples == 0),
            samples,
            without_instant: 0,
            unsettled_days: u64::from(!file.meta.settled),
        }
    }

    fn add(&mut self, other: Self) {
        self.days += other.days;
        self.empty_days += other.empty_days;
        self.samples += other.samples;
        self.without_instant += other.without_instant;
        self.unsettled_days += other.unsettled_days;
    }
}

/// The days to be exported, and who is told about them.
pub struct Days<'a> {
    /// Where they are.
    pub archive: &'a Archive,
    /// Which they are.
    pub plan: &'a Plan,
    /// Told how many more days are done.
    pub progress: &'a (dyn Fn(u64) + Sync),
    /// Set when somebody wants the export to end.
    pub cancelled: &'a AtomicBool,
}

/// How many pieces of each worker may wait for the writer.
const WAITING: usize = 1;

impl Days<'_> {
    /// Reads the days in pieces of at least `bytes` stored bytes (the last may have less), lets `encode` work on several pieces
    /// at once, and hands what it made to `write`, in order. `write` can end it early.
    ///
    /// # Errors
    /// Fails at the first day that cannot be read, encoded or written.
    pub fn each<P: Send>(
        &self,
        bytes: u64,
        encode: impl Fn(Vec<DayFile>) -> Result<P, Error> + Sync,
        mut write: impl FnMut(P, Tally) -> Result<ControlFlow<()>, Error>,
    ) -> Result<Tally, Error> {
        let pieces = pieces(&self.plan.items, bytes);
        let workers = thread::available_parallelism()
            .map_or(2, std::num::NonZero::get)
            .clamp(1, 8);
        thread::scope(|scope| {
            // Each worker has every so-manieth piece, so the order needs no more than taking turns.
            let receivers: Vec<_> = (0..workers)
                .map(|worker| {
                    let (sender, receiver) = sync_channel(WAITING);
                    let own = pieces.iter().skip(worker).step_by(workers);
                    let encode = &encode;
                    scope.spawn(move || self.work(own, encode, &sender));
                    receiver
                })
                .collect();
            let mut total = Tally::default();
            for receiver in receivers.iter().cycle().take(pieces.len()) {
                let (piece, tally) = self.next(receiver)?;
                total.add(tally);
                if write(piece, tally)?.is_break() {
                    break;
                }
                (self.progress)(tally.days);
            }
            Ok(total)
        })
    }

    /// Takes the next piece; when the writer stops, the receivers go, and with them the workers.
    fn next<P>(&self, receiver: &Receiver<Result<(P, Tally), Error>>) -> Result<(P, Tally), Error> {
        if self.cancelled.load(Ordering::Relaxed) {
            return Err(Error::Interrupted);
        }
        receiver.recv().unwrap_or(Err(Error::Interrupted))
    }

    fn work<'p, P>(
        &self,
        pieces: impl Iterator<Item = &'p &'p [Item]>,
        encode: &impl Fn(Vec<DayFile>) -> Result<P, Error>,
        sender: &SyncSender<Result<(P, Tally), Error>>,
    ) {
        for piece in pieces {
            let made = self.read(piece).and_then(|files| {
                let mut tally = Tally::default();
                for file in &files {
                    tally.add(Tally::of(file));
                }
                Ok((encode(files)?, tally))
            });
            let failed = made.is_err();
            if sender.send(made).is_err() || failed {
                return;
            }
        }
    }

    fn read(&self, piece: &[Item]) -> Result<Vec<DayFile>, Error> {
        let mut files = Vec::with_capacity(piece.len());
        for item in piece {
            // A day that went away since it was listed is no day.
            if let Some(mut file) = self.archive.read(item.stored, item.date)? {
                file.day = aggregated(file.day, self.plan.detail);
                files.push(file);
            }
        }
        Ok(files)
    }
}

/// Neighbouring days of at least so many bytes together.
fn pieces(items: &[Item], bytes: u64) -> Vec<&[Item]> {
    let mut pieces = Vec::new();
    let mut rest = items;
    while !rest.is_empty() {
        let mut sum = 0;
        let full = rest.iter().position(|item| {
            sum += item.bytes;
            sum >= bytes
        });
        let (piece, after) = rest.split_at(full.map_or(rest.len(), |last| last + 1));
        pieces.push(piece);
        rest = after;
    }
    pieces
}
