//! What a day of the wearer is like: sleep, bouts of activity, training, and when the device is off the wrist.
//!
//! Times are seconds on the wall clock since midnight of the date; bedtime may lie after 24:00.

use super::random::{Stream, Topic};
use chrono::{Datelike, NaiveDate, Weekday};
use std::ops::Range;

const HOUR: i32 = 3600;
const MINUTE: i32 = 60;

/// A short bout of activity: stairs, a walk, housework.
#[derive(Debug, Clone, PartialEq)]
pub struct Bout {
    /// When it begins.
    pub start: i32,
    /// When it ends.
    pub end: i32,
    /// How many beats a minute it adds.
    pub rise: f64,
}

/// What is trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sport {
    /// With a step at every other beat.
    Running,
    /// Without steps.
    Biking,
    /// Without steps, in lengths of 25 m.
    Swimming,
    /// With a few steps.
    Hiit,
    /// A walk; never planned, but found in the day.
    Walking,
}

/// One training session.
#[derive(Debug, Clone, PartialEq)]
pub struct Workout {
    /// What is trained.
    pub sport: Sport,
    /// When it begins.
    pub start: i32,
    /// When it ends.
    pub end: i32,
    /// The share of the heart-rate reserve that is reached.
    pub intensity: f64,
    /// Hard and easy in turn.
    pub intervals: bool,
}

/// One day.
#[derive(Debug, Clone, PartialEq)]
pub struct Routine {
    /// When the night before began; mostly before midnight, so negative.
    pub asleep_since: i32,
    /// When the wearer wakes.
    pub wake: i32,
    /// When the wearer goes to bed.
    pub bed: i32,
    /// In any order.
    pub bouts: Vec<Bout>,
    /// At most one a day.
    pub workout: Option<Workout>,
    /// When no heart rate is measured, in any order.
    pub off_wrist: Vec<Range<i32>>,
}

const fn number(date: NaiveDate) -> i64 {
    date.to_epoch_days() as i64
}

fn is_weekend(date: NaiveDate) -> bool {
    matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

/// True on the few days of a year that the device spends in a drawer: a stretch in spring, one in autumn.
pub fn in_a_drawer(date: NaiveDate) -> bool {
    let mut stream = Stream::of(Topic::Drawer, i64::from(date.year()));
    let spring = stream.whole(100, 145);
    let spring = spring..spring + stream.whole(2, 5);
    let autumn = stream.whole(230, 290);
    let autumn = autumn..autumn + stream.whole(1, 4);
    let today = i32::try_from(date.ordinal()).unwrap_or(0);
    spring.contains(&today) || autumn.contains(&today)
}

fn is_before_drawer(date: NaiveDate) -> bool {
    date.succ_opt().is_some_and(in_a_drawer)
}

fn is_after_drawer(date: NaiveDate) -> bool {
    date.pred_opt().is_some_and(in_a_drawer)
}

/// True if the night that ends on `date` was worn.
pub fn worn_at_night(date: NaiveDate) -> bool {
    !in_a_drawer(date) && !is_after_drawer(date)
}

/// True on most days that were worn.
pub fn has_resting_rate(date: NaiveDate) -> bool {
    !in_a_drawer(date) && !Stream::of(Topic::RestingRate, number(date)).chance(0.02)
}

/// Waking in the morning of `date`, and bedtime in its evening.
fn sleep(date: NaiveDate) -> (i32, i32) {
    let mut stream = Stream::of(Topic::Sleep, number(date));
    let late_morning = is_weekend(date);
    let late_evening = date.succ_opt().is_some_and(is_weekend);
    let wake = if late_morning {
        stream.whole(7 * HOUR + 20 * MINUTE, 9 * HOUR)
    } else {
        stream.whole(6 * HOUR + 5 * MINUTE, 7 * HOUR + 10 * MINUTE)
    };
    let bed = if late_evening {
        stream.whole(23 * HOUR + 10 * MINUTE, 24 * HOUR + 45 * MINUTE)
    } else {
        stream.whole(22 * HOUR + 15 * MINUTE, 23 * HOUR + 30 * MINUTE)
    };
    (wake, bed)
}

fn sport(date: NaiveDate) -> Sport {
    match Stream::of(Topic::Sport, number(date)).below(100) {
        0..58 => Sport::Running,
        58..80 => Sport::Biking,
        80..90 => Sport::Swimming,
        _ => Sport::Hiit,
    }
}

fn workout(date: NaiveDate, wake: i32) -> Option<Workout> {
    let mut stream = Stream::of(Topic::Workout, number(date));
    let share = match date.weekday() {
        Weekday::Tue | Weekday::Thu | Weekday::Sat => 0.8,
        Weekday::Mon | Weekday::Wed | Weekday::Sun => 0.25,
        Weekday::Fri => 0.1,
    };
    if !stream.chance(share) {
        return None;
    }
    let start = if is_weekend(date) {
        wake + stream.whole(80 * MINUTE, 150 * MINUTE)
    } else {
        stream.whole(17 * HOUR + 20 * MINUTE, 18 * HOUR + 40 * MINUTE)
    };
    Some(Workout {
        sport: sport(date),
        start,
        end: start + stream.whole(32 * MINUTE, 68 * MINUTE),
        intensity: stream.between(0.62, 0.82),
        intervals: stream.chance(0.4),
    })
}

fn bouts(date: NaiveDate, wake: i32, bed: i32) -> Vec<Bout> {
    let mut stream = Stream::of(Topic::Activity, number(date));
    let count = stream.whole(9, 18);
    let mut bouts: Vec<_> = (0..count)
        .map(|_| {
            let start = stream.whole(wake + 10 * MINUTE, bed - HOUR);
            Bout {
                start,
                end: start + stream.whole(2 * MINUTE, 17 * MINUTE),
                rise: stream.between(10.0, 36.0),
            }
        })
        .collect();
    // The way to work and back.
    if !is_weekend(date) {
        for around in [8 * HOUR, 17 * HOUR] {
            let start = around + stream.whole(-20 * MINUTE, 20 * MINUTE);
            bouts.push(Bout {
                start,
                end: start + stream.whole(12 * MINUTE, 25 * MINUTE),
                rise: stream.between(22.0, 34.0),
            });
        }
    }
    bouts
}

fn off_wrist(date: NaiveDate, wake: i32, bed: i32) -> Vec<Range<i32>> {
    let mut stream = Stream::of(Topic::OffWrist, number(date));
    let mut off = Vec::with_capacity(6);
    let shower = wake + stream.whole(8 * MINUTE, 35 * MINUTE);
    off.push(shower..shower + stream.whole(12 * MINUTE, 24 * MINUTE));
    if stream.chance(0.3) {
        let charging = stream.whole(20 * HOUR, 21 * HOUR);
        off.push(charging..charging + stream.whole(40 * MINUTE, 75 * MINUTE));
    } else if stream.chance(0.1) {
        off.push(stream.whole(19 * HOUR, 20 * HOUR)..bed);
    }
    // A loose strap.
    for _ in 0..stream.below(4) {
        let slipped = stream.whole(0, 24 * HOUR);
        off.push(slipped..slipped + stream.whole(45, 4 * MINUTE));
    }
    if is_before_drawer(date) {
        off.push(stream.whole(19 * HOUR, 22 * HOUR)..i32::MAX);
    }
    if is_after_drawer(date) {
        off.push(i32::MIN..stream.whole(8 * HOUR, 11 * HOUR));
    }
    off
}

impl Routine {
    /// The day `date`.
    pub fn of(date: NaiveDate) -> Self {
        let (wake, bed) = sleep(date);
        let asleep_since = date.pred_opt().map_or(0, |before| sleep(before).1) - 24 * HOUR;
        if in_a_drawer(date) {
            return Self {
                asleep_since,
                wake,
                bed,
                bouts: Vec::new(),
                workout: None,
                off_wrist: std::iter::once(i32::MIN..i32::MAX).collect(),
            };
        }
        Self {
            asleep_since,
            wake,
            bed,
            bouts: bouts(date, wake, bed),
            workout: workout(date, wake),
            off_wrist: off_wrist(date, wake, bed),
        }
    }

    /// What is being trained, at a second of the day.
    pub fn sport_at(&self, clock: i32) -> Option<Sport> {
        let workout = self.workout.as_ref()?;
        (workout.start..workout.end)
            .contains(&clock)
            .then_some(workout.sport)
    }

    /// The strongest bout at a second of the day, in beats a minute; 0 without one.
    pub fn effort_at(&self, clock: i32) -> f64 {
        let during = self
            .bouts
            .iter()
            .filter(|bout| (bout.start..bout.end).contains(&clock));
        during.map(|bout| bout.rise).fold(0.0, f64::max)
    }

    /// True while heart rate is measured.
    pub fn is_worn(&self, clock: i32) -> bool {
        !self.off_wrist.iter().any(|off| off.contains(&clock))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn year(year: i32) -> impl Iterator<Item = NaiveDate> {
        NaiveDate::from_ymd_opt(year, 1, 1)
            .unwrap_or_default()
            .iter_days()
            .take_while(move |date| date.year() == year)
    }

    #[test]
    fn the_drawer_takes_a_few_days_a_year_and_no_change_of_clocks() {
        for y in 2015..=2030 {
            let days: Vec<_> = year(y).filter(|date| in_a_drawer(*date)).collect();
            assert!((3..=7).contains(&days.len()), "{y}: {days:?}");
            assert!(days.iter().all(|date| (4..=10).contains(&date.month())));
        }
    }

    #[test]
    fn a_year_has_training_about_every_other_day() {
        let sessions = year(2019)
            .filter(|date| Routine::of(*date).workout.is_some())
            .count();
        assert!((130..230).contains(&sessions), "{sessions}");
    }

    #[test]
    fn everything_happens_between_waking_and_bedtime() {
        for date in year(2017) {
            let day = Routine::of(date);
            assert!(day.asleep_since < day.wake && day.wake < day.bed);
            if let Some(workout) = &day.workout {
                assert!(day.wake < workout.start && workout.end < day.bed, "{date}");
            }
            assert!(day.bouts.iter().all(|bout| bout.start > day.wake));
        }
    }
}
