//! What is wanted of a sync, and where it goes.

use super::pace::Patience;
use crate::archive::Archive;
use crate::console::Console;
use crate::day::Detail;
use crate::extract::Definition;
use crate::live::Zones;
use chrono::NaiveDate;
use std::sync::Arc;
use std::time::Duration;

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
    /// The longest single wait: for a rate limit, or for another sync.
    pub max_wait: Option<Duration>,
}

impl Options {
    /// How long the run may rest.
    #[must_use]
    pub fn patience(&self, console: &Console) -> Patience {
        Patience {
            max_wait: self.max_wait,
            terminal: console.style().terminal,
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
    /// Who is told.
    pub console: Arc<Console>,
}
