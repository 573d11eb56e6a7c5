//! Days into bytes: the encoders that the main job and `export` share.
//!
//! An encoder only turns a [`crate::day::Day`] into bytes; who calls it owns files and stdout.

pub mod csv;
pub mod digits;
pub mod fields;
pub mod json;

pub use fields::{DEFAULT_FIELDS, Field};
