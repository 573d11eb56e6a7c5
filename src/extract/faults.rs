//! Points that could not be read, counted for each extract of a run.

use crate::left_out;

/// How many points came, and how many of them could not be read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Faults {
    /// All points.
    pub points: u64,
    /// Those without a required member, with a value out of its range, or not understood.
    pub unreadable: u64,
}

impl Faults {
    /// More than one in a hundred, of a hundred or more: the service has changed.
    #[must_use]
    pub const fn are_too_many(self) -> bool {
        left_out::are_too_many(self.unreadable, self.points)
    }

    /// Those of two parts of a run together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            points: self.points + other.points,
            unreadable: self.unreadable + other.unreadable,
        }
    }
}
