//! What two accounts of one table make together, by its shape: always the same, in whatever order they come.
//!
//! Of rows that are about the same thing (the same instant; the same start and label; the same session; the same date and label)
//! one stays, as a whole: amounts of several sources are never added. It is that of a live service rather than of an export; of a
//! session the one that was updated last. Where that does not decide, the greater cells do, so that the result is the greatest of
//! what was offered: merging is commutative, associative and idempotent. Whoever has a newer answer takes the rows
//! that it replaces out first.

use crate::archive::{Table, TableMeta};
use crate::day::Provider;
use crate::extract::row_key::{RowKey, session};
use crate::extract::{Rows, Shape};
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
    let of = |row: usize| segments.of(row < sessions_of_a, session(&sessions.rows, row));
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
    key: RowKey,
}

impl Pool {
    fn new(shape: Shape, labels: &[String], mut rows: Rows, more: Rows) -> Self {
        rows.append(more);
        Self {
            key: RowKey::new(shape, labels, &rows),
            rows,
        }
    }

    fn same(&self, a: usize, b: usize) -> Ordering {
        self.key.same(&self.rows, a, b)
    }

    /// Which of two rows stays: the greater.
    fn strength(&self, a: usize, b: usize) -> Ordering {
        let sources = self.rows.texts("source");
        let rank = |row: usize| sources.get(row).map(|source| standing(source.as_deref()));
        let updated = self.key.updated(&self.rows, a, b);
        updated
            .then_with(|| rank(a).cmp(&rank(b)))
            .then_with(|| self.key.cells(&self.rows, a, b))
    }

    /// Some of the rows, in the order of time.
    fn taken(&self, mut order: Vec<usize>) -> Rows {
        order.sort_by(|a, b| self.key.in_time(&self.rows, *a, *b));
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
            list.sort_by(|a, b| pool.key.in_time(&pool.rows, *a, *b));
            list.dedup_by(|a, b| pool.key.cells(&pool.rows, *a, *b).is_eq());
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
            .map(|(a, b)| self.pool.key.cells(rows, *a, *b))
            .find(|order| order.is_ne())
            .unwrap_or_else(|| a.len().cmp(&b.len()))
    }

    fn taken(&self, kept: Vec<usize>) -> Rows {
        self.pool.taken(kept)
    }
}

#[cfg(test)]
mod tests;
