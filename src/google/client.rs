//! The service, for one login: how it is asked, and what its answers lack.

use super::error::{SCOPE_REASONS, classify};
use crate::config::Provider;
use crate::http::{Answer, Http};
use crate::oauth::{Access, scopes};
use crate::service::Error;
use crate::service::session::{Dialect, Session};
use serde_json::Value;
use std::sync::Arc;

/// The service, for one login.
#[derive(Debug, Clone)]
pub struct Google {
    session: Session,
    base: String,
    side_by_side: usize,
    names_devices: bool,
}

/// Requests under way at once for one login: enough to keep the allowed rate at the latency of a distant service, few enough
/// that a killed run has little in hand.
const SIDE_BY_SIDE: usize = 4;

const DIALECT: Dialect = Dialect {
    wants_another_token,
    classify,
};

impl Google {
    /// The service at `base`, which stands before `/v4/`. `provider` is `demo` for the stand-in.
    #[must_use]
    pub const fn new(
        http: Arc<Http>,
        access: Arc<Access>,
        base: String,
        provider: Provider,
    ) -> Self {
        Self {
            session: Session::new(http, access, provider, DIALECT),
            base,
            side_by_side: SIDE_BY_SIDE,
            names_devices: true,
        }
    }

    /// The same without the names that people give to their devices.
    #[must_use]
    pub fn without_device_names(mut self) -> Self {
        self.names_devices = false;
        self
    }

    /// Whether the source of a row names the device.
    #[must_use]
    pub const fn names_devices(&self) -> bool {
        self.names_devices
    }

    /// The same with one request at a time, where there are other logins to ask for meanwhile.
    #[must_use]
    pub fn one_by_one(mut self) -> Self {
        self.side_by_side = 1;
        self
    }

    /// How many requests are under way at once.
    #[must_use]
    pub const fn side_by_side(&self) -> usize {
        self.side_by_side
    }

    /// Who is asked, for the column `source`.
    #[must_use]
    pub const fn provider(&self) -> Provider {
        self.session.provider()
    }

    /// The requests under its login.
    #[must_use]
    pub const fn session(&self) -> &Session {
        &self.session
    }

    /// `GET /v4/users/me/{path}` with these query parameters.
    ///
    /// # Errors
    /// Fails as [`Error`] says; the body of an answer other than 200 is never data.
    pub async fn get(&self, path: &str, query: &[(&'static str, String)]) -> Result<String, Error> {
        let url = format!("{}/v4/users/me/{path}", self.base);
        let sent = self
            .session
            .text(self.session.client().get(&url).query(query));
        sent.await.map_err(|error| about(error, path))
    }

    /// `POST /v4/users/me/{path}` with a JSON body.
    ///
    /// # Errors
    /// As [`Google::get`].
    pub async fn post(&self, path: &str, body: &Value) -> Result<String, Error> {
        let url = format!("{}/v4/users/me/{path}", self.base);
        let sent = self
            .session
            .text(self.session.client().post(&url).json(body));
        sent.await.map_err(|error| about(error, path))
    }

    /// An answer that is not what it should be.
    pub(super) fn undecodable(&self, what: &str, problem: impl std::fmt::Display) -> Error {
        Error::Undecodable {
            provider: self.provider(),
            problem: format!("{what}: {problem}"),
        }
    }
}

/// The service does not say which scope is missing, but each path needs just one; nor of what an answer makes no sense.
fn about(mut error: Error, path: &str) -> Error {
    if let Error::Undecodable { problem, .. } = &mut error {
        *problem = format!("{path}: {problem}");
    }
    let scope = match path {
        "settings" | "pairedDevices" => scopes::SETTINGS,
        zones if zones.contains("-in-heart-rate-zone/") => scopes::ACTIVITY,
        _ => scopes::HEALTH_METRICS,
    };
    error.for_want_of(scopes::short(scope))
}

/// 401, and the 403 that was seen for a token that had just expired.
fn wants_another_token(answer: &Answer) -> bool {
    answer.status == 401
        || (answer.status == 403
            && SCOPE_REASONS
                .iter()
                .any(|reason| String::from_utf8_lossy(&answer.body).contains(reason)))
}
