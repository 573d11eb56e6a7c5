//! Parquet bytes into a day.
//!
//! Only what this program wrote is read, and nothing in it is taken for granted: see [`super::column_reader`].

use super::column_reader::{ColumnReader, MOST_ROWS};
use super::footer::footer;
use super::place;
use super::unpack::{Cursor, Problem};
use crate::archive::DayFile;
use crate::day::{Day, Detail, Sample, Source, SourceIndex, Summary};
use chrono::NaiveDate;
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader, RowGroupMetaData};
use std::collections::BTreeSet;

/// Reads the file of a day.
///
/// # Errors
/// Fails on bytes that are no such file, with a sentence for a person.
pub fn decode(bytes: &[u8], detail: Detail, date: NaiveDate) -> Result<DayFile, String> {
    let metadata = metadata(bytes)?;
    let footer = footer(&metadata, detail, date)?;
    let (schema, _) = super::schema().map_err(|error| error.to_string())?;
    if metadata.file_metadata().schema().get_fields() != schema.get_fields() {
        return Err("its columns are not those of an archive".to_owned());
    }
    let mut reader = ColumnReader::new(bytes).map_err(|error| error.to_string())?;
    let mut rows = Rows::default();
    for group in metadata.row_groups() {
        read_group(&mut reader, group, &mut rows)?;
    }
    let mut sources = rows.sort_sources();
    if rows.samples.is_empty() {
        sources = footer
            .meta
            .providers
            .iter()
            .copied()
            .map(Source::of)
            .collect();
    }
    let summary = Summary {
        resting_bpm: footer.meta.resting_bpm,
        zones: footer.meta.zones.clone(),
    };
    Ok(DayFile {
        day: Day {
            date,
            detail,
            samples: rows.samples,
            sources,
            summary,
        },
        meta: footer.meta,
    })
}

/// The footer of a whole file.
fn metadata(bytes: &[u8]) -> Result<ParquetMetaData, String> {
    let [b'P', b'A', b'R', b'1', ..] = bytes else {
        return Err("it does not begin as a Parquet file does".to_owned());
    };
    let [rest @ .., a, b, c, d, b'P', b'A', b'R', b'1'] = bytes else {
        return Err("it does not end as a Parquet file does".to_owned());
    };
    let start = usize::try_from(u32::from_le_bytes([*a, *b, *c, *d]))
        .ok()
        .and_then(|length| rest.len().checked_sub(length))
        .ok_or("its footer is longer than the file")?;
    ParquetMetaDataReader::decode_metadata(&rest[start..]).map_err(|error| error.to_string())
}

/// The samples so far, and the sources in the order in which they were met.
#[derive(Default)]
struct Rows {
    samples: Vec<Sample>,
    sources: Vec<Source>,
}

impl Rows {
    /// Where the names of a dictionary are in the list of sources, which takes in those that are new.
    fn places(&mut self, names: &[String]) -> Result<Vec<SourceIndex>, String> {
        let mut places = Vec::with_capacity(names.len());
        for name in names {
            let source: Source = name.parse()?;
            let known = self.sources.iter().position(|known| *known == source);
            let place = known.unwrap_or_else(|| {
                self.sources.push(source);
                self.sources.len() - 1
            });
            places.push(SourceIndex::try_from(place).map_err(|_| "it names too many sources")?);
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

fn read_group(
    reader: &mut ColumnReader<'_>,
    group: &RowGroupMetaData,
    into: &mut Rows,
) -> Result<(), String> {
    let claimed = group.num_rows();
    let rows = usize::try_from(claimed)
        .ok()
        .filter(|rows| *rows <= MOST_ROWS)
        .ok_or_else(|| format!("it claims {claimed} rows"))?;
    let chunk = |place: usize| group.columns().get(place).ok_or("it lacks a column");
    let time = reader.numbers(chunk(place::TIME)?, rows, true)?;
    let local_time = reader.numbers(chunk(place::LOCAL_TIME)?, rows, false)?;
    let (offsets, utc_offset) = reader.indices(chunk(place::UTC_OFFSET)?, rows, true, int32)?;
    let bpm = reader.numbers(chunk(place::BPM)?, rows, false)?;
    let (grades, confidence) = reader.indices(chunk(place::CONFIDENCE)?, rows, true, int32)?;
    let (names, source) = reader.indices(chunk(place::SOURCE)?, rows, false, name)?;
    let grades: Vec<u8> = grades.into_iter().map(grade).collect::<Result<_, _>>()?;
    let places = into.places(&names)?;
    let (mut time, mut utc_offset) = (time.rows(), utc_offset.rows());
    let (mut confidence, mut source) = (confidence.rows(), source.rows());
    into.samples.reserve(rows);
    for (local_time, bpm) in local_time.values.iter().zip(&bpm.values) {
        into.samples.push(Sample {
            instant: time.next().flatten(),
            local_time: *local_time,
            utc_offset: value(&offsets, utc_offset.next().flatten()),
            bpm: u16::try_from(*bpm)
                .ok()
                .filter(|bpm| (1..=300).contains(bpm))
                .ok_or_else(|| format!("it has a bpm of {bpm}"))?,
            confidence: value(&grades, confidence.next().flatten()),
            source: value(&places, source.next().flatten()).ok_or("a sample lacks its source")?,
        });
    }
    Ok(())
}

/// The value that a row points to.
fn value<T: Copy>(known: &[T], row: Option<u16>) -> Option<T> {
    known.get(usize::from(row?)).copied()
}

fn grade(confidence: i32) -> Result<u8, String> {
    u8::try_from(confidence)
        .ok()
        .filter(|confidence| *confidence <= 3)
        .ok_or_else(|| format!("it has a confidence of {confidence}"))
}

fn int32(plain: &mut Cursor<'_>) -> Result<i32, Problem> {
    let bytes = plain.take(4)?.try_into();
    bytes
        .map(i32::from_le_bytes)
        .map_err(|_| "a number is short")
}

fn name(plain: &mut Cursor<'_>) -> Result<String, Problem> {
    const LONGEST: usize = 10_000;
    let length = usize::try_from(int32(plain)?).ok();
    let length = length.filter(|length| *length <= LONGEST);
    let bytes = plain.take(length.ok_or("a source has an odd length")?)?;
    String::from_utf8(bytes.to_vec()).map_err(|_| "a source is not text")
}
