//! Heart-rate zones after Karvonen (shares of the reserve between resting and highest rate), and what each
//! minute of a day counts for.

use super::heart::{Beat, highest_rate, resting_bpm};
use chrono::NaiveDate;

/// The service's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ZoneType {
    /// Below 40 % of the reserve.
    Light,
    /// 40 % to 60 %.
    Moderate,
    /// 60 % to 85 %.
    Vigorous,
    /// Above.
    Peak,
}

impl ZoneType {
    /// Lowest first.
    pub const ALL: [Self; 4] = [Self::Light, Self::Moderate, Self::Vigorous, Self::Peak];

    /// As the service spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Light => "LIGHT",
            Self::Moderate => "MODERATE",
            Self::Vigorous => "VIGOROUS",
            Self::Peak => "PEAK",
        }
    }
}

/// One zone of one day: from `min` up to `max`, which is the next zone's `min`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Zone {
    /// Which.
    pub kind: ZoneType,
    /// Beats a minute.
    pub min: u16,
    /// Beats a minute.
    pub max: u16,
}

/// One civil minute in which the device was worn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Minute {
    /// Its first millisecond since 1970.
    pub start: i64,
    /// Seconds that the wall clock is ahead of UTC.
    pub utc_offset: i32,
    /// The zone of its mean rate.
    pub zone: ZoneType,
    /// What it burnt.
    pub kcal: f64,
}

/// The four zones of a day, lowest first.
pub fn of(date: NaiveDate) -> [Zone; 4] {
    let resting = resting_bpm(date);
    let reserve = highest_rate(date) - f64::from(resting);
    let at = |share: f64| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of at most 205 beats a minute"
        )]
        let bpm = (reserve * share).round() as u16;
        resting + bpm
    };
    let limits = [30, at(0.40), at(0.60), at(0.85), 220];
    let zone = |index: usize, kind| Zone {
        kind,
        min: limits.get(index).copied().unwrap_or(0),
        max: limits.get(index + 1).copied().unwrap_or(0),
    };
    [
        zone(0, ZoneType::Light),
        zone(1, ZoneType::Moderate),
        zone(2, ZoneType::Vigorous),
        zone(3, ZoneType::Peak),
    ]
}

/// The minutes that have beats, ascending.
pub fn minutes(beats: &[Beat], zones: &[Zone; 4]) -> Vec<Minute> {
    beats
        .chunk_by(|a, b| a.instant.div_euclid(60_000) == b.instant.div_euclid(60_000))
        .filter_map(|minute| {
            let first = minute.first()?;
            let sum: u32 = minute.iter().map(|beat| u32::from(beat.bpm)).sum();
            let count = u32::try_from(minute.len()).ok()?;
            let mean = f64::from(sum) / f64::from(count);
            Some(Minute {
                start: first.instant.div_euclid(60_000) * 60_000,
                utc_offset: first.utc_offset,
                zone: zones
                    .iter()
                    .rev()
                    .find(|zone| mean >= f64::from(zone.min))
                    .map_or(ZoneType::Light, |zone| zone.kind),
                kcal: kcal_of_minute(mean),
            })
        })
        .collect()
}

/// The resting metabolism of a grown person, and what effort adds to it.
fn kcal_of_minute(mean_bpm: f64) -> f64 {
    1.12 + 0.12 * (mean_bpm - 74.0).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::wearer::heart;
    use crate::zone::Tz;

    #[test]
    fn zones_touch_and_ascend() {
        let first = NaiveDate::from_ymd_opt(2015, 3, 1).unwrap_or_default();
        for day in first.iter_days().take(4200) {
            let zones = of(day);
            assert!(zones.iter().all(|zone| zone.min < zone.max), "{zones:?}");
            assert!(
                zones
                    .windows(2)
                    .all(|pair| matches!(pair, [a, b] if a.max == b.min))
            );
        }
    }

    #[test]
    fn minutes_add_up_to_the_time_worn() {
        let date = NaiveDate::from_ymd_opt(2017, 6, 1).unwrap_or_default();
        let beats = heart::samples(date, Tz::of("America/New_York"));
        let minutes = minutes(&beats, &of(date));
        assert!((1300..1440).contains(&minutes.len()), "{}", minutes.len());
        let in_zone = |kind| minutes.iter().filter(|minute| minute.zone == kind).count();
        assert!(in_zone(ZoneType::Light) > 1100);
        assert!(in_zone(ZoneType::Vigorous) > 10);
        let kcal: f64 = minutes.iter().map(|minute| minute.kcal).sum();
        assert!((1600.0..3600.0).contains(&kcal), "{kcal}");
    }
}
