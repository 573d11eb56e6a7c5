//! Days of means: roll-ups over long ranges, cut at the midnights of the account's zone.

use super::day_builder::{Answer, DayBuilder, Finished, Query, Ready};
use super::slices::Cut;
use crate::civil;
use crate::day::Detail;
use crate::google::rollup::Means;
use crate::google::samples::mean_samples;
use crate::zone::Tz;
use chrono::NaiveDate;
use std::collections::{BTreeSet, VecDeque};

/// See the module.
#[derive(Debug)]
pub struct ByRange {
    zone: Tz,
    detail: Detail,
    cut: Cut,
    ready: VecDeque<Finished>,
}

impl ByRange {
    /// For these days (descending), of which `empty` are known to have nothing.
    #[must_use]
    pub fn new(days: &[NaiveDate], empty: &BTreeSet<NaiveDate>, zone: Tz, detail: Detail) -> Self {
        let full: Vec<_> = days
            .iter()
            .filter(|date| !empty.contains(date))
            .copied()
            .collect();
        let nothing = days
            .iter()
            .filter(|date| empty.contains(date))
            .filter_map(|date| finished(*date, &Means::default(), zone));
        Self {
            zone,
            detail,
            cut: Cut::new(&full, zone, detail),
            ready: nothing.collect(),
        }
    }
}

fn finished(date: NaiveDate, means: &Means, zone: Tz) -> Option<Finished> {
    let end = civil::window(date, zone)?.end;
    let samples = mean_samples(&means.means, zone);
    Some(Finished::new(date, end, samples, means.left_out))
}

impl DayBuilder for ByRange {
    fn next(&mut self) -> Option<Query> {
        self.cut.pop().map(|range| Query::Means(range, self.detail))
    }

    fn again(&mut self, query: Query) {
        if let Query::Means(range, _) = query {
            self.cut.again(range);
        }
    }

    fn take(&mut self, query: Query, got: Answer) {
        if let (Query::Means(range, _), Answer::Means(means)) = (query, got) {
            let whole = self.cut.take(&range, &means);
            let zone = self.zone;
            self.ready.extend(
                whole
                    .into_iter()
                    .filter_map(|(date, means)| finished(date, &means, zone)),
            );
        }
    }

    fn lose(&mut self, query: &Query) -> Vec<NaiveDate> {
        match query {
            Query::Means(range, _) => self.cut.lose(range),
            Query::Day(..) | Query::Extra(..) | Query::WholeDay(..) => Vec::new(),
        }
    }

    fn ready(&mut self) -> Option<Ready> {
        self.ready.pop_front().map(Ready::Day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::google::rollup::Mean;

    #[test]
    fn a_range_gives_days_and_empty_days_need_none() {
        let days: Vec<NaiveDate> = ["2026-06-03", "2026-06-02", "2026-06-01"]
            .map(|date| date.parse().expect("a date"))
            .to_vec();
        let empty = [days[1]].into();
        let mut by_range = ByRange::new(&days, &empty, Tz::UTC, Detail::Min15);
        let Some(Ready::Day(nothing)) = by_range.ready() else {
            panic!("the empty day is ready")
        };
        assert_eq!((nothing.date, nothing.samples.len()), (days[1], 0));
        let query = by_range.next().expect("one range");
        let Query::Means(range, _) = query.clone() else {
            panic!("means")
        };
        assert_eq!(by_range.next(), None);
        let mean = Mean {
            start: range.end - 900_000,
            bpm: 61,
        };
        let means = Means {
            means: vec![mean],
            ..Means::default()
        };
        by_range.take(query, Answer::Means(means));
        let mut counts = Vec::new();
        while let Some(Ready::Day(day)) = by_range.ready() {
            counts.push((day.date, day.samples.len()));
        }
        assert_eq!(counts, [(days[0], 1), (days[2], 0)]);
    }
}
