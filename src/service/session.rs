//! Requests under a login: the bearer token, one renewal where it is not taken, and of every answer a document or an error.

use super::Error;
use crate::clock;
use crate::config::Provider;
use crate::http::{Answer, Http, Kind, Quota};
use crate::oauth::Access;
use crate::secret::Secret;
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::{Client, RequestBuilder};
use std::sync::Arc;

/// What each service says in its own way.
#[derive(Debug, Clone, Copy)]
pub struct Dialect {
    /// Whether the token was not taken, and another may be.
    pub wants_another_token: fn(&Answer) -> bool,
    /// What a status other than 200 means.
    pub classify: fn(Provider, &Answer, DateTime<Utc>) -> Error,
}

/// A service, for one login.
#[derive(Debug, Clone)]
pub struct Session {
    http: Arc<Http>,
    access: Arc<Access>,
    provider: Provider,
    dialect: Dialect,
}

impl Session {
    /// With the service `provider`.
    #[must_use]
    pub const fn new(
        http: Arc<Http>,
        access: Arc<Access>,
        provider: Provider,
        dialect: Dialect,
    ) -> Self {
        Self {
            http,
            access,
            provider,
            dialect,
        }
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

    /// What makes requests.
    #[must_use]
    pub fn client(&self) -> &Client {
        self.http.client()
    }

    /// API requests so far, retries included.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.http.requests()
    }

    /// The requests that are left, as the last answer said.
    #[must_use]
    pub fn quota(&self) -> Option<Quota> {
        self.http.quota()
    }

    /// What this machine's clock lacks, as far as that is known.
    #[must_use]
    pub fn clock_lag(&self) -> TimeDelta {
        self.http.clock_lag()
    }

    /// The document that answers a request.
    ///
    /// # Errors
    /// Fails as [`Error`] says; the body of an answer other than 200 is never data.
    pub async fn text(&self, request: RequestBuilder) -> Result<String, Error> {
        let bearer = self.access.bearer().await?;
        let mut answer = self.once(&request, &bearer).await?;
        if (self.dialect.wants_another_token)(&answer) {
            let bearer = self.access.bearer_instead_of(&bearer).await?;
            answer = self.once(&request, &bearer).await?;
        }
        if answer.status == 200 {
            text_of(self.provider, answer)
        } else {
            Err((self.dialect.classify)(
                self.provider,
                &answer,
                clock::now(),
            ))
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
}

/// The text of an answer of status 200, which is a JSON document and so in UTF-8, also where nobody looks.
fn text_of(provider: Provider, answer: Answer) -> Result<String, Error> {
    let undecodable = |problem: &str| Error::Undecodable {
        provider,
        problem: problem.to_owned(),
    };
    let text = String::from_utf8(answer.body)
        .map_err(|_| undecodable("an answer that is not in UTF-8"))?;
    if text.trim_start().starts_with('<') {
        return Err(undecodable("a web page instead of data"));
    }
    Ok(text)
}
