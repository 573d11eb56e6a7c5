//! Where a login's tokens may be sent: the origins of the endpoints that it was made with.

use crate::config::Endpoints;
use serde::{Deserialize, Serialize};
use url::Url;

/// Scheme, host and port of the endpoints that see tokens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origins {
    /// Of the token endpoint.
    pub token: String,
    /// Of the revocation endpoint.
    pub revoke: String,
    /// Of the API.
    pub api: String,
}

impl Origins {
    /// The origins of these endpoints.
    #[must_use]
    pub fn of(endpoints: &Endpoints) -> Self {
        Self {
            token: origin(&endpoints.token),
            revoke: origin(&endpoints.revoke),
            api: origin(&endpoints.api),
        }
    }

    /// The first one that differs: its name, what it was, and what it is said to be now.
    pub(super) fn differs<'a>(&'a self, now: &'a Self) -> Option<(&'static str, &'a str, &'a str)> {
        [
            ("token", &self.token, &now.token),
            ("revoke", &self.revoke, &now.revoke),
            ("api", &self.api, &now.api),
        ]
        .into_iter()
        .find(|(_, was, is)| was != is)
        .map(|(name, was, is)| (name, was.as_str(), is.as_str()))
    }
}

/// `https://host:port`, the port only where it is not the scheme's own; a text that is no URL stands for itself.
#[must_use]
pub fn origin(url: &str) -> String {
    Url::parse(url).map_or_else(|_| url.to_owned(), |url| url.origin().ascii_serialization())
}
