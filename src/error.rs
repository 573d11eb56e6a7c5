//! The one error type that reaches `main`: the sum of the modules' own, each with its exit code and its hint.

use crate::archive;
use crate::atomic_file;
use crate::exit::{Exit, Explain};

/// Any failure of a command.
#[derive(Debug)]
pub enum Error {
    /// A value on the command line that clap could not judge.
    Usage(Usage),
    /// A file that could not be written or put in place.
    File(atomic_file::Error),
    /// The archive could not be read or written.
    Archive(archive::Error),
    /// Ctrl-C.
    Interrupted,
}

/// A wrong value on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// What is wrong, in one line.
    pub problem: String,
    /// What to type instead.
    pub hint: String,
}

impl Usage {
    /// A usage error with its remedy.
    pub fn new(problem: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            problem: problem.into(),
            hint: hint.into(),
        }
    }
}

impl Explain for Usage {
    fn what(&self) -> String {
        self.problem.clone()
    }
    fn why(&self) -> String {
        String::new()
    }
    fn hint(&self) -> String {
        self.hint.clone()
    }
    fn exit(&self) -> Exit {
        Exit::Usage
    }
}

impl Error {
    fn inner(&self) -> &dyn Explain {
        match self {
            Self::Usage(error) => error,
            Self::File(error) => error,
            Self::Archive(error) => error,
            Self::Interrupted => &Interrupted,
        }
    }
}

impl Explain for Error {
    fn what(&self) -> String {
        self.inner().what()
    }
    fn why(&self) -> String {
        self.inner().why()
    }
    fn hint(&self) -> String {
        self.inner().hint()
    }
    fn exit(&self) -> Exit {
        self.inner().exit()
    }
}

struct Interrupted;

impl Explain for Interrupted {
    fn what(&self) -> String {
        "interrupted; files already finished are kept, nothing else was changed".to_owned()
    }
    fn why(&self) -> String {
        String::new()
    }
    fn hint(&self) -> String {
        String::new()
    }
    fn exit(&self) -> Exit {
        Exit::Interrupted
    }
}

macro_rules! wraps {
    ($($variant:ident($inner:ty)),* $(,)?) => {
        $(impl From<$inner> for Error {
            fn from(error: $inner) -> Self {
                Self::$variant(error)
            }
        })*
    };
}

wraps!(
    Usage(Usage),
    File(atomic_file::Error),
    Archive(archive::Error),
);
