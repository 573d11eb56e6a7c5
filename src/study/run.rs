//! A run of a shard: its participants side by side, then the report. Memory is that of those who have their turn, however many
//! there are.

use super::error::Error;
use super::id::Id;
use super::report::{Kind, Outcome, Report};
use super::shard::Shard;
use super::tombstone::{self, Tombstone};
use super::turn::{Means, Turn};
use super::{erase, report};
use crate::archive::layout::BESIDE;
use crate::clock;
use crate::objects::Objects;
use crate::progress::{Event, Work};
use crate::tasks::{blocking, finished};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::task::JoinSet;

/// So many participants have their turn at once: enough to keep the project's rate at the latency of a distant service.
const SIDE_BY_SIDE: usize = 32;

/// What a shard's run came to.
#[derive(Debug)]
pub struct Done {
    /// The report, which is kept already.
    pub report: Report,
    /// What ended it early, and is the study's own.
    pub error: Option<Error>,
    /// It was told to stop.
    pub stopped: bool,
}

/// Runs a shard of these participants, and keeps the report.
///
/// # Errors
/// Fails when the run cannot begin or its report cannot be kept; what was fetched is kept all the same.
pub async fn run(means: Means, shard: Shard, ids: Vec<Id>) -> Result<Done, Error> {
    let means = Arc::new(means);
    let started = clock::now();
    let objects = Arc::clone(&means.objects);
    blocking(move || sweep(&*objects, shard)).await?;
    let ids: Vec<_> = ids.into_iter().filter(|id| shard.has(id)).collect();
    let mut turns = Turns {
        means: Arc::clone(&means),
        under_way: JoinSet::new(),
        participants: BTreeMap::new(),
        error: None,
        stopped: false,
    };
    turns.all(&ids).await;
    let Turns {
        participants,
        error,
        stopped,
        ..
    } = turns;
    let report = Report {
        shard: shard.index,
        of: shard.of,
        started,
        ended: clock::now(),
        participants,
    };
    let objects = Arc::clone(&means.objects);
    let kept = blocking(move || keep(&*objects, report)).await;
    match (kept, error) {
        // What ended the run keeps the report from being kept as well.
        (Err(_), Some(error)) => Err(error),
        (kept, error) => Ok(Done {
            report: kept?,
            error,
            stopped,
        }),
    }
}

struct Turns {
    means: Arc<Means>,
    under_way: JoinSet<(Id, Turn)>,
    participants: BTreeMap<Id, Outcome>,
    error: Option<Error>,
    stopped: bool,
}

impl Turns {
    async fn all(&mut self, ids: &[Id]) {
        let progress = self.means.progress.clone();
        let _begun = progress.begin(Work::Study, ids.len() as u64);
        let mut waiting = ids.iter();
        loop {
            while !self.is_ending() && self.under_way.len() < SIDE_BY_SIDE {
                let Some(id) = waiting.next().cloned() else {
                    break;
                };
                let turn = Arc::clone(&self.means).turn(id.clone());
                self.under_way.spawn(async move { (id, turn.await) });
            }
            tokio::select! {
                biased;
                () = progress.over(), if !self.stopped => self.stopped = true,
                joined = self.under_way.join_next() => match joined {
                    None => break,
                    Some(joined) => if let Some((id, turn)) = finished(joined) {
                        self.take(id, turn);
                    },
                }
            }
        }
        let why = "the run was over before its turn was";
        for id in ids {
            let left = || Outcome::failed(Kind::Stopped, why);
            self.participants.entry(id.clone()).or_insert_with(left);
        }
    }

    fn is_ending(&self) -> bool {
        self.stopped || self.error.is_some()
    }

    fn take(&mut self, id: Id, turn: Turn) {
        let outcome = match turn {
            Turn::Over(outcome) => outcome,
            Turn::Hopeless(outcome, error) => {
                self.error.get_or_insert(*error);
                self.under_way.abort_all();
                outcome
            }
        };
        self.means.progress.tell(Event::At(&id));
        self.means.progress.tell(Event::Advances(1));
        self.participants.insert(id, outcome);
    }
}

/// A run that was killed between a write and its look for a tombstone may have left something of a participant who was erased.
fn sweep(objects: &dyn Objects, shard: Shard) -> Result<(), Error> {
    objects.sweep(BESIDE, &|_| true);
    let all = tombstone::all(objects)?.into_iter();
    let ours = |tombstone: &Tombstone| tombstone.erase && shard.has(&tombstone.participant);
    for tombstone in all.filter(ours) {
        erase::erase(objects, &tombstone.participant)?;
    }
    Ok(())
}

/// Keeps the report, without those whose data were erased: before it is written, and once more afterwards.
fn keep(objects: &dyn Objects, mut report: Report) -> Result<Report, Error> {
    let erased = || -> Result<BTreeSet<Id>, Error> {
        let all = tombstone::all(objects)?.into_iter();
        let erased = all.filter(|tombstone| tombstone.erase);
        Ok(erased.map(|tombstone| tombstone.participant).collect())
    };
    loop {
        let gone = erased()?;
        report.participants.retain(|id, _| !gone.contains(id));
        objects.put(&report.name(), &report.encoded())?;
        objects.flush();
        if erased()?
            .iter()
            .all(|id| !report.participants.contains_key(id))
        {
            return Ok(report);
        }
    }
}

/// The reports of the last two days that have some: a run may begin before midnight and end after it.
///
/// # Errors
/// Fails when the store cannot be read.
pub fn last_reports(objects: &dyn Objects) -> Result<Vec<Report>, Error> {
    let days = objects.folders(report::RUNS)?;
    let is_day = |name: &&String| name.parse::<chrono::NaiveDate>().is_ok();
    let mut reports = Vec::new();
    for day in days.iter().rev().filter(is_day).take(2) {
        for object in objects.list(&format!("{}/{day}", report::RUNS))? {
            let bytes = objects.read(&object.name)?.unwrap_or_default();
            // Another program's file, or a later version's, is no report.
            reports.extend(serde_json::from_slice::<Report>(&bytes));
        }
    }
    Ok(reports)
}

/// When each login ends, for those that can be read here.
#[must_use]
pub fn logins(tokens: &super::tokens::Tokens, ids: &[Id]) -> BTreeMap<Id, Option<DateTime<Utc>>> {
    let end = |id: &Id| {
        let token = tokens.of(id).read().ok().flatten();
        (id.clone(), token.and_then(|token| token.login_expires_at))
    };
    ids.iter().map(end).collect()
}
