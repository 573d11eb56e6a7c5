//! Daily values and days of roll-ups as they stand in answers.

use super::wire::{WireDate, WireNumber, WireText};
use serde::Deserialize;

/// A daily value, or a day of a roll-up: each data type has one of the members.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireDay<'a> {
    pub(super) daily_resting_heart_rate: Option<WireResting>,
    #[serde(borrow)]
    pub(super) daily_heart_rate_zones: Option<WireZones<'a>>,
    pub(super) civil_start_time: Option<WireCivil>,
    #[serde(borrow)]
    pub(super) time_in_heart_rate_zone: Option<WireTimes<'a>>,
    #[serde(borrow)]
    pub(super) calories_in_heart_rate_zone: Option<WireCalories<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireResting {
    pub(super) date: WireDate,
    pub(super) beats_per_minute: Option<WireNumber>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireZones<'a> {
    pub(super) date: WireDate,
    #[serde(borrow)]
    pub(super) heart_rate_zones: Option<Vec<WireZone<'a>>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireZone<'a> {
    #[serde(borrow)]
    pub(super) heart_rate_zone_type: WireText<'a>,
    pub(super) min_beats_per_minute: Option<WireNumber>,
    pub(super) max_beats_per_minute: Option<WireNumber>,
}

#[derive(Debug, Deserialize)]
pub(super) struct WireCivil {
    pub(super) date: WireDate,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireTimes<'a> {
    #[serde(borrow)]
    pub(super) time_in_heart_rate_zones: Option<Vec<WireShare<'a>>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireCalories<'a> {
    #[serde(borrow)]
    pub(super) calories_in_heart_rate_zones: Option<Vec<WireShare<'a>>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireShare<'a> {
    #[serde(borrow)]
    pub(super) heart_rate_zone: WireText<'a>,
    #[serde(borrow)]
    pub(super) duration: Option<WireText<'a>>,
    pub(super) kcal: Option<WireNumber>,
}
