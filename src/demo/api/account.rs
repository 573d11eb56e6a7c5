//! Identity, profile, settings and paired devices.

use super::context::Context;
use super::fault::Fault;
use super::parameters::{self, HEALTH_USER_ID};
use crate::demo::exchange::Call;
use crate::demo::wearer::HISTORY_START;
use chrono::{DateTime, Datelike, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

/// Answers one of the four, without the members that are not selected.
fn selected(call: &Call, own: &[&str], mut value: Value) -> Result<String, Fault> {
    let (_, mask) = parameters::decode(call, own, "")?;
    if let Value::Object(members) = &mut value {
        members.retain(|name, _| mask.member(name).is_some());
    }
    Ok(value.to_string())
}

/// `GET users/me/identity`.
pub fn identity(call: &Call, _: &Context) -> Result<String, Fault> {
    let value = json!({"name": "users/me/identity", "healthUserId": HEALTH_USER_ID, "legacyUserId": "DEMO00"});
    selected(call, &[], value)
}

/// `GET users/me/profile`; it knows no time zone.
pub fn profile(call: &Call, context: &Context) -> Result<String, Fault> {
    let first = HISTORY_START;
    let value = json!({"name": "users/me/profile", "age": context.now.year() - 1985,
        "membershipStartDate": {"year": first.year(), "month": first.month(), "day": first.day()}});
    selected(call, &[], value)
}

/// `GET users/me/settings`.
pub fn settings(call: &Call, context: &Context) -> Result<String, Fault> {
    let zone = context.wearer.zone.name();
    let offset = context.wearer.offset_at(context.now.timestamp_millis());
    let value = json!({"name": "users/me/settings", "distanceUnit": "DISTANCE_UNIT_MILES", "languageLocale": "en_US",
        "temperatureUnit": "TEMPERATURE_UNIT_FAHRENHEIT", "weightUnit": "WEIGHT_UNIT_POUNDS",
        "timeZone": zone, "utcOffset": format!("{offset}s")});
    selected(call, &[], value)
}

/// `GET users/me/pairedDevices`: a scale that syncs often and says nothing about heart rate, and the tracker.
pub fn paired_devices(call: &Call, context: &Context) -> Result<String, Fault> {
    let stamp = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let devices = [
        json!({"name": "users/me/pairedDevices/7001", "macAddress": "02:00:00:00:70:01", "deviceType": "SCALE",
            "lastSyncTime": stamp(context.now - TimeDelta::minutes(3)), "batteryStatus": "Medium",
            "batteryLevel": 55, "deviceVersion": "Aria Air"}),
        json!({"name": "users/me/pairedDevices/7002", "macAddress": "02:00:00:00:70:02", "deviceType": "TRACKER",
            "features": ["HEART_RATE"], "lastSyncTime": stamp(context.wearer.last_sync(context.now)),
            "batteryStatus": "High", "batteryLevel": 85, "deviceVersion": "Fitbit Charge 6"}),
    ];
    let own = ["pageSize", "pageToken"];
    selected(call, &own, json!({"pairedDevices": devices}))
}
