//! What an export is of: heart rate, or the table of another series.

use super::days::Source;
use super::heart_rate::HeartRate;
use super::series::Table;
use crate::archive::HEART_RATE;
use crate::day::Detail;

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
}
