//! A record beside others of its instant, and all of them together.

use super::device::Device;
use super::record_filter::RecordFilter;
use crate::archive::merge::record::{self, LeftOut, Made, is_placeholder};

/// Where an entry comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// A JSON file of this run.
    Json,
    /// A CSV file of this run.
    Csv,
    /// A Takeout sample in the archive.
    Stored,
    /// A record that the archive remembers as left out.
    LeftOut,
    /// A live service's sample in the archive.
    Live,
}

/// A record beside others of its instant.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Milliseconds since 1970 UTC.
    pub instant: i64,
    /// The day in the name of the JSON file or of the archive's file, in days since 1970.
    pub label: i32,
    /// Of what is stored, in seconds.
    pub utc_offset: i32,
    /// Beats per minute.
    pub bpm: u16,
    /// Known to the JSON alone.
    pub confidence: Option<u8>,
    /// Known to the CSV alone.
    pub device: Option<Device>,
    /// When its export was made.
    pub made: Made,
    /// Where it comes from.
    pub from: From,
}

impl Entry {
    /// It stands, or once stood, in a JSON file.
    #[must_use]
    pub fn of_json(&self) -> bool {
        match self.from {
            From::Json | From::LeftOut => true,
            From::Stored => self.confidence.is_some(),
            From::Csv | From::Live => false,
        }
    }

    /// It stands in a file of this run.
    #[must_use]
    pub const fn fresh(&self) -> bool {
        matches!(self.from, From::Json | From::Csv)
    }

    /// A record of the JSON that is not to be a sample.
    fn left_out(&self, filter: RecordFilter) -> Option<LeftOut> {
        let confidence = self.confidence?;
        let placeholder = !filter.keep_placeholders && is_placeholder(self.bpm, self.confidence);
        let unwanted = match self.from {
            From::LeftOut => true,
            From::Json => placeholder || confidence < filter.min_confidence,
            From::Csv | From::Stored | From::Live => false,
        };
        unwanted.then_some((self.bpm, confidence))
    }
}

/// Puts the entries of one instant into the records of samples and those that are left out. What a live service says is
/// no concern of an import.
pub fn parted(
    group: &[Entry],
    filter: RecordFilter,
    device: impl Fn(Device) -> Option<record::Device>,
    records: &mut Vec<record::Record>,
    left_out: &mut Vec<LeftOut>,
) {
    for entry in group.iter().filter(|entry| entry.from != From::Live) {
        match entry.left_out(filter) {
            Some(out) => left_out.push(out),
            None => records.push(record::Record {
                bpm: entry.bpm,
                confidence: entry.confidence,
                device: entry.device.and_then(&device),
                made: entry.made,
            }),
        }
    }
}
