//! One login, and its file: JSON, private, of this version or an earlier one.

use super::origins::Origins;
use crate::secret::Secret;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// One login, as it is kept on disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// Sent with every request.
    pub access_token: Secret,
    /// Makes new access tokens; Fitbit's works once.
    pub refresh_token: Option<Secret>,
    /// What was granted.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// When this token was given out, by this machine's clock.
    pub obtained_at: DateTime<Utc>,
    /// When the access token ends.
    pub access_expires_at: DateTime<Utc>,
    /// When the login as a whole ends; `None` if it has no such date.
    #[serde(default)]
    pub login_expires_at: Option<DateTime<Utc>>,
    /// The app that the login belongs to.
    #[serde(default)]
    pub client_id: Option<String>,
    /// Where it may be sent; `None` in a file of a version that did not keep it.
    #[serde(default)]
    pub origins: Option<Origins>,
    /// The account's id at the service.
    #[serde(default)]
    pub account: Option<String>,
    /// The account's id in Fitbit's days.
    #[serde(default)]
    pub legacy_account: Option<String>,
    /// The account's time zone when it was last seen.
    #[serde(default)]
    pub timezone: Option<String>,
}

impl Token {
    /// The access token works for another minute at least.
    #[must_use]
    pub fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        now + chrono::TimeDelta::seconds(60) < self.access_expires_at
    }

    /// The scope was granted.
    #[must_use]
    pub fn grants(&self, scope: &str) -> bool {
        self.scopes.iter().any(|name| name == scope)
    }
}

/// As it stands on disk.
pub(super) fn encoded(token: &Token) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(token).expect("a token is plain data");
    bytes.push(b'\n');
    bytes
}

/// An empty string is no value, whoever stored it.
pub(super) fn decoded(bytes: &[u8]) -> serde_json::Result<Token> {
    let mut token: Token = serde_json::from_slice(bytes)?;
    token.refresh_token = token
        .refresh_token
        .filter(|value| !value.reveal().is_empty());
    for text in [
        &mut token.client_id,
        &mut token.account,
        &mut token.legacy_account,
        &mut token.timezone,
    ] {
        *text = text.take().filter(|text| !text.is_empty());
    }
    Ok(token)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub fn token() -> Token {
        let at = DateTime::from_timestamp(1_764_000_000, 0).expect("a date");
        Token {
            access_token: Secret::new("access-token-of-a-test"),
            refresh_token: Some(Secret::new("refresh-token-of-a-test")),
            scopes: vec!["heartrate".to_owned()],
            obtained_at: at,
            access_expires_at: at + chrono::TimeDelta::hours(1),
            login_expires_at: None,
            client_id: Some("23ABCD".to_owned()),
            origins: None,
            account: None,
            legacy_account: None,
            timezone: None,
        }
    }

    #[test]
    fn an_empty_string_in_a_stored_login_is_no_value() {
        let mut empty = serde_json::to_value(token()).expect("plain data");
        for name in ["refresh_token", "client_id", "timezone"] {
            empty[name] = "".into();
        }
        let token = decoded(empty.to_string().as_bytes()).expect("a token");
        assert_eq!(
            (token.refresh_token, token.client_id, token.timezone),
            (None, None, None)
        );
    }
}
