//! Snapshots of `--help` at 80 columns and of the main error messages. To renew them: `UPDATE_SNAPSHOTS=1 cargo test --test it help`.

use crate::answers::{MINUTES, ONE_DAY, home};
use crate::program::{Home, free_port};
use crate::server::{Reply, Server, browse};
use serde_json::json;
use std::fmt::Write;
use std::fs;
use std::path::Path;

#[track_caller]
fn assert_snapshot(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/it/snapshots")
        .join(name);
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(&path, text).expect("written");
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        expected == text,
        "{name} is not as it was; UPDATE_SNAPSHOTS=1 renews it\n--- was\n{expected}\n--- is\n{text}"
    );
}

/// Every command with its words, the main job first.
fn commands() -> Vec<Vec<String>> {
    fn walk(command: &clap::Command, words: &[String], all: &mut Vec<Vec<String>>) {
        all.push(words.to_vec());
        for inner in command
            .get_subcommands()
            .filter(|inner| inner.get_name() != "help" && !inner.is_hide_set())
        {
            walk(
                inner,
                &[words, &[inner.get_name().to_owned()]].concat(),
                all,
            );
        }
    }
    let mut all = Vec::new();
    walk(&fitbit_hr::cli::definition(), &[], &mut all);
    all
}

#[test]
fn help_is_as_it_was() {
    let home = Home::new().with("COLUMNS", "80");
    for words in commands() {
        let long = home
            .run([&words[..], &["--help".to_owned()]].concat())
            .expect(0);
        assert_eq!(long.stderr, "");
        for line in long.stdout.lines() {
            assert!(
                line.chars().count() <= 80,
                "{words:?}: wider than 80 columns: {line}"
            );
        }
        assert!(
            long.stdout.contains("Examples:"),
            "{words:?} has no examples"
        );
        let name = [&["help".to_owned()], &words[..]].concat().join("-");
        assert_snapshot(&format!("{name}.txt"), &long.stdout);
    }
}

#[test]
fn every_command_is_found_by_its_help() {
    let home = Home::new();
    let help = home.run(["--help"]).expect(0).stdout;
    for words in commands().iter().filter(|words| words.len() == 1) {
        assert!(help.contains(&format!("  {} ", words[0])), "{words:?}");
    }
    assert!(
        home.run(["--version"])
            .expect(0)
            .stdout
            .starts_with("fitbit-hr ")
    );
    assert!(help.contains("2026-11-02"));
}

#[test]
fn the_main_error_messages_are_as_they_were() {
    let server = Server::start();
    let port = free_port();
    let mut text = String::new();
    let mut add = |title: &str, home: &Home, arguments: &[&str]| {
        let run = home.start(arguments);
        let output = if arguments == ["login", "--timeout", "30"] {
            let page = run.consent_page();
            browse("GET", &page.back_with(&[("error", "access_denied")]));
            run.finish()
        } else {
            run.finish()
        };
        let skipped = output
            .stderr
            .lines()
            .skip_while(|line| !line.starts_with("error: "));
        let shown = skipped.collect::<Vec<_>>().join("\n");
        let shown = shown
            .replace(&home.below("").display().to_string(), "{home}")
            .replace(&port.to_string(), "{port}");
        let _ = write!(
            text,
            "# {title}\n$ fitbit-hr {}\n{shown}\nexit code {}\n\n",
            arguments.join(" "),
            output.code
        );
    };
    add("no keys file", &Home::new(), &["2017-06-01"]);
    let wrong = Home::new();
    wrong.keys("client_id = \"23ABCD\"\nclient = \"x\"\n");
    add("a field that does not exist", &wrong, &["2017-06-01"]);
    let nobody = Home::google(&server, "");
    add("cron without a login", &nobody, &["yesterday", "1sec"]);
    add("a date that does not exist", &nobody, &["2017-02-30"]);
    add(
        "options that exclude each other",
        &nobody,
        &["today", "--stdout", "csv", "--json"],
    );
    add("access declined", &nobody, &["login", "--timeout", "30"]);
    let fixed = Home::google(
        &server,
        &format!("redirect_url = \"http://127.0.0.1:{port}/\""),
    );
    add("nothing comes back", &fixed, &["login", "--timeout", "1"]);
    let taken = std::net::TcpListener::bind(("127.0.0.1", port)).expect("free a moment ago");
    add("a port that is taken", &fixed, &["login"]);
    drop(taken);
    let damaged = home(&server, 3000);
    damaged.store("google", b"{");
    add("a damaged token file", &damaged, &ONE_DAY);
    server.once("POST", "/token", |_| Reply::error(400, &json!({"error": "invalid_grant", "error_description": "Token has been expired or revoked."})));
    add("a login that has ended", &home(&server, -5), &ONE_DAY);
    server.once("POST", MINUTES, |_| Reply::error(400, &json!({"error": {"code": 400, "message": "The account is not linked.", "status": "FAILED_PRECONDITION",
        "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "ACCOUNT_NOT_LINKED",
            "metadata": {"redirect_uri": "https://fitbit.google.com/auth/signup"}}]}})));
    add(
        "an account without a profile",
        &home(&server, 3000),
        &ONE_DAY,
    );
    server.once("POST", MINUTES, |_| Reply::html(200));
    add("a page instead of data", &home(&server, 3000), &ONE_DAY);
    server.once("GET", crate::answers::FITBIT_MINUTES, |_| {
        Reply::status(410)
    });
    add(
        "the legacy service",
        &crate::answers::fitbit_home(&server, 3000),
        &["2017-06-01"],
    );
    assert_snapshot("errors.txt", &text);
}
