//! What an export can be written as.

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
