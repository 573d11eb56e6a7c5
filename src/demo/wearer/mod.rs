//! The person whose data the stand-in serves: made up, the same for the same date, never stored.
//!
//! `routine` decides what a day is like; `heart` turns it into samples, `motion` into minutes, `night` into sleeps;
//! [`Wearer`] keeps the days that were asked for last and knows what has been synced.

mod calendar;
mod heart;
mod kept;
mod motion;
mod night;
mod random;
mod routine;
mod zones;

pub use calendar::CivilDay;
pub use heart::{Beat, Curve, resting_bpm, samples};
pub use motion::{BASAL_KCAL, Day, Level, Minute};
pub use night::{Sleep, Stage, ending_on, nap, night};
pub use random::{Stream, Swing, Topic, mix};
pub use routine::{Routine, Sport, has_resting_rate, in_a_drawer, worn_at_night};
pub use zones::{Zone, of as zones_of};

use crate::civil;
use crate::zone::Tz;
use chrono::{DateTime, NaiveDate, Utc};
use kept::Kept;
use motion::Pulse;
use std::sync::{Arc, OnceLock};

/// The first day with data.
pub const HISTORY_START: NaiveDate = NaiveDate::from_ymd_opt(2015, 3, 1).expect("a date");

/// A month of dense days is about 15 MB.
const DAYS_KEPT: usize = 32;

/// What is kept of two years is about 4 MB.
const PULSES_KEPT: usize = 750;

/// The device looks for its phone this often, in seconds.
const SYNC_SLOT_S: i64 = 20 * 60;

/// No stretch without a sync lasts longer than this many slots (a week).
const SYNC_SLOTS_SEARCHED: i64 = 7 * 24 * 3;

/// The made-up account: its zone, its history, and the days that were asked for last.
#[derive(Debug)]
pub struct Wearer {
    /// The account's time zone.
    pub zone: Tz,
    beats: Kept<Vec<Beat>>,
    pulses: Kept<Vec<Pulse>>,
}

impl Wearer {
    /// A wearer in `zone`; nothing is made before it is asked for.
    pub fn new(zone: Tz) -> Self {
        Self {
            zone,
            beats: Kept::new(DAYS_KEPT),
            pulses: Kept::new(PULSES_KEPT),
        }
    }

    /// Where a day begins and ends.
    pub fn civil(&self, date: NaiveDate) -> CivilDay {
        CivilDay::of(date, self.zone)
    }

    /// The civil date at an instant (milliseconds).
    pub fn date_at(&self, instant: i64) -> NaiveDate {
        calendar::date_at(instant, self.zone)
    }

    /// Seconds that the account's clocks are ahead of UTC at an instant (milliseconds).
    pub fn offset_at(&self, instant: i64) -> i32 {
        civil::offset_at(instant, self.zone)
    }

    /// The beats of a day, ascending; filled when the cell is.
    pub fn beats(&self, date: NaiveDate) -> Arc<OnceLock<Vec<Beat>>> {
        self.beats.get(date, || heart::samples(date, self.zone))
    }

    /// Every minute of a day, ascending.
    pub fn minutes(&self, date: NaiveDate) -> Vec<Minute> {
        let civil = self.civil(date);
        let window = civil.window.clone();
        let pulses = self.pulses.get(date, || {
            let beats = self.beats(date);
            motion::pulses(&window, beats.get().map_or(&[], Vec::as_slice))
        });
        let pulses = pulses.get().map_or(&[][..], Vec::as_slice);
        self.day(date, civil).minutes(pulses)
    }

    /// What makes the minutes of a day.
    pub fn day(&self, date: NaiveDate, civil: CivilDay) -> Day {
        let naps = nap(date, self.zone).map(|nap| nap.span);
        Day::of(date, civil, naps.into_iter().collect())
    }

    /// When the device last handed its samples over; everything before that instant is there.
    ///
    /// Never runs backwards as `now` goes on: every slot of the calendar has its sync or has none.
    pub fn last_sync(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let slot = now.timestamp().div_euclid(SYNC_SLOT_S);
        (0..SYNC_SLOTS_SEARCHED)
            .filter_map(|back| self.sync_in_slot(slot - back))
            .find(|at| *at <= now)
            .unwrap_or(now)
    }

    fn sync_in_slot(&self, slot: i64) -> Option<DateTime<Utc>> {
        let mut stream = Stream::of(Topic::Sync, slot);
        let at = slot * SYNC_SLOT_S + i64::from(stream.below(1200));
        let chosen = stream.chance(0.35);
        let wall = at + i64::from(self.offset_at(at * 1000));
        let hour = wall.rem_euclid(86_400) / 3600;
        let date = self.date_at(at * 1000);
        (chosen && (7..23).contains(&hour) && !routine::in_a_drawer(date))
            .then(|| DateTime::from_timestamp(at, 0))
            .flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn the_last_sync_lies_behind_and_never_runs_backwards() {
        let wearer = Wearer::new(Tz::of("America/New_York"));
        let start = DateTime::from_timestamp(1_795_000_000, 0).unwrap_or_default();
        let mut before = wearer.last_sync(start);
        let mut longest = TimeDelta::zero();
        for quarter in 1..400 {
            let now = start + TimeDelta::minutes(15 * quarter);
            let sync = wearer.last_sync(now);
            assert!(sync <= now && sync >= before, "{sync} at {now}");
            longest = longest.max(now - sync);
            before = sync;
        }
        assert!(longest > TimeDelta::hours(6), "no sync at night");
        assert!(longest < TimeDelta::hours(14), "{longest}");
    }

    #[test]
    fn a_day_is_walked_and_burnt_like_a_day() {
        let wearer = Wearer::new(Tz::of("America/New_York"));
        let date = NaiveDate::from_ymd_opt(2026, 6, 1).unwrap_or_default();
        for date in date.iter_days().take(20).filter(|date| !in_a_drawer(*date)) {
            let minutes = wearer.minutes(date);
            assert_eq!(minutes.len(), 1440);
            let steps: u32 = minutes.iter().map(|minute| minute.steps).sum();
            assert!((3_000..26_000).contains(&steps), "{date}: {steps} steps");
            let kcal: f64 = minutes.iter().map(|minute| minute.kcal).sum();
            assert!((1_600.0..3_800.0).contains(&kcal), "{date}: {kcal} kcal");
            assert!(
                minutes
                    .iter()
                    .all(|minute| !minute.asleep || minute.steps == 0)
            );
        }
    }
}
