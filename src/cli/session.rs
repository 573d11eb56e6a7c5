//! From settings to a service that can be asked: the HTTP client, the stored login or a new one, the account's zone.

use super::context::Context;
use crate::atomic_file;
use crate::clock;
use crate::config::{
    Client, Endpoints, LEGACY_CUT_OFF, Overrides, Redirect, Settings, service_name,
};
use crate::console::Console;
use crate::day::Provider;
use crate::demo;
use crate::error::Error;
use crate::exit::Exit;
use crate::fitbit::Fitbit;
use crate::google::Google;
use crate::http::{Http, Quota, Route};
use crate::oauth::{self, Access, Exchange, Messenger, Store, Token, login::Options, scopes};
use crate::secret::Secret;
use crate::service;
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// A login that has a date to end is warned about this long before.
pub const WARN_BEFORE: TimeDelta = TimeDelta::days(2);
/// How long a login waits for the browser.
pub const LOGIN_TIMEOUT: Duration = Duration::from_mins(5);
/// The stand-in is on this machine; nobody else is kept waiting.
const DEMO_REQUESTS_PER_SECOND: f64 = 1000.0;

/// The stand-in service and the temporary folder of its login.
pub struct Demo {
    service: demo::Service,
    folder: tempfile::TempDir,
}

impl std::fmt::Debug for Demo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Demo").finish_non_exhaustive()
    }
}

impl Demo {
    /// Starts the stand-in on a free loopback port.
    pub(super) fn start(now: DateTime<Utc>) -> Result<Self, Error> {
        let failed = |cause| crate::atomic_file::Error::Create {
            path: PathBuf::from("the demo's temporary folder or port"),
            cause,
        };
        let folder = tempfile::Builder::new()
            .prefix("fitbit-hr-demo.")
            .tempdir()
            .map_err(failed)?;
        // Nobody is kept waiting for a quota that protects no one here.
        let settings = demo::Settings {
            requests_per_minute: None,
            ..demo::Settings::new(now)
        };
        let service = demo::Service::start(settings).map_err(failed)?;
        Ok(Self { service, folder })
    }

    /// The settings that lead to the stand-in instead of a real service.
    pub(super) fn settings(&self, overrides: &Overrides) -> Settings {
        let output_dir = overrides
            .output_dir
            .clone()
            .unwrap_or_else(|| PathBuf::from("fitbit_data"));
        Settings {
            provider: Provider::Demo,
            configured_client: Some(Client {
                id: self.service.client_id().to_owned(),
                secret: Some(Secret::new(self.service.client_secret())),
            }),
            redirect_url: "http://127.0.0.1:0/".to_owned(),
            timezone: None,
            archive: output_dir.join("archive"),
            output_dir,
            requests_per_second: DEMO_REQUESTS_PER_SECOND,
            endpoints: Endpoints {
                authorize: self.service.authorize_url(),
                token: self.service.token_url(),
                revoke: self.service.revoke_url(),
                api: self.service.base_url(),
            },
            profile: overrides.profile.clone().filter(|name| name != "default"),
            keys_file: None,
            looked_in: Vec::new(),
            state_dir: self.folder.path().to_owned(),
        }
    }
}

/// Either live service, for one login.
#[derive(Debug, Clone)]
pub enum Service {
    /// Google Health, or its stand-in.
    Google(Google),
    /// The legacy one.
    Fitbit(Fitbit),
}

impl Service {
    /// The login in use.
    #[must_use]
    pub fn access(&self) -> &Access {
        match self {
            Self::Google(google) => google.access(),
            Self::Fitbit(fitbit) => fitbit.access(),
        }
    }

    /// API requests so far, retries included.
    #[must_use]
    pub fn requests(&self) -> u64 {
        match self {
            Self::Google(google) => google.requests(),
            Self::Fitbit(fitbit) => fitbit.requests(),
        }
    }
}

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

    /// A service with a login: the stored one, or a new one where somebody can be sent to a browser.
    ///
    /// # Errors
    /// Fails with 77 and the command to run where nobody can.
    pub async fn session(&self) -> Result<Service, Error> {
        let door = self.door()?;
        let client_id = self.settings.client()?.id.clone();
        let stored = door.store.read()?;
        let foreign = stored
            .as_ref()
            .is_some_and(|token| token.client_id.as_ref().is_some_and(|id| *id != client_id));
        match stored.filter(|_| !foreign) {
            Some(token) => {
                self.warn_of_end(&token);
                Ok(self.service(&door, token))
            }
            None if self.demo.is_some() || self.is_interactive() => {
                self.log_in(&door, LoginOptions::default()).await
            }
            None => Err(oauth::Error::NotLoggedIn {
                command: format!("fitbit-hr login{}", self.options_to_repeat()),
                remark: self.why_no_login(foreign),
            }
            .into()),
        }
    }

    /// Keeps what the service said about its quota, for `status`. It is only a remark: a disk that takes no more is told of
    /// elsewhere.
    pub fn remember_quota(&self, service: &Service) {
        let Service::Fitbit(fitbit) = service else {
            return;
        };
        if let Some(bytes) = fitbit
            .quota()
            .and_then(|quota| serde_json::to_vec(&quota).ok())
        {
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

    fn why_no_login(&self, foreign: bool) -> String {
        if foreign {
            return "the stored login belongs to another client id".to_owned();
        }
        if self.has_old_script_token() {
            return "nobody is logged in (the access_token.json of the 2017 script in this folder is not used)".to_owned();
        }
        String::new()
    }

    fn has_old_script_token(&self) -> bool {
        self.settings.provider == Provider::Fitbit
            && std::path::Path::new("access_token.json").is_file()
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
            provider @ (Provider::Google | Provider::Takeout | Provider::Demo) => {
                Service::Google(Google::new(Arc::clone(&door.http), access, base, provider))
            }
        }
    }

    pub(super) fn warn_of_end(&self, token: &Token) {
        let Some(end) = token.login_expires_at else {
            return;
        };
        let left = end - self.now;
        if left <= TimeDelta::zero() {
            self.console.warn(&format!(
                "this login ended on {}; log in again: fitbit-hr login{}",
                self.moment(end),
                self.options_to_repeat()
            ));
        } else if left < WARN_BEFORE {
            self.console.warn(&format!(
                "this login ends on {} ({}); log in again before: fitbit-hr login{}",
                self.moment(end),
                left_in_words(left),
                self.options_to_repeat()
            ));
        }
    }

    /// A date and time on the wearer's wall clock.
    #[must_use]
    pub fn moment(&self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.wearers_zone())
            .format("%Y-%m-%d %H:%M %Z")
            .to_string()
    }

    /// Logs in, stores the login, and asks the account who it is.
    ///
    /// # Errors
    /// Fails as the login does, or as the first request does; by then the login is stored.
    pub async fn log_in(&self, door: &Door, options: LoginOptions) -> Result<Service, Error> {
        let redirect = Redirect::parse(
            &self.settings.redirect_url,
            self.settings.keys_file.as_deref(),
        )?;
        if self.settings.provider == Provider::Fitbit {
            self.console.warn(&format!(
                "the legacy Fitbit Web API was announced to be off since {LEGACY_CUT_OFF}; if its page fails, {}",
                oauth::WAY_OUT
            ));
            if self.has_old_script_token() {
                self.console.note("the access_token.json of the 2017 script in this folder is not used; this login replaces it");
            }
        }
        // No code is spent on a login that could not be kept.
        drop(door.store.claim()?);
        let messenger = Terminal {
            context: self,
            no_browser: options.no_browser,
        };
        let waiting = Options {
            pasted: options.no_browser,
            timeout: options.timeout,
        };
        let token = oauth::login(&door.exchange, &redirect, waiting, &messenger).await?;
        {
            let store = door.store.clone();
            let lock = tokio::task::spawn_blocking(move || store.lock())
                .await
                .expect("locking does not panic")?;
            door.store.write(&token)?;
            drop(lock);
        }
        for scope in scopes::missing(self.settings.provider, &token.scopes) {
            self.console.note(&format!(
                "the box {} was not ticked: {} will be missing",
                scopes::short(scope.name),
                scope.feeds
            ));
        }
        let service = self.service(door, token);
        self.introduce(&service).await?;
        Ok(service)
    }

    /// Asks the account for its id and its zone, and keeps both with the login.
    async fn introduce(&self, service: &Service) -> Result<(), Error> {
        let granted = service.access().token().await;
        match service {
            Service::Google(google) => {
                let zone = async {
                    if granted.grants(scopes::SETTINGS) {
                        google.timezone().await
                    } else {
                        Ok(None)
                    }
                };
                let (identity, zone) = tokio::try_join!(google.identity(), zone)?;
                let change = |token: &mut Token| {
                    token.account = identity.health_user_id;
                    token.legacy_account = identity.legacy_user_id;
                    token.timezone = zone.map(|zone| zone.name().to_owned());
                };
                service.access().remember(change).await?;
            }
            Service::Fitbit(fitbit) if granted.grants("profile") => match fitbit.timezone().await {
                Ok(zone) => {
                    service
                        .access()
                        .remember(|token| token.timezone = zone.map(|zone| zone.name().to_owned()))
                        .await?;
                }
                Err(error) => self.console.note(&format!(
                    "the account's time zone is not known: {}",
                    crate::exit::Explain::why(&error)
                )),
            },
            Service::Fitbit(_) => {}
        }
        Ok(())
    }
}

/// How to log in.
#[derive(Debug, Clone, Copy)]
pub struct LoginOptions {
    /// Print the page's address and take the answer on stdin too.
    pub no_browser: bool,
    /// How long to wait.
    pub timeout: Duration,
}

impl Default for LoginOptions {
    fn default() -> Self {
        Self {
            no_browser: false,
            timeout: LOGIN_TIMEOUT,
        }
    }
}

/// `in 1 day 3 h`.
#[must_use]
pub fn left_in_words(left: TimeDelta) -> String {
    match (
        left.num_days(),
        left.num_hours() % 24,
        left.num_minutes() % 60,
    ) {
        (0, 0, minutes) => format!("in {minutes} min"),
        (0, hours, _) => format!("in {hours} h"),
        (1, hours, _) => format!("in 1 day {hours} h"),
        (days, ..) => format!("in {days} days"),
    }
}

/// Sends a person to the consent page.
struct Terminal<'a> {
    context: &'a Context,
    no_browser: bool,
}

impl Terminal<'_> {
    fn console(&self) -> &Console {
        &self.context.console
    }
}

impl Messenger for Terminal<'_> {
    fn open(&self, url: &str) {
        let service = service_name(self.context.settings.provider);
        let console = self.console();
        if self.no_browser {
            console.ask(&format!(
                "Open this page on any device to log in to {service}:\n\n  {url}\n"
            ));
            console.ask(
                "Your browser ends on a page of this machine; if it cannot show it, copy the whole\naddress of that page (or only the code in it), paste it here and press Enter:",
            );
            return;
        }
        if self.context.demo.is_some() && !self.context.global.demo_browser {
            // If it fails, the listener's time-out says so; there is nobody else to tell.
            if let Ok(url) = Url::parse(url) {
                let _ = demo::browser::consent_in_background(&url);
            }
            return;
        }
        console.ask(&format!("Opening the browser to log in to {service}. If it does not open, open this page:\n\n  {url}\n"));
        console.say("Waiting for the answer; Ctrl-C ends it.");
        let url = url.to_owned();
        // A text browser holds the caller until it is left.
        let console = Arc::clone(&self.context.console);
        std::thread::spawn(move || {
            if webbrowser::open(&url).is_err() {
                console.note("no browser could be opened; open the page above yourself, or use: fitbit-hr login --no-browser");
            }
        });
    }

    fn tell(&self, text: &str) {
        self.console().note(text);
    }
}

/// The worse of two exits, for reports on several things.
#[must_use]
pub fn worse(a: Option<Exit>, b: Option<Exit>) -> Option<Exit> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if b.code() > a.code() { b } else { a }),
        (a, b) => a.or(b),
    }
}

/// The clock, for what happens after the start.
#[must_use]
pub fn now() -> DateTime<Utc> {
    clock::now()
}
