//! The scopes that the stand-in grants, and how its consent page explains them.

/// One scope.
#[derive(Debug, Clone, Copy)]
pub struct Scope {
    /// As a URL.
    pub name: &'static str,
    /// What a person reads.
    pub title: &'static str,
    /// And a line more.
    pub detail: &'static str,
}

/// Heart rate, resting heart rate, zones.
pub const METRICS: &str =
    "https://www.googleapis.com/auth/googlehealth.health_metrics_and_measurements.readonly";

/// Time and calories in zones.
pub const ACTIVITY: &str =
    "https://www.googleapis.com/auth/googlehealth.activity_and_fitness.readonly";

/// Time zone and devices.
pub const SETTINGS: &str = "https://www.googleapis.com/auth/googlehealth.settings.readonly";

/// Age and the first day.
pub const PROFILE: &str = "https://www.googleapis.com/auth/googlehealth.profile.readonly";

/// Every scope.
pub const ALL: [Scope; 5] = [
    Scope {
        name: METRICS,
        title: "See your health metrics and measurements",
        detail: "Heart rate, resting heart rate, heart-rate zones",
    },
    Scope {
        name: ACTIVITY,
        title: "See your activity and fitness data",
        detail: "Minutes and calories in heart-rate zones",
    },
    Scope {
        name: SETTINGS,
        title: "See your settings and paired devices",
        detail: "Time zone, units, when a device last synced",
    },
    Scope {
        name: PROFILE,
        title: "See your profile",
        detail: "Age and the day the account was opened",
    },
    Scope {
        name: "https://www.googleapis.com/auth/googlehealth.sleep.readonly",
        title: "See your sleep data",
        detail: "The stand-in has none",
    },
];

/// A scope by its URL.
pub fn find(name: &str) -> Option<&'static Scope> {
    ALL.iter().find(|scope| scope.name == name)
}
