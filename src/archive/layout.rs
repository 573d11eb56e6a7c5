//! Where the files of one wearer lie below a store's root: right below it, or, in a data set of many, below each series by
//! `participant=P001`, so that every reader of Hive partitions sees one table with a column `participant`.
//!
//! What is no data of a data set of many lies below `_fitbit_hr/`, which no reader of data sets looks into.

use super::{Key, Series};
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

    /// Whether a folder right below the root is a table's: neither hidden nor a partition.
    #[must_use]
    pub fn is_table(folder: &str) -> bool {
        !folder.starts_with(['.', '_']) && !folder.contains('=')
    }

    /// The folder below which a table's files of this wearer lie.
    #[must_use]
    pub fn table(&self, name: &str) -> String {
        match &self.participant {
            Some(id) => format!("{name}/participant={id}"),
            None => name.to_owned(),
        }
    }

    /// The folder that holds the years of a series.
    #[must_use]
    pub fn folder(&self, series: &Series) -> String {
        series.below(self.table(&series.extract))
    }

    /// The name of a file's object.
    #[must_use]
    pub fn name(&self, key: &Key) -> String {
        format!("{}/{}", self.folder(&key.series), key.period.name())
    }

    /// The place of what sync remembers.
    #[must_use]
    pub fn memory(&self) -> String {
        match &self.participant {
            Some(id) => format!("{BESIDE}/memory/{id}.json"),
            None => ".fitbit-hr.sync.json".to_owned(),
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
            assert_eq!(many.name(&key), expected);
            assert_eq!(one.name(&key), expected.replace("/participant=P001", ""));
        }
        assert_eq!(many.memory(), "_fitbit_hr/memory/P001.json");
    }
}
