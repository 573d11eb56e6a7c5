//! What an error of the library means: a refusal of ours that it carries, or its own words.

use super::wire::{NOT_IMPLEMENTED, Refusal};
use crate::objects::Trouble;
use crate::secret;
use object_store::Error;

/// What came of a request that did not succeed.
#[derive(Debug, PartialEq, Eq)]
pub enum Failed {
    /// There is no such object.
    Absent,
    /// The object is not, or may not be, what the request takes it for.
    Other,
    /// The server does not know the conditions of the request.
    Unconditional,
    /// It is no use.
    For(Trouble),
}

/// Reads an error.
pub fn of(error: &Error) -> Failed {
    #[allow(
        clippy::wildcard_enum_match_arm,
        reason = "the library may add kinds, which are told in its words"
    )]
    match error {
        Error::AlreadyExists { .. } | Error::Precondition { .. } | Error::NotModified { .. } => {
            return Failed::Other;
        }
        Error::NotFound { .. } => return Failed::Absent,
        _ => {}
    }
    let first: Option<&(dyn std::error::Error + 'static)> = Some(error);
    let mut chain = std::iter::successors(first, |error| error.source());
    match chain.find_map(|error| error.downcast_ref::<Refusal>()) {
        Some(refusal) if refusal.status == Some(NOT_IMPLEMENTED) => Failed::Unconditional,
        Some(refusal) => Failed::For(refusal.trouble.clone()),
        None => Failed::For(Trouble::Refused(one_line(error))),
    }
}

/// What a wrong variable of the environment leads to.
pub fn of_settings(error: &Error) -> Trouble {
    Trouble::Settings(one_line(error))
}

fn one_line(error: &Error) -> String {
    let text = secret::clean(&error.to_string());
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
