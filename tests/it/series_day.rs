//! The main job of other series than heart rate: one day of each shape, as the service gives it.

use crate::files;
use crate::program::{Home, google_scopes};
use crate::server::{Reply, Request, Server};
use serde_json::{Value, json};

/// Where a type is asked for.
pub fn path(data_type: &str) -> String {
    format!("/v4/users/me/dataTypes/{data_type}/dataPoints:reconcile")
}

/// Someone in UTC who may have these extracts beside heart rate, and whose account is not asked.
pub fn home(server: &Server, scopes: &[&str]) -> Home {
    home_with(server, scopes, "")
}

/// The same with more in the keys file.
pub fn home_with(server: &Server, scopes: &[&str], more: &str) -> Home {
    let home = Home::google(server, "timezone = \"UTC\"");
    let keys = home.read("keys.toml") + more;
    home.keys(&keys);
    let scope =
        |name: &&str| format!("https://www.googleapis.com/auth/googlehealth.{name}.readonly");
    let mut scopes: Vec<String> = scopes.iter().map(scope).collect();
    scopes.push(google_scopes()[0].clone());
    home.logged_in_with("google", 3000, &json!({"scopes": scopes}));
    home
}

/// Lets a type answer with these points, any number of times.
pub fn points(server: &Server, data_type: &str, points: Vec<Value>) {
    server.any("GET", &path(data_type), move |_| {
        Reply::json(&json!({"dataPoints": points}))
    });
}

/// A span with the members of its own time.
pub fn interval(start: &str, end: &str) -> Value {
    json!({"startTime": start, "startUtcOffset": "0s", "endTime": end, "endUtcOffset": "0s"})
}

/// Steps of a minute of 2017-06-01.
pub fn steps(minute: &str, count: &Value) -> Value {
    let at = |second| format!("2017-06-01T{minute}:{second}Z");
    json!({"steps": {"interval": interval(&at("00"), &at("59")), "count": count}})
}

fn night(id: &str, start: &str, end: &str) -> Value {
    json!({"dataPointName": format!("users/me/dataTypes/sleep/dataPoints/{id}"), "sleep": {
        "interval": interval(start, end), "type": "STAGES", "metadata": {"mainSleep": true},
        "stages": [{"startTime": start, "startUtcOffset": "0s", "endTime": end, "endUtcOffset": "0s", "type": "DEEP"}]}})
}

const STEPS: &str = "day,time,steps\n2017-06-01,08:00:00,5\n2017-06-01,08:20:00,7\n";

/// Two minutes, one of them twice, and one of the next day.
fn walk(server: &Server) {
    let next_day = json!({"steps": {"interval": interval("2017-06-02T00:00:00Z", "2017-06-02T00:01:00Z"), "count": "9"}});
    let all = [("08:20", "7"), ("08:00", "5"), ("08:20", "7")];
    let all = all.map(|(minute, count)| steps(minute, &json!(count)));
    points(server, "steps", all.into_iter().chain([next_day]).collect());
}

/// The files of a folder whose names begin so.
fn names(home: &Home, folder: &str, beginning: &str) -> Vec<String> {
    let mut names = files::names(&home.work(folder));
    names.retain(|name| name.starts_with(beginning));
    names
}

#[test]
fn a_night_has_the_part_before_midnight_too_and_is_what_the_account_tells_of() {
    let home = Home::new();
    let account = home
        .run(["--demo", "2026-06-02", "--during", "sleep", "--json"])
        .expect(0)
        .json();
    let night = names(&home, "demo_data", "hr-2026-06-01T23");
    assert!(night[0].ends_with("-sleep.csv"), "{night:?}");
    let csv = home.read(&format!("demo_data/{}", night[0]));
    let first = csv.lines().nth(1).expect("rows");
    assert!(first.starts_with("2026-06-01,23:"), "{first}");
    assert!(csv.contains("\n2026-06-02,05:"), "{csv}");
    let files = names(&home, "demo_data", "hr-");
    let rows = |name: &String| home.read(&format!("demo_data/{name}")).lines().count() - 1;
    let all: usize = files.iter().map(rows).sum();
    assert_eq!(account["samples"], all);
    assert_eq!(account["extracts"]["heart_rate"]["rows"], all);
    assert_eq!(account["first"], first[11..19]);
    let sessions = account["sessions"].as_array().expect("sessions");
    assert_eq!(sessions.len(), files.len());
    let of_night = json!({"start": sessions[0]["start"], "end": sessions[0]["end"], "word": "sleep",
        "rows": {"heart_rate": rows(&night[0])}});
    assert_eq!(sessions[0], of_night);
}

#[test]
fn what_is_said_of_a_nap_is_what_its_file_has() {
    let server = Server::start();
    let mut nap = night("5", "2017-06-01T08:10:00Z", "2017-06-01T08:40:00Z");
    nap["sleep"]["metadata"] = json!({"nap": true});
    let night = night("6", "2017-06-01T01:00:00Z", "2017-06-01T02:00:00Z");
    points(&server, "sleep", vec![nap, night]);
    walk(&server);
    let home = home(&server, &["activity_and_fitness", "sleep"]);
    let arguments = ["2017-06-01", "--during", "sleep", "--extract", "steps"];
    let run = home.run([&arguments[..], &["--json"]].concat()).expect(0);
    let run = run.says(&[
        "note: 2017-06-01 01:00 sleep: there is nothing of steps",
        "2017-06-01 08:10 nap: steps: 1 row, 08:20 to 08:20",
    ]);
    assert_eq!(
        home.read("fitbit_data/steps-2017-06-01T0810-nap.csv"),
        "day,time,steps\n2017-06-01,08:20:00,7\n"
    );
    let account = run.json();
    let steps = &account["extracts"]["steps"];
    assert_eq!(
        (&steps["rows"], &steps["first"]),
        (&json!(1), &json!("08:20:00"))
    );
    assert_eq!(
        account["sessions"],
        json!([
            {"start": "2017-06-01 01:00:00", "end": "2017-06-01 02:00:00", "word": "sleep", "rows": {"steps": 0}},
            {"start": "2017-06-01 08:10:00", "end": "2017-06-01 08:40:00", "word": "nap", "rows": {"steps": 1}},
        ])
    );
}

#[test]
fn a_day_of_spans_is_ascending_and_each_stands_once() {
    let server = Server::start();
    walk(&server);
    let home = home(&server, &["activity_and_fitness"]);
    let value = home
        .run(["--extract", "steps", "2017-06-01", "--json"])
        .expect(0)
        .json();
    assert_eq!(home.read("fitbit_data/steps.csv"), STEPS);
    let document: Value = serde_json::from_str(&home.read("fitbit_data/steps.json")).expect("JSON");
    let rows = json!([{"day": "2017-06-01", "time": "08:00:00", "steps": 5}, {"day": "2017-06-01", "time": "08:20:00", "steps": 7}]);
    assert_eq!(
        document,
        json!({"extract": "steps", "day": "2017-06-01", "rows": rows})
    );
    assert!(!home.work("fitbit_data/hr.csv").exists());
    assert_eq!(
        value["files"],
        json!(["fitbit_data/steps.json", "fitbit_data/steps.csv"])
    );
    let expected = json!({"rows": 2, "requests": 1, "detail": "1min", "unreadable": 0, "first": "08:00:00", "last": "08:20:00"});
    assert_eq!(value["extracts"], json!({ "steps": expected }));
}

#[test]
fn a_series_goes_to_stdout_by_its_fields_and_at_its_details() {
    let server = Server::start();
    walk(&server);
    let home = home(&server, &["activity_and_fitness"]);
    let run = |more: &[&str]| {
        let arguments = [&["--extract", "steps", "2017-06-01"], more].concat();
        home.run(arguments).expect(0).stdout
    };
    assert_eq!(run(&["--stdout", "csv"]), STEPS);
    let quarters = "day,time,steps\n2017-06-01,08:00:00,5\n2017-06-01,08:15:00,7\n";
    assert_eq!(run(&["15min", "--stdout", "csv"]), quarters);
    let fields = ["--fields", "steps,utc,source"];
    assert_eq!(
        run(&[&["--stdout", "csv"], &fields[..]].concat()),
        "steps,utc,source\n5,2017-06-01T08:00:00Z,google\n7,2017-06-01T08:20:00Z,google\n"
    );
    let document: Value =
        serde_json::from_str(&run(&[&["--stdout", "json"], &fields[..]].concat())).expect("JSON");
    assert_eq!(
        document["rows"][0],
        json!({"steps": 5, "utc": "2017-06-01T08:00:00Z", "source": "google"})
    );
    let part = ["--between", "08:00", "08:20", "--stdout", "csv"];
    assert_eq!(run(&part), "day,time,steps\n2017-06-01,08:00:00,5\n");
    assert!(!home.work("fitbit_data").exists());
}

#[test]
fn of_copies_of_a_night_the_longest_stays_and_neighbours_count() {
    let server = Server::start();
    let nights = vec![
        night("2", "2017-05-31T23:00:00Z", "2017-06-01T06:30:00Z"),
        night("1", "2017-05-31T22:00:00Z", "2017-06-01T07:00:00Z"),
        // Of the day before by its end, and longer than the nap that it overlaps.
        night("3", "2017-06-01T13:00:00Z", "2017-06-01T13:30:00Z"),
        night("4", "2017-06-01T13:10:00Z", "2017-06-02T00:10:00Z"),
    ];
    points(&server, "sleep", nights);
    let home = home(&server, &["sleep"]);
    home.run(["--extract", "sleep", "2017-06-01"]).expect(0);
    let csv = home.read("fitbit_data/sleep.csv");
    let rows: Vec<_> = csv.lines().skip(1).collect();
    assert_eq!(rows.len(), 1, "{csv}");
    assert!(
        rows[0].starts_with("2017-06-01,2017-05-31 22:00:00,2017-06-01 07:00:00,STAGES,true,,"),
        "{csv}"
    );
    assert_eq!(
        home.read("fitbit_data/sleep_stages.csv"),
        "session,day,start,end,kind,short\n1,2017-06-01,2017-05-31 22:00:00,2017-06-01 07:00:00,DEEP,false\n"
    );
    let document: Value = serde_json::from_str(&home.read("fitbit_data/sleep.json")).expect("JSON");
    assert_eq!(document["rows"][0]["deep_s"], 9 * 3600);
    assert_eq!(document["rows"][0]["sleep_stages"][0]["kind"], "DEEP");
}

#[test]
fn where_a_part_ends_is_said_by_the_clock_of_that_moment() {
    let part = |start: &str, start_offset: i64, end: &str, end_offset: i64| {
        json!({"startTime": start, "startUtcOffset": format!("{start_offset}s"),
            "endTime": end, "endUtcOffset": format!("{end_offset}s")})
    };
    // The clock goes back in the first stage, at 06:00 UTC.
    let (begins, turns, ends) = (
        "2016-11-06T03:30:00Z",
        "2016-11-06T06:30:00Z",
        "2016-11-06T11:00:00Z",
    );
    let mut stages = [
        part(begins, -14_400, turns, -18_000),
        part(turns, -18_000, ends, -18_000),
    ];
    stages[0]["type"] = json!("LIGHT");
    stages[1]["type"] = json!("DEEP");
    let night = json!({"sleep": {"interval": part(begins, -14_400, ends, -18_000), "type": "STAGES", "stages": stages}});
    // A flight of no hours: a level as it was before and after the clock was set on.
    let levels = [
        (
            "SEDENTARY",
            part("2016-11-06T15:00:00Z", -18_000, "2016-11-06T15:30:00Z", 0),
        ),
        (
            "VERY_ACTIVE",
            part("2016-11-06T15:30:00Z", 0, "2016-11-06T15:40:00Z", 0),
        ),
        (
            "SEDENTARY",
            part("2016-11-06T15:50:00Z", 0, "2016-11-06T16:00:00Z", 0),
        ),
    ];
    let levels = levels.map(
        |(level, interval)| json!({"activityLevel": {"interval": interval, "activityLevelType": level}}),
    );
    let server = Server::start();
    points(&server, "sleep", vec![night]);
    points(&server, "activity-level", levels.to_vec());
    let home = home(&server, &["sleep", "activity_and_fitness"]);
    home.run(["--extract", "sleep", "2016-11-06"]).expect(0);
    let csv = home.read("fitbit_data/sleep_stages.csv");
    let ends: Vec<_> = csv
        .lines()
        .skip(1)
        .filter_map(|line| line.split(',').nth(3))
        .collect();
    assert_eq!(ends, ["2016-11-06 01:30:00", "2016-11-06 06:00:00"]);
    let level = "--extract activity_level 2016-11-06 --stdout csv --fields time,end";
    let csv = home.run(level.split(' ')).expect(0).stdout;
    let (first, second) = (
        "10:00:00,2016-11-06 15:30:00",
        "15:30:00,2016-11-06 15:40:00",
    );
    assert_eq!(
        csv,
        format!("time,end\n{first}\n{second}\n15:50:00,2016-11-06 16:00:00\n")
    );
}

#[test]
fn samples_and_days_have_their_own_columns_and_an_empty_one_its_header() {
    let server = Server::start();
    let time = json!({"physicalTime": "2017-06-01T06:30:00Z", "utcOffset": "7200s"});
    points(
        &server,
        "weight",
        vec![json!({"weight": {"sampleTime": time, "weightGrams": 72_400.5}})],
    );
    let date = json!({"year": 2017, "month": 6, "day": 1});
    let resting = json!({"dailyRestingHeartRate": {"date": date, "beatsPerMinute": "57"}});
    points(&server, "daily-resting-heart-rate", vec![resting]);
    points(&server, "height", vec![]);
    let home = home(&server, &[]);
    home.run([
        "--extract",
        "weight,resting_heart_rate,height",
        "2017-06-01",
        "15min",
    ])
    .expect(0)
    .says(&["note:", "nothing for 2017-06-01 of height"]);
    for (name, expected) in [
        ("weight", "day,time,weight_g\n2017-06-01,08:30:00,72400.5\n"),
        ("resting_heart_rate", "day,bpm\n2017-06-01,57\n"),
        ("height", "day,time,height_mm\n"),
    ] {
        assert_eq!(home.read(&format!("fitbit_data/{name}.csv")), expected);
    }
}

#[test]
fn a_workout_has_a_file_of_its_own() {
    let server = Server::start();
    let run = json!({"exercise": {"interval": interval("2017-06-01T08:00:00Z", "2017-06-01T08:20:00Z"),
        "exerciseType": "RUNNING", "displayName": "Lauf"}});
    points(&server, "exercise", vec![run]);
    walk(&server);
    let home = home(&server, &["activity_and_fitness"]);
    home.run(["2017-06-01", "--during", "exercise", "--extract", "steps"])
        .expect(0);
    let csv = home.read("fitbit_data/steps-2017-06-01T0800-run.csv");
    assert_eq!(csv, "day,time,steps\n2017-06-01,08:00:00,5\n");
    assert!(!home.work("fitbit_data/steps.csv").exists());
}

#[test]
fn a_workout_over_midnight_has_both_days() {
    let server = Server::start();
    let run = json!({"exercise": {"interval": interval("2017-06-01T23:50:00Z", "2017-06-02T00:10:00Z"), "exerciseType": "WALKING"}});
    points(&server, "exercise", vec![run]);
    let minute = |at: &str| json!({"startTime": at, "heartRate": {"beatsPerMinuteAvg": 90.0}});
    server.times(
        2,
        "POST",
        crate::answers::MINUTES,
        move |request: &Request| {
            let first = request.json()["range"]["startTime"] == "2017-06-01T00:00:00Z";
            let at = if first {
                "2017-06-01T23:59:00Z"
            } else {
                "2017-06-02T00:09:00Z"
            };
            Reply::json(&json!({"rollupDataPoints": [minute(at), minute("2017-06-02T00:10:00Z")]}))
        },
    );
    let home = home(&server, &["activity_and_fitness"]);
    home.run(["2017-06-01", "--during", "exercise"]).expect(0);
    assert_eq!(
        home.read("fitbit_data/hr-2017-06-01T2350-walk.csv"),
        "day,time,hr\n2017-06-01,23:59:00,90\n2017-06-02,00:09:00,90\n"
    );
}
