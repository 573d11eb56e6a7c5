//! Why an export is not there.

use crate::exit::{Exit, Explain, wraps};
use crate::hint::Hint;
use crate::{archive, atomic_file, console};
use std::io;
use std::path::PathBuf;

/// A failed export. A target that is a file is as it was.
#[derive(Debug)]
pub enum Error {
    /// A day could not be read.
    Archive(archive::Error),
    /// The target could not be made or put in place.
    File(atomic_file::Error),
    /// Standard output takes no more.
    Stdout(console::StdoutError),
    /// The format cannot go there: it needs a file.
    NeedsFile(&'static str),
    /// The target cannot be opened for writing.
    Open {
        /// Which.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The target takes no more.
    Write {
        /// Which.
        path: PathBuf,
        /// What was said.
        cause: String,
    },
    /// The target is there, and is no database of ours.
    NotOurs {
        /// Which.
        path: PathBuf,
        /// What `SQLite` said.
        cause: String,
    },
    /// Another program is writing to the target.
    Busy {
        /// Which.
        path: PathBuf,
        /// What `SQLite` said.
        cause: String,
    },
    /// Ctrl-C.
    Interrupted,
}

wraps!(Archive(archive::Error), File(atomic_file::Error));

impl Explain for Error {
    fn what(&self) -> String {
        match self {
            Self::Archive(error) => error.what(),
            Self::File(error) => error.what(),
            Self::Stdout(error) => error.what(),
            Self::NeedsFile(format) => {
                format!("could not write {format} to standard output: it needs a file")
            }
            Self::Open { path, .. } => format!("could not open {} for writing", path.display()),
            Self::Write { path, .. } => format!("could not write {}", path.display()),
            Self::NotOurs { path, .. } | Self::Busy { path, .. } => {
                format!("could not bring {} up to date", path.display())
            }
            Self::Interrupted => "interrupted; nothing was changed".to_owned(),
        }
    }
    fn why(&self) -> String {
        match self {
            Self::Archive(error) => error.why(),
            Self::File(error) => error.why(),
            Self::Stdout(error) => error.why(),
            Self::NeedsFile(_) | Self::Interrupted => String::new(),
            Self::Open { cause, .. } => cause.to_string(),
            Self::Write { cause, .. } | Self::NotOurs { cause, .. } | Self::Busy { cause, .. } => {
                cause.clone()
            }
        }
    }
    fn hint(&self) -> Hint {
        match self {
            Self::Archive(error) => error.hint(),
            // That one's hint is about the main job's option.
            Self::File(atomic_file::Error::Create { .. }) | Self::Open { .. } => {
                "choose another place with -o, or make that one writable".into()
            }
            Self::File(error) => error.hint(),
            Self::Stdout(error) => error.hint(),
            Self::NeedsFile(format) => format!("name one: -o heart_rate.{format}").into(),
            Self::Write { .. } => {
                "free some space or choose another disk; what was there is as it was".into()
            }
            Self::NotOurs { .. } => "choose another name with -o, or move that file away".into(),
            Self::Busy { .. } => {
                "close the program that writes to it, then run the same command again".into()
            }
            Self::Interrupted => Hint::default(),
        }
    }
    fn exit(&self) -> Exit {
        match self {
            Self::Archive(error) => error.exit(),
            Self::File(error) => error.exit(),
            Self::Stdout(error) => error.exit(),
            Self::NeedsFile(_) => Exit::Usage,
            Self::Open { .. } | Self::NotOurs { .. } => Exit::CannotCreate,
            Self::Write { .. } => Exit::Io,
            Self::Busy { .. } => Exit::Temporary,
            Self::Interrupted => Exit::Interrupted,
        }
    }
}
