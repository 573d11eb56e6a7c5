//! An extract is one series of the service: its columns, and how it behaves.
//!
//! [`columns`] and [`rows`] are the table that all of them share, whatever they hold. [`definition`] says what is known of
//! one, by one of four [`shape`]s; [`catalogue`] has them all. `raw` is a definition as it is written, `read` what it means.

pub mod catalogue;
pub mod columns;
pub mod definition;
mod raw;
mod read;
pub mod rows;
pub mod shape;

pub use catalogue::Catalogue;
pub use columns::{Column, Kind};
pub use definition::Definition;
pub use raw::RawDefinitions;
pub use read::Problem;
pub use rows::{Cells, Columns, Rows, Value};
pub use shape::Shape;
