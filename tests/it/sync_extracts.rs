//! `sync --extract` of the real binary: what it brings, what it looks at again, what is set aside, what a kill leaves.

use crate::answers;
use crate::files::{below, has_extension};
use crate::google_service::{DEVICES, SETTINGS, refusal};
use crate::program::{Home, Output};
use crate::server::{Reply, Request, Server};
use crate::sync::archive;
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use fitbit_hr::archive::{Series, Table};
use fitbit_hr::civil;
use fitbit_hr::demo;
use fitbit_hr::extract::Catalogue;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What a service has of some types, and the time by its clock.
pub struct Holdings {
    /// The points of each type; one that is not there is refused.
    pub points: BTreeMap<&'static str, Vec<Value>>,
    pub now: DateTime<Utc>,
}

#[derive(Clone)]
pub struct Held(Arc<Mutex<Holdings>>);

impl Held {
    pub fn change(&self, change: impl FnOnce(&mut Holdings)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn answer(&self, body: impl Fn(&Holdings) -> Reply) -> Reply {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        body(&held).with("Date", &held.now.to_rfc2822())
    }

    /// Serves a type on any number of calls: all points at once, whatever is asked for, and of what it has not it says so.
    fn serve(&self, server: &Server, kind: &'static str) {
        let held = self.clone();
        server.any("GET", &path(kind), move |_: &Request| {
            held.answer(|held| match held.points.get(kind) {
                Some(points) => Reply::json(&json!({"dataPoints": points})),
                None => refusal(404, "Requested entity was not found.", "", &json!({})),
            })
        });
    }
}

fn path(kind: &str) -> String {
    format!("/v4/users/me/dataTypes/{kind}/dataPoints:reconcile")
}

/// A machine that is logged in at a service at noon of this day, whose tracker has just synced.
pub fn machine(today: &str, kinds: &[&'static str]) -> (Home, Server, Held) {
    let server = Server::start();
    let now = format!("{today}T12:00:00Z").parse().expect("an instant");
    let held = Held(Arc::new(Mutex::new(Holdings {
        points: kinds.iter().map(|kind| (*kind, Vec::new())).collect(),
        now,
    })));
    let (settings, devices) = (held.clone(), held.clone());
    server.any("GET", SETTINGS, move |_| {
        settings.answer(|_| Reply::json(&json!({"timeZone": "UTC"})))
    });
    server.any("GET", DEVICES, move |_| {
        devices.answer(|held| {
            let at = civil::rfc3339(held.now.timestamp_millis());
            Reply::json(&json!({"pairedDevices": [{"name": "users/me/pairedDevices/1", "lastSyncTime": at}]}))
        })
    });
    for kind in kinds {
        held.serve(&server, kind);
    }
    let home = Home::google(&server, "");
    home.logged_in("google", 3000);
    (home, server, held)
}

/// A night of stages, or of the one label that a classic one has, by its id; hours are those of June 2026 in UTC.
pub fn night(id: &str, (start, end): (i64, i64), kind: &str, updated: i64) -> Value {
    let first: DateTime<Utc> = "2026-06-01T00:00:00Z".parse().expect("an instant");
    let at = |hours: i64| civil::rfc3339((first + TimeDelta::hours(hours)).timestamp_millis());
    let span = json!({"startTime": at(start), "startUtcOffset": "0s", "endTime": at(end), "endUtcOffset": "0s"});
    let mut stage = span.clone();
    stage["type"] = json!(if kind == "STAGES" { "DEEP" } else { "ASLEEP" });
    json!({
        "dataPointName": format!("users/1/dataTypes/sleep/dataPoints/{id}"),
        "dataSource": {"platform": "FITBIT"},
        "sleep": {"interval": span, "type": kind, "stages": [stage], "updateTime": at(updated)},
    })
}

pub fn resting(date: &str, bpm: i64) -> Value {
    let part = |n: usize| {
        date.split('-')
            .nth(n)
            .and_then(|part| part.parse::<i64>().ok())
    };
    json!({"dailyRestingHeartRate": {
        "date": {"year": part(0), "month": part(1), "day": part(2)},
        "beatsPerMinute": bpm.to_string(),
    }})
}

/// A minute with steps, so many minutes after midnight of the first of June.
pub fn steps(minute: i64, count: i64) -> Value {
    let first: DateTime<Utc> = "2026-06-01T00:00:00Z".parse().expect("an instant");
    let at = |minute: i64| civil::rfc3339((first + TimeDelta::minutes(minute)).timestamp_millis());
    json!({"steps": {
        "interval": {"startTime": at(minute), "startUtcOffset": "0s", "endTime": at(minute + 1), "endUtcOffset": "0s"},
        "count": count.to_string(),
    }})
}

pub fn table(home: &Home, name: &str, year: i32) -> Table {
    let catalogue = Catalogue::default();
    let holder = catalogue
        .all()
        .find(|one| one.tables().any(|table| table == name));
    let holder = holder.expect("in the catalogue");
    let columns = match &holder.segments {
        Some(segments) if segments.table == name => segments.columns(),
        _ => holder.columns(),
    };
    let key = Series::new(name, None).year(year);
    let table = archive(home).table(&key, &columns).expect("readable");
    table.unwrap_or_else(|| panic!("{key} is missing"))
}

pub fn column(table: &Table, name: &str) -> Vec<i64> {
    table.rows.ints(name).iter().flatten().copied().collect()
}

pub fn words(table: &Table, name: &str) -> Vec<String> {
    table
        .rows
        .texts(name)
        .iter()
        .flatten()
        .map(ToString::to_string)
        .collect()
}

/// Every file of the archive's tables, by its place.
pub fn files(home: &Home) -> BTreeMap<String, Vec<u8>> {
    let mut files = below(&home.work("fitbit_data/archive"));
    files.retain(|name, _| has_extension(name, "parquet"));
    files
}

pub fn sync(home: &Home, more: &str) -> Output {
    home.run(
        format!("sync --json {more}")
            .split_whitespace()
            .collect::<Vec<_>>(),
    )
}

pub fn days_of(output: &Output, name: &str) -> (u64, u64) {
    let of = &output.json()["extracts"][name];
    let number = |member: &str| of[member].as_u64().expect("a number");
    (number("days"), number("requests"))
}

#[test]
fn nights_are_processed_again_and_deleted_and_settle_after_a_month() {
    let (home, _server, held) = machine("2026-06-20", &["sleep"]);
    held.change(|held| {
        let nights = [
            night("1", (-1, 7), "CLASSIC", 8),
            night("2", (23, 31), "STAGES", 32),
            // A copy of the first, shorter.
            night("3", (0, 7), "STAGES", 9),
        ];
        held.points.insert("sleep", nights.to_vec());
    });
    let first = sync(&home, "--extract sleep --from 2026-06-01").expect(0);
    assert_eq!(days_of(&first, "sleep"), (20, 1));
    assert_eq!(words(&table(&home, "sleep", 2026), "id"), ["1", "2"]);
    assert_eq!(
        words(&table(&home, "sleep_stages", 2026), "kind"),
        ["ASLEEP", "DEEP"]
    );
    held.change(|held| {
        held.points
            .insert("sleep", vec![night("1", (-1, 7), "STAGES", 40)]);
    });
    sync(&home, "--extract sleep").expect(0);
    let sleep = table(&home, "sleep", 2026);
    assert_eq!(words(&sleep, "id"), ["1"], "the second is gone");
    assert_eq!(column(&sleep, "deep_s"), [8 * 3600]);
    assert_eq!(words(&table(&home, "sleep_stages", 2026), "kind"), ["DEEP"]);
    assert!(sleep.meta.settled.is_empty());
    // An answer of which something cannot be read deletes nothing.
    held.change(|held| {
        held.points.insert("sleep", vec![json!({"sleep": {}})]);
    });
    let odd = sync(&home, "--extract sleep").expect(0);
    assert_eq!(odd.json()["extracts"]["sleep"]["left_out"], 1);
    assert_eq!(words(&table(&home, "sleep", 2026), "id"), ["1"]);
    // A month later nobody asks any more.
    held.change(|held| {
        held.points
            .insert("sleep", vec![night("1", (-1, 7), "STAGES", 40)]);
        held.now += TimeDelta::days(40);
    });
    sync(&home, "--extract sleep").expect(0);
    let settled = table(&home, "sleep", 2026).meta.settled;
    assert_eq!(settled.to_string(), "2026-06-01/2026-06-29");
    let last = sync(&home, "--extract sleep").expect(0);
    assert_eq!(days_of(&last, "sleep"), (31, 1));
}

#[test]
fn a_value_of_a_day_may_change_for_two_weeks() {
    let kind = "daily-resting-heart-rate";
    let (home, server, held) = machine("2026-06-20", &[kind]);
    let put = |values: &[(&str, i64)]| {
        let values = values
            .iter()
            .map(|(date, bpm)| resting(date, *bpm))
            .collect();
        held.change(|held| {
            held.points.insert(kind, values);
        });
    };
    put(&[("2026-05-30", 60), ("2026-06-05", 61), ("2026-06-06", 62)]);
    // All of history in one request, from its first day on.
    let first = sync(&home, "--extract resting_heart_rate").expect(0);
    assert_eq!(days_of(&first, "resting_heart_rate"), (22, 1));
    put(&[("2026-05-30", 70), ("2026-06-05", 71), ("2026-06-06", 72)]);
    let second = sync(&home, "--extract resting_heart_rate").expect(0);
    assert_eq!(days_of(&second, "resting_heart_rate"), (15, 1));
    let table = table(&home, "resting_heart_rate", 2026);
    assert_eq!(column(&table, "bpm"), [60, 61, 72]);
    assert_eq!(table.meta.known.to_string(), "2026-05-30/2026-06-20");
    assert_eq!(table.meta.settled.to_string(), "2026-05-30/2026-06-05");
    let asked = server.requests_to(&path(kind));
    let filter = |n: usize| asked[n].query("filter").unwrap_or_default().to_owned();
    assert!(filter(0).contains("2007-01-01") && filter(1).contains("2026-06-06"));
}

#[test]
fn a_refused_type_costs_the_others_nothing() {
    let (home, server, held) = machine("2026-06-03", &["steps"]);
    let refused = |_: &Request| {
        refusal(
            400,
            "not for this type",
            "UNSUPPORTED_DATA_TYPE_ACTION",
            &json!({}),
        )
    };
    let scope = |_: &Request| refusal(403, "no", "ACCESS_TOKEN_SCOPE_INSUFFICIENT", &json!({}));
    server.any("GET", &path("floors"), refused);
    server.any("GET", &path("sleep"), scope);
    server.any("POST", "/token", |_| Reply::json(&answers::renewed()));
    held.change(|held| {
        held.points.insert("steps", vec![steps(600, 42)]);
    });
    let named = sync(&home, "--extract floors,sleep,steps --from 2026-06-01").expect(77);
    let json = named.json();
    assert_eq!(json["extracts"]["steps"]["rows"], 1);
    assert!(
        json["extracts"]["floors"]["refused"]
            .to_string()
            .contains("UNSUPPORTED")
    );
    assert!(
        json["extracts"]["sleep"]["refused"]
            .to_string()
            .contains("scope sleep")
    );
    sync(&home, "--extract sleep,steps")
        .expect(77)
        .says(&["add it to the login: fitbit-hr login --extract sleep"]);
    // By the keys file nobody insists.
    let keys = home.read("keys.toml");
    home.keys(&format!(
        "extracts = [\"floors\", \"sleep\", \"steps\"]\n{keys}"
    ));
    sync(&home, "")
        .expect(0)
        .says(&["floors is set aside", "sleep is set aside"]);
}

#[test]
fn halves_make_the_bytes_of_the_whole_and_so_does_a_run_that_was_killed() {
    let kinds = ["steps", "sleep", "daily-resting-heart-rate"];
    let fill = |held: &Held| {
        held.change(|held| {
            held.points
                .insert("steps", (0..300).map(|n| steps(n * 97, n + 1)).collect());
            let nights =
                (0..20).map(|n| night(&format!("{n:02}"), (n * 24 - 1, n * 24 + 7), "STAGES", 0));
            held.points.insert("sleep", nights.collect());
            let values = (1..20).map(|n| resting(&format!("2026-06-{n:02}"), 50 + n));
            held.points
                .insert("daily-resting-heart-rate", values.collect());
        });
    };
    let all = "--extract sleep,steps,resting_heart_rate --from 2026-06-01";
    let (home, _server, held) = machine("2026-06-30", &kinds);
    fill(&held);
    sync(&home, all).expect(0);
    let whole = files(&home);
    assert_eq!(whole.len(), 30 + 3);
    let (home, _server, held) = machine("2026-06-30", &kinds);
    fill(&held);
    sync(&home, &format!("{all} --to 2026-06-10")).expect(0);
    sync(&home, &format!("{all} --to 2026-06-20")).expect(0);
    sync(&home, all).expect(0);
    assert!(files(&home) == whole, "in thirds");
    #[cfg(unix)]
    {
        let (home, _server, held) = machine("2026-06-30", &kinds);
        fill(&held);
        let arguments: Vec<_> = all.split(' ').collect();
        let mut running = home.start([&["sync"][..], &arguments].concat());
        while files(&home).len() < 3 && running.is_running() {
            std::thread::yield_now();
        }
        if running.is_running() {
            running.signal("KILL");
        }
        running.finish();
        sync(&home, all).expect(0);
        assert!(files(&home) == whole, "after a kill");
    }
}

#[test]
fn an_extract_of_ones_own_that_never_has_its_member_says_so() {
    let (home, _server, held) = machine("2026-06-03", &["steps"]);
    held.change(|held| {
        held.points.insert("steps", vec![steps(600, 42)]);
    });
    let own = r#"
[extract.my_steps]
title = "Mine"
help = "Mine."
shape = "intervals"
type = "steps"
operation = "reconcile"
filter = "interval.start_time"
page_size = 10000
scope = "activity_and_fitness"
values = [{ column = "steps", member = "total", wire = "string-integer", kind = "int32", optional = true }]
"#;
    home.keys(&format!("{}\n{own}", home.read("keys.toml")));
    sync(&home, "--extract my_steps --from 2026-06-01")
        .expect(65)
        .says(&[
            "could not sync my_steps",
            "none of 1 point has total",
            "[extract.my_steps]",
        ]);
}

#[test]
fn two_weeks_of_everything_come_from_the_stand_in_and_are_not_asked_for_twice() {
    let home = Home::new();
    let run = |more: &str| {
        let line = format!("--demo --json sync --extract all --detail 15min {more}");
        home.run(line.split_whitespace().collect::<Vec<_>>())
            .expect(0)
    };
    // By the clock of the one who is made up.
    let today = Utc::now().with_timezone(&demo::zone()).date_naive();
    let from: NaiveDate = today - Days::new(50);
    let foreseen = run(&format!("--from {from} --dry-run")).json();
    // In the first minutes of a day the band has not synced yet, and there is nothing to ask for.
    let to: NaiveDate = foreseen["to"]
        .as_str()
        .and_then(|to| to.parse().ok())
        .expect("a date");
    assert!((today - Days::new(1)..=today).contains(&to), "{to}");
    let days = (to - from).num_days() + 1;
    assert_eq!(foreseen["extracts"]["steps"]["days"], days);
    let first = run(&format!("--from {from}")).json();
    let each = first["extracts"].as_object().expect("an object");
    assert_eq!(each.len(), 38);
    let requests = |of: &Value, name: &str| of["extracts"][name]["requests"].as_u64().unwrap_or(0);
    let others = || each.keys().filter(|name| *name != "heart_rate");
    let (real, told) = others().fold((0, 0), |(real, told), name| {
        (
            real + requests(&first, name),
            told + requests(&foreseen, name),
        )
    });
    // Pages that are short or empty come on top.
    assert!(
        real <= told * 8 / 5,
        "{real} requests, and {told} were foreseen"
    );
    for (name, one) in each {
        assert_eq!(
            (&one["refused"], &one["error"]),
            (&Value::Null, &Value::Null),
            "{name}"
        );
        assert_eq!(one["complete"], true, "{name}");
    }
    for name in [
        "steps",
        "sleep",
        "hrv",
        "calories",
        "resting_heart_rate",
        "time_in_zone",
    ] {
        assert!(each[name]["rows"].as_u64() > Some(0), "{name}");
    }
    let second = run("");
    let second = second.json();
    for (name, most) in [
        ("steps", 3),
        ("calories", 3),
        ("hrv_daily", 17),
        ("sleep", 33),
    ] {
        let days = second["extracts"][name]["days"].as_u64().expect("a number");
        assert!(days <= most, "{name}: {days}");
    }
    assert!(
        second["requests"].as_u64() < Some(90),
        "{}",
        second["requests"]
    );
}
