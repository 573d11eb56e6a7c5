//! A wall clock's time as milliseconds since 1970 of that clock, and what it is ahead of UTC in words.

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
