//! A page of each shape with what the service is known to send, and the rows that come of it.

use super::build::Builder;
use super::record::Words;
use super::template::Template;
use super::{Series, page};
use crate::extract::Catalogue;
use crate::extract::faults::Faults;
use crate::zone::Tz;
use chrono::NaiveDate;

/// What some pages of a series give, asked for by these days on New York's clock.
fn read_pages(name: &str, days: (&str, &str), pages: &[&str]) -> Result<Series, String> {
    let catalogue = Catalogue::default();
    let definition = catalogue.get(name).expect("in the catalogue");
    let date = |text: &str| text.parse::<NaiveDate>().expect("a date");
    let days = date(days.0)..=date(days.1);
    let template = Template::of(definition);
    let mut builder = Builder::new(definition, &days, Tz::of("America/New_York"), "google");
    for text in pages {
        page(text, &template, &mut Words::default(), &mut builder)?;
    }
    Ok(Series {
        pages: pages.len() as u64,
        never_met: builder.never_met(),
        rows: builder.rows,
        segments: builder.segments,
        faults: builder.faults,
    })
}

fn series(name: &str, day: &str, points: &str) -> Series {
    let text = format!(r#"{{"dataPoints":[{points}],"nextPageToken":""}}"#);
    read_pages(name, (day, day), &[&text]).expect("a page")
}

/// A series' rows as text: the cells of a row by `|`, an empty one as nothing.
fn shown(rows: &crate::extract::Rows, columns: &[&str]) -> Vec<String> {
    use crate::extract::Value;
    let cell = |row: usize, name: &&str| match rows.get(row, rows.place(name).expect("a column")) {
        Value::Null => String::new(),
        Value::Int(number) => number.to_string(),
        Value::Double(number) => number.to_string(),
        Value::Boolean(value) => value.to_string(),
        Value::Text(text) => text.to_string(),
        Value::List(list) => format!("{list:?}"),
    };
    (0..rows.len())
        .map(|row| {
            columns
                .iter()
                .map(|name| cell(row, name))
                .collect::<Vec<_>>()
                .join("|")
        })
        .collect()
}

fn steps(start: &str, offset: &str, more: &str) -> String {
    format!(
        r#"{{"steps":{{"interval":{{"startTime":"{start}"{offset},"endTime":"2026-06-01T23:59:00Z"}}{more}}}}}"#
    )
}

#[test]
fn an_amount_is_filed_by_its_own_clock_and_a_missing_one_is_no_zero() {
    let at = r#","startUtcOffset":"-14400s""#;
    let points = [
        steps("2026-06-01T04:00:00Z", at, r#","count":"37""#),
        steps("2026-06-01T03:59:00Z", at, r#","count":"5""#),
        steps(
            "2026-06-01T03:59:00Z",
            r#","startUtcOffset":"7200s""#,
            r#","count":6"#,
        ),
        steps("2026-06-01T05:00:00Z", "", r#","count":"8""#),
        steps("2026-06-01T06:00:00Z", at, ""),
        steps(
            "2026-06-01T07:00:00Z",
            r#","startUtcOffset":"""#,
            r#","count":"9""#,
        ),
        steps("2026-06-01T07:00:60Z", at, r#","count":"9""#),
        steps("2026-06-01T08:00:00Z", at, r#","count":"many""#),
        r#"{"steps":7}"#.to_owned(),
        "null".to_owned(),
    ];
    let found = series("steps", "2026-06-01", &points.join(","));
    assert_eq!(
        shown(
            &found.rows,
            &["local_time", "utc_offset", "steps", "source"]
        ),
        [
            "1780272000000|-14400|37|google",
            "1780293540000|7200|6|google",
            "1780275600000||8|google",
        ]
    );
    assert_eq!(
        found.faults,
        Faults {
            points: 9,
            unreadable: 6
        }
    );
    assert_eq!(found.never_met, [""; 0]);
}

#[test]
fn sentinels_are_missing_values_and_no_faults() {
    let oxygen = |percentage: &str| {
        format!(
            r#"{{"oxygenSaturation":{{"sampleTime":{{"physicalTime":"2026-06-01T08:00:00Z","utcOffset":"-14400s"}},"percentage":{percentage}}}}}"#
        )
    };
    let points = ["96.5", "50.0", "50", r#""NaN""#, "97"]
        .map(oxygen)
        .join(",");
    let found = series("spo2", "2026-06-01", &points);
    assert_eq!(shown(&found.rows, &["percent"]), ["96.5", "97"]);
    assert_eq!(found.faults.unreadable, 0);
    let temperature = |baseline: &str| {
        format!(
            r#"{{"dailySleepTemperatureDerivations":{{"date":{{"year":2026,"month":6,"day":1}},"nightlyTemperatureCelsius":33.5{baseline}}}}}"#
        )
    };
    let points = [
        temperature(r#","baselineTemperatureCelsius":"NaN""#),
        temperature(r#","baselineTemperatureCelsius":33.25"#),
        temperature(""),
        r#"{"dailySleepTemperatureDerivations":{"date":{"year":2026,"month":6}}}"#.to_owned(),
    ];
    let found = series("skin_temperature", "2026-06-01", &points.join(","));
    assert_eq!(
        shown(&found.rows, &["nightly_c", "baseline_c", "deviation_c"]),
        ["33.5||", "33.5|33.25|0.25", "33.5||"]
    );
    assert_eq!(found.faults.unreadable, 1);
}

#[test]
fn a_day_with_several_optional_values_has_one_at_least() {
    let of = |members: &str| {
        format!(
            r#"{{"dailyHeartRateVariability":{{"date":{{"year":2026,"month":6,"day":1}}{members}}}}}"#
        )
    };
    let points = [
        of(
            r#","averageHeartRateVariabilityMilliseconds":0,"deepSleepRootMeanSquareOfSuccessiveDifferencesMilliseconds":31.5"#,
        ),
        of(r#","nonRemHeartRateBeatsPerMinute":"52""#),
        of(r#","averageHeartRateVariabilityMilliseconds":0"#),
        of(""),
    ];
    let found = series("hrv_daily", "2026-06-01", &points.join(","));
    assert_eq!(
        shown(&found.rows, &["rmssd_ms", "deep_rmssd_ms", "non_rem_bpm"]),
        ["|31.5|", "||52"]
    );
    assert_eq!(
        found.faults,
        Faults {
            points: 4,
            unreadable: 1
        }
    );
}

#[test]
fn a_night_is_of_the_morning_with_seconds_from_its_stages() {
    let stage = |start: &str, end: &str, offset: &str, kind: &str| {
        format!(
            r#"{{"startTime":"{start}","startUtcOffset":"{offset}","endTime":"{end}","endUtcOffset":"{offset}","type":"{kind}"}}"#
        )
    };
    let stages = [
        stage(
            "2026-11-01T03:00:00Z",
            "2026-11-01T03:04:30Z",
            "-14400s",
            "AWAKE",
        ),
        stage(
            "2026-11-01T03:04:30Z",
            "2026-11-01T06:30:00Z",
            "-14400s",
            "LIGHT",
        ),
        stage(
            "2026-11-01T06:30:00Z",
            "2026-11-01T11:00:00Z",
            "-18000s",
            "DREAM",
        ),
    ];
    let short = stage(
        "2026-11-01T04:00:00Z",
        "2026-11-01T04:00:30Z",
        "-14400s",
        "AWAKE",
    );
    let night = format!(
        r#"{{"dataPointName":"users/1/dataTypes/sleep/dataPoints/78","sleep":{{"interval":{{"startTime":"2026-11-01T03:00:00Z","startUtcOffset":"-14400s","endTime":"2026-11-01T11:00:00Z","endUtcOffset":"-18000s"}},
        "type":"STAGES","stages":[{}],"shortAwakenings":[{short}],"metadata":{{"stagesStatus":"SUCCEEDED","processed":true,"mainSleep":true}},"updateTime":"2026-11-01T11:20:00.123456Z"}}}}"#,
        stages.join(",")
    );
    let found = series("sleep", "2026-11-01", &night);
    assert_eq!(
        shown(
            &found.rows,
            &[
                "id",
                "day",
                "local_time",
                "local_end",
                "utc_offset",
                "end_offset",
                "main",
                "nap",
                "asleep_s",
                "awake_s",
                "light_s",
                "deep_s",
                "short_awake_s",
                "short_awake_count",
                "updated"
            ]
        ),
        [
            "78|20758|1793487600000|1793512800000|-14400|-18000|true||28530|270|12330|0|30|1|1793532000123"
        ]
    );
    let segments = found.segments.expect("a table of stages");
    assert_eq!(
        shown(
            &segments,
            &[
                "session",
                "day",
                "local_time",
                "utc_offset",
                "kind",
                "short"
            ]
        ),
        [
            "78|20758|1793487600000|-14400|AWAKE|false",
            "78|20758|1793487870000|-14400|LIGHT|false",
            "78|20758|1793491200000|-14400|AWAKE|true",
            "78|20758|1793496600000|-18000|DREAM|false",
        ]
    );
    assert!(series("sleep", "2026-10-31", &night).rows.is_empty());
}

#[test]
fn a_sleep_that_still_runs_is_of_the_day_it_was_last_seen_on() {
    let running = r#"{"sleep":{"interval":{"startTime":"2026-06-01T03:00:00Z","startUtcOffset":"-14400s"},"type":"CLASSIC",
        "stages":[{"startTime":"2026-06-01T03:00:00Z","endTime":"2026-06-01T04:30:00Z","type":"ASLEEP"}]}}"#;
    let found = series("sleep", "2026-06-01", running);
    assert_eq!(
        shown(&found.rows, &["id", "end_time", "asleep_s", "deep_s"]),
        ["||5400|"]
    );
    let session = shown(
        &found.segments.expect("a table"),
        &["session", "utc_offset"],
    );
    assert_eq!(session, ["2026-06-01T03:00:00Z|-14400"]);
}

#[test]
fn windows_have_the_accounts_clock_and_arrays_make_rows() {
    let windows = r#"{"rollupDataPoints":[
        {"startTime":"2026-06-01T12:00:00Z","endTime":"2026-06-01T12:01:00Z","totalCalories":{"kcalSum":1.25}},
        {"startTime":"2026-06-01T12:01:00Z","endTime":"2026-06-01T12:02:00Z"},
        {"startTime":"2026-06-01T12:02:00Z","endTime":"2026-06-01T12:03:00Z","totalCalories":{"kcalSum":0}}]}"#;
    let found = read_pages("calories", ("2026-06-01", "2026-06-01"), &[windows]).expect("a page");
    assert_eq!(
        shown(&found.rows, &["local_time", "utc_offset", "kcal"]),
        ["1780300800000|-14400|1.25", "1780300920000|-14400|0"]
    );
    assert_eq!(
        found.faults,
        Faults {
            points: 2,
            unreadable: 0
        }
    );
    let zones = r#"{"dailyHeartRateZones":{"date":{"year":2026,"month":6,"day":1},"heartRateZones":[
        {"heartRateZoneType":"LIGHT","minBeatsPerMinute":"30","maxBeatsPerMinute":"109"},
        {"heartRateZoneType":"NEWEST","minBeatsPerMinute":"109","maxBeatsPerMinute":"136"}]}}"#;
    let found = series("heart_rate_zones", "2026-06-01", zones);
    assert_eq!(
        shown(&found.rows, &["day", "zone", "min_bpm", "max_bpm"]),
        ["20605|LIGHT|30|109", "20605|NEWEST|109|136"]
    );
}

#[test]
fn a_listed_point_names_its_device_and_a_waveform_is_a_list() {
    let reading = r#"{"name":"users/1/dataTypes/electrocardiogram/dataPoints/5","dataSource":{"device":{"displayName":"Sense"}},
        "electrocardiogram":{"interval":{"startTime":"2026-06-01T12:00:00Z","endTime":"2026-06-01T12:00:00Z"},"resultClassification":"NORMAL","waveformSamples":[1,-2,3]}}"#;
    let found = series("ecg", "2026-06-01", reading);
    assert_eq!(
        shown(
            &found.rows,
            &["id", "result", "avg_bpm", "waveform", "source"]
        ),
        ["5|NORMAL||[1, -2, 3]|google/Sense"]
    );
}

#[test]
fn what_is_no_page_is_an_error_and_a_member_that_never_comes_is_named() {
    for text in [
        "{",
        "[]",
        r#"{"dataPoints":7}"#,
        r#"{"error":{"code":403}}"#,
        "<html>",
    ] {
        assert!(
            read_pages("steps", ("2026-06-01", "2026-06-01"), &[text]).is_err(),
            "{text}"
        );
    }
    let empty = read_pages(
        "steps",
        ("2026-06-01", "2026-06-01"),
        &[r#"{"nextPageToken":"x"}"#, "{}"],
    )
    .expect("pages");
    assert!(empty.rows.is_empty() && empty.never_met.is_empty());
    let wrong = steps("2026-06-01T12:00:00Z", "", r#","number":"3""#);
    assert!(series("steps", "2026-06-01", &wrong).never_met.is_empty());
}
