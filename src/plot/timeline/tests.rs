//! Days of 23, 24 and 25 hours, of travel, and of clocks that are not known.

use super::*;
use crate::day::{Detail, Provider};

fn day(date: &str, samples: &[(i64, i32)]) -> Day {
    let date = date.parse().expect("a date");
    let mut day = Day::empty(date, Detail::Sec1, Provider::Demo);
    day.samples = samples
        .iter()
        .map(|&(instant, offset)| Sample::at(instant, offset, 60))
        .collect();
    day
}

/// 2017-11-05 in New York: at 06:00 UTC the clock goes from 02:00 back to 01:00.
fn autumn() -> Day {
    let change = midnight("2017-11-05".parse().expect("a date")) + 6 * HOUR;
    day(
        "2017-11-05",
        &[
            (change - 2_000, -14_400),
            (change + 1_000, -18_000),
            (change + HOUR, -18_000),
        ],
    )
}

#[test]
fn a_repeated_hour_takes_its_own_room() {
    let timeline = Timeline::of(&autumn());
    assert_eq!(timeline.length(), 25 * HOUR);
    assert_eq!(timeline.changes(), [(2 * HOUR, -HOUR)]);
    let xs: Vec<_> = autumn()
        .samples
        .iter()
        .map(|s| timeline.elapsed(s))
        .collect();
    assert_eq!(xs, [2 * HOUR - 2_000, 2 * HOUR + 1_000, 3 * HOUR]);
    let hours: Vec<_> = timeline
        .ticks(HOUR)
        .iter()
        .map(|tick| tick.clock / HOUR)
        .collect();
    assert_eq!(&hours[..4], [0, 1, 1, 2]);
    assert_eq!(hours.last(), Some(&24));
}

#[test]
fn a_skipped_hour_takes_no_room() {
    let change = midnight("2017-03-12".parse().expect("a date")) + 7 * HOUR;
    let spring = day(
        "2017-03-12",
        &[(change - 1_000, -18_000), (change + 5_000, -14_400)],
    );
    let timeline = Timeline::of(&spring);
    assert_eq!(timeline.length(), 23 * HOUR);
    assert_eq!(timeline.changes(), [(2 * HOUR, HOUR)]);
    let hours: Vec<_> = timeline
        .marks()
        .iter()
        .map(|t| (t.x / HOUR, t.clock / HOUR))
        .collect();
    assert_eq!(hours[..3], [(0, 0), (2, 3), (5, 6)]);
}

#[test]
fn a_window_has_closer_marks_and_both_passes_of_an_hour() {
    let between = |from: &str, to: &str| {
        let time = |text: &str| text.parse().expect("a time");
        Between::of(time(from), time(to)).expect("a window")
    };
    let marks = |timeline: &Timeline| -> Vec<String> {
        timeline.marks().iter().map(ToString::to_string).collect()
    };
    let plain = Timeline::plain("2017-06-01".parse().expect("a date"));
    let evening = plain.window(between("18:05", "18:52"));
    assert_eq!(evening.length(), 47 * MINUTE);
    assert_eq!(
        marks(&evening),
        ["18:10", "18:20", "18:30", "18:40", "18:50"]
    );
    assert_eq!(
        evening.local_time(0),
        plain.midnight + 18 * HOUR + 5 * MINUTE
    );
    let whole = Timeline::of(&autumn());
    let night = whole.window(between("00:30", "01:30"));
    assert_eq!(night.length(), 2 * HOUR);
    assert_eq!(night.changes(), [(HOUR + HOUR / 2, -HOUR)]);
    let first = &autumn().samples[0];
    assert_eq!(night.elapsed(first), whole.elapsed(first) - HOUR / 2);
    assert_eq!(whole.window(between("00:00", "24:00")), whole);
}

#[test]
fn the_axis_leads_back_to_the_samples_own_clock() {
    for day in [autumn(), day("2017-06-01", &[(1_496_300_000_000, 7_200)])] {
        let timeline = Timeline::of(&day);
        for sample in &day.samples {
            let x = timeline.elapsed(sample);
            assert_eq!(timeline.local_time(x), sample.local_time);
        }
    }
}

#[test]
fn without_instants_a_day_has_24_hours_of_wall_clock() {
    let mut plain = day("2017-06-01", &[]);
    let noon = midnight(plain.date) + 12 * HOUR;
    plain.samples = vec![Sample {
        instant: None,
        utc_offset: None,
        ..Sample::at(noon, 0, 60)
    }];
    let timeline = Timeline::of(&plain);
    assert_eq!(timeline.length(), 24 * HOUR);
    assert_eq!(timeline.elapsed(&plain.samples[0]), 12 * HOUR);
}

#[test]
fn travel_shifts_the_rest_of_the_day() {
    // From New York to London, not worn on the way.
    let start = midnight("2017-06-01".parse().expect("a date")) + 4 * HOUR;
    let flight = day(
        "2017-06-01",
        &[
            (start + 8 * HOUR, -14_400),
            (start + 14 * HOUR + 60_000, 3_600),
        ],
    );
    let timeline = Timeline::of(&flight);
    assert_eq!(timeline.length(), 19 * HOUR);
    assert_eq!(timeline.changes(), [(14 * HOUR, 5 * HOUR)]);
}

#[test]
fn offsets_that_flicker_are_not_travel() {
    let start = midnight("2017-06-01".parse().expect("a date"));
    let samples: Vec<_> = (0..40)
        .map(|i| (start + i * HOUR / 2, if i % 2 == 0 { 0 } else { 3_600 }))
        .collect();
    let timeline = Timeline::of(&day("2017-06-01", &samples));
    assert_eq!(
        (timeline.stretches().len(), timeline.length()),
        (1, 24 * HOUR)
    );
}
