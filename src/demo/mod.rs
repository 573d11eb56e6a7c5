//! An embedded stand-in for the Google Health API.

use chrono::{DateTime, Utc};
use std::io;

/// How the stand-in behaves.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The present.
    pub now: DateTime<Utc>,
}

impl Settings {
    /// The usual behaviour.
    #[must_use]
    pub const fn new(now: DateTime<Utc>) -> Self {
        Self { now }
    }
}

/// The stand-in's addresses.
#[derive(Debug, Clone, Default)]
pub struct Endpoints {
    /// Consent page.
    pub authorize: String,
    /// Token endpoint.
    pub token: String,
    /// Revocation.
    pub revoke: String,
    /// Data.
    pub api: String,
}

/// A running stand-in.
#[derive(Debug)]
pub struct Service;

impl Service {
    /// Starts it.
    ///
    /// # Errors
    /// Fails: it is not part of this build.
    pub fn start(_: Settings) -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }
    /// Its addresses.
    #[must_use]
    pub fn endpoints(&self) -> Endpoints {
        Endpoints::default()
    }
    /// The client's id.
    #[must_use]
    pub fn client_id(&self) -> &'static str {
        ""
    }
    /// The client's secret.
    #[must_use]
    pub fn client_secret(&self) -> &'static str {
        ""
    }
}

/// Plays the browser.
pub mod browser {
    /// Consents.
    pub fn consent(_: &str) {}
}
