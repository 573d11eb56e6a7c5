//! Lists of integers: how many there are of each is said by two levels a value, by the format's nesting.

use super::chunk::{Chunk, ChunkBuilder};
use super::packed::Page;
use super::pages;
use super::steps::{count, odd, push_steps};
use crate::extract::Column;
use parquet::errors::ParquetError;
use parquet::file::statistics::Statistics;
use std::sync::Arc;

/// Encodes a column of lists.
///
/// # Errors
/// Fails when zstd does, or on an empty cell where none may be.
pub fn encode(
    column: &Column,
    mut chunk: ChunkBuilder<'_>,
    pages: &[&Page<Arc<[i32]>>],
) -> Result<Chunk, ParquetError> {
    let mut nulls = 0;
    for page in pages {
        if column.required && page.nulls() > 0 {
            return Err(odd(&format!("{} has an empty cell", column.name)));
        }
        let full = full(column);
        let (mut repeats, mut levels, mut values) = (Vec::new(), Vec::new(), Vec::new());
        for list in page.cells() {
            let list = list.map(|list| &**list);
            let none = if list.is_some() { full - 1 } else { 0 };
            let length = list.map_or(0, <[i32]>::len);
            repeats.push(0);
            repeats.extend(std::iter::repeat_n(1, length.saturating_sub(1)));
            levels.extend(std::iter::repeat_n(full, length));
            if length == 0 {
                levels.push(none);
                nulls += 1;
            }
            values.extend(list.unwrap_or_default().iter().map(|n| i64::from(*n)));
        }
        let mut body = Vec::new();
        pages::push_levels(&mut body, Some(&repeats), repeats.len(), 1);
        pages::push_levels(&mut body, Some(&levels), levels.len(), bits(full));
        let encoding = push_steps(&mut body, &values, true);
        chunk.page_of_lists(&body, count(levels.len())?, count(page.rows)?, encoding)?;
    }
    chunk.finish(Statistics::int32(None, None, None, Some(nulls), false))
}

/// The level of a value that is there.
fn full(column: &Column) -> i16 {
    if column.required { 1 } else { 2 }
}

fn bits(most: i16) -> u32 {
    if most > 1 { 2 } else { 1 }
}

/// The lists that levels and values make; `full` is the level of a value that is there.
pub fn decode(
    full: i16,
    rows: usize,
    repeats: &[i16],
    levels: &[i16],
    values: &[i32],
) -> Page<Arc<[i32]>> {
    let mut lists: Vec<Option<Vec<i32>>> = Vec::with_capacity(rows);
    let mut values = values.iter().copied();
    // A list's elements may be optional, where another program wrote them; those that are not there are left out.
    for (repeat, level) in repeats.iter().zip(levels) {
        if *repeat == 0 {
            lists.push((*level > 0 || full == 1).then(Vec::new));
        }
        if *level == full
            && let (Some(Some(list)), Some(value)) = (lists.last_mut(), values.next())
        {
            list.push(value);
        }
    }
    let lists = lists.into_iter().map(|list| list.map(Arc::from));
    Page::of(lists.collect::<Vec<_>>().into_iter())
}
