//! Views that join the tables of a database by their definitions: `NAME_joined` has a session with the means of what was measured
//! over its time, `SEGMENTS_joined` the same for each segment, beside what its session says.

use crate::extract::definition::{Field, Segments};
use crate::extract::{Catalogue, Definition, Kind};
use rusqlite::Transaction;
use std::collections::BTreeSet;

/// Makes the views of all sessions that the database has, over the tables that it has by now.
///
/// # Errors
/// Fails when another object has the name of a view.
pub fn renew(transaction: &Transaction<'_>, catalogue: &Catalogue) -> rusqlite::Result<()> {
    let tables = tables(transaction)?;
    let known: Vec<_> = tables
        .iter()
        .filter_map(|name| catalogue.get(name))
        .collect();
    for sessions in &known {
        let Some(segments) = &sessions.segments else {
            continue;
        };
        if is_ours(transaction, sessions)? {
            transaction.execute_batch(&of_sessions(sessions, &means(&known, "s")))?;
            if tables.contains(&segments.table) {
                let means = means(&known, "g");
                transaction.execute_batch(&of_segments(sessions, segments, &means))?;
            }
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

fn of_sessions(sessions: &Definition, means: &str) -> String {
    let name = &sessions.name;
    format!(
        "DROP VIEW IF EXISTS \"{name}_joined\";
CREATE VIEW \"{name}_joined\" AS SELECT s.*{means}
FROM \"{name}\" AS s;"
    )
}

fn of_segments(sessions: &Definition, segments: &Segments, means: &str) -> String {
    let (name, table) = (&sessions.name, &segments.table);
    let of_session = |field: &Field| {
        let column = &field.column.name;
        format!(",\n    s.\"{column}\" AS \"{name}_{column}\"")
    };
    let values: String = sessions.values.iter().map(of_session).collect();
    // A session without an id is called by its start.
    format!(
        "DROP VIEW IF EXISTS \"{table}_joined\";
CREATE VIEW \"{table}_joined\" AS SELECT g.*,
    CAST(round((julianday(g.end_time) - julianday(g.time)) * 86400) AS INTEGER) AS seconds{values}{means}
FROM \"{name}\" AS s JOIN \"{table}\" AS g ON g.session = coalesce(s.id, s.time);"
    )
}

/// The columns with the means over the time of a row: `weight_weight_g` of the column `weight_g` of `weight`.
fn means(known: &[&Definition], row: &str) -> String {
    let measured = known.iter().filter(|series| series.beside_sessions);
    let columns = measured.flat_map(|series| {
        let values = series.values.iter().map(|field| &field.column);
        let numbers = values.filter(|column| {
            column.required && matches!(column.kind, Kind::Int32 | Kind::Int64 | Kind::Double)
        });
        numbers.map(|column| (&series.name, &column.name))
    });
    let mean = |(series, column): (&String, &String)| {
        format!(
            ",\n    (SELECT avg(m.\"{column}\") FROM \"{series}\" AS m
        WHERE m.time >= {row}.time AND m.time < {row}.end_time) AS \"{series}_{column}\""
        )
    };
    columns.map(mean).collect()
}
