//! Which rows are about the same thing, and in what order rows stand: one rule for an answer, for the archive and for both together.
//!
//! The same instant and label, the same date and label, the same session: the key of the shape. Rows that lack it are told apart
//! by their wall clock.

use super::rows::Rows;
use super::shape::Shape;
use super::{Cells, Definition};
use crate::civil;
use std::cmp::Ordering;
use std::sync::Arc;

/// The places of the columns that the rule needs.
#[derive(Debug, Clone)]
pub struct RowKey {
    key: Vec<usize>,
    time: Vec<usize>,
    updated: Vec<usize>,
    all: Vec<usize>,
}

impl RowKey {
    /// The rule for rows of a shape, of which `labels` are the columns whose texts tell rows of one time apart.
    #[must_use]
    pub fn new(shape: Shape, labels: &[String], rows: &Rows) -> Self {
        let places = |names: &[&str]| -> Vec<usize> {
            names.iter().filter_map(|name| rows.place(name)).collect()
        };
        let time = match shape {
            Shape::Days => places(&["day"]),
            Shape::Samples | Shape::Intervals | Shape::Sessions => places(&["time", "local_time"]),
        };
        let mut key = match shape {
            Shape::Samples | Shape::Intervals | Shape::Days => time.clone(),
            Shape::Sessions => places(&["id"]),
        };
        key.truncate(1);
        key.extend(labels.iter().filter_map(|label| rows.place(label)));
        Self {
            key,
            time,
            updated: places(&["updated"]),
            all: (0..rows.columns().len()).collect(),
        }
    }

    /// Equal for rows about the same thing.
    #[must_use]
    pub fn same(&self, rows: &Rows, a: usize, b: usize) -> Ordering {
        let is_missing = || match self.key.first().and_then(|place| rows.cells(*place)) {
            Some(Cells::Int(cells)) => cells.get(a).copied().flatten().is_none(),
            Some(Cells::Text(cells)) => cells.get(a).is_none_or(Option::is_none),
            _ => true,
        };
        let order = rows.compare(&self.key, a, b);
        order.then_with(|| {
            if is_missing() {
                rows.compare(&self.time, a, b)
            } else {
                Ordering::Equal
            }
        })
    }

    /// The order of two rows by when they were changed last.
    #[must_use]
    pub fn updated(&self, rows: &Rows, a: usize, b: usize) -> Ordering {
        rows.compare(&self.updated, a, b)
    }

    /// The order of two rows by all their cells: what decides where nothing else does.
    #[must_use]
    pub fn cells(&self, rows: &Rows, a: usize, b: usize) -> Ordering {
        rows.compare(&self.all, a, b)
    }

    /// The order in which rows stand.
    #[must_use]
    pub fn in_time(&self, rows: &Rows, a: usize, b: usize) -> Ordering {
        let by_time = rows.compare(&self.time, a, b);
        by_time.then_with(|| self.cells(rows, a, b))
    }
}

impl Definition {
    /// The columns whose texts tell rows of one time apart.
    #[must_use]
    pub fn labels(&self) -> Vec<String> {
        let labels = self.values.iter().filter(|field| field.is_label);
        labels.map(|field| field.column.name.clone()).collect()
    }
}

/// What a session's segments call it: its id, else its start.
#[must_use]
pub fn session(sessions: &Rows, row: usize) -> Option<Arc<str>> {
    let id = sessions.texts("id").get(row).cloned().flatten();
    let start = || sessions.ints("time").get(row).copied().flatten();
    id.or_else(|| start().map(|at| Arc::from(civil::rfc3339(at))))
}
