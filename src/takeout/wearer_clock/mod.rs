//! The wearer's clock: what it was ahead of UTC at every instant, recovered from the files themselves.
//!
//! [`day_bounds`] reads what one JSON file proves, [`timeline`] puts the files of all days side by side and decides, and
//! a [`Clock`] answers for the records of one day. Pure: nothing here reads a file.

pub mod day_bounds;
pub mod offsets;
pub mod reading;
pub mod rule;
pub mod timeline;
pub mod wall_time;

#[cfg(test)]
mod tests;

pub use day_bounds::DayBounds;
pub use offsets::Offsets;
pub use reading::{Clock, Reading};
pub use rule::{Candidate, Evidence, Rule};
pub use timeline::{Span, Timeline};
pub use wall_time::{DAY_MS, date, midnight, offset_text};
