//! Rows of a table of typed columns, kept column by column: what is decoded, merged, archived and exported.

use super::columns::{Column, Kind};
use std::cmp::Ordering;
use std::sync::Arc;

/// One cell. Missing is [`Value::Null`], never zero.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Not known, or not there.
    Null,
    /// Of [`Kind::Int32`], [`Kind::Int64`], [`Kind::Instant`], [`Kind::WallClock`] and [`Kind::Date`].
    Int(i64),
    /// Of [`Kind::Double`].
    Double(f64),
    /// Of [`Kind::Boolean`].
    Boolean(bool),
    /// Of [`Kind::Text`].
    Text(Arc<str>),
    /// Of [`Kind::Int32List`].
    List(Arc<[i32]>),
}

impl Value {
    /// The text, if it is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self {
            Some(text)
        } else {
            None
        }
    }
}

/// The cells of one column, one a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Cells {
    /// Of every kind of integer.
    Int(Vec<Option<i64>>),
    /// Of [`Kind::Double`].
    Double(Vec<Option<f64>>),
    /// Of [`Kind::Boolean`].
    Boolean(Vec<Option<bool>>),
    /// Of [`Kind::Text`].
    Text(Vec<Option<Arc<str>>>),
    /// Of [`Kind::Int32List`].
    List(Vec<Option<Arc<[i32]>>>),
}

impl Cells {
    /// No cells yet, of a kind.
    #[must_use]
    pub const fn none(kind: Kind) -> Self {
        match kind {
            Kind::Instant | Kind::WallClock | Kind::Date | Kind::Int32 | Kind::Int64 => {
                Self::Int(Vec::new())
            }
            Kind::Double => Self::Double(Vec::new()),
            Kind::Boolean => Self::Boolean(Vec::new()),
            Kind::Text => Self::Text(Vec::new()),
            Kind::Int32List => Self::List(Vec::new()),
        }
    }

    /// Empty cells alone, of a kind.
    #[must_use]
    pub fn empty(kind: Kind, length: usize) -> Self {
        match Self::none(kind) {
            Self::Int(_) => Self::Int(vec![None; length]),
            Self::Double(_) => Self::Double(vec![None; length]),
            Self::Boolean(_) => Self::Boolean(vec![None; length]),
            Self::Text(_) => Self::Text(vec![None; length]),
            Self::List(_) => Self::List(vec![None; length]),
        }
    }

    /// The order of two cells: empty ones first, then by value. Only a cell that is the same in every bit is equal.
    #[must_use]
    pub fn compare(&self, a: usize, b: usize) -> Ordering {
        match self {
            Self::Int(cells) => cells.get(a).cmp(&cells.get(b)),
            Self::Double(cells) => match (cells.get(a), cells.get(b)) {
                (Some(Some(a)), Some(Some(b))) => a.total_cmp(b),
                (a, b) => a
                    .copied()
                    .flatten()
                    .is_some()
                    .cmp(&b.copied().flatten().is_some()),
            },
            Self::Boolean(cells) => cells.get(a).cmp(&cells.get(b)),
            Self::Text(cells) => cells.get(a).cmp(&cells.get(b)),
            Self::List(cells) => cells.get(a).cmp(&cells.get(b)),
        }
    }

    /// The cell of a row; [`Value::Null`] beyond the last.
    #[must_use]
    pub fn get(&self, row: usize) -> Value {
        fn cell<T: Clone>(cells: &[Option<T>], row: usize, value: fn(T) -> Value) -> Value {
            cells.get(row).cloned().flatten().map_or(Value::Null, value)
        }
        match self {
            Self::Int(cells) => cell(cells, row, Value::Int),
            Self::Double(cells) => cell(cells, row, Value::Double),
            Self::Boolean(cells) => cell(cells, row, Value::Boolean),
            Self::Text(cells) => cell(cells, row, Value::Text),
            Self::List(cells) => cell(cells, row, Value::List),
        }
    }

    /// One cell more; a value of another kind is an empty cell.
    pub fn push(&mut self, value: Value) {
        match (self, value) {
            (Self::Int(cells), Value::Int(value)) => cells.push(Some(value)),
            (Self::Double(cells), Value::Double(value)) => cells.push(Some(value)),
            (Self::Boolean(cells), Value::Boolean(value)) => cells.push(Some(value)),
            (Self::Text(cells), Value::Text(value)) => cells.push(Some(value)),
            (Self::List(cells), Value::List(value)) => cells.push(Some(value)),
            (Self::Int(cells), _) => cells.push(None),
            (Self::Double(cells), _) => cells.push(None),
            (Self::Boolean(cells), _) => cells.push(None),
            (Self::Text(cells), _) => cells.push(None),
            (Self::List(cells), _) => cells.push(None),
        }
    }

    fn take(&self, rows: &[usize]) -> Self {
        fn taken<T: Clone>(cells: &[Option<T>], rows: &[usize]) -> Vec<Option<T>> {
            let cell = |row: &usize| cells.get(*row).cloned().flatten();
            rows.iter().map(cell).collect()
        }
        match self {
            Self::Int(cells) => Self::Int(taken(cells, rows)),
            Self::Double(cells) => Self::Double(taken(cells, rows)),
            Self::Boolean(cells) => Self::Boolean(taken(cells, rows)),
            Self::Text(cells) => Self::Text(taken(cells, rows)),
            Self::List(cells) => Self::List(taken(cells, rows)),
        }
    }

    fn append(&mut self, other: Self) {
        match (self, other) {
            (Self::Int(cells), Self::Int(more)) => cells.extend(more),
            (Self::Double(cells), Self::Double(more)) => cells.extend(more),
            (Self::Boolean(cells), Self::Boolean(more)) => cells.extend(more),
            (Self::Text(cells), Self::Text(more)) => cells.extend(more),
            (Self::List(cells), Self::List(more)) => cells.extend(more),
            (_, other) => debug_assert!(false, "cells of one kind, not {other:?}"),
        }
    }
}

/// The columns of a table, shared by all that holds rows of it.
pub type Columns = Arc<[Column]>;

/// Some rows of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    columns: Columns,
    cells: Vec<Cells>,
    length: usize,
}

impl Rows {
    /// No rows yet.
    #[must_use]
    pub fn none(columns: Columns) -> Self {
        let cells = columns.iter().map(|c| Cells::none(c.kind)).collect();
        Self {
            columns,
            cells,
            length: 0,
        }
    }

    /// Rows from whole columns, all of `length` cells, in the order of `columns`.
    #[must_use]
    pub fn from_cells(columns: Columns, cells: Vec<Cells>, length: usize) -> Self {
        debug_assert_eq!(columns.len(), cells.len(), "cells for every column");
        Self {
            columns,
            cells,
            length,
        }
    }

    /// What the columns are.
    #[must_use]
    pub const fn columns(&self) -> &Columns {
        &self.columns
    }

    /// How many rows there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.length
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The place of a column; `None` if the table has no such column.
    #[must_use]
    pub fn place(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// The cells of the column at a place.
    #[must_use]
    pub fn cells(&self, place: usize) -> Option<&Cells> {
        self.cells.get(place)
    }

    /// The integers of a column (instants, wall clocks and dates among them); empty for a column of another kind.
    #[must_use]
    pub fn ints(&self, name: &str) -> &[Option<i64>] {
        match self.place(name).and_then(|place| self.cells.get(place)) {
            Some(Cells::Int(cells)) => cells,
            _ => &[],
        }
    }

    /// The texts of a column; empty for a column of another kind.
    #[must_use]
    pub fn texts(&self, name: &str) -> &[Option<Arc<str>>] {
        match self.place(name).and_then(|place| self.cells.get(place)) {
            Some(Cells::Text(cells)) => cells,
            _ => &[],
        }
    }

    /// One cell; [`Value::Null`] where there is none.
    #[must_use]
    pub fn get(&self, row: usize, place: usize) -> Value {
        self.cells
            .get(place)
            .map_or(Value::Null, |cells| cells.get(row))
    }

    /// The order of two rows by the columns at some places.
    #[must_use]
    pub fn compare(&self, places: &[usize], a: usize, b: usize) -> Ordering {
        let columns = places.iter().filter_map(|place| self.cells.get(*place));
        columns
            .map(|cells| cells.compare(a, b))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }

    /// One row more, its cells in the order of the columns; what is left out is empty.
    pub fn push(&mut self, row: impl IntoIterator<Item = Value>) {
        let mut row = row.into_iter();
        for cells in &mut self.cells {
            cells.push(row.next().unwrap_or(Value::Null));
        }
        self.length += 1;
    }

    /// The rows at some places, in that order.
    #[must_use]
    pub fn take(&self, rows: &[usize]) -> Self {
        Self {
            columns: Arc::clone(&self.columns),
            cells: self.cells.iter().map(|cells| cells.take(rows)).collect(),
            length: rows.len(),
        }
    }

    /// The rows for which `keeps` holds, by their place.
    #[must_use]
    pub fn filter(&self, keeps: impl FnMut(&usize) -> bool) -> Self {
        let kept: Vec<_> = (0..self.length).filter(keeps).collect();
        if kept.len() == self.length {
            return self.clone();
        }
        self.take(&kept)
    }

    /// The rows in the order of a key; equal ones as they stood.
    #[must_use]
    pub fn sorted_by(&self, compare: impl Fn(usize, usize) -> Ordering) -> Self {
        let mut order: Vec<_> = (0..self.length).collect();
        if order
            .windows(2)
            .all(|pair| matches!(pair, [a, b] if compare(*a, *b) != Ordering::Greater))
        {
            return self.clone();
        }
        order.sort_by(|a, b| compare(*a, *b));
        self.take(&order)
    }

    /// These rows, then those of `other`, which has the same columns.
    pub fn append(&mut self, other: Self) {
        debug_assert_eq!(self.columns, other.columns, "rows of one table");
        for (cells, more) in self.cells.iter_mut().zip(other.cells) {
            cells.append(more);
        }
        self.length += other.length;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Rows {
        let mut rows = Rows::none(Arc::from([
            Column::required("time", Kind::Instant),
            Column::required("steps", Kind::Int32),
            Column::optional("source", Kind::Text),
        ]));
        for (time, steps, source) in [(2, 20, Some("a")), (1, 10, None), (3, 30, Some("b"))] {
            let source = source.map_or(Value::Null, |name| Value::Text(Arc::from(name)));
            rows.push([Value::Int(time), Value::Int(steps), source]);
        }
        rows
    }

    #[test]
    fn rows_are_sorted_filtered_and_joined_whole() {
        let rows = table();
        let times = rows.ints("time").to_vec();
        let mut sorted = rows.sorted_by(|a, b| times[a].cmp(&times[b]));
        assert_eq!(sorted.ints("steps"), [Some(10), Some(20), Some(30)]);
        sorted.append(rows.filter(|row| *row == 0));
        assert_eq!(sorted.len(), 4);
        assert_eq!(sorted.get(3, 2), Value::Text(Arc::from("a")));
        assert_eq!(sorted.get(0, 2), Value::Null);
        assert_eq!(sorted.get(9, 0), Value::Null);
    }

    #[test]
    fn a_value_of_another_kind_is_an_empty_cell() {
        let mut rows = table();
        rows.push([Value::Boolean(true)]);
        assert_eq!(rows.ints("time").last(), Some(&None));
        assert_eq!(rows.len(), 4);
    }
}
