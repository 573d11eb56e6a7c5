//! Which days of an extract are asked for, and how many of them at once. Pure.

use crate::archive::DayRanges;
use crate::civil::EARLIEST;
use crate::extract::definition::Operation;
use crate::extract::{Definition, Shape};
use crate::sync::plan::wanted;
use chrono::{Days, NaiveDate};
use std::collections::{BTreeSet, VecDeque};
use std::ops::RangeInclusive;
use std::sync::Arc;

/// As many days as there are.
const ALL: i64 = 1_000_000;
/// Sessions are asked for by the year; so are pages of 25 filled best.
const YEAR_DAYS: i64 = 366;
/// Memory is that of so many rows of a dense series, a year of most.
const ROWS_AT_ONCE: i64 = 250_000;
/// Of a thin series a page's worth is asked for at once, however many years that is.
const ROWS_A_PAGE: i64 = 10_000;
/// So many days of minutes fill eighteen pages of roll-ups, one of them with 25 hours included.
const ROLL_UP_DAYS: i64 = 124;
/// Days that are done are asked for again where that is cheaper than another request.
const BRIDGED_DAYS: i64 = 7;
const BRIDGED_THIN_DAYS: i64 = 31;

/// What the archive has of an extract.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// Days that were looked at.
    pub known: DayRanges,
    /// Those of them to which nothing more is to come.
    pub settled: DayRanges,
    /// How many rows there are.
    pub rows: u64,
}

/// Where the days of an extract begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begin {
    /// At the first day of the range.
    Here,
    /// At the first row of an answer about all of history.
    AtFirstRow,
    /// Where a part of the range, looked at from its end, has nothing.
    AfterNothing,
    /// At the first day of the range, or at a row before it: the oldest part goes back to the first day there is.
    HereOrBefore,
}

/// What is going to be asked for of an extract.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Which.
    pub definition: Arc<Definition>,
    /// First and last day that are looked after.
    pub range: RangeInclusive<NaiveDate>,
    /// Where they begin.
    pub begin: Begin,
    /// The days to look at.
    pub days: DayRanges,
    /// The same in parts that are asked for and kept at once, newest first.
    pub parts: VecDeque<DayRanges>,
    /// About how many rows a day has.
    pub rows_a_day: u64,
    /// Days of which devices have brought more, some of them not in range.
    pub due: BTreeSet<NaiveDate>,
    /// Where there is likely nothing before.
    pub likely_from: Option<NaiveDate>,
}

impl Plan {
    /// The plan for a range of days. Those of `again` are looked at whatever the archive says.
    #[must_use]
    pub fn new(
        definition: Arc<Definition>,
        (range, begin): (RangeInclusive<NaiveDate>, Begin),
        known: &Known,
        today: NaiveDate,
        again: &DayRanges,
    ) -> Self {
        let settled = known.known.within(&known.settled);
        let days = wanted(&range, &settled, today, again);
        let usual = u64::from(definition.rows_a_day);
        let rows_a_day = known.rows.checked_div(known.known.days()).unwrap_or(usual);
        let mut parts = parts(&definition, rows_a_day, &days);
        if begin == Begin::HereOrBefore {
            reach_back(&mut parts, *range.start());
        }
        Self {
            parts,
            rows_a_day,
            likely_from: None,
            due: BTreeSet::new(),
            definition,
            range,
            begin,
            days,
        }
    }

    /// The days that are likely to be there at all.
    #[must_use]
    pub fn likely_days(&self) -> DayRanges {
        let mut days = self.days.clone();
        if let Some(before) = self.likely_from.and_then(|first| first.pred_opt())
            && matches!(self.begin, Begin::AtFirstRow | Begin::AfterNothing)
        {
            days.remove_range(&(*self.range.start()..=before));
        }
        days
    }
}

/// Days in parts, newest first: each is one range at the service, as long as memory allows.
fn parts(definition: &Definition, rows_a_day: u64, days: &DayRanges) -> VecDeque<DayRanges> {
    let (longest, bridged) = lengths(definition, rows_a_day);
    let mut parts: VecDeque<DayRanges> = VecDeque::new();
    for range in days.ranges().rev() {
        let (first, mut last) = range.into_inner();
        while first <= last {
            let current = parts.back().and_then(DayRanges::bounds).filter(|hull| {
                (*hull.start() - last).num_days() <= bridged + 1
                    && (*hull.end() - last).num_days() < longest
            });
            let is_joined = current.is_some();
            let end = current.map_or(last, |hull| *hull.end());
            let from = first.max(before(end, longest - 1));
            match parts.back_mut() {
                Some(part) if is_joined => part.insert_range(from..=last),
                _ => parts.push_back(from.iter_days().take_while(|day| *day <= last).collect()),
            }
            let Some(next) = from.pred_opt() else { break };
            last = next;
        }
    }
    parts
}

/// The most days of a part, and the most that are bridged within.
fn lengths(definition: &Definition, rows_a_day: u64) -> (i64, i64) {
    let has_upper = definition
        .filter
        .as_ref()
        .is_some_and(|filter| filter.has_upper);
    let rows_a_day = i64::try_from(rows_a_day).unwrap_or(i64::MAX).max(1);
    match (definition.operation, definition.shape) {
        (Operation::RollUp, _) if definition.dense => (ROLL_UP_DAYS, BRIDGED_DAYS),
        (Operation::RollUp, _) => (YEAR_DAYS, BRIDGED_DAYS),
        // A day's row is small, and what has no upper bound is all sent anyway.
        (_, Shape::Days) => (ALL, ALL),
        _ if !has_upper => (ALL, ALL),
        (_, Shape::Sessions) => (YEAR_DAYS, BRIDGED_THIN_DAYS),
        _ if definition.dense => {
            let most = (ROWS_AT_ONCE / rows_a_day).clamp(31, YEAR_DAYS);
            (most, BRIDGED_DAYS)
        }
        (_, Shape::Samples | Shape::Intervals) => {
            let most = (ROWS_A_PAGE / rows_a_day).max(YEAR_DAYS);
            (most, BRIDGED_THIN_DAYS)
        }
    }
}

/// The oldest part has all days before the first, too, or there is one that has them.
fn reach_back(parts: &mut VecDeque<DayRanges>, first: NaiveDate) {
    if !parts.back().is_some_and(|oldest| oldest.contains(first)) {
        parts.push_back(DayRanges::new());
    }
    if let (Some(oldest), Some(last)) = (parts.back_mut(), first.pred_opt()) {
        oldest.insert_range(EARLIEST..=last);
    }
}

fn before(date: NaiveDate, days: i64) -> NaiveDate {
    date.checked_sub_days(Days::new(days.unsigned_abs()))
        .unwrap_or(NaiveDate::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::civil::day;
    use crate::extract::Catalogue;

    fn ranges(text: &str) -> DayRanges {
        text.parse().expect("ranges")
    }

    fn shown(name: &str, days: &str) -> Vec<String> {
        let catalogue = Catalogue::default();
        let definition = catalogue.get(name).expect("in the catalogue");
        let parts = parts(definition, definition.rows_a_day.into(), &ranges(days));
        parts.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_oldest_part_goes_back_to_the_first_day_there_is() {
        let catalogue = Catalogue::default();
        let sleep = Arc::new(catalogue.get("sleep").expect("in the catalogue").clone());
        let today = day("2026-01-05");
        let plan = |known: &str| {
            let known = Known {
                known: ranges(known),
                settled: ranges(known),
                rows: 0,
            };
            let range = (day("2024-12-01")..=today, Begin::HereOrBefore);
            let plan = Plan::new(Arc::clone(&sleep), range, &known, today, &DayRanges::new());
            assert_eq!(
                plan.days
                    .ranges()
                    .next()
                    .map(|days| *days.start() < *plan.range.start()),
                Some(false)
            );
            plan.parts
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
        };
        assert_eq!(plan(""), ["2025-01-05/2026-01-05", "2007-01-01/2025-01-04"]);
        // All but the last day was done before a run was stopped.
        let stopped = plan("2024-12-01/2026-01-04");
        assert_eq!(stopped, ["2026-01-05/2026-01-05", "2007-01-01/2024-11-30"]);
    }

    #[test]
    fn days_are_asked_for_in_few_requests_newest_first() {
        for (name, days, expected) in [
            (
                "steps",
                "2026-01-01/2026-01-02",
                vec!["2026-01-01/2026-01-02"],
            ),
            (
                "steps",
                "2025-01-01/2026-01-02",
                vec!["2025-01-02/2026-01-02", "2025-01-01/2025-01-01"],
            ),
            // A few days that are done are asked for along with the others; many are not.
            (
                "steps",
                "2026-01-01/2026-01-01,2026-01-05/2026-01-05,2026-02-05/2026-02-05",
                vec![
                    "2026-02-05/2026-02-05",
                    "2026-01-01/2026-01-01,2026-01-05/2026-01-05",
                ],
            ),
            (
                "calories",
                "2026-01-01/2026-05-05",
                vec!["2026-01-02/2026-05-05", "2026-01-01/2026-01-01"],
            ),
            (
                "sleep",
                "2025-01-01/2026-01-02",
                vec!["2025-01-02/2026-01-02", "2025-01-01/2025-01-01"],
            ),
            // Ten years of weighings are a page.
            (
                "weight",
                "2016-01-01/2026-01-02",
                vec!["2016-01-01/2026-01-02"],
            ),
            (
                "hrv_daily",
                "2007-01-01/2020-01-01,2026-01-01/2026-01-01",
                vec!["2007-01-01/2020-01-01,2026-01-01/2026-01-01"],
            ),
            (
                "ecg",
                "2007-01-01/2020-01-01",
                vec!["2007-01-01/2020-01-01"],
            ),
        ] {
            assert_eq!(shown(name, days), expected, "{name} {days}");
        }
    }
}
