//! What was done by an export.

use crate::export::{Subject, Tally};

/// What was exported of one table.
pub struct Exported {
    /// What it is.
    pub subject: Subject,
    /// How much there is.
    pub tally: Tally,
}

/// What was done.
pub struct Done {
    /// The tables, in the order of the output.
    pub tables: Vec<Exported>,
    /// Extracts of which there is nothing on these days.
    pub absent: Vec<String>,
}
