//! What two accounts of one table make together, by its shape: always the same, in whatever order they come.
//!
//! Of rows that are about the same thing (the same instant; the same start and label; the same session; the same date and label)
//! one stays, as a whole: amounts of several sources are never added. It is that of a live service rather than of an export; of a
//! session the one that was updated last. Where that does not decide, the greater cells do, so that the result is the greatest of
//! what was offered: merging is commutative, associative and idempotent. Whoever has a newer answer takes the rows
//! that it replaces out first.

use crate::archive::{Table, TableMeta};
use crate::civil;
use crate::day::Provider;
use crate::extract::{Rows, Shape, Value};
use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

/// What two accounts of a table make together; both have the same columns. `labels` are the columns whose texts tell rows of one
/// time apart.
#[must_use]
pub fn merge(shape: Shape, labels: &[String], a: Table, b: Table) -> Table {
    Table {
        meta: metas(&a.meta, &b.meta),
        rows: rows(shape, labels, a.rows, b.rows),
    }
}

/// The rows of two accounts.
#[must_use]
pub fn rows(shape: Shape, labels: &[String], a: Rows, b: Rows) -> Rows {
    let pool = Pool::new(shape, labels, a, b);
    let mut order: Vec<usize> = (0..pool.rows.len()).collect();
    order.sort_unstable_by(|a, b| pool.same(*a, *b).then_with(|| pool.strength(*b, *a)));
    order.dedup_by(|later, kept| pool.same(*later, *kept).is_eq());
    pool.taken(order)
}

/// Sessions and their segments (`session` names whose they are): those of a session come from the account whose row stays.
#[must_use]
pub fn sessions(a: (Table, Table), b: (Table, Table)) -> (Table, Table) {
    let metas = (metas(&a.0.meta, &b.0.meta), metas(&a.1.meta, &b.1.meta));
    let (sessions_of_a, segments_of_a) = (a.0.rows.len(), a.1.rows.len());
    let sessions = Pool::new(Shape::Sessions, &[], a.0.rows, b.0.rows);
    let segments = Segments::new(a.1.rows, b.1.rows, segments_of_a);
    let of = |row: usize| segments.of(row < sessions_of_a, sessions.session(row));
    let mut order: Vec<usize> = (0..sessions.rows.len()).collect();
    order.sort_by(|a, b| {
        sessions
            .same(*a, *b)
            .then_with(|| sessions.strength(*b, *a))
            .then_with(|| segments.compare(of(*b), of(*a)))
    });
    order.dedup_by(|later, kept| sessions.same(*later, *kept).is_eq());
    let kept: Vec<usize> = order.iter().flat_map(|row| of(*row)).copied().collect();
    let table = |rows, meta| Table { rows, meta };
    (
        table(sessions.taken(order), metas.0),
        table(segments.taken(kept), metas.1),
    )
}

/// What is known of two accounts together.
#[must_use]
pub fn metas(a: &TableMeta, b: &TableMeta) -> TableMeta {
    let mut merged = a.clone();
    merged.providers.extend(&b.providers);
    merged.known.merge(&b.known);
    merged.settled.merge(&b.settled);
    let zones = [&a.timezone, &b.timezone].into_iter().flatten().cloned();
    merged.timezone = zones.max_by_key(|zone| (zone.contains('/'), zone.clone()));
    merged
}

/// The rows of both accounts.
struct Pool {
    rows: Rows,
    /// The columns that say what a row is about.
    key: Vec<usize>,
    /// The column that says when it was changed.
    updated: Vec<usize>,
    /// The columns of time, in which order the rows are kept.
    time: Vec<usize>,
    all: Vec<usize>,
}

impl Pool {
    fn new(shape: Shape, labels: &[String], mut rows: Rows, more: Rows) -> Self {
        rows.append(more);
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
            updated: places(&["updated"]),
            all: (0..rows.columns().len()).collect(),
            key,
            time,
            rows,
        }
    }

    /// Equal for rows about the same thing.
    fn same(&self, a: usize, b: usize) -> Ordering {
        let order = self.rows.compare(&self.key, a, b);
        // Rows that lack what they are about are told apart by their time.
        order.then_with(|| {
            let first = self.key.first().and_then(|place| self.rows.cells(*place));
            match first.map(|cells| cells.get(a)) {
                Some(Value::Null) | None => self.rows.compare(&self.time, a, b),
                Some(_) => Ordering::Equal,
            }
        })
    }

    /// Which of two rows stays: the greater.
    fn strength(&self, a: usize, b: usize) -> Ordering {
        let sources = self.rows.texts("source");
        let rank = |row: usize| sources.get(row).map(|source| standing(source.as_deref()));
        let updated = self.rows.compare(&self.updated, a, b);
        updated
            .then_with(|| rank(a).cmp(&rank(b)))
            .then_with(|| self.rows.compare(&self.all, a, b))
    }

    /// What a session's segments call it: its id, else its start.
    fn session(&self, row: usize) -> Option<Arc<str>> {
        let id = self.rows.texts("id").get(row).cloned().flatten();
        let start = || self.rows.ints("time").get(row).copied().flatten();
        id.or_else(|| start().map(|at| Arc::from(civil::rfc3339(at))))
    }

    /// Some of the rows, in the order of time.
    fn taken(&self, mut order: Vec<usize>) -> Rows {
        order.sort_by(|a, b| {
            let by_time = self.rows.compare(&self.time, *a, *b);
            by_time.then_with(|| self.rows.compare(&self.all, *a, *b))
        });
        self.rows.take(&order)
    }
}

/// Live services before exports, as for heart rate.
fn standing(source: Option<&str>) -> u8 {
    let name = source.map(|source| source.split('/').next().unwrap_or_default());
    match name.and_then(|name| name.parse().ok()) {
        Some(Provider::Google) => 4,
        Some(Provider::Fitbit) => 3,
        Some(Provider::Demo) => 2,
        Some(Provider::Takeout) => 1,
        None => 0,
    }
}

/// The segments of both accounts, by account and session, each list in the order of time.
struct Segments {
    pool: Pool,
    lists: HashMap<(bool, Arc<str>), Vec<usize>>,
}

impl Segments {
    fn new(a: Rows, b: Rows, first_of_b: usize) -> Self {
        let pool = Pool::new(Shape::Intervals, &[], a, b);
        let mut lists: HashMap<(bool, Arc<str>), Vec<usize>> = HashMap::new();
        for (row, session) in pool.rows.texts("session").iter().enumerate() {
            if let Some(session) = session {
                let account = (row < first_of_b, Arc::clone(session));
                lists.entry(account).or_default().push(row);
            }
        }
        for list in lists.values_mut() {
            let in_order = |a: &usize, b: &usize| {
                let by_time = pool.rows.compare(&pool.time, *a, *b);
                by_time.then_with(|| pool.rows.compare(&pool.all, *a, *b))
            };
            list.sort_by(in_order);
            list.dedup_by(|a, b| pool.rows.compare(&pool.all, *a, *b).is_eq());
        }
        Self { pool, lists }
    }

    fn of(&self, in_a: bool, session: Option<Arc<str>>) -> &[usize] {
        let list = session.and_then(|name| self.lists.get(&(in_a, name)));
        list.map_or(&[], Vec::as_slice)
    }

    fn compare(&self, a: &[usize], b: &[usize]) -> Ordering {
        let pairs = a.iter().zip(b);
        let rows = &self.pool.rows;
        pairs
            .map(|(a, b)| rows.compare(&self.pool.all, *a, *b))
            .find(|order| order.is_ne())
            .unwrap_or_else(|| a.len().cmp(&b.len()))
    }

    fn taken(&self, kept: Vec<usize>) -> Rows {
        self.pool.taken(kept)
    }
}

#[cfg(test)]
mod tests;
