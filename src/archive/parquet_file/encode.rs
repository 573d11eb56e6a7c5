//! Rows into Parquet: a file of the archive, or many days in one file.

use super::chunk::{Chunk, ChunkBuilder, Packing, ZSTD_LEVEL};
use super::columns;
use super::packed::Packed;
use super::schema::Schema;
use super::steps::odd;
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use std::cell::RefCell;
use std::io::Write;
use std::sync::Arc;
use zstd::bulk::Compressor;
use zstd::zstd_safe::CParameter;

/// Who wrote the file: the layout's version, not the program's, so that equal rows stay equal bytes.
pub const CREATED_BY: &str = "fitbit-hr version 1";

thread_local! {
    static ZSTD: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
}

fn compressor() -> Result<Compressor<'static>, ParquetError> {
    let mut zstd = Compressor::new(ZSTD_LEVEL)?;
    // A flipped bit is found by every reader.
    zstd.set_parameter(CParameter::ChecksumFlag(true))?;
    Ok(zstd)
}

/// The chunks of a row group of heart rate. `pages` gives the cells of the column at a place, a page a day, one column at a time.
///
/// # Errors
/// Fails when zstd does, or on cells that the format cannot say.
pub fn group(
    schema: &Schema,
    pages: impl FnMut(usize) -> Vec<Packed>,
) -> Result<Vec<Chunk>, ParquetError> {
    packed_group(Packing::Promised, schema, pages)
}

/// The same of any other table.
///
/// # Errors
/// As [`group`].
pub fn lean_group(
    schema: &Schema,
    pages: impl FnMut(usize) -> Vec<Packed>,
) -> Result<Vec<Chunk>, ParquetError> {
    packed_group(Packing::Lean, schema, pages)
}

fn packed_group(
    packing: Packing,
    schema: &Schema,
    mut pages: impl FnMut(usize) -> Vec<Packed>,
) -> Result<Vec<Chunk>, ParquetError> {
    ZSTD.with_borrow_mut(|kept| {
        if kept.is_none() {
            *kept = Some(compressor()?);
        }
        let zstd = kept.as_mut().ok_or_else(|| odd("zstd is not there"))?;
        zstd.set_parameter(CParameter::CompressionLevel(packing.level()))?;
        let columns = schema.columns.iter().enumerate();
        columns
            .map(|(place, column)| {
                let descriptor = schema.descriptor.column(place);
                let chunk = ChunkBuilder::new(descriptor, zstd, packing);
                columns::encode(column, chunk, &pages(place))
            })
            .collect()
    })
}

/// Begins a file; what is given as pairs stands in its footer.
///
/// # Errors
/// Fails when the sink does.
pub fn begin<W: Write + Send>(
    sink: W,
    schema: &Schema,
    pairs: Vec<(String, String)>,
) -> Result<SerializedFileWriter<W>, ParquetError> {
    let pairs = pairs.into_iter().map(|(k, v)| KeyValue::new(k, v));
    let properties = WriterProperties::builder()
        .set_created_by(CREATED_BY.to_owned())
        .set_key_value_metadata(Some(pairs.collect()))
        .build();
    SerializedFileWriter::new(sink, Arc::clone(&schema.root), Arc::new(properties))
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
