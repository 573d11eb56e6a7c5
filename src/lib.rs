//! Takes a person's own heart rate out of Google Health, Fitbit and Takeout, into files they own.

pub mod archive;
pub mod atomic_file;
pub mod clock;
pub mod console;
pub mod day;
pub mod environment;
pub mod error;
pub mod exit;
pub mod secret;
pub mod sink;
pub mod takeout;
