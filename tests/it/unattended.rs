//! A sync that nobody watches: its hooks, and the series that stops in silence.

#![cfg(unix)]

use crate::google_service::{POINTS, RESTING, ZONES};
use crate::program::Home;
use crate::server::{Reply, Server};
use crate::world::World;
use fitbit_hr::zone::Tz;
use serde_json::{Value, json};
use std::fs;

/// Hooks that put what they are told into files of the working folder, one line a run.
fn hooks(home: &Home) -> String {
    let hook = |name: &str| {
        let file = home.work(name).display().to_string();
        format!(
            "{name} = [\"/bin/sh\", \"-c\", 'echo noise; cat >> \"$0\"; echo >> \"$0\"', \"{file}\"]\n"
        )
    };
    format!(
        "[hooks]\n{}{}{}",
        hook("done"),
        hook("failed"),
        hook("stale")
    )
}

/// Somebody whose keys file, named, has these hooks.
fn home(server: &Server) -> Home {
    let home = Home::google(server, "timezone = \"UTC\"");
    home.logged_in("google", 3000);
    let keys = format!("{}\n{}", home.read("keys.toml"), hooks(&home));
    home.keys(&keys);
    let path = home.work("keys.toml").display().to_string();
    home.with("FITBIT_HR_KEYS", &path)
}

/// What the hook was told, run by run.
fn told(home: &Home, hook: &str) -> Vec<Value> {
    let text = fs::read_to_string(home.work(hook)).unwrap_or_default();
    text.lines()
        .map(|line| serde_json::from_str(line).expect("one object a line"))
        .collect()
}

/// A wearer with three days of data up to 2025-03-03.
fn world() -> World {
    World::plain("2025-03-01", 3, 600, Tz::UTC)
}

#[test]
fn the_end_of_a_run_is_told_to_the_hook_of_its_kind() {
    let server = Server::start();
    world().share().serve(&server);
    let home = home(&server);
    let output = home
        .run(["sync", "--from", "2025-03-01", "--json"])
        .expect(0);
    let done = told(&home, "done");
    assert_eq!(done, [output.json()]);
    assert_eq!(told(&home, "failed"), [] as [Value; 0]);
    home.run(["sync", "--dry-run"]).expect(0);
    assert_eq!(told(&home, "done").len(), 1);

    fs::remove_file(home.token_path("google")).expect("logged out");
    home.run(["sync"]).expect(77);
    let failed = told(&home, "failed");
    assert_eq!(failed[0]["exit_code"], json!(77));
    assert!(
        failed[0]["error"].as_str().expect("a text").contains("log"),
        "{failed:?}"
    );
    assert_eq!((told(&home, "done").len(), failed.len()), (1, 1));
}

#[test]
fn a_hook_that_fails_changes_nothing() {
    let server = Server::start();
    world().share().serve(&server);
    for command in [
        "[\"/no/such/program\"]",
        "[\"/bin/sh\", \"-c\", \"echo x; exit 3\"]",
        "[]",
    ] {
        let home = home(&server);
        let keys = home.read("keys.toml");
        let keys = keys.split("[hooks]").next().expect("a beginning");
        home.keys(&format!("{keys}[hooks]\ndone = {command}\n"));
        let output = home
            .run(["sync", "--from", "2025-03-01", "--json"])
            .expect(0);
        assert!(output.json()["days"].as_u64() > Some(0));
    }
}

#[test]
fn hooks_of_a_folder_that_somebody_else_made_are_refused() {
    let server = Server::start();
    let home = home(&server).without("FITBIT_HR_KEYS");
    for command in ["sync", "status"] {
        home.run([command])
            .expect(78)
            .with_one_error()
            .says(&["hooks", "--keys"]);
    }
    // Named, or in the configuration folder, they are meant.
    home.run(["status", "--keys", "keys.toml"]).expect(0);
    let folder = home.below("config/fitbit-hr");
    fs::create_dir_all(&folder).expect("made");
    fs::rename(home.work("keys.toml"), folder.join("keys.toml")).expect("moved");
    home.run(["status"]).expect(0);
    let mut command = home.command(["status"]);
    command.current_dir(&folder);
    crate::program::run(command).expect(0);
}

#[test]
fn a_series_that_stops_is_told_of_once_until_it_flows_again() {
    let mut world = world();
    let day = 24 * 3_600_000;
    world.now += 10 * day;
    let shared = world.share();
    let server = Server::start();
    shared.serve(&server);
    server.any("GET", "/v4/users/me/identity", |_| Reply::json(&json!({})));
    let home = home(&server);
    let sync = || {
        home.run(["sync", "--from", "2025-03-01", "--json"])
            .expect(0)
    };
    let output = sync()
        .says(&["no heart rate since 2025-03-03: the device has not synced since 2025-03-06"]);
    let stale = &output.json()["stale"];
    assert_eq!(stale[0]["series"], "heart_rate");
    assert_eq!(stale[0]["since"], "2025-03-03");
    assert_eq!(told(&home, "stale").len(), 1);
    sync();
    assert_eq!(
        (told(&home, "stale").len(), told(&home, "done").len()),
        (1, 2)
    );
    home.run(["status"])
        .expect(0)
        .says(&["no heart rate since 2025-03-03", "charge the device"]);
    let doctor = home.run(["doctor", "--json"]).stdout;
    assert!(
        doctor.contains("no heart rate since 2025-03-03"),
        "{doctor}"
    );

    // It synced, and there is nothing all the same.
    let now = shared.lock().now;
    shared.lock().syncs.push(now - 3_600_000);
    sync().says(&["the device synced on 2025-03-16, and the service gives nothing"]);
    // It flows, and stops anew.
    let beat = shared.lock().beats.last().copied().expect("some");
    shared.lock().beats.push(crate::world::Beat {
        instant: now - 1_800_000,
        ..beat
    });
    shared.lock().syncs.push(now - 600_000);
    sync().never_says("no heart rate since");
    shared.lock().now += 10 * day;
    sync();
    assert_eq!(told(&home, "stale").len(), 2);
}

#[test]
fn what_a_newer_version_wrote_is_left_alone() {
    let server = Server::start();
    for path in [POINTS, RESTING, ZONES] {
        server.any("GET", path, |_| Reply::status(500));
    }
    let home = home(&server);
    let file = home.file(
        "fitbit_data/archive/.fitbit-hr.sync.json",
        "{\"version\": 99}",
    );
    home.run(["sync"])
        .expect(78)
        .with_one_error()
        .says(&["newer version", "update"]);
    assert_eq!(
        fs::read_to_string(file).expect("there"),
        "{\"version\": 99}"
    );
}
