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
        let steps = STEPS.into_iter().map(|minutes| minutes * MINUTE);
        let mut steps = steps.filter(|step| self.length / step < MOST_TICKS);
        self.ticks(steps.next().unwrap_or(3 * HOUR))
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
mod tests {
    use super::*;
    use crate::day::{Detail, Provider};

    fn day(date: &str, samples: &[(i64, i32)]) -> Day {
        let date = date.parse().expect("a date");
        let mut day = Day::empty(date, Detail::Sec1, Provider::Demo);
        day.samples = samples
            .iter()
            .map(|&(instant, offset)| Sample::at(instant, offset, 60))
            .collect();
        day
    }

    /// 2017-11-05 in New York: at 06:00 UTC the clock goes from 02:00 back to 01:00.
    fn autumn() -> Day {
        let change = midnight("2017-11-05".parse().expect("a date")) + 6 * HOUR;
        day(
            "2017-11-05",
            &[
                (change - 2_000, -14_400),
                (change + 1_000, -18_000),
                (change + HOUR, -18_000),
            ],
        )
    }

    #[test]
    fn a_repeated_hour_takes_its_own_room() {
        let timeline = Timeline::of(&autumn());
        assert_eq!(timeline.length(), 25 * HOUR);
        assert_eq!(timeline.changes(), [(2 * HOUR, -HOUR)]);
        let xs: Vec<_> = autumn()
            .samples
            .iter()
            .map(|s| timeline.elapsed(s))
            .collect();
        assert_eq!(xs, [2 * HOUR - 2_000, 2 * HOUR + 1_000, 3 * HOUR]);
        let hours: Vec<_> = timeline
            .ticks(HOUR)
            .iter()
            .map(|tick| tick.clock / HOUR)
            .collect();
        assert_eq!(&hours[..4], [0, 1, 1, 2]);
        assert_eq!(hours.last(), Some(&24));
    }

    #[test]
    fn a_skipped_hour_takes_no_room() {
        let change = midnight("2017-03-12".parse().expect("a date")) + 7 * HOUR;
        let spring = day(
            "2017-03-12",
            &[(change - 1_000, -18_000), (change + 5_000, -14_400)],
        );
        let timeline = Timeline::of(&spring);
        assert_eq!(timeline.length(), 23 * HOUR);
        assert_eq!(timeline.changes(), [(2 * HOUR, HOUR)]);
        let hours: Vec<_> = timeline
            .marks()
            .iter()
            .map(|t| (t.x / HOUR, t.clock / HOUR))
            .collect();
        assert_eq!(hours[..3], [(0, 0), (2, 3), (5, 6)]);
    }

    #[test]
    fn a_window_has_closer_marks_and_both_passes_of_an_hour() {
        let between = |from: &str, to: &str| {
            let time = |text: &str| text.parse().expect("a time");
            Between::of(time(from), time(to)).expect("a window")
        };
        let marks = |timeline: &Timeline| -> Vec<String> {
            timeline.marks().iter().map(ToString::to_string).collect()
        };
        let plain = Timeline::plain("2017-06-01".parse().expect("a date"));
        let evening = plain.window(between("18:05", "18:52"));
        assert_eq!(evening.length(), 47 * MINUTE);
        assert_eq!(
            marks(&evening),
            ["18:10", "18:20", "18:30", "18:40", "18:50"]
        );
        assert_eq!(
            evening.local_time(0),
            plain.midnight + 18 * HOUR + 5 * MINUTE
        );
        let whole = Timeline::of(&autumn());
        let night = whole.window(between("00:30", "01:30"));
        assert_eq!(night.length(), 2 * HOUR);
        assert_eq!(night.changes(), [(HOUR + HOUR / 2, -HOUR)]);
        let first = &autumn().samples[0];
        assert_eq!(night.elapsed(first), whole.elapsed(first) - HOUR / 2);
        assert_eq!(whole.window(between("00:00", "24:00")), whole);
    }

    #[test]
    fn the_axis_leads_back_to_the_samples_own_clock() {
        for day in [autumn(), day("2017-06-01", &[(1_496_300_000_000, 7_200)])] {
            let timeline = Timeline::of(&day);
            for sample in &day.samples {
                let x = timeline.elapsed(sample);
                assert_eq!(timeline.local_time(x), sample.local_time);
            }
        }
    }

    #[test]
    fn without_instants_a_day_has_24_hours_of_wall_clock() {
        let mut plain = day("2017-06-01", &[]);
        let noon = midnight(plain.date) + 12 * HOUR;
        plain.samples = vec![Sample {
            instant: None,
            utc_offset: None,
            ..Sample::at(noon, 0, 60)
        }];
        let timeline = Timeline::of(&plain);
        assert_eq!(timeline.length(), 24 * HOUR);
        assert_eq!(timeline.elapsed(&plain.samples[0]), 12 * HOUR);
    }

    #[test]
    fn travel_shifts_the_rest_of_the_day() {
        // From New York to London, not worn on the way.
        let start = midnight("2017-06-01".parse().expect("a date")) + 4 * HOUR;
        let flight = day(
            "2017-06-01",
            &[
                (start + 8 * HOUR, -14_400),
                (start + 14 * HOUR + 60_000, 3_600),
            ],
        );
        let timeline = Timeline::of(&flight);
        assert_eq!(timeline.length(), 19 * HOUR);
        assert_eq!(timeline.changes(), [(14 * HOUR, 5 * HOUR)]);
    }

    #[test]
    fn offsets_that_flicker_are_not_travel() {
        let start = midnight("2017-06-01".parse().expect("a date"));
        let samples: Vec<_> = (0..40)
            .map(|i| (start + i * HOUR / 2, if i % 2 == 0 { 0 } else { 3_600 }))
            .collect();
        let timeline = Timeline::of(&day("2017-06-01", &samples));
        assert_eq!(
            (timeline.stretches().len(), timeline.length()),
            (1, 24 * HOUR)
        );
    }
}
