//! Readings that are left out, because they cannot be read or are no heart rate; and how many are too many. Pure.

use crate::numerals::counted;
use std::fmt;
use std::ops::AddAssign;

/// From so many readings on their share says something.
const ENOUGH: u64 = 100;

/// More than one in a hundred, of a hundred or more: no odd ones, but a service that has changed.
#[must_use]
pub const fn are_too_many(odd: u64, of: u64) -> bool {
    of >= ENOUGH && odd > of / 100
}

/// What was left out of readings that came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// All that came.
    pub of: u64,
    /// Not as documented.
    pub unreadable: u64,
    /// Outside 1 to 300 beats per minute.
    pub implausible: u64,
}

impl LeftOut {
    /// How many were left out.
    #[must_use]
    pub const fn count(self) -> u64 {
        self.unreadable + self.implausible
    }

    /// Too many, or several and not one that can be read.
    #[must_use]
    pub const fn is_nonsense(self) -> bool {
        are_too_many(self.count(), self.of) || (self.of > 1 && self.unreadable == self.of)
    }

    /// What to say of that.
    #[must_use]
    pub fn problem(self) -> String {
        format!(
            "the service has changed: {} of {} cannot be read or are outside 1 to 300 bpm",
            self.count(),
            counted(self.of, "reading")
        )
    }
}

impl AddAssign for LeftOut {
    fn add_assign(&mut self, other: Self) {
        self.of += other.of;
        self.unreadable += other.unreadable;
        self.implausible += other.implausible;
    }
}

/// What a person is told: `2 readings that cannot be read were left out`.
impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let were = if self.count() == 1 { "was" } else { "were" };
        let unreadable = counted(self.unreadable, "reading") + " that cannot be read";
        let implausible = counted(self.implausible, "reading") + " outside 1 to 300 bpm";
        match (self.unreadable, self.implausible) {
            (0, _) => write!(f, "{implausible} {were} left out"),
            (_, 0) => write!(f, "{unreadable} {were} left out"),
            _ => write!(f, "{unreadable} and {implausible} {were} left out"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_a_hundred_on_more_than_one_in_a_hundred_is_too_many() {
        for (of, odd, too_many) in [
            (0, 0, false),
            (3, 3, false),
            (99, 49, false),
            (99, 99, false),
            (100, 1, false),
            (100, 2, true),
            (199, 2, true),
            (200, 2, false),
            (299, 3, true),
            (300, 3, false),
            (27_500, 275, false),
            (27_500, 276, true),
        ] {
            assert_eq!(are_too_many(odd, of), too_many, "{odd} of {of}");
        }
        let all = |of| LeftOut {
            of,
            unreadable: of,
            implausible: 0,
        };
        assert!(all(2).is_nonsense() && !all(1).is_nonsense());
    }

    #[test]
    fn it_is_said_in_a_line() {
        let said = |unreadable, implausible| {
            LeftOut {
                of: 9,
                unreadable,
                implausible,
            }
            .to_string()
        };
        assert_eq!(said(0, 2), "2 readings outside 1 to 300 bpm were left out");
        assert_eq!(said(1, 0), "1 reading that cannot be read was left out");
        assert_eq!(
            said(1, 1),
            "1 reading that cannot be read and 1 reading outside 1 to 300 bpm were left out"
        );
    }
}
