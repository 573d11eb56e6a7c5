//! The way to the service: the HTTP client, the place of the login, the wearer's zone, the quota.

use super::context::Context;
use crate::atomic_file;
use crate::config::Provider;
use crate::error::Error;
use crate::fitbit::Fitbit;
use crate::google::Google;
use crate::http::{Http, Quota, Route};
use crate::live::{Service, Zones};
use crate::oauth::{Access, Exchange, Store, Token};
use crate::service;
use crate::zone::Tz;
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// What is needed to log in or to use a login.
#[derive(Debug, Clone)]
pub struct Door {
    /// The HTTP client.
    pub http: Arc<Http>,
    /// The token endpoint.
    pub exchange: Exchange,
    /// Where the login is kept.
    pub store: Store,
}

impl Context {
    /// The way to the service; nothing is sent yet.
    ///
    /// # Errors
    /// Fails when no client is configured.
    pub fn door(&self) -> Result<Door, Error> {
        let settings = &self.settings;
        let client = settings.client()?.clone();
        let endpoints = &settings.endpoints;
        let route = match (endpoints.is_local(), endpoints.is_plain()) {
            (false, _) => Route::Network,
            (true, false) => Route::Loopback,
            (true, true) => Route::PlainLoopback,
        };
        let console = Arc::clone(&self.console);
        let http = Http::new(settings.requests_per_second, route, console).map_err(|_| {
            service::Error::Unreachable {
                provider: settings.provider,
                cause: "this machine has no trusted certificates (on Linux the package ca-certificates)".to_owned(),
            }
        })?;
        let http = Arc::new(http);
        let exchange = Exchange::new(
            Arc::clone(&http),
            settings.provider,
            client,
            settings.endpoints.clone(),
        );
        Ok(Door {
            http,
            exchange,
            store: Store::new(settings.token_path()),
        })
    }

    /// The stored login's time zone, else the likely one. Never fails: it only decides what "today" is.
    #[must_use]
    pub fn wearers_zone(&self) -> Tz {
        let stored = || {
            Store::new(self.settings.token_path())
                .read()
                .ok()
                .flatten()?
                .timezone?
                .parse()
                .ok()
        };
        self.settings
            .timezone
            .or_else(stored)
            .unwrap_or_else(|| self.likely_zone())
    }

    /// Zones to go by where the account does not say.
    #[must_use]
    pub fn zones(&self) -> Zones {
        Zones {
            fixed: self.settings.timezone,
            likely: self.wearers_zone(),
        }
    }

    /// The service for a login.
    #[must_use]
    pub fn service(&self, door: &Door, token: Token) -> Service {
        let access = Arc::new(Access::new(
            door.store.clone(),
            door.exchange.clone(),
            token,
            self.renewals.clone(),
        ));
        let base = self.settings.endpoints.api.clone();
        match self.settings.provider {
            Provider::Fitbit => Service::Fitbit(Fitbit::new(Arc::clone(&door.http), access, base)),
            provider @ Provider::Google { .. } => {
                Service::Google(Google::new(Arc::clone(&door.http), access, base, provider))
            }
        }
    }

    /// Keeps what the service said about its quota, for `status`. It is only a remark: a disk that takes no more is told of
    /// elsewhere.
    pub fn remember_quota(&self, service: &Service) {
        let quota = service.quota();
        if let Some(bytes) = quota.and_then(|quota| serde_json::to_vec(&quota).ok()) {
            let _ = atomic_file::write(
                &self.settings.quota_path(),
                &bytes,
                atomic_file::Access::Private,
            );
        }
    }

    /// The quota as it was when the service was asked last, unless its window is over.
    #[must_use]
    pub fn quota(&self) -> Option<Quota> {
        let bytes = std::fs::read(self.settings.quota_path()).ok()?;
        serde_json::from_slice(&bytes)
            .ok()
            .filter(|quota: &Quota| quota.resets_at > self.now)
    }

    /// A date and time on the wearer's wall clock.
    #[must_use]
    pub fn moment(&self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.wearers_zone())
            .format("%Y-%m-%d %H:%M %Z")
            .to_string()
    }
}
