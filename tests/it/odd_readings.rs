//! Readings that cannot be read, among many that can: they are left out, counted and said, and cost no other day.

use crate::google_service::{POINTS, ROLL_UP, bad};
use crate::program::Home;
use crate::server::{Reply, Server};
use crate::sync::{archive, day, machine};
use crate::world::World;
use fitbit_hr::civil;
use fitbit_hr::day::Detail;
use fitbit_hr::zone::Tz;
use serde_json::{Value, json};

/// A point of this instant that is wrong in one of many ways.
fn odd(instant: i64, kind: usize) -> Value {
    let at = civil::rfc3339(instant);
    let kinds = [
        ("/heartRate/beatsPerMinute", json!("")),
        ("/heartRate/beatsPerMinute", json!("NaN")),
        ("/heartRate/beatsPerMinute", json!({})),
        ("/heartRate/beatsPerMinute", json!("301")),
        ("/heartRate", Value::Null),
        ("/heartRate/sampleTime/utcOffset", json!("")),
        ("/heartRate/sampleTime/utcOffset", json!(-14400)),
        (
            "/heartRate/sampleTime/physicalTime",
            json!(at.replace("00Z", "60Z")),
        ),
        ("/heartRate/sampleTime/physicalTime", json!(1_496_275_200)),
    ];
    let mut point = json!({"heartRate": {"sampleTime": {"physicalTime": at, "utcOffset": "0s"}, "beatsPerMinute": "60"}});
    let (place, value) = kinds[kind % kinds.len()].clone();
    *point.pointer_mut(place).expect("a place") = value;
    point
}

/// Days of 480 readings, of which so many of the first day come in an odd form.
fn world(days: i64, step_s: i64, spoilt: usize) -> World {
    let mut world = World::plain("2026-06-01", days, step_s, Tz::UTC);
    let spoilt = world.beats.iter().map(|beat| beat.instant).take(spoilt);
    world.odd = spoilt.enumerate().map(|(n, at)| (at, odd(at, n))).collect();
    world
}

fn samples(home: &Home, date: &str) -> Option<(usize, bool)> {
    let file = archive(home)
        .read(Detail::Sec1, day(date))
        .expect("readable")?;
    Some((file.day.samples.len(), file.meta.settled))
}

#[test]
fn an_odd_reading_costs_itself_alone_in_the_main_job_in_plot_and_in_sync() {
    let (home, _server, _) = machine(world(3, 60, 9));
    let scopes = ["health_metrics_and_measurements", "settings"]
        .map(|name| format!("https://www.googleapis.com/auth/googlehealth.{name}.readonly"));
    home.logged_in_with("google", 3000, &json!({ "scopes": scopes }));
    let said = "8 readings that cannot be read and 1 reading outside 1 to 300 bpm were left out";
    let line = ["2026-06-01", "1sec", "--no-summary", "--json"];
    let report = home.run(line).expect(0).says(&[said]).json();
    assert_eq!(
        (&report["samples"], &report["left_out"]),
        (&json!(1431), &json!(9))
    );
    let line = [
        "plot",
        "2026-06-01",
        "--format",
        "svg",
        "-o",
        "day.svg",
        "--json",
    ];
    let report = home.run(line).expect(0).says(&[said]).json();
    assert_eq!(
        (&report["samples"], &report["left_out"]),
        (&json!(1431), &json!(9))
    );
    let report = home.run(["sync", "--json"]).expect(0).says(&[said]).json();
    assert_eq!(
        (&report["complete"], &report["left_out"]),
        (&json!(true), &json!(9))
    );
    assert_eq!(samples(&home, "2026-06-01"), Some((1431, true)));
    assert_eq!(samples(&home, "2026-06-02"), Some((1440, true)));
}

#[test]
fn a_sparse_history_with_an_odd_reading_comes_whole() {
    // Four readings a day; the probe for the first day meets the odd one alone.
    let (home, _server, _) = machine(world(60, 21_600, 1));
    home.run(["sync"])
        .expect(0)
        .says(&["1 reading that cannot be read was left out"]);
    assert_eq!(samples(&home, "2026-06-01"), Some((3, true)));
    assert_eq!(samples(&home, "2026-07-15"), Some((4, true)));
}

#[test]
fn more_than_one_in_a_hundred_is_a_changed_service_and_costs_its_own_day_alone() {
    let (home, _server, _) = machine(world(6, 60, 15));
    let before = home.work("fitbit_data/hr.csv");
    home.run(["2026-06-01", "1sec", "--no-summary"])
        .expect(65)
        .says(&["the service has changed: 15 of 1 440 readings"]);
    assert!(!before.exists());
    home.run(["sync", "--from", "2026-06-01"])
        .expect(65)
        .says(&["could not sync 2026-06-01", "the service has changed"]);
    assert_eq!(samples(&home, "2026-06-01"), None);
    for date in ["2026-06-02", "2026-06-03", "2026-06-06"] {
        assert_eq!(samples(&home, date), Some((1440, true)), "{date}");
    }
}

#[test]
fn a_mean_that_cannot_be_read_costs_its_window_alone() {
    let server = Server::start();
    server.any("POST", ROLL_UP, |request| {
        if request.json()["windowSize"] != json!("60s") {
            return bad("INVALID_ROLLUP_QUERY_DURATION");
        }
        let window = |minute: i64, mean: Value| {
            let start = civil::rfc3339(1_496_275_200_000 + minute * 60_000);
            json!({"startTime": start, "heartRate": {"beatsPerMinuteAvg": mean}})
        };
        let mut windows: Vec<_> = (0..1437)
            .map(|minute| window(minute, json!(61.5)))
            .collect();
        windows.extend(
            [
                (1437, json!("NaN")),
                (1438, json!(300.9)),
                (1439, json!([60])),
            ]
            .map(|(m, mean)| window(m, mean)),
        );
        Reply::json(&json!({"rollupDataPoints": windows}))
    });
    let home = Home::google(&server, "timezone = \"UTC\"");
    home.logged_in_with("google", 3000, &json!({"scopes": []}));
    let report = home.run(["2017-06-01", "--no-summary", "--json"]).expect(0);
    assert_eq!(
        (&report.json()["samples"], &report.json()["left_out"]),
        (&json!(1437), &json!(3))
    );
    report.says(&["2 readings that cannot be read and 1 reading outside 1 to 300 bpm"]);
}

#[test]
fn bytes_that_are_no_text_are_65_wherever_they_lie() {
    let server = Server::start();
    server.any("GET", POINTS, |_| {
        let mut body = br#"{"dataPoints":[],"skipped":"x"}"#.to_vec();
        let at = body.len() - 3;
        body[at] = 0xe9;
        Reply::status(200)
            .with("Content-Type", "application/json")
            .body(body)
    });
    let home = Home::google(&server, "timezone = \"UTC\"");
    home.logged_in_with("google", 3000, &json!({"scopes": []}));
    home.run(["2017-06-01", "1sec", "--no-summary"])
        .expect(65)
        .says(&["not in UTF-8"]);
    let server = Server::start();
    server.any("GET", "/1/user/-/activities/heart/date/2017-06-01/1d/1min.json", |_| {
        let mut body = br#"{"activities-heart":[{"dateTime":"2017-06-01","value":{},"device":"x"}],"activities-heart-intraday":{"dataset":[]}}"#.to_vec();
        let at = body.iter().position(|byte| *byte == b'x').expect("an x");
        body[at] = 0xe9;
        Reply::status(200).body(body)
    });
    let home = Home::fitbit(&server, "");
    home.logged_in_with("fitbit", 3000, &json!({"scopes": ["heartrate"]}));
    home.run(["2017-06-01"]).expect(65).says(&["not in UTF-8"]);
    assert!(!home.work("fitbit_data/hr.json").exists());
}

#[test]
fn two_tokens_of_devices_that_take_turns_end() {
    let server = Server::start();
    server.any("GET", crate::google_service::DEVICES, |request| {
        let next = match request.query("pageToken") {
            Some("a") => "b",
            _ => "a",
        };
        Reply::json(&json!({"pairedDevices": [], "nextPageToken": next}))
    });
    world(1, 60, 0).share().serve(&server);
    let home = Home::google(&server, "");
    home.logged_in("google", 3000);
    home.run(["2026-06-01", "1sec", "--no-summary"])
        .expect(0)
        .says(&["the last sync is not known", "token"]);
}
