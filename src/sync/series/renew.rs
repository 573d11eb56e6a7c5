//! What the archive holds of some days after a new answer about them. Pure.
//!
//! A complete answer about a day takes the place of what the same service had said of it: spans are cut anew and weighings moved,
//! and whoever kept both would count twice. One that is not complete, or has nothing or less than half of what there was (a
//! fault, or data that the service no longer keeps), takes away only what it says anew.

use crate::archive::{DayRanges, Table, merge::shape, table};
use crate::day::Provider;
use crate::extract::{Definition, Rows, Shape};
use chrono::NaiveDate;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// An answer about some days.
#[derive(Debug, Clone)]
pub struct Fresh {
    /// The days that were asked for.
    pub days: DayRanges,
    /// Its rows of these days, and what is known of them.
    pub table: Table,
    /// Every point of it could be read.
    pub is_complete: bool,
    /// Who answered.
    pub provider: Provider,
}

/// The file with the answer in it.
#[must_use]
pub fn renewed(definition: &Definition, stored: Option<Table>, fresh: &Fresh) -> Table {
    let labels = definition.labels();
    let mut stored = stored.unwrap_or_else(|| Table::none(fresh.table.rows.columns()));
    if !stored.rows.is_empty() {
        stored.rows = stays(definition.shape, &labels, &stored.rows, fresh);
    }
    let mut table = shape::merge(definition.shape, &labels, stored, fresh.table.clone());
    table.meta.settled.remove(&fresh.days);
    table.meta.settled.merge(&fresh.table.meta.settled);
    table
}

/// The stored rows whose place the answer does not take.
fn stays(shape: Shape, labels: &[String], stored: &Rows, fresh: &Fresh) -> Rows {
    let days: Vec<_> = table::civil_days(stored).collect();
    let is_ours: Vec<bool> = by_service(stored, fresh.provider);
    let before = count(
        days.iter()
            .zip(&is_ours)
            .filter_map(|(day, ours)| day.filter(|_| *ours)),
    );
    let now = count(table::civil_days(&fresh.table.rows).flatten());
    let is_whole = |day: &NaiveDate| {
        let of = |counts: &BTreeMap<NaiveDate, u64>| counts.get(day).copied().unwrap_or_default();
        fresh.is_complete && of(&now) > 0 && of(&now) >= of(&before) / 2
    };
    let said: HashSet<About> = abouts(shape, labels, &fresh.table.rows).collect();
    let about: Vec<About> = abouts(shape, labels, stored).collect();
    stored.filter(|row| {
        let (day, ours) = (days.get(*row).copied().flatten(), is_ours.get(*row));
        let Some(day) = day.filter(|day| ours == Some(&true) && fresh.days.contains(*day)) else {
            return true;
        };
        !is_whole(&day) && about.get(*row).is_none_or(|about| !said.contains(about))
    })
}

fn count(days: impl Iterator<Item = NaiveDate>) -> BTreeMap<NaiveDate, u64> {
    let mut counts = BTreeMap::new();
    for day in days {
        *counts.entry(day).or_default() += 1;
    }
    counts
}

/// For each row, whether this service gave it.
#[must_use]
pub fn by_service(rows: &Rows, provider: Provider) -> Vec<bool> {
    let name = |source: &Option<Arc<str>>| {
        let source = source.as_deref().unwrap_or_default();
        source.split('/').next() == Some(provider.name())
    };
    rows.texts("source").iter().map(name).collect()
}

/// What a row is about: its time or its date, and its labels.
type About = (Option<i64>, Vec<Option<Arc<str>>>);

fn abouts<'a>(
    shape: Shape,
    labels: &'a [String],
    rows: &'a Rows,
) -> impl Iterator<Item = About> + 'a {
    let when = match shape {
        Shape::Days => rows.ints("day"),
        Shape::Samples | Shape::Intervals | Shape::Sessions => rows.ints("time"),
    };
    let columns: Vec<_> = labels.iter().map(|label| rows.texts(label)).collect();
    (0..rows.len()).map(move |row| {
        let label = |column: &&[Option<Arc<str>>]| column.get(row).cloned().flatten();
        (
            when.get(row).copied().flatten(),
            columns.iter().map(label).collect(),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::TableMeta;
    use crate::civil;
    use crate::extract::{Catalogue, Value};

    fn day(n: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 6, n).expect("a date")
    }

    /// Resting heart rates by day of June 2026.
    fn table(rows: &[(u32, i64, &str)], settled: &[u32]) -> Table {
        let catalogue = Catalogue::default();
        let definition = catalogue.get("resting_heart_rate").expect("there");
        let mut table = Table::none(&definition.columns());
        for (date, bpm, source) in rows {
            let day = Value::Int(civil::day_number(day(*date)));
            let source = Value::Text(Arc::from(*source));
            table.rows.push([day, Value::Int(*bpm), source]);
        }
        table.meta = TableMeta {
            known: (1..=4).map(day).collect(),
            settled: settled.iter().map(|n| day(*n)).collect(),
            ..TableMeta::default()
        };
        table
    }

    #[test]
    fn a_complete_answer_replaces_what_the_service_had_said() {
        let catalogue = Catalogue::default();
        let definition = catalogue.get("resting_heart_rate").expect("there");
        let stored = [
            (1, 60, "google"),
            (2, 99, "google"),
            (3, 61, "takeout"),
            (4, 62, "google"),
        ];
        for (is_complete, expected) in [(true, vec![58, 99, 61, 62]), (false, vec![58, 99, 61, 62])]
        {
            let mut fresh = Fresh {
                days: (1..=3).map(day).collect(),
                table: table(&[(1, 58, "google")], &[1]),
                is_complete,
                provider: Provider::Google,
            };
            fresh.table.meta.known = fresh.days.clone();
            let before = table(&stored, &[2, 4]);
            let after = renewed(definition, Some(before), &fresh);
            let bpm: Vec<_> = after.rows.ints("bpm").iter().flatten().copied().collect();
            assert_eq!(bpm, expected);
            assert_eq!(after.meta.settled, [day(1), day(4)].into_iter().collect());
            let again = renewed(definition, Some(after.clone()), &fresh);
            assert_eq!(again, after, "the same answer changes nothing");
        }
    }

    /// Steps of the minutes of 1 June 2026.
    fn steps(minutes: &[(i64, i64)]) -> Table {
        let catalogue = Catalogue::default();
        let mut table = Table::none(&catalogue.get("steps").expect("there").columns());
        for (minute, count) in minutes {
            let time = Value::Int(civil::day_number(day(1)) * 86_400_000 + minute * 60_000);
            let source = Value::Text(Arc::from("google"));
            let cells = [time.clone(), time.clone(), time, Value::Int(0)];
            table
                .rows
                .push(cells.into_iter().chain([Value::Int(*count), source]));
        }
        table
    }

    proptest::proptest! {
        #[test]
        fn a_day_has_the_sum_of_its_answer_and_an_incomplete_or_empty_one_takes_nothing_away(
            before in proptest::collection::btree_map(0_i64..40, 1_i64..9, 0..20),
            now in proptest::collection::btree_map(0_i64..40, 1_i64..9, 0..20),
            is_complete in proptest::bool::ANY,
        ) {
            let catalogue = Catalogue::default();
            let definition = catalogue.get("steps").expect("there");
            let rows = |all: &BTreeMap<i64, i64>| -> Vec<_> { all.iter().map(|(a, b)| (*a, *b)).collect() };
            let fresh = Fresh {
                days: [day(1)].into_iter().collect(),
                table: steps(&rows(&now)),
                is_complete,
                provider: Provider::Google,
            };
            let after = renewed(definition, Some(steps(&rows(&before))), &fresh);
            let sum = |table: &Table| table.rows.ints("steps").iter().flatten().sum::<i64>();
            let replaces = is_complete && !now.is_empty() && now.len() >= before.len() / 2;
            let mut expected = if replaces { BTreeMap::new() } else { before };
            expected.extend(now);
            proptest::prop_assert_eq!(sum(&after), expected.values().sum::<i64>());
            proptest::prop_assert_eq!(after.rows.len(), expected.len());
            let again = renewed(definition, Some(after.clone()), &fresh);
            proptest::prop_assert_eq!(again, after);
        }
    }
}
