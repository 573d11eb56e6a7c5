//! The columns of a file, page by page.
//!
//! Only what this program wrote is read, and nothing in it is taken for granted: the file may be damaged. zstd's checksums find
//! most of that; sizes and counts are held against each other and against limits before memory is taken for them.

use super::page_header::{self, Encoding, Kind, PageHeader};
use super::pages;
use super::unpack::{self, Cursor, Problem};
use parquet::file::metadata::ColumnChunkMetaData;
use std::io;
use zstd::bulk::Decompressor;

/// The most rows that a day may claim to have: eleven a second.
pub const MOST_ROWS: usize = 1_000_000;

const ODD: Problem = "a column is not as this program writes it";

/// The values of a column that are there, and which rows they are in.
pub struct Column<T> {
    /// In their order.
    pub values: Vec<T>,
    /// 1 where there is a value; `None` where every row has one.
    levels: Option<Vec<u16>>,
}

impl<T: Copy> Column<T> {
    /// Row by row, for ever.
    pub fn rows(&self) -> impl Iterator<Item = Option<T>> {
        let mut values = self.values.iter().copied();
        let mut levels = self.levels.as_ref().map(|levels| levels.iter());
        std::iter::from_fn(move || {
            let there = match &mut levels {
                Some(levels) => levels.next() == Some(&1),
                None => true,
            };
            Some(if there { values.next() } else { None })
        })
    }
}

/// A file, and what is used for its pages in turn.
pub struct ColumnReader<'a> {
    file: &'a [u8],
    zstd: Decompressor<'static>,
    body: Vec<u8>,
}

impl<'a> ColumnReader<'a> {
    /// A reader of a whole file.
    ///
    /// # Errors
    /// Fails when zstd has no memory.
    pub fn new(file: &'a [u8]) -> io::Result<Self> {
        Ok(Self {
            file,
            zstd: Decompressor::new()?,
            body: Vec::new(),
        })
    }

    /// A column of steps.
    ///
    /// # Errors
    /// Fails on pages that this program does not write.
    pub fn numbers(
        &mut self,
        chunk: &ColumnChunkMetaData,
        rows: usize,
        optional: bool,
    ) -> Result<Column<i64>, Problem> {
        let mut column = ColumnBuilder::new(rows, optional);
        let mut pages = self.pages(chunk)?;
        while let Some(page) = self.next(&mut pages)? {
            let mut body = Cursor(&self.body);
            let there = column.begin_page(&page, &mut body)?;
            match page.encoding {
                Encoding::DeltaBinaryPacked => {
                    unpack::delta(&mut body, there, &mut column.values)?;
                }
                Encoding::Plain if there == 0 => {}
                Encoding::Plain | Encoding::RleDictionary => return Err(ODD),
            }
        }
        column.finish(rows)
    }

    /// A column of places in a dictionary, and the dictionary.
    ///
    /// # Errors
    /// Fails on pages that this program does not write.
    pub fn indices<T>(
        &mut self,
        chunk: &ColumnChunkMetaData,
        rows: usize,
        optional: bool,
        plain: fn(&mut Cursor<'_>) -> Result<T, Problem>,
    ) -> Result<(Vec<T>, Column<u16>), Problem> {
        let mut column = ColumnBuilder::new(rows, optional);
        let mut known: Vec<T> = Vec::new();
        let mut pages = self.pages(chunk)?;
        while let Some(page) = self.next(&mut pages)? {
            let mut body = Cursor(&self.body);
            if page.kind == Kind::Dictionary {
                if page.values > usize::from(u16::MAX) {
                    return Err(ODD);
                }
                for _ in 0..page.values {
                    known.push(plain(&mut body)?);
                }
                continue;
            }
            let there = column.begin_page(&page, &mut body)?;
            match page.encoding {
                Encoding::RleDictionary => {
                    let bits = u32::from(body.byte()?);
                    if bits != pages::bits(known.len()) {
                        return Err(ODD);
                    }
                    unpack::hybrid(&mut body, bits, there, &mut column.values)?;
                }
                Encoding::Plain if there == 0 => {}
                Encoding::Plain | Encoding::DeltaBinaryPacked => return Err(ODD),
            }
        }
        let column = column.finish(rows)?;
        if column
            .values
            .iter()
            .any(|index| usize::from(*index) >= known.len())
        {
            return Err(ODD);
        }
        Ok((known, column))
    }

    /// Where the pages of a chunk stand.
    fn pages(&self, chunk: &ColumnChunkMetaData) -> Result<Cursor<'a>, Problem> {
        let start = chunk
            .dictionary_page_offset()
            .unwrap_or_else(|| chunk.data_page_offset());
        let start = usize::try_from(start).map_err(|_| ODD)?;
        let length = usize::try_from(chunk.compressed_size()).map_err(|_| ODD)?;
        let mut from_start = Cursor(self.file.get(start..).ok_or(ODD)?);
        from_start.take(length).map(Cursor)
    }

    /// Decompresses the next page into the body.
    fn next(&mut self, pages: &mut Cursor<'a>) -> Result<Option<PageHeader>, Problem> {
        if pages.0.is_empty() {
            return Ok(None);
        }
        let header = page_header::read(pages)?;
        let compressed = pages.take(header.compressed)?;
        self.body.clear();
        self.body.reserve(header.uncompressed);
        let length = self.zstd.decompress_to_buffer(compressed, &mut self.body);
        if length.is_ok_and(|length| length == header.uncompressed) {
            Ok(Some(header))
        } else {
            Err("a page is damaged: its checksum or its length is wrong")
        }
    }
}

/// A column that is read page by page.
struct ColumnBuilder<T> {
    optional: bool,
    rows: usize,
    values: Vec<T>,
    levels: Option<Vec<u16>>,
}

impl<T> ColumnBuilder<T> {
    fn new(rows: usize, optional: bool) -> Self {
        Self {
            optional,
            rows: 0,
            values: Vec::with_capacity(rows),
            levels: None,
        }
    }

    /// Reads the levels of a page; returns how many values are there.
    fn begin_page(&mut self, page: &PageHeader, body: &mut Cursor<'_>) -> Result<usize, Problem> {
        let before = self.rows;
        self.rows += page.values;
        if page.kind != Kind::Data || self.rows > MOST_ROWS {
            return Err(ODD);
        }
        if !self.optional {
            return Ok(page.values);
        }
        let Some(levels) = unpack::levels(body, page.values)? else {
            if let Some(all) = &mut self.levels {
                all.resize(self.rows, 1);
            }
            return Ok(page.values);
        };
        let there = levels.iter().filter(|level| **level == 1).count();
        let all = self.levels.get_or_insert_with(|| vec![1; before]);
        all.extend(levels);
        Ok(there)
    }

    fn finish(self, rows: usize) -> Result<Column<T>, Problem> {
        if self.rows != rows {
            return Err("a column is shorter or longer than the others");
        }
        Ok(Column {
            values: self.values,
            levels: self.levels,
        })
    }
}
