//! The scopes that the stand-in grants, and how its consent page explains them.

/// One scope.
#[derive(Debug)]
pub struct Scope {
    /// What its address ends in, before `.readonly`.
    pub name: &'static str,
    /// What a person reads.
    pub title: &'static str,
    /// And a line more.
    pub detail: &'static str,
}

const PREFIX: &str = "https://www.googleapis.com/auth/googlehealth.";
const SUFFIX: &str = ".readonly";

/// Every scope.
pub const ALL: [Scope; 9] = [
    scope(
        "health_metrics_and_measurements",
        "See your health metrics and measurements",
        "Heart rate and its zones, variability, oxygen, breathing, temperature, weight",
    ),
    scope(
        "activity_and_fitness",
        "See your activity and fitness data",
        "Steps, distance, calories, exercise, minutes in heart-rate zones",
    ),
    scope(
        "sleep",
        "See your sleep data",
        "When you slept, and the stages of your sleep",
    ),
    scope(
        "settings",
        "See your settings and paired devices",
        "Time zone, units, when a device last synced",
    ),
    scope(
        "profile",
        "See your profile",
        "Age and the day the account was opened",
    ),
    scope("ecg", "See your ECG readings", "Readings and their results"),
    scope(
        "irn",
        "See your irregular rhythm notifications",
        "Notifications and their beats",
    ),
    scope("nutrition", "See your nutrition data", "Food and water"),
    scope(
        "location",
        "See the places of your exercises",
        "The stand-in has none",
    ),
];

const fn scope(name: &'static str, title: &'static str, detail: &'static str) -> Scope {
    Scope {
        name,
        title,
        detail,
    }
}

impl Scope {
    /// As a login asks for it.
    pub fn url(&self) -> String {
        url(self.name)
    }
}

/// A scope as a login asks for it, by the middle of its address.
pub fn url(name: &str) -> String {
    format!("{PREFIX}{name}{SUFFIX}")
}

/// A scope by its whole address.
pub fn find(url: &str) -> Option<&'static Scope> {
    let name = url.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?;
    ALL.iter().find(|scope| scope.name == name)
}
