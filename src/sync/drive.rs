//! The loop of a run: fetch some queries side by side, put days together, keep them; rest when the service asks for it, and
//! stop where there is no going on.

use super::day_builder::{Answer, DayBuilder, Query, Ready};
use super::day_keeper::{DayKeeper, Kept};
use super::fetch::{date_of, fetch};
use super::pace::Patience;
use super::report::{End, Report};
use super::rest::Rest;
use crate::archive;
use crate::exit::Explain;
use crate::live::Service;
use crate::progress::{Event, Progress};
use crate::service;
use chrono::NaiveDate;
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::task::{JoinError, JoinSet};

/// So many days may wait to be written; memory is theirs and that of the queries under way.
const DAYS_AT_THE_DESK: usize = 4;
/// After so many answers that make no sense, and none that does, the rest will not either.
const HOPELESS: usize = 3;

/// What a run works with.
pub struct Drive<'a> {
    /// Who is asked.
    pub source: &'a Service,
    /// Where days go.
    pub keeper: Arc<DayKeeper>,
    /// How long it may rest.
    pub patience: Patience,
    /// Who is told, and says when to end.
    pub progress: &'a Progress,
}

type Fetched = (Query, Result<Answer, service::Error>);
type Saved = (NaiveDate, Result<Option<Kept>, archive::Error>);

struct Hands {
    fetching: JoinSet<Fetched>,
    saving: JoinSet<Saved>,
    rest: Option<Rest>,
    fruitless: u32,
}

impl Drive<'_> {
    /// Fetches and keeps `days`, and adds what was done to the report. What is finished is kept however it ends.
    pub async fn run(&self, builder: &mut dyn DayBuilder, days: &[NaiveDate], report: &mut Report) {
        let mut hands = Hands {
            fetching: JoinSet::new(),
            saving: JoinSet::new(),
            rest: None,
            fruitless: 0,
        };
        let mut left: BTreeSet<NaiveDate> = days.iter().copied().collect();
        loop {
            if !matches!(report.end, Some(End::Archive(_))) {
                self.keep_what_is_ready(builder, &mut hands, &mut left, report);
            }
            if report.end.is_none() && hands.rest.is_none() {
                self.fetch_more(builder, &mut hands);
            }
            if hands.fetching.is_empty() && hands.saving.is_empty() {
                match hands.rest.take() {
                    Some(rest) if report.end.is_none() => {
                        let provider = self.source.provider();
                        report.end = rest
                            .take(provider, self.progress, &mut hands.fruitless)
                            .await;
                    }
                    _ => break,
                }
                continue;
            }
            tokio::select! {
                Some(joined) = hands.fetching.join_next() => {
                    if let Some(fetched) = outcome(joined) {
                        self.take(fetched, builder, &mut hands, &mut left, report);
                    }
                }
                Some(joined) = hands.saving.join_next() => {
                    if let Some(saved) = outcome(joined) {
                        self.account(saved, &mut left, report);
                    }
                }
                () = self.progress.over(), if report.end.is_none() => report.end = Some(End::Interrupted),
            }
            if report.end.is_some() {
                hands.fetching.abort_all();
            }
        }
        if report.end.is_none() && report.failed.is_empty() && report.left_out.is_nonsense() {
            report.end = Some(End::Service(self.undecodable(report.left_out.problem())));
        }
        report.left.extend(left);
    }

    fn keep_what_is_ready(
        &self,
        builder: &mut dyn DayBuilder,
        hands: &mut Hands,
        left: &mut BTreeSet<NaiveDate>,
        report: &mut Report,
    ) {
        while hands.saving.len() < DAYS_AT_THE_DESK
            && let Some(ready) = builder.ready()
        {
            if let Ready::Day(day) = &ready
                && day.left_out.is_nonsense()
            {
                let error = self.undecodable(day.left_out.problem());
                fail([day.date], error, left, report);
                continue;
            }
            let (keeper, now) = (Arc::clone(&self.keeper), self.source.now());
            hands
                .saving
                .spawn_blocking(move || (ready.date(), keeper.keep(ready, now)));
        }
    }

    fn undecodable(&self, problem: String) -> service::Error {
        service::Error::Undecodable {
            provider: self.source.provider(),
            problem,
        }
    }

    fn fetch_more(&self, builder: &mut dyn DayBuilder, hands: &mut Hands) {
        while hands.fetching.len() < self.source.side_by_side()
            && hands.saving.len() < DAYS_AT_THE_DESK
            && let Some(query) = builder.next()
        {
            let (source, detail, zone) =
                (self.source.clone(), self.keeper.detail, self.keeper.zone);
            self.progress.tell(Event::At(&date_of(&query)));
            hands.fetching.spawn(async move {
                let got = fetch(&source, &query, detail, zone).await;
                (query, got)
            });
        }
    }

    fn take(
        &self,
        (query, got): Fetched,
        builder: &mut dyn DayBuilder,
        hands: &mut Hands,
        left: &mut BTreeSet<NaiveDate>,
        report: &mut Report,
    ) {
        match got {
            Ok(got) => {
                report.left_out += match &got {
                    Answer::Points(points) => points.left_out,
                    Answer::Means(means) => means.left_out,
                    Answer::Day(fetched) => fetched.left_out,
                };
                hands.fruitless = 0;
                builder.take(query, got);
            }
            Err(error @ service::Error::RateLimited { wait, .. }) => {
                builder.again(query);
                let (patience, provider) = (self.patience, self.source.provider());
                match patience.rest(wait, provider, hands.fruitless) {
                    Some(length) => {
                        let rest = Rest { length, error };
                        hands.rest = Some(rest.or_longer(hands.rest.as_ref()));
                    }
                    None => report.end = Some(End::Service(error)),
                }
            }
            Err(error @ service::Error::Undecodable { .. }) => {
                fail(builder.lose(&query), error, left, report);
            }
            Err(error) => report.end = Some(End::Service(error)),
        }
    }

    fn account(&self, (date, saved): Saved, left: &mut BTreeSet<NaiveDate>, report: &mut Report) {
        match saved {
            Ok(Some(kept)) => {
                left.remove(&date);
                report.count(kept);
                self.progress.tell(Event::Advances(1));
            }
            Ok(None) => {}
            // A file that is no day is the file's fault; the next one may be well.
            Err(error @ archive::Error::Unreadable { .. }) => {
                left.remove(&date);
                let why = format!("{}: {}", error.what(), error.why());
                report.failed.insert(date, (why, error.exit()));
            }
            Err(error) => {
                if !matches!(report.end, Some(End::Archive(_))) {
                    report.end = Some(End::Archive(error));
                }
            }
        }
    }
}

/// These days cannot be had; and if none could so far, the others cannot either.
fn fail(
    days: impl IntoIterator<Item = NaiveDate>,
    error: service::Error,
    left: &mut BTreeSet<NaiveDate>,
    report: &mut Report,
) {
    for date in days {
        left.remove(&date);
        report.failed.insert(date, (error.why(), error.exit()));
    }
    if report.days == 0 && report.failed.len() >= HOPELESS && report.end.is_none() {
        report.end = Some(End::Service(error));
    }
}

/// What a task gave; nothing if it was called off. A panic goes on.
pub(super) fn outcome<T>(joined: Result<T, JoinError>) -> Option<T> {
    match joined {
        Ok(value) => Some(value),
        Err(error) if error.is_cancelled() => None,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
