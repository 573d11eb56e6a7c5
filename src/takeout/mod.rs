//! Takeout and account-export archives on disk.

pub mod block;
pub mod csv;
pub mod device;
pub mod entry;
#[cfg(any(test, fuzzing))]
pub mod fuzzed;
pub mod input;
pub mod json_fast;
pub mod json_slow;
pub mod name;
pub mod packed;
pub mod pages;
pub mod part;
pub mod profile;
pub mod record;
pub mod record_filter;
pub mod repeated;
pub mod resting;
pub mod sleeps;
pub mod tally;
pub mod twins;
pub mod wearer_clock;

#[cfg(test)]
pub(crate) mod sample_files;
