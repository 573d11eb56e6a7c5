//! A column chunk: pages under one dictionary, with their totals.

use bytes::Bytes;
use parquet::basic::{Compression, Encoding, PageType, ZstdLevel};
use parquet::column::page::{CompressedPage, Page, PageWriter};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::ParquetError;
use parquet::file::metadata::{ColumnChunkMetaData, PageEncodingStats};
use parquet::file::statistics::Statistics;
use parquet::file::writer::{SerializedPageWriter, SerializedRowGroupWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;
use std::io::Write;
use zstd::bulk::Compressor;

/// A level that costs little: beyond it a day takes twice the time to become a twentieth smaller.
pub const ZSTD_LEVEL: i32 = 3;
/// Small pages become a twentieth smaller, in thirty microseconds; higher levels add next to nothing.
const LEAN_LEVEL: i32 = 6;
/// By these whole files are passed over; the bounds of others are only longer footers.
const SOUGHT_BY: [&str; 2] = ["time", "day"];

/// How much goes into smallness.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// Heart rate's, whose bytes are promised.
    Promised,
    /// That of tables whose files hold a few hundred rows: harder compressed, and without what no reader needs.
    Lean,
}

impl Packing {
    /// The level of zstd.
    #[must_use]
    pub const fn level(self) -> i32 {
        match self {
            Self::Promised => ZSTD_LEVEL,
            Self::Lean => LEAN_LEVEL,
        }
    }
}

/// A finished column chunk, ready to be put into a file.
#[derive(Debug)]
pub struct Chunk {
    bytes: Bytes,
    close: ColumnCloseResult,
}

impl Chunk {
    /// Appends the chunk as the next column of a row group.
    ///
    /// # Errors
    /// Fails when the sink does, or when another column comes next.
    pub fn append_to<W: Write + Send>(
        self,
        group: &mut SerializedRowGroupWriter<'_, W>,
    ) -> Result<(), ParquetError> {
        group.append_column(&self.bytes, self.close)
    }
}

/// A column chunk in the making.
pub struct ChunkBuilder<'a> {
    column: ColumnDescPtr,
    zstd: &'a mut Compressor<'static>,
    packing: Packing,
    sink: TrackedWrite<Vec<u8>>,
    values: u32,
    rows: u32,
    uncompressed: usize,
    data_page_offset: Option<u64>,
    dictionary: bool,
    encodings: Vec<Encoding>,
    pages: Vec<PageEncodingStats>,
}

impl<'a> ChunkBuilder<'a> {
    /// An empty chunk of a column.
    pub fn new(column: ColumnDescPtr, zstd: &'a mut Compressor<'static>, packing: Packing) -> Self {
        Self {
            column,
            zstd,
            packing,
            sink: TrackedWrite::new(Vec::new()),
            values: 0,
            rows: 0,
            uncompressed: 0,
            data_page_offset: None,
            dictionary: false,
            encodings: vec![Encoding::RLE],
            pages: Vec::new(),
        }
    }

    /// Smallness goes before all.
    #[must_use]
    pub fn is_lean(&self) -> bool {
        self.packing == Packing::Lean
    }

    /// How long these bytes become.
    ///
    /// # Errors
    /// Fails when zstd does.
    pub fn length_of(&mut self, body: &[u8]) -> Result<usize, ParquetError> {
        self.compress(body).map(|bytes| bytes.len())
    }

    /// Appends the dictionary, which must come before the pages.
    ///
    /// # Errors
    /// Fails when zstd does.
    pub fn dictionary(&mut self, plain_values: &[u8], count: u32) -> Result<(), ParquetError> {
        self.dictionary = true;
        let page = Page::DictionaryPage {
            buf: self.compress(plain_values)?,
            num_values: count,
            encoding: Encoding::PLAIN,
            is_sorted: true,
        };
        self.write(page, plain_values.len()).map(|_| ())
    }

    /// Appends a page: levels and values as they stand in a version 1 page.
    ///
    /// # Errors
    /// Fails when zstd does.
    pub fn page(&mut self, body: &[u8], rows: u32, encoding: Encoding) -> Result<(), ParquetError> {
        self.page_of_lists(body, rows, rows, encoding)
    }

    /// As [`ChunkBuilder::page`], where a row may have several values.
    ///
    /// # Errors
    /// Fails when zstd does.
    pub fn page_of_lists(
        &mut self,
        body: &[u8],
        num_values: u32,
        rows: u32,
        encoding: Encoding,
    ) -> Result<(), ParquetError> {
        let page = Page::DataPage {
            buf: self.compress(body)?,
            num_values,
            encoding,
            def_level_encoding: Encoding::RLE,
            rep_level_encoding: Encoding::RLE,
            statistics: None,
        };
        let offset = self.write(page, body.len())?;
        self.data_page_offset.get_or_insert(offset);
        self.values += num_values;
        self.rows += rows;
        Ok(())
    }

    fn compress(&mut self, body: &[u8]) -> Result<Bytes, ParquetError> {
        Ok(Bytes::from(self.zstd.compress(body)?))
    }

    fn write(&mut self, page: Page, uncompressed: usize) -> Result<u64, ParquetError> {
        let (page_type, encoding) = (page.page_type(), page.encoding());
        if !self.encodings.contains(&encoding) {
            self.encodings.push(encoding);
        }
        self.count(page_type, encoding);
        let page = CompressedPage::new(page, uncompressed);
        let written = SerializedPageWriter::new(&mut self.sink).write_page(page)?;
        self.uncompressed += written.uncompressed_size;
        Ok(written.offset)
    }

    fn count(&mut self, page_type: PageType, encoding: Encoding) {
        let same = |page: &&mut PageEncodingStats| {
            (page.page_type, page.encoding) == (page_type, encoding)
        };
        match self.pages.iter_mut().find(same) {
            Some(page) => page.count += 1,
            None => self.pages.push(PageEncodingStats {
                page_type,
                encoding,
                count: 1,
            }),
        }
    }

    /// The finished chunk. `statistics` are over all its pages.
    ///
    /// # Errors
    /// Fails on totals beyond what the format can say.
    pub fn finish(self, statistics: Statistics) -> Result<Chunk, ParquetError> {
        let bytes = self.sink.into_inner()?;
        let total = |n: usize| {
            i64::try_from(n).map_err(|_| ParquetError::General("a chunk is too long".to_owned()))
        };
        let offset = i64::try_from(self.data_page_offset.unwrap_or_default()).unwrap_or_default();
        let is_sought = SOUGHT_BY.contains(&self.column.name());
        let is_lean = self.packing == Packing::Lean;
        let mut metadata = ColumnChunkMetaData::builder(self.column)
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(self.packing.level())?))
            .set_encodings(self.encodings)
            .set_total_compressed_size(total(bytes.len())?)
            .set_total_uncompressed_size(total(self.uncompressed)?)
            .set_num_values(i64::from(self.values))
            .set_data_page_offset(offset)
            .set_dictionary_page_offset(self.dictionary.then_some(0));
        if !is_lean {
            metadata = metadata.set_page_encoding_stats(self.pages);
        }
        if !is_lean || is_sought {
            metadata = metadata.set_statistics(statistics);
        }
        let metadata = metadata.build()?;
        Ok(Chunk {
            close: ColumnCloseResult {
                bytes_written: bytes.len() as u64,
                rows_written: u64::from(self.rows),
                metadata,
                bloom_filter: None,
                column_index: None,
                offset_index: None,
            },
            bytes: Bytes::from(bytes),
        })
    }
}
