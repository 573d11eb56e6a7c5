//! Time zones: the newer of this machine's database and the bundled one, fixed offsets, and what `TZ` may say.
//!
//! [`Tz`] is chrono's `TimeZone`. A zone is read once, kept for the life of the program and passed about as a reference.

mod database;
mod machine;
mod posix;
mod table;
mod tzif;

pub use database::{Database, database, look_in};
pub use machine::{local, of_variable};

use chrono::{FixedOffset, MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Mutex;
use table::{Clock, Table};

/// A time zone.
#[derive(Clone, Copy)]
pub struct Tz(&'static Zone);

/// What a [`Tz`] refers to: one for each name.
struct Zone {
    name: &'static str,
    table: Table,
}

static UTC: Zone = Zone {
    name: "UTC",
    table: Table::fixed(Clock::UTC),
};

static KNOWN: Mutex<BTreeMap<&'static str, Tz>> = Mutex::new(BTreeMap::new());

impl Tz {
    /// Coordinated Universal Time.
    pub const UTC: Self = Self(&UTC);

    /// A zone that the program itself names.
    ///
    /// # Panics
    /// Panics when no database has the name.
    #[must_use]
    pub fn of(name: &str) -> Self {
        name.parse().expect("a zone of every database")
    }

    /// A clock that is always so many seconds ahead of UTC, called `+02:00` or `UTC`; `None` from 24 hours on.
    #[must_use]
    pub fn fixed(utc_offset: i32) -> Option<Self> {
        if utc_offset == 0 {
            return Some(Self::UTC);
        }
        let name = FixedOffset::east_opt(utc_offset)?.to_string();
        let clock = Clock::new(utc_offset, name.clone())?;
        Some(Self::known(&name, || Some(Table::fixed(clock))).expect("a table was given"))
    }

    /// The IANA name, the offset or the rule; what [`Tz::from_str`] reads back.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// What the zone's wall clock is ahead of UTC at an instant, in seconds. The instant is in milliseconds since
    /// 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn utc_offset(self, instant: i64) -> i32 {
        self.0.table.at(instant.div_euclid(1000)).utc_offset
    }

    /// The zone of that name; its table is made if it is new.
    fn known(name: &str, table: impl FnOnce() -> Option<Table>) -> Option<Self> {
        let mut known = KNOWN
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(zone) = known.get(name) {
            return Some(*zone);
        }
        let table = table()?;
        let name: &'static str = Box::leak(name.to_owned().into_boxed_str());
        let zone = Self(Box::leak(Box::new(Zone { name, table })));
        known.insert(name, zone);
        Some(zone)
    }

    fn at(self, seconds: i64) -> ZoneOffset {
        let clock = self.0.table.at(seconds);
        ZoneOffset { zone: self, clock }
    }
}

/// No database has that name, and it is neither an offset nor a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown;

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no time zone is called so; use an IANA name such as America/New_York, or an offset such as UTC+02:00")
    }
}

impl std::error::Error for Unknown {}

impl FromStr for Tz {
    type Err = Unknown;

    /// An IANA name in any case; `GMT+02:00`, `UTC+1`, `-05:30`: east positive; or a POSIX rule with its dates.
    fn from_str(text: &str) -> Result<Self, Unknown> {
        let text = text.trim();
        let offset = || Self::fixed(east_of_greenwich(text)?);
        let rule = || {
            Self::of_rule(
                &posix::Rule::parse(text).filter(|_| text.contains(','))?,
                text,
            )
        };
        database::named(text)
            .or_else(offset)
            .or_else(rule)
            .ok_or(Unknown)
    }
}

/// The seconds of `GMT+02:00`, `UTC-5`, `+0530`.
fn east_of_greenwich(text: &str) -> Option<i32> {
    let upper = text.to_ascii_uppercase().replace('\u{2212}', "-");
    let prefixes = ["GMT", "UTC", "UT"];
    let signed = prefixes
        .iter()
        .find_map(|prefix| upper.strip_prefix(prefix))
        .unwrap_or(&upper)
        .trim_start();
    let (sign, digits) = match signed.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None if digits.len() > 2 => digits.split_at_checked(digits.len() - 2)?,
        None => (digits, "00"),
    };
    let number = |text: &str, lengths: std::ops::RangeInclusive<usize>| {
        let is_number =
            lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse::<i32>().ok()).flatten()
    };
    let (hours, minutes) = (number(hours, 1..=2)?, number(minutes, 2..=2)?);
    (hours <= 18 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

impl PartialEq for Tz {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Tz {}

impl std::hash::Hash for Tz {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.name().hash(state);
    }
}

impl fmt::Debug for Tz {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Tz {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The offset of a zone at some instant; shown as its abbreviation.
#[derive(Clone, Copy)]
pub struct ZoneOffset {
    zone: Tz,
    clock: &'static Clock,
}

impl Offset for ZoneOffset {
    fn fix(&self) -> FixedOffset {
        FixedOffset::east_opt(self.clock.utc_offset).expect("less than a day, as clocks are made")
    }
}

impl fmt::Debug for ZoneOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {}", self.fix(), self.zone)
    }
}

impl fmt::Display for ZoneOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.clock.abbreviation)
    }
}

impl TimeZone for Tz {
    type Offset = ZoneOffset;

    fn from_offset(offset: &ZoneOffset) -> Self {
        offset.zone
    }

    fn offset_from_local_date(&self, local: &NaiveDate) -> MappedLocalTime<ZoneOffset> {
        self.offset_from_local_datetime(&local.and_time(NaiveTime::MIN))
    }

    /// The offsets before, at and after that time are tried; a day has one change of the clock at most.
    fn offset_from_local_datetime(&self, local: &NaiveDateTime) -> MappedLocalTime<ZoneOffset> {
        const DAY: i64 = 86_400;
        let local = local.and_utc().timestamp();
        let tried = [-DAY, 0, DAY].map(|away| self.at(local + away).clock.utc_offset);
        let at = |utc_offset: i32| self.at(local - i64::from(utc_offset));
        let shows = |utc_offset: &i32| at(*utc_offset).clock.utc_offset == *utc_offset;
        let fitting = tried.into_iter().filter(shows);
        // The clock that is further ahead shows a time first.
        match (fitting.clone().max(), fitting.min()) {
            (Some(most), Some(least)) if most == least => MappedLocalTime::Single(at(most)),
            (Some(most), Some(least)) => MappedLocalTime::Ambiguous(at(most), at(least)),
            _ => MappedLocalTime::None,
        }
    }

    fn offset_from_utc_date(&self, utc: &NaiveDate) -> ZoneOffset {
        self.offset_from_utc_datetime(&utc.and_time(NaiveTime::MIN))
    }

    fn offset_from_utc_datetime(&self, utc: &NaiveDateTime) -> ZoneOffset {
        self.at(utc.and_utc().timestamp())
    }
}

#[cfg(test)]
mod tests;
