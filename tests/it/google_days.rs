//! Civil days: 23, 24, 25 hours and odd ones, travel, accounts whose zone is not where the wearer or the machine is.

use crate::google_details::{home, run};
use crate::google_truth::{Point, ROLL_UP, SETTINGS, Service, Truth};
use chrono::{DateTime, Duration, Utc};
use serde_json::json;

fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text)
        .expect("an instant")
        .to_utc()
}

fn text(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A reading every quarter of an hour from `from` to before `to`, whose offset changes at `change`.
fn quarters(from: &str, to: &str, before: i32, change: &str, after: i32) -> Vec<Point> {
    let (mut now, to, change) = (at(from), at(to), at(change));
    let mut points = Vec::new();
    while now < to {
        let offset = if now < change { before } else { after };
        let bpm = 40 + u32::try_from(points.len() % 100).expect("small");
        points.push(Point::new(&text(now), offset, bpm));
        now += Duration::minutes(15);
    }
    points
}

/// The rows `time,hr,utc,offset` of the readings whose own clock shows `day`, in the order of instants.
fn rows_of(points: &[Point], day: &str) -> String {
    let mut rows: Vec<(DateTime<Utc>, String)> = Vec::new();
    for point in points {
        let offset = point.offset.as_ref().expect("an offset");
        let ahead: i32 = offset.trim_end_matches('s').parse().expect("seconds");
        let instant = at(&point.at);
        let local = instant + Duration::seconds(ahead.into());
        if local.format("%Y-%m-%d").to_string() == day {
            let sign = if ahead < 0 { '-' } else { '+' };
            let (hours, minutes) = (ahead.abs() / 3600, ahead.abs() / 60 % 60);
            let (time, bpm) = (local.format("%H:%M:%S"), point.bpm.as_str().expect("text"));
            rows.push((
                instant,
                format!(
                    "{time},{bpm},{},{sign}{hours:02}:{minutes:02}\n",
                    text(instant)
                ),
            ));
        }
    }
    rows.sort();
    rows.into_iter().map(|(_, row)| row).collect()
}

const FIELDS: &str = "--no-summary --stdout csv --fields time,hr,utc,offset";

/// The one stretch of time that was asked for, nothing of it twice and nothing missing in between.
#[track_caller]
fn asked(service: &Service) -> (String, String) {
    let windows = service.windows_asked();
    for pair in windows.windows(2) {
        assert_eq!(
            pair[0].1, pair[1].0,
            "asked twice or not at all: {windows:?}"
        );
    }
    let (first, last) = (windows.first(), windows.last());
    (
        first.expect("a window").0.clone(),
        last.expect("a window").1.clone(),
    )
}

#[test]
fn days_are_as_long_as_the_clocks_of_the_zone_make_them() {
    // Zone, day, its first and last instant, quarters of an hour in it, offset before, moment of the change, offset after.
    #[rustfmt::skip]
    let cases = [
        ("America/New_York", "2017-06-01", "2017-06-01T04:00:00Z", "2017-06-02T04:00:00Z", 96, -14400, "2017-11-05T06:00:00Z", -18000),
        ("America/New_York", "2017-03-12", "2017-03-12T05:00:00Z", "2017-03-13T04:00:00Z", 92, -18000, "2017-03-12T07:00:00Z", -14400),
        ("America/New_York", "2017-11-05", "2017-11-05T04:00:00Z", "2017-11-06T05:00:00Z", 100, -14400, "2017-11-05T06:00:00Z", -18000),
        ("Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", 92, 3600, "2026-03-29T01:00:00Z", 7200),
        ("Europe/Berlin", "2026-10-25", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", 100, 7200, "2026-10-25T01:00:00Z", 3600),
        ("Australia/Lord_Howe", "2026-04-05", "2026-04-04T13:00:00Z", "2026-04-05T13:30:00Z", 98, 39600, "2026-04-04T15:00:00Z", 37800),
        ("Australia/Lord_Howe", "2025-10-05", "2025-10-04T13:30:00Z", "2025-10-05T13:00:00Z", 94, 37800, "2025-10-04T15:30:00Z", 39600),
        ("Asia/Kolkata", "2026-10-25", "2026-10-24T18:30:00Z", "2026-10-25T18:30:00Z", 96, 19800, "2026-10-24T00:00:00Z", 19800),
        // The day begins at one o'clock.
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z", 92, -10800, "2018-11-04T03:00:00Z", -7200),
        // The last hour comes twice.
        ("America/Sao_Paulo", "2018-02-17", "2018-02-17T02:00:00Z", "2018-02-18T03:00:00Z", 100, -7200, "2018-02-18T02:00:00Z", -10800),
        // The first hour comes twice.
        ("America/Havana", "2017-11-05", "2017-11-05T04:00:00Z", "2017-11-06T05:00:00Z", 100, -14400, "2017-11-05T05:00:00Z", -18000),
    ];
    for (zone, day, start, end, quarters_of_an_hour, before, change, after) in cases {
        let from = text(at(start) - Duration::hours(3));
        let to = text(at(end) + Duration::hours(3));
        let points = quarters(&from, &to, before, change, after);
        let rows = rows_of(&points, day);
        assert_eq!(rows.lines().count(), quarters_of_an_hour, "{zone} {day}");
        let service = Truth::of(points, zone).serve();
        let home = home(&service);
        home.logged_in_with("google", 3600, &json!({"timezone": zone}));
        let fine = run(&home, &format!("{day} 1sec {FIELDS}"));
        assert_eq!(
            fine.stdout,
            format!("time,hr,utc,offset\n{rows}"),
            "{zone} {day}"
        );
        assert_eq!(
            asked(&service),
            (start.to_owned(), end.to_owned()),
            "{zone} {day}"
        );
        for detail in ["1min", "5min", "15min"] {
            let means = run(&home, &format!("{day} {detail} {FIELDS}"));
            assert_eq!(means.stdout, fine.stdout, "{zone} {day} {detail}");
        }
        for request in service.server.requests_to(ROLL_UP) {
            let range = &request.json()["range"];
            assert_eq!(range["startTime"], json!(start), "{zone} {day}");
            assert_eq!(range["endTime"], json!(end), "{zone} {day}");
        }
    }
}

#[test]
fn minutes_of_the_neighbouring_day_within_a_days_window_are_not_its_own() {
    // At 00:01 the clocks went back to 23:01 of the day before: two days lie in each other.
    let points = quarters(
        "2010-11-07T00:00:00Z",
        "2010-11-08T06:00:00Z",
        -9000,
        "2010-11-07T02:31:00Z",
        -12600,
    );
    let service = Truth::of(points.clone(), "America/St_Johns").serve();
    let home = home(&service);
    for day in ["2010-11-06", "2010-11-07"] {
        let rows = rows_of(&points, day);
        for detail in ["1sec", "15min"] {
            let output = run(&home, &format!("{day} {detail} {FIELDS}"));
            assert_eq!(
                output.stdout,
                format!("time,hr,utc,offset\n{rows}"),
                "{day} {detail}"
            );
        }
    }
}

#[test]
fn a_day_that_the_clocks_skipped_is_a_usage_error() {
    let service = Truth::of(vec![], "Pacific/Apia").serve();
    let home = home(&service);
    home.logged_in_with("google", 3600, &json!({"timezone": "Pacific/Apia"}));
    home.run(["2011-12-30"]).expect(2).says(&["2011-12-30"]);
    assert!(service.api_requests().is_empty());
}

#[test]
fn the_repeated_hour_stays_in_the_order_of_instants_in_both_files() {
    let reading = |at: &str, offset, bpm| Point::new(at, offset, bpm);
    let service = Truth::of(
        vec![
            reading("2017-11-05T06:30:00Z", -18000, 64),
            reading("2017-11-05T05:15:00Z", -14400, 61),
            reading("2017-11-05T06:15:00Z", -18000, 63),
            reading("2017-11-05T05:30:00Z", -14400, 62),
        ],
        "America/New_York",
    )
    .serve();
    let home = home(&service);
    for detail in ["1sec", "1min", "5min", "15min"] {
        run(&home, &format!("2017-11-05 {detail} --no-summary"));
        assert_eq!(
            home.read("fitbit_data/hr.csv"),
            "day,time,hr\n2017-11-05,01:15:00,61\n2017-11-05,01:30:00,62\n2017-11-05,01:15:00,63\n2017-11-05,01:30:00,64\n"
        );
        let json: serde_json::Value =
            serde_json::from_str(&home.read("fitbit_data/hr.json")).expect("json");
        let times: Vec<_> = json["activities-heart-intraday"]["dataset"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|sample| (sample["time"].as_str(), sample["value"].as_i64()))
            .collect();
        assert_eq!(
            times,
            [
                (Some("01:15:00"), Some(61)),
                (Some("01:30:00"), Some(62)),
                (Some("01:15:00"), Some(63)),
                (Some("01:30:00"), Some(64))
            ]
        );
    }
}

/// Runs 2017-06-01 for an account in New York; gives the rows and what was asked for.
#[track_caller]
fn new_york_day(points: &[Point]) -> (String, (String, String)) {
    let service = Truth::of(points.to_vec(), "America/New_York").serve();
    let home = home(&service);
    home.logged_in_with("google", 3600, &json!({"timezone": "America/New_York"}));
    let output = run(&home, &format!("2017-06-01 1sec {FIELDS}"));
    (output.stdout, asked(&service))
}

#[test]
fn travel_fetches_exactly_the_part_that_is_missing() {
    let two_days = ("2017-05-31T00:00:00Z", "2017-06-03T00:00:00Z");
    // Where to, from when on, and the stretch of time that has to be asked for.
    #[rustfmt::skip]
    let cases = [
        // To Berlin in the afternoon: the day there had begun at 22:00Z.
        (7200, "2017-06-01T18:00:00Z", "2017-05-31T22:00:00Z", "2017-06-02T04:00:00Z"),
        // To Los Angeles: the day ends three hours later.
        (-25200, "2017-06-01T18:00:00Z", "2017-06-01T04:00:00Z", "2017-06-02T07:00:00Z"),
        // To Kathmandu, three quarters of an hour off.
        (20700, "2017-06-01T18:00:00Z", "2017-05-31T18:15:00Z", "2017-06-02T04:00:00Z"),
        // In Tokyo all along: the account's zone is wrong for the whole day.
        (32400, "2017-05-30T00:00:00Z", "2017-05-31T15:00:00Z", "2017-06-02T04:00:00Z"),
        (-36000, "2017-05-30T00:00:00Z", "2017-06-01T04:00:00Z", "2017-06-02T10:00:00Z"),
        // At home.
        (-14400, "2017-06-01T18:00:00Z", "2017-06-01T04:00:00Z", "2017-06-02T04:00:00Z"),
    ];
    for (there, since, from, to) in cases {
        let points = quarters(two_days.0, two_days.1, -14400, since, there);
        let (rows, asked) = new_york_day(&points);
        assert_eq!(
            rows,
            format!("time,hr,utc,offset\n{}", rows_of(&points, "2017-06-01")),
            "{there} {since}"
        );
        assert_eq!(asked, (from.to_owned(), to.to_owned()), "{there} {since}");
    }
}

#[test]
fn a_third_offset_in_the_widened_part_widens_it_again() {
    let mut points = quarters(
        "2017-06-01T00:00:00Z",
        "2017-06-02T05:00:00Z",
        -14400,
        "2017-06-01T18:00:00Z",
        -25200,
    );
    points.extend(quarters(
        "2017-06-02T05:00:00Z",
        "2017-06-02T16:00:00Z",
        -36000,
        "2017-06-03T00:00:00Z",
        0,
    ));
    let (rows, asked) = new_york_day(&points);
    assert_eq!(
        rows,
        format!("time,hr,utc,offset\n{}", rows_of(&points, "2017-06-01"))
    );
    assert_eq!(
        asked,
        (
            "2017-06-01T04:00:00Z".to_owned(),
            "2017-06-02T10:00:00Z".to_owned()
        )
    );
}

#[test]
fn a_wrong_guess_of_the_zone_is_mended_with_the_missing_part_alone() {
    let points = quarters(
        "2017-05-31T00:00:00Z",
        "2017-06-03T00:00:00Z",
        -14400,
        "2018-01-01T00:00:00Z",
        0,
    );
    let rows = format!("time,hr,utc,offset\n{}", rows_of(&points, "2017-06-01"));
    let stored = [json!("Asia/Tokyo"), json!(null), json!("No/Where")];
    for timezone in stored {
        let service = Truth::of(points.clone(), "America/New_York").serve();
        let home = home(&service).with("TZ", "Asia/Tokyo");
        home.logged_in_with("google", 3600, &json!({"timezone": timezone}));
        let output = run(&home, &format!("2017-06-01 1sec {FIELDS}"));
        assert_eq!(output.stdout, rows);
        assert_eq!(
            asked(&service),
            (
                "2017-05-31T15:00:00Z".to_owned(),
                "2017-06-02T04:00:00Z".to_owned()
            )
        );
        // The next run knows it.
        let before = service.windows_asked().len();
        run(&home, &format!("2017-06-01 1sec {FIELDS}"));
        let mut again = service.windows_asked();
        assert!(again.len() < 2 * before);
        again.sort();
        assert_eq!(again[0].0, "2017-05-31T15:00:00Z");
        home.logged_in_with("google", 3600, &json!({"timezone": timezone}));
        for detail in ["1min", "15min"] {
            let means = run(&home, &format!("2017-06-01 {detail} {FIELDS}"));
            assert_eq!(means.stdout, rows);
        }
    }
}

#[test]
fn the_zone_of_the_keys_file_wins_and_the_account_is_not_asked() {
    let points = quarters(
        "2017-05-31T00:00:00Z",
        "2017-06-03T00:00:00Z",
        32400,
        "2018-01-01T00:00:00Z",
        0,
    );
    let service = Truth::of(points.clone(), "America/New_York").serve();
    let home = crate::program::Home::google(&service.server, "timezone = \"Asia/Tokyo\"");
    home.logged_in("google", 3600);
    let rows = format!("time,hr,utc,offset\n{}", rows_of(&points, "2017-06-01"));
    for detail in ["1sec", "15min"] {
        assert_eq!(
            run(&home, &format!("2017-06-01 {detail} {FIELDS}")).stdout,
            rows
        );
    }
    assert_eq!(
        asked(&service),
        (
            "2017-05-31T15:00:00Z".to_owned(),
            "2017-06-01T15:00:00Z".to_owned()
        )
    );
    assert!(service.server.requests_to(SETTINGS).is_empty());
}

#[test]
fn samples_without_offset_follow_the_zone_on_the_day_of_the_change_too() {
    let foreign = |at: &str, bpm| Point::foreign(at, bpm);
    let service = Truth::of(
        vec![
            foreign("2017-11-05T03:59:59.999Z", 59),
            foreign("2017-11-05T04:00:00Z", 60),
            foreign("2017-11-05T05:30:00Z", 61),
            foreign("2017-11-05T06:30:00Z", 62),
            foreign("2017-11-06T04:59:59.999Z", 63),
            foreign("2017-11-06T05:00:00.000000001Z", 64),
        ],
        "America/New_York",
    )
    .serve();
    let home = home(&service);
    let output = run(&home, &format!("2017-11-05 1sec {FIELDS}"));
    assert_eq!(
        output.stdout,
        "time,hr,utc,offset\n00:00:00,60,2017-11-05T04:00:00Z,\n01:30:00,61,2017-11-05T05:30:00Z,\n\
         01:30:00,62,2017-11-05T06:30:00Z,\n23:59:59,63,2017-11-06T04:59:59.999Z,\n"
    );
}
