//! Small good answers of both services, for tests whose subject is something else.

use crate::program::{Home, google_scopes};
use crate::secrets::{ACCESS, ACCESS_2, REFRESH, REFRESH_2};
use crate::server::{Reply, Server};
use serde_json::{Value, json};

/// Where Google is asked for a day by the minute.
pub const MINUTES: &str = "/v4/users/me/dataTypes/heart-rate/dataPoints:rollUp";
/// Where Fitbit is asked for [`ONE_DAY`].
pub const FITBIT_MINUTES: &str = "/1/user/-/activities/heart/date/2017-06-01/1d/1min.json";
/// A run that asks Google only for [`MINUTES`], in a [`home`].
pub const ONE_DAY: [&str; 3] = ["2017-06-01", "1min", "--no-summary"];

/// Google's answer to a good code.
pub fn token() -> Value {
    json!({"access_token": ACCESS, "expires_in": 3599, "refresh_token": REFRESH, "scope": google_scopes().join(" "),
        "token_type": "Bearer"})
}

/// Google's answer to a renewal: no new refresh token.
pub fn renewed() -> Value {
    json!({"access_token": ACCESS_2, "expires_in": 3599, "scope": google_scopes().join(" "), "token_type": "Bearer"})
}

/// Fitbit's answer to a good code.
pub fn fitbit_token() -> Value {
    json!({"access_token": ACCESS, "expires_in": 28800, "refresh_token": REFRESH, "scope": "settings heartrate profile",
        "token_type": "Bearer", "user_id": "26FWFL"})
}

/// Fitbit's answer to a renewal: a new refresh token, the old one is spent.
pub fn fitbit_renewed() -> Value {
    json!({"access_token": ACCESS_2, "expires_in": 28800, "refresh_token": REFRESH_2, "scope": "settings heartrate profile",
        "token_type": "Bearer", "user_id": "26FWFL"})
}

/// Lets a Google account say who it is and where, as after every login.
pub fn google_account(server: &Server) {
    server.any("GET", "/v4/users/me/identity", |_| {
        Reply::json(&json!({"name": "users/me/identity", "legacyUserId": "26FWFL", "healthUserId": "111111256096816351"}))
    });
    server.any("GET", "/v4/users/me/settings", |_| {
        Reply::json(&json!({"name": "users/me/settings", "timeZone": "America/New_York"}))
    });
}

/// Lets a Fitbit account say where it is.
pub fn fitbit_account(server: &Server) {
    server.any("GET", "/1/user/-/profile.json", |_| {
        Reply::json(&json!({"user": {"encodedId": "26FWFL", "timezone": "America/New_York"}}))
    });
}

/// Two minutes of 2017-06-01 in UTC from Google.
pub fn minutes() -> Reply {
    let point = |minute: u8, bpm: f64| {
        json!({"startTime": format!("2017-06-01T08:0{minute}:00Z"), "endTime": format!("2017-06-01T08:0{}:00Z", minute + 1),
            "heartRate": {"beatsPerMinuteAvg": bpm, "beatsPerMinuteMax": bpm, "beatsPerMinuteMin": bpm}})
    };
    Reply::json(&json!({"rollupDataPoints": [point(1, 61.5), point(0, 60.0)]}))
}

/// Two minutes of 2017-06-01 from Fitbit.
pub fn fitbit_minutes() -> Reply {
    Reply::json(&json!({
        "activities-heart": [{"dateTime": "2017-06-01", "value": {"customHeartRateZones": [], "heartRateZones": [], "restingHeartRate": 59}}],
        "activities-heart-intraday": {"dataset": [{"time": "08:00:00", "value": 60}, {"time": "08:01:00", "value": 62}],
            "datasetInterval": 1, "datasetType": "minute"}
    }))
}

/// What `hr.csv` holds after either of the two.
pub const CSV: &str = "day,time,hr\n2017-06-01,08:00:00,60\n2017-06-01,08:01:00,62\n";

/// Someone in UTC whose login at Google ends in `seconds` and has the indispensable scope alone: [`ONE_DAY`] is one request.
pub fn home(server: &Server, seconds: i64) -> Home {
    let home = Home::google(server, "timezone = \"UTC\"");
    home.logged_in_with("google", seconds, &json!({"scopes": [google_scopes()[0]]}));
    home
}

/// Someone in UTC whose login at Fitbit ends in `seconds`.
pub fn fitbit_home(server: &Server, seconds: i64) -> Home {
    let home = Home::fitbit(server, "timezone = \"UTC\"");
    home.logged_in("fitbit", seconds);
    home
}
