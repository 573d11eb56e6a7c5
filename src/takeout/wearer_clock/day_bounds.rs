//! What one JSON file proves about the wearer's clock.
//!
//! A file holds one day of the wearer's clock, `day 00:00 <= instant + offset < next day 00:00`: its first and its last
//! instant bound the offset, often to the one multiple of a quarter of an hour that is left.
//!
//! Its records ascend by that clock, one a second. So where the instants, put in their own order, fall back in the
//! file, the clock was set back just there (autumn, a flight to the west), and how the two sides lie interleaved in
//! the file bounds the difference. A clock set forward leaves no such trace.

use super::offsets::Offsets;
use super::{DAY_MS, midnight};
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// A file whose instants fall back more often than this is not in the order of any clock.
const MOST_CHANGES: usize = 6;

/// Instants between which nothing shows that the clock was set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// The first instant in milliseconds.
    pub first: i64,
    /// The last one.
    pub last: i64,
    /// What the clock may have shown; none if it must have been set in between at a moment that the file does not prove.
    pub offsets: Offsets,
}

/// What the order of the file says about two stretches: how far apart their offsets are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Apart {
    /// The stretch with the earlier instants.
    pub early: usize,
    /// The one with the later instants.
    pub late: usize,
    /// The early offset less the late one is more than this many milliseconds.
    pub above_ms: i64,
    /// The early offset less the late one is less than this many milliseconds.
    pub below_ms: i64,
}

impl Apart {
    fn allows(&self, early: i32, late: i32) -> bool {
        let apart = (i64::from(early) - i64::from(late)) * 1000;
        self.above_ms < apart && apart < self.below_ms
    }
}

/// What the file of one day proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayBounds {
    /// The day in its name.
    pub day: NaiveDate,
    /// Ascending by instant.
    pub stretches: Vec<Stretch>,
    /// What the order of the records says about neighbouring offsets.
    pub apart: Vec<Apart>,
}

impl DayBounds {
    /// Reads the evidence from the instants of a day's file, in the file's order.
    #[must_use]
    pub fn read(day: NaiveDate, instants: &[i64]) -> Self {
        in_clock_order(day, instants).unwrap_or_else(|| Self {
            day,
            stretches: whole(day, instants).into_iter().collect(),
            apart: Vec::new(),
        })
    }

    /// Takes in instants of the same day whose place in the file is not known.
    pub fn extend(&mut self, instants: &[i64]) {
        let ends = [instants.iter().min(), instants.iter().max()];
        for &at in ends.into_iter().flatten() {
            self.take(Stretch {
                first: at,
                last: at,
                offsets: bounds(self.day, at, at),
            });
        }
    }

    /// Takes in what the archive remembers of the day. The order of its records follows from an earlier decision, so it
    /// counts only where this file says nothing.
    pub fn recall(&mut self, remembered: Self) {
        for stretch in remembered.stretches {
            self.take(stretch);
        }
    }

    /// Takes in what another file of the same day proves: both exports hold parts of one truth.
    pub fn join(&mut self, other: Self) {
        let (mut base, other) = if other.stretches.len() > self.stretches.len() {
            (other, std::mem::replace(self, Self::empty(self.day)))
        } else {
            (std::mem::replace(self, Self::empty(self.day)), other)
        };
        for stretch in other.stretches {
            base.take(stretch);
        }
        *self = base;
    }

    fn empty(day: NaiveDate) -> Self {
        Self {
            day,
            stretches: Vec::new(),
            apart: Vec::new(),
        }
    }

    fn take(&mut self, new: Stretch) {
        let mut touched = self
            .stretches
            .iter()
            .enumerate()
            .filter(|(_, known)| known.first <= new.last && new.first <= known.last)
            .map(|(at, _)| at);
        let (first, more) = (touched.next(), touched.next().is_some());
        match first {
            Some(at) => self.widen(at, new, more),
            None if self.stretches.len() == 1
                && !new.offsets.and(self.stretches[0].offsets).is_empty() =>
            {
                self.widen(0, new, false);
            }
            None => {
                let at = self
                    .stretches
                    .partition_point(|known| known.first < new.first);
                self.stretches.insert(at, new);
                self.apart.clear();
            }
        }
    }

    /// `several`: the new stretch lies over more than one of ours, so its own offsets say nothing.
    fn widen(&mut self, at: usize, new: Stretch, several: bool) {
        let Some(known) = self.stretches.get_mut(at) else {
            return;
        };
        if several {
            if let Some(first) = self.stretches.first_mut() {
                first.first = first.first.min(new.first);
            }
            if let Some(last) = self.stretches.last_mut() {
                last.last = last.last.max(new.last);
            }
            return;
        }
        known.first = known.first.min(new.first);
        known.last = known.last.max(new.last);
        known.offsets = if known.offsets.is_empty() || new.offsets.is_empty() {
            bounds(self.day, known.first, known.last)
        } else {
            known.offsets.and(new.offsets)
        };
    }

    /// What is left for a stretch when others have been decided on.
    #[must_use]
    pub fn left_for(&self, stretch: usize, decided: impl Fn(usize) -> Option<i32>) -> Offsets {
        let Some(offsets) = self.stretches.get(stretch).map(|known| known.offsets) else {
            return Offsets::NONE;
        };
        let left = offsets.filter(|mine| {
            self.apart.iter().all(|apart| {
                if apart.early == stretch {
                    decided(apart.late).is_none_or(|theirs| apart.allows(mine, theirs))
                } else if apart.late == stretch {
                    decided(apart.early).is_none_or(|theirs| apart.allows(theirs, mine))
                } else {
                    true
                }
            })
        });
        if left.is_empty() { offsets } else { left }
    }
}

/// The offsets that put instants from `first` to `last` on `day`; only those of real places, if there are such.
#[must_use]
pub fn bounds(day: NaiveDate, first: i64, last: i64) -> Offsets {
    any_bounds(day, first, last).preferably_real()
}

fn any_bounds(day: NaiveDate, first: i64, last: i64) -> Offsets {
    let start = midnight(day);
    Offsets::between(start - first, start + DAY_MS - 1 - last)
}

/// All instants as one stretch.
fn whole(day: NaiveDate, instants: &[i64]) -> Option<Stretch> {
    let (first, last) = (*instants.iter().min()?, *instants.iter().max()?);
    Some(Stretch {
        first,
        last,
        offsets: bounds(day, first, last),
    })
}

/// The stretches, if the file is in the order of a clock.
fn in_clock_order(day: NaiveDate, instants: &[i64]) -> Option<DayBounds> {
    if instants.is_sorted() {
        let (first, last) = (*instants.first()?, *instants.last()?);
        if !bounds(day, first, last).is_empty() {
            return None;
        }
    }
    let mut by_instant: Vec<(i64, u32)> = instants.iter().copied().zip(0..).collect();
    if !instants.is_sorted() {
        by_instant.sort_unstable();
    }
    by_instant.dedup_by_key(|(instant, _)| *instant);
    let mut cuts: Vec<usize> = by_instant
        .windows(2)
        .enumerate()
        .filter_map(|(at, pair)| matches!(pair, [a, b] if b.1 < a.1).then_some(at + 1))
        .collect();
    if cuts.len() > MOST_CHANGES {
        return None;
    }
    cut_at_gaps(day, &by_instant, &mut cuts);
    let starts = std::iter::once(0).chain(cuts.iter().copied());
    let ends = cuts.iter().copied().chain([by_instant.len()]);
    let stretches = starts.zip(ends).map(|(start, end)| {
        let (first, last) = (
            by_instant.get(start)?.0,
            by_instant.get(end.checked_sub(1)?)?.0,
        );
        Some(Stretch {
            first,
            last,
            offsets: bounds(day, first, last),
        })
    });
    let mut day_bounds = DayBounds {
        day,
        stretches: stretches.collect::<Option<_>>()?,
        apart: Vec::new(),
    };
    day_bounds.apart = apart(&day_bounds.stretches, instants);
    if narrow(&mut day_bounds) {
        return Some(day_bounds);
    }
    // No place on earth has these offsets; some clock may.
    for stretch in &mut day_bounds.stretches {
        stretch.offsets = any_bounds(day, stretch.first, stretch.last);
    }
    narrow(&mut day_bounds).then_some(day_bounds)
}

/// Where a stretch fits no single offset, the clock was set in its longest gap that allows it.
fn cut_at_gaps(day: NaiveDate, by_instant: &[(i64, u32)], cuts: &mut Vec<usize>) {
    let mut edges = vec![0];
    edges.extend(cuts.iter().copied());
    edges.push(by_instant.len());
    for pair in edges.windows(2) {
        let &[start, end] = pair else { continue };
        let Some(part) = by_instant.get(start..end) else {
            continue;
        };
        let (Some(first), Some(last)) = (part.first(), part.last()) else {
            continue;
        };
        if bounds(day, first.0, last.0).is_empty() {
            cuts.extend(longest_gap(day, part).map(|at| start + at));
        }
    }
    cuts.sort_unstable();
}

fn longest_gap(day: NaiveDate, part: &[(i64, u32)]) -> Option<usize> {
    let (first, last) = (part.first()?.0, part.last()?.0);
    let fits = |a: i64, b: i64| {
        let (early, late) = (bounds(day, first, a), bounds(day, b, last));
        let ahead = early.iter().next().zip(late.iter().next_back());
        ahead.is_some_and(|(early, late)| a + i64::from(early) * 1000 < b + i64::from(late) * 1000)
    };
    part.windows(2)
        .enumerate()
        .filter_map(|(at, pair)| match pair {
            [a, b] if b.0 - a.0 > 900_000 && fits(a.0, b.0) => Some((b.0 - a.0, at + 1)),
            _ => None,
        })
        .max_by_key(|(gap, _)| *gap)
        .map(|(_, at)| at)
}

/// What neighbouring records of different stretches say: the one that stands first has the earlier wall clock.
fn apart(stretches: &[Stretch], instants: &[i64]) -> Vec<Apart> {
    let of = |instant: i64| stretches.partition_point(|stretch| stretch.first <= instant) - 1;
    let mut pairs: BTreeMap<(usize, usize), Apart> = BTreeMap::new();
    for pair in instants.windows(2) {
        let &[a, b] = pair else { continue };
        let (before, behind) = (of(a), of(b));
        if before == behind {
            continue;
        }
        let (early, late) = (before.min(behind), before.max(behind));
        let apart = pairs.entry((early, late)).or_insert(Apart {
            early,
            late,
            above_ms: i64::MIN,
            below_ms: i64::MAX,
        });
        // a + its offset < b + its offset
        if before == early {
            apart.below_ms = apart.below_ms.min(b - a);
        } else {
            apart.above_ms = apart.above_ms.max(a - b);
        }
    }
    pairs.into_values().collect()
}

/// Takes out offsets that have no partner on the other side; `false` if nothing is left somewhere.
fn narrow(day_bounds: &mut DayBounds) -> bool {
    loop {
        let before: Vec<_> = day_bounds.stretches.clone();
        for apart in &day_bounds.apart {
            let (Some(a), Some(b)) = (before.get(apart.early), before.get(apart.late)) else {
                continue;
            };
            let (a, b) = (a.offsets, b.offsets);
            let left_a = a.filter(|mine| b.iter().any(|theirs| apart.allows(mine, theirs)));
            let left_b = b.filter(|mine| a.iter().any(|theirs| apart.allows(theirs, mine)));
            for (at, left) in [(apart.early, left_a), (apart.late, left_b)] {
                if let Some(stretch) = day_bounds.stretches.get_mut(at) {
                    stretch.offsets = stretch.offsets.and(left);
                }
            }
        }
        if day_bounds.stretches.iter().any(|s| s.offsets.is_empty()) {
            return false;
        }
        if before == day_bounds.stretches {
            return true;
        }
    }
}

#[cfg(test)]
mod tests;
