//! The files of all days side by side, and what follows for each day.
//!
//! Where a day's own file leaves several offsets, the explanation is taken that holds for the longest time around it:
//! a zone (the profile's, the keys file's, the machine's) or one fixed offset. The first that is contradicted by a
//! neighbour loses to the one that is not; between equals the order just given decides, so that a change whose moment
//! no file proves follows the profile's zone if that fits. Nothing farther away than [`REACH_DAYS`] counts: what a
//! day becomes depends on its neighbourhood alone, whatever is imported when.

use super::day_bounds::{DayBounds, Stretch, bounds};
use super::reading::{Clock, ClockSpan, REACH_BACK_DAYS, REACH_DAYS};
use super::rule::{Candidate, Evidence, Rule};
use super::{DAY_MS, Offsets, date, midnight};
use chrono::{Days, NaiveDate};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeBounds;

/// A day is decided when all files up to this many days after it are known.
pub const LOOK_AHEAD_DAYS: i64 = AHEAD_DAYS + REACH_DAYS + 4;

/// A record of a day can be up to a day later than that day in UTC, and hears of what comes in [`REACH_BACK_DAYS`].
const AHEAD_DAYS: i64 = REACH_BACK_DAYS + 2;

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
                let (first, last) = (zone.utc_offset(self.first), zone.utc_offset(self.last));
                match self.day {
                    Some(day) if first != last => {
                        let on_day =
                            |instant, offset| date(instant + i64::from(offset) * 1000) == day;
                        on_day(self.first, first) && on_day(self.last, last)
                    }
                    _ => first == last && self.offsets.contains(first),
                }
            }
        }
    }
}

/// All evidence known so far.
#[derive(Debug, Default)]
pub struct Timeline {
    fresh: BTreeMap<NaiveDate, DayBounds>,
    remembered: BTreeMap<NaiveDate, DayBounds>,
    /// The two together, where they have been asked for.
    joined_bounds: BTreeMap<NaiveDate, Option<DayBounds>>,
    spans: BTreeSet<Span>,
    decided: BTreeMap<NaiveDate, Vec<ClockSpan>>,
}

impl Timeline {
    /// Takes in the file of a day. Not after [`Timeline::clock`] was asked for a day within its reach.
    pub fn add(&mut self, day_bounds: DayBounds) {
        add(&mut self.fresh, day_bounds);
    }

    /// Takes in what the archive remembers of the file of a day. As [`Timeline::add`].
    pub fn remember(&mut self, day_bounds: DayBounds) {
        add(&mut self.remembered, day_bounds);
    }

    /// Everything about the file of a day.
    fn day_bounds(&mut self, label: NaiveDate) -> Option<&DayBounds> {
        if !self.joined_bounds.contains_key(&label) {
            let day_bounds = self.joined(label);
            self.joined_bounds.insert(label, day_bounds);
        }
        self.joined_bounds.get(&label)?.as_ref()
    }

    fn joined(&self, label: NaiveDate) -> Option<DayBounds> {
        let remembered = self.remembered.get(&label).and_then(|remembered| {
            let mut remembered = remembered.clone();
            remembered
                .stretches
                .retain(|stretch| !self.is_disowned(label, stretch));
            Some(remembered).filter(|remembered| !remembered.stretches.is_empty())
        });
        match (self.fresh.get(&label).cloned(), remembered) {
            (Some(mut fresh), Some(remembered)) => {
                fresh.recall(remembered);
                Some(fresh)
            }
            (fresh, remembered) => fresh.or(remembered),
        }
    }

    /// A file says that instants of this stretch are another day's: the archive's days were cut by another zone.
    fn is_disowned(&self, label: NaiveDate, stretch: &Stretch) -> bool {
        let near = shifted(label, -2)..=shifted(label, 2);
        self.fresh
            .range(near)
            .filter(|(day, _)| **day != label)
            .flat_map(|(_, day_bounds)| &day_bounds.stretches)
            .any(|other| other.first <= stretch.last && stretch.first <= other.last)
    }

    fn labels(&self, range: impl RangeBounds<NaiveDate> + Clone) -> BTreeSet<NaiveDate> {
        let fresh = self.fresh.range(range.clone());
        let remembered = self.remembered.range(range);
        let labels = fresh.chain(remembered).map(|(label, _)| *label);
        labels.collect()
    }

    /// Takes in a stated offset.
    pub fn state(&mut self, span: Span) {
        self.spans.insert(span);
    }

    /// The clock for the records that may belong to `day`; `zones` are those that may explain a day.
    pub fn clock(&mut self, day: NaiveDate, zones: &dyn Fn(NaiveDate) -> Vec<Candidate>) -> Clock {
        let first = day - Days::new(2);
        let last = shifted(day, AHEAD_DAYS);
        // A file that is disowned says nothing, so the last but one may count.
        let earlier = shifted(first, -REACH_DAYS - 3);
        let mut pieces = Vec::new();
        for label in self.labels(earlier..=last) {
            pieces.extend(self.decide(label, zones).iter().copied());
        }
        let (from, to) = (
            midnight(day) - REACH_DAYS * DAY_MS - 2 * DAY_MS,
            midnight(last) + DAY_MS,
        );
        let spans = self.spans.iter();
        pieces.extend(
            spans
                .filter(|span| span.first < to && span.last > from)
                .map(|span| ClockSpan {
                    first: span.first,
                    last: span.last,
                    day: None,
                    rule: Rule::Fixed(span.utc_offset),
                    evidence: span.evidence,
                }),
        );
        pieces.sort_by_key(|piece| (piece.first, piece.last, piece.day));
        Clock::new(pieces, zones(day))
    }

    /// Forgets what no later day can ask for.
    pub fn forget_before(&mut self, day: NaiveDate) {
        let first = shifted(day, -2 * REACH_DAYS - 5);
        let long_ago = midnight(first);
        self.fresh.retain(|label, _| *label >= first);
        self.remembered.retain(|label, _| *label >= first);
        self.joined_bounds.retain(|label, _| *label >= first);
        self.decided.retain(|label, _| *label >= first);
        self.spans.retain(|span| span.last >= long_ago);
    }

    fn decide(
        &mut self,
        label: NaiveDate,
        zones: &dyn Fn(NaiveDate) -> Vec<Candidate>,
    ) -> &[ClockSpan] {
        if !self.decided.contains_key(&label) {
            let pieces = self.pieces_of(label, &zones(label));
            self.decided.insert(label, pieces);
        }
        self.decided.get(&label).map_or(&[], Vec::as_slice)
    }

    fn pieces_of(&mut self, label: NaiveDate, candidates: &[Candidate]) -> Vec<ClockSpan> {
        let Some(day_bounds) = self.day_bounds(label).cloned() else {
            return Vec::new();
        };
        let items = self.items_around(label);
        let mut pieces: Vec<ClockSpan> = Vec::new();
        for (at, stretch) in day_bounds.stretches.iter().enumerate() {
            let decided = |other: usize| {
                let stretch = day_bounds.stretches.get(other)?;
                let instant = if other < at {
                    stretch.last
                } else {
                    stretch.first
                };
                let piece = pieces
                    .iter()
                    .find(|piece| piece.first <= instant && instant <= piece.last)?;
                Some(piece.rule.utc_offset(instant))
            };
            let item = Item {
                first: stretch.first,
                last: stretch.last,
                offsets: day_bounds.left_for(at, decided),
                day: Some(label),
                evidence: Evidence::Files,
            };
            let judged = judge(&item, &items, candidates).map(|judged| vec![(item, judged)]);
            let judged = judged.unwrap_or_else(|| {
                let parts = set_once(&item).into_iter().flatten();
                let judged =
                    parts.filter_map(|part| Some((part, judge(&part, &items, candidates)?)));
                judged.collect()
            });
            pieces.extend(
                judged
                    .into_iter()
                    .map(|(item, (rule, evidence))| ClockSpan {
                        first: item.first,
                        last: item.last,
                        day: Some(label),
                        rule,
                        evidence,
                    }),
            );
        }
        pieces
    }

    fn items_around(&mut self, label: NaiveDate) -> Vec<Item> {
        let (first, last) = (
            shifted(label, -REACH_DAYS - 2),
            shifted(label, REACH_DAYS + 2),
        );
        let mut items = Vec::new();
        for day in self.labels(first..=last) {
            let day_bounds = self.day_bounds(day).into_iter();
            items.extend(
                day_bounds
                    .flat_map(|day_bounds| &day_bounds.stretches)
                    .map(|stretch| Item {
                        first: stretch.first,
                        last: stretch.last,
                        offsets: stretch.offsets,
                        day: Some(day),
                        evidence: Evidence::Files,
                    }),
            );
        }
        let (from, to) = (midnight(first), midnight(last) + DAY_MS);
        let near = |span: &&Span| span.first < to && span.last > from;
        let spans = self.spans.iter().filter(near).map(|span| Item {
            first: span.first,
            last: span.last,
            offsets: Offsets::one(span.utc_offset),
            day: None,
            evidence: span.evidence,
        });
        items.extend(spans);
        items.sort_by_key(|item| (item.first, item.last));
        items
    }
}

fn shifted(day: NaiveDate, days: i64) -> NaiveDate {
    chrono::TimeDelta::try_days(days)
        .and_then(|days| day.checked_add_signed(days))
        .unwrap_or(day)
}

/// The best explanation for one stretch; `None` if no one clock fits it.
fn judge(item: &Item, items: &[Item], candidates: &[Candidate]) -> Option<(Rule, Evidence)> {
    let zones = candidates
        .iter()
        .map(|candidate| (Rule::Zone(candidate.zone), candidate.evidence));
    let usual = candidates
        .first()
        .map_or(0, |candidate| candidate.zone.utc_offset(item.first));
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
    let (_, rule, evidence) = best?;
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
fn set_once(item: &Item) -> Option<[Item; 2]> {
    let day = item.day?;
    let before = bounds(day, item.first, item.first).iter().next()?;
    let after = bounds(day, item.last, item.last).iter().next_back()?;
    let at = midnight(day) + DAY_MS - i64::from(before) * 1000;
    let early = Item {
        last: at - 1,
        offsets: Offsets::one(before),
        ..*item
    };
    let late = Item {
        first: at,
        offsets: Offsets::one(after),
        ..*item
    };
    Some([early, late])
}

fn add(joined_bounds: &mut BTreeMap<NaiveDate, DayBounds>, day_bounds: DayBounds) {
    match joined_bounds.entry(day_bounds.day) {
        Entry::Vacant(entry) => {
            entry.insert(day_bounds);
        }
        Entry::Occupied(mut entry) => entry.get_mut().join(day_bounds),
    }
}
