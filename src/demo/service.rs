//! The running stand-in: one server for the consent page, the tokens and the API.

use super::api::{self, Context};
use super::exchange::{Answer, Call};
use super::oauth::{self, Grants};
use super::server::Server;
use super::wearer::Wearer;
use crate::clock;
use crate::zone::Tz;
use chrono::{DateTime, Utc};
use hyper::header::{DATE, HeaderValue};
use std::io;
use std::sync::Arc;
use std::time::Instant;

/// A running stand-in; ends, with every thread and connection of its own, when dropped.
#[derive(Debug)]
pub struct Service {
    server: Server,
    state: Arc<State>,
}

#[derive(Debug)]
struct State {
    /// The time that the service believed in when it started.
    from: DateTime<Utc>,
    since: Instant,
    grants: Grants,
    wearer: Wearer,
}

/// Where the made-up person lives.
#[must_use]
pub fn zone() -> Tz {
    Tz::of("America/New_York")
}

impl Service {
    /// Starts on a free port of 127.0.0.1, believing that it is `now`.
    ///
    /// # Errors
    /// Fails when loopback has no port left, or the system no thread.
    pub fn start(now: DateTime<Utc>) -> io::Result<Self> {
        let state = Arc::new(State {
            from: now,
            since: clock::monotonic(),
            grants: Grants::new(),
            wearer: Wearer::new(zone()),
        });
        let answering = Arc::clone(&state);
        let server = Server::start(move |call| {
            let answering = Arc::clone(&answering);
            async move { Ok(answering.answer(&call)) }
        })?;
        Ok(Self { server, state })
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.server.address())
    }

    /// The authorization endpoint.
    #[must_use]
    pub fn authorize_url(&self) -> String {
        self.base_url() + oauth::AUTHORIZE
    }

    /// The token endpoint.
    #[must_use]
    pub fn token_url(&self) -> String {
        self.base_url() + oauth::TOKEN
    }

    /// The revocation endpoint.
    #[must_use]
    pub fn revoke_url(&self) -> String {
        self.base_url() + oauth::REVOKE
    }

    /// The one client that is registered, of type Desktop.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.state.grants.client_id
    }

    /// Its secret, new with every service.
    #[must_use]
    pub fn client_secret(&self) -> &str {
        &self.state.grants.client_secret
    }
}

impl State {
    fn answer(&self, call: &Call) -> Answer {
        let now = self.from + clock::since(self.since);
        let mut answer = oauth::answer(call, &self.grants, now).unwrap_or_else(|| {
            let context = Context::of(&self.wearer, now);
            api::answer(call, &context, |token| self.grants.scopes_of(token, now))
        });
        let date = now.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        if let Ok(date) = HeaderValue::from_str(&date) {
            answer.headers_mut().insert(DATE, date);
        }
        answer
    }
}
