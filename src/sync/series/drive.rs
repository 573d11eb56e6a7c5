//! The loop over the parts of all extracts: a few are fetched side by side, the newest of each first, and kept as they come.

use super::keep::{Keeper, Kept, Said, asked};
use super::outcome::{Outcome, Trouble};
use super::plan::{Begin, Plan};
use super::settle::Circumstances;
use crate::archive::{self, DayRanges, table};
use crate::exit::{Exit, Explain};
use crate::extract::Definition;
use crate::google::Google;
use crate::google::series::Series;
use crate::progress::{Event, Progress};
use crate::service::Error;
use crate::sync::drive::outcome as joined;
use crate::sync::pace::Patience;
use crate::sync::report::End;
use crate::sync::rest::Rest;
use crate::sync::sync_state::SyncState;
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::task::JoinSet;

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
    /// How long it may rest.
    pub patience: Patience,
    /// Who is told, and says when to end.
    pub progress: &'a Progress,
}

/// A part of one extract, by its place in the run.
#[derive(Debug, Clone)]
struct Part {
    place: usize,
    definition: Arc<Definition>,
    begin: Begin,
    days: DayRanges,
}

struct Hands {
    parts: VecDeque<Part>,
    fetching: JoinSet<(Part, Result<Series, Error>)>,
    saving: JoinSet<(usize, Result<Kept, archive::Error>)>,
    rest: Option<Rest>,
    fruitless: u32,
    outcomes: Vec<Outcome>,
    end: Option<End>,
}

impl Hands {
    /// No more is asked of an extract.
    fn drop_parts(&mut self, place: usize) -> Vec<Part> {
        let (gone, kept) = self.parts.drain(..).partition(|part| part.place == place);
        self.parts = kept;
        Vec::from_iter::<VecDeque<Part>>(gone)
    }
}

/// The parts of all plans, the newest of each first.
fn in_turn(plans: &[Plan]) -> VecDeque<Part> {
    let most = plans.iter().map(|plan| plan.parts.len()).max().unwrap_or(0);
    let part = |turn: usize, (place, plan): (usize, &Plan)| {
        Some(Part {
            place,
            definition: Arc::clone(&plan.definition),
            begin: plan.begin,
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
    pub async fn run(&self, plans: &[Plan]) -> (Vec<Outcome>, Option<End>) {
        let mut hands = Hands {
            parts: in_turn(plans),
            fetching: JoinSet::new(),
            saving: JoinSet::new(),
            rest: None,
            fruitless: 0,
            outcomes: plans.iter().map(Outcome::of).collect(),
            end: None,
        };
        loop {
            if hands.end.is_none() && hands.rest.is_none() {
                self.fetch_more(&mut hands);
            }
            if hands.fetching.is_empty() && hands.saving.is_empty() {
                match hands.rest.take() {
                    Some(rest) if hands.end.is_none() => {
                        let provider = self.google.provider();
                        hands.end = rest
                            .take(provider, self.progress, &mut hands.fruitless)
                            .await;
                    }
                    _ => break,
                }
                continue;
            }
            tokio::select! {
                Some(done) = hands.fetching.join_next() => {
                    if let Some((part, got)) = joined(done) {
                        self.take(part, got, &mut hands);
                    }
                }
                Some(done) = hands.saving.join_next() => {
                    if let Some((place, kept)) = joined(done) {
                        self.account(place, kept, &mut hands);
                    }
                }
                () = self.progress.over(), if hands.end.is_none() => hands.end = Some(End::Interrupted),
            }
            if hands.end.is_some() {
                hands.fetching.abort_all();
            }
        }
        for (outcome, plan) in hands.outcomes.iter_mut().zip(plans) {
            judge(outcome, &plan.definition);
        }
        (hands.outcomes, hands.end)
    }

    fn fetch_more(&self, hands: &mut Hands) {
        while hands.fetching.len() < self.side_by_side && hands.saving.len() < WAITING {
            let Some(part) = hands.parts.pop_front() else {
                return;
            };
            let Some(days) = part.days.bounds() else {
                continue;
            };
            let (google, zone) = (self.google.clone(), self.around.zone);
            let name = part.definition.name.replace('_', " ");
            self.progress.tell(Event::At(&name));
            hands.fetching.spawn(async move {
                let days = asked(&part.definition, &days);
                let got = google.series(&part.definition, &days, zone).await;
                (part, got)
            });
        }
    }

    fn take(&self, part: Part, got: Result<Series, Error>, hands: &mut Hands) {
        let Some(outcome) = hands.outcomes.get_mut(part.place) else {
            return;
        };
        outcome.requests += got.as_ref().map_or(1, |series| series.pages);
        match got {
            Ok(series) => {
                hands.fruitless = 0;
                outcome.faults = outcome.faults.and(series.faults);
                note_members(outcome, &series);
                self.save(part, series, hands);
            }
            Err(error @ Error::RateLimited { wait, .. }) => {
                let patience = self.patience;
                match patience.rest(wait, self.google.provider(), hands.fruitless) {
                    Some(length) => {
                        let rest = Rest { length, error };
                        hands.rest = Some(rest.or_longer(hands.rest.as_ref()));
                        hands.parts.push_front(part);
                    }
                    None => hands.end = Some(End::Service(error)),
                }
            }
            Err(error) if error.is_of_one_type() => {
                outcome.refused = Some(Trouble::refused(&error));
                hands.drop_parts(part.place);
            }
            Err(error @ Error::Undecodable { .. }) => {
                outcome.failed = Some(Trouble::of(&error));
            }
            Err(error) => hands.end = Some(End::Service(error)),
        }
    }

    fn save(&self, mut part: Part, series: Series, hands: &mut Hands) {
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
    fn begin(&self, part: &mut Part, series: &Series, hands: &mut Hands) -> bool {
        let first = table::civil_days(&series.rows).flatten().min();
        let begins = match (part.begin, first) {
            (Begin::Here, _) | (Begin::AfterNothing, Some(_)) => return true,
            (Begin::AtFirstRow, Some(first)) => first,
            (Begin::AtFirstRow | Begin::AfterNothing, None) => {
                let later = hands.drop_parts(part.place);
                if let Some(outcome) = hands.outcomes.get_mut(part.place) {
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
        if let Some(outcome) = hands.outcomes.get_mut(part.place) {
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

    fn account(&self, place: usize, kept: Result<Kept, archive::Error>, hands: &mut Hands) {
        let Some(outcome) = hands.outcomes.get_mut(place) else {
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
                    why: format!("{}: {}", error.what(), error.why()),
                    hint: error.hint(),
                    exit: error.exit(),
                });
            }
            Err(error) => {
                if !matches!(hands.end, Some(End::Archive(_))) {
                    hands.end = Some(End::Archive(error));
                }
            }
        }
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
    let members = outcome.never_met.as_deref().unwrap_or_default();
    let why = if !definition.is_built_in() && !members.is_empty() {
        let points = crate::numerals::counted(faults.points, "point");
        format!("none of {points} has {}", members.join(" or "))
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
            format!("correct [extract.{}] in the keys file", definition.name).into()
        },
        exit: Exit::Data,
    });
}
