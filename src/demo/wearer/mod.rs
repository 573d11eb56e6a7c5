//! The person whose heart the stand-in reports: made up, the same for the same date, never stored.
//!
//! `routine` decides what a day is like, `heart` turns it into samples, `zones` into minutes and calories;
//! [`Wearer`] keeps the days that were asked for last and knows what has been synced.

mod calendar;
pub mod heart;
mod random;
mod routine;
mod zones;

pub use calendar::CivilDay;
pub use heart::Beat;
pub use random::mix;
pub use zones::{Minute, Zone, ZoneType};

use crate::civil;
use crate::zone::Tz;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use random::{Stream, Topic};
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// The first day with data.
pub const HISTORY_START: NaiveDate = NaiveDate::from_ymd_opt(2015, 3, 1).expect("a date");

/// A month of dense days is about 15 MB.
const DAYS_KEPT: usize = 32;

/// The device looks for its phone this often, in seconds.
const SYNC_SLOT_S: i64 = 20 * 60;

/// No stretch without a sync lasts longer than this many slots (a week).
const SYNC_SLOTS_SEARCHED: i64 = 7 * 24 * 3;

/// One civil day as the device recorded it.
#[derive(Debug)]
pub struct WearerDay {
    /// Where the day begins and ends.
    pub civil: CivilDay,
    /// Ascending, at most one a second.
    pub beats: Vec<Beat>,
    /// The limits that hold on this day.
    pub zones: [Zone; 4],
    minutes: OnceLock<Vec<Minute>>,
}

impl WearerDay {
    fn new(date: NaiveDate, zone: Tz) -> Self {
        Self {
            civil: CivilDay::of(date, zone),
            beats: heart::samples(date, zone),
            zones: zones::of(date),
            minutes: OnceLock::new(),
        }
    }

    /// Every civil minute with samples, ascending.
    pub fn minutes(&self) -> &[Minute] {
        self.minutes
            .get_or_init(|| zones::minutes(&self.beats, &self.zones))
    }

    /// The beats from `range.start` up to, but not including, `range.end` (milliseconds).
    pub fn beats_in(&self, range: &Range<i64>) -> &[Beat] {
        let from = self.beats.partition_point(|b| b.instant < range.start);
        let to = self.beats.partition_point(|b| b.instant < range.end);
        self.beats.get(from..to).unwrap_or_default()
    }
}

type Days = VecDeque<(NaiveDate, Arc<OnceLock<WearerDay>>)>;

/// The made-up account: its zone, its history, and the days that were asked for last.
#[derive(Debug)]
pub struct Wearer {
    /// The account's time zone.
    pub zone: Tz,
    days: Mutex<Days>,
}

/// A day that is kept, or was when it was asked for.
pub struct Handle(Arc<OnceLock<WearerDay>>, NaiveDate, Tz);

impl Handle {
    /// The day itself, made by whoever asks first.
    pub fn get(&self) -> &WearerDay {
        self.0.get_or_init(|| WearerDay::new(self.1, self.2))
    }
}

impl Wearer {
    /// A wearer in `zone`; nothing is made before it is asked for.
    pub fn new(zone: Tz) -> Self {
        Self {
            zone,
            days: Mutex::default(),
        }
    }

    /// One day; two threads that ask for the same one make it once.
    pub fn day(&self, date: NaiveDate) -> Handle {
        let mut days = self.days.lock().unwrap_or_else(PoisonError::into_inner);
        let found = days.iter().position(|(known, _)| *known == date);
        let entry = found
            .and_then(|at| days.remove(at))
            .unwrap_or_else(|| (date, Arc::default()));
        let kept = Arc::clone(&entry.1);
        days.push_front(entry);
        days.truncate(DAYS_KEPT);
        Handle(kept, date, self.zone)
    }

    /// The civil date at an instant (milliseconds).
    pub fn date_at(&self, instant: i64) -> NaiveDate {
        calendar::date_at(instant, self.zone)
    }

    /// The part of `range` (milliseconds) in which there can be data.
    pub fn known(&self, range: Range<i64>, now: DateTime<Utc>) -> Range<i64> {
        let first = self.midnight(HISTORY_START);
        let last = self.last_sync(now).timestamp_millis();
        range.start.max(first)..range.end.min(last)
    }

    /// The first millisecond of a civil day.
    pub fn midnight(&self, date: NaiveDate) -> i64 {
        CivilDay::of(date, self.zone).window.start
    }

    /// The instant (milliseconds) at which the account's clocks show a time, the later one if they show it twice.
    pub fn instant_of(&self, wall: NaiveDateTime) -> i64 {
        let day = CivilDay::of(wall.date(), self.zone);
        let as_utc = wall.and_utc().timestamp_millis();
        let first_guess = as_utc - i64::from(day.offset_at(day.window.start)) * 1000;
        as_utc - i64::from(day.offset_at(first_guess)) * 1000
    }

    /// The beats within `range` (milliseconds) that have been synced by `now`, ascending.
    pub fn beats(&self, range: Range<i64>, now: DateTime<Utc>) -> Vec<Beat> {
        let range = self.known(range, now);
        self.days(&range)
            .flat_map(|day| day.get().beats_in(&range).to_vec())
            .collect()
    }

    /// The minutes that begin within `range` (milliseconds) and have been synced by `now`, ascending.
    pub fn minutes(&self, range: Range<i64>, now: DateTime<Utc>) -> Vec<Minute> {
        let range = self.known(range, now);
        self.days(&range)
            .flat_map(|day| {
                let minutes = day.get().minutes();
                let within = |minute: &&Minute| range.contains(&minute.start);
                minutes.iter().filter(within).copied().collect::<Vec<_>>()
            })
            .collect()
    }

    /// The newest of the minutes that begin within `range` (milliseconds), newest first, at most `count`.
    pub fn newest_minutes(&self, range: &Range<i64>, count: usize) -> Vec<Minute> {
        let mut minutes = Vec::new();
        let dates: Vec<_> = self.dates(range).collect();
        for date in dates.into_iter().rev() {
            let handle = self.day(date);
            let within = handle.get().minutes().iter().rev();
            let missing = count - minutes.len();
            minutes.extend(
                within
                    .filter(|minute| range.contains(&minute.start))
                    .take(missing),
            );
            if minutes.len() == count {
                break;
            }
        }
        minutes
    }

    /// Seconds that the account's clocks are ahead of UTC.
    pub fn offset_at(&self, now: DateTime<Utc>) -> i32 {
        civil::offset_at(now.timestamp_millis(), self.zone)
    }

    /// The days that a range (milliseconds) touches, ascending.
    fn days(&self, range: &Range<i64>) -> impl Iterator<Item = Handle> {
        self.dates(range).map(|date| self.day(date))
    }

    fn dates(&self, range: &Range<i64>) -> impl Iterator<Item = NaiveDate> + use<> {
        let dates =
            (!range.is_empty()).then(|| (self.date_at(range.start), self.date_at(range.end - 1)));
        dates
            .into_iter()
            .flat_map(|(first, last)| first.iter_days().take_while(move |date| *date <= last))
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
        let wall = at + i64::from(civil::offset_at(at * 1000, self.zone));
        let hour = wall.rem_euclid(86_400) / 3600;
        let date = calendar::date_at(at * 1000, self.zone);
        (chosen && (7..23).contains(&hour) && !routine::in_a_drawer(date))
            .then(|| DateTime::from_timestamp(at, 0))
            .flatten()
    }

    /// The resting heart rate of a day in whole beats a minute, if the service has worked it out by `now`.
    ///
    /// It lags: the device must have synced six hours into the next day.
    pub fn resting(&self, date: NaiveDate, now: DateTime<Utc>) -> Option<Resting> {
        if date < HISTORY_START || !routine::has_resting_rate(date) {
            return None;
        }
        let ready = CivilDay::of(date, self.zone).window.end + 6 * 3_600_000;
        (ready <= self.last_sync(now).timestamp_millis()).then(|| Resting {
            bpm: heart::resting_bpm(date),
            with_sleep: routine::worn_at_night(date),
        })
    }

    /// The zones of a day, if the device was worn and has synced on that day.
    pub fn zones(&self, date: NaiveDate, now: DateTime<Utc>) -> Option<[Zone; 4]> {
        let last = self.date_at(self.last_sync(now).timestamp_millis());
        (date >= HISTORY_START && date <= last && !routine::in_a_drawer(date))
            .then(|| zones::of(date))
    }

    /// The seconds of the wall clock since midnight between which the wearer trains on a day, for a second sensor.
    pub fn workout(date: NaiveDate) -> Option<Range<i64>> {
        routine::Routine::of(date)
            .workout
            .map(|workout| i64::from(workout.start)..i64::from(workout.end))
    }
}

/// A resting heart rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resting {
    /// Beats a minute.
    pub bpm: u16,
    /// The night before was worn.
    pub with_sleep: bool,
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
    fn a_resting_rate_is_not_there_on_its_own_day() {
        let wearer = Wearer::new(Tz::of("America/New_York"));
        let date = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap_or_default();
        let end = CivilDay::of(date, Tz::of("America/New_York")).window.end / 1000;
        let at = |hours: i64| DateTime::from_timestamp(end + hours * 3600, 0).unwrap_or_default();
        assert_eq!(wearer.resting(date, at(-3)), None);
        assert!(wearer.resting(date, at(20)).is_some());
    }

    #[test]
    fn only_so_many_days_are_kept() {
        let wearer = Wearer::new(Tz::of("America/New_York"));
        let mut date = HISTORY_START;
        for _ in 0..100 {
            wearer.day(date);
            date = date.succ_opt().unwrap_or_default();
        }
        let days = wearer.days.lock().unwrap_or_else(PoisonError::into_inner);
        assert_eq!(days.len(), DAYS_KEPT);
    }
}
