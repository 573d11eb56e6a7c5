//! Where the files of one wearer lie below a store's root: right below it, or, in a data set of many, below each series by
//! `participant=P001`, so that every reader of Hive partitions sees one table with a column `participant`.
//!
//! What is no data of a data set of many lies below `_fitbit_hr/`, which no reader of data sets looks into.

use super::{Key, Series};
use std::path::PathBuf;
use std::sync::Arc;

/// The folder beside the data that holds what is none.
pub const BESIDE: &str = "_fitbit_hr";

/// See the module.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layout {
    participant: Option<Arc<str>>,
}

impl Layout {
    /// That of one participant among many.
    #[must_use]
    pub fn of_participant(id: &str) -> Self {
        Self {
            participant: Some(Arc::from(id)),
        }
    }

    /// The folder below which a table's files of this wearer lie.
    #[must_use]
    pub fn table(&self, name: &str) -> PathBuf {
        let table = PathBuf::from(name);
        match &self.participant {
            Some(id) => table.join(format!("participant={id}")),
            None => table,
        }
    }

    /// The folder that holds the years of a series.
    #[must_use]
    pub fn folder(&self, series: &Series) -> PathBuf {
        series.below(self.table(&series.extract))
    }

    /// The place of a file, in parts that an object store takes as well.
    #[must_use]
    pub fn path(&self, key: &Key) -> PathBuf {
        self.folder(&key.series).join(key.period.path())
    }

    /// The place of what sync remembers.
    #[must_use]
    pub fn memory(&self) -> PathBuf {
        match &self.participant {
            Some(id) => PathBuf::from(format!("{BESIDE}/memory/{id}.json")),
            None => PathBuf::from(".fitbit-hr.sync.json"),
        }
    }

    /// The place of the lock under which files are replaced, in a folder.
    #[must_use]
    pub fn lock(&self) -> PathBuf {
        match &self.participant {
            Some(id) => PathBuf::from(format!("{BESIDE}/locks/{id}.lock")),
            None => PathBuf::from(".fitbit-hr.lock"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::day::Detail;
    use chrono::NaiveDate;

    #[test]
    fn the_participant_stands_below_the_extract_and_nothing_else_changes() {
        let date = NaiveDate::from_ymd_opt(2026, 6, 1).expect("a date");
        let (one, many) = (Layout::default(), Layout::of_participant("P001"));
        for (key, expected) in [
            (
                Series::heart_rate(Detail::Sec1).day(date),
                "heart_rate/participant=P001/detail=1sec/year=2026/month=06/2026-06-01.parquet",
            ),
            (
                Series::new("sleep", None).year(2026),
                "sleep/participant=P001/year=2026/2026.parquet",
            ),
        ] {
            assert_eq!(many.path(&key), PathBuf::from(expected));
            assert_eq!(one.path(&key), key.path());
        }
        assert_eq!(many.memory(), PathBuf::from("_fitbit_hr/memory/P001.json"));
    }
}
