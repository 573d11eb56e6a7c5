//! Brings the archive up to date with a live service: years of history and every night's few days by the same way.
//!
//! Decisions are pure: [`mod@plan`] (which days, at what cost), [`probe`] (where the data begins, which days are empty),
//! [`slices`] (ranges of roll-ups), [`settle`] and [`verify`]. Three assemblies put days together from what was fetched:
//! [`by_day`], [`by_range`] and [`whole`].

pub mod assembly;
pub mod by_day;
pub mod by_range;
pub mod desk;
mod drive;
mod error;
mod fetch;
pub mod history;
mod lock;
mod misplaced;
pub mod pace;
pub mod plan;
pub mod probe;
mod report;
mod run;
pub mod settle;
pub mod slices;
pub mod stale;
pub mod stop;
pub mod stopped;
mod sync_state;
pub mod verify;
pub mod whole;

pub use error::Error;
pub use report::{End, Report};
pub use run::{Place, Plan, Wish, plan, run};
