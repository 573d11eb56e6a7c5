//! Login at the legacy Fitbit service: Basic header or client id, the redirect URL letter for letter, 410.

use crate::answers::{fitbit_account, fitbit_token};
use crate::program::{ConsentPage, FITBIT_ID, Home, Output};
use crate::secrets::{APP_SECRET, FITBIT_CODE};
use crate::server::{Reply, Server, browse};
use serde_json::json;
use std::collections::BTreeSet;

fn log_in(home: &Home) -> (ConsentPage, Output) {
    let run = home.start(["login"]);
    let page = run.consent_page();
    browse("GET", &page.back_with(&[("code", FITBIT_CODE)]));
    (page, run.finish())
}

fn service() -> Server {
    let server = Server::start();
    server.once("POST", "/token", |_| Reply::json(&fitbit_token()));
    fitbit_account(&server);
    server
}

#[test]
fn with_a_secret_there_is_a_basic_header_and_the_secret_is_not_in_the_body() {
    let server = service();
    let home = Home::fitbit(&server, &format!("client_secret = \"{APP_SECRET}\""));
    let (page, output) = log_in(&home);
    output.expect(0);
    let request = server.requests_to("/token").remove(0);
    // printf '23ABCD:5e1f00dfeedbead5caffe1d0c0ffee42' | base64
    assert_eq!(
        request.header("authorization"),
        Some("Basic MjNBQkNEOjVlMWYwMGRmZWVkYmVhZDVjYWZmZTFkMGMwZmZlZTQy")
    );
    assert_eq!(request.field("client_secret"), None);
    for (name, value) in [
        ("grant_type", "authorization_code"),
        ("code", FITBIT_CODE),
        ("redirect_uri", page.get("redirect_uri")),
    ] {
        assert_eq!(request.field(name).as_deref(), Some(value), "{name}");
    }
    assert!(request.field("code_verifier").is_some());
}

#[test]
fn without_a_secret_the_client_id_is_in_the_body_and_there_is_no_header() {
    let server = service();
    let home = Home::fitbit(&server, "");
    log_in(&home).1.expect(0);
    let request = server.requests_to("/token").remove(0);
    assert_eq!(request.header("authorization"), None);
    assert_eq!(request.field("client_id").as_deref(), Some(FITBIT_ID));
    assert_eq!(request.field("client_secret"), None);
}

#[test]
fn the_page_is_asked_for_the_documented_things_and_none_of_googles() {
    let server = service();
    let home = Home::fitbit(&server, "");
    let (page, output) = log_in(&home);
    output.expect(0);
    let names: BTreeSet<_> = page.query.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        BTreeSet::from([
            "response_type",
            "client_id",
            "redirect_uri",
            "scope",
            "state",
            "code_challenge",
            "code_challenge_method"
        ])
    );
    assert_eq!(
        (page.get("response_type"), page.get("code_challenge_method")),
        ("code", "S256")
    );
    assert!(
        page.get("scope")
            .split(' ')
            .any(|scope| scope == "heartrate"),
        "{}",
        page.get("scope")
    );
}

#[test]
fn the_redirect_url_is_sent_letter_for_letter() {
    for tail in ["", "/", "/callback"] {
        let server = service();
        let url = format!("http://localhost:{}{tail}", crate::program::free_port());
        let home = Home::fitbit(&server, &format!("redirect_url = \"{url}\""));
        let (page, output) = log_in(&home);
        output.expect(0);
        assert_eq!(page.get("redirect_uri"), url);
        assert_eq!(
            server.requests_to("/token")[0]
                .field("redirect_uri")
                .as_deref(),
            Some(url.as_str())
        );
    }
}

#[test]
fn the_default_redirect_url_is_the_one_that_fitbit_recipes_register() {
    let server = Server::start();
    let home = Home::new();
    home.keys(&format!(
        "client_id = \"{FITBIT_ID}\"\n{}",
        crate::program::endpoints(&server)
    ));
    // Another program may use this very port; then that is what is said.
    let run = home.start(["login", "--timeout", "1"]);
    let output = run.finish();
    assert!(
        output
            .stderr
            .contains("redirect_uri=http%3A%2F%2Flocalhost%3A1410%2F&")
            || output.stderr.contains("http://localhost:1410/"),
        "{}",
        output.stderr
    );
}

#[test]
fn it_is_said_before_the_browser_opens_that_the_service_was_switched_off() {
    let server = Server::start();
    let home = Home::fitbit(&server, "");
    let output = home.run(["login", "--timeout", "1"]).expect(77);
    let said = output.stderr.find("2026-11-02").expect("the date");
    assert!(
        said < output.stderr.find("/authorize?").expect("the address"),
        "{}",
        output.stderr
    );
    output.says(&["Google", "Takeout"]);
}

#[test]
fn gone_is_explained_with_the_way_out_and_asked_once() {
    for reply in [
        Reply::status(410),
        Reply::html(410),
        Reply::error(
            410,
            &json!({"errors": [{"errorType": "gone", "message": "x"}]}),
        ),
    ] {
        let server = Server::start();
        server.once("POST", "/token", move |_| reply.clone());
        let home = Home::fitbit(&server, "");
        log_in(&home)
            .1
            .expect(69)
            .says(&["switched off", "2026-11-02", "Google", "Takeout"])
            .with_one_error();
    }
}

#[test]
fn a_box_that_was_not_ticked_is_named() {
    for (scope, code, says) in [
        ("heartrate", 0, "time zone"),
        ("profile settings", 77, "heartrate"),
    ] {
        let server = Server::start();
        server.once("POST", "/token", move |_| {
            let mut token = fitbit_token();
            token["scope"] = json!(scope);
            Reply::json(&token)
        });
        fitbit_account(&server);
        let home = Home::fitbit(&server, "");
        log_in(&home).1.expect(code).says(&[says]);
        assert_eq!(home.token_path("fitbit").exists(), code == 0);
    }
}

#[test]
fn the_token_of_the_old_script_is_mentioned_and_left_alone() {
    let old = r#"{"access_token":"old-access","refresh_token":"old-refresh","scope":"heartrate","user_id":"26FWFL"}"#;
    let server = service();
    let home = Home::fitbit(&server, "");
    home.file("access_token.json", old);
    home.run(["2017-06-01"])
        .expect(77)
        .says(&["access_token.json", "fitbit-hr login"])
        .with_one_error();
    log_in(&home).1.expect(0).says(&["access_token.json"]);
    assert_eq!(home.read("access_token.json"), old);
    for request in server.requests() {
        let body = String::from_utf8_lossy(&request.body).into_owned();
        assert!(!body.contains("old-") && !format!("{:?}", request.headers).contains("old-"));
    }
}

#[test]
fn a_client_id_of_the_other_service_is_noticed_before_the_browser_opens() {
    for (provider, id) in [("fitbit", crate::program::GOOGLE_ID), ("google", FITBIT_ID)] {
        let home = Home::new();
        home.keys(&format!(
            "provider = \"{provider}\"\nclient_id = \"{id}\"\nclient_secret = \"{APP_SECRET}\"\n"
        ));
        home.run(["login"])
            .expect(78)
            .says(&["client id", "provider"])
            .with_one_error();
    }
}
