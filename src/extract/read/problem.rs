//! What is wrong with a definition, and where.

use toml::Spanned;

/// What is wrong with a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where in the text it was read from: a place in bytes.
    pub at: usize,
    /// What is wrong, in one line.
    pub what: String,
}

impl Problem {
    pub(in crate::extract) fn at<T>(place: &Spanned<T>, what: impl Into<String>) -> Self {
        Self {
            at: place.span().start,
            what: what.into(),
        }
    }
}
