//! Google Health API v4: samples, roll-ups, daily values, and what the account says about itself.
//!
//! Source: discovery document of `health v4`, revision 20261030, and answers of the live service that others published.

pub mod account;
mod client;
mod error;
pub mod fetch;
mod pages;
pub mod points;
pub mod presence;
pub mod rollup;
pub mod samples;
pub mod series;
pub mod summary;
mod wire;
mod wire_day;

pub use client::Google;
pub use fetch::Request;
