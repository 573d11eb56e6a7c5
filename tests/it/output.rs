//! What a run writes and prints, and where it cannot.

use crate::answers::{
    CSV, FITBIT_MINUTES, MINUTES, ONE_DAY, fitbit_home, fitbit_minutes, home, minutes,
};
use crate::files::names;
use crate::program::{Home, run};
use crate::server::{Reply, Server};
use serde_json::{Value, json};
use std::fs;
use std::process::Stdio;

fn service(days: usize) -> Server {
    let server = Server::start();
    server.times(days, "POST", MINUTES, |_| minutes());
    server
}

fn day_with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&ONE_DAY[..], more].concat()
}

#[test]
fn both_files_are_written_and_written_anew() {
    let server = service(2);
    let home = home(&server, 3000);
    for _ in 0..2 {
        let output = home
            .run(ONE_DAY)
            .expect(0)
            .says(&["fitbit_data/hr.json", "fitbit_data/hr.csv"]);
        assert_eq!(output.stdout, "");
        assert_eq!(home.read("fitbit_data/hr.csv"), CSV);
        assert_eq!(names(&home.work("fitbit_data")), ["hr.csv", "hr.json"]);
        home.file("fitbit_data/hr.csv", "an earlier one");
    }
    let value: Value = serde_json::from_str(&home.read("fitbit_data/hr.json")).expect("JSON");
    assert_eq!(value["activities-heart"][0]["dateTime"], "2017-06-01");
    assert_eq!(
        value["activities-heart-intraday"]["dataset"][0],
        json!({"time": "08:00:00", "value": 60})
    );
}

#[test]
fn data_goes_to_stdout_and_nowhere_else() {
    let server = service(2);
    let home = home(&server, 3000);
    let output = home.run(day_with(&["--stdout", "csv"])).expect(0);
    assert_eq!(output.stdout, CSV);
    let output = home.run(day_with(&["--stdout", "json"])).expect(0);
    assert_eq!(
        output.json()["activities-heart-intraday"]["datasetInterval"],
        1
    );
    assert!(!home.work("fitbit_data").exists());
}

#[test]
fn fitbits_json_goes_to_stdout_byte_for_byte() {
    let server = Server::start();
    let body = "{\"activities-heart\":[ ],\n\"activities-heart-intraday\":{\"dataset\":[{\"time\":\"08:00:00\",\"value\":60}]}}";
    server.once("GET", FITBIT_MINUTES, move |_| {
        Reply::status(200).body(body)
    });
    let home = fitbit_home(&server, 3000);
    assert_eq!(
        home.run(["2017-06-01", "--stdout", "json"])
            .expect(0)
            .stdout,
        body
    );
}

#[test]
fn json_tells_what_was_done_in_one_object() {
    let server = service(1);
    let home = home(&server, 3000);
    let value = home.run(day_with(&["--json"])).expect(0).json();
    for (name, expected) in [
        ("provider", json!("google")),
        ("day", json!("2017-06-01")),
        ("detail", json!("1min")),
        ("samples", json!(2)),
        ("first", json!("08:00:00")),
        ("last", json!("08:01:00")),
        ("largest_gap_s", json!(60)),
        ("complete", json!(true)),
        ("requests", json!(1)),
        (
            "files",
            json!(["fitbit_data/hr.json", "fitbit_data/hr.csv"]),
        ),
    ] {
        assert_eq!(value[name], expected, "{name}");
    }
}

#[test]
fn a_day_without_data_is_no_error_and_is_said() {
    let server = Server::start();
    server.times(2, "POST", MINUTES, |_| Reply::json(&json!({})));
    let home = home(&server, 3000);
    home.run(ONE_DAY)
        .expect(0)
        .says(&["note:", "no heart rate for 2017-06-01"]);
    assert_eq!(home.read("fitbit_data/hr.csv"), "day,time,hr\n");
    let value = home.run(day_with(&["--json"])).expect(0).json();
    assert_eq!(
        (
            &value["samples"],
            &value["first"],
            &value["last"],
            &value["largest_gap_s"]
        ),
        (&json!(0), &Value::Null, &Value::Null, &Value::Null)
    );
}

#[test]
fn columns_come_in_the_order_asked_for() {
    let server = service(1);
    let home = home(&server, 3000);
    let output = home
        .run(day_with(&[
            "--stdout",
            "csv",
            "--fields",
            "hr,utc,source,confidence,offset",
        ]))
        .expect(0);
    assert_eq!(
        output.stdout.lines().next(),
        Some("hr,utc,source,confidence,offset")
    );
    assert!(
        output
            .stdout
            .lines()
            .nth(1)
            .is_some_and(|row| row.starts_with("60,2017-06-01T08:00:00Z,google,,")),
        "{}",
        output.stdout
    );
}

#[test]
fn quiet_says_nothing_when_all_is_well() {
    let server = Server::start();
    server.once("GET", FITBIT_MINUTES, |_| fitbit_minutes());
    let home = fitbit_home(&server, 3000);
    let output = home.run(day_with(&["-q"])).expect(0);
    assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("", ""));
}

#[test]
fn the_folder_comes_from_the_flag_before_the_keys_file() {
    let server = service(2);
    let home = home(&server, 3000);
    home.keys(&format!(
        "output_dir = \"from/keys\"\n{}",
        home.read("keys.toml")
    ));
    home.run(ONE_DAY).expect(0);
    home.run(day_with(&["--output-dir", "from/flag"])).expect(0);
    assert_eq!(
        (
            names(&home.work("from/keys")),
            names(&home.work("from/flag"))
        ),
        (
            names(&home.work("from/flag")),
            vec!["hr.csv".to_owned(), "hr.json".to_owned()]
        )
    );
}

/// Runs everything that prints with this standard output, and holds its exit code against `expected`.
fn print_to(stdout: impl Fn() -> Stdio, expected: i32) {
    let server = service(3);
    let home = home(&server, 3000);
    let main_job: [&[&str]; 3] = [&["--stdout", "csv"], &["--stdout", "json"], &["--json"]];
    let others: [&[&str]; 3] = [&["status", "--json"], &["--help"], &["--version"]];
    let main_job = main_job.map(day_with).into_iter();
    for arguments in main_job.chain(others.map(<[&str]>::to_vec)) {
        let mut command = home.command(&arguments);
        command.stdin(Stdio::null()).stderr(Stdio::null());
        let status = command.stdout(stdout()).status().expect("it starts");
        assert_eq!(status.code(), Some(expected), "{arguments:?}");
    }
}

#[test]
fn a_closed_pipe_is_not_an_error() {
    print_to(|| std::io::pipe().expect("a pipe").1.into(), 0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_stdout_that_takes_no_more_is_an_error() {
    let full = || fs::OpenOptions::new().write(true).open("/dev/full");
    print_to(|| full().expect("a device of Linux").into(), 74);
}

#[test]
fn an_output_that_cannot_be_created_is_named() {
    let server = service(2);
    let home = home(&server, 3000);
    home.file("a-file", "");
    home.run(day_with(&["--output-dir", "a-file/below"]))
        .expect(73)
        .says(&["a-file/below", "--output-dir"])
        .with_one_error();
    fs::create_dir_all(home.work("taken/hr.csv")).expect("made");
    home.run(day_with(&["--output-dir", "taken"]))
        .expect(73)
        .says(&["taken/hr.csv"])
        .with_one_error();
    assert_eq!(
        names(&home.work("taken")),
        ["hr.csv"],
        "neither of the two without the other"
    );
}

#[cfg(unix)]
#[test]
fn a_disk_that_is_full_leaves_the_earlier_files_and_nothing_else() {
    let server = Server::start();
    server.once("POST", MINUTES, |_| minutes());
    let home = home(&server, 3000);
    for name in ["hr.json", "hr.csv"] {
        home.file(&format!("fitbit_data/{name}"), "earlier");
    }
    let mut command = home.other("sh");
    let line = format!(
        "trap '' XFSZ; ulimit -f 0; exec {} {}",
        env!("CARGO_BIN_EXE_fitbit-hr"),
        ONE_DAY.join(" ")
    );
    command.args(["-c", &line]);
    run(command)
        .expect(74)
        .says(&["fitbit_data/hr."])
        .with_one_error();
    assert_eq!(names(&home.work("fitbit_data")), ["hr.csv", "hr.json"]);
    assert_eq!(
        (
            home.read("fitbit_data/hr.json"),
            home.read("fitbit_data/hr.csv")
        ),
        ("earlier".to_owned(), "earlier".to_owned())
    );
}

#[test]
fn colours_are_for_those_who_want_them() {
    let home = Home::new();
    for (arguments, variable, coloured) in [
        (vec![], ("A", ""), false),
        (vec!["--color", "always"], ("A", ""), true),
        (vec!["--color", "always"], ("NO_COLOR", "1"), true),
        (vec!["--color", "never"], ("A", ""), false),
    ] {
        let mut command = home.command(&arguments);
        command.env(variable.0, variable.1);
        let output = run(command).expect(78);
        assert_eq!(
            output.stderr.contains('\u{1b}'),
            coloured,
            "{arguments:?} {variable:?}"
        );
    }
}

#[test]
fn without_a_terminal_nobody_is_sent_to_a_browser() {
    let home = Home::google(&Server::start(), "");
    let output = home
        .run(ONE_DAY)
        .expect(77)
        .says(&["fitbit-hr login", "--no-browser"])
        .with_one_error();
    assert_eq!(home.opened(), Vec::<String>::new());
    assert!(output.took < std::time::Duration::from_mins(1));
    // Standard input may be open all the same, as under a service manager.
    let run = home.start(ONE_DAY);
    run.finish().expect(77);
}
