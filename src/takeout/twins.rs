//! Both twins, one truth: the samples of one civil day out of all files that may hold some.
//!
//! The data is the union by UTC instant. Where a JSON file has the instant, its day is the day. What the archive already
//! holds is one more twin, so that the same rows result whatever was imported when; which record of an instant is the row
//! is decided by [`crate::archive::merge::record`].

use super::device::{Devices, Ranked};
use super::entry::{self, Entry, From};
use super::pages::Pages;
use super::record_filter::RecordFilter;
use super::repeated;
use super::tally::{Met, Tally};
use super::wearer_clock::{DAY_MS, Evidence, Reading, Rule, midnight};
use crate::archive::merge::record::{Device, LeftOut, Record, Row, decide, is_placeholder};
use crate::archive::takeout_notes::{self, Other, TakeoutNotes};
use crate::archive::{DayFile, Meta};
use crate::day::{Day, Detail, Provider, Sample, Source, SourceIndex};
use chrono::NaiveDate;

/// A day as the files have it.
#[derive(Debug, Clone, PartialEq)]
pub struct Union {
    /// Samples, sources, placeholders and zone; unsettled, without a resting heart rate.
    pub file: DayFile,
    /// What was met on the way, of this run's files.
    pub tally: Tally,
    /// One of this run's files is about this day or has samples of it.
    pub touched: bool,
    /// A JSON file of this run is about this day: if it has no samples, it is known to be empty.
    pub known: bool,
}

/// Makes one day out of everything that may hold some of it.
#[must_use]
pub fn unite(pages: &Pages, filter: RecordFilter, devices: &Devices) -> Union {
    let entries = pages.entries();
    let mut day = Making::new(pages, filter, devices.ranked());
    for group in entries.chunk_by(|a, b| a.instant == b.instant) {
        day.take(group);
    }
    day.finish(&entries)
}

struct Making<'a> {
    pages: &'a Pages,
    filter: RecordFilter,
    devices: Ranked,
    /// The days that `--timezone` decided earlier.
    placed: Vec<i32>,
    reading: Option<(Option<i32>, Reading)>,
    zone: ZoneHour,
    /// When the day begins on its own wall clock.
    midnight: i64,
    samples: Vec<Sample>,
    sources: Vec<Option<Device>>,
    placeholders: Vec<i64>,
    notes: TakeoutNotes,
    /// Kept from instant to instant for their memory alone.
    records: Vec<Record>,
    left_out: Vec<LeftOut>,
    rules: Vec<Rule>,
    tally: Tally,
    own_file: bool,
    touched: bool,
    from_json: bool,
}

impl<'a> Making<'a> {
    fn new(pages: &'a Pages, filter: RecordFilter, devices: Ranked) -> Self {
        let own_file = pages.json.iter().any(|block| block.day() == pages.day);
        Self {
            pages,
            filter,
            devices,
            placed: pages
                .stored
                .iter()
                .filter(|block| block.given)
                .map(|block| block.day.to_epoch_days())
                .collect(),
            reading: None,
            zone: ZoneHour::default(),
            midnight: midnight(pages.day),
            samples: Vec::with_capacity(50_000),
            sources: Vec::new(),
            placeholders: Vec::new(),
            notes: TakeoutNotes::default(),
            records: Vec::new(),
            left_out: Vec::new(),
            rules: Vec::new(),
            tally: Tally::default(),
            own_file,
            touched: own_file && !pages.given,
            from_json: false,
        }
    }

    /// What the clock showed at the instant of a group; `None` if that is no moment of this day.
    fn local(&mut self, group: &[Entry]) -> Option<(i32, Rule, Evidence)> {
        let instant = group.first()?.instant;
        let fresh = group.iter().any(Entry::fresh);
        let stays = group.iter().find(|entry| {
            let stored = matches!(entry.from, From::Stored | From::LeftOut);
            let given = self.pages.given && entry.from == From::Stored;
            entry.from == From::Live
                || !fresh && (given || stored && self.placed.contains(&entry.label))
        });
        if let Some(stored) = stays {
            let same_day = stored.label == self.pages.day.to_epoch_days();
            let rule = Rule::Fixed(stored.utc_offset);
            return same_day.then_some((stored.utc_offset, rule, Evidence::Live));
        }
        let in_json = |entry: &&Entry| entry.from == From::Json;
        let label = group
            .iter()
            .find(in_json)
            .or_else(|| group.iter().find(|entry| entry.of_json()))
            .map(|entry| entry.label);
        let reading = self.read_clock(label, instant);
        let utc_offset = self.zone.utc_offset(reading.rule, instant);
        let local = instant + i64::from(utc_offset) * 1000;
        let of_this_day = (self.midnight..self.midnight + DAY_MS).contains(&local);
        of_this_day.then_some((utc_offset, reading.rule, reading.evidence))
    }

    fn read_clock(&mut self, label: Option<i32>, instant: i64) -> Reading {
        match self.reading {
            Some((known, reading)) if known == label && instant <= reading.until => reading,
            _ => {
                let day = label.and_then(NaiveDate::from_epoch_days);
                let reading = match day {
                    Some(day) => self.pages.clock.of_file(day, instant),
                    None => self.pages.clock.of_instant(instant),
                };
                self.reading = Some((label, reading));
                reading
            }
        }
    }

    fn take(&mut self, group: &[Entry]) {
        let (Some(first), Some((utc_offset, rule, evidence))) = (group.first(), self.local(group))
        else {
            return;
        };
        let instant = first.instant;
        let row = self.decide(group);
        let met = Met::of(group);
        let fresh = met.json + met.csv > 0;
        let again = self.pages.earlier && met.is_stored();
        if fresh {
            self.touched = true;
            if again {
                self.tally
                    .instant_again(&met, &self.left_out, row.is_some());
            } else {
                self.tally.instant(&met, &self.left_out);
            }
        }
        self.from_json |= group.iter().any(Entry::of_json);
        self.note(instant);
        let Some(row) = row else { return };
        if fresh {
            self.tally.evidence = self.tally.evidence.max(Some(evidence));
        }
        if fresh && !again {
            self.tally.sample(instant, row.bpm);
        }
        if self.rules.last() != Some(&rule) && !self.rules.contains(&rule) {
            self.rules.push(rule);
        }
        let csv = row.device.is_some() || row.confidence.is_none();
        let json = row.confidence.map(|_| row.json);
        self.notes
            .exports
            .push(instant, json, csv.then_some(row.csv));
        let source = self.source(row.device);
        self.samples.push(Sample {
            instant: Some(instant),
            local_time: instant + i64::from(utc_offset) * 1000,
            utc_offset: Some(utc_offset),
            bpm: row.bpm,
            confidence: row.confidence,
            source,
        });
    }

    /// The row of an instant; what is not in it stands in `records` and `left_out`.
    fn decide(&mut self, group: &[Entry]) -> Option<Row> {
        self.records.clear();
        self.left_out.clear();
        let device = |device| self.devices.device(device);
        let (records, left_out) = (&mut self.records, &mut self.left_out);
        entry::parted(group, self.filter, device, records, left_out);
        decide(None, records, left_out)
    }

    /// Remembers what is not in the row.
    fn note(&mut self, instant: i64) {
        let devices = &self.devices;
        self.notes
            .others
            .extend(self.records.iter().map(|record| Other {
                instant,
                bpm: record.bpm,
                confidence: record.confidence,
                device: record.device.and_then(|device| devices.name(device)),
                made: record.made,
            }));
        for &(bpm, confidence) in &self.left_out {
            if is_placeholder(bpm, Some(confidence)) {
                self.placeholders.push(instant);
            } else {
                let out = takeout_notes::LeftOut {
                    instant,
                    bpm,
                    confidence,
                };
                self.notes.left_out.push(out);
            }
        }
    }

    fn source(&mut self, device: Option<Device>) -> SourceIndex {
        let at = self.sources.iter().position(|known| *known == device);
        let at = at.unwrap_or_else(|| {
            self.sources.push(device);
            self.sources.len() - 1
        });
        SourceIndex::try_from(at).unwrap_or_default()
    }

    fn finish(mut self, entries: &[Entry]) -> Union {
        if self.own_file && !self.pages.given {
            let repeated = repeated::examine(self.pages.day, &self.pages.clock, entries);
            self.tally.filled = repeated.filled;
            self.tally.lost = repeated.lost;
        }
        self.tally.of_csv_alone = !self.from_json;
        let mut sources: Vec<Source> = self
            .sources
            .iter()
            .map(|device| Source {
                device: device.and_then(|device| self.devices.name(device)),
                ..Source::of(Provider::Takeout)
            })
            .collect();
        if sources.is_empty() {
            sources.push(Source::of(Provider::Takeout));
        }
        let mut names: Vec<String> = Vec::new();
        for name in self.rules.iter().map(ToString::to_string) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let timezone = Some(names.join(",")).filter(|names| !names.is_empty());
        let day = Day {
            samples: self.samples,
            sources,
            ..Day::empty(self.pages.day, Detail::Sec1, Provider::Takeout)
        };
        Union {
            file: DayFile {
                day,
                meta: Meta {
                    providers: [Provider::Takeout].into(),
                    timezone,
                    placeholders: self.placeholders,
                    takeout: self.notes,
                    ..Meta::default()
                },
            },
            tally: self.tally,
            touched: self.touched,
            known: self.own_file && !self.pages.given,
        }
    }
}

/// The offset of a zone, looked up once a quarter of an hour: no zone changes in between.
#[derive(Default)]
struct ZoneHour {
    known: Option<(Rule, i64, i32)>,
}

impl ZoneHour {
    fn utc_offset(&mut self, rule: Rule, instant: i64) -> i32 {
        let quarter = instant.div_euclid(900_000);
        match (rule, self.known) {
            (Rule::Zone(_), Some((known, at, offset))) if known == rule && at == quarter => offset,
            (Rule::Zone(_), _) => {
                let offset = rule.utc_offset(instant);
                self.known = Some((rule, quarter, offset));
                offset
            }
            (Rule::Fixed(_), _) => rule.utc_offset(instant),
        }
    }
}
