//! `logout` and `status`.

use crate::answers::{MINUTES, ONE_DAY, fitbit_home, home, minutes};
use crate::program::{Home, google_scopes, in_seconds};
use crate::secrets::{ACCESS, APP_SECRET, REFRESH};
use crate::series_archive::{Filled, june};
use crate::server::{Reply, Server};
use serde_json::{Value, json};
use std::fs;

#[test]
fn logout_revokes_at_the_service_and_deletes_the_token() {
    let server = Server::start();
    server.once("POST", "/revoke", |_| Reply::json(&json!({})));
    let home = home(&server, 3000);
    let output = home.run(["logout"]).expect(0).says(&["logged out"]);
    assert_eq!(output.stdout, "");
    let request = server.requests_to("/revoke").remove(0);
    assert!([ACCESS, REFRESH].contains(&request.field("token").expect("a token").as_str()));
    assert!(!home.token_path("google").exists());
    home.run(ONE_DAY).expect(77);
}

#[test]
fn logout_at_fitbit_authenticates_the_app() {
    let server = Server::start();
    server.times(2, "POST", "/revoke", |_| Reply::status(200));
    for secret in [true, false] {
        let line = if secret {
            format!("client_secret = \"{APP_SECRET}\"")
        } else {
            String::new()
        };
        let home = Home::fitbit(&server, &line);
        home.logged_in("fitbit", 3000);
        home.run(["logout"]).expect(0);
        let request = server.requests_to("/revoke").pop().expect("asked");
        assert_eq!(request.header("authorization").is_some(), secret);
        assert_eq!(request.field("client_id").is_some(), !secret);
        assert!(!home.token_path("fitbit").exists());
    }
}

#[test]
fn a_login_that_is_dead_already_is_logged_out_as_well() {
    for reply in [
        Reply::error(
            400,
            &json!({"error": "invalid_token", "error_description": "Token expired or revoked"}),
        ),
        Reply::error(400, &json!({"error": "invalid_grant"})),
        Reply::error(
            401,
            &json!({"errors": [{"errorType": "invalid_token", "message": "x"}], "success": false}),
        ),
        Reply::html(404),
    ] {
        let server = Server::start();
        server.once("POST", "/revoke", move |_| reply.clone());
        let home = home(&server, 3000);
        home.run(["logout"]).expect(0);
        assert!(!home.token_path("google").exists());
    }
}

#[test]
fn a_service_that_is_down_keeps_the_token() {
    for (reply, code) in [
        (Reply::status(503).with("Retry-After", "3600"), 69),
        (Reply::status(429).with("Retry-After", "3600"), 75),
        (Reply::html(403), 69),
        (
            Reply::status(302).with("Location", "https://hotel.example/"),
            76,
        ),
        (Reply::error(401, &json!({"error": "invalid_client"})), 78),
    ] {
        let server = Server::start();
        server.once("POST", "/revoke", move |_| reply.clone());
        let home = home(&server, 3000);
        let before = fs::read(home.token_path("google")).expect("stored");
        let output = home.run(["logout"]);
        assert_eq!(output.code, code, "{}", output.stderr);
        output.with_one_error();
        assert_eq!(
            fs::read(home.token_path("google")).expect("still there"),
            before
        );
    }
}

#[test]
fn a_service_that_is_gone_for_good_has_nothing_left_to_revoke() {
    let server = Server::start();
    server.once("POST", "/revoke", |_| Reply::status(410));
    let home = fitbit_home(&server, 3000);
    home.run(["logout"]).expect(0).says(&["switched off"]);
    assert!(!home.token_path("fitbit").exists());
}

#[test]
fn logout_without_a_login_is_done_already() {
    let server = Server::start();
    let home = Home::google(&server, "");
    home.run(["logout"])
        .expect(0)
        .says(&["nobody was logged in"]);
    let value = home.run(["logout", "--json"]).expect(0).json();
    assert_eq!(value["provider"], "google");
}

#[test]
fn logout_of_a_damaged_token_deletes_it_and_says_where_to_end_the_access() {
    let server = Server::start();
    let home = Home::google(&server, "");
    home.store("google", b"{ damaged");
    home.run(["logout"])
        .expect(0)
        .says(&["damaged", "https://myaccount.google.com/connections"]);
    assert!(!home.token_path("google").exists());
}

#[test]
fn status_as_json_has_the_documented_members() {
    let home = Home::google(&Server::start(), "");
    home.logged_in("google", 3000);
    let value = home.run(["status", "--json"]).expect(0).json();
    for name in [
        "provider",
        "profile",
        "logged_in",
        "scopes",
        "access_expires_at",
        "login_expires_at",
        "token_path",
    ] {
        assert!(value.get(name).is_some(), "{name}: {value}");
    }
    assert_eq!(
        (&value["provider"], &value["profile"], &value["logged_in"]),
        (&json!("google"), &json!("default"), &json!(true))
    );
    assert_eq!(value["scopes"], json!(google_scopes()));
    assert_eq!(value["login_expires_at"], Value::Null);
    assert_eq!(
        value["token_path"],
        json!(home.token_path("google").display().to_string())
    );
    let end: chrono::DateTime<chrono::Utc> = value["access_expires_at"]
        .as_str()
        .and_then(|at| at.parse().ok())
        .expect("RFC 3339");
    assert!((end - in_seconds(3000)).abs() < chrono::TimeDelta::seconds(30));
}

#[test]
fn status_without_a_login_is_no_error() {
    for home in [Home::new(), Home::google(&Server::start(), "")] {
        home.run(["status"])
            .expect(0)
            .says(&["none", "fitbit-hr login"]);
        let value = home.run(["status", "--json"]).expect(0).json();
        assert_eq!(
            (
                &value["logged_in"],
                &value["login_expires_at"],
                &value["access_expires_at"],
                &value["scopes"]
            ),
            (&json!(false), &Value::Null, &Value::Null, &json!([]))
        );
        assert!(value["token_path"].is_string());
    }
}

#[test]
fn status_for_people_names_account_scopes_dates_and_place() {
    let home = Home::google(&Server::start(), "");
    home.logged_in_with(
        "google",
        3000,
        &json!({"login_expires_at": in_seconds(5 * 86_400)}),
    );
    let end = in_seconds(5 * 86_400).format("%Y-%m-%d").to_string();
    let access = in_seconds(3000).format("%H:%M").to_string();
    let output = home.run(["status"]).expect(0).says(&[
        "Google Health",
        "111111256096816351",
        "health_metrics_and_measurements.readonly",
        "settings.readonly",
        &end,
        &access,
        &home.token_path("google").display().to_string(),
    ]);
    assert_eq!(output.stdout, "", "what is for people goes to stderr");
    output.never_says("warning");
}

#[test]
fn status_names_the_profile() {
    let home = Home::google(&Server::start(), "");
    let value = home
        .run(["status", "--json", "--profile", "alice"])
        .expect(0)
        .json();
    assert_eq!(value["profile"], "alice");
    assert_eq!(
        value["token_path"],
        json!(home.below("state/google-alice.json").display().to_string())
    );
}

#[test]
fn every_run_warns_in_the_last_two_days_of_a_login_and_not_before() {
    for (seconds, warns) in [
        (3 * 86_400, false),
        (2 * 86_400 + 600, false),
        (2 * 86_400 - 600, true),
        (3600, true),
    ] {
        let server = Server::start();
        server.any("POST", MINUTES, |_| minutes());
        let home = home(&server, 3000);
        home.logged_in_with(
            "google",
            3000,
            &json!({"login_expires_at": in_seconds(seconds), "scopes": [google_scopes()[0]]}),
        );
        let end = in_seconds(seconds).format("%Y-%m-%d").to_string();
        let day = ONE_DAY.to_vec();
        let quiet = [&day[..], &["--quiet"]].concat();
        let object = [&day[..], &["--json"]].concat();
        let stdout = [&day[..], &["--stdout", "csv"]].concat();
        for arguments in [
            day,
            quiet,
            object,
            stdout,
            vec!["status"],
            vec!["status", "--json"],
        ] {
            let output = home.run(&arguments).expect(0);
            let warning = output
                .stderr
                .lines()
                .find(|line| line.starts_with("warning:"));
            assert_eq!(
                warning.is_some(),
                warns,
                "{arguments:?}, {seconds} s: {}",
                output.stderr
            );
            assert!(
                warning.is_none_or(|line| line.contains(&end) && line.contains("fitbit-hr login")),
                "{warning:?}"
            );
        }
    }
}

#[test]
fn the_warning_names_the_profile_whose_login_ends() {
    let home = Home::google(&Server::start(), "");
    home.logged_in_with(
        "google",
        3000,
        &json!({"login_expires_at": in_seconds(3600)}),
    );
    fs::rename(
        home.token_path("google"),
        home.below("state/google-alice.json"),
    )
    .expect("renamed");
    home.run(["status", "--profile", "alice"])
        .expect(0)
        .says(&["warning:", "fitbit-hr login --profile alice"]);
}

#[test]
fn a_login_whose_end_has_passed_is_said_to_have_ended() {
    let home = Home::google(&Server::start(), "");
    home.logged_in_with(
        "google",
        -5,
        &json!({"login_expires_at": in_seconds(-3600)}),
    );
    home.run(["status"])
        .expect(0)
        .says(&["ended", "fitbit-hr login"]);
}

#[test]
fn every_series_of_the_archive_has_a_strip_that_fits_a_terminal() {
    let home = Home::new();
    june(&home);
    let filled = Filled::of(&home);
    let steps = "local_time=2025-12-30T07:00:00 utc_offset=0 steps=5";
    filled.day("steps", "2025-12-30", &[steps]);
    let weight = "local_time=2026-06-01T07:00:00 utc_offset=0 weight_g=70000";
    let days = ("2026-06-01", "2026-06-02");
    filled.foreign("a_series_of_somebody_else", "weight", days, &[weight]);
    let output = home.run(["status"]).expect(0);
    let lines: Vec<_> = output.stderr.lines().collect();
    let table: Vec<_> = lines
        .iter()
        .skip_while(|line| !line.starts_with("Series"))
        .collect();
    assert!(
        table.iter().all(|line| line.chars().count() <= 80),
        "{}",
        output.stderr
    );
    for expected in [
        "Series                    J F M A M J J A S O N D  days         rows",
        "steps               2025                        \u{2584}     1            1",
        "                    2026  \u{b7} \u{b7} \u{b7} \u{b7} \u{b7} \u{2584}                 1            3",
        "                          152 days missing",
        "sleep               2026            \u{2585}                 2            2",
        "                          3 rows of sleep_stages",
    ] {
        let found = table.iter().any(|line| **line == expected);
        assert!(found, "{expected}\n{}", output.stderr);
    }
    assert!(!output.stderr.contains("sample"), "{}", output.stderr);
    output.says(&["\na_series_of_somebody_else\n"]);
    let extracts = &home.run(["status", "--json"]).expect(0).json()["archive"]["extracts"];
    assert_eq!(extracts["sleep"]["rows"], 2);
    assert_eq!(
        extracts["sleep"]["segments"],
        json!({"table": "sleep_stages", "rows": 3, "bytes": extracts["sleep"]["segments"]["bytes"]})
    );
    assert_eq!(extracts["steps"]["detail"], "1min");
    assert_eq!(
        extracts["steps"]["months"][0],
        json!({"month": "2025-12", "days": 2, "days_with_data": 1, "rows": 1})
    );
    let some = home
        .run(["status", "--extract", "sleep", "--json"])
        .expect(0)
        .json();
    let some = some["archive"]["extracts"].as_object().expect("by name");
    assert_eq!(some.keys().collect::<Vec<_>>(), ["sleep"]);
    home.run(["status", "--extract", "slep"])
        .expect(2)
        .says(&["did you mean sleep"]);
}
