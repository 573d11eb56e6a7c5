//! How a civil day runs: the way from samples to a straight axis of time, and back to the wearer's wall clock.
//!
//! Where the clock was set (summer time, travel) the day falls into stretches. The axis counts the time that really
//! passed, so that a repeated hour is drawn twice and a skipped one takes no room; labels show the wall clock.

use crate::day::{Day, Sample};
use crate::extract::between::Between;
use chrono::{NaiveDate, NaiveTime};
use std::fmt;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
const QUARTER: i64 = HOUR / 4;

/// Minutes between marks, of which an axis takes the closest that give it less than so many.
const STEPS: [i64; 9] = [1, 2, 5, 10, 15, 30, 60, 120, 180];
const MOST_TICKS: i64 = 9;
const FEW_TICKS: i64 = 6;

/// More changes of the clock than this in one day are noise of the source, not travel.
const MOST_STRETCHES: usize = 8;

/// A part of a day in which the wall clock was not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// Where it begins, in milliseconds since the day began.
    pub x: i64,
    /// What the wall clock shows there, in milliseconds since 1970-01-01T00:00:00 of that wall clock.
    pub local_time: i64,
}

/// A mark on the axis at a round time of the wall clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tick {
    /// Milliseconds since the axis began.
    pub x: i64,
    /// Milliseconds since midnight on the wall clock, up to 24 hours.
    pub clock: i64,
}

/// `09:00`, `24:00`.
impl fmt::Display for Tick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:02}:{:02}",
            self.clock / HOUR,
            self.clock / MINUTE % 60
        )
    }
}

/// The course of one civil day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeline {
    /// At least one, ascending; the first begins at 0.
    stretches: Vec<Stretch>,
    /// The instant at which the day began; `None` where the source gives wall clock only.
    start: Option<i64>,
    midnight: i64,
    length: i64,
}

/// Midnight at which `date` begins, on the wall clock.
#[must_use]
pub fn midnight(date: NaiveDate) -> i64 {
    date.and_time(NaiveTime::MIN).and_utc().timestamp_millis()
}

impl Timeline {
    /// The course of a day, from the offsets of its samples.
    #[must_use]
    pub fn of(day: &Day) -> Self {
        let plain = Self::plain(day.date);
        let mut timed = day
            .samples
            .iter()
            .filter_map(|sample| Some((sample.instant?, sample.local_time)));
        let Some((first, first_local)) = timed.next() else {
            return plain;
        };
        let start = plain.midnight - (first_local - first);
        let mut stretches = plain.stretches.clone();
        let (mut before, mut ahead) = (first, first_local - first);
        for (instant, local_time) in timed {
            if local_time - instant != ahead {
                ahead = local_time - instant;
                let x = change_between(before, instant) - start;
                stretches.push(Stretch {
                    x,
                    local_time: x + start + ahead,
                });
                if stretches.len() > MOST_STRETCHES {
                    return plain;
                }
            }
            before = instant;
        }
        let length = plain.midnight + DAY - ahead - start;
        if length <= 0 {
            return plain;
        }
        Self {
            stretches,
            start: Some(start),
            midnight: plain.midnight,
            length,
        }
    }

    /// A day of 24 hours on the wall clock.
    #[must_use]
    pub fn plain(date: NaiveDate) -> Self {
        let midnight = midnight(date);
        Self {
            stretches: vec![Stretch {
                x: 0,
                local_time: midnight,
            }],
            start: None,
            midnight,
            length: DAY,
        }
    }

    /// How long the day is in milliseconds: 23, 24 or 25 hours, or what travel makes of it.
    #[must_use]
    pub fn length(&self) -> i64 {
        self.length
    }

    /// The parts between which the wall clock was set.
    #[must_use]
    pub fn stretches(&self) -> &[Stretch] {
        &self.stretches
    }

    /// Milliseconds since the day began.
    #[must_use]
    pub fn elapsed(&self, sample: &Sample) -> i64 {
        match (self.start, sample.instant) {
            (Some(start), Some(instant)) => instant - start,
            _ => self.at_clock(sample.local_time),
        }
    }

    /// The first time at which the wall clock shows `local_time`; a skipped time is the moment of the change.
    fn at_clock(&self, local_time: i64) -> i64 {
        let mut at = 0;
        for (index, stretch) in self.stretches.iter().enumerate() {
            let end = self
                .stretches
                .get(index + 1)
                .map_or(self.length, |next| next.x);
            if local_time < stretch.local_time {
                return stretch.x;
            }
            at = stretch.x + (local_time - stretch.local_time);
            if at < end {
                return at;
            }
        }
        at
    }

    /// What the wall clock shows `x` milliseconds after the day began.
    #[must_use]
    pub fn local_time(&self, x: i64) -> i64 {
        let stretch = self
            .stretches
            .iter()
            .rev()
            .find(|stretch| stretch.x <= x)
            .or(self.stretches.first());
        stretch.map_or(self.midnight + x, |stretch| {
            stretch.local_time + (x - stretch.x)
        })
    }

    /// Where the clock was set, and by how many milliseconds it went forward.
    #[must_use]
    pub fn changes(&self) -> Vec<(i64, i64)> {
        self.stretches
            .windows(2)
            .filter_map(|pair| match pair {
                [a, b] => Some((b.x, (b.local_time - b.x) - (a.local_time - a.x))),
                _ => None,
            })
            .collect()
    }

    /// The part of the day that a window of the wall clock takes; where the clock was set back in it, both passes.
    #[must_use]
    pub fn window(&self, between: Between) -> Self {
        let (from, to) = between.bounds();
        let begin = self.at_clock(self.midnight + from);
        let end = self.last_at_clock(self.midnight + to).max(begin + MINUTE);
        let starts = self.stretches.iter().filter(|stretch| stretch.x < end);
        let later = starts.clone().filter(|stretch| stretch.x > begin);
        let first = Stretch {
            x: begin,
            local_time: self.local_time(begin),
        };
        let moved = |stretch: &Stretch| Stretch {
            x: stretch.x - begin,
            ..*stretch
        };
        Self {
            stretches: [&first].into_iter().chain(later).map(moved).collect(),
            start: self.start.map(|start| start + begin),
            midnight: self.midnight,
            length: end - begin,
        }
    }

    /// The last time at which the wall clock shows `local_time`; a skipped time is the moment of the change.
    fn last_at_clock(&self, local_time: i64) -> i64 {
        let ends = self.stretches.iter().skip(1).map(|next| next.x);
        let ends: Vec<_> = ends.chain([self.length]).collect();
        let mut stretches = self.stretches.iter().zip(ends).rev();
        let found = stretches.find(|(stretch, _)| stretch.local_time <= local_time);
        found.map_or(0, |(stretch, end)| {
            (stretch.x + local_time - stretch.local_time).min(end)
        })
    }

    /// What stands along the axis: the hours of a day every three, those of a part closer.
    #[must_use]
    pub fn marks(&self) -> Vec<Tick> {
        self.ticks(self.step(MOST_TICKS).unwrap_or(3 * HOUR))
    }

    /// The same where there is room for few: the hours of a day every six.
    #[must_use]
    pub fn few_marks(&self) -> Vec<Tick> {
        self.ticks(self.step(FEW_TICKS).unwrap_or(6 * HOUR))
    }

    fn step(&self, most: i64) -> Option<i64> {
        let mut steps = STEPS.into_iter().map(|minutes| minutes * MINUTE);
        steps.find(|step| self.length / step < most)
    }

    /// Times of the wall clock that are multiples of `step` milliseconds, ascending, both ends included; of two closer than
    /// two thirds of `step` the later is left out.
    #[must_use]
    pub fn ticks(&self, step: i64) -> Vec<Tick> {
        let mut ticks: Vec<Tick> = Vec::new();
        for (index, stretch) in self.stretches.iter().enumerate() {
            let end = self
                .stretches
                .get(index + 1)
                .map_or(self.length + 1, |next| next.x);
            let begin = stretch.local_time - self.midnight;
            let mut clock = (begin + step - 1).div_euclid(step) * step;
            while stretch.x + clock - begin < end {
                let x = stretch.x + clock - begin;
                let close = ticks.last().is_some_and(|last| x - last.x < step * 2 / 3);
                if !close {
                    ticks.push(Tick { x, clock });
                }
                clock += step;
            }
        }
        ticks
    }
}

/// The moment between two samples at which the clock was set: a full quarter of an hour if there is one.
fn change_between(before: i64, after: i64) -> i64 {
    let quarter = after.div_euclid(QUARTER) * QUARTER;
    if quarter > before { quarter } else { after }
}

#[cfg(test)]
mod tests;
