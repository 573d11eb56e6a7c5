//! The running stand-in: one server for the consent page, the tokens and the API.

use super::api::{self, Fault};
use super::exchange::{Answer, Call};
use super::oauth::{self, Grants};
use super::server::{Server, ServiceClock};
use super::wearer::Wearer;
use crate::clock;
use crate::zone::Tz;
use chrono::{DateTime, Utc};
use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

const MINUTE: Duration = Duration::from_mins(1);

/// How the stand-in behaves.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The time that the service believes in when it starts; it goes on from there.
    pub now: DateTime<Utc>,
    /// The largest page of points, whatever `pageSize` asks for.
    pub page_cap: usize,
    /// How long every API request takes at least.
    pub latency: Duration,
    /// More than this get 429 (the live service's limit is 300); `None` for no limit.
    pub requests_per_minute: Option<u32>,
    /// How long an access token lives, in seconds.
    pub access_token_expires_in: u64,
    /// How long a login lives, in seconds: seven days for an app "in testing", `None` for one in production.
    pub refresh_token_expires_in: Option<u64>,
    /// Short pages, empty pages with a token, empty windows, no points for filters on civil time.
    pub traps: bool,
}

impl Settings {
    /// The live service's habits, without its latency and its quota: nobody else is kept waiting.
    #[must_use]
    pub const fn new(now: DateTime<Utc>) -> Self {
        Self {
            now,
            page_cap: 5000,
            latency: Duration::ZERO,
            requests_per_minute: None,
            access_token_expires_in: 3599,
            refresh_token_expires_in: None,
            traps: true,
        }
    }
}

/// A running stand-in; ends, with every thread and connection of its own, when dropped.
#[derive(Debug)]
pub struct Service {
    server: Server,
    state: Arc<State>,
}

#[derive(Debug)]
struct State {
    settings: Settings,
    clock: ServiceClock,
    grants: Grants,
    wearer: Wearer,
    requests: AtomicU64,
    recent: Mutex<VecDeque<Instant>>,
}

impl Service {
    /// Starts on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// Fails when loopback has no port left, or the system no thread.
    pub fn start(settings: Settings) -> io::Result<Self> {
        let clock = ServiceClock::showing(settings.now);
        let state = Arc::new(State {
            clock,
            grants: Grants::new(
                settings.access_token_expires_in,
                settings.refresh_token_expires_in,
            ),
            wearer: Wearer::new(Tz::of("America/New_York")),
            requests: AtomicU64::new(0),
            recent: Mutex::default(),
            settings,
        });
        let answering = Arc::clone(&state);
        let server = Server::start(clock, Arc::new(move |call: &Call| answering.answer(call)))?;
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

    /// API requests so far, refused ones included, OAuth left out.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.state.requests.load(Ordering::Relaxed)
    }
}

impl State {
    fn answer(&self, call: &Call) -> Answer {
        let now = self.clock.now();
        if let Some(answer) = oauth::answer(call, &self.grants, now) {
            return answer;
        }
        if !call.path.starts_with("/v4/") {
            return api::not_found(&call.path);
        }
        self.requests.fetch_add(1, Ordering::Relaxed);
        if !self.settings.latency.is_zero() {
            thread::sleep(self.settings.latency);
        }
        let context = api::Context {
            wearer: &self.wearer,
            now,
            traps: self.settings.traps,
            page_cap: self.settings.page_cap.max(1),
        };
        api::answer(call, &context, |authorization| {
            self.admit(authorization, now)
        })
    }

    /// The scopes of the caller's token.
    ///
    /// Fails without one that is alive, and when the minute's requests are spent.
    fn admit(&self, authorization: Option<&str>, now: DateTime<Utc>) -> Result<Vec<String>, Fault> {
        let token = authorization
            .and_then(|value| value.strip_prefix("Bearer "))
            .ok_or(Fault::CredentialsMissing)?;
        let scopes = self
            .grants
            .scopes_of(token, now)
            .ok_or(Fault::CredentialsInvalid)?;
        if self.is_over_quota() {
            return Err(Fault::QuotaExceeded);
        }
        Ok(scopes)
    }

    fn is_over_quota(&self) -> bool {
        let Some(limit) = self.settings.requests_per_minute else {
            return false;
        };
        let now = clock::monotonic();
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        while recent
            .front()
            .is_some_and(|first| now.duration_since(*first) >= MINUTE)
        {
            recent.pop_front();
        }
        if recent.len() >= usize::try_from(limit).unwrap_or(usize::MAX) {
            return true;
        }
        recent.push_back(now);
        false
    }
}
