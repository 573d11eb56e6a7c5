//! The keys file, the environment and the flags laid over each other.

use crate::answers::{ONE_DAY, google_account, home, token};
use crate::program::{FITBIT_ID, GOOGLE_ID, Home, endpoints};
use crate::secrets::{APP_SECRET, CLIENT_SECRET, CODE};
use crate::server::{Reply, Server, browse};
use serde_json::{Value, json};
use std::fs;
use std::time::Duration;

/// A keys file that can be told from others by its time zone.
fn keys(zone: &str) -> String {
    format!("client_id = \"{FITBIT_ID}\"\noutput_dir = \"{zone}\"\n")
}

fn used(home: &Home, arguments: &[&str]) -> Value {
    home.run([&["status", "--json"], arguments].concat())
        .expect(0)
        .json()["output_dir"]
        .clone()
}

#[cfg(target_os = "linux")]
#[test]
fn the_first_keys_file_found_wins() {
    let home = Home::new();
    assert_eq!(used(&home, &[]), "fitbit_data");
    fs::create_dir_all(home.below("home/.config/fitbit-hr")).expect("made");
    fs::write(home.below("home/.config/fitbit-hr/keys.toml"), keys("home")).expect("written");
    let home = home.without("XDG_CONFIG_HOME");
    assert_eq!(used(&home, &[]), "home");
    let folder = home.below("config").display().to_string();
    let home = home.with("XDG_CONFIG_HOME", &folder);
    assert_eq!(used(&home, &[]), "fitbit_data");
    fs::create_dir_all(home.below("config/fitbit-hr")).expect("made");
    fs::write(home.below("config/fitbit-hr/keys.toml"), keys("xdg")).expect("written");
    assert_eq!(used(&home, &[]), "xdg");
    home.keys(&keys("here"));
    assert_eq!(used(&home, &[]), "here");
    let variable = home
        .file("variable-keys.toml", keys("variable"))
        .display()
        .to_string();
    let home = home.with("FITBIT_HR_KEYS", &variable);
    assert_eq!(used(&home, &[]), "variable");
    home.file("flag-keys.toml", keys("flag"));
    assert_eq!(used(&home, &["--keys", "flag-keys.toml"]), "flag");
}

#[test]
fn without_keys_the_places_looked_at_and_the_demo_are_named() {
    let home = Home::new();
    for arguments in [vec![], vec!["2017-06-01"], vec!["login"]] {
        let place = home
            .below("config/fitbit-hr/keys.toml")
            .display()
            .to_string();
        home.run(arguments)
            .expect(78)
            .says(&["keys.toml", &place, "keys.example.toml", "--demo"])
            .with_one_error();
    }
}

#[test]
fn a_keys_file_that_was_named_has_to_be_there() {
    let home = Home::new();
    home.keys(&keys("here"));
    for command in [vec![], vec!["status"], vec!["login"], vec!["logout"]] {
        home.run([&command[..], &["--keys", "none.toml"]].concat())
            .expect(78)
            .says(&["none.toml"])
            .with_one_error();
    }
    let home = home.with("FITBIT_HR_KEYS", "gone.toml");
    home.run(["status"])
        .expect(78)
        .says(&["gone.toml"])
        .with_one_error();
}

#[test]
fn a_mistake_in_the_keys_file_is_named_with_its_line() {
    for (text, line, says) in [
        (
            format!("client_id = \"{FITBIT_ID}\"\n\nclient_secrt = \"{APP_SECRET}\"\n"),
            3,
            "client_secrt",
        ),
        (
            format!("client_id = \"{FITBIT_ID}\"\nclient_secret = \"{APP_SECRET}\n"),
            2,
            "keys.toml",
        ),
        (
            format!("client_secret = \"{APP_SECRET}\"\nclient_secret = \"{APP_SECRET}\"\n"),
            2,
            "duplicate",
        ),
        (format!("client_secret = {APP_SECRET}\n"), 1, "keys.toml"),
        (
            "[endpoints]\napi = \"https://x.example\"\nbase = \"https://y.example\"\n".to_owned(),
            3,
            "base",
        ),
        ("[profile.alice]\nclient = \"x\"\n".to_owned(), 2, "client"),
        ("timezone = 7\n".to_owned(), 1, "a text in quotes"),
        ("requests_per_second = \"many\"\n".to_owned(), 1, "a number"),
    ] {
        let home = Home::new();
        home.keys(&text);
        for command in ["status", "login", "logout", "2017-06-01"] {
            home.run([command])
                .expect(78)
                .says(&[&format!("line {line}"), says])
                .with_one_error();
        }
    }
}

#[test]
fn a_secret_without_its_quotes_is_not_repeated() {
    let home = Home::new();
    for value in [
        "31415926535897",
        "3.1415926535897",
        "[\"31415926535897\"]",
        "2017-06-01T00:31:41Z",
    ] {
        home.keys(&format!(
            "client_id = \"{FITBIT_ID}\"\nclient_secret = {value}\n"
        ));
        let output = home
            .run(["status"])
            .expect(78)
            .says(&["line 2", "a text in quotes"])
            .with_one_error();
        let digits = value.trim_matches(['[', ']', '"']);
        output.never_says(digits).never_says("31:41");
    }
}

#[test]
fn a_value_that_makes_no_sense_is_named_with_its_field() {
    for (text, field) in [
        ("provider = \"garmin\"", "provider"),
        ("timezone = \"Mars/Olympus_Mons\"", "timezone"),
        ("requests_per_second = 0", "requests_per_second"),
        ("requests_per_second = -1.5", "requests_per_second"),
        ("endpoints.api = \"health.googleapis.com\"", "api"),
        ("endpoints.token = \"ftp://x.example/\"", "token"),
        ("client_id = \"...\"", "client_id"),
        ("client_file = \"missing.json\"", "missing.json"),
    ] {
        let home = Home::new();
        home.keys(text);
        home.run(["login"])
            .expect(78)
            .says(&[field])
            .with_one_error();
    }
}

#[test]
fn a_redirect_url_that_cannot_work_is_refused_before_the_browser_opens() {
    for url in [
        "https://localhost:1410/",
        "http://example.com/",
        "http://0.0.0.0:1410/",
        "http://localhost:1410/?a=b",
        "localhost:1410",
    ] {
        let home = Home::google(&Server::start(), &format!("redirect_url = \"{url}\""));
        home.run(["login"])
            .expect(78)
            .says(&["redirect_url"])
            .with_one_error();
        assert_eq!(home.opened(), Vec::<String>::new());
    }
}

#[test]
fn a_damaged_client_file_is_named() {
    for content in [
        "",
        "{",
        "[]",
        "{}",
        "{\"installed\": {}}",
        "{\"other\": {\"client_id\": \"x\"}}",
    ] {
        let home = Home::new();
        home.keys("client_file = \"client_secret.json\"");
        home.file("client_secret.json", content);
        home.run(["login"])
            .expect(78)
            .says(&["client_secret.json"])
            .with_one_error();
    }
}

#[test]
fn a_google_client_without_its_secret_is_told_so() {
    let home = Home::new();
    home.keys(&format!("client_id = \"{GOOGLE_ID}\""));
    home.run(["login"])
        .expect(78)
        .says(&["client_secret"])
        .with_one_error();
}

#[test]
fn the_client_of_the_environment_overrides_the_file() {
    let server = Server::start();
    server.once("POST", "/token", |_| Reply::json(&token()));
    google_account(&server);
    let home = Home::new();
    home.keys(&format!(
        "client_id = \"1-file.apps.googleusercontent.com\"\nclient_secret = \"{APP_SECRET}\"\n{}",
        endpoints(&server)
    ));
    let home = home
        .with("FITBIT_HR_CLIENT_ID", GOOGLE_ID)
        .with("FITBIT_HR_CLIENT_SECRET", CLIENT_SECRET);
    let run = home.start(["login"]);
    let page = run.consent_page();
    assert_eq!(page.get("client_id"), GOOGLE_ID);
    browse("GET", &page.back_with(&[("code", CODE)]));
    run.finish().expect(0);
    let request = server.requests_to("/token").remove(0);
    assert_eq!(
        (
            request.field("client_id").as_deref(),
            request.field("client_secret").as_deref()
        ),
        (Some(GOOGLE_ID), Some(CLIENT_SECRET))
    );
}

#[test]
fn the_client_of_the_environment_needs_no_keys_file() {
    let home = Home::new()
        .with("FITBIT_HR_CLIENT_ID", GOOGLE_ID)
        .with("FITBIT_HR_CLIENT_SECRET", CLIENT_SECRET);
    home.run(ONE_DAY).expect(77);
    assert_eq!(
        home.run(["status", "--json"]).expect(0).json()["provider"],
        "google"
    );
    let home = Home::new().with("FITBIT_HR_CLIENT_ID", FITBIT_ID);
    assert_eq!(
        home.run(["status", "--json"]).expect(0).json()["provider"],
        "fitbit"
    );
}

#[test]
fn a_profile_lies_over_the_rest_of_the_file_and_logs_in_for_itself() {
    let server = Server::start();
    server.once("POST", "/token", |_| Reply::json(&token()));
    google_account(&server);
    let home = Home::google(&server, "output_dir = \"all\"");
    let keys = home.read("keys.toml");
    let alice = format!(
        "[profile.alice]\nclient_id = \"1-alice.apps.googleusercontent.com\"\nclient_secret = \"{CLIENT_SECRET}\"\noutput_dir = \"alice\"\n"
    );
    home.keys(&format!("{keys}{alice}"));
    assert_eq!(used(&home, &[]), "all");
    assert_eq!(used(&home, &["--profile", "default"]), "all");
    assert_eq!(used(&home, &["--profile", "alice"]), "alice");
    let run = home.start(["login", "--profile", "alice"]);
    let page = run.consent_page();
    assert_eq!(page.get("client_id"), "1-alice.apps.googleusercontent.com");
    browse("GET", &page.back_with(&[("code", CODE)]));
    run.finish().expect(0);
    assert!(home.below("state/google-alice.json").exists() && !home.token_path("google").exists());
}

#[test]
fn a_profile_may_be_of_the_other_service() {
    let home = Home::google(&Server::start(), "");
    home.keys(&format!(
        "{}[profile.bob]\nclient_id = \"{FITBIT_ID}\"\n",
        home.read("keys.toml")
    ));
    let value = home
        .run(["status", "--json", "--profile", "bob"])
        .expect(0)
        .json();
    assert_eq!(
        (&value["provider"], &value["token_path"]),
        (
            &json!("fitbit"),
            &json!(home.below("state/fitbit-bob.json").display().to_string())
        )
    );
}

#[test]
fn tokens_are_kept_where_the_environment_says() {
    let home = Home::new();
    let path = |home: &Home| home.run(["status", "--json"]).expect(0).json()["token_path"].clone();
    let expected = |home: &Home, path: &str| json!(home.below(path).display().to_string());
    assert_eq!(path(&home), expected(&home, "state/google-default.json"));
    let home = home.without("FITBIT_HR_STATE_DIR");
    assert_eq!(
        path(&home),
        expected(&home, "xdg-state/fitbit-hr/google-default.json")
    );
    #[cfg(target_os = "linux")]
    {
        let home = home.without("XDG_STATE_HOME");
        assert_eq!(
            path(&home),
            expected(&home, "home/.local/state/fitbit-hr/google-default.json")
        );
    }
}

#[test]
fn the_example_documents_every_field_and_is_a_keys_file() {
    let example = include_str!("../../keys.example.toml");
    // With every commented line switched on it has to be understood as a whole, all but its placeholders.
    let all: String = example
        .lines()
        .map(|line| {
            line.strip_prefix('#')
                .filter(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase() || c == '['))
                .unwrap_or(line)
        })
        .fold(String::new(), |text, line| text + line + "\n");
    for field in [
        "provider",
        "client_id",
        "client_secret",
        "client_file",
        "redirect_url",
        "timezone",
        "output_dir",
        "archive",
        "requests_per_second",
        "extracts",
        "done",
        "failed",
        "stale",
        "authorize",
        "token",
        "revoke",
        "api",
    ] {
        assert!(
            all.lines()
                .any(|line| line.starts_with(&format!("{field} = "))),
            "{field}"
        );
    }
    for table in ["[endpoints]", "[profile.", "[extract.", "[hooks]"] {
        assert!(all.contains(table), "{table}");
    }
    let home = Home::new();
    let client = format!("client_id = \"{GOOGLE_ID}\"\n");
    let file = json!({"installed": {"client_id": GOOGLE_ID, "client_secret": CLIENT_SECRET}});
    home.file("client_secret.json", file.to_string());
    home.keys(
        &all.replace("client_id = \"...\"\n", &client)
            .replace("client_secret = \"...\"\n", ""),
    );
    home.run(["status", "--keys", "keys.toml"]).expect(0);
    home.run(["status", "--keys", "keys.toml", "--profile", "alice"])
        .expect(0);
    home.keys(example);
    home.run(["login"])
        .expect(78)
        .says(&["placeholder"])
        .with_one_error();
}

#[test]
fn the_rate_of_the_keys_file_holds_back_more_than_a_burst() {
    let server = Server::start();
    let points = "/v4/users/me/dataTypes/heart-rate/dataPoints:reconcile";
    server.any("GET", points, |_| Reply::json(&json!({"dataPoints": []})));
    let home = home(&server, 3000);
    let keys = home.read("keys.toml");
    home.keys(&keys.replace("requests_per_second = 1000", "requests_per_second = 0.5"));
    let output = home.run(["2017-06-01", "1sec", "--no-summary"]).expect(0);
    // Twelve seconds' worth goes at once: six requests.
    let held_back = u32::try_from(server.requests().len()).expect("few") - 6;
    assert!(
        held_back > 0 && output.took > Duration::from_millis(1900) * held_back,
        "{held_back}: {:?}",
        output.took
    );
}
