//! The database that tables are written into, and what its errors mean.

use crate::export::Error;
use rusqlite::{ErrorCode, Transaction};
use std::path::Path;

/// The database that tables are written into.
pub struct Base<'a> {
    /// Everything is written in one.
    pub transaction: &'a Transaction<'a>,
    /// Where it will be, for messages.
    pub path: &'a Path,
    /// It was there before.
    pub there: bool,
}

impl Base<'_> {
    /// What an error of `SQLite` means for the export.
    pub fn failed(&self, error: &rusqlite::Error) -> Error {
        failure(self.path, error)
    }
}

/// What an error of `SQLite` means for an export to a place.
pub fn failure(path: &Path, error: &rusqlite::Error) -> Error {
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
        Some(ErrorCode::ConstraintViolation) => Error::NotOurs {
            path,
            cause: format!("its table is of another detail, or not ours ({cause})"),
        },
        // A table of that name with other columns, or no database at all.
        Some(ErrorCode::NotADatabase | ErrorCode::Unknown) | None => Error::NotOurs { path, cause },
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::Busy { path, cause },
        Some(_) => Error::Write { path, cause },
    }
}
