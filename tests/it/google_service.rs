//! The addresses of Google Health, its one filter, and its refusals.

use crate::server::Reply;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

pub const POINTS: &str = "/v4/users/me/dataTypes/heart-rate/dataPoints:reconcile";
pub const ROLL_UP: &str = "/v4/users/me/dataTypes/heart-rate/dataPoints:rollUp";
pub const RESTING: &str = "/v4/users/me/dataTypes/daily-resting-heart-rate/dataPoints:reconcile";
pub const ZONES: &str = "/v4/users/me/dataTypes/daily-heart-rate-zones/dataPoints:reconcile";
pub const SETTINGS: &str = "/v4/users/me/settings";
pub const DEVICES: &str = "/v4/users/me/pairedDevices";

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
