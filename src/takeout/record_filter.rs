//! What a person wants of an export.

/// Which records become samples.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RecordFilter {
    /// 70 bpm at confidence 0 is imported like any record.
    pub keep_placeholders: bool,
    /// JSON samples below this are left out, with their CSV twins.
    pub min_confidence: u8,
}
