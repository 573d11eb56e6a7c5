//! How a study stands: the reports of its last run laid together, with what the tombstones and the logins say. Pure.

use super::id::Id;
use super::report::{Kind, Outcome, Report, State};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Shards of a run that goes on over midnight begin so long before the first of the next day: an array waits for its nodes.
const ONE_RUN: TimeDelta = TimeDelta::hours(12);
/// Who has had no data for longer has fallen silent: three of the pauses of somebody who wears the device every day.
const SILENT_AFTER_DAYS: i64 = 3;
/// Logins that end so soon are told of.
pub const ENDS_SOON: TimeDelta = TimeDelta::days(2);

/// How a study stands.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Overview {
    /// The number of shards of the last run, and when the first of it began; `None` before the first one.
    pub run: Option<(u32, DateTime<Utc>)>,
    /// When the last of them was over.
    pub ended: Option<DateTime<Utc>>,
    /// Who has a login here, has not withdrawn or was in the last run.
    pub participants: BTreeSet<Id>,
    /// What the last run came to, for each of its participants.
    pub outcomes: BTreeMap<Id, Outcome>,
    /// Shards of the last run that left no report.
    pub missing_shards: Vec<u32>,
    /// Who has had no data for days, and the last day that has some.
    pub silent: BTreeMap<Id, (Option<NaiveDate>, Option<i64>)>,
    /// Logins that end soon, or have ended.
    pub logins_ending: BTreeMap<Id, DateTime<Utc>>,
    /// Who has withdrawn.
    pub withdrawn: BTreeSet<Id>,
}

/// The latest report of each shard of the last run: those of its number of shards on the newest date, whenever on that date one of
/// them was run again. Those of the day before count where the run went on over midnight, and where the newest are only of shards
/// that had none: these were made up for.
fn last_run(reports: Vec<Report>, of: u32, newest: NaiveDate) -> BTreeMap<u32, Report> {
    let of_run = reports.into_iter().filter(|report| report.of == of);
    let (new, old): (Vec<_>, Vec<_>) =
        of_run.partition(|report| report.started.date_naive() == newest);
    let is_eve = |report: &&Report| newest.pred_opt() == Some(report.started.date_naive());
    let on_the_eve: BTreeSet<_> = old
        .iter()
        .filter(is_eve)
        .map(|report| report.shard)
        .collect();
    let makes_up = !new.iter().any(|report| on_the_eve.contains(&report.shard));
    let first = new.iter().map(|report| report.started).min();
    let is_over_midnight =
        |report: &Report| first.is_some_and(|first| first - report.started < ONE_RUN);
    let counts = |report: &Report| is_over_midnight(report) || makes_up && is_eve(&report);
    let mut shards: BTreeMap<u32, Report> = BTreeMap::new();
    for report in old.into_iter().filter(counts).chain(new) {
        let known = shards.get(&report.shard);
        if known.is_none_or(|known| known.started < report.started) {
            shards.insert(report.shard, report);
        }
    }
    shards
}

impl Overview {
    /// Lays it together.
    #[must_use]
    pub fn of(
        reports: Vec<Report>,
        withdrawn: BTreeSet<Id>,
        logins: &BTreeMap<Id, Option<DateTime<Utc>>>,
        now: DateTime<Utc>,
    ) -> Self {
        let mut overview = Self {
            participants: logins.keys().cloned().collect(),
            ..Self::default()
        };
        let ends_soon = |end: &DateTime<Utc>| *end - now < ENDS_SOON;
        let ending = logins
            .iter()
            .filter_map(|(id, end)| Some((id, end.filter(ends_soon)?)));
        let ending = ending.filter(|(id, _)| !withdrawn.contains(id));
        overview.logins_ending = ending.map(|(id, end)| (id.clone(), end)).collect();
        if let Some(latest) = reports.iter().max_by_key(|report| report.started) {
            let (of, last) = (latest.of, latest.started);
            overview.take_run(last_run(reports, of, last.date_naive()), of, last);
        }
        overview.participants.retain(|id| !withdrawn.contains(id));
        overview
            .outcomes
            .retain(|id, outcome| outcome.state == State::Withdrawn || !withdrawn.contains(id));
        overview.find_silent(&withdrawn, now);
        overview.withdrawn = withdrawn;
        overview
    }

    fn take_run(&mut self, shards: BTreeMap<u32, Report>, of: u32, last: DateTime<Utc>) {
        let first = shards.values().map(|report| report.started).min();
        self.run = Some((of, first.unwrap_or(last)));
        self.ended = shards.values().map(|report| report.ended).max();
        self.missing_shards = (0..of)
            .filter(|index| !shards.contains_key(index))
            .collect();
        for report in shards.into_values() {
            self.participants
                .extend(report.participants.keys().cloned());
            self.outcomes.extend(report.participants);
        }
    }

    /// Whoever could be asked for, and has nothing new.
    fn find_silent(&mut self, withdrawn: &BTreeSet<Id>, now: DateTime<Utc>) {
        let today = now.date_naive();
        for (id, outcome) in &self.outcomes {
            if withdrawn.contains(id) || outcome.state == State::Withdrawn {
                continue;
            }
            let days = outcome.last_data.map(|last| (today - last).num_days());
            let is_silent = match days {
                Some(days) => days > SILENT_AFTER_DAYS,
                None => outcome.state == State::Ok,
            };
            if is_silent {
                self.silent.insert(id.clone(), (outcome.last_data, days));
            }
        }
    }

    /// Who failed.
    pub fn failures(&self) -> impl Iterator<Item = (&Id, &Outcome)> {
        let outcomes = self.outcomes.iter();
        outcomes.filter(|(_, outcome)| outcome.state == State::Failed)
    }

    /// How many failed, by kind.
    #[must_use]
    pub fn kinds(&self) -> BTreeMap<Kind, u64> {
        let mut kinds = BTreeMap::new();
        for kind in self.failures().filter_map(|(_, outcome)| outcome.kind) {
            *kinds.entry(kind).or_default() += 1;
        }
        kinds
    }

    /// For scripts.
    #[must_use]
    pub fn json(&self) -> Value {
        let failures: serde_json::Map<_, _> = self
            .failures()
            .map(|(id, outcome)| {
                let value = json!({"kind": outcome.kind, "why": outcome.why, "last_data": outcome.last_data});
                (id.to_string(), value)
            })
            .collect();
        let silent: serde_json::Map<_, _> = self
            .silent
            .iter()
            .map(|(id, (last, days))| (id.to_string(), json!({"last_data": last, "days": days})))
            .collect();
        let sum = |of: fn(&Outcome) -> u64| self.outcomes.values().map(of).sum::<u64>();
        json!({
            "run": self.run.map(|(of, started)| json!({"of": of, "started": started, "ended": self.ended})),
            "participants": self.participants.len(),
            "days": sum(|outcome| outcome.days),
            "requests": sum(|outcome| outcome.requests),
            "missing_shards": self.missing_shards,
            "failures": failures,
            "kinds": self.kinds(),
            "silent": silent,
            "logins_ending": self.logins_ending,
            "withdrawn": self.withdrawn,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(name: &str) -> Id {
        name.parse().expect("an id")
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("an instant")
    }

    fn ok(last: Option<&str>) -> Outcome {
        Outcome {
            state: State::Ok,
            last_data: last.map(|last| last.parse().expect("a date")),
            ..Outcome::withdrawn()
        }
    }

    fn report(shard: u32, of: u32, started: &str, all: &[(&str, Outcome)]) -> Report {
        Report {
            shard,
            of,
            started: at(started),
            ended: at(started) + TimeDelta::minutes(5),
            participants: all
                .iter()
                .map(|(name, outcome)| (id(name), outcome.clone()))
                .collect(),
        }
    }

    #[test]
    fn the_last_run_counts_and_its_missing_shards_are_named() {
        let reports = vec![
            report(
                0,
                4,
                "2026-11-26T23:50:00Z",
                &[("P1", ok(Some("2026-11-26")))],
            ),
            report(
                0,
                3,
                "2026-11-26T03:00:00Z",
                &[("P9", Outcome::failed(Kind::Login, "over"))],
            ),
            // The same shard twice: the later one.
            report(
                2,
                4,
                "2026-11-27T00:01:00Z",
                &[("P2", Outcome::failed(Kind::Quota, "x"))],
            ),
            report(
                2,
                4,
                "2026-11-27T00:31:00Z",
                &[("P2", ok(Some("2026-11-20")))],
            ),
            // The night before.
            report(1, 4, "2026-11-25T23:50:00Z", &[("P3", ok(None))]),
        ];
        let overview = Overview::of(
            reports,
            BTreeSet::new(),
            &BTreeMap::new(),
            at("2026-11-27T08:00:00Z"),
        );
        assert_eq!(overview.missing_shards, [1, 3]);
        assert_eq!(overview.run, Some((4, at("2026-11-26T23:50:00Z"))));
        assert_eq!(overview.failures().count(), 0);
        let expected = [(id("P2"), (ok(Some("2026-11-20")).last_data, Some(7)))];
        assert_eq!(overview.silent, expected.into());
        let json = overview.json();
        assert_eq!(json["missing_shards"], json!([1, 3]));
        assert_eq!(json["silent"]["P2"]["days"], 7);
    }

    #[test]
    fn a_shard_that_was_run_again_hides_no_other() {
        let missing = |all: &[(u32, u32, &str)]| {
            let report = |(shard, of, at): &(u32, u32, &str)| report(*shard, *of, at, &[]);
            let reports = all.iter().map(report).collect();
            let now = at("2026-11-28T00:00:00Z");
            let overview = Overview::of(reports, BTreeSet::new(), &BTreeMap::new(), now);
            overview.missing_shards
        };
        for (repaired, left) in [
            // The one that failed in the night, in the evening of that day.
            (&[(1, 3, "2026-11-27T22:00:00Z")][..], vec![]),
            (&[(0, 3, "2026-11-27T22:00:00Z")], vec![1]),
            // The next morning; and a new run of which but one is there.
            (&[(1, 3, "2026-11-28T09:00:00Z")], vec![]),
            (&[(2, 3, "2026-11-28T03:00:00Z")], vec![0, 1]),
            // One of another number, the day before.
            (&[(0, 4, "2026-11-26T03:00:00Z")], vec![1]),
        ] {
            let mut all = vec![
                (0, 3, "2026-11-27T03:00:00Z"),
                (2, 3, "2026-11-27T03:05:00Z"),
            ];
            all.extend(repaired);
            assert_eq!(missing(&all), left, "{all:?}");
        }
        let evening = [
            (0, 3, "2026-11-26T23:40:00Z"),
            (1, 3, "2026-11-27T00:20:00Z"),
            (2, 3, "2026-11-27T20:00:00Z"),
        ];
        assert_eq!(missing(&evening), [] as [u32; 0]);
    }

    #[test]
    fn failures_are_counted_by_kind_and_the_withdrawn_are_neither_silent_nor_ending() {
        let all = [
            ("P1", Outcome::failed(Kind::Login, "over")),
            ("P2", Outcome::failed(Kind::Login, "refused")),
            ("P3", Outcome::failed(Kind::Answer, "odd")),
            ("P4", ok(None)),
            ("P5", ok(Some("2026-01-01"))),
            ("P6", ok(Some("2026-11-24"))),
        ];
        let now = at("2026-11-27T08:00:00Z");
        let ends = |days| Some(now + TimeDelta::days(days));
        let logins = [
            ("P1", ends(-1)),
            ("P2", ends(1)),
            ("P4", ends(5)),
            ("P5", ends(0)),
            ("P6", None),
            ("P7", None),
        ];
        let logins = logins.map(|(name, end)| (id(name), end)).into();
        let reports = vec![report(0, 1, "2026-11-27T03:00:00Z", &all)];
        let overview = Overview::of(reports, [id("P5")].into(), &logins, now);
        assert_eq!(
            overview.kinds(),
            [(Kind::Login, 2), (Kind::Answer, 1)].into()
        );
        assert_eq!(overview.silent.keys().collect::<Vec<_>>(), [&id("P4")]);
        assert_eq!(
            overview.logins_ending.keys().collect::<Vec<_>>(),
            [&id("P1"), &id("P2")]
        );
        assert_eq!(overview.participants.len(), 6);
        let json = overview.json();
        assert_eq!(json["failures"]["P3"]["kind"], "answer");
        assert_eq!(json["withdrawn"], json!(["P5"]));
        assert_eq!(json["kinds"], json!({"login": 2, "answer": 1}));
    }

    #[test]
    fn before_the_first_run_nothing_is_missing() {
        let overview = Overview::of(
            Vec::new(),
            BTreeSet::new(),
            &BTreeMap::new(),
            at("2026-11-27T08:00:00Z"),
        );
        assert_eq!((overview.run, overview.missing_shards), (None, vec![]));
    }
}
