//! The exchange of a code at Google: every answer of the token endpoint, and the account that is asked afterwards.

use crate::answers::{google_account, token};
use crate::login_google::log_in;
use crate::program::Home;
use crate::secrets::{CLIENT_SECRET, CODE, REFRESH};
use crate::server::{Reply, Server, browse};
use serde_json::json;

#[test]
fn each_answer_of_the_token_endpoint_to_a_code_ends_as_the_contract_says() {
    let error = |code: &str, text: &str| json!({"error": code, "error_description": text});
    let cases: Vec<(&str, Reply, i32, &[&str])> = vec![
        (
            "a code twice",
            Reply::error(400, &error("invalid_grant", "Malformed auth code.")),
            77,
            &["could not log in", "invalid_grant", "fitbit-hr login"],
        ),
        (
            "a wrong secret",
            Reply::error(
                401,
                &error("invalid_client", "The OAuth client was not found."),
            ),
            78,
            &["invalid_client", "client_secret"],
        ),
        (
            "another redirect",
            Reply::error(400, &error("redirect_uri_mismatch", "Bad Request")),
            78,
            &["redirect_uri_mismatch", "redirect_url"],
        ),
        (
            "a redirect",
            Reply::status(302).with("Location", "http://127.0.0.1:9/"),
            76,
            &["redirect"],
        ),
        ("a page", Reply::html(200), 65, &["token"]),
        (
            "not a token",
            Reply::json(&json!({"token_type": "Bearer"})),
            65,
            &["token"],
        ),
        (
            "an error in a 200",
            Reply::json(&error("invalid_grant", "x")),
            65,
            &["token"],
        ),
        ("nothing", Reply::status(200), 65, &["token"]),
        ("forbidden", Reply::html(403), 69, &["403"]),
        (
            "too many",
            Reply::status(429).with("Retry-After", "3600"),
            75,
            &["429", "in 61 min"],
        ),
        (
            "down",
            Reply::status(503).with("Retry-After", "3600"),
            69,
            &["503", "in 61 min"],
        ),
    ];
    for (what, reply, code, says) in cases {
        let server = Server::start();
        server.once("POST", "/token", move |_| reply.clone());
        let home = Home::google(&server, "");
        let (_, output) = log_in(&home);
        assert_eq!(output.code, code, "{what}: {}", output.stderr);
        output.says(says).with_one_error();
        assert!(!home.token_path("google").exists(), "{what}");
    }
}

#[test]
fn a_lost_answer_to_the_code_is_asked_for_again_with_the_same_words() {
    let server = Server::start();
    server.once("POST", "/token", |_| Reply::lost());
    server.once("POST", "/token", |_| Reply::json(&token()));
    google_account(&server);
    let home = Home::google(&server, "");
    let (_, output) = log_in(&home);
    output.expect(0);
    let requests = server.requests_to("/token");
    assert_eq!(requests[0].body, requests[1].body);
}

#[test]
fn a_secret_that_the_service_repeats_is_not_shown_and_its_control_characters_neither() {
    let server = Server::start();
    server.once("POST", "/token", |_| {
        let text = format!("bad \u{1b}[31mcode {CODE} of {CLIENT_SECRET}\u{7}\nsecond line\n");
        Reply::error(
            400,
            &json!({"error": "invalid_grant", "error_description": text}),
        )
    });
    let home = Home::google(&server, "");
    let run = home.start(["login", "-vvv"]);
    browse("GET", &run.consent_page().back_with(&[("code", CODE)]));
    let output = run
        .finish()
        .expect(77)
        .says(&["(redacted)"])
        .with_one_error();
    assert!(
        !output.stderr.contains(['\u{1b}', '\u{7}']),
        "{:?}",
        output.stderr
    );
}

#[test]
fn an_account_that_cannot_be_asked_after_the_login_does_not_lose_the_login() {
    let server = Server::start();
    server.once("POST", "/token", |_| Reply::json(&token()));
    server.any("GET", "/v4/users/me/identity", |_| Reply::html(404));
    server.any("GET", "/v4/users/me/settings", |_| Reply::html(404));
    let home = Home::google(&server, "");
    let (_, output) = log_in(&home);
    assert_ne!(output.code, 0, "{}", output.stderr);
    assert_eq!(home.stored("google")["refresh_token"], REFRESH);
}
