//! The program against its own stand-in: what was made up is what comes out, page by page, traps and all.

use crate::program::{Home, run};
use chrono::NaiveDate;
use fitbit_hr::civil;
use fitbit_hr::demo;
use fitbit_hr::zone::Tz;
use serde_json::Value;

fn stdout(arguments: &str) -> String {
    let home = Home::new();
    home.run(arguments.split(' ')).expect(0).stdout
}

/// `hr.csv` with the fields `utc,offset,hr` of a day as it was made up.
fn made_up(date: &str) -> String {
    let date: NaiveDate = date.parse().expect("a date");
    let rows = demo::samples(date, Tz::of("America/New_York"))
        .into_iter()
        .map(|beat| {
            let hours = beat.utc_offset.abs() / 3600;
            format!(
                "{},-{hours:02}:00,{}\n",
                civil::rfc3339(beat.instant),
                beat.bpm
            )
        });
    std::iter::once("utc,offset,hr\n".to_owned())
        .chain(rows)
        .collect()
}

#[test]
fn every_sample_of_the_made_up_day_arrives_once_and_in_order() {
    for date in ["2017-06-01", "2017-11-05", "2018-03-11"] {
        let csv = stdout(&format!(
            "--demo {date} 1sec --stdout csv --fields utc,offset,hr --no-summary"
        ));
        assert!(
            csv == made_up(date),
            "{date}: {} bytes of other rows",
            csv.len()
        );
    }
}

#[test]
fn the_minutes_in_the_zones_are_the_minutes_of_the_day() {
    let json: Value =
        serde_json::from_str(&stdout("--demo 2017-06-01 1min --stdout json")).expect("JSON");
    let zones = json["activities-heart"][0]["value"]["heartRateZones"]
        .as_array()
        .expect("zones");
    let minutes: i64 = zones
        .iter()
        .filter_map(|zone| zone["minutes"].as_i64())
        .sum();
    let samples = json["activities-heart-intraday"]["dataset"]
        .as_array()
        .map(Vec::len);
    assert_eq!(i64::try_from(samples.unwrap_or(0)), Ok(minutes));
    assert_eq!(zones.len(), 4);
}

#[test]
fn a_machine_without_certificates_has_the_demo_all_the_same() {
    let home = Home::new();
    let mut command = home.command(["--demo", "2017-06-01"]);
    command
        .env("SSL_CERT_FILE", home.below("no-such-file"))
        .env("SSL_CERT_DIR", home.below("no-such-folder"));
    let output = run(command).expect(0);
    assert!(output.took.as_secs() < 60, "{:?}", output.took);
}

#[test]
fn before_the_first_day_there_is_nothing_by_any_method() {
    let home = Home::new();
    for (day, is_there) in [
        ("2014-06-01", false),
        ("2015-02-28", false),
        ("2015-03-02", true),
    ] {
        for (extract, detail) in [
            ("heart_rate", "1sec"),
            ("heart_rate", "1min"),
            ("heart_rate", "15min"),
            ("steps", "15min"),
            ("calories", "1min"),
            ("resting_heart_rate", ""),
            ("sleep", ""),
        ] {
            let arguments = format!("--demo {day} {detail} --extract {extract} --stdout csv");
            let csv = home.run(arguments.split_whitespace()).expect(0).stdout;
            assert_eq!(csv.lines().count() > 1, is_there, "{arguments}");
        }
    }
}
