//! `doctor`: one line and one remedy a check, the worst code at the end, and a report whatever is wrong.

use crate::program::{Home, Output, free_port, google_scopes, in_seconds};
use crate::secrets::{ACCESS, APP_SECRET};
use crate::server::{Reply, Request, Server};
use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use std::net::TcpListener;

const IDENTITY: &str = "/v4/users/me/identity";
const PROFILE: &str = "/1/user/-/profile.json";

/// 401 to strangers, and the account's id to whoever is logged in.
fn identity(request: &Request) -> Reply {
    if request.header("authorization") == Some(&format!("Bearer {ACCESS}")) {
        Reply::json(&json!({"name": "users/me/identity", "healthUserId": "111111256096816351"}))
    } else {
        Reply::error(
            401,
            &json!({"error": {"code": 401, "message": "x", "status": "UNAUTHENTICATED"}}),
        )
    }
}

fn healthy() -> Server {
    let server = Server::start();
    server.any("GET", IDENTITY, identity);
    server
}

/// The checks by id, each with its state and its remedy.
fn checks(output: &Output) -> Vec<(String, String, String)> {
    let value: Value = serde_json::from_str(&output.stdout).expect("JSON");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let check = |check: &Value| {
        let [id, state, remedy] = ["id", "state", "remedy"].map(|name| text(&check[name]));
        (id, state, remedy)
    };
    value
        .as_array()
        .expect("an array")
        .iter()
        .map(check)
        .collect()
}

const IDS: [&str; 19] = [
    "keys", "provider", "client", "redirect", "port", "clock", "zone", "tzdb", "state", "login",
    "lock", "service", "identity", "account", "scopes", "expiry", "archive", "series", "schedule",
];

#[test]
fn all_is_well() {
    let server = healthy();
    let home = Home::google(&server, "timezone = \"UTC\"");
    home.logged_in("google", 3000);
    let output = home.run(["doctor"]).expect(0);
    assert_eq!(output.stdout, "");
    output.says(&[
        "keys.toml",
        "Google Health",
        "http://127.0.0.1:0/",
        "111111256096816351",
    ]);
    let checks = checks(&home.run(["doctor", "--json"]).expect(0));
    for (id, state, _) in &checks {
        // Nothing has been synced or scheduled yet.
        let is_new = ["archive", "series", "schedule"].contains(&id.as_str());
        assert_eq!(state, if is_new { "skipped" } else { "ok" }, "{id}");
    }
}

#[test]
fn the_report_names_the_same_things_in_the_same_order_whatever_is_wrong() {
    let server = healthy();
    let well = Home::google(&server, "");
    well.logged_in("google", 3000);
    let empty = Home::new();
    let wrong = Home::new();
    wrong.keys("client_id = ");
    for (home, arguments) in [
        (&well, vec!["doctor", "--json"]),
        (&empty, vec!["doctor", "--json"]),
        (&wrong, vec!["doctor", "--json"]),
        (&empty, vec!["--demo", "doctor", "--json"]),
    ] {
        let output = home.run(arguments);
        let checks = checks(&output);
        let ids: Vec<_> = checks.iter().map(|(id, ..)| id.as_str()).collect();
        assert_eq!(ids, IDS);
        let failed = checks.iter().any(|(_, state, _)| state == "failed");
        assert_eq!(output.code == 0, !failed);
    }
}

#[test]
fn a_login_of_another_client_is_found_as_a_run_would_find_it() {
    let server = healthy();
    let home = Home::google(&server, "");
    home.logged_in_with(
        "google",
        3000,
        &json!({"client_id": "2-b.apps.googleusercontent.com"}),
    );
    finds(&home, 77, "client", "fitbit-hr login");
    // The remedy is about the profile that was looked at.
    let (default, alice) = (home.token_path("google"), "google-alice.json");
    std::fs::rename(&default, default.with_file_name(alice)).expect("renamed");
    let output = home
        .run(["doctor", "--json", "--profile", "alice"])
        .expect(77);
    assert!(
        output.stdout.contains("fitbit-hr login --profile alice;"),
        "{}",
        output.stdout
    );
}

#[test]
fn an_account_that_is_not_the_one_that_logged_in_is_found() {
    let server = healthy();
    let home = Home::google(&server, "");
    home.logged_in_with("google", 3000, &json!({"account": "222222"}));
    finds(&home, 77, "account", "fitbit-hr login");
}

/// Runs `doctor` both ways; the failed check and the code have to be these, with a remedy that says this.
#[track_caller]
fn finds(home: &Home, code: i32, check: &str, remedy: &str) {
    let output = home.run(["doctor", "--json"]).expect(code);
    let checks = checks(&output);
    let failed = checks
        .iter()
        .find(|(name, status, _)| name == check && status == "failed");
    let (_, _, said) = failed.unwrap_or_else(|| panic!("{check} did not fail: {checks:?}"));
    assert!(said.contains(remedy), "{said}");
    for (name, status, remedy) in &checks {
        assert_eq!(
            ["failed", "warning"].contains(&status.as_str()),
            !remedy.is_empty(),
            "{name}"
        );
    }
    home.run(["doctor"]).expect(code).says(&["failed", remedy]);
}

#[test]
fn what_is_wrong_is_found_with_its_code_and_its_remedy() {
    let server = healthy();
    let well = || {
        let home = Home::google(&server, "timezone = \"UTC\"");
        home.logged_in("google", 3000);
        home
    };
    finds(&Home::new(), 78, "keys", "fitbit-hr setup");

    let home = well();
    std::fs::remove_file(home.token_path("google")).expect("there");
    finds(&home, 77, "login", "fitbit-hr login");

    let home = well();
    home.store("google", b"{ damaged");
    finds(&home, 78, "login", "fitbit-hr login");

    let home = well();
    home.logged_in_with("google", 3000, &json!({"scopes": [google_scopes()[1]]}));
    finds(&home, 77, "scopes", "fitbit-hr login");

    let home = well();
    home.logged_in_with(
        "google",
        3000,
        &json!({"login_expires_at": in_seconds(-60)}),
    );
    finds(&home, 77, "expiry", "fitbit-hr login");

    let home = Home::google(&server, "redirect_url = \"http://example.com/\"");
    home.logged_in("google", 3000);
    finds(&home, 78, "redirect", "http://127.0.0.1:0/");

    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("bound").port();
    let home = Home::google(
        &server,
        &format!("redirect_url = \"http://127.0.0.1:{port}/\""),
    );
    home.logged_in("google", 3000);
    finds(&home, 78, "port", "redirect_url");

    let home = well();
    let keys = home.read("keys.toml").replace(
        &server.url("").replace("http://", ""),
        &format!("127.0.0.1:{}", free_port()),
    );
    home.keys(&keys);
    home.moved("google");
    finds(&home, 69, "service", "network");
}

#[test]
fn a_service_that_does_not_know_the_login_is_found() {
    let server = Server::start();
    server.any("GET", IDENTITY, |_| Reply::status(401));
    server.any("POST", "/token", |_| {
        Reply::error(400, &json!({"error": "invalid_grant"}))
    });
    let home = Home::google(&server, "");
    home.logged_in("google", 3000);
    finds(&home, 77, "identity", "fitbit-hr login");
}

#[test]
fn a_service_that_answers_with_a_redirect_or_is_down_is_found() {
    for (reply, remedy) in [
        (
            Reply::status(302).with("Location", "https://hotel.example/"),
            "log in to the network",
        ),
        (Reply::status(503).with("Retry-After", "3600"), "again"),
    ] {
        let server = Server::start();
        server.any("GET", IDENTITY, move |_| reply.clone());
        let home = Home::google(&server, "");
        home.logged_in("google", 3000);
        finds(&home, 69, "service", remedy);
    }
}

#[test]
fn a_clock_that_is_wrong_is_found_by_the_services() {
    for minutes in [-10, 10] {
        let server = Server::start();
        server.any("GET", IDENTITY, move |request| {
            let date = (Utc::now() + TimeDelta::minutes(minutes))
                .format("%a, %d %b %Y %H:%M:%S GMT")
                .to_string();
            identity(request).with("Date", &date)
        });
        let home = Home::google(&server, "");
        home.logged_in("google", 3000);
        finds(&home, 78, "clock", "set the clock");
    }
}

#[test]
fn a_wrong_keys_file_still_gives_a_report() {
    let home = Home::new();
    home.keys(&format!(
        "client_id = \"1.apps.googleusercontent.com\"\n\nclient_secrt = \"{APP_SECRET}\"\n"
    ));
    home.run(["doctor"])
        .expect(78)
        .says(&["line 3", "client_secrt", "login"]);
    finds(&home, 78, "keys", "line");
}

#[cfg(unix)]
#[test]
fn what_works_but_should_be_changed_is_a_warning() {
    use std::os::unix::fs::PermissionsExt;
    let server = healthy();
    let port = free_port();
    let home = Home::google(
        &server,
        &format!("redirect_url = \"http://localhost:{port}\""),
    );
    home.logged_in_with(
        "google",
        3000,
        &json!({"login_expires_at": in_seconds(86_400), "scopes": [google_scopes()[0]]}),
    );
    std::fs::set_permissions(
        home.token_path("google"),
        std::fs::Permissions::from_mode(0o644),
    )
    .expect("ours");
    let output = home.run(["doctor", "--json"]).expect(0);
    let warnings: Vec<_> = checks(&output)
        .into_iter()
        .filter(|(_, status, _)| status == "warning")
        .map(|(name, ..)| name)
        .collect();
    assert_eq!(warnings, ["redirect", "login", "scopes", "expiry"]);
    home.run(["doctor"])
        .expect(0)
        .says(&["slash", "chmod 600", "644"]);
}

#[test]
fn the_legacy_service_is_examined_with_the_way_out() {
    let server = Server::start();
    server.any("GET", PROFILE, |request| {
        if request.header("authorization").is_some() {
            Reply::json(&json!({"user": {"timezone": "Europe/Berlin"}}))
        } else {
            Reply::error(401, &json!({"errors": [{"errorType": "invalid_request", "message": "Authorization header required."}]}))
        }
    });
    let home = Home::fitbit(&server, "");
    home.logged_in("fitbit", 3000);
    home.run(["doctor"])
        .expect(0)
        .says(&["2026-11-02", "Takeout"]);

    let server = Server::start();
    server.any("GET", PROFILE, |_| Reply::status(410));
    let home = Home::fitbit(&server, "");
    home.logged_in("fitbit", 3000);
    finds(&home, 69, "service", "Google");
}

#[test]
fn the_worst_code_wins() {
    let server = Server::start();
    server.any("GET", IDENTITY, |_| {
        Reply::status(503).with("Retry-After", "3600")
    });
    let home = Home::google(&server, "");
    home.run(["doctor"]).expect(77);
    home.store("google", b"damaged");
    home.run(["doctor"]).expect(78);
}
