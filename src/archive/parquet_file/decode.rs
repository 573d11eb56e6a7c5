//! Parquet bytes into a day, by the parquet crate's own decoders.

use super::footer::footer;
use super::place;
use crate::archive::DayFile;
use crate::day::{Day, Detail, Sample, Source, SourceIndex, Summary};
use bytes::Bytes;
use chrono::NaiveDate;
use parquet::column::reader::{ColumnReaderImpl, get_typed_column_reader};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use std::collections::BTreeMap;

/// The most rows that a day may claim to have: eleven a second.
const MOST_ROWS: i64 = 1_000_000;

/// Reads the file of a day.
///
/// # Errors
/// Fails on bytes that are no such file, with a sentence for a person.
pub fn decode(bytes: Vec<u8>, detail: Detail, date: NaiveDate) -> Result<DayFile, String> {
    let reader = SerializedFileReader::new(Bytes::from(bytes)).map_err(text)?;
    let footer = footer(reader.metadata(), detail, date)?;
    let (schema, _) = super::schema().map_err(text)?;
    if reader.metadata().file_metadata().schema().get_fields() != schema.get_fields() {
        return Err("its columns are not those of an archive".to_owned());
    }
    let mut samples = Vec::new();
    let mut sources = Sources::default();
    for place in 0..reader.num_row_groups() {
        let group = reader.get_row_group(place).map_err(text)?;
        read_group(group.as_ref(), &mut samples, &mut sources)?;
    }
    let mut sources = sources.sorted(&mut samples);
    if samples.is_empty() {
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
        zones: Vec::new(),
    };
    Ok(DayFile {
        day: Day {
            date,
            detail,
            samples,
            sources,
            summary,
        },
        meta: footer.meta,
    })
}

#[allow(clippy::needless_pass_by_value, reason = "for map_err")]
fn text(error: ParquetError) -> String {
    error.to_string()
}

fn read_group(
    group: &dyn RowGroupReader,
    samples: &mut Vec<Sample>,
    sources: &mut Sources,
) -> Result<(), String> {
    let claimed = group.metadata().num_rows();
    let rows = usize::try_from(claimed)
        .ok()
        .filter(|_| claimed <= MOST_ROWS)
        .ok_or_else(|| format!("it claims {claimed} rows"))?;
    let time = read::<Int64Type>(group, place::TIME, rows)?;
    let local_time = read::<Int64Type>(group, place::LOCAL_TIME, rows)?;
    let utc_offset = read::<Int32Type>(group, place::UTC_OFFSET, rows)?;
    let bpm = read::<Int32Type>(group, place::BPM, rows)?;
    let confidence = read::<Int32Type>(group, place::CONFIDENCE, rows)?;
    let source = read::<ByteArrayType>(group, place::SOURCE, rows)?;
    samples.reserve(rows);
    let (mut time, mut utc_offset) = (time.nullable(), utc_offset.nullable());
    let mut confidence = confidence.nullable();
    let required = local_time
        .values
        .iter()
        .zip(&bpm.values)
        .zip(&source.values);
    for ((local_time, bpm), source) in required {
        samples.push(Sample {
            instant: time.next().flatten(),
            local_time: *local_time,
            utc_offset: utc_offset.next().flatten(),
            bpm: small(*bpm, "bpm", 1, 300)?,
            confidence: confidence
                .next()
                .flatten()
                .map(|confidence| small(confidence, "confidence", 0, 3))
                .transpose()?,
            source: sources.index(source)?,
        });
    }
    Ok(())
}

/// A number within what the archive keeps.
fn small<T: TryFrom<i32>>(n: i32, column: &str, least: i32, most: i32) -> Result<T, String> {
    T::try_from(n)
        .ok()
        .filter(|_| (least..=most).contains(&n))
        .ok_or_else(|| format!("it has a {column} of {n}"))
}

/// The values of a column that are there, and which rows they are in.
struct Column<T> {
    values: Vec<T>,
    /// Empty where every row has a value.
    levels: Vec<i16>,
}

impl<T: Copy> Column<T> {
    /// Row by row, for ever.
    fn nullable(&self) -> impl Iterator<Item = Option<T>> {
        let mut values = self.values.iter().copied();
        let mut levels = self.levels.iter();
        let all = self.levels.is_empty();
        std::iter::from_fn(move || {
            let there = all || levels.next().is_some_and(|level| *level > 0);
            Some(if there { values.next() } else { None })
        })
    }
}

fn read<T: DataType>(
    group: &dyn RowGroupReader,
    place: usize,
    rows: usize,
) -> Result<Column<T::T>, String> {
    let reader = group.get_column_reader(place).map_err(text)?;
    let mut reader: ColumnReaderImpl<T> = get_typed_column_reader(reader);
    let optional = group
        .metadata()
        .schema_descr()
        .column(place)
        .max_def_level()
        > 0;
    let mut values = Vec::with_capacity(rows);
    let mut levels = Vec::new();
    let (read, _, _) = reader
        .read_records(rows, optional.then_some(&mut levels), None, &mut values)
        .map_err(text)?;
    if read != rows || (!optional && values.len() != rows) {
        return Err("a column is shorter than the others".to_owned());
    }
    if values.len() == rows {
        levels = Vec::new();
    }
    Ok(Column { values, levels })
}

/// The sources in the order in which they were met.
#[derive(Default)]
struct Sources {
    known: BTreeMap<Source, SourceIndex>,
    last: Option<(ByteArray, SourceIndex)>,
}

impl Sources {
    fn index(&mut self, name: &ByteArray) -> Result<SourceIndex, String> {
        if let Some((last, index)) = &self.last
            && last == name
        {
            return Ok(*index);
        }
        let source: Source = name.as_utf8().map_err(text)?.parse()?;
        let next = SourceIndex::try_from(self.known.len())
            .map_err(|_| "it names too many sources".to_owned())?;
        let index = *self.known.entry(source).or_insert(next);
        self.last = Some((name.clone(), index));
        Ok(index)
    }

    /// In their own order, with the samples pointing there.
    fn sorted(self, samples: &mut [Sample]) -> Vec<Source> {
        let mut places = vec![0; self.known.len()];
        let mut moved = false;
        for (place, index) in (0..).zip(self.known.values()) {
            if let Some(slot) = places.get_mut(usize::from(*index)) {
                *slot = place;
                moved |= place != *index;
            }
        }
        if moved {
            for sample in samples {
                sample.source = places
                    .get(usize::from(sample.source))
                    .copied()
                    .unwrap_or_default();
            }
        }
        self.known.into_keys().collect()
    }
}
