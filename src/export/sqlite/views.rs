//! Views that join the tables of a database by its definitions: `NAME_joined` has a session with the means of other series over
//! its time (a night with its heart-rate variability and oxygen saturation), `SEGMENTS_joined` the same for each segment,
//! beside what its session says.

use crate::extract::definition::Segments;
use crate::extract::{Catalogue, Definition, Shape};
use rusqlite::Transaction;
use std::collections::BTreeSet;

/// Makes the views of all sessions that the database has, over the tables that it has by now.
///
/// # Errors
/// Fails when another object has the name of a view.
pub fn renew(transaction: &Transaction<'_>, catalogue: &Catalogue) -> rusqlite::Result<()> {
    let tables = tables(transaction)?;
    let known = tables.iter().filter_map(|name| catalogue.get(name));
    for sessions in known.filter(|definition| definition.shape == Shape::Sessions) {
        if !is_ours(transaction, sessions)? {
            continue;
        }
        transaction.execute_batch(&of_sessions(sessions, &tables))?;
        let segments = sessions.segments.as_ref();
        if let Some(segments) = segments.filter(|segments| tables.contains(&segments.table)) {
            transaction.execute_batch(&of_segments(sessions, segments, &tables))?;
        }
    }
    Ok(())
}

fn tables(transaction: &Transaction<'_>) -> rusqlite::Result<BTreeSet<String>> {
    let mut statement =
        transaction.prepare("SELECT name FROM sqlite_master WHERE type = 'table'")?;
    let names = statement.query_map([], |row| row.get(0))?;
    names.collect()
}

/// A table of that name may be somebody else's.
fn is_ours(transaction: &Transaction<'_>, sessions: &Definition) -> rusqlite::Result<bool> {
    let mut statement = transaction.prepare("SELECT name FROM pragma_table_info(?1)")?;
    let names = statement.query_map([&sessions.name], |row| row.get(0))?;
    let names: BTreeSet<String> = names.collect::<Result<_, _>>()?;
    let columns = sessions.columns();
    Ok(columns.iter().all(|column| names.contains(&column.name)))
}

fn of_sessions(sessions: &Definition, tables: &BTreeSet<String>) -> String {
    let name = &sessions.name;
    let means = means(sessions, tables, "s");
    if means.is_empty() {
        return format!("DROP VIEW IF EXISTS \"{name}_joined\";");
    }
    format!(
        "DROP VIEW IF EXISTS \"{name}_joined\";
CREATE VIEW \"{name}_joined\" AS SELECT s.*{means}
FROM \"{name}\" AS s;"
    )
}

fn of_segments(sessions: &Definition, segments: &Segments, tables: &BTreeSet<String>) -> String {
    let (name, table) = (&sessions.name, &segments.table);
    let of_session = |field: &crate::extract::definition::Field| {
        let column = &field.column.name;
        format!(",\n    s.\"{column}\" AS \"{name}_{column}\"")
    };
    let values: String = sessions.values.iter().map(of_session).collect();
    let means = means(sessions, tables, "g");
    // A session without an id is called by its start.
    format!(
        "DROP VIEW IF EXISTS \"{table}_joined\";
CREATE VIEW \"{table}_joined\" AS SELECT g.*,
    CAST(round((julianday(g.end_time) - julianday(g.time)) * 86400) AS INTEGER) AS seconds{values}{means}
FROM \"{name}\" AS s JOIN \"{table}\" AS g ON g.session = coalesce(s.id, s.time);"
    )
}

/// The columns with the means over the time of a row: `hrv_rmssd_ms` of the column `rmssd_ms` of `hrv`.
fn means(sessions: &Definition, tables: &BTreeSet<String>, row: &str) -> String {
    let there = sessions
        .means
        .iter()
        .filter(|(series, _)| tables.contains(series));
    let mean = |(series, column): &(String, String)| {
        format!(
            ",\n    (SELECT avg(m.\"{column}\") FROM \"{series}\" AS m
        WHERE m.time >= {row}.time AND m.time < {row}.end_time) AS \"{series}_{column}\""
        )
    };
    there.map(mean).collect()
}
