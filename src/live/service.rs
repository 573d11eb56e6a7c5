//! Either live service, for one login: who it is, what it has cost, and what time it says it is.

use crate::clock;
use crate::config::Provider;
use crate::fitbit::Fitbit;
use crate::google::Google;
use crate::http::Quota;
use crate::oauth::Access;
use crate::service::session::Session;
use chrono::{DateTime, TimeDelta, Utc};

/// A machine's clock that is further off is worth a word: days begin by it.
const WRONG_CLOCK: TimeDelta = TimeDelta::hours(1);

/// Either live service, for one login.
#[derive(Debug, Clone)]
pub enum Service {
    /// Google Health, or its stand-in.
    Google(Google),
    /// The legacy one.
    Fitbit(Fitbit),
}

impl Service {
    /// The requests under its login.
    const fn session(&self) -> &Session {
        match self {
            Self::Google(google) => google.session(),
            Self::Fitbit(fitbit) => fitbit.session(),
        }
    }

    /// Who is asked.
    #[must_use]
    pub const fn provider(&self) -> Provider {
        self.session().provider()
    }

    /// The login in use.
    #[must_use]
    pub fn access(&self) -> &Access {
        self.session().access()
    }

    /// API requests so far, retries included.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.session().requests()
    }

    /// The requests that are left, where the service says so.
    #[must_use]
    pub fn quota(&self) -> Option<Quota> {
        match self {
            Self::Google(_) => None,
            Self::Fitbit(fitbit) => fitbit.session().quota(),
        }
    }

    /// The present, by the service's clock if this machine's is wrong.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        clock::now() + self.clock_lag()
    }

    /// What this machine's clock lacks; nothing while it agrees with the service's, or that is not known yet.
    #[must_use]
    pub fn clock_lag(&self) -> TimeDelta {
        self.session().clock_lag()
    }

    /// The same, where it is so much that a person should know.
    #[must_use]
    pub fn wrong_clock(&self) -> Option<TimeDelta> {
        Some(self.clock_lag()).filter(|lag| lag.abs() >= WRONG_CLOCK)
    }

    /// How many requests are under way at once.
    #[must_use]
    pub const fn side_by_side(&self) -> usize {
        match self {
            Self::Google(google) => google.side_by_side(),
            Self::Fitbit(_) => 2,
        }
    }
}
