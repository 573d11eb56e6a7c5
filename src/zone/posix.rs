//! The rule form of `TZ`: `CET-1CEST,M3.5.0,M10.5.0/3`. POSIX.1-2017, section 8.3, and the wider hours of RFC 9636, 3.3.1.

use super::clock::Clock;
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, Weekday};

/// A clock, and where it has one, its summer time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    standard: Clock,
    summer: Option<Summer>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Summer {
    clock: Clock,
    start: Change,
    end: Change,
}

/// When a clock is changed: a day of each year, and seconds after its midnight on the wall clock until then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Change {
    day: Day,
    time: i32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Day {
    /// `J60`: 1 to 365, 29 February never counted.
    WithoutLeap(u32),
    /// `59`: 0 to 365, 29 February counted.
    OfYear(u32),
    /// `M3.5.0`: month, week (5 is the last), weekday from Sunday.
    Weekday(u32, u32, u32),
}

/// What applies where a rule names a summer time and no dates, as the C libraries have it.
const USUAL_DATES: &str = ",M3.2.0,M11.1.0";

impl Rule {
    /// Reads a whole rule; `None` if it is none. Hours are west positive, as POSIX has them.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut rest = Reader(text);
        let name = rest.name()?;
        let standard = Clock::new(-rest.time(24)?, name)?;
        if rest.0.is_empty() {
            return Some(Self {
                standard,
                summer: None,
            });
        }
        let name = rest.name()?;
        let is_offset = !rest.0.is_empty() && !rest.0.starts_with(',');
        let utc_offset = if is_offset {
            -rest.time(24)?
        } else {
            standard.utc_offset + 3600
        };
        if rest.0.is_empty() {
            rest = Reader(USUAL_DATES);
        }
        let summer = Some(Summer {
            clock: Clock::new(utc_offset, name)?,
            start: rest.change()?,
            end: rest.change()?,
        });
        rest.0.is_empty().then_some(Self { standard, summer })
    }

    /// The clock of the winter.
    pub(super) const fn standard(&self) -> &Clock {
        &self.standard
    }

    /// The clock is changed twice a year.
    pub(super) const fn changes(&self) -> bool {
        self.summer.is_some()
    }

    /// The changes that are made in a year of the rule, ascending; in seconds since 1970-01-01T00:00:00Z.
    pub(super) fn changes_of(&self, year: i32) -> Vec<(i64, Clock)> {
        let Some(summer) = &self.summer else {
            return Vec::new();
        };
        let starts = summer.start.in_year(year, self.standard.utc_offset);
        let ends = summer.end.in_year(year, summer.clock.utc_offset);
        let starts = starts.map(|at| (at, summer.clock.clone()));
        let ends = ends.map(|at| (at, self.standard.clone()));
        let mut both: Vec<_> = starts.into_iter().chain(ends).collect();
        both.sort_by_key(|(at, _)| *at);
        both
    }

    /// What the clock shows at an instant in seconds.
    pub(super) fn at(&self, seconds: i64) -> &Clock {
        let (Some(summer), Some(date)) = (&self.summer, DateTime::from_timestamp(seconds, 0))
        else {
            return &self.standard;
        };
        // A change may be in the year before by UTC; the latest that has begun counts.
        let begun = |change: &Change, utc_offset| {
            let years = [date.year() - 1, date.year(), date.year() + 1];
            years
                .into_iter()
                .rev()
                .filter_map(|year| change.in_year(year, utc_offset))
                .find(|at| *at <= seconds)
        };
        let started = begun(&summer.start, self.standard.utc_offset);
        let ended = begun(&summer.end, summer.clock.utc_offset);
        if started >= ended {
            &summer.clock
        } else {
            &self.standard
        }
    }
}

impl Change {
    /// The instant in seconds, by the clock until then.
    fn in_year(self, year: i32, utc_offset: i32) -> Option<i64> {
        let midnight = self
            .day
            .in_year(year)?
            .and_time(NaiveTime::MIN)
            .and_utc()
            .timestamp();
        Some(midnight + i64::from(self.time - utc_offset))
    }
}

impl Day {
    fn in_year(self, year: i32) -> Option<NaiveDate> {
        let new_year = NaiveDate::from_ymd_opt(year, 1, 1)?;
        match self {
            Self::OfYear(days) => new_year.checked_add_days(Days::new(days.into())),
            Self::WithoutLeap(day) => {
                let leap = u32::from(new_year.leap_year() && day >= 60);
                new_year.checked_add_days(Days::new(u64::from(day - 1 + leap)))
            }
            Self::Weekday(month, week, weekday) => {
                let weekday = Weekday::try_from(u8::try_from((weekday + 6) % 7).ok()?).ok()?;
                let week = u8::try_from(week).ok()?;
                let of_week =
                    |week| NaiveDate::from_weekday_of_month_opt(year, month, weekday, week);
                of_week(week).or_else(|| of_week(4))
            }
        }
    }
}

/// What is left of a rule's text.
struct Reader<'a>(&'a str);

impl Reader<'_> {
    /// `CET` or `<+03>`.
    fn name(&mut self) -> Option<String> {
        if let Some(quoted) = self.0.strip_prefix('<') {
            let (name, rest) = quoted.split_once('>')?;
            self.0 = rest;
            return Some(name.to_owned());
        }
        let name = self.while_true(|c| c.is_ascii_alphabetic());
        (name.len() >= 3).then(|| name.to_owned())
    }

    /// `[+-]hh[:mm[:ss]]` in seconds.
    fn time(&mut self, most_hours: i32) -> Option<i32> {
        let sign = if self.skips('-') { -1 } else { 1 };
        if sign == 1 {
            self.skips('+');
        }
        let mut seconds = self.number(most_hours)? * 3600;
        for unit in [60, 1] {
            if !self.skips(':') {
                break;
            }
            seconds += self.number(59)? * unit;
        }
        Some(sign * seconds)
    }

    /// `,M3.5.0/2`.
    fn change(&mut self) -> Option<Change> {
        self.skips(',').then_some(())?;
        let day = if self.skips('M') {
            let month = self.number(12)?;
            let week = self.skips('.').then(|| self.number(5))??;
            let weekday = self.skips('.').then(|| self.number(6))??;
            (month > 0 && week > 0).then_some(())?;
            Day::Weekday(
                month.unsigned_abs(),
                week.unsigned_abs(),
                weekday.unsigned_abs(),
            )
        } else if self.skips('J') {
            Day::WithoutLeap(self.number(365).filter(|day| *day > 0)?.unsigned_abs())
        } else {
            Day::OfYear(self.number(365)?.unsigned_abs())
        };
        let time = if self.skips('/') {
            self.time(167)?
        } else {
            7200
        };
        Some(Change { day, time })
    }

    fn number(&mut self, most: i32) -> Option<i32> {
        let digits = self.while_true(|c| c.is_ascii_digit());
        digits.parse().ok().filter(|number| *number <= most)
    }

    fn skips(&mut self, c: char) -> bool {
        let rest = self.0.strip_prefix(c);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn while_true(&mut self, holds: impl Fn(char) -> bool) -> &str {
        let end = self.0.find(|c| !holds(c)).unwrap_or(self.0.len());
        let (found, rest) = self.0.split_at(end);
        self.0 = rest;
        found
    }
}
