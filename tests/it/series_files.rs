//! Several series in one run: all files or none, what is refused by itself, and points that cannot be read.

use crate::answers::{MINUTES, fitbit_home, minutes};
use crate::program::Home;
use crate::series_day::{home, home_with, path, points, steps};
use crate::server::{Reply, Server};
use fitbit_hr::extract::Catalogue;
use fitbit_hr::extract::definition::Operation;
use serde_json::{Value, json};

/// So many minutes, of which the first few have no number.
fn minutes_of_steps(all: usize, unreadable: usize) -> Vec<Value> {
    let count = |n| {
        if n < unreadable {
            json!("many")
        } else {
            json!("3")
        }
    };
    let minute = |n: usize| format!("{:02}:{:02}", 6 + n / 60, n % 60);
    (0..all).map(|n| steps(&minute(n), &count(n))).collect()
}

#[test]
fn the_files_of_all_are_written_or_none() {
    let server = Server::start();
    points(&server, "steps", minutes_of_steps(2, 0));
    server.any("GET", &path("floors"), |_| Reply::html(404));
    points(&server, "altitude", vec![]);
    let home = home(&server, &["activity_and_fitness"]);
    home.file("fitbit_data/steps.csv", "an earlier one");
    home.run(["--extract", "steps,floors", "2017-06-01"])
        .expect(69);
    home.file("fitbit_data/altitude.csv/in the way", "");
    home.run(["--extract", "steps,altitude", "2017-06-01"])
        .expect(73);
    assert_eq!(home.read("fitbit_data/steps.csv"), "an earlier one");
    assert!(!home.work("fitbit_data/steps.json").exists());
}

#[test]
fn a_refused_one_costs_the_others_nothing() {
    let server = Server::start();
    points(&server, "steps", minutes_of_steps(2, 0));
    let reason = json!([{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "UNSUPPORTED_DATA_TYPE_ACTION"}]);
    let refusal = json!({"error": {"code": 400, "message": "x", "details": reason}});
    server.any("GET", &path("floors"), move |_| Reply::error(400, &refusal));
    let home = home(&server, &["activity_and_fitness"]);
    // The login is known to lack the scope of sleep: it is not asked for.
    home.run(["--extract", "sleep,steps", "2017-06-01"])
        .expect(77)
        .says(&[
            "could not get sleep",
            "lacks the scope sleep",
            "fitbit-hr login --extract sleep",
        ]);
    assert_eq!(home.read("fitbit_data/steps.csv").lines().count(), 3);
    assert!(!home.work("fitbit_data/sleep.csv").exists());
    let output = home
        .run(["--extract", "floors,steps", "2017-06-01", "--json"])
        .expect(77);
    let value: Value = serde_json::from_str(&output.stdout).expect("JSON");
    assert_eq!(value["extracts"]["steps"]["rows"], 2);
    assert!(value["extracts"]["floors"]["refused"].is_string());
}

#[test]
fn with_all_what_is_refused_is_named_and_no_failure() {
    let server = Server::start();
    let home = home(&server, &["activity_and_fitness"]);
    server.any("POST", MINUTES, |_| minutes());
    for definition in Catalogue::default().all() {
        let data_type = &definition.data_type;
        let base = format!("/v4/users/me/dataTypes/{data_type}/dataPoints");
        let empty = |_: &crate::server::Request| Reply::json(&json!({}));
        match definition.operation {
            Operation::RollUp => server.any("POST", &format!("{base}:rollUp"), empty),
            Operation::List => server.any("GET", &base, empty),
            Operation::Reconcile => server.any("GET", &path(data_type), empty),
        };
    }
    home.run(["--extract", "all", "2017-06-01", "--no-summary"])
        .expect(0)
        .says(&["note: sleep is left out: the login lacks the scope sleep"]);
    assert_eq!(home.read("fitbit_data/hr.csv"), crate::answers::CSV);
    assert_eq!(home.read("fitbit_data/steps.csv"), "day,time,steps\n");
    assert!(!home.work("fitbit_data/sleep.csv").exists());
}

#[test]
fn points_that_cannot_be_read_are_counted_and_too_many_are_a_changed_service() {
    for (all, unreadable, code, says) in [
        (
            100,
            1,
            0,
            "steps: 1 of 100 points cannot be read and was left out",
        ),
        (100, 2, 65, "2 of 100 points cannot be read"),
        (
            9,
            2,
            0,
            "steps: 2 of 9 points cannot be read and were left out",
        ),
    ] {
        let server = Server::start();
        points(&server, "steps", minutes_of_steps(all, unreadable));
        let home = home(&server, &["activity_and_fitness"]);
        let output = home
            .run(["--extract", "steps", "2017-06-01"])
            .expect(code)
            .says(&[says]);
        let is_there = home.work("fitbit_data/steps.csv").exists();
        assert_eq!(is_there, code == 0, "{}", output.stderr);
    }
}

#[test]
fn a_member_that_never_occurs_in_an_extract_of_ones_own_is_named() {
    let own = |member: &str, optional: bool| {
        format!(
            "\n[extract.mine]\ntitle = \"Mine\"\nhelp = \"Mine.\"\nshape = \"intervals\"\ntype = \"steps\"\noperation = \"reconcile\"\n\
             filter = \"interval.start_time\"\npage_size = 100\nscope = \"activity_and_fitness\"\nvalues = [\n\
             {{ column = \"steps\", member = \"count\", wire = \"string-integer\", kind = \"int32\" }},\n\
             {{ column = \"more\", member = \"{member}\", wire = \"string-integer\", kind = \"int32\", optional = {optional} }},\n]\n\
             traps = []\nexample = \"fitbit-hr --extract mine\"\n"
        )
    };
    for (member, optional, code, says) in [
        ("coutn", false, 65, "none of them has the member coutn"),
        (
            "coutn",
            true,
            0,
            "warning: mine: no point has the member coutn",
        ),
    ] {
        let server = Server::start();
        points(&server, "steps", minutes_of_steps(2, 0));
        let home: Home = home_with(&server, &["activity_and_fitness"], &own(member, optional));
        home.run(["--extract", "mine", "2017-06-01"])
            .expect(code)
            .says(&[says]);
        assert_eq!(home.work("fitbit_data/mine.csv").exists(), code == 0);
    }
}

#[test]
fn the_legacy_service_has_heart_rate_only() {
    let server = Server::start();
    let home = fitbit_home(&server, 3000);
    home.run(["--extract", "steps", "2017-06-01"])
        .expect(2)
        .says(&["heart rate only", "provider = \"google\""]);
    assert!(server.requests().is_empty());
}

#[test]
fn the_stand_in_has_every_shape() {
    let home = Home::new();
    let value = home
        .run([
            "--demo",
            "--extract",
            "sleep,steps,hrv,resting_heart_rate",
            "2026-06-01",
            "--json",
        ])
        .expect(0)
        .json();
    for (name, header) in [
        ("sleep", "day,start,end,type,main,"),
        ("sleep_stages", "session,day,start,end,kind,short\n"),
        ("steps", "day,time,steps\n"),
        ("hrv", "day,time,rmssd_ms,sdnn_ms\n"),
        ("resting_heart_rate", "day,bpm\n"),
    ] {
        let csv = home.read(&format!("demo_data/{name}.csv"));
        assert!(csv.starts_with(header), "{csv}");
        if let Some(rows) = value["extracts"][name]["rows"].as_u64() {
            assert_eq!(csv.lines().count() as u64, rows + 1, "{name}");
        }
    }
}
