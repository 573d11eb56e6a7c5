//! Rows of typed columns as Parquet bytes and back.
//!
//! The file's frame and footer are the parquet crate's, and so are the decoders; the pages are encoded here, because their sizes
//! are promised and the crate's encoder leaves them half as large again: see [`pages`]. That both agree is what the tests
//! hold. [`super::heart_rate`] is heart rate's way in and out, [`super::table`] that of every other series.

pub mod chunk;
pub mod columns;
mod doubles;
pub mod encode;
pub mod guard;
pub mod lists;
pub mod packed;
pub mod pages;
pub mod read;
pub mod schema;
mod steps;
pub mod tail;
pub mod texts;

pub use chunk::Chunk;
pub use encode::{append, begin, group, lean_group};
pub use packed::{Packed, Page, Texts};
pub use read::Reader;
pub use schema::Schema;
pub use tail::{Longer, Tail, USUAL_FOOTER, rows, value};
