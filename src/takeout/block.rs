//! What one file holds, ready to be put beside the others: records ascending by instant.

use super::clock::Sheet;
use super::device::{Device, Devices};
use super::record::{CsvRecord, JsonRecord};
use crate::archive::DayFile;
use crate::day::{Provider, Source};
use chrono::NaiveDate;

/// The records of one JSON file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonBlock {
    /// The day of the wearer in its name.
    pub day: NaiveDate,
    /// When the export was made, if its name says so; milliseconds since 1970 UTC.
    pub made: Option<i64>,
    /// Ascending by instant.
    pub records: Vec<JsonRecord>,
}

impl JsonBlock {
    /// Takes records in the file's order, and what that order proves.
    #[must_use]
    pub fn new(day: NaiveDate, made: Option<i64>, mut records: Vec<JsonRecord>) -> (Self, Sheet) {
        let instants: Vec<i64> = records.iter().map(|record| record.instant).collect();
        let sheet = Sheet::read(day, &instants);
        if !instants.is_sorted() {
            records.sort_by_key(|record| record.instant);
        }
        let block = Self { day, made, records };
        (block, sheet)
    }
}

/// The records of one CSV file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvBlock {
    /// The day of UTC in its name.
    pub day: NaiveDate,
    /// When the export was made, if its name says so; milliseconds since 1970 UTC.
    pub made: Option<i64>,
    /// Ascending by instant.
    pub records: Vec<CsvRecord>,
}

impl CsvBlock {
    /// Takes records in any order.
    #[must_use]
    pub fn new(day: NaiveDate, made: Option<i64>, mut records: Vec<CsvRecord>) -> Self {
        if !records.is_sorted_by_key(|record| record.instant) {
            records.sort_by_key(|record| record.instant);
        }
        Self { day, made, records }
    }
}

/// A sample that the archive holds already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredRecord {
    /// Milliseconds since 1970 UTC.
    pub instant: i64,
    /// Seconds ahead of UTC, as it was decided then.
    pub utc_offset: i32,
    /// Beats per minute.
    pub bpm: u16,
    /// Known to the JSON twin alone.
    pub confidence: Option<u8>,
    /// The device, if it is known.
    pub device: Option<Device>,
    /// A live service's sample: it is where it is, and not ours to move.
    pub live: bool,
}

/// A day that the archive holds already: evidence, and samples whose place may change with new evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredBlock {
    /// The civil day.
    pub day: NaiveDate,
    /// Ascending by instant. Samples without one are no concern of an import.
    pub records: Vec<StoredRecord>,
    /// Instants whose placeholder was left out; ascending.
    pub placeholders: Vec<i64>,
    /// Nothing more was to come for the day.
    pub settled: bool,
}

impl StoredBlock {
    /// What matters of a day's file.
    #[must_use]
    pub fn new(file: &DayFile, devices: &Devices) -> Self {
        let known: Vec<(Option<Device>, bool)> = file
            .day
            .sources
            .iter()
            .map(|source| {
                (
                    intern(source, devices),
                    source.provider != Provider::Takeout,
                )
            })
            .collect();
        let mut records: Vec<StoredRecord> = file
            .day
            .samples
            .iter()
            .filter_map(|sample| {
                let instant = sample.instant?;
                let (device, live) = known
                    .get(usize::from(sample.source))
                    .copied()
                    .unwrap_or_default();
                let ahead = (sample.local_time - instant) / 1000;
                Some(StoredRecord {
                    instant,
                    utc_offset: sample
                        .utc_offset
                        .or_else(|| i32::try_from(ahead).ok())
                        .unwrap_or_default(),
                    bpm: sample.bpm,
                    confidence: sample.confidence,
                    device,
                    live,
                })
            })
            .collect();
        records.sort_by_key(|record| record.instant);
        Self {
            day: file.day.date,
            records,
            placeholders: file.meta.placeholders.clone(),
            settled: file.meta.settled,
        }
    }

    /// What the JSON file of that day had proved: its records are those with a confidence, its order was that of the
    /// wall clock.
    #[must_use]
    pub fn sheet(&self) -> Option<Sheet> {
        let mut of_json: Vec<(i64, i64)> = self
            .records
            .iter()
            .filter(|record| record.confidence.is_some())
            .map(|record| {
                let local_time = record.instant + i64::from(record.utc_offset) * 1000;
                (local_time, record.instant)
            })
            .collect();
        if of_json.is_empty() && self.placeholders.is_empty() {
            return None;
        }
        of_json.sort_unstable();
        let instants: Vec<i64> = of_json.into_iter().map(|(_, instant)| instant).collect();
        let mut sheet = Sheet::read(self.day, &instants);
        sheet.extend(&self.placeholders);
        Some(sheet)
    }
}

fn intern(source: &Source, devices: &Devices) -> Option<Device> {
    devices.intern(source.device.as_deref()?)
}
