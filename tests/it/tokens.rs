//! Tokens: renewed a minute before their end and once on 401, written whole or not at all, spent by one process only.

use crate::answers::{
    CSV, FITBIT_MINUTES, MINUTES, ONE_DAY, fitbit_home, fitbit_minutes, fitbit_renewed, home,
    minutes, renewed,
};
use crate::program::{FITBIT_ID, GOOGLE_ID, Home};
use crate::secrets::{ACCESS, ACCESS_2, APP_SECRET, CLIENT_SECRET, REFRESH, REFRESH_2};
use crate::server::{Reply, Request, Server};
use serde_json::json;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

/// Gives the day to whoever has this token, and 401 to everybody else.
fn for_token(token: &'static str) -> impl FnMut(&Request) -> Reply + Send + 'static {
    move |request| {
        if request.header("authorization") == Some(&bearer(token)) {
            minutes()
        } else {
            expired()
        }
    }
}

fn expired() -> Reply {
    Reply::error(
        401,
        &json!({"error": {"code": 401, "message": "Request had invalid authentication credentials.", "status": "UNAUTHENTICATED"}}),
    )
}

#[test]
fn a_token_that_lasts_for_more_than_a_minute_is_used_and_any_other_is_renewed_first() {
    for (seconds, renews) in [(3600, false), (90, false), (50, true), (-3600, true)] {
        let server = Server::start();
        if renews {
            server.once("POST", "/token", |_| Reply::json(&renewed()));
        }
        server.once(
            "POST",
            MINUTES,
            for_token(if renews { ACCESS_2 } else { ACCESS }),
        );
        let home = home(&server, seconds);
        home.run(ONE_DAY).expect(0);
        assert_eq!(home.read("fitbit_data/hr.csv"), CSV);
        let first = &server.requests()[0];
        assert_eq!(first.path == "/token", renews, "{seconds} s left");
    }
}

#[test]
fn googles_renewal_has_the_secret_in_its_body_and_keeps_the_refresh_token() {
    let server = Server::start();
    server.once("POST", "/token", |_| Reply::json(&renewed()));
    server.once("POST", MINUTES, for_token(ACCESS_2));
    let home = home(&server, -5);
    home.run(ONE_DAY).expect(0);
    let request = server.requests_to("/token").remove(0);
    for (name, value) in [
        ("grant_type", "refresh_token"),
        ("refresh_token", REFRESH),
        ("client_id", GOOGLE_ID),
        ("client_secret", CLIENT_SECRET),
    ] {
        assert_eq!(request.field(name).as_deref(), Some(value), "{name}");
    }
    assert_eq!(request.header("authorization"), None);
    let stored = home.stored("google");
    assert_eq!(
        (
            stored["access_token"].as_str(),
            stored["refresh_token"].as_str()
        ),
        (Some(ACCESS_2), Some(REFRESH))
    );
}

#[test]
fn fitbits_renewal_has_a_basic_header_and_stores_the_new_refresh_token() {
    for secret in [true, false] {
        let server = Server::start();
        server.once("POST", "/token", |_| Reply::json(&fitbit_renewed()));
        server.once("GET", FITBIT_MINUTES, |_| fitbit_minutes());
        let line = if secret {
            format!("client_secret = \"{APP_SECRET}\"")
        } else {
            String::new()
        };
        let home = Home::fitbit(&server, &line);
        home.logged_in("fitbit", -5);
        home.run(ONE_DAY).expect(0);
        let request = server.requests_to("/token").remove(0);
        assert_eq!(
            request
                .header("authorization")
                .is_some_and(|value| value.starts_with("Basic ")),
            secret
        );
        assert_eq!(
            request.field("client_id").as_deref(),
            (!secret).then_some(FITBIT_ID)
        );
        assert_eq!(
            (
                request.field("client_secret"),
                request.field("refresh_token").as_deref()
            ),
            (None, Some(REFRESH))
        );
        assert_eq!(home.stored("fitbit")["refresh_token"], REFRESH_2);
    }
}

#[test]
fn the_new_token_is_on_disk_before_it_is_used() {
    let server = Server::start();
    server.once("POST", "/token", |_| Reply::json(&fitbit_renewed()));
    let home = fitbit_home(&server, -5);
    let path = home.token_path("fitbit");
    server.once("GET", FITBIT_MINUTES, move |_| {
        let stored = fs::read_to_string(&path).expect("stored");
        assert!(stored.contains(ACCESS_2) && stored.contains(REFRESH_2));
        fitbit_minutes()
    });
    home.run(ONE_DAY).expect(0);
}

#[test]
fn a_401_renews_once_and_the_request_is_repeated() {
    let server = Server::start();
    server.times(2, "POST", MINUTES, for_token(ACCESS_2));
    server.once("POST", "/token", |_| Reply::json(&renewed()));
    let home = home(&server, 3000);
    home.run(ONE_DAY).expect(0);
    assert_eq!(home.stored("google")["access_token"], ACCESS_2);
}

#[test]
fn a_401_after_another_process_has_renewed_takes_that_token() {
    let server = Server::start();
    let home = home(&server, 3000);
    let path = home.token_path("google");
    server.once("POST", MINUTES, move |_| {
        let stored = fs::read_to_string(&path).expect("stored");
        fs::write(&path, stored.replace(ACCESS, ACCESS_2)).expect("written");
        expired()
    });
    server.once("POST", MINUTES, for_token(ACCESS_2));
    home.run(ONE_DAY).expect(0);
}

#[test]
fn a_second_401_is_final_and_the_login_stays() {
    let server = Server::start();
    server.times(2, "POST", MINUTES, |_| expired());
    server.once("POST", "/token", |_| Reply::json(&renewed()));
    let home = home(&server, 3000);
    home.run(ONE_DAY)
        .expect(77)
        .says(&["fitbit-hr login"])
        .with_one_error();
    assert_eq!(home.stored("google")["refresh_token"], REFRESH);
}

#[test]
fn a_401_right_after_a_renewal_does_not_renew_for_ever() {
    let server = Server::start();
    let renewals = server.any("POST", "/token", |_| Reply::json(&renewed()));
    renewals.any("POST", MINUTES, |_| expired());
    let home = home(&server, -5);
    home.run(ONE_DAY).expect(77);
    assert!(
        server.requests_to("/token").len() <= 2,
        "{}",
        server.requests().len()
    );
}

#[test]
fn many_requests_that_are_refused_at_once_renew_once() {
    let server = Server::start();
    let points = "/v4/users/me/dataTypes/heart-rate/dataPoints:reconcile";
    server.any("GET", points, |request| {
        if request.header("authorization") == Some(&bearer(ACCESS_2)) {
            Reply::json(&json!({"dataPoints": []}))
        } else {
            expired().after(Duration::from_millis(30))
        }
    });
    server.once("POST", "/token", |_| Reply::json(&renewed()));
    let home = home(&server, 3000);
    home.run(["2017-06-01", "1sec", "--no-summary"]).expect(0);
}

#[test]
fn a_renewal_that_has_begun_is_finished_when_the_day_has_failed() {
    let server = Server::start();
    let points = "/v4/users/me/dataTypes/heart-rate/dataPoints:reconcile";
    let asked = AtomicBool::new(false);
    server.any("GET", points, move |_| {
        if asked.swap(true, Ordering::SeqCst) {
            Reply::html(404).after(Duration::from_millis(100))
        } else {
            expired()
        }
    });
    server.once("POST", "/token", |_| {
        Reply::json(&renewed()).after(Duration::from_millis(800))
    });
    let home = home(&server, 3000);
    let output = home.run(["2017-06-01", "1sec", "--no-summary"]);
    assert_ne!(output.code, 0);
    assert_eq!(home.stored("google")["access_token"], ACCESS_2);
}

#[test]
fn two_processes_with_one_expired_token_renew_it_once() {
    let server = Server::start();
    let spent = AtomicBool::new(false);
    // A refresh token that works once, as Fitbit's; a second use would end the login.
    server.any("POST", "/token", move |request| {
        if spent.swap(true, Ordering::SeqCst) || request.field("refresh_token").as_deref() != Some(REFRESH) {
            return Reply::error(400, &json!({"errors": [{"errorType": "invalid_grant", "message": "Refresh token invalid"}], "success": false}));
        }
        Reply::json(&fitbit_renewed()).after(Duration::from_millis(300))
    });
    server.times(6, "GET", FITBIT_MINUTES, |request| {
        assert_eq!(
            request.header("authorization"),
            Some(bearer(ACCESS_2).as_str())
        );
        fitbit_minutes()
    });
    let home = fitbit_home(&server, -5);
    let runs: Vec<_> = (0..6)
        .map(|n| home.start([ONE_DAY[0], "--output-dir", &format!("out{n}")]))
        .collect();
    for run in runs {
        run.finish().expect(0);
    }
    assert_eq!(server.requests_to("/token").len(), 1);
    assert_eq!(home.stored("fitbit")["refresh_token"], REFRESH_2);
}

#[test]
fn a_renewal_whose_answer_is_lost_is_asked_again_with_the_identical_words() {
    for lost in [Reply::lost(), Reply::json(&fitbit_renewed()).cut_after(20)] {
        let server = Server::start();
        server.once("POST", "/token", move |_| lost.clone());
        server.once("POST", "/token", |_| Reply::json(&fitbit_renewed()));
        server.once("GET", FITBIT_MINUTES, |_| fitbit_minutes());
        let home = fitbit_home(&server, -5);
        home.run(ONE_DAY).expect(0);
        let requests = server.requests_to("/token");
        assert_eq!(requests[0].body, requests[1].body);
        assert_eq!(home.stored("fitbit")["refresh_token"], REFRESH_2);
    }
}

#[cfg(unix)]
#[test]
fn a_token_file_that_others_may_read_is_private_after_the_next_renewal() {
    use std::os::unix::fs::PermissionsExt;
    let server = Server::start();
    server.once("POST", "/token", |_| Reply::json(&renewed()));
    server.once("POST", MINUTES, |_| minutes());
    let home = home(&server, -5);
    let path = home.token_path("google");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("ours");
    home.run(ONE_DAY).expect(0);
    assert_eq!(
        fs::metadata(&path).expect("there").permissions().mode() & 0o777,
        0o600
    );
}

#[test]
fn the_end_of_a_login_moves_only_when_the_service_says_so() {
    let server = Server::start();
    server.once("POST", "/token", |_| Reply::json(&renewed()));
    server.once("POST", MINUTES, |_| minutes());
    let home = home(&server, -5);
    let end = crate::program::in_seconds(400_000);
    home.logged_in_with(
        "google",
        -5,
        &json!({"login_expires_at": end, "scopes": [crate::program::google_scopes()[0]]}),
    );
    home.run(ONE_DAY).expect(0);
    let stored: chrono::DateTime<chrono::Utc> = home.stored("google")["login_expires_at"]
        .as_str()
        .and_then(|at| at.parse().ok())
        .expect("a date");
    assert!((stored - end).abs() < chrono::TimeDelta::seconds(2));
}

#[test]
fn each_profile_has_a_login_of_its_own() {
    let server = Server::start();
    server.once("POST", MINUTES, |_| minutes());
    let home = home(&server, 3000);
    fs::rename(
        home.token_path("google"),
        home.below("state/google-alice.json"),
    )
    .expect("renamed");
    home.run(ONE_DAY).expect(77);
    home.run(["--profile", "alice", ONE_DAY[0], "--no-summary"])
        .expect(0);
    home.run(["--profile", "bob", ONE_DAY[0]])
        .expect(77)
        .says(&["fitbit-hr login --profile bob"]);
}

#[test]
fn a_hint_names_the_login_of_the_profile_that_ended() {
    let server = Server::start();
    server.once("POST", "/token", |_| {
        Reply::error(400, &json!({"error": "invalid_grant"}))
    });
    let home = home(&server, -5);
    fs::rename(
        home.token_path("google"),
        home.below("state/google-alice.json"),
    )
    .expect("renamed");
    let run = home.run(["--profile", "alice", ONE_DAY[0]]);
    run.expect(77)
        .says(&["fitbit-hr login --profile alice"])
        .with_one_error();
}
