//! [`Tz`]: a zone as chrono's `TimeZone`, read once and kept for the life of the program.

use super::clock::Clock;
use super::table::Table;
use chrono::{FixedOffset, MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Mutex;

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

    /// The IANA name, the offset or the rule; what parsing it reads back.
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
    pub(super) fn known(name: &str, table: impl FnOnce() -> Option<Table>) -> Option<Self> {
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

impl PartialEq for Tz {
    fn eq(&self, other: &Self) -> bool {
        // Most often they are one and the same, of which no name needs to be read.
        std::ptr::eq(self.0, other.0) || self.name() == other.name()
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
