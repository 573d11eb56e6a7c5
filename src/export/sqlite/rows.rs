//! The table of any series with the archive's columns. Times are text: instants RFC 3339 in UTC, wall clocks the same without
//! a zone, dates as they are; a list is its text in JSON.

use super::base::Base;
use crate::archive::DayRanges;
use crate::export::Error;
use crate::export::days::{Tally, each};
use crate::export::series::{File, Table};
use crate::extract::{Column, Kind, Rows, Value, civil_day};
use crate::progress::Progress;
use crate::sink::digits;
use chrono::NaiveDate;
use rusqlite::{Statement, params_from_iter, types};
use std::ops::ControlFlow;

/// Columns by which rows are looked for.
const INDEXED: [&str; 4] = ["session", "day", "local_time", "time"];

/// Writes the rows.
///
/// # Errors
/// Fails when a file cannot be read or `SQLite` takes no more.
pub fn write(table: &Table, progress: &Progress, base: &Base<'_>) -> Result<Tally, Error> {
    let failed = |error: rusqlite::Error| base.failed(&error);
    let columns = table.columns();
    let name = table.name();
    base.transaction
        .execute_batch(&create(name, &columns))
        .map_err(failed)?;
    // Made after the rows of a new database, which is faster, and before those of an earlier one.
    let indices = indices(name, &columns);
    if base.there {
        base.transaction.execute_batch(&indices).map_err(failed)?;
    }
    let mut statements = Statements::of(base, name, &columns).map_err(failed)?;
    let tally = each(
        table,
        progress,
        0,
        |files| {
            Ok(files
                .iter()
                .map(|file| FileRows::of(table, file))
                .collect::<Vec<_>>())
        },
        |files| {
            for file in files {
                statements.replace(&file).map_err(failed)?;
            }
            Ok(ControlFlow::Continue(()))
        },
    )?;
    drop(statements);
    base.transaction.execute_batch(&indices).map_err(failed)?;
    Ok(tally)
}

fn create(table: &str, columns: &[Column]) -> String {
    let column = |column: &Column| {
        let kind = match column.kind {
            Kind::Instant | Kind::WallClock | Kind::Date | Kind::Text | Kind::Int32List => "TEXT",
            Kind::Int32 | Kind::Int64 | Kind::Boolean => "INTEGER",
            Kind::Double => "REAL",
        };
        let required = if column.required { " NOT NULL" } else { "" };
        format!("    \"{}\" {kind}{required}", column.name)
    };
    let columns: Vec<_> = columns.iter().map(column).collect();
    let columns = columns.join(",\n");
    format!("CREATE TABLE IF NOT EXISTS \"{table}\" (\n{columns}\n);")
}

fn indices(table: &str, columns: &[Column]) -> String {
    let has = |name: &&str| columns.iter().any(|column| column.name == *name);
    let index = |name| {
        format!("CREATE INDEX IF NOT EXISTS \"{table}_{name}\" ON \"{table}\" (\"{name}\");\n")
    };
    INDEXED.into_iter().filter(has).map(index).collect()
}

/// The rows of a file as `SQLite` takes them, which workers make.
struct FileRows {
    days: DayRanges,
    rows: Vec<Vec<types::Value>>,
}

impl FileRows {
    fn of(table: &Table, file: &File) -> Self {
        let rows = table.rows(file);
        Self {
            days: file.days.clone(),
            rows: rows.map(cells).unwrap_or_default(),
        }
    }
}

fn cells(rows: &Rows) -> Vec<Vec<types::Value>> {
    let kinds: Vec<Kind> = rows.columns().iter().map(|column| column.kind).collect();
    let cell = |row, (place, kind): (usize, &Kind)| value(*kind, rows.get(row, place));
    let row = |row| {
        kinds
            .iter()
            .enumerate()
            .map(|kind| cell(row, kind))
            .collect()
    };
    (0..rows.len()).map(row).collect()
}

fn value(kind: Kind, value: Value) -> types::Value {
    use types::Value::{Integer, Null, Real, Text};
    match (kind, value) {
        (_, Value::Null) => Null,
        (Kind::Instant, Value::Int(at)) => Text(stamp(at) + "Z"),
        (Kind::WallClock, Value::Int(at)) => Text(stamp(at)),
        (Kind::Date, Value::Int(day)) => Text(civil_day::text(day)),
        (_, Value::Int(number)) => Integer(number),
        (_, Value::Double(number)) => Real(number),
        (_, Value::Boolean(flag)) => Integer(i64::from(flag)),
        (_, Value::Text(text)) => Text(text.to_string()),
        (_, Value::List(list)) => Text(format!("{list:?}").replace(' ', "")),
    }
}

fn stamp(milliseconds: i64) -> String {
    let mut text = Vec::new();
    digits::push_timestamp(&mut text, milliseconds);
    String::from_utf8_lossy(&text).into_owned()
}

/// The statements of one table.
struct Statements<'t> {
    delete: Statement<'t>,
    insert: Statement<'t>,
}

impl<'t> Statements<'t> {
    fn of(base: &Base<'t>, table: &str, columns: &[Column]) -> rusqlite::Result<Self> {
        // Both begin with the date, so that one comparison serves.
        let has_day = columns.iter().any(|column| column.name == "day");
        let day = if has_day { "day" } else { "local_time" };
        let delete = format!("DELETE FROM \"{table}\" WHERE \"{day}\" >= ?1 AND \"{day}\" < ?2");
        let names: Vec<_> = columns.iter().map(|c| format!("\"{}\"", c.name)).collect();
        let insert = format!(
            "INSERT INTO \"{table}\" ({}) VALUES ({})",
            names.join(", "),
            vec!["?"; names.len()].join(", ")
        );
        Ok(Self {
            delete: base.transaction.prepare(&delete)?,
            insert: base.transaction.prepare(&insert)?,
        })
    }

    fn replace(&mut self, file: &FileRows) -> rusqlite::Result<()> {
        for days in file.days.ranges() {
            let after = days.end().succ_opt().unwrap_or(NaiveDate::MAX);
            self.delete
                .execute([days.start().to_string(), after.to_string()])?;
        }
        for row in &file.rows {
            self.insert.execute(params_from_iter(row))?;
        }
        Ok(())
    }
}
