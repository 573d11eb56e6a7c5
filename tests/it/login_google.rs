//! Login at Google: what is asked, what is sent, and what each answer leads to.

use crate::answers::{google_account, token};
use crate::program::{ConsentPage, GOOGLE_ID, Home, Output, endpoints, google_scopes};
use crate::secrets::{ACCESS, CLIENT_SECRET, CODE, REFRESH};
use crate::server::{Reply, Server, browse};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Logs in with the person's consent; gives what the page's address was and how the run ended.
pub fn log_in(home: &Home) -> (ConsentPage, Output) {
    let run = home.start(["login"]);
    let page = run.consent_page();
    browse("GET", &page.back_with(&[("code", CODE)]));
    (page, run.finish())
}

/// The base64url of a SHA-256, by a tool that every system has, so that no code of ours is its own judge.
fn s256(verifier: &str) -> String {
    let line = format!("printf %s '{verifier}' | sha256sum | cut -d' ' -f1");
    let output = std::process::Command::new("sh")
        .args(["-c", &line])
        .output()
        .expect("a shell");
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (mut base64, mut bits, mut count) = (String::new(), 0, 0);
    // 256 bits and two zeros are 43 groups of six.
    let digits = output.stdout.trim_ascii().iter().chain(b"0");
    for digit in digits.map(|digit| char::from(*digit).to_digit(16).expect("hexadecimal")) {
        bits = bits << 4 | digit;
        count += 4;
        if count >= 6 {
            count -= 6;
            base64.push(char::from(alphabet[(bits >> count & 63) as usize]));
        }
    }
    base64
}

#[test]
fn the_consent_page_is_asked_for_exactly_what_is_documented() {
    let server = Server::start();
    server.once("POST", "/token", |_| Reply::json(&token()));
    google_account(&server);
    let home = Home::google(&server, "");
    let (page, output) = log_in(&home);
    output.expect(0);
    assert_eq!(page.page, server.url("/authorize"));
    let names: BTreeSet<_> = page.query.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        BTreeSet::from([
            "response_type",
            "client_id",
            "redirect_uri",
            "scope",
            "access_type",
            "prompt",
            "state",
            "code_challenge",
            "code_challenge_method",
        ])
    );
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", GOOGLE_ID),
        ("access_type", "offline"),
        ("prompt", "consent"),
        ("code_challenge_method", "S256"),
        ("scope", &google_scopes().join(" ")),
    ] {
        assert_eq!(page.get(name), value, "{name}");
    }
    let port = page
        .get("redirect_uri")
        .strip_prefix("http://127.0.0.1:")
        .and_then(|rest| rest.strip_suffix('/'));
    assert!(
        port.is_some_and(|port| port.parse::<u16>().is_ok_and(|port| port > 0)),
        "{}",
        page.get("redirect_uri")
    );
    assert!(page.get("state").len() >= 16, "{}", page.get("state"));
    assert_eq!(page.get("code_challenge").len(), 43);
}

#[test]
fn the_code_is_exchanged_with_the_secret_in_the_body_and_the_verifier_of_the_challenge() {
    let server = Server::start();
    server.once("POST", "/token", |_| Reply::json(&token()));
    google_account(&server);
    let home = Home::google(&server, "");
    let (page, output) = log_in(&home);
    let output = output.expect(0);
    let request = server.requests_to("/token").remove(0);
    assert_eq!(request.header("authorization"), None);
    assert_eq!(
        request.header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
    let fields: BTreeSet<_> = request.form().into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        fields.iter().map(String::as_str).collect::<Vec<_>>(),
        [
            "client_id",
            "client_secret",
            "code",
            "code_verifier",
            "grant_type",
            "redirect_uri"
        ]
    );
    for (name, value) in [
        ("grant_type", "authorization_code"),
        ("code", CODE),
        ("client_id", GOOGLE_ID),
        ("client_secret", CLIENT_SECRET),
        ("redirect_uri", page.get("redirect_uri")),
    ] {
        assert_eq!(request.field(name).as_deref(), Some(value), "{name}");
    }
    let verifier = request.field("code_verifier").expect("a verifier");
    assert!((43..=128).contains(&verifier.len()));
    assert_eq!(s256(&verifier), page.get("code_challenge"));
    assert!(
        !output.stderr.contains(&verifier)
            && !home.stored("google").to_string().contains(&verifier)
    );
}

#[test]
fn each_login_has_a_state_and_a_challenge_of_its_own() {
    let server = Server::start();
    let home = Home::google(&server, "");
    let pages: Vec<_> = (0..2)
        .map(|_| home.start(["login"]).consent_page())
        .collect();
    for name in ["state", "code_challenge"] {
        assert_ne!(pages[0].get(name), pages[1].get(name));
    }
}

#[test]
fn a_login_is_stored_and_said_with_the_account_and_the_place() {
    let server = Server::start();
    server.once("POST", "/token", |_| Reply::json(&token()));
    google_account(&server);
    let home = Home::google(&server, "");
    let (_, output) = log_in(&home);
    let path = home.token_path("google");
    let output = output.expect(0).says(&[
        "logged in as 111111256096816351",
        &path.display().to_string(),
    ]);
    assert_eq!(output.stdout, "");
    let stored = home.stored("google");
    assert_eq!(
        (
            stored["access_token"].as_str(),
            stored["refresh_token"].as_str()
        ),
        (Some(ACCESS), Some(REFRESH))
    );
    for request in server
        .requests()
        .iter()
        .filter(|request| request.path.starts_with("/v4/"))
    {
        assert_eq!(
            request.header("authorization"),
            Some(format!("Bearer {ACCESS}").as_str())
        );
    }
}

#[cfg(unix)]
#[test]
fn the_token_file_and_its_folder_are_for_the_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let server = Server::start();
    server.once("POST", "/token", |_| Reply::json(&token()));
    google_account(&server);
    let home = Home::google(&server, "");
    let mut command = home.other("sh");
    command.args([
        "-c",
        &format!("umask 000; exec {} login", env!("CARGO_BIN_EXE_fitbit-hr")),
    ]);
    let run = crate::program::Running::start(command);
    browse("GET", &run.consent_page().back_with(&[("code", CODE)]));
    run.finish().expect(0);
    let mode = |path: &std::path::Path| {
        std::fs::metadata(path).expect("there").permissions().mode() & 0o7777
    };
    assert_eq!(mode(&home.token_path("google")), 0o600);
    assert_eq!(mode(&home.below("state")), 0o700);
}

#[test]
fn the_downloaded_client_file_serves_in_both_its_kinds() {
    for kind in ["installed", "web"] {
        let server = Server::start();
        server.once("POST", "/token", |_| Reply::json(&token()));
        google_account(&server);
        let home = Home::new();
        let port = crate::program::free_port();
        let registered = format!("http://localhost:{port}/callback");
        home.keys(&format!(
            "client_file = \"client_secret_1.json\"\n{}",
            endpoints(&server)
        ));
        let file = json!({kind: {"client_id": GOOGLE_ID, "project_id": "p", "auth_uri": "https://accounts.google.com/o/oauth2/auth",
            "token_uri": "https://oauth2.googleapis.com/token", "client_secret": CLIENT_SECRET,
            "redirect_uris": if kind == "web" { vec![registered.as_str()] } else { vec!["http://localhost"] }}});
        home.file("client_secret_1.json", file.to_string());
        let (page, output) = log_in(&home);
        output.expect(0);
        if kind == "web" {
            assert_eq!(page.get("redirect_uri"), registered);
        } else {
            assert!(page.get("redirect_uri").starts_with("http://127.0.0.1:"));
        }
        let request = server.requests_to("/token").remove(0);
        assert_eq!(
            request.field("client_secret").as_deref(),
            Some(CLIENT_SECRET)
        );
    }
}

#[test]
fn a_registered_redirect_url_is_sent_and_served_letter_for_letter() {
    for tail in ["", "/", "/call/back", "/call/back/"] {
        let server = Server::start();
        server.once("POST", "/token", |_| Reply::json(&token()));
        google_account(&server);
        let url = format!("http://localhost:{}{tail}", crate::program::free_port());
        let home = Home::google(&server, &format!("redirect_url = \"{url}\""));
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
fn the_browser_of_the_environment_is_opened_on_the_printed_address() {
    let server = Server::start();
    server.once("POST", "/token", |_| Reply::json(&token()));
    google_account(&server);
    let consent = |request: &crate::server::Request| {
        let page = ConsentPage {
            page: String::new(),
            query: request.query.clone(),
        };
        Reply::status(302).with("Location", &page.back_with(&[("code", CODE)]))
    };
    server.once("GET", "/authorize", consent);
    let home = Home::google(&server, "").browser("exec curl -sSL -o tmp/page.html \"$1\"");
    std::fs::create_dir(home.work("tmp")).expect("made");
    let output = home.run(["login"]).expect(0).says(&["logged in"]);
    assert_eq!(home.opened().len(), 1);
    assert!(
        output.stderr.contains(&home.opened()[0]),
        "{}",
        output.stderr
    );
    assert!(
        home.read("tmp/page.html").contains("Success"),
        "{}",
        home.read("tmp/page.html")
    );
}

#[test]
fn a_browser_that_cannot_be_started_leaves_the_address_to_the_person() {
    let server = Server::start();
    server.once("POST", "/token", |_| Reply::json(&token()));
    google_account(&server);
    let home = Home::google(&server, "")
        .with("BROWSER", "/nowhere/browser")
        .with("PATH", "/nowhere");
    let (_, output) = log_in(&home);
    output.expect(0);
}

#[test]
fn json_about_a_login_is_one_object_and_nothing_else() {
    let server = Server::start();
    server.once("POST", "/token", |_| Reply::json(&token()));
    google_account(&server);
    let home = Home::google(&server, "");
    let run = home.start(["login", "--json"]);
    browse("GET", &run.consent_page().back_with(&[("code", CODE)]));
    let value = run.finish().expect(0).json();
    assert_eq!(
        (&value["provider"], &value["logged_in"]),
        (&json!("google"), &json!(true))
    );
}

#[test]
fn a_missing_tick_is_named_and_only_the_heart_rate_is_indispensable() {
    let all = google_scopes();
    for (granted, code, says) in [
        (
            vec![&all[0]],
            0,
            vec!["settings.readonly", "activity_and_fitness.readonly"],
        ),
        (
            vec![&all[0], &all[2]],
            0,
            vec!["settings.readonly", "time zone"],
        ),
        (
            vec![&all[0], &all[1]],
            0,
            vec!["activity_and_fitness.readonly", "zone"],
        ),
        (
            vec![&all[1], &all[2]],
            77,
            vec!["health_metrics_and_measurements.readonly", "tick"],
        ),
    ] {
        let server = Server::start();
        let scope = granted
            .iter()
            .map(|scope| scope.as_str())
            .collect::<Vec<_>>()
            .join(" ");
        server.once("POST", "/token", move |_| {
            let mut token = token();
            token["scope"] = Value::from(scope.clone());
            Reply::json(&token)
        });
        google_account(&server);
        let home = Home::google(&server, "");
        let (_, output) = log_in(&home);
        output.expect(code).says(&says);
        assert_eq!(home.token_path("google").exists(), code == 0);
        if !granted.contains(&&all[1]) {
            assert!(
                server.requests_to("/v4/users/me/settings").is_empty(),
                "asked without the scope"
            );
        }
    }
}

#[test]
fn what_the_redirect_says_was_granted_counts_where_the_token_does_not_say() {
    let server = Server::start();
    server.once("POST", "/token", |_| {
        let mut token = token();
        token.as_object_mut().expect("an object").remove("scope");
        Reply::json(&token)
    });
    google_account(&server);
    let home = Home::google(&server, "");
    let run = home.start(["login"]);
    let granted = google_scopes()[0].clone();
    browse(
        "GET",
        &run.consent_page()
            .back_with(&[("code", CODE), ("scope", &granted)]),
    );
    run.finish().expect(0).says(&["settings.readonly"]);
    assert_eq!(home.stored("google")["scopes"], json!([granted]));
}

#[test]
fn a_login_of_a_project_in_testing_tells_its_end_and_the_way_out() {
    let server = Server::start();
    server.once("POST", "/token", |_| {
        let mut token = token();
        token["refresh_token_expires_in"] = json!(604_799);
        Reply::json(&token)
    });
    google_account(&server);
    let home = Home::google(&server, "");
    let (_, output) = log_in(&home);
    let end = crate::program::in_seconds(604_799)
        .format("%Y-%m")
        .to_string();
    output.expect(0).says(&[
        "warning:",
        &end,
        "Testing",
        "https://console.cloud.google.com/auth/audience",
    ]);
    assert!(home.stored("google")["login_expires_at"].is_string());
}
