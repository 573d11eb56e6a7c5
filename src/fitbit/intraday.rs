//! Both shapes of the intraday answer. Pure.
//!
//! Without `/time/` in the URL `value` is an object with the zones; with it the object is flattened and `value` is a string.
//! Everything but `time` and `value` of a sample may be missing. Times are bare wall-clock times.

use crate::day::{Day, Detail, Provider, Sample, Source, Summary, Zone};
use crate::left_out::LeftOut;
use chrono::{NaiveDate, NaiveTime, Timelike};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::borrow::Cow;

/// What an answer of status 200 holds.
#[derive(Debug, PartialEq)]
pub enum Decoded {
    /// A day, perhaps without samples.
    Day {
        /// The day.
        day: Day,
        /// Readings that the day is without.
        left_out: LeftOut,
    },
    /// No intraday member: the app is not of type Personal.
    NotPersonal,
}

#[derive(Debug, Deserialize)]
struct WireAnswer<'a> {
    #[serde(rename = "activities-heart", borrow)]
    days: Option<Vec<WireDay<'a>>>,
    #[serde(rename = "activities-heart-intraday", borrow)]
    intraday: Option<WireIntraday<'a>>,
    error: Option<IgnoredAny>,
    errors: Option<IgnoredAny>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireDay<'a> {
    #[serde(borrow)]
    date_time: Option<Cow<'a, str>>,
    value: Option<WireValue>,
    #[serde(flatten)]
    flat: WireZones,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum WireValue {
    Zones(WireZones),
    /// The mean of the window, as a string; not used.
    Mean(IgnoredAny),
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireZones {
    heart_rate_zones: Option<Vec<WireZone>>,
    resting_heart_rate: Option<f64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireZone {
    name: Option<String>,
    min: Option<f64>,
    max: Option<f64>,
    minutes: Option<f64>,
    calories_out: Option<f64>,
}

#[derive(Debug, Deserialize)]
struct WireIntraday<'a> {
    #[serde(borrow)]
    dataset: Option<Vec<WireSample<'a>>>,
}

#[derive(Debug, Deserialize)]
struct WireSample<'a> {
    #[serde(borrow)]
    time: Cow<'a, str>,
    value: f64,
}

/// Reads the answer to a request for `date`. The samples keep the server's order if it ascends, or if `keep_order` says
/// that the clocks are changed on that day and an hour may come twice; else they are sorted.
///
/// # Errors
/// Fails with what is not as documented.
pub fn decode(
    text: &str,
    date: NaiveDate,
    detail: Detail,
    keep_order: bool,
) -> Result<Decoded, String> {
    let answer: WireAnswer = serde_json::from_str(text).map_err(|error| {
        format!(
            "not the JSON of an intraday answer (line {}, column {})",
            error.line(),
            error.column()
        )
    })?;
    if answer.error.is_some() || answer.errors.is_some() {
        return Err("an error in an answer of status 200".to_owned());
    }
    let days = answer.days.ok_or("it has no \"activities-heart\"")?;
    let Some(intraday) = answer.intraday else {
        return Ok(Decoded::NotPersonal);
    };
    let day = days.into_iter().next();
    let said = day.as_ref().and_then(|day| day.date_time.as_deref());
    if said.is_some_and(|said| said != "today" && said != date.to_string()) {
        return Err(format!("it is about another day than {date}"));
    }
    let (mut samples, mut left_out) = (Vec::new(), LeftOut::default());
    for wire in intraday
        .dataset
        .ok_or("its intraday member has no dataset")?
    {
        left_out.of += 1;
        match sample(date, &wire)? {
            Some(sample) => samples.push(sample),
            None => left_out.implausible += 1,
        }
    }
    if !keep_order {
        samples.sort_by_key(|sample| sample.local_time);
    }
    let day = Day {
        date,
        detail,
        samples,
        sources: vec![Source::of(Provider::Fitbit)],
        summary: day.map(summary).unwrap_or_default(),
    };
    Ok(Decoded::Day { day, left_out })
}

/// `None` for a bpm that is no heart rate.
fn sample(date: NaiveDate, wire: &WireSample) -> Result<Option<Sample>, String> {
    let time = NaiveTime::parse_from_str(&wire.time, "%H:%M:%S")
        .map_err(|_| "a sample without a proper time")?;
    if time.nanosecond() >= 1_000_000_000 {
        return Err("a sample without a proper time".to_owned());
    }
    let rounded = (wire.value + 0.5).floor();
    if !(1.0..=300.0).contains(&rounded) {
        return Ok(None);
    }
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to be a heart rate"
    )]
    let bpm = rounded as u16;
    let local_time = date.and_time(time).and_utc().timestamp_millis();
    Ok(Some(Sample {
        instant: None,
        local_time,
        utc_offset: None,
        bpm,
        confidence: None,
        source: 0,
    }))
}

fn summary(day: WireDay) -> Summary {
    let zones = match day.value {
        Some(WireValue::Zones(zones))
            if zones.heart_rate_zones.is_some() || zones.resting_heart_rate.is_some() =>
        {
            zones
        }
        _ => day.flat,
    };
    Summary {
        resting_bpm: zones.resting_heart_rate.filter(|bpm| *bpm > 0.0),
        zones: zones
            .heart_rate_zones
            .unwrap_or_default()
            .into_iter()
            .map(zone)
            .collect(),
    }
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be small"
)]
fn zone(wire: WireZone) -> Zone {
    let small = |value: Option<f64>| value.filter(|value| (0.0..=100_000.0).contains(value));
    Zone {
        name: wire.name.unwrap_or_default(),
        min: small(wire.min).map(|value| value as u16),
        max: small(wire.max).map(|value| value as u16),
        minutes: small(wire.minutes).map(|value| value as u32),
        calories: wire.calories_out,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::day::clock_text;

    // Cut from the shapes of 2017-06-29 and 2024-05-26 that others published; values made up.
    const OBJECT: &str = r#"{"activities-heart":[{"dateTime":"2017-06-29","value":{"customHeartRateZones":[],"heartRateZones":[
        {"caloriesOut":1693.8,"max":95,"min":30,"minutes":1122,"name":"Out of Range"},{"max":220,"min":162,"name":"Peak"}],"restingHeartRate":59}}],
        "activities-heart-intraday":{"dataset":[{"time":"00:00:00","value":58},{"time":"00:01:00","value":58.5}],"datasetInterval":1,"datasetType":"minute"}}"#;
    const FLAT: &str = r#"{"activities-heart":[{"customHeartRateZones":[],"dateTime":"today","heartRateZones":[
        {"caloriesOut":2.8,"max":119,"min":30,"minutes":3,"name":"Out of Range"}],"value":"63.5"}],
        "activities-heart-intraday":{"dataset":[{"time":"22:59:00","value":62}],"datasetInterval":1,"datasetType":"minute"}}"#;
    const EMPTY: &str = r#"{"activities-heart":[{"dateTime":"2017-06-29","value":{"customHeartRateZones":[],"heartRateZones":[{"max":99,"min":30,"name":"Out of Range"}]}}],
        "activities-heart-intraday":{"dataset":[],"datasetInterval":1,"datasetType":"minute"}}"#;

    fn day(body: &str) -> Day {
        let date = "2017-06-29".parse().expect("a date");
        match decode(body, date, Detail::Min1, false).expect("good") {
            Decoded::Day { day, .. } => day,
            Decoded::NotPersonal => panic!("it has intraday data"),
        }
    }

    #[test]
    fn both_shapes_give_a_day() {
        let object = day(OBJECT);
        assert_eq!(
            object
                .samples
                .iter()
                .map(|s| (clock_text(s.local_time), s.bpm))
                .collect::<Vec<_>>(),
            [("00:00:00".into(), 58), ("00:01:00".into(), 59)]
        );
        assert_eq!(object.summary.resting_bpm, Some(59.0));
        assert_eq!(object.summary.zones[0].minutes, Some(1122));
        assert_eq!(
            (
                object.summary.zones[1].minutes,
                object.summary.zones[1].calories
            ),
            (None, None)
        );
        let flat = day(FLAT);
        assert_eq!(
            (
                flat.samples.len(),
                flat.summary.resting_bpm,
                flat.summary.zones.len()
            ),
            (1, None, 1)
        );
    }

    #[test]
    fn three_kinds_of_emptiness_are_told_apart() {
        let date = "2017-06-29".parse().expect("a date");
        assert!(day(EMPTY).samples.is_empty());
        let not_personal = r#"{"activities-heart":[{"dateTime":"2017-06-29","value":{}}]}"#;
        assert_eq!(
            decode(not_personal, date, Detail::Min1, false),
            Ok(Decoded::NotPersonal)
        );
        for body in [
            "",
            "{}",
            "[]",
            "null",
            "<!DOCTYPE html>",
            r#"{"errors":[{"errorType":"system","message":"Too Many Requests"}],"success":false}"#,
            r#"{"error":{"code":429,"message":"Resource has been exhausted","status":"RESOURCE_EXHAUSTED"}}"#,
            r#"{"activities-heart":[],"activities-heart-intraday":{}}"#,
            r#"{"activities-heart":[],"activities-heart-intraday":{"dataset":[{"time":"25:00:00","value":60}]}}"#,
            r#"{"activities-heart":[],"activities-heart-intraday":{"dataset":[{"time":"20:00:00","value":"60"}]}}"#,
            r#"{"activities-heart":[{"dateTime":"2017-06-30","value":{}}],"activities-heart-intraday":{"dataset":[]}}"#,
        ] {
            assert!(decode(body, date, Detail::Min1, false).is_err(), "{body}");
        }
    }

    #[test]
    fn what_is_no_heart_rate_is_counted_and_left_out() {
        let body = r#"{"activities-heart":[],"activities-heart-intraday":{"dataset":[{"time":"20:00:00","value":0},{"time":"20:00:01","value":61},{"time":"20:00:02","value":301}]}}"#;
        let date = "2017-06-29".parse().expect("a date");
        let Ok(Decoded::Day { day, left_out }) = decode(body, date, Detail::Sec1, false) else {
            panic!("it is a day");
        };
        assert_eq!((day.samples.len(), left_out.implausible), (1, 2));
    }

    #[test]
    fn the_order_ascends_unless_an_hour_may_come_twice() {
        let body = r#"{"activities-heart":[],"activities-heart-intraday":{"dataset":[{"time":"01:59:00","value":60},{"time":"01:00:00","value":61}]}}"#;
        let date = "2017-11-05".parse().expect("a date");
        let bpm = |keep| match decode(body, date, Detail::Min1, keep) {
            Ok(Decoded::Day { day, .. }) => day.samples.iter().map(|s| s.bpm).collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        };
        assert_eq!((bpm(false), bpm(true)), (vec![61, 60], vec![60, 61]));
    }
}
