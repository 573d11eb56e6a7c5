//! Days into bytes: the encoders that the main job and `export` share.
//!
//! An encoder only turns a [`crate::day::Day`], or rows of any series ([`table`], by the fields that are [`shown`]), into bytes; who
//! calls it owns files and stdout.

pub mod csv;
pub mod digits;
pub mod fields;
pub mod json;
pub mod shown;
pub mod table;

pub use fields::{DEFAULT_FIELDS, Field};
pub use shown::Shown;
