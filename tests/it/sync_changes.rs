//! What becomes of an archive when the service says something else than before, when it refuses a type, and when a series stops.

use crate::program::Home;
use crate::sync::archive;
use crate::sync_extracts::{
    Held, column, days_of, files, machine, night, resting, steps, sync, table, words,
};
use chrono::{DateTime, TimeDelta, Utc};
use fitbit_hr::archive::Series;
use serde_json::{Value, json};

fn put(held: &Held, kind: &'static str, points: Vec<Value>) {
    held.change(|held| {
        held.points.insert(kind, points);
    });
}

fn at(held: &Held, now: &str) {
    let now: DateTime<Utc> = now.parse().expect("an instant");
    held.change(|held| held.now = now);
}

/// A night over New Year, as far as it is known at an instant.
fn new_years_night(last: &str, has_ended: bool) -> Value {
    let start = "2025-12-31T21:00:00Z";
    let mut span = json!({"startTime": start, "startUtcOffset": "0s"});
    if has_ended {
        span["endTime"] = json!(last);
        span["endUtcOffset"] = json!("0s");
    }
    let stage = json!({
        "startTime": start, "startUtcOffset": "0s", "endTime": last, "endUtcOffset": "0s", "type": "LIGHT",
    });
    json!({
        "dataPointName": "users/1/dataTypes/sleep/dataPoints/n",
        "sleep": {"interval": span, "type": "STAGES", "stages": [stage], "updateTime": last},
    })
}

#[test]
fn a_night_that_goes_on_is_kept_not_settled_and_moves_to_the_year_that_it_ends_in() {
    let (home, _server, held) = machine("2025-12-31", &["sleep"]);
    at(&held, "2025-12-31T23:40:00Z");
    put(
        &held,
        "sleep",
        vec![new_years_night("2025-12-31T23:30:00Z", false)],
    );
    sync(&home, "--extract sleep --from 2025-12-01").expect(0);
    let before = table(&home, "sleep", 2025);
    assert_eq!(
        (words(&before, "id"), column(&before, "end_time")),
        (vec!["n".to_owned()], vec![])
    );
    assert_eq!(
        words(&table(&home, "sleep_stages", 2025), "kind"),
        ["LIGHT"]
    );
    // Even after a month a night that has not ended is asked for.
    at(&held, "2026-02-15T12:00:00Z");
    sync(&home, "--extract sleep").expect(0);
    let settled = table(&home, "sleep", 2025).meta.settled;
    assert_eq!(settled.to_string(), "2025-12-01/2025-12-30");
    put(
        &held,
        "sleep",
        vec![new_years_night("2026-01-01T06:00:00Z", true)],
    );
    sync(&home, "--extract sleep").expect(0);
    for (name, id) in [("sleep", "id"), ("sleep_stages", "session")] {
        assert_eq!(
            words(&table(&home, name, 2025), id),
            [] as [&str; 0],
            "{name}"
        );
        assert_eq!(words(&table(&home, name, 2026), id), ["n"], "{name}");
    }
    assert_eq!(column(&table(&home, "sleep", 2026), "light_s"), [9 * 3600]);
    assert_eq!(
        table(&home, "sleep", 2025).meta.settled.to_string(),
        "2025-12-01/2025-12-31"
    );
    // It has settled: nobody asks for it again.
    assert_eq!(
        days_of(&sync(&home, "--extract sleep").expect(0), "sleep"),
        (31, 1)
    );
}

#[test]
fn a_night_that_only_a_loser_overlaps_stays_whatever_days_are_asked_for_first() {
    // The second is longer than the first, and gives way itself to the third, which ends a day later.
    let nights = [
        night("a", (22, 23), "STAGES", 30),
        night("b", (22, 46), "STAGES", 50),
        night("c", (45, 70), "STAGES", 80),
    ];
    let parts = [
        vec!["2026-05-30 2026-06-01", "2026-06-02 2026-06-04"],
        vec!["2026-06-02 2026-06-04", "2026-05-30 2026-06-01"],
        vec!["2026-06-01 2026-06-01", "2026-05-30 2026-06-04"],
    ];
    for parts in parts {
        let (home, _server, held) = machine("2026-06-05", &["sleep"]);
        put(&held, "sleep", nights.to_vec());
        for part in parts {
            let (from, to) = part.split_once(' ').expect("two days");
            sync(&home, &format!("--extract sleep --from {from} --to {to}")).expect(0);
        }
        assert_eq!(words(&table(&home, "sleep", 2026), "id"), ["a", "c"]);
        assert_eq!(
            words(&table(&home, "sleep_stages", 2026), "session"),
            ["a", "c"]
        );
    }
}

#[test]
fn what_an_older_band_brought_before_heart_rate_began_comes_too() {
    let kinds = ["steps", "sleep", "daily-resting-heart-rate", "heart-rate"];
    let (home, _server, held) = machine("2026-06-05", &kinds);
    let pulse = json!({"heartRate": {"sampleTime": {"physicalTime": "2026-06-02T12:00:00Z", "utcOffset": "0s"}, "beatsPerMinute": "60"}});
    put(&held, "heart-rate", vec![pulse]);
    put(
        &held,
        "daily-resting-heart-rate",
        vec![resting("2026-06-02", 60)],
    );
    put(&held, "steps", vec![steps(2000, 9), steps(-4 * 1440, 5)]);
    let nights = [
        night("new", (47, 55), "STAGES", 60),
        night("old", (-4001, -3993), "STAGES", 0),
    ];
    put(&held, "sleep", nights.to_vec());
    for _ in 0..2 {
        sync(&home, "--extract steps,sleep").expect(0);
        assert_eq!(words(&table(&home, "sleep", 2026), "id"), ["new"]);
        assert_eq!(words(&table(&home, "sleep", 2025), "id"), ["old"]);
    }
    let steps = "fitbit_data/archive/steps/detail=1min/year=2026/month=05";
    assert_eq!(
        crate::files::names(&home.work(steps)),
        [
            "2026-05-28.parquet",
            "2026-05-29.parquet",
            "2026-05-30.parquet",
            "2026-05-31.parquet"
        ]
    );
}

#[test]
fn too_many_faults_are_65_and_the_others_are_there() {
    let (home, _server, held) = machine("2026-06-03", &["steps", "sleep"]);
    let odd = |n: i64| {
        let mut point = steps(n, 7);
        if n % 20 == 0 {
            point["steps"]
                .as_object_mut()
                .expect("an object")
                .remove("count");
        }
        point
    };
    put(&held, "steps", (0..200).map(odd).collect());
    put(&held, "sleep", vec![night("1", (23, 31), "STAGES", 32)]);
    let output = sync(&home, "--extract steps,sleep --from 2026-06-01")
        .expect(65)
        .says(&["could not sync steps", "10 of 200 points could not be read"]);
    let extracts = &output.json()["extracts"];
    assert_eq!(
        (&extracts["steps"]["rows"], &extracts["steps"]["left_out"]),
        (&json!(190), &json!(10))
    );
    assert_eq!(words(&table(&home, "sleep", 2026), "id"), ["1"]);
    // None of it is called settled.
    let key = Series::new("steps", Some(fitbit_hr::day::Detail::Min1));
    let first = archive(&home).table_footer(&key.day("2026-06-01".parse().expect("a date")));
    assert!(
        first
            .expect("readable")
            .expect("there")
            .meta
            .settled
            .is_empty()
    );
}

#[test]
fn a_value_that_the_service_no_longer_has_stays_and_one_that_moved_is_there_once() {
    let kinds = ["steps", "daily-resting-heart-rate"];
    let (home, _server, held) = machine("2026-06-03", &kinds);
    put(
        &held,
        "steps",
        vec![steps(600, 10), steps(601, 20), steps(1440 + 5, 3)],
    );
    put(
        &held,
        "daily-resting-heart-rate",
        vec![resting("2026-06-01", 50), resting("2026-06-02", 51)],
    );
    let all = "--extract steps,resting_heart_rate --from 2026-06-01";
    sync(&home, all).expect(0);
    // The first day is cut into other spans, and the second has nothing any more.
    put(&held, "steps", vec![steps(602, 30)]);
    put(
        &held,
        "daily-resting-heart-rate",
        vec![resting("2026-06-02", 52)],
    );
    sync(&home, &format!("{all} --refetch 3")).expect(0);
    let columns = fitbit_hr::extract::Catalogue::default();
    let columns = columns.get("steps").expect("there").columns();
    let of = |date: &str| {
        let key = Series::new("steps", Some(fitbit_hr::day::Detail::Min1));
        let key = key.day(date.parse().expect("a date"));
        let table = archive(&home).table(&key, &columns).expect("readable");
        column(&table.expect("there"), "steps")
    };
    assert_eq!((of("2026-06-01"), of("2026-06-02")), (vec![30], vec![3]));
    assert_eq!(
        column(&table(&home, "resting_heart_rate", 2026), "bpm"),
        [50, 52]
    );
}

#[test]
fn two_at_once_leave_what_one_leaves() {
    let kinds = ["sleep", "daily-resting-heart-rate"];
    let fill = |held: &Held| {
        let nights =
            (0..20).map(|n| night(&format!("{n:02}"), (n * 24 - 1, n * 24 + 7), "STAGES", 0));
        put(held, "sleep", nights.collect());
        let values = (1..20).map(|n| resting(&format!("2026-06-{n:02}"), 50 + n));
        put(held, "daily-resting-heart-rate", values.collect());
    };
    let all = [
        "sync",
        "--extract",
        "sleep,resting_heart_rate",
        "--from",
        "2026-06-01",
    ];
    let (home, _server, held) = machine("2026-06-30", &kinds);
    fill(&held);
    home.run(all).expect(0);
    let whole = files(&home);
    assert_eq!(whole.len(), 3);
    let (home, _server, held) = machine("2026-06-30", &kinds);
    fill(&held);
    let (first, second) = (home.start(all), home.start(all));
    first.finish().expect(0);
    second.finish().expect(0);
    assert!(files(&home) == whole);
}

/// The series that a run says have stopped, and why.
fn stopped(home: &Home, more: &str, code: i32) -> Vec<(String, String, String)> {
    let output = sync(home, more).expect(code);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let stale = output.json()["stale"].clone();
    let all = stale.as_array().expect("a list").iter();
    all.map(|one| {
        (
            text(&one["series"]),
            text(&one["since"]),
            text(&one["cause"]),
        )
    })
    .collect()
}

#[test]
fn each_series_stops_by_its_own_cadence_and_says_why() {
    let kinds = ["steps", "sleep", "daily-resting-heart-rate", "weight"];
    let (home, _server, held) = machine("2026-06-20", &kinds);
    put(
        &held,
        "steps",
        (0..10).map(|n| steps(n * 1440 + 600, 9)).collect(),
    );
    let nights = (0..20).map(|n| night(&format!("{n:02}"), (n * 24 - 1, n * 24 + 7), "STAGES", 0));
    put(&held, "sleep", nights.collect());
    let values = (1..11).map(|n| resting(&format!("2026-06-{n:02}"), 50));
    put(&held, "daily-resting-heart-rate", values.collect());
    // Every six days, the last nine days ago: that is how this person weighs.
    let weight = |day: u32| {
        let at = format!("2026-06-{day:02}T07:00:00Z");
        json!({"weight": {"sampleTime": {"physicalTime": at, "utcOffset": "0s"}, "weightGrams": 70_000}})
    };
    put(&held, "weight", vec![weight(5), weight(11)]);
    let all = "--extract steps,sleep,resting_heart_rate,weight --from 2026-06-01";
    let nothing = |name: &str| {
        (
            name.to_owned(),
            "2026-06-10".to_owned(),
            "nothing_given".to_owned(),
        )
    };
    assert_eq!(
        stopped(&home, all, 0),
        [nothing("steps"), nothing("resting_heart_rate")]
    );
    home.run(["status"]).expect(0).says(&[
        "no steps since 2026-06-10: the device synced on 2026-06-20",
        "no resting heart rate since 2026-06-10",
    ]);
    // One is refused from now on, and another flows again.
    held.change(|held| {
        held.points.remove("steps");
        let values = held.points.entry("daily-resting-heart-rate").or_default();
        values.push(resting("2026-06-20", 50));
        held.now += TimeDelta::hours(1);
    });
    let refused = (
        "steps".to_owned(),
        "2026-06-10".to_owned(),
        "refused".to_owned(),
    );
    assert_eq!(stopped(&home, all, 77), [refused]);
    // A run that does not look up to today says nothing new.
    assert_eq!(stopped(&home, &format!("{all} --to 2026-06-19"), 0), []);
    let status = home.run(["status", "--json"]).expect(0).json();
    assert_eq!(status["stale"][0]["series"], "steps");
    assert_eq!(status["stale"][1], Value::Null);
}

#[test]
fn the_main_job_sets_a_type_aside_too_and_counts_requests_by_extract() {
    let (home, _server, held) = machine("2026-06-03", &["steps", "floors"]);
    put(&held, "steps", vec![steps(600, 42)]);
    held.change(|held| {
        held.points.remove("floors");
    });
    let line = ["--extract", "floors,steps", "2026-06-01", "--json"];
    let output = home.run(line).expect(77).says(&["does not give this type"]);
    let extracts = &output.json()["extracts"];
    assert_eq!(
        (&extracts["steps"]["rows"], &extracts["steps"]["requests"]),
        (&json!(1), &json!(1))
    );
    assert!(extracts["floors"]["refused"].is_string());
    assert!(home.read("fitbit_data/steps.csv").contains("10:00:00,42"));
}
