//! `sync` that does not come to its end: killed at any instant, interrupted, limited, logged out, out of space, twice at once.

use crate::files::{below, has_extension};
use crate::google_service::POINTS;
use crate::program::{Home, run};
use crate::server::Server;
use crate::sync::{archive, assert_truth, files, machine};
use crate::world::{Dice, Trouble, World};
use fitbit_hr::day::Detail;
use fitbit_hr::zone::Tz;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// Small pages, so that a day takes many requests.
fn slow_world() -> World {
    let mut world = World::plain("2026-06-01", 12, 60, Tz::of("America/New_York"));
    world.page_cap = 300;
    world
}

/// How many files in the making killed runs have left.
fn half_written(folder: &Path) -> usize {
    let files = below(folder).into_keys();
    files.filter(|name| has_extension(name, "tmp")).count()
}

/// These files are as they were.
fn assert_kept(home: &Home, before: &BTreeMap<String, Vec<u8>>) {
    let now = files(home);
    assert!(
        before
            .iter()
            .all(|(path, bytes)| now.get(path) == Some(bytes))
    );
}

/// Every file can be read and is a whole day.
fn assert_whole(home: &Home, world: &crate::world::Shared) {
    let dates = archive(home).days(Detail::Sec1).expect("listed");
    assert_truth(home, world, dates);
}

#[test]
#[cfg(unix)]
fn killed_at_any_instant_it_goes_on_where_it_was() {
    let (home, server, world) = machine(slow_world());
    let mut dice = Dice::new(7);
    let (mut done, mut killed) = (0, 0);
    for _ in 0..12 {
        let mut running = home.start(["sync"]);
        let asked = || server.requests_to(POINTS).len();
        let enough = asked() + usize::try_from(dice.roll(16)).unwrap_or(0);
        wait_until(|| asked() >= enough || !running.is_running());
        if running.is_running() {
            running.signal("KILL");
            killed += 1;
        }
        running.finish();
        assert_whole(&home, &world);
        let now = files(&home).len();
        assert!(now >= done, "no day is lost");
        done = now;
    }
    assert!(killed > 5, "{killed} were killed midway");
    home.run(["sync"]).expect(0);
    assert_truth(&home, &world, world.dates());
    assert_eq!(half_written(&home.work("fitbit_data")), 0);
    // What is done is not fetched again: in the end only today is looked at.
    let before = server.requests_to(POINTS).len();
    home.run(["sync"]).expect(0).says(&["synced 1 day,"]);
    assert!(server.requests_to(POINTS).len() - before <= 3);
}

#[test]
fn two_at_once_do_not_harm_each_other() {
    let (home, _server, world) = machine(slow_world());
    let (first, second) = (home.start(["sync"]), home.start(["sync"]));
    let outputs = [first.finish().expect(0), second.finish().expect(0)];
    let waited = outputs.iter().filter(|output| {
        output
            .stderr
            .contains("another sync of this archive is running")
    });
    assert_eq!(waited.count(), 1);
    assert_truth(&home, &world, world.dates());
    // The second found nothing to do but today.
    assert!(
        outputs
            .iter()
            .any(|output| output.stderr.contains("synced 1 day,"))
    );
}

#[test]
#[cfg(unix)]
fn who_does_not_want_to_wait_is_told_that_one_is_running() {
    let (home, server, world) = machine(slow_world());
    world.lock().trouble = Trouble::Limited {
        after: 8,
        seconds: 20,
    };
    let first = home.start(["sync", "--max-wait", "60"]);
    wait_until(|| server.requests_to(POINTS).len() > 3);
    let second = home
        .run(["sync", "--max-wait", "0"])
        .expect(75)
        .says(&["another sync of this archive is running"]);
    assert!(!second.stderr.contains("waiting for it"), "it does not");
    first.signal("INT");
    first.finish().expect(130);
}

#[track_caller]
fn wait_until(mut done: impl FnMut() -> bool) {
    for _ in 0..1000 {
        if done() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("it does not happen");
}

#[test]
#[cfg(unix)]
fn ctrl_c_says_what_is_done() {
    let (home, server, world) = machine(slow_world());
    world.lock().trouble = Trouble::Limited {
        after: 40,
        seconds: 30,
    };
    let running = home.start(["sync", "--max-wait", "60", "--json"]);
    wait_until(|| server.requests_to(POINTS).len() > 37);
    running.signal("INT");
    let output = running.finish().expect(130);
    let json = output.json();
    assert_eq!(json["stopped"], "interrupted");
    assert_eq!(json["days"], files(&home).len());
    assert!(output.stderr.contains("still to come"), "{}", output.stderr);
    assert_whole(&home, &world);
    world.lock().trouble = Trouble::None;
    home.run(["sync"]).expect(0);
    assert_truth(&home, &world, world.dates());
}

#[test]
fn a_rate_limit_ends_a_run_half_way_and_the_next_one_goes_on() {
    let (home, server, world) = machine(slow_world());
    world.lock().trouble = Trouble::Limited {
        after: 40,
        seconds: 1200,
    };
    let stopped = home.run(["sync"]).expect(75);
    assert!(
        stopped.took < Duration::from_mins(1),
        "nobody waits without a terminal"
    );
    let kept = files(&home);
    assert!(!kept.is_empty() && kept.len() < 13);
    let stopped = stopped.says(&["synced ", "with ", " to go", "in 21 min"]);
    assert!(
        stopped
            .stderr
            .lines()
            .filter(|line| line.starts_with("error:"))
            .count()
            == 1
    );
    // Longer than one wants to wait.
    home.run(["sync", "--max-wait", "600"]).expect(75);
    {
        let mut world = world.lock();
        (world.trouble, world.answered) = (Trouble::None, 0);
    }
    let before = server.requests_to(POINTS).len();
    home.run(["sync"]).expect(0);
    assert_truth(&home, &world, world.dates());
    assert_kept(&home, &kept);
    let pages_a_day = 9;
    assert!(server.requests_to(POINTS).len() - before <= pages_a_day * (14 - kept.len()));
}

#[test]
fn a_short_rest_is_waited_for_where_it_is_allowed() {
    let (home, _server, world) = machine(slow_world());
    world.lock().trouble = Trouble::Limited {
        after: 20,
        seconds: 70,
    };
    let running = home.start(["sync", "--max-wait", "120"]);
    running.wait_for("wants a rest");
    drop(running);
    assert_whole(&home, &world);
}

#[test]
fn a_login_that_ends_on_the_way_keeps_what_is_done() {
    let (home, _server, world) = machine(slow_world());
    world.lock().trouble = Trouble::LoggedOut { after: 40 };
    home.run(["sync"]).expect(77).says(&["fitbit-hr login"]);
    assert!(!files(&home).is_empty());
    assert_whole(&home, &world);
}

#[test]
fn an_access_token_that_ends_on_the_way_is_renewed() {
    let (home, server, world) = machine(slow_world());
    home.logged_in("google", 10);
    home.run(["sync"]).expect(0);
    assert_eq!(server.requests_to("/token").len(), 1);
    assert_truth(&home, &world, world.dates());
}

#[test]
fn without_a_login_and_without_a_terminal_it_is_77() {
    let server = Server::start();
    let home = Home::google(&server, "");
    home.run(["sync"])
        .expect(77)
        .says(&["fitbit-hr login"])
        .with_one_error();
    assert!(!home.work("fitbit_data").exists());
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let (home, _server, _world) = machine(slow_world());
    home.file("fitbit_data/archive", "a file");
    home.run(["sync"])
        .expect(73)
        .says(&["could not create", "archive"])
        .with_one_error();
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_ends_the_run_and_damages_nothing() {
    let mut world = World::plain("2026-06-01", 6, 5, Tz::of("America/New_York"));
    let mut dice = Dice::new(3);
    for beat in &mut world.beats {
        beat.bpm = u16::try_from(50 + dice.roll(100)).expect("small");
    }
    let (home, _server, world) = machine(world);
    home.run(["sync", "--from", "2026-06-01", "--to", "2026-06-02"])
        .expect(0);
    let before = files(&home);
    // A limit on the size of files is as near to a full disk as a test comes without a disk of its own.
    let mut command = home.other("sh");
    let line = format!(
        "trap '' XFSZ; ulimit -f 4; exec {} sync --from 2026-06-01",
        env!("CARGO_BIN_EXE_fitbit-hr")
    );
    command.args(["-c", &line]);
    run(command).expect(74).says(&["could not write"]);
    assert_kept(&home, &before);
    assert_whole(&home, &world);
    home.run(["sync"]).expect(0);
    assert_truth(&home, &world, world.dates());
}

#[test]
fn a_damaged_file_is_named_and_the_other_days_are_done() {
    let (home, _server, world) = machine(World::plain(
        "2026-06-01",
        5,
        60,
        Tz::of("America/New_York"),
    ));
    home.run(["sync", "--to", "2026-06-04"]).expect(0);
    let path = "fitbit_data/archive/heart_rate/detail=1sec/year=2026/month=06/2026-06-02.parquet";
    home.file(path, "PAR1");
    home.run(["sync"])
        .expect(65)
        .says(&["2026-06-02.parquet", "synced "]);
    std::fs::remove_file(home.work(path)).expect("there");
    home.run(["sync"]).expect(0);
    assert_truth(&home, &world, world.dates());
}
