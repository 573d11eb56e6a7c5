//! Rows cut to windows: a span with a label has in each what lies in it, all else is in it that begins in it. Pure.

use super::coarser::coarser;
use super::definition::Definition;
use super::row_key::RowKey;
use super::rows::{Rows, Value};
use crate::day::Detail;
use std::ops::Range;
use std::sync::Arc;

/// When a row was, in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct When {
    /// Its first instant, where that is known.
    pub time: Option<i64>,
    /// Its wall clock from its start to its end, by the offset of its start; without length where none is known.
    pub wall_clock: Range<i64>,
}

/// Rows at a detail, cut to windows: spans with a label before they are gathered and their windows after, all else after.
#[must_use]
pub fn at_detail(
    definition: &Definition,
    rows: &Rows,
    detail: Option<Detail>,
    windows: impl Fn(&When) -> Vec<Range<i64>>,
) -> Rows {
    if definition.is_label_span() {
        let parts = cut(definition, rows, &windows);
        return cut(definition, &coarser(definition, &parts, detail), &windows);
    }
    cut(definition, &coarser(definition, rows, detail), &windows)
}

/// What of the rows lies in the windows of the wall clock that each of them is held against.
fn cut(definition: &Definition, rows: &Rows, windows: impl Fn(&When) -> Vec<Range<i64>>) -> Rows {
    let begins_in = |row: &usize| {
        when(rows, *row).is_some_and(|when| {
            let mut windows = windows(&when).into_iter();
            windows.any(|window| window.contains(&when.wall_clock.start))
        })
    };
    if !definition.is_label_span() {
        return rows.filter(begins_in);
    }
    let mut parts = Rows::none(Arc::clone(rows.columns()));
    for row in 0..rows.len() {
        let Some(when) = when(rows, row) else {
            continue;
        };
        let span = &when.wall_clock;
        for window in windows(&when) {
            let start = span.start.max(window.start);
            let end = span.end.min(window.end);
            let is_moment = span.is_empty() && window.contains(&span.start);
            if start < end || is_moment {
                push_part(&mut parts, rows, row, &when, start..end);
            }
        }
    }
    let key = RowKey::new(definition.shape, &definition.labels(), &parts);
    parts.sorted_by(|a, b| key.in_time(&parts, a, b))
}

fn when(rows: &Rows, row: usize) -> Option<When> {
    let cell = |name| rows.ints(name).get(row).copied().flatten();
    let (time, local) = (cell("time"), cell("local_time")?);
    let length = time
        .zip(cell("end_time"))
        .map_or(0, |(start, end)| end - start);
    Some(When {
        time,
        wall_clock: local..local + length.max(0),
    })
}

/// A row, but from when to when it was.
fn push_part(parts: &mut Rows, rows: &Rows, row: usize, when: &When, part: Range<i64>) {
    let ahead = when.time.map(|time| when.wall_clock.start - time);
    let instant = |wall_clock: i64| ahead.map(|ahead| Value::Int(wall_clock - ahead));
    let cells = rows.columns().iter().enumerate().map(|(place, column)| {
        let new = match column.name.as_str() {
            "time" => instant(part.start),
            "end_time" if !when.wall_clock.is_empty() => instant(part.end),
            "local_time" => Some(Value::Int(part.start)),
            _ => None,
        };
        new.unwrap_or_else(|| rows.get(row, place))
    });
    parts.push(cells);
}
