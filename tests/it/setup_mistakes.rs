//! `setup` at a terminal: every known mistake found at its step, with the sentence that mends it; left, and run again.

#![cfg(target_os = "linux")]

use crate::answers::{google_account, token};
use crate::google_truth;
use crate::google_wire::status;
use crate::program::{ConsentPage, GOOGLE_ID, Home, endpoints, google_scopes};
use crate::secrets::{CLIENT_SECRET, CODE};
use crate::server::{Reply, Request, Server};
use crate::world::World;
use chrono::{TimeDelta, Utc};
use fitbit_hr::zone::Tz;
use serde_json::{Value, json};
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const IDENTITY: &str = "/v4/users/me/identity";
const BROWSER: &str = "exec curl -sSL -o /dev/null \"$1\"";

/// A client file as the console offers it.
fn download() -> String {
    json!({"installed": {"client_id": GOOGLE_ID, "client_secret": CLIENT_SECRET, "project_id": "my-heart-42", "redirect_uris": ["http://localhost"]}}).to_string()
}

/// Somebody whose keys file has everything but a client, which lies among the downloads, and whose browser says this at once.
fn newcomer(server: &Server, consent: &'static [(&'static str, &'static str)]) -> Home {
    server.any("GET", "/authorize", move |request: &Request| {
        let page = ConsentPage {
            page: String::new(),
            query: request.query.clone(),
        };
        Reply::status(302).with("Location", &page.back_with(consent))
    });
    let home = Home::new().browser(BROWSER).with("NO_COLOR", "1");
    home.keys(&format!(
        "timezone = \"UTC\"\nrequests_per_second = 1000\n{}",
        endpoints(server)
    ));
    home.file("client_secret_download.json", download());
    home
}

/// An account of today with heart rate of yesterday. What is scripted before it goes before it.
fn account(server: &Server) {
    google_account(server);
    for path in [google_truth::MINUTES, google_truth::CALORIES] {
        server.any("POST", path, |_| {
            Reply::json(&json!({"rollupDataPoints": []}))
        });
    }
    let first = (Utc::now() - TimeDelta::days(2)).date_naive().to_string();
    let mut world = World::plain(&first, 4, 600, Tz::UTC);
    world.now = Utc::now().timestamp_millis();
    world.syncs = vec![world.now];
    world.share().serve(server);
}

fn good_token() -> Value {
    token()
}

#[track_caller]
fn says(text: &str, parts: &[&str]) {
    // The terminal folds nothing; the program does not either.
    for part in parts {
        assert!(text.contains(part), "\"{part}\" is missing in:\n{text}");
    }
}

#[test]
fn from_the_download_to_the_first_day_in_one_sitting_and_again() {
    let server = Server::start();
    server.once("POST", "/token", |_| Reply::json(&good_token()));
    account(&server);
    let home = newcomer(&server, &[("code", CODE)]);
    let output = home.start_on_terminal("setup").finish().expect(0);
    says(
        &output.stdout,
        &[
            "the client of the project my-heart-42 is in",
            "all else in it stays as it is",
            "the download can go: rm '",
            "8. Log in",
            "logged in",
            "ok      identity",
            "9. Fetch yesterday",
            "What next:",
            "fitbit-hr schedule install",
        ],
    );
    assert!(!output.stdout.contains("1. Create a project"));
    assert!(home.work("fitbit_data/hr.csv").exists());
    let keys = home.read("keys.toml");
    assert!(
        keys.starts_with("client_file = \"") && keys.contains("timezone = \"UTC\""),
        "{keys}"
    );
    // What is done is passed over.
    let output = home.start_on_terminal("setup").finish().expect(0);
    says(&output.stdout, &["logged in already", "What next:"]);
    assert!(!output.stdout.contains("8. Log in"), "{}", output.stdout);
}

#[test]
fn what_the_service_refuses_is_said_with_its_remedy_and_goes_on_when_it_is_mended() {
    let denied = |reason| status(403, "PERMISSION_DENIED", "Permission denied.", reason);
    for (code, body, exit, parts) in [
        (
            403,
            denied("SERVICE_DISABLED"),
            78,
            ["not enabled", "/apis/library/health.googleapis.com"],
        ),
        (
            400,
            status(400, "FAILED_PRECONDITION", "x", "ACCOUNT_NOT_LINKED"),
            77,
            [
                "no Google Health profile",
                "https://fitbit.google.com/auth/signup",
            ],
        ),
        (
            403,
            denied("USER_PROJECT_DENIED"),
            77,
            ["not onboarding new projects", "Takeout"],
        ),
        (
            412,
            json!({}),
            77,
            ["no Google Health profile", "open the Google Health app"],
        ),
    ] {
        let server = Server::start();
        server.once("POST", "/token", |_| Reply::json(&good_token()));
        let mended = Arc::new(AtomicBool::new(false));
        let is_mended = Arc::clone(&mended);
        server.any("GET", IDENTITY, move |_| {
            if is_mended.load(Ordering::Relaxed) {
                return Reply::json(&json!({"healthUserId": "111"}));
            }
            Reply::error(code, &body)
        });
        account(&server);
        let home = newcomer(&server, &[("code", CODE)]);
        let output = home.start_on_terminal("setup").finish().expect(exit);
        says(
            &output.stdout,
            &["8. Log in", "error: ", parts[0], parts[1]],
        );
        // Not mended: it is found again, without another login.
        let output = home.start_on_terminal("setup").finish();
        assert_ne!(output.code, 0);
        says(&output.stdout, &["logged in already", parts[1]]);
        mended.store(true, Ordering::Relaxed);
        let output = home.start_on_terminal("setup").finish().expect(0);
        says(&output.stdout, &["logged in already", "What next:"]);
    }
}

#[test]
fn what_the_page_sends_back_is_said_with_its_remedy() {
    for (consent, exit, part) in [
        (&[("error", "access_denied")][..], 77, "must be a test user"),
        (
            &[("error", "admin_policy_enforced")][..],
            77,
            "log in with a private account",
        ),
        (&[("error", "org_internal")][..], 77, "organisation"),
        (
            &[("error", "redirect_uri_mismatch")][..],
            78,
            "https://console.cloud.google.com/auth/clients",
        ),
    ] {
        let server = Server::start();
        let home = newcomer(&server, consent);
        let output = home.start_on_terminal("setup").finish().expect(exit);
        says(
            &output.stdout,
            &[
                "admin_policy_enforced   your organisation",
                "error: could not log in",
                part,
            ],
        );
        assert!(!home.token_path("google").exists());
    }
}

#[test]
fn a_box_that_is_not_ticked_is_asked_for_again() {
    let server = Server::start();
    let mut granted = vec![google_scopes()[1].clone(), google_scopes().join(" ")];
    server.any("POST", "/token", move |_| {
        let mut token = good_token();
        token["scope"] = json!(granted.remove(0));
        Reply::json(&token)
    });
    account(&server);
    let home = newcomer(&server, &[("code", CODE)]);
    let output = home.start_on_terminal("setup").finish().expect(77);
    says(
        &output.stdout,
        &[
            "this box was not ticked",
            "health_metrics_and_measurements",
            "tick every box",
        ],
    );
    let output = home.start_on_terminal("setup").finish().expect(0);
    says(&output.stdout, &["8. Log in", "What next:"]);
}

#[test]
fn a_login_that_the_service_forgot_is_made_again() {
    let server = Server::start();
    server.any("POST", "/token", |request| {
        if request.field("grant_type").as_deref() == Some("refresh_token") {
            return Reply::error(400, &json!({"error": "invalid_grant"}));
        }
        Reply::json(&good_token())
    });
    account(&server);
    let home = newcomer(&server, &[("code", CODE)]);
    home.logged_in("google", -5);
    let output = home.start_on_terminal("setup").finish().expect(0);
    says(&output.stdout, &["8. Log in", "What next:"]);
    assert!(!output.stdout.contains("logged in already"));
}

#[test]
fn a_project_that_is_not_published_is_said_to_be_so() {
    let server = Server::start();
    server.once("POST", "/token", |_| {
        let mut token = good_token();
        token["refresh_token_expires_in"] = json!(604_799);
        Reply::json(&token)
    });
    account(&server);
    let home = newcomer(&server, &[("code", CODE)]);
    let output = home.start_on_terminal("setup").finish().expect(0);
    says(
        &output.stdout,
        &[
            "the project is in \"Testing\"",
            "auth/audience",
            "What next:",
        ],
    );
}

#[test]
fn an_archive_of_another_account_is_found_before_anything_is_fetched() {
    let server = Server::start();
    google_account(&server);
    server.once("POST", "/token", |_| Reply::json(&good_token()));
    let home = newcomer(&server, &[("code", CODE)]);
    home.file("fitbit_data/archive/heart_rate/detail=1sec/year=2025/x", "");
    home.file(
        "fitbit_data/archive/.fitbit-hr.owner",
        json!({"google": "another person's"}).to_string(),
    );
    let output = home.start_on_terminal("setup").finish().expect(78);
    says(
        &output.stdout,
        &["failed  account", "another person's days", "--profile NAME"],
    );
    assert!(!home.work("fitbit_data/hr.csv").exists());
    let report = home.run(["doctor"]).expect(78);
    report.says(&["failed  account", "--profile"]);
    // Without an answer of the service the stored login still says it.
    let checks = home.run(["doctor", "--json"]).stdout;
    let checks: Value = serde_json::from_str(&checks).expect("JSON");
    let mut checks = checks.as_array().expect("an array").iter();
    let account = checks
        .find(|check| check["id"] == "account")
        .expect("there");
    assert_eq!(account["state"], "failed");
}

#[test]
fn a_wrong_download_leads_to_the_right_one() {
    let home = Home::new();
    let wrong = json!({"type": "service_account", "private_key": "x"});
    home.file("client_secret_1.json", wrong.to_string());
    let mut run = home.start_on_terminal("setup");
    run.wait_for("service account");
    for number in 1..=6 {
        run.wait_for(&format!("{number}. "));
        run.type_line("s");
    }
    run.wait_for("Enter when it is downloaded");
    let right = home.file("client_secret_2.json", download());
    run.type_line(&format!("'{}'", right.display()));
    run.wait_for("the client of the project my-heart-42 is in");
    run.wait_for("8. Log in");
    run.type_line("\u{3}");
    run.finish().expect(130);
    let keys = fs::read_to_string(home.below("config/fitbit-hr/keys.toml")).expect("written");
    assert!(keys.contains("\nclient_file = \"client_secret.json\"\n"));
}
