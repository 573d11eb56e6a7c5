//! What one file holds, ready to be put beside the others: records ascending by instant.

use super::device::{Device, Devices};
use super::record::{CsvRecord, JsonRecord};
use super::wearer_clock::DayBounds;
use crate::archive::DayFile;
use crate::archive::merge::record::{Made, PLACEHOLDER_BPM, PLACEHOLDER_CONFIDENCE};
use crate::archive::takeout_notes::LeftOut;
use crate::day::{Provider, Sample};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

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
    pub fn new(
        day: NaiveDate,
        made: Option<i64>,
        mut records: Vec<JsonRecord>,
    ) -> (Self, DayBounds) {
        let instants: Vec<i64> = records.iter().map(|record| record.instant).collect();
        let day_bounds = DayBounds::read(day, &instants);
        if !instants.is_sorted() {
            records.sort_by_key(|record| record.instant);
        }
        let block = Self { day, made, records };
        (block, day_bounds)
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

/// A record that the archive holds already: a row of Takeout's is one for each twin that it is from.
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
    /// The device; known to the CSV twin alone.
    pub device: Option<Device>,
    /// When the export was made.
    pub made: Made,
    /// A live service's sample: it is where it is, and not ours to move.
    pub live: bool,
}

impl StoredRecord {
    /// The row as it stands; `None` without an instant.
    fn of(sample: &Sample) -> Option<Self> {
        let instant = sample.instant?;
        let ahead = i32::try_from((sample.local_time - instant) / 1000).ok();
        Some(Self {
            instant,
            utc_offset: sample.utc_offset.or(ahead).unwrap_or_default(),
            bpm: sample.bpm,
            confidence: sample.confidence,
            device: None,
            made: 0,
            live: false,
        })
    }
}

/// The rows of a day's file: one of Takeout's is a record for each twin that it is from.
fn of_rows(file: &DayFile, devices: &Devices) -> Vec<StoredRecord> {
    let known: Vec<(Option<Device>, bool)> = file
        .day
        .sources
        .iter()
        .map(|source| {
            let device = source.device.as_deref();
            let live = source.provider != Provider::Takeout;
            (device.and_then(|name| devices.intern(name)), live)
        })
        .collect();
    let mut records = Vec::with_capacity(2 * file.day.samples.len());
    for sample in &file.day.samples {
        let Some(row) = StoredRecord::of(sample) else {
            continue;
        };
        let known = known.get(usize::from(sample.source));
        let (device, live) = known.copied().unwrap_or_default();
        if live {
            records.push(StoredRecord { live, ..row });
            continue;
        }
        let (json, csv) = file.meta.takeout.exports.at(row.instant);
        if row.confidence.is_some() {
            records.push(StoredRecord { made: json, ..row });
        }
        if device.is_some() || row.confidence.is_none() {
            records.push(StoredRecord {
                confidence: None,
                device,
                made: csv,
                ..row
            });
        }
    }
    records
}

/// A day that the archive holds already: evidence, and samples whose place may change with new evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredBlock {
    /// The civil day.
    pub day: NaiveDate,
    /// Ascending by instant. Samples without one are no concern of an import.
    pub records: Vec<StoredRecord>,
    /// Records that were left out; ascending.
    pub left_out: Vec<LeftOut>,
    /// Nothing more was to come for the day.
    pub settled: bool,
    /// `--timezone` put its records there: they stay until they are imported again.
    pub given: bool,
}

impl StoredBlock {
    /// What matters of a day's file.
    #[must_use]
    pub fn new(file: &DayFile, devices: &Devices, given: bool) -> Self {
        let notes = &file.meta.takeout;
        let mut records = of_rows(file, devices);
        let instants: BTreeSet<i64> = notes.others.iter().map(|other| other.instant).collect();
        let rows = records.iter().filter(|row| instants.contains(&row.instant));
        let rows: BTreeMap<i64, StoredRecord> = rows.map(|row| (row.instant, *row)).collect();
        records.extend(notes.others.iter().filter_map(|other| {
            let device = other.device.as_deref();
            Some(StoredRecord {
                bpm: other.bpm,
                confidence: other.confidence,
                device: device.and_then(|name| devices.intern(name)),
                made: other.made,
                live: false,
                ..*rows.get(&other.instant)?
            })
        }));
        records.sort_by_key(|record| record.instant);
        let placeholders = file.meta.placeholders.iter().map(|&instant| LeftOut {
            instant,
            bpm: PLACEHOLDER_BPM,
            confidence: PLACEHOLDER_CONFIDENCE,
        });
        let mut left_out: Vec<_> = placeholders.chain(notes.left_out.iter().copied()).collect();
        left_out.sort_unstable();
        Self {
            day: file.day.date,
            records,
            left_out,
            settled: file.meta.settled,
            given,
        }
    }

    /// What the JSON file of that day had proved: its records are those with a confidence, its order was that of the
    /// wall clock.
    #[must_use]
    pub fn day_bounds(&self) -> Option<DayBounds> {
        let mut of_json: Vec<(i64, i64)> = self
            .records
            .iter()
            .filter(|record| record.confidence.is_some())
            .map(|record| {
                let local_time = record.instant + i64::from(record.utc_offset) * 1000;
                (local_time, record.instant)
            })
            .collect();
        if of_json.is_empty() && self.left_out.is_empty() {
            return None;
        }
        of_json.sort_unstable();
        let instants: Vec<i64> = of_json.into_iter().map(|(_, instant)| instant).collect();
        let mut day_bounds = DayBounds::read(self.day, &instants);
        let left_out: Vec<i64> = self.left_out.iter().map(|out| out.instant).collect();
        day_bounds.extend(&left_out);
        Some(day_bounds)
    }
}
