//! A civil day of a zone, and how far its clock is from UTC before and after a change of the clocks.

use crate::civil;
use crate::zone::Tz;
use chrono::NaiveDate;
use std::ops::Range;

/// One civil day in milliseconds since 1970: 23, 24 or 25 hours long where clocks change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CivilDay {
    /// From its first instant up to the first of the next day.
    pub window: Range<i64>,
    /// Seconds ahead of UTC as the day begins.
    offset_at_start: i32,
    /// Seconds ahead of UTC as the day ends.
    offset_at_end: i32,
    /// The first second with the later offset; the end on most days.
    change: i64,
}

impl CivilDay {
    /// The day `date` in `zone`; of no length where the zone left the date out.
    pub fn of(date: NaiveDate, zone: Tz) -> Self {
        let window = civil::window(date, zone).unwrap_or(0..0);
        let offset_at_start = civil::offset_at(window.start, zone);
        let offset_at_end = civil::offset_at(window.end - 1, zone);
        let change = if offset_at_start == offset_at_end {
            window.end
        } else {
            first_with(window.start / 1000, window.end / 1000, |second| {
                civil::offset_at(second * 1000, zone) == offset_at_end
            }) * 1000
        };
        Self {
            window,
            offset_at_start,
            offset_at_end,
            change,
        }
    }

    /// Seconds ahead of UTC at an instant of this day.
    pub const fn offset_at(&self, instant: i64) -> i32 {
        if instant < self.change {
            self.offset_at_start
        } else {
            self.offset_at_end
        }
    }
}

/// The date on the wall in `zone` at an instant (milliseconds).
pub fn date_at(instant: i64, zone: Tz) -> NaiveDate {
    civil::local_date(instant, civil::offset_at(instant, zone))
}

/// The first number in `[low, high)` for which `is_after` holds, given that it holds from there on.
fn first_with(mut low: i64, mut high: i64, is_after: impl Fn(i64) -> bool) -> i64 {
    while low < high {
        let middle = low + (high - low) / 2;
        if is_after(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(y: i32, m: u32, d: u32, zone: Tz) -> CivilDay {
        CivilDay::of(NaiveDate::from_ymd_opt(y, m, d).unwrap_or_default(), zone)
    }

    #[test]
    fn the_offset_changes_at_two_in_the_morning() {
        let autumn = day(2017, 11, 5, Tz::of("America/New_York"));
        assert_eq!(autumn.change - autumn.window.start, 2 * 3_600_000);
        assert_eq!(autumn.offset_at(autumn.change - 1), -4 * 3600);
        assert_eq!(autumn.offset_at(autumn.change), -5 * 3600);
        let date = date_at(autumn.window.end - 1, Tz::of("America/New_York"));
        assert_eq!(date.to_string(), "2017-11-05");
    }

    #[test]
    fn a_date_that_a_zone_left_out_has_no_length() {
        assert!(day(2011, 12, 30, Tz::of("Pacific/Apia")).window.is_empty());
    }
}
