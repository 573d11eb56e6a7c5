//! Which cells of a table people and scripts see, and under which names: the fields of CSV, JSON and NDJSON of any series.

use crate::civil;
use crate::day::{clock_text, wall_clock};
use crate::extract::definition::{Field, Segments};
use crate::extract::{Columns, Definition, Rows, Value, civil_day};
use crate::sink::digits;
use std::sync::Arc;

/// What stands in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cell {
    /// `2026-06-01`, the row's civil day.
    Day,
    /// `23:41:30` on the wearer's wall clock.
    Time,
    /// `2026-06-01 23:41:30` on the wearer's wall clock.
    Start,
    /// The same of the end.
    End,
    /// RFC 3339 with `Z`.
    Utc,
    /// `-04:00`.
    Offset,
    /// The column at a place.
    Column(usize),
    /// A field that the table does not have.
    Empty,
}

/// Fields of a table, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    names: Vec<String>,
    cells: Vec<Cell>,
}

impl Shown {
    /// These fields of a series' table; `columns` are those of its rows, which have others at a coarser detail.
    #[must_use]
    pub fn of(definition: &Definition, columns: &Columns, names: &[String]) -> Self {
        Self::new(columns, &definition.values, names)
    }

    /// The fields of segments.
    #[must_use]
    pub fn of_segments(segments: &Segments) -> Self {
        Self::new(
            &segments.columns(),
            &segments.values,
            &segments.default_fields(),
        )
    }

    fn new(columns: &Columns, values: &[Field], names: &[String]) -> Self {
        let place = |name: &str| {
            let shown = values.iter().find(|field| field.shown == name);
            let name = shown.map_or(name, |field| &field.column.name);
            columns.iter().position(|column| column.name == name)
        };
        let cell = |name: &String| match name.as_str() {
            "day" => Cell::Day,
            "time" => Cell::Time,
            "start" => Cell::Start,
            "end" => Cell::End,
            "utc" => Cell::Utc,
            "offset" => Cell::Offset,
            name => place(name).map_or(Cell::Empty, Cell::Column),
        };
        Self {
            cells: names.iter().map(cell).collect(),
            names: names.to_vec(),
        }
    }

    /// The names, in their order.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// What stands in the fields of a row, in their order; stamps are texts.
    pub fn values(&self, rows: &Rows, row: usize) -> impl Iterator<Item = Value> {
        self.cells.iter().map(move |cell| value(*cell, rows, row))
    }
}

fn value(cell: Cell, rows: &Rows, row: usize) -> Value {
    let int = |name| rows.ints(name).get(row).copied().flatten();
    let shown = match cell {
        Cell::Column(place) => return rows.get(row, place),
        Cell::Empty => None,
        Cell::Day => civil_day::of_row(rows, row).map(civil_day::text),
        Cell::Time => int("local_time").map(clock_text),
        Cell::Start => int("local_time").map(stamp),
        Cell::End => local_end(rows, row).map(stamp),
        Cell::Utc => int("time").map(civil::rfc3339),
        Cell::Offset => int("utc_offset").map(offset_text),
    };
    shown.map_or(Value::Null, |text| Value::Text(Arc::from(text)))
}

/// The wall clock at the end; where only the instant is known, by the clock of what begins at it, else by that of the start.
fn local_end(rows: &Rows, row: usize) -> Option<i64> {
    let int = |name, row: usize| rows.ints(name).get(row).copied().flatten();
    int("local_end", row).or_else(|| {
        let end = int("end_time", row)?;
        // Rows ascend.
        let mut later = (row + 1..rows.len()).take_while(|at| int("time", *at) <= Some(end));
        let next = later.find(|at| int("time", *at) == Some(end));
        let at = next.unwrap_or(row);
        Some(end + int("local_time", at)? - int("time", at)?)
    })
}

/// `2026-06-01 23:41:30` of a wall clock in milliseconds.
fn stamp(local_time: i64) -> String {
    wall_clock(local_time)
        .format("%Y-%m-%d %H:%M:%S")
        .to_string()
}

fn offset_text(seconds: i64) -> String {
    let mut text = Vec::new();
    digits::push_offset(&mut text, i32::try_from(seconds).unwrap_or_default());
    String::from_utf8_lossy(&text).into_owned()
}
