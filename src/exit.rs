//! Exit codes, after `sysexits.h`, and what an error must be able to say.

use crate::hint::Hint;

/// How a run ends. The numbers are part of the contract with scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// The command line was wrong.
    Usage = 2,
    /// An answer or an archive could not be decoded.
    Data = 65,
    /// An input file is missing or unreadable.
    NoInput = 66,
    /// The service is down, switched off, or out of reach.
    Unavailable = 69,
    /// A bug in this program.
    Bug = 70,
    /// An output cannot be created.
    CannotCreate = 73,
    /// An output could not be written.
    Io = 74,
    /// Temporary: the same command, run again later, goes on.
    Temporary = 75,
    /// The login protocol was violated.
    Protocol = 76,
    /// A login is needed, was refused or revoked, or lacks a scope.
    Login = 77,
    /// The keys file or the token file is missing or wrong.
    Config = 78,
    /// The terminal was closed (SIGHUP).
    HungUp = 129,
    /// Ctrl-C.
    Interrupted = 130,
    /// A service manager or a container ended the run (SIGTERM).
    Terminated = 143,
}

impl Exit {
    /// The number the process ends with.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// What another run of this program ended with; `None` for success and for what it never ends with.
    #[must_use]
    pub fn of_code(code: i32) -> Option<Self> {
        let all = [
            Self::Usage,
            Self::Data,
            Self::NoInput,
            Self::Unavailable,
            Self::Bug,
            Self::CannotCreate,
            Self::Io,
            Self::Temporary,
            Self::Protocol,
            Self::Login,
            Self::Config,
            Self::Interrupted,
        ];
        all.into_iter().find(|exit| i32::from(exit.code()) == code)
    }
}

/// What every error tells a person: three lines at most.
pub trait Explain {
    /// What could not be done: `could not read the keys file keys.toml`.
    fn what(&self) -> String;
    /// Why: the cause in one line; empty where `what` says it all.
    fn why(&self) -> String {
        String::new()
    }
    /// What could not be done and why, in one line.
    fn line(&self) -> String {
        match (self.what(), self.why()) {
            (what, why) if why.is_empty() => what,
            (what, why) => format!("{what}: {why}"),
        }
    }
    /// What to do next: a command to run or a page to open.
    fn hint(&self) -> Hint {
        Hint::default()
    }
    /// How the process ends.
    fn exit(&self) -> Exit;
}

/// A sum of failures takes each of its parts as it is.
macro_rules! wraps {
    ($($variant:ident($inner:ty)),* $(,)?) => {
        $(impl From<$inner> for Error {
            fn from(error: $inner) -> Self {
                Self::$variant(error)
            }
        })*
    };
}
pub(crate) use wraps;
