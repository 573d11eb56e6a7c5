//! How somebody comes by a login: the stored one, or a new one where there is a browser to be sent to.

use super::context::Context;
use super::live::Door;
use crate::archive;
use crate::archive::Refused;
use crate::archive::owner::Person;
use crate::config::{LEGACY_CUT_OFF, Provider, Redirect, service_name};
use crate::console::Console;
use crate::demo;
use crate::error::Error;
use crate::exit::Explain;
use crate::extract::Definition;
use crate::live::Service;
use crate::oauth::{self, Messenger, Token, Typed, login::Options, scopes};
use crate::tasks::blocking;
use chrono::TimeDelta;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// A login that has a date to end is warned about this long before.
pub const WARN_BEFORE: TimeDelta = TimeDelta::days(2);
/// How long a login waits for the browser.
pub const LOGIN_TIMEOUT: Duration = Duration::from_mins(5);
/// How long a demo waits for the browser that it plays itself.
const DEMO_TIMEOUT: Duration = Duration::from_secs(30);

impl Context {
    /// A service with a login: the stored one, or a new one where somebody can be sent to a browser.
    ///
    /// # Errors
    /// Fails with 77 and the command to run where nobody can.
    pub async fn session(&self) -> Result<Service, Error> {
        self.session_for(&[]).await
    }

    /// The same; a new login asks for the scopes of these extracts as well.
    ///
    /// # Errors
    /// As [`Context::session`].
    pub async fn session_for(&self, extracts: &[&Definition]) -> Result<Service, Error> {
        let mut door = self.door()?;
        door.exchange = door
            .exchange
            .asking_for(extracts.iter().map(|extract| extract.scope()));
        match door.store.read()? {
            Some(token) => {
                let service = self.service(&door, token)?;
                let access = service.access();
                access.bind().await;
                self.warn_of_end(&access.token().await);
                Ok(service)
            }
            None if self.demo.is_some() || self.is_interactive() => {
                self.log_in(&door, LoginOptions::default()).await
            }
            None => Err(oauth::Error::NotLoggedIn {
                command: "login",
                remark: self.why_no_login(),
            }
            .into()),
        }
    }

    /// The way to a login that these extracts can be had with, and all that was granted before.
    ///
    /// # Errors
    /// Fails when no client is configured.
    pub fn door_for(&self, extracts: &[&Definition]) -> Result<Door, Error> {
        let mut door = self.door()?;
        if self.settings.provider != Provider::Fitbit {
            // What was granted stays so: a new consent replaces the earlier one.
            let earlier = door.store.read().ok().flatten();
            let earlier = earlier.map(|token| token.scopes).unwrap_or_default();
            let needed = extracts.iter().map(|extract| extract.scope());
            let earlier = earlier
                .into_iter()
                .filter(|scope| scopes::short(scope) != scope);
            door.exchange = door.exchange.asking_for(needed.chain(earlier));
        }
        Ok(door)
    }

    fn why_no_login(&self) -> String {
        if self.has_old_script_token() {
            return "nobody is logged in (the access_token.json of the 2017 script in this folder is not used)".to_owned();
        }
        String::new()
    }

    fn has_old_script_token(&self) -> bool {
        self.settings.provider == Provider::Fitbit
            && std::path::Path::new("access_token.json").is_file()
    }

    pub(super) fn warn_of_end(&self, token: &Token) {
        let Some(end) = token.login_expires_at else {
            return;
        };
        let left = end - self.now;
        if left <= TimeDelta::zero() {
            self.console.warn(&format!(
                "this login ended on {}; log in again: {}",
                self.moment(end),
                self.command("login")
            ));
        } else if left < WARN_BEFORE {
            self.console.warn(&format!(
                "this login ends on {} ({}); log in again before: {}",
                self.moment(end),
                left_in_words(left),
                self.command("login")
            ));
        }
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
        // What a newer version keeps there is not written over.
        if let Err(error @ oauth::Error::Newer { .. }) = door.store.read() {
            return Err(error.into());
        }
        // No code is spent on a login that could not be kept.
        let store = door.store.clone();
        blocking(move || store.rehearse()).await?;
        let messenger = Terminal {
            context: self,
            no_browser: options.no_browser,
        };
        let plays_itself = self.demo.is_some() && !self.global.demo_browser;
        let waiting = Options {
            typed: if options.no_browser {
                Typed::Answer
            } else {
                Typed::Nothing
            },
            timeout: if plays_itself {
                options.timeout.min(DEMO_TIMEOUT)
            } else {
                options.timeout
            },
        };
        let token = oauth::login(&door.exchange, &redirect, waiting, &messenger).await?;
        {
            let store = door.store.clone();
            let lock = blocking(move || store.lock()).await?;
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
        let service = self.service(door, token)?;
        self.introduce(&service).await?;
        Ok(service)
    }

    /// Whose login it is. Asked for once a login; where that is not allowed, a note says so.
    ///
    /// # Errors
    /// Fails when the service does not answer.
    pub async fn person(&self, service: &Service) -> Result<Person, Error> {
        let mut token = service.access().token().await;
        if let (Service::Google(google), None) = (service, &token.account) {
            match google.identity().await {
                Ok(identity) => {
                    let change = |token: &mut Token| identity.keep_with(token);
                    service.access().remember(change).await?;
                    token = service.access().token().await;
                }
                Err(error) if error.is_scope_missing() => {}
                Err(error) => return Err(error.into()),
            }
        }
        let person = person(&token, self.settings.provider);
        if person.is_unknown() {
            self.console.note("whose login this is could not be found out, so it is not certain that the archive is the same person's");
        }
        Ok(person)
    }

    /// Why this login's days must not be put into the archive, where it is another person's.
    pub(super) fn refused_by_archive(&self, token: &Token) -> Option<Refused> {
        let person = person(token, self.settings.provider);
        match self.archive().admits(&person) {
            Err(archive::Error::Refused(refused)) => Some(refused),
            Err(_) | Ok(()) => None,
        }
    }

    /// Says so when the archive is another person's; only what would write there is refused.
    pub(super) fn warn_of_other_person(&self, token: &Token) {
        if let Some(refused) = self.refused_by_archive(token) {
            self.console.warn(&format!(
                "the archive {} holds another person's days, so sync will refuse this login; {}",
                self.archive().root().display(),
                self.said(&refused.hint())
            ));
        }
    }

    /// Asks the account for its id and its zone, and keeps both with the login.
    async fn introduce(&self, service: &Service) -> Result<(), Error> {
        let granted = service.access().token().await;
        match service {
            Service::Google(google) => {
                let introduction = google.introduction().await?;
                let change = |token: &mut Token| introduction.keep_with(token);
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

fn person(token: &Token, provider: Provider) -> Person {
    let (account, legacy) = (token.account.as_deref(), token.legacy_account.as_deref());
    match provider {
        Provider::Google { .. } => Person::of(account, legacy),
        Provider::Fitbit => Person::of(None, account),
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
                let other = console.run().command("login --no-browser");
                console.note(&format!(
                    "no browser could be opened; open the page above yourself, or use: {other}"
                ));
            }
        });
    }

    fn tell(&self, text: &str) {
        self.console().note(text);
    }
}
