//! Lives of wearers, and what becomes of their clocks.

use super::*;
use crate::zone::Tz;
use chrono::NaiveDate;

const HOUR: i64 = 3_600_000;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn profile(zone: Tz) -> Candidate {
    Candidate {
        zone,
        evidence: Evidence::Profile,
    }
}

fn machine(zone: Tz) -> Candidate {
    Candidate {
        zone,
        evidence: Evidence::Machine,
    }
}

/// The instants of a day worn from one hour of the wall clock to another, every half minute.
fn worn(day: NaiveDate, hours: std::ops::Range<i64>, clock: impl Fn(i64) -> i32) -> Vec<i64> {
    let start = midnight(day) - 15 * HOUR;
    let all = (0..56 * 120).map(|n| start + n * 30_000);
    let on_day = |instant: &i64| {
        let local = instant + i64::from(clock(*instant)) * 1000 - midnight(day);
        (hours.start * HOUR..hours.end * HOUR).contains(&local)
    };
    let mut instants: Vec<i64> = all.filter(on_day).collect();
    instants.sort_by_key(|instant| (instant + i64::from(clock(*instant)) * 1000, -instant));
    instants.dedup_by_key(|instant| *instant + i64::from(clock(*instant)) * 1000);
    instants
}

fn days(from: &str, count: usize) -> Vec<NaiveDate> {
    day(from).iter_days().take(count).collect()
}

fn in_zone(zone: Tz) -> impl Fn(i64) -> i32 + Copy {
    move |instant| zone.utc_offset(instant)
}

/// Offset and evidence in the middle of a day.
fn noon(timeline: &mut Timeline, day: NaiveDate, known: &[Candidate]) -> (String, Evidence) {
    let clock = timeline.clock(day, &|_| known.to_vec());
    let (first, last, ..) = clock.pieces_of(day).next().expect("a file");
    let reading = clock.of_file(day, i64::midpoint(first, last));
    (reading.rule.to_string(), reading.evidence)
}

#[test]
fn a_homebody_is_known_by_the_profiles_zone_through_both_changes() {
    let zone = Tz::of("Australia/Melbourne");
    let mut timeline = Timeline::default();
    let year = days("2016-03-20", 240);
    for &day in &year {
        timeline.add(DayBounds::read(day, &worn(day, 0..24, in_zone(zone))));
    }
    for &day in &year {
        let clock = timeline.clock(day, &|_| vec![profile(zone)]);
        for instant in worn(day, 0..24, in_zone(zone)) {
            let reading = clock.of_file(day, instant);
            let offset = reading.rule.utc_offset(instant);
            assert_eq!(offset, zone.utc_offset(instant), "{day}");
        }
    }
    assert_eq!(
        noon(&mut timeline, day("2016-07-01"), &[profile(zone)]),
        ("Australia/Melbourne".to_owned(), Evidence::Files)
    );
    // The day on which the clock is set forward has 23 hours: two offsets fit, the zone knows the moment.
    assert_eq!(
        noon(&mut timeline, day("2016-10-02"), &[profile(zone)]),
        ("Australia/Melbourne".to_owned(), Evidence::Profile)
    );
}

#[test]
fn without_a_profile_the_files_prove_fixed_offsets() {
    let zone = Tz::of("Australia/Melbourne");
    let mut timeline = Timeline::default();
    for day in days("2016-09-20", 30) {
        timeline.add(DayBounds::read(day, &worn(day, 0..24, in_zone(zone))));
    }
    let mut shown = |text| noon(&mut timeline, day(text), &[machine(Tz::UTC)]);
    assert_eq!(shown("2016-09-25"), ("+10:00".to_owned(), Evidence::Files));
    assert_eq!(shown("2016-10-10"), ("+11:00".to_owned(), Evidence::Files));
    let (rule, evidence) = shown("2016-10-02");
    assert!(rule == "+10:00" || rule == "+11:00", "{rule}");
    assert_eq!(evidence, Evidence::Neighbours);
}

#[test]
fn a_traveller_is_followed_and_the_profile_overruled() {
    // At home in Melbourne, three weeks in Denver, the profile still in Melbourne.
    let (home, abroad) = (
        in_zone(Tz::of("Australia/Melbourne")),
        in_zone(Tz::of("America/Denver")),
    );
    let mut timeline = Timeline::default();
    for (at, day) in days("2016-06-01", 60).into_iter().enumerate() {
        let instants = if (20..41).contains(&at) {
            worn(day, 0..24, abroad)
        } else {
            worn(day, 0..24, home)
        };
        timeline.add(DayBounds::read(day, &instants));
    }
    let known = [profile(Tz::of("Australia/Melbourne"))];
    let mut shown = |text| noon(&mut timeline, day(text), &known);
    assert_eq!(shown("2016-06-10").0, "Australia/Melbourne");
    assert_eq!(shown("2016-06-30"), ("-06:00".to_owned(), Evidence::Files));
    assert_eq!(shown("2016-07-20").0, "Australia/Melbourne");
}

#[test]
fn a_profile_that_never_fits_does_not_win_by_loose_days() {
    // Lives in Chicago, takes the band off at night; every tenth day is worn whole. The profile says Viet Nam.
    let chicago = in_zone(Tz::of("America/Chicago"));
    let mut timeline = Timeline::default();
    let all = days("2023-01-01", 60);
    for (at, &day) in all.iter().enumerate() {
        let hours = match at % 10 {
            0 => 0..24,
            // An hour in the afternoon: fits nearly every zone.
            3 => 15..16,
            _ => 7..22,
        };
        timeline.add(DayBounds::read(day, &worn(day, hours, chicago)));
    }
    let known = [profile(Tz::of("Asia/Ho_Chi_Minh")), machine(Tz::UTC)];
    for day in &all[10..50] {
        let (rule, _) = noon(&mut timeline, *day, &known);
        assert_eq!(rule, "-06:00", "{day}");
    }
}

#[test]
fn a_device_that_lags_behind_the_change_is_believed() {
    // The clock changed on 2 October, the device learnt it on the 6th.
    let zone = Tz::of("Australia/Melbourne");
    let mut timeline = Timeline::default();
    for day in days("2016-09-25", 20) {
        let lags = day < NaiveDate::from_ymd_opt(2016, 10, 6).expect("a date");
        let clock = move |instant| {
            if lags {
                36_000
            } else {
                zone.utc_offset(instant)
            }
        };
        timeline.add(DayBounds::read(day, &worn(day, 0..24, clock)));
    }
    let mut shown = |text| noon(&mut timeline, day(text), &[profile(zone)]).0;
    assert_eq!(shown("2016-10-04"), "+10:00");
    assert_eq!(shown("2016-10-07"), "Australia/Melbourne");
}

#[test]
fn nights_state_what_loose_days_leave_open() {
    let tokyo = |_| 9 * 3600;
    let mut timeline = Timeline::default();
    for day in days("2024-05-01", 5) {
        timeline.add(DayBounds::read(day, &worn(day, 9..20, tokyo)));
    }
    let known = [profile(Tz::of("Asia/Kolkata"))];
    let third = day("2024-05-03");
    assert_eq!(
        noon(&mut timeline, third, &known),
        ("Asia/Kolkata".to_owned(), Evidence::Profile)
    );
    let mut timeline = Timeline::default();
    for day in days("2024-05-01", 5) {
        timeline.add(DayBounds::read(day, &worn(day, 9..20, tokyo)));
    }
    let night = midnight(third) - 10 * HOUR;
    timeline.state(Span {
        first: night,
        last: night,
        utc_offset: 9 * 3600,
        evidence: Evidence::Sleeps,
    });
    assert_eq!(
        noon(&mut timeline, third, &known),
        ("+09:00".to_owned(), Evidence::Sleeps)
    );
}

#[test]
fn instants_of_the_csv_alone_take_the_offset_around_them() {
    let abroad = |_| -7 * 3600;
    let mut timeline = Timeline::default();
    let first = day("2024-05-10");
    for day in [first, first + chrono::Days::new(3)] {
        timeline.add(DayBounds::read(day, &worn(day, 0..24, abroad)));
    }
    let known = [profile(Tz::of("Europe/Berlin"))];
    let mut at = |day: NaiveDate| {
        let clock = timeline.clock(day, &|_| known.to_vec());
        let reading = clock.of_instant(midnight(day) + 20 * HOUR);
        (reading.rule.to_string(), reading.evidence)
    };
    let carried = ("-07:00".to_owned(), Evidence::Neighbours);
    let home = ("Europe/Berlin".to_owned(), Evidence::Profile);
    assert_eq!(at(day("2024-05-11")), carried);
    assert_eq!(at(day("2024-05-20")), carried);
    assert_eq!(at(day("2024-06-20")), home);
    assert_eq!(at(day("2024-05-08")), carried);
    assert_eq!(at(day("2024-05-01")), home);
}

#[test]
fn between_two_offsets_of_one_zone_the_zone_knows_the_moment() {
    // JSON on both sides of the change, CSV alone in between.
    let zone = Tz::of("Europe/Berlin");
    let lived = || {
        let mut timeline = Timeline::default();
        for text in ["2024-03-29", "2024-04-02"] {
            let instants = worn(day(text), 0..24, in_zone(zone));
            timeline.add(DayBounds::read(day(text), &instants));
        }
        timeline
    };
    let change = midnight(day("2024-03-31")) + HOUR;
    let clock = lived().clock(day("2024-03-31"), &|_| vec![machine(zone)]);
    for instant in [change - 1000, change, change + HOUR] {
        let reading = clock.of_instant(instant);
        assert_eq!(reading.rule.utc_offset(instant), zone.utc_offset(instant));
    }
    // Without a zone: the earlier offset, as long as nothing shows the later one.
    let clock = lived().clock(day("2024-03-31"), &|_| vec![]);
    assert_eq!(clock.of_instant(change).rule.to_string(), "+01:00");
}

#[test]
fn nothing_known_is_utc_and_says_so() {
    let mut timeline = Timeline::default();
    let clock = timeline.clock(day("2024-05-01"), &|_| vec![]);
    let reading = clock.of_instant(midnight(day("2024-05-01")));
    assert_eq!(
        (reading.rule.to_string(), reading.evidence),
        ("+00:00".to_owned(), Evidence::Nothing)
    );
    assert_eq!(reading.until, i64::MAX);
}

#[test]
fn an_answer_holds_until_it_says() {
    let mut timeline = Timeline::default();
    for day in [day("2024-05-10"), day("2024-05-14")] {
        timeline.add(DayBounds::read(day, &worn(day, 0..24, |_| 3600)));
        timeline.state(Span {
            first: midnight(day) + 30 * HOUR,
            last: midnight(day) + 31 * HOUR,
            utc_offset: 7200,
            evidence: Evidence::Live,
        });
    }
    for known in [
        vec![],
        vec![profile(Tz::of("Europe/Berlin"))],
        vec![machine(Tz::UTC)],
    ] {
        for middle in days("2024-05-01", 40) {
            let clock = timeline.clock(middle, &|_| known.clone());
            let mut said: Option<Reading> = None;
            let from = midnight(middle) - 14 * HOUR;
            for instant in (from..from + 52 * HOUR).step_by(600_000) {
                let fresh = clock.of_instant(instant);
                assert!(fresh.until >= instant);
                match said.filter(|said| instant <= said.until) {
                    Some(said) => assert_eq!(said.rule, fresh.rule, "{instant} {said:?} {fresh:?}"),
                    None => said = Some(fresh),
                }
            }
        }
    }
}

#[test]
fn a_sorted_file_of_a_day_with_two_offsets_follows_the_zone_if_it_fits() {
    let zone = Tz::of("America/Chicago");
    let autumn = day("2024-11-03");
    let start = midnight(autumn) + 5 * HOUR;
    let instants: Vec<i64> = (0..25 * 60).map(|n| start + n * 60_000).collect();
    let read = |known: &[Candidate]| {
        let mut timeline = Timeline::default();
        timeline.add(DayBounds::read(autumn, &instants));
        let clock = timeline.clock(autumn, &|_| known.to_vec());
        let offset = |instant| clock.of_file(autumn, instant).rule.utc_offset(instant);
        for &instant in &instants {
            assert_eq!(date(instant + i64::from(offset(instant)) * 1000), autumn);
        }
        [
            start,
            start + 2 * HOUR - 1000,
            start + 2 * HOUR,
            start + 24 * HOUR,
        ]
        .map(|i| offset(i) / 3600)
    };
    assert_eq!(read(&[profile(zone)]), [-5, -5, -6, -6]);
    assert_eq!(read(&[]), [-5, -5, -5, -6]);
}

#[test]
fn a_file_that_fits_no_clock_is_left_to_its_surroundings() {
    let odd = day("2024-05-10");
    let mut timeline = Timeline::default();
    let four_days: Vec<i64> = (0..96)
        .map(|n| midnight(odd) - 48 * HOUR + n * HOUR)
        .collect();
    timeline.add(DayBounds::read(odd, &four_days));
    let clock = timeline.clock(odd, &|_| vec![profile(Tz::of("Europe/Berlin"))]);
    assert_eq!(clock.pieces_of(odd).count(), 0);
    let reading = clock.of_file(odd, midnight(odd));
    assert_eq!(reading.rule, Rule::Zone(Tz::of("Europe/Berlin")));
}

#[test]
fn what_is_forgotten_is_not_asked_for_again() {
    let zone = in_zone(Tz::of("Europe/Berlin"));
    let all = days("2023-01-01", 400);
    let mut whole = Timeline::default();
    let mut forgetful = Timeline::default();
    for &day in &all {
        let day_bounds = DayBounds::read(day, &worn(day, 7..22, zone));
        whole.add(day_bounds.clone());
        forgetful.add(day_bounds);
    }
    for &day in &all {
        forgetful.forget_before(day);
        let known = [machine(Tz::UTC)];
        assert_eq!(
            noon(&mut whole, day, &known),
            noon(&mut forgetful, day, &known)
        );
    }
}
