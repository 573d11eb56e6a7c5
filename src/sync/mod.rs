//! Brings the archive up to date with a live service: years of history and every night's few days by the same way.
//!
//! Decisions are pure: [`mod@plan`] (which days, at what cost), [`probe`] (where the data begins, which days are empty),
//! [`slices`] (ranges of roll-ups), [`settle`] and [`verify`]. Three builders put days together from what was fetched:
//! [`by_day`], [`by_range`] and [`legacy_days`]. The other extracts go by their definitions: [`series`].

pub mod by_day;
pub mod by_range;
pub mod day_builder;
pub mod day_keeper;
mod drive;
pub mod due;
mod error;
mod fetch;
mod heart_rate;
pub mod history;
pub mod legacy_days;
mod lock;
mod options;
pub mod pace;
pub mod plan;
pub mod probe;
mod report;
mod rest;
mod run;
pub mod series;
pub mod settle;
mod side_by_side;
pub mod slices;
pub mod stale;
pub mod stopped;
mod sync_state;
pub mod verify;
mod wrong_day;

pub use error::Error;
pub use options::{Options, Target};
pub use report::{End, Report};
pub use run::{Foreseen, admits, foresee, run, run_beside_others};
