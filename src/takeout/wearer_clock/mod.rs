//! The wearer's clock: what it was ahead of UTC at every instant, recovered from the files themselves.
//!
//! [`day_bounds`] reads what one JSON file proves, [`timeline`] puts the files of all days side by side and decides, and
//! a [`Clock`] answers for the records of one day. Pure: nothing here reads a file.

pub mod day_bounds;
pub mod offsets;
pub mod reading;
pub mod rule;
pub mod timeline;

#[cfg(test)]
mod tests;

pub use day_bounds::DayBounds;
pub use offsets::Offsets;
pub use reading::{Clock, Reading};
pub use rule::{Candidate, Evidence, Rule};
pub use timeline::{Span, Timeline};

use chrono::NaiveDate;

/// A day in milliseconds.
pub const DAY_MS: i64 = 86_400_000;

/// The start of a date on a wall clock, in milliseconds since 1970 of that clock.
#[must_use]
pub fn midnight(day: NaiveDate) -> i64 {
    i64::from(day.to_epoch_days()) * DAY_MS
}

/// The date of a wall clock in milliseconds.
#[must_use]
pub fn date(local_time: i64) -> NaiveDate {
    i32::try_from(local_time.div_euclid(DAY_MS))
        .ok()
        .and_then(NaiveDate::from_epoch_days)
        .unwrap_or_default()
}

/// `+05:30`.
#[must_use]
pub fn offset_text(utc_offset: i32) -> String {
    let sign = if utc_offset < 0 { '-' } else { '+' };
    let minutes = utc_offset.abs() / 60;
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}
