//! Where a day's file stands: `heart_rate/detail=1sec/year=2017/month=06/2017-06-01.parquet`.
//!
//! The folders are Hive partitions, which every reader of Parquet data sets turns into columns.

use crate::day::Detail;
use chrono::{Datelike, NaiveDate};
use std::path::PathBuf;

/// The extract that is kept here; the first of several.
pub const EXTRACT: &str = "heart_rate";

/// The ending of data files.
pub const ENDING: &str = "parquet";

/// The folder of a level of detail, below the archive.
#[must_use]
pub fn detail_folder(detail: Detail) -> PathBuf {
    PathBuf::from(EXTRACT).join(format!("detail={detail}"))
}

/// The file of a day, below the archive.
#[must_use]
pub fn day_file(detail: Detail, date: NaiveDate) -> PathBuf {
    detail_folder(detail)
        .join(format!("year={:04}", date.year()))
        .join(format!("month={:02}", date.month()))
        .join(format!("{}.{ENDING}", date.format("%Y-%m-%d")))
}

/// The date that a file name stands for; `None` for a name this program does not give.
#[must_use]
pub fn date_of(file_name: &str) -> Option<NaiveDate> {
    let stem = file_name.strip_suffix(ENDING)?.strip_suffix('.')?;
    let date = NaiveDate::parse_from_str(stem, "%Y-%m-%d").ok()?;
    (date.format("%Y-%m-%d").to_string() == stem).then_some(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_reads_back_as_its_date() {
        let date = NaiveDate::from_ymd_opt(2017, 6, 1).expect("a date");
        let path = day_file(Detail::Sec1, date);
        assert_eq!(
            path,
            PathBuf::from("heart_rate/detail=1sec/year=2017/month=06/2017-06-01.parquet")
        );
        let name = path.file_name().expect("a name").to_string_lossy();
        assert_eq!(date_of(&name), Some(date));
        for foreign in [
            "2017-6-1.parquet",
            "2017-02-30.parquet",
            ".2017-06-01.parquet.x.tmp",
            "2017-06-01.parquet.old",
            "x.parquet",
            "2017-06-01",
        ] {
            assert_eq!(date_of(foreign), None, "{foreign}");
        }
    }
}
