//! A picture that cannot be drawn.

use crate::exit::{Exit, Explain};
use crate::hint::Hint;

/// Why a picture could not be drawn; a bug, since nothing here depends on the surroundings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(pub String);

impl Explain for Error {
    fn what(&self) -> String {
        "could not draw the picture".to_owned()
    }
    fn why(&self) -> String {
        self.0.clone()
    }
    fn hint(&self) -> Hint {
        "run the command again with -vv and report what it says".into()
    }
    fn exit(&self) -> Exit {
        Exit::Bug
    }
}
