//! Numbers of a page as their steps, and what every kind of page needs.

use super::pages;
use parquet::basic::Encoding;
use parquet::errors::ParquetError;

pub(super) fn odd(problem: &str) -> ParquetError {
    ParquetError::General(problem.to_owned())
}

pub(super) fn count(length: usize) -> Result<u32, ParquetError> {
    u32::try_from(length).map_err(|_| odd("too many values in a page"))
}

/// Appends numbers as their steps, or one by one where that cannot be.
pub(super) fn push_steps(body: &mut Vec<u8>, values: &[i64], narrow: bool) -> Encoding {
    let range = || values.iter().min().zip(values.iter().max());
    let fits = |(low, high): (&i64, &i64)| high - low <= i64::from(i32::MAX);
    // Not every reader takes a delta page that has no values.
    if !values.is_empty() && (!narrow || range().is_some_and(fits)) {
        pages::push_delta(body, values);
        return Encoding::DELTA_BINARY_PACKED;
    }
    let width = if narrow { 4 } else { 8 };
    let bytes = |value: &i64| value.to_le_bytes().into_iter().take(width);
    body.extend(values.iter().flat_map(bytes));
    Encoding::PLAIN
}
