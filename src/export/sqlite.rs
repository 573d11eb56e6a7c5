//! `sqlite`: a database with the archive's columns in the table `heart_rate`, and a row a day in the table `day`.
//!
//! A new database is built beside its place and renamed. In one that is there the exported days replace what it has of those
//! days, in one transaction, while other programs may have it open; its other days and tables stay.

use super::output::Target;
use super::{Days, Error, Tally};
use crate::archive::DayFile;
use crate::atomic_file::{Access, Pending};
use crate::sink::digits;
use chrono::{Datelike, NaiveDate};
use rusqlite::types::ValueRef;
use rusqlite::{
    Connection, ErrorCode, OpenFlags, Statement, Transaction, TransactionBehavior, params,
};
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

/// Times are text: `time` RFC 3339 in UTC, `local_time` the same without a zone. Both sort as they should.
const TABLES: &str = "
CREATE TABLE IF NOT EXISTS heart_rate (
    time TEXT,
    local_time TEXT NOT NULL,
    utc_offset INTEGER,
    bpm INTEGER NOT NULL,
    confidence INTEGER,
    source TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS day (
    day TEXT PRIMARY KEY,
    detail TEXT NOT NULL,
    provider TEXT NOT NULL,
    settled INTEGER NOT NULL,
    timezone TEXT,
    resting_bpm REAL,
    samples INTEGER NOT NULL
) WITHOUT ROWID;";

/// Made after the rows of a new database, which is faster, and before those of an earlier one.
const INDICES: &str = "
CREATE INDEX IF NOT EXISTS heart_rate_local_time ON heart_rate (local_time);
CREATE INDEX IF NOT EXISTS heart_rate_time ON heart_rate (time);";

const INSERT: &str =
    "INSERT INTO heart_rate (time, local_time, utc_offset, bpm, confidence, source)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

const INSERT_DAY: &str = "INSERT OR REPLACE INTO day
    (day, detail, provider, settled, timezone, resting_bpm, samples) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

const DELETE: &str = "DELETE FROM heart_rate WHERE local_time >= ?1 AND local_time < ?2";

/// How long another program may hold the database.
const PATIENCE: Duration = Duration::from_secs(30);

/// Writes or updates the database.
///
/// # Errors
/// Fails when a day cannot be read, or the file is no database of this kind or cannot be written; it is as it was then.
pub fn write(days: &Days<'_>, target: &Target) -> Result<Tally, Error> {
    let path = target.file("sqlite")?;
    let there = std::fs::metadata(path).is_ok_and(|found| found.len() > 0);
    if there {
        let mut connection = open(path).map_err(|error| failure(path, &error))?;
        return fill(days, &mut connection, path, true);
    }
    let pending = Pending::create(path, Access::Shared)?;
    let mut connection = open(pending.temporary()).map_err(|error| failure(path, &error))?;
    // The file is nobody's until it is renamed: no journal is needed.
    connection
        .execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
        .map_err(|error| failure(path, &error))?;
    let tally = fill(days, &mut connection, path, false)?;
    connection
        .close()
        .map_err(|(_, error)| failure(path, &error))?;
    pending.commit()?;
    Ok(tally)
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(PATIENCE)?;
    Ok(connection)
}

fn fill(
    days: &Days<'_>,
    connection: &mut Connection,
    path: &Path,
    there: bool,
) -> Result<Tally, Error> {
    let failed = |error: rusqlite::Error| failure(path, &error);
    // Immediate, so that the patience counts: a later upgrade of the lock would not wait.
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(failed)?;
    transaction.execute_batch(TABLES).map_err(failed)?;
    if there {
        transaction.execute_batch(INDICES).map_err(failed)?;
    }
    let mut table = Table::of(&transaction, there).map_err(failed)?;
    let tally = days.each(
        0,
        |files| Ok(files.into_iter().map(Rows::of).collect::<Vec<_>>()),
        |rows, _| {
            for rows in rows {
                table.insert(&rows).map_err(failed)?;
            }
            Ok(ControlFlow::Continue(()))
        },
    )?;
    drop(table);
    transaction.execute_batch(INDICES).map_err(failed)?;
    transaction.commit().map_err(failed)?;
    Ok(tally)
}

/// A day with its times as text, which is made by the workers.
struct Rows {
    file: DayFile,
    sources: Vec<String>,
    /// The texts of all samples, one after the other.
    text: Vec<u8>,
    /// Where in it the `time` of each sample begins, its `local_time` begins, and ends.
    places: Vec<[usize; 3]>,
}

impl Rows {
    fn of(file: DayFile) -> Self {
        let mut text = Vec::with_capacity(file.day.samples.len() * 40);
        let mut places = Vec::with_capacity(file.day.samples.len());
        for sample in &file.day.samples {
            let time = text.len();
            if let Some(instant) = sample.instant {
                digits::push_timestamp(&mut text, instant);
                text.push(b'Z');
            }
            let local_time = text.len();
            digits::push_timestamp(&mut text, sample.local_time);
            places.push([time, local_time, text.len()]);
        }
        Self {
            sources: file.day.sources.iter().map(ToString::to_string).collect(),
            file,
            text,
            places,
        }
    }
}

/// The statements of one transaction.
struct Table<'t> {
    delete: Option<Statement<'t>>,
    insert: Statement<'t>,
    insert_day: Statement<'t>,
}

impl<'t> Table<'t> {
    fn of(transaction: &'t Transaction<'_>, there: bool) -> rusqlite::Result<Self> {
        Ok(Self {
            delete: there.then(|| transaction.prepare(DELETE)).transpose()?,
            insert: transaction.prepare(INSERT)?,
            insert_day: transaction.prepare(INSERT_DAY)?,
        })
    }

    fn insert(&mut self, rows: &Rows) -> rusqlite::Result<()> {
        let day = &rows.file.day;
        if let Some(delete) = &mut self.delete {
            let next = day.date.succ_opt().unwrap_or(day.date);
            delete.execute([midnight(day.date), midnight(next)])?;
        }
        for (sample, [time, local_time, end]) in day.samples.iter().zip(&rows.places) {
            let text = |from: usize, to: usize| rows.text.get(from..to).unwrap_or_default();
            let time = match sample.instant {
                Some(_) => ValueRef::Text(text(*time, *local_time)),
                None => ValueRef::Null,
            };
            let source = rows.sources.get(usize::from(sample.source));
            self.insert.execute(params![
                Text(time),
                Text(ValueRef::Text(text(*local_time, *end))),
                sample.utc_offset,
                sample.bpm,
                sample.confidence,
                source,
            ])?;
        }
        let meta = &rows.file.meta;
        let providers: Vec<_> = meta.providers.iter().map(|p| p.name()).collect();
        self.insert_day.execute(params![
            day.date.to_string(),
            day.detail.name(),
            providers.join(","),
            meta.settled,
            meta.timezone,
            day.summary.resting_bpm,
            i64::try_from(day.samples.len()).unwrap_or(i64::MAX),
        ])?;
        Ok(())
    }
}

/// A value that is handed to `SQLite` without a copy.
struct Text<'a>(ValueRef<'a>);

impl rusqlite::ToSql for Text<'_> {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        Ok(rusqlite::types::ToSqlOutput::Borrowed(self.0))
    }
}

/// The first wall clock of a day, as text.
fn midnight(date: NaiveDate) -> String {
    let mut text = Vec::new();
    digits::push_date(&mut text, date.year(), date.month(), date.day());
    format!("{}T", String::from_utf8_lossy(&text))
}

fn failure(path: &Path, error: &rusqlite::Error) -> Error {
    let path = path.to_owned();
    // The whole statement does not help a person.
    let cause = if let rusqlite::Error::SqlInputError { msg, .. } = error {
        msg.clone()
    } else {
        error.to_string()
    };
    match error.sqlite_error_code() {
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            Error::Open {
                path,
                cause: std::io::Error::other(cause),
            }
        }
        // A table of that name with other columns, or no database at all.
        Some(ErrorCode::NotADatabase | ErrorCode::Unknown) | None => Error::NotOurs { path, cause },
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::Busy { path, cause },
        Some(_) => Error::Write { path, cause },
    }
}
