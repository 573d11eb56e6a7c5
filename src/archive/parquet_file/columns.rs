//! A column of a row group as its chunk, a page for each day in it.
//!
//! What stands in the pages follows from the column's kind: clocks and required integers as their steps, optional integers and texts
//! as places in a dictionary, lists as their lengths and steps, doubles in a dictionary where that is shorter, the rest as it is.
//! Whatever would not fit its form is written plainly.

use super::chunk::{Chunk, ChunkBuilder};
use super::doubles::{Doubles, plain};
use super::packed::{Packed, Page, Texts};
use super::steps::{count, odd, push_steps};
use super::{lists, pages};
use crate::extract::{Column, Kind};
use parquet::basic::Encoding;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::statistics::Statistics;
use std::sync::Arc;

/// An optional integer with more different values than this has no dictionary.
const FEW: usize = 256;

/// Encodes a column whose pages are all of its kind.
///
/// # Errors
/// Fails when zstd does, or a number does not fit the format.
pub fn encode(
    column: &Column,
    chunk: ChunkBuilder<'_>,
    pages: &[Packed],
) -> Result<Chunk, ParquetError> {
    macro_rules! of {
        ($kind:ident) => {
            pages
                .iter()
                .map(|page| match page {
                    Packed::$kind(page) => Ok(page),
                    _ => Err(odd("a column has cells of several kinds")),
                })
                .collect::<Result<Vec<_>, _>>()?
        };
    }
    match column.kind {
        Kind::Instant | Kind::WallClock | Kind::Int64 | Kind::Date | Kind::Int32 => {
            integers(column, chunk, &of!(Ints))
        }
        Kind::Double => doubles(column, chunk, &of!(Doubles)),
        Kind::Boolean => booleans(column, chunk, &of!(Booleans)),
        Kind::Text => texts(column, chunk, &of!(Texts)),
        Kind::Int32List => lists::encode(column, chunk, &of!(Lists)),
    }
}

/// The beginning of a page: which rows have a value, if not all must.
fn body<T>(column: &Column, page: &Page<T>) -> Result<Vec<u8>, ParquetError> {
    let mut body = Vec::new();
    match &page.levels {
        Some(_) if column.required => {
            return Err(odd(&format!("{} has an empty cell", column.name)));
        }
        None if column.required => {}
        levels => pages::push_levels(&mut body, levels.as_deref(), page.rows, 1),
    }
    Ok(body)
}

fn nulls<T>(pages: &[&Page<T>]) -> u64 {
    pages.iter().map(|page| page.nulls() as u64).sum()
}

const fn is_narrow(kind: Kind) -> bool {
    matches!(kind, Kind::Int32 | Kind::Date)
}

fn integers(
    column: &Column,
    mut chunk: ChunkBuilder<'_>,
    pages: &[&Page<i64>],
) -> Result<Chunk, ParquetError> {
    let values = || pages.iter().flat_map(|page| page.values.iter().copied());
    let range = values().min().zip(values().max());
    let statistics = statistics(column, range, nulls(pages))?;
    if column.kind == Kind::Int32
        && !column.required
        && let Some(known) = few(pages)
        // One value all along has no steps, which is shorter than a dictionary of its own.
        && !(chunk.is_lean() && known.len() == 1)
    {
        return few_integers(column, chunk, pages, &known, statistics);
    }
    for page in pages {
        let mut body = body(column, page)?;
        let encoding = push_steps(&mut body, &page.values, is_narrow(column.kind));
        chunk.page(&body, count(page.rows)?, encoding)?;
    }
    chunk.finish(statistics)
}

fn statistics(
    column: &Column,
    range: Option<(i64, i64)>,
    nulls: u64,
) -> Result<Statistics, ParquetError> {
    let (low, high) = range.unzip();
    if !is_narrow(column.kind) {
        return Ok(Statistics::int64(low, high, None, Some(nulls), false));
    }
    let narrow = |n: i64| {
        i32::try_from(n).map_err(|_| odd(&format!("{} of {n} has more than 32 bits", column.name)))
    };
    let (low, high) = (low.map(narrow).transpose()?, high.map(narrow).transpose()?);
    Ok(Statistics::int32(low, high, None, Some(nulls), false))
}

/// The different values, ascending; `None` if they are not few.
fn few(pages: &[&Page<i64>]) -> Option<Vec<i64>> {
    // There are a handful, and looking through them all is faster than any order.
    let mut known: Vec<i64> = Vec::new();
    for value in pages.iter().flat_map(|page| &page.values) {
        if !known.contains(value) {
            if known.len() == FEW {
                return None;
            }
            known.push(*value);
        }
    }
    known.sort_unstable();
    Some(known)
}

fn few_integers(
    column: &Column,
    mut chunk: ChunkBuilder<'_>,
    pages: &[&Page<i64>],
    known: &[i64],
    statistics: Statistics,
) -> Result<Chunk, ParquetError> {
    if !known.is_empty() {
        let four = |value: &i64| value.to_le_bytes().into_iter().take(4);
        let plain: Vec<u8> = known.iter().flat_map(four).collect();
        chunk.dictionary(&plain, count(known.len())?)?;
    }
    for page in pages {
        let place = |value: &i64| known.iter().position(|known| known == value);
        let index = |value| place(value).and_then(|place| u16::try_from(place).ok());
        let indices: Vec<u16> = page.values.iter().filter_map(index).collect();
        index_page(
            &mut chunk,
            body(column, page)?,
            &indices,
            pages::bits(known.len()),
            page.rows,
        )?;
    }
    chunk.finish(statistics)
}

fn index_page(
    chunk: &mut ChunkBuilder<'_>,
    mut body: Vec<u8>,
    indices: &[u16],
    bits: u32,
    rows: usize,
) -> Result<(), ParquetError> {
    let encoding = if indices.is_empty() {
        Encoding::PLAIN
    } else {
        body.push(u8::try_from(bits).unwrap_or_default());
        pages::push_hybrid(&mut body, indices, bits);
        Encoding::RLE_DICTIONARY
    };
    chunk.page(&body, count(rows)?, encoding)
}

fn doubles(
    column: &Column,
    mut chunk: ChunkBuilder<'_>,
    pages: &[&Page<f64>],
) -> Result<Chunk, ParquetError> {
    let statistics = Statistics::double(None, None, None, Some(nulls(pages)), false);
    if chunk.is_lean()
        && let Some(dictionary) = Doubles::few(pages)
        && dictionary.is_shorter(&mut chunk, pages)?
    {
        chunk.dictionary(&plain(&dictionary.values), count(dictionary.values.len())?)?;
        for page in pages {
            let (body, indices) = (body(column, page)?, dictionary.indices(page));
            index_page(&mut chunk, body, &indices, dictionary.bits(), page.rows)?;
        }
        return chunk.finish(statistics);
    }
    for page in pages {
        let mut body = body(column, page)?;
        body.extend(plain(&page.values));
        chunk.page(&body, count(page.rows)?, Encoding::PLAIN)?;
    }
    chunk.finish(statistics)
}

fn booleans(
    column: &Column,
    mut chunk: ChunkBuilder<'_>,
    pages: &[&Page<bool>],
) -> Result<Chunk, ParquetError> {
    for page in pages {
        let mut body = body(column, page)?;
        let byte = |eight: &[bool]| {
            let bits = eight.iter().rev();
            bits.fold(0, |byte, bit| byte << 1 | u8::from(*bit))
        };
        body.extend(page.values.chunks(8).map(byte));
        chunk.page(&body, count(page.rows)?, Encoding::PLAIN)?;
    }
    chunk.finish(Statistics::boolean(
        None,
        None,
        None,
        Some(nulls(pages)),
        false,
    ))
}

fn texts(
    column: &Column,
    mut chunk: ChunkBuilder<'_>,
    pages: &[&Texts],
) -> Result<Chunk, ParquetError> {
    let mut known: Vec<&str> = pages.iter().flat_map(|page| used(page)).collect();
    known.sort_unstable();
    known.dedup();
    let cells: Vec<_> = pages.iter().map(|page| &page.places).collect();
    let bound = |name: Option<&&str>| name.map(|name| ByteArray::from(*name));
    let statistics = Statistics::byte_array(
        bound(known.first()),
        bound(known.last()),
        None,
        Some(nulls(&cells)),
        false,
    );
    if known.len() > usize::from(u16::MAX) {
        return plain_texts(column, chunk, pages, statistics);
    }
    if !known.is_empty() {
        let mut plain = Vec::new();
        for name in &known {
            push_text(&mut plain, name)?;
        }
        chunk.dictionary(&plain, count(known.len())?)?;
    }
    for page in pages {
        let index = |name: &Arc<str>| known.binary_search(&&**name).ok();
        let names = page.names.iter().map(index);
        let names: Vec<_> = names
            .map(|place| place.and_then(|place| u16::try_from(place).ok()))
            .collect();
        let indices: Vec<u16> = page
            .places
            .values
            .iter()
            .filter_map(|place| names.get(*place as usize).copied().flatten())
            .collect();
        if indices.len() != page.places.values.len() {
            return Err(odd("a row's text is not in its list"));
        }
        let body = body(column, &page.places)?;
        index_page(
            &mut chunk,
            body,
            &indices,
            pages::bits(known.len()),
            page.places.rows,
        )?;
    }
    chunk.finish(statistics)
}

/// The names that rows point to.
fn used(page: &Texts) -> impl Iterator<Item = &str> {
    let mut used = vec![false; page.names.len()];
    for place in &page.places.values {
        if let Some(used) = used.get_mut(*place as usize) {
            *used = true;
        }
    }
    let names = page.names.iter().zip(used);
    names.filter(|(_, used)| *used).map(|(name, _)| &**name)
}

fn plain_texts(
    column: &Column,
    mut chunk: ChunkBuilder<'_>,
    pages: &[&Texts],
    statistics: Statistics,
) -> Result<Chunk, ParquetError> {
    for page in pages {
        let mut body = body(column, &page.places)?;
        for place in &page.places.values {
            let name = page.names.get(*place as usize);
            push_text(
                &mut body,
                name.ok_or_else(|| odd("a row's text is not in its list"))?,
            )?;
        }
        chunk.page(&body, count(page.places.rows)?, Encoding::PLAIN)?;
    }
    chunk.finish(statistics)
}

fn push_text(out: &mut Vec<u8>, text: &str) -> Result<(), ParquetError> {
    out.extend(count(text.len())?.to_le_bytes());
    out.extend(text.as_bytes());
    Ok(())
}
