//! Which clock a day is told by: laws of this year, zones that are offsets, `TZ` in all its forms, and that it is said.

use crate::answers::minutes;
use crate::program::Home;
use crate::server::{Reply, Server};
use serde_json::{Value, json};

fn beats(instant: &str) -> String {
    format!("timestamp,beats per minute,data source\n{instant},61.0,Inspire 3\n")
}

fn exported(home: &Home) -> String {
    let fields = ["export", "--fields", "day,time,offset"];
    let text = home.run(fields).expect(0).stdout;
    text.lines().nth(1).unwrap_or_default().to_owned()
}

#[test]
fn laws_of_this_year_hold() {
    for (zone, instant, expected) in [
        (
            "America/Edmonton",
            "2026-11-10T06:00:00Z",
            "2026-11-10,00:00:00,-06:00",
        ),
        (
            "America/Vancouver",
            "2026-11-10T06:30:00Z",
            "2026-11-09,23:30:00,-07:00",
        ),
        (
            "Africa/Casablanca",
            "2026-09-21T00:10:00Z",
            "2026-09-21,00:10:00,+00:00",
        ),
        (
            "UTC+05:30",
            "2026-09-21T00:10:00Z",
            "2026-09-21,05:40:00,+05:30",
        ),
    ] {
        let home = Home::new();
        home.file("x/Profile.csv", format!("id,timezone\nABC123,{zone}\n"));
        let name = format!("x/heart_rate_{}.csv", &instant[..10]);
        home.file(&name, beats(instant));
        home.run(["import", "x"]).expect(0);
        assert_eq!(exported(&home), expected, "{zone}");
    }
}

#[test]
fn the_machines_zone_is_obeyed_in_every_form_and_named() {
    for (variable, name, expected) in [
        ("Asia/Tokyo", "Asia/Tokyo", "21:00:00,+09:00"),
        (
            ":/usr/share/zoneinfo/America/Edmonton",
            "America/Edmonton",
            "06:00:00,-06:00",
        ),
        (
            "CET-1CEST,M3.5.0,M10.5.0/3",
            "CET-1CEST,M3.5.0,M10.5.0/3",
            "14:00:00,+02:00",
        ),
        ("XXX+4", "-04:00", "08:00:00,-04:00"),
        ("", "UTC", "12:00:00,+00:00"),
    ] {
        let home = Home::new().with("TZ", variable);
        home.file("heart_rate_2026-07-01.csv", beats("2026-07-01T12:00:00Z"));
        home.run(["import", "heart_rate_2026-07-01.csv"])
            .expect(0)
            .says(&["time zone is", name]);
        assert_eq!(
            exported(&home),
            format!("2026-07-01,{expected}"),
            "{variable}"
        );
    }
}

/// A minute of a day at a service whose account says this of itself; what came of it in Tokyo.
fn a_day(settings: Value) -> (String, String) {
    let server = Server::start();
    server.any(
        "POST",
        "/v4/users/me/dataTypes/heart-rate/dataPoints:rollUp",
        |_| minutes(),
    );
    server.any("GET", "/v4/users/me/settings", move |_| {
        Reply::json(&settings)
    });
    server.any("GET", "/v4/users/me/pairedDevices", |_| {
        Reply::json(&json!({}))
    });
    let home = Home::google(&server, "").with("TZ", "Asia/Tokyo");
    home.logged_in_with("google", 3000, &json!({"timezone": null}));
    let fields = [
        "2017-06-01",
        "1min",
        "--no-summary",
        "--stdout",
        "csv",
        "--fields",
        "time,offset",
    ];
    let output = home.run(fields).expect(0);
    let row = output.stdout.lines().nth(1).unwrap_or_default().to_owned();
    (row, output.stderr)
}

#[test]
fn an_account_may_live_by_an_offset() {
    for (zone, expected) in [
        ("GMT+02:00", "10:00:00,+02:00"),
        ("UTC-5", "03:00:00,-05:00"),
        ("Etc/GMT+5", "03:00:00,-05:00"),
    ] {
        let (row, said) = a_day(json!({"timeZone": zone}));
        assert_eq!(row, expected, "{zone}");
        assert!(!said.contains("Tokyo"), "{said}");
    }
}

#[test]
fn a_zone_that_is_the_machines_for_want_of_a_better_one_is_named() {
    for settings in [json!({}), json!({"timeZone": "Mars/Olympus"})] {
        let (row, said) = a_day(settings);
        assert_eq!(row, "17:00:00,+09:00");
        assert!(said.contains("Asia/Tokyo"), "{said}");
    }
}
