//! To which days of an extract nothing more is to come. Pure.

use crate::archive::{DayRanges, table};
use crate::civil;
use crate::extract::definition::Settles;
use crate::extract::{Definition, Rows, Shape};
use crate::settled::{self, Syncs};
use crate::sync::settle::end_of;
use crate::zone::Tz;
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::{BTreeMap, BTreeSet};

const DAY: i64 = 86_400_000;

/// What decides besides the rows.
#[derive(Debug, Clone)]
pub struct Circumstances {
    /// The account's zone.
    pub zone: Tz,
    /// When each device last synced.
    pub syncs: Syncs,
    /// The present.
    pub now: DateTime<Utc>,
}

/// Which of `days` are settled, given the rows that an answer has of them.
#[must_use]
pub fn settled_days(
    definition: &Definition,
    days: &DayRanges,
    rows: &Rows,
    around: &Circumstances,
) -> DayRanges {
    let (offsets, ends) = (rows.ints("utc_offset"), rows.ints("end_time"));
    let mut clocks: BTreeMap<NaiveDate, BTreeSet<i32>> = BTreeMap::new();
    let mut running = BTreeSet::new();
    for (row, day) in table::civil_days(rows).enumerate() {
        let Some(day) = day else { continue };
        let offset = offsets.get(row).copied().flatten();
        if let Some(offset) = offset.and_then(|offset| i32::try_from(offset).ok()) {
            clocks.entry(day).or_default().insert(offset);
        }
        if definition.shape == Shape::Sessions && ends.get(row).is_none_or(Option::is_none) {
            running.insert(day);
        }
    }
    let is_settled = |day: &NaiveDate| {
        let clocks = clocks.get(day);
        !running.contains(day)
            && has_settled(
                *day,
                clocks.unwrap_or(&BTreeSet::new()),
                definition.settles,
                around,
            )
    };
    days.iter().filter(is_settled).collect()
}

fn has_settled(
    day: NaiveDate,
    clocks: &BTreeSet<i32>,
    settles: Settles,
    around: &Circumstances,
) -> bool {
    // A day that the zone skipped has no window, and nothing is to come.
    let Some(window) = civil::window(day, around.zone) else {
        return true;
    };
    let end = end_of(day, &window, clocks);
    match settles {
        Settles::WithDevices => settled::is_settled(end, around.now, &around.syncs),
        Settles::AfterDays(days) => around.now.timestamp_millis() - end >= i64::from(days) * DAY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::{Catalogue, Value};

    fn settled(name: &str, first: &str, now: &str, rows: Option<[Value; 4]>) -> String {
        let catalogue = Catalogue::default();
        let definition = catalogue.get(name).expect("in the catalogue");
        let mut table = Rows::none(definition.columns());
        if let Some(rows) = rows {
            table.push(rows);
        }
        let days: DayRanges = format!("{first}/2026-03-31").parse().expect("ranges");
        let around = Circumstances {
            zone: Tz::UTC,
            syncs: Syncs::default(),
            now: now.parse().expect("an instant"),
        };
        settled_days(definition, &days, &table, &around).to_string()
    }

    #[test]
    fn values_of_a_day_settle_after_two_weeks_and_sessions_after_a_month() {
        let now = "2026-03-31T12:00:00Z";
        for (name, expected) in [
            ("hrv_daily", "2026-02-20/2026-03-16"),
            ("sleep", "2026-02-20/2026-02-28"),
            ("weight", "2026-02-20/2026-03-28"),
            ("steps", "2026-02-20/2026-03-28"),
        ] {
            assert_eq!(settled(name, "2026-02-20", now, None), expected, "{name}");
        }
        // To the instant.
        assert_eq!(
            settled("hrv_daily", "2026-03-16", "2026-03-30T23:59:59Z", None),
            ""
        );
    }

    #[test]
    fn a_day_on_which_a_session_still_runs_is_not_settled() {
        let date = |text: &str| civil::day_number(text.parse().expect("a date"));
        let started = date("2026-02-21");
        let row = [
            Value::Null,
            Value::Int(started),
            Value::Int(started * DAY),
            Value::Null,
        ];
        assert_eq!(
            settled("sleep", "2026-02-20", "2026-03-31T12:00:00Z", Some(row)),
            "2026-02-20/2026-02-20,2026-02-22/2026-02-28"
        );
    }
}
