//! The archive's days as one document: a table, an array, a database.
//!
//! A [`plan`] says which day comes from which file. [`days`] reads them, coarser ones through [`aggregate`], and has them
//! encoded several side by side while they are written in order, so that memory is bounded by a few days. Formats only
//! turn days into bytes: [`text`] owns those whose document is one stream ([`csv`], [`json`], [`ndjson`],
//! [`influx`]); [`parquet`] and [`sqlite`] have files with a structure of their own. [`output`] owns files and stdout.
//!
//! A new format is a file here, and its lines in [`Format`] and in [`run`].

pub mod aggregate;
pub mod csv;
pub mod days;
mod error;
pub mod influx;
pub mod json;
pub mod ndjson;
pub mod output;
pub mod parquet;
pub mod plan;
pub mod sqlite;
pub mod text;

pub use days::{Days, Tally};
pub use error::Error;
pub use output::Target;
pub use plan::Plan;

use crate::sink::{DEFAULT_FIELDS, Field};
use std::path::Path;

/// What an export can be written as.
#[allow(
    clippy::doc_markdown,
    reason = "these comments are the help text, where backticks would show"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// A header, then a row a sample
    Csv,
    /// An array of days in the shape of hr.json
    Json,
    /// An object a sample, one a line
    Ndjson,
    /// One Parquet file with the archive's columns
    Parquet,
    /// An SQLite database with the tables heart_rate and day
    Sqlite,
    /// InfluxDB line protocol, nanoseconds
    Influx,
}

impl Format {
    /// The format that a file's name ends in, if it is one of them.
    #[must_use]
    pub fn of_name(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_str()?.to_ascii_lowercase();
        match ending.as_str() {
            "csv" => Some(Self::Csv),
            "json" => Some(Self::Json),
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            "parquet" => Some(Self::Parquet),
            "sqlite" | "sqlite3" | "db" => Some(Self::Sqlite),
            "influx" | "lp" => Some(Self::Influx),
            _ => None,
        }
    }

    /// The name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Parquet => "parquet",
            Self::Sqlite => "sqlite",
            Self::Influx => "influx",
        }
    }

    /// It has columns that `--fields` can pick.
    #[must_use]
    pub const fn has_fields(self) -> bool {
        matches!(self, Self::Csv | Self::Ndjson)
    }

    /// It can be written from front to back, so to stdout.
    #[must_use]
    pub const fn streams(self) -> bool {
        !matches!(self, Self::Parquet | Self::Sqlite)
    }
}

/// Writes the days of a plan to a target.
///
/// # Errors
/// Fails when a day cannot be read or the target cannot be written; a target that is a file is as it was then.
pub fn run(
    days: &Days<'_>,
    format: Format,
    fields: Option<&[Field]>,
    target: &Target,
) -> Result<Tally, Error> {
    let fields = fields.unwrap_or(&DEFAULT_FIELDS);
    match format {
        Format::Csv => text::write(days, &csv::Csv { fields }, target),
        Format::Json => text::write(days, &json::Json, target),
        Format::Ndjson => text::write(days, &ndjson::Ndjson { fields }, target),
        Format::Influx => text::write(days, &influx::Influx, target),
        Format::Parquet => parquet::write(days, target),
        Format::Sqlite => sqlite::write(days, target),
    }
}
