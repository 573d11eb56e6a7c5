//! Days that come whole, one a request: the legacy service.

use super::day_builder::{Answer, DayBuilder, Finished, Query, Ready};
use crate::civil;
use crate::left_out::LeftOut;
use crate::zone::Tz;
use chrono::NaiveDate;
use std::collections::{BTreeSet, VecDeque};

/// See the module.
#[derive(Debug)]
pub struct LegacyDays {
    zone: Tz,
    queue: VecDeque<NaiveDate>,
    ready: VecDeque<Finished>,
}

impl LegacyDays {
    /// For these days (descending), of which `empty` are known to have nothing.
    #[must_use]
    pub fn new(days: &[NaiveDate], empty: &BTreeSet<NaiveDate>, zone: Tz) -> Self {
        let (nothing, full): (Vec<NaiveDate>, Vec<_>) =
            days.iter().partition(|date| empty.contains(date));
        let nothing = nothing
            .into_iter()
            .map(|date| Finished::new(date, end(date, zone), Vec::new(), LeftOut::default()));
        Self {
            zone,
            queue: full.into(),
            ready: nothing.collect(),
        }
    }
}

fn end(date: NaiveDate, zone: Tz) -> i64 {
    civil::window(date, zone).map_or(i64::MIN, |window| window.end)
}

impl DayBuilder for LegacyDays {
    fn next(&mut self) -> Option<Query> {
        self.queue.pop_front().map(Query::WholeDay)
    }

    fn again(&mut self, query: Query) {
        if let Query::WholeDay(date) = query {
            self.queue.push_front(date);
        }
    }

    fn take(&mut self, query: Query, got: Answer) {
        if let (Query::WholeDay(date), Answer::Day(fetched)) = (query, got) {
            let (end, samples) = (end(date, self.zone), fetched.day.samples);
            self.ready.push_back(Finished {
                summary: fetched.day.summary,
                ..Finished::new(date, end, samples, fetched.left_out)
            });
        }
    }

    fn lose(&mut self, query: &Query) -> Vec<NaiveDate> {
        match query {
            Query::WholeDay(date) => vec![*date],
            Query::Day(..) | Query::Extra(..) | Query::Means(..) => Vec::new(),
        }
    }

    fn ready(&mut self) -> Option<Ready> {
        self.ready.pop_front().map(Ready::Day)
    }
}
