//! Takes a person's own heart rate and all other series out of Google Health, Fitbit and Takeout, into files they own.
//!
//! A civil day of the wearer is fetched, checked, saved and exported as a whole, so memory is bounded by a few days and an
//! error never leaves half of one. Any series is rows of typed columns by its definition ([`extract`]); heart rate has a
//! shape of its own besides, the [`day::Day`], for the sake of its parsers, its zones and its twins. Data runs one way:
//!
//! ```text
//! argv -> cli -> plan (pure) -> live: google | fitbit, or takeout -> rows of a day -> sinks: json csv ... plot; archive
//! ```
//!
//! From the ground up; a module imports only what lies beneath it:
//!
//! * [`hint`], [`exit`], [`clock`], [`tasks`], [`numerals`], [`secret`], [`zone`], [`environment`]: what to do next, codes, time,
//!   work that waits for a disk, numbers for people, what must not be seen, time zones, the process's surroundings.
//! * [`progress`], [`console`], [`atomic_file`], [`file_version`]: how far work is, printing, files that appear whole or not at all, and those of newer versions.
//! * [`day`], [`civil`], [`settled`], [`left_out`]: a day of heart rate, its bounds, when it is final, and what it is without.
//! * [`extract`]: what a series is: its definition, the columns of its table, and rows of it; the catalogue of all.
//! * [`config`]: the keys file, as written and as meant.
//! * [`http`]: one client, paced and retried. [`oauth`]: the login, and the one door to a token.
//! * [`objects`]: named bytes at rest, in a folder or in a bucket.
//! * [`service`]: how a request fails. [`google`], [`fitbit`]: the live sources, and [`live`]: either of them. [`demo`]: the
//!   stand-in for the first.
//! * [`sink`]: a day as bytes. [`archive`]: days at rest, in Parquet.
//! * [`takeout`]: files of exports, and what several of them make of a day. [`import`]: whole exports into the archive.
//! * [`sync`]: the archive brought up to date from a live source, day by day.
//! * [`study`]: many participants, on many machines, into one data set.
//! * [`export`]: many days as one document. [`plot`]: days as pictures. [`schedule`]: a daily run without a person.
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
pub mod hint;
pub mod http;
pub mod import;
pub mod left_out;
pub mod live;
pub mod numerals;
pub mod oauth;
pub mod objects;
pub mod plot;
pub mod progress;
pub mod schedule;
pub mod secret;
pub mod service;
pub mod settled;
pub mod sink;
pub mod study;
pub mod sync;
pub mod takeout;
pub mod tasks;
pub mod zone;
