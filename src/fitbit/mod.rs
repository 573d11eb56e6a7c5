//! The legacy Fitbit Web API: one request a day, `Get Heart Rate Intraday by Date` without `/time/`.
//!
//! It was announced to be switched off on 2026-11-02; who is told so by the service is told so by us.
//! Source: the documentation at dev.fitbit.com as of 2026, and answers that others published.

mod client;
mod daily;
mod error;
mod intraday;

pub use client::{Fetched, Fitbit};
pub use intraday::{Decoded, decode};
