//! What every minute of a day is like: its heart rate and zone, what it burnt, and how much the wearer moved.

use super::calendar::CivilDay;
use super::heart::{Beat, Curve};
use super::random::{Stream, Topic};
use super::routine::{Routine, Sport};
use super::zones::{self, Zone, ZoneType};
use chrono::NaiveDate;
use std::ops::Range;

const MINUTE_MS: i64 = 60_000;

/// The resting metabolism of a grown person, in kcal a minute.
pub const BASAL_KCAL: f64 = 1.12;

/// How much a minute was moved in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Sitting or lying.
    Sedentary,
    /// About the house.
    Light,
    /// A brisk walk.
    Moderate,
    /// Training.
    Very,
}

/// The beats of a minute: their sum and their number.
pub type Pulse = (u16, u16);

/// One civil minute.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Minute {
    /// Its first millisecond since 1970.
    pub start: i64,
    /// Seconds that the wall clock is ahead of UTC.
    pub utc_offset: i32,
    /// The mean heart rate; `None` while the device was off the wrist.
    pub bpm: Option<f64>,
    /// The zone of that.
    pub zone: ZoneType,
    /// What it burnt.
    pub kcal: f64,
    /// Steps in it.
    pub steps: u32,
    /// Floors climbed in it.
    pub floors: u32,
    /// How much it was moved in.
    pub level: Level,
    /// In bed.
    pub asleep: bool,
    /// What was being trained.
    pub sport: Option<Sport>,
}

impl Minute {
    /// How far its steps led, in millimetres.
    pub fn distance_mm(&self) -> i64 {
        let stride = if self.steps >= 140 { 1050 } else { 735 };
        i64::from(self.steps) * stride
    }
}

/// The beats of each minute of a day.
pub fn pulses(window: &Range<i64>, beats: &[Beat]) -> Vec<Pulse> {
    let minutes = usize::try_from((window.end - window.start) / MINUTE_MS).unwrap_or(0);
    let mut pulses = vec![(0, 0); minutes];
    for beat in beats {
        let index = usize::try_from((beat.instant - window.start) / MINUTE_MS).unwrap_or(0);
        if let Some((sum, count)) = pulses.get_mut(index) {
            *sum += beat.bpm;
            *count += 1;
        }
    }
    pulses
}

/// What makes minutes of a day's pulses.
pub struct Day {
    civil: CivilDay,
    routine: Routine,
    zones: [Zone; 4],
    midnight_s: i64,
    naps: Vec<Range<i64>>,
}

impl Day {
    /// The day `date`, in which the wearer naps as said.
    pub fn of(date: NaiveDate, civil: CivilDay, naps: Vec<Range<i64>>) -> Self {
        Self {
            civil,
            routine: Routine::of(date),
            zones: zones::of(date),
            midnight_s: i64::from(date.to_epoch_days()) * 86_400,
            naps,
        }
    }

    /// Every minute, ascending.
    pub fn minutes(&self, pulses: &[Pulse]) -> Vec<Minute> {
        let starts = (0..).map(|index| self.civil.window.start + index * MINUTE_MS);
        starts
            .zip(pulses)
            .map(|(start, (sum, count))| {
                let mean = f64::from(*sum) / f64::from(*count);
                self.minute(start, (*count > 0).then_some(mean))
            })
            .collect()
    }

    /// The minutes that begin in a stretch, with the heart rate as it follows from the routine alone.
    pub fn guessed(&self, span: &Range<i64>, curve: &mut Curve) -> Vec<Minute> {
        let first = span.start.div_euclid(MINUTE_MS) * MINUTE_MS;
        let starts = (first..span.end).step_by(60_000);
        starts
            .map(|start| {
                let clock = self.clock(start + MINUTE_MS / 2);
                self.minute(start, Some(curve.bpm(clock)))
            })
            .collect()
    }

    fn clock(&self, instant: i64) -> i32 {
        let wall = instant / 1000 + i64::from(self.civil.offset_at(instant));
        i32::try_from(wall - self.midnight_s).unwrap_or(0)
    }

    fn minute(&self, start: i64, bpm: Option<f64>) -> Minute {
        let middle = start + MINUTE_MS / 2;
        let clock = self.clock(middle);
        let routine = &self.routine;
        let asleep = clock < routine.wake
            || clock >= routine.bed
            || self.naps.iter().any(|nap| nap.contains(&middle));
        let mut stream = Stream::of(Topic::Motion, start / MINUTE_MS);
        let sport = routine.sport_at(clock);
        let effort = routine.effort_at(clock);
        let moves = bpm.is_some() && !asleep;
        let steps = if moves {
            steps(sport, effort, &mut stream)
        } else {
            0
        };
        let zone = zones::zone_of(&self.zones, bpm.unwrap_or(0.0));
        Minute {
            start,
            utc_offset: self.civil.offset_at(start),
            bpm,
            zone,
            kcal: bpm.map_or(BASAL_KCAL, zones::kcal_of_minute),
            steps,
            floors: u32::from(moves && effort > 26.0 && stream.chance(0.08)),
            level: level(zone, steps),
            asleep,
            sport,
        }
    }
}

fn steps(sport: Option<Sport>, effort: f64, stream: &mut Stream) -> u32 {
    let between = |low, high, stream: &mut Stream| stream.whole(low, high).unsigned_abs();
    match sport {
        Some(Sport::Running) => between(148, 177, stream),
        Some(Sport::Hiit) => between(20, 70, stream),
        Some(Sport::Walking) | None if effort >= 22.0 => between(92, 119, stream),
        Some(Sport::Walking) | None if effort > 0.0 => between(24, 72, stream),
        Some(Sport::Walking) | None if stream.chance(0.07) => between(6, 28, stream),
        Some(Sport::Biking | Sport::Swimming | Sport::Walking) | None => 0,
    }
}

fn level(zone: ZoneType, steps: u32) -> Level {
    match (zone, steps) {
        (ZoneType::Vigorous | ZoneType::Peak, _) | (_, 140..) => Level::Very,
        (ZoneType::Moderate, _) | (_, 90..) => Level::Moderate,
        (_, 1..) => Level::Light,
        _ => Level::Sedentary,
    }
}
