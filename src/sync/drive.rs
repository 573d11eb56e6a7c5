//! Heart rate from queries to days in the archive: a builder puts days together, a keeper keeps them.

use super::day_builder::{Answer, DayBuilder, Query, Ready};
use super::day_keeper::{DayKeeper, Kept};
use super::fetch::{date_of, fetch};
use super::pace::Patience;
use super::report::{End, Report};
use super::side_by_side::{self, Done};
use crate::archive;
use crate::exit::Explain;
use crate::live::Service;
use crate::progress::{Event, Progress};
use crate::service;
use chrono::NaiveDate;
use std::collections::BTreeSet;
use std::sync::Arc;

/// So many days may wait to be written; memory is theirs and that of the queries under way.
const DAYS_AT_THE_DESK: usize = 4;
/// After so many answers that make no sense, and none that does, the rest will not either.
const HOPELESS: usize = 3;

/// What a run works with.
pub struct Drive<'a> {
    /// Who is asked.
    pub source: &'a Service,
    /// Who puts days together.
    pub builder: &'a mut dyn DayBuilder,
    /// Where days go.
    pub keeper: Arc<DayKeeper>,
    /// Days that are still to come.
    pub left: BTreeSet<NaiveDate>,
    /// What was done.
    pub report: &'a mut Report,
    /// Who is told, and says when to end.
    pub progress: &'a Progress,
}

type Fetched = (Query, Result<Answer, service::Error>);
type Saved = (NaiveDate, Result<Option<Kept>, archive::Error>);
type Hands = side_by_side::Hands<Fetched, Saved>;

impl Drive<'_> {
    /// Fetches and keeps the days, and adds what was done to the report. What is finished is kept however it ends.
    pub async fn run(mut self, patience: Patience) {
        let (provider, progress) = (self.source.provider(), self.progress);
        let mut hands = Hands::new(provider, patience);
        loop {
            if !matches!(hands.end, Some(End::Archive(_))) {
                self.keep_what_is_ready(&mut hands);
            }
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
        let (mut end, report) = (hands.end, &self.report);
        if end.is_none() && report.failed.is_empty() && report.left_out.is_nonsense() {
            end = Some(End::Service(self.undecodable(report.left_out.problem())));
        }
        self.report.end = end;
        self.report.left.extend(self.left);
    }

    fn keep_what_is_ready(&mut self, hands: &mut Hands) {
        while hands.saving.len() < DAYS_AT_THE_DESK
            && let Some(ready) = self.builder.ready()
        {
            if let Ready::Day(day) = &ready
                && day.left_out.is_nonsense()
            {
                let error = self.undecodable(day.left_out.problem());
                self.fail([day.date], error, hands);
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

    fn fetch_more(&mut self, hands: &mut Hands) {
        while hands.fetching.len() < self.source.side_by_side()
            && hands.saving.len() < DAYS_AT_THE_DESK
            && let Some(query) = self.builder.next()
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

    fn take(&mut self, (query, got): Fetched, hands: &mut Hands) {
        match got {
            Ok(got) => {
                self.report.left_out += match &got {
                    Answer::Points(points) => points.left_out,
                    Answer::Means(means) => means.left_out,
                    Answer::Day(fetched) => fetched.left_out,
                };
                hands.answered();
                self.builder.take(query, got);
            }
            Err(error @ service::Error::RateLimited { wait, .. }) => {
                self.builder.again(query);
                hands.rests(wait, error);
            }
            Err(error @ service::Error::Undecodable { .. }) => {
                let lost = self.builder.lose(&query);
                self.fail(lost, error, hands);
            }
            Err(error) => hands.end = Some(End::Service(error)),
        }
    }

    fn account(&mut self, (date, saved): Saved, hands: &mut Hands) {
        match saved {
            Ok(Some(kept)) => {
                self.left.remove(&date);
                self.report.count(kept);
                self.progress.tell(Event::Advances(1));
            }
            Ok(None) => {}
            // A file that is no day is the file's fault; the next one may be well.
            Err(error @ archive::Error::Unreadable { .. }) => {
                self.left.remove(&date);
                let why = (error.line(), error.exit());
                self.report.failed.insert(date, why);
            }
            Err(error) => hands.stops(error),
        }
    }

    /// These days cannot be had; and if none could so far, the others cannot either.
    fn fail(
        &mut self,
        days: impl IntoIterator<Item = NaiveDate>,
        error: service::Error,
        hands: &mut Hands,
    ) {
        for date in days {
            self.left.remove(&date);
            let why = (error.why(), error.exit());
            self.report.failed.insert(date, why);
        }
        let is_hopeless = self.report.days == 0 && self.report.failed.len() >= HOPELESS;
        if is_hopeless && hands.end.is_none() {
            hands.end = Some(End::Service(error));
        }
    }
}
