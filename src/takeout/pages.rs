//! Everything that may hold samples of one day, and its records side by side in the order of time.

use super::block::StoredBlock;
use super::entry::{Entry, From};
use super::packed::Packed;
use super::wearer_clock::{Clock, DAY_MS, midnight};
use crate::archive::merge::record::Made;
use chrono::NaiveDate;
use std::ops::Range;
use std::sync::Arc;

/// Everything that may hold samples of one day.
#[derive(Debug, Clone)]
pub struct Pages {
    /// The civil day that is made.
    pub day: NaiveDate,
    /// The wearer's clock around it.
    pub clock: Clock,
    /// JSON files of the day and its neighbours.
    pub json: Vec<Arc<Packed>>,
    /// CSV files of the day and its neighbours.
    pub csv: Vec<Arc<Packed>>,
    /// The archive's files of the day and its neighbours.
    pub stored: Vec<Arc<StoredBlock>>,
    /// `--timezone` was given: the clock is not recovered, and what is stored stays where it is.
    pub given: bool,
    /// What the archive has of this day was imported, and counted, earlier in this run.
    pub earlier: bool,
}

impl Pages {
    /// All entries around the day, ascending by instant.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        let span = self.span();
        let meets = |block: &&Arc<Packed>| {
            let own = block.day() == self.day;
            let ends = block.ends();
            ends.is_some_and(|(first, last)| own || first < span.end && last >= span.start)
        };
        let mut entries = Vec::with_capacity(100_000);
        for block in self.json.iter().filter(meets) {
            entries.extend(self.of_json(block, &span));
        }
        for block in self.csv.iter().filter(meets) {
            entries.extend(of_csv(block, &span));
        }
        for block in &self.stored {
            entries.extend(of_stored(block, &span));
            entries.extend(of_left_out(block, &span));
        }
        // Each file is in order: this sort takes them as the runs that they are.
        entries.sort_by_key(|entry| entry.instant);
        entries
    }

    /// The instants that may be of the day, whatever its clock showed.
    fn span(&self) -> Range<i64> {
        let stored = self.stored.iter().flat_map(|block| &block.records);
        let (least, most) = stored.fold(self.clock.range(self.day), |(least, most), record| {
            (least.min(record.utc_offset), most.max(record.utc_offset))
        });
        let start = midnight(self.day);
        start - i64::from(most) * 1000..start + DAY_MS - i64::from(least) * 1000
    }

    fn of_json(&self, block: &Packed, span: &Range<i64>) -> impl Iterator<Item = Entry> {
        let (label, made) = (block.day().to_epoch_days(), seconds(block.made()));
        let own = block.day() == self.day;
        let records = block.json_records();
        let records = records.filter(move |record| own || span.contains(&record.instant));
        records.map(move |record| Entry {
            instant: record.instant,
            label,
            utc_offset: 0,
            bpm: record.bpm,
            confidence: record.confidence,
            device: None,
            made,
            from: From::Json,
        })
    }
}

fn of_csv(block: &Packed, span: &Range<i64>) -> impl Iterator<Item = Entry> {
    let made = seconds(block.made());
    let records = block.csv_records();
    let records = records.filter(|record| span.contains(&record.instant));
    records.map(move |record| Entry {
        instant: record.instant,
        label: 0,
        utc_offset: 0,
        bpm: record.bpm,
        confidence: None,
        device: record.device,
        made,
        from: From::Csv,
    })
}

fn of_stored(block: &StoredBlock, span: &Range<i64>) -> impl Iterator<Item = Entry> {
    let label = block.day.to_epoch_days();
    let records = within(&block.records, |record| record.instant, span);
    records.iter().map(move |record| Entry {
        instant: record.instant,
        label,
        utc_offset: record.utc_offset,
        bpm: record.bpm,
        confidence: record.confidence,
        device: record.device,
        made: record.made,
        from: if record.live {
            From::Live
        } else {
            From::Stored
        },
    })
}

fn of_left_out(block: &StoredBlock, span: &Range<i64>) -> impl Iterator<Item = Entry> {
    let label = block.day.to_epoch_days();
    let left_out = within(&block.left_out, |out| out.instant, span);
    left_out.iter().map(move |out| Entry {
        instant: out.instant,
        label,
        utc_offset: 0,
        bpm: out.bpm,
        confidence: Some(out.confidence),
        device: None,
        made: 0,
        from: From::LeftOut,
    })
}

/// As footers remember when an export was made.
fn seconds(made: Option<i64>) -> Made {
    made.and_then(|made| Made::try_from(made / 1000).ok())
        .unwrap_or_default()
}

fn within<'a, T>(records: &'a [T], instant: impl Fn(&T) -> i64, span: &Range<i64>) -> &'a [T] {
    let start = records.partition_point(|record| instant(record) < span.start);
    let end = records.partition_point(|record| instant(record) < span.end);
    records.get(start..end.max(start)).unwrap_or_default()
}
