//! `fitbit-hr export --extract`: each format for each shape, several at once, and what is left when it cannot be done.

use crate::files;
use crate::program::{Home, run};
use crate::series_archive::{Filled, june};
use fitbit_hr::extract::Catalogue;
use rusqlite::Connection;
use serde_json::{Value, json};
use std::fs;

fn with_june() -> Home {
    let home = Home::new();
    june(&home);
    home
}

fn stdout(home: &Home, arguments: &str) -> String {
    run(home.command(arguments.split(' '))).expect(0).stdout
}

fn strings(home: &Home, database: &str, query: &str) -> Vec<String> {
    let database = Connection::open(home.work(database)).expect("a database");
    let mut statement = database.prepare(query).expect("a query");
    let rows = statement.query_map([], |row| row.get(0)).expect("rows");
    rows.map(|row| row.expect("a text")).collect()
}

#[test]
fn csv_of_every_shape_has_its_own_fields() {
    let home = with_june();
    for (arguments, expected) in [
        (
            "steps",
            "day,time,steps\n2026-06-01,08:00:00,12\n2026-06-01,08:14:00,30\n2026-06-01,08:15:00,7\n",
        ),
        (
            "weight --from 2026-06-02",
            "day,time,weight_g\n2026-06-03,07:00:30,72100.5\n",
        ),
        (
            "sleep --to 2026-06-02 --fields start,end,main,nap,deep_s,id,source",
            "start,end,main,nap,deep_s,id,source\n\
             2026-06-01 23:30:00,2026-06-02 07:00:00,true,,5400,n1,google/Band\n",
        ),
        (
            "resting_heart_rate",
            "day,bpm\n2026-06-01,57\n2026-06-03,58\n",
        ),
        (
            "ecg --fields start,waveform",
            "start,waveform\n2026-06-02 09:00:00,-3 0 12\n",
        ),
        (
            "weight --fields utc,offset,weight_g",
            "utc,offset,weight_g\n2026-06-01T05:00:00Z,+02:00,72400\n,,72100.5\n",
        ),
        (
            "nutrition --fields food",
            "food\n\"Bread, \"\"dark\"\"\"\nCheese\n",
        ),
    ] {
        let command = format!("export --extract {arguments}");
        assert_eq!(stdout(&home, &command), expected, "{arguments}");
    }
}

#[test]
fn json_is_an_array_of_days_with_the_segments_inside() {
    let home = with_june();
    run(home.command("export --extract sleep -o sleep.json --fields start,asleep_s".split(' ')))
        .expect(0);
    let days: Value = serde_json::from_str(&home.read("sleep.json")).expect("JSON");
    let stage = |start: &str, end: &str, kind: &str| json!({"session": "n1", "day": "2026-06-02", "start": start, "end": end, "kind": kind, "short": false});
    assert_eq!(
        days[0],
        json!({"extract": "sleep", "day": "2026-06-01", "rows": []})
    );
    assert_eq!(
        days[1],
        json!({"extract": "sleep", "day": "2026-06-02", "rows": [{
        "start": "2026-06-01 23:30:00", "asleep_s": 25_200, "sleep_stages": [
            stage("2026-06-01 23:30:00", "2026-06-02 01:00:00", "DEEP"),
            stage("2026-06-02 01:00:00", "2026-06-02 07:00:00", "LIGHT"),
        ]}]})
    );
    assert_eq!(days.as_array().map(Vec::len), Some(3));
    let days: Value =
        serde_json::from_str(&stdout(&home, "export --extract ecg --format json")).expect("JSON");
    assert_eq!(days[1]["rows"][0]["waveform"], json!([-3, 0, 12]));
    assert_eq!(days[1]["rows"][0]["avg_bpm"], Value::Null);
    let days = stdout(&home, "export --extract steps --format json");
    assert!(
        days.ends_with("},\n{\"extract\":\"steps\",\"day\":\"2026-06-02\",\"rows\":[]}]\n"),
        "{days}"
    );
}

#[test]
fn ndjson_has_the_fields_as_keys() {
    let home = with_june();
    assert_eq!(
        stdout(
            &home,
            "export --extract weight --format ndjson --fields time,utc,weight_g"
        ),
        "{\"time\":\"07:00:00\",\"utc\":\"2026-06-01T05:00:00Z\",\"weight_g\":72400}\n\
         {\"time\":\"07:00:30\",\"utc\":null,\"weight_g\":72100.5}\n"
    );
}

#[test]
fn line_protocol_has_values_as_fields_and_labels_as_tags() {
    let home = with_june();
    for (arguments, expected) in [
        (
            "steps --to 2026-06-01",
            "steps,source=google/Band steps=12i 1780293600000000000\n\
             steps,source=google/Band steps=30i 1780294440000000000\n\
             steps,source=google/Band steps=7i 1780294500000000000\n",
        ),
        (
            "resting_heart_rate --from 2026-06-03",
            "resting_heart_rate,source=google/Band bpm=58i 1780488000000000000\n",
        ),
        (
            "heart_rate_zones",
            "heart_rate_zones,zone=LIGHT,source=google/Band min_bpm=30i,max_bpm=112i 1780315200000000000\n\
             heart_rate_zones,zone=PEAK,source=google/Band min_bpm=160i,max_bpm=220i 1780315200000000000\n",
        ),
        (
            "sleep --from 2026-06-03",
            "sleep,source=google/Band type=\"CLASSIC\",nap=true,asleep_s=1800i 1780488000000000000\n",
        ),
        // A label alone is no field: the length of the span is one.
        (
            "time_in_zone --to 2026-06-01",
            "time_in_zone,zone=LIGHT,source=google/Band seconds=1800i 1780350600000000000\n",
        ),
        (
            "ecg",
            "ecg,source=google/Band result=\"SINUS RHYTHM\",hertz=250i,waveform=\"[-3,0,12]\" 1780383600000000000\n",
        ),
        // Two of one instant stay two.
        (
            "nutrition",
            "nutrition,source=google/Band meal=\"LUNCH\",food=\"Bread, \\\"dark\\\"\",kcal=210.5 1780308000000000000\n\
             nutrition,source=google/Band meal=\"LUNCH\",food=\"Cheese\",kcal=120 1780308000000000001\n",
        ),
    ] {
        let command = format!("export --format influx --extract {arguments}");
        assert_eq!(stdout(&home, &command), expected, "{arguments}");
    }
    let output = home
        .run("export --extract weight -o w.influx --json".split(' '))
        .expect(0);
    let account = output.json();
    assert_eq!(
        (&account["rows"], &account["rows_without_instant"]),
        (&json!(1), &json!(1))
    );
    output.says(&["left out 1 row without an instant", "influx needs instants"]);
}

#[test]
fn a_coarser_detail_adds_up_or_counts_seconds_in_each_label() {
    let home = with_june();
    assert_eq!(
        stdout(&home, "export --extract steps --detail 15min"),
        "day,time,steps\n2026-06-01,08:00:00,42\n2026-06-01,08:15:00,7\n"
    );
    // A span that reaches past midnight is of both days, also where the first is not exported.
    let seconds = "2026-06-02,00:00:00,LIGHT,900\n2026-06-02,00:15:00,LIGHT,300\n2026-06-02,00:15:00,PEAK,300\n";
    assert_eq!(
        stdout(&home, "export --extract time_in_zone --detail 15min"),
        format!("day,time,zone,seconds\n2026-06-01,23:45:00,LIGHT,600\n{seconds}")
    );
    assert_eq!(
        stdout(
            &home,
            "export --extract time_in_zone --detail 15min --from 2026-06-02"
        ),
        format!("day,time,zone,seconds\n{seconds}")
    );
    assert_eq!(
        stdout(
            &home,
            "export --extract hrv --detail 15min --fields time,rmssd_ms,sdnn_ms --to 2026-06-02"
        ),
        "time,rmssd_ms,sdnn_ms\n00:00:00,40,50\n05:00:00,30.5,\n07:00:00,99,\n"
    );
    let influx = stdout(
        &home,
        "export --extract time_in_zone --detail 15min --format influx --to 2026-06-01",
    );
    assert_eq!(
        influx,
        "time_in_zone,zone=LIGHT,source=google/Band seconds=600i 1780350300000000000\n"
    );
}

#[test]
fn the_passes_of_a_repeated_hour_stay_apart() {
    let home = Home::new();
    Filled::of(&home).day(
        "steps",
        "2026-10-25",
        &[
            "local_time=2026-10-25T02:30:00 utc_offset=7200 end_time=2026-10-25T00:31:00 steps=1",
            "local_time=2026-10-25T02:31:00 utc_offset=7200 end_time=2026-10-25T00:32:00 steps=2",
            "local_time=2026-10-25T02:30:00 utc_offset=3600 end_time=2026-10-25T01:31:00 steps=4",
        ],
    );
    assert_eq!(
        stdout(
            &home,
            "export --extract steps --detail 15min --fields time,offset,steps"
        ),
        "time,offset,steps\n02:30:00,+02:00,3\n02:30:00,+01:00,4\n"
    );
}

#[test]
fn between_cuts_any_series_to_a_window_of_the_clock() {
    let home = with_june();
    assert_eq!(
        stdout(&home, "export --extract steps --between 08:14 08:15"),
        "day,time,steps\n2026-06-01,08:14:00,30\n"
    );
    let nothing = "export --extract steps --between 09:30 10:45:30";
    run(home.command(nothing.split(' ')))
        .expect(0)
        .says(&["between 09:30 and 10:45:30"]);
    let nothing = "export --extract steps,time_in_zone --between 09:30 10:00 -o none/";
    let nothing = run(home.command(nothing.split(' '))).expect(0);
    nothing.says(&["steps, time_in_zone on these days between 09:30 and 10:00"]);
    // A session stays whole where it touches the window, with its segments.
    run(home.command("export --extract sleep --between 06:00 07:00 -o out/".split(' '))).expect(0);
    assert_eq!(home.read("out/sleep.csv").lines().count(), 2);
    assert_eq!(home.read("out/sleep_stages.csv").lines().count(), 3);
    // Parts of days never replace the whole ones of a database.
    run(home.command("export --extract steps -o health.sqlite".split(' '))).expect(0);
    let before = fs::read(home.work("health.sqlite")).expect("a database");
    home.run("export --extract steps --between 08:14 08:15 -o health.sqlite".split(' '))
        .expect(2)
        .says(&["whole days", "a new file"]);
    assert!(fs::read(home.work("health.sqlite")).expect("still there") == before);
    for (arguments, part) in [
        (
            "export --extract resting_heart_rate --between 08:00 09:00",
            "no time of day",
        ),
        ("export --between 09:00 08:00", "an earlier time"),
        ("plot 2026-06-01 --between 09:00 08:00", "an earlier time"),
    ] {
        home.run(arguments.split(' ')).expect(2).says(&[part]);
    }
}

#[test]
fn a_folder_has_a_file_for_each_table() {
    let home = with_june();
    let arguments = "export --extract sleep,steps,resting_heart_rate -o out/ --json";
    let account = home.run(arguments.split(' ')).expect(0).json();
    assert_eq!(
        files::names(&home.work("out")),
        [
            "resting_heart_rate.csv",
            "sleep.csv",
            "sleep_stages.csv",
            "steps.csv"
        ]
    );
    assert!(
        home.read("out/sleep_stages.csv")
            .starts_with("session,day,start,end,kind,short\nn1,2026-06-02,")
    );
    assert_eq!(account["extracts"]["sleep"]["rows"], 2);
    assert_eq!(account["extracts"]["sleep_stages"]["rows"], 3);
    assert_eq!(account["extracts"]["steps"]["first_day"], "2026-06-01");
    assert_eq!(account["extracts"]["steps"]["empty_days"], 1);
    // One goes into a folder as well, and a folder that is there needs no slash.
    run(home.command("export --extract sleep -o out --format json".split(' '))).expect(0);
    assert!(home.read("out/sleep.json").contains("sleep_stages"));
    assert!(!home.work("out/sleep_stages.json").exists());
}

#[test]
fn the_files_of_a_folder_come_all_together_or_none() {
    let home = with_june();
    home.file("out/steps.csv", "an earlier one");
    home.file("out/weight.csv/in the way", "");
    home.run("export --extract steps,weight -o out/".split(' '))
        .expect(73)
        .with_one_error();
    assert_eq!(home.read("out/steps.csv"), "an earlier one");
    let stored = "fitbit_data/archive/weight/year=2026/2026.parquet";
    home.file(stored, "PAR1");
    home.run("export --extract steps,weight -o other/".split(' '))
        .expect(65)
        .says(&["2026.parquet"]);
    assert_eq!(files::names(&home.work("other")), [] as [String; 0]);
}

#[test]
fn all_is_what_the_archive_holds() {
    let home = with_june();
    home.run("export --extract all -o out/".split(' '))
        .expect(0)
        .says(&[
            "nothing in the archive of heart_rate",
            "wrote 11 files into out/",
        ]);
    assert!(!home.work("out/distance.csv").exists());
    // Of what is named there is a file in any case.
    home.run("export --extract distance".split(' '))
        .expect(0)
        .says(&["no days of distance", "sync --extract distance"]);
    let home = Home::new();
    home.run("export --extract all -o out/".split(' '))
        .expect(0)
        .says(&["there are no days in the archive"]);
}

#[test]
fn what_does_not_fit_together_is_a_usage_error_that_says_what_to_do() {
    let home = with_june();
    for (arguments, parts) in [
        (
            "--extract steps,weight",
            ["one csv takes one extract, and these are 2", "-o FOLDER/"],
        ),
        (
            "--extract all -o x.parquet",
            ["one parquet takes one extract", "health.sqlite"],
        ),
        (
            "--extract steps,weight -o out/ --fields day",
            ["picks from one extract", "leave --fields out"],
        ),
        (
            "--extract steps -o out/ --format sqlite",
            ["it is a file, not a folder", "-o health.sqlite"],
        ),
        (
            "--extract stepps",
            ["no extract 'stepps'", "did you mean steps"],
        ),
        (
            "--extract sleep_stages",
            ["no extract 'sleep_stages'", "it comes with sleep"],
        ),
        (
            "--extract steps --fields hr",
            [
                "'hr' is none of its fields",
                "day,time,steps,end,utc,offset,source",
            ],
        ),
        (
            "--extract steps --fields day,day",
            ["'day' is named twice", "choose from"],
        ),
        (
            "--extract steps --format influx --fields day",
            ["--fields", "csv or ndjson"],
        ),
        (
            "--extract sleep --detail 1min",
            ["sleep cannot be had by 1min", "a row of sleep is a session"],
        ),
        (
            "--extract steps --detail 1sec",
            ["steps cannot be had by 1sec", "1min, 5min, 15min"],
        ),
    ] {
        let command = format!("export {arguments}");
        home.run(command.split(' ')).expect(2).says(&parts);
    }
    // Beside others a detail is taken by those that have it.
    run(home.command("export --extract sleep,steps --detail 15min -o out/".split(' '))).expect(0);
    assert_eq!(home.read("out/steps.csv").lines().count(), 3);
    assert_eq!(home.read("out/sleep.csv").lines().count(), 3);
}

#[test]
fn stages_that_one_file_has_no_room_for_are_named() {
    let home = with_june();
    for (arguments, says) in [
        ("export --extract sleep -o sleep.csv", true),
        ("export --extract sleep -o sleep.json", false),
        ("export --extract sleep -o sleep.sqlite", false),
        ("export --extract sleep -o out/", false),
    ] {
        let output = home.run(arguments.split(' ')).expect(0);
        assert_eq!(
            output.stderr.contains("sleep_stages is left out"),
            says,
            "{arguments}"
        );
    }
}

#[test]
fn a_database_takes_all_and_joins_a_night_with_what_was_measured_in_it() {
    let home = with_june();
    run(home.command("export --extract all -o health.sqlite".split(' '))).expect(0);
    let query =
        "SELECT id || ' ' || hrv_rmssd_ms || ' ' || spo2_percent FROM sleep_joined WHERE main";
    assert_eq!(strings(&home, "health.sqlite", query), ["n1 35.25 95.5"]);
    let query = "SELECT kind || ' ' || seconds || ' ' || sleep_deep_s || ' ' || hrv_rmssd_ms FROM sleep_stages_joined
        WHERE sleep_type = 'STAGES' ORDER BY time";
    assert_eq!(
        strings(&home, "health.sqlite", query),
        ["DEEP 5400 5400 40.0", "LIGHT 21600 5400 30.5"]
    );
    let query =
        "SELECT time || ' ' || local_time || ' ' || weight_g FROM weight WHERE time IS NOT NULL";
    assert_eq!(
        strings(&home, "health.sqlite", query),
        ["2026-06-01T05:00:00Z 2026-06-01T07:00:00 72400.0"]
    );
    let query = "SELECT day || ' ' || waveform || ' ' || typeof(avg_bpm) FROM ecg";
    assert_eq!(
        strings(&home, "health.sqlite", query),
        ["2026-06-02 [-3,0,12] null"]
    );
    // A view knows what came later.
    run(home.command("export --extract sleep -o some.sqlite".split(' '))).expect(0);
    run(home.command("export --extract spo2 -o some.sqlite".split(' '))).expect(0);
    let columns = "SELECT name FROM pragma_table_info('sleep_joined') WHERE name LIKE '%\\_percent' ESCAPE '\\' OR name LIKE 'hrv%'";
    assert_eq!(strings(&home, "some.sqlite", columns), ["spo2_percent"]);
}

#[test]
fn a_database_that_is_there_has_just_the_exported_days_replaced() {
    let home = with_june();
    let arguments = "export --extract sleep,steps,resting_heart_rate -o health.db";
    run(home.command(arguments.split(' '))).expect(0);
    let filled = Filled::of(&home);
    filled.day(
        "steps",
        "2026-06-01",
        &["local_time=2026-06-01T09:00:00 utc_offset=7200 steps=1"],
    );
    filled.year(
        "resting_heart_rate",
        2026,
        &[("2026-06-01", "2026-06-03")],
        &["day=2026-06-02 bpm=60"],
    );
    filled.year("sleep", 2026, &[("2026-06-01", "2026-06-03")], &[]);
    let arguments = format!("{arguments} --to 2026-06-02");
    run(home.command(arguments.split(' '))).expect(0);
    run(home.command(arguments.split(' '))).expect(0);
    for (query, expected) in [
        ("SELECT local_time FROM steps", vec!["2026-06-01T09:00:00"]),
        (
            "SELECT day || ' ' || bpm FROM resting_heart_rate ORDER BY day",
            vec!["2026-06-02 60", "2026-06-03 58"],
        ),
        ("SELECT id FROM sleep", vec!["n2"]),
        ("SELECT session FROM sleep_stages", vec!["n2"]),
        (
            "SELECT name FROM pragma_table_info('steps')",
            vec![
                "time",
                "end_time",
                "local_time",
                "utc_offset",
                "steps",
                "source",
            ],
        ),
    ] {
        assert_eq!(strings(&home, "health.db", query), expected, "{query}");
    }
}

/// A table of seconds has another column than one of spans: no disk is full, and another name helps.
#[test]
fn a_table_that_is_there_at_another_detail_stays_as_it_is() {
    let home = with_june();
    let (spans, seconds) = ("", " --detail 15min");
    for (before, after) in [(spans, seconds), (seconds, spans)] {
        let export = |detail: &str| {
            let line = format!("export --extract time_in_zone -o zones.db{detail}");
            run(home.command(line.split(' ')))
        };
        export(before).expect(0);
        let bytes = fs::read(home.work("zones.db")).expect("a database");
        export(after).expect(73).with_one_error().says(&[
            "time_in_zone",
            "seconds",
            "choose another name with -o",
        ]);
        assert!(fs::read(home.work("zones.db")).expect("a database") == bytes);
        export(before).expect(0);
        fs::remove_file(home.work("zones.db")).expect("removed");
    }
}

#[test]
fn the_keys_file_says_what_is_meant_and_has_series_of_ones_own() {
    let own = Catalogue::text("weight").expect("a file");
    let own = own
        .replace("extract.weight", "extract.my_scale")
        .replace("weight_g", "mass_g");
    let home = Home::new();
    home.keys(&format!(
        "extracts = [\"my_scale\"]\nclient_id = \"x.apps.googleusercontent.com\"\n{own}"
    ));
    let catalogue = Catalogue::with_text(&own).expect("good");
    let row = "local_time=2026-06-01T07:00:00 utc_offset=7200 mass_g=72400";
    let known = [("2026-06-01", "2026-06-01")];
    Filled::with(&home, Some("alice"), catalogue).year("my_scale", 2026, &known, &[row]);
    let expected = "day,time,mass_g\n2026-06-01,07:00:00,72400\n";
    assert_eq!(stdout(&home, "export --profile alice"), expected);
    home.run(["export"])
        .expect(0)
        .says(&["no days of my_scale"]);
    assert_eq!(
        stdout(&home, "export --extract heart_rate"),
        "day,time,hr\n"
    );
    assert_eq!(
        stdout(&home, "export --profile alice --format influx"),
        "my_scale,source=google/Band mass_g=72400 1780290000000000000\n"
    );
    let status = home.run(["status", "--profile", "alice"]).expect(0);
    status.says(&["my_scale", "2026"]);
}

#[test]
fn the_same_archive_gives_the_same_bytes() {
    let home = with_june();
    for name in [
        "n.csv",
        "n.json",
        "n.ndjson",
        "n.parquet",
        "n.influx",
        "n.sqlite",
    ] {
        let command = || home.command(["export", "--extract", "sleep", "-o", name]);
        run(command()).expect(0);
        let first = fs::read(home.work(name)).expect("there");
        fs::remove_file(home.work(name)).expect("ours");
        run(command()).expect(0);
        assert_eq!(fs::read(home.work(name)).expect("there"), first, "{name}");
    }
}
