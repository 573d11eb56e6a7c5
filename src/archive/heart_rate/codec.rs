//! A day of heart rate as columns, and back: one column at a time, for there are tens of thousands of rows.

use crate::archive::parquet_file::{
    Chunk, Packed, Page, Reader, Schema, Texts, append, begin, group, value,
};
use crate::archive::{DayFile, Fault, HEART_RATE, Key, meta};
use crate::day::{Day, Sample, Source, SourceIndex};
use crate::extract::{Catalogue, Columns};
use bytes::Bytes;
use parquet::errors::ParquetError;
use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

/// The columns of heart rate: `time, local_time, utc_offset, bpm, confidence, source`.
pub static COLUMNS: LazyLock<Columns> = LazyLock::new(|| {
    let catalogue = Catalogue::default();
    let definition = catalogue.get(HEART_RATE);
    definition.expect("a file of the program").columns()
});

/// The schema of heart rate.
pub static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    Schema::new(HEART_RATE, &COLUMNS).expect("the names are plain words, which Parquet can say")
});

/// The bytes of a day's file. Equal days give equal bytes.
///
/// # Errors
/// Fails on samples that point to no source.
pub fn encode(file: &DayFile) -> Result<Vec<u8>, String> {
    let encode = || {
        let mut writer = begin(Vec::new(), &SCHEMA, meta::encode(file))?;
        let chunks = chunks(&[&file.day])?;
        if !chunks.is_empty() {
            append(&mut writer, chunks)?;
        }
        writer.into_inner()
    };
    encode().map_err(|error: ParquetError| error.to_string())
}

/// The row group of some days, a page a day in each column; none if they have no samples.
///
/// # Errors
/// As [`encode`].
pub fn chunks(days: &[&Day]) -> Result<Vec<Chunk>, ParquetError> {
    let mut days = days.to_vec();
    days.retain(|day| !day.samples.is_empty());
    if days.is_empty() {
        return Ok(Vec::new());
    }
    group(&SCHEMA, |place| {
        days.iter().map(|day| packed(day, place)).collect()
    })
}

fn packed(day: &Day, place: usize) -> Packed {
    let samples = day.samples.iter();
    Packed::Ints(match place {
        0 => Page::of(samples.map(|sample| sample.instant)),
        1 => Page::of(samples.map(|sample| Some(sample.local_time))),
        2 => Page::of(samples.map(|sample| sample.utc_offset.map(i64::from))),
        3 => Page::of(samples.map(|sample| Some(i64::from(sample.bpm)))),
        4 => Page::of(samples.map(|sample| sample.confidence.map(i64::from))),
        _ => {
            let names = day
                .sources
                .iter()
                .map(|source| Arc::from(source.to_string()));
            return Packed::Texts(Texts {
                names: names.collect(),
                places: Page::of(samples.map(|sample| Some(u32::from(sample.source)))),
            });
        }
    })
}

/// Reads the file of a day.
///
/// # Errors
/// Fails on bytes that are no such file, with what they are instead.
pub fn decode(bytes: &Bytes, key: &Key) -> Result<DayFile, Fault> {
    let reader = Reader::open(bytes)?;
    let file = reader.metadata().file_metadata();
    let footer = meta::decode(key, |key| value(file, key))?;
    let mut meta = footer.meta;
    let mut rows = Rows::default();
    for group in 0..reader.groups() {
        rows.read(&reader, group)?;
    }
    let mut sources = rows.sort_sources();
    meta.providers
        .extend(sources.iter().map(|source| source.provider));
    if rows.samples.is_empty() {
        sources = meta.providers.iter().copied().map(Source::of).collect();
    }
    Ok(DayFile {
        day: Day {
            date: footer.date,
            detail: footer.detail,
            samples: rows.samples,
            sources,
            summary: footer.summary,
        },
        meta,
    })
}

/// The samples so far, and the sources in the order in which they were met.
#[derive(Default)]
struct Rows {
    samples: Vec<Sample>,
    sources: Vec<Source>,
}

impl Rows {
    fn read(&mut self, reader: &Reader, group: usize) -> Result<(), Fault> {
        let integers = |place: usize| match reader.packed(group, &COLUMNS[place])? {
            Some(Packed::Ints(page)) => Ok(page),
            None if !COLUMNS[place].required => Ok(Page {
                values: Vec::new(),
                rows: reader.rows(group)?,
                levels: Some(Vec::new()),
            }),
            _ => Err(reader.fault(lacks(&COLUMNS[place].name))),
        };
        let (time, local_time, utc_offset) = (integers(0)?, integers(1)?, integers(2)?);
        let (bpm, confidence) = (integers(3)?, integers(4)?);
        let Some(Packed::Texts(names)) = reader.packed(group, &COLUMNS[5])? else {
            return Err(reader.fault(lacks("source")));
        };
        let places = self
            .places(&names.names)
            .map_err(|problem| reader.fault(problem))?;
        let (mut time, mut utc_offset) = (time.cells(), utc_offset.cells());
        let (mut confidence, mut source) = (confidence.cells(), names.places.values.iter());
        self.samples.reserve(bpm.rows);
        let mut sample = |local_time: &i64, bpm: &i64| {
            let place = source.next().and_then(|place| places.get(*place as usize));
            let offsets = i32::MIN..=i32::MAX;
            Ok(Sample {
                instant: time.next().flatten().copied(),
                local_time: *local_time,
                utc_offset: within(utc_offset.next().flatten(), offsets, "utc_offset")?,
                bpm: within(Some(bpm), 1..=300, "bpm")?.unwrap_or_default(),
                confidence: within(confidence.next().flatten(), 0..=3, "confidence")?,
                source: *place.ok_or_else(|| lacks("source"))?,
            })
        };
        for (local_time, bpm) in local_time.values.iter().zip(&bpm.values) {
            let sample = sample(local_time, bpm).map_err(|problem| reader.fault(problem))?;
            self.samples.push(sample);
        }
        Ok(())
    }

    /// Where the names are in the list of sources, which takes in those that are new.
    fn places(&mut self, names: &[Arc<str>]) -> Result<Vec<SourceIndex>, String> {
        let mut places = Vec::with_capacity(names.len());
        for name in names {
            let source: Source = name.parse()?;
            let known = self.sources.iter().position(|known| *known == source);
            let place = known.unwrap_or_else(|| {
                self.sources.push(source);
                self.sources.len() - 1
            });
            let place = SourceIndex::try_from(place);
            places.push(place.map_err(|_| "it names too many sources")?);
        }
        Ok(places)
    }

    /// The sources in their own order, with the samples pointing there.
    fn sort_sources(&mut self) -> Vec<Source> {
        let sorted: BTreeSet<Source> = self.sources.iter().cloned().collect();
        let sorted: Vec<Source> = sorted.into_iter().collect();
        if sorted != self.sources {
            let place = |source| sorted.binary_search(source).unwrap_or_default();
            let places: Vec<_> = self.sources.iter().map(place).collect();
            for sample in &mut self.samples {
                let place = places.get(usize::from(sample.source)).copied();
                sample.source = place
                    .and_then(|place| SourceIndex::try_from(place).ok())
                    .unwrap_or_default();
            }
        }
        sorted
    }
}

fn lacks(column: &str) -> String {
    format!("it lacks the column {column}")
}

/// The number, if there is one and it is one of those that may be.
fn within<T: TryFrom<i64> + PartialOrd>(
    number: Option<&i64>,
    may_be: std::ops::RangeInclusive<T>,
    name: &str,
) -> Result<Option<T>, String> {
    let Some(number) = number else {
        return Ok(None);
    };
    let fits = T::try_from(*number)
        .ok()
        .filter(|fits| may_be.contains(fits));
    match fits {
        None => Err(format!("it has a {name} of {number}")),
        fits => Ok(fits),
    }
}
