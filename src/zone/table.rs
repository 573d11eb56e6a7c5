//! How a zone's clock went and will go: its changes in ascending order, and the rule for the time after the last.

use super::clock::Clock;
use super::posix::Rule;
use chrono::{DateTime, Datelike};

/// Changes of the clock. Seconds since 1970-01-01T00:00:00Z.
#[derive(Debug)]
pub(super) struct Table {
    before: Clock,
    changes: Vec<(i64, Clock)>,
    /// For what lies after the last change.
    rule: Option<Rule>,
}

/// Until then a rule's changes are written out: a search in a list is quicker than a calendar.
const LAST_YEAR: i32 = 2060;

impl Table {
    pub(super) const fn fixed(clock: Clock) -> Self {
        Self {
            before: clock,
            changes: Vec::new(),
            rule: None,
        }
    }

    /// A clock that always went by a rule.
    pub(super) fn of_rule(rule: Rule) -> Self {
        Self::new(rule.standard().clone(), Vec::new(), Some(rule))
    }

    /// The changes ascend.
    pub(super) fn new(before: Clock, mut changes: Vec<(i64, Clock)>, rule: Option<Rule>) -> Self {
        let last = changes.last().map_or(i64::MIN, |(at, _)| *at);
        if let Some(rule) = rule.as_ref().filter(|rule| rule.changes()) {
            let first_year = DateTime::from_timestamp(last, 0).map_or(1900, |at| at.year());
            let to_come = (first_year..=LAST_YEAR).flat_map(|year| rule.changes_of(year));
            changes.extend(to_come.filter(|(at, _)| *at > last));
        }
        Self {
            before,
            changes,
            rule,
        }
    }

    /// What the clock shows at an instant in seconds.
    pub(super) fn at(&self, seconds: i64) -> &Clock {
        let begun = self.changes.partition_point(|(at, _)| *at <= seconds);
        if begun == self.changes.len()
            && let Some(rule) = &self.rule
        {
            return rule.at(seconds);
        }
        begun
            .checked_sub(1)
            .map_or(&self.before, |last| &self.changes[last].1)
    }
}
