//! How a civil day runs: the way from samples to a straight axis of time, and back to the wearer's wall clock.
//!
//! Where the clock was set (summer time, travel) the day falls into stretches. The axis counts the time that really
//! passed, so that a repeated hour is drawn twice and a skipped one takes no room; labels show the wall clock.

use crate::day::{Day, Sample};
use chrono::{NaiveDate, NaiveTime};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
const QUARTER: i64 = HOUR / 4;

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

/// A mark on the axis at a full hour of the wall clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tick {
    /// Milliseconds since the day began.
    pub x: i64,
    /// The hour, 0 to 24.
    pub hour: i64,
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

    /// Full hours that are multiples of `step`, ascending, both midnights included; of two closer than
    /// two thirds of `step` the later is left out.
    #[must_use]
    pub fn ticks(&self, step: i64) -> Vec<Tick> {
        let mut ticks: Vec<Tick> = Vec::new();
        for (index, stretch) in self.stretches.iter().enumerate() {
            let end = self
                .stretches
                .get(index + 1)
                .map_or(self.length + 1, |next| next.x);
            let clock = stretch.local_time - self.midnight;
            let first = (clock + step * HOUR - 1).div_euclid(step * HOUR) * step;
            let mut hour = first;
            while stretch.x + hour * HOUR - clock < end {
                let x = stretch.x + hour * HOUR - clock;
                let close = ticks
                    .last()
                    .is_some_and(|last| x - last.x < step * HOUR * 2 / 3);
                if !close {
                    ticks.push(Tick { x, hour });
                }
                hour += step;
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
        let hours: Vec<_> = timeline.ticks(1).iter().map(|tick| tick.hour).collect();
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
            .ticks(3)
            .iter()
            .map(|t| (t.x / HOUR, t.hour))
            .collect();
        assert_eq!(hours[..3], [(0, 0), (2, 3), (5, 6)]);
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
