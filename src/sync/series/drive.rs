//! The loop over the parts of all extracts: a few are fetched side by side, the newest of each first, and kept as they come.

use super::keep::{Keeper, Kept, Said};
use super::outcome::{Outcome, Trouble};
use super::plan::{Begin, Plan};
use super::settle::Circumstances;
use crate::archive::{self, DayRanges, table};
use crate::exit::{Exit, Explain};
use crate::extract::{Definition, overlap};
use crate::google::Google;
use crate::google::series::Series;
use crate::progress::{Event, Progress};
use crate::service::Error;
use crate::sync::pace::Patience;
use crate::sync::report::End;
use crate::sync::side_by_side::{self, Done};
use crate::sync::sync_state::SyncState;
use chrono::NaiveDate;
use std::collections::VecDeque;
use std::sync::Arc;

/// So many parts may wait to be written; memory is theirs and that of the requests under way.
const WAITING: usize = 3;

/// What a run works with.
pub struct Drive<'a> {
    /// Who is asked.
    pub google: &'a Google,
    /// How many requests are under way at once.
    pub side_by_side: usize,
    /// Where rows go.
    pub keeper: Keeper,
    /// When days settle.
    pub around: Circumstances,
    /// Who is told, and says when to end.
    pub progress: &'a Progress,
    /// What is still to be asked for.
    pub to_come: VecDeque<Part>,
    /// What was done with each plan.
    pub outcomes: Vec<Outcome>,
}

/// A part of one extract, by its place in the run.
#[derive(Debug, Clone)]
pub struct Part {
    place: usize,
    definition: Arc<Definition>,
    begin: Begin,
    /// The first day of the extract's range.
    first: NaiveDate,
    days: DayRanges,
}

type Fetched = (Part, Result<Series, Error>);
type Saved = (usize, Result<Kept, archive::Error>);
type Hands = side_by_side::Hands<Fetched, Saved>;

/// The parts of all plans, the newest of each first.
#[must_use]
pub fn in_turn(plans: &[Plan]) -> VecDeque<Part> {
    let most = plans.iter().map(|plan| plan.parts.len()).max().unwrap_or(0);
    let part = |turn: usize, (place, plan): (usize, &Plan)| {
        Some(Part {
            place,
            definition: Arc::clone(&plan.definition),
            // Only the oldest part goes back before the range.
            begin: if plan.begin == Begin::HereOrBefore && turn + 1 < plan.parts.len() {
                Begin::Here
            } else {
                plan.begin
            },
            first: *plan.range.start(),
            days: plan.parts.get(turn)?.clone(),
        })
    };
    (0..most)
        .flat_map(|turn| {
            plans
                .iter()
                .enumerate()
                .filter_map(move |plan| part(turn, plan))
        })
        .collect()
}

impl Drive<'_> {
    /// Fetches and keeps all of it. What is finished is kept however it ends.
    pub async fn run(mut self, plans: &[Plan], patience: Patience) -> (Vec<Outcome>, Option<End>) {
        let (provider, progress) = (self.google.provider(), self.progress);
        let mut hands = Hands::new(provider, patience);
        loop {
            if hands.may_fetch() {
                self.fetch_more(&mut hands);
            }
            match hands.next(progress).await {
                Some(Done::Fetched(fetched)) => self.take(fetched, &mut hands),
                Some(Done::Saved(saved)) => self.account(saved, &mut hands),
                Some(Done::Nothing) => {}
                None => break,
            }
        }
        for (outcome, plan) in self.outcomes.iter_mut().zip(plans) {
            judge(outcome, &plan.definition);
        }
        (self.outcomes, hands.end)
    }

    fn fetch_more(&mut self, hands: &mut Hands) {
        while hands.fetching.len() < self.side_by_side && hands.saving.len() < WAITING {
            let Some(part) = self.to_come.pop_front() else {
                return;
            };
            let Some(days) = part.days.bounds() else {
                continue;
            };
            let (google, zone) = (self.google.clone(), self.around.zone);
            let name = part.definition.name.replace('_', " ");
            self.progress.tell(Event::At(&name));
            hands.fetching.spawn(async move {
                let days = overlap::days_beside(&part.definition, &days);
                let got = google.series(&part.definition, &days, zone).await;
                (part, got)
            });
        }
    }

    fn take(&mut self, (part, got): Fetched, hands: &mut Hands) {
        let Some(outcome) = self.outcomes.get_mut(part.place) else {
            return;
        };
        outcome.requests += got.as_ref().map_or(1, |series| series.pages);
        match got {
            Ok(series) => {
                hands.answered();
                outcome.faults = outcome.faults.and(series.faults);
                note_members(outcome, &series);
                self.save(part, series, hands);
            }
            Err(error @ Error::RateLimited { wait, .. }) => {
                if hands.rests(wait, error) {
                    self.to_come.push_front(part);
                }
            }
            Err(error) if error.is_of_one_type() => {
                outcome.refused = Some(Trouble::refused(&error));
                self.drop_parts(part.place);
            }
            Err(error @ Error::Undecodable { .. }) => {
                outcome.failed = Some(Trouble::of(&error));
            }
            Err(error) => hands.end = Some(End::Service(error)),
        }
    }

    fn account(&mut self, (place, kept): Saved, hands: &mut Hands) {
        let Some(outcome) = self.outcomes.get_mut(place) else {
            return;
        };
        match kept {
            Ok(kept) => {
                self.progress.tell(Event::Advances(kept.days.days()));
                outcome.count(&kept);
            }
            // A file that is no table is the file's fault; the next one may be well.
            Err(error @ archive::Error::Unreadable { .. }) => {
                outcome.failed = Some(Trouble {
                    why: error.line(),
                    ..Trouble::of(&error)
                });
            }
            Err(error) => hands.stops(error),
        }
    }

    /// No more is asked of an extract.
    fn drop_parts(&mut self, place: usize) -> Vec<Part> {
        let (gone, kept) = self.to_come.drain(..).partition(|part| part.place == place);
        self.to_come = kept;
        Vec::from_iter::<VecDeque<Part>>(gone)
    }

    fn save(&mut self, mut part: Part, series: Series, hands: &mut Hands) {
        if part.begin != Begin::Here && !self.begin(&mut part, &series, hands) {
            return;
        }
        let said = Said {
            definition: part.definition,
            days: part.days,
            rows: series.rows,
            segments: series.segments,
            is_complete: series.faults.unreadable == 0,
            may_settle: !series.faults.are_too_many(),
        };
        let (keeper, around, place) = (self.keeper.clone(), self.around.clone(), part.place);
        hands
            .saving
            .spawn_blocking(move || (place, keeper.keep(said, &around)));
    }

    /// Finds out where the extract begins, if this answer says so; `false` where nothing of it is kept.
    fn begin(&mut self, part: &mut Part, series: &Series, hands: &mut Hands) -> bool {
        let first = table::civil_days(&series.rows).flatten().min();
        let begins = match (part.begin, first) {
            (Begin::Here, _) | (Begin::AfterNothing, Some(_)) => return true,
            (Begin::AtFirstRow, Some(first)) => first,
            (Begin::HereOrBefore, first) => first.unwrap_or(part.first).min(part.first),
            (Begin::AtFirstRow | Begin::AfterNothing, None) => {
                let later = self.drop_parts(part.place);
                if let Some(outcome) = self.outcomes.get_mut(part.place) {
                    for gone in later.iter().chain([&*part]) {
                        outcome.left.remove(&gone.days);
                    }
                }
                return false;
            }
        };
        let archive = &self.keeper.archive;
        let name = &part.definition.name;
        let state = SyncState::read(archive);
        if let Err(error) = state.and_then(|mut state| state.want(archive, [(&**name, begins)])) {
            hands.end = Some(End::Archive(error));
            return false;
        }
        if let Some(outcome) = self.outcomes.get_mut(part.place) {
            let before = begins
                .pred_opt()
                .and_then(|before| Some(part.days.first()?..=before));
            if let Some(before) = before {
                outcome.left.remove_range(&before);
                part.days.remove_range(&before);
            }
            outcome.range = outcome.range.map(|(_, last)| (begins, last));
        }
        true
    }
}

/// Members that no answer with points had.
fn note_members(outcome: &mut Outcome, series: &Series) {
    if series.faults.points == 0 {
        return;
    }
    let missing = series.never_met.clone();
    outcome.never_met = Some(match outcome.never_met.take() {
        Some(before) => before
            .into_iter()
            .filter(|name| missing.contains(name))
            .collect(),
        None => missing,
    });
}

/// What the whole of the answers says of the definition.
fn judge(outcome: &mut Outcome, definition: &Definition) {
    let faults = outcome.faults;
    let wrong = definition.wrong_members(outcome.never_met.as_deref().unwrap_or_default());
    let why = if !wrong.is_empty() {
        outcome.without(&wrong)
    } else if faults.are_too_many() {
        let (all, odd) = (faults.points, faults.unreadable);
        format!("{odd} of {all} points could not be read")
    } else {
        return;
    };
    outcome.failed.get_or_insert(Trouble {
        why,
        hint: if definition.is_built_in() {
            "the service has changed; look for a newer version".into()
        } else {
            crate::extract::mend(&definition.name).into()
        },
        exit: Exit::Data,
        lacks_scope: false,
    });
}
