//! `study` of the real binary on S3: a rough sea, and a server that others wrote, come to the bytes of a calm folder.

use crate::bucket::{self, Bucket, Conditions};
use crate::cohort::{Cohort, Fate, STUDY, kept, kept_of};
use crate::objects::open;
use crate::objects_s3::Moto;
use crate::program::Home;
use crate::server::Server;
use crate::world::Dice;
use std::collections::BTreeMap;
use std::path::Path;
use std::thread;
use std::time::Duration;

const STORE: &str = "s3://sleep/study";

fn cohort(count: usize) -> Cohort {
    Cohort::of(count, |number| {
        if number % 9 == 0 {
            Fate::Slow
        } else {
            Fate::Plain
        }
    })
}

/// A machine whose study is at this server of S3.
fn machine(cohort: &Cohort, url: &str) -> (Home, Server) {
    let server = Server::start();
    cohort.serve(&server);
    let mut home = cohort.machine(&server, 3000);
    home.file(
        "study.toml",
        STUDY.replace("\"data\"", &format!("\"{STORE}\"")),
    );
    for (name, value) in bucket::variables(url) {
        home = home.with(name, &value);
    }
    (home, server)
}

/// What a run in a folder that nobody disturbs comes to.
fn calm(count: usize) -> BTreeMap<String, Vec<u8>> {
    let (server, cohort) = (Server::start(), cohort(count));
    cohort.serve(&server);
    let home = cohort.machine(&server, 3000);
    home.run(["study", "sync"]).expect(0);
    kept(&home)
}

/// The same, of a bucket.
fn kept_at(url: &str) -> BTreeMap<String, Vec<u8>> {
    let objects = open(STORE, Path::new(""), &bucket::aws(url));
    let all = objects.list("").expect("listed").into_iter();
    kept_of(all.map(|object| {
        let bytes = objects.read(&object.name).expect("read").expect("there");
        (object.name, bytes.to_vec())
    }))
}

fn shard(index: usize) -> [String; 4] {
    ["study", "sync", "--shard", &format!("{index}/8")].map(str::to_owned)
}

/// Eight shards, killed at random and begun again, then two whole runs at once, cut in different ways.
fn disturbed(home: &Home, rounds: u64) {
    let mut dice = Dice::new(11);
    for round in 0..rounds {
        let runs: Vec<_> = (0..8).map(|index| home.start(shard(index))).collect();
        for run in runs {
            let wait = u64::try_from(dice.roll(150)).expect("small") + 50 * round;
            thread::sleep(Duration::from_millis(wait));
            // Dropped is killed, with SIGKILL.
            drop(run);
        }
    }
    let runs: Vec<_> = (0..8).map(|index| home.start(shard(index))).collect();
    let whole = home.start(["study", "sync"]);
    for run in runs {
        run.finish().expect(0);
    }
    whole.finish().expect(0);
}

/// One request in so many meets with something.
fn rough() -> impl FnMut(&crate::server::Request, usize) -> bucket::Fate + Send {
    move |_, number| match number % 41 {
        7 => bucket::Fate::Refused(409, "ConditionalRequestConflict"),
        13 => bucket::Fate::Refused(503, "SlowDown"),
        19 => bucket::Fate::Lost,
        23 => bucket::Fate::AnswerLost,
        31 => bucket::Fate::Refused(500, "InternalError"),
        _ => bucket::Fate::Done,
    }
}

#[test]
fn killed_and_overlapping_runs_on_a_rough_sea_come_to_the_bytes_of_a_calm_folder() {
    let sea = Bucket::start(Conditions::Kept, rough());
    let (home, _server) = machine(&cohort(24), &sea.url());
    disturbed(&home, 2);
    assert!(
        calm(24) == kept_at(&sea.url()),
        "the sea shows in the bytes"
    );
    assert!(!home.work("data").exists());
}

#[test]
fn a_server_that_passes_over_conditions_comes_to_the_same_bytes() {
    let sea = Bucket::start(Conditions::Ignored, rough());
    let (home, _server) = machine(&cohort(16), &sea.url());
    disturbed(&home, 1);
    home.run(["study", "sync"]).expect(0);
    assert!(calm(16) == kept_at(&sea.url()), "a race shows in the bytes");
}

#[test]
fn a_server_that_others_wrote_comes_to_the_same_bytes_and_withdrawal_leaves_the_tombstone() {
    let Some(moto) = Moto::start() else {
        return;
    };
    let (home, _server) = machine(&cohort(8), &moto.url);
    disturbed(&home, 1);
    assert!(calm(8) == kept_at(&moto.url));
    home.run(["study", "withdraw", "P003", "--erase"]).expect(0);
    let objects = open(STORE, Path::new(""), &bucket::aws(&moto.url));
    for object in objects.list("").expect("listed") {
        let bytes = objects.read(&object.name).expect("read").expect("there");
        let names =
            object.name.contains("P003") || String::from_utf8_lossy(&bytes).contains("P003");
        assert_eq!(names, object.name.contains("withdrawn"), "{}", object.name);
    }
    home.run(["study", "status", "--json"]).expect(0);
}

#[test]
fn the_doctor_races_the_bucket_and_says_what_it_found() {
    let states = |conditions| {
        let sea = Bucket::start(conditions, |_, _| bucket::Fate::Done);
        let (home, _server) = machine(&cohort(1), &sea.url());
        let output = home.run(["study", "doctor", "--json"]).expect(0);
        assert!(sea.objects().is_empty(), "it clears up");
        let checks: serde_json::Value = serde_json::from_str(&output.stdout).expect("an array");
        let state = |id: &str| {
            let checks = checks.as_array().expect("an array").iter();
            let check = checks.clone().find(|check| check["id"] == id).expect(id);
            check["state"].as_str().expect("a text").to_owned()
        };
        ["store", "whole", "fresh", "conditions"].map(state)
    };
    assert_eq!(states(Conditions::Kept), ["ok"; 4]);
    assert_eq!(states(Conditions::Ignored), ["ok", "ok", "ok", "warning"]);
}

#[test]
fn a_bucket_that_is_not_there_or_not_ours_ends_the_run_in_three_lines() {
    for (status, code, exit) in [(404, "NoSuchBucket", 78), (403, "AccessDenied", 77)] {
        let sea = Bucket::start(Conditions::Kept, move |_, _| {
            bucket::Fate::Refused(status, code)
        });
        let (home, _server) = machine(&cohort(2), &sea.url());
        home.run(["study", "sync"])
            .expect(exit)
            .with_one_error()
            .says(&["s3://sleep/study"]);
    }
}

#[test]
fn a_night_costs_few_requests_to_the_bucket() {
    let sea = Bucket::well_behaved();
    let (home, _server) = machine(&cohort(10), &sea.url());
    let count = || ["GET", "PUT", "DELETE"].map(|method| sea.requests(method));
    home.run(["study", "sync"]).expect(0);
    let first = count();
    home.run(["study", "sync"]).expect(0);
    let second = count();
    let [gets, puts, deletes] = [0, 1, 2].map(|of| second[of] - first[of]);
    assert!(
        gets <= 450 && puts <= 20 && deletes == 0,
        "{gets} {puts} {deletes}"
    );
}
