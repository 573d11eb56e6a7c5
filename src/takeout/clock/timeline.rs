//! The files of all days side by side, and what follows for each day.
//!
//! Where a day's own file leaves several offsets, the explanation is taken that holds for the longest time around it:
//! a zone (the profile's, the keys file's, the machine's) or one fixed offset. The first that is contradicted by a
//! neighbour loses to the one that is not; between equals the order just given decides, so that a change whose moment
//! no file proves follows the profile's zone if that fits. Nothing farther away than [`REACH_DAYS`] counts: what a
//! day becomes depends on its neighbourhood alone, whatever is imported when.

use super::reading::{Clock, Piece};
use super::rule::{Evidence, Rule, zone_offset};
use super::sheet::Sheet;
use super::{DAY_MS, Offsets, date, midnight};
use chrono::{Days, NaiveDate};
use chrono_tz::Tz;
use std::collections::{BTreeMap, BTreeSet};

/// How far evidence reaches.
pub const REACH_DAYS: i64 = 10;

/// How far ahead of the first evidence its offset is carried back.
pub(super) const REACH_BACK_DAYS: i64 = 3;

/// A day is decided when all files up to this many days after it are known.
pub const LOOK_AHEAD_DAYS: i64 = AHEAD_DAYS + REACH_DAYS + 2;

/// A record of a day can be up to a day later than that day in UTC, and hears of what comes in [`REACH_BACK_DAYS`].
const AHEAD_DAYS: i64 = REACH_BACK_DAYS + 2;

/// A zone that may explain what the files leave open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// The zone.
    pub zone: Tz,
    /// Where it comes from.
    pub evidence: Evidence,
}

/// An offset that is stated for some instants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The first instant in milliseconds.
    pub first: i64,
    /// The last one.
    pub last: i64,
    /// Seconds ahead of UTC.
    pub utc_offset: i32,
    /// [`Evidence::Sleeps`] or [`Evidence::Live`].
    pub evidence: Evidence,
}

#[derive(Debug, Clone, Copy)]
struct Item {
    first: i64,
    last: i64,
    offsets: Offsets,
    /// The day of the file; `None` for a stated offset.
    day: Option<NaiveDate>,
    evidence: Evidence,
}

impl Item {
    fn fits(&self, rule: Rule) -> bool {
        match rule {
            Rule::Fixed(utc_offset) => self.offsets.contains(utc_offset),
            Rule::Zone(zone) => {
                let (first, last) = (zone_offset(zone, self.first), zone_offset(zone, self.last));
                match self.day {
                    Some(day) if first != last => {
                        let on_day =
                            |instant, offset| date(instant + i64::from(offset) * 1000) == day;
                        on_day(self.first, first) && on_day(self.last, last)
                    }
                    _ => first == last && self.offsets.contains(first),
                }
            }
            Rule::Set { .. } => false,
        }
    }
}

/// All evidence known so far.
#[derive(Debug, Default)]
pub struct Timeline {
    sheets: BTreeMap<NaiveDate, Sheet>,
    spans: BTreeSet<Span>,
    decided: BTreeMap<NaiveDate, Vec<Piece>>,
}

impl Timeline {
    /// Takes in the file of a day. Not after [`Timeline::clock`] was asked for a day within its reach.
    pub fn add(&mut self, sheet: Sheet) {
        match self.sheets.entry(sheet.day) {
            std::collections::btree_map::Entry::Vacant(entry) => {
                entry.insert(sheet);
            }
            std::collections::btree_map::Entry::Occupied(mut entry) => entry.get_mut().join(sheet),
        }
    }

    /// Takes in a stated offset.
    pub fn state(&mut self, span: Span) {
        self.spans.insert(span);
    }

    /// The clock for the records that may belong to `day`.
    pub fn clock(&mut self, day: NaiveDate, candidates: &[Candidate]) -> Clock {
        let first = day - Days::new(2);
        let last = shifted(day, AHEAD_DAYS);
        let before = self.sheets.range(..first).next_back();
        let labels: Vec<NaiveDate> = before
            .map(|(label, _)| *label)
            .into_iter()
            .chain(self.sheets.range(first..=last).map(|(label, _)| *label))
            .collect();
        let mut pieces = Vec::new();
        for label in labels {
            pieces.extend(self.decide(label, candidates).iter().copied());
        }
        let (from, to) = (
            midnight(day) - REACH_DAYS * DAY_MS - 2 * DAY_MS,
            midnight(last) + DAY_MS,
        );
        let spans = self.spans.iter();
        pieces.extend(
            spans
                .filter(|span| span.first < to && span.last > from)
                .map(|span| Piece {
                    first: span.first,
                    last: span.last,
                    day: None,
                    rule: Rule::Fixed(span.utc_offset),
                    evidence: span.evidence,
                }),
        );
        pieces.sort_by_key(|piece| (piece.first, piece.last, piece.day));
        Clock::new(pieces, candidates.to_vec())
    }

    /// Forgets what no later day can ask for.
    pub fn forget_before(&mut self, day: NaiveDate) {
        let first = shifted(day, -2 * REACH_DAYS - 5);
        let long_ago = midnight(first);
        // The last file before a gap is still looked up by what follows it.
        let keep = self
            .sheets
            .range(..first)
            .next_back()
            .map(|(label, _)| *label);
        self.sheets
            .retain(|label, _| *label >= first || Some(*label) == keep);
        self.decided
            .retain(|label, _| *label >= first || Some(*label) == keep);
        self.spans.retain(|span| span.last >= long_ago);
    }

    fn decide(&mut self, label: NaiveDate, candidates: &[Candidate]) -> &[Piece] {
        if !self.decided.contains_key(&label) {
            let pieces = self.pieces_of(label, candidates);
            self.decided.insert(label, pieces);
        }
        self.decided.get(&label).map_or(&[], Vec::as_slice)
    }

    fn pieces_of(&self, label: NaiveDate, candidates: &[Candidate]) -> Vec<Piece> {
        let Some(sheet) = self.sheets.get(&label) else {
            return Vec::new();
        };
        let items = self.items_around(label);
        let mut pieces: Vec<Piece> = Vec::new();
        for (at, stretch) in sheet.stretches.iter().enumerate() {
            let decided = |other: usize| {
                let (piece, stretch) = (pieces.get(other)?, sheet.stretches.get(other)?);
                let instant = if other < at {
                    stretch.last
                } else {
                    stretch.first
                };
                Some(piece.rule.utc_offset(instant))
            };
            let item = Item {
                first: stretch.first,
                last: stretch.last,
                offsets: sheet.left_for(at, decided),
                day: Some(label),
                evidence: Evidence::Files,
            };
            if let Some((rule, evidence)) = judge(&item, &items, candidates) {
                pieces.push(Piece {
                    first: item.first,
                    last: item.last,
                    day: Some(label),
                    rule,
                    evidence,
                });
            }
        }
        pieces
    }

    fn items_around(&self, label: NaiveDate) -> Vec<Item> {
        let (first, last) = (
            shifted(label, -REACH_DAYS - 2),
            shifted(label, REACH_DAYS + 2),
        );
        let sheets = self.sheets.range(first..=last).flat_map(|(day, sheet)| {
            sheet.stretches.iter().map(|stretch| Item {
                first: stretch.first,
                last: stretch.last,
                offsets: stretch.offsets,
                day: Some(*day),
                evidence: Evidence::Files,
            })
        });
        let (from, to) = (midnight(first), midnight(last) + DAY_MS);
        let near = |span: &&Span| span.first < to && span.last > from;
        let spans = self.spans.iter().filter(near).map(|span| Item {
            first: span.first,
            last: span.last,
            offsets: Offsets::one(span.utc_offset),
            day: None,
            evidence: span.evidence,
        });
        let mut items: Vec<Item> = sheets.chain(spans).collect();
        items.sort_by_key(|item| (item.first, item.last));
        items
    }
}

fn shifted(day: NaiveDate, days: i64) -> NaiveDate {
    chrono::TimeDelta::try_days(days)
        .and_then(|days| day.checked_add_signed(days))
        .unwrap_or(day)
}

/// The best explanation for one stretch; `None` if no clock on earth fits it.
fn judge(item: &Item, items: &[Item], candidates: &[Candidate]) -> Option<(Rule, Evidence)> {
    let zones = candidates
        .iter()
        .map(|candidate| (Rule::Zone(candidate.zone), candidate.evidence));
    let usual = candidates
        .first()
        .map_or(0, |candidate| zone_offset(candidate.zone, item.first));
    let mut fixed: Vec<i32> = item.offsets.iter().collect();
    fixed.sort_by_key(|&offset| (offset % 3600 != 0, (offset - usual).abs(), offset));
    let fixed = fixed
        .into_iter()
        .map(|offset| (Rule::Fixed(offset), Evidence::Neighbours));
    let mut best: Option<(i64, Rule, Evidence)> = None;
    for (rule, evidence) in zones.chain(fixed) {
        if !item.fits(rule) {
            continue;
        }
        let score = undisputed(rule, item, items);
        if best.is_none_or(|(known, ..)| score > known) {
            best = Some((score, rule, evidence));
        }
    }
    let Some((_, rule, evidence)) = best else {
        return set_once(item).map(|rule| (rule, Evidence::Files));
    };
    if item.offsets.only().is_some() {
        return Some((rule, Evidence::Files));
    }
    let stated = |kind: Evidence| {
        items.iter().any(|other| {
            other.evidence == kind
                && other.fits(Rule::Fixed(rule.utc_offset(other.first)))
                && apart_ms(item, other) <= DAY_MS * 3 / 2
        })
    };
    let evidence = [Evidence::Live, Evidence::Sleeps]
        .into_iter()
        .find(|kind| stated(*kind))
        .unwrap_or(evidence);
    Some((rule, evidence))
}

/// For how many milliseconds before and after the item nothing contradicts a rule, as far as evidence reaches.
fn undisputed(rule: Rule, item: &Item, items: &[Item]) -> i64 {
    let reach = REACH_DAYS * DAY_MS;
    let nearest = |earlier: bool| {
        items
            .iter()
            .filter(|other| {
                if earlier {
                    other.first < item.first
                } else {
                    other.first > item.first
                }
            })
            .filter(|other| apart_ms(item, other) < reach && !other.fits(rule))
            .map(|other| apart_ms(item, other))
            .min()
            .unwrap_or(reach)
    };
    nearest(true) + nearest(false)
}

fn apart_ms(a: &Item, b: &Item) -> i64 {
    (a.first - b.last).max(b.first - a.last).max(0)
}

/// A day on which the clock was set, nobody knows when: at the last moment that is possible.
fn set_once(item: &Item) -> Option<Rule> {
    let day = item.day?;
    let before = super::sheet::bounds(day, item.first, item.first)
        .iter()
        .next()?;
    let after = super::sheet::bounds(day, item.last, item.last)
        .iter()
        .next_back()?;
    Some(Rule::Set {
        at: midnight(day) + DAY_MS - i64::from(before) * 1000,
        before,
        after,
    })
}
