//! The wire: what every request carries, what is repeated, how long, and what is not.

use crate::answers::{
    CSV, FITBIT_MINUTES, MINUTES, ONE_DAY, fitbit_home, fitbit_minutes, home, minutes,
};
use crate::program::free_port;
use crate::server::{Reply, Server};
use chrono::{TimeDelta, Utc};
use serde_json::json;
use std::time::Duration;

fn later(status: u16) -> Reply {
    Reply::status(status).with("Retry-After", "3600")
}

/// A date as HTTP writes it.
fn http_date(seconds: i64) -> String {
    let at = Utc::now() + TimeDelta::seconds(seconds);
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[test]
fn every_request_names_the_program_and_takes_gzip() {
    let server = Server::start();
    server.once("POST", MINUTES, |_| minutes().gzip());
    let home = home(&server, 3000);
    home.run(ONE_DAY).expect(0);
    assert_eq!(home.read("fitbit_data/hr.csv"), CSV);
    for request in server.requests() {
        assert!(
            request
                .header("user-agent")
                .is_some_and(|agent| agent.starts_with("fitbit-hr/")),
            "{request:?}"
        );
        assert!(
            request
                .header("accept-encoding")
                .is_some_and(|list| list.contains("gzip")),
            "{request:?}"
        );
        assert_eq!(
            request.header("accept-language"),
            None,
            "it changes Fitbit's units"
        );
    }
}

#[test]
fn fitbits_answer_is_kept_byte_for_byte_whether_it_was_compressed_or_not() {
    let body = "{ \"activities-heart\":[{\"dateTime\":\"2017-06-01\",\"value\":{}}],\n \"activities-heart-intraday\":{\"dataset\":[] } }\n";
    for zipped in [false, true] {
        let server = Server::start();
        server.once("GET", FITBIT_MINUTES, move |_| {
            let reply = Reply::status(200)
                .with("Content-Type", "application/json")
                .body(body);
            if zipped { reply.gzip() } else { reply }
        });
        let home = fitbit_home(&server, 3000);
        home.run(ONE_DAY).expect(0);
        assert_eq!(home.read("fitbit_data/hr.json"), body);
    }
}

#[test]
fn what_may_pass_is_asked_again_and_counted() {
    for fault in [
        Reply::status(429),
        Reply::status(500),
        Reply::html(502),
        Reply::status(503),
        Reply::html(504),
        Reply::lost(),
        minutes().cut_after(10),
    ] {
        let server = Server::start();
        let what = format!("{fault:?}");
        server.times(2, "POST", MINUTES, move |_| fault.clone());
        server.once("POST", MINUTES, |_| minutes());
        let home = home(&server, 3000);
        let output = home.run([&ONE_DAY[..], &["--json"]].concat());
        assert_eq!(output.code, 0, "{what}: {}", output.stderr);
        assert_eq!(output.json()["requests"], 3, "{what}");
        let at: Vec<_> = server.requests().iter().map(|request| request.at).collect();
        // Half of 250 ms and half of 500 ms at least, whatever the jitter.
        assert!(
            at[1] - at[0] >= Duration::from_millis(120)
                && at[2] - at[1] >= Duration::from_millis(240),
            "{what}: {at:?}"
        );
        assert_eq!(server.requests()[0].body, server.requests()[2].body);
    }
}

#[test]
fn what_the_service_asks_for_is_the_least_that_is_waited() {
    let long_past = "Sun, 06 Nov 1994 08:49:37 GMT";
    let cases = [
        ("Retry-After", "2", 2000),
        ("retry-after", "2", 2000),
        ("Retry-After", "in three seconds, as a date", 1000),
        ("Retry-After", long_past, 0),
        ("Retry-After", "soon", 0),
        ("Retry-After", "-5", 0),
        ("Retry-After", "99999999999999999999", 0),
        ("fitbit-rate-limit-reset", "2", 2000),
        ("Fitbit-Rate-Limit-Reset", "2", 2000),
    ];
    std::thread::scope(|scope| {
        for (name, value, least_ms) in cases {
            scope.spawn(move || assert_waits(name, value, Duration::from_millis(least_ms)));
        }
    });
}

fn assert_waits(name: &'static str, value: &'static str, least: Duration) {
    let server = Server::start();
    server.once("GET", FITBIT_MINUTES, move |_| {
        let reply = Reply::status(429);
        if value.ends_with("as a date") {
            reply.with(name, &http_date(3))
        } else {
            reply.with(name, value)
        }
    });
    server.once("GET", FITBIT_MINUTES, |_| fitbit_minutes());
    let home = fitbit_home(&server, 3000);
    home.run(ONE_DAY).expect(0);
    let at: Vec<_> = server.requests().iter().map(|request| request.at).collect();
    let waited = at[1] - at[0];
    assert!(
        waited >= least && waited < Duration::from_secs(10),
        "{name}: {value}: {waited:?}"
    );
}

#[test]
fn a_wait_of_more_than_a_minute_is_left_to_the_person_who_is_told_the_time() {
    let date = http_date(600);
    for (status, value, code) in [
        (429, "3600", 75),
        (503, "3600", 69),
        (429, date.as_str(), 75),
        (500, "61", 69),
    ] {
        let server = Server::start();
        let text = value.to_owned();
        server.once("POST", MINUTES, move |_| {
            Reply::status(status).with("Retry-After", &text)
        });
        let home = home(&server, 3000);
        let output = home.run(ONE_DAY).expect(code).with_one_error();
        let wait = value.parse::<i64>().unwrap_or(600);
        let hour = |slack| {
            (Utc::now() + TimeDelta::seconds(wait + slack))
                .format("%H:%M")
                .to_string()
        };
        assert!(
            (-5_i64..=5).any(|slack| output.stderr.contains(&hour(slack))),
            "{status} {value}: {}",
            output.stderr
        );
        assert!(output.took < Duration::from_mins(1));
    }
}

#[test]
fn a_rest_that_fitbit_asks_for_is_told_in_minutes() {
    let server = Server::start();
    server.once("GET", FITBIT_MINUTES, |_| {
        Reply::status(429).with("fitbit-rate-limit-reset", "1200")
    });
    let home = fitbit_home(&server, 3000);
    home.run(ONE_DAY)
        .expect(75)
        .says(&["429", "in 21 min"])
        .with_one_error();
}

#[test]
fn other_refusals_are_asked_once() {
    let google = |code: u16, message: &str, reason: &str| {
        Reply::error(
            code,
            &json!({"error": {"code": code, "message": message, "status": "X",
            "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "googleapis.com"}]}}),
        )
    };
    for (reply, code) in [
        (
            google(
                400,
                "Invalid argument in request.",
                "INVALID_DATA_POINT_FILTER",
            ),
            70,
        ),
        (google(400, "x", "ACCOUNT_NOT_LINKED"), 77),
        (google(403, "x", "SERVICE_DISABLED"), 78),
        (google(403, "The caller does not have permission", ""), 77),
        (google(412, "Precondition check failed.", ""), 77),
        (Reply::html(404), 69),
        (Reply::status(405), 69),
        (
            Reply::status(302).with("Location", "https://hotel.example/"),
            69,
        ),
        (Reply::status(301).with("Location", "/v4/elsewhere"), 69),
        (Reply::html(200), 65),
        (Reply::status(200), 65),
        (Reply::status(200).body("{\"rollupDataPoints\": ["), 65),
        (
            Reply::json(&json!({"error": {"code": 500, "message": "x"}})),
            65,
        ),
        (Reply::json(&json!([1, 2])), 65),
    ] {
        let server = Server::start();
        let what = format!("{reply:?}");
        server.once("POST", MINUTES, move |_| reply.clone());
        let home = home(&server, 3000);
        home.file("fitbit_data/hr.csv", "the earlier one");
        let output = home.run(ONE_DAY);
        assert_eq!(output.code, code, "{what}: {}", output.stderr);
        output.with_one_error();
        assert_eq!(home.read("fitbit_data/hr.csv"), "the earlier one", "{what}");
    }
}

#[test]
fn gone_is_final_for_the_legacy_service() {
    for reply in [Reply::status(410), Reply::html(410)] {
        let server = Server::start();
        server.once("GET", FITBIT_MINUTES, move |_| reply.clone());
        let home = fitbit_home(&server, 3000);
        home.run(ONE_DAY)
            .expect(69)
            .says(&["2026-11-02", "Google", "Takeout"])
            .with_one_error();
    }
}

#[test]
fn nobody_at_home_is_tried_some_times_and_then_said() {
    let port = free_port();
    let home = home(&Server::start(), 3000);
    home.keys(&home.read("keys.toml").replace(
        "api = \"http://127.0.0.1:",
        &format!("api = \"http://127.0.0.1:{port}/x"),
    ));
    home.moved("google");
    let output = home
        .run(ONE_DAY)
        .expect(69)
        .says(&[&format!("127.0.0.1:{port}")])
        .with_one_error();
    assert!(
        output.took > Duration::from_millis(500) && output.took < Duration::from_mins(1),
        "{:?}",
        output.took
    );
}

#[test]
fn a_proxy_of_the_environment_does_not_catch_loopback() {
    let server = Server::start();
    server.times(3, "POST", MINUTES, |_| minutes());
    let dead = format!("http://127.0.0.1:{}", free_port());
    for names in [
        ["HTTP_PROXY", "HTTPS_PROXY"],
        ["http_proxy", "https_proxy"],
        ["ALL_PROXY", "all_proxy"],
    ] {
        let home = names
            .into_iter()
            .fold(home(&server, 3000), |home, name| home.with(name, &dead));
        home.run(ONE_DAY).expect(0);
    }
}

#[test]
fn verbose_tells_the_requests_and_no_secret() {
    let server = Server::start();
    server.once(
        "POST",
        "/token",
        |_| Reply::json(&crate::answers::renewed()),
    );
    server.once("POST", MINUTES, |_| later(429).with("X", "y"));
    let home = home(&server, -5);
    home.run([&ONE_DAY[..], &["-vvv"]].concat())
        .expect(75)
        .says(&["/token", MINUTES, "429"]);
}

#[test]
fn endpoints_may_have_a_path_before_the_services_own() {
    let server = Server::start();
    server.once("POST", &format!("/proxy/google{MINUTES}"), |_| minutes());
    let home = home(&server, 3000);
    let keys = home.read("keys.toml");
    let (before, _) = keys.split_once("[endpoints]").expect("endpoints");
    home.keys(&format!(
        "{before}[endpoints]\napi = \"{}/\"\n",
        server.url("/proxy/google")
    ));
    home.moved("google");
    home.run(ONE_DAY).expect(0);
}
