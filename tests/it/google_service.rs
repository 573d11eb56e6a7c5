//! A strict stand-in for Google Health's data, written from the facts and apart from the demo's: what a client gets wrong is
//! refused, or answered with the service's own silence.

use crate::server::{Reply, Request, Server};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use std::sync::Arc;

pub const POINTS: &str = "/v4/users/me/dataTypes/heart-rate/dataPoints:reconcile";
pub const ROLL_UP: &str = "/v4/users/me/dataTypes/heart-rate/dataPoints:rollUp";
pub const RESTING: &str = "/v4/users/me/dataTypes/daily-resting-heart-rate/dataPoints:reconcile";
pub const ZONES: &str = "/v4/users/me/dataTypes/daily-heart-rate-zones/dataPoints:reconcile";
pub const ZONE_TIME: &str = "/v4/users/me/dataTypes/time-in-heart-rate-zone/dataPoints:dailyRollUp";
pub const ZONE_CALORIES: &str =
    "/v4/users/me/dataTypes/calories-in-heart-rate-zone/dataPoints:dailyRollUp";
pub const SETTINGS: &str = "/v4/users/me/settings";
pub const DEVICES: &str = "/v4/users/me/pairedDevices";

/// A reading, as the service keeps it.
#[derive(Debug, Clone)]
pub struct Reading {
    /// RFC 3339 with `Z`, kept as text to be sent as it is.
    pub at: String,
    pub offset_s: Option<i32>,
    /// As JSON: the service sends a string, other clients saw numbers.
    pub bpm: Value,
}

/// A reading with an offset.
pub fn reading(at: &str, offset_h: f64, bpm: u16) -> Reading {
    #[allow(clippy::cast_possible_truncation, reason = "quarters of an hour")]
    let offset_s = Some((offset_h * 3600.0) as i32);
    Reading {
        at: at.to_owned(),
        offset_s,
        bpm: json!(bpm.to_string()),
    }
}

/// A reading every `step_s` seconds from `from` on, all with one offset.
pub fn readings(from: &str, step_s: i64, count: i64, offset_h: f64, bpm: u16) -> Vec<Reading> {
    let from: DateTime<Utc> = from.parse().expect("an instant");
    let at = |i: i64| {
        (from + TimeDelta::seconds(i * step_s))
            .format("%Y-%m-%dT%H:%M:%SZ")
            .to_string()
    };
    (0..count).map(|i| reading(&at(i), offset_h, bpm)).collect()
}

/// What the account holds, and how the service behaves.
#[derive(Debug, Clone)]
pub struct Account {
    pub readings: Vec<Reading>,
    /// The means of windows as `[start, mean]`.
    pub means: Vec<(String, f64)>,
    pub zone: Option<&'static str>,
    pub last_sync: Option<String>,
    pub resting: Option<u16>,
    pub zones: bool,
    pub page_cap: usize,
    /// Every second page is empty, and has a token all the same.
    pub empty_pages: bool,
    /// Pages come in an order of their own instead of newest first.
    pub shuffled: bool,
    /// The end is `""` instead of no token.
    pub empty_last_token: bool,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            readings: vec![],
            means: vec![],
            zone: Some("America/New_York"),
            last_sync: Some("2026-11-20T12:00:00Z".to_owned()),
            resting: Some(57),
            zones: true,
            page_cap: 5000,
            empty_pages: false,
            shuffled: false,
            empty_last_token: true,
        }
    }
}

impl Account {
    /// Serves the account on any number of calls.
    pub fn serve(self, server: &Server) {
        let account = Arc::new(self);
        let route = |method, path: &str, answer: fn(&Account, &Request) -> Reply| {
            let account = Arc::clone(&account);
            server.any(method, path, move |request| {
                assert!(
                    request
                        .header("authorization")
                        .is_some_and(|value| value.starts_with("Bearer ")),
                    "no bearer token"
                );
                answer(&account, request)
            });
        };
        route("GET", POINTS, Self::points);
        route("POST", ROLL_UP, Self::roll_up);
        route("GET", RESTING, Self::resting);
        route("GET", ZONES, Self::zones);
        route("POST", ZONE_TIME, Self::zone_time);
        route("POST", ZONE_CALORIES, Self::zone_calories);
        route("GET", SETTINGS, |account, _| match account.zone {
            Some(zone) => Reply::json(
                &json!({"name": "users/me/settings", "timeZone": zone, "utcOffset": "-14400s"}),
            ),
            None => Reply::json(&json!({"name": "users/me/settings"})),
        });
        route("GET", DEVICES, |account, _| match &account.last_sync {
            Some(at) => Reply::json(&json!({"pairedDevices": [
                {"name": "users/me/pairedDevices/1", "deviceType": "SCALE", "features": ["WEIGHT"], "lastSyncTime": "2099-01-01T00:00:00Z"},
                {"name": "users/me/pairedDevices/2", "deviceType": "TRACKER", "features": ["HEART_RATE"], "lastSyncTime": at}]})),
            None => Reply::json(&json!({})),
        });
    }

    fn points(&self, request: &Request) -> Reply {
        let Some((from, to)) = request.query("filter").and_then(physical_bounds) else {
            return bad("INVALID_DATA_POINT_FILTER");
        };
        if request
            .query("pageSize")
            .and_then(|size| size.parse::<usize>().ok())
            .is_none_or(|size| size == 0)
        {
            return bad("INVALID_ARGUMENT");
        }
        let mut found: Vec<&Reading> = self
            .readings
            .iter()
            .filter(|reading| {
                (from..to).contains(&reading.at.parse::<DateTime<Utc>>().expect("an instant"))
            })
            .collect();
        found.sort_by(|a, b| b.at.cmp(&a.at));
        if self.shuffled {
            found.sort_by_key(|reading| reading.at.bytes().rev().collect::<Vec<_>>());
        }
        let key = format!("{}|", request.query("filter").unwrap_or_default());
        let start = match request.query("pageToken") {
            None => 0,
            // A token belongs to its query.
            Some(token) => match token
                .strip_prefix(&key)
                .and_then(|rest| rest.parse::<usize>().ok())
            {
                Some(start) => start,
                None => return bad("INVALID_PAGE_TOKEN"),
            },
        };
        // The places count twice: with empty pages every other one holds nothing.
        let (start, empty) = (start / 2, self.empty_pages && start % 2 == 0);
        let size = if empty { 0 } else { self.page_cap };
        let end = (start + size).min(found.len());
        let page: Vec<Value> = found[start.min(found.len())..end]
            .iter()
            .map(|reading| point(reading))
            .collect();
        let next = if empty {
            Some(start * 2 + 1)
        } else {
            (end < found.len()).then_some(end * 2)
        };
        let mut body = json!({"somethingNew": {"a": [1]}});
        if !page.is_empty() || start % 2 == 1 {
            body["dataPoints"] = json!(page);
        }
        match next {
            Some(next) => body["nextPageToken"] = json!(format!("{key}{next}")),
            None if self.empty_last_token => body["nextPageToken"] = json!(""),
            None => {}
        }
        let reply = Reply::json(&body);
        if request
            .header("accept-encoding")
            .is_some_and(|value| value.contains("gzip"))
        {
            reply.gzip()
        } else {
            reply
        }
    }

    fn roll_up(&self, request: &Request) -> Reply {
        let body = request.json();
        let instant = |name: &str| {
            body["range"][name]
                .as_str()
                .and_then(|text| text.parse::<DateTime<Utc>>().ok())
        };
        let (Some(from), Some(to)) = (instant("startTime"), instant("endTime")) else {
            return bad("INVALID_TIME_RANGE");
        };
        let window = body["windowSize"]
            .as_str()
            .and_then(|text| text.strip_suffix('s')?.parse::<i64>().ok())
            .unwrap_or(0);
        let size = body["pageSize"].as_i64().unwrap_or(1440);
        let too_long = (to - from) > TimeDelta::days(14) || window * size > 14 * 86_400;
        if window < 1 || size > 10_000 || too_long {
            return bad("INVALID_ROLLUP_QUERY_DURATION");
        }
        let within =
            |start: &str| (from..to).contains(&start.parse::<DateTime<Utc>>().expect("an instant"));
        let mut windows: Vec<Value> = self
            .means
            .iter()
            .filter(|(start, _)| within(start))
            .map(|(start, mean)| json!({"startTime": start, "heartRate": {"beatsPerMinuteAvg": mean, "beatsPerMinuteMax": 200.0, "beatsPerMinuteMin": 40}}))
            .collect();
        windows.reverse();
        // A window without data may be there, and empty.
        windows.push(json!({"startTime": body["range"]["startTime"], "heartRate": {}}));
        let start = body["pageToken"]
            .as_str()
            .map_or(0, |token| token.parse::<usize>().expect("our own token"));
        let end = (start + self.page_cap).min(windows.len());
        let next = if end < windows.len() {
            end.to_string()
        } else {
            String::new()
        };
        Reply::json(&json!({"rollupDataPoints": windows[start..end], "nextPageToken": next}))
    }

    fn resting(&self, request: &Request) -> Reply {
        let Some(date) = request
            .query("filter")
            .and_then(|filter| date_bound(filter, "daily_resting_heart_rate"))
        else {
            return bad("INVALID_DATA_POINT_FILTER");
        };
        match self.resting {
            Some(bpm) => Reply::json(
                &json!({"dataPoints": [{"dailyRestingHeartRate": {"date": date, "beatsPerMinute": bpm.to_string()}}]}),
            ),
            None => Reply::json(&json!({})),
        }
    }

    fn zones(&self, request: &Request) -> Reply {
        let Some(date) = request
            .query("filter")
            .and_then(|filter| date_bound(filter, "daily_heart_rate_zones"))
        else {
            return bad("INVALID_DATA_POINT_FILTER");
        };
        if !self.zones {
            return Reply::json(&json!({"nextPageToken": ""}));
        }
        Reply::json(
            &json!({"dataPoints": [{"dailyHeartRateZones": {"date": date, "heartRateZones": [
            {"heartRateZoneType": "PEAK", "minBeatsPerMinute": "165", "maxBeatsPerMinute": "220"},
            {"heartRateZoneType": "LIGHT", "minBeatsPerMinute": "30", "maxBeatsPerMinute": "110"}]}}]}),
        )
    }

    fn zone_time(&self, request: &Request) -> Reply {
        self.daily_roll_up(request, 90, &json!({"timeInHeartRateZone": {"timeInHeartRateZones": [{"heartRateZone": "LIGHT", "duration": "60030s"}]}}))
    }

    fn zone_calories(&self, request: &Request) -> Reply {
        self.daily_roll_up(request, 14, &json!({"caloriesInHeartRateZone": {"caloriesInHeartRateZones": [{"heartRateZone": "LIGHT", "kcal": 1543.25}]}}))
    }

    fn daily_roll_up(&self, request: &Request, longest: i64, value: &Value) -> Reply {
        let body = request.json();
        let size = body["pageSize"].as_i64().unwrap_or(longest);
        if body["windowSizeDays"] != json!(1)
            || size > longest
            || body["range"]["end"]["date"].is_null()
        {
            return bad("INVALID_ROLLUP_QUERY_DURATION");
        }
        if !self.zones {
            return Reply::json(&json!({}));
        }
        let mut window = value.clone();
        window["civilStartTime"] = json!({"date": body["range"]["start"]["date"], "time": {}});
        Reply::json(&json!({"rollupDataPoints": [window]}))
    }
}

fn point(reading: &Reading) -> Value {
    let mut time =
        json!({"physicalTime": reading.at, "civilTime": {"date": {"year": 2026}, "time": {}}});
    if let Some(offset) = reading.offset_s {
        time["utcOffset"] = json!(format!("{offset}s"));
    }
    json!({"heartRate": {"sampleTime": time, "beatsPerMinute": reading.bpm, "metadata": {}}})
}

/// The bounds of the one filter that is accepted: both of them, on physical time, joined by an upper-case AND.
pub fn physical_bounds(filter: &str) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let (from, to) = filter.split_once(" AND ")?;
    let member = "heart_rate.sample_time.physical_time";
    let bound = |text: &str, operator: &str| {
        let quoted = text
            .strip_prefix(member)?
            .trim()
            .strip_prefix(operator)?
            .trim();
        quoted
            .strip_prefix('"')?
            .strip_suffix('"')?
            .parse::<DateTime<Utc>>()
            .ok()
    };
    Some((bound(from, ">=")?, bound(to, "<")?))
}

/// The first date of `member.date >= "D" AND member.date < "E"`, in the service's form.
fn date_bound(filter: &str, member: &str) -> Option<Value> {
    let (from, to) = filter.split_once(" AND ")?;
    let date = from
        .strip_prefix(&format!("{member}.date >= \""))?
        .strip_suffix('"')?;
    to.strip_prefix(&format!("{member}.date < \""))?
        .strip_suffix('"')?;
    let parts: Vec<u32> = date
        .split('-')
        .map(|part| part.parse().ok())
        .collect::<Option<_>>()?;
    Some(json!({"year": parts[0], "month": parts[1], "day": parts[2]}))
}

/// A refusal in the service's shape.
pub fn bad(reason: &str) -> Reply {
    refusal(400, "Invalid argument in request.", reason, &json!({}))
}

/// Any refusal in the service's shape; `more` is laid over its `ErrorInfo`.
pub fn refusal(status: u16, message: &str, reason: &str, more: &Value) -> Reply {
    let mut info = json!({"@type": "type.googleapis.com/google.rpc.ErrorInfo", "domain": "health.googleapis.com"});
    if !reason.is_empty() {
        info["reason"] = json!(reason);
    }
    for (name, value) in more.as_object().into_iter().flatten() {
        info[name] = value.clone();
    }
    Reply::error(
        status,
        &json!({"error": {"code": status, "message": message, "status": "X", "details": [info]}}),
    )
}
