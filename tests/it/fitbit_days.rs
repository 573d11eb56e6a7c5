//! The legacy service further: every detail, odd readings, days with a change of the clocks, answers that are none.

use crate::files;
use crate::program::Home;
use crate::secrets::{ACCESS, ACCESS_2, REFRESH, REFRESH_2};
use crate::server::{Reply, Request, Server};
use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};

fn path(date: &str, detail: &str) -> String {
    format!("/1/user/-/activities/heart/date/{date}/1d/{detail}.json")
}

fn dataset(samples: &Value) -> Value {
    json!({"activities-heart": [{"dateTime": "2017-11-05", "value": {"customHeartRateZones": [], "heartRateZones": []}, "new": 1}],
        "activities-heart-intraday": {"dataset": samples, "datasetInterval": 1, "datasetType": "minute", "new": [1]}, "new": {}})
}

/// 2017-11-05, when clocks in New York went back, answered so at every detail, for somebody with earlier files.
fn answered_by(reply: impl Fn(&Request) -> Reply + Send + Clone + 'static) -> (Server, Home) {
    let server = Server::start();
    for detail in ["1sec", "1min", "5min", "15min"] {
        server.any("GET", &path("2017-11-05", detail), reply.clone());
    }
    let home = Home::fitbit(&server, "timezone = \"America/New_York\"");
    home.logged_in("fitbit", 3600);
    home.file("fitbit_data/hr.json", "earlier json");
    home.file("fitbit_data/hr.csv", "earlier csv");
    (server, home)
}

#[track_caller]
fn nothing_changed(home: &Home) {
    assert_eq!(home.read("fitbit_data/hr.json"), "earlier json");
    assert_eq!(home.read("fitbit_data/hr.csv"), "earlier csv");
    let folder = files::names(&home.work("fitbit_data"));
    assert_eq!(folder.len(), 2, "something was left beside the files");
}

#[test]
fn every_detail_is_one_request_and_the_bytes_are_kept_through_compression() {
    // As no encoder would write it.
    let raw = format!(
        " {:#}\n\n",
        dataset(&json!([{"value": 61, "time": "12:00:00", "x": null}]))
    );
    let body = raw.clone();
    let (server, home) = answered_by(move |_| Reply::status(200).body(body.clone()).gzip());
    for detail in ["1sec", "1min", "5min", "15min"] {
        home.run(["2017-11-05", detail, "--no-summary"]).expect(0);
        assert_eq!(home.read("fitbit_data/hr.json"), raw);
        assert_eq!(
            home.read("fitbit_data/hr.csv"),
            "day,time,hr\n2017-11-05,12:00:00,61\n"
        );
        let requests = server.requests_to(&path("2017-11-05", detail));
        assert_eq!(requests.len(), 1);
        assert!(requests[0].query.is_empty());
        assert!(
            requests[0]
                .header("accept-encoding")
                .is_some_and(|names| names.contains("gzip"))
        );
    }
    let output = home
        .run(["2017-11-05", "1sec", "--stdout", "json"])
        .expect(0);
    assert_eq!(output.stdout, raw);
}

#[test]
fn an_hour_that_comes_twice_is_kept_twice_and_a_note_says_so() {
    let samples = json!([{"time": "00:59:00", "value": 60}, {"time": "01:30:00", "value": 61}, {"time": "01:30:00", "value": 62}, {"time": "02:00:00", "value": 63}]);
    let (_server, home) = answered_by(move |_| Reply::json(&dataset(&samples)));
    let output =
        home.run(["2017-11-05", "--json"])
            .expect(0)
            .says(&["note:", "2017-11-05", "clocks"]);
    assert_eq!(output.json()["samples"], json!(4));
    assert_eq!(
        home.read("fitbit_data/hr.csv"),
        "day,time,hr\n2017-11-05,00:59:00,60\n2017-11-05,01:30:00,61\n2017-11-05,01:30:00,62\n2017-11-05,02:00:00,63\n"
    );
}

#[test]
fn what_is_no_heart_rate_is_warned_of_and_left_out_of_the_csv_alone() {
    let samples = json!([{"time": "10:00:00", "value": 60.5}, {"time": "10:01:00", "value": 0}, {"time": "10:02:00", "value": 301}, {"time": "10:03:00", "value": 300}]);
    let answer = dataset(&samples);
    let expected = answer.to_string();
    let (_server, home) = answered_by(move |_| Reply::json(&answer));
    home.run(["2017-11-05"])
        .expect(0)
        .says(&["2 readings outside 1 to 300 bpm were left out"]);
    assert_eq!(
        home.read("fitbit_data/hr.csv"),
        "day,time,hr\n2017-11-05,10:00:00,61\n2017-11-05,10:03:00,300\n"
    );
    assert_eq!(home.read("fitbit_data/hr.json"), expected);
}

#[test]
fn an_answer_of_the_wrong_kind_is_an_error_and_never_no_data() {
    let sample = |sample: Value| dataset(&json!([{"time": "10:00:00", "value": 60}, sample]));
    let mut other_day = dataset(&json!([]));
    other_day["activities-heart"][0]["dateTime"] = json!("2017-11-04");
    for answer in [
        sample(json!({"time": "10:01:00"})),
        sample(json!({"value": 60})),
        sample(json!({"time": "24:00:00", "value": 60})),
        sample(json!({"time": "10:01", "value": 60})),
        sample(json!({"time": 36_060, "value": 60})),
        sample(json!({"time": "10:01:00", "value": "60"})),
        sample(json!({"time": "10:01:00", "value": null})),
        dataset(&json!({})),
        dataset(&Value::Null),
        json!({"activities-heart-intraday": {"dataset": []}}),
        other_day,
        json!({"error": {"code": 429, "message": "Resource has been exhausted (e.g. check quota).", "status": "RESOURCE_EXHAUSTED"}}),
    ] {
        let shown = answer.to_string();
        let (_server, home) = answered_by(move |_| Reply::json(&answer));
        let output = home.run(["2017-11-05", "1sec"]);
        assert_eq!(output.code, 65, "{shown}\n{}", output.stderr);
        output.with_one_error();
        nothing_changed(&home);
    }
}

#[test]
fn a_service_that_is_down_redirects_or_shows_a_page_says_so() {
    let errors = json!({"errors": [{"errorType": "request", "fieldName": "500", "message": "An error occurred with the Fitbit Web API while processing the request."}], "success": false});
    for (reply, says) in [
        (
            Reply::error(500, &errors).with("Retry-After", "3600"),
            vec!["500", "An error occurred"],
        ),
        (Reply::html(504).with("Retry-After", "600"), vec!["504"]),
        (Reply::status(502).with("Retry-After", "600"), vec!["502"]),
        (
            Reply::status(302).with("Location", "https://example.org/"),
            vec!["redirect"],
        ),
        (Reply::status(409), vec!["409"]),
    ] {
        let (server, home) = answered_by(move |_| reply.clone());
        let stored = home.stored("fitbit");
        home.run(["2017-11-05"])
            .expect(69)
            .with_one_error()
            .says(&says);
        nothing_changed(&home);
        assert_eq!(home.stored("fitbit"), stored);
        assert_eq!(server.requests().len(), 1);
    }
}

#[test]
fn secrets_and_control_characters_in_a_refusal_are_not_shown() {
    let nasty = format!("Access token expired: {ACCESS}\u{1b}[2J\u{7}\r\n, {REFRESH}\u{202e}");
    for status in [400, 401, 403, 404, 410, 429, 500] {
        for body in [
            json!({"errors": [{"errorType": nasty, "fieldName": nasty, "message": nasty}], "success": false}),
            json!({"error": {"code": status, "message": nasty, "status": nasty}}),
            json!(nasty),
        ] {
            let (server, home) =
                answered_by(move |_| Reply::error(status, &body).with("Retry-After", "900"));
            server.any("POST", "/token", |_| {
                Reply::json(&json!({"access_token": ACCESS_2, "refresh_token": REFRESH_2, "expires_in": 28800, "token_type": "Bearer"}))
            });
            // The search for secrets is part of every run.
            let output = home.run(["2017-11-05", "-vvv"]);
            assert!(output.code >= 69, "{}", output.stderr);
            let odd = output
                .stderr
                .chars()
                .find(|c| (c.is_control() && *c != '\n') || *c == '\u{202e}');
            assert_eq!(odd, None, "{:?}", output.stderr);
            nothing_changed(&home);
        }
    }
}

#[test]
fn a_scope_that_devices_need_is_named_as_theirs() {
    let yesterday = (Utc::now() - TimeDelta::days(1))
        .format("%Y-%m-%d")
        .to_string();
    let server = Server::start();
    server.any("GET", &path(&yesterday, "1min"), |_| {
        Reply::json(&json!({"activities-heart": [], "activities-heart-intraday": {"dataset": [{"time": "01:00:00", "value": 60}]}}))
    });
    server.any("GET", "/1/user/-/devices.json", |_| {
        Reply::error(403, &json!({"errors": [{"errorType": "insufficient_scope", "message": "This application does not have permission to access settings data."}], "success": false}))
    });
    let home = Home::fitbit(&server, "timezone = \"UTC\"");
    home.logged_in("fitbit", 3600);
    home.run(["yesterday"])
        .expect(0)
        .says(&["note:", "last sync is not known", "settings"])
        .never_says("heartrate");
}

#[test]
fn the_day_in_the_address_is_a_date_by_the_wearers_clock() {
    // Fourteen hours ahead and twelve behind never have the same date.
    for (zone, hours) in [("Etc/GMT-14", 14), ("Etc/GMT+12", -12)] {
        let today = (Utc::now() + TimeDelta::hours(hours))
            .format("%Y-%m-%d")
            .to_string();
        let server = Server::start();
        server.any("GET", &path(&today, "1min"), |_| {
            Reply::json(&json!({"activities-heart": [{"dateTime": "today", "value": "0"}], "activities-heart-intraday": {"dataset": []}}))
        });
        let home = Home::fitbit(&server, "");
        home.logged_in_with(
            "fitbit",
            3600,
            &json!({"timezone": zone, "scopes": ["heartrate"]}),
        );
        let report = home
            .run(["today", "--json"])
            .expect(0)
            .says(&["not over"])
            .json();
        assert_eq!(
            (&report["day"], &report["complete"]),
            (&json!(today), &json!(false))
        );
    }
}
