//! Heart-rate zones after Karvonen (shares of the reserve between resting and highest rate), and what a heart rate burns.

use super::heart::{highest_rate, resting_bpm};
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

/// The zone of a heart rate.
pub fn zone_of(zones: &[Zone; 4], bpm: f64) -> ZoneType {
    let reached = zones.iter().rev().find(|zone| bpm >= f64::from(zone.min));
    reached.map_or(ZoneType::Light, |zone| zone.kind)
}

/// The resting metabolism of a grown person, and what effort adds to it, to the hundredth.
pub fn kcal_of_minute(mean_bpm: f64) -> f64 {
    let kcal = 1.12 + 0.12 * (mean_bpm - 74.0).max(0.0);
    (kcal * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_touch_and_ascend() {
        let first = NaiveDate::from_ymd_opt(2015, 3, 1).unwrap_or_default();
        for day in first.iter_days().take(4200) {
            let zones = of(day);
            assert!(zones.iter().all(|zone| zone.min < zone.max), "{zones:?}");
            assert!(zones.windows(2).all(|pair| pair[0].max == pair[1].min));
        }
    }
}
