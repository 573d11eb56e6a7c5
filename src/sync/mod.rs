//! Brings the archive up to date with a live service: years of history and every night's few days by the same way.
//!
//! Decisions are pure: [`mod@plan`] (which days, at what cost), [`probe`] (where the data begins, which days are empty),
//! [`slices`] (ranges of roll-ups), [`settle`] and [`verify`]. Three assemblies put days together from what was fetched:
//! [`by_day`], [`by_range`] and [`whole`]. The other extracts go by their definitions: [`series`].

pub mod assembly;
mod blocking;
pub mod by_day;
pub mod by_range;
pub mod desk;
mod drive;
pub mod due;
mod error;
mod fetch;
mod heart_rate;
pub mod history;
mod lock;
mod misplaced;
pub mod pace;
pub mod plan;
pub mod probe;
mod report;
mod rest;
mod run;
pub mod series;
pub mod settle;
pub mod slices;
pub mod stale;
pub mod stop;
pub mod stopped;
mod sync_state;
pub mod verify;
pub mod whole;
mod wish;

pub use error::Error;
pub use report::{End, Report};
pub use run::{Foreseen, admits, foresee, run, run_beside_others};
pub use wish::{Place, Wish};
