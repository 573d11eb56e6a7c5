//! What is wanted of a sync, and where it goes.

use super::pace::Patience;
use crate::archive::{Archive, HEART_RATE};
use crate::day::Detail;
use crate::extract::Definition;
use crate::live::Zones;
use crate::progress::Progress;
use chrono::NaiveDate;
use std::sync::Arc;

/// What is wanted.
#[derive(Debug, Clone)]
pub struct Options {
    /// Heart rate is among it.
    pub heart_rate: bool,
    /// The other extracts, in their order.
    pub extracts: Vec<Arc<Definition>>,
    /// Each was asked for by its name.
    pub by_name: bool,
    /// From this day on, rather than from where the service or the archive begins.
    pub from: Option<NaiveDate>,
    /// Up to this day, rather than today.
    pub to: Option<NaiveDate>,
    /// At this detail.
    pub detail: Detail,
    /// So many of the last days are looked at again, settled or not.
    pub refetch: Option<u32>,
    /// Hold every day against the service's own means.
    pub verify: bool,
    /// How long it may wait: for a rate limit, or for another sync.
    pub patience: Patience,
}

impl Options {
    /// All days of these extracts, heart rate at a detail.
    #[must_use]
    pub fn new(
        definitions: Vec<&Definition>,
        by_name: bool,
        detail: Detail,
        patience: Patience,
    ) -> Self {
        let (heart_rate, others): (Vec<_>, Vec<_>) = definitions
            .into_iter()
            .partition(|definition| definition.name == HEART_RATE);
        Self {
            heart_rate: !heart_rate.is_empty(),
            extracts: others.into_iter().cloned().map(Arc::new).collect(),
            by_name,
            from: None,
            to: None,
            detail,
            refetch: None,
            verify: false,
            patience,
        }
    }
}

/// Where it goes, and by which clocks.
#[derive(Debug, Clone)]
pub struct Target {
    /// The archive.
    pub archive: Archive,
    /// Zones to go by.
    pub zones: Zones,
    /// Requests a second in the long run, for estimates.
    pub requests_per_second: f64,
    /// Who is told, and says when to end.
    pub progress: Progress,
}
