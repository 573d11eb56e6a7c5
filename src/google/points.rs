//! Samples as recorded: `dataTypes/heart-rate/dataPoints:reconcile`, by physical time, page after page to the end.
//!
//! The service hands out pages newest first, shorter than asked for, and sometimes empty with a token to follow.

use super::client::Google;
use super::wire::{self, WireNumber, WireText};
use crate::civil::{self, Window};
use crate::service::Error;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::borrow::Cow;
use std::collections::HashSet;

/// The most a page may hold by the documentation; fewer came in the wild.
const PAGE_SIZE: &str = "10000";
pub(super) const FIELDS: &str =
    "dataPoints(heartRate(sampleTime(physicalTime,utcOffset),beatsPerMinute)),nextPageToken";

/// A reading as the service has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Point {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub instant: i64,
    /// Seconds ahead of UTC, where the source said so.
    pub utc_offset: Option<i32>,
    /// Beats per minute, 1 to 300.
    pub bpm: u16,
}

/// What a window holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Points {
    /// In no order that can be trusted, repetitions included.
    pub points: Vec<Point>,
    /// Readings whose bpm is no heart rate; they are left out.
    pub implausible: u64,
}

impl Points {
    /// Takes in what another window gave.
    pub fn extend(&mut self, other: Self) {
        self.points.extend(other.points);
        self.implausible += other.implausible;
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WirePage<'a> {
    #[serde(borrow)]
    data_points: Option<Vec<WirePoint<'a>>>,
    #[serde(borrow)]
    next_page_token: Option<WireText<'a>>,
    error: Option<IgnoredAny>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WirePoint<'a> {
    #[serde(borrow)]
    heart_rate: WireHeartRate<'a>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireHeartRate<'a> {
    #[serde(borrow)]
    sample_time: WireSampleTime<'a>,
    beats_per_minute: Option<WireNumber>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireSampleTime<'a> {
    #[serde(borrow)]
    physical_time: WireText<'a>,
    #[serde(borrow)]
    utc_offset: Option<WireText<'a>>,
}

/// The filter for a window: the only form that was never seen to lose data.
#[must_use]
pub fn filter(window: &Window) -> String {
    format!(
        "heart_rate.sample_time.physical_time >= \"{}\" AND heart_rate.sample_time.physical_time < \"{}\"",
        civil::rfc3339(window.start),
        civil::rfc3339(window.end)
    )
}

/// Decodes one page: its points, clipped to the window, and the token of the next page.
///
/// # Errors
/// Fails with the place of the first thing that is not as documented.
pub(super) fn decode<'a>(
    body: &'a [u8],
    window: &Window,
    into: &mut Points,
) -> Result<Option<Cow<'a, str>>, String> {
    let page: WirePage<'a> = serde_json::from_slice(body).map_err(|error| {
        // The position only: serde's own words may quote what the server sent.
        format!(
            "not the JSON of a page of samples (line {}, column {})",
            error.line(),
            error.column()
        )
    })?;
    if page.error.is_some() {
        return Err("an error in an answer of status 200".to_owned());
    }
    let points = page.data_points.unwrap_or_default();
    into.points.reserve(points.len());
    for point in points {
        let time = point.heart_rate.sample_time;
        let instant =
            wire::instant(&time.physical_time.0).ok_or("a sample without a proper physicalTime")?;
        let utc_offset = match time.utc_offset {
            Some(text) => {
                Some(wire::utc_offset(&text.0).ok_or("a sample with an improper utcOffset")?)
            }
            None => None,
        };
        if !window.contains(&instant) {
            continue;
        }
        match point
            .heart_rate
            .beats_per_minute
            .and_then(|number| wire::bpm(number.0))
        {
            Some(bpm) => into.points.push(Point {
                instant,
                utc_offset,
                bpm,
            }),
            None => into.implausible += 1,
        }
    }
    Ok(page
        .next_page_token
        .map(|token| token.0)
        .filter(|token| !token.is_empty()))
}

impl Google {
    /// Every sample whose instant lies in the window.
    ///
    /// # Errors
    /// Fails when any page fails: half a window is never data.
    pub async fn points(&self, window: &Window) -> Result<Points, Error> {
        let filter = filter(window);
        let mut found = Points::default();
        let mut seen = HashSet::new();
        let mut token = String::new();
        loop {
            let mut query = vec![("filter", filter.clone())];
            query.extend(
                [
                    ("pageSize", PAGE_SIZE),
                    ("fields", FIELDS),
                    ("prettyPrint", "false"),
                ]
                .map(|(name, value)| (name, value.to_owned())),
            );
            if !token.is_empty() {
                query.push(("pageToken", token.clone()));
            }
            let body = self
                .get("dataTypes/heart-rate/dataPoints:reconcile", query)
                .await?;
            let next = decode(&body, window, &mut found)
                .map_err(|problem| self.undecodable("heart rate", problem))?;
            let Some(next) = next.map(Cow::into_owned) else {
                return Ok(found);
            };
            if !seen.insert(next.clone()) {
                return Err(self.undecodable("heart rate", "a page token came twice"));
            }
            token = next;
        }
    }
}

/// Ascending, one an instant: of two readings of one instant the one that knows its offset stands, then the lower one.
pub fn sort_and_unite(points: &mut Vec<Point>) {
    points.sort_unstable_by_key(|point| {
        (
            point.instant,
            point.utc_offset.is_none(),
            point.bpm,
            point.utc_offset,
        )
    });
    points.dedup_by_key(|point| point.instant);
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVER: Window = i64::MIN..i64::MAX;

    fn decode_all(body: &str) -> Result<(Points, Option<String>), String> {
        let mut points = Points::default();
        let token = decode(body.as_bytes(), &EVER, &mut points)?.map(Cow::into_owned);
        Ok((points, token))
    }

    #[test]
    fn live_shapes_are_understood() {
        // The second point came through Health Connect: no offset, no civil time.
        let body = r#"{"dataPoints":[
            {"dataSource":{"recordingMethod":"PASSIVELY_MEASURED","device":{"displayName":"Charge 5"},"platform":"FITBIT"},
             "heartRate":{"sampleTime":{"physicalTime":"2026-08-06T12:01:29Z","utcOffset":"-14400s",
                "civilTime":{"date":{"year":2026,"month":8,"day":6},"time":{"hours":8,"minutes":1,"seconds":29}}},"beatsPerMinute":"72"}},
            {"dataPointName":"","heartRate":{"sampleTime":{"physicalTime":"2026-08-06T12:01:27.250Z"},"beatsPerMinute":129,"metadata":{"motionContext":"NEW_ENUM"}}},
            {"heartRate":{"sampleTime":{"physicalTime":"2026-08-06T12:01:20Z"},"beatsPerMinute":"0"}},
            {"heartRate":{"sampleTime":{"physicalTime":"2026-08-06T12:01:19Z"}}}
        ],"nextPageToken":"CiQ\u002f="}"#;
        let (points, token) = decode_all(body).expect("good");
        let at = 1_786_017_689_000;
        assert_eq!(
            points,
            Points {
                points: vec![
                    Point {
                        instant: at,
                        utc_offset: Some(-14400),
                        bpm: 72
                    },
                    Point {
                        instant: at - 1750,
                        utc_offset: None,
                        bpm: 129
                    },
                ],
                implausible: 2
            }
        );
        assert_eq!(token.as_deref(), Some("CiQ/="));
    }

    #[test]
    fn the_end_and_emptiness_come_in_several_forms() {
        for (body, token) in [
            ("{}", None),
            (r#"{"dataPoints":[]}"#, None),
            (r#"{"dataPoints":null,"nextPageToken":null}"#, None),
            (r#"{"dataPoints":[],"nextPageToken":""}"#, None),
            (r#"{"dataPoints":[],"nextPageToken":"x"}"#, Some("x")),
            (r#"{"nextPageToken":"x","somethingNew":[1]}"#, Some("x")),
        ] {
            let (points, next) = decode_all(body).expect(body);
            assert_eq!(
                (points, next.as_deref()),
                (Points::default(), token),
                "{body}"
            );
        }
    }

    #[test]
    fn what_is_not_a_page_is_an_error() {
        for body in [
            "",
            "[]",
            "null",
            "\"ok\"",
            "<html></html>",
            r#"{"dataPoints":[{"heart"#,
            r#"{"dataPoints":{}}"#,
            r#"{"dataPoints":[{}]}"#,
            r#"{"dataPoints":[{"heartRate":{"beatsPerMinute":"60"}}]}"#,
            r#"{"dataPoints":[{"heartRate":{"sampleTime":{"physicalTime":"yesterday"},"beatsPerMinute":"60"}}]}"#,
            r#"{"dataPoints":[{"heartRate":{"sampleTime":{"physicalTime":"2026-08-06T12:01:20Z","utcOffset":"4h"},"beatsPerMinute":"60"}}]}"#,
            r#"{"dataPoints":[{"heartRate":{"sampleTime":{"physicalTime":"2026-08-06T12:01:20Z"},"beatsPerMinute":"sixty"}}]}"#,
            r#"{"error":{"code":500,"message":"x"}}"#,
            r#"{"dataPoints":[]} trailing"#,
        ] {
            assert!(decode_all(body).is_err(), "{body}");
        }
    }

    #[test]
    fn points_outside_the_window_are_clipped() {
        let body = r#"{"dataPoints":[
            {"heartRate":{"sampleTime":{"physicalTime":"1970-01-01T00:00:10Z"},"beatsPerMinute":"60"}},
            {"heartRate":{"sampleTime":{"physicalTime":"1970-01-01T00:00:05Z"},"beatsPerMinute":"61"}},
            {"heartRate":{"sampleTime":{"physicalTime":"1970-01-01T00:00:04Z"},"beatsPerMinute":"62"}}]}"#;
        let mut points = Points::default();
        decode(body.as_bytes(), &(5_000..10_000), &mut points).expect("good");
        assert_eq!(
            points.points.iter().map(|p| p.bpm).collect::<Vec<_>>(),
            [61]
        );
    }

    #[test]
    fn one_reading_an_instant_whatever_the_order() {
        let known = Point {
            instant: 5,
            utc_offset: Some(0),
            bpm: 70,
        };
        let copy = Point {
            instant: 5,
            utc_offset: None,
            bpm: 60,
        };
        let early = Point {
            instant: 1,
            utc_offset: None,
            bpm: 65,
        };
        for mut points in [
            vec![known, copy, early, known],
            vec![copy, known, known, early],
        ] {
            sort_and_unite(&mut points);
            assert_eq!(points, [early, known]);
        }
    }

    #[test]
    fn the_filter_has_the_one_reliable_form() {
        assert_eq!(
            filter(&(0..86_400_000)),
            "heart_rate.sample_time.physical_time >= \"1970-01-01T00:00:00Z\" AND heart_rate.sample_time.physical_time < \"1970-01-02T00:00:00Z\""
        );
    }
}
