//! `parquet`: one file with the archive's columns, a row group a few days.

use super::Error;
use super::days::{Source, Tally, each};
use super::heart_rate::HeartRate;
use super::output::Output;
use super::series::Table;
use crate::archive::heart_rate::codec::{SCHEMA, chunks};
use crate::archive::parquet_file::{Chunk, Schema, append, begin, group};
use crate::archive::{meta, table};
use crate::day::Day;
use crate::progress::Progress;
use parquet::errors::ParquetError;
use std::io::{BufWriter, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// A row group is days of this many stored bytes: of heart rate about 150,000 samples, what readers like to take at once.
const GROUP_BYTES: u64 = 192 * 1024;

/// Writes days of heart rate.
///
/// # Errors
/// Fails when a day cannot be read or the file cannot be written.
pub fn write(source: &HeartRate, progress: &Progress, output: &mut Output) -> Result<Tally, Error> {
    let pairs = meta::encode_of_many(source.plan.detail);
    write_groups(source, progress, output, &SCHEMA, pairs, |files| {
        let days: Vec<&Day> = files.iter().map(|file| &file.day).collect();
        chunks(&days)
    })
}

/// Writes rows of any other table.
///
/// # Errors
/// As [`write()`].
pub fn write_table(
    source: &Table,
    progress: &Progress,
    output: &mut Output,
) -> Result<Tally, Error> {
    let schema = Schema::new(source.name(), &source.columns());
    let path = output.path();
    let schema = schema.map_err(|error| write_error(&path, &error))?;
    let pairs = table::encode_meta_of_many(source.name(), source.detail);
    write_groups(source, progress, output, &schema, pairs, |files| {
        let rows = files.iter().filter_map(|file| source.rows(file));
        let rows: Vec<_> = rows.filter(|rows| !rows.is_empty()).collect();
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let pages = |place| rows.iter().map(|rows| table::packed(rows, place)).collect();
        group(&schema, pages)
    })
}

fn write_groups<S: Source>(
    source: &S,
    progress: &Progress,
    output: &mut Output,
    schema: &Schema,
    pairs: Vec<(String, String)>,
    chunks: impl Fn(Vec<S::File>) -> Result<Vec<Chunk>, ParquetError> + Sync,
) -> Result<Tally, Error> {
    let path = output.path();
    let failed = |error: ParquetError| write_error(&path, &error);
    let sink = BufWriter::with_capacity(1 << 20, output.file("parquet")?);
    let mut writer = begin(sink, schema, pairs).map_err(failed)?;
    let tally = each(
        source,
        progress,
        GROUP_BYTES,
        |files| chunks(files).map_err(failed),
        |chunks| {
            if !chunks.is_empty() {
                append(&mut writer, chunks).map_err(failed)?;
            }
            Ok(ControlFlow::Continue(()))
        },
    )?;
    let mut sink = writer.into_inner().map_err(failed)?;
    let flushed = sink.flush();
    flushed.map_err(|error| failed(ParquetError::from(error)))?;
    Ok(tally)
}

fn write_error(path: &Path, error: &ParquetError) -> Error {
    Error::Write {
        path: PathBuf::from(path),
        cause: error.to_string(),
    }
}
