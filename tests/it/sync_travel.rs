//! `sync` of somebody who travels: samples whose own clock puts them beside the account's day.

use crate::sync::{archive, assert_truth, day, machine, requests};
use crate::world::World;
use fitbit_hr::civil::{self, Window};
use fitbit_hr::day::Detail;
use fitbit_hr::zone::Tz;

const HOUR: i64 = 3_600_000;

/// Three days, and one reading of the second evening at home that was in Tokyo, on the morning of the third.
fn a_lone_sample() -> (World, Window) {
    let mut world = World::plain("2026-06-01", 3, 600, Tz::of("America/New_York"));
    let third = civil::window(day("2026-06-03"), Tz::of("America/New_York")).expect("a day");
    let evening = world.beats.iter_mut();
    let mut evening = evening.filter(|beat| beat.instant == third.start - 4 * HOUR);
    evening.next().expect("a beat").utc_offset = 9 * 3600;
    (world, third)
}

#[test]
fn a_lone_sample_on_another_clock_stays_when_its_day_is_fetched_again() {
    let (mut world, third) = a_lone_sample();
    (world.now, world.syncs) = (third.start + 13 * HOUR, vec![third.start + 12 * HOUR]);
    let (home, _server, world) = machine(world);
    home.run(["sync"]).expect(0);
    let settled = |date: &str| {
        let file = archive(&home).read(Detail::Sec1, day(date));
        file.expect("readable").expect("there").meta.settled
    };
    // The 2nd is not looked at again, and only its window has the sample.
    assert!(settled("2026-06-02") && !settled("2026-06-03"));
    {
        let mut world = world.lock();
        world.now = third.end + HOUR;
        world.syncs.push(third.end);
    }
    home.run(["sync"]).expect(0);
    assert!(settled("2026-06-03"));
    assert_truth(&home, &world, ["2026-06-02", "2026-06-03"].map(day));
}

#[test]
fn a_lone_sample_is_found_by_the_next_run_if_only_the_day_beside_its_own_was_kept() {
    let (world, _) = a_lone_sample();
    let (home, server, world) = machine(world);
    // As if the run had been stopped after one day.
    home.run(["sync", "--from", "2026-06-02", "--to", "2026-06-02"])
        .expect(0);
    home.run(["sync"]).expect(0);
    assert_truth(&home, &world, ["2026-06-02", "2026-06-03"].map(day));
    // Nothing is left undone: later runs do not look for it any more.
    let before = requests(&server);
    home.run(["sync", "--refetch", "1"]).expect(0);
    assert!(requests(&server) - before <= 6);
}
