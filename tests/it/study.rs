//! `study` of the real binary without a participant: the study file, where the keys are found, what the doctor says.

use crate::cohort::{Cohort, Fate, STUDY};
use crate::program::Home;
use crate::server::Server;
use serde_json::Value;
use std::fs;

#[test]
fn a_study_file_is_written_once() {
    let home = Home::new();
    home.run(["study", "init"]).expect(0);
    let text = home.read("study.toml");
    assert!(text.contains("requests_per_minute") && text.contains("s3://"));
    home.file("study.toml", STUDY);
    home.run(["study", "init"]).expect(73).with_one_error();
    assert_eq!(home.read("study.toml"), STUDY);
    assert_eq!(
        home.run(["study", "init", "--print"]).expect(0).stdout,
        text
    );
    let json = home
        .run(["study", "init", "--study", "other.toml", "--json"])
        .expect(0)
        .json();
    assert_eq!(json["study"], "other.toml");
}

#[test]
fn a_mistake_in_the_study_file_is_78_and_names_the_line() {
    let home = Home::new();
    home.run(["study", "status"])
        .expect(78)
        .with_one_error()
        .says(&["study.toml", "study init"]);
    home.file("study.toml", "store = \"data\"\n\ntokns = \"x\"\n");
    home.run(["study", "status"])
        .expect(78)
        .with_one_error()
        .says(&["study.toml, line 3", "tokns", "a newer version may know"]);
    home.run(["study", "sync", "--demo"]).expect(2);
}

#[test]
fn paths_and_the_keys_file_start_where_the_study_file_lies() {
    let cohort = Cohort::of(2, |_| Fate::Plain);
    let server = Server::start();
    cohort.serve(&server);
    let home = cohort.machine(&server, 3000);
    fs::create_dir(home.work("here")).expect("made");
    for name in ["study.toml", "keys.toml", "tokens"] {
        fs::rename(home.work(name), home.work("here").join(name)).expect("ours");
    }
    home.run(["study", "sync"]).expect(78);
    home.run(["study", "sync", "--study", "here/study.toml"])
        .expect(0);
    assert!(home.work("here/data/heart_rate/participant=P001").is_dir());
    assert!(!home.work("data").exists());
    // The secret's search knows the folder of tokens beside the working one alone.
    fs::rename(home.work("here/tokens"), home.work("tokens")).expect("ours");
}

fn states(home: &Home, code: i32) -> Vec<(String, String)> {
    let output = home.run(["study", "doctor", "--json"]).expect(code);
    let checks: Value = serde_json::from_str(&output.stdout).expect("an array");
    let text = |check: &Value, name: &str| check[name].as_str().unwrap_or_default().to_owned();
    let checks = checks.as_array().expect("an array").iter();
    checks
        .map(|check| (text(check, "id"), text(check, "state")))
        .collect()
}

fn state(states: &[(String, String)], id: &str) -> String {
    let found = states.iter().find(|(name, _)| name == id);
    found.map(|(_, state)| state.clone()).unwrap_or_default()
}

#[test]
fn the_doctor_looks_at_each_thing_and_is_0_exactly_when_nothing_failed() {
    let cohort = Cohort::of(2, |_| Fate::Plain);
    let server = Server::start();
    cohort.serve(&server);
    let home = cohort.machine(&server, 3000);
    let good = states(&home, 0);
    for id in [
        "study",
        "client",
        "tokens",
        "modes",
        "store",
        "whole",
        "fresh",
        "conditions",
        "withdrawn",
    ] {
        assert_eq!(state(&good, id), "ok", "{id}");
    }
    let left = crate::cohort::files(&home.work("data"));
    assert!(
        left.keys().all(|name| name == "_fitbit_hr/lock"),
        "nothing is left of the look: {:?}",
        left.keys()
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let open = fs::Permissions::from_mode(0o644);
        fs::set_permissions(home.work("tokens/P001.json"), open).expect("ours");
        assert_eq!(state(&states(&home, 78), "modes"), "failed");
    }
    home.file("tokens/P002.json", "{");
    assert_eq!(state(&states(&home, 78), "tokens"), "failed");
    home.file("study.toml", "stores = 1");
    let bad = states(&home, 78);
    assert_eq!(
        (state(&bad, "study"), state(&bad, "store")),
        ("failed".to_owned(), "skipped".to_owned())
    );
}

#[test]
fn the_status_fits_into_80_columns_before_the_first_run_and_after() {
    let cohort = Cohort::of(5, |number| {
        if number == 1 {
            Fate::Revoked
        } else {
            Fate::Plain
        }
    });
    let server = Server::start();
    cohort.serve(&server);
    let home = cohort.machine(&server, 3000);
    home.run(["study", "status"])
        .expect(0)
        .says(&["none yet", "5 participants"]);
    home.run(["study", "sync"]).expect(0);
    let status = home.run(["study", "status"]).expect(0).says(&[
        "1 shard",
        "Failed",
        "P001",
        "Silent",
        "2026-06-02",
    ]);
    assert!(
        status.stderr.lines().all(|line| line.chars().count() <= 80),
        "{}",
        status.stderr
    );
    let json = home.run(["study", "status", "--json"]).expect(0).json();
    for member in [
        "missing_shards",
        "failures",
        "silent",
        "logins_ending",
        "withdrawn",
    ] {
        assert!(!json[member].is_null(), "{member}");
    }
    assert_eq!(json["silent"]["P002"]["last_data"], "2026-06-02");
}
