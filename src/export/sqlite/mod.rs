//! `sqlite`: a database with a table of the archive's columns for each series, and views that join them.
//!
//! A new database is built beside its place and renamed. In one that is there the exported days replace what it has of those
//! days, in one transaction, while other programs may have it open; its other days and tables stay.

mod base;
mod heart_rate;
mod rows;
mod views;

use super::days::Tally;
use super::output::Target;
use super::{Error, Subject};
use crate::atomic_file::{Access, Pending};
use crate::extract::Catalogue;
use crate::progress::Progress;
use base::{Base, failure};
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::path::Path;
use std::time::Duration;

/// How long another program may hold the database.
const PATIENCE: Duration = Duration::from_secs(30);

/// Writes or updates the database. `catalogue` says how the tables belong together.
///
/// # Errors
/// Fails when a file cannot be read, or the target is no database of this kind or cannot be written; it is as it was then.
pub fn write(
    subjects: &[Subject],
    catalogue: &Catalogue,
    progress: &Progress,
    target: &Target,
) -> Result<Vec<Tally>, Error> {
    let path = target.file("sqlite")?;
    let there = std::fs::metadata(path).is_ok_and(|found| found.len() > 0);
    if there {
        let mut connection = open(path).map_err(|error| failure(path, &error))?;
        return fill(subjects, catalogue, progress, &mut connection, path, true);
    }
    let pending = Pending::create(path, Access::Shared)?;
    let mut connection = open(pending.temporary()).map_err(|error| failure(path, &error))?;
    // The file is nobody's until it is renamed: no journal is needed.
    connection
        .execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
        .map_err(|error| failure(path, &error))?;
    let tallies = fill(subjects, catalogue, progress, &mut connection, path, false)?;
    connection
        .close()
        .map_err(|(_, error)| failure(path, &error))?;
    pending.commit()?;
    Ok(tallies)
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
    subjects: &[Subject],
    catalogue: &Catalogue,
    progress: &Progress,
    connection: &mut Connection,
    path: &Path,
    there: bool,
) -> Result<Vec<Tally>, Error> {
    let failed = |error: rusqlite::Error| failure(path, &error);
    // Immediate, so that the patience counts: a later upgrade of the lock would not wait.
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(failed)?;
    let base = Base {
        transaction: &transaction,
        path,
        there,
    };
    let tallies = subjects.iter().map(|subject| match subject {
        Subject::HeartRate(source) => heart_rate::write(source, progress, &base),
        Subject::Series(table) => rows::write(table, progress, &base),
    });
    let tallies = tallies.collect::<Result<_, _>>()?;
    views::renew(&transaction, catalogue).map_err(failed)?;
    transaction.commit().map_err(failed)?;
    Ok(tallies)
}
