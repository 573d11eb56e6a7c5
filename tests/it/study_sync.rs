//! `study sync` of the real binary: a cohort in one shard, in eight, killed and overlapping, comes to the same bytes each time.

use crate::cohort::{Cohort, Fate, files, kept, login, name, put_token, report};
use crate::program::Home;
use crate::server::Server;
use crate::world::Dice;
use fitbit_hr::archive::{Archive, Layout, Store};
use fitbit_hr::day::Detail;
use fitbit_hr::objects::Folder;
use std::fs;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

fn started(cohort: &Cohort) -> (Home, Server) {
    let server = Server::start();
    cohort.serve(&server);
    let home = cohort.machine(&server, 3000);
    (home, server)
}

fn shard(index: usize, of: usize) -> [String; 4] {
    ["study", "sync", "--shard", &format!("{index}/{of}")].map(str::to_owned)
}

/// 200 participants with every fate; a few of each are no reason to fail.
fn two_hundred() -> Cohort {
    let fate = |number| match number {
        3 | 77 => Fate::Revoked,
        5 => Fate::Odd,
        number if number % 25 == 4 => Fate::Slow,
        number if number % 20 == 9 => Fate::Empty,
        _ => Fate::Plain,
    };
    Cohort::of(200, fate).limited(37, 211)
}

#[test]
fn one_shard_and_eight_come_to_the_same_bytes() {
    let cohort = two_hundred();
    let (one, _server) = started(&cohort);
    let output = one.run(["study", "sync", "--json"]).expect(0);
    let json = output.json();
    assert_eq!(
        (&json["shard"], &json["of"], &json["failed"]),
        (&0.into(), &1.into(), &3.into())
    );
    let all = report(&one, "shard-0-of-1");
    assert_eq!(all["participants"].as_object().expect("all").len(), 200);
    assert_eq!(all["participants"]["P001"]["state"], "ok");
    assert_eq!(all["participants"]["P001"]["last_data"], "2026-06-02");
    assert_eq!(
        all["participants"]["P009"]["last_data"],
        serde_json::Value::Null
    );
    for (id, kind) in [("P003", "login"), ("P077", "login"), ("P005", "answer")] {
        let outcome = &all["participants"][id];
        assert_eq!(
            (&outcome["state"], &outcome["kind"]),
            (&"failed".into(), &kind.into()),
            "{id}"
        );
        assert!(outcome["why"].as_str().is_some_and(|why| !why.is_empty()));
    }
    let (eight, _server) = started(&two_hundred());
    for index in 0..8 {
        eight.run(shard(index, 8)).expect(0);
    }
    let of_all: usize = (0..8)
        .map(|index| report(&eight, &format!("shard-{index}-of-8")))
        .map(|report| report["participants"].as_object().expect("all").len())
        .sum();
    assert_eq!(of_all, 200);
    assert!(kept(&one) == kept(&eight), "eight shards are not as one");
}

#[test]
fn killed_and_overlapping_runs_come_to_the_same_bytes() {
    let cohort = || {
        Cohort::of(48, |number| {
            if number % 9 == 0 {
                Fate::Slow
            } else {
                Fate::Plain
            }
        })
    };
    let (calm, _server) = started(&cohort());
    calm.run(["study", "sync"]).expect(0);
    let (rough, _server) = started(&cohort());
    let mut dice = Dice::new(7);
    for round in 0..3 {
        let runs: Vec<_> = (0..8).map(|index| rough.start(shard(index, 8))).collect();
        for run in runs {
            let wait = u64::try_from(dice.roll(150) + 50 * round).expect("small");
            thread::sleep(Duration::from_millis(wait));
            // Dropped is killed, with SIGKILL.
            drop(run);
        }
    }
    // Two whole runs at once, cut in different ways.
    let runs: Vec<_> = (0..8).map(|index| rough.start(shard(index, 8))).collect();
    let whole = rough.start(["study", "sync"]);
    for run in runs {
        run.finish().expect(0);
    }
    whole.finish().expect(0);
    assert!(
        kept(&calm) == kept(&rough),
        "kills and overlaps show in the bytes"
    );
}

#[test]
fn the_data_set_has_the_participant_below_the_extract_and_a_second_run_asks_little() {
    let cohort = Cohort::of(3, |_| Fate::Plain);
    let (home, _server) = started(&cohort);
    home.run(["study", "sync"]).expect(0);
    let day = "heart_rate/participant=P002/detail=1sec/year=2026/month=06/2026-06-01.parquet";
    assert!(home.work("data").join(day).is_file());
    let folder = Arc::new(Folder::new(home.work("data"), "_fitbit_hr/lock"));
    let store = Store::new(folder, Layout::of_participant("P002"));
    let stored = Archive::on(store).read(Detail::Sec1, "2026-06-01".parse().expect("a date"));
    let stored = stored.expect("readable").expect("there");
    assert_eq!(stored.day.samples.len(), 144);
    assert_eq!(stored.day.samples[0].bpm, 62);
    let before = (kept(&home), cohort.calls("P002"));
    home.run(["study", "sync"]).expect(0);
    assert!(before.0 == kept(&home));
    assert!(
        cohort.calls("P002") - before.1 <= 6,
        "{}",
        cohort.calls("P002") - before.1
    );
}

#[test]
fn other_extracts_have_a_file_a_year() {
    let cohort = Cohort::of(2, |_| Fate::Plain);
    let (home, server) = started(&cohort);
    server.any("GET", "/v4/users/me/dataTypes/weight/dataPoints:reconcile", |_| {
        crate::server::Reply::json(
            &serde_json::json!({"dataPoints": [{"weight": {"weightGrams": 70500.0, "sampleTime": {
            "physicalTime": "2026-06-01T08:00:00Z", "utcOffset": "-14400s"}}}]}),
        )
    });
    home.file(
        "study.toml",
        "store = \"data\"\nextracts = [\"weight\"]\nrequests_per_minute = 1e9\n",
    );
    home.run(["study", "sync", "--from", "2026-06-01"])
        .expect(0);
    assert!(
        home.work("data/weight/participant=P001/year=2026/2026.parquet")
            .is_file()
    );
    assert_eq!(
        report(&home, "shard-0-of-1")["participants"]["P001"]["last_data"],
        "2026-06-01"
    );
}

#[test]
fn logins_that_nobody_can_write_are_renewed_all_the_same() {
    let cohort = Cohort::of(2, |_| Fate::Plain);
    let server = Server::start();
    cohort.serve(&server);
    let home = cohort.machine(&server, -60);
    let tokens = files(&home.work("tokens"));
    set_modes(&home, 0o400, 0o500);
    home.run(["study", "sync"]).expect(0);
    set_modes(&home, 0o400, 0o700);
    assert_eq!(cohort.refreshed(), 2);
    assert!(
        files(&home.work("tokens")) == tokens,
        "not a byte was written"
    );
    // One that can be written is kept, in a file for its owner alone.
    set_modes(&home, 0o600, 0o700);
    home.run(["study", "sync"]).expect(0);
    home.run(["study", "sync"]).expect(0);
    assert_eq!(cohort.refreshed(), 4);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path| {
            std::fs::metadata(home.work(path))
                .expect("there")
                .permissions()
                .mode()
                & 0o777
        };
        assert_eq!(mode("tokens/P001.json"), 0o600);
    }
}

fn set_modes(home: &Home, file: u32, folder: u32) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let set = |path: &str, mode| {
            let mode = std::fs::Permissions::from_mode(mode);
            std::fs::set_permissions(home.work(path), mode).expect("ours");
        };
        set("tokens", 0o700);
        for id in ["P001", "P002"] {
            set(&format!("tokens/{id}.json"), file);
        }
        set("tokens", folder);
    }
}

#[test]
fn too_many_failures_are_75_and_what_is_done_is_done() {
    let cohort = Cohort::of(20, |number| {
        if number <= 2 {
            Fate::Revoked
        } else {
            Fate::Plain
        }
    });
    let (home, _server) = started(&cohort);
    home.run(["study", "sync"])
        .expect(75)
        .with_one_error()
        .says(&["2 of 20", "P001"]);
    assert!(home.work("data/heart_rate/participant=P020").is_dir());
    home.run(["study", "sync", "--fail-above", "10%"]).expect(0);
    home.run(["study", "sync", "--fail-above", "9.9%"])
        .expect(75);
    home.run(["study", "sync", "--fail-above", "x"]).expect(2);
    let status = home.run(["study", "status", "--json"]).expect(0).json();
    assert_eq!(status["failures"].as_object().expect("some").len(), 2);
    assert_eq!(status["kinds"]["login"], 2);
}

#[test]
fn a_login_that_is_gone_is_a_failure_and_not_an_absence() {
    let cohort = Cohort::of(3, |_| Fate::Plain);
    let (home, _server) = started(&cohort);
    home.run(["study", "sync"]).expect(0);
    fs::remove_file(home.work("tokens/P002.json")).expect("it was there");
    home.run(["study", "sync"]).expect(0);
    let outcome = &report(&home, "shard-0-of-1")["participants"]["P002"];
    assert_eq!(
        (&outcome["state"], &outcome["kind"]),
        (&"failed".into(), &"login".into())
    );
    // Who has withdrawn is not missed.
    home.run(["study", "withdraw", "P002"]).expect(0);
    home.run(["study", "sync"]).expect(0);
    let after = report(&home, "shard-0-of-1");
    assert_ne!(after["participants"]["P002"]["state"], "failed");
}

#[test]
fn a_login_of_another_account_never_meets_somebodys_days() {
    let cohort = Cohort::of(3, |_| Fate::Plain);
    let (home, _server) = started(&cohort);
    home.run(["study", "sync"]).expect(0);
    let before = kept(&home);
    put_token(&home, &name(2), &login(&home, &name(3), 3000));
    home.run(["study", "sync"]).expect(0);
    let outcome = &report(&home, "shard-0-of-1")["participants"]["P002"];
    assert_eq!(outcome["state"], "failed");
    assert!(
        outcome["why"]
            .as_str()
            .is_some_and(|why| why.contains("another account")),
        "{outcome}"
    );
    assert!(before == kept(&home));
}

#[test]
fn the_engine_says_which_shard_it_is_or_it_is_a_usage_error() {
    let (home, _server) = started(&Cohort::of(4, |_| Fate::Plain));
    let run = |home: &Home, choice: &str| home.run(["study", "sync", "--shard", choice, "--json"]);
    run(&home, "auto").expect(2).with_one_error();
    run(&home, "8/8").expect(2);
    let home = home
        .with("SLURM_ARRAY_TASK_ID", "3")
        .with("SLURM_ARRAY_TASK_MIN", "1")
        .with("SLURM_ARRAY_TASK_MAX", "4")
        .with("SLURM_ARRAY_TASK_COUNT", "4");
    let json = run(&home, "auto").expect(0).json();
    assert_eq!((&json["shard"], &json["of"]), (&2.into(), &4.into()));
    let home = home.with("SLURM_ARRAY_TASK_COUNT", "3");
    run(&home, "auto")
        .expect(2)
        .with_one_error()
        .says(&["holes"]);
    assert_eq!(run(&home, "auto/8").expect(0).json()["shard"], 3);
    let home = home
        .without("SLURM_ARRAY_TASK_ID")
        .with("JOB_COMPLETION_INDEX", "1");
    run(&home, "auto").expect(2).says(&["auto/N"]);
    assert_eq!(run(&home, "auto/2").expect(0).json()["shard"], 1);
    let status = home.run(["study", "status", "--json"]).expect(0).json();
    assert_eq!(status["missing_shards"], serde_json::json!([0]));
}

#[test]
fn what_is_the_studys_own_ends_the_shard_with_its_own_code() {
    let cohort = Cohort::of(40, |_| Fate::Plain).of_nobody();
    let server = Server::start();
    cohort.serve(&server);
    let home = cohort.machine(&server, -60);
    home.run(["study", "sync"]).expect(78).with_one_error();
    let keys = home.read("keys.toml");
    home.keys("");
    home.run(["study", "sync"]).expect(78).with_one_error();
    home.keys(&keys);
    std::fs::rename(home.work("tokens"), home.work("other")).expect("ours");
    home.run(["study", "sync"])
        .expect(78)
        .with_one_error()
        .says(&["tokens"]);
    std::fs::rename(home.work("other"), home.work("tokens")).expect("ours");
    let login = login(&home, &name(1), 3000);
    put_token(&home, "p001", &login);
    home.run(["study", "sync"])
        .expect(78)
        .with_one_error()
        .says(&["P001 and p001"]);
}

#[cfg(unix)]
#[test]
fn a_run_that_is_told_to_end_says_what_it_did() {
    let cohort = Cohort::of(3, |number| match number {
        2 => Fate::Slow,
        _ => Fate::Plain,
    });
    let (home, _server) = started(&cohort);
    let run = home.start(["study", "sync"]);
    let first = home.work("data/heart_rate/participant=P002");
    let ends = std::time::Instant::now() + Duration::from_mins(1);
    while !first.exists() {
        assert!(std::time::Instant::now() < ends, "nothing is written");
        thread::sleep(Duration::from_millis(2));
    }
    run.signal("TERM");
    run.finish().expect(143);
    let report = report(&home, "shard-0-of-1");
    let outcome = &report["participants"]["P002"];
    assert_eq!(outcome["kind"], "stopped", "{outcome}");
    home.run(["study", "sync"]).expect(0);
}

#[test]
fn a_folder_of_one_participant_that_takes_nothing_is_that_participants_failure() {
    let (home, _server) = started(&Cohort::of(30, |_| Fate::Plain));
    // A file where the folder belongs: nobody, root neither, can write below it.
    home.file("data/heart_rate/participant=P007", "");
    home.run(["study", "sync"]).expect(0);
    let all = report(&home, "shard-0-of-1");
    let outcome = &all["participants"]["P007"];
    assert_eq!(
        (&outcome["state"], &outcome["kind"]),
        (&"failed".into(), &"store".into())
    );
    assert_eq!(all["participants"]["P030"]["state"], "ok");
    let left = files(&home.work("data/_fitbit_hr/probes"));
    assert!(left.is_empty(), "{:?}", left.keys());
}

#[test]
fn logins_of_another_client_are_failures_and_all_of_them_are_the_studys_own() {
    let (home, _server) = started(&Cohort::of(30, |_| Fate::Plain));
    let of_another = |number: usize| {
        let mut login = login(&home, &name(number), 3000);
        login["client_id"] = "another.apps.googleusercontent.com".into();
        put_token(&home, &name(number), &login);
    };
    let tokens = |code: i32| {
        let checks = home.run(["study", "doctor", "--json"]).expect(code).stdout;
        let checks: serde_json::Value = serde_json::from_str(&checks).expect("checks");
        checks[2].clone()
    };
    assert_eq!(tokens(0)["state"], "ok");
    of_another(4);
    home.run(["study", "sync"]).expect(0);
    let outcome = &report(&home, "shard-0-of-1")["participants"]["P004"];
    assert_eq!(
        (&outcome["state"], &outcome["kind"]),
        (&"failed".into(), &"login".into())
    );
    let found = tokens(77);
    assert_eq!(found["state"], "failed");
    assert!(
        found["says"]
            .as_str()
            .is_some_and(|says| says.contains("1 login") && says.contains("P004")),
        "{found}"
    );
    (1..=30).for_each(of_another);
    for choice in ["0/1", "1/8"] {
        home.run(["study", "sync", "--shard", choice])
            .expect(77)
            .with_one_error()
            .says(&["another client", "--keys FILE"]);
    }
    let found = tokens(77);
    assert!(
        found["says"]
            .as_str()
            .is_some_and(|says| says.starts_with("all logins")),
        "{found}"
    );
}
