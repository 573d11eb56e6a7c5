//! One authorized request: bearer token, one renewal on 401, every refusal classified.

use super::error::{SCOPE_REASONS, classify};
use crate::clock;
use crate::config::Provider;
use crate::http::{Answer, Http, Kind};
use crate::oauth::{Access, scopes};
use crate::secret::Secret;
use crate::service::Error;
use chrono::TimeDelta;
use reqwest::RequestBuilder;
use serde_json::Value;
use std::sync::Arc;

/// The service, for one login.
#[derive(Debug, Clone)]
pub struct Google {
    http: Arc<Http>,
    access: Arc<Access>,
    base: String,
    provider: Provider,
    side_by_side: usize,
    names_devices: bool,
}

/// Requests under way at once for one login: enough to keep the allowed rate at the latency of a distant service, few enough
/// that a killed run has little in hand.
const SIDE_BY_SIDE: usize = 4;

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
            http,
            access,
            base,
            provider,
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
        self.provider
    }

    /// The login in use.
    #[must_use]
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// API requests so far, retries included.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.http.requests()
    }

    /// What this machine's clock lacks, as far as that is known.
    #[must_use]
    pub fn clock_lag(&self) -> TimeDelta {
        self.http.clock_lag()
    }

    /// `GET /v4/users/me/{path}` with these query parameters.
    ///
    /// # Errors
    /// Fails as [`Error`] says; the body of an answer other than 200 is never data.
    pub async fn get(&self, path: &str, query: &[(&'static str, String)]) -> Result<String, Error> {
        let url = format!("{}/v4/users/me/{path}", self.base);
        let sent = self.send(self.http.client().get(&url).query(query));
        sent.await.map_err(|error| about(error, path))
    }

    /// `POST /v4/users/me/{path}` with a JSON body.
    ///
    /// # Errors
    /// As [`Google::get`].
    pub async fn post(&self, path: &str, body: &Value) -> Result<String, Error> {
        let url = format!("{}/v4/users/me/{path}", self.base);
        let sent = self.send(self.http.client().post(&url).json(body));
        sent.await.map_err(|error| about(error, path))
    }

    async fn send(&self, request: RequestBuilder) -> Result<String, Error> {
        let bearer = self.access.bearer().await?;
        let mut answer = self.once(&request, &bearer).await?;
        if wants_another_token(&answer) {
            let bearer = self.access.bearer_instead_of(&bearer).await?;
            answer = self.once(&request, &bearer).await?;
        }
        if answer.status == 200 {
            Error::text_of(self.provider, answer)
        } else {
            Err(classify(self.provider, &answer, clock::now()))
        }
    }

    async fn once(&self, request: &RequestBuilder, bearer: &Secret) -> Result<Answer, Error> {
        let request = request
            .try_clone()
            .expect("no body here is a stream")
            .bearer_auth(bearer.reveal());
        self.http
            .send(Kind::Api, request)
            .await
            .map_err(|fault| Error::from_fault(self.provider, &fault))
    }

    /// An answer that is not what it should be.
    pub(super) fn undecodable(&self, what: &str, problem: impl std::fmt::Display) -> Error {
        Error::Undecodable {
            provider: self.provider,
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
