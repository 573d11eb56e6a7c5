//! A day from the legacy Fitbit Web API: both shapes, three kinds of emptiness, its errors, its quota, and its end.

use crate::program::{Home, free_port};
use crate::secrets::{ACCESS, ACCESS_2, APP_SECRET, REFRESH, REFRESH_2};
use crate::server::{Reply, Server};
use chrono::{TimeDelta, Utc};
use serde_json::json;

const DAY: &str = "/1/user/-/activities/heart/date/2017-06-29/1d/1min.json";
const OBJECT: &str = "{\"activities-heart\": [{\"dateTime\":\"2017-06-29\",\"value\":{\"customHeartRateZones\":[],\"heartRateZones\":[{\"caloriesOut\":1693.83222,\"max\":95,\"min\":30,\"minutes\":1122,\"name\":\"Out of Range\"}],\"restingHeartRate\":59}}],\n\"activities-heart-intraday\":{\"dataset\":[{\"time\":\"00:00:00\",\"value\":58},{\"time\":\"00:01:00\",\"value\":58}],\"datasetInterval\":1,\"datasetType\":\"minute\"}}";
const FLAT: &str = "{\"activities-heart\":[{\"customHeartRateZones\":[],\"dateTime\":\"today\",\"heartRateZones\":[{\"max\":119,\"min\":30,\"name\":\"Out of Range\"}],\"value\":\"63.5\"}],\"activities-heart-intraday\":{\"dataset\":[{\"time\":\"22:59:00\",\"value\":62}],\"datasetInterval\":1,\"datasetType\":\"minute\"}}";
const EMPTY: &str = "{\"activities-heart\":[{\"dateTime\":\"2017-06-29\",\"value\":{\"customHeartRateZones\":[],\"heartRateZones\":[{\"max\":99,\"min\":30,\"name\":\"Out of Range\"}]}}],\"activities-heart-intraday\":{\"dataset\":[],\"datasetInterval\":1,\"datasetType\":\"minute\"}}";
const NOT_PERSONAL: &str = "{\"activities-heart\":[{\"dateTime\":\"2017-06-29\",\"value\":{\"customHeartRateZones\":[],\"heartRateZones\":[]}}]}";

/// A machine with a login, earlier files, and a service that answers the day so.
fn answered_by(reply: impl Fn() -> Reply + Send + 'static) -> (Server, Home) {
    let server = Server::start();
    server.any("GET", DAY, move |_| reply());
    let home = home(&server);
    (server, home)
}

fn home(server: &Server) -> Home {
    let home = Home::fitbit(server, "");
    home.logged_in("fitbit", 3000);
    home.file("fitbit_data/hr.json", "old json");
    home.file("fitbit_data/hr.csv", "old csv");
    home
}

fn files_are_as_before(home: &Home) {
    assert_eq!(home.read("fitbit_data/hr.json"), "old json");
    assert_eq!(home.read("fitbit_data/hr.csv"), "old csv");
}

fn body(text: &'static str) -> impl Fn() -> Reply {
    move || {
        Reply::status(200)
            .body(text)
            .with("Content-Type", "application/json")
    }
}

#[test]
fn the_answer_is_kept_byte_for_byte() {
    for (answer, csv) in [
        (
            OBJECT,
            "day,time,hr\n2017-06-29,00:00:00,58\n2017-06-29,00:01:00,58\n",
        ),
        // The service may say "today"; the date in the CSV is the one that was asked for.
        (FLAT, "day,time,hr\n2017-06-29,22:59:00,62\n"),
        (EMPTY, "day,time,hr\n"),
    ] {
        let (server, home) = answered_by(body(answer));
        home.run(["2017-06-29", "1min"]).expect(0);
        assert_eq!(home.read("fitbit_data/hr.json"), answer);
        assert_eq!(home.read("fitbit_data/hr.csv"), csv);
        let request = &server.requests_to(DAY)[0];
        assert!(
            request
                .header("authorization")
                .is_some_and(|value| value == format!("Bearer {ACCESS}"))
        );
        assert_eq!(request.header("accept-language"), None);
        assert_eq!(server.requests().len(), 1, "one request a day");
    }
}

#[test]
fn three_kinds_of_emptiness_are_told_apart() {
    let (_server, home) = answered_by(body(EMPTY));
    home.run(["2017-06-29"])
        .expect(0)
        .says(&["no heart rate for 2017-06-29"]);
    let (_server, home) = answered_by(body(NOT_PERSONAL));
    home.run(["2017-06-29"])
        .expect(77)
        .with_one_error()
        .says(&["Personal", "https://dev.fitbit.com/apps"]);
    files_are_as_before(&home);
    for text in [
        "",
        "<!DOCTYPE html>",
        "{}",
        "{\"errors\":[{\"errorType\":\"system\",\"message\":\"Too Many Requests\"}],\"success\":false}",
    ] {
        let (_server, home) = answered_by(body(text));
        home.run(["2017-06-29"]).expect(65).with_one_error();
        files_are_as_before(&home);
    }
}

#[test]
fn the_fields_that_this_service_does_not_say_are_empty() {
    let (_server, home) = answered_by(body(OBJECT));
    home.run(["2017-06-29", "--fields", "utc,offset,time,hr,source"])
        .expect(0);
    assert_eq!(
        home.read("fitbit_data/hr.csv"),
        "utc,offset,time,hr,source\n,,00:00:00,58,fitbit\n,,00:01:00,58,fitbit\n"
    );
}

#[test]
fn rows_ascend_but_on_a_day_with_a_change_of_clocks_the_servers_order_stands() {
    let mixed = "{\"activities-heart\":[],\"activities-heart-intraday\":{\"dataset\":[{\"time\":\"01:59:00\",\"value\":60},{\"time\":\"01:00:00\",\"value\":61}]}}";
    for (date, first, note) in [
        ("2017-11-04", "01:00:00,61", false),
        ("2017-11-05", "01:59:00,60", true),
    ] {
        let server = Server::start();
        server.any(
            "GET",
            &format!("/1/user/-/activities/heart/date/{date}/1d/1min.json"),
            move |_| Reply::status(200).body(mixed),
        );
        let home = Home::fitbit(&server, "timezone = \"America/New_York\"");
        home.logged_in("fitbit", 3000);
        let run = home.run([date]).expect(0);
        assert_eq!(run.stderr.contains("clocks were changed"), note);
        assert!(
            home.read("fitbit_data/hr.csv")
                .starts_with(&format!("day,time,hr\n{date},{first}\n")),
            "{date}"
        );
    }
}

#[test]
fn both_error_bodies_html_and_nothing_are_explained() {
    let nested = |code: u16, status: &str, message: &str| json!({"error": {"code": code, "message": message, "status": status}});
    let listed = |kind: &str, message: &str| json!({"errors": [{"errorType": kind, "message": message}], "success": false});
    for (status, answer, code, part) in [
        (
            403,
            nested(
                403,
                "PERMISSION_DENIED",
                "The caller does not have permission",
            ),
            77,
            "The caller does not have permission",
        ),
        (
            403,
            listed(
                "insufficient_scope",
                "This application does not have permission to access heartrate data.",
            ),
            77,
            "heartrate",
        ),
        (
            403,
            listed(
                "x",
                "API client is not authorized by Fitbit to access the resource requested.",
            ),
            77,
            "Personal",
        ),
        (
            400,
            listed("request", "Invalid time series resource path: /heart"),
            70,
            "resource path",
        ),
    ] {
        let (server, home) = answered_by(move || Reply::error(status, &answer));
        let token = std::fs::read(home.token_path("fitbit")).expect("a login");
        home.run(["2017-06-29"])
            .expect(code)
            .with_one_error()
            .says(&[part]);
        files_are_as_before(&home);
        assert_eq!(
            server.requests_to(DAY).len(),
            1,
            "no other 4xx is asked again"
        );
        assert_eq!(
            std::fs::read(home.token_path("fitbit")).expect("a login"),
            token
        );
    }
}

#[test]
fn the_quota_is_obeyed_in_any_letter_case_and_kept_for_status() {
    for (headers, part) in [
        (vec![("Fitbit-rate-limit-reset", "1201")], "in 21 min"),
        (
            vec![("FITBIT-RATE-LIMIT-RESET", "60"), ("Retry-After", "1800")],
            "in 31 min",
        ),
        (
            vec![("fitbit-rate-limit-reset", "1201"), ("Retry-After", "soon")],
            "in 21 min",
        ),
    ] {
        let (server, home) = answered_by(move || {
            let reply = Reply::error(
                429,
                &json!({"error": {"code": 429, "message": "Resource has been exhausted (e.g. check quota).", "status": "RESOURCE_EXHAUSTED"}}),
            );
            headers
                .iter()
                .fold(reply, |reply, (name, value)| reply.with(name, value))
        });
        home.run(["2017-06-29"])
            .expect(75)
            .with_one_error()
            .says(&["429", part, "UTC"]);
        assert_eq!(server.requests_to(DAY).len(), 1);
        files_are_as_before(&home);
    }
    let (_server, home) = answered_by(|| {
        body(OBJECT)()
            .with("Fitbit-Rate-Limit-Limit", "150")
            .with("fitbit-rate-limit-remaining", "121")
            .with("Fitbit-rate-limit-reset", "1201")
    });
    home.run(["2017-06-29"]).expect(0);
    home.run(["status"])
        .expect(0)
        .says(&["121 of 150 requests left"]);
    let quota = &home.run(["status", "--json"]).expect(0).json()["quota"];
    assert_eq!(
        (&quota["limit"], &quota["remaining"]),
        (&json!(150), &json!(121))
    );
}

#[test]
fn a_service_that_is_gone_gets_one_clear_paragraph() {
    for reply in [
        || Reply::status(410),
        || Reply::html(410),
        || Reply::html(404),
    ] {
        let (server, home) = answered_by(reply);
        home.run(["2017-06-29"]).expect(69).with_one_error().says(&[
            "switched off on 2026-11-02",
            "log in with Google",
            "Takeout",
        ]);
        files_are_as_before(&home);
        assert_eq!(server.requests().len(), 1, "final: no retry, no renewal");
    }
    let home = Home::new();
    home.keys(&format!(
        "client_id = \"23ABCD\"\nendpoints.api = \"http://127.0.0.1:{}\"",
        free_port()
    ));
    home.logged_in_with("fitbit", 3000, &json!({"client_id": "23ABCD"}));
    home.run(["2017-06-29"]).expect(69).with_one_error().says(&[
        "switched off on 2026-11-02",
        "log in with Google",
        "Takeout",
    ]);
}

#[test]
fn an_expired_token_is_renewed_once_with_the_secret_in_a_basic_header() {
    let server = Server::start();
    let expired = json!({"errors": [{"errorType": "expired_token", "message": format!("Access token expired: {ACCESS}")}], "success": false});
    server.any("GET", DAY, move |request| {
        if request
            .header("authorization")
            .is_some_and(|value| value.ends_with(ACCESS_2))
        {
            body(OBJECT)()
        } else {
            Reply::error(401, &expired)
        }
    });
    server.once("POST", "/token", |request| {
        assert!(request.header("authorization").is_some_and(|value| value.starts_with("Basic ")));
        assert_eq!(request.field("refresh_token").as_deref(), Some(REFRESH));
        Reply::json(&json!({"access_token": ACCESS_2, "refresh_token": REFRESH_2, "expires_in": 28800, "token_type": "Bearer", "user_id": "26FWFL", "scope": "heartrate"}))
    });
    let home = Home::fitbit(&server, &format!("client_secret = \"{APP_SECRET}\""));
    home.logged_in("fitbit", 3000);
    home.run(["2017-06-29"]).expect(0);
    assert_eq!(home.stored("fitbit")["refresh_token"], REFRESH_2);
    // Refused again: no loop.
    let (server, home) = answered_by(|| {
        Reply::error(
            401,
            &json!({"errors": [{"errorType": "invalid_token", "message": "Access token invalid"}]}),
        )
    });
    server.once("POST", "/token", |_| Reply::json(&json!({"access_token": ACCESS_2, "refresh_token": REFRESH_2, "expires_in": 28800, "token_type": "Bearer"})));
    home.run(["2017-06-29"]).expect(77);
    assert_eq!(server.requests_to(DAY).len(), 2);
}

#[test]
fn a_fault_that_passes_is_waited_for() {
    let server = Server::start();
    server.once("GET", DAY, |_| Reply::html(504));
    server.once("GET", DAY, |_| {
        Reply::error(
            500,
            &json!({"errors": [{"errorType": "request", "message": "An error occurred"}]}),
        )
    });
    server.once("GET", DAY, |_| body(OBJECT)());
    let home = home(&server);
    let run = home.run(["2017-06-29", "--json"]).expect(0);
    assert_eq!(run.json()["requests"], json!(3));
}

#[test]
fn a_recent_day_asks_when_the_tracker_synced_if_it_may() {
    let yesterday = (Utc::now() - TimeDelta::days(1)).date_naive();
    let path = format!("/1/user/-/activities/heart/date/{yesterday}/1d/1min.json");
    let empty = "{\"activities-heart\":[],\"activities-heart-intraday\":{\"dataset\":[]}}";
    for (scopes, devices, asked, part) in [
        (
            json!(["heartrate", "settings"]),
            Reply::json(
                &json!([{"type": "TRACKER", "lastSyncTime": format!("{yesterday}T07:12:00.000")}]),
            ),
            1,
            "last sync 07:12",
        ),
        (
            json!(["heartrate", "settings"]),
            Reply::html(403),
            1,
            "last sync is not known",
        ),
        (json!(["heartrate"]), Reply::status(500), 0, "no heart rate"),
    ] {
        let server = Server::start();
        server.any("GET", &path, move |_| Reply::status(200).body(empty));
        let devices = std::sync::Mutex::new(Some(devices));
        server.any("GET", "/1/user/-/devices.json", move |_| {
            devices.lock().expect("no panic").take().expect("one call")
        });
        let home = Home::fitbit(&server, "timezone = \"UTC\"");
        home.logged_in_with("fitbit", 3000, &json!({"scopes": scopes}));
        let run = home.run(["yesterday", "--json"]).expect(0).says(&[part]);
        assert_eq!(run.json()["complete"], json!(false));
        assert_eq!(server.requests_to("/1/user/-/devices.json").len(), asked);
    }
}
