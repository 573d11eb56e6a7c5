//! What a day from Google becomes: both files to the byte, every detail through every trap of paging, columns, reports.

use crate::google_truth::{End, Order, Point, Service, Truth, series, tracker};
use crate::google_wire::number;
use crate::program::{Home, Output};
use chrono::{DateTime, Duration, NaiveDate, Utc};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Somebody who is logged in, on a machine in UTC.
pub fn home(service: &Service) -> Home {
    let home = Home::google(&service.server, "");
    home.logged_in("google", 3600);
    home
}

/// Runs to a good end.
#[track_caller]
pub fn run(home: &Home, line: &str) -> Output {
    home.run(line.split_whitespace()).expect(0)
}

/// 2017-06-01 in New York: the day before and the day after meet it, a second source repeats a reading, one has a fraction.
fn known_day() -> Truth {
    let mut truth = Truth::of(
        vec![
            Point::new("2017-06-01T03:59:59Z", -14400, 99),
            Point::new("2017-06-01T04:00:00Z", -14400, 63),
            Point::new("2017-06-01T04:00:05Z", -14400, 61),
            Point::new("2017-06-01T04:00:10.250Z", -14400, 62),
            Point::new("2017-06-01T04:01:00Z", -14400, 61),
            Point::new("2017-06-01T04:01:30.123456789Z", -14400, 62),
            Point::new("2017-06-01T16:00:00Z", -14400, 72),
            Point::foreign("2017-06-01T16:00:00.000Z", 70),
            Point::new("2017-06-02T03:59:59Z", -14400, 155),
            Point::new("2017-06-02T04:00:00Z", -14400, 99),
        ],
        "America/New_York",
    );
    let day = date("2017-06-01");
    truth.resting.insert(day, json!("53"));
    truth.zones.insert(
        day,
        json!([
            {"heartRateZoneType": "PEAK", "minBeatsPerMinute": "160", "maxBeatsPerMinute": "220"},
            {"heartRateZoneType": "VIGOROUS", "minBeatsPerMinute": "136", "maxBeatsPerMinute": "160"},
            {"heartRateZoneType": "MODERATE", "minBeatsPerMinute": "112", "maxBeatsPerMinute": "136"},
            {"heartRateZoneType": "LIGHT", "minBeatsPerMinute": "30", "maxBeatsPerMinute": "112"},
        ]),
    );
    truth.minutes.insert(
        day,
        json!([
            {"heartRateZone": "LIGHT", "duration": "70200s"},
            {"heartRateZone": "MODERATE", "duration": "330s"},
            {"heartRateZone": "PEAK", "duration": "0s"},
        ]),
    );
    truth.calories.insert(
        day,
        json!([{"heartRateZone": "LIGHT", "kcal": 1543.2}, {"heartRateZone": "MODERATE", "kcal": 211}]),
    );
    truth
}

pub fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

const KNOWN_CSV: &str = "day,time,hr\n\
    2017-06-01,00:00:00,63\n2017-06-01,00:00:05,61\n2017-06-01,00:00:10,62\n2017-06-01,00:01:00,61\n\
    2017-06-01,00:01:30,62\n2017-06-01,12:00:00,72\n2017-06-01,23:59:59,155\n";

const KNOWN_ZONES: &str = "{\"activities-heart\":[{\"dateTime\":\"2017-06-01\",\"value\":{\"customHeartRateZones\":[],\"heartRateZones\":[\
    {\"caloriesOut\":1543.2,\"max\":112,\"min\":30,\"minutes\":1170,\"name\":\"Out of Range\"},\
    {\"caloriesOut\":211,\"max\":136,\"min\":112,\"minutes\":6,\"name\":\"Fat Burn\"},\
    {\"max\":160,\"min\":136,\"name\":\"Cardio\"},\
    {\"max\":220,\"min\":160,\"minutes\":0,\"name\":\"Peak\"}],\"restingHeartRate\":53}}],";

#[test]
fn a_known_day_is_written_byte_for_byte() {
    let service = known_day().serve();
    let home = home(&service);
    let output = run(&home, "2017-06-01 1sec");
    assert_eq!(output.stdout, "");
    assert_eq!(home.read("fitbit_data/hr.csv"), KNOWN_CSV);
    let json = format!(
        "{KNOWN_ZONES}\"activities-heart-intraday\":{{\"dataset\":[\
         {{\"time\":\"00:00:00\",\"value\":63}},{{\"time\":\"00:00:05\",\"value\":61}},{{\"time\":\"00:00:10\",\"value\":62}},\
         {{\"time\":\"00:01:00\",\"value\":61}},{{\"time\":\"00:01:30\",\"value\":62}},{{\"time\":\"12:00:00\",\"value\":72}},\
         {{\"time\":\"23:59:59\",\"value\":155}}],\"datasetInterval\":1,\"datasetType\":\"second\"}}}}\n"
    );
    assert_eq!(home.read("fitbit_data/hr.json"), json);
    // The same to stdout, and then to nowhere else.
    let elsewhere = self::home(&service);
    assert_eq!(
        run(&elsewhere, "2017-06-01 1sec --stdout csv").stdout,
        KNOWN_CSV
    );
    assert_eq!(
        run(&elsewhere, "2017-06-01 1sec --stdout json").stdout,
        json
    );
    assert!(!elsewhere.work("fitbit_data").exists());
}

#[test]
fn a_known_day_by_the_minute_has_means_rounded_half_up() {
    let service = known_day().serve();
    let home = home(&service);
    run(&home, "2017-06-01");
    assert_eq!(
        home.read("fitbit_data/hr.csv"),
        "day,time,hr\n2017-06-01,00:00:00,62\n2017-06-01,00:01:00,62\n2017-06-01,12:00:00,72\n2017-06-01,23:59:00,155\n"
    );
    let json = format!(
        "{KNOWN_ZONES}\"activities-heart-intraday\":{{\"dataset\":[{{\"time\":\"00:00:00\",\"value\":62}},\
         {{\"time\":\"00:01:00\",\"value\":62}},{{\"time\":\"12:00:00\",\"value\":72}},{{\"time\":\"23:59:00\",\"value\":155}}],\
         \"datasetInterval\":1,\"datasetType\":\"minute\"}}}}\n"
    );
    assert_eq!(home.read("fitbit_data/hr.json"), json);
}

/// What a day has to be, computed from the truth in the plainest way: `time,hr` by the wall clock `ahead_s` before UTC.
fn expected(points: &[Point], day: NaiveDate, ahead_s: i64, length_s: i64) -> Vec<(String, i64)> {
    let mut held: BTreeMap<DateTime<Utc>, Vec<f64>> = BTreeMap::new();
    let mut instants = BTreeSet::new();
    for point in points {
        let local = DateTime::parse_from_rfc3339(&point.at)
            .expect("an instant")
            .to_utc()
            + Duration::seconds(ahead_s);
        if local.date_naive() == day && instants.insert(local) {
            let start = local.timestamp().div_euclid(length_s) * length_s;
            let start = DateTime::from_timestamp(start, 0).expect("an instant");
            held.entry(start).or_default().push(number(&point.bpm));
        }
    }
    held.into_iter()
        .map(|(start, bpm)| {
            #[allow(clippy::cast_precision_loss, reason = "few samples")]
            let mean = bpm.iter().sum::<f64>() / bpm.len() as f64;
            #[allow(clippy::cast_possible_truncation, reason = "a heart rate")]
            let rounded = (mean + 0.5).floor() as i64;
            (start.format("%H:%M:%S").to_string(), rounded)
        })
        .collect()
}

#[test]
fn every_detail_survives_every_trap_of_paging() {
    let details = [
        ("1sec", 1, 1, "second"),
        ("1min", 60, 1, "minute"),
        ("5min", 300, 5, "minute"),
        ("15min", 900, 15, "minute"),
    ];
    let behaviours = [
        (Order::NewestFirst, End::NoToken, false, true, 41),
        (Order::Shuffled, End::EmptyToken, true, true, 50),
        (Order::Shuffled, End::NoToken, true, false, 5000),
    ];
    // From the evening before to the morning after, in New York.
    let points = series("2017-05-31T22:00:00Z", 97, 1300, -14400);
    for (order, end, gzip, uneven, page_cap) in behaviours {
        let service = Truth {
            page_cap,
            uneven,
            order,
            end,
            gzip,
            ..Truth::of(points.clone(), "America/New_York")
        }
        .serve();
        let home = home(&service);
        for (detail, window_s, interval, unit) in details {
            run(&home, &format!("2017-06-01 {detail} --no-summary"));
            let wanted = expected(&points, date("2017-06-01"), -14400, window_s);
            let rows: Vec<_> = wanted
                .iter()
                .map(|(time, bpm)| format!("2017-06-01,{time},{bpm}\n"))
                .collect();
            assert_eq!(
                home.read("fitbit_data/hr.csv"),
                format!("day,time,hr\n{}", rows.concat()),
                "{detail} {order:?}"
            );
            let json: serde_json::Value =
                serde_json::from_str(&home.read("fitbit_data/hr.json")).expect("json");
            let dataset: Vec<_> = wanted
                .iter()
                .map(|(time, bpm)| json!({"time": time, "value": bpm}))
                .collect();
            assert_eq!(
                json["activities-heart-intraday"],
                json!({"dataset": dataset, "datasetInterval": interval, "datasetType": unit})
            );
        }
    }
}

#[test]
fn a_bpm_may_be_a_number_and_what_is_no_heart_rate_is_warned_of_and_left_out() {
    let at = |second: u32| Point::new(&format!("2017-06-01T10:00:{second:02}Z"), 0, 60);
    let service = Truth::of(
        vec![
            at(0),
            at(1).with_bpm(json!(61)),
            at(2).with_bpm(json!(62.0)),
            at(3).with_bpm(json!("0")),
            at(4).with_bpm(json!("301")),
            at(5).with_bpm(json!(-5)),
            at(6).with_bpm(json!("300")),
            at(7).with_bpm(json!("1")),
        ],
        "UTC",
    )
    .serve();
    let home = home(&service);
    let output = run(&home, "2017-06-01 1sec --no-summary --stdout csv")
        .says(&["3 readings outside 1 to 300 bpm were left out"]);
    assert_eq!(
        output.stdout,
        "day,time,hr\n2017-06-01,10:00:00,60\n2017-06-01,10:00:01,61\n2017-06-01,10:00:02,62\n\
         2017-06-01,10:00:06,300\n2017-06-01,10:00:07,1\n"
    );
}

#[test]
fn fields_come_in_the_given_order_and_are_empty_where_the_source_did_not_say() {
    let service = Truth::of(
        vec![
            Point::new("2017-06-01T04:00:00Z", -14400, 63),
            Point::new("2017-06-01T12:00:00.5Z", 20700, 101),
            Point::foreign("2017-06-01T13:00:00Z", 9),
        ],
        "America/New_York",
    )
    .serve();
    let home = home(&service);
    let all = "2017-06-01 1sec --no-summary --fields source,offset,utc,confidence,hr,time,day";
    run(&home, all);
    let rows = "source,offset,utc,confidence,hr,time,day\n\
        google,-04:00,2017-06-01T04:00:00Z,,63,00:00:00,2017-06-01\n\
        google,+05:45,2017-06-01T12:00:00.500Z,,101,17:45:00,2017-06-01\n\
        google,,2017-06-01T13:00:00Z,,9,09:00:00,2017-06-01\n";
    assert_eq!(home.read("fitbit_data/hr.csv"), rows);
    // A mean has the offset of the account's zone.
    let output = run(
        &home,
        "2017-06-01 5min --no-summary --stdout csv --fields hr,offset",
    );
    assert_eq!(
        output.stdout,
        "hr,offset\n63,-04:00\n101,-04:00\n9,-04:00\n"
    );
    let one = run(
        &home,
        "2017-06-01 1sec --no-summary --stdout csv --fields hr",
    );
    assert_eq!(one.stdout, "hr\n63\n101\n9\n");
}

#[test]
fn fields_that_do_not_exist_or_come_twice_are_refused_before_any_request() {
    let service = Truth::default().serve();
    let home = home(&service);
    for list in ["hr,bpm", "hr,hr", "", "hr,", "HR", "day;time"] {
        let output = home.run(["2017-06-01", "--fields", list]).expect(2);
        assert_eq!(output.stdout, "");
    }
    assert!(service.api_requests().is_empty());
}

#[test]
fn a_day_without_data_is_a_header_an_empty_dataset_and_a_note() {
    let service = Truth::of(vec![], "Europe/Berlin").serve();
    let home = home(&service);
    for detail in ["1sec", "1min", "5min", "15min"] {
        let output = run(&home, &format!("2017-06-01 {detail}"));
        output.says(&["note:", "no heart rate for 2017-06-01"]);
        assert_eq!(home.read("fitbit_data/hr.csv"), "day,time,hr\n");
        let json: serde_json::Value =
            serde_json::from_str(&home.read("fitbit_data/hr.json")).expect("json");
        assert_eq!(json["activities-heart-intraday"]["dataset"], json!([]));
        assert_eq!(
            json["activities-heart"],
            json!([{"dateTime": "2017-06-01", "value": {"customHeartRateZones": [], "heartRateZones": []}}])
        );
    }
    let report = run(&home, "2017-06-01 1sec --json --no-summary").json();
    let nothing = serde_json::Value::Null;
    assert_eq!(report["samples"], json!(0));
    assert_eq!(
        [&report["first"], &report["last"], &report["largest_gap_s"]],
        [&nothing; 3]
    );
    assert_eq!(report["complete"], json!(true));
}

#[test]
fn the_report_counts_requests_with_their_retries() {
    let service = known_day()
        .instead(|request, nth| {
            (request.path == crate::google_truth::ROLL_UP && nth == 1)
                .then(|| crate::server::Reply::status(503))
        })
        .serve();
    let home = home(&service);
    let report = run(&home, "2017-06-01 1min --json").json();
    let sent = service.api_requests().len();
    assert_eq!(report["requests"], json!(sent));
    for (name, value) in [
        ("provider", json!("google")),
        ("day", json!("2017-06-01")),
        ("detail", json!("1min")),
        ("samples", json!(4)),
        ("first", json!("00:00:00")),
        ("last", json!("23:59:00")),
        ("largest_gap_s", json!(43_140)),
        ("complete", json!(true)),
        (
            "files",
            json!(["fitbit_data/hr.json", "fitbit_data/hr.csv"]),
        ),
    ] {
        assert_eq!(report[name], value, "{name}");
    }
    // OAuth requests do not count: an expired token is renewed first.
    home.logged_in("google", -10);
    service.server.once("POST", "/token", |_| {
        crate::server::Reply::json(&json!({"access_token": crate::secrets::ACCESS, "expires_in": 3599, "token_type": "Bearer"}))
    });
    let before = service.api_requests().len();
    let report = run(&home, "2017-06-01 1min --json --no-summary").json();
    assert_eq!(
        report["requests"],
        json!(service.api_requests().len() - before)
    );
}

/// A zone in which it is about noon, and what it is ahead of UTC; so no midnight falls into a test.
fn noon_zone(now: DateTime<Utc>) -> (String, i32) {
    use chrono::Timelike;
    let hours = 12 - i32::try_from(now.hour()).expect("an hour");
    let name = if hours <= 0 {
        format!("Etc/GMT+{}", -hours)
    } else {
        format!("Etc/GMT-{hours}")
    };
    (name, hours * 3600)
}

#[test]
fn today_is_partial_and_the_last_sync_says_from_when_on() {
    let now = Utc::now();
    let (zone, ahead) = noon_zone(now);
    let local = |at: DateTime<Utc>| at + Duration::seconds(i64::from(ahead));
    let sync = now - Duration::minutes(75);
    let reading = sync - Duration::seconds(30);
    let text = |at: DateTime<Utc>| at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let service = Truth {
        devices: vec![
            json!({"name": "users/me/pairedDevices/9", "deviceType": "SCALE", "features": ["WEIGHT"], "lastSyncTime": text(now)}),
            tracker("2020-01-01T00:00:00Z"),
            tracker(&text(sync)),
        ],
        ..Truth::of(vec![Point::new(&text(reading), ahead, 64)], &zone)
    }
    .serve();
    let home = home(&service);
    for (line, day) in [("today 1sec", local(now)), ("--no-summary", local(now))] {
        let output = run(&home, &format!("{line} --json")).says(&[&format!(
            "last sync {}: later samples are not there yet",
            local(sync).format("%H:%M")
        )]);
        let report = output.json();
        assert_eq!(report["day"], json!(day.format("%Y-%m-%d").to_string()));
        assert_eq!(report["complete"], json!(false));
        assert_eq!(report["samples"], json!(1));
    }
    // Yesterday, before the device had synced again.
    let yesterday = local(now).date_naive().pred_opt().expect("a day");
    service.truth().devices = vec![tracker(&text(now - Duration::hours(20)))];
    let output =
        run(&home, "yesterday --json").says(&["last sync", "later samples are not there yet"]);
    assert_eq!(output.json()["day"], json!(yesterday.to_string()));
    assert_eq!(output.json()["complete"], json!(false));
    // And after.
    service.truth().devices = vec![tracker(&text(now))];
    let output = run(&home, "yesterday --json").never_says("later samples");
    assert_eq!(output.json()["complete"], json!(true));
}

#[test]
fn today_is_the_wearers_whatever_zone_the_machine_and_the_last_run_were_in() {
    // Fourteen hours ahead and twelve behind never have the same date.
    for (stored, account) in [("Etc/GMT-14", "Etc/GMT+12"), ("Etc/GMT+12", "Etc/GMT-14")] {
        let service = Truth::of(vec![], account).serve();
        let home = home(&service);
        home.logged_in_with("google", 3600, &json!({"timezone": stored}));
        let hours = if account == "Etc/GMT-14" { 14 } else { -12 };
        for detail in ["1sec", "1min"] {
            home.logged_in_with("google", 3600, &json!({"timezone": stored}));
            let report = run(&home, &format!("today {detail} --json")).json();
            let today = (Utc::now() + Duration::hours(hours)).date_naive();
            assert_eq!(report["day"], json!(today.to_string()), "{account}");
            assert_eq!(home.stored("google")["timezone"], json!(account));
        }
    }
}
