//! A [`DayFile`] as Parquet bytes and back.

use super::{DayFile, Footer, meta};
use crate::day::{Day, Detail, Sample, Source, SourceIndex, Summary};
use bytes::Bytes;
use chrono::NaiveDate;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::column::reader::get_typed_column_reader;
use parquet::column::writer::ColumnWriterImpl;
use parquet::data_type::{ByteArray, ByteArrayType, DataType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::{KeyValue, ParquetMetaData, ParquetMetaDataReader};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::{ColumnPath, TypePtr};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The columns, in Parquet's own notation.
const SCHEMA: &str = "message heart_rate {
    OPTIONAL INT64 time (TIMESTAMP(MILLIS,true));
    REQUIRED INT64 local_time (TIMESTAMP(MILLIS,false));
    OPTIONAL INT32 utc_offset;
    REQUIRED INT32 bpm;
    OPTIONAL INT32 confidence;
    REQUIRED BYTE_ARRAY source (STRING);
}";

/// How many bytes at the end of a file hold its footer, mostly.
pub const USUAL_FOOTER: u64 = 4096;

/// The place of each column.
const TIME: usize = 0;
const LOCAL_TIME: usize = 1;
const UTC_OFFSET: usize = 2;
const BPM: usize = 3;
const CONFIDENCE: usize = 4;
const SOURCE: usize = 5;

fn schema() -> Result<TypePtr, String> {
    parse_message_type(SCHEMA).map(Arc::new).map_err(text)
}

#[allow(clippy::needless_pass_by_value, reason = "for map_err")]
fn text(error: ParquetError) -> String {
    error.to_string()
}

/// The bytes of a file. Equal days give equal bytes.
///
/// # Errors
/// Fails when the Parquet writer refuses the day, which would be a bug.
pub fn encode(file: &DayFile) -> Result<Vec<u8>, String> {
    let pairs = meta::encode(file.day.date, file.day.detail, &file.meta);
    let pairs = pairs
        .into_iter()
        .map(|(k, v)| KeyValue::new(k, v))
        .collect();
    let column = |name: &str| ColumnPath::from(name);
    let properties = WriterProperties::builder()
        .set_created_by("fitbit-hr version 1".to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(9).map_err(text)?))
        .set_dictionary_enabled(true)
        .set_column_dictionary_enabled(column("time"), false)
        .set_column_dictionary_enabled(column("local_time"), false)
        .set_column_encoding(column("time"), Encoding::DELTA_BINARY_PACKED)
        .set_column_encoding(column("local_time"), Encoding::DELTA_BINARY_PACKED)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_key_value_metadata(Some(pairs))
        .build();
    let mut writer =
        SerializedFileWriter::new(Vec::new(), schema()?, Arc::new(properties)).map_err(text)?;
    if !file.day.samples.is_empty() {
        let mut group = writer.next_row_group().map_err(text)?;
        write_columns(&mut group, &file.day).map_err(text)?;
        group.close().map_err(text)?;
    }
    writer.into_inner().map_err(text)
}

fn write_columns(
    group: &mut SerializedRowGroupWriter<'_, Vec<u8>>,
    day: &Day,
) -> Result<(), ParquetError> {
    let names: Vec<_> = day.sources.iter().map(ToString::to_string).collect();
    let source = |index: SourceIndex| names.get(usize::from(index)).map_or("", String::as_str);
    let samples = &day.samples;
    let mut place = 0;
    while let Some(mut column) = group.next_column()? {
        match place {
            TIME => nullable(column.typed::<Int64Type>(), samples, |s| s.instant)?,
            LOCAL_TIME => required(column.typed::<Int64Type>(), samples, |s| s.local_time)?,
            UTC_OFFSET => nullable(column.typed::<Int32Type>(), samples, |s| s.utc_offset)?,
            BPM => required(column.typed::<Int32Type>(), samples, |s| i32::from(s.bpm))?,
            CONFIDENCE => nullable(column.typed::<Int32Type>(), samples, |s| {
                s.confidence.map(i32::from)
            })?,
            _ => required(column.typed::<ByteArrayType>(), samples, |s| {
                ByteArray::from(source(s.source))
            })?,
        }
        column.close()?;
        place += 1;
    }
    Ok(())
}

fn required<T: DataType>(
    column: &mut ColumnWriterImpl<'_, T>,
    samples: &[Sample],
    value: impl Fn(&Sample) -> T::T,
) -> Result<(), ParquetError> {
    let values: Vec<_> = samples.iter().map(value).collect();
    column.write_batch(&values, None, None).map(|_| ())
}

fn nullable<T: DataType>(
    column: &mut ColumnWriterImpl<'_, T>,
    samples: &[Sample],
    value: impl Fn(&Sample) -> Option<T::T>,
) -> Result<(), ParquetError> {
    let values: Vec<_> = samples.iter().map(value).collect();
    let levels: Vec<_> = values.iter().map(|v| i16::from(v.is_some())).collect();
    let values: Vec<_> = values.into_iter().flatten().collect();
    column.write_batch(&values, Some(&levels), None).map(|_| ())
}

/// What the end of a file holds.
#[derive(Debug)]
pub enum Tail {
    /// The footer.
    Footer(Box<Footer>),
    /// A part of the footer: this many bytes are needed.
    Longer(u64),
}

/// Reads the footer out of the last bytes of the file of a day.
///
/// # Errors
/// Fails when it is no footer, or that of another day.
pub fn decode_footer(tail: &[u8], detail: Detail, date: NaiveDate) -> Result<Tail, String> {
    let [.., a, b, c, d, b'P', b'A', b'R', b'1'] = tail else {
        return Err("it does not end as a Parquet file does".to_owned());
    };
    let length = u64::from(u32::from_le_bytes([*a, *b, *c, *d])) + 8;
    let tail_length = tail.len() as u64;
    if length > tail_length {
        return if tail_length < USUAL_FOOTER {
            Err("its footer is longer than the file".to_owned())
        } else {
            Ok(Tail::Longer(length))
        };
    }
    let start = tail.len() - usize::try_from(length).unwrap_or(tail.len());
    let metadata =
        ParquetMetaDataReader::decode_metadata(&tail[start..tail.len() - 8]).map_err(text)?;
    footer(&metadata, detail, date).map(|footer| Tail::Footer(Box::new(footer)))
}

fn footer(metadata: &ParquetMetaData, detail: Detail, date: NaiveDate) -> Result<Footer, String> {
    let pairs = metadata.file_metadata().key_value_metadata();
    let find = |key: &str| {
        let pair = pairs?
            .iter()
            .find(|pair| pair.key.strip_prefix(meta::PREFIX) == Some(key))?;
        pair.value.as_deref()
    };
    let (its_date, its_detail, meta) = meta::decode(find)?;
    if (its_date, its_detail) != (date, detail) {
        return Err(format!("it holds {its_date} at {its_detail}"));
    }
    Ok(Footer {
        date,
        detail,
        samples: u64::try_from(metadata.file_metadata().num_rows()).unwrap_or_default(),
        meta,
    })
}

/// Reads the file of a day.
///
/// # Errors
/// Fails on bytes that are no such file, with a sentence for a person.
pub fn decode(bytes: Vec<u8>, detail: Detail, date: NaiveDate) -> Result<DayFile, String> {
    let reader = SerializedFileReader::new(Bytes::from(bytes)).map_err(text)?;
    let footer = footer(reader.metadata(), detail, date)?;
    let schema = schema()?;
    let columns = reader.metadata().file_metadata().schema();
    if columns.get_fields() != schema.get_fields() {
        return Err("its columns are not those of an archive".to_owned());
    }
    let mut day = Day {
        date,
        detail,
        samples: Vec::new(),
        sources: footer
            .meta
            .providers
            .iter()
            .copied()
            .map(Source::of)
            .collect(),
        summary: Summary {
            resting_bpm: footer.meta.resting_bpm,
            zones: Vec::new(),
        },
    };
    let mut sources = BTreeSet::new();
    let mut columns = Vec::new();
    for group in 0..reader.num_row_groups() {
        let group = reader.get_row_group(group).map_err(text)?;
        let rows = usize::try_from(group.metadata().num_rows()).unwrap_or_default();
        let int64 = |place: usize| -> Result<Vec<Option<i64>>, String> {
            let column = group.get_column_reader(place).map_err(text)?;
            read(&mut get_typed_column_reader::<Int64Type>(column), rows)
        };
        let int32 = |place: usize| -> Result<Vec<Option<i32>>, String> {
            let column = group.get_column_reader(place).map_err(text)?;
            read(&mut get_typed_column_reader::<Int32Type>(column), rows)
        };
        let column = group.get_column_reader(SOURCE).map_err(text)?;
        let names = read(&mut get_typed_column_reader::<ByteArrayType>(column), rows)?;
        let names = names
            .into_iter()
            .map(|name| {
                let name = name.ok_or("a sample has no source")?;
                let name = name.as_utf8().map_err(text)?;
                name.parse::<Source>()
            })
            .collect::<Result<Vec<_>, String>>()?;
        sources.extend(names.iter().cloned());
        columns.push((
            int64(TIME)?,
            int64(LOCAL_TIME)?,
            int32(UTC_OFFSET)?,
            int32(BPM)?,
            int32(CONFIDENCE)?,
            names,
        ));
    }
    if !sources.is_empty() {
        day.sources = sources.into_iter().collect();
    }
    for (time, local_time, utc_offset, bpm, confidence, names) in columns {
        for row in 0..time.len() {
            let missing = || "a sample lacks its clock or its beats".to_owned();
            day.samples.push(Sample {
                instant: time[row],
                local_time: local_time[row].ok_or_else(missing)?,
                utc_offset: utc_offset[row],
                bpm: bpm[row]
                    .and_then(|bpm| u16::try_from(bpm).ok())
                    .ok_or_else(missing)?,
                confidence: confidence[row].and_then(|c| u8::try_from(c).ok()),
                source: day
                    .sources
                    .binary_search(&names[row])
                    .ok()
                    .and_then(|index| SourceIndex::try_from(index).ok())
                    .ok_or("it names too many sources")?,
            });
        }
    }
    Ok(DayFile {
        day,
        meta: footer.meta,
    })
}

fn read<T: DataType>(
    column: &mut parquet::column::reader::ColumnReaderImpl<T>,
    rows: usize,
) -> Result<Vec<Option<T::T>>, String> {
    let mut values = Vec::with_capacity(rows);
    let mut levels = Vec::with_capacity(rows);
    let (records, _, _) = column
        .read_records(rows, Some(&mut levels), None, &mut values)
        .map_err(text)?;
    if records != rows {
        return Err("a column is shorter than the others".to_owned());
    }
    if levels.is_empty() {
        return Ok(values.into_iter().map(Some).collect());
    }
    let mut values = values.into_iter();
    Ok(levels
        .into_iter()
        .map(|level| if level > 0 { values.next() } else { None })
        .collect())
}
