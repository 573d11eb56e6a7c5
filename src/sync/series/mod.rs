//! The other extracts of a sync: each by its definition, resumable by itself.
//!
//! [`plan`] says which days are asked for and how many at once, [`settle`] to which nothing more is to come; [`renew`] and
//! [`sessions`] what the archive holds after an answer. Those are pure. [`prepare`] finds out what there is, [`drive`] fetches,
//! [`keep`] writes, and an [`outcome`] says what was done.

pub mod cost;
pub mod drive;
pub mod keep;
pub mod outcome;
pub mod plan;
pub mod prepare;
pub mod renew;
pub mod run;
pub mod sessions;
pub mod settle;
