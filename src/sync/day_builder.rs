//! From queries that are fetched to days that are whole: what the three ways of fetching have in common.

use super::verify::Tally;
use crate::civil::Window;
use crate::day::{Detail, Sample, Summary};
use crate::google::points::Points;
use crate::google::rollup::{Mean, Means};
use crate::left_out::LeftOut;
use crate::live::Fetched;
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// What is fetched in one go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Query {
    /// The samples of a civil day of the account's zone, page after page.
    Day(NaiveDate, Window),
    /// What else belongs to a day, because its samples show other clocks.
    Extra(NaiveDate, Vec<Window>),
    /// The means of a range.
    Means(Window, Detail),
    /// A day that comes whole, in one answer.
    WholeDay(NaiveDate),
}

/// What came of it.
#[derive(Debug)]
pub enum Answer {
    /// For [`Query::Day`] and [`Query::Extra`].
    Points(Points),
    /// For [`Query::Means`].
    Means(Means),
    /// For [`Query::WholeDay`].
    Day(Fetched),
}

/// A day with all that belongs to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Finished {
    /// The civil day.
    pub date: NaiveDate,
    /// Its samples, ascending.
    pub samples: Vec<Sample>,
    /// When it has ended on all clocks that its samples show, in milliseconds since 1970-01-01T00:00:00Z.
    pub end: i64,
    /// Readings that were fetched for it and are not among them.
    pub left_out: LeftOut,
    /// A day beside it could not be had, and may hold some of its samples.
    pub doubtful: bool,
    /// Clocks of samples that were fetched with it and belong to other days, in seconds ahead of UTC.
    pub clocks_of_others: BTreeSet<i32>,
    /// Resting heart rate and zones, where they came with the samples.
    pub summary: Summary,
    /// What the account's own window held, minute by minute, where that is to be held against means.
    pub tally: Option<Tally>,
    /// The service's means of those minutes, where they were fetched for it.
    pub means: Option<Vec<Mean>>,
}

impl Finished {
    /// A day as it came, of which nothing else is known.
    #[must_use]
    pub fn new(date: NaiveDate, end: i64, samples: Vec<Sample>, left_out: LeftOut) -> Self {
        Self {
            date,
            samples,
            end,
            left_out,
            doubtful: false,
            clocks_of_others: BTreeSet::new(),
            summary: Summary::default(),
            tally: None,
            means: None,
        }
    }
}

/// What a builder gives.
#[derive(Debug, Clone, PartialEq)]
pub enum Ready {
    /// A day that was asked for.
    Day(Finished),
    /// Samples of a day that was not asked for; they came along, and are not all of that day.
    Strays(NaiveDate, Vec<Sample>),
}

impl Ready {
    /// Which day it is about.
    #[must_use]
    pub const fn date(&self) -> NaiveDate {
        match self {
            Self::Day(finished) => finished.date,
            Self::Strays(date, _) => *date,
        }
    }
}

/// Hands out queries, newest first, and puts days together from what they held. Does no I/O.
///
/// Every query that was handed out comes back by one of `take`, `again` and `lose`.
pub trait DayBuilder: Send {
    /// The next query to fetch; `None` while there is none, and at the end.
    fn next(&mut self) -> Option<Query>;
    /// The query was not fetched; it is handed out again.
    fn again(&mut self, query: Query);
    /// The query was fetched.
    fn take(&mut self, query: Query, got: Answer);
    /// The query cannot be had. Gives the days that will not come for want of it.
    fn lose(&mut self, query: &Query) -> Vec<NaiveDate>;
    /// A day that is whole.
    fn ready(&mut self) -> Option<Ready>;
}
