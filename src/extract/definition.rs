//! A definition as it is meant: all that the program knows of one series. What is written in TOML is `raw`'s.

use super::columns::{Column, Kind};
use super::rows::Columns;
use super::shape::{DayOf, Shape};
use crate::day::Detail;
use serde::Deserialize;

/// The beginning of every scope of the service; `.readonly` ends it.
const SCOPES: &str = "https://www.googleapis.com/auth/googlehealth.";

/// One series of the service: where it is, what its rows hold, and how it behaves.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// `resting_heart_rate`: the name on the command line, of files, of the archive's folder, of tables.
    pub name: String,
    /// A few words: `Resting heart rate`.
    pub title: String,
    /// One sentence: what it is.
    pub help: String,
    /// What a row is.
    pub shape: Shape,
    /// The data type in paths of the service: `daily-resting-heart-rate`.
    pub data_type: String,
    /// The member of a point that holds it: `dailyRestingHeartRate`.
    pub member: String,
    /// How points are asked for.
    pub operation: Operation,
    /// By what points are asked for; `None` for roll-ups, whose range stands in the body.
    pub filter: Option<Filter>,
    /// The most points, or windows, on a page.
    pub page_size: u32,
    /// The most days that one request may span; `None` without a limit.
    pub days_per_request: Option<u32>,
    /// The scope's short name: `activity_and_fitness`; see [`Definition::scope`].
    pub scope_name: String,
    /// The values of a row, in the order of the columns.
    pub values: Vec<Field>,
    /// The path below the member of an array that makes a row of each element; empty where a point is a row.
    pub unfold: Vec<String>,
    /// The path below the member to when the point was last changed; empty where it does not say.
    pub updated: Vec<String>,
    /// The parts of a session, in a table of their own.
    pub segments: Option<Segments>,
    /// A database shows the mean of these samples over a session's time beside the session.
    pub beside_sessions: bool,
    /// The column that names a session in the names of files: by the first word of its text, or by its own name where the flag
    /// is set. Else a session is called as its extract.
    pub called_by: Option<String>,
    /// Which civil day a row is of.
    pub day: DayOf,
    /// Of rows that overlap only some are kept; see [`super::overlap`].
    pub overlaps: Overlaps,
    /// Many rows a day: a file a day in the archive, else a file a year.
    pub dense: bool,
    /// About how many a day has, where the archive does not tell yet; only estimates rest on it.
    pub rows_a_day: u32,
    /// What becomes of rows at a coarser detail.
    pub coarser: Coarser,
    /// Its own detail, which is also the window of a roll-up; `None` for sessions and days.
    pub finest: Option<Detail>,
    /// When nothing more is to come for a day.
    pub settles: Settles,
    /// What a reader should know before drawing conclusions.
    pub traps: Vec<String>,
    /// A command that shows it.
    pub example: String,
}

/// How points are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Operation {
    /// `:reconcile`: the sources merged by the service.
    Reconcile,
    /// The plain listing, which has every source.
    List,
    /// `:rollUp`: amounts in windows; there are no points.
    RollUp,
}

/// The member by which points are asked for. Another one answers 400, or 200 and nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// In full: `steps.interval.start_time`.
    pub member: String,
    /// How a bound is written.
    pub literal: Literal,
    /// An upper bound may be given too; else the answer is cut here.
    pub has_upper: bool,
}

/// How a bound of a filter is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Literal {
    /// RFC 3339 with `Z`.
    Instant,
    /// A civil date with or without a time, without a zone.
    Civil,
    /// `YYYY-MM-DD`.
    Date,
}

/// One value of a row.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// The column of the archive, and whether it may be empty.
    pub column: Column,
    /// The name in CSV, JSON and `--fields`: the column's, but for heart rate.
    pub shown: String,
    /// It stands in CSV and JSON without being asked for.
    pub is_default: bool,
    /// Where it comes from.
    pub origin: Origin,
    /// Its unit for people; `None` for labels and flags.
    pub unit: Option<String>,
    /// The least and the greatest that it may be, both included.
    pub range: Option<(f64, f64)>,
    /// Numbers by which the service says "none".
    pub sentinels: Vec<f64>,
    /// It tells rows of the same time apart: a zone, a level.
    pub is_label: bool,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum Origin {
    /// A member of the point, or of the element that makes the row: the keys from the outside in.
    Member(Vec<String>, Wire),
    /// Said by the array that the segment stands in; see [`SegmentArray::says`].
    Array,
    /// Seconds of a session's segments of this label, short ones aside.
    Seconds(String),
    /// Seconds asleep by the service's own rule; see [`super::sleep`].
    Asleep,
    /// Seconds of a session's short segments.
    ShortSeconds,
    /// How many short segments a session has.
    ShortCount,
    /// One column of the row less another.
    Difference(String, String),
    /// Not from this service.
    Elsewhere,
}

impl Origin {
    /// The keys of the member, where it is one.
    #[must_use]
    pub fn member(&self) -> Option<(&[String], Wire)> {
        match self {
            Self::Member(keys, wire) => Some((keys, *wire)),
            Self::Array
            | Self::Seconds(_)
            | Self::Asleep
            | Self::ShortSeconds
            | Self::ShortCount
            | Self::Difference(..)
            | Self::Elsewhere => None,
        }
    }
}

/// How a value is written in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wire {
    /// An int64: `"37"`.
    StringInteger,
    /// An int32: `37`.
    Integer,
    /// A double: `1.5`, or `"NaN"` for none.
    Number,
    /// A string.
    Text,
    /// `true` or `false`.
    Boolean,
    /// `"1805s"`, whose seconds are the value.
    Duration,
    /// An array of int32.
    List,
}

/// The parts of a session.
#[derive(Debug, Clone, PartialEq)]
pub struct Segments {
    /// The name of their table: `sleep_stages`.
    pub table: String,
    /// The arrays of the session that hold them.
    pub arrays: Vec<SegmentArray>,
    /// What a segment says beside its times.
    pub values: Vec<Field>,
}

/// One array of segments.
#[derive(Debug, Clone, PartialEq)]
pub struct SegmentArray {
    /// The keys to it, below the session's member.
    pub path: Vec<String>,
    /// What its place alone says of each of its segments: column and value.
    pub says: Vec<(String, Constant)>,
}

/// A value that stands in the definition.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Constant {
    /// A flag.
    Boolean(bool),
    /// A word.
    Text(String),
}

impl Constant {
    /// The kind of column that takes it.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Boolean(_) => Kind::Boolean,
            Self::Text(_) => Kind::Text,
        }
    }
}

/// What becomes of rows that overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Overlaps {
    /// All are kept.
    Kept,
    /// Each stays that overlaps none that stays, the longest first.
    Longest,
}

/// What becomes of rows at a coarser detail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Coarser {
    /// The mean of the values in a window.
    Mean,
    /// Their sum, label by label.
    Sum,
    /// Seconds in each label.
    Seconds,
    /// There is no coarser detail.
    None,
}

/// When nothing more is to come for a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Settles {
    /// As heart rate: every device has synced after it, or two days have passed.
    WithDevices,
    /// So many days after it.
    AfterDays(u32),
}

impl Definition {
    /// The scope in full.
    #[must_use]
    pub fn scope(&self) -> String {
        format!("{SCOPES}{}.readonly", self.scope_name)
    }

    /// What its tick is called on the consent page: `activity and fitness`.
    #[must_use]
    pub fn tick(&self) -> String {
        self.scope_name.replace('_', " ")
    }

    /// The columns of the archive, in their order.
    #[must_use]
    pub fn columns(&self) -> Columns {
        let values = self.values.iter().map(|field| field.column.clone());
        let before = self.shape.columns_before().into_iter();
        before
            .chain(values)
            .chain(self.shape.columns_after())
            .collect()
    }

    /// The columns of the table of rows at a detail: seconds by label have a column of their own.
    #[must_use]
    pub fn columns_at(&self, detail: Option<Detail>) -> Columns {
        if self.coarser != Coarser::Seconds || !self.is_coarser(detail) {
            return self.columns();
        }
        let labels = self.values.iter().filter(|field| field.is_label);
        let before = self.shape.columns_before().into_iter();
        before
            .chain(labels.map(|field| field.column.clone()))
            .chain([Column::required("seconds", Kind::Int32)])
            .chain(self.shape.columns_after())
            .collect()
    }

    /// The detail is coarser than the series' own.
    #[must_use]
    pub fn is_coarser(&self, detail: Option<Detail>) -> bool {
        detail.is_some_and(|detail| self.finest.is_some_and(|finest| detail > finest))
    }

    /// Its spans have a label and no amount: they are cut at a window's edge, where amounts are filed whole by their start.
    #[must_use]
    pub fn is_label_span(&self) -> bool {
        self.shape == Shape::Intervals && self.values.iter().all(|field| field.is_label)
    }

    /// Spans of the evening before may reach into a day that is cut, or gathered at a detail: they are needed as well.
    #[must_use]
    pub fn looks_back(&self, detail: Option<Detail>, is_cut: bool) -> bool {
        self.is_label_span() && (is_cut || self.is_coarser(detail))
    }

    /// The series can be had at this detail.
    #[must_use]
    pub fn has_detail(&self, detail: Detail) -> bool {
        self.finest.is_some_and(|finest| {
            detail == finest || detail > finest && self.coarser != Coarser::None
        })
    }

    /// The fields of CSV and JSON when none are asked for, in their order.
    #[must_use]
    pub fn default_fields(&self) -> Vec<String> {
        self.default_fields_at(None)
    }

    /// The same at a detail: seconds by label have a field of their own.
    #[must_use]
    pub fn default_fields_at(&self, detail: Option<Detail>) -> Vec<String> {
        let when = self.shape.when_fields().iter().map(ToString::to_string);
        when.chain(self.shown_at(detail, |field| field.is_default))
            .collect()
    }

    /// All that `--fields` takes, those first that stand there without being asked for.
    #[must_use]
    pub fn all_fields(&self) -> Vec<String> {
        self.all_fields_at(None)
    }

    /// The same at a detail.
    #[must_use]
    pub fn all_fields_at(&self, detail: Option<Detail>) -> Vec<String> {
        let more: &[&str] = match self.shape {
            Shape::Samples => &["utc", "offset", "source"],
            Shape::Intervals => &["end", "utc", "offset", "source"],
            Shape::Sessions => &["id", "utc", "offset", "source"],
            Shape::Days => &["source"],
        };
        let when = self.shape.when_fields().iter().map(ToString::to_string);
        when.chain(self.shown_at(detail, |_| true))
            .chain(more.iter().map(ToString::to_string))
            .collect()
    }

    /// The names of values in a table of rows at a detail.
    fn shown_at(&self, detail: Option<Detail>, wanted: fn(&Field) -> bool) -> Vec<String> {
        let by_label = self.coarser == Coarser::Seconds && self.is_coarser(detail);
        let values = self.values.iter().filter(|field| wanted(field));
        let values = values.filter(|field| !by_label || field.is_label);
        let seconds = by_label.then(|| "seconds".to_owned());
        values
            .map(|field| field.shown.clone())
            .chain(seconds)
            .collect()
    }

    /// Every detail that it can be had at, finest first.
    #[must_use]
    pub fn details(&self) -> Vec<Detail> {
        let all = Detail::ALL.into_iter();
        all.filter(|detail| self.has_detail(*detail)).collect()
    }

    /// The names of its tables: its own, and that of its segments.
    pub fn tables(&self) -> impl Iterator<Item = &str> {
        let segments = self.segments.iter().map(|segments| segments.table.as_str());
        [self.name.as_str()].into_iter().chain(segments)
    }
}

impl Segments {
    /// The columns of the archive, in their order.
    #[must_use]
    pub fn columns(&self) -> Columns {
        let values = self.values.iter().map(|field| field.column.clone());
        Shape::segment_columns().into_iter().chain(values).collect()
    }

    /// The fields of CSV and JSON when none are asked for, in their order.
    #[must_use]
    pub fn default_fields(&self) -> Vec<String> {
        let values = self.values.iter().filter(|field| field.is_default);
        let when = ["session", "day", "start", "end"].map(str::to_owned);
        when.into_iter()
            .chain(values.map(|field| field.shown.clone()))
            .collect()
    }
}
