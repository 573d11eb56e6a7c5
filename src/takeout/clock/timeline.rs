//! The files of all days side by side, and what follows for each day.
//!
//! Where a day's own file leaves several offsets, the explanation is taken that holds for the longest time around it:
//! a zone (the profile's, the keys file's, the machine's) or one fixed offset. The first that is contradicted by a
//! neighbour loses to the one that is not; between equals the order just given decides, so that a change whose moment
//! no file proves follows the profile's zone if that fits. Nothing farther away than [`REACH_DAYS`] counts: what a
//! day becomes depends on its neighbourhood alone, whatever is imported when.

use super::sheet::Sheet;
use super::{DAY_MS, Offsets, date, midnight, offset_text};
use chrono::{DateTime, Days, NaiveDate, Offset, TimeZone};
use chrono_tz::Tz;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// How far evidence reaches.
pub const REACH_DAYS: i64 = 10;

/// How far ahead of the first evidence its offset is carried back.
const REACH_BACK_DAYS: i64 = 3;

/// A day is decided when all files up to this many days after it are known.
pub const LOOK_AHEAD_DAYS: i64 = AHEAD_DAYS + REACH_DAYS + 2;

/// A record of a day can be up to a day later than that day in UTC, and hears of what comes in [`REACH_BACK_DAYS`].
const AHEAD_DAYS: i64 = REACH_BACK_DAYS + 2;

/// Where an offset comes from, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Evidence {
    /// `--timezone`.
    Given,
    /// What a live service said at the same instant or nearby.
    Live,
    /// The bounds of the day's own file leave no other.
    Files,
    /// The bounds of the day's file, narrowed by what the nights before and after state.
    Sleeps,
    /// The bounds of the day's file or none at all, narrowed by the files of the days around.
    Neighbours,
    /// The zone in the archive's profile.
    Profile,
    /// The zone in the keys file.
    Keys,
    /// The zone of this machine.
    Machine,
    /// Nothing: UTC.
    Nothing,
}

impl Evidence {
    /// Every kind, the surest first.
    pub const ALL: [Self; 9] = [
        Self::Given,
        Self::Live,
        Self::Files,
        Self::Sleeps,
        Self::Neighbours,
        Self::Profile,
        Self::Keys,
        Self::Machine,
        Self::Nothing,
    ];

    /// The word in summaries and in `--json`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Live => "live",
            Self::Files => "files",
            Self::Sleeps => "sleeps",
            Self::Neighbours => "neighbours",
            Self::Profile => "profile",
            Self::Keys => "keys",
            Self::Machine => "machine",
            Self::Nothing => "none",
        }
    }
}

/// How the clock went for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// As in a zone.
    Zone(Tz),
    /// So many seconds ahead of UTC.
    Fixed(i32),
    /// It was set once, at a moment that nothing proves.
    Set {
        /// The moment taken: the last one that is possible.
        at: i64,
        /// Seconds ahead of UTC before.
        before: i32,
        /// Seconds ahead of UTC from then on.
        after: i32,
    },
}

impl Rule {
    /// Seconds ahead of UTC at an instant in milliseconds.
    #[must_use]
    pub fn utc_offset(self, instant: i64) -> i32 {
        match self {
            Self::Zone(zone) => zone_offset(zone, instant),
            Self::Fixed(utc_offset) => utc_offset,
            Self::Set { at, before, after } => {
                if instant < at {
                    before
                } else {
                    after
                }
            }
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Zone(zone) => f.write_str(zone.name()),
            Self::Fixed(utc_offset) => f.write_str(&offset_text(*utc_offset)),
            Self::Set { before, after, .. } => {
                write!(f, "{},{}", offset_text(*before), offset_text(*after))
            }
        }
    }
}

/// Seconds ahead of UTC in a zone at an instant in milliseconds.
#[must_use]
pub fn zone_offset(zone: Tz, instant: i64) -> i32 {
    DateTime::from_timestamp_millis(instant).map_or(0, |at| {
        zone.offset_from_utc_datetime(&at.naive_utc())
            .fix()
            .local_minus_utc()
    })
}

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

/// How the clock went between two instants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    first: i64,
    last: i64,
    day: Option<NaiveDate>,
    rule: Rule,
    evidence: Evidence,
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
        Clock {
            pieces,
            candidates: candidates.to_vec(),
        }
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

/// The wearer's clock around one day.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    pieces: Vec<Piece>,
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
        match own.last() {
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
            let agrees = |piece: Option<&Piece>, at: fn(&Piece) -> i64| {
                piece.is_none_or(|piece| {
                    zone_offset(zone, at(piece)) == piece.rule.utc_offset(at(piece))
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
            (None, Some(piece)) => (piece.carried(before.is_some()), Evidence::Neighbours),
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

impl Piece {
    fn reading(&self, until: i64) -> Reading {
        Reading {
            rule: self.rule,
            evidence: self.evidence,
            until,
        }
    }

    /// The rule after its end, or before its beginning.
    fn carried(&self, after: bool) -> Rule {
        match self.rule {
            Rule::Set { .. } => {
                Rule::Fixed(
                    self.rule
                        .utc_offset(if after { self.last } else { self.first }),
                )
            }
            rule => rule,
        }
    }
}
