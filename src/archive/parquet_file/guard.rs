//! The crate's decoders panic on some damage (an offset below zero, a page without its dictionary, a text that ends too
//! early). Such a panic is caught here and is an error like the others.

use parquet::errors::ParquetError;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static DECODING: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is decoding a file, so that a panic says that the file is damaged and is no bug: for whoever reports panics.
#[must_use]
pub fn is_decoding() -> bool {
    DECODING.get()
}

/// What `decode` gives, or an error if it panics.
///
/// # Errors
/// As `decode`.
pub fn guarded<T>(decode: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, ParquetError> {
    DECODING.set(true);
    // Nothing that `decode` leaves half done is looked at again.
    let decoded = catch_unwind(AssertUnwindSafe(decode));
    DECODING.set(false);
    decoded.unwrap_or_else(|_| Err(ParquetError::General("its bytes are damaged".to_owned())))
}

/// The crate's own words, without the name of its error.
pub(super) fn said(error: &ParquetError) -> String {
    let text = error.to_string();
    let said = text
        .split_once(": ")
        .map_or(text.as_str(), |(_, said)| said);
    said.to_owned()
}
