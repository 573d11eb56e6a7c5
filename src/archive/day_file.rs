//! A civil day of heart rate as the archive keeps it.

use super::TakeoutNotes;
use crate::day::{Day, Provider};
use std::collections::BTreeSet;

/// A day as the archive keeps it: its samples, and what is known about it as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct DayFile {
    /// Date, detail, samples and their sources, resting heart rate and zones; a stored zone is its name and limits.
    pub day: Day,
    /// Who contributed, and what the footer says.
    pub meta: Meta,
}

impl DayFile {
    /// A day from one source: unsettled, time zone unknown, no placeholders.
    #[must_use]
    pub fn new(day: Day) -> Self {
        let meta = Meta {
            providers: day.sources.iter().map(|source| source.provider).collect(),
            ..Meta::default()
        };
        Self { day, meta }
    }
}

/// What is known about a day besides its samples and its summary.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Meta {
    /// Who contributed to the file.
    pub providers: BTreeSet<Provider>,
    /// Nothing more is to come.
    pub settled: bool,
    /// The zone the civil day was cut by: an IANA name, or what else the source proved.
    pub timezone: Option<String>,
    /// Instants in milliseconds since 1970 UTC whose Takeout record is a placeholder and was left out; ascending.
    pub placeholders: Vec<i64>,
    /// What Takeout said beside the rows.
    pub takeout: TakeoutNotes,
}
