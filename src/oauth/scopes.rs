//! Which permissions are asked for, and what each one feeds.
//!
//! Sources: Google Health API discovery document, revision 20261030; Fitbit's swagger file.

use crate::config::Provider;

/// One permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// As it is sent.
    pub name: &'static str,
    /// Without it nothing works.
    pub needed: bool,
    /// What is missing without it.
    pub feeds: &'static str,
}

/// Google: heart rate, resting heart rate, zone limits.
pub const HEALTH_METRICS: &str =
    "https://www.googleapis.com/auth/googlehealth.health_metrics_and_measurements.readonly";
/// Google: the account's time zone and its devices.
pub const SETTINGS: &str = "https://www.googleapis.com/auth/googlehealth.settings.readonly";
/// Google: minutes and calories in zone.
pub const ACTIVITY: &str =
    "https://www.googleapis.com/auth/googlehealth.activity_and_fitness.readonly";

const GOOGLE: [Scope; 3] = [
    Scope {
        name: HEALTH_METRICS,
        needed: true,
        feeds: "the heart rate itself",
    },
    Scope {
        name: SETTINGS,
        needed: false,
        feeds: "the account's time zone and the last sync",
    },
    Scope {
        name: ACTIVITY,
        needed: false,
        feeds: "minutes and calories in each zone",
    },
];

/// The stand-in is asked for everything: nobody has to tick its boxes.
const STAND_IN: [Scope; 7] = [
    GOOGLE[0],
    GOOGLE[1],
    GOOGLE[2],
    other("https://www.googleapis.com/auth/googlehealth.sleep.readonly"),
    other("https://www.googleapis.com/auth/googlehealth.ecg.readonly"),
    other("https://www.googleapis.com/auth/googlehealth.irn.readonly"),
    other("https://www.googleapis.com/auth/googlehealth.nutrition.readonly"),
];

const fn other(name: &'static str) -> Scope {
    Scope {
        name,
        needed: false,
        feeds: "the extracts of that name",
    }
}

const FITBIT: [Scope; 3] = [
    Scope {
        name: "heartrate",
        needed: true,
        feeds: "the heart rate itself",
    },
    Scope {
        name: "profile",
        needed: false,
        feeds: "the account's time zone",
    },
    Scope {
        name: "settings",
        needed: false,
        feeds: "the last sync",
    },
];

/// What is asked of a service.
#[must_use]
pub const fn wanted(provider: Provider) -> &'static [Scope] {
    match provider {
        Provider::Fitbit => &FITBIT,
        Provider::Google { stand_in: false } => &GOOGLE,
        Provider::Google { stand_in: true } => &STAND_IN,
    }
}

/// The wanted scopes that were not granted.
#[must_use]
pub fn missing(provider: Provider, granted: &[String]) -> Vec<Scope> {
    wanted(provider)
        .iter()
        .filter(|scope| !granted.iter().any(|name| name == scope.name))
        .copied()
        .collect()
}

/// `health_metrics_and_measurements.readonly`: what the consent pages and the documentation call it.
#[must_use]
pub fn short(scope: &str) -> &str {
    scope
        .strip_prefix("https://www.googleapis.com/auth/googlehealth.")
        .unwrap_or(scope)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unticked_box_is_found() {
        let granted = vec![HEALTH_METRICS.to_owned(), "openid".to_owned()];
        let names: Vec<_> = missing(Provider::GOOGLE, &granted)
            .iter()
            .map(|scope| short(scope.name))
            .collect();
        assert_eq!(
            names,
            ["settings.readonly", "activity_and_fitness.readonly"]
        );
        assert!(
            missing(Provider::Fitbit, &["profile".into(), "settings".into()])
                .iter()
                .all(|scope| scope.needed)
        );
    }
}
