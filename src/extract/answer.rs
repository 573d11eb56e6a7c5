//! Rows of one answer as they are kept: one for each key of the shape, of sleeps that overlap the longest, ascending.
//! Answers repeat points where pages shift while they are read.

use super::civil_day;
use super::definition::{Definition, Overlaps};
use super::overlap::{self, Span};
use super::row_key::{RowKey, session};
use super::rows::Rows;
use super::shape::Shape;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// The rows that are kept, and the segments of those.
///
/// Which sleep stays depends on those of the neighbouring days: whoever works day by day hands in their rows as well, and
/// takes those [`of_day`].
#[must_use]
pub fn resolved(
    definition: &Definition,
    rows: &Rows,
    segments: Option<&Rows>,
) -> (Rows, Option<Rows>) {
    let mut kept = one_each(definition, rows);
    if definition.overlaps == Overlaps::Longest {
        kept = without_overlaps(&kept, segments);
    }
    let segments = segments.map(|segments| segments_of(&kept, &unique(segments)));
    (kept, segments)
}

/// The rows of one civil day, in days since 1970-01-01.
#[must_use]
pub fn of_day(rows: &Rows, day: i64) -> Rows {
    rows.filter(|row| civil_day::of_row(rows, *row) == Some(day))
}

/// The segments of these sessions.
#[must_use]
pub fn segments_of(sessions: &Rows, segments: &Rows) -> Rows {
    let names: BTreeSet<Arc<str>> = (0..sessions.len())
        .filter_map(|row| session(sessions, row))
        .collect();
    let whose = segments.texts("session");
    segments.filter(|row| {
        let name = whose.get(*row).cloned().flatten();
        name.is_some_and(|name| names.contains(&name))
    })
}

/// Of rows with one key that changed last stays, else the one with the greater cells: their order does not matter.
fn one_each(definition: &Definition, rows: &Rows) -> Rows {
    let key = RowKey::new(definition.shape, &definition.labels(), rows);
    let strength = |a, b| key.updated(rows, a, b).then(key.cells(rows, a, b));
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by(|a, b| key.same(rows, *a, *b).then_with(|| strength(*b, *a)));
    order.dedup_by(|later, kept| key.same(rows, *later, *kept).is_eq());
    order.sort_by(|a, b| key.in_time(rows, *a, *b));
    rows.take(&order)
}

/// Each segment once, in the order of time.
fn unique(segments: &Rows) -> Rows {
    let key = RowKey::new(Shape::Intervals, &[], segments);
    let mut order: Vec<usize> = (0..segments.len()).collect();
    order.sort_by(|a, b| key.in_time(segments, *a, *b));
    order.dedup_by(|a, b| key.cells(segments, *a, *b).is_eq());
    segments.take(&order)
}

fn without_overlaps(rows: &Rows, segments: Option<&Rows>) -> Rows {
    rows.take(&overlap::kept(&spans(rows, segments)))
}

/// From when to when each session is; one that still runs is as long as is known of it.
#[must_use]
pub fn spans<'a>(rows: &'a Rows, segments: Option<&Rows>) -> Vec<Span<'a>> {
    let last_seen = segments.map(last_seen).unwrap_or_default();
    let ids = rows.texts("id");
    let span = |row: usize| {
        let start = int(rows, "time", row).unwrap_or_default();
        let seen = session(rows, row).and_then(|name| last_seen.get(&name).copied());
        let end = int(rows, "end_time", row).or(seen).unwrap_or(start);
        Span {
            id: ids.get(row).and_then(Option::as_deref).unwrap_or_default(),
            start,
            end: end.max(start),
            updated: int(rows, "updated", row),
        }
    };
    (0..rows.len()).map(span).collect()
}

/// Where the last segment of each session ends.
fn last_seen(segments: &Rows) -> HashMap<Arc<str>, i64> {
    let mut last: HashMap<Arc<str>, i64> = HashMap::new();
    for (row, name) in segments.texts("session").iter().enumerate() {
        if let (Some(name), Some(end)) = (name, int(segments, "end_time", row)) {
            let seen = last.entry(Arc::clone(name)).or_insert(end);
            *seen = (*seen).max(end);
        }
    }
    last
}

fn int(rows: &Rows, name: &str, row: usize) -> Option<i64> {
    rows.ints(name).get(row).copied().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::civil;
    use crate::extract::{Catalogue, Value};

    const HOUR: i64 = 3_600_000;
    const DAY: i64 = 24 * HOUR;

    fn text(text: &str) -> Value {
        Value::Text(Arc::from(text))
    }

    /// Sleeps by id, start and end in hours, and when they were updated, each with one stage.
    fn sleeps(all: &[(&str, i64, i64, i64)]) -> (Rows, Rows) {
        let catalogue = Catalogue::default();
        let definition = catalogue.get("sleep").expect("of the catalogue");
        let mut rows = Rows::none(definition.columns());
        let segments = definition.segments.as_ref().expect("stages");
        let mut stages = Rows::none(segments.columns());
        let int = Value::Int;
        for (id, start, end, updated) in all {
            let (start, end) = (start * HOUR, end * HOUR);
            let id = if id.is_empty() { Value::Null } else { text(id) };
            let day = int(civil_day::date(end));
            let before = [
                id.clone(),
                day.clone(),
                int(start),
                int(end),
                int(start),
                int(end),
            ];
            let mut row = before.to_vec();
            row.extend(vec![Value::Null; rows.columns().len() - row.len() - 2]);
            rows.push(row.into_iter().chain([text("google"), int(*updated)]));
            let name = if id == Value::Null {
                text(&civil::rfc3339(start))
            } else {
                id
            };
            stages.push([
                name,
                day,
                int(start),
                int(end),
                int(start),
                Value::Null,
                text("LIGHT"),
            ]);
        }
        (rows, stages)
    }

    fn kept(all: &[(&str, i64, i64, i64)]) -> Vec<(i64, i64)> {
        let catalogue = Catalogue::default();
        let definition = catalogue.get("sleep").expect("of the catalogue");
        let (rows, stages) = sleeps(all);
        let (rows, stages) = resolved(definition, &rows, Some(&stages));
        let stages = stages.expect("stages");
        let hours = |rows: &Rows| {
            let ends = rows.ints("end_time").iter().flatten();
            let spans = rows.ints("time").iter().flatten().zip(ends);
            spans
                .map(|(start, end)| (start / HOUR, end / HOUR))
                .collect::<Vec<_>>()
        };
        assert_eq!(hours(&rows), hours(&stages));
        hours(&rows)
    }

    #[test]
    fn a_session_stays_once_as_it_was_changed_last_and_alone_in_its_time() {
        for (all, expected) in [
            (
                vec![("b", 30, 31, 0), ("a", 22, 30, 0)],
                vec![(22, 30), (30, 31)],
            ),
            (vec![("a", 22, 30, 5), ("a", 22, 30, 5)], vec![(22, 30)]),
            (
                vec![("", 22, 30, 0), ("", 22, 30, 0), ("", 32, 33, 0)],
                vec![(22, 30), (32, 33)],
            ),
            // A night of the day before takes the copy that ends after midnight with it.
            (vec![("a", 14, 23, 0), ("b", 22, 25, 0)], vec![(14, 23)]),
        ] {
            assert_eq!(kept(&all), expected, "{all:?}");
            let turned: Vec<_> = all.iter().rev().copied().collect();
            assert_eq!(kept(&turned), expected, "{turned:?}");
        }
        let (rows, _) = sleeps(&[("a", 22, 30, 0), ("b", 47, 50, 0)]);
        assert_eq!(of_day(&rows, 1).len(), 1);
        assert_eq!(of_day(&rows, DAY).len(), 0);
    }

    #[test]
    fn an_instant_has_one_row_and_a_label_tells_rows_apart() {
        let catalogue = Catalogue::default();
        let steps = catalogue.get("steps").expect("of the catalogue");
        let zones = catalogue.get("zone_minutes").expect("of the catalogue");
        let rows = |definition: &Definition, values: &[(i64, Vec<Value>)]| {
            let mut rows = Rows::none(definition.columns());
            for (time, values) in values {
                let time = Value::Int(*time);
                let before = [time.clone(), Value::Null, time, Value::Null];
                rows.push(before.into_iter().chain(values.clone()));
            }
            resolved(definition, &rows, None).0
        };
        let counts = [(60, 7), (0, 5), (60, 7), (60, 9)];
        let counts = counts.map(|(time, steps)| (time, vec![Value::Int(steps)]));
        assert_eq!(rows(steps, &counts).ints("steps"), [Some(5), Some(9)]);
        let minutes = [("PEAK", 2), ("CARDIO", 2), ("PEAK", 2)];
        let minutes = minutes.map(|(zone, minutes)| (0, vec![text(zone), Value::Int(minutes)]));
        assert_eq!(rows(zones, &minutes).len(), 2);
    }
}
