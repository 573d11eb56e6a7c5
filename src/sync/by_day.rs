//! Days of samples as recorded: each sample goes to the day of its own clock, and a day is whole when all that can belong
//! to it has been fetched, its neighbours' windows included.

use super::day_builder::{Answer, DayBuilder, Finished, Query, Ready};
use super::settle;
use super::slices::Cut;
use super::verify::{Proof, Tally};
use crate::civil::{self, Window};
use crate::day::Detail;
use crate::google::points::Point;
use crate::google::rollup::Mean;
use crate::google::samples;
use crate::left_out::LeftOut;
use crate::zone::Tz;
use chrono::{Days, NaiveDate};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Clocks seen on a day, in seconds ahead of UTC.
pub type Clocks = BTreeMap<NaiveDate, BTreeSet<i32>>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Its window is still to come.
    Coming,
    /// Its window is here.
    Here,
    /// Its window is here, and more of it is on the way.
    Widening,
}

/// See the module.
#[derive(Debug)]
pub struct ByDay {
    zone: Tz,
    queue: VecDeque<Query>,
    stages: BTreeMap<NaiveDate, Stage>,
    /// What has been fetched, under the day for which it was.
    covered: BTreeMap<NaiveDate, Vec<Window>>,
    /// What was seen in those windows, and what the archive's samples show.
    clocks: Clocks,
    /// What was seen in those windows on samples of other days.
    clocks_of_others: Clocks,
    /// By the date on their own clock.
    points: BTreeMap<NaiveDate, Vec<Point>>,
    tallies: BTreeMap<NaiveDate, Tally>,
    left_out: BTreeMap<NaiveDate, LeftOut>,
    /// Days that could not be had.
    lost: BTreeSet<NaiveDate>,
    ready: VecDeque<Ready>,
    proof: Proof,
    check: Option<Check>,
}

/// Means to hold the samples against.
#[derive(Debug)]
struct Check {
    cut: Cut,
    /// Days that are whole but for their means.
    waiting: BTreeMap<NaiveDate, Finished>,
    means: BTreeMap<NaiveDate, Option<Vec<Mean>>>,
}

impl ByDay {
    /// For these days (descending), of which `empty` have empty windows. `stored` are the clocks that the archive's
    /// samples show on them and on days beside them. `proof` says what every day comes with besides.
    #[must_use]
    pub fn new(
        days: &[NaiveDate],
        empty: &BTreeSet<NaiveDate>,
        stored: Clocks,
        zone: Tz,
        proof: Proof,
    ) -> Self {
        let window = |date: NaiveDate| civil::window(date, zone).unwrap_or(0..0);
        let (nothing, full): (Vec<NaiveDate>, Vec<_>) =
            days.iter().partition(|date| empty.contains(date));
        let stages = full.iter().map(|date| (*date, Stage::Coming));
        let mut by_day = Self {
            zone,
            queue: full
                .iter()
                .map(|date| Query::Day(*date, window(*date)))
                .collect(),
            stages: stages
                .chain(nothing.iter().map(|date| (*date, Stage::Here)))
                .collect(),
            covered: nothing
                .iter()
                .map(|date| (*date, vec![window(*date)]))
                .collect(),
            clocks: stored,
            clocks_of_others: Clocks::new(),
            points: BTreeMap::new(),
            tallies: BTreeMap::new(),
            left_out: BTreeMap::new(),
            lost: BTreeSet::new(),
            ready: VecDeque::new(),
            proof,
            check: (proof == Proof::Fetched).then(|| Check {
                cut: Cut::new(&full, zone, Detail::Min1),
                waiting: BTreeMap::new(),
                means: nothing.iter().map(|date| (*date, None)).collect(),
            }),
        };
        for date in nothing {
            by_day.advance(date);
        }
        by_day
    }

    fn take_points(&mut self, date: NaiveDate, windows: Vec<Window>, points: Vec<Point>) {
        self.covered.entry(date).or_default().extend(windows);
        let clocks = self.clocks.entry(date).or_default();
        let mut pile: Option<(NaiveDate, i64, Vec<Point>)> = None;
        for point in points {
            let ahead = match point.utc_offset {
                Some(offset) => {
                    clocks.insert(offset);
                    offset
                }
                None => civil::offset_at(point.instant, self.zone),
            };
            let number = (point.instant + i64::from(ahead) * 1000).div_euclid(86_400_000);
            match &mut pile {
                Some((_, at, piled)) if *at == number => piled.push(point),
                _ => {
                    if let Some((own, _, piled)) = pile.take() {
                        self.points.insert(own, piled);
                    }
                    let own = civil::local_date(point.instant, ahead);
                    if own != date {
                        let others = self.clocks_of_others.entry(date).or_default();
                        others.insert(ahead);
                    }
                    let mut piled = self.points.remove(&own).unwrap_or_default();
                    piled.push(point);
                    pile = Some((own, number, piled));
                }
            }
        }
        if let Some((own, _, piled)) = pile {
            self.points.insert(own, piled);
        }
    }

    /// Goes on with a day, if its window and those of its neighbours are here.
    fn advance(&mut self, date: NaiveDate) {
        let stage = |date: NaiveDate| self.stages.get(&date).copied();
        let waits = around(date, 1).any(|near| stage(near) == Some(Stage::Coming));
        if waits || stage(date) != Some(Stage::Here) {
            return;
        }
        let near = || around(date, 1).filter_map(|near| self.clocks.get(&near));
        let clocks: BTreeSet<i32> = near().flatten().copied().collect();
        let covered = around(date, 2).filter_map(|near| self.covered.get(&near));
        let covered: Vec<Window> = covered.flatten().cloned().collect();
        let missing = samples::missing_on_clocks(date, self.zone, &clocks, &covered);
        if missing.is_empty() {
            self.finish(date);
        } else {
            self.stages.insert(date, Stage::Widening);
            self.queue.push_front(Query::Extra(date, missing));
        }
    }

    fn finish(&mut self, date: NaiveDate) {
        self.stages.remove(&date);
        let points = self.points.remove(&date).unwrap_or_default();
        let own = points.iter().filter_map(|point| point.utc_offset).collect();
        let window = civil::window(date, self.zone).unwrap_or(0..0);
        let tally = self.tallies.remove(&date);
        let clocks_of_others = self.clocks_of_others.remove(&date).unwrap_or_default();
        let left_out = self.left_out.remove(&date).unwrap_or_default();
        self.forget(date);
        let end = settle::end_of(date, &window, &own);
        let samples = samples::day_samples(date, self.zone, points);
        self.give(Finished {
            doubtful: around(date, 1).any(|near| self.lost.contains(&near)),
            clocks_of_others,
            tally,
            ..Finished::new(date, end, samples, left_out)
        });
    }

    fn give(&mut self, mut finished: Finished) {
        if let Some(check) = &mut self.check {
            let Some(means) = check.means.remove(&finished.date) else {
                check.waiting.insert(finished.date, finished);
                return;
            };
            finished.means = means;
        }
        self.ready.push_back(Ready::Day(finished));
    }

    /// Lets go of what no other day needs, now that this one is done with.
    fn forget(&mut self, date: NaiveDate) {
        for near in around(date, 2).collect::<Vec<_>>() {
            if !around(near, 2).any(|date| self.stages.contains_key(&date)) {
                self.covered.remove(&near);
                self.clocks.remove(&near);
            }
            if !around(near, 1).any(|date| self.stages.contains_key(&date))
                && let Some(points) = self.points.remove(&near)
            {
                let samples = samples::day_samples(near, self.zone, points);
                self.ready.push_back(Ready::Strays(near, samples));
            }
        }
    }

    fn means_came(&mut self, date: NaiveDate, means: Option<Vec<Mean>>) {
        let Some(check) = &mut self.check else { return };
        match check.waiting.remove(&date) {
            Some(finished) => self
                .ready
                .push_back(Ready::Day(Finished { means, ..finished })),
            None => {
                check.means.insert(date, means);
            }
        }
    }
}

/// The days up to `far` before and after a day, and the day itself; newest first.
fn around(date: NaiveDate, far: u64) -> impl Iterator<Item = NaiveDate> {
    let last = date.checked_add_days(Days::new(far)).unwrap_or(date);
    (0..=2 * far).filter_map(move |back| last.checked_sub_days(Days::new(back)))
}

impl DayBuilder for ByDay {
    fn next(&mut self) -> Option<Query> {
        if let Some(check) = &mut self.check {
            let due = match (check.cut.peek(), self.queue.front()) {
                (Some(range), Some(Query::Day(_, window))) => window.start < range.end,
                (range, _) => range.is_some(),
            };
            if due && let Some(range) = check.cut.pop() {
                return Some(Query::Means(range, Detail::Min1));
            }
        }
        self.queue.pop_front()
    }

    fn again(&mut self, query: Query) {
        match (query, &mut self.check) {
            (Query::Means(range, _), Some(check)) => check.cut.again(range),
            (query, _) => self.queue.push_front(query),
        }
    }

    fn take(&mut self, query: Query, got: Answer) {
        match (query, got) {
            (Query::Day(date, window), Answer::Points(points)) => {
                if self.proof != Proof::None {
                    self.tallies.insert(date, Tally::of(&points.points));
                }
                *self.left_out.entry(date).or_default() += points.left_out;
                self.take_points(date, vec![window], points.points);
                self.stages.insert(date, Stage::Here);
                for near in around(date, 1) {
                    self.advance(near);
                }
            }
            (Query::Extra(date, windows), Answer::Points(points)) => {
                *self.left_out.entry(date).or_default() += points.left_out;
                self.take_points(date, windows, points.points);
                self.stages.insert(date, Stage::Here);
                self.advance(date);
            }
            (Query::Means(range, _), Answer::Means(means)) => {
                let whole = match &mut self.check {
                    Some(check) => check.cut.take(&range, &means),
                    None => Vec::new(),
                };
                for (date, means) in whole {
                    self.means_came(date, Some(means.means));
                }
            }
            _ => {}
        }
    }

    fn lose(&mut self, query: &Query) -> Vec<NaiveDate> {
        match query {
            Query::Day(date, _) | Query::Extra(date, _) => {
                self.stages.remove(date);
                self.points.remove(date);
                self.tallies.remove(date);
                self.left_out.remove(date);
                self.clocks_of_others.remove(date);
                self.lost.insert(*date);
                self.forget(*date);
                for near in around(*date, 1) {
                    self.advance(near);
                }
                vec![*date]
            }
            Query::Means(range, _) => {
                let without = match &mut self.check {
                    Some(check) => check.cut.lose(range),
                    None => Vec::new(),
                };
                for date in without {
                    self.means_came(date, None);
                }
                Vec::new()
            }
            Query::WholeDay(_) => Vec::new(),
        }
    }

    fn ready(&mut self) -> Option<Ready> {
        self.ready.pop_front()
    }
}

#[cfg(test)]
mod tests;
