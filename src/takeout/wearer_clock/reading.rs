//! The clock around one day: what it showed at each instant, by the files where they say, between them by what lies nearest.

use super::rule::{Candidate, Evidence, Rule};
use super::{DAY_MS, midnight};
use crate::zone::Tz;
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// How far evidence reaches.
pub const REACH_DAYS: i64 = 10;

/// How far ahead of the first evidence its offset is carried back.
pub(super) const REACH_BACK_DAYS: i64 = 3;

/// How the clock went between two instants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockSpan {
    pub(super) first: i64,
    pub(super) last: i64,
    /// The day of the file; `None` for a stated offset.
    pub(super) day: Option<NaiveDate>,
    pub(super) rule: Rule,
    pub(super) evidence: Evidence,
}

/// The wearer's clock around one day.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    pieces: Vec<ClockSpan>,
    candidates: Vec<Candidate>,
}

/// How the clock went at one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// How it went around that instant.
    pub rule: Rule,
    /// How that is known.
    pub evidence: Evidence,
    /// Until when it holds, in milliseconds; this instant included.
    pub until: i64,
}

impl Clock {
    pub(super) const fn new(pieces: Vec<ClockSpan>, candidates: Vec<Candidate>) -> Self {
        Self { pieces, candidates }
    }

    /// A clock that goes by one zone.
    #[must_use]
    pub fn given(zone: Tz) -> Self {
        Self {
            pieces: Vec::new(),
            candidates: vec![Candidate {
                zone,
                evidence: Evidence::Given,
            }],
        }
    }

    /// For a record of the file of `day`. Where no clock fits that file, as for any other instant.
    #[must_use]
    pub fn of_file(&self, day: NaiveDate, instant: i64) -> Reading {
        let pieces = self.pieces.iter();
        let own = pieces.filter(|piece| piece.day == Some(day) && piece.first <= instant);
        match own.max_by_key(|piece| piece.first) {
            Some(piece) if instant <= piece.last => piece.reading(piece.last),
            _ => self.of_instant(instant),
        }
    }

    /// For an instant that no file of a day claims.
    #[must_use]
    pub fn of_instant(&self, instant: i64) -> Reading {
        let next = self.pieces.partition_point(|piece| piece.first <= instant);
        let (begun, to_come) = self.pieces.split_at(next);
        let after = to_come.first();
        let until = after.map_or(i64::MAX, |piece| piece.first - 1);
        let within = begun.iter().filter(|piece| instant <= piece.last);
        if let Some(piece) = within.max_by_key(|piece| (piece.day.is_some(), piece.first)) {
            return piece.reading(piece.last.min(until));
        }
        let before = begun.iter().max_by_key(|piece| (piece.last, piece.day));
        let before = before.filter(|piece| instant - piece.last <= REACH_DAYS * DAY_MS);
        let back = REACH_BACK_DAYS * DAY_MS;
        let after = after.filter(|piece| piece.first - instant <= back);
        let fits = |candidate: &&Candidate| {
            let zone = candidate.zone;
            let agrees = |piece: Option<&ClockSpan>, at: fn(&ClockSpan) -> i64| {
                piece.is_none_or(|piece| {
                    zone.utc_offset(at(piece)) == piece.rule.utc_offset(at(piece))
                })
            };
            agrees(before, |piece| piece.last) && agrees(after, |piece| piece.first)
        };
        let zone = self.candidates.iter().find(fits);
        let known = before.or(after);
        // The next piece reaches back a little: until there, nothing of it is heard.
        let before_reach = to_come
            .first()
            .map_or(i64::MAX, |piece| piece.first - back - 1);
        let until = match (before, after) {
            (Some(piece), Some(_)) => until.min(piece.last + REACH_DAYS * DAY_MS),
            (Some(piece), None) => before_reach
                .min(piece.last + REACH_DAYS * DAY_MS)
                .max(instant),
            (None, Some(_)) => until,
            (None, None) => before_reach.max(instant),
        };
        let (rule, evidence) = match (zone, known) {
            (Some(candidate), Some(piece)) => (
                Rule::Zone(candidate.zone),
                if piece.rule == Rule::Zone(candidate.zone) {
                    candidate.evidence
                } else {
                    Evidence::Neighbours
                },
            ),
            (None, Some(piece)) => (piece.rule, Evidence::Neighbours),
            (_, None) => self
                .candidates
                .first()
                .map_or((Rule::Fixed(0), Evidence::Nothing), |candidate| {
                    (Rule::Zone(candidate.zone), candidate.evidence)
                }),
        };
        Reading {
            rule,
            evidence,
            until,
        }
    }

    /// The first and the last offset that may hold around the day, in seconds.
    #[must_use]
    pub fn range(&self, day: NaiveDate) -> (i32, i32) {
        let (start, end) = (midnight(day) - DAY_MS, midnight(day) + 2 * DAY_MS);
        let ends = |rule: Rule| [start, end].map(|at| rule.utc_offset(at));
        let pieces = self.pieces.iter().map(|piece| piece.rule);
        let zones = self.candidates.iter().map(|known| Rule::Zone(known.zone));
        let offsets: BTreeSet<i32> = pieces.chain(zones).flat_map(ends).collect();
        let (Some(least), Some(most)) = (offsets.first(), offsets.last()) else {
            return (0, 0);
        };
        (*least, *most)
    }

    /// The stretches of a day's file with the offset at their ends: (first, last, offset at first, offset at last).
    pub fn pieces_of(&self, day: NaiveDate) -> impl Iterator<Item = (i64, i64, i32, i32)> {
        self.pieces
            .iter()
            .filter(move |piece| piece.day == Some(day))
            .map(|piece| {
                (
                    piece.first,
                    piece.last,
                    piece.rule.utc_offset(piece.first),
                    piece.rule.utc_offset(piece.last),
                )
            })
    }
}

impl ClockSpan {
    fn reading(&self, until: i64) -> Reading {
        Reading {
            rule: self.rule,
            evidence: self.evidence,
            until,
        }
    }
}
