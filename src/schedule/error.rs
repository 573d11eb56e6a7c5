//! Why a daily run could not be set up or taken back.

use crate::atomic_file;
use crate::exit::{Exit, Explain, wraps};
use crate::hint::Hint;
use crate::secret;
use std::io;

/// A failure of `schedule`.
#[derive(Debug)]
pub enum Error {
    /// A unit's file could not be written.
    File(atomic_file::Error),
    /// A file could not be removed.
    Remove {
        /// The file.
        path: std::path::PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// A command of the system failed.
    Command {
        /// The command as typed.
        command: String,
        /// What it said, or why it could not be started.
        cause: String,
    },
    /// A path or a value that the scheduler could not read.
    Unwritable {
        /// The path or value.
        word: String,
        /// What it cannot hold.
        why: String,
    },
    /// The client comes from variables that a scheduler does not know.
    ClientNotInKeys,
    /// The job would fail where the scheduler runs it.
    Unproven {
        /// What `doctor` found there.
        says: String,
        /// What it says to do.
        remedy: Hint,
        /// How it ended.
        exit: Exit,
    },
}

impl Error {
    pub(super) fn command(words: &[String], cause: &str) -> Self {
        Self::Command {
            command: words.join(" "),
            cause: secret::clean(cause.trim()),
        }
    }

    pub(super) fn unwritable(word: &str, why: &str) -> Self {
        Self::Unwritable {
            word: secret::clean(word),
            why: why.to_owned(),
        }
    }
}

wraps!(File(atomic_file::Error));

impl Explain for Error {
    fn what(&self) -> String {
        match self {
            Self::File(error) => error.what(),
            Self::Remove { path, .. } => format!("could not remove {}", path.display()),
            Self::Command { command, .. } => format!("could not run {command}"),
            Self::Unwritable { word, .. } => {
                format!("could not write \"{word}\" for the scheduler")
            }
            Self::ClientNotInKeys | Self::Unproven { .. } => {
                "could not install the daily sync: it would fail".to_owned()
            }
        }
    }

    fn why(&self) -> String {
        match self {
            Self::File(error) => error.why(),
            Self::Remove { cause, .. } => cause.to_string(),
            Self::Command { cause, .. } => cause.clone(),
            Self::Unwritable { why, .. } => why.clone(),
            Self::ClientNotInKeys => {
                "the client is in FITBIT_HR_CLIENT_ID and FITBIT_HR_CLIENT_SECRET, which the scheduler does not know".to_owned()
            }
            Self::Unproven { says, .. } => format!("tried where the scheduler runs it: {says}"),
        }
    }

    fn hint(&self) -> Hint {
        match self {
            Self::File(error) => error.hint(),
            Self::Remove { .. } => "remove it by hand".into(),
            Self::Command { .. } => {
                Hint::from("see what is to be installed with ")
                    .command("schedule show")
                    .and(", and set it up by hand")
            }
            Self::Unwritable { .. } => {
                "move or rename it, or leave it out of the environment, and install again".into()
            }
            Self::ClientNotInKeys => {
                "put client_id and client_secret into the keys file, chmod 600 it, and install again".into()
            }
            Self::Unproven { remedy, .. } => remedy.clone(),
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Self::File(error) => error.exit(),
            Self::Remove { .. } => Exit::Io,
            Self::Command { .. } | Self::Unwritable { .. } => Exit::CannotCreate,
            Self::ClientNotInKeys => Exit::Config,
            Self::Unproven { exit, .. } => *exit,
        }
    }
}
