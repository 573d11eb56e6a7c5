//! A day from Google Health: which samples it holds, what was asked for, what stands in the files.

use crate::google_service::{
    Account, POINTS, ROLL_UP, Reading, physical_bounds, reading, readings,
};
use crate::program::Home;
use crate::server::Server;
use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};

/// A machine with a login, and the account behind it.
fn setting(account: Account) -> (Server, Home) {
    let server = Server::start();
    account.serve(&server);
    let home = Home::google(&server, "");
    home.logged_in_with("google", 3000, &json!({"timezone": "America/New_York"}));
    (server, home)
}

fn with(readings: Vec<Reading>) -> Account {
    Account {
        readings,
        ..Account::default()
    }
}

fn csv_times(home: &Home) -> Vec<String> {
    home.read("fitbit_data/hr.csv")
        .lines()
        .skip(1)
        .map(|line| line.split(',').nth(1).expect("a time").to_owned())
        .collect()
}

/// The windows of samples that were asked for, as text, ascending.
fn windows(server: &Server) -> Vec<String> {
    let mut windows: Vec<_> = server
        .requests_to(POINTS)
        .iter()
        .filter(|request| request.query("pageToken").is_none())
        .map(|request| {
            physical_bounds(request.query("filter").expect("a filter")).expect("its one form")
        })
        .collect();
    windows.sort();
    // Neighbouring slices are one window.
    let mut joined: Vec<(chrono::DateTime<Utc>, chrono::DateTime<Utc>)> = vec![];
    for (from, to) in windows {
        match joined.last_mut() {
            Some(last) if last.1 == from => last.1 = to,
            _ => joined.push((from, to)),
        }
    }
    let text = |at: chrono::DateTime<Utc>| at.format("%dT%H:%M").to_string();
    joined
        .into_iter()
        .map(|(from, to)| format!("{}-{}", text(from), text(to)))
        .collect()
}

#[test]
fn a_small_day_stands_in_both_files_byte_for_byte() {
    let (server, home) = setting(with(vec![
        reading("2026-11-12T04:59:59Z", -5.0, 99),
        reading("2026-11-12T05:00:00Z", -5.0, 63),
        reading("2026-11-12T05:00:05.500Z", -5.0, 61),
        reading("2026-11-13T04:59:58Z", -5.0, 101),
        reading("2026-11-13T05:00:00Z", -5.0, 98),
    ]));
    let run = home.run(["2026-11-12", "1sec"]).expect(0);
    assert_eq!(run.stdout, "");
    assert_eq!(
        home.read("fitbit_data/hr.csv"),
        "day,time,hr\n2026-11-12,00:00:00,63\n2026-11-12,00:00:05,61\n2026-11-12,23:59:58,101\n"
    );
    let json: Value = serde_json::from_str(&home.read("fitbit_data/hr.json")).expect("JSON");
    assert_eq!(
        json,
        json!({
            "activities-heart": [{"dateTime": "2026-11-12", "value": {"customHeartRateZones": [], "heartRateZones": [
                {"name": "Out of Range", "min": 30, "max": 110, "minutes": 1001, "caloriesOut": 1543.25},
                {"name": "Peak", "min": 165, "max": 220}], "restingHeartRate": 57}}],
            "activities-heart-intraday": {"dataset": [{"time": "00:00:00", "value": 63}, {"time": "00:00:05", "value": 61}, {"time": "23:59:58", "value": 101}],
                "datasetInterval": 1, "datasetType": "second"}
        })
    );
    assert_eq!(windows(&server), ["12T05:00-13T05:00"]);
}

#[test]
fn the_wire_is_as_the_service_wants_it() {
    let (server, home) = setting(with(readings("2026-11-12T05:00:00Z", 3600, 24, -5.0, 60)));
    home.run(["2026-11-12", "1sec"]).expect(0);
    for request in server.requests_to(POINTS) {
        assert_eq!(request.query("pageSize"), Some("10000"));
        assert_eq!(request.query("prettyPrint"), Some("false"));
        assert!(
            request.query("fields").is_some_and(
                |fields| fields.contains("nextPageToken") && fields.contains("utcOffset")
            )
        );
        assert!(
            request
                .header("accept-encoding")
                .is_some_and(|value| value.contains("gzip"))
        );
        assert!(
            request
                .header("user-agent")
                .is_some_and(|value| value.starts_with("fitbit-hr/"))
        );
    }
    home.run(["2026-11-12", "15min"]).expect(0);
    let body = server.requests_to(ROLL_UP)[0].json();
    assert_eq!(
        body["range"],
        json!({"startTime": "2026-11-12T05:00:00Z", "endTime": "2026-11-13T05:00:00Z"})
    );
    assert_eq!(
        (&body["windowSize"], body["pageSize"].as_i64()),
        (&json!("900s"), Some(1344))
    );
}

#[test]
fn no_sample_is_lost_to_short_empty_or_shuffled_pages() {
    let all = readings("2026-11-12T05:00:00Z", 40, 2160, -5.0, 60);
    for (page_cap, empty_pages, shuffled, empty_last_token) in [
        (7, false, false, true),
        (50, true, false, false),
        (33, true, true, true),
    ] {
        let account = Account {
            page_cap,
            empty_pages,
            shuffled,
            empty_last_token,
            ..with(all.clone())
        };
        let (_server, home) = setting(account);
        home.run(["2026-11-12", "1sec", "--no-summary"]).expect(0);
        let times = csv_times(&home);
        assert_eq!(times.len(), 2160, "{page_cap}");
        assert!(times.is_sorted());
    }
}

#[test]
fn coarser_levels_are_one_roll_up_rounded_half_up() {
    for (detail, interval, starts) in [
        ("1min", 1, ["05:00", "05:01"]),
        ("5min", 5, ["05:00", "05:05"]),
        ("15min", 15, ["05:00", "05:15"]),
    ] {
        let at = |time: &str| format!("2026-11-12T{time}:00Z");
        let means = vec![
            (at("04:59"), 99.0),
            (at(starts[0]), 61.5),
            (at(starts[1]), 62.49),
            ("2026-11-13T05:00:00Z".to_owned(), 99.0),
        ];
        let (server, home) = setting(Account {
            means,
            ..Account::default()
        });
        home.run(["2026-11-12", detail, "--no-summary"]).expect(0);
        let json: Value = serde_json::from_str(&home.read("fitbit_data/hr.json")).expect("JSON");
        let local = |time: &str| format!("00:{}:00", &time[3..]);
        assert_eq!(
            json["activities-heart-intraday"],
            json!({"dataset": [{"time": local(starts[0]), "value": 62}, {"time": local(starts[1]), "value": 62}], "datasetInterval": interval, "datasetType": "minute"})
        );
        assert_eq!(server.requests_to(ROLL_UP).len(), 1);
        assert_eq!(server.requests_to(POINTS).len(), 0);
    }
}

#[test]
fn long_roll_ups_are_followed_page_by_page() {
    let at = |i: i64| {
        ("2026-11-12T05:00:00Z"
            .parse::<chrono::DateTime<Utc>>()
            .expect("an instant")
            + TimeDelta::minutes(i))
        .format("%Y-%m-%dT%H:%M:%SZ")
        .to_string()
    };
    let means = (0..1440).map(|i| (at(i), 60.0)).collect();
    let (_server, home) = setting(Account {
        means,
        page_cap: 500,
        ..Account::default()
    });
    home.run(["2026-11-12", "--no-summary"]).expect(0);
    assert_eq!(csv_times(&home).len(), 1440);
}

#[test]
fn days_are_as_long_as_the_clocks_make_them() {
    for (zone, date, expected) in [
        ("America/New_York", "2026-03-08", "08T05:00-09T04:00"),
        ("America/New_York", "2025-11-02", "02T04:00-03T05:00"),
        ("Europe/Berlin", "2026-03-29", "28T23:00-29T22:00"),
        ("Europe/Berlin", "2026-10-25", "24T22:00-25T23:00"),
        ("Australia/Lord_Howe", "2026-04-05", "04T13:00-05T13:30"),
        ("Asia/Kolkata", "2026-10-25", "24T18:30-25T18:30"),
        ("America/Sao_Paulo", "2018-11-04", "04T03:00-05T02:00"),
    ] {
        let (server, home) = setting(Account {
            zone: Some(zone),
            ..Account::default()
        });
        home.logged_in_with("google", 3000, &json!({"timezone": zone}));
        home.run([date, "1sec", "--no-summary"]).expect(0);
        assert_eq!(windows(&server), [expected], "{zone} {date}");
        home.run([date, "1min", "--no-summary"]).expect(0);
        assert_eq!(server.requests_to(ROLL_UP).len(), 1);
    }
}

#[test]
fn the_repeated_hour_stands_in_the_order_of_instants() {
    let (_server, home) = setting(with(vec![
        reading("2025-11-02T05:30:00Z", -4.0, 61),
        reading("2025-11-02T06:30:00Z", -5.0, 62),
        reading("2025-11-02T05:45:00Z", -4.0, 63),
    ]));
    home.run([
        "2025-11-02",
        "1sec",
        "--no-summary",
        "--fields",
        "time,hr,utc,offset",
    ])
    .expect(0);
    assert_eq!(
        home.read("fitbit_data/hr.csv"),
        "time,hr,utc,offset\n01:30:00,61,2025-11-02T05:30:00Z,-04:00\n01:45:00,63,2025-11-02T05:45:00Z,-04:00\n01:30:00,62,2025-11-02T06:30:00Z,-05:00\n"
    );
}

#[test]
fn on_a_day_of_travel_only_the_missing_part_is_fetched_besides() {
    // East: to Berlin, where the day began six hours earlier; what is there still belongs to the day before.
    let mut east = readings("2026-11-11T22:30:00Z", 600, 39, -5.0, 60);
    east.extend(readings("2026-11-12T18:00:00Z", 600, 60, 1.0, 70));
    let (server, home) = setting(with(east));
    home.run(["2026-11-12", "1sec", "--no-summary"]).expect(0);
    assert_eq!(windows(&server), ["11T23:00-13T05:00"]);
    assert_eq!(
        server
            .requests_to(POINTS)
            .iter()
            .filter(|r| r
                .query("filter")
                .is_some_and(|f| f.contains("11T23:00:00Z")))
            .count(),
        1
    );
    let times = csv_times(&home);
    // From 18:00Z to 23:00Z the new clock shows 19:00 to 24:00 of the same day.
    assert_eq!(
        (times.len(), times.last().map(String::as_str)),
        (30, Some("23:50:00"))
    );
    // West: to Los Angeles, where the day ends three hours later.
    let mut west = readings("2026-11-12T05:00:00Z", 600, 60, -5.0, 60);
    west.extend(readings("2026-11-12T20:00:00Z", 600, 80, -8.0, 70));
    let (server, home) = setting(with(west));
    home.run(["2026-11-12", "1sec", "--no-summary"]).expect(0);
    assert_eq!(windows(&server), ["12T05:00-13T08:00"]);
    assert_eq!(
        csv_times(&home).last().map(String::as_str),
        Some("23:50:00")
    );
}

#[test]
fn a_wrong_guess_of_the_zone_is_mended() {
    // The machine is in UTC, the login knows no zone yet, the account is in Tokyo.
    let day = readings("2026-11-11T15:00:00Z", 1800, 48, 9.0, 60);
    let account = Account {
        zone: Some("Asia/Tokyo"),
        means: vec![("2026-11-11T15:00:00Z".to_owned(), 61.0)],
        ..with(day)
    };
    let (_server, home) = setting(account);
    home.logged_in_with("google", 3000, &json!({"timezone": null}));
    home.run(["2026-11-12", "1sec", "--no-summary"]).expect(0);
    assert_eq!(csv_times(&home).len(), 48);
    assert_eq!(home.stored("google")["timezone"], "Asia/Tokyo");
    home.logged_in_with("google", 3000, &json!({"timezone": null}));
    home.run(["2026-11-12", "1min", "--no-summary"]).expect(0);
    assert_eq!(csv_times(&home), ["00:00:00"]);
}

#[test]
fn the_zone_of_the_keys_file_wins() {
    let server = Server::start();
    with(vec![]).serve(&server);
    let home = Home::google(&server, "timezone = \"Asia/Kolkata\"");
    home.logged_in_with("google", 3000, &json!({"timezone": "America/New_York"}));
    home.run(["2026-11-12", "1sec", "--no-summary"]).expect(0);
    assert_eq!(windows(&server), ["11T18:30-12T18:30"]);
}

#[test]
fn samples_without_an_offset_fall_back_to_the_zone_and_say_nothing_of_it() {
    let bare = Reading {
        at: "2026-11-12T05:00:07Z".to_owned(),
        offset_s: None,
        bpm: json!(72),
    };
    let (_server, home) = setting(with(vec![
        bare.clone(),
        reading("2026-11-12T05:00:07Z", -5.0, 70),
        Reading {
            at: "2026-11-12T06:00:00Z".to_owned(),
            ..bare
        },
    ]));
    home.run([
        "2026-11-12",
        "1sec",
        "--no-summary",
        "--fields",
        "time,hr,offset,confidence,source",
    ])
    .expect(0);
    // Of two sources' copies of one instant the one that knows its offset stands.
    assert_eq!(
        home.read("fitbit_data/hr.csv"),
        "time,hr,offset,confidence,source\n00:00:07,70,-05:00,,google\n01:00:00,72,,,google\n"
    );
}

#[test]
fn a_partial_day_says_when_the_device_last_synced() {
    let zone = fitbit_hr::zone::Tz::of("America/New_York");
    let now = Utc::now();
    let sync = now - TimeDelta::minutes(20);
    let (_server, home) = setting(Account {
        last_sync: Some(sync.format("%Y-%m-%dT%H:%M:%SZ").to_string()),
        ..Account::default()
    });
    let today = now.with_timezone(&zone).date_naive();
    let said = if sync.with_timezone(&zone).date_naive() == today {
        "%H:%M"
    } else {
        "%Y-%m-%d %H:%M"
    };
    let said = format!(
        "last sync {}: later samples are not there yet",
        sync.with_timezone(&zone).format(said)
    );
    let run = home
        .run(["today", "1sec", "--json"])
        .expect(0)
        .says(&[&said]);
    assert_eq!(
        (&run.json()["complete"], &run.json()["day"]),
        (&json!(false), &json!(today.to_string()))
    );
    // Yesterday, which the device has not synced yet.
    let old = (now - TimeDelta::days(3))
        .format("%Y-%m-%dT%H:%M:%SZ")
        .to_string();
    let (_server, home) = setting(Account {
        last_sync: Some(old),
        ..Account::default()
    });
    let run = home
        .run(["yesterday", "--json"])
        .expect(0)
        .says(&["last sync", "not there yet"]);
    assert_eq!(run.json()["complete"], json!(false));
}

#[test]
fn the_json_account_of_a_run_is_whole() {
    let mut day = readings("2026-11-12T05:00:10Z", 5, 3, -5.0, 60);
    day.extend(readings("2026-11-12T06:00:20Z", 5, 1, -5.0, 60));
    let (server, home) = setting(with(day));
    let run = home.run(["2026-11-12", "1sec", "--json"]).expect(0);
    let json = run.json();
    for (name, value) in [
        ("provider", json!("google")),
        ("day", json!("2026-11-12")),
        ("detail", json!("1sec")),
        ("samples", json!(4)),
        ("first", json!("00:00:10")),
        ("last", json!("01:00:20")),
        ("largest_gap_s", json!(3600)),
        ("complete", json!(true)),
        ("requests", json!(server.requests().len())),
        (
            "files",
            json!(["fitbit_data/hr.json", "fitbit_data/hr.csv"]),
        ),
    ] {
        assert_eq!(json[name], value, "{name}");
    }
}

#[test]
fn data_on_stdout_is_all_that_is_there() {
    let (_server, home) = setting(with(readings("2026-11-12T05:00:00Z", 60, 2, -5.0, 60)));
    let csv = home
        .run([
            "2026-11-12",
            "1sec",
            "--stdout",
            "csv",
            "--fields",
            "hr,day",
        ])
        .expect(0);
    assert_eq!(csv.stdout, "hr,day\n60,2026-11-12\n60,2026-11-12\n");
    let json = home
        .run(["2026-11-12", "1sec", "--stdout", "json"])
        .expect(0)
        .json();
    assert_eq!(
        json["activities-heart-intraday"]["dataset"]
            .as_array()
            .map(Vec::len),
        Some(2)
    );
    assert!(!home.work("fitbit_data").exists());
}
