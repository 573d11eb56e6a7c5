//! Takes a person's own heart rate out of Google Health, Fitbit and Takeout, into files they own.
//!
//! Three sources give one shape, the [`day::Day`]: a civil day of the wearer with its samples and its summary. It is fetched,
//! checked, saved and exported as a whole, so memory is bounded by a few days and an error never leaves half of one.
//! Data runs one way:
//!
//! ```text
//! argv -> cli -> plan (pure) -> source: google | fitbit | takeout -> Day -> sinks: json csv ... plot; archive
//! ```
//!
//! From the ground up; a module imports only what lies beneath it:
//!
//! * [`exit`], [`clock`], [`numerals`], [`secret`], [`zone`], [`environment`]: codes, time, numbers for people, what must
//!   not be seen, time zones, the process's surroundings.
//! * [`console`], [`atomic_file`], [`file_version`]: printing, files that appear whole or not at all, and those of newer versions.
//! * [`day`], [`civil`], [`settled`], [`left_out`]: the domain.
//! * [`extract`]: what a series is: the columns of its table, and rows of it.
//! * [`config`]: the keys file, as written and as meant.
//! * [`http`]: one client, paced and retried. [`oauth`]: the login, and the one door to a token.
//! * [`objects`]: named bytes at rest, in a folder or in a bucket.
//! * [`service`]: how a request fails. [`google`], [`fitbit`]: the live sources, and [`live`]: either of them. [`demo`]: the stand-in
//!   for the first.
//! * [`sink`]: a day as bytes. [`archive`]: days at rest, in Parquet. [`export`]: many days as one document.
//! * [`plot`]: days as pictures.
//! * [`error`]: the sum of all failures. [`cli`]: what can be typed, and what it starts.
//!
//! The rules that hold: only [`console`] prints, only [`environment`] reads the environment, only [`clock`] reads the clock.
//! Decisions are pure functions with tests beside them; one thin place acts. Missing is `None`, never zero.

pub mod archive;
pub mod atomic_file;
pub mod civil;
pub mod cli;
pub mod clock;
pub mod config;
pub mod console;
pub mod day;
pub mod demo;
pub mod environment;
pub mod error;
pub mod exit;
pub mod export;
pub mod extract;
pub mod file_version;
pub mod fitbit;
pub mod google;
pub mod http;
pub mod import;

pub mod left_out;
pub mod live;
pub mod numerals;
pub mod oauth;
pub mod objects;
pub mod plot;
pub mod schedule;
pub mod secret;
pub mod service;
pub mod settled;
pub mod sink;
pub mod sync;
pub mod takeout;
pub mod zone;
