//! Blocks in two bytes a record, for what waits in memory until its time comes: the weeks around a day, and whole tar
//! files, which are in no order.
//!
//! Each record is the time since the one before (with the confidence, or whether the device changed, in the low end)
//! and the difference in bpm, both as variable-length integers.

use super::block::{CsvBlock, JsonBlock};
use super::device::Device;
use super::record::{CsvRecord, JsonRecord};
use chrono::NaiveDate;

/// A packed block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    day: NaiveDate,
    made: Option<i64>,
    count: usize,
    first: i64,
    last: i64,
    /// Milliseconds of one tick: 1000 where no record has a fraction.
    tick: i64,
    bytes: Vec<u8>,
    devices: Vec<Option<Device>>,
}

/// 0 to 3, or none.
const CONFIDENCES: u64 = 5;

impl Packed {
    /// Packs a JSON block.
    #[must_use]
    pub fn json(block: &JsonBlock) -> Self {
        let instants = || block.records.iter().map(|record| record.instant);
        let mut packed = Self::empty(block.day, block.made, &instants());
        let (mut last, mut bpm) = (packed.first, 0);
        for record in &block.records {
            let ticks = packed.ticks(record.instant, &mut last);
            let confidence = record.confidence.map_or(CONFIDENCES - 1, u64::from);
            packed.push(ticks * CONFIDENCES + confidence.min(CONFIDENCES - 1));
            packed.push_bpm(record.bpm, &mut bpm);
        }
        packed.finished()
    }

    /// Packs a CSV block.
    #[must_use]
    pub fn csv(block: &CsvBlock) -> Self {
        let instants = || block.records.iter().map(|record| record.instant);
        let mut packed = Self::empty(block.day, block.made, &instants());
        let (mut last, mut bpm, mut device) = (packed.first, 0, None);
        for record in &block.records {
            let ticks = packed.ticks(record.instant, &mut last);
            let changed = record.device != device;
            packed.push(ticks * 2 + u64::from(changed));
            if changed {
                device = record.device;
                packed.push_device(device);
            }
            packed.push_bpm(record.bpm, &mut bpm);
        }
        packed.finished()
    }

    /// The records that were packed by [`Packed::json`].
    pub fn json_records(&self) -> impl Iterator<Item = JsonRecord> {
        let mut reader = self.reader();
        (0..self.count).map_while(move |_| {
            let (ticks, confidence) = reader.next_split::<CONFIDENCES>()?;
            Some(JsonRecord {
                instant: reader.instant(ticks),
                bpm: reader.next_bpm()?,
                confidence: u8::try_from(confidence).ok().filter(|&known| known <= 3),
            })
        })
    }

    /// The records that were packed by [`Packed::csv`].
    pub fn csv_records(&self) -> impl Iterator<Item = CsvRecord> {
        let mut reader = self.reader();
        let mut device = None;
        (0..self.count).map_while(move |_| {
            let (ticks, changed) = reader.next_split::<2>()?;
            if changed == 1 {
                let at = usize::try_from(reader.next()?).ok()?;
                device = *self.devices.get(at)?;
            }
            Some(CsvRecord {
                instant: reader.instant(ticks),
                bpm: reader.next_bpm()?,
                device,
            })
        })
    }

    /// The day in the file's name.
    #[must_use]
    pub const fn day(&self) -> NaiveDate {
        self.day
    }

    /// When the export was made, if its name says so; milliseconds since 1970 UTC.
    #[must_use]
    pub const fn made(&self) -> Option<i64> {
        self.made
    }

    /// The first and the last instant; `None` without records.
    #[must_use]
    pub fn ends(&self) -> Option<(i64, i64)> {
        (self.count > 0).then_some((self.first, self.last))
    }

    /// How much memory it takes.
    #[must_use]
    pub fn size(&self) -> usize {
        size_of::<Self>() + self.bytes.len()
    }

    fn empty(
        day: NaiveDate,
        made: Option<i64>,
        instants: &(impl Iterator<Item = i64> + Clone),
    ) -> Self {
        let whole = instants.clone().all(|instant| instant % 1000 == 0);
        let count = instants.clone().count();
        Self {
            day,
            made,
            count,
            first: instants.clone().next().unwrap_or_default(),
            last: instants.clone().last().unwrap_or_default(),
            tick: if whole { 1000 } else { 1 },
            bytes: Vec::with_capacity(count * 9 / 4),
            devices: Vec::new(),
        }
    }

    fn finished(mut self) -> Self {
        self.bytes.shrink_to_fit();
        self
    }

    /// Blocks ascend, so the time between is never negative.
    fn ticks(&self, instant: i64, last: &mut i64) -> u64 {
        let ticks = (instant - *last) / self.tick;
        *last = instant;
        ticks.unsigned_abs()
    }

    fn push(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes.push((value & 0x7F) as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push((value & 0x7F) as u8);
    }

    fn push_bpm(&mut self, bpm: u16, last: &mut i64) {
        let apart = i64::from(bpm) - *last;
        *last = i64::from(bpm);
        // Small differences of either sign become small numbers.
        self.push(((apart << 1) ^ (apart >> 63)).cast_unsigned());
    }

    fn push_device(&mut self, device: Option<Device>) {
        let at = self.devices.iter().position(|known| *known == device);
        let at = at.unwrap_or_else(|| {
            self.devices.push(device);
            self.devices.len() - 1
        });
        self.push(at as u64);
    }

    fn reader(&self) -> Reader<'_> {
        Reader {
            bytes: &self.bytes,
            instant: self.first,
            tick: self.tick,
            bpm: 0,
        }
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    instant: i64,
    tick: i64,
    bpm: i64,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<u64> {
        let (mut value, mut shift) = (0, 0);
        loop {
            let (&byte, rest) = self.bytes.split_first()?;
            self.bytes = rest;
            value |= u64::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return Some(value);
            }
            shift += 7;
        }
    }

    fn next_split<const BASE: u64>(&mut self) -> Option<(u64, u64)> {
        let value = self.next()?;
        Some((value / BASE, value % BASE))
    }

    fn instant(&mut self, ticks: u64) -> i64 {
        self.instant += ticks.cast_signed() * self.tick;
        self.instant
    }

    fn next_bpm(&mut self) -> Option<u16> {
        let value = self.next()?;
        self.bpm += (value >> 1).cast_signed() ^ -(value & 1).cast_signed();
        u16::try_from(self.bpm).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::takeout::device::Devices;
    use proptest::prelude::*;

    fn day() -> NaiveDate {
        NaiveDate::from_ymd_opt(2024, 1, 1).expect("a date")
    }

    #[test]
    fn a_usual_record_takes_two_bytes() {
        let records: Vec<_> = (0..1000)
            .map(|n| JsonRecord {
                instant: 1_700_000_000_000 + n * 5000,
                bpm: 60 + u16::try_from(n % 40).expect("small"),
                confidence: Some(2),
            })
            .collect();
        let (block, _) = JsonBlock::new(day(), None, records);
        let packed = Packed::json(&block);
        assert!(packed.bytes.len() < 2020, "{}", packed.bytes.len());
        assert!(packed.json_records().eq(block.records));
    }

    proptest! {
        #[test]
        fn what_is_packed_comes_back(
            rows in proptest::collection::vec(
                (946_684_800_000_i64..4_102_444_800_000, 1_u16..=300, proptest::option::of(0_u8..4)),
                0..200,
            ),
            whole in any::<bool>(),
        ) {
            let at = |instant: i64| if whole { instant / 1000 * 1000 } else { instant };
            let json = rows.iter().map(|&(instant, bpm, confidence)| JsonRecord {
                instant: at(instant),
                bpm,
                confidence,
            });
            let (block, _) = JsonBlock::new(day(), Some(7), json.collect());
            let packed = Packed::json(&block);
            prop_assert_eq!(packed.json_records().collect::<Vec<_>>(), block.records);

            let devices = Devices::default();
            let csv = rows.iter().map(|&(instant, bpm, which)| CsvRecord {
                instant: at(instant),
                bpm,
                device: which.and_then(|which| devices.intern(&which.to_string())),
            });
            let block = CsvBlock::new(day(), None, csv.collect());
            let packed = Packed::csv(&block);
            prop_assert_eq!(packed.csv_records().collect::<Vec<_>>(), block.records);
        }
    }
}
