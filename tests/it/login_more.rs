//! What a login keeps: scopes that were granted before, and dates by the service's own clock.

use crate::answers::{google_account, token};
use crate::login_google::log_in;
use crate::program::{Home, google_scopes};
use crate::secrets::CODE;
use crate::server::{Reply, Server, browse};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

const SLEEP: &str = "https://www.googleapis.com/auth/googlehealth.sleep.readonly";
const NUTRITION: &str = "https://www.googleapis.com/auth/googlehealth.nutrition.readonly";

#[test]
fn a_scope_is_added_to_a_login_without_losing_what_was_granted() {
    let server = Server::start();
    google_account(&server);
    let mut before = google_scopes();
    before.push(NUTRITION.to_owned());
    let home = Home::google(&server, "");
    home.logged_in_with("google", 3000, &json!({"scopes": before}));
    let run = home.start(["login", "--extract", "sleep"]);
    let page = run.consent_page();
    let asked: Vec<_> = page.get("scope").split(' ').map(str::to_owned).collect();
    for scope in before.iter().map(String::as_str).chain([SLEEP]) {
        assert!(
            asked.iter().any(|asked| asked == scope),
            "{scope}: {asked:?}"
        );
    }
    let granted = asked.join(" ");
    server.once("POST", "/token", move |_| {
        let mut token = token();
        token["scope"] = json!(granted);
        Reply::json(&token)
    });
    browse("GET", &page.back_with(&[("code", CODE)]));
    run.finish().expect(0).never_says("not ticked");
    let stored = home.stored("google");
    let stored = stored["scopes"].as_array().expect("a list");
    assert_eq!(stored.len(), before.len() + 1);
    assert!(stored.contains(&json!(SLEEP)) && stored.contains(&json!(NUTRITION)));
    // A login that fails leaves the earlier one with all its scopes.
    let earlier = home.stored("google");
    server.once("POST", "/token", |_| {
        Reply::error(400, &json!({"error": "invalid_grant"}))
    });
    let (_, output) = log_in(&home);
    output.expect(77);
    assert_eq!(home.stored("google"), earlier);
}

#[test]
fn the_end_of_a_login_is_dated_by_the_services_clock() {
    for days in [-400, 3, 0] {
        let server = Server::start();
        let theirs = Utc::now() + TimeDelta::days(days);
        server.once("POST", "/token", move |_| {
            let mut token = token();
            token["refresh_token_expires_in"] = json!(604_799);
            Reply::json(&token).with("Date", &theirs.to_rfc2822())
        });
        for (path, answer) in [
            ("/v4/users/me/identity", json!({"healthUserId": "111"})),
            ("/v4/users/me/settings", json!({"timeZone": "UTC"})),
        ] {
            server.any("GET", path, move |_| {
                Reply::json(&answer).with("Date", &theirs.to_rfc2822())
            });
        }
        let home = Home::google(&server, "");
        let (_, output) = log_in(&home);
        output
            .expect(0)
            .says(&["this login ends on", "(in 6 days)"]);
        let instant = |value: &Value| -> DateTime<Utc> {
            value.as_str().expect("a text").parse().expect("an instant")
        };
        let stored = home.stored("google");
        let end = instant(&stored["login_expires_at"]);
        let off = (end - (theirs + TimeDelta::seconds(604_799))).abs();
        assert!(off < TimeDelta::minutes(5), "{days}: {end}");
        // The access token is used by this machine's clock, by which it is held.
        let fresh = instant(&stored["access_expires_at"]) - Utc::now();
        assert!(fresh > TimeDelta::minutes(50) && fresh < TimeDelta::minutes(61));
    }
}
