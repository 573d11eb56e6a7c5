//! The one HTTP client: time-outs, gzip, no redirects, a user agent; every request is paced, counted and retried.

use super::fault::{self, CONNECT_TIMEOUT, Fault, FaultKind};
use super::limiter::Limiter;
use super::quota::Quota;
use super::retry::{self, Next, Outcome, TimeLimits};
use crate::clock;
use crate::environment::Network;
use crate::progress::{Event, Listen};
use crate::secret;
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::HeaderMap;
use reqwest::{Client, Request, RequestBuilder, redirect};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Clocks this close count as the same.
const SAME_CLOCK: TimeDelta = TimeDelta::minutes(2);

/// What came back, whatever its status.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Header fields.
    pub headers: HeaderMap,
    /// The whole body, decompressed.
    pub body: Vec<u8>,
    /// For a status that was retried in vain: when the server would like to be asked again.
    pub come_back_in: Option<Duration>,
}

/// What a request is for; OAuth requests are neither paced nor counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A request for data.
    Api,
    /// A request to the login service.
    OAuth,
}

/// The client, shared by all tasks of a run.
#[derive(Debug)]
pub struct Http {
    client: Client,
    limits: TimeLimits,
    limiter: Arc<Limiter>,
    /// The pace of all logins together, where this is one of many.
    of_all: Option<Arc<Limiter>>,
    listener: Arc<dyn Listen>,
    network: Network,
    requests: AtomicU64,
    /// The latest `Date` of the service, and when it came.
    their_clock: Mutex<Option<(DateTime<Utc>, Instant)>>,
    quota: Mutex<Option<Quota>>,
}

/// What lies between this machine and the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// The network, with the environment's proxy if it names one.
    Network,
    /// Nothing: the service is on this machine.
    Loopback,
    /// The same, and nothing is encrypted: no certificates are needed, nor is the time to read all that are trusted here.
    PlainLoopback,
}

/// Why the client could not be made.
#[derive(Debug)]
pub struct SetupError {
    /// The cause, fit for a person.
    pub cause: String,
    /// What to do about it.
    pub remedy: String,
}

impl Http {
    /// A client that sends `rate` API requests a second in the long run.
    ///
    /// # Errors
    /// Fails when TLS cannot be set up.
    pub fn new(
        rate: f64,
        route: Route,
        network: &Network,
        listener: Arc<dyn Listen>,
    ) -> Result<Self, SetupError> {
        install_cryptography();
        let mut builder = Client::builder()
            .user_agent(concat!("fitbit-hr/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(Duration::from_secs(20))
            .tcp_nodelay(true)
            .gzip(true);
        builder = match route {
            Route::Network => builder,
            Route::Loopback => builder.no_proxy(),
            Route::PlainLoopback => builder.no_proxy().tls_certs_only([]),
        };
        let client = builder.build().map_err(|error| {
            let (cause, remedy) = fault::of_setup(&error, network);
            SetupError { cause, remedy }
        })?;
        let network = match route {
            Route::Network => network.clone(),
            Route::Loopback | Route::PlainLoopback => network.without_proxies(),
        };
        Ok(Self {
            client,
            network,
            limits: TimeLimits::default(),
            limiter: Arc::new(Limiter::new(rate)),
            of_all: None,
            listener,
            requests: AtomicU64::new(0),
            their_clock: Mutex::new(None),
            quota: Mutex::default(),
        })
    }

    /// The same, with other limits of time.
    #[must_use]
    pub const fn within(mut self, limits: TimeLimits) -> Self {
        self.limits = limits;
        self
    }

    /// The same connections for one login of many: at a pace of its own, of `rate` API requests a second, within that of all.
    /// What it counts and hears is its own, too.
    #[must_use]
    pub fn for_one_login(&self, rate: f64) -> Self {
        Self {
            client: self.client.clone(),
            limits: self.limits,
            limiter: Arc::new(Limiter::new(rate)),
            of_all: Some(Arc::clone(&self.limiter)),
            listener: Arc::clone(&self.listener),
            network: self.network.clone(),
            requests: AtomicU64::new(0),
            their_clock: Mutex::new(None),
            quota: Mutex::default(),
        }
    }

    /// The underlying client, to build requests with.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The quota as the last answer that named one said.
    #[must_use]
    pub fn quota(&self) -> Option<Quota> {
        self.quota
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// API requests sent so far, retries included.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// What this machine's clock lacks to the service's, should it be wrong by more than a moment; else nothing.
    #[must_use]
    pub fn clock_lag(&self) -> TimeDelta {
        let heard = *self
            .their_clock
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let lag = heard.map(|(said, at)| said + clock::since(at) - clock::now());
        lag.filter(|lag| lag.abs() > SAME_CLOCK).unwrap_or_default()
    }

    fn hear_the_time(&self, headers: &HeaderMap) {
        let said = headers.get("date").and_then(|date| date.to_str().ok());
        if let Some(said) = said.and_then(|date| DateTime::parse_from_rfc2822(date).ok()) {
            *self
                .their_clock
                .lock()
                .unwrap_or_else(PoisonError::into_inner) =
                Some((said.with_timezone(&Utc), clock::monotonic()));
        }
    }

    /// Sends a request until there is an answer that stands, for about a minute at most. Its body may not be a stream.
    ///
    /// # Errors
    /// Fails when no answer came at all.
    pub async fn send(&self, kind: Kind, request: RequestBuilder) -> Result<Answer, Fault> {
        let request = request
            .build()
            .map_err(|error| fault::of(&error, "?", "", Duration::ZERO, &self.network))?;
        let TimeLimits { answer, tries } = self.limits;
        let started = clock::monotonic();
        for attempt in 1.. {
            if kind == Kind::Api {
                self.limiter.turn().await;
                if let Some(of_all) = &self.of_all {
                    of_all.turn().await;
                }
                self.requests.fetch_add(1, Ordering::Relaxed);
            }
            let left = tries
                .saturating_sub(clock::since(started))
                .max(Duration::from_secs(1));
            let again = request.try_clone().expect("no body here is a stream");
            let result = self.once(again, answer.min(left)).await;
            let outcome = match &result {
                Ok(answer) => Outcome::Status(
                    answer.status,
                    retry::floor(answer.status, &answer.headers, clock::now()),
                ),
                Err(Fault {
                    kind: FaultKind::NoConnection,
                    ..
                }) => Outcome::NoConnection,
                Err(Fault {
                    kind: FaultKind::NotLetThrough,
                    ..
                }) => Outcome::NotLetThrough,
                Err(_) => Outcome::Broken,
            };
            let elapsed = clock::since(started);
            match retry::next(outcome, attempt, elapsed, tries, retry::jitter()) {
                Next::Accept => return result,
                Next::GiveUp(come_back_in) => {
                    return result.map(|answer| Answer {
                        come_back_in,
                        ..answer
                    });
                }
                Next::Wait(pause) => {
                    let after = describe(&result);
                    self.listener.hear(Event::Retries(&after, pause));
                    if kind == Kind::Api && matches!(outcome, Outcome::Status(429, _)) {
                        self.limiter.pause(pause);
                    }
                    tokio::time::sleep(pause).await;
                }
            }
        }
        unreachable!("the retry rule gives up after a fixed number of tries")
    }

    async fn once(&self, mut request: Request, longest: Duration) -> Result<Answer, Fault> {
        *request.timeout_mut() = Some(longest);
        let started = clock::monotonic();
        let (method, url) = (request.method().clone(), request.url().clone());
        let host = format!(
            "{}:{}",
            url.host_str().unwrap_or("?"),
            url.port_or_known_default().unwrap_or(0)
        );
        let failed =
            |error: &reqwest::Error| fault::of(error, &host, url.scheme(), longest, &self.network);
        let response = self
            .client
            .execute(request)
            .await
            .map_err(|error| failed(&error))?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        self.hear_the_time(&headers);
        if let Some(quota) = Quota::read(&headers, clock::now()) {
            *self.quota.lock().unwrap_or_else(PoisonError::into_inner) = Some(quota);
        }
        let body = response.bytes().await.map_err(|error| failed(&error))?;
        let query = url.query().filter(|_| url.path().starts_with("/v4"));
        let query = query.map(secret::clean);
        self.listener.hear(Event::Answers {
            method: method.as_str(),
            place: &format!("{host}{}", url.path()),
            query: query.as_deref(),
            status,
            bytes: body.len(),
            took: clock::since(started),
        });
        Ok(Answer {
            status: meant(status, &body),
            headers,
            body: body.into(),
            come_back_in: None,
        })
    }
}

/// Google's services answer 403 to too many requests, too: that passes, and is no refusal.
fn meant(status: u16, body: &[u8]) -> u16 {
    let is_limit =
        status == 403 && String::from_utf8_lossy(body).contains("\"RATE_LIMIT_EXCEEDED\"");
    if is_limit { 429 } else { status }
}

fn describe(result: &Result<Answer, Fault>) -> String {
    match result {
        Ok(answer) => format!("status {}", answer.status),
        Err(fault) => fault.cause.clone(),
    }
}

/// Says with what clients encrypt, before the first of them is made.
pub fn install_cryptography() {
    // A second call finds the provider in place, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
