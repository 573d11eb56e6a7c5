//! What a person sees of a run that ended badly.

use crate::atomic_file;
use crate::error::Error;
use crate::exit::{Exit, Explain};

/// An error whose hint names the login of this run, not that of another profile or keys file.
pub(super) struct OfThisRun<'a> {
    pub(super) error: &'a Error,
    pub(super) options: &'a str,
}

impl Explain for OfThisRun<'_> {
    fn what(&self) -> String {
        self.error.what()
    }
    fn why(&self) -> String {
        self.error.why()
    }
    fn hint(&self) -> String {
        let (hint, login) = (self.error.hint(), "fitbit-hr login");
        if self.options.is_empty() || hint.contains(self.options) {
            return hint;
        }
        hint.replace(login, &format!("{login}{}", self.options))
    }
    fn exit(&self) -> Exit {
        self.error.exit()
    }
}

/// The event loop panics where it gets no file handle; that is no bug of anybody's.
pub(super) fn is_out_of_handles(panic: &str) -> bool {
    panic.contains("Too many open files")
}

/// Too few file handles to begin with.
pub(super) struct OutOfHandles;

impl Explain for OutOfHandles {
    fn what(&self) -> String {
        "could not start".to_owned()
    }
    fn why(&self) -> String {
        "too many open files".to_owned()
    }
    fn hint(&self) -> String {
        atomic_file::MORE_HANDLES.to_owned()
    }
    fn exit(&self) -> Exit {
        Exit::CannotCreate
    }
}

/// A panic, as a user sees it.
pub(super) struct Bug(pub(super) String);

impl Explain for Bug {
    fn what(&self) -> String {
        "could not go on because of a bug in fitbit-hr".to_owned()
    }
    fn why(&self) -> String {
        format!("an impossible state at {}", self.0)
    }
    fn hint(&self) -> String {
        "run it again with -v and report what it printed; files already finished are kept"
            .to_owned()
    }
    fn exit(&self) -> Exit {
        Exit::Bug
    }
}
