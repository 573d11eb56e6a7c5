//! What is wrong with a study as a whole. What is wrong with one participant's part of a run is data: it stands in the report.

use super::id::Id;
use super::tolerance::Tolerance;
use crate::exit::{Exit, Explain, wraps};
use crate::hint::Hint;
use crate::{archive, config, oauth, objects, service, sync};
use std::io;
use std::path::PathBuf;

/// Why a study's command did not do what it was asked for.
#[derive(Debug)]
pub enum Error {
    /// There is no `study.toml` to be read.
    NoStudy {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// It is there and wrong.
    Study {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// What is wrong there.
        problem: String,
    },
    /// It is there already.
    Exists(PathBuf),
    /// The folder of the logins cannot be read.
    Tokens {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// Two ids differ by case alone.
    Clash(Id, Id),
    /// The store.
    Store(objects::Error),
    /// The data set.
    Archive(archive::Error),
    /// The client.
    Config(config::Error),
    /// A login, or the client that all of them are of.
    Login(oauth::Error),
    /// The service, as far as it is a matter of the whole study.
    Service(service::Error),
    /// A sync that did not do all that was asked for.
    Sync(sync::Error),
    /// It was told to stop.
    Stopped,
    /// Not one of the logins is of the client that the keys name.
    OtherClient,
    /// The account that logged in is another participant's.
    AccountTwice {
        /// Who was to be enrolled.
        id: Id,
        /// Whose it is.
        other: Id,
    },
    /// The participant is another account.
    OtherAccount(Id),
    /// The account does not say who it is.
    NoAccount(Id),
    /// The participant has withdrawn.
    Withdrawn(Id),
    /// Nobody knows the participant.
    Unknown(Id),
    /// The service could not be reached to end a login.
    NotRevoked {
        /// Whose.
        id: Id,
        /// Why.
        cause: oauth::Error,
    },
    /// Too many participants failed.
    TooMany {
        /// How many.
        failed: usize,
        /// Of how many who have not withdrawn.
        all: usize,
        /// What was allowed.
        tolerance: Tolerance,
        /// What the first one ran into.
        why: String,
    },
}

/// What to do about logins of another client.
#[must_use]
pub fn other_client() -> Hint {
    let named = Hint::from(
        "name the keys file that they were made with: --keys FILE; or enrol them again: ",
    );
    named.command("study enrol ID")
}

impl Explain for Error {
    fn what(&self) -> String {
        match self {
            Self::NoStudy { path, .. } => {
                format!("could not read the study file {}", path.display())
            }
            Self::Study { path, line, .. } => format!(
                "could not understand the study file {}, line {line}",
                path.display()
            ),
            Self::Exists(path) => format!("could not write {}", path.display()),
            Self::OtherClient => "could not use the logins of the study".to_owned(),
            Self::Tokens { path, .. } => format!("could not read the tokens in {}", path.display()),
            Self::Clash(..) => "could not tell two participants apart".to_owned(),
            Self::Store(error) => error.what(),
            Self::Archive(error) => error.what(),
            Self::Config(error) => error.what(),
            Self::Login(error) => error.what(),
            Self::Service(error) => error.what(),
            Self::Sync(error) => error.what(),
            Self::Stopped => "the run was stopped".to_owned(),
            Self::AccountTwice { id, .. }
            | Self::OtherAccount(id)
            | Self::NoAccount(id)
            | Self::Withdrawn(id) => format!("could not enrol {id}"),
            Self::Unknown(id) => format!("could not withdraw {id}"),
            Self::NotRevoked { id, .. } => format!("could not end the login of {id}"),
            Self::TooMany { failed, all, .. } => {
                format!("could not bring {failed} of {all} participants up to date")
            }
        }
    }

    fn why(&self) -> String {
        match self {
            Self::NoStudy { cause, .. } | Self::Tokens { cause, .. } => cause.to_string(),
            Self::Study { problem, .. } => problem.clone(),
            Self::Exists(_) => "it is there already; nothing was changed".to_owned(),
            Self::Clash(a, b) => format!("{a} and {b} differ by case alone"),
            Self::Store(error) => error.why(),
            Self::Archive(error) => error.why(),
            Self::Config(error) => error.why(),
            Self::Login(error) => error.why(),
            Self::Service(error) => error.why(),
            Self::Sync(error) => error.why(),
            Self::Stopped => String::new(),
            Self::OtherClient => {
                "all of them belong to another client, or to other addresses, than the keys name"
                    .to_owned()
            }
            Self::AccountTwice { other, .. } => {
                format!(
                    "this account takes part already, as {other}; nothing was kept of this login"
                )
            }
            Self::OtherAccount(_) => {
                "the participant is another account; nothing was kept of this login".to_owned()
            }
            Self::NoAccount(_) => "the service did not say which account it is".to_owned(),
            Self::Withdrawn(_) => "the participant has withdrawn".to_owned(),
            Self::Unknown(_) => "nobody of that id was enrolled, and nobody has a login".to_owned(),
            Self::NotRevoked { cause, .. } => format!(
                "{}; the withdrawal stands, and nothing is fetched any more",
                cause.why()
            ),
            Self::TooMany { tolerance, why, .. } => {
                format!("more than {tolerance} is too many; the first: {why}")
            }
        }
    }

    fn hint(&self) -> Hint {
        match self {
            Self::NoStudy { .. } => {
                Hint::from("name it with --study FILE, or make one: ").command("study init")
            }
            Self::Study { problem, .. } if problem.contains("unknown field") => {
                "correct that line, or update fitbit-hr: a newer version may know the field".into()
            }
            Self::Study { .. } => Hint::from("correct that line; ")
                .command("study init --print")
                .and(" explains every field"),
            Self::Exists(_) => "edit it, or name another place with --study FILE".into(),
            Self::Tokens { .. } => {
                Hint::from("correct 'tokens' in study.toml, or enrol the first participant: ")
                    .command("study enrol ID")
            }
            Self::Clash(..) => "enrol one of them anew under another id".into(),
            Self::Store(error) => error.hint(),
            Self::Archive(error) => error.hint(),
            Self::Config(error) => error.hint(),
            Self::Login(error) => error.hint(),
            Self::Service(error) => error.hint(),
            Self::Sync(error) => error.hint(),
            Self::Stopped => "run the same command again to go on".into(),
            Self::OtherClient => other_client(),
            Self::AccountTwice { other, .. } => {
                Hint::from("to log in again: ").command(format!("study enrol {other}"))
            }
            Self::OtherAccount(_) => {
                "log in with the participant's own account, or enrol the other one under another id"
                    .into()
            }
            Self::NoAccount(_) => "run the same command again in some minutes".into(),
            Self::Withdrawn(_) => "who comes back takes part under another id".into(),
            Self::Unknown(_) => Hint::default()
                .command("study status")
                .and(" lists the participants"),
            Self::NotRevoked { cause, .. } if is_of_keys(cause) => cause.hint(),
            Self::NotRevoked { .. } => {
                "run the same command again later, which ends the login and deletes it".into()
            }
            Self::TooMany { .. } => Hint::from("see the report: ")
                .command("study status")
                .and("; then run the same command again"),
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Self::NoStudy { .. }
            | Self::Study { .. }
            | Self::Tokens { .. }
            | Self::Clash(..)
            | Self::AccountTwice { .. }
            | Self::OtherAccount(_) => Exit::Config,
            Self::Exists(_) => Exit::CannotCreate,
            Self::Store(error) => error.exit(),
            Self::Archive(error) => error.exit(),
            Self::Config(error) => error.exit(),
            Self::Login(error) => error.exit(),
            Self::Service(error) => error.exit(),
            Self::Sync(error) => error.exit(),
            Self::Stopped => Exit::Interrupted,
            Self::Withdrawn(_) | Self::OtherClient => Exit::Login,
            Self::Unknown(_) => Exit::NoInput,
            Self::NotRevoked { cause, .. } if is_of_keys(cause) => cause.exit(),
            Self::NotRevoked { .. } | Self::NoAccount(_) | Self::TooMany { .. } => Exit::Temporary,
        }
    }
}

/// Another try with the same keys would come to the same.
fn is_of_keys(cause: &oauth::Error) -> bool {
    matches!(
        cause,
        oauth::Error::OtherClient
            | oauth::Error::OtherOrigin { .. }
            | oauth::Error::WrongClient { .. }
    )
}

wraps!(
    Store(objects::Error),
    Archive(archive::Error),
    Config(config::Error),
    Login(oauth::Error),
    Service(service::Error),
);
