//! `sync` from the legacy service: one request a day, and its hourly window.

use crate::program::Home;
use crate::server::{Reply, Server};
use fitbit_hr::archive::{Archive, zones};
use fitbit_hr::day::Detail;
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const DEVICES: &str = "/1/user/-/devices.json";

fn path(day: u32) -> String {
    format!("/1/user/-/activities/heart/date/2026-06-{day:02}/1d/1sec.json")
}

fn answer(day: u32) -> Reply {
    let date = format!("2026-06-{day:02}");
    Reply::json(&json!({
        "activities-heart": [{"dateTime": date, "value": {"customHeartRateZones": [], "restingHeartRate": 60 + day, "heartRateZones": [
            {"name": "Fat Burn", "min": 97, "max": 120 + day, "minutes": 3, "caloriesOut": 12.5}]}}],
        "activities-heart-intraday": {"dataset": [{"time": "08:00:00", "value": 70}, {"time": "08:00:05", "value": 70 + day}],
            "datasetInterval": 1, "datasetType": "second"}}))
}

fn home(server: &Server) -> Home {
    let home = Home::fitbit(server, "");
    home.logged_in("fitbit", 3000);
    home
}

fn sync(more: &[&'static str]) -> Vec<&'static str> {
    [
        &["sync", "--from", "2026-06-01", "--to", "2026-06-05"],
        more,
    ]
    .concat()
}

#[test]
fn one_request_a_day_newest_first() {
    let server = Server::start();
    for day in 1..=5 {
        server.once("GET", &path(day), move |_| answer(day));
    }
    let devices = json!([{"type": "TRACKER", "lastSyncTime": "2026-11-20T12:00:00.000"}]);
    server.any("GET", DEVICES, move |_| Reply::json(&devices));
    let home = home(&server);
    home.run(sync(&[]))
        .expect(0)
        .says(&["synced 5 days, 10 samples, 6 requests\n"]);
    let archive = Archive::open(&home.work("fitbit_data/archive"), None);
    let file = archive.read(Detail::Sec1, "2026-06-03".parse().expect("a date"));
    let file = file.expect("good").expect("there");
    assert_eq!(
        (file.day.summary.resting_bpm, file.meta.settled),
        (Some(63.0), true)
    );
    assert_eq!(file.day.samples[1].bpm, 73);
    let zones = zones::encode(&file.day.summary.zones);
    assert_eq!(zones, "Fat Burn:97-123");
    // Nothing is asked for again.
    home.run(sync(&[]))
        .expect(0)
        .says(&["synced 0 days, 0 samples"]);
}

/// Two days an hour, and then 429 until the window is over. The answer will hold the days that were given out.
fn limited(
    server: &Server,
    reset_seconds: &'static str,
    refusals: usize,
) -> Arc<Mutex<BTreeSet<u32>>> {
    let given = Arc::new(Mutex::new(BTreeSet::new()));
    let refused = Arc::new(AtomicUsize::new(0));
    for day in 1..=5 {
        let (given, refused) = (Arc::clone(&given), Arc::clone(&refused));
        server.any("GET", &path(day), move |_| {
            let mut given = given.lock().expect("whole");
            if given.len() >= 2 && refused.load(Ordering::Relaxed) < refusals {
                refused.fetch_add(1, Ordering::Relaxed);
                let body = json!({"errors": [{"errorType": "system", "fieldName": "n/a", "message": "Too Many Requests"}], "success": false});
                return Reply::error(429, &body)
                    .with("Fitbit-rate-limit-reset", reset_seconds)
                    .with("Fitbit-Rate-Limit-Remaining", "0");
            }
            given.insert(day);
            answer(day)
        });
    }
    server.any("GET", DEVICES, |_| Reply::json(&json!([])));
    given
}

#[test]
fn the_hourly_window_ends_the_run_where_nobody_watches() {
    let server = Server::start();
    let given = limited(&server, "1201", 100);
    let home = home(&server);
    let output = home
        .run(sync(&["--json"]))
        .expect(75)
        .says(&["too many requests", "in 21 min"]);
    assert!(output.took < Duration::from_mins(1));
    let json = output.json();
    assert_eq!((&json["days"], &json["days_left"]), (&2.into(), &3.into()));
    // What is done is kept.
    let archive = Archive::open(&home.work("fitbit_data/archive"), None);
    let days = archive.days(Detail::Sec1).expect("listed");
    let days: Vec<_> = days.iter().map(ToString::to_string).collect();
    let given = given.lock().expect("whole").clone();
    let given: Vec<_> = given
        .iter()
        .map(|day| format!("2026-06-{day:02}"))
        .collect();
    assert_eq!(days, given);
    // A longer wait than is allowed.
    home.run(sync(&["--max-wait", "60"])).expect(75);
}

#[test]
#[cfg(target_os = "linux")]
fn a_countdown_is_shown_at_a_terminal() {
    let server = Server::start();
    limited(&server, "1201", 100);
    let home = home(&server);
    let running = home.start_on_terminal("sync --from 2026-06-01 --to 2026-06-05");
    running.wait_for("too many requests");
    running.wait_for("rest 20:0");
    running.wait_for("2/5 days");
}

#[test]
fn a_service_that_is_gone_says_so_and_keeps_the_archive() {
    let server = Server::start();
    server.any("GET", DEVICES, |_| Reply::json(&json!([])));
    server.any("GET", &path(5), |_| answer(5));
    for day in 1..=4 {
        server.any("GET", &path(day), |_| Reply::html(410));
    }
    let home = home(&server);
    home.run(sync(&[])).says(&["2026-11-02"]);
}
