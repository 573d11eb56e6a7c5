//! Against a made-up person with clocks, whose samples are all known.

use super::*;
use crate::civil::day;
use crate::google::points::Points;
use crate::google::rollup::Means;
use crate::zone::Tz;

const HOUR: i64 = 3_600_000;

fn days(last: &str, count: u64) -> Vec<NaiveDate> {
    (0..count).map(|back| day(last) - Days::new(back)).collect()
}

/// A sample every ten minutes, and the windows that were asked for.
struct Service {
    points: Vec<Point>,
    asked: Vec<Window>,
}

impl Service {
    /// From noon UTC of a day on, so many hours on each clock.
    fn travelling(from: &str, legs: &[(i64, Option<i32>)]) -> Self {
        let mut at = civil::fixed_window(day(from), 0).start + 12 * HOUR;
        let mut points = Vec::new();
        for (hours, utc_offset) in legs {
            let end = at + hours * HOUR;
            while at < end {
                points.push(Point {
                    instant: at,
                    utc_offset: *utc_offset,
                    bpm: 60,
                });
                at += HOUR / 6;
            }
        }
        Self {
            points,
            asked: Vec::new(),
        }
    }

    fn answer(&mut self, query: &Query) -> Answer {
        let windows = match query {
            Query::Day(_, window) => vec![window.clone()],
            Query::Extra(_, windows) => windows.clone(),
            Query::Means(range, _) => {
                let within = self.points.iter().filter(|p| range.contains(&p.instant));
                let mut minutes: Vec<_> = within.map(|p| p.instant.div_euclid(60_000)).collect();
                minutes.dedup();
                let mean = |minute| Mean {
                    start: minute * 60_000,
                    bpm: 60,
                };
                return Answer::Means(Means {
                    means: minutes.into_iter().map(mean).collect(),
                    ..Means::default()
                });
            }
            Query::WholeDay(_) => panic!("not of this service"),
        };
        let within = |point: &&Point| windows.iter().any(|w| w.contains(&point.instant));
        // Newest first.
        let points = self.points.iter().filter(within).rev().copied().collect();
        self.asked.extend(windows.iter().cloned());
        Answer::Points(Points {
            points,
            left_out: LeftOut::default(),
        })
    }

    fn of(&self, date: NaiveDate, zone: Tz) -> Vec<i64> {
        samples::day_samples(date, zone, self.points.clone())
            .iter()
            .filter_map(|sample| sample.instant)
            .collect()
    }
}

/// Fetches with `hands` queries under way, which come back in an order that `seed` decides.
fn fetched(
    by_day: &mut ByDay,
    service: &mut Service,
    mut seed: u64,
    hands: usize,
) -> (BTreeMap<NaiveDate, Finished>, Vec<NaiveDate>) {
    let (mut finished, mut strays) = (BTreeMap::new(), Vec::new());
    let mut under_way: Vec<Query> = Vec::new();
    loop {
        while let Some(ready) = by_day.ready() {
            match ready {
                Ready::Day(day) => {
                    assert!(finished.insert(day.date, day).is_none(), "a day comes once");
                }
                Ready::Strays(date, _) => strays.push(date),
            }
        }
        while under_way.len() < hands {
            let Some(query) = by_day.next() else { break };
            under_way.push(query);
        }
        if under_way.is_empty() {
            return (finished, strays);
        }
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let at = usize::try_from(seed >> 33).expect("31 bits") % under_way.len();
        let query = under_way.swap_remove(at);
        if seed >> 62 == 0 {
            by_day.again(query);
        } else {
            let got = service.answer(&query);
            by_day.take(query, got);
        }
    }
}

#[test]
fn every_sample_finds_the_day_of_its_own_clock() {
    let (home, berlin, tokyo, honolulu) = (Some(-14_400), Some(7_200), Some(32_400), Some(-36_000));
    for (legs, zone) in [
        (vec![(240, home)], Tz::of("America/New_York")),
        (
            vec![(60, home), (77, berlin), (100, home)],
            Tz::of("America/New_York"),
        ),
        (
            vec![(50, home), (90, honolulu), (30, tokyo), (60, home)],
            Tz::of("America/New_York"),
        ),
        // The account has moved since: its present zone is another one than the samples'.
        (vec![(240, home)], Tz::of("Asia/Tokyo")),
        (vec![(240, tokyo)], Tz::of("America/New_York")),
        // No offsets at all: the zone decides.
        (vec![(240, None)], Tz::of("America/New_York")),
        (
            vec![(60, None), (60, tokyo), (120, None)],
            Tz::of("America/New_York"),
        ),
    ] {
        let mut service = Service::travelling("2026-06-01", &legs);
        for seed in 0..6 {
            for (last, count) in [("2026-06-12", 14), ("2026-06-07", 3), ("2026-06-05", 1)] {
                service.asked.clear();
                let days = days(last, count);
                let mut by_day =
                    ByDay::new(&days, &BTreeSet::new(), Clocks::new(), zone, Proof::None);
                let (finished, _) = fetched(&mut by_day, &mut service, seed, 4);
                assert!(finished.keys().eq(days.iter().rev()), "{legs:?} {seed}");
                for (date, day) in finished {
                    let instants: Vec<_> = day.samples.iter().filter_map(|s| s.instant).collect();
                    assert_eq!(
                        instants,
                        service.of(date, zone),
                        "{date} {zone} {legs:?} {seed}"
                    );
                }
                let mut asked = service.asked.clone();
                asked.sort_by_key(|window| window.start);
                // In a backfill nothing is fetched twice, and only its edges are widened.
                if count == 14 {
                    assert!(asked.windows(2).all(|pair| pair[0].end <= pair[1].start));
                    assert!(asked.len() <= 14 + 4, "{asked:?}");
                }
            }
        }
    }
}

#[test]
fn a_neighbour_in_the_archive_shows_the_clock_of_a_journey() {
    // Berlin until noon UTC of 3 June, then nothing until New York on the 4th.
    let mut service = Service::travelling("2026-06-01", &[(36, Some(7_200)), (12, Some(-14_400))]);
    let night = |p: &Point| {
        let hours = civil::fixed_window(day("2026-06-03"), 0).start..;
        hours.contains(&p.instant) && p.utc_offset == Some(7_200)
    };
    service.points.retain(|point| !night(point));
    let date = day("2026-06-03");
    for (stored, expected) in [(vec![], 0), (vec![7_200], 12)] {
        let stored = [(day("2026-06-02"), stored.into_iter().collect())].into();
        let mut by_day = ByDay::new(
            &[date],
            &BTreeSet::new(),
            stored,
            Tz::of("America/New_York"),
            Proof::None,
        );
        let (finished, strays) = fetched(&mut by_day, &mut service, 0, 1);
        let in_berlin = |samples: &[crate::day::Sample]| {
            samples
                .iter()
                .filter(|sample| sample.utc_offset == Some(7_200))
                .count()
        };
        assert_eq!(in_berlin(&finished[&date].samples), expected);
        if expected > 0 {
            // What came along belongs to the day before, and is handed on.
            assert!(
                strays.iter().all(|date| *date == day("2026-06-02")),
                "{strays:?}"
            );
        }
    }
}

#[test]
fn empty_days_cost_nothing_and_hold_nobody_up() {
    let mut service = Service::travelling("2026-06-01", &[(240, Some(-14_400))]);
    let days = days("2026-07-10", 30);
    let empty: BTreeSet<_> = days
        .iter()
        .filter(|d| **d > day("2026-06-13"))
        .copied()
        .collect();
    let mut by_day = ByDay::new(
        &days,
        &empty,
        Clocks::new(),
        Tz::of("America/New_York"),
        Proof::None,
    );
    let (finished, _) = fetched(&mut by_day, &mut service, 1, 4);
    assert_eq!((finished.len(), service.asked.len()), (30, 3));
    assert!(finished[&day("2026-07-01")].samples.is_empty());
}

#[test]
fn a_lost_day_does_not_hold_its_neighbours_up() {
    let mut service = Service::travelling("2026-06-01", &[(240, Some(-14_400))]);
    let days = days("2026-06-06", 3);
    let mut by_day = ByDay::new(
        &days,
        &BTreeSet::new(),
        Clocks::new(),
        Tz::of("America/New_York"),
        Proof::None,
    );
    let newest = by_day.next().expect("a query");
    let middle = by_day.next().expect("a query");
    let got = service.answer(&newest);
    by_day.take(newest, got);
    assert_eq!(by_day.ready(), None, "its neighbour is still to come");
    assert_eq!(by_day.lose(&middle), [days[1]]);
    let (finished, _) = fetched(&mut by_day, &mut service, 1, 4);
    assert!(finished.keys().eq([days[2], days[0]].iter()));
    // They are kept, and looked at again.
    assert!(finished.values().all(|day| day.doubtful));
}

#[test]
fn with_proof_a_day_comes_with_its_means() {
    let mut service = Service::travelling("2026-06-01", &[(240, Some(-14_400))]);
    let days = days("2026-06-10", 10);
    for seed in 0..20 {
        let mut by_day = ByDay::new(
            &days,
            &BTreeSet::new(),
            Clocks::new(),
            Tz::of("America/New_York"),
            Proof::Fetched,
        );
        let (finished, _) = fetched(&mut by_day, &mut service, seed, 3);
        assert_eq!(finished.len(), 10);
        for day in finished.values() {
            let (tally, means) = (day.tally.as_ref(), day.means.as_ref());
            let (tally, means) = (tally.expect("a tally"), means.expect("means"));
            assert!(!means.is_empty());
            assert_eq!(super::super::verify::shortfall(tally, means), None);
        }
    }
    // Without the means the day comes all the same.
    let mut by_day = ByDay::new(
        &days[..1],
        &BTreeSet::new(),
        Clocks::new(),
        Tz::of("America/New_York"),
        Proof::Fetched,
    );
    let means = by_day.next().expect("the means first");
    assert!(matches!(means, Query::Means(..)));
    assert!(by_day.lose(&means).is_empty());
    let (finished, _) = fetched(&mut by_day, &mut service, 1, 1);
    assert_eq!(finished[&days[0]].means, None);
}
