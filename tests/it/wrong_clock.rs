//! A machine whose clock is days off, and accounts whose zone has no name of a place.

use crate::program::Home;
use crate::server::Server;
use crate::sync::{day, machine};
use crate::world::World;
use chrono::{TimeDelta, Utc};
use fitbit_hr::zone::Tz;
use serde_json::json;

/// A wearer of today, by a service whose clock differs from this machine's by so many days.
fn off_by(days: i64, zone: Tz) -> (Home, Server, String) {
    let now = Utc::now() + TimeDelta::days(days);
    let first = (now - TimeDelta::days(2)).date_naive().to_string();
    let mut world = World::plain(&first, 4, 600, zone);
    world.now = now.timestamp_millis();
    world.syncs = vec![world.now];
    let today = now.with_timezone(&zone).date_naive().to_string();
    let (home, server, _) = machine(world);
    (home, server, today)
}

#[test]
fn today_is_the_services_and_a_wrong_clock_is_said_before_anything_is_written() {
    for (days, word) in [(-400, "400 days ahead of"), (3, "3 days behind")] {
        let (home, _server, today) = off_by(days, Tz::UTC);
        let output = home
            .run(["today", "1sec", "--no-summary", "--json"])
            .expect(0);
        assert_eq!(output.json()["day"], json!(today));
        output.says(&["warning: this machine's clock is ", word]);
        home.run(["sync", "--from", "yesterday", "--dry-run"])
            .says(&[word]);
    }
    // A day that has not come yet, by the right clock, leaves the files of others as they are.
    let (home, _server, _) = off_by(-400, Tz::UTC);
    home.file("fitbit_data/hr.csv", "mine");
    let to_come = (Utc::now() - TimeDelta::days(100)).date_naive();
    home.run([to_come.to_string().as_str(), "1sec", "--no-summary"])
        .expect(2)
        .says(&["lies in the future"]);
    assert_eq!(home.read("fitbit_data/hr.csv"), "mine");
}

#[test]
fn a_zone_without_a_place_is_a_fixed_offset() {
    for (name, hours) in [("GMT+02:00", 2), ("UTC-3", -3), ("UTC+1", 1)] {
        let mut world = World::plain("2026-06-01", 1, 600, Tz::UTC);
        world.zone = name.parse().expect("a zone");
        world.zone_text = name;
        let (home, _server, _) = machine(world);
        let report = home
            .run(["2026-06-01", "15min", "--no-summary", "--json"])
            .expect(0)
            .json();
        let last = report["last"].as_str().expect("a time").to_owned();
        let first = report["first"].as_str().expect("a time").to_owned();
        let expected = match hours {
            0.. => (format!("{hours:02}:00:00"), "23:45:00".to_owned()),
            _ => ("00:00:00".to_owned(), format!("{:02}:45:00", 23 + hours)),
        };
        assert_eq!((first, last), expected, "{name} {}", day("2026-06-01"));
    }
}
