//! Files of the first version, kept as they were written: every later version reads them. And files of versions to come, which
//! this one leaves alone.

use crate::answers::google_account;
use crate::files::{below, has_extension};
use crate::program::Home;
use crate::secrets::{ACCESS, CLIENT_SECRET, REFRESH};
use crate::server::{Reply, Server};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// A file as the first version wrote it.
fn golden(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    fs::read_to_string(path.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The archive of the first version, which is the demo's: a day by the quarter of an hour, years of sleep and weight, a day of
/// steps, whose it is, and what sync remembers.
fn with_archive(home: &Home, folder: &str) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/archive");
    copy(&from, &home.work(folder));
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("made");
    for entry in fs::read_dir(from)
        .expect("there")
        .map(|entry| entry.expect("an entry"))
    {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("copied");
        }
    }
}

#[test]
fn an_archive_of_the_first_version_is_read_and_known_to_be_whole() {
    let home = Home::new();
    with_archive(&home, "demo_data/archive");
    let day = ["--from", "2026-06-01", "--to", "2026-06-01"];
    let export = home
        .run([&["--demo", "export"][..], &day].concat())
        .expect(0);
    let lines: Vec<_> = export.stdout.lines().collect();
    assert_eq!((lines.len(), lines[1]), (94, "2026-06-01,00:00:00,52"));
    let more = [
        "--detail",
        "15min",
        "--extract",
        "heart_rate,sleep,steps,weight",
    ];
    let due = [&["--demo", "sync", "--dry-run", "--json"][..], &day, &more].concat();
    assert_eq!(home.run(due).expect(0).json()["days"], 0);
    let status = home.run(["--demo", "status", "--json"]).expect(0).json();
    assert_eq!(status["archive"]["details"][0]["samples"], 93);
    // It is known to be the demo's.
    home.run(["status"]).expect(0);
    home.run(["--output-dir", "demo_data", "export"]).expect(66);
}

/// Somebody with the keys file of the first version, for this service.
fn with_keys(server: &Server, provider: &str) -> Home {
    let home = Home::new();
    let keys = golden(&format!("keys-{provider}.toml"))
        .replace("https://service.example", &server.url(""))
        .replace("the-client-secret", CLIENT_SECRET);
    home.keys(&keys);
    home
}

/// The login of the first version, which a test may not be asked to keep a secret of.
fn with_login(home: &Home, server: &Server, provider: &str) {
    let token = golden(&format!("state/{provider}-default.json"))
        .replace("https://service.example", &server.url(""))
        .replace("the-access-token", ACCESS)
        .replace("the-refresh-token", REFRESH);
    home.store(provider, token.as_bytes());
}

#[test]
fn keys_and_login_of_the_first_version_are_read() {
    let server = Server::start();
    let home = with_keys(&server, "google");
    with_login(&home, &server, "google");
    let status = home
        .run(["--keys", "keys.toml", "status", "--json"])
        .expect(0)
        .json();
    assert_eq!(status["logged_in"], true);
    assert_eq!(status["account"], "111111256096816351");
    assert_eq!(status["legacy_account"], "26FWFL");
    assert_eq!(status["timezone"], "America/New_York");
    assert_eq!(status["output_dir"], "heart");
    assert_eq!(status["archive"]["path"], "heart/archive");
    assert_eq!(status["login_expires_at"], "2099-12-01T00:00:00Z");
    let altitude = home.run(["--keys", "keys.toml", "extracts", "my_altitude"]);
    altitude.expect(0);
}

#[test]
fn a_quota_of_the_first_version_is_read() {
    let server = Server::start();
    let home = with_keys(&server, "fitbit");
    with_login(&home, &server, "fitbit");
    let path = home.below("state/quota-fitbit-default.json");
    fs::write(&path, golden("state/quota-fitbit-default.json")).expect("written");
    let status = home.run(["status", "--json"]).expect(0).json();
    assert_eq!(status["quota"]["remaining"], 121);
    // One of a version to come is no number to go by.
    let newer = golden("state/quota-fitbit-default.json").replace('{', "{\"version\":2,");
    fs::write(&path, &newer).expect("written");
    let status = home.run(["status", "--json"]).expect(0).json();
    assert_eq!(status["quota"], Value::Null);
    assert_eq!(fs::read_to_string(path).expect("there"), newer);
}

#[test]
fn a_login_of_a_version_to_come_is_left_alone() {
    let server = Server::start();
    // Whether the service is there doctor asks without the login.
    server.any("GET", "/v4/users/me/identity", |_| Reply::status(401));
    let home = Home::google(&server, "");
    home.logged_in_with("google", -5, &json!({"version": 2}));
    let before = fs::read(home.token_path("google")).expect("there");
    for arguments in [
        &["2017-06-01"][..],
        &["sync"],
        &["logout"],
        &["login", "--timeout", "5"],
    ] {
        home.run(arguments)
            .expect(78)
            .with_one_error()
            .says(&["written by a newer version", "update fitbit-hr"]);
    }
    home.run(["doctor"]).expect(78).says(&["newer version"]);
    assert_eq!(fs::read(home.token_path("google")).expect("there"), before);
}

/// Every file of the working folder but locks, with its bytes.
fn files(home: &Home) -> BTreeMap<String, Vec<u8>> {
    let mut files = below(&home.work(""));
    files.retain(|name, _| !has_extension(name, "lock"));
    files
}

#[test]
fn an_archive_of_a_version_to_come_is_left_alone() {
    for (name, code) in [(".fitbit-hr.sync.json", 78), (".fitbit-hr.owner", 65)] {
        let home = Home::new();
        with_archive(&home, "demo_data/archive");
        home.file(&format!("demo_data/archive/{name}"), "{\"version\": 2}");
        let before = files(&home);
        home.run([
            "--demo",
            "sync",
            "--from",
            "2026-06-01",
            "--to",
            "2026-06-02",
        ])
        .expect(code)
        .with_one_error()
        .says(&["written by a newer version", "update fitbit-hr"]);
        assert!(files(&home) == before, "{name}");
    }
    // What exports say beside the archive, for an import.
    let home = Home::new();
    home.file(
        "heart_rate_2025-04-05.csv",
        "timestamp,beats per minute,data source\n2025-04-05T10:00:00Z,61.0,Inspire 3\n",
    );
    home.file(
        "fitbit_data/archive/.fitbit-hr.exports.json",
        "{\"version\": 2}",
    );
    let before = files(&home);
    home.run(["import", "heart_rate_2025-04-05.csv"])
        .expect(65)
        .with_one_error()
        .says(&["written by a newer version", "update fitbit-hr"]);
    assert!(files(&home) == before);
}

#[test]
fn keys_of_a_version_to_come_name_the_line_and_say_so() {
    let home = Home::new();
    home.keys("client_id = \"1-a.apps.googleusercontent.com\"\nteleport = true\n");
    home.run(["status"])
        .expect(78)
        .with_one_error()
        .says(&["line 2", "newer version may know"]);
}

#[test]
fn a_login_is_still_written_in_the_form_of_the_first_version() {
    let server = Server::start();
    google_account(&server);
    server.once("POST", "/token", |_| Reply::json(&crate::answers::token()));
    let home = Home::google(&server, "");
    let (_, output) = crate::login_google::log_in(&home);
    output.expect(0);
    let names = |value: &Value| -> Vec<String> {
        let members = value.as_object().expect("an object");
        members.keys().cloned().collect()
    };
    let first: Value = serde_json::from_str(&golden("state/google-default.json")).expect("JSON");
    let mut now = names(&home.stored("google"));
    let mut then = names(&first);
    now.sort();
    then.sort();
    assert_eq!(
        now, then,
        "a new member needs a version, or to be left out by older ones"
    );
}
