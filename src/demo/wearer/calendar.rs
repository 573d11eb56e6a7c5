//! Where a civil day of a zone begins and ends, and how far its clock is from UTC in between.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Offset, TimeDelta, TimeZone};
use chrono_tz::Tz;

/// One civil day: `[start, end)` in seconds since 1970, 23, 24 or 25 hours long where clocks change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CivilDay {
    /// The date on the wall.
    pub date: NaiveDate,
    /// The first second.
    pub start: i64,
    /// The first second of the next day.
    pub end: i64,
    /// Seconds ahead of UTC as the day begins.
    pub offset_at_start: i32,
    /// Seconds ahead of UTC as the day ends.
    pub offset_at_end: i32,
    /// The first second with the later offset; `end` on most days.
    pub change: i64,
}

impl CivilDay {
    /// The day `date` in `zone`.
    pub fn of(date: NaiveDate, zone: Tz) -> Self {
        let start = first_second(date, zone);
        let end = date
            .checked_add_days(Days::new(1))
            .map_or(start, |next| first_second(next, zone));
        let offset_at_start = offset_at(start, zone);
        let offset_at_end = offset_at((end - 1).max(start), zone);
        let change = if offset_at_start == offset_at_end {
            end
        } else {
            first_with(start, end, |second| {
                offset_at(second, zone) == offset_at_end
            })
        };
        Self {
            date,
            start,
            end,
            offset_at_start,
            offset_at_end,
            change,
        }
    }

    /// Seconds ahead of UTC at a second of this day.
    pub const fn offset_at(&self, second: i64) -> i32 {
        if second < self.change {
            self.offset_at_start
        } else {
            self.offset_at_end
        }
    }
}

/// Seconds ahead of UTC in `zone` at a second since 1970.
pub fn offset_at(second: i64, zone: Tz) -> i32 {
    let at = DateTime::from_timestamp(second, 0).unwrap_or_default();
    zone.offset_from_utc_datetime(&at.naive_utc())
        .fix()
        .local_minus_utc()
}

/// The date on the wall in `zone` at a second since 1970.
pub fn date_at(second: i64, zone: Tz) -> NaiveDate {
    let wall = second + i64::from(offset_at(second, zone));
    DateTime::from_timestamp(wall, 0)
        .unwrap_or_default()
        .date_naive()
}

/// Midnight, or the first time after it that the zone's clocks show.
fn first_second(date: NaiveDate, zone: Tz) -> i64 {
    let midnight = date.and_time(NaiveTime::MIN);
    (0..=96)
        .find_map(|quarter| {
            let local = midnight.checked_add_signed(TimeDelta::minutes(15 * quarter))?;
            zone.from_local_datetime(&local).earliest()
        })
        .map_or(0, |at| at.timestamp())
}

/// The first second in `[low, high)` for which `is_after` holds, given that it holds from there on.
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
    use chrono_tz::America::{New_York, Sao_Paulo};
    use chrono_tz::Pacific::Apia;

    fn hours(y: i32, m: u32, d: u32, zone: Tz) -> i64 {
        let day = CivilDay::of(NaiveDate::from_ymd_opt(y, m, d).unwrap_or_default(), zone);
        (day.end - day.start) / 3600
    }

    #[test]
    fn days_have_23_24_or_25_hours() {
        assert_eq!(hours(2017, 6, 1, New_York), 24);
        assert_eq!(hours(2017, 3, 12, New_York), 23);
        assert_eq!(hours(2017, 11, 5, New_York), 25);
        // Midnight itself does not exist on this one.
        assert_eq!(hours(2017, 10, 15, Sao_Paulo), 23);
        // Samoa left this date out.
        assert_eq!(hours(2011, 12, 30, Apia), 0);
    }

    #[test]
    fn the_offset_changes_at_two_in_the_morning() {
        let date = NaiveDate::from_ymd_opt(2017, 11, 5).unwrap_or_default();
        let day = CivilDay::of(date, New_York);
        assert_eq!(day.change - day.start, 2 * 3600);
        assert_eq!(day.offset_at(day.change - 1), -4 * 3600);
        assert_eq!(day.offset_at(day.change), -5 * 3600);
        assert_eq!(date_at(day.end - 1, New_York), date);
    }
}
