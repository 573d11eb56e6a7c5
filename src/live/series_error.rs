//! How a series fails though the service answers: it is refused by itself, or what comes is not what its definition says.

use crate::exit::{Exit, Explain};
use crate::extract::faults::Faults;
use crate::extract::mend;
use crate::hint::Hint;
use crate::numerals::counted;
use crate::service;

/// A failed series.
#[derive(Debug)]
pub enum SeriesError {
    /// The service gave others, but not these.
    Refused(Vec<(String, service::Error)>),
    /// More than one point in a hundred could not be read.
    Unreadable {
        /// The series.
        name: String,
        /// How many.
        faults: Faults,
        /// Its definition is one's own.
        is_own: bool,
    },
    /// No point has these members of a definition of one's own.
    NeverMet {
        /// The series.
        name: String,
        /// The paths to them.
        members: Vec<String>,
    },
}

impl SeriesError {
    /// Refused for want of a scope: what `login` can add.
    fn without_scope(refused: &[(String, service::Error)]) -> Vec<&str> {
        let without = refused.iter().filter(|(_, error)| error.is_scope_missing());
        without.map(|(name, _)| name.as_str()).collect()
    }
}

impl Explain for SeriesError {
    fn what(&self) -> String {
        match self {
            Self::Refused(refused) => {
                let names: Vec<_> = refused.iter().map(|(name, _)| name.as_str()).collect();
                format!("could not get {}", names.join(", "))
            }
            Self::Unreadable { name, .. } | Self::NeverMet { name, .. } => {
                format!("could not understand the points of {name}")
            }
        }
    }

    fn why(&self) -> String {
        match self {
            Self::Refused(refused) => {
                let mut reasons: Vec<_> = refused.iter().map(|(_, error)| error.why()).collect();
                reasons.dedup();
                reasons.join("; ")
            }
            Self::Unreadable { faults, is_own, .. } => format!(
                "{}{} of {} cannot be read; nothing was written",
                if *is_own {
                    ""
                } else {
                    "the service has changed: "
                },
                faults.unreadable,
                counted(faults.points, "point")
            ),
            Self::NeverMet { members, .. } => format!(
                "none of them has the member {} as it is defined; nothing was written",
                members.join(", ")
            ),
        }
    }

    fn hint(&self) -> Hint {
        match self {
            Self::Refused(refused) => match Self::without_scope(refused).as_slice() {
                [] => refused
                    .first()
                    .map_or_else(Hint::default, |(_, error)| error.hint()),
                names => Hint::from("add it to the login: ")
                    .command(format!("login --extract {}", names.join(","))),
            },
            Self::Unreadable { is_own: false, .. } => {
                "look for a newer version of fitbit-hr, or report these lines".into()
            }
            Self::Unreadable { name, .. } | Self::NeverMet { name, .. } => mend(name).into(),
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Self::Refused(_) => Exit::Login,
            Self::Unreadable { .. } | Self::NeverMet { .. } => Exit::Data,
        }
    }
}
