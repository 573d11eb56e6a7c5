//! The heart rate itself: a curve that follows the day's routine, sampled as irregularly as a device does it.

use super::calendar::CivilDay;
use super::random::{Stream, Swing, Topic};
use super::routine::{Bout, Routine, Workout, in_a_drawer};
use crate::zone::Tz;
use chrono::{Datelike, NaiveDate};
use std::f64::consts::{PI, TAU};

const BORN: i32 = 1985;

/// One reading of the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beat {
    /// Milliseconds since 1970-01-01T00:00:00Z; always a whole second.
    pub instant: i64,
    /// Seconds that the wall clock is ahead of UTC.
    pub utc_offset: i32,
    /// Beats a minute.
    pub bpm: u16,
}

/// The samples of one civil day in `zone`: ascending, one to five seconds apart while the device is worn, about
/// 27,500 on a day with few gaps. The same for the same date, and for no date but that.
#[must_use]
pub fn samples(date: NaiveDate, zone: Tz) -> Vec<Beat> {
    if in_a_drawer(date) {
        return Vec::new();
    }
    let day = CivilDay::of(date, zone);
    let mut curve = Curve::of(date);
    let midnight = i64::from(date.to_epoch_days()) * 86_400;
    let mut stream = Stream::of(Topic::Spacing, i64::from(date.to_epoch_days()));
    let mut beats = Vec::with_capacity(29_000);
    let mut second = day.window.start / 1000 + i64::from(stream.below(4));
    while second < day.window.end / 1000 {
        let utc_offset = day.offset_at(second * 1000);
        let wall = second + i64::from(utc_offset);
        let clock = i32::try_from(wall - midnight).unwrap_or(0);
        let noise = stream.between(-1.3, 1.3);
        if curve.routine.is_worn(clock) {
            beats.push(Beat {
                instant: second * 1000,
                utc_offset,
                bpm: whole_bpm(curve.bpm(clock) + noise),
            });
        }
        second += spacing(&mut stream);
    }
    beats
}

fn spacing(stream: &mut Stream) -> i64 {
    match stream.below(100) {
        0..8 => 1,
        8..29 => 2,
        29..64 => 3,
        64..87 => 4,
        _ => 5,
    }
}

/// The resting heart rate of a day: the seasons, fitness, the week, and now and then a cold.
fn resting_rate(date: NaiveDate) -> f64 {
    let day = i64::from(date.to_epoch_days());
    let season = (TAU * f64::from(date.ordinal()) / 365.25).cos();
    let cold = {
        let mut stream = Stream::of(Topic::Illness, day.div_euclid(60));
        let worst = f64::from(stream.whole(5, 55));
        let today = f64::from(u8::try_from(day.rem_euclid(60)).unwrap_or(0));
        if stream.chance(0.4) {
            (6.0 - 2.0 * (today - worst).abs()).max(0.0)
        } else {
            0.0
        }
    };
    57.5 + 1.6 * season
        + 2.4 * Swing::of(Topic::Fitness, 190).at(day)
        + 1.0 * Swing::of(Topic::Week, 5).at(day)
        + cold
}

/// [`resting_rate`] as the service gives it.
pub fn resting_bpm(date: NaiveDate) -> u16 {
    whole_bpm(resting_rate(date))
}

/// The highest heart rate at the wearer's age on a day.
pub fn highest_rate(date: NaiveDate) -> f64 {
    f64::from(220 - (date.year() - BORN))
}

/// What one day's heart rate is made of.
#[derive(Debug)]
pub struct Curve {
    /// What the day is like.
    pub routine: Routine,
    resting: f64,
    reserve: f64,
    midnight: i64,
    mood: Swing,
    posture: Swing,
    dream: Swing,
}

impl Curve {
    /// The curve of one day.
    pub fn of(date: NaiveDate) -> Self {
        let resting = resting_rate(date);
        Self {
            routine: Routine::of(date),
            resting,
            reserve: highest_rate(date) - resting,
            midnight: i64::from(date.to_epoch_days()) * 86_400,
            mood: Swing::of(Topic::Mood, 1700),
            posture: Swing::of(Topic::Posture, 130),
            dream: Swing::of(Topic::Dream, 240),
        }
    }

    /// Beats a minute at a second of the day's wall clock.
    pub fn bpm(&mut self, clock: i32) -> f64 {
        let wall = self.midnight + i64::from(clock);
        let day = &self.routine;
        if clock >= day.bed {
            return self.asleep(clock - day.bed, wall);
        }
        if clock >= day.asleep_since && clock < day.wake {
            return self.asleep(clock - day.asleep_since, wall);
        }
        let bouts: f64 = day.bouts.iter().map(|bout| exertion(bout, clock)).sum();
        let awake = self.awake(clock, wall) + bouts.min(45.0);
        match &self.routine.workout {
            Some(workout) => awake.max(self.training(workout, clock)),
            None => awake,
        }
    }

    /// Sinking towards the small hours, in cycles of an hour and a half.
    fn asleep(&mut self, since_s: i32, wall: i64) -> f64 {
        let since = f64::from(since_s);
        let falling_asleep = 9.0 * (-since / 1500.0).exp();
        let night = -2.5 * (PI * (since / 27_000.0).min(1.0)).sin();
        let cycle = 2.2 * (TAU * since / 5400.0).sin();
        self.resting - 2.0 + falling_asleep + night + cycle + 1.6 * self.dream.at(wall)
    }

    /// Sitting, standing, thinking.
    fn awake(&mut self, clock: i32, wall: i64) -> f64 {
        let since_waking = f64::from((clock - self.routine.wake).max(0));
        let waking = -8.0 * (-since_waking / 900.0).exp();
        let daylight = 3.5 * (PI * (f64::from(clock) / 3600.0 - 7.0) / 15.0).sin();
        self.resting
            + 12.0
            + waking
            + daylight
            + 4.5 * self.mood.at(wall)
            + 3.0 * self.posture.at(wall)
    }

    /// A ramp, a plateau or intervals, and the slow way back.
    fn training(&self, workout: &Workout, clock: i32) -> f64 {
        if clock < workout.start {
            return 0.0;
        }
        let since = f64::from(clock.min(workout.end) - workout.start);
        let ramp = 1.0 - (-since / 260.0).exp();
        let drift = 0.04 * since / 3600.0;
        let pulse = if workout.intervals && since > 600.0 {
            0.11 * (TAU * since / 300.0).sin()
        } else {
            0.02 * (TAU * since / 700.0).sin()
        };
        let level = 0.25 + (workout.intensity - 0.25) * ramp + drift + pulse;
        let after = f64::from((clock - workout.end).max(0));
        let recovery = 0.6 * (-after / 110.0).exp() + 0.4 * (-after / 1500.0).exp();
        self.resting + self.reserve * level * recovery
    }
}

/// What a bout adds: a quick rise, and two minutes to settle.
fn exertion(bout: &Bout, clock: i32) -> f64 {
    if clock < bout.start || clock > bout.end + 900 {
        return 0.0;
    }
    let since = f64::from(clock.min(bout.end) - bout.start);
    let after = f64::from((clock - bout.end).max(0));
    bout.rise * (1.0 - (-since / 45.0).exp()) * (-after / 120.0).exp()
}

/// The nearest whole number of beats a minute that a living person has.
fn whole_bpm(rate: f64) -> u16 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to 38..=205 first"
    )]
    let bpm = rate.round().clamp(38.0, 205.0) as u16;
    bpm
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).unwrap_or_default()
    }

    fn mean(beats: &[Beat], hours: std::ops::Range<i64>) -> f64 {
        let of_hour: Vec<_> = beats
            .iter()
            .filter(|b| {
                let wall = b.instant / 1000 + i64::from(b.utc_offset);
                hours.contains(&(wall.rem_euclid(86_400) / 3600))
            })
            .map(|b| f64::from(b.bpm))
            .collect();
        of_hour.iter().sum::<f64>() / f64::from(u32::try_from(of_hour.len()).unwrap_or(1))
    }

    #[test]
    fn a_date_has_one_heart_rate() {
        let day = date(2017, 6, 1);
        assert_eq!(
            samples(day, Tz::of("America/New_York")),
            samples(day, Tz::of("America/New_York"))
        );
        assert_ne!(
            samples(day, Tz::of("America/New_York"))
                .first()
                .map(|b| b.bpm),
            samples(date(2017, 6, 3), Tz::of("America/New_York"))
                .last()
                .map(|b| b.bpm)
        );
    }

    #[test]
    fn samples_ascend_within_the_day_one_to_five_seconds_apart() {
        for day in [date(2017, 3, 12), date(2017, 6, 1), date(2017, 11, 5)] {
            let civil = CivilDay::of(day, Tz::of("America/New_York"));
            let beats = samples(day, Tz::of("America/New_York"));
            assert!(
                beats
                    .first()
                    .is_some_and(|b| b.instant >= civil.window.start)
            );
            assert!(beats.last().is_some_and(|b| b.instant < civil.window.end));
            let gaps: Vec<_> = beats
                .windows(2)
                .filter_map(|pair| match pair {
                    [a, b] => Some((b.instant - a.instant) / 1000),
                    _ => None,
                })
                .collect();
            assert!(gaps.iter().all(|gap| *gap >= 1));
            let wide = gaps.iter().filter(|gap| **gap > 5).count();
            assert!((1..12).contains(&wide), "{day}: {wide} gaps");
            assert!(gaps.iter().any(|gap| *gap > 600), "{day}: a shower");
        }
    }

    #[test]
    fn a_night_is_calm_a_day_is_not_and_training_is_hard() {
        let day = date(2017, 6, 1);
        let beats = samples(day, Tz::of("America/New_York"));
        let (night, noon) = (mean(&beats, 1..5), mean(&beats, 11..15));
        assert!((48.0..62.0).contains(&night), "{night}");
        assert!((65.0..92.0).contains(&noon), "{noon}");
        let hard = beats.iter().filter(|b| b.bpm > 130).count();
        assert!(hard > 300, "{hard} samples of training");
        assert!(beats.iter().all(|b| (38..=205).contains(&b.bpm)));
    }

    #[test]
    fn worn_days_are_dense_and_a_few_days_are_empty() {
        let mut counts: Vec<_> = date(2018, 4, 1)
            .iter_days()
            .take(120)
            .map(|day| samples(day, Tz::of("America/New_York")).len())
            .collect();
        counts.sort_unstable();
        let empty = counts.iter().filter(|count| **count == 0).count();
        assert!((2..=4).contains(&empty), "{empty}");
        let worn = counts.get(empty + 4..).unwrap_or_default();
        assert!(
            worn.iter().all(|count| (18_000..28_200).contains(count)),
            "{worn:?}"
        );
        let middle = worn.get(worn.len() / 2).copied().unwrap_or(0);
        assert!((26_500..27_900).contains(&middle), "{middle}");
    }

    #[test]
    fn the_resting_rate_drifts_slowly() {
        let rates: Vec<_> = date(2016, 1, 1)
            .iter_days()
            .take(3000)
            .map(resting_rate)
            .collect();
        assert!(rates.iter().all(|rate| (50.0..72.0).contains(rate)));
        assert!(
            rates
                .windows(2)
                .all(|pair| matches!(pair, [a, b] if (a - b).abs() < 3.5))
        );
    }
}
