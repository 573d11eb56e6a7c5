//! An extract is one series of the service: its columns, and how it behaves.
//!
//! [`columns`] and [`rows`] are the table that all of them share, whatever they hold. [`definition`] says what is known of
//! one, by one of four [`shape`]s; [`catalogue`] has them all, and a [`selection`] some. `raw` is a definition as it is
//! written, `read` what it means. What a shape does with rows, whatever is in them: [`civil_day`], [`coarser`], [`sleep`] (seconds
//! from segments), [`row_key`], [`overlap`], [`answer`], [`cut`], [`between`], [`removal`]; [`faults`] are the points that could not be read,
//! `members` what a definition of one's own names and no point has.

pub mod answer;
pub mod between;
pub mod catalogue;
pub mod civil_day;
pub mod coarser;
pub mod columns;
pub mod cut;
pub mod definition;
pub mod faults;
mod members;
pub mod overlap;
mod raw;
mod read;
pub mod removal;
pub mod row_key;
pub mod rows;
pub mod selection;
pub mod shape;
pub mod sleep;

pub use catalogue::Catalogue;
pub use columns::{Column, Kind};
pub use definition::Definition;
pub use members::mend;
pub use raw::RawDefinitions;
pub use read::Problem;
pub use rows::{Cells, Columns, Rows, Value};
pub use selection::{Selection, UnknownName};
pub use shape::Shape;
