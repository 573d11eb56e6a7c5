//! What there is of a series in a file: how much, from when to when, and how far apart.

use crate::day::{Day, Sample};
use crate::extract::Rows;

/// Of a day, or of sessions of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Extent {
    /// How many rows there are.
    pub rows: usize,
    /// The wall clock of the first.
    pub first: Option<i64>,
    /// That of the last; of sessions the latest end.
    pub last: Option<i64>,
    /// The longest time between neighbouring samples in whole seconds.
    pub largest_gap_s: Option<i64>,
}

impl Extent {
    /// Of heart rate.
    pub fn of_samples(day: &Day) -> Self {
        let at = |sample: Option<&Sample>| sample.map(|sample| sample.local_time);
        Self {
            rows: day.samples.len(),
            first: at(day.samples.first()),
            last: at(day.samples.last()),
            largest_gap_s: day.largest_gap_s(),
        }
    }

    /// Of any other series.
    pub fn of_rows(rows: &Rows) -> Self {
        let starts = rows.ints("local_time");
        let last_end = rows.ints("local_end").iter().flatten().max().copied();
        Self {
            rows: rows.len(),
            first: starts.first().copied().flatten(),
            last: last_end.or(starts.last().copied().flatten()),
            largest_gap_s: None,
        }
    }

    /// Of several files; a gap lies within one of them.
    pub fn together(all: impl Iterator<Item = Self>) -> Self {
        all.fold(Self::default(), |sum, one| Self {
            rows: sum.rows + one.rows,
            first: sum.first.into_iter().chain(one.first).min(),
            last: sum.last.max(one.last),
            largest_gap_s: sum.largest_gap_s.max(one.largest_gap_s),
        })
    }
}
