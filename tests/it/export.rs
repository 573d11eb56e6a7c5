//! `fitbit-hr export`: each format as its readers see it, and what is left when it cannot be done.

use crate::files;
use crate::program::{Home, Output, run};
use chrono::NaiveDate;
use fitbit_hr::archive::{Archive, DayFile};
use fitbit_hr::day::{Day, Detail, Provider, Sample};
use rusqlite::Connection;
use serde_json::{Value, json};
use std::fs;
use std::io::Read;
use std::process::Stdio;

/// 2024-06-01T00:00:00-04:00.
const JUNE: i64 = 1_717_214_400_000;
/// 2024-11-03T00:00:00-04:00: at two the clocks go back to one.
const NOVEMBER: i64 = 1_730_606_400_000;
const SUMMER: i32 = -14_400;
const WINTER: i32 = -18_000;

pub fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

/// The archive at its default place.
pub fn archive(home: &Home) -> Archive {
    Archive::open(&home.work("fitbit_data/archive"), None)
}

pub fn day(on: &str, detail: Detail, source: &str, samples: Vec<Sample>) -> DayFile {
    let source: fitbit_hr::day::Source = source.parse().expect("a source");
    let mut day = Day::empty(date(on), detail, source.provider);
    day.sources = vec![source];
    day.samples = samples;
    let mut file = DayFile::new(day);
    file.meta.settled = true;
    file.meta.timezone = Some("America/New_York".to_owned());
    file
}

pub fn at(second: i64, bpm: u16) -> Sample {
    Sample::at(JUNE + second * 1000, SUMMER, bpm)
}

/// A home whose archive has two days in June, the second empty.
pub fn with_june() -> Home {
    let home = Home::new();
    let mut first = day(
        "2024-06-01",
        Detail::Sec1,
        "takeout/Inspire 3",
        vec![
            Sample {
                confidence: Some(3),
                ..at(0, 60)
            },
            at(5, 61),
            at(61, 100),
        ],
    );
    first.day.summary.resting_bpm = Some(58.6);
    let second = day("2024-06-02", Detail::Sec1, "google", Vec::new());
    for file in [first, second] {
        archive(&home).update(&file).expect("stored");
    }
    home
}

fn stdout(home: &Home, arguments: &str) -> String {
    run(home.command(arguments.split(' '))).expect(0).stdout
}

#[test]
fn csv_to_stdout_is_the_default() {
    let home = with_june();
    let all =
        "day,time,hr\n2024-06-01,00:00:00,60\n2024-06-01,00:00:05,61\n2024-06-01,00:01:01,100\n";
    assert_eq!(stdout(&home, "export"), all);
    assert_eq!(stdout(&home, "export -o - --to 2024-06-01"), all);
    assert_eq!(
        stdout(&home, "export --fields utc,offset,confidence,source,hr"),
        "utc,offset,confidence,source,hr\n\
         2024-06-01T04:00:00Z,-04:00,3,takeout/Inspire 3,60\n\
         2024-06-01T04:00:05Z,-04:00,,takeout/Inspire 3,61\n\
         2024-06-01T04:01:01Z,-04:00,,takeout/Inspire 3,100\n"
    );
}

#[test]
fn nothing_there_is_the_empty_document_and_a_note() {
    let home = Home::new();
    let with_days = with_june();
    let empty = |output: Output, expected: &str| {
        let output = output.expect(0).says(&["note:"]);
        assert_eq!(output.stdout, expected);
    };
    empty(home.run(["export"]), "day,time,hr\n");
    empty(
        with_days.run(["export", "--from", "2024-06-02"]),
        "day,time,hr\n",
    );
    empty(home.run(["export", "--format", "json"]), "[]\n");
    empty(home.run(["export", "--format", "ndjson"]), "");
    empty(home.run(["export", "--format", "influx"]), "");
    for name in ["none.parquet", "none.sqlite"] {
        empty(home.run(["export", "-o", name]), "");
    }
    let rows: i64 = Connection::open(home.work("none.sqlite"))
        .and_then(|db| db.query_row("SELECT count(*) FROM heart_rate", [], |row| row.get(0)))
        .expect("a table");
    assert_eq!(rows, 0);
}

#[test]
fn json_is_an_array_of_days_in_the_shape_of_the_main_job() {
    let home = with_june();
    run(home.command(["export", "-o", "june.json"])).expect(0);
    let days: Value = serde_json::from_str(&home.read("june.json")).expect("json");
    assert_eq!(
        days,
        json!([
            {
                "activities-heart": [{"dateTime": "2024-06-01", "value": {
                    "customHeartRateZones": [], "heartRateZones": [], "restingHeartRate": 59}}],
                "activities-heart-intraday": {"dataset": [
                    {"time": "00:00:00", "value": 60},
                    {"time": "00:00:05", "value": 61},
                    {"time": "00:01:01", "value": 100}
                ], "datasetInterval": 1, "datasetType": "second"}
            },
            {
                "activities-heart": [{"dateTime": "2024-06-02", "value": {
                    "customHeartRateZones": [], "heartRateZones": []}}],
                "activities-heart-intraday": {
                    "dataset": [], "datasetInterval": 1, "datasetType": "second"}
            }
        ])
    );
}

#[test]
fn ndjson_has_the_fields_as_keys() {
    let home = with_june();
    let lines = |arguments: &str| -> Vec<Value> {
        let text = stdout(&home, arguments);
        let parse = |line| serde_json::from_str(line).expect("an object a line");
        text.lines().map(parse).collect()
    };
    assert_eq!(
        lines("export --format ndjson")[2],
        json!({"day": "2024-06-01", "time": "00:01:01", "hr": 100})
    );
    assert_eq!(
        lines("export --format ndjson --fields day,time,hr,utc,offset,confidence,source")[1],
        json!({"day": "2024-06-01", "time": "00:00:05", "hr": 61, "utc": "2024-06-01T04:00:05Z",
               "offset": "-04:00", "confidence": null, "source": "takeout/Inspire 3"})
    );
    let keys = "{\"hr\":60,\"confidence\":3,\"day\":\"2024-06-01\"}\n";
    assert!(stdout(&home, "export --format ndjson --fields hr,confidence,day").starts_with(keys));
}

#[test]
fn influx_needs_instants_and_says_what_it_left_out() {
    let home = with_june();
    let by_clock = Sample {
        instant: None,
        utc_offset: None,
        ..at(86_400 * 2, 77)
    };
    let third = day("2024-06-03", Detail::Sec1, "fitbit", vec![by_clock]);
    archive(&home).update(&third).expect("stored");
    let output = home.run(["export", "--format", "influx"]).expect(0);
    assert_eq!(
        output.stdout,
        "heart_rate,source=takeout/Inspire\\ 3 bpm=60i 1717214400000000000\n\
         heart_rate,source=takeout/Inspire\\ 3 bpm=61i 1717214405000000000\n\
         heart_rate,source=takeout/Inspire\\ 3 bpm=100i 1717214461000000000\n"
    );
    output.says(&["note:", "1 sample", "needs instants"]);
    let json = home
        .run(["export", "-o", "june.lp", "--json"])
        .expect(0)
        .json();
    assert_eq!(
        (
            &json["format"],
            &json["samples"],
            &json["samples_without_instant"]
        ),
        (&json!("influx"), &json!(3), &json!(1))
    );
}

#[test]
fn a_coarser_detail_is_the_mean_of_each_civil_minute() {
    let home = with_june();
    assert_eq!(
        stdout(&home, "export --detail 1min"),
        "day,time,hr\n2024-06-01,00:00:00,61\n2024-06-01,00:01:00,100\n"
    );
    // Half up: (60 + 61 + 100) / 3 = 73.67, and of two 60.5 is 61.
    assert_eq!(
        stdout(&home, "export --detail 15min"),
        "day,time,hr\n2024-06-01,00:00:00,74\n"
    );
}

#[test]
fn the_passes_of_a_repeated_hour_stay_apart_by_offset() {
    let home = Home::new();
    let pass = |hour: i64, offset, bpm| {
        (0..3).map(move |n| Sample::at(NOVEMBER + hour * 3_600_000 + n * 20_000, offset, bpm))
    };
    let samples = pass(1, SUMMER, 60).chain(pass(2, WINTER, 80)).collect();
    let november = day("2024-11-03", Detail::Sec1, "google", samples);
    archive(&home).update(&november).expect("stored");
    assert_eq!(
        stdout(&home, "export --detail 1min --fields time,offset,utc,hr"),
        "time,offset,utc,hr\n\
         01:00:00,-04:00,2024-11-03T05:00:00Z,60\n\
         01:00:00,-05:00,2024-11-03T06:00:00Z,80\n"
    );
    let seconds = stdout(&home, "export --fields time,offset");
    assert_eq!(seconds.matches("01:00:20").count(), 2);
}

#[test]
fn the_finest_detail_is_taken_and_what_is_coarser_is_named() {
    let home = with_june();
    let coarse = day("2024-06-05", Detail::Min1, "google", vec![at(345_600, 70)]);
    archive(&home).update(&coarse).expect("stored");
    let output = home.run(["export"]).expect(0);
    assert!(!output.stdout.contains("2024-06-05"));
    output.says(&["1 day is stored at a coarser detail only", "--detail 1min"]);
    assert_eq!(
        stdout(&home, "export --from 2024-06-03"),
        "day,time,hr\n2024-06-05,00:00:00,70\n"
    );
    let both = stdout(&home, "export --detail 1min");
    assert!(both.contains("2024-06-01,00:01:00,100\n2024-06-05,00:00:00,70\n"));
}

#[test]
fn an_existing_database_is_brought_up_to_date() {
    let home = with_june();
    let database = || Connection::open(home.work("heart.db")).expect("a database");
    let rows = |query: &str| -> Vec<String> {
        let database = database();
        let mut statement = database.prepare(query).expect("a query");
        let rows = statement.query_map([], |row| row.get(0)).expect("rows");
        rows.map(|row| row.expect("a row")).collect()
    };
    run(home.command(["export", "-o", "heart.db"])).expect(0);
    database()
        .execute_batch("CREATE TABLE mine (x); INSERT INTO mine VALUES (7);")
        .expect("another table");
    let more = day("2024-06-02", Detail::Sec1, "google", vec![at(86_400, 90)]);
    archive(&home).update(&more).expect("stored");
    run(home.command(["export", "-o", "heart.db", "--from", "2024-06-02"])).expect(0);
    run(home.command(["export", "-o", "heart.db", "--from", "2024-06-02"])).expect(0);
    assert_eq!(
        rows(
            "SELECT time || ' ' || local_time || ' ' || bpm || ' ' || source FROM heart_rate ORDER BY time"
        ),
        [
            "2024-06-01T04:00:00Z 2024-06-01T00:00:00 60 takeout/Inspire 3",
            "2024-06-01T04:00:05Z 2024-06-01T00:00:05 61 takeout/Inspire 3",
            "2024-06-01T04:01:01Z 2024-06-01T00:01:01 100 takeout/Inspire 3",
            "2024-06-02T04:00:00Z 2024-06-02T00:00:00 90 google",
        ]
    );
    assert_eq!(
        rows("SELECT day || ' ' || samples || ' ' || provider FROM day ORDER BY day"),
        ["2024-06-01 3 takeout", "2024-06-02 1 google"]
    );
    assert_eq!(
        rows("SELECT name FROM pragma_table_info('heart_rate') ORDER BY cid"),
        [
            "time",
            "local_time",
            "utc_offset",
            "bpm",
            "confidence",
            "source"
        ]
    );
    let plan = rows(
        "SELECT group_concat(sql, ' ') FROM sqlite_master WHERE type = 'index' AND tbl_name = 'heart_rate'",
    );
    assert!(plan[0].contains("(time)") && plan[0].contains("(local_time)"));
    assert_eq!(rows("SELECT CAST(x AS TEXT) FROM mine"), ["7"]);
    // At another detail the days are replaced, not doubled.
    run(home.command(["export", "-o", "heart.db", "--detail", "1min"])).expect(0);
    assert_eq!(rows("SELECT CAST(count(*) AS TEXT) FROM heart_rate"), ["3"]);
}

#[test]
fn what_is_no_database_is_left_alone() {
    let home = with_june();
    home.file("notes.db", "these are my notes");
    home.run(["export", "-o", "notes.db"])
        .expect(73)
        .with_one_error()
        .says(&["notes.db", "next:"]);
    assert_eq!(home.read("notes.db"), "these are my notes");
    let other = Connection::open(home.work("other.sqlite")).expect("a database");
    other
        .execute_batch("CREATE TABLE heart_rate (bpm)")
        .expect("a table of that name");
    drop(other);
    home.run(["export", "-o", "other.sqlite"])
        .expect(73)
        .with_one_error();
}

#[test]
#[cfg(target_os = "linux")]
fn a_database_that_is_in_use_is_waited_for_or_tried_later() {
    let home = with_june();
    run(home.command(["export", "-o", "heart.db"])).expect(0);
    let other = Connection::open(home.work("heart.db")).expect("a database");
    other.execute_batch("BEGIN IMMEDIATE").expect("held");
    let mut running = home.start(["export", "-o", "heart.db"]);
    while !running.has_open("heart.db") {
        assert!(running.is_running(), "{}", running.stderr());
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    other.execute_batch("COMMIT").expect("released");
    running.finish().expect(0);
}

#[test]
fn wrong_wishes_are_usage_errors() {
    let home = with_june();
    for (arguments, part) in [
        ("export --format parquet", "needs a file"),
        ("export --format sqlite -o -", "needs a file"),
        ("export --fields hr -o x.json", "--fields"),
        ("export --fields hr,hr", "twice"),
        ("export --fields bpm", "none of day"),
        ("export --from 2024-06-02 --to 2024-06-01", "after --to"),
        ("export --from 2024-02-30", "no such date"),
        ("export --detail 2min", "none of 1sec"),
        ("export --format xml", "xml"),
        ("export -o x.csv.gz", "no export is written as .gz"),
        ("export -o x.xlsx", ".sqlite or .influx"),
        ("export -o heart.duckdb", "--format"),
        ("export --json", "standard output"),
    ] {
        home.run(arguments.split(' ')).expect(2).says(&[part]);
    }
    assert!(!home.work("x.json").exists());
}

#[test]
fn a_place_that_cannot_be_written_is_73_and_a_full_disk_74() {
    let home = with_june();
    home.file("file", "in the way");
    for place in ["file/june.csv", "file/june.parquet", "file/june.sqlite"] {
        home.run(["export", "-o", place])
            .expect(73)
            .with_one_error();
    }
    fs::create_dir(home.work("folder.csv")).expect("made");
    home.run(["export", "-o", "folder.csv"]).expect(73);
    if cfg!(target_os = "linux") {
        let full = || fs::File::options().write(true).open("/dev/full");
        let mut command = home.command(["export"]);
        command.stdin(Stdio::null()).stdout(full().expect("Linux"));
        let status = command.stderr(Stdio::null()).status().expect("run");
        assert_eq!(status.code(), Some(74));
        home.run(["export", "-o", "/dev/full"]).expect(74);
    }
}

#[test]
fn a_damaged_day_is_named_and_the_earlier_export_stays() {
    let home = with_june();
    for name in ["june.csv", "june.parquet", "june.sqlite"] {
        run(home.command(["export", "-o", name])).expect(0);
        let before = fs::read(home.work(name)).expect("there");
        let path =
            "fitbit_data/archive/heart_rate/detail=1sec/year=2024/month=06/2024-06-02.parquet";
        let whole = fs::read(home.work(path)).expect("there");
        home.file(path, &whole[..whole.len() / 2]);
        home.run(["export", "-o", name])
            .expect(65)
            .with_one_error()
            .says(&["2024-06-02.parquet", "next:"]);
        assert_eq!(fs::read(home.work(name)).expect("there"), before);
        home.file(path, whole);
    }
    let names = files::names(&home.work("")).into_iter();
    let hidden = names.filter(|name| name.starts_with('.'));
    assert_eq!(hidden.count(), 0, "nothing is left beside");
}

#[test]
fn a_closed_pipe_is_no_error() {
    let home = Home::new();
    for on in ["2024-06-01", "2024-06-02", "2024-06-03", "2024-06-04"] {
        let samples = (0..8000).map(|n| at(n * 5, 60)).collect();
        archive(&home)
            .update(&day(on, Detail::Sec1, "google", samples))
            .expect("stored");
    }
    let mut command = home.command(["export"]);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("started");
    let mut first = [0; 12];
    let mut pipe = child.stdout.take().expect("a pipe");
    pipe.read_exact(&mut first).expect("a header");
    drop(pipe);
    let output = child.wait_with_output().expect("ended");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn the_same_archive_gives_the_same_bytes_and_the_account_is_for_scripts() {
    let home = with_june();
    for name in [
        "june.csv",
        "june.json",
        "june.ndjson",
        "june.parquet",
        "june.influx",
    ] {
        let json = home.run(["export", "--json", "-o", name]).expect(0).json();
        assert_eq!((&json["days"], &json["empty_days"]), (&json!(2), &json!(1)));
        assert_eq!(json["samples"], 3);
        assert_eq!(json["first_day"], "2024-06-01");
        assert_eq!(json["file"], name);
        let first = fs::read(home.work(name)).expect("there");
        assert_eq!(json["bytes"], first.len());
        run(home.command(["export", "-o", name])).expect(0);
        assert_eq!(fs::read(home.work(name)).expect("there"), first, "{name}");
    }
    let quiet = home.run(["export", "-q", "-o", "june.csv"]).expect(0);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
}

#[test]
fn a_profile_has_an_archive_of_its_own() {
    let home = with_june();
    let alice = Archive::open(&home.work("fitbit_data/archive"), Some("alice"));
    let hers = day("2024-06-01", Detail::Sec1, "google", vec![at(0, 99)]);
    alice.update(&hers).expect("stored");
    assert_eq!(
        stdout(&home, "export --profile alice"),
        "day,time,hr\n2024-06-01,00:00:00,99\n"
    );
    assert!(!stdout(&home, "export").contains(",99"));
    assert_eq!(
        stdout(&home, "export --output-dir elsewhere"),
        "day,time,hr\n"
    );
}

#[test]
fn duplicates_of_providers_are_not_exported_twice() {
    let home = with_june();
    let google = day(
        "2024-06-01",
        Detail::Sec1,
        "google/Charge 6",
        vec![at(0, 62), at(5, 61)],
    );
    archive(&home).update(&google).expect("stored");
    assert_eq!(
        stdout(&home, "export --fields hr,confidence,source"),
        "hr,confidence,source\n62,,google/Charge 6\n61,,google/Charge 6\n100,,takeout/Inspire 3\n"
    );
    let providers = archive(&home).footer(Detail::Sec1, date("2024-06-01"));
    let providers = providers.expect("readable").expect("there").meta.providers;
    assert_eq!(providers, [Provider::Google, Provider::Takeout].into());
}
