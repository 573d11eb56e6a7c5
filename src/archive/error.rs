//! Why the archive could not be read or written, and what to do about it.

use super::refused::Refused;
use crate::atomic_file;
use crate::exit::{Exit, Explain};
use crate::file_version;
use crate::hint::{Hint, Setting};
use crate::objects;
use std::io;
use std::path::PathBuf;

/// Why the archive could not be read or written.
#[derive(Debug)]
pub enum Error {
    /// A folder or file could not be read.
    Read {
        /// Which.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The lock that guards the archive could not be had.
    Lock {
        /// The lock file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// A file is there, and its rows cannot be had.
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What it is.
        fault: Fault,
    },
    /// A file could not be written or put in place.
    Write(atomic_file::Error),
    /// Rows could not be encoded.
    Encode(String),
    /// It is somebody else's.
    Refused(Refused),
    /// The place of a data set of many did not do it.
    Objects(objects::Error),
}

impl From<objects::Error> for Error {
    fn from(error: objects::Error) -> Self {
        match error {
            objects::Error::Read { path, cause } => Self::Read { path, cause },
            objects::Error::Lock { path, cause } => Self::Lock { path, cause },
            objects::Error::Write(error) => Self::Write(error),
            error @ (objects::Error::Bucket(_) | objects::Error::Withdrawn) => Self::Objects(error),
        }
    }
}

/// What a file is whose rows cannot be had. Only what is broken is called so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// A later version of this program wrote it.
    Newer,
    /// It is sound, but another program's, or not this table's.
    Foreign(String),
    /// Its bytes are not what they were.
    Damaged(String),
}

impl Fault {
    /// What it is, for people.
    #[must_use]
    pub fn why(&self) -> String {
        match self {
            Self::Newer => file_version::WHY.to_owned(),
            Self::Foreign(problem) | Self::Damaged(problem) => problem.clone(),
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Newer => file_version::HINT,
            Self::Foreign(_) => {
                "the file is sound but not as this program writes it; move it out of the archive, \
                 then import or sync its days again"
            }
            Self::Damaged(_) => "remove that file, then import or sync its days again",
        }
    }
}

impl Explain for Error {
    fn what(&self) -> String {
        match self {
            Self::Read { path, .. } => format!("could not read {}", path.display()),
            Self::Lock { path, .. } => {
                format!("could not lock the archive with {}", path.display())
            }
            Self::Unreadable {
                path,
                fault: Fault::Damaged(_),
            } => format!("could not decode {}", path.display()),
            Self::Unreadable { path, .. } => format!("could not use {}", path.display()),
            Self::Write(error) => error.what(),
            Self::Encode(_) => "could not encode rows for the archive".to_owned(),
            Self::Refused(refused) => refused.what(),
            Self::Objects(error) => error.what(),
        }
    }
    fn why(&self) -> String {
        match self {
            Self::Read { cause, .. } | Self::Lock { cause, .. } => cause.to_string(),
            Self::Unreadable { fault, .. } => fault.why(),
            Self::Write(error) => error.why(),
            Self::Encode(problem) => problem.clone(),
            Self::Refused(refused) => refused.why(),
            Self::Objects(error) => error.why(),
        }
    }
    fn hint(&self) -> Hint {
        match self {
            Self::Read { cause, .. } | Self::Lock { cause, .. }
                if atomic_file::is_out_of_handles(cause) =>
            {
                atomic_file::MORE_HANDLES.into()
            }
            Self::Read { .. } => "check the permissions of the archive folder".into(),
            Self::Lock { .. } => {
                Hint::from("make the archive folder writable, or name another one with ")
                    .setting(Setting::Archive)
            }
            Self::Unreadable { fault, .. } => fault.hint().into(),
            Self::Write(error) => error.hint(),
            Self::Encode(_) => "please report this with the command that was run".into(),
            Self::Refused(refused) => refused.hint(),
            Self::Objects(error) => error.hint(),
        }
    }
    fn exit(&self) -> Exit {
        match self {
            Self::Read { .. } => Exit::NoInput,
            Self::Lock { .. } => Exit::CannotCreate,
            Self::Unreadable { .. } => Exit::Data,
            Self::Write(error) => error.exit(),
            Self::Encode(_) => Exit::Bug,
            Self::Refused(refused) => refused.exit(),
            Self::Objects(error) => error.exit(),
        }
    }
}
