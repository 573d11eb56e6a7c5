//! What Google Health refuses, breaks or garbles: the exit code, the sentence, the remedy, and files that stay as they were.

use crate::google_service::{Account, DEVICES, POINTS, ROLL_UP, SETTINGS, readings, refusal};
use crate::program::Home;
use crate::secrets::{ACCESS, ACCESS_2};
use crate::server::{Reply, Server};
use serde_json::{Value, json};

fn home(server: &Server) -> Home {
    let home = Home::google(server, "");
    home.logged_in_with("google", 3000, &json!({"timezone": "America/New_York"}));
    home.file("fitbit_data/hr.json", "old json");
    home.file("fitbit_data/hr.csv", "old csv");
    home
}

fn files_are_as_before(home: &Home) {
    assert_eq!(home.read("fitbit_data/hr.json"), "old json");
    assert_eq!(home.read("fitbit_data/hr.csv"), "old csv");
    let names = std::fs::read_dir(home.work("fitbit_data"))
        .expect("a folder")
        .count();
    assert_eq!(names, 2, "something was left beside the files");
}

/// An account whose samples are answered by this.
fn answered_by(path: &str, reply: impl Fn() -> Reply + Send + 'static) -> (Server, Home) {
    let server = Server::start();
    server.any(
        if path == ROLL_UP { "POST" } else { "GET" },
        path,
        move |_| reply(),
    );
    Account::default().serve(&server);
    let home = home(&server);
    (server, home)
}

#[test]
fn a_garbled_answer_is_an_error_and_never_no_data() {
    let page = |text: &'static str| {
        move || {
            Reply::status(200)
                .body(text)
                .with("Content-Type", "application/json")
        }
    };
    for text in [
        "",
        "[]",
        "null",
        "{\"dataPoints\":[{\"heartRate\":{\"sampleTime\":{\"physicalTime\":\"2026-11-12T05:0",
        "{\"dataPoints\":{}}",
        "{\"dataPoints\":[{\"heartRate\":{\"sampleTime\":{\"physicalTime\":\"2026-11-12T06:00:00Z\"},\"beatsPerMinute\":true}}]}",
        "{\"error\":{\"code\":500,\"message\":\"Internal error\",\"status\":\"INTERNAL\"}}",
        "<!DOCTYPE html><html><body>Sign in to the hotel network</body></html>",
    ] {
        let (_server, home) = answered_by(POINTS, page(text));
        home.run(["2026-11-12", "1sec", "--no-summary"])
            .expect(65)
            .with_one_error();
        files_are_as_before(&home);
    }
    for text in [
        "[]",
        "{\"error\":{}}",
        "{\"rollupDataPoints\":[{\"heartRate\":{\"beatsPerMinuteAvg\":60}}]}",
    ] {
        let (_server, home) = answered_by(ROLL_UP, page(text));
        home.run(["2026-11-12", "1min", "--no-summary"])
            .expect(65)
            .with_one_error();
        files_are_as_before(&home);
    }
}

#[test]
fn a_page_token_that_comes_twice_is_an_error() {
    let (_server, home) = answered_by(POINTS, || {
        Reply::json(&json!({"dataPoints": [], "nextPageToken": "again"}))
    });
    home.run(["2026-11-12", "1sec", "--no-summary"])
        .expect(65)
        .says(&["token"]);
    files_are_as_before(&home);
}

#[test]
fn a_later_page_that_fails_fails_the_day() {
    let server = Server::start();
    let next = json!({"dataPoints": [{"heartRate": {"sampleTime": {"physicalTime": "2026-11-12T06:00:00Z", "utcOffset": "-18000s"}, "beatsPerMinute": "60"}}], "nextPageToken": "next"});
    server.any("GET", POINTS, move |request| {
        match request.query("pageToken") {
            None => Reply::json(&next),
            Some(_) => refusal(
                400,
                "Invalid argument in request.",
                "INVALID_ARGUMENT",
                &json!({}),
            ),
        }
    });
    Account::default().serve(&server);
    let home = home(&server);
    home.run(["2026-11-12", "1sec", "--no-summary"]).expect(70);
    files_are_as_before(&home);
}

#[test]
fn an_answer_that_breaks_off_is_asked_for_again() {
    let server = Server::start();
    let body = json!({"rollupDataPoints": [{"startTime": "2026-11-12T05:00:00Z", "heartRate": {"beatsPerMinuteAvg": 60}}]});
    let again = body.clone();
    server.once("POST", ROLL_UP, move |_| Reply::json(&body).cut_after(20));
    server.once("POST", ROLL_UP, move |_| Reply::json(&again));
    Account::default().serve(&server);
    let home = home(&server);
    home.run(["2026-11-12", "1min", "--no-summary"]).expect(0);
    assert_eq!(
        home.read("fitbit_data/hr.csv"),
        "day,time,hr\n2026-11-12,00:00:00,60\n"
    );
}

#[test]
fn every_documented_refusal_has_its_code_its_sentence_and_its_remedy() {
    let link = json!({"links": [{"url": "https://console.developers.google.com/apis/api/health.googleapis.com/overview?project=1"}]});
    let signup = json!({"metadata": {"redirect_uri": "https://fitbit.google.com/auth/signup"}});
    let none = json!({});
    for (status, message, reason, more, code, parts) in [
        (
            400,
            "The account is not linked to Google Health.",
            "ACCOUNT_NOT_LINKED",
            &signup,
            77,
            [
                "ACCOUNT_NOT_LINKED",
                "https://fitbit.google.com/auth/signup",
            ],
        ),
        (
            412,
            "Precondition check failed.",
            "",
            &none,
            77,
            ["no Google Health profile", "open the Google Health app"],
        ),
        (
            403,
            "x",
            "SERVICE_DISABLED",
            &link,
            78,
            ["not enabled", "https://console."],
        ),
        (
            403,
            "x",
            "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
            &none,
            77,
            [
                "lacks the scope health_metrics_and_measurements.readonly",
                "tick every box",
            ],
        ),
        (
            403,
            "x",
            "RESOURCE_PERMISSION_DENIED",
            &none,
            77,
            ["consent", "https://myaccount.google.com/connections"],
        ),
        (
            403,
            "x",
            "USER_PROJECT_DENIED",
            &none,
            77,
            ["not onboarding", "https://developers.google.com/health"],
        ),
        (
            403,
            "User is not authorized to access health data.",
            "",
            &none,
            77,
            ["not onboarding", "takeout"],
        ),
        (
            403,
            "The caller does not have permission",
            "",
            &none,
            77,
            ["never moved to Google", "Google Health app"],
        ),
        (404, "", "", &none, 69, ["404", "again"]),
    ] {
        let (message, reason, more) = (message.to_owned(), reason.to_owned(), more.clone());
        let server = Server::start();
        server.any("POST", "/token", |_| {
            Reply::json(
                &json!({"access_token": ACCESS_2, "expires_in": 3599, "token_type": "Bearer"}),
            )
        });
        server.any("POST", ROLL_UP, move |_| {
            refusal(status, &message, &reason, &more)
        });
        Account::default().serve(&server);
        let home = home(&server);
        home.run(["2026-11-12", "1min", "--no-summary"])
            .expect(code)
            .with_one_error()
            .says(&parts);
        files_are_as_before(&home);
        let calls = server.requests_to(ROLL_UP).len();
        assert!(
            calls == 1 || (status == 403 && calls == 2),
            "no other 4xx is asked again: {calls}"
        );
    }
}

#[test]
fn html_instead_of_json_is_no_data() {
    let (_server, home) = answered_by(ROLL_UP, || Reply::html(404));
    home.run(["2026-11-12", "1min", "--no-summary"])
        .expect(69)
        .says(&["web page"]);
    files_are_as_before(&home);
}

#[test]
fn a_redirect_of_the_api_is_not_followed() {
    let (_server, home) = answered_by(ROLL_UP, || {
        Reply::status(302).with("Location", "http://127.0.0.1:9/")
    });
    home.run(["2026-11-12", "1min", "--no-summary"])
        .expect(69)
        .says(&["redirect"]);
    files_are_as_before(&home);
}

#[test]
fn a_secret_or_an_escape_sequence_in_a_message_is_not_printed() {
    let (_server, home) = answered_by(ROLL_UP, || {
        refusal(
            403,
            &format!("token {ACCESS} is \u{1b}[31mbad\u{7}"),
            "",
            &json!({}),
        )
    });
    let run = home
        .run(["2026-11-12", "1min", "--no-summary", "-vvv"])
        .expect(77);
    assert!(!run.stderr.contains('\u{1b}') && !run.stderr.contains('\u{7}'));
}

#[test]
fn an_expired_token_is_renewed_once_and_the_request_repeated() {
    let server = Server::start();
    server.once("POST", "/token", |_| {
        Reply::json(&json!({"access_token": ACCESS_2, "expires_in": 3599, "token_type": "Bearer"}))
    });
    server.any("POST", ROLL_UP, |request| {
        if request
            .header("authorization")
            .is_some_and(|value| value.ends_with(ACCESS_2))
        {
            Reply::json(&json!({}))
        } else {
            Reply::status(401).with(
                "WWW-Authenticate",
                "Bearer realm=\"https://accounts.google.com/\", error=\"invalid_token\"",
            )
        }
    });
    Account::default().serve(&server);
    let home = home(&server);
    home.run(["2026-11-12", "1min", "--no-summary"]).expect(0);
    assert_eq!(home.stored("google")["access_token"], ACCESS_2);
}

#[test]
fn devices_that_cannot_be_asked_cost_a_note_and_no_data() {
    let server = Server::start();
    server.any("GET", DEVICES, |_| Reply::html(404));
    Account {
        readings: readings("2026-11-12T05:00:00Z", 60, 2, -5.0, 60),
        ..Account::default()
    }
    .serve(&server);
    let home = home(&server);
    home.run(["2026-11-12", "1sec", "--no-summary"])
        .expect(0)
        .says(&["last sync is not known"]);
}

#[test]
fn settings_that_are_garbled_fail_the_day() {
    let (_server, home) = answered_by(SETTINGS, || Reply::status(200).body("<html>"));
    home.run(["2026-11-12", "1min", "--no-summary"]).expect(65);
    files_are_as_before(&home);
}

#[test]
fn a_quota_that_ends_later_is_not_waited_for() {
    let (server, home) = answered_by(ROLL_UP, || {
        let body: Value = json!({"error": {"code": 429, "message": "Quota exceeded", "status": "RESOURCE_EXHAUSTED"}});
        Reply::error(429, &body).with("Retry-After", "1200")
    });
    home.run(["2026-11-12", "1min", "--no-summary"])
        .expect(75)
        .with_one_error()
        .says(&["in 21 min"]);
    assert_eq!(server.requests_to(ROLL_UP).len(), 1);
    files_are_as_before(&home);
}
