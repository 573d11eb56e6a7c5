//! The one error type that reaches `main`: the sum of the modules' own, each with its exit code and its hint.

use crate::exit::{Exit, Explain, wraps};
use crate::extract::UnknownName;
use crate::hint::Hint;
use crate::{
    archive, atomic_file, config, console, export, import, live, oauth, plot, schedule, service,
    study, sync,
};

/// Any failure of a command.
#[derive(Debug)]
pub enum Error {
    /// A value on the command line that clap could not judge.
    Usage(Usage),
    /// The keys file.
    Config(config::Error),
    /// Login and tokens.
    Login(oauth::Error),
    /// A service's answer, or its absence.
    Service(service::Error),
    /// A series that was refused by itself, or is not as its definition says.
    Series(live::SeriesError),
    /// Standard output takes no more.
    Stdout(console::StdoutError),
    /// A file that could not be written or put in place.
    File(atomic_file::Error),
    /// The archive could not be read or written.
    Archive(archive::Error),
    /// A sync that did not do all that was asked for.
    Sync(sync::Error),
    /// An export that is not there.
    Export(export::Error),
    /// A picture that could not be drawn.
    Plot(plot::Error),
    /// An export could not be read, or not all of it.
    Import(import::Error),
    /// A daily run that could not be set up.
    Schedule(schedule::Error),
    /// A study's command that did not do all that was asked for.
    Study(study::Error),
    /// Some checks of `doctor` failed; they have been reported.
    Unwell(Unwell),
    /// Ctrl-C.
    Interrupted,
}

/// A wrong value on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// What is wrong, in one line.
    pub problem: String,
    /// What to type instead.
    pub hint: Hint,
}

impl Usage {
    /// A usage error with its remedy.
    pub fn new(problem: impl Into<String>, hint: impl Into<Hint>) -> Self {
        Self {
            problem: problem.into(),
            hint: hint.into(),
        }
    }
}

/// Two options that exclude each other.
#[must_use]
pub fn conflict(problem: &str, hint: impl Into<Hint>) -> Error {
    Error::Usage(Usage::new(problem, hint))
}

impl From<UnknownName> for Usage {
    fn from(unknown: UnknownName) -> Self {
        Self::new(unknown.to_string(), unknown.hint())
    }
}

impl Explain for Usage {
    fn what(&self) -> String {
        self.problem.clone()
    }
    fn hint(&self) -> Hint {
        self.hint.clone()
    }
    fn exit(&self) -> Exit {
        Exit::Usage
    }
}

impl Error {
    fn inner(&self) -> &dyn Explain {
        match self {
            Self::Unwell(error) => error,
            Self::Usage(error) => error,
            Self::Config(error) => error,
            Self::Login(error) => error,
            Self::Service(error) => error,
            Self::Series(error) => error,
            Self::Stdout(error) => error,
            Self::File(error) => error,
            Self::Archive(error) => error,
            Self::Sync(error) => error,
            Self::Export(error) => error,
            Self::Plot(error) => error,
            Self::Import(error) => error,
            Self::Schedule(error) => error,
            Self::Study(error) => error,
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
    fn hint(&self) -> Hint {
        self.inner().hint()
    }
    fn exit(&self) -> Exit {
        self.inner().exit()
    }
}

/// How many checks of `doctor` failed, and the worst of their codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unwell {
    /// The worst code.
    pub exit: Exit,
    /// How many failed.
    pub failed: usize,
    /// The command that looks again, after the program's name.
    pub command: &'static str,
}

impl Explain for Unwell {
    fn what(&self) -> String {
        match self.failed {
            1 => "one of the checks failed".to_owned(),
            failed => format!("{failed} of the checks failed"),
        }
    }
    fn hint(&self) -> Hint {
        Hint::from("follow the arrows above, then run ")
            .command(self.command)
            .and(" again")
    }
    fn exit(&self) -> Exit {
        self.exit
    }
}

struct Interrupted;

impl Explain for Interrupted {
    fn what(&self) -> String {
        "interrupted; files already finished are kept, nothing else was changed".to_owned()
    }
    fn exit(&self) -> Exit {
        Exit::Interrupted
    }
}

wraps!(
    Usage(Usage),
    Config(config::Error),
    Login(oauth::Error),
    Service(service::Error),
    Series(live::SeriesError),
    Stdout(console::StdoutError),
    File(atomic_file::Error),
    Schedule(schedule::Error),
    Archive(archive::Error),
    Sync(sync::Error),
    Export(export::Error),
    Plot(plot::Error),
    Import(import::Error),
    Study(study::Error),
);

#[cfg(test)]
mod listing;
