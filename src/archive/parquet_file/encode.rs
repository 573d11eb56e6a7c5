//! Days into Parquet: one into a file of the archive, many into one file.

use super::chunk::{Chunk, ZSTD_LEVEL};
use super::columns;
use crate::archive::{DayFile, meta};
use crate::day::Day;
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{SchemaDescriptor, TypePtr};
use std::cell::RefCell;
use std::io::Write;
use std::sync::Arc;
use zstd::bulk::Compressor;
use zstd::zstd_safe::CParameter;

/// Who wrote the file: the layout's version, not the program's, so that equal days stay equal bytes.
const CREATED_BY: &str = "fitbit-hr version 1";

/// What is used again from file to file.
pub struct Encoder {
    schema: TypePtr,
    descriptor: Arc<SchemaDescriptor>,
    zstd: Compressor<'static>,
}

impl Encoder {
    /// An encoder for the use of one thread.
    ///
    /// # Errors
    /// Fails when zstd has no memory.
    pub fn new() -> Result<Self, ParquetError> {
        let (schema, descriptor) = super::schema()?;
        let mut zstd = Compressor::new(ZSTD_LEVEL)?;
        // A flipped bit is found by every reader.
        zstd.set_parameter(CParameter::ChecksumFlag(true))?;
        Ok(Self {
            schema,
            descriptor,
            zstd,
        })
    }

    /// Lends out the encoder that this thread keeps.
    ///
    /// # Errors
    /// As [`Encoder::new`], and as what it is used for.
    pub fn of_thread<T>(
        work: impl FnOnce(&mut Self) -> Result<T, ParquetError>,
    ) -> Result<T, ParquetError> {
        ENCODER.with_borrow_mut(|kept| {
            let mut encoder = match kept.take() {
                Some(encoder) => encoder,
                None => Self::new()?,
            };
            let made = work(&mut encoder);
            *kept = Some(encoder);
            made
        })
    }

    /// The chunks of a row group of some days, of which at least one has samples.
    ///
    /// # Errors
    /// As [`columns::encode`].
    pub fn group(&mut self, days: &[&Day]) -> Result<Vec<Chunk>, ParquetError> {
        columns::encode(days, &self.descriptor, &mut self.zstd)
    }

    /// Begins a file; what is given as pairs stands in its footer.
    ///
    /// # Errors
    /// Fails when the sink does.
    pub fn begin<W: Write + Send>(
        &self,
        sink: W,
        pairs: Vec<(String, String)>,
    ) -> Result<SerializedFileWriter<W>, ParquetError> {
        let pairs = pairs.into_iter().map(|(k, v)| KeyValue::new(k, v));
        let properties = WriterProperties::builder()
            .set_created_by(CREATED_BY.to_owned())
            .set_key_value_metadata(Some(pairs.collect()))
            .build();
        SerializedFileWriter::new(sink, Arc::clone(&self.schema), Arc::new(properties))
    }

    fn encode(&mut self, file: &DayFile) -> Result<Vec<u8>, ParquetError> {
        let pairs = meta::encode(file.day.date, file.day.detail, &file.meta);
        let mut writer = self.begin(Vec::new(), pairs)?;
        if !file.day.samples.is_empty() {
            append(&mut writer, self.group(&[&file.day])?)?;
        }
        writer.into_inner()
    }
}

/// Appends a row group.
///
/// # Errors
/// Fails when the sink does.
pub fn append<W: Write + Send>(
    writer: &mut SerializedFileWriter<W>,
    chunks: Vec<Chunk>,
) -> Result<(), ParquetError> {
    let mut group = writer.next_row_group()?;
    for chunk in chunks {
        chunk.append_to(&mut group)?;
    }
    group.close().map(|_| ())
}

thread_local! {
    static ENCODER: RefCell<Option<Encoder>> = const { RefCell::new(None) };
}

/// The bytes of a day's file. Equal days give equal bytes.
///
/// # Errors
/// Fails when the day is not one: more than 65,536 sources, samples that point to none.
pub fn encode(file: &DayFile) -> Result<Vec<u8>, String> {
    Encoder::of_thread(|encoder| encoder.encode(file)).map_err(|error| error.to_string())
}
