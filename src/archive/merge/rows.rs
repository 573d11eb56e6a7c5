//! The samples of several accounts of one day, made one.

use super::record::{self, Device, LeftOut, Made, Record, decide};
use crate::archive::DayFile;
use crate::archive::takeout_notes::{self, Other, TakeoutNotes};
use crate::day::{Provider, Sample, Source, SourceIndex};
use std::collections::{BTreeMap, BTreeSet};

/// Whose row it is; the higher wins.
#[must_use]
pub const fn rank(provider: Provider) -> u8 {
    match provider {
        Provider::Google => 3,
        Provider::Fitbit => 2,
        Provider::Demo => 1,
        Provider::Takeout => 0,
    }
}

/// Merged samples, with what they point into.
pub(super) struct Rows {
    pub samples: Vec<Sample>,
    /// Ascending by rank, then by device.
    pub sources: Vec<Source>,
    /// Instants whose placeholder was left out.
    pub placeholders: Vec<i64>,
    pub takeout: TakeoutNotes,
}

/// Merges the samples of some files of one day.
pub(super) fn merged(files: Vec<DayFile>) -> Rows {
    let sources = pooled_sources(&files);
    let mut merge = Merge::new(sources, &files);
    let mut items = merge.pooled(files);
    // Sorted lists one after the other: this sort takes them as the runs that they are.
    items.sort_by_key(|item| match item.sample.instant {
        Some(at) => (0, at),
        None => (1, item.sample.local_time),
    });
    let first_timeless = items.partition_point(|item| item.sample.instant.is_some());
    let timeless = items.split_off(first_timeless);
    let timed = merge.one_an_instant(&items);
    let rows = merge.matched_by_clock(timed, timeless);
    merge.finish(rows)
}

/// All sources: ascending by rank, then trackers behind other apps, then by name.
fn pooled_sources(files: &[DayFile]) -> Vec<Source> {
    let order = |source: &Source| {
        let device = source.device.clone();
        let tracker = device.as_deref().is_some_and(record::is_tracker);
        (rank(source.provider), tracker, device)
    };
    let samples = files
        .iter()
        .flat_map(|file| file.day.sources.iter().cloned());
    let others = files.iter().flat_map(|file| &file.meta.takeout.others);
    let others = others.map(|other| Source {
        device: other.device.clone(),
        ..Source::of(Provider::Takeout)
    });
    // What a live row knows of Takeout may become a row again.
    let plain = std::iter::once(Source::of(Provider::Takeout));
    let mut sources: Vec<Source> = samples.chain(others).chain(plain).collect();
    sources.sort_by_cached_key(order);
    sources.dedup();
    sources
}

/// A sample, and when the exports were made that it is from.
#[derive(Clone, Copy, PartialEq)]
struct Item {
    sample: Sample,
    json: Made,
    csv: Made,
}

struct Merge {
    sources: Vec<Source>,
    /// The device of each, if it has one.
    devices: Vec<Option<Device>>,
    /// Records beside the row of their instant.
    others: BTreeMap<i64, Vec<Record>>,
    left_out: BTreeMap<i64, Vec<LeftOut>>,
}

impl Merge {
    fn new(sources: Vec<Source>, files: &[DayFile]) -> Self {
        let devices = (0..=SourceIndex::MAX).zip(&sources).map(|(place, source)| {
            source.device.as_deref().map(|name| Device {
                tracker: record::is_tracker(name),
                place,
            })
        });
        let mut merge = Self {
            devices: devices.collect(),
            sources,
            others: BTreeMap::new(),
            left_out: BTreeMap::new(),
        };
        let placeholder = (record::PLACEHOLDER_BPM, record::PLACEHOLDER_CONFIDENCE);
        for file in files {
            for other in &file.meta.takeout.others {
                let device = other
                    .device
                    .as_deref()
                    .and_then(|name| merge.device_of(name));
                merge.others.entry(other.instant).or_default().push(Record {
                    bpm: other.bpm,
                    confidence: other.confidence,
                    device,
                    made: other.made,
                });
            }
            for at in &file.meta.placeholders {
                merge.left_out.entry(*at).or_default().push(placeholder);
            }
            for out in &file.meta.takeout.left_out {
                let left_out = merge.left_out.entry(out.instant).or_default();
                left_out.push((out.bpm, out.confidence));
            }
        }
        for left_out in merge.left_out.values_mut() {
            left_out.sort_unstable();
            left_out.dedup();
        }
        merge
    }

    /// All samples in one list that points into one list of sources.
    fn pooled(&self, files: Vec<DayFile>) -> Vec<Item> {
        let count = files.iter().map(|file| file.day.samples.len()).sum();
        let mut items = Vec::with_capacity(count);
        for file in files {
            let places: Vec<SourceIndex> = file
                .day
                .sources
                .iter()
                .map(|source| self.sources.iter().position(|s| s == source).unwrap_or(0))
                .map(|place| SourceIndex::try_from(place).unwrap_or(SourceIndex::MAX))
                .collect();
            let exports = &file.meta.takeout.exports;
            items.extend(file.day.samples.into_iter().map(|sample| {
                let source = places.get(usize::from(sample.source)).copied();
                let known = sample.instant.filter(|_| !exports.is_empty());
                let (json, csv) = known.map_or((0, 0), |at| exports.at(at));
                Item {
                    sample: Sample {
                        source: source.unwrap_or_default(),
                        ..sample
                    },
                    json,
                    csv,
                }
            }));
        }
        items
    }

    fn provider(&self, sample: &Sample) -> Provider {
        self.sources
            .get(usize::from(sample.source))
            .map_or(Provider::Takeout, |source| source.provider)
    }

    fn device_of(&self, name: &str) -> Option<Device> {
        let takeouts = |source: &Source| {
            source.provider == Provider::Takeout && source.device.as_deref() == Some(name)
        };
        let place = self.sources.iter().position(takeouts)?;
        self.devices.get(place).copied().flatten()
    }

    /// The record of Takeout's CSV in an item.
    fn csv_record(&self, item: &Item) -> Option<Record> {
        let Sample {
            bpm,
            confidence,
            source,
            ..
        } = item.sample;
        let device = self.devices.get(usize::from(source)).copied().flatten();
        let says = device.is_some() || confidence.is_none();
        (says && self.provider(&item.sample) == Provider::Takeout).then_some(Record {
            bpm,
            confidence: None,
            device,
            made: item.csv,
        })
    }

    /// What Takeout says in an item.
    fn records(&self, item: &Item) -> impl Iterator<Item = Record> + use<> {
        let Sample {
            bpm, confidence, ..
        } = item.sample;
        let json = confidence.map(|_| Record {
            bpm,
            confidence,
            device: None,
            made: item.json,
        });
        json.into_iter().chain(self.csv_record(item))
    }

    /// The order in which the samples of live services win.
    fn strength(&self, sample: &Sample) -> (u8, u16, SourceIndex, Option<i32>, i64) {
        (
            rank(self.provider(sample)),
            sample.bpm,
            sample.source,
            sample.utc_offset,
            sample.local_time,
        )
    }

    /// Makes one row of all items of an instant. What is not in it stays in `others` and `left_out`.
    fn row(&mut self, instant: i64, items: &[Item]) -> Option<Item> {
        let is_live = |item: &&Item| self.provider(&item.sample) != Provider::Takeout;
        let live = items.iter().filter(is_live).map(|item| item.sample);
        let live = live.max_by_key(|sample| self.strength(sample));
        let mut records = self.others.remove(&instant).unwrap_or_default();
        records.extend(items.iter().flat_map(|item| self.records(item)));
        let mut left_out = self.left_out.remove(&instant).unwrap_or_default();
        let row = decide(live.map(|live| live.bpm), &mut records, &mut left_out);
        if !records.is_empty() {
            self.others.insert(instant, records);
        }
        if !left_out.is_empty() {
            self.left_out.insert(instant, left_out);
        }
        let row = row?;
        let clock = |item: &&Item| (item.sample.utc_offset, item.sample.local_time);
        let sample = live.or_else(|| items.iter().max_by_key(clock).map(|item| item.sample))?;
        let plain = || {
            self.sources
                .iter()
                .position(|s| *s == Source::of(Provider::Takeout))
        };
        let source = match (live, row.device) {
            (Some(live), _) => live.source,
            (None, Some(device)) => device.place,
            (None, None) => SourceIndex::try_from(plain().unwrap_or_default()).unwrap_or_default(),
        };
        Some(Item {
            sample: Sample {
                bpm: row.bpm,
                confidence: row.confidence,
                source,
                ..sample
            },
            json: row.json,
            csv: row.csv,
        })
    }

    fn one_an_instant(&mut self, items: &[Item]) -> Vec<Item> {
        let mut rows: Vec<Item> = Vec::with_capacity(items.len());
        // Instants of which something is known beside their rows: walked along with the items.
        let noted: BTreeSet<i64> = self
            .others
            .keys()
            .chain(self.left_out.keys())
            .copied()
            .collect();
        let mut noted = noted.into_iter().peekable();
        for group in items.chunk_by(|a, b| a.sample.instant == b.sample.instant) {
            let (Some(first), Some(instant)) = (
                group.first(),
                group.first().and_then(|item| item.sample.instant),
            ) else {
                continue;
            };
            let alike = group.iter().all(|item| item == first);
            while noted.next_if(|noted| *noted < instant).is_some() {}
            if alike && noted.peek() != Some(&instant) {
                rows.push(*first);
            } else {
                rows.extend(self.row(instant, group));
            }
        }
        rows
    }

    /// Brings samples without an instant to those of their wall clock, and puts the others between.
    ///
    /// An instant at which something was left out is none of theirs: it was a placeholder's.
    fn matched_by_clock(&mut self, mut timed: Vec<Item>, timeless: Vec<Item>) -> Vec<Item> {
        // What the legacy service said of a wall clock goes to every sample of it, so it is looked up in samples that
        // already took it in, too.
        let of_clock = timed
            .iter()
            .filter(|item| self.provider(&item.sample) == Provider::Fitbit)
            .map(|item| Sample {
                instant: None,
                utc_offset: None,
                confidence: None,
                ..item.sample
            });
        let mut by_clock: BTreeMap<i64, Sample> = BTreeMap::new();
        for sample in of_clock.chain(timeless.into_iter().map(|item| item.sample)) {
            let known = by_clock.entry(sample.local_time).or_insert(sample);
            if self.strength(&sample) > self.strength(known) {
                *known = sample;
            }
        }
        if by_clock.is_empty() {
            return timed;
        }
        let mut met = Vec::new();
        timed.retain_mut(|item| {
            let (Some(said), Some(instant)) =
                (by_clock.get(&item.sample.local_time), item.sample.instant)
            else {
                return true;
            };
            let own = matches!(
                self.provider(&item.sample),
                Provider::Google | Provider::Demo
            );
            if !own && self.left_out.contains_key(&instant) {
                self.others.remove(&instant);
                return false;
            }
            met.push(item.sample.local_time);
            let said = Item {
                sample: Sample {
                    instant: item.sample.instant,
                    utc_offset: item.sample.utc_offset,
                    ..*said
                },
                json: 0,
                csv: 0,
            };
            if let Some(row) = self.row(instant, &[*item, said]) {
                *item = row;
            }
            true
        });
        for clock in met {
            by_clock.remove(&clock);
        }
        interleaved(timed, by_clock.into_values())
    }

    fn finish(self, rows: Vec<Item>) -> Rows {
        let mut takeout = TakeoutNotes::default();
        for item in &rows {
            let Some(instant) = item.sample.instant else {
                continue;
            };
            let json = item.sample.confidence.map(|_| item.json);
            let has_csv = self.csv_record(item).is_some();
            takeout
                .exports
                .push(instant, json, has_csv.then_some(item.csv));
        }
        let name = |device: Device| self.sources.get(usize::from(device.place))?.device.clone();
        takeout.others = (self.others.iter())
            .flat_map(|(instant, records)| records.iter().map(|record| (*instant, record)))
            .map(|(instant, record)| Other {
                instant,
                bpm: record.bpm,
                confidence: record.confidence,
                device: record.device.and_then(name),
                made: record.made,
            })
            .collect();
        takeout.others.sort_unstable();
        let mut placeholders = Vec::new();
        for (instant, left_out) in self.left_out {
            for (bpm, confidence) in left_out {
                if record::is_placeholder(bpm, Some(confidence)) {
                    placeholders.push(instant);
                } else {
                    let out = takeout_notes::LeftOut {
                        instant,
                        bpm,
                        confidence,
                    };
                    takeout.left_out.push(out);
                }
            }
        }
        Rows {
            samples: rows.into_iter().map(|item| item.sample).collect(),
            sources: self.sources,
            placeholders,
            takeout,
        }
    }
}

/// Both in their own order, by wall clock where they meet.
fn interleaved(timed: Vec<Item>, timeless: impl Iterator<Item = Sample>) -> Vec<Item> {
    let mut all = Vec::with_capacity(timed.len());
    let mut timeless = timeless
        .map(|sample| Item {
            sample,
            json: 0,
            csv: 0,
        })
        .peekable();
    for item in timed {
        let clock = item.sample.local_time;
        while let Some(earlier) = timeless.next_if(|next| next.sample.local_time < clock) {
            all.push(earlier);
        }
        all.push(item);
    }
    all.extend(timeless);
    all
}
