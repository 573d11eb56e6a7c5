//! Whose an archive is: one person's, or the demo's, and what is refused so that it stays so.

use crate::answers::google_account;
use crate::program::Home;
use crate::server::{Reply, Server};
use crate::sync::files;
use crate::world::World;
use fitbit_hr::zone::Tz;
use serde_json::json;
use std::fs;

const DAY: &str = "2017-06-01";
const REFUSED: i32 = 73;

fn profile(id: &str) -> String {
    format!("id,full_name,timezone\n{id},Jane Roe,Europe/Berlin\n")
}

fn beats(date: &str) -> String {
    format!("timestamp,beats per minute,data source\n{date}T10:00:00Z,61.0,Inspire 3\n")
}

/// A person with five days at the service, logged in and synced.
fn synced() -> (Home, Server) {
    let world = World::plain("2026-06-01", 5, 600, Tz::of("America/New_York"));
    let (home, server, _world) = crate::sync::machine(world);
    home.run(["sync"]).expect(0);
    (home, server)
}

#[test]
fn another_account_is_refused_and_the_first_may_come_back() {
    let (home, server) = synced();
    google_account(&server);
    let (before, calls) = (files(&home), server.requests().len());
    for (account, legacy) in [("222", "ZZZ999"), ("999", "26FWFL")] {
        home.logged_in_with(
            "google",
            3000,
            &json!({"account": account, "legacy_account": legacy}),
        );
        home.run(["sync"])
            .expect(78)
            .says(&["another person", "--profile", "nothing was changed"]);
        home.run(["sync", "--dry-run"]).expect(78);
    }
    assert!(
        files(&home) == before && server.requests().len() == calls,
        "nothing was asked or changed"
    );
    // A login that does not say whose it is is asked once.
    for _ in 0..2 {
        home.logged_in_with("google", 3000, &json!({"account": null}));
        home.run(["sync"]).expect(0);
        home.run(["sync"]).expect(0);
    }
    let asked = server.requests_to("/v4/users/me/identity").len();
    assert_eq!(asked, 2, "once for each login");
    home.run(["sync", "--profile", "bob"]).expect(77);
    let mark = home.read("fitbit_data/archive/.fitbit-hr.owner");
    assert!(
        !mark.contains("111111256096816351") && !mark.contains("26FWFL"),
        "{mark}"
    );
}

#[test]
fn a_login_put_in_place_that_is_of_another_account_is_caught() {
    let (home, server) = synced();
    server.any("GET", "/v4/users/me/identity", |_| {
        Reply::json(&json!({"healthUserId": "222"}))
    });
    let before = files(&home);
    home.logged_in_with(
        "google",
        3000,
        &json!({"account": null, "access_token": "another-access-token"}),
    );
    home.run(["sync"]).expect(78).says(&["--profile"]);
    assert!(files(&home) == before);
}

#[test]
fn an_export_and_the_service_are_of_one_person_where_both_ids_are_known() {
    let (home, server) = synced();
    google_account(&server);
    home.logged_in_with("google", 3000, &json!({"account": null}));
    home.run(["sync"]).expect(0);
    home.file("own/Profile.csv", profile("26fwfl"));
    home.file("own/heart_rate_2025-04-05.csv", beats("2025-04-05"));
    home.file("other/Profile.csv", profile("ABC123"));
    home.file("other/heart_rate_2025-04-06.csv", beats("2025-04-06"));
    home.run(["import", "own"]).expect(0);
    let before = files(&home);
    home.run(["import", "other"])
        .expect(78)
        .says(&["another person", "--profile"]);
    home.run(["import", "own", "other"])
        .expect(78)
        .says(&["different people"]);
    assert!(files(&home) == before);
    home.run(["--profile", "bob", "import", "other"]).expect(0);
}

#[test]
fn an_archive_of_exports_learns_the_account_of_the_service() {
    let home = Home::new();
    home.file("a/Profile.csv", profile("ABC123"));
    home.file("a/heart_rate_2025-04-05.csv", beats("2025-04-05"));
    home.file("b/Profile.csv", profile("XYZ789"));
    home.file("b/heart_rate_2025-04-06.csv", beats("2025-04-06"));
    home.run(["import", "a"]).expect(0);
    home.run(["import", "b"]).expect(78);
    // An archive from before there were marks belongs to the next who writes.
    fs::remove_file(home.work("fitbit_data/archive/.fitbit-hr.owner")).expect("a mark");
    home.run(["import", "b"]).expect(0);
    home.run(["import", "a"]).expect(78);
}

#[test]
fn made_up_days_and_real_ones_are_kept_apart() {
    let home = Home::new();
    home.file("heart_rate_2025-04-05.csv", beats("2025-04-05"));
    let demo = [
        "--demo", "sync", "--from", DAY, "--to", DAY, "--detail", "15min",
    ];
    home.run(demo).expect(0);
    assert!(
        home.work("demo_data/archive/heart_rate").exists() && !home.work("fitbit_data").exists()
    );
    for wrong in [
        &[
            "--output-dir",
            "demo_data",
            "import",
            "heart_rate_2025-04-05.csv",
        ][..],
        &[
            "--output-dir",
            "demo_data",
            "--profile",
            "bob",
            "import",
            "heart_rate_2025-04-05.csv",
        ],
        &["--demo", "import", "heart_rate_2025-04-05.csv"],
    ] {
        home.run(wrong)
            .expect(REFUSED)
            .says(&["made-up", "nothing was changed"]);
    }
    home.run(["import", "heart_rate_2025-04-05.csv"]).expect(0);
    let before = files(&home);
    let run = home.run([&["--output-dir", "fitbit_data"], &demo[..]].concat());
    run.expect(REFUSED).says(&["real", "demo_data"]);
    assert!(files(&home) == before);
    assert!(!home.run(["export"]).expect(0).stdout.contains(DAY));
    home.run(["--output-dir", "demo_data", "export"])
        .expect(66)
        .says(&["--demo"]);
    home.run(["--output-dir", "demo_data", "plot", DAY])
        .expect(66);
    assert!(
        home.run(["--demo", "export"])
            .expect(0)
            .stdout
            .contains(DAY)
    );
    let status = home
        .run(["--output-dir", "demo_data", "status", "--json"])
        .expect(0)
        .json();
    assert_eq!(status["archive"]["details"], json!([]));
}

#[test]
fn a_demo_from_before_there_were_marks_is_known_by_its_days() {
    let home = Home::new();
    home.file("heart_rate_2025-04-05.csv", beats("2025-04-05"));
    let old = [
        "--demo",
        "--output-dir",
        "fitbit_data",
        "sync",
        "--from",
        DAY,
        "--to",
        DAY,
        "--detail",
        "15min",
    ];
    home.run(old).expect(0);
    fs::remove_file(home.work("fitbit_data/archive/.fitbit-hr.owner")).expect("a mark");
    home.run(["import", "heart_rate_2025-04-05.csv"])
        .expect(REFUSED);
    home.run(["export"]).expect(66);
    home.run(old).expect(0);
}

#[test]
fn an_archive_without_heart_rate_is_the_demos_too() {
    let home = Home::new();
    home.file("heart_rate_2025-04-05.csv", beats("2025-04-05"));
    let sync = [
        "--demo",
        "--output-dir",
        "d",
        "sync",
        "--from",
        DAY,
        "--to",
        DAY,
    ];
    home.run([&sync[..], &["--extract", "sleep"]].concat())
        .expect(0);
    for marked in [true, false] {
        home.run(["--output-dir", "d", "import", "heart_rate_2025-04-05.csv"])
            .expect(REFUSED)
            .says(&["made-up"]);
        if marked {
            fs::remove_file(home.work("d/archive/.fitbit-hr.owner")).expect("a mark");
        }
    }
}

#[test]
fn a_demo_spares_real_files_and_replaces_its_own() {
    let home = Home::new();
    let demo = |folder, detail| home.run(["--demo", "--output-dir", folder, DAY, detail]);
    for detail in ["1min", "1sec", "15min", "1min"] {
        demo("own", detail).expect(0);
    }
    let real = json!({"activities-heart": [{"dateTime": DAY, "value": {}}],
        "activities-heart-intraday": {"dataset": [{"time": "00:00:00", "value": 180}], "datasetInterval": 1, "datasetType": "minute"}});
    home.file("real/hr.json", real.to_string());
    demo("real", "1min")
        .expect(REFUSED)
        .says(&["real", "demo_data"]);
    assert_eq!(home.read("real/hr.json"), real.to_string());
    home.file("csv/hr.csv", "day,time,hr\n2017-06-01,00:00:00,61\n");
    demo("csv", "1min").expect(REFUSED);
    home.run(["--demo", "--output-dir", "real", DAY, "--stdout", "csv"])
        .expect(0);
}

fn demo(home: &Home, folder: &str, extract: &str) -> crate::program::Output {
    let run = ["--demo", "--output-dir", folder, "--extract", extract, DAY];
    home.run(run)
}

#[test]
fn a_demo_spares_real_files_of_every_series_and_replaces_its_own() {
    let home = Home::new();
    for extract in ["steps,sleep", "steps", "heart_rate", "sleep"] {
        demo(&home, "own", extract).expect(0);
    }
    for (name, text) in [
        ("steps.csv", "day,time,steps\n2017-06-01,08:00:00,12\n"),
        ("sleep_stages.csv", "session,day,start,end,kind,short\n"),
        ("hr-2017-06-01T1805-run.csv", "day,time,hr\n"),
        ("weight.json", "{}"),
    ] {
        let folder = format!("real-{name}");
        home.file(&format!("{folder}/{name}"), text);
        for extract in ["steps", "heart_rate"] {
            demo(&home, &folder, extract).expect(REFUSED).says(&[
                "real",
                "nothing was changed",
                "demo_data",
            ]);
        }
        assert_eq!(fs::read_dir(home.work(&folder)).expect("there").count(), 1);
    }
    // Files that are nobody's heart rate are in nobody's way.
    home.file("other/notes.csv", "x");
    demo(&home, "other", "steps").expect(0);
}
