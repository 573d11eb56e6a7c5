//! Login at Google: what is asked, what is sent, and what each answer of the browser leads to.

use crate::program::{Home, google_scopes};
use crate::secrets::{ACCESS, CODE, REFRESH};
use crate::server::{Reply, Server, browse};
use serde_json::{Value, json};

/// The answer of the token endpoint to a good code.
fn token() -> Value {
    json!({"access_token": ACCESS, "expires_in": 3599, "refresh_token": REFRESH, "scope": google_scopes().join(" "), "token_type": "Bearer"})
}

/// Lets the account say who it is, as after every login.
fn account(server: &Server) {
    server.any("GET", "/v4/users/me/identity", |_| {
        Reply::json(&json!({"name": "users/me/identity", "legacyUserId": "26FWFL", "healthUserId": "111111256096816351"}))
    });
    server.any("GET", "/v4/users/me/settings", |_| {
        Reply::json(&json!({"name": "users/me/settings", "timeZone": "America/New_York"}))
    });
}

#[test]
fn a_login_stores_a_private_token_and_says_who_is_logged_in() {
    let server = Server::start();
    server.once("POST", "/token", |_| Reply::json(&token()));
    account(&server);
    let home = Home::google(&server, "");
    let run = home.start(["login"]);
    let page = run.consent_page();
    let answer = browse("GET", &page.back_with(&[("code", CODE)]));
    assert_eq!(answer.status, 200);
    run.finish()
        .expect(0)
        .says(&["logged in as 111111256096816351"]);
    assert_eq!(home.stored("google")["access_token"], ACCESS);
}
