//! A login is not lost: mounted files, signals, empty strings, locks that stay held, files that root left, services that
//! cannot be asked.

use crate::answers::{
    FITBIT_MINUTES, MINUTES, ONE_DAY, fitbit_home, fitbit_minutes, fitbit_renewed, home, minutes,
    renewed,
};
use crate::program::Home;
use crate::secrets::{ACCESS_2, CLIENT_SECRET, REFRESH, REFRESH_2};
use crate::server::{Reply, Server};
use fitbit_hr::environment::Environment;
use serde_json::json;
use std::fs;
use std::process::Command;
use std::time::Duration;

#[test]
fn an_empty_string_in_a_renewal_is_no_value_and_a_life_may_be_a_string() {
    let server = Server::start();
    server.once("POST", "/token", |_| {
        let mut answer = renewed();
        for name in ["refresh_token", "scope"] {
            answer[name] = json!("");
        }
        answer["expires_in"] = json!("3599");
        Reply::json(&answer)
    });
    server.once("POST", MINUTES, |_| minutes());
    let home = home(&server, -5);
    let before = home.stored("google");
    home.run(ONE_DAY).expect(0);
    let after = home.stored("google");
    assert_eq!(
        (&after["refresh_token"], &after["access_token"]),
        (&json!(REFRESH), &json!(ACCESS_2))
    );
    assert_eq!(after["scopes"], before["scopes"]);
}

#[cfg(unix)]
#[test]
fn a_renewal_is_finished_before_any_signal_ends_the_run() {
    // Under nohup that signal is none, to the tests as to what they start.
    let hangup = (!Environment::read().ignores_hangup).then_some(("HUP", 129));
    let signals = [("INT", 130), ("TERM", 143)];
    for (signal, code) in signals.into_iter().chain(hangup) {
        let server = Server::start();
        let (sent, is_sent) = std::sync::mpsc::channel();
        server.once("POST", "/token", move |_| {
            // Answered once the signal is on its way, however long that takes, and has had time to be heard.
            is_sent.recv().expect("a signal");
            Reply::json(&fitbit_renewed()).after(Duration::from_millis(500))
        });
        // A machine that is slow to bring the signal has it before anything else ends the run.
        server.any("GET", FITBIT_MINUTES, |_| {
            fitbit_minutes().after(Duration::from_secs(20))
        });
        let home = fitbit_home(&server, -5);
        let run = home.start(ONE_DAY);
        while server.requests_to("/token").is_empty() {
            std::thread::sleep(Duration::from_millis(5));
        }
        run.signal(signal);
        sent.send(()).expect("a service that waits");
        run.finish().expect(code);
        assert_eq!(
            home.stored("fitbit")["refresh_token"],
            REFRESH_2,
            "{signal}"
        );
    }
}

/// The program in a mount namespace of its own, where the token file is a mount point; `None` where none can be had.
#[cfg(target_os = "linux")]
fn with_the_token_mounted(
    home: &Home,
    provider: &str,
    arguments: &str,
) -> Option<crate::program::Output> {
    let may = Command::new("unshare").args(["-rm", "true"]).status();
    if !may.is_ok_and(|status| status.success()) {
        return None;
    }
    let outside = home.below(&format!("state/mounted-{provider}.json"));
    fs::copy(home.token_path(provider), &outside).expect("copied");
    let mut command = home.other("unshare");
    let line = format!(
        "mount --bind {} {} && exec {} {arguments}",
        outside.display(),
        home.token_path(provider).display(),
        env!("CARGO_BIN_EXE_fitbit-hr")
    );
    command.args(["-rm", "sh", "-c", &line]);
    let output = crate::program::run(command);
    fs::copy(&outside, home.token_path(provider)).expect("copied back");
    Some(output)
}

#[cfg(target_os = "linux")]
#[test]
fn a_token_file_that_is_mounted_alone_is_written_in_place() {
    let server = Server::start();
    server.any("POST", "/token", |_| Reply::json(&fitbit_renewed()));
    server.any("GET", FITBIT_MINUTES, |_| fitbit_minutes());
    server.any("POST", "/revoke", |_| Reply::status(200));
    let home = fitbit_home(&server, -5);
    let Some(output) = with_the_token_mounted(&home, "fitbit", &ONE_DAY.join(" ")) else {
        return;
    };
    output.expect(0);
    assert_eq!(home.stored("fitbit")["refresh_token"], REFRESH_2);
    let output = with_the_token_mounted(&home, "fitbit", "logout").expect("as before");
    output.expect(0).says(&["logged out"]);
    assert_eq!(fs::read(home.token_path("fitbit")).expect("there"), b"");
    // An empty one is nobody's login.
    let output = with_the_token_mounted(&home, "fitbit", &ONE_DAY.join(" ")).expect("as before");
    output.expect(77);
}

/// The program as `nobody`, where the test may become that.
#[cfg(target_os = "linux")]
fn as_nobody(home: &Home, arguments: &[&str]) -> Option<crate::program::Output> {
    let user = ["--reuid=65534", "--regid=65534", "--clear-groups"];
    let may = Command::new("setpriv")
        .args(user)
        .arg(env!("CARGO_BIN_EXE_fitbit-hr"))
        .arg("--version")
        .output();
    if !may.is_ok_and(|output| output.status.success()) {
        return None;
    }
    let mut command = home.other("setpriv");
    command
        .args(user)
        .arg(env!("CARGO_BIN_EXE_fitbit-hr"))
        .args(arguments);
    Some(crate::program::run(command))
}

#[cfg(target_os = "linux")]
#[test]
fn what_a_run_with_sudo_leaves_is_given_back_or_said_to_be_roots() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
    let server = Server::start();
    server.any("POST", "/token", |_| Reply::json(&renewed()));
    server.any("POST", MINUTES, |_| minutes());
    let home = home(&server, -5);
    fs::set_permissions(home.below(""), fs::Permissions::from_mode(0o755)).expect("ours");
    if chown(home.below("state"), Some(65534), None).is_err() {
        return;
    }
    // Root's own run: the files become the folder's owner's.
    home.run(ONE_DAY).expect(0);
    for name in ["google-default.json", "google-default.lock"] {
        let owner = fs::metadata(home.below("state").join(name))
            .expect("there")
            .uid();
        assert_eq!(owner, 65534, "{name}");
    }
    // What an earlier version left.
    chown(home.token_path("google"), Some(0), None).expect("root");
    let Some(output) = as_nobody(&home, &ONE_DAY) else {
        return;
    };
    let path = home.token_path("google").display().to_string();
    output
        .expect(78)
        .says(&["root", &format!("chown 65534 {path}")])
        .with_one_error();
}

#[test]
fn a_logout_that_cannot_ask_says_where_to_end_the_access_and_deletes_here_on_request() {
    let server = Server::start();
    server.any("POST", "/revoke", |_| {
        Reply::error(403, &json!({"error": "forbidden"}))
    });
    let home = home(&server, 3000);
    home.run(["logout"])
        .expect(69)
        .says(&["https://myaccount.google.com/connections", "logout --local"])
        .with_one_error();
    assert!(home.token_path("google").exists());
    fs::remove_file(home.work("keys.toml")).expect("there");
    home.run(["logout", "--local"])
        .expect(0)
        .says(&["https://myaccount.google.com/connections"]);
    assert!(!home.token_path("google").exists());
    let requests = server.requests_to("/revoke");
    assert_eq!(
        requests[0].field("client_secret").as_deref(),
        Some(CLIENT_SECRET)
    );
}
