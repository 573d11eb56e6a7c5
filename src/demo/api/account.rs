//! Identity, profile, settings and paired devices.

use super::fault::Fault;
use super::query::{HEALTH_USER_ID, System};
use super::route::Context;
use super::text::{date_value, duration_text};
use crate::demo::exchange::Call;
use crate::demo::wearer::HISTORY_START;
use chrono::{Datelike, SecondsFormat, TimeDelta};
use serde_json::{Value, json};

const IDENTITY_SCHEMA: &str = "name,healthUserId,legacyUserId";
const PROFILE_SCHEMA: &str = "name,age,membershipStartDate(year,month,day),autoWalkingStrideLengthMm,\
    autoRunningStrideLengthMm,userConfiguredWalkingStrideLengthMm,userConfiguredRunningStrideLengthMm";
const SETTINGS_SCHEMA: &str = "name,autoStrideEnabled,distanceUnit,foodLanguageCode,glucoseUnit,heightUnit,\
    languageLocale,strideLengthRunningType,strideLengthWalkingType,swimUnit,temperatureUnit,timeZone,utcOffset,\
    waterUnit,weightUnit";
const DEVICES_SCHEMA: &str = "pairedDevices(name,macAddress,deviceType,features,lastSyncTime,batteryStatus,\
    batteryLevel,deviceVersion),nextPageToken";

fn masked(call: &Call, own: &[&str], schema: &str, value: Value) -> Result<String, Fault> {
    let system = System::decode(call, own, schema)?;
    Ok(system.mask.apply(value).to_string())
}

/// `GET users/me/identity`.
pub fn identity(call: &Call) -> Result<String, Fault> {
    let value = json!({"name": "users/me/identity", "healthUserId": HEALTH_USER_ID, "legacyUserId": "DEMO00"});
    masked(call, &[], IDENTITY_SCHEMA, value)
}

/// `GET users/me/profile`; it knows no time zone.
pub fn profile(call: &Call, context: &Context) -> Result<String, Fault> {
    let value = json!({"name": "users/me/profile", "age": context.now.year() - 1985,
        "membershipStartDate": date_value(HISTORY_START)});
    masked(call, &[], PROFILE_SCHEMA, value)
}

/// `GET users/me/settings`.
pub fn settings(call: &Call, context: &Context) -> Result<String, Fault> {
    let wearer = context.wearer;
    let value = json!({
        "name": "users/me/settings",
        "autoStrideEnabled": true,
        "distanceUnit": "DISTANCE_UNIT_MILES",
        "glucoseUnit": "GLUCOSE_UNIT_MG_DL",
        "heightUnit": "HEIGHT_UNIT_INCHES",
        "languageLocale": "en_US",
        "strideLengthWalkingType": "STRIDE_LENGTH_TYPE_AUTO",
        "swimUnit": "SWIM_UNIT_METERS",
        "temperatureUnit": "TEMPERATURE_UNIT_FAHRENHEIT",
        "timeZone": wearer.zone.name(),
        "utcOffset": duration_text(i64::from(wearer.offset_at(context.now))),
        "waterUnit": "WATER_UNIT_FL_OZ",
        "weightUnit": "WEIGHT_UNIT_POUNDS"
    });
    masked(call, &[], SETTINGS_SCHEMA, value)
}

/// `GET users/me/pairedDevices`: a scale that syncs often and says nothing about heart rate, and the tracker.
pub fn paired_devices(call: &Call, context: &Context) -> Result<String, Fault> {
    let stamp = |at: chrono::DateTime<chrono::Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let devices = [
        json!({"name": "users/me/pairedDevices/7001", "macAddress": "02:00:00:00:70:01", "deviceType": "SCALE",
            "lastSyncTime": stamp(context.now - TimeDelta::minutes(3)), "batteryStatus": "Medium",
            "batteryLevel": 55, "deviceVersion": "Aria Air"}),
        json!({"name": "users/me/pairedDevices/7002", "macAddress": "02:00:00:00:70:02", "deviceType": "TRACKER",
            "features": ["HEART_RATE"], "lastSyncTime": stamp(context.wearer.last_sync(context.now)),
            "batteryStatus": "High", "batteryLevel": 85, "deviceVersion": "Fitbit Charge 6"}),
    ];
    masked(
        call,
        &["pageSize", "pageToken"],
        DEVICES_SCHEMA,
        json!({"pairedDevices": devices}),
    )
}
