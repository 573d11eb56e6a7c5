//! Rows at a coarser detail, by windows of the wearer's wall clock: the mean of samples, the sum of amounts filed whole by
//! their start, the seconds in each label cut at a window's edge. The two passes of a repeated hour are windows of their own.

use super::columns::{Column, Kind};
use super::definition::{Coarser, Definition};
use super::rows::{Rows, Value};
use crate::day::Detail;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A window, in the order of time: its first instant, how far its wall clock is ahead of UTC, and the labels of its rows.
type Key = (i64, i64, Vec<Option<Arc<str>>>);

/// The rows that a window has, and how long they are in it.
#[derive(Default)]
struct Window {
    rows: Vec<usize>,
    millis: i64,
}

/// Rows of the archive at a detail; as they are, but for their order, if that is not coarser than their own.
///
/// A span with a label that reaches past midnight is partly in a window of the next day: whoever works day by day hands in
/// the rows of the day before as well, and takes the windows of the day.
#[must_use]
pub fn coarser(definition: &Definition, rows: &Rows, detail: Option<Detail>) -> Rows {
    let Some(detail) = detail.filter(|_| definition.is_coarser(detail)) else {
        return rows.clone();
    };
    let length = detail.seconds() * 1000;
    let mut windows: BTreeMap<Key, Window> = BTreeMap::new();
    for row in 0..rows.len() {
        let labels = labels(definition, rows, row);
        for (start, ahead, millis) in pieces(definition, rows, row, length) {
            let key = (start - ahead, ahead, labels.clone());
            let window = windows.entry(key).or_default();
            window.rows.push(row);
            window.millis += millis;
        }
    }
    let columns = definition.columns_at(Some(detail));
    let mut folded = Rows::none(Arc::clone(&columns));
    for (key, window) in &windows {
        let cell = |column: &Column| cell(definition, rows, column, key, window, length);
        folded.push(columns.iter().map(cell));
    }
    folded
}

fn labels(definition: &Definition, rows: &Rows, row: usize) -> Vec<Option<Arc<str>>> {
    let labels = definition.values.iter().filter(|field| field.is_label);
    labels
        .map(|field| rows.texts(&field.column.name).get(row).cloned().flatten())
        .collect()
}

/// The windows that a row is in, each with how long: beginning on the wall clock, distance to UTC, milliseconds.
fn pieces(definition: &Definition, rows: &Rows, row: usize, length: i64) -> Vec<(i64, i64, i64)> {
    let cell = |name| rows.ints(name).get(row).copied().flatten();
    let Some(local) = cell("local_time") else {
        return Vec::new();
    };
    let time = cell("time");
    let ahead = time.map_or_else(
        || cell("utc_offset").unwrap_or(0) * 1000,
        |time| local - time,
    );
    let floor = |wall_clock: i64| wall_clock - wall_clock.rem_euclid(length);
    if definition.coarser != Coarser::Seconds {
        return vec![(floor(local), ahead, 0)];
    }
    let span = time
        .zip(cell("end_time"))
        .map_or(0, |(start, end)| end - start);
    let end = local + span.max(0);
    let mut pieces = Vec::new();
    let mut at = local;
    while at < end {
        let next = (floor(at) + length).min(end);
        pieces.push((floor(at), ahead, next - at));
        at = next;
    }
    pieces
}

fn cell(
    definition: &Definition,
    rows: &Rows,
    column: &Column,
    key: &Key,
    window: &Window,
    length: i64,
) -> Value {
    let (time, ahead, _) = key;
    let has_instants = || {
        window
            .rows
            .iter()
            .all(|row| rows.ints("time").get(*row).copied().flatten().is_some())
    };
    match column.name.as_str() {
        "time" if has_instants() => Value::Int(*time),
        "end_time" if has_instants() => Value::Int(time + length),
        "time" | "end_time" => Value::Null,
        "local_time" => Value::Int(time + ahead),
        "seconds" if definition.coarser == Coarser::Seconds => {
            Value::Int((window.millis + 500) / 1000)
        }
        "source" => source(rows, window),
        _ if !is_amount(definition, column) => shared(rows, column, window),
        _ => amount(definition.coarser, rows, column, window),
    }
}

fn is_amount(definition: &Definition, column: &Column) -> bool {
    let mut values = definition.values.iter();
    let is_number = matches!(column.kind, Kind::Int32 | Kind::Int64 | Kind::Double);
    is_number && values.any(|field| !field.is_label && field.column.name == column.name)
}

/// What all rows of the window say; empty if they differ.
fn shared(rows: &Rows, column: &Column, window: &Window) -> Value {
    let place = rows.place(&column.name).unwrap_or(usize::MAX);
    let mut cells = window.rows.iter().map(|row| rows.get(*row, place));
    let first = cells.next().unwrap_or(Value::Null);
    if cells.all(|cell| cell == first) {
        first
    } else {
        Value::Null
    }
}

/// The source of all rows; of several, the live service's before others, without a device.
fn source(rows: &Rows, window: &Window) -> Value {
    let sources = rows.texts("source");
    let of = |row: &usize| sources.get(*row).cloned().flatten();
    let named: Vec<Arc<str>> = window.rows.iter().filter_map(of).collect();
    match named.iter().min() {
        Some(least) if named.iter().all(|source| source == least) => Value::Text(Arc::clone(least)),
        _ => {
            let providers = named
                .iter()
                .map(|name| name.split('/').next().unwrap_or_default());
            let rank = |name: &&str| (*name != "google", name.to_string());
            let first = providers.min_by_key(rank);
            first.map_or(Value::Null, |name| Value::Text(Arc::from(name)))
        }
    }
}

fn amount(coarser: Coarser, rows: &Rows, column: &Column, window: &Window) -> Value {
    let place = rows.place(&column.name).unwrap_or(usize::MAX);
    let cells = window.rows.iter().map(|row| rows.get(*row, place));
    if column.kind == Kind::Double {
        let doubles = cells.filter_map(|cell| {
            if let Value::Double(value) = cell {
                Some(value)
            } else {
                None
            }
        });
        return double(coarser, doubles.collect());
    }
    let ints = cells.filter_map(|cell| {
        if let Value::Int(value) = cell {
            Some(value)
        } else {
            None
        }
    });
    int(coarser, &ints.collect::<Vec<_>>())
}

/// Added up in the order of their size, so that the order of arrival does not show in the last digit.
fn double(coarser: Coarser, mut values: Vec<f64>) -> Value {
    if values.is_empty() {
        return Value::Null;
    }
    values.sort_by(|a, b| a.partial_cmp(b).unwrap_or(Ordering::Equal));
    let sum: f64 = values.iter().sum();
    #[allow(clippy::cast_precision_loss, reason = "rows of a window are few")]
    let count = values.len() as f64;
    Value::Double(without_noise(if coarser == Coarser::Mean {
        sum / count
    } else {
        sum
    }))
}

/// A computed number without the last binary digits, which say nothing: 16.8 rather than 16.800000000000008.
#[must_use]
pub fn without_noise(computed: f64) -> f64 {
    (computed * 1e9).round() / 1e9
}

/// A mean of whole numbers is rounded half up.
fn int(coarser: Coarser, values: &[i64]) -> Value {
    let (sum, count) = (
        values.iter().sum::<i64>(),
        i64::try_from(values.len()).unwrap_or(i64::MAX),
    );
    match (coarser, count) {
        (_, 0) => Value::Null,
        (Coarser::Mean, _) => Value::Int((2 * sum + count).div_euclid(2 * count)),
        (Coarser::Sum | Coarser::Seconds | Coarser::None, _) => Value::Int(sum),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::Catalogue;
    use proptest::prelude::*;

    const MINUTE: i64 = 60_000;

    /// Rows by start and length in minutes, offset in hours, a number or a label.
    fn rows(name: &str, all: &[(i64, i64, i64, Value)]) -> (Definition, Rows) {
        let catalogue = Catalogue::default();
        let definition = catalogue.get(name).expect("of the catalogue").clone();
        let mut rows = Rows::none(definition.columns());
        let is_span = rows.place("end_time").is_some();
        for (start, length, hours, value) in all {
            let (time, offset) = (start * MINUTE, hours * 3600);
            let end = is_span.then_some(Value::Int(time + length * MINUTE));
            let local = [Value::Int(time + offset * 1000), Value::Int(offset)];
            let around = [Value::Int(time)].into_iter().chain(end).chain(local);
            rows.push(around.chain([value.clone(), Value::Text(Arc::from("google/Band"))]));
        }
        (definition, rows)
    }

    fn folded(name: &str, all: &[(i64, i64, i64, Value)]) -> Rows {
        let (definition, rows) = rows(name, all);
        coarser(&definition, &rows, Some(Detail::Min15))
    }

    fn text(word: &str) -> Value {
        Value::Text(Arc::from(word))
    }

    #[test]
    fn computed_numbers_have_no_binary_noise() {
        let minutes: Vec<_> = (0..15)
            .map(|minute| (minute, 1, 0, Value::Double(1.12)))
            .collect();
        assert_eq!(folded("calories", &minutes).get(0, 4), Value::Double(16.8));
        assert!((without_noise(34.0 - 33.7) - 0.3).abs() < f64::EPSILON);
    }

    #[test]
    fn amounts_are_added_up_whole_by_their_start() {
        let all = [
            (0, 1, 0, Value::Int(5)),
            (14, 90, 0, Value::Int(7)),
            (15, 1, 0, Value::Int(9)),
        ];
        let sums = folded("steps", &all);
        assert_eq!(sums.ints("steps"), [Some(12), Some(9)]);
        assert_eq!(sums.ints("time"), [Some(0), Some(15 * MINUTE)]);
        assert_eq!(
            sums.ints("end_time"),
            [Some(15 * MINUTE), Some(30 * MINUTE)]
        );
        assert_eq!(sums.get(0, 5), text("google/Band"));
    }

    #[test]
    fn labels_are_cut_at_the_edge_and_have_seconds() {
        let all = [
            (10, 10, 0, text("LIGHT")),
            (20, 1, 0, text("PEAK")),
            (21, 2, 0, text("LIGHT")),
        ];
        let seconds = folded("time_in_zone", &all);
        assert_eq!(seconds.ints("seconds"), [Some(300), Some(420), Some(60)]);
        let zones: Vec<_> = seconds
            .texts("zone")
            .iter()
            .flatten()
            .map(|zone| &**zone)
            .collect();
        assert_eq!(zones, ["LIGHT", "LIGHT", "PEAK"]);
        let (definition, rows) = rows("sedentary", &[]);
        let columns = coarser(&definition, &rows, Some(Detail::Min5));
        assert!(columns.place("seconds").is_some());
    }

    #[test]
    fn samples_have_a_mean_and_passes_of_an_hour_stay_apart() {
        let spo2 = |percent| Value::Double(percent);
        let all = [
            (60, 0, 2, spo2(95.0)),
            (61, 0, 2, spo2(96.0)),
            (120, 0, 1, spo2(90.0)),
        ];
        let means = folded("spo2", &all);
        assert_eq!(means.len(), 2, "the same wall clock twice");
        assert_eq!(means.ints("local_time"), [Some(180 * MINUTE); 2]);
        assert_eq!(means.get(0, 3), Value::Double(95.5));
        let heights = folded(
            "height",
            &[(0, 0, 0, Value::Int(1800)), (1, 0, 0, Value::Int(1801))],
        );
        assert_eq!(heights.ints("height_mm"), [Some(1801)]);
    }

    #[test]
    fn its_own_detail_is_as_it_is() {
        let (definition, rows) = rows("steps", &[(0, 1, 0, Value::Int(5))]);
        for detail in [None, Some(Detail::Min1)] {
            assert_eq!(coarser(&definition, &rows, detail), rows);
        }
    }

    proptest! {
        #[test]
        fn sums_and_seconds_are_kept_in_any_order(
            all in proptest::collection::vec((0i64..2000, 1i64..200, -12i64..14, 0i64..500, 0usize..3), 0..40), turn in 0usize..40,
        ) {
            let (mut steps, mut zones): (Vec<_>, Vec<_>) = all.iter().map(|(start, length, hours, count, zone)| (
                (*start, *length, *hours, Value::Int(*count)),
                (*start, *length, *hours, text(["LIGHT", "MODERATE", "PEAK"][*zone])),
            )).unzip();
            let (sums, seconds) = (folded("steps", &steps), folded("time_in_zone", &zones));
            let total = |rows: &Rows, name: &str| rows.ints(name).iter().flatten().sum::<i64>();
            prop_assert_eq!(total(&sums, "steps"), all.iter().map(|row| row.3).sum::<i64>());
            prop_assert_eq!(total(&seconds, "seconds"), all.iter().map(|row| row.1 * 60).sum::<i64>());
            let turn = turn.min(all.len());
            steps.rotate_left(turn);
            zones.rotate_left(turn);
            prop_assert_eq!(folded("steps", &steps), sums);
            prop_assert_eq!(folded("time_in_zone", &zones), seconds);
        }
    }
}
