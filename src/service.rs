//! How a request for data fails, whichever service was asked, with the remedy for every documented refusal.

pub mod session;

use crate::config::Provider;
use crate::config::service_name;
use crate::exit::{Exit, Explain, wraps};
use crate::extract::{Definition, mend};
use crate::hint::Hint;
use crate::http::retry::in_words;
use crate::http::{Answer, Fault, FaultKind};
use crate::oauth;
use chrono::{DateTime, TimeDelta, Utc};
use std::time::Duration;

/// A failed request for data.
#[derive(Debug)]
pub enum Error {
    /// No answer.
    Unreachable {
        /// The service.
        provider: Provider,
        /// The cause.
        cause: String,
        /// What to do about it, where it is not the network.
        remedy: Option<String>,
    },
    /// 5xx to the end, a redirect, or a page that is no API's.
    Down {
        /// The service.
        provider: Provider,
        /// What it answered.
        said: String,
        /// When to come back, if it said so.
        come_back_at: Option<DateTime<Utc>>,
    },
    /// 429 to the end.
    RateLimited {
        /// The service.
        provider: Provider,
        /// When to come back, if it said so.
        come_back_at: Option<DateTime<Utc>>,
        /// How long that is from now.
        wait: Option<Duration>,
    },
    /// The legacy service is gone.
    SwitchedOff {
        /// What was seen.
        sign: String,
    },
    /// An answer that makes no sense; nothing of it was used.
    Undecodable {
        /// The service.
        provider: Provider,
        /// What is wrong with it.
        problem: String,
    },
    /// The service said no, and why.
    Refused {
        /// The service.
        provider: Provider,
        /// The documented reason.
        reason: Refusal,
        /// What it said, cleaned.
        said: String,
    },
    /// The login could not be renewed.
    Login(oauth::Error),
}

/// Documented reasons for a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The token is not accepted although it was just renewed.
    TokenRejected,
    /// A scope was not granted; which one, if known.
    ScopeMissing(Option<String>),
    /// The Google account has no Health profile; the page to make one.
    AccountNotLinked(Option<String>),
    /// 412: the same, less clearly.
    NoProfile,
    /// The API is not enabled in the project; the page to enable it.
    ServiceDisabled(Option<String>),
    /// The project may not be used, as during the onboarding pause.
    ProjectDenied,
    /// The consent has to be given anew.
    ConsentStale,
    /// A legacy account that never moved to Google.
    LegacyAccount,
    /// The legacy app is not of type Personal.
    NotPersonal,
    /// The legacy service refuses the app or the user.
    Forbidden,
    /// There is no such type of data, or it cannot be asked for this way.
    Unsupported,
    /// The request itself was not understood: a bug here, or a change there.
    BadRequest,
    /// Neither of the two is the program's fault: a definition of one's own, by this name, asks for it.
    Definition(String),
}

impl Error {
    /// The error for a request that got no answer.
    #[must_use]
    pub fn from_fault(provider: Provider, fault: &Fault) -> Self {
        if fault.remedy.is_none()
            && provider == Provider::Fitbit
            && fault.kind == FaultKind::NoConnection
        {
            return Self::SwitchedOff {
                sign: fault.cause.clone(),
            };
        }
        Self::Unreachable {
            provider,
            cause: fault.cause.clone(),
            remedy: fault.remedy.clone(),
        }
    }

    /// The error for the statuses that mean the same everywhere; `None` for those that each service explains itself.
    #[must_use]
    pub fn from_status(
        provider: Provider,
        answer: &Answer,
        said: &str,
        now: DateTime<Utc>,
    ) -> Option<Self> {
        let come_back_at = answer
            .come_back_in
            .and_then(|wait| TimeDelta::from_std(wait).ok())
            .and_then(|wait| now.checked_add_signed(wait));
        let said = match said {
            "" => format!("status {}", answer.status),
            said => format!("status {}: {said}", answer.status),
        };
        match answer.status {
            429 => Some(Self::RateLimited {
                provider,
                come_back_at,
                wait: answer.come_back_in,
            }),
            500..=599 => Some(Self::Down {
                provider,
                said,
                come_back_at,
            }),
            300..=399 => Some(Self::Down {
                provider,
                said: format!("a redirect to elsewhere, {said}"),
                come_back_at: None,
            }),
            _ => None,
        }
    }

    /// The same error, naming the scope if a scope is missing.
    #[must_use]
    pub fn for_want_of(mut self, scope: &str) -> Self {
        if let Self::Refused {
            reason: Refusal::ScopeMissing(missing),
            ..
        } = &mut self
        {
            *missing = Some(scope.to_owned());
        }
        self
    }

    /// The same error of a series, naming its scope, and its definition if that is one's own and asks for what the service does
    /// not know.
    #[must_use]
    pub fn of_series(self, definition: &Definition) -> Self {
        let mut error = self.for_want_of(&definition.scope_name);
        if let Self::Refused { reason, .. } = &mut error
            && matches!(reason, Refusal::Unsupported | Refusal::BadRequest)
            && !definition.is_built_in()
        {
            *reason = Refusal::Definition(definition.name.clone());
        }
        error
    }

    /// The service refuses this type of data, which says nothing of others.
    #[must_use]
    pub const fn is_of_one_type(&self) -> bool {
        matches!(
            self,
            Self::Refused {
                reason: Refusal::ScopeMissing(_)
                    | Refusal::Forbidden
                    | Refusal::LegacyAccount
                    | Refusal::Unsupported
                    | Refusal::BadRequest
                    | Refusal::Definition(_),
                ..
            }
        )
    }

    /// The service refused because this scope is missing.
    #[must_use]
    pub fn is_scope_missing(&self) -> bool {
        matches!(
            self,
            Self::Refused {
                reason: Refusal::ScopeMissing(_),
                ..
            }
        )
    }
}

/// What is nice to know. Where it cannot be had, a note says that `what` (`the last sync is`) is not known, and why.
///
/// # Errors
/// Fails where the login did.
pub fn or_note<T: Default>(
    result: Result<T, Error>,
    what: &str,
    notes: &mut Vec<String>,
) -> Result<T, Error> {
    match result {
        Err(error @ Error::Login(_)) => Err(error),
        Err(error) => {
            notes.push(format!("{what} not known: {}", error.why()));
            Ok(T::default())
        }
        known => known,
    }
}

impl Refusal {
    fn why(&self, said: &str) -> String {
        match self {
            Self::TokenRejected => format!("the service does not accept the login any more ({said})"),
            Self::ScopeMissing(Some(scope)) => format!("the login lacks the scope {scope}"),
            Self::ScopeMissing(None) => format!("the login lacks a scope ({said})"),
            Self::AccountNotLinked(_) => "ACCOUNT_NOT_LINKED: this Google account has no Google Health profile".to_owned(),
            Self::NoProfile => format!("this Google account has no Google Health profile yet ({said})"),
            Self::ServiceDisabled(_) => "SERVICE_DISABLED: the Google Health API is not enabled in the Google Cloud project that the client is of".to_owned(),
            Self::ProjectDenied => format!(
                "the project or the account is not allowed to use the Google Health API ({said}); Google was not onboarding new projects in autumn 2026"
            ),
            Self::ConsentStale => "RESOURCE_PERMISSION_DENIED: the consent has to be given anew".to_owned(),
            Self::LegacyAccount => format!("{said}; so it is with a Fitbit account that never moved to Google"),
            Self::NotPersonal => {
                "the answer has no intraday data: the app is not of type Personal, the only one that gets them by itself".to_owned()
            }
            Self::Forbidden => said.to_owned(),
            Self::Unsupported => format!("the service does not give this type of data ({said})"),
            Self::BadRequest => format!("the service did not understand the request ({said})"),
            Self::Definition(_) => format!("the service does not know what is asked for ({said})"),
        }
    }

    fn hint(&self) -> Hint {
        match self {
            Self::TokenRejected => Hint::from("log in again: ").login(),
            Self::ScopeMissing(_) => Hint::from("run ").login().and(" again and tick every box"),
            Self::AccountNotLinked(page) => format!(
                "open {} with this account, then run the same command again",
                page.as_deref().unwrap_or("https://fitbit.google.com/auth/signup")
            )
            .into(),
            Self::NoProfile => "open the Google Health app once with this account and let it sync, then run the same command again".into(),
            Self::ServiceDisabled(page) => format!(
                "enable it at {}, wait a few minutes, then run the same command again",
                page.as_deref().unwrap_or("https://console.cloud.google.com/apis/library/health.googleapis.com")
            )
            .into(),
            Self::ProjectDenied => {
                "read https://developers.google.com/health, or import a Takeout archive meanwhile (https://takeout.google.com)".into()
            }
            Self::ConsentStale => {
                Hint::from("remove the app at https://myaccount.google.com/connections, then run ").login()
            }
            Self::LegacyAccount => {
                Hint::from("sign in to the Google Health app with the Google account, then run ").login().and(" with that account")
            }
            Self::NotPersonal => Hint::from("set \"OAuth 2.0 Application Type\" to Personal at https://dev.fitbit.com/apps, then run ").login(),
            Self::Forbidden => Hint::from("try again later; if it stays, log in again: ").login(),
            Self::Unsupported => "leave it out, or look for a newer version of fitbit-hr".into(),
            Self::BadRequest => "this is a bug in fitbit-hr or a change at the service; look for a newer version, or report these lines".into(),
            Self::Definition(name) => mend(name).into(),
        }
    }

    const fn exit(&self) -> Exit {
        match self {
            Self::ServiceDisabled(_) => Exit::Config,
            // Of heart rate it is a change at the service; of a series that is set aside, the run says 77.
            Self::Unsupported | Self::BadRequest => Exit::Bug,
            Self::TokenRejected
            | Self::ScopeMissing(_)
            | Self::AccountNotLinked(_)
            | Self::NoProfile
            | Self::ProjectDenied
            | Self::ConsentStale
            | Self::LegacyAccount
            | Self::NotPersonal
            | Self::Forbidden
            | Self::Definition(_) => Exit::Login,
        }
    }
}

wraps!(Login(oauth::Error));

impl Explain for Error {
    fn what(&self) -> String {
        match self {
            Self::Unreachable { provider, .. } => {
                format!("could not reach {}", service_name(*provider))
            }
            Self::SwitchedOff { .. } => "could not reach Fitbit".to_owned(),
            Self::Down { provider, .. }
            | Self::RateLimited { provider, .. }
            | Self::Refused { provider, .. } => {
                format!("could not get the data from {}", service_name(*provider))
            }
            Self::Undecodable { provider, .. } => format!(
                "could not understand the answer of {}",
                service_name(*provider)
            ),
            Self::Login(error) => error.what(),
        }
    }

    fn why(&self) -> String {
        match self {
            Self::Unreachable { cause, .. } => cause.clone(),
            Self::Down { said, .. } => said.clone(),
            Self::RateLimited { .. } => "too many requests (status 429)".to_owned(),
            Self::SwitchedOff { sign } => oauth::switched_off(sign),
            Self::Undecodable { problem, .. } => format!("{problem}; nothing of it was used"),
            Self::Refused { reason, said, .. } => reason.why(said),
            Self::Login(error) => error.why(),
        }
    }

    fn hint(&self) -> Hint {
        match self {
            Self::Unreachable {
                remedy: Some(remedy),
                ..
            } => remedy.clone().into(),
            Self::Unreachable { .. } => "check the network, then run the same command again".into(),
            Self::Down {
                come_back_at: Some(at),
                ..
            } => format!(
                "run the same command again after {}",
                at.format("%H:%M UTC")
            )
            .into(),
            Self::Down { .. } => {
                "run the same command again in some minutes; earlier files are as they were".into()
            }
            Self::RateLimited {
                come_back_at: Some(at),
                wait: Some(wait),
                ..
            } => format!(
                "run the same command again {} (at {})",
                in_words(*wait),
                at.format("%H:%M:%S UTC")
            )
            .into(),
            Self::RateLimited {
                provider: Provider::Fitbit,
                ..
            } => "run the same command again in an hour".into(),
            Self::RateLimited { .. } => "run the same command again in some minutes".into(),
            Self::SwitchedOff { .. } => oauth::WAY_OUT.into(),
            Self::Undecodable { .. } => {
                "run the same command again; behind a proxy or a hotel network, log in there first"
                    .into()
            }
            Self::Refused { reason, .. } => reason.hint(),
            Self::Login(error) => error.hint(),
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Self::Unreachable { .. } | Self::Down { .. } | Self::SwitchedOff { .. } => {
                Exit::Unavailable
            }
            Self::RateLimited { .. } => Exit::Temporary,
            Self::Undecodable { .. } => Exit::Data,
            Self::Refused { reason, .. } => reason.exit(),
            Self::Login(error) => error.exit(),
        }
    }
}
