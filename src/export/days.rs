//! The files of a table, read and encoded side by side, handed over in order.

use super::Error;
use crate::progress::{Event, Progress};
use chrono::NaiveDate;
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// What was exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Days that are known, empty ones included.
    pub days: u64,
    /// Days without rows.
    pub empty_days: u64,
    /// Rows written.
    pub rows: u64,
    /// Rows left out because the format needs instants.
    pub without_instant: u64,
    /// Days with more to come.
    pub unsettled_days: u64,
    /// The first day and the last.
    pub days_between: Option<(NaiveDate, NaiveDate)>,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.days += other.days;
        self.empty_days += other.empty_days;
        self.rows += other.rows;
        self.without_instant += other.without_instant;
        self.unsettled_days += other.unsettled_days;
        self.days_between = match (self.days_between, other.days_between) {
            (Some((first, _)), Some((_, last))) => Some((first, last)),
            (earlier, later) => earlier.or(later),
        };
    }
}

/// Where the rows of a table are: files of a day or a year, each read as a whole.
pub trait Source: Sync {
    /// Names a file.
    type Item: Sync;
    /// What is in it.
    type File: Send;

    /// The files, in the order of time.
    fn items(&self) -> &[Self::Item];

    /// The size of a file.
    fn bytes(item: &Self::Item) -> u64;

    /// Reads a file; `None` where it went away since it was listed.
    ///
    /// # Errors
    /// Fails when it cannot be read.
    fn read(&self, item: &Self::Item) -> Result<Option<Self::File>, Error>;

    /// What is in a file that was read.
    fn tally(&self, file: &Self::File) -> Tally;
}

/// How many pieces of each worker may wait for the writer.
const WAITING: usize = 1;

/// Reads the files in pieces of at least `bytes` stored bytes (the last may have less), lets `encode` work on several pieces
/// at once, and hands what it made to `write`, in order. `write` can end it early.
///
/// # Errors
/// Fails at the first file that cannot be read, encoded or written.
pub fn each<S: Source, P: Send>(
    source: &S,
    progress: &Progress,
    bytes: u64,
    encode: impl Fn(Vec<S::File>) -> Result<P, Error> + Sync,
    mut write: impl FnMut(P) -> Result<ControlFlow<()>, Error>,
) -> Result<Tally, Error> {
    let pieces = pieces(source.items(), S::bytes, bytes);
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
                scope.spawn(move || work(source, own, encode, &sender));
                receiver
            })
            .collect();
        let mut total = Tally::default();
        for (piece, receiver) in pieces.iter().zip(receivers.iter().cycle()) {
            let (made, tally) = next(progress, receiver)?;
            total.add(tally);
            if write(made)?.is_break() {
                break;
            }
            progress.tell(Event::Advances(piece.len() as u64));
        }
        Ok(total)
    })
}

/// Takes the next piece; when the writer stops, the receivers go, and with them the workers.
fn next<P>(
    progress: &Progress,
    receiver: &Receiver<Result<(P, Tally), Error>>,
) -> Result<(P, Tally), Error> {
    if progress.is_over() {
        return Err(Error::Interrupted);
    }
    receiver.recv().unwrap_or(Err(Error::Interrupted))
}

fn work<'p, S: Source, P>(
    source: &S,
    pieces: impl Iterator<Item = &'p &'p [S::Item]>,
    encode: &impl Fn(Vec<S::File>) -> Result<P, Error>,
    sender: &SyncSender<Result<(P, Tally), Error>>,
) where
    S::Item: 'p,
{
    for piece in pieces {
        let read: Result<Vec<_>, _> = piece.iter().map(|item| source.read(item)).collect();
        let made = read.and_then(|files| {
            let files: Vec<_> = files.into_iter().flatten().collect();
            let mut tally = Tally::default();
            for file in &files {
                tally.add(source.tally(file));
            }
            Ok((encode(files)?, tally))
        });
        let failed = made.is_err();
        if sender.send(made).is_err() || failed {
            return;
        }
    }
}

/// Neighbouring files of at least so many bytes together.
fn pieces<T>(items: &[T], size: impl Fn(&T) -> u64, bytes: u64) -> Vec<&[T]> {
    let mut pieces = Vec::new();
    let mut rest = items;
    while !rest.is_empty() {
        let mut sum = 0;
        let full = rest.iter().position(|item| {
            sum += size(item);
            sum >= bytes
        });
        let (piece, after) = rest.split_at(full.map_or(rest.len(), |last| last + 1));
        pieces.push(piece);
        rest = after;
    }
    pieces
}
