//! What a person sees of a run that ended badly.

use crate::atomic_file;
use crate::exit::{Exit, Explain};
use crate::hint::Hint;

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
    fn hint(&self) -> Hint {
        atomic_file::MORE_HANDLES.into()
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
    fn hint(&self) -> Hint {
        "run it again with -v and report what it printed; files already finished are kept".into()
    }
    fn exit(&self) -> Exit {
        Exit::Bug
    }
}
