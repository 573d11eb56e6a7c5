//! Texts out of a file. Of tens of thousands of rows few differ, so the places in the dictionary are read as the numbers that
//! they are; the crate alone would make a text of each.

use super::packed::{Page, Texts, page};
use bytes::Bytes;
use parquet::basic::{Encoding, Type as Physical};
use parquet::column::page::{Page as RawPage, PageMetadata, PageReader};
use parquet::column::reader::ColumnReaderImpl;
use parquet::data_type::{ByteArray, Int32Type};
use parquet::errors::ParquetError;
use parquet::schema::types::{ColumnDescPtr, ColumnDescriptor, Type};
use std::collections::HashMap;
use std::sync::Arc;

fn odd(problem: &str) -> ParquetError {
    ParquetError::General(problem.to_owned())
}

/// The texts of a column all of whose pages point into a dictionary; `None` if they do not.
///
/// # Errors
/// Fails on pages that cannot be read so.
pub fn by_dictionary(
    mut pages: Box<dyn PageReader>,
    column: &ColumnDescPtr,
    rows: usize,
) -> Result<Option<Texts>, ParquetError> {
    let Some(RawPage::DictionaryPage {
        buf, num_values, ..
    }) = pages.get_next_page()?
    else {
        return Ok(None);
    };
    let names = names(&buf, num_values)?;
    let numbers = (0..num_values)
        .flat_map(u32::to_le_bytes)
        .collect::<Vec<u8>>();
    let dictionary = RawPage::DictionaryPage {
        buf: Bytes::from(numbers),
        num_values,
        encoding: Encoding::PLAIN,
        is_sorted: true,
    };
    let number = Type::primitive_type_builder(column.name(), Physical::INT32).build()?;
    let as_numbers = ColumnDescriptor::new(
        Arc::new(number),
        column.max_def_level(),
        column.max_rep_level(),
        column.path().clone(),
    );
    let reader = ColumnReaderImpl::<Int32Type>::new(
        Arc::new(as_numbers),
        Box::new(Places {
            dictionary: Some(dictionary),
            pages,
        }),
    );
    let places = page(reader, rows)?
        .map(|place| u32::try_from(place).map_err(|_| odd("it points to no text")))?;
    Ok(Some(Texts { names, places }))
}

/// The texts of a dictionary, each with its length in front.
fn names(mut plain: &[u8], count: u32) -> Result<Vec<Arc<str>>, ParquetError> {
    let mut names = Vec::new();
    for _ in 0..count {
        let short = || odd("a text is short");
        let (length, rest) = plain.split_first_chunk::<4>().ok_or_else(short)?;
        let length = u32::from_le_bytes(*length) as usize;
        let (text, rest) = rest.split_at_checked(length).ok_or_else(short)?;
        names.push(Arc::from(str::from_utf8(text)?));
        plain = rest;
    }
    Ok(names)
}

/// The pages of a column, with another dictionary.
struct Places {
    dictionary: Option<RawPage>,
    pages: Box<dyn PageReader>,
}

impl Iterator for Places {
    type Item = Result<RawPage, ParquetError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

impl PageReader for Places {
    fn get_next_page(&mut self) -> Result<Option<RawPage>, ParquetError> {
        if let Some(dictionary) = self.dictionary.take() {
            return Ok(Some(dictionary));
        }
        let page = self.pages.get_next_page()?;
        match page.as_ref().map(RawPage::encoding) {
            #[allow(deprecated, reason = "other programs still write it")]
            None | Some(Encoding::RLE_DICTIONARY | Encoding::PLAIN_DICTIONARY) => Ok(page),
            Some(_) => Err(odd("not all pages point into the dictionary")),
        }
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>, ParquetError> {
        self.pages.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<(), ParquetError> {
        self.pages.skip_next_page()
    }
}

/// The texts of a column that was read text by text.
///
/// # Errors
/// Fails on what is no text.
pub fn one_by_one(texts: Page<ByteArray>) -> Result<Texts, ParquetError> {
    let mut known: HashMap<Vec<u8>, u32> = HashMap::new();
    let mut names: Vec<Arc<str>> = Vec::new();
    let places = texts.map(|text| {
        if let Some(place) = known.get(text.data()) {
            return Ok(*place);
        }
        let place = u32::try_from(names.len()).map_err(|_| odd("it has too many texts"))?;
        names.push(Arc::from(text.as_utf8()?));
        known.insert(text.data().to_vec(), place);
        Ok::<u32, ParquetError>(place)
    })?;
    Ok(Texts { names, places })
}
