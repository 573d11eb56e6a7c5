//! Daily values over ranges: which days have heart rate at all.
//!
//! Source: `Get Heart Rate Time Series by Date Range`, a year at most; the form of a day without data as others published it:
//! limits of the zones, and neither minutes nor calories nor a resting heart rate.

use super::client::{Fitbit, read};
use crate::service::Error;
use chrono::NaiveDate;
use serde::Deserialize;
use std::collections::BTreeSet;

#[derive(Debug, Deserialize)]
struct WireSeries {
    #[serde(rename = "activities-heart")]
    days: Vec<WireDay>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireDay {
    date_time: NaiveDate,
    value: WireValue,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireValue {
    heart_rate_zones: Option<Vec<WireZone>>,
    resting_heart_rate: Option<f64>,
}

#[derive(Debug, Deserialize)]
struct WireZone {
    minutes: Option<f64>,
}

impl WireDay {
    fn has_data(&self) -> bool {
        let in_zones = |zones: &Vec<WireZone>| {
            zones
                .iter()
                .any(|zone| zone.minutes.is_some_and(|minutes| minutes > 0.0))
        };
        self.value.resting_heart_rate.is_some()
            || self.value.heart_rate_zones.as_ref().is_some_and(in_zones)
    }
}

impl Fitbit {
    /// The days from `first` to `last`, a year at most, both included, that have heart rate.
    ///
    /// # Errors
    /// As [`Fitbit::day`].
    pub async fn days_with_data(
        &self,
        first: NaiveDate,
        last: NaiveDate,
    ) -> Result<BTreeSet<NaiveDate>, Error> {
        let path = format!("/1/user/-/activities/heart/date/{first}/{last}.json");
        let series: WireSeries = read("daily heart rate", &self.get(&path).await?)?;
        let days = series.days.iter().filter(|day| day.has_data());
        Ok(days
            .map(|day| day.date_time)
            .filter(|date| (first..=last).contains(date))
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_without_data_has_zones_and_nothing_in_them() {
        let body = r#"{"activities-heart":[
            {"dateTime":"2018-07-28","value":{"customHeartRateZones":[],"heartRateZones":[{"max":99,"min":30,"name":"Out of Range","minutes":3,"caloriesOut":2.8}]}},
            {"dateTime":"2018-07-29","value":{"customHeartRateZones":[],"heartRateZones":[{"max":99,"min":30,"name":"Out of Range"}]}},
            {"dateTime":"2018-07-30","value":{"customHeartRateZones":[],"heartRateZones":[],"restingHeartRate":59}}]}"#;
        let series: WireSeries = read("x", body).expect("good");
        let with_data: Vec<_> = series.days.iter().map(WireDay::has_data).collect();
        assert_eq!(with_data, [true, false, true]);
        assert!(read::<WireSeries>("x", "{}").is_err());
    }
}
