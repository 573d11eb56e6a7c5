//! An archive is one person's, and holds either real days or made-up ones.

use crate::exit::{Exit, Explain};
use crate::hint::Hint;
use std::path::PathBuf;

/// Why days must not be put into an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// It is another person's.
    OtherPerson(PathBuf),
    /// The exports of one import are of several people.
    SeveralPeople,
    /// It holds real days, and made-up ones were to come.
    Real(PathBuf),
    /// It holds made-up days, and real ones were to come.
    MadeUp(PathBuf),
    /// It holds made-up days, and was to be read without `--demo`.
    Hidden(PathBuf),
}

impl Explain for Refused {
    fn what(&self) -> String {
        match self {
            Self::SeveralPeople => "could not import these exports together".to_owned(),
            Self::Hidden(path) => format!("could not read the archive {}", path.display()),
            Self::OtherPerson(path) => format!("could not add to the archive {}", path.display()),
            Self::Real(path) => format!("could not write made-up days to {}", path.display()),
            Self::MadeUp(path) => format!("could not write real days to {}", path.display()),
        }
    }
    fn why(&self) -> String {
        let why = match self {
            Self::OtherPerson(_) => "it holds another person's days; nothing was changed",
            Self::SeveralPeople => "their profiles name different people; nothing was changed",
            Self::Real(_) => "it holds real ones; nothing was changed",
            Self::MadeUp(_) => "it is for the made-up ones of --demo; nothing was changed",
            Self::Hidden(_) => "it holds made-up days of --demo",
        };
        why.to_owned()
    }
    fn hint(&self) -> Hint {
        let hint = match self {
            Self::OtherPerson(_) => {
                "give each person a profile: repeat the command with --profile NAME (its login too), or log in as the archive's owner"
            }
            Self::SeveralPeople => {
                "import each person's exports by themselves, with --profile NAME"
            }
            Self::Real(_) => "leave --output-dir out: a demo keeps its files in demo_data",
            Self::MadeUp(_) => "leave --demo out, or choose another folder with --output-dir",
            Self::Hidden(_) => {
                "add --demo to look at them, or name your own folder with --output-dir"
            }
        };
        hint.into()
    }
    fn exit(&self) -> Exit {
        match self {
            Self::OtherPerson(_) | Self::SeveralPeople => Exit::Config,
            Self::Real(_) | Self::MadeUp(_) => Exit::CannotCreate,
            Self::Hidden(_) => Exit::NoInput,
        }
    }
}
