//! Broken and missing answers of Google: the right exit code, a sentence, a remedy, and files left as they were.

use crate::files::below;
use crate::google_details::{home, run};
use crate::google_truth::{
    CALORIES, DEVICES, MINUTES, RECONCILE, RESTING, ROLL_UP, SETTINGS, Service, Truth, ZONES,
    series,
};
use crate::google_wire::{self as wire, status};
use crate::program::Home;
use crate::secrets::ACCESS_2;
use crate::server::Reply;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Four hundred readings of 2017-06-01, in UTC, in pages of twenty.
pub fn truth() -> Truth {
    Truth {
        page_cap: 20,
        ..Truth::of(series("2017-06-01T00:00:00Z", 210, 400, 0), "UTC")
    }
}

/// Every file below the output folder, with its content.
pub fn files(home: &Home) -> BTreeMap<String, Vec<u8>> {
    below(&home.work("fitbit_data"))
}

/// A home with both files of an earlier run.
pub fn with_files(service: &Service) -> Home {
    let home = home(service);
    home.file(
        "fitbit_data/hr.csv",
        "day,time,hr\n2017-05-31,00:00:00,60\n",
    );
    home.file("fitbit_data/hr.json", "{\"earlier\":1}\n");
    home
}

/// Runs `line` while the `nth` request to `path` gets `reply`; nothing may change and nothing be printed on stdout.
#[track_caller]
fn fails(line: &str, path: &'static str, nth: usize, reply: Reply, exit: i32, says: &[&str]) {
    let service = truth()
        .instead(move |request, n| (request.path == path && n >= nth).then(|| reply.clone()))
        .serve();
    let home = with_files(&service);
    let before = files(&home);
    let output = home.run(line.split_whitespace());
    output.expect(exit).with_one_error().says(says);
    assert_eq!(files(&home), before);
    for target in ["--stdout csv", "--json"] {
        let line = format!("{line} {target}");
        home.run(line.split_whitespace())
            .expect(exit)
            .with_one_error();
        assert_eq!(files(&home), before);
    }
}

fn json_text(text: &str) -> Reply {
    Reply::status(200)
        .with("Content-Type", "application/json")
        .body(text)
}

#[test]
fn broken_answers_leave_the_earlier_files_and_end_with_65() {
    let page = wire::status(500, "INTERNAL", "Internal error encountered.", "");
    let answers = [
        Reply::html(200),
        json_text(""),
        json_text("null"),
        json_text("[]"),
        json_text("\"dataPoints\""),
        json_text("{\"dataPoints\":[{\"heartRate\":{\"sampleTime\":{\"physicalTi"),
        json_text("{\"rollupDataPoints\":[{\"startTime\":\"2017-06-01T00:0"),
        json_text("{}}"),
        Reply::json(&page),
        Reply::json(&json!({"nextPageToken": 7})),
        Reply::json(&json!({"dataPoints": {}, "rollupDataPoints": {}})),
        Reply::json(&json!({"dataPoints": [7], "rollupDataPoints": [7]})),
        Reply::status(200)
            .with("Content-Type", "application/json")
            .body([0xff, 0xfe, 0x00]),
    ];
    for (number, answer) in answers.into_iter().enumerate() {
        // At once and after half of the pages, of samples and of means; and in a part of the summary.
        let (line, path, nth) = match number % 4 {
            0 => ("2017-06-01 1sec --no-summary", RECONCILE, 1),
            1 => ("2017-06-01 1sec --no-summary", RECONCILE, 14),
            2 => ("2017-06-01 1min --no-summary", ROLL_UP, 1),
            _ => (
                "2017-06-01 5min",
                [RESTING, ZONES, MINUTES, CALORIES][number / 4],
                1,
            ),
        };
        fails(
            line,
            path,
            nth,
            answer,
            65,
            &["could not understand the answer of Google Health"],
        );
    }
    fails(
        "2017-06-01 5min",
        SETTINGS,
        1,
        Reply::html(200),
        65,
        &["settings"],
    );
}

#[test]
fn answers_of_other_kinds_have_their_own_codes() {
    let invalid = wire::status(400, "INVALID_ARGUMENT", "Invalid argument in request.", "");
    let quota = wire::status(429, "RESOURCE_EXHAUSTED", "Quota exceeded", "");
    let cases = [
        (
            RECONCILE,
            2,
            Reply::error(400, &invalid),
            70,
            "Invalid argument",
        ),
        (ROLL_UP, 1, Reply::html(404), 69, "web page"),
        (
            ROLL_UP,
            1,
            Reply::status(302).with("Location", "http://127.0.0.1:9/"),
            69,
            "redirect",
        ),
        (
            ROLL_UP,
            1,
            Reply::error(429, &quota).with("Retry-After", "1200"),
            75,
            "in 21 min",
        ),
    ];
    for (path, nth, reply, exit, says) in cases {
        let detail = if path == RECONCILE { "1sec" } else { "1min" };
        fails(
            &format!("2017-06-01 {detail} --no-summary"),
            path,
            nth,
            reply,
            exit,
            &[says],
        );
    }
}

#[test]
fn where_nothing_is_as_documented_there_is_no_data() {
    for (line, path, list, point) in [
        (
            "1sec",
            RECONCILE,
            "dataPoints",
            json!({"heartRate": {"beatsPerMinute": "60"}}),
        ),
        (
            "15min",
            ROLL_UP,
            "rollupDataPoints",
            json!({"heartRate": {"beatsPerMinuteAvg": 60}}),
        ),
        (
            "5min",
            ROLL_UP,
            "rollupDataPoints",
            json!({"startTime": "2017-06-01T00:00:00Z", "heartRate": {"beatsPerMinuteAvg": "NaN"}}),
        ),
    ] {
        let line = format!("2017-06-01 {line} --no-summary");
        let answer = Reply::json(&json!({list: [point.clone(), point]}));
        fails(
            &line,
            path,
            1,
            answer,
            65,
            &["could not understand", "has changed"],
        );
    }
}

#[test]
fn a_page_token_that_comes_twice_is_an_error_and_not_an_endless_loop() {
    let answer =
        Reply::json(&json!({"dataPoints": [], "rollupDataPoints": [], "nextPageToken": "again"}));
    fails(
        "2017-06-01 1sec --no-summary",
        RECONCILE,
        1,
        answer.clone(),
        65,
        &["token"],
    );
    fails(
        "2017-06-01 1min --no-summary",
        ROLL_UP,
        1,
        answer.clone(),
        65,
        &["token"],
    );
    fails("2017-06-01 1min", ZONES, 1, answer, 65, &["token"]);
    // Two tokens by turns are no better.
    let service = truth()
        .instead(|request, n| {
            let token = ["a", "b"][n % 2];
            (request.path == ROLL_UP).then(|| Reply::json(&json!({"nextPageToken": token})))
        })
        .serve();
    home(&service)
        .run(["2017-06-01", "1min", "--no-summary"])
        .expect(65)
        .with_one_error();
}

#[test]
fn a_service_that_is_down_or_wants_a_rest_says_when_to_come_back() {
    let later = |status: u16| {
        Reply::error(
            status,
            &wire::status(status, "UNAVAILABLE", "Try later.", ""),
        )
        .with("Retry-After", "3600")
    };
    for status in [500, 502, 503, 504] {
        fails(
            "2017-06-01 1sec --no-summary",
            RECONCILE,
            14,
            later(status),
            69,
            &[&status.to_string(), "again"],
        );
    }
    fails(
        "2017-06-01 1min",
        CALORIES,
        1,
        Reply::html(503).with("Retry-After", "120"),
        69,
        &["503", "again"],
    );
    let quota: Value = serde_json::from_str(r#"{"error":{"code":429,"message":"Quota exceeded for quota metric 'Queries' and limit 'Queries per minute' of service 'health.googleapis.com' for consumer 'project_number:123456789'.","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"RATE_LIMIT_EXCEEDED","domain":"googleapis.com"},{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"subject":"project:123456789","description":"Quota exceeded"}]}]}}"#).expect("json");
    let limited = Reply::error(429, &quota).with("Retry-After", "1200");
    fails(
        "2017-06-01 1sec --no-summary",
        RECONCILE,
        9,
        limited.clone(),
        75,
        &["429", "in 21 min", "UTC"],
    );
    fails(
        "2017-06-01 1min --no-summary",
        ROLL_UP,
        1,
        limited,
        75,
        &["429", "in 21 min"],
    );
    // The same by another status.
    let limited = Reply::error(403, &quota).with("Retry-After", "1200");
    fails(
        "2017-06-01 1min --no-summary",
        ROLL_UP,
        1,
        limited,
        75,
        &["in 21 min"],
    );
    fails(
        "2017-06-01 1min --no-summary",
        ROLL_UP,
        1,
        Reply::status(302).with("Location", "https://example.org/"),
        69,
        &["redirect"],
    );
    fails(
        "2017-06-01 1min --no-summary",
        ROLL_UP,
        1,
        Reply::html(404),
        69,
        &["404", "web page"],
    );
}

#[test]
fn an_answer_that_breaks_off_is_asked_for_again_and_never_taken_for_data() {
    let service = truth()
        .instead(|request, n| {
            let cut = json_text("{\"dataPoints\":[],\"nextPageToken\":\"\"}").cut_after(30);
            let broken_gzip = json_text("no gzip").with("Content-Encoding", "gzip");
            match (request.path == RECONCILE, n) {
                (true, 3 | 8) => Some(cut),
                (true, 4) => Some(Reply::lost()),
                (true, 5) => Some(broken_gzip),
                _ => None,
            }
        })
        .serve();
    let home = home(&service);
    let report = run(&home, "2017-06-01 1sec --no-summary --json").json();
    assert_eq!(report["samples"], json!(400));
    assert_eq!(report["requests"], json!(service.api_requests().len()));
}

#[test]
fn what_is_not_known_of_the_devices_costs_a_note() {
    for reply in [
        Reply::html(200),
        Reply::error(500, &status(500, "INTERNAL", "Internal error.", ""))
            .with("Retry-After", "900"),
        Reply::error(
            403,
            &status(
                403,
                "PERMISSION_DENIED",
                "The caller does not have permission",
                "",
            ),
        ),
        Reply::json(&json!({"pairedDevices": [{"lastSyncTime": 5}]})),
        Reply::json(&json!({"pairedDevices": [], "nextPageToken": "again"})),
    ] {
        let service = truth()
            .instead(move |request, _| (request.path == DEVICES).then(|| reply.clone()))
            .serve();
        let home = home(&service);
        let output = run(&home, "2017-06-01 1sec --no-summary --json")
            .says(&["note:", "the last sync is not known"]);
        assert_eq!(output.json()["samples"], json!(400));
    }
}

#[test]
fn an_expired_token_is_renewed_once_for_all_slices_and_the_same_pages_are_asked_again() {
    let service = truth().serve();
    service.truth().bearer = ACCESS_2;
    service.server.once("POST", "/token", |_| {
        Reply::json(&json!({"access_token": ACCESS_2, "expires_in": 3599, "token_type": "Bearer"}))
    });
    let home = home(&service);
    let report = run(&home, "2017-06-01 1sec --json").json();
    assert_eq!(report["samples"], json!(400));
    assert_eq!(home.stored("google")["access_token"], json!(ACCESS_2));
}
