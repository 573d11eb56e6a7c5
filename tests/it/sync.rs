//! `sync` of the real binary against a service whose truth is known: what it brings, what it costs, what it says.

use crate::files::below;
use crate::google_service::{POINTS, RESTING, ROLL_UP, ZONES, refusal};
use crate::program::{Home, Output};
use crate::server::Server;
use crate::world::{DAILY, Shared, Trouble, World};
use chrono::NaiveDate;
use fitbit_hr::archive::{self, Archive};
use fitbit_hr::civil;
use fitbit_hr::day::Detail;
use fitbit_hr::zone::Tz;
use std::collections::BTreeMap;
use std::path::Path;

/// A machine that is logged in at a service with this world.
pub fn machine(world: World) -> (Home, Server, Shared) {
    let server = Server::start();
    let world = world.share();
    world.serve(&server);
    let home = Home::google(&server, "");
    home.logged_in("google", 3000);
    (home, server, world)
}

pub fn archive(home: &Home) -> Archive {
    Archive::open(&home.work("fitbit_data/archive"), None)
}

/// The archive has these days, each exactly as the service has it.
#[track_caller]
pub fn assert_truth(home: &Home, world: &Shared, dates: impl IntoIterator<Item = NaiveDate>) {
    let (archive, world) = (archive(home), world.lock());
    for date in dates {
        let file = archive.read(Detail::Sec1, date).expect("readable");
        let file = file.unwrap_or_else(|| panic!("{date} is missing"));
        let found = file.day.samples.iter();
        let found: Vec<_> = found.filter_map(|s| Some((s.instant?, s.bpm))).collect();
        let truth: Vec<_> = world
            .truth(date)
            .iter()
            .map(|b| (b.instant, b.bpm))
            .collect();
        assert!(found == truth, "{date}: {} of {}", found.len(), truth.len());
    }
}

/// Every file below the archive's data.
pub fn files(home: &Home) -> BTreeMap<String, Vec<u8>> {
    below(&home.work("fitbit_data/archive/heart_rate"))
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

pub fn requests(server: &Server) -> usize {
    let api = server.requests();
    api.iter()
        .filter(|call| call.path.starts_with("/v4/"))
        .count()
}

fn last_line(output: &Output) -> String {
    output.stderr.lines().last().unwrap_or_default().to_owned()
}

#[test]
fn a_first_sync_brings_everything_and_a_second_one_nothing() {
    let (home, server, world) = machine(World::plain(
        "2026-06-01",
        10,
        30,
        Tz::of("America/New_York"),
    ));
    let first = home.run(["sync"]).expect(0);
    // Ten days, and the two that have passed since.
    assert!(
        last_line(&first).starts_with("synced 13 days, 28 800 samples, "),
        "{}",
        first.stderr
    );
    assert!(
        first.stderr.ends_with("next open day 2026-06-13\n"),
        "{}",
        first.stderr
    );
    let dates = || world.dates();
    assert_truth(&home, &world, dates());
    let archive = archive(&home);
    for date in dates() {
        let footer = archive.footer(Detail::Sec1, date).expect("good");
        let footer = footer.expect("there");
        let (meta, summary) = (footer.meta, footer.summary);
        assert_eq!(
            (meta.settled, summary.resting_bpm, meta.timezone.as_deref()),
            (true, Some(57.0), Some("America/New_York"))
        );
    }
    let (before, calls) = (files(&home), requests(&server));
    let second = home.run(["sync", "--json"]).expect(0);
    let json = second.json();
    assert_eq!((&json["days"], &json["samples"]), (&1.into(), &0.into()));
    assert_eq!(json["open_days"][0]["day"], "2026-06-13");
    assert_eq!(json["open_days"][0]["why"], "the day is not over");
    assert_eq!(json["complete"], true);
    assert_eq!(json["requests"], requests(&server) - calls);
    assert!(
        requests(&server) - calls <= 5,
        "time zone, last sync, resting, zones, today"
    );
    assert!(files(&home) == before, "the same data are the same bytes");
}

#[test]
fn late_samples_of_an_open_day_are_taken_in() {
    let mut world = World::plain("2026-06-01", 3, 60, Tz::of("America/New_York"));
    let noon = civil::window(day("2026-06-03"), Tz::of("America/New_York"))
        .expect("a day")
        .start
        + 12 * 3_600_000;
    (world.now, world.syncs) = (noon + 600_000, vec![noon]);
    world.resting.clear();
    let (home, _server, world) = machine(world);
    home.run(["sync"]).expect(0);
    let open = archive(&home)
        .read(Detail::Sec1, day("2026-06-03"))
        .expect("good")
        .expect("there");
    assert_eq!((open.day.samples.len(), open.meta.settled), (720, false));
    let yesterday = files(&home)
        .into_iter()
        .find(|(path, _)| path.ends_with("2026-06-02.parquet"))
        .expect("there");
    {
        let mut world = world.lock();
        world.now += 86_400_000;
        let now = world.now;
        world.syncs.push(now);
    }
    home.run(["sync"])
        .expect(0)
        .says(&["next open day 2026-06-04"]);
    assert_truth(
        &home,
        &world,
        ["2026-06-01", "2026-06-02", "2026-06-03"].map(day),
    );
    assert_eq!(files(&home).get(&yesterday.0), Some(&yesterday.1));
}

/// The zones in the footer of a day.
fn zones(home: &Home, date: &str) -> String {
    let footer = archive(home).footer(Detail::Sec1, day(date)).expect("good");
    archive::zones::encode(&footer.expect("there").summary.zones)
}

#[test]
fn the_zones_of_the_whole_range_take_one_request_and_late_ones_no_other_look() {
    let mut world = World::plain("2026-04-01", 70, 3600, Tz::of("America/New_York"));
    let tomorrow = world.now + 86_400_000;
    let late = day("2026-06-09");
    world.resting.insert(late, (61, tomorrow));
    let (home, server, world) = machine(world);
    home.run(["sync"]).expect(0);
    assert_eq!(server.requests_to(ZONES).len(), 1);
    let known = "Out of Range:30-107,Peak:165-220";
    assert_eq!(zones(&home, "2026-04-01"), known);
    assert_eq!(zones(&home, "2026-06-08"), known);
    assert_eq!(zones(&home, "2026-06-09"), "");
    {
        let mut world = world.lock();
        world.now = tomorrow;
        // What is known is not written again, whatever the service says now.
        world.resting.insert(day("2026-06-08"), (77, 0));
    }
    let (before, calls) = (files(&home), server.requests_to(POINTS).len());
    home.run(["sync"]).expect(0);
    assert_eq!(
        zones(&home, "2026-06-09"),
        "Out of Range:30-111,Peak:165-220"
    );
    let changed = files(&home)
        .into_iter()
        .filter(|(path, bytes)| before.get(path) != Some(bytes))
        .map(|(path, _)| path);
    let changed: Vec<_> = changed
        .filter_map(|path| Some(Path::new(&path).file_stem()?.to_owned()))
        .collect();
    assert_eq!(changed, ["2026-06-09", "2026-06-13"]);
    assert_eq!(server.requests_to(POINTS).len() - calls, 2, "the open days");
}

#[test]
fn zones_that_are_refused_cost_a_note_and_no_data() {
    let server = Server::start();
    server.any("GET", ZONES, |_| {
        refusal(403, "no", "SCOPE_NOT_GRANTED", &serde_json::json!({}))
    });
    let world = World::plain("2026-06-01", 3, 60, Tz::of("America/New_York")).share();
    world.serve(&server);
    let home = Home::google(&server, "");
    home.logged_in("google", 3000);
    home.run(["sync"])
        .expect(0)
        .says(&["note: heart-rate zones are not known: "]);
    assert_truth(&home, &world, world.dates());
    let footer = archive(&home)
        .footer(Detail::Sec1, day("2026-06-01"))
        .expect("good");
    let summary = footer.expect("there").summary;
    assert_eq!((summary.resting_bpm, summary.zones.len()), (Some(57.0), 0));
}

#[test]
fn a_plan_is_priced_before_anything_is_fetched() {
    let (home, server, _world) = machine(World::plain(
        "2026-06-01",
        10,
        30,
        Tz::of("America/New_York"),
    ));
    let sync = |more: &[&str]| {
        let range = ["sync", "--from", "2026-06-01", "--to", "2026-06-10"];
        home.run([&range[..], more].concat())
    };
    let plan = sync(&["--dry-run", "--json"]).expect(0).json();
    for name in ["days", "requests", "bytes"] {
        assert!(
            plan[name].as_u64().is_some_and(|number| number > 0),
            "{plan}"
        );
    }
    assert!(plan["minutes"].is_number(), "{plan}");
    assert_eq!(plan["days"], 10);
    assert_eq!(
        server.requests_to(POINTS).len() + server.requests_to(ROLL_UP).len(),
        0
    );
    assert!(!home.work("fitbit_data").exists(), "nothing is written");
    // For people, on stderr; and nothing is left to do once it is done.
    sync(&["--dry-run"]).expect(0).says(&[
        "10 days from 2026-06-01 to 2026-06-10 at 1sec: about 64 requests",
        "to download",
    ]);
    sync(&[]).expect(0);
    sync(&["--dry-run"]).expect(0).says(&["nothing to fetch"]);
}

#[test]
fn means_take_the_fewest_requests_and_are_cut_into_civil_days() {
    // Over the end of summer time.
    let (home, server, world) = machine(World::plain(
        "2025-10-20",
        40,
        600,
        Tz::of("America/New_York"),
    ));
    for (detail, roll_ups) in [("1min", 6), ("5min", 3), ("15min", 3)] {
        let before = server.requests_to(ROLL_UP).len();
        home.run([
            "sync",
            "--detail",
            detail,
            "--from",
            "2025-10-20",
            "--to",
            "2025-11-28",
        ])
        .expect(0);
        assert_eq!(
            server.requests_to(ROLL_UP).len() - before,
            roll_ups,
            "{detail}"
        );
    }
    assert_eq!(server.requests_to(RESTING).len(), 3);
    assert_eq!(server.requests_to(ZONES).len(), 3);
    assert_eq!(
        server.requests_to(POINTS).len() + server.requests_to(DAILY).len(),
        0
    );
    let (archive, world) = (archive(&home), world.lock());
    for date in day("2025-10-20").iter_days().take(40) {
        let file = archive
            .read(Detail::Min1, date)
            .expect("good")
            .expect("there");
        let found = file
            .day
            .samples
            .iter()
            .filter_map(|s| Some((s.instant?, s.bpm)));
        assert_eq!(
            found.collect::<Vec<_>>(),
            world.true_minutes(date),
            "{date}"
        );
    }
    let long = archive
        .read(Detail::Min15, day("2025-11-02"))
        .expect("good")
        .expect("there");
    assert_eq!(long.day.samples.len(), 100, "25 hours");
}

#[test]
fn years_without_data_are_confirmed_by_ranges() {
    let mut world = World::plain("2019-01-01", 5, 600, Tz::of("America/New_York"));
    let late = World::plain("2026-06-01", 5, 600, Tz::of("America/New_York"));
    world.beats.extend(late.beats);
    world.resting.extend(late.resting);
    (world.now, world.syncs) = (late.now, late.syncs);
    let (home, server, world) = machine(world);
    let report = home.run(["sync", "--json"]).expect(0).json();
    // From the first day that the service has, without being told.
    assert_eq!(report["from"], "2019-01-01");
    assert_eq!(report["days"], 2716);
    assert_truth(&home, &world, day("2019-01-01").iter_days().take(2715));
    let empty = archive(&home)
        .footer(Detail::Sec1, day("2022-02-02"))
        .expect("good")
        .expect("there");
    assert_eq!((empty.samples, empty.meta.settled), (0, true));
    assert!(requests(&server) < 40, "{}", requests(&server));
}

#[test]
fn a_missing_day_in_the_middle_is_found_again() {
    let (home, server, world) = machine(World::plain(
        "2026-06-01",
        10,
        60,
        Tz::of("America/New_York"),
    ));
    home.run(["sync"]).expect(0);
    let lost = home
        .work("fitbit_data/archive/heart_rate/detail=1sec/year=2026/month=06/2026-06-04.parquet");
    std::fs::remove_file(lost).expect("it was there");
    let before = server.requests_to(POINTS).len();
    home.run(["sync"])
        .expect(0)
        .says(&["synced 2 days, 1 440 samples"]);
    assert!(server.requests_to(POINTS).len() - before <= 4);
    assert_truth(&home, &world, world.dates());
}

#[test]
fn refetch_looks_at_settled_days_again_and_keeps_their_bytes() {
    let (home, server, _world) = machine(World::plain(
        "2026-06-01",
        5,
        60,
        Tz::of("America/New_York"),
    ));
    home.run(["sync"]).expect(0);
    let (before, calls) = (files(&home), server.requests_to(POINTS).len());
    let report = home
        .run(["sync", "--refetch", "6", "--json"])
        .expect(0)
        .json();
    assert_eq!(
        (&report["days"], &report["unchanged"]),
        (&6.into(), &6.into())
    );
    assert!(server.requests_to(POINTS).len() - calls >= 6);
    assert!(files(&home) == before);
}

#[test]
fn a_truncated_day_is_named_and_stays_open_until_it_is_whole() {
    let mut world = World::plain("2026-06-01", 3, 60, Tz::of("America/New_York"));
    (world.page_cap, world.trouble) = (100, Trouble::Truncated);
    let (home, _server, world) = machine(world);
    let range = [
        "sync",
        "--from",
        "2026-06-02",
        "--to",
        "2026-06-02",
        "--verify",
    ];
    let short = home.run(range).expect(75).says(&[
        "2026-06-02",
        "stays open",
        "minutes that the service has means for",
    ]);
    assert!(
        short.stderr.contains("next open day 2026-06-02"),
        "{}",
        short.stderr
    );
    let footer = || {
        archive(&home)
            .footer(Detail::Sec1, day("2026-06-02"))
            .expect("good")
            .expect("there")
    };
    assert!(!footer().meta.settled);
    world.lock().trouble = Trouble::None;
    // The open day is looked at without being asked for.
    home.run(["sync", "--verify"]).expect(0);
    assert!(footer().meta.settled);
    assert_truth(&home, &world, [day("2026-06-02")]);
}

#[test]
fn what_the_archive_has_by_the_minute_proves_the_samples_for_nothing() {
    let (home, server, world) = machine(World::plain(
        "2026-06-01",
        3,
        60,
        Tz::of("America/New_York"),
    ));
    home.run(["sync", "--detail", "1min"]).expect(0);
    {
        let mut world = world.lock();
        (world.page_cap, world.trouble) = (100, Trouble::Truncated);
    }
    let before = server.requests_to(ROLL_UP).len();
    home.run(["sync"])
        .expect(75)
        .says(&["2026-06-01", "2026-06-02", "2026-06-03", "stays open"]);
    assert_eq!(server.requests_to(ROLL_UP).len(), before);
}

#[test]
fn the_demo_syncs_without_an_account() {
    let home = Home::new();
    let report = home
        .run(["--demo", "sync", "--from", "yesterday", "--json"])
        .expect(0)
        .json();
    assert_eq!(
        (&report["days"], &report["provider"]),
        (&2.into(), &"demo".into())
    );
    home.run([
        "--demo",
        "--profile",
        "alice",
        "sync",
        "--from",
        "yesterday",
        "--detail",
        "15min",
    ])
    .expect(0)
    .says(&["synced 2 days"]);
    assert!(
        home.work("demo_data/archive/user=alice/heart_rate/detail=15min")
            .is_dir()
    );
}

#[test]
fn wrong_ranges_are_found_before_any_request() {
    let (home, server, _world) = machine(World::plain(
        "2026-06-01",
        3,
        60,
        Tz::of("America/New_York"),
    ));
    for (arguments, problem) in [
        (["--from", "2026-06-03", "--to", "2026-06-01"], "is after"),
        (["--from", "2026-06-03", "--to", "2126-06-01"], "future"),
        (
            ["--from", "2006-06-03", "--to", "2026-06-01"],
            "before 2007",
        ),
        (
            ["--from", "2026-02-30", "--to", "2026-06-01"],
            "no such date",
        ),
        (["--detail", "2min", "--to", "2026-06-01"], "none of 1sec"),
    ] {
        let mut command = vec!["sync"];
        command.extend(arguments);
        home.run(command).expect(2).says(&[problem]);
    }
    assert_eq!(server.requests().len(), 0);
}
