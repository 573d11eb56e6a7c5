//! Takes a person's own heart rate out of Google Health, Fitbit and Takeout, into files they own.

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
pub mod fitbit;
pub mod google;
pub mod http;
pub mod oauth;
pub mod secret;
pub mod service;
pub mod settled;
pub mod sink;
pub mod takeout;
