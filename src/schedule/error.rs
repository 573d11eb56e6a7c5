//! Why a daily run could not be set up or taken back.

use crate::atomic_file;
use crate::exit::{Exit, Explain};
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
}

impl Error {
    pub(super) fn command(words: &[String], cause: &str) -> Self {
        Self::Command {
            command: words.join(" "),
            cause: secret::clean(cause),
        }
    }
}

impl Explain for Error {
    fn what(&self) -> String {
        match self {
            Self::File(error) => error.what(),
            Self::Remove { path, .. } => format!("could not remove {}", path.display()),
            Self::Command { command, .. } => format!("could not run {command}"),
        }
    }

    fn why(&self) -> String {
        match self {
            Self::File(error) => error.why(),
            Self::Remove { cause, .. } => cause.to_string(),
            Self::Command { cause, .. } => cause.clone(),
        }
    }

    fn hint(&self) -> String {
        match self {
            Self::File(error) => error.hint(),
            Self::Remove { .. } => "remove it by hand".to_owned(),
            Self::Command { .. } => {
                "see what is to be installed with fitbit-hr schedule show, and set it up by hand"
                    .to_owned()
            }
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Self::File(error) => error.exit(),
            Self::Remove { .. } => Exit::Io,
            Self::Command { .. } => Exit::CannotCreate,
        }
    }
}

impl From<atomic_file::Error> for Error {
    fn from(error: atomic_file::Error) -> Self {
        Self::File(error)
    }
}
