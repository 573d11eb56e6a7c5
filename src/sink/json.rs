//! `hr.json`: Fitbit's "Get Heart Rate Intraday by Date" without `/time/`, rebuilt from a day.
//!
//! What is not known is left out, never zero; numbers without a fraction are written without one.

use crate::day::{Day, Summary, Zone};
use crate::sink::digits;
use serde_json::{Map, Value, json};

/// The document of one day and a line feed.
#[must_use]
pub fn encode(day: &Day) -> Vec<u8> {
    let mut out = Vec::new();
    push_document(&mut out, day);
    out.push(b'\n');
    out
}

/// Appends the document of one day, on one line.
pub fn push_document(out: &mut Vec<u8>, day: &Day) {
    let (interval, unit) = day.detail.dataset();
    let heart = json!([{ "dateTime": day.date.to_string(), "value": value(&day.summary) }]);
    out.reserve(200 + day.samples.len() * 32);
    out.extend_from_slice(format!("{{\"activities-heart\":{heart},").as_bytes());
    out.extend_from_slice(b"\"activities-heart-intraday\":{\"dataset\":[");
    for (place, sample) in day.samples.iter().enumerate() {
        let opening: &[u8] = match place {
            0 => b"{\"time\":\"",
            _ => b",{\"time\":\"",
        };
        out.extend_from_slice(opening);
        out.extend_from_slice(&digits::clock(digits::second_of_day(sample.local_time)));
        out.extend_from_slice(b"\",\"value\":");
        digits::push_bpm(out, sample.bpm);
        out.push(b'}');
    }
    out.extend_from_slice(
        format!("],\"datasetInterval\":{interval},\"datasetType\":\"{unit}\"}}}}").as_bytes(),
    );
}

fn value(summary: &Summary) -> Value {
    let mut value = Map::new();
    value.insert("customHeartRateZones".to_owned(), json!([]));
    let zones: Vec<_> = summary.zones.iter().map(zone).collect();
    value.insert("heartRateZones".to_owned(), Value::Array(zones));
    if let Some(resting) = summary.resting_bpm.filter(|bpm| bpm.is_finite()) {
        value.insert(
            "restingHeartRate".to_owned(),
            number((resting + 0.5).floor()),
        );
    }
    Value::Object(value)
}

fn zone(zone: &Zone) -> Value {
    let mut members = Map::new();
    members.insert("name".to_owned(), json!(zone.name));
    let known = [
        ("min", zone.min.map(|bpm| json!(bpm))),
        ("max", zone.max.map(|bpm| json!(bpm))),
        ("minutes", zone.minutes.map(|minutes| json!(minutes))),
        ("caloriesOut", zone.calories.map(number)),
    ];
    for (name, value) in known {
        if let Some(value) = value.filter(|value| !value.is_null()) {
            members.insert(name.to_owned(), value);
        }
    }
    Value::Object(members)
}

/// A number without a needless `.0`; null where it is none.
fn number(x: f64) -> Value {
    const EXACT: f64 = 9_007_199_254_740_992.0; // 2^53
    if x.fract() == 0.0 && x.abs() < EXACT {
        #[allow(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
        let whole = x as i64;
        json!(whole)
    } else {
        json!(x)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::day::{Detail, Provider, Sample};
    use chrono::NaiveDate;

    fn a_day() -> Day {
        let date = NaiveDate::from_ymd_opt(2026, 11, 21).expect("a date");
        Day::empty(date, Detail::Sec1, Provider::Google)
    }

    #[test]
    fn the_document_has_the_service_s_shape() {
        let mut day = a_day();
        day.samples = vec![Sample::at(0, 0, 63), Sample::at(5_000, 0, 161)];
        day.summary = Summary {
            resting_bpm: Some(52.5),
            zones: vec![
                Zone {
                    name: "Out of Range".to_owned(),
                    min: Some(30),
                    max: Some(112),
                    minutes: Some(1170),
                    calories: Some(1543.2),
                },
                Zone {
                    name: "Peak".to_owned(),
                    min: None,
                    max: None,
                    minutes: Some(0),
                    calories: Some(0.0),
                },
            ],
        };
        let parsed: Value = serde_json::from_slice(&encode(&day)).expect("json");
        let expected = json!({
            "activities-heart": [{
                "dateTime": "2026-11-21",
                "value": {
                    "customHeartRateZones": [],
                    "heartRateZones": [
                        {"name": "Out of Range", "min": 30, "max": 112, "minutes": 1170, "caloriesOut": 1543.2},
                        {"name": "Peak", "minutes": 0, "caloriesOut": 0}
                    ],
                    "restingHeartRate": 53
                }
            }],
            "activities-heart-intraday": {
                "dataset": [{"time": "00:00:00", "value": 63}, {"time": "00:00:05", "value": 161}],
                "datasetInterval": 1,
                "datasetType": "second"
            }
        });
        assert_eq!(parsed, expected);
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let text = String::from_utf8(encode(&a_day())).expect("text");
        assert_eq!(
            text,
            "{\"activities-heart\":[{\"dateTime\":\"2026-11-21\",\"value\":{\"customHeartRateZones\":[],\
             \"heartRateZones\":[]}}],\"activities-heart-intraday\":{\"dataset\":[],\"datasetInterval\":1,\
             \"datasetType\":\"second\"}}\n"
        );
    }
}
