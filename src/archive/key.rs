//! What a file of the archive is called: its series, and the day or the year that it holds.
//!
//! Its place follows from that: `heart_rate/detail=1sec/year=2017/month=06/2017-06-01.parquet` for a day,
//! `sleep/year=2026/2026.parquet` for a year. The folders are Hive partitions, which every reader of Parquet data sets
//! turns into columns.

use crate::day::Detail;
use crate::extract::Definition;
use crate::extract::definition::Segments;
use chrono::{Datelike, NaiveDate};
use std::fmt;
use std::sync::Arc;

/// The series whose files have a form of their own.
pub use crate::extract::selection::HEART_RATE;

/// What one table of the archive is: an extract, or its segments, at one level of detail if it has several.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Series {
    /// The table's name: `steps`, `sleep_stages`.
    pub extract: Arc<str>,
    /// How fine its rows are; `None` for a table that knows no levels.
    pub detail: Option<Detail>,
}

impl Series {
    /// A table by its name.
    #[must_use]
    pub fn new(extract: &str, detail: Option<Detail>) -> Self {
        Self {
            extract: Arc::from(extract),
            detail,
        }
    }

    /// Heart rate at a level of detail.
    #[must_use]
    pub fn heart_rate(detail: Detail) -> Self {
        Self::new(HEART_RATE, Some(detail))
    }

    /// The table of an extract.
    #[must_use]
    pub fn of(definition: &Definition) -> Self {
        let detail = definition.finest.filter(|_| definition.dense);
        Self::new(&definition.name, detail)
    }

    /// The table of an extract's segments.
    #[must_use]
    pub fn of_segments(segments: &Segments) -> Self {
        Self::new(&segments.table, None)
    }

    /// Its file of a day.
    #[must_use]
    pub fn day(&self, date: NaiveDate) -> Key {
        Key {
            series: self.clone(),
            period: Period::Day(date),
        }
    }

    /// Its file of a year.
    #[must_use]
    pub fn year(&self, year: i32) -> Key {
        Key {
            series: self.clone(),
            period: Period::Year(year),
        }
    }

    /// The folder that holds its years, below that of its table.
    pub(super) fn below(&self, table: String) -> String {
        match self.detail {
            Some(detail) => format!("{table}/detail={detail}"),
            None => table,
        }
    }
}

impl fmt::Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.detail {
            Some(detail) => write!(f, "{} at {detail}", self.extract),
            None => f.write_str(&self.extract),
        }
    }
}

/// The time that one file holds, by the wearer's own calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Period {
    /// A civil day.
    Day(NaiveDate),
    /// A calendar year.
    Year(i32),
}

impl Period {
    /// Its first day and its last.
    #[must_use]
    pub fn bounds(self) -> (NaiveDate, NaiveDate) {
        let of = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default();
        match self {
            Self::Day(date) => (date, date),
            Self::Year(year) => (of(year, 1, 1), of(year, 12, 31)),
        }
    }
}

impl Period {
    /// Its file's place below the folder of its series.
    pub(super) fn name(self) -> String {
        let year = self.bounds().0.year();
        debug_assert!(year > 0, "years have four digits");
        match self {
            Self::Day(date) => format!("year={year:04}/month={:02}/{self}.parquet", date.month()),
            Self::Year(_) => format!("year={year:04}/{self}.parquet"),
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(date) => write!(f, "{}", date.format("%Y-%m-%d")),
            Self::Year(year) => write!(f, "{year:04}"),
        }
    }
}

/// A file of the archive.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Whose it is.
    pub series: Series,
    /// What it holds.
    pub period: Period,
}

impl Key {
    /// The file of a series that a file name stands for; `None` for a name that this program does not give.
    #[must_use]
    pub fn named(series: &Series, file_name: &str) -> Option<Self> {
        let stem = file_name.strip_suffix(".parquet")?;
        let period = match NaiveDate::parse_from_str(stem, "%Y-%m-%d") {
            Ok(date) => Period::Day(date),
            Err(_) => Period::Year(stem.parse().ok()?),
        };
        let (first, _) = period.bounds();
        (period.to_string() == stem && first.year() > 0).then(|| Self {
            series: series.clone(),
            period,
        })
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.series, self.period)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::Layout;

    #[test]
    fn a_name_reads_back_as_its_key() {
        let date = NaiveDate::from_ymd_opt(2017, 6, 1).expect("a date");
        let stages = Series::new("sleep_stages", None);
        for (key, expected) in [
            (
                Series::heart_rate(Detail::Sec1).day(date),
                "heart_rate/detail=1sec/year=2017/month=06/2017-06-01.parquet",
            ),
            (stages.year(2026), "sleep_stages/year=2026/2026.parquet"),
        ] {
            let path = Layout::default().name(&key);
            assert_eq!(path, expected);
            let (_, name) = path.rsplit_once('/').expect("a folder");
            assert_eq!(Key::named(&key.series, name), Some(key));
        }
        for foreign in [
            "2017-6-1.parquet",
            "2017-02-30.parquet",
            ".2017-06-01.parquet.x.tmp",
            "2017-06-01.parquet.old",
            "x.parquet",
            "2017-06-01",
            "26.parquet",
            "0000.parquet",
            "+2026.parquet",
        ] {
            assert_eq!(Key::named(&stages, foreign), None, "{foreign}");
        }
    }
}
