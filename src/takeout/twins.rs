//! Both twins, one truth: the samples of one civil day out of all files that may hold some.
//!
//! The data is the union by UTC instant. Where a JSON file has the instant, its day is the day; its bpm and confidence
//! count, and the device comes from the CSV. What the archive already holds is one more twin, so that the same rows
//! result whatever was imported when; the rules are those of [`crate::archive::merge()`].

use super::block::{CsvBlock, JsonBlock, StoredBlock};
use super::clock::timeline::{Reading, Rule};
use super::clock::{Clock, DAY_MS, Evidence, date, midnight};
use super::device::{Device, Devices};
use super::tally::{Lost, Tally};
use crate::archive::{DayFile, Meta};
use crate::day::{Day, Detail, Provider, Sample, Source, SourceIndex};
use chrono::NaiveDate;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a person asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wishes {
    /// 70 bpm at confidence 0 is imported like any record.
    pub keep_placeholders: bool,
    /// JSON samples below this are left out, with their CSV twins.
    pub min_confidence: u8,
}

/// Everything that may hold samples of one day.
#[derive(Debug, Clone)]
pub struct Pages {
    /// The civil day that is made.
    pub day: NaiveDate,
    /// The wearer's clock around it.
    pub clock: Clock,
    /// JSON files of the day and its neighbours.
    pub json: Vec<Arc<JsonBlock>>,
    /// CSV files of the day and its neighbours.
    pub csv: Vec<Arc<CsvBlock>>,
    /// The archive's files of the day and its neighbours.
    pub stored: Vec<Arc<StoredBlock>>,
    /// `--timezone` was given: the clock is not recovered, and what is stored stays where it is.
    pub given: bool,
}

/// A day as the files have it.
#[derive(Debug, Clone, PartialEq)]
pub struct Union {
    /// Samples, sources, placeholders and zone; unsettled, without a resting heart rate.
    pub file: DayFile,
    /// What was met on the way, of this run's files.
    pub tally: Tally,
    /// One of this run's files is about this day or has samples of it.
    pub touched: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum From {
    Json,
    Csv,
    Stored,
    Mark,
    Live,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    instant: i64,
    /// The day in the JSON file's name, in days since 1970.
    label: i32,
    /// Of what is stored, in seconds.
    utc_offset: i32,
    bpm: u16,
    confidence: Option<u8>,
    device: Option<Device>,
    from: From,
}

/// Makes one day out of everything that may hold some of it.
#[must_use]
pub fn unite(pages: &Pages, wishes: Wishes, devices: &Devices) -> Union {
    let entries = gather(pages);
    let mut day = Making::new(pages, wishes, devices);
    for group in entries.chunk_by(|a, b| a.instant == b.instant) {
        day.take(group);
    }
    day.finish(&entries)
}

/// All entries around the day, ascending by instant.
fn gather(pages: &Pages) -> Vec<Entry> {
    let (least, most) = pages.clock.range(pages.day);
    let start = midnight(pages.day);
    let widest = pages.stored.iter().flat_map(|block| &block.records);
    let (least, most) = widest.fold((least, most), |(least, most), record| {
        (least.min(record.utc_offset), most.max(record.utc_offset))
    });
    let from = start - i64::from(most) * 1000;
    let to = start + DAY_MS - i64::from(least) * 1000;
    let mut entries = Vec::with_capacity(100_000);
    for block in &pages.json {
        let label = block.day.to_epoch_days();
        let own = block.day == pages.day;
        let records = if own {
            block.records.as_slice()
        } else {
            within(&block.records, |record| record.instant, from, to)
        };
        entries.extend(records.iter().map(|record| Entry {
            instant: record.instant,
            label,
            utc_offset: 0,
            bpm: record.bpm,
            confidence: record.confidence,
            device: None,
            from: From::Json,
        }));
    }
    for block in &pages.csv {
        let records = within(&block.records, |record| record.instant, from, to);
        entries.extend(records.iter().map(|record| Entry {
            instant: record.instant,
            label: 0,
            utc_offset: 0,
            bpm: record.bpm,
            confidence: None,
            device: record.device,
            from: From::Csv,
        }));
    }
    for block in &pages.stored {
        let label = block.day.to_epoch_days();
        entries.extend(block.records.iter().map(|record| Entry {
            instant: record.instant,
            label,
            utc_offset: record.utc_offset,
            bpm: record.bpm,
            confidence: record.confidence,
            device: record.device,
            from: if record.live {
                From::Live
            } else {
                From::Stored
            },
        }));
        entries.extend(block.placeholders.iter().map(|instant| Entry {
            instant: *instant,
            label,
            utc_offset: 0,
            bpm: 70,
            confidence: Some(0),
            device: None,
            from: From::Mark,
        }));
    }
    // Each file is in order: this sort takes them as the runs that they are.
    entries.sort_by_key(|entry| entry.instant);
    entries
}

fn within<T>(records: &[T], instant: impl Fn(&T) -> i64, from: i64, to: i64) -> &[T] {
    let start = records.partition_point(|record| instant(record) < from);
    let end = records.partition_point(|record| instant(record) < to);
    records.get(start..end.max(start)).unwrap_or_default()
}

struct Making<'a> {
    pages: &'a Pages,
    wishes: Wishes,
    devices: &'a Devices,
    reading: Option<(Option<i32>, Reading)>,
    zone: ZoneHour,
    samples: Vec<Sample>,
    sources: BTreeMap<Option<Device>, SourceIndex>,
    placeholders: Vec<i64>,
    rules: Vec<Rule>,
    tally: Tally,
    touched: bool,
    from_json: bool,
}

impl<'a> Making<'a> {
    fn new(pages: &'a Pages, wishes: Wishes, devices: &'a Devices) -> Self {
        let own_file = pages.json.iter().any(|block| block.day == pages.day);
        Self {
            pages,
            wishes,
            devices,
            reading: None,
            zone: ZoneHour::default(),
            samples: Vec::with_capacity(50_000),
            sources: BTreeMap::new(),
            placeholders: Vec::new(),
            rules: Vec::new(),
            tally: Tally::default(),
            touched: own_file && !pages.given,
            from_json: false,
        }
    }

    /// What the clock showed at the instant of a group; `None` if that is no moment of this day.
    fn local(&mut self, group: &[Entry]) -> Option<(i32, Rule, Evidence)> {
        let instant = group.first()?.instant;
        let fresh = group
            .iter()
            .any(|entry| matches!(entry.from, From::Json | From::Csv));
        let stays = group.iter().find(|entry| {
            entry.from == From::Live
                || self.pages.given && !fresh && matches!(entry.from, From::Stored)
        });
        if let Some(stored) = stays {
            let same_day = stored.label == self.pages.day.to_epoch_days();
            let rule = Rule::Fixed(stored.utc_offset);
            return same_day.then_some((stored.utc_offset, rule, Evidence::Live));
        }
        let label = group
            .iter()
            .find(|entry| entry.from == From::Json)
            .or_else(|| {
                let of_json = |entry: &&Entry| match entry.from {
                    From::Stored => entry.confidence.is_some(),
                    From::Mark => true,
                    From::Json | From::Csv | From::Live => false,
                };
                group.iter().find(of_json)
            })
            .map(|entry| entry.label);
        let reading = self.read_clock(label, instant);
        let utc_offset = self.zone.utc_offset(reading.rule, instant);
        let local_date = date(instant + i64::from(utc_offset) * 1000);
        (local_date == self.pages.day).then_some((utc_offset, reading.rule, reading.evidence))
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
        let Some((utc_offset, rule, evidence)) = self.local(group) else {
            return;
        };
        let verdict = Verdict::on(group, self.wishes, self.devices);
        self.tally.count(group_counts(group, &verdict));
        let fresh = group
            .iter()
            .any(|entry| matches!(entry.from, From::Json | From::Csv));
        self.touched |= fresh;
        self.from_json |= group.iter().any(|entry| {
            matches!(entry.from, From::Json | From::Mark)
                || entry.from == From::Stored && entry.confidence.is_some()
        });
        let Some(first) = group.first() else { return };
        match verdict {
            Verdict::Placeholder => self.placeholders.push(first.instant),
            Verdict::Below | Verdict::Nothing => {}
            Verdict::Sample {
                bpm,
                confidence,
                device,
            } => {
                if fresh {
                    self.tally.sample(first.instant, bpm);
                    self.tally.evidence = self.tally.evidence.max(Some(evidence));
                }
                if self.rules.last() != Some(&rule) && !self.rules.contains(&rule) {
                    self.rules.push(rule);
                }
                let next = SourceIndex::try_from(self.sources.len()).unwrap_or_default();
                let source = *self.sources.entry(device).or_insert(next);
                self.samples.push(Sample {
                    instant: Some(first.instant),
                    local_time: first.instant + i64::from(utc_offset) * 1000,
                    utc_offset: Some(utc_offset),
                    bpm,
                    confidence,
                    source,
                });
            }
        }
    }

    fn finish(mut self, entries: &[Entry]) -> Union {
        if !self.pages.given {
            self.tally.lost = lost(self.pages, entries, &mut self.tally.filled);
        }
        if self.tally.samples > 0 {
            self.tally.days = 1;
            self.tally.days_of_csv_alone = u64::from(!self.from_json);
        }
        let mut sources = vec![Source::of(Provider::Takeout); self.sources.len().max(1)];
        for (device, at) in &self.sources {
            if let Some(source) = sources.get_mut(usize::from(*at)) {
                source.device = device.and_then(|device| self.devices.name(device));
            }
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
                    ..Meta::default()
                },
            },
            tally: self.tally,
            touched: self.touched,
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
            (Rule::Fixed(_) | Rule::Set { .. }, _) => rule.utc_offset(instant),
        }
    }
}

/// What becomes of the entries of one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Sample {
        bpm: u16,
        confidence: Option<u8>,
        device: Option<Device>,
    },
    /// "No reading yet": remembered, not kept.
    Placeholder,
    /// Below the confidence that was asked for.
    Below,
    /// Nothing of Takeout's.
    Nothing,
}

impl Verdict {
    fn on(group: &[Entry], wishes: Wishes, devices: &Devices) -> Self {
        if let [only] = group
            && only.from == From::Csv
        {
            return Self::Sample {
                bpm: only.bpm,
                confidence: None,
                device: only.device,
            };
        }
        let looks_so = |entry: &Entry| entry.bpm == 70 && entry.confidence == Some(0);
        let kept = group.iter().any(|entry| {
            looks_so(entry)
                && (entry.from == From::Stored
                    || entry.from == From::Json
                        && wishes.keep_placeholders
                        && wishes.min_confidence == 0)
        });
        let marked = group.iter().any(|entry| {
            entry.from == From::Mark
                || entry.from == From::Json && looks_so(entry) && !wishes.keep_placeholders
        });
        if marked && !kept {
            return Self::Placeholder;
        }
        let counts = |entry: &&Entry| match entry.from {
            From::Json => {
                entry
                    .confidence
                    .is_none_or(|known| known >= wishes.min_confidence)
                    && (wishes.keep_placeholders || !looks_so(entry))
            }
            From::Stored => true,
            From::Csv | From::Mark | From::Live => false,
        };
        let device = group
            .iter()
            .filter(|entry| matches!(entry.from, From::Csv | From::Stored))
            .filter_map(|entry| entry.device)
            .max_by_key(|device| devices.name(*device));
        let by_rank = group
            .iter()
            .filter(counts)
            .filter(|entry| !(marked && kept) || looks_so(entry))
            .max_by_key(|entry| (entry.confidence.is_some(), entry.bpm));
        if let Some(winner) = by_rank.filter(|winner| winner.confidence.is_some()) {
            return Self::Sample {
                bpm: winner.bpm,
                confidence: group
                    .iter()
                    .filter(counts)
                    .map(|entry| entry.confidence)
                    .max()
                    .flatten(),
                device,
            };
        }
        if group
            .iter()
            .any(|entry| entry.from == From::Json && entry.confidence.is_some())
            && by_rank.is_none()
        {
            return Self::Below;
        }
        let without = group
            .iter()
            .filter(|entry| matches!(entry.from, From::Csv | From::Stored | From::Json))
            .filter(|entry| entry.confidence.is_none())
            .map(|entry| entry.bpm)
            .max();
        without.map_or(Self::Nothing, |bpm| Self::Sample {
            bpm,
            confidence: None,
            device,
        })
    }
}

fn group_counts(group: &[Entry], verdict: &Verdict) -> Tally {
    let count = |from: From| group.iter().filter(|entry| entry.from == from).count() as u64;
    let (json, csv) = (count(From::Json), count(From::Csv));
    if json + csv == 0 {
        return Tally::default();
    }
    let one = |holds: bool| u64::from(holds);
    let bpm_of = |from: From| {
        group
            .iter()
            .filter(move |entry| entry.from == from)
            .map(|entry| entry.bpm)
    };
    let differ = json > 0
        && csv > 0
        && bpm_of(From::Csv).any(|bpm| bpm_of(From::Json).all(|other| other != bpm));
    Tally {
        duplicates: json.saturating_sub(1) + csv.saturating_sub(1),
        in_both: one(json > 0 && csv > 0),
        only_json: one(csv == 0),
        only_csv: one(json == 0),
        differing: one(differ),
        placeholders: one(*verdict == Verdict::Placeholder),
        below_confidence: one(*verdict == Verdict::Below),
        ..Tally::default()
    }
}

/// The passes of repeated hours that the day's JSON file has only in part, and the CSV not at all.
///
/// The export keeps one record a second of the wall clock, the later one: what is missing belongs to the first pass.
fn lost(pages: &Pages, entries: &[Entry], filled: &mut u64) -> Vec<Lost> {
    let own = pages.json.iter().any(|block| block.day == pages.day);
    let pieces: Vec<_> = pages.clock.pieces_of(pages.day).collect();
    let mut lost = Vec::new();
    if !own {
        return lost;
    }
    for pair in pieces.windows(2) {
        let &[(.., before), (change, _, after, _)] = pair else {
            continue;
        };
        let twice_ms = i64::from(before - after) * 1000;
        if twice_ms <= 0 {
            continue;
        }
        let first_pass = within(entries, |entry| entry.instant, change - twice_ms, change);
        let second_pass = within(entries, |entry| entry.instant, change, change + twice_ms);
        let json_only = |entry: &&Entry| match entry.from {
            From::Json => true,
            From::Stored => entry.confidence.is_some(),
            From::Csv | From::Mark | From::Live => false,
        };
        let from_csv = first_pass
            .chunk_by(|a, b| a.instant == b.instant)
            .filter(|group| !group.iter().any(|entry| json_only(&entry)))
            .count() as u64;
        let has_csv = first_pass
            .iter()
            .any(|entry| entry.from == From::Csv || entry.device.is_some());
        if from_csv > 0 || has_csv {
            *filled += from_csv;
            continue;
        }
        let clocks = |pass: &[Entry], offset: i32| -> Vec<i64> {
            let of_json = pass.iter().filter(json_only);
            of_json
                .map(|entry| entry.instant + i64::from(offset) * 1000)
                .collect()
        };
        let samples = estimate(
            &clocks(first_pass, before),
            &clocks(second_pass, after),
            twice_ms,
        );
        if samples > 0 {
            let from = change + i64::from(after) * 1000;
            lost.push(Lost {
                from,
                to: from + twice_ms,
                samples,
            });
        }
    }
    lost
}

/// About how many records of a first pass fell to the second one, from the wall clocks of what is left of both.
///
/// When the clock is set by an hour the wearer goes on as before, and the second pass, which is whole, is the measure.
/// Over a flight that says nothing: there, each minute's first pass is taken to have lost the share of seconds that
/// the second pass fills.
fn estimate(first: &[i64], second: &[i64], twice_ms: i64) -> u64 {
    if twice_ms <= 2 * 3_600_000 {
        return (second.len() as u64).saturating_sub(first.len() as u64);
    }
    let minutes = |clocks: &[i64]| {
        let mut minutes: BTreeMap<i64, u64> = BTreeMap::new();
        for clock in clocks {
            *minutes.entry(clock.div_euclid(60_000)).or_default() += 1;
        }
        minutes
    };
    let second = minutes(second);
    let lost = minutes(first).into_iter().map(|(minute, left)| {
        let taken = second.get(&minute).copied().unwrap_or_default().min(59);
        left * taken / (60 - taken)
    });
    lost.sum()
}
