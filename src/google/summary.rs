//! The daily values that stood in Fitbit's answer and are data types of their own here: resting heart rate, limits of the
//! zones, minutes and kilocalories in each zone.
//!
//! The names are Fitbit's; that LIGHT, MODERATE, VIGOROUS and PEAK are its Out of Range, Fat Burn, Cardio and Peak is our
//! reading of the two. Limits stand as the service gives them.

use super::client::Google;
use super::pages::{self, Call, RECONCILE};
use super::wire::{self, WireDate};
use super::wire_day::WireDay;
use crate::day::{Summary, Zone};
use crate::service::Error;
use chrono::{Days, NaiveDate};
use std::collections::BTreeMap;

/// The service's zone types in ascending order, and Fitbit's names for them.
pub const ZONES: [(&str, &str); 4] = [
    ("LIGHT", "Out of Range"),
    ("MODERATE", "Fat Burn"),
    ("VIGOROUS", "Cardio"),
    ("PEAK", "Peak"),
];

/// Summaries by date.
pub type Summaries = BTreeMap<NaiveDate, Summary>;

/// The longest range of a daily roll-up of calories in zone; of time in zone it is 90.
const CALORIE_DAYS: u64 = 14;
const TIME_DAYS: u64 = 90;

/// What one page says about days. What cannot be read is not known.
fn take(text: &str, into: &mut Summaries) -> Result<Option<String>, String> {
    let page = pages::read::<WireDay>(text)?.with_sense()?;
    for day in page.items {
        take_day(day, into);
    }
    Ok(page.next)
}

fn take_day(wire: WireDay, into: &mut Summaries) {
    if let Some(resting) = wire.daily_resting_heart_rate
        && let Some(summary) = day(into, resting.date)
    {
        // 0 is the sign for "none" that exports use.
        let bpm = resting.beats_per_minute.map(|number| number.0);
        summary.resting_bpm = summary.resting_bpm.or(bpm.filter(|bpm| *bpm > 0.0));
    }
    if let Some(zones) = wire.daily_heart_rate_zones
        && let Some(summary) = day(into, zones.date)
    {
        for wire in zones.heart_rate_zones.unwrap_or_default() {
            let zone = zone(summary, &wire.heart_rate_zone_type.0);
            zone.min = wire.min_beats_per_minute.and_then(|number| limit(number.0));
            zone.max = wire.max_beats_per_minute.and_then(|number| limit(number.0));
        }
    }
    let start = wire.civil_start_time;
    let Some(summary) = start.and_then(|start| day(into, start.date)) else {
        return;
    };
    let times = wire.time_in_heart_rate_zone;
    let times = times.and_then(|times| times.time_in_heart_rate_zones);
    for share in times.into_iter().flatten() {
        if let Some(duration) = share.duration {
            let seconds = wire::seconds(&duration.0);
            zone(summary, &share.heart_rate_zone.0).minutes = seconds.and_then(minutes);
        }
    }
    let calories = wire.calories_in_heart_rate_zone;
    let calories = calories.and_then(|kcal| kcal.calories_in_heart_rate_zones);
    for share in calories.into_iter().flatten() {
        zone(summary, &share.heart_rate_zone.0).calories = share.kcal.map(|kcal| kcal.0);
    }
}

fn day(summaries: &mut Summaries, date: WireDate) -> Option<&mut Summary> {
    Some(summaries.entry(date.date()?).or_default())
}

/// The zone of this type, made if need be; the service's own name where it is a new one.
fn zone<'a>(summary: &'a mut Summary, wire_type: &str) -> &'a mut Zone {
    let name = ZONES
        .iter()
        .find(|(wire, _)| *wire == wire_type)
        .map_or(wire_type, |(_, name)| name);
    let index = summary
        .zones
        .iter()
        .position(|zone| zone.name == name)
        .unwrap_or_else(|| {
            summary.zones.push(Zone {
                name: name.to_owned(),
                min: None,
                max: None,
                minutes: None,
                calories: None,
            });
            summary.zones.len() - 1
        });
    &mut summary.zones[index]
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be small"
)]
fn limit(value: f64) -> Option<u16> {
    (0.0..=1000.0)
        .contains(&value)
        .then_some(value.round() as u16)
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be small"
)]
fn minutes(seconds: f64) -> Option<u32> {
    (0.0..=1e9)
        .contains(&seconds)
        .then_some((seconds / 60.0 + 0.5).floor() as u32)
}

/// Zones in ascending order, those of unknown type last.
fn order(summaries: &mut Summaries) {
    let rank = |zone: &Zone| {
        ZONES
            .iter()
            .position(|(_, name)| *name == zone.name)
            .unwrap_or(ZONES.len())
    };
    for summary in summaries.values_mut() {
        summary.zones.sort_by_key(rank);
    }
}

/// Takes in what another request said about the same days.
pub fn unite(into: &mut Summaries, other: Summaries) {
    for (date, summary) in other {
        let ours = into.entry(date).or_default();
        ours.resting_bpm = ours.resting_bpm.or(summary.resting_bpm);
        for theirs in summary.zones {
            match ours.zones.iter_mut().find(|zone| zone.name == theirs.name) {
                Some(zone) => {
                    zone.min = zone.min.or(theirs.min);
                    zone.max = zone.max.or(theirs.max);
                    zone.minutes = zone.minutes.or(theirs.minutes);
                    zone.calories = zone.calories.or(theirs.calories);
                }
                None => ours.zones.push(theirs),
            }
        }
    }
    order(into);
}

impl Google {
    /// Resting heart rates of the days from `first` to `last`, both included.
    ///
    /// # Errors
    /// As [`Google::get`].
    pub async fn resting(&self, first: NaiveDate, last: NaiveDate) -> Result<Summaries, Error> {
        self.daily("daily-resting-heart-rate", first, last).await
    }

    /// Limits of the zones of the days from `first` to `last`, both included.
    ///
    /// # Errors
    /// As [`Google::get`].
    pub async fn zone_limits(&self, first: NaiveDate, last: NaiveDate) -> Result<Summaries, Error> {
        self.daily("daily-heart-rate-zones", first, last).await
    }

    /// Minutes in zone of the days from `first` to `last`, both included.
    ///
    /// # Errors
    /// As [`Google::get`].
    pub async fn zone_minutes(
        &self,
        first: NaiveDate,
        last: NaiveDate,
    ) -> Result<Summaries, Error> {
        self.daily_rollup("time-in-heart-rate-zone", TIME_DAYS, first, last)
            .await
    }

    /// Kilocalories in zone of the days from `first` to `last`, both included.
    ///
    /// # Errors
    /// As [`Google::get`].
    pub async fn zone_calories(
        &self,
        first: NaiveDate,
        last: NaiveDate,
    ) -> Result<Summaries, Error> {
        self.daily_rollup("calories-in-heart-rate-zone", CALORIE_DAYS, first, last)
            .await
    }

    async fn daily(
        &self,
        path: &str,
        first: NaiveDate,
        last: NaiveDate,
    ) -> Result<Summaries, Error> {
        let (end, member) = (last + Days::new(1), path.replace('-', "_"));
        let filter = format!("{member}.date >= \"{first}\" AND {member}.date < \"{end}\"");
        let mut found = Summaries::new();
        let call = Call::points(path, RECONCILE, filter, 10_000, None);
        self.follow(path, call, |text| take(text, &mut found))
            .await?;
        Ok(within(found, first, last))
    }

    async fn daily_rollup(
        &self,
        path: &str,
        longest: u64,
        first: NaiveDate,
        last: NaiveDate,
    ) -> Result<Summaries, Error> {
        let mut found = Summaries::new();
        for (start, call) in Call::daily_roll_ups(path, longest, first, last) {
            let mut part = Summaries::new();
            self.follow(path, call, |text| take(text, &mut part))
                .await?;
            unite(&mut found, within(part, start, last));
        }
        Ok(found)
    }
}

fn within(mut found: Summaries, first: NaiveDate, last: NaiveDate) -> Summaries {
    found.retain(|date, _| (first..=last).contains(date));
    order(&mut found);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(body: &str) -> Result<Summaries, String> {
        let mut found = Summaries::new();
        take(body, &mut found)?;
        order(&mut found);
        Ok(found)
    }

    #[test]
    fn the_four_answers_make_one_summary() {
        let day: NaiveDate = "2026-08-06".parse().expect("a date");
        let date = r#""date":{"year":2026,"month":8,"day":6}"#;
        let mut all = decoded(&format!(
            r#"{{"dataPoints":[{{"dataSource":{{}},"dailyRestingHeartRate":{{{date},"beatsPerMinute":"53","dailyRestingHeartRateMetadata":{{"calculationMethod":"WITH_SLEEP"}}}}}}]}}"#
        ))
        .expect("good");
        for body in [
            format!(
                r#"{{"dataPoints":[{{"dailyHeartRateZones":{{{date},"heartRateZones":[
                {{"heartRateZoneType":"PEAK","minBeatsPerMinute":"160","maxBeatsPerMinute":"220"}},
                {{"heartRateZoneType":"LIGHT","minBeatsPerMinute":"30","maxBeatsPerMinute":"112"}}]}}}}]}}"#
            ),
            format!(
                r#"{{"rollupDataPoints":[{{"civilStartTime":{{{date}}},"civilEndTime":{{{date}}},"timeInHeartRateZone":{{"timeInHeartRateZones":[
                {{"heartRateZone":"LIGHT","duration":"70200s"}},{{"heartRateZone":"NEW","duration":"90s"}}]}}}}]}}"#
            ),
            format!(
                r#"{{"rollupDataPoints":[{{"civilStartTime":{{{date},"time":{{}}}},"caloriesInHeartRateZone":{{"caloriesInHeartRateZones":[
                {{"heartRateZone":"LIGHT","kcal":1543.2}}]}}}}]}}"#
            ),
        ] {
            unite(&mut all, decoded(&body).expect("good"));
        }
        let zone = |name: &str, min, max, minutes, calories| Zone {
            name: name.to_owned(),
            min,
            max,
            minutes,
            calories,
        };
        assert_eq!(
            all[&day],
            Summary {
                resting_bpm: Some(53.0),
                zones: vec![
                    zone(
                        "Out of Range",
                        Some(30),
                        Some(112),
                        Some(1170),
                        Some(1543.2)
                    ),
                    zone("Peak", Some(160), Some(220), None, None),
                    zone("NEW", None, None, Some(2), None),
                ]
            }
        );
    }

    #[test]
    fn missing_is_not_zero_and_wrong_is_an_error() {
        let no_date = r#"{"dataPoints":[{"dailyRestingHeartRate":{"date":{"year":2026,"month":13,"day":6}}}]}"#;
        for empty in ["{}", no_date] {
            assert_eq!(decoded(empty), Ok(Summaries::new()));
        }
        let zero = r#"{"dataPoints":[{"dailyRestingHeartRate":{"date":{"year":2026,"month":8,"day":6},"beatsPerMinute":"0"}}]}"#;
        assert_eq!(
            decoded(zero).expect("good").into_values().next(),
            Some(Summary::default())
        );
        for body in ["[]", r#"{"error":{}}"#] {
            assert!(decoded(body).is_err(), "{body}");
        }
    }
}
