//! The forms of Google Health's requests and answers, as strict as the service: filters, roll-up ranges, partial responses,
//! error bodies. Sources: discovery document, revision 20261030; error bodies that clients published.

use crate::google_truth::Point;
use crate::server::Reply;
use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Timelike, Utc};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// RFC 3339, with any fraction and any offset.
pub fn instant(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text)
        .ok()
        .map(|at| at.to_utc())
}

/// A number, or a string that holds one.
pub fn number(value: &Value) -> f64 {
    value
        .as_f64()
        .or_else(|| value.as_str().and_then(|text| text.parse().ok()))
        .expect("a number")
}

pub fn civil_date(date: NaiveDate) -> Value {
    json!({"year": date.year(), "month": date.month(), "day": date.day()})
}

/// Half-open; either end may be open.
#[derive(Debug, Default, PartialEq)]
pub struct Within {
    from: Option<DateTime<Utc>>,
    to: Option<DateTime<Utc>>,
    /// `civil_time` was seen to be answered with 200 and nothing.
    never: bool,
}

impl Within {
    pub fn holds(&self, at: DateTime<Utc>) -> bool {
        !self.never && self.from.is_none_or(|from| from <= at) && self.to.is_none_or(|to| at < to)
    }
}

/// One comparison: member, operator, text between the quotes.
fn comparison(text: &str) -> Option<(&str, &str, &str)> {
    let mut words = text.splitn(3, ' ');
    let (member, operator, quoted) = (words.next()?, words.next()?, words.next()?);
    let bare = quoted.strip_prefix('"')?.strip_suffix('"')?;
    Some((member, operator, bare)).filter(|_| !bare.contains('"'))
}

/// The subset of AIP-160 that the service takes: `>=` and `<`, joined by `AND`.
pub fn sample_filter(filter: &str) -> Result<Within, Reply> {
    let mut within = Within::default();
    for part in filter.split(" AND ") {
        let (member, operator, text) = comparison(part)
            .ok_or_else(|| invalid("INVALID_DATA_POINT_FILTER_SYNTAX", "global restriction"))?;
        let at = match member {
            "heart_rate.sample_time.physical_time" => instant(text).ok_or_else(|| {
                invalid("INVALID_DATA_POINT_FILTER_TIMESTAMP_FORMAT", "not RFC 3339")
            })?,
            "heart_rate.sample_time.civil_time" => {
                within.never = true;
                DateTime::UNIX_EPOCH
            }
            _ => {
                return Err(invalid(
                    "INVALID_DATA_POINT_FILTER_DATA_TYPE_MEMBER",
                    member,
                ));
            }
        };
        let bound = match operator {
            ">=" => &mut within.from,
            "<" => &mut within.to,
            _ => {
                return Err(invalid(
                    "INVALID_DATA_POINT_FILTER_RESTRICTION_COMPARATOR",
                    operator,
                ));
            }
        };
        if bound.replace(at).is_some() {
            return Err(invalid(
                "INVALID_DATA_POINT_FILTER_EXPRESSION_STRUCTURE",
                "twice",
            ));
        }
    }
    Ok(within)
}

/// Both bounds of a filter as they were written.
pub fn bounds(filter: &str) -> (String, String) {
    let texts: Vec<_> = filter
        .split(" AND ")
        .filter_map(comparison)
        .map(|(_, _, text)| text.to_owned())
        .collect();
    let [from, to] = texts.try_into().expect("two bounds");
    (from, to)
}

pub fn daily_filter(filter: &str, name: &str) -> Result<(NaiveDate, NaiveDate), Reply> {
    let mut found = (None, None);
    for part in filter.split(" AND ") {
        let (member, operator, text) = comparison(part)
            .ok_or_else(|| invalid("INVALID_DATA_POINT_FILTER_SYNTAX", "global restriction"))?;
        if member != format!("{name}.date") {
            return Err(invalid(
                "INVALID_DATA_POINT_FILTER_DATA_TYPE_MEMBER",
                member,
            ));
        }
        let date = text
            .parse::<NaiveDate>()
            .ok()
            .filter(|_| text.len() == 10)
            .ok_or_else(|| invalid("INVALID_DATA_POINT_FILTER_CIVIL_DATE_TIME_FORMAT", text))?;
        match operator {
            ">=" => found.0 = Some(date),
            "<" => found.1 = Some(date),
            _ => {
                return Err(invalid(
                    "INVALID_DATA_POINT_FILTER_RESTRICTION_COMPARATOR",
                    operator,
                ));
            }
        }
    }
    match found {
        (Some(from), Some(to)) if from <= to => Ok((from, to)),
        _ => Err(invalid("UNFILTERED", "the whole history would be walked")),
    }
}

const LONGEST: i64 = 14 * 86_400;

/// A roll-up request that the service takes.
#[derive(Debug)]
pub struct RollUp {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    window: TimeDelta,
    pub page_size: usize,
}

impl RollUp {
    pub fn read(body: &Value) -> Result<Self, Reply> {
        let wrong = |what: &str| invalid("INVALID_ARGUMENT", what);
        let known = ["range", "windowSize", "pageSize", "dataSourceFamily"];
        let members = body.as_object().ok_or_else(|| wrong("body"))?;
        if let Some(name) = members.keys().find(|name| !known.contains(&name.as_str())) {
            return Err(wrong(&format!("Unknown name \"{name}\"")));
        }
        let time = |name: &str| {
            body["range"][name]
                .as_str()
                .and_then(instant)
                .ok_or_else(|| wrong(name))
        };
        let (from, to) = (time("startTime")?, time("endTime")?);
        let seconds = body["windowSize"]
            .as_str()
            .and_then(|text| text.strip_suffix('s')?.parse::<i64>().ok())
            .filter(|seconds| *seconds >= 1)
            .ok_or_else(|| wrong("windowSize"))?;
        let page_size = body.get("pageSize").map_or(Some(1440), Value::as_i64);
        let page_size = page_size.ok_or_else(|| wrong("pageSize"))?.min(10_000);
        if to < from || (to - from).num_seconds() > LONGEST {
            return Err(invalid(
                "INVALID_ROLLUP_QUERY_DURATION",
                "The range must not exceed 14 days.",
            ));
        }
        if seconds * page_size > LONGEST {
            return Err(invalid(
                "INVALID_ROLLUP_QUERY_DURATION",
                "The duration covered by window_size * page_size must not exceed 14 days for heart-rate.",
            ));
        }
        Ok(Self {
            from,
            to,
            window: TimeDelta::seconds(seconds),
            page_size: usize::try_from(page_size).map_err(|_| wrong("pageSize"))?,
        })
    }

    /// The windows, newest first and anchored at the start of the range; of those without data some are empty and the
    /// others left out if `uneven`.
    pub fn windows(&self, samples: &BTreeMap<DateTime<Utc>, f64>, uneven: bool) -> Vec<Value> {
        let text = |at: DateTime<Utc>| at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
        let mut windows = Vec::new();
        let (mut start, mut number) = (self.from, 0);
        while start < self.to {
            let end = (start + self.window).min(self.to);
            let held: Vec<f64> = samples.range(start..end).map(|(_, bpm)| *bpm).collect();
            let times = json!({"startTime": text(start), "endTime": text(end)});
            let mut window = times;
            if held.is_empty() {
                match number % 7 {
                    0 if uneven => windows.push(window),
                    1 if uneven => {
                        window["heartRate"] = json!({});
                        windows.push(window);
                    }
                    _ => {}
                }
            } else {
                #[allow(clippy::cast_precision_loss, reason = "few samples")]
                let mean = held.iter().sum::<f64>() / held.len() as f64;
                let least = held.iter().copied().fold(f64::INFINITY, f64::min);
                let most = held.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                window["heartRate"] = json!({"beatsPerMinuteAvg": mean, "beatsPerMinuteMax": most, "beatsPerMinuteMin": least});
                windows.push(window);
            }
            start = end;
            number += 1;
        }
        windows.reverse();
        windows
    }
}

/// The days of a daily roll-up: `range.start.date` to `range.end.date`, and page and window within `longest` days.
pub fn daily_range(body: &Value, longest: i64) -> Result<(NaiveDate, NaiveDate), Reply> {
    let wrong = |what: &str| invalid("INVALID_ARGUMENT", what);
    let date = |value: &Value| {
        let part = |name: &str| value["date"][name].as_i64();
        NaiveDate::from_ymd_opt(
            i32::try_from(part("year")?).ok()?,
            u32::try_from(part("month")?).ok()?,
            u32::try_from(part("day")?).ok()?,
        )
    };
    let (from, to) = (
        date(&body["range"]["start"]).ok_or_else(|| wrong("range.start"))?,
        date(&body["range"]["end"]).ok_or_else(|| wrong("range.end"))?,
    );
    let window = body["windowSizeDays"].as_i64().unwrap_or(1);
    let page = body["pageSize"].as_i64().unwrap_or(longest);
    if (to - from).num_days() > longest || window * page > longest || window != 1 {
        return Err(invalid(
            "INVALID_ROLLUP_QUERY_DURATION",
            &format!(
                "The duration covered by window_size_days * page_size must not exceed {longest} days."
            ),
        ));
    }
    Ok((from, to))
}

/// A point of the merged stream, number `i` of an answer.
pub fn reconciled(point: &Point, i: usize) -> Value {
    let mut time = json!({"physicalTime": point.at});
    if let Some(offset) = &point.offset {
        time["utcOffset"] = json!(offset);
        let ahead = offset.trim_end_matches('s').parse::<f64>().unwrap_or(0.0);
        time["civilTime"] = civil_time(&point.at, ahead, i);
    }
    let mut point = json!({"heartRate": {"sampleTime": time, "beatsPerMinute": point.bpm}});
    match i % 3 {
        0 => point["dataPointName"] = json!(""),
        1 => point["heartRate"]["metadata"] = json!({"motionContext": "A_NEW_ONE"}),
        _ => point["somethingNew"] = json!([{"x": null}]),
    }
    point
}

/// Zeros are left out; midnight is an empty `time` or none.
fn civil_time(at: &str, ahead: f64, i: usize) -> Value {
    #[allow(clippy::cast_possible_truncation, reason = "an offset")]
    let local = instant(at).expect("an instant") + TimeDelta::seconds(ahead as i64);
    let mut time = Map::new();
    for (name, value) in [
        ("hours", local.hour()),
        ("minutes", local.minute()),
        ("seconds", local.second()),
        ("nanos", local.nanosecond()),
    ] {
        if value != 0 {
            time.insert(name.to_owned(), json!(value));
        }
    }
    let mut civil = json!({"date": civil_date(local.date_naive())});
    if !time.is_empty() || i.is_multiple_of(2) {
        civil["time"] = time.into();
    }
    civil
}

/// Google's partial response: `a(b,c(d)),e`.
#[derive(Debug, PartialEq)]
pub struct Mask(Vec<(String, Option<Mask>)>);

impl Mask {
    pub fn parse(text: &str) -> Option<Self> {
        let (mask, rest) = Self::read(text)?;
        rest.is_empty().then_some(mask)
    }

    fn read(mut text: &str) -> Option<(Self, &str)> {
        let mut fields = Vec::new();
        loop {
            let end = text.find([',', '(', ')']).unwrap_or(text.len());
            let (name, rest) = text.split_at(end);
            if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric()) {
                return None;
            }
            let (inner, rest) = match rest.strip_prefix('(') {
                None => (None, rest),
                Some(inside) => {
                    let (mask, after) = Self::read(inside)?;
                    (Some(mask), after.strip_prefix(')')?)
                }
            };
            fields.push((name.to_owned(), inner));
            match rest.strip_prefix(',') {
                Some(more) => text = more,
                None => return Some((Self(fields), rest)),
            }
        }
    }

    pub fn apply(&self, value: &Value) -> Value {
        match value {
            Value::Array(items) => items.iter().map(|item| self.apply(item)).collect(),
            Value::Object(members) => {
                let kept = self.0.iter().filter_map(|(name, inner)| {
                    let value = members.get(name)?;
                    let value = inner
                        .as_ref()
                        .map_or_else(|| value.clone(), |mask| mask.apply(value));
                    Some((name.clone(), value))
                });
                Value::Object(kept.collect())
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
        }
    }
}

/// `google.rpc.Status` with an `ErrorInfo`.
pub fn status(code: u16, status: &str, message: &str, reason: &str) -> Value {
    let mut error = json!({"code": code, "message": message, "status": status});
    if !reason.is_empty() {
        error["details"] = json!([{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "googleapis.com"}]);
    }
    json!({ "error": error })
}

/// 400, with the useful text where the service has it.
pub fn invalid(reason: &str, description: &str) -> Reply {
    let mut body = status(
        400,
        "INVALID_ARGUMENT",
        "Invalid argument in request.",
        reason,
    );
    let violations = json!({"@type": "type.googleapis.com/google.rpc.BadRequest",
        "fieldViolations": [{"field": "x", "description": description}]});
    body["error"]["details"]
        .as_array_mut()
        .expect("details")
        .push(violations);
    Reply::error(400, &body)
}

pub fn unauthenticated() -> Reply {
    let message = "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.";
    Reply::error(401, &status(401, "UNAUTHENTICATED", message, "")).with(
        "WWW-Authenticate",
        "Bearer realm=\"https://accounts.google.com/\", error=\"invalid_token\"",
    )
}

pub fn scope_insufficient() -> Reply {
    let message = "Request had insufficient authentication scopes.";
    Reply::error(
        403,
        &status(
            403,
            "PERMISSION_DENIED",
            message,
            "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        ),
    )
}

#[test]
fn the_stand_in_refuses_what_the_service_refuses() {
    let good = "heart_rate.sample_time.physical_time >= \"2026-11-21T05:00:00Z\" AND heart_rate.sample_time.physical_time < \"2026-11-22T05:00:00Z\"";
    let Ok(within) = sample_filter(good) else {
        panic!("it is good");
    };
    let at = |text| instant(text).expect("an instant");
    assert!(within.holds(at("2026-11-21T05:00:00Z")));
    assert!(!within.holds(at("2026-11-22T05:00:00Z")));
    for bad in [
        good.replace(" AND ", " and "),
        good.replace(">=", ">"),
        good.replace("heart_rate", "heartRate"),
        good.replace("05:00:00Z", "05:00:00"),
        good.replace('"', ""),
        String::new(),
    ] {
        assert!(sample_filter(&bad).is_err(), "{bad}");
    }
    let civil = good.replace("physical_time", "civil_time");
    let silent =
        sample_filter(&civil).is_ok_and(|within| !within.holds(at("2026-11-21T12:00:00Z")));
    assert!(silent, "200 and nothing");
    let mask = Mask::parse("a(b,c(d)),e").expect("a mask");
    let value = json!({"a": [{"b": 1, "c": {"d": 2, "x": 3}, "y": 4}], "z": 5});
    assert_eq!(mask.apply(&value), json!({"a": [{"b": 1, "c": {"d": 2}}]}));
    assert_eq!((Mask::parse("a("), Mask::parse("a,")), (None, None));
}
