//! The archive's tables as documents: a table, an array, a database.
//!
//! [`heart_rate`] is a source with a summary of each day: its [`plan`] says which day comes from which file, coarser ones through
//! [`aggregate`]. [`series`] is any other, by its definition. [`days`] reads a source's files and has them encoded several
//! side by side while they are written in order, so that memory is bounded by a few of them. Formats only
//! turn files into bytes: [`text`] owns those whose document is one stream ([`csv`], [`json`], [`ndjson`],
//! [`influx`]); [`parquet`] and [`sqlite`] have files with a structure of their own. [`output`] owns files and stdout.
//!
//! A new format is a file here, and its lines in [`Format`] and in [`Subject`].

pub mod aggregate;
pub mod csv;
pub mod days;
mod error;
pub mod heart_rate;
pub mod influx;
pub mod json;
pub mod ndjson;
pub mod output;
pub mod parquet;
pub mod plan;
pub mod series;
pub mod sqlite;
pub mod text;

pub use days::{Tally, Watch};
pub use error::Error;
pub use heart_rate::HeartRate;
pub use output::{Place, Target};
pub use plan::Plan;
pub use series::Table;

use crate::archive::HEART_RATE;
use crate::day::Detail;
use crate::extract::Catalogue;
use days::Source;
use output::Output;
use std::path::Path;

/// What an export can be written as.
#[allow(
    clippy::doc_markdown,
    reason = "these comments are the help text, where backticks would show"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// A header, then the rows
    Csv,
    /// An array of days: heart rate in the shape of hr.json, others as NAME.json
    Json,
    /// An object a row, one a line
    Ndjson,
    /// One Parquet file with the archive's columns
    Parquet,
    /// An SQLite database with a table for each extract
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

/// A table to be exported.
#[derive(Debug)]
pub enum Subject {
    /// Heart rate, with the summary of each day.
    HeartRate(HeartRate),
    /// Any other.
    Series(Table),
}

impl Subject {
    /// The name of the table.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::HeartRate(_) => HEART_RATE,
            Self::Series(table) => table.name(),
        }
    }

    /// How fine its rows are, where that can differ.
    #[must_use]
    pub const fn detail(&self) -> Option<Detail> {
        match self {
            Self::HeartRate(source) => Some(source.plan.detail),
            Self::Series(table) => table.detail,
        }
    }

    /// How many files it comes from.
    #[must_use]
    pub fn files(&self) -> usize {
        match self {
            Self::HeartRate(source) => source.items().len(),
            Self::Series(table) => table.items().len(),
        }
    }

    fn write(&self, format: Format, watch: Watch<'_>, output: &mut Output) -> Result<Tally, Error> {
        match self {
            Self::HeartRate(source) => match format {
                Format::Csv => text::write(source, &csv::Csv(source), watch, output),
                Format::Json => text::write(source, &json::Json, watch, output),
                Format::Ndjson => text::write(source, &ndjson::Ndjson(source), watch, output),
                Format::Influx => text::write(source, &influx::Influx(source), watch, output),
                Format::Parquet => parquet::write(source, watch, output),
                Format::Sqlite => Err(Error::NeedsFile(format.name())),
            },
            Self::Series(table) => match format {
                Format::Csv => text::write(table, &csv::CsvOfTable(table), watch, output),
                Format::Json => text::write(table, &json::JsonOfTable(table), watch, output),
                Format::Ndjson => text::write(table, &ndjson::NdjsonOfTable(table), watch, output),
                Format::Influx => text::write(table, &influx::InfluxOfTable(table), watch, output),
                Format::Parquet => parquet::write_table(table, watch, output),
                Format::Sqlite => Err(Error::NeedsFile(format.name())),
            },
        }
    }
}

/// Writes tables to where they belong, all of them or none. `catalogue` says how they belong together.
///
/// # Errors
/// Fails when a file cannot be read or a target cannot be written; all files are as they were then.
pub fn run(
    subjects: &[Subject],
    catalogue: &Catalogue,
    format: Format,
    place: &Place,
    watch: Watch<'_>,
) -> Result<Vec<Tally>, Error> {
    if format == Format::Sqlite {
        return sqlite::write(subjects, catalogue, watch, &place.of("", format));
    }
    let (mut tallies, mut outputs) = (Vec::new(), Vec::new());
    for subject in subjects {
        let mut output = Output::open(&place.of(subject.name(), format))?;
        tallies.push(subject.write(format, watch, &mut output)?);
        outputs.push(output);
    }
    output::finish(outputs)?;
    Ok(tallies)
}
