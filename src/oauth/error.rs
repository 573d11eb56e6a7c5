//! How a login or its renewal fails.

use super::state_problem::StateProblem;
use crate::config::{LEGACY_CUT_OFF, Provider, service_name};
use crate::exit::{Exit, Explain};
use crate::file_version;
use crate::hint::Hint;
use crate::http::retry::in_words;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// A failure around login and tokens; all who wait for one renewal get the same.
#[derive(Debug, Clone)]
pub enum Error {
    /// There is no login, and nobody at a terminal to make one.
    NotLoggedIn {
        /// The command that makes one.
        command: &'static str,
        /// What else a person should know, or nothing.
        remark: String,
    },
    /// The service no longer accepts the stored login.
    Ended {
        /// The service.
        provider: Provider,
        /// What it said.
        said: String,
    },
    /// The person, or the service's page, said no.
    Refused {
        /// The service.
        provider: Provider,
        /// What came back.
        said: String,
    },
    /// The service did not take the code that its own page gave out.
    CodeRejected {
        /// What it said.
        said: String,
    },
    /// A needed box was not ticked.
    ScopeMissing {
        /// The scopes, in full.
        missing: Vec<String>,
    },
    /// Nothing came back in time.
    TimedOut {
        /// How long it was waited.
        after: Duration,
        /// The redirect URL that has to be registered.
        redirect_url: String,
        /// The service.
        provider: Provider,
        /// Only calls of another login came.
        foreign: bool,
    },
    /// The answer was to be pasted, and nothing more can be.
    InputEnded,
    /// The listener's port cannot be had.
    PortTaken {
        /// The redirect URL.
        redirect_url: String,
        /// What the system said.
        cause: String,
    },
    /// The client id or secret is wrong, or the redirect URL is not the registered one.
    WrongClient {
        /// The service.
        provider: Provider,
        /// What it said.
        said: String,
    },
    /// The token endpoint broke the protocol.
    Protocol {
        /// How.
        problem: String,
    },
    /// The token endpoint's answer makes no sense.
    Undecodable {
        /// The service.
        provider: Provider,
        /// What is wrong with it.
        problem: String,
    },
    /// The token endpoint is down, out of reach, or refuses for a reason that has nothing to do with the login.
    Unavailable {
        /// The service.
        provider: Provider,
        /// The cause.
        cause: String,
        /// It may work again by itself soon.
        temporary: bool,
        /// When it would like to be asked again, if it said so.
        come_back_in: Option<Duration>,
        /// What to do about it, where waiting is no use.
        remedy: Option<String>,
    },
    /// The legacy service is gone.
    SwitchedOff {
        /// What was seen.
        sign: String,
    },
    /// The token file is there but cannot be used.
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The token file is of a newer version of the program.
    Newer {
        /// The file.
        path: PathBuf,
    },
    /// The folder of logins, or a file in it, cannot be used.
    State(Arc<StateProblem>),
    /// Another process holds the lock, and does not let go of it.
    Locked {
        /// The lock.
        path: PathBuf,
        /// The number of that process, if it is known.
        holder: Option<u32>,
    },
    /// A new token is here and could not be put in its place.
    NotInPlace {
        /// Where it belongs.
        path: PathBuf,
        /// Where it stands.
        kept: Option<PathBuf>,
        /// What the system said.
        cause: String,
    },
    /// The stored login is of another client.
    OtherClient,
    /// The keys file names another origin than the one that the stored login was made at.
    OtherOrigin {
        /// Which endpoint.
        endpoint: &'static str,
        /// The origin that the login is bound to, if it says so.
        made_at: Option<String>,
        /// The origin that is named now.
        named: String,
    },
    /// An organisation's rule keeps this app, or this account, out.
    Policy {
        /// What the service said.
        said: String,
    },
    /// A login that could not be ended at the service; it is stored as before.
    NotRevoked {
        /// The service.
        provider: Provider,
        /// Why not.
        cause: Box<Error>,
    },
}

/// What to do where the browser is on another machine, as over SSH.
fn elsewhere(redirect_url: &str) -> Hint {
    let port = url::Url::parse(redirect_url)
        .ok()
        .and_then(|url| url.port())
        .unwrap_or(80);
    Hint::from("run ")
        .login()
        .and(" again; with the browser on another machine: ")
        .command("login --no-browser")
        .and(format!(
            ", or have redirect_url name a port and forward it: ssh -L {port}:127.0.0.1:{port} HOST"
        ))
}

/// What to do about a legacy service that is gone.
pub const WAY_OUT: &str = "log in with Google instead (provider = \"google\", see README.md), or import a Takeout archive of your history";

/// The sentence about the legacy service.
#[must_use]
pub fn switched_off(sign: &str) -> String {
    format!("the legacy Fitbit Web API was switched off on {LEGACY_CUT_OFF} ({sign})")
}

impl Explain for Error {
    fn what(&self) -> String {
        match self {
            Self::NotLoggedIn { .. } => "could not go on without a login".to_owned(),
            Self::Ended { provider, .. } => {
                format!("could not renew the login at {}", service_name(*provider))
            }
            Self::Damaged { path, .. } | Self::Newer { path } => {
                format!("could not use the token file {}", path.display())
            }
            Self::State(problem) => problem.what(),
            Self::Locked { .. } => "could not get hold of the stored login".to_owned(),
            Self::NotInPlace { path, .. } => {
                format!(
                    "could not put the new login in its place, {}",
                    path.display()
                )
            }
            Self::OtherClient | Self::OtherOrigin { .. } => {
                "could not use the stored login".to_owned()
            }
            Self::NotRevoked { provider, .. } => {
                format!("could not end the login at {}", service_name(*provider))
            }
            Self::PortTaken { redirect_url, .. } => format!("could not listen on {redirect_url}"),
            Self::SwitchedOff { .. } => "could not reach Fitbit".to_owned(),
            Self::Unavailable { provider, .. } | Self::Undecodable { provider, .. } => {
                format!("could not get a token from {}", service_name(*provider))
            }
            Self::Refused { .. }
            | Self::CodeRejected { .. }
            | Self::ScopeMissing { .. }
            | Self::TimedOut { .. }
            | Self::InputEnded
            | Self::WrongClient { .. }
            | Self::Policy { .. }
            | Self::Protocol { .. } => "could not log in".to_owned(),
        }
    }

    fn why(&self) -> String {
        match self {
            Self::NotLoggedIn { remark, .. } if remark.is_empty() => {
                "nobody is logged in, and without a terminal nothing waits for a browser".to_owned()
            }
            Self::NotLoggedIn { remark, .. } => remark.clone(),
            Self::Ended { said, .. } => format!("it was revoked or has expired ({said})"),
            Self::Refused { provider, said } => {
                format!("{} sent the login back: {said}", service_name(*provider))
            }
            Self::CodeRejected { said } => format!("the code was not accepted ({said})"),
            Self::ScopeMissing { missing } => format!(
                "this box was not ticked on the consent page: {}",
                missing.join(", ")
            ),
            Self::InputEnded => "standard input ended before an answer was pasted".to_owned(),
            Self::TimedOut {
                after,
                foreign: true,
                ..
            } => {
                format!(
                    "in {} s only calls with the state of another login came; they were not followed",
                    after.as_secs()
                )
            }
            Self::TimedOut {
                after,
                redirect_url,
                ..
            } => format!(
                "nothing came back in {} s; likely causes: {redirect_url} is not registered exactly so, or the service's page showed an error",
                after.as_secs()
            ),
            Self::Newer { .. } => file_version::WHY.to_owned(),
            Self::WrongClient { said, .. } => said.clone(),
            Self::Protocol { problem }
            | Self::Undecodable { problem, .. }
            | Self::Damaged { problem, .. } => problem.clone(),
            Self::PortTaken { cause, .. }
            | Self::Unavailable { cause, .. }
            | Self::NotInPlace { cause, .. } => cause.clone(),
            Self::SwitchedOff { sign } => switched_off(sign),
            Self::State(problem) => problem.why(),
            Self::Locked { path, holder } => format!(
                "{} has held {} for more than a minute",
                holder.map_or("another process".to_owned(), |id| format!("process {id}")),
                path.display(),
            ),
            Self::OtherClient => "the stored login belongs to another client id".to_owned(),
            Self::OtherOrigin {
                endpoint,
                made_at: Some(made_at),
                named,
            } => format!(
                "it was made at {made_at}, and [endpoints] {endpoint} leads to {named}; nothing was sent there"
            ),
            Self::OtherOrigin { named, .. } => format!(
                "[endpoints] of the current folder's keys.toml lead to {named}, and the login does not say that it was made there; nothing was sent"
            ),
            Self::Policy { said } => {
                format!("a rule of the account's organisation forbids it ({said})")
            }
            Self::NotRevoked { cause, .. } => cause.why(),
        }
    }

    fn hint(&self) -> Hint {
        match self {
            Self::NotLoggedIn { command, .. } => {
                let here = Hint::from("run once, at a terminal: ").command(*command);
                here.and("   (on a server: ").command(format!("{command} --no-browser")).and(")")
            }
            Self::Ended { .. } => Hint::from("log in again: ").login(),
            Self::Refused { provider: Provider::Fitbit, .. } => Hint::from("run ").login().and(" again and choose Allow"),
            Self::Refused { .. } => {
                Hint::from("run ").login().and(" again and choose Continue; in a project in \"Testing\" your account must be a test user")
            }
            Self::CodeRejected { .. } => Hint::from("run ").login().and(" again: a code works once, and for some minutes only"),
            Self::ScopeMissing { .. } => Hint::from("run ").login().and(" again and tick every box"),
            Self::InputEnded => "run it again, and paste the address of the page on which the browser ends, or pipe it in".into(),
            Self::TimedOut { foreign: true, .. } => Hint::from("close old login pages, then run ").login().and(" again"),
            Self::SwitchedOff { .. } => WAY_OUT.into(),
            Self::TimedOut { provider: Provider::Fitbit, redirect_url, .. } => elsewhere(redirect_url).and("; or ").and(WAY_OUT),
            Self::TimedOut { redirect_url, .. } => elsewhere(redirect_url),
            Self::PortTaken { .. } => {
                "end the program that uses this port, or change redirect_url in the keys file (and where it is registered)".into()
            }
            Self::WrongClient { provider, .. } => {
                format!("compare client_id, client_secret and redirect_url with {}", clients_page(*provider)).into()
            }
            Self::Protocol { .. } => "check [endpoints] in the keys file and any proxy in between".into(),
            Self::Undecodable { .. } => "try again later; with a proxy or a hotel network in between, log in there first".into(),
            Self::Unavailable { remedy: Some(remedy), .. } => remedy.clone().into(),
            Self::Unavailable { come_back_in, .. } => format!(
                "run the same command again {}; a stored login is kept",
                come_back_in.map_or_else(|| "later".to_owned(), in_words)
            )
            .into(),
            Self::Damaged { path, .. } => Hint::from(format!("move {} away and run ", path.display())).login(),
            Self::Newer { .. } => file_version::HINT.into(),
            Self::State(problem) => problem.hint(),
            Self::Locked { .. } => "let that process finish or end it, then run the same command again".into(),
            Self::NotInPlace { kept: Some(kept), .. } => format!(
                "the new login is kept in {}, and the next run takes it up; free some space first",
                kept.display()
            )
            .into(),
            Self::NotInPlace { .. } => Hint::from("free some space, then log in again: ").login(),
            Self::OtherClient => Hint::from("log in with this client: ").login().and("; or name the keys file of that login with --keys"),
            Self::OtherOrigin { .. } => {
                Hint::from("if that place is yours, log in there: ").login().and("; else name your own keys file with --keys")
            }
            Self::Policy { .. } => {
                Hint::from("ask the organisation's administrator to allow the app, or log in with a private account: ").login()
            }
            Self::NotRevoked { provider, .. } => {
                let page = connections_page(*provider);
                Hint::from(format!("end it by hand at {page}, then delete it here: ")).command("logout --local")
            }
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Self::NotLoggedIn { .. }
            | Self::Ended { .. }
            | Self::Refused { .. }
            | Self::CodeRejected { .. }
            | Self::ScopeMissing { .. }
            | Self::OtherClient
            | Self::OtherOrigin { .. }
            | Self::Policy { .. }
            | Self::InputEnded
            | Self::TimedOut { foreign: false, .. } => Exit::Login,
            Self::TimedOut { foreign: true, .. } | Self::Protocol { .. } => Exit::Protocol,
            Self::PortTaken { .. }
            | Self::WrongClient { .. }
            | Self::Damaged { .. }
            | Self::Newer { .. } => Exit::Config,
            Self::Undecodable { .. } => Exit::Data,
            Self::Locked { .. }
            | Self::Unavailable {
                temporary: true, ..
            } => Exit::Temporary,
            Self::Unavailable {
                temporary: false, ..
            }
            | Self::SwitchedOff { .. } => Exit::Unavailable,
            Self::State(problem) => problem.exit(),
            Self::NotInPlace { .. } => Exit::Io,
            Self::NotRevoked { cause, .. } => cause.exit(),
        }
    }
}

impl From<StateProblem> for Error {
    fn from(problem: StateProblem) -> Self {
        Self::State(Arc::new(problem))
    }
}

/// The page of a developer's clients.
const fn clients_page(provider: Provider) -> &'static str {
    match provider {
        Provider::Fitbit => "https://dev.fitbit.com/apps",
        Provider::Google { .. } => "https://console.cloud.google.com/auth/clients",
    }
}

/// The page on which a person ends an app's access by hand.
#[must_use]
pub const fn connections_page(provider: Provider) -> &'static str {
    match provider {
        Provider::Fitbit => "https://www.fitbit.com/settings/applications",
        Provider::Google { .. } => "https://myaccount.google.com/connections",
    }
}
