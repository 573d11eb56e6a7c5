//! Whether there is heart rate at all, for the price of one small answer: in a window of any length, or on which of some days.

use super::client::Google;
use super::pages::{self, Call};
use super::points::{self, Points};
use super::wire::{WireDate, WireNumber};
use crate::civil::Window;
use crate::service::Error;
use chrono::NaiveDate;
use serde::Deserialize;
use std::collections::BTreeSet;

/// The longest range of a daily roll-up of the heart rate, and its largest page.
pub const LONGEST_DAYS: u64 = 14;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireDay {
    civil_start_time: WireCivil,
    heart_rate: Option<WireRate>,
}

#[derive(Debug, Deserialize)]
struct WireCivil {
    date: WireDate,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireRate {
    beats_per_minute_avg: Option<WireNumber>,
}

/// A day that cannot be read is not surely one with data, and whoever looks closer finds what it has.
fn take(text: &str, into: &mut BTreeSet<NaiveDate>) -> Result<Option<String>, String> {
    let page = pages::read::<WireDay>(text)?;
    // A day without data may be left out or be empty.
    let full = page.items.into_iter().filter(|day| {
        let rate = day.heart_rate.as_ref();
        rate.is_some_and(|rate| rate.beats_per_minute_avg.is_some())
    });
    into.extend(full.filter_map(|day| day.civil_start_time.date.date()));
    Ok(page.next)
}

impl Google {
    /// The instant of some sample in the window, whichever the service names first; `None` if there is none at all.
    ///
    /// # Errors
    /// As [`Google::get`].
    pub async fn any_sample(&self, window: &Window) -> Result<Option<i64>, Error> {
        let mut found = Points::default();
        let take = |text: &str| {
            let next = points::take(text, window, &mut found)?;
            // What is no heart rate is data, too: whoever looks closer decides.
            Ok(next.filter(|_| found.left_out.of == 0))
        };
        self.follow("heart rate", points::call(window, 1), take)
            .await?;
        let first = found.points.first().map(|point| point.instant);
        Ok(first.or((found.left_out.of > 0).then_some(window.start)))
    }

    /// The days from `first` to `last`, both included, for which the service has a mean.
    ///
    /// It leaves out what was recorded while the device was not worn: a day that is missing here may yet have samples.
    ///
    /// # Errors
    /// As [`Google::get`].
    pub async fn days_with_means(
        &self,
        first: NaiveDate,
        last: NaiveDate,
    ) -> Result<BTreeSet<NaiveDate>, Error> {
        let mut found = BTreeSet::new();
        for (_, call) in Call::daily_roll_ups("heart-rate", LONGEST_DAYS, first, last) {
            self.follow("daily means", call, |text| take(text, &mut found))
                .await?;
        }
        found.retain(|date| (first..=last).contains(date));
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_without_data_are_left_out_or_empty() {
        let body = r#"{"rollupDataPoints":[
            {"civilStartTime":{"date":{"year":2026,"month":11,"day":9}},"heartRate":{"beatsPerMinuteAvg":61.5,"beatsPerMinuteMax":63}},
            {"civilStartTime":{"date":{"year":2026,"month":11,"day":8},"time":{}},"heartRate":{}},
            {"civilStartTime":{"date":{"year":2026,"month":11,"day":7}}}
        ],"nextPageToken":"t"}"#;
        let mut found = BTreeSet::new();
        assert_eq!(take(body, &mut found), Ok(Some("t".to_owned())));
        let found: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert_eq!(found, ["2026-11-09"]);
    }
}
