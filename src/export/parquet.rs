//! `parquet`: one file with the archive's columns, a row group a few days.

use super::output::Target;
use super::{Days, Error, Tally};
use crate::archive::heart_rate::codec::{SCHEMA, chunks};
use crate::archive::meta;
use crate::archive::parquet_file::{append, begin};
use crate::atomic_file::{Access, Pending};
use crate::day::Day;
use parquet::errors::ParquetError;
use std::io::{BufWriter, Write};
use std::ops::ControlFlow;
use std::path::Path;

/// A row group is days of this many stored bytes: about 150,000 samples, what readers like to take at once.
const GROUP_BYTES: u64 = 192 * 1024;

/// Writes the file.
///
/// # Errors
/// Fails when a day cannot be read or the file cannot be written; the earlier one stays.
pub fn write(days: &Days<'_>, target: &Target) -> Result<Tally, Error> {
    let path = target.file("parquet")?;
    let mut pending = Pending::create(path, Access::Shared)?;
    let failed = |error: ParquetError| write_error(path, &error);
    let pairs = meta::encode_of_many(days.plan.detail);
    let sink = BufWriter::with_capacity(1 << 20, pending.file());
    let mut writer = begin(sink, &SCHEMA, pairs).map_err(failed)?;
    let tally = days.each(
        GROUP_BYTES,
        |files| {
            let days: Vec<&Day> = files.iter().map(|file| &file.day).collect();
            chunks(&days).map_err(failed)
        },
        |chunks, _| {
            if !chunks.is_empty() {
                append(&mut writer, chunks).map_err(failed)?;
            }
            Ok(ControlFlow::Continue(()))
        },
    )?;
    let mut sink = writer.into_inner().map_err(failed)?;
    sink.flush()
        .map_err(|error| write_error(path, &ParquetError::from(error)))?;
    drop(sink);
    pending.commit()?;
    Ok(tally)
}

fn write_error(path: &Path, error: &ParquetError) -> Error {
    Error::Write {
        path: path.to_owned(),
        cause: error.to_string(),
    }
}
