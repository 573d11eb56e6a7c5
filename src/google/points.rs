//! Samples as recorded: `dataTypes/heart-rate/dataPoints:reconcile`, by physical time.

use super::client::Google;
use super::pages::{self, Call, RECONCILE};
use super::wire::{self, WireNumber, WireText};
use crate::civil::{self, Window};
use crate::left_out::LeftOut;
use crate::service::Error;
use serde::Deserialize;

/// The most a page may hold by the documentation; fewer came in the wild.
const PAGE_SIZE: usize = 10_000;
const FIELDS: &str =
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
    /// Readings that are not among them.
    pub left_out: LeftOut,
}

impl Points {
    /// Takes in what another window gave.
    pub fn extend(&mut self, other: Self) {
        self.points.extend(other.points);
        self.left_out += other.left_out;
    }
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
    beats_per_minute: WireNumber,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireSampleTime<'a> {
    #[serde(borrow)]
    physical_time: WireText<'a>,
    #[serde(borrow)]
    utc_offset: Option<WireText<'a>>,
}

impl WireSampleTime<'_> {
    /// Instant and offset; `None` where either is not as documented.
    fn read(&self) -> Option<(i64, Option<i32>)> {
        let instant = wire::instant(&self.physical_time.0)?;
        let utc_offset = match &self.utc_offset {
            Some(text) => Some(wire::utc_offset(&text.0)?),
            None => None,
        };
        Some((instant, utc_offset))
    }
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

/// A request for the samples of a window.
pub(super) fn call(window: &Window, page_size: usize) -> Call {
    Call::points(
        "heart-rate",
        RECONCILE,
        filter(window),
        page_size,
        Some(FIELDS),
    )
}

/// Takes in one page: its points, clipped to the window. Gives the token of the next page.
///
/// # Errors
/// Fails when it is no page of points.
pub(super) fn take(
    text: &str,
    window: &Window,
    into: &mut Points,
) -> Result<Option<String>, String> {
    let page = pages::read::<WirePoint>(text)?;
    into.points.reserve(page.items.len());
    let mut left_out = LeftOut {
        of: page.unreadable,
        unreadable: page.unreadable,
        implausible: 0,
    };
    for point in page.items {
        let Some((instant, utc_offset)) = point.heart_rate.sample_time.read() else {
            left_out.of += 1;
            left_out.unreadable += 1;
            continue;
        };
        if !window.contains(&instant) {
            continue;
        }
        left_out.of += 1;
        match wire::bpm(point.heart_rate.beats_per_minute.0) {
            Some(bpm) => into.points.push(Point {
                instant,
                utc_offset,
                bpm,
            }),
            None => left_out.implausible += 1,
        }
    }
    into.left_out += left_out;
    Ok(page.next)
}

impl Google {
    /// Every sample whose instant lies in the window.
    ///
    /// # Errors
    /// Fails when any page fails: half a window is never data.
    pub async fn points(&self, window: &Window) -> Result<Points, Error> {
        let mut found = Points::default();
        let take = |text: &str| take(text, window, &mut found);
        self.follow("heart rate", call(window, PAGE_SIZE), take)
            .await?;
        Ok(found)
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
        let token = take(body, &EVER, &mut points)?;
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
                left_out: LeftOut {
                    of: 4,
                    unreadable: 1,
                    implausible: 1
                }
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
    fn a_point_that_cannot_be_read_costs_itself_alone() {
        let good = |second: u32| {
            format!(
                r#"{{"heartRate":{{"sampleTime":{{"physicalTime":"2026-08-06T12:01:{second:02}Z","utcOffset":"0s"}},"beatsPerMinute":"60"}}}}"#
            )
        };
        let at = |time: &str, bpm: &str| {
            format!(
                r#"{{"heartRate":{{"sampleTime":{{"physicalTime":"2026-08-06T{time}Z"}},"beatsPerMinute":{bpm}}}}}"#
            )
        };
        for bad in [
            "{}".to_owned(),
            "null".to_owned(),
            r#"{"heartRate":null}"#.to_owned(),
            r#"{"heartRate":{"beatsPerMinute":"60"}}"#.to_owned(),
            at("12:01:20", r#""""#),
            at("12:01:20", r#""NaN""#),
            at("12:01:20", "null"),
            at("12:01:20", "[60]"),
            at("12:01:60", "60"),
            at("23:59:60", "60"),
            at("23:59:60.5", "60"),
            at("25:01:20", "60"),
            r#"{"heartRate":{"sampleTime":{"physicalTime":"2026-08-06T12:01:20Z","utcOffset":""},"beatsPerMinute":"60"}}"#.to_owned(),
            r#"{"heartRate":{"sampleTime":{"physicalTime":"2026-08-06T12:01:20Z","utcOffset":-14400},"beatsPerMinute":"60"}}"#.to_owned(),
            r#"{"heartRate":{"sampleTime":{"physicalTime":1786017689},"beatsPerMinute":"60"}}"#.to_owned(),
        ] {
            let body = format!(r#"{{"dataPoints":[{},{bad},{}]}}"#, good(1), good(2));
            let (points, _) = decode_all(&body).expect("a page");
            let left_out = (points.left_out.of, points.left_out.unreadable);
            assert_eq!((points.points.len(), left_out), (2, (3, 1)), "{bad}");
        }
    }

    #[test]
    fn points_outside_the_window_are_clipped() {
        let body = r#"{"dataPoints":[
            {"heartRate":{"sampleTime":{"physicalTime":"1970-01-01T00:00:10Z"},"beatsPerMinute":"60"}},
            {"heartRate":{"sampleTime":{"physicalTime":"1970-01-01T00:00:05Z"},"beatsPerMinute":"61"}},
            {"heartRate":{"sampleTime":{"physicalTime":"1970-01-01T00:00:04Z"},"beatsPerMinute":"62"}}]}"#;
        let mut points = Points::default();
        take(body, &(5_000..10_000), &mut points).expect("good");
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
