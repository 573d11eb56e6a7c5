//! What came of looking at one thing.

use crate::exit::{Exit, Explain};
use crate::hint::{Hint, Invocation};
use serde_json::{Value, json};

/// How a thing is.
#[derive(Debug)]
enum Finding {
    Good,
    /// Works, but a person should know the remedy.
    Caution(Hint),
    Bad(Exit, Hint),
    /// Could not be looked at, or there is nothing to look at.
    Skipped,
}

/// One line of the report.
#[derive(Debug)]
pub struct Check {
    pub id: &'static str,
    pub says: String,
    finding: Finding,
}

impl Check {
    fn new(id: &'static str, says: impl Into<String>, finding: Finding) -> Self {
        Self {
            id,
            says: says.into(),
            finding,
        }
    }

    pub fn good(id: &'static str, says: impl Into<String>) -> Self {
        Self::new(id, says, Finding::Good)
    }

    pub fn caution(id: &'static str, says: impl Into<String>, remedy: impl Into<Hint>) -> Self {
        Self::new(id, says, Finding::Caution(remedy.into()))
    }

    pub fn bad(
        id: &'static str,
        exit: Exit,
        says: impl Into<String>,
        remedy: impl Into<Hint>,
    ) -> Self {
        Self::new(id, says, Finding::Bad(exit, remedy.into()))
    }

    pub fn skipped(id: &'static str, says: impl Into<String>) -> Self {
        Self::new(id, says, Finding::Skipped)
    }

    pub fn from_error(id: &'static str, error: &dyn Explain) -> Self {
        Self::bad(id, error.exit(), error.line(), error.hint())
    }

    /// How a run ends because of it; `None` where it would not.
    pub fn exit(&self) -> Option<Exit> {
        match self.finding {
            Finding::Bad(exit, _) => Some(exit),
            Finding::Good | Finding::Caution(_) | Finding::Skipped => None,
        }
    }

    pub fn state(&self) -> &'static str {
        match self.finding {
            Finding::Good => "ok",
            Finding::Caution(_) => "warning",
            Finding::Bad(..) => "failed",
            Finding::Skipped => "skipped",
        }
    }

    /// The colour of the state in a terminal.
    pub fn sgr(&self) -> &'static str {
        match self.finding {
            Finding::Good => "32",
            Finding::Caution(_) => "33;1",
            Finding::Bad(..) => "31;1",
            Finding::Skipped => "2",
        }
    }

    pub fn remedy(&self) -> Option<&Hint> {
        match &self.finding {
            Finding::Caution(remedy) | Finding::Bad(_, remedy) => Some(remedy),
            Finding::Good | Finding::Skipped => None,
        }
    }

    pub fn to_json(&self, run: &Invocation) -> Value {
        let remedy = self.remedy().map(|remedy| remedy.said(run));
        json!({"id": self.id, "state": self.state(), "says": self.says, "remedy": remedy})
    }
}

/// How a failed look at the disk ends a run.
pub(super) fn of_disk(error: &std::io::Error) -> Exit {
    if error.kind() == std::io::ErrorKind::StorageFull {
        Exit::Io
    } else {
        Exit::CannotCreate
    }
}
