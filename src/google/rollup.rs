//! Means by the minute, five minutes or quarter of an hour: `dataPoints:rollUp`.
//!
//! The range is 14 days at most, and so is window size times page size (the service refuses more).

use super::client::Google;
use super::wire::{self, WireNumber, WireText};
use crate::civil::{self, Window};
use crate::day::Detail;
use crate::service::Error;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use std::collections::HashSet;

/// The longest range of one request, in seconds.
pub const LONGEST_RANGE_S: i64 = 14 * 86_400;
const LARGEST_PAGE: i64 = 10_000;

/// The mean of one window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mean {
    /// When the window starts, in milliseconds since 1970-01-01T00:00:00Z.
    pub start: i64,
    /// The mean in beats per minute, rounded half up.
    pub bpm: u16,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WirePage<'a> {
    #[serde(borrow)]
    rollup_data_points: Option<Vec<WireWindow<'a>>>,
    #[serde(borrow)]
    next_page_token: Option<WireText<'a>>,
    error: Option<IgnoredAny>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireWindow<'a> {
    #[serde(borrow)]
    start_time: WireText<'a>,
    heart_rate: Option<WireRate>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireRate {
    beats_per_minute_avg: Option<WireNumber>,
}

/// The largest page that the service accepts for windows of this size.
#[must_use]
pub fn page_size(detail: Detail) -> i64 {
    (LONGEST_RANGE_S / detail.seconds()).min(LARGEST_PAGE)
}

/// The body of one request.
fn request(window: &Window, detail: Detail, token: Option<&str>) -> Value {
    let mut body = json!({
        "range": {"startTime": civil::rfc3339(window.start), "endTime": civil::rfc3339(window.end)},
        "windowSize": format!("{}s", detail.seconds()),
        "pageSize": page_size(detail),
    });
    if let Some(token) = token {
        body["pageToken"] = token.into();
    }
    body
}

fn decode(body: &[u8], range: &Window, into: &mut Vec<Mean>) -> Result<Option<String>, String> {
    let page: WirePage = serde_json::from_slice(body).map_err(|error| {
        format!(
            "not the JSON of a page of means (line {}, column {})",
            error.line(),
            error.column()
        )
    })?;
    if page.error.is_some() {
        return Err("an error in an answer of status 200".to_owned());
    }
    for window in page.rollup_data_points.unwrap_or_default() {
        let start =
            wire::instant(&window.start_time.0).ok_or("a window without a proper startTime")?;
        // A window without data may be left out or be empty.
        let mean = window
            .heart_rate
            .and_then(|rate| rate.beats_per_minute_avg)
            .and_then(|mean| wire::bpm(mean.0));
        if let Some(bpm) = mean.filter(|_| range.contains(&start)) {
            into.push(Mean { start, bpm });
        }
    }
    Ok(page
        .next_page_token
        .map(|token| token.0.into_owned())
        .filter(|token| !token.is_empty()))
}

impl Google {
    /// The means of every window in `range` (14 days at most) that has data, ascending, one a window.
    ///
    /// `range.start` has to lie on a boundary of the windows: they are anchored there.
    ///
    /// # Errors
    /// Fails when any page fails.
    pub async fn means(&self, range: &Window, detail: Detail) -> Result<Vec<Mean>, Error> {
        let mut means = Vec::new();
        let mut seen = HashSet::new();
        let mut token: Option<String> = None;
        loop {
            let body = self
                .post(
                    "dataTypes/heart-rate/dataPoints:rollUp",
                    &request(range, detail, token.as_deref()),
                )
                .await?;
            token = decode(&body, range, &mut means)
                .map_err(|problem| self.undecodable("means", problem))?;
            match &token {
                None => break,
                Some(next) if seen.insert(next.clone()) => {}
                Some(_) => return Err(self.undecodable("means", "a page token came twice")),
            }
        }
        means.sort_unstable();
        means.dedup_by_key(|mean| mean.start);
        Ok(means)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn window_size_times_page_size_stays_within_14_days() {
        assert_eq!(
            [Detail::Min1, Detail::Min5, Detail::Min15].map(page_size),
            [10_000, 4_032, 1_344]
        );
        for detail in Detail::ALL {
            assert!(detail.seconds() * page_size(detail) <= LONGEST_RANGE_S);
            // A day of 25 hours fits one page of means.
            assert!(detail == Detail::Sec1 || page_size(detail) >= 25 * 3600 / detail.seconds());
        }
    }

    #[test]
    fn a_request_names_range_window_and_page() {
        let body = request(&(0..86_400_000), Detail::Min15, Some("t"));
        assert_eq!(
            body["range"],
            json!({"startTime": "1970-01-01T00:00:00Z", "endTime": "1970-01-02T00:00:00Z"})
        );
        assert_eq!(
            (&body["windowSize"], &body["pageSize"], &body["pageToken"]),
            (&json!("900s"), &json!(1344), &json!("t"))
        );
        assert!(
            request(&(0..1), Detail::Min1, None)
                .get("pageToken")
                .is_none()
        );
    }

    #[test]
    fn windows_with_and_without_data() {
        let body = r#"{"rollupDataPoints":[
            {"startTime":"1970-01-01T00:02:00Z","endTime":"1970-01-01T00:03:00Z","heartRate":{"beatsPerMinuteAvg":61.5,"beatsPerMinuteMax":63,"beatsPerMinuteMin":60}},
            {"startTime":"1970-01-01T00:01:00Z","endTime":"1970-01-01T00:02:00Z","heartRate":{}},
            {"startTime":"1970-01-01T00:00:00Z","endTime":"1970-01-01T00:01:00Z"},
            {"startTime":"1970-01-02T00:00:00Z","endTime":"1970-01-02T00:01:00Z","heartRate":{"beatsPerMinuteAvg":"59"}}
        ],"nextPageToken":""}"#;
        let mut means = Vec::new();
        assert_eq!(
            decode(body.as_bytes(), &(0..86_400_000), &mut means),
            Ok(None)
        );
        assert_eq!(
            means,
            [Mean {
                start: 120_000,
                bpm: 62
            }]
        );
        for body in [
            "",
            "[]",
            r#"{"error":{}}"#,
            r#"{"rollupDataPoints":[{"heartRate":{}}]}"#,
            r#"{"rollupDataPoints":[{"startTime":"x"}]}"#,
        ] {
            assert!(
                decode(body.as_bytes(), &(0..1), &mut means).is_err(),
                "{body}"
            );
        }
    }
}
