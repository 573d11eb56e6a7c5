//! The way to the service: the HTTP client, the place of the login, the wearer's zone, the quota.

use super::context::Context;
use crate::config::{Client, Endpoints, Provider, Settings};
use crate::error::Error;
use crate::file_version;
use crate::fitbit::Fitbit;
use crate::google::Google;
use crate::http::{Http, Quota, Route, SetupError};
use crate::live::{Service, Zones};
use crate::oauth::{Access, Exchange, Store, Token, login_fits};
use crate::service;
use crate::zone::Tz;
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// What this version writes of a quota.
const QUOTA_VERSION: u32 = 1;

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
        let client = self.settings.client()?.clone();
        self.door_of(&self.settings, client)
    }

    /// The HTTP client of these settings, at `rate` API requests a second.
    ///
    /// # Errors
    /// Fails when TLS cannot be set up.
    pub fn http(&self, settings: &Settings, rate: f64) -> Result<Arc<Http>, Error> {
        let endpoints = &settings.endpoints;
        let route = match (endpoints.is_local(), endpoints.is_plain()) {
            (false, _) => Route::Network,
            (true, false) => Route::Loopback,
            (true, true) => Route::PlainLoopback,
        };
        let console = Arc::clone(&self.console);
        let network = &self.environment.network;
        let http =
            Http::new(rate, route, network, console).map_err(|SetupError { cause, remedy }| {
                service::Error::Unreachable {
                    provider: settings.provider,
                    cause,
                    remedy: Some(remedy),
                }
            })?;
        Ok(Arc::new(http))
    }

    fn door_of(&self, settings: &Settings, client: Client) -> Result<Door, Error> {
        let http = self.http(settings, settings.requests_per_second)?;
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

    /// The settings that the stored login belongs to: where no client is configured, those of the service that has one.
    #[must_use]
    pub fn settings_of_login(&self) -> Settings {
        let mut settings = self.settings.clone();
        if settings.configured_client.is_none() && !settings.token_path().exists() {
            settings.provider = Provider::Fitbit;
            if settings.token_path().exists() {
                settings.endpoints = Endpoints::built_in(Provider::Fitbit);
            } else {
                settings.provider = self.settings.provider;
            }
        }
        settings
    }

    /// The way to end a login: as the configured client, else as the one that it was made with.
    ///
    /// # Errors
    /// Fails when TLS cannot be set up.
    pub fn exchange_of_login(&self, settings: &Settings, token: &Token) -> Result<Exchange, Error> {
        let made_with = || Client {
            id: token.client_id.clone().unwrap_or_default(),
            secret: None,
        };
        let client = settings.configured_client.clone();
        Ok(self
            .door_of(settings, client.unwrap_or_else(made_with))?
            .exchange)
    }

    /// Reads the time zone that is stored with the login, or gives the likely one. Never fails: it only decides what "today" is.
    #[must_use]
    pub fn read_zone(&self) -> Tz {
        self.read_said_zone().unwrap_or_else(|| self.likely_zone())
    }

    /// What the keys file says, or the account has said before.
    fn read_said_zone(&self) -> Option<Tz> {
        let stored = || {
            let token = Store::new(self.settings.token_path()).read().ok().flatten();
            token?.timezone?.parse().ok()
        };
        self.settings.timezone.or_else(stored)
    }

    /// Zones to go by where the account does not say.
    #[must_use]
    pub fn read_zones(&self) -> Zones {
        Zones {
            fixed: self.settings.timezone,
            likely: self.read_zone(),
            is_guess: self.read_said_zone().is_none(),
        }
    }

    /// The service for a login.
    ///
    /// # Errors
    /// Fails with 77 when the login is of another client, or was made elsewhere than where the keys lead.
    pub fn service(&self, door: &Door, token: Token) -> Result<Service, Error> {
        let access = Arc::new(Access::new(
            door.store.clone(),
            door.exchange.clone(),
            token,
            self.renewals.clone(),
        )?);
        let base = self.settings.endpoints.api.clone();
        Ok(match self.settings.provider {
            Provider::Fitbit => Service::Fitbit(Fitbit::new(Arc::clone(&door.http), access, base)),
            provider @ Provider::Google { .. } => {
                Service::Google(Google::new(Arc::clone(&door.http), access, base, provider))
            }
        })
    }

    /// Whether a run would take this stored login: what `doctor`, `status` and `schedule install` look at without a request.
    ///
    /// # Errors
    /// Fails as [`Context::session`] would.
    pub fn takes(&self, token: &Token) -> Result<(), Error> {
        let client = self.settings.client()?;
        Ok(login_fits(&client.id, &self.settings.endpoints, token)?)
    }

    /// Keeps what the service said about its quota, for `status`.
    pub fn remember_quota(&self, service: &Service) {
        if let Some(quota) = service.quota() {
            file_version::keep_remark(&self.settings.quota_path(), &quota, QUOTA_VERSION);
        }
    }

    /// The quota as it was when the service was asked last, unless its window is over.
    #[must_use]
    pub fn quota(&self) -> Option<Quota> {
        let quota = file_version::read_remark(&self.settings.quota_path(), QUOTA_VERSION);
        quota.filter(|quota: &Quota| quota.resets_at > self.now)
    }

    /// A date and time on the wearer's wall clock.
    #[must_use]
    pub fn moment(&self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.read_zone())
            .format("%Y-%m-%d %H:%M %Z")
            .to_string()
    }
}
