//! The samples of some days as the column chunks of one row group, a page a day in each.

use super::chunk::{Chunk, ChunkBuilder};
use super::{pages, place};
use crate::day::{Day, Sample};
use parquet::basic::Encoding;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::statistics::Statistics;
use parquet::schema::types::SchemaDescriptor;
use std::collections::BTreeSet;
use zstd::bulk::Compressor;

/// Encodes days, of which at least one has samples, as the chunks of a row group in the order of the columns.
///
/// # Errors
/// Fails when zstd does, or a number does not fit the format.
pub fn encode(
    days: &[&Day],
    schema: &SchemaDescriptor,
    zstd: &mut Compressor<'static>,
) -> Result<Vec<Chunk>, ParquetError> {
    let days: Vec<&Day> = days
        .iter()
        .copied()
        .filter(|day| !day.samples.is_empty())
        .collect();
    let of = |place: usize| schema.column(place);
    Ok(vec![
        times(ChunkBuilder::new(of(place::TIME), zstd), &days, true, |s| {
            s.instant
        })?,
        times(
            ChunkBuilder::new(of(place::LOCAL_TIME), zstd),
            &days,
            false,
            |s| Some(s.local_time),
        )?,
        few(ChunkBuilder::new(of(place::UTC_OFFSET), zstd), &days, |s| {
            s.utc_offset
        })?,
        beats(ChunkBuilder::new(of(place::BPM), zstd), &days)?,
        few(ChunkBuilder::new(of(place::CONFIDENCE), zstd), &days, |s| {
            s.confidence.map(i32::from)
        })?,
        names(ChunkBuilder::new(of(place::SOURCE), zstd), &days)?,
    ])
}

fn too_many() -> ParquetError {
    ParquetError::General("too many values in a page".to_owned())
}

fn count(length: usize) -> Result<u32, ParquetError> {
    u32::try_from(length).map_err(|_| too_many())
}

/// Least and greatest of what was met, and how often there was nothing.
#[derive(Default)]
struct Bounds {
    range: Option<(i64, i64)>,
    nulls: u64,
}

impl Bounds {
    fn of(&mut self, values: &[i64], rows: usize) {
        let (Some(low), Some(high)) = (values.iter().min(), values.iter().max()) else {
            self.nulls += rows as u64;
            return;
        };
        self.nulls += (rows - values.len()) as u64;
        let (least, most) = self.range.unwrap_or((*low, *high));
        self.range = Some((least.min(*low), most.max(*high)));
    }

    fn int64(&self) -> Statistics {
        let (low, high) = self.range.unzip();
        Statistics::int64(low, high, None, Some(self.nulls), false)
    }

    fn int32(&self) -> Statistics {
        let narrow = |n: i64| i32::try_from(n).ok();
        let (low, high) = self.range.unzip();
        let (low, high) = (low.and_then(narrow), high.and_then(narrow));
        Statistics::int32(low, high, None, Some(self.nulls), false)
    }
}

/// The levels of an optional column: which samples have a value.
fn push_levels(body: &mut Vec<u8>, samples: &[Sample], has_value: impl Fn(&Sample) -> bool) {
    if samples.iter().all(&has_value) {
        // One run, without looking at each.
        let mut run = Vec::with_capacity(8);
        pages::push_varint(&mut run, (samples.len() as u64) << 1);
        run.push(1);
        let [length, ..] = run.len().to_le_bytes();
        body.extend([length, 0, 0, 0]);
        body.append(&mut run);
    } else {
        let levels: Vec<u16> = samples.iter().map(|s| u16::from(has_value(s))).collect();
        pages::push_levels(body, &levels);
    }
}

/// A clock: its steps.
fn times(
    mut chunk: ChunkBuilder<'_>,
    days: &[&Day],
    optional: bool,
    value: impl Fn(&Sample) -> Option<i64>,
) -> Result<Chunk, ParquetError> {
    let mut bounds = Bounds::default();
    for day in days {
        let mut body = Vec::new();
        if optional {
            push_levels(&mut body, &day.samples, |s| value(s).is_some());
        }
        let values: Vec<i64> = day.samples.iter().filter_map(&value).collect();
        bounds.of(&values, day.samples.len());
        number_page(&mut chunk, body, &values, day.samples.len())?;
    }
    chunk.finish(bounds.int64())
}

/// Beats: their steps, which are small.
fn beats(mut chunk: ChunkBuilder<'_>, days: &[&Day]) -> Result<Chunk, ParquetError> {
    let mut bounds = Bounds::default();
    for day in days {
        let values: Vec<_> = day.samples.iter().map(|s| i64::from(s.bpm)).collect();
        bounds.of(&values, values.len());
        number_page(&mut chunk, Vec::new(), &values, values.len())?;
    }
    chunk.finish(bounds.int32())
}

fn number_page(
    chunk: &mut ChunkBuilder<'_>,
    mut body: Vec<u8>,
    values: &[i64],
    rows: usize,
) -> Result<(), ParquetError> {
    // Not every reader takes a delta page that has no values.
    let encoding = if values.is_empty() {
        Encoding::PLAIN
    } else {
        pages::push_delta(&mut body, values);
        Encoding::DELTA_BINARY_PACKED
    };
    chunk.page(&body, count(rows)?, encoding)
}

/// A number that takes few values, or is not known: a dictionary.
fn few(
    mut chunk: ChunkBuilder<'_>,
    days: &[&Day],
    value: impl Fn(&Sample) -> Option<i32>,
) -> Result<Chunk, ParquetError> {
    // In the order in which they are met; there are a handful, and looking through them all is faster than any order.
    let mut met: Vec<i32> = Vec::new();
    let mut places: Vec<Vec<usize>> = Vec::with_capacity(days.len());
    for day in days {
        let values = day.samples.iter().filter_map(&value);
        let place = |value: i32| {
            let known = met.iter().position(|known| *known == value);
            known.unwrap_or_else(|| {
                met.push(value);
                met.len() - 1
            })
        };
        places.push(values.map(place).collect());
    }
    let mut known = met.clone();
    known.sort_unstable();
    let index = |value: &i32| u16::try_from(known.binary_search(value).unwrap_or_default());
    let index_of_place: Vec<u16> = met
        .iter()
        .map(|value| index(value).map_err(|_| too_many()))
        .collect::<Result<_, _>>()?;
    if !known.is_empty() {
        let plain: Vec<u8> = known.iter().flat_map(|value| value.to_le_bytes()).collect();
        chunk.dictionary(&plain, count(known.len())?)?;
    }
    let mut bounds = Bounds::default();
    for (day, places) in days.iter().zip(places) {
        let mut body = Vec::new();
        push_levels(&mut body, &day.samples, |s| value(s).is_some());
        bounds.nulls += (day.samples.len() - places.len()) as u64;
        let indices = places.iter().filter_map(|place| index_of_place.get(*place));
        let indices: Vec<u16> = indices.copied().collect();
        index_page(&mut chunk, body, &indices, known.len(), day.samples.len())?;
    }
    if let (Some(low), Some(high)) = (known.first(), known.last()) {
        bounds.range = Some((i64::from(*low), i64::from(*high)));
    }
    chunk.finish(bounds.int32())
}

fn index_page(
    chunk: &mut ChunkBuilder<'_>,
    mut body: Vec<u8>,
    indices: &[u16],
    known: usize,
    rows: usize,
) -> Result<(), ParquetError> {
    let encoding = if indices.is_empty() {
        Encoding::PLAIN
    } else {
        let bits = pages::bits(known);
        body.push(u8::try_from(bits).unwrap_or_default());
        pages::push_hybrid(&mut body, indices, bits);
        Encoding::RLE_DICTIONARY
    };
    chunk.page(&body, count(rows)?, encoding)
}

/// The sources: a dictionary of the names that are used.
fn names(mut chunk: ChunkBuilder<'_>, days: &[&Day]) -> Result<Chunk, ParquetError> {
    let known: BTreeSet<String> = days.iter().flat_map(|day| used_names(day)).collect();
    let known: Vec<String> = known.into_iter().collect();
    let mut plain = Vec::new();
    for name in &known {
        plain.extend(count(name.len())?.to_le_bytes());
        plain.extend(name.as_bytes());
    }
    chunk.dictionary(&plain, count(known.len())?)?;
    for day in days {
        let places: Vec<u16> = day
            .sources
            .iter()
            .map(|source| known.binary_search(&source.to_string()).unwrap_or_default())
            .map(|place| u16::try_from(place).map_err(|_| too_many()))
            .collect::<Result<_, _>>()?;
        let place = |sample: &Sample| places.get(usize::from(sample.source)).copied();
        let indices: Vec<u16> = day.samples.iter().filter_map(place).collect();
        if indices.len() != day.samples.len() {
            return Err(ParquetError::General(
                "a sample's source is not in its day's list".to_owned(),
            ));
        }
        index_page(&mut chunk, Vec::new(), &indices, known.len(), indices.len())?;
    }
    let bound = |name: Option<&String>| name.map(|name| ByteArray::from(name.as_str()));
    chunk.finish(Statistics::byte_array(
        bound(known.first()),
        bound(known.last()),
        None,
        Some(0),
        false,
    ))
}

fn used_names(day: &Day) -> Vec<String> {
    let mut used = vec![false; day.sources.len()];
    for sample in &day.samples {
        if let Some(used) = used.get_mut(usize::from(sample.source)) {
            *used = true;
        }
    }
    let sources = day.sources.iter().zip(used);
    sources
        .filter(|(_, used)| *used)
        .map(|(source, _)| source.to_string())
        .collect()
}
