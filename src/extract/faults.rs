//! Points that could not be read, counted for each extract of a run.

/// From so many points on, faults say that the service has changed.
const ENOUGH: u64 = 100;

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
        self.points >= ENOUGH && self.unreadable * 100 > self.points
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_in_a_hundred_is_borne() {
        for (points, unreadable, too_many) in [
            (99, 99, false),
            (100, 1, false),
            (100, 2, true),
            (199, 2, true),
            (200, 2, false),
            (0, 0, false),
        ] {
            let faults = Faults { points, unreadable };
            assert_eq!(faults.are_too_many(), too_many, "{faults:?}");
        }
    }
}
