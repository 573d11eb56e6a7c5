//! Sets of days as ranges: which days a year's file knows of, and which of them are settled.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// Days, as ranges that neither touch nor overlap, ascending. Its text is `2026-01-01/2026-03-04,2026-03-06/2026-03-06`.
/// In JSON it is a list of those.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Vec<String>", try_from = "Vec<String>")]
pub struct DayRanges(Vec<(NaiveDate, NaiveDate)>);

impl DayRanges {
    /// No day.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Whether there is no day.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many days there are.
    #[must_use]
    pub fn days(&self) -> u64 {
        let length = |(first, last): &(NaiveDate, NaiveDate)| (*last - *first).num_days() + 1;
        self.0.iter().map(length).sum::<i64>().unsigned_abs()
    }

    /// Whether a day is among them.
    #[must_use]
    pub fn contains(&self, date: NaiveDate) -> bool {
        let after = self.0.partition_point(|(first, _)| *first <= date);
        let before = after.checked_sub(1).and_then(|place| self.0.get(place));
        before.is_some_and(|(_, last)| date <= *last)
    }

    /// Adds a day.
    pub fn insert(&mut self, date: NaiveDate) {
        self.insert_range(date..=date);
    }

    /// Adds days; none if the range is empty.
    pub fn insert_range(&mut self, days: RangeInclusive<NaiveDate>) {
        let (mut first, mut last) = days.into_inner();
        if first > last {
            return;
        }
        let from = self
            .0
            .partition_point(|range| touches_before(range.1, first));
        let to = self
            .0
            .partition_point(|range| !touches_before(last, range.0));
        if let Some(joined) = self.0.get(from..to) {
            for range in joined {
                first = first.min(range.0);
                last = last.max(range.1);
            }
            self.0.splice(from..to, [(first, last)]);
        }
    }

    /// Takes days away.
    pub fn remove_range(&mut self, days: &RangeInclusive<NaiveDate>) {
        let kept = self.0.iter().flat_map(|(first, last)| {
            let before = days.start().pred_opt().map(|end| (*first, end.min(*last)));
            let after = days
                .end()
                .succ_opt()
                .map(|start| (start.max(*first), *last));
            [before, after].into_iter().flatten()
        });
        if !days.is_empty() {
            self.0 = kept.filter(|(first, last)| first <= last).collect();
        }
    }

    /// Takes days away.
    pub fn remove(&mut self, others: &Self) {
        others.ranges().for_each(|range| self.remove_range(&range));
    }

    /// Adds all days of others.
    pub fn merge(&mut self, others: &Self) {
        for (first, last) in &others.0 {
            self.insert_range(*first..=*last);
        }
    }

    /// The days that are also in `others`.
    #[must_use]
    pub fn within(&self, others: &Self) -> Self {
        let cut = |(first, last): &(NaiveDate, NaiveDate)| {
            let (first, last) = (*first, *last);
            let overlap =
                move |other: &(NaiveDate, NaiveDate)| (first.max(other.0), last.min(other.1));
            let overlaps = others.0.iter().map(overlap);
            overlaps.filter(|(first, last)| first <= last)
        };
        Self(self.0.iter().flat_map(cut).collect())
    }

    /// The first day.
    #[must_use]
    pub fn first(&self) -> Option<NaiveDate> {
        self.0.first().map(|(first, _)| *first)
    }

    /// From the first day to the last.
    #[must_use]
    pub fn bounds(&self) -> Option<RangeInclusive<NaiveDate>> {
        let (_, last) = self.0.last()?;
        Some(self.first()?..=*last)
    }

    /// The ranges, ascending.
    #[must_use]
    pub fn ranges(&self) -> impl DoubleEndedIterator<Item = RangeInclusive<NaiveDate>> {
        self.0.iter().map(|(first, last)| *first..=*last)
    }

    /// The days, ascending.
    pub fn iter(&self) -> impl Iterator<Item = NaiveDate> {
        let days = |range: RangeInclusive<NaiveDate>| {
            let first = *range.start();
            first.iter_days().take_while(move |day| day <= range.end())
        };
        self.ranges().flat_map(days)
    }
}

/// Whether a range that ends at `last` lies before one that begins at `first`, with a day between them.
fn touches_before(last: NaiveDate, first: NaiveDate) -> bool {
    last.succ_opt().is_some_and(|next| next < first)
}

impl From<RangeInclusive<NaiveDate>> for DayRanges {
    fn from(days: RangeInclusive<NaiveDate>) -> Self {
        let mut ranges = Self::new();
        ranges.insert_range(days);
        ranges
    }
}

impl From<DayRanges> for Vec<String> {
    fn from(days: DayRanges) -> Self {
        let ranges = days.0.iter();
        ranges
            .map(|(first, last)| format!("{first}/{last}"))
            .collect()
    }
}

impl TryFrom<Vec<String>> for DayRanges {
    type Error = String;

    fn try_from(ranges: Vec<String>) -> Result<Self, String> {
        ranges.join(",").parse()
    }
}

impl FromIterator<NaiveDate> for DayRanges {
    fn from_iter<I: IntoIterator<Item = NaiveDate>>(days: I) -> Self {
        let mut ranges = Self::new();
        for day in days {
            ranges.insert(day);
        }
        ranges
    }
}

impl fmt::Display for DayRanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Vec::from(self.clone()).join(","))
    }
}

impl FromStr for DayRanges {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut ranges = Self::new();
        for part in text.split(',').filter(|part| !part.is_empty()) {
            let odd = || format!("'{part}' is no range of days");
            let (first, last) = part.split_once('/').ok_or_else(odd)?;
            let (first, last): (NaiveDate, NaiveDate) = first
                .parse()
                .ok()
                .zip(last.parse().ok())
                .filter(|(first, last)| first <= last)
                .ok_or_else(odd)?;
            ranges.insert_range(first..=last);
        }
        Ok(ranges)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn day(n: u32) -> NaiveDate {
        NaiveDate::from_yo_opt(2026, n + 1).expect("a day of the year")
    }

    fn spans() -> impl Strategy<Value = Vec<(u32, u32)>> {
        proptest::collection::vec((0_u32..60, 0_u32..9), 0..9)
    }

    fn of(spans: &[(u32, u32)]) -> (DayRanges, BTreeSet<NaiveDate>) {
        let (mut ranges, mut set) = (DayRanges::new(), BTreeSet::new());
        for (first, length) in spans {
            ranges.insert_range(day(*first)..=day(first + length));
            set.extend((*first..=first + length).map(day));
        }
        (ranges, set)
    }

    #[test]
    fn a_single_day_is_a_range_too() {
        let mut ranges: DayRanges = [day(0), day(2), day(1), day(4)].into_iter().collect();
        assert_eq!(
            ranges.to_string(),
            "2026-01-01/2026-01-03,2026-01-05/2026-01-05"
        );
        ranges.insert(day(3));
        assert_eq!(ranges.to_string(), "2026-01-01/2026-01-05");
        assert_eq!(DayRanges::new().to_string(), "");
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for text in [
            "2026-01-01",
            "2026-01-02/2026-01-01",
            "2026-02-30/2026-03-01",
            "x/y",
            "2026-01-01/2026-01-02/2026-01-03",
        ] {
            assert!(text.parse::<DayRanges>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn ranges_are_the_set_of_their_days(a in spans(), b in spans(), cut in (0_u32..60, 0_u32..9)) {
            let ((mut ranges, mut set), (others, other_set)) = (of(&a), of(&b));
            prop_assert_eq!(ranges.iter().collect::<BTreeSet<_>>(), set.clone());
            prop_assert_eq!(ranges.days(), set.len() as u64);
            let both: DayRanges = set.intersection(&other_set).copied().collect();
            prop_assert_eq!(ranges.within(&others), both);
            ranges.merge(&others);
            set.extend(&other_set);
            // The same set has one form, in whatever order it came.
            prop_assert_eq!(&ranges, &set.iter().rev().copied().collect::<DayRanges>());
            prop_assert_eq!(ranges.to_string().parse::<DayRanges>(), Ok(ranges.clone()));
            let gone = day(cut.0)..=day(cut.0 + cut.1);
            ranges.remove(&gone.clone().into());
            set.retain(|date| !gone.contains(date));
            prop_assert_eq!(&ranges, &set.iter().copied().collect::<DayRanges>());
            let ends = set.first().zip(set.last());
            prop_assert_eq!(ranges.bounds(), ends.map(|(first, last)| *first..=*last));
            for n in 0..80 {
                prop_assert_eq!(ranges.contains(day(n)), set.contains(&day(n)));
            }
        }
    }
}
