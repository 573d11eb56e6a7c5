//! How a clock went for a while, and how that is known.

use super::offset_text;
use crate::zone::Tz;
use std::fmt;

/// Where an offset comes from, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Evidence {
    /// `--timezone`.
    Given,
    /// What a live service said at the same instant or nearby.
    Live,
    /// The bounds of the day's own file leave no other.
    Files,
    /// The bounds of the day's file, narrowed by what the nights before and after state.
    Sleeps,
    /// The bounds of the day's file or none at all, narrowed by the files of the days around.
    Neighbours,
    /// The zone in the archive's profile.
    Profile,
    /// The zone in the keys file.
    Keys,
    /// The zone of this machine.
    Machine,
    /// Nothing: UTC.
    Nothing,
}

impl Evidence {
    /// Every kind, the surest first.
    pub const ALL: [Self; 9] = [
        Self::Given,
        Self::Live,
        Self::Files,
        Self::Sleeps,
        Self::Neighbours,
        Self::Profile,
        Self::Keys,
        Self::Machine,
        Self::Nothing,
    ];

    /// The word in summaries and in `--json`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Live => "live",
            Self::Files => "files",
            Self::Sleeps => "sleeps",
            Self::Neighbours => "neighbours",
            Self::Profile => "profile",
            Self::Keys => "keys",
            Self::Machine => "machine",
            Self::Nothing => "none",
        }
    }
}

/// How the clock went for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// As in a zone.
    Zone(Tz),
    /// So many seconds ahead of UTC.
    Fixed(i32),
}

impl Rule {
    /// Seconds ahead of UTC at an instant in milliseconds.
    #[must_use]
    pub fn utc_offset(self, instant: i64) -> i32 {
        match self {
            Self::Zone(zone) => zone.utc_offset(instant),
            Self::Fixed(utc_offset) => utc_offset,
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Zone(zone) => f.write_str(zone.name()),
            Self::Fixed(utc_offset) => f.write_str(&offset_text(*utc_offset)),
        }
    }
}

/// A zone that may explain what the files leave open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// The zone.
    pub zone: Tz,
    /// Where it comes from.
    pub evidence: Evidence,
}
