//! An extract is one series of the service: its columns, and how it behaves.
//!
//! [`columns`] and [`rows`] are the table that all of them share, whatever they hold.

pub mod columns;
pub mod rows;

pub use columns::{Column, Kind};
pub use rows::{Cells, Columns, Rows, Value};
