//! The table `heart_rate` with the archive's columns, and a row a day in the table `day`.

use super::base::Base;
use crate::archive::DayFile;
use crate::export::Error;
use crate::export::days::{Tally, each};
use crate::export::heart_rate::HeartRate;
use crate::progress::Progress;
use crate::sink::digits;
use chrono::{Datelike, NaiveDate};
use rusqlite::types::ValueRef;
use rusqlite::{Statement, Transaction, params};
use std::ops::ControlFlow;

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

/// Writes the days.
///
/// # Errors
/// Fails when a day cannot be read or `SQLite` takes no more.
pub fn write(source: &HeartRate, progress: &Progress, base: &Base<'_>) -> Result<Tally, Error> {
    let failed = |error: rusqlite::Error| base.failed(&error);
    base.transaction.execute_batch(TABLES).map_err(failed)?;
    if base.there {
        base.transaction.execute_batch(INDICES).map_err(failed)?;
    }
    let mut table = Table::of(base.transaction, base.there).map_err(failed)?;
    let tally = each(
        source,
        progress,
        0,
        |files| Ok(files.into_iter().map(Rows::of).collect::<Vec<_>>()),
        |rows| {
            for rows in rows {
                table.insert(&rows).map_err(failed)?;
            }
            Ok(ControlFlow::Continue(()))
        },
    )?;
    drop(table);
    base.transaction.execute_batch(INDICES).map_err(failed)?;
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
