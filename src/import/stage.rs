//! The work itself: members are read in the order of time, days are written as they become due, on all threads.
//!
//! A thread writes before it reads, so what has been read and not yet written stays bounded.

use super::day_writer::{DayWriter, Made};
use super::error::Error;
use super::evidence::Known;
use super::files::{self, Read};
use super::member::{Location, Member, OpenZip};
use super::run::Run;
use super::skip::{Skip, Source};
use super::window::{CHANGES_WITHIN_DAYS, Due, SPEAKS_WITHIN_DAYS, Window};
use crate::archive;
use crate::day::Detail;
use crate::progress::Event;
use crate::takeout::block::StoredBlock;
use crate::takeout::input::{Buffers, Refusal, Remedy, read_file};
use crate::takeout::name::Kind;
use crate::takeout::packed::Packed;
use crate::takeout::wearer_clock::DayBounds;
use chrono::{Days, NaiveDate};
use std::collections::{BTreeSet, VecDeque};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// A file kept in memory since its tar file was read.
#[derive(Debug)]
pub(super) struct KeptMember {
    pub(super) block: Arc<Packed>,
    pub(super) day_bounds: Option<DayBounds>,
}

/// Something to read.
#[derive(Debug, Clone, Copy)]
enum Task<'a> {
    Member(&'a Member),
    Stored { day: NaiveDate, may_change: bool },
}

impl Task<'_> {
    fn day(self) -> NaiveDate {
        match self {
            Task::Member(member) => member.kind.day().unwrap_or_default(),
            Task::Stored { day, .. } => day,
        }
    }
}

/// What to do next.
enum Job<'a> {
    Read(usize, Task<'a>),
    Write(Box<Due>),
    End,
}

struct State {
    window: Window,
    next: usize,
    read: Vec<bool>,
    frontier: usize,
    ready: VecDeque<Due>,
    stopped: bool,
    failure: Option<archive::Error>,
}

struct Stage<'a> {
    run: &'a Run<'a>,
    known: &'a Known,
    zips: &'a [OpenZip],
    kept: &'a [KeptMember],
    writer: DayWriter<'a>,
    tasks: Vec<Task<'a>>,
    state: Mutex<State>,
    wake: Condvar,
}

/// What is to be imported.
#[derive(Debug, Clone, Copy)]
pub(super) struct Batch<'a> {
    /// In the order of time.
    pub(super) members: &'a [Member],
    /// Where some of them are.
    pub(super) zips: &'a [OpenZip],
    /// Where others are.
    pub(super) kept: &'a [KeptMember],
    /// Days that this run imported before.
    pub(super) earlier: &'a BTreeSet<NaiveDate>,
    /// Those are made again: evidence came after them.
    pub(super) again: bool,
}

/// Imports members.
pub(super) fn perform(run: &Run<'_>, known: &Known, batch: Batch<'_>) -> Result<(), Error> {
    let stage = Stage::of(run, known, batch);
    stage.advance(&mut stage.state());
    std::thread::scope(|scope| {
        let stage = &stage;
        let writes = stage.writer.start(scope, |written| stage.wrote(written));
        for _ in 1..run.request.threads.max(1) {
            let writes = writes.clone();
            scope.spawn(move || stage.work(&writes));
        }
        stage.work(&writes);
    });
    let ended = stage.state.into_inner();
    match ended.unwrap_or_else(PoisonError::into_inner).failure {
        Some(error) => Err(error.into()),
        None => Ok(()),
    }
}

/// The days that an import of these members writes: a day of the one twin lies in two days of the other.
pub(super) fn days_around(members: &[Member]) -> impl Iterator<Item = NaiveDate> {
    let days = members.iter().filter_map(|member| member.kind.day());
    days.flat_map(|day| around(day, 1))
}

fn around(day: NaiveDate, days: u64) -> impl Iterator<Item = NaiveDate> {
    let count = usize::try_from(2 * days + 1).unwrap_or_default();
    (day - Days::new(days)).iter_days().take(count)
}

/// The archive's days that say something about the input's, and those that may change by it.
fn stored_tasks<'a>(
    known: &Known,
    days: &BTreeSet<NaiveDate>,
    review: &BTreeSet<NaiveDate>,
) -> Vec<Task<'a>> {
    let near = |day: NaiveDate, within: u64| {
        let range = day - Days::new(within)..=day + Days::new(within);
        days.range(range.clone()).next().is_some() || review.range(range).next().is_some()
    };
    known
        .stored
        .iter()
        .filter(|day| near(**day, SPEAKS_WITHIN_DAYS))
        .map(|&day| Task::Stored {
            day,
            may_change: near(day, CHANGES_WITHIN_DAYS),
        })
        .collect()
}

impl<'a> Stage<'a> {
    /// Everything that is to be read, in the order of time.
    fn of(run: &'a Run<'a>, known: &'a Known, batch: Batch<'a>) -> Self {
        let mut review = known.review.clone();
        if batch.again {
            review.extend(batch.earlier);
        }
        let days = batch.members.iter().filter_map(|member| member.kind.day());
        let days: BTreeSet<NaiveDate> = days.collect();
        let mut tasks = stored_tasks(known, &days, &review);
        let mut reviewed: BTreeSet<NaiveDate> = tasks.iter().map(|task| task.day()).collect();
        tasks.extend(batch.members.iter().map(Task::Member));
        tasks.sort_by_key(|task| task.day());
        // What is not there needs no reading.
        let stored: BTreeSet<NaiveDate> = known.stored.iter().copied().collect();
        reviewed.extend(
            days.iter()
                .chain(known.resting.keys())
                .flat_map(|day| around(*day, CHANGES_WITHIN_DAYS))
                .filter(|day| !stored.contains(day)),
        );
        let request = run.request;
        let mut window = Window::new(request.timezone, &known.zones, &known.spans, request.now);
        for day in known.resting.keys() {
            window.expect(*day);
        }
        Self {
            run,
            known,
            zips: batch.zips,
            kept: batch.kept,
            writer: DayWriter {
                run,
                known,
                earlier: batch.earlier,
                reviewed,
            },
            state: Mutex::new(State {
                window,
                next: 0,
                read: vec![false; tasks.len()],
                frontier: 0,
                ready: VecDeque::new(),
                stopped: false,
                failure: None,
            }),
            tasks,
            wake: Condvar::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self, writes: &SyncSender<Made>) {
        // A thread that panics must not leave the others waiting.
        let _guard = Guard(self);
        let mut buffers = Buffers::default();
        loop {
            match self.next() {
                Job::End => return,
                Job::Read(at, task) => {
                    let read = self.read(task, &mut buffers);
                    self.deliver(at, read);
                }
                Job::Write(due) => match self.writer.make(due) {
                    // Nobody listens any more after a failure of theirs.
                    Ok(made) => drop(writes.send(made)),
                    Err(error) => self.fail(error),
                },
            }
        }
    }

    fn wrote(&self, written: Result<NaiveDate, archive::Error>) {
        match written {
            Ok(day) => self.run.progress.tell(Event::Keeps(day)),
            Err(error) => self.fail(error),
        }
    }

    fn next(&self) -> Job<'a> {
        let mut state = self.state();
        loop {
            if state.stopped || self.run.progress.is_over() {
                return Job::End;
            }
            if let Some(due) = state.ready.pop_front() {
                return Job::Write(Box::new(due));
            }
            if let Some(&task) = self.tasks.get(state.next) {
                state.next += 1;
                return Job::Read(state.next - 1, task);
            }
            if state.frontier >= self.tasks.len() {
                return Job::End;
            }
            state = self
                .wake
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn deliver(&self, at: usize, read: Read) {
        let mut state = self.state();
        match read {
            Read::Json(block, day_bounds) => state.window.add_json(block, day_bounds),
            Read::Csv(block) => state.window.add_csv(block),
            Read::Stored(block, may_change) => state.window.add_stored(block, may_change),
            Read::Nothing => {}
        }
        if let Some(read) = state.read.get_mut(at) {
            *read = true;
        }
        self.advance(&mut state);
        drop(state);
        self.wake.notify_all();
    }

    fn advance(&self, state: &mut State) {
        while state.read.get(state.frontier) == Some(&true) {
            state.frontier += 1;
        }
        let frontier = self.tasks.get(state.frontier).map(|task| task.day());
        let due = state.window.due(frontier);
        state.ready.extend(due);
    }

    fn fail(&self, error: archive::Error) {
        let mut state = self.state();
        state.stopped = true;
        state.failure.get_or_insert(error);
        drop(state);
        self.wake.notify_all();
    }

    fn read(&self, task: Task<'_>, buffers: &mut Buffers) -> Read {
        let member = match task {
            Task::Member(member) => member,
            Task::Stored { day, may_change } => return self.read_stored(day, may_change),
        };
        let source = member.source(self.zips);
        let read = self.read_member(member, &source, buffers);
        self.run.progress.tell(Event::Advances(member.bytes));
        read.unwrap_or_else(|refusal| {
            self.run.report().skip(Skip::file(source, refusal));
            Read::Nothing
        })
    }

    fn read_member(
        &self,
        member: &Member,
        source: &Source<'_>,
        buffers: &mut Buffers,
    ) -> Result<Read, Refusal> {
        let most = member.kind.max_bytes();
        let bytes = match &member.place {
            Location::Zip(at, place) => {
                let open = self
                    .zips
                    .get(*at)
                    .ok_or_else(|| Refusal::new("its archive is gone"))?;
                open.zip.read(*place, most, buffers)?
            }
            Location::File(path) => read_file(path, most, buffers)?,
            Location::Kept(at) => return Ok(self.kept_member(member.kind, *at)),
        };
        let export = (member.made, member.export);
        files::decode(self.run, member.kind, export, bytes, source)
    }

    fn kept_member(&self, kind: Kind, at: usize) -> Read {
        let Some(kept_file) = self.kept.get(at) else {
            return Read::Nothing;
        };
        let block = Arc::clone(&kept_file.block);
        match (kind, &kept_file.day_bounds) {
            (Kind::Json(_), Some(day_bounds)) => Read::Json(block, day_bounds.clone()),
            (Kind::Csv(_), _) => Read::Csv(block),
            _ => Read::Nothing,
        }
    }

    fn read_stored(&self, day: NaiveDate, may_change: bool) -> Read {
        match self.run.archive.read(Detail::Sec1, day) {
            Ok(Some(file)) => {
                let given = self.known.is_given(day);
                let block = StoredBlock::new(&file, &self.run.devices, given);
                Read::Stored(Arc::new(block), may_change)
            }
            Ok(None) => Read::Nothing,
            Err(archive::Error::Unreadable { path, fault }) => {
                let refusal = Refusal::new(format!("{}; {}", fault.why(), fault.hint()));
                let refusal = refusal.with(Remedy::Archive);
                self.run.report().skip(Skip::file(path.display(), refusal));
                Read::Nothing
            }
            Err(error) => {
                self.fail(error);
                Read::Nothing
            }
        }
    }
}

struct Guard<'a, 'b>(&'b Stage<'a>);

impl Drop for Guard<'_, '_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.state().stopped = true;
            self.0.wake.notify_all();
        }
    }
}
