//! The types of data that the stand-in has, and what can be done with each.

use super::fault::Fault;
use crate::demo::oauth::scopes;

/// A type of data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataType {
    /// Every reading.
    HeartRate,
    /// One value a day.
    RestingHeartRate,
    /// Four limits a day.
    HeartRateZones,
    /// Which zone each minute was spent in.
    TimeInZone,
    /// What each zone burnt.
    CaloriesInZone,
}

/// What a point of a type looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// At an instant.
    Sample,
    /// From one instant to another.
    Interval,
    /// Of a date.
    Daily,
}

/// What is done with a collection of points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// `GET dataPoints`.
    List,
    /// `GET dataPoints:reconcile`.
    Reconcile,
    /// `POST dataPoints:rollUp`.
    RollUp,
    /// `POST dataPoints:dailyRollUp`.
    DailyRollUp,
}

impl Action {
    /// From the method and what follows the path's last slash.
    pub fn of(method: &str, collection: &str) -> Option<Self> {
        match (method, collection) {
            ("GET", "dataPoints") => Some(Self::List),
            ("GET", "dataPoints:reconcile") => Some(Self::Reconcile),
            ("POST", "dataPoints:rollUp") => Some(Self::RollUp),
            ("POST", "dataPoints:dailyRollUp") => Some(Self::DailyRollUp),
            _ => None,
        }
    }

    /// The last part of the method's full name.
    pub const fn method_name(self) -> &'static str {
        match self {
            Self::List => "ListDataPoints",
            Self::Reconcile => "ReconcileDataPoints",
            Self::RollUp => "RollUpDataPoints",
            Self::DailyRollUp => "DailyRollUpDataPoints",
        }
    }
}

impl DataType {
    /// Every type.
    pub const ALL: [Self; 5] = [
        Self::HeartRate,
        Self::RestingHeartRate,
        Self::HeartRateZones,
        Self::TimeInZone,
        Self::CaloriesInZone,
    ];

    /// From the path's name.
    ///
    /// Fails on a type that the stand-in does not have.
    pub fn decode(name: &str) -> Result<Self, Fault> {
        Self::ALL
            .into_iter()
            .find(|known| known.path_name() == name)
            .ok_or_else(|| {
                Fault::argument(
                    "INVALID_PARENT_DATA_TYPE_COLLECTION",
                    "parent",
                    format!("There is no data type '{name}' here."),
                )
            })
    }

    /// As paths spell it.
    pub const fn path_name(self) -> &'static str {
        match self {
            Self::HeartRate => "heart-rate",
            Self::RestingHeartRate => "daily-resting-heart-rate",
            Self::HeartRateZones => "daily-heart-rate-zones",
            Self::TimeInZone => "time-in-heart-rate-zone",
            Self::CaloriesInZone => "calories-in-heart-rate-zone",
        }
    }

    /// As filters spell it.
    pub const fn filter_name(self) -> &'static str {
        match self {
            Self::HeartRate => "heart_rate",
            Self::RestingHeartRate => "daily_resting_heart_rate",
            Self::HeartRateZones => "daily_heart_rate_zones",
            Self::TimeInZone => "time_in_heart_rate_zone",
            Self::CaloriesInZone => "calories_in_heart_rate_zone",
        }
    }

    /// What its points look like.
    pub const fn shape(self) -> Shape {
        match self {
            Self::HeartRate => Shape::Sample,
            Self::RestingHeartRate | Self::HeartRateZones => Shape::Daily,
            Self::TimeInZone | Self::CaloriesInZone => Shape::Interval,
        }
    }

    /// The scope that reads it.
    pub const fn scope(self) -> &'static str {
        match self {
            Self::HeartRate | Self::RestingHeartRate | Self::HeartRateZones => scopes::METRICS,
            Self::TimeInZone | Self::CaloriesInZone => scopes::ACTIVITY,
        }
    }

    /// The longest span of a roll-up, and of a page of one, in days.
    pub const fn roll_up_days(self) -> i64 {
        match self {
            Self::HeartRate | Self::CaloriesInZone => 14,
            Self::RestingHeartRate | Self::HeartRateZones | Self::TimeInZone => 90,
        }
    }

    /// Fails when the service does not do this with the type.
    pub fn check(self, action: Action) -> Result<(), Fault> {
        let supported = match action {
            Action::List | Action::Reconcile => self != Self::CaloriesInZone,
            Action::RollUp => matches!(
                self,
                Self::HeartRate | Self::TimeInZone | Self::CaloriesInZone
            ),
            Action::DailyRollUp => self != Self::HeartRateZones,
        };
        if supported {
            return Ok(());
        }
        Err(Fault::argument(
            "UNSUPPORTED_DATA_TYPE_ACTION",
            "parent",
            format!(
                "{} is not supported for data type {}.",
                action.method_name(),
                self.path_name()
            ),
        ))
    }
}
