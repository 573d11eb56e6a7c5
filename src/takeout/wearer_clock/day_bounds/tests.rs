//! What made-up files prove.

use super::*;
use crate::takeout::wearer_clock::offset_text;

const HOUR: i64 = 3_600_000;

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2016, 1, 16).expect("a date")
}

/// What Fitbit's export makes of instants and their offsets: in the order of the clock, one a second, the later
/// instant over the earlier one.
fn file(samples: impl IntoIterator<Item = (i64, i64)>) -> Vec<i64> {
    let by_clock: BTreeMap<i64, i64> = samples
        .into_iter()
        .map(|(instant, offset)| (instant + offset, instant))
        .collect();
    by_clock.into_values().collect()
}

/// Every `step` seconds from `from` to `to` hours of the day's clock, at an offset in hours.
fn worn(from: i64, to: i64, offset: i64, step: i64) -> impl Iterator<Item = (i64, i64)> {
    let start = midnight(day()) - offset * HOUR;
    (from * HOUR..to * HOUR)
        .step_by(usize::try_from(step * 1000).expect("small"))
        .map(move |at| (start + at, offset * HOUR))
}

fn shown(day_bounds: &DayBounds) -> Vec<Vec<String>> {
    let list = |s: &Stretch| s.offsets.iter().map(offset_text).collect();
    day_bounds.stretches.iter().map(list).collect()
}

#[test]
fn a_full_day_pins_its_offset() {
    for offset in [-10, -5, 0, 1, 11, 13] {
        let day_bounds = DayBounds::read(day(), &file(worn(0, 24, offset, 7)));
        let expected = i32::try_from(offset * 3600).expect("small");
        assert_eq!(day_bounds.stretches[0].offsets.only(), Some(expected));
        assert_eq!(day_bounds.stretches.len(), 1);
    }
}

#[test]
fn a_day_without_nights_leaves_a_range() {
    let day_bounds = DayBounds::read(day(), &file(worn(7, 22, -5, 7)));
    let offsets = day_bounds.stretches[0].offsets;
    let list: Vec<_> = offsets.iter().collect();
    assert_eq!(list.first(), Some(&(-12 * 3600)));
    assert_eq!(
        list.last(),
        Some(&(-3 * 3600)),
        "22:00 may become 24:00, not more"
    );
    assert!(DayBounds::read(day(), &[]).stretches.is_empty());
}

#[test]
fn the_repeated_hour_of_autumn_proves_the_moment_and_both_offsets() {
    // 25 hours of the clock: 00:00 to 02:00 at -5, then 01:00 to 24:00 at -6, every other second taken.
    let summer = worn(0, 2, -5, 3);
    let winter = worn(1, 24, -6, 2);
    let instants = file(summer.chain(winter));
    assert!(!instants.is_sorted());
    let day_bounds = DayBounds::read(day(), &instants);
    assert_eq!(shown(&day_bounds), [["-05:00"], ["-06:00"]]);
    let change = midnight(day()) + 7 * HOUR;
    assert!(day_bounds.stretches[0].last < change && change - day_bounds.stretches[0].last <= 6000);
    assert_eq!(day_bounds.stretches[1].first, change);
}

#[test]
fn a_repeated_hour_whose_first_pass_is_lost_whole_is_found_by_its_gap() {
    // Both passes on the same seconds: not one record of the first is left.
    let instants = file(worn(0, 2, -5, 5).chain(worn(1, 24, -6, 5)));
    assert!(instants.is_sorted());
    let day_bounds = DayBounds::read(day(), &instants);
    assert_eq!(shown(&day_bounds), [["-05:00"], ["-06:00"]]);
    assert_eq!(day_bounds.stretches[1].first, midnight(day()) + 7 * HOUR);
}

#[test]
fn a_flight_over_the_date_line_is_one_file_of_42_hours() {
    // Melbourne until 19:00, then Denver from 08:00 of the same day on.
    let instants = file(worn(0, 19, 11, 7).chain(worn(8, 24, -7, 5)));
    let span = instants.iter().max().expect("some") - instants.iter().min().expect("some");
    assert_eq!(span / HOUR, 41);
    let day_bounds = DayBounds::read(day(), &instants);
    assert_eq!(shown(&day_bounds), [["+11:00"], ["-07:00"]]);
}

#[test]
fn a_flight_to_the_west_without_nights_is_bounded_by_how_the_records_interleave() {
    // 09:00 to 15:00 at +1, then 12:00 to 21:00 at -5: the bounds alone would allow one offset for all of it.
    let instants = file(worn(9, 15, 1, 7).chain(worn(12, 21, -5, 5)));
    let day_bounds = DayBounds::read(day(), &instants);
    assert_eq!(day_bounds.stretches.len(), 2);
    for mine in day_bounds.stretches[0].offsets.iter() {
        let left = day_bounds.left_for(1, |other| (other == 0).then_some(mine));
        assert_eq!(left.iter().collect::<Vec<_>>(), [mine - 6 * 3600]);
    }
}

#[test]
fn three_zones_in_a_day_are_told_apart() {
    let instants = file(
        worn(0, 12, 10, 7)
            .chain(worn(6, 16, 3, 5))
            .chain(worn(11, 24, -4, 6)),
    );
    let day_bounds = DayBounds::read(day(), &instants);
    assert_eq!(shown(&day_bounds), [["+10:00"], ["+03:00"], ["-04:00"]]);
}

#[test]
fn a_file_in_no_order_is_bounded_by_its_ends_alone() {
    let mut instants = file(worn(0, 24, 2, 60));
    instants.reverse();
    let day_bounds = DayBounds::read(day(), &instants);
    assert_eq!(shown(&day_bounds), [["+02:00"]]);
    // Sorted by instant, as no export is: that the clock was set shows, when it was does not.
    let mut instants: Vec<_> = worn(0, 2, -5, 60)
        .chain(worn(1, 24, -6, 60))
        .map(|s| s.0)
        .collect();
    instants.sort_unstable();
    let day_bounds = DayBounds::read(day(), &instants);
    assert_eq!(day_bounds.stretches.len(), 1);
    assert!(day_bounds.stretches[0].offsets.is_empty());
}

#[test]
fn two_exports_of_one_day_prove_more_than_each() {
    let all = file(worn(0, 24, -5, 60));
    let (early, late) = all.split_at(600);
    let mut day_bounds = DayBounds::read(day(), early);
    assert_eq!(day_bounds.stretches[0].offsets.only(), None);
    day_bounds.join(DayBounds::read(day(), late));
    assert_eq!(day_bounds, DayBounds::read(day(), &all));

    // The first export was made before the flight, the second after it.
    let before: Vec<_> = worn(0, 10, 11, 7).collect();
    let whole = file(
        before
            .iter()
            .copied()
            .chain(worn(12, 19, 11, 7))
            .chain(worn(8, 24, -7, 5)),
    );
    for turned in [false, true] {
        let mut joined_bounds = [
            DayBounds::read(day(), &file(before.clone())),
            DayBounds::read(day(), &whole),
        ];
        if turned {
            joined_bounds.reverse();
        }
        let [mut first, second] = joined_bounds;
        first.join(second);
        assert_eq!(shown(&first), [["+11:00"], ["-07:00"]]);
    }
}

#[test]
fn instants_without_a_place_widen_the_ends() {
    let mut day_bounds = DayBounds::read(day(), &file(worn(1, 23, -5, 60)));
    let start = midnight(day()) + 5 * HOUR;
    day_bounds.extend(&[start, start + 24 * HOUR - 1000, start + 12 * HOUR]);
    assert_eq!(shown(&day_bounds), [["-05:00"]]);
}
