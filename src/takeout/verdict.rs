//! What becomes of all that is known about one instant.

use super::device::{Device, Devices};
use super::twins::Wishes;
use crate::archive::merge::{PLACEHOLDER_BPM, PLACEHOLDER_CONFIDENCE};

/// Where an entry comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// A JSON file of this run.
    Json,
    /// A CSV file of this run.
    Csv,
    /// A Takeout sample in the archive.
    Stored,
    /// A placeholder that the archive remembers.
    Mark,
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
    /// Where it comes from.
    pub from: From,
}

impl Entry {
    /// It stands, or once stood, in a JSON file.
    #[must_use]
    pub fn of_json(&self) -> bool {
        match self.from {
            From::Json | From::Mark => true,
            From::Stored => self.confidence.is_some(),
            From::Csv | From::Live => false,
        }
    }

    /// It stands in a file of this run.
    #[must_use]
    pub const fn fresh(&self) -> bool {
        matches!(self.from, From::Json | From::Csv)
    }

    fn looks_like_a_placeholder(&self) -> bool {
        self.bpm == PLACEHOLDER_BPM && self.confidence == Some(PLACEHOLDER_CONFIDENCE)
    }
}

/// What becomes of an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// A sample.
    Sample {
        /// The JSON's, else the CSV's.
        bpm: u16,
        /// The JSON's.
        confidence: Option<u8>,
        /// The CSV's.
        device: Option<Device>,
    },
    /// "No reading yet": remembered, not kept.
    Placeholder,
    /// Below the confidence that was asked for.
    Below,
    /// Nothing of Takeout's.
    Nothing,
}

/// All entries of one instant, summed up.
#[derive(Debug, Clone, Copy, Default)]
pub struct Gathered {
    /// Records in JSON files of this run.
    pub json: u64,
    /// Records in CSV files of this run.
    pub csv: u64,
    /// Both twins have it, with another bpm.
    pub differ: bool,
    /// The archive has it from a JSON file.
    pub stored_json: bool,
    /// The archive has it from a CSV file alone.
    pub stored_csv: bool,
    json_bpm: u16,
    csv_bpm: u16,
    stored_bpm: u16,
    ranked: Option<(u16, u8)>,
    plain: Option<u16>,
    below: bool,
    marked: bool,
    marked_before: bool,
    kept: bool,
    device: Option<Device>,
}

impl Gathered {
    /// Sums up the entries of one instant.
    #[must_use]
    pub fn of(group: &[Entry], wishes: Wishes, devices: &Devices) -> Self {
        let mut all = Self::default();
        for entry in group {
            match entry.from {
                From::Json => all.take_json(entry, wishes),
                From::Csv => {
                    all.csv += 1;
                    all.csv_bpm = entry.bpm;
                    all.take(entry);
                }
                From::Stored => {
                    all.kept |= entry.looks_like_a_placeholder();
                    all.stored_json |= entry.confidence.is_some();
                    all.stored_csv |= entry.confidence.is_none();
                    all.stored_bpm = entry.bpm;
                    all.take(entry);
                }
                From::Mark => {
                    all.marked = true;
                    all.marked_before = true;
                }
                From::Live => {}
            }
            if entry.device.is_some() && entry.device != all.device && entry.from != From::Live {
                all.device = greater(all.device, entry.device, devices);
            }
        }
        all.differ = all.json > 0 && all.csv > 0 && all.json_bpm != all.csv_bpm;
        all
    }

    fn take_json(&mut self, entry: &Entry, wishes: Wishes) {
        self.json += 1;
        self.json_bpm = entry.bpm;
        if entry.looks_like_a_placeholder() {
            if !wishes.keep_placeholders {
                self.marked = true;
                return;
            }
            self.kept |= wishes.min_confidence == 0;
        }
        if entry
            .confidence
            .is_some_and(|known| known < wishes.min_confidence)
        {
            self.below = true;
            return;
        }
        self.take(entry);
    }

    fn take(&mut self, entry: &Entry) {
        match entry.confidence {
            Some(confidence) => {
                let (bpm, known) = self.ranked.unwrap_or_default();
                self.ranked = Some((bpm.max(entry.bpm), known.max(confidence)));
            }
            None => self.plain = self.plain.max(Some(entry.bpm)),
        }
    }

    /// The archive has it.
    #[must_use]
    pub const fn is_stored(&self) -> bool {
        self.stored_json || self.stored_csv || self.marked_before
    }

    /// What the archive has differs from the twin of this run.
    #[must_use]
    pub const fn differs_from_stored(&self) -> bool {
        let twin = if self.json > 0 {
            self.json_bpm
        } else {
            self.csv_bpm
        };
        (self.stored_json || self.stored_csv) && self.stored_bpm != twin
    }

    /// The same as [`crate::archive::merge()`] would make of the entries one after the other.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let sample = |bpm, confidence| Verdict::Sample {
            bpm,
            confidence,
            device: self.device,
        };
        match (self.ranked, self.plain) {
            _ if self.marked && self.kept => sample(PLACEHOLDER_BPM, Some(PLACEHOLDER_CONFIDENCE)),
            _ if self.marked => Verdict::Placeholder,
            (Some((bpm, confidence)), _) => sample(bpm, Some(confidence)),
            _ if self.below => Verdict::Below,
            (None, Some(bpm)) => sample(bpm, None),
            (None, None) => Verdict::Nothing,
        }
    }
}

/// The later name in the alphabet, as [`crate::archive::merge()`] takes it.
fn greater(a: Option<Device>, b: Option<Device>, devices: &Devices) -> Option<Device> {
    [a, b]
        .into_iter()
        .flatten()
        .max_by_key(|device| devices.name(*device))
}
