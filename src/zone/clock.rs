//! What a zone's clock shows at a time: so many seconds ahead of UTC, under a short name.

use std::borrow::Cow;

/// What a clock shows for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Clock {
    /// Seconds ahead of UTC; less than a day either way.
    pub(super) utc_offset: i32,
    /// `EST`, or the offset where there is no such word.
    pub(super) abbreviation: Cow<'static, str>,
}

impl Clock {
    pub(super) const UTC: Self = Self {
        utc_offset: 0,
        abbreviation: Cow::Borrowed("UTC"),
    };

    /// `None` for a day and more.
    pub(super) fn new(utc_offset: i32, abbreviation: String) -> Option<Self> {
        let abbreviation = Cow::Owned(abbreviation);
        (utc_offset.abs() < 86_400).then_some(Self {
            utc_offset,
            abbreviation,
        })
    }
}
