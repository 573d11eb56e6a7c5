//! Whether there is heart rate at all, for the price of one small answer: in a window of any length, or on which of some days.

use super::client::Google;
use super::points::{self, Points};
use super::wire::{WireDate, WireNumber, WireText};
use crate::civil::Window;
use crate::service::Error;
use chrono::{Days, NaiveDate};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};

/// The longest range of a daily roll-up of the heart rate, and its largest page.
pub const LONGEST_DAYS: u64 = 14;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WirePage<'a> {
    rollup_data_points: Option<Vec<WireDay>>,
    #[serde(borrow)]
    next_page_token: Option<WireText<'a>>,
    error: Option<IgnoredAny>,
}

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

/// The body of one request; `end` is not included.
fn request(first: NaiveDate, end: NaiveDate, token: Option<&str>) -> Value {
    let civil = |date: NaiveDate| json!({"date": WireDate::from(date)});
    let mut body = json!({
        "range": {"start": civil(first), "end": civil(end)},
        "windowSizeDays": 1,
        "pageSize": LONGEST_DAYS,
    });
    if let Some(token) = token {
        body["pageToken"] = token.into();
    }
    body
}

fn decode(body: &[u8], into: &mut BTreeSet<NaiveDate>) -> Result<Option<String>, String> {
    let page: WirePage = serde_json::from_slice(body).map_err(|error| {
        format!(
            "not the JSON of daily means (line {}, column {})",
            error.line(),
            error.column()
        )
    })?;
    if page.error.is_some() {
        return Err("an error in an answer of status 200".to_owned());
    }
    for day in page.rollup_data_points.unwrap_or_default() {
        let date = day.civil_start_time.date.date();
        let date = date.ok_or("a date that does not exist")?;
        // A day without data may be left out or be empty.
        if day
            .heart_rate
            .is_some_and(|rate| rate.beats_per_minute_avg.is_some())
        {
            into.insert(date);
        }
    }
    Ok(page
        .next_page_token
        .map(|token| token.0.into_owned())
        .filter(|token| !token.is_empty()))
}

impl Google {
    /// The instant of some sample in the window, whichever the service names first; `None` if there is none at all.
    ///
    /// # Errors
    /// As [`Google::get`].
    pub async fn any_sample(&self, window: &Window) -> Result<Option<i64>, Error> {
        let mut seen = HashSet::new();
        let mut token = String::new();
        loop {
            let mut query = vec![
                ("filter", points::filter(window)),
                ("pageSize", "1".to_owned()),
                ("fields", points::FIELDS.to_owned()),
                ("prettyPrint", "false".to_owned()),
            ];
            if !token.is_empty() {
                query.push(("pageToken", token));
            }
            let body = self
                .get("dataTypes/heart-rate/dataPoints:reconcile", query)
                .await?;
            let mut found = Points::default();
            let next = points::decode(&body, window, &mut found)
                .map_err(|problem| self.undecodable("heart rate", problem))?
                .map(Cow::into_owned);
            if let Some(point) = found.points.first() {
                return Ok(Some(point.instant));
            }
            // A reading that is no heart rate is data, too: whoever looks closer decides.
            if found.implausible > 0 {
                return Ok(Some(window.start));
            }
            match next {
                None => return Ok(None),
                Some(next) if seen.insert(next.clone()) => token = next,
                Some(_) => return Err(self.undecodable("heart rate", "a page token came twice")),
            }
        }
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
        let mut start = first;
        while start <= last {
            let end = (start + Days::new(LONGEST_DAYS)).min(last + Days::new(1));
            let mut seen = HashSet::new();
            let mut token: Option<String> = None;
            loop {
                let body = self
                    .post(
                        "dataTypes/heart-rate/dataPoints:dailyRollUp",
                        &request(start, end, token.as_deref()),
                    )
                    .await?;
                token = decode(&body, &mut found)
                    .map_err(|problem| self.undecodable("daily means", problem))?;
                match &token {
                    None => break,
                    Some(next) if seen.insert(next.clone()) => {}
                    Some(_) => {
                        return Err(self.undecodable("daily means", "a page token came twice"));
                    }
                }
            }
            start = end;
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
        assert_eq!(
            decode(body.as_bytes(), &mut found),
            Ok(Some("t".to_owned()))
        );
        let found: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert_eq!(found, ["2026-11-09"]);
        for body in [
            "",
            "[]",
            r#"{"error":{}}"#,
            r#"{"rollupDataPoints":[{"civilStartTime":{"date":{"year":2026,"month":13,"day":1}}}]}"#,
        ] {
            assert!(
                decode(body.as_bytes(), &mut BTreeSet::new()).is_err(),
                "{body}"
            );
        }
    }

    #[test]
    fn a_request_names_days_and_the_largest_page() {
        let first = "2026-11-08".parse().expect("a date");
        let end = "2026-11-22".parse().expect("a date");
        let body = request(first, end, None);
        assert_eq!(
            body["range"]["end"],
            json!({"date": {"year": 2026, "month": 11, "day": 22}})
        );
        assert_eq!(
            (&body["windowSizeDays"], &body["pageSize"]),
            (&json!(1), &json!(14))
        );
    }
}
