//! What can be typed for `export`.

use crate::cli::typed::Window;
use crate::day::Detail;
use crate::export::Format;
use crate::extract::Selection;
use crate::live::When;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  fitbit-hr export > heart_rate.csv                   everything, as CSV
  fitbit-hr export --from 2024-01-01 -o 2024.parquet  for pandas, Polars or R
  fitbit-hr export --detail 1min -o heart.sqlite      run again to update
  fitbit-hr export --fields utc,hr,source --format ndjson
  fitbit-hr export --format influx | influx write -b health
  fitbit-hr export --extract sleep -o sleep.json      nights with their stages
  fitbit-hr export --extract all -o health.sqlite     a table each, and views
  fitbit-hr export --extract sleep,steps -o out/      a file each

In a database a night stands beside its stages, heart rate, variability and
oxygen saturation in the views sleep_joined and sleep_stages_joined. An existing
database keeps its other days and tables. The archive itself is plain Parquet,
which DuckDB, Polars, pandas and Spark read as it is.";

/// Options of `export`.
#[allow(
    clippy::doc_markdown,
    reason = "these comments are the help text, where backticks would show"
)]
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// What to export: names with commas between, or all [default: extracts of the keys file, else heart_rate]
    #[arg(long, value_name = "LIST")]
    pub(super) extract: Option<Selection>,
    /// First day, included [default: the first there is]
    #[arg(long, value_name = "DATE")]
    pub(super) from: Option<When>,
    /// Last day, included [default: the last there is]
    #[arg(long, value_name = "DATE")]
    pub(super) to: Option<When>,
    #[command(flatten)]
    pub(super) window: Window,
    /// 1sec, 1min, 5min or 15min [default: the finest that the archive holds of these days]
    ///
    /// What the archive does not hold at this detail is the mean of the samples in each civil minute (five, fifteen),
    /// rounded half up, of other series the mean, the sum or the seconds in each label; a window without rows is absent.
    #[arg(long, value_name = "DETAIL")]
    pub(super) detail: Option<Detail>,
    /// What to write [default: what the file's name ends in, else csv]
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub(super) format: Option<Format>,
    /// Fields of one extract in csv, ndjson and json, in this order: heart rate has
    /// day,time,hr,utc,offset,confidence,source
    #[arg(long, value_name = "LIST")]
    pub(super) fields: Option<String>,
    /// Where to: a file, a folder (FOLDER/) with a file each, or - for standard output [default: -]
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
}
