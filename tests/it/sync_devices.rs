//! Two devices on one wrist: a day is settled when both have brought it, and looked at again for what one brings late.

use crate::program::Home;
use crate::sync::{archive, day, machine, requests};
use crate::world::World;
use fitbit_hr::day::Detail;
use fitbit_hr::zone::Tz;
use serde_json::{Value, json};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

fn settled(home: &Home, date: &str) -> Option<bool> {
    let footer = archive(home)
        .footer(Detail::Sec1, day(date))
        .expect("readable")?;
    Some(footer.meta.settled)
}

/// Ten days from 1 June on, two days later.
fn world() -> World {
    World::plain("2026-06-01", 10, 600, Tz::UTC)
}

/// How many days the run looked at.
fn days(home: &Home, line: &str) -> Value {
    let words = line.split_whitespace().chain(["--json"]);
    home.run(words).expect(0).json()["days"].clone()
}

#[test]
fn a_day_waits_for_every_device_that_may_measure_and_is_in_use() {
    let now = world().now;
    let start = now - 2 * DAY - HOUR;
    for (features, synced, expected) in [
        (vec!["HEART_RATE"], start - HOUR, false),
        (vec![], start - HOUR, false),
        (vec!["HEART_RATE", "GPS"], start + HOUR, true),
        (vec!["STEPS"], start - HOUR, true),
        (vec!["HEART_RATE"], now - 15 * DAY, true),
        (vec!["HEART_RATE"], now - 13 * DAY, false),
    ] {
        let mut world = world();
        world.devices = vec![("band", features.clone(), synced)];
        let (home, _server, _) = machine(world);
        home.run(["sync"]).expect(0);
        assert_eq!(settled(&home, "2026-06-10"), Some(expected), "{features:?}");
    }
}

#[test]
fn what_a_device_brings_after_it_was_away_is_looked_for_since_its_own_last_sync() {
    let mut world = world();
    let start = world.now - 12 * DAY - HOUR;
    world.devices = vec![("band", vec!["HEART_RATE"], start - 20 * DAY)];
    let (home, _server, world) = machine(world);
    home.run(["sync"]).expect(0);
    assert_eq!(settled(&home, "2026-06-04"), Some(true));
    assert_eq!(days(&home, "sync"), json!(1), "today alone");
    // The band is found, and had been worn on 4 June.
    world.lock().devices[0].2 = start + 12 * DAY;
    let late = crate::world::Beat {
        instant: start + 3 * DAY + 5 * 60_000,
        utc_offset: 0,
        bpm: 155,
    };
    world.lock().beats.push(late);
    world.lock().beats.sort_by_key(|beat| beat.instant);
    assert_eq!(days(&home, "sync"), json!(13));
    let file = archive(&home)
        .read(Detail::Sec1, day("2026-06-04"))
        .expect("readable");
    assert_eq!(file.expect("there").day.samples.len(), 145);
    assert_eq!(days(&home, "sync"), json!(1), "today alone");
}

#[test]
fn a_part_of_the_range_is_looked_at_again_once_and_the_rest_when_its_turn_comes() {
    let (home, server, world) = machine(world());
    home.run(["sync"]).expect(0);
    let later = world.lock().now + HOUR;
    world.lock().now = later;
    world.lock().syncs.push(later);
    // 12 and 13 June are unseen: the last sync was on the 13th's first instant.
    let first = days(&home, "sync --from 2026-06-01 --to 2026-06-12");
    assert_eq!(
        (first, days(&home, "sync --to 2026-06-12")),
        (json!(0), json!(0))
    );
    world.lock().now = later + 3 * DAY;
    world.lock().syncs.push(later + 3 * DAY);
    for (line, expected) in [
        ("sync --to 2026-06-14", 2),
        ("sync --to 2026-06-14", 0),
        ("sync --from 2026-06-15", 2),
        ("sync --to 2026-06-15", 0),
        ("sync", 1),
    ] {
        assert_eq!(days(&home, line), json!(expected), "{line}");
    }
    assert!(requests(&server) > 0);
}
