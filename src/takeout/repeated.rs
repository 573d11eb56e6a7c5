//! The hour that a wall clock shows twice: in autumn, and on the way west.
//!
//! The JSON keeps one record a second of the wall clock, the later instant. What it lacks of the first pass stands in
//! the CSV; without a CSV it is gone, and a person should know that the export lost it.

use super::entry::{Entry, From};
use super::tally::Lost;
use super::wearer_clock::Clock;
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// What is known about the repeated hours of a day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Repeated {
    /// Instants of first passes that the JSON lacks and the CSV has.
    pub filled: u64,
    /// First passes of which the CSV knows nothing.
    pub lost: Vec<Lost>,
}

/// Looks at each moment of the day at which the clock was set back. `entries` ascend by instant.
#[must_use]
pub fn examine(day: NaiveDate, clock: &Clock, entries: &[Entry]) -> Repeated {
    let mut repeated = Repeated::default();
    let pieces: Vec<_> = clock.pieces_of(day).collect();
    for pair in pieces.windows(2) {
        let &[(.., before), (change, _, after, _)] = pair else {
            continue;
        };
        let twice_ms = i64::from(before - after) * 1000;
        if twice_ms <= 0 {
            continue;
        }
        let first_pass = span(entries, change - twice_ms, change);
        let second_pass = span(entries, change, change + twice_ms);
        if first_pass.iter().any(knows_csv) {
            repeated.filled += first_pass
                .chunk_by(|a, b| a.instant == b.instant)
                .filter(|group| !group.iter().any(Entry::of_json))
                .count() as u64;
            continue;
        }
        let samples = estimate(
            &clocks(first_pass, before),
            &clocks(second_pass, after),
            twice_ms,
        );
        if samples > 0 {
            let from = change + i64::from(after) * 1000;
            repeated.lost.push(Lost {
                from,
                to: from + twice_ms,
                samples,
            });
        }
    }
    repeated
}

fn span(entries: &[Entry], from: i64, to: i64) -> &[Entry] {
    let start = entries.partition_point(|entry| entry.instant < from);
    let end = entries.partition_point(|entry| entry.instant < to);
    entries.get(start..end).unwrap_or_default()
}

/// The CSV was read here, now or in an earlier run.
fn knows_csv(entry: &Entry) -> bool {
    match entry.from {
        From::Csv => true,
        From::Stored => entry.device.is_some() || entry.confidence.is_none(),
        From::Json | From::LeftOut | From::Live => false,
    }
}

fn clocks(pass: &[Entry], utc_offset: i32) -> Vec<i64> {
    let mut clocks: Vec<i64> = pass
        .iter()
        .filter(|entry| entry.of_json())
        .map(|entry| entry.instant + i64::from(utc_offset) * 1000)
        .collect();
    clocks.dedup();
    clocks
}

/// About how many records of a first pass fell to the second one, from the wall clocks of what is left of both.
///
/// When the clock is set by an hour the wearer goes on as before, and the second pass, which is whole, is the measure.
/// Over a flight that says nothing: there, each minute's first pass is taken to have lost the share of seconds that
/// the second pass fills.
fn estimate(first: &[i64], second: &[i64], twice_ms: i64) -> u64 {
    if twice_ms <= 2 * 3_600_000 {
        return (second.len() as u64).saturating_sub(first.len() as u64);
    }
    let minutes = |clocks: &[i64]| {
        let mut minutes: BTreeMap<i64, u64> = BTreeMap::new();
        for clock in clocks {
            *minutes.entry(clock.div_euclid(60_000)).or_default() += 1;
        }
        minutes
    };
    let second = minutes(second);
    let lost = minutes(first).into_iter().map(|(minute, left)| {
        let taken = second.get(&minute).copied().unwrap_or_default().min(59);
        left * taken / (60 - taken)
    });
    lost.sum()
}
