//! The four shapes of a series: what a row is, which columns stand around its values, and which day it is of.

use super::columns::{Column, Kind};
use serde::Deserialize;

/// What a row of a series is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// An instant with values.
    Samples,
    /// A span with an amount, or with a label.
    Intervals,
    /// A sleep, a workout: a span that the service names.
    Sessions,
    /// A civil date with values.
    Days,
}

/// Which civil day of the wearer a row is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DayOf {
    /// The local date of its instant or its start.
    Start,
    /// The local date of its end: a night is of the morning.
    End,
    /// The date that the service gives, as it is.
    Given,
}

impl Shape {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Samples, Self::Intervals, Self::Sessions, Self::Days];

    /// The name in definitions.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Samples => "samples",
            Self::Intervals => "intervals",
            Self::Sessions => "sessions",
            Self::Days => "days",
        }
    }

    /// What a row is, in words.
    #[must_use]
    pub const fn row(self) -> &'static str {
        match self {
            Self::Samples => "an instant",
            Self::Intervals => "a span",
            Self::Sessions => "a session",
            Self::Days => "a day",
        }
    }

    /// The member of a point that says when it was.
    #[must_use]
    pub const fn time_member(self) -> &'static str {
        match self {
            Self::Samples => "sampleTime",
            Self::Intervals | Self::Sessions => "interval",
            Self::Days => "date",
        }
    }

    /// The columns before the values, in the archive.
    #[must_use]
    pub fn columns_before(self) -> Vec<Column> {
        match self {
            Self::Samples => vec![
                Column::optional("time", Kind::Instant),
                Column::required("local_time", Kind::WallClock),
                Column::optional("utc_offset", Kind::Int32),
            ],
            Self::Intervals => vec![
                Column::optional("time", Kind::Instant),
                Column::optional("end_time", Kind::Instant),
                Column::required("local_time", Kind::WallClock),
                Column::optional("utc_offset", Kind::Int32),
            ],
            Self::Sessions => vec![
                Column::optional("id", Kind::Text),
                Column::required("day", Kind::Date),
                Column::optional("time", Kind::Instant),
                Column::optional("end_time", Kind::Instant),
                Column::required("local_time", Kind::WallClock),
                Column::optional("local_end", Kind::WallClock),
                Column::optional("utc_offset", Kind::Int32),
                Column::optional("end_offset", Kind::Int32),
            ],
            Self::Days => vec![Column::required("day", Kind::Date)],
        }
    }

    /// The columns after the values, in the archive.
    #[must_use]
    pub fn columns_after(self) -> Vec<Column> {
        let source = Column::required("source", Kind::Text);
        match self {
            Self::Sessions => vec![source, Column::optional("updated", Kind::Instant)],
            Self::Samples | Self::Intervals | Self::Days => vec![source],
        }
    }

    /// The columns of a session's segments before their labels. `session` is the session's id, else its start as RFC 3339.
    #[must_use]
    pub fn segment_columns() -> Vec<Column> {
        vec![
            Column::required("session", Kind::Text),
            Column::required("day", Kind::Date),
            Column::optional("time", Kind::Instant),
            Column::optional("end_time", Kind::Instant),
            Column::required("local_time", Kind::WallClock),
            Column::optional("utc_offset", Kind::Int32),
        ]
    }

    /// The columns that say when, in a table for people: first those that are always shown.
    #[must_use]
    pub const fn when_fields(self) -> &'static [&'static str] {
        match self {
            Self::Samples | Self::Intervals => &["day", "time"],
            Self::Sessions => &["day", "start", "end"],
            Self::Days => &["day"],
        }
    }
}
