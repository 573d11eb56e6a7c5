//! An embedded stand-in for the Google Health API v4 and Google's OAuth, so that everything runs without an account.
//!
//! It is a real HTTP server on loopback with the real service's habits: newest first, short and empty pages, tokens that
//! belong to one query, one filter a kind, roll-up limits, values as strings. The data are made up, and the same for the
//! same date.
//!
//! * [`server`]: HTTP. `exchange`: a request and its answer. `json`, `mask`: how values are written, and which.
//! * `oauth`: consent page, codes, tokens.
//! * `wearer`: the made-up person, of whom [`samples`] is the heart rate.
//! * `series`: every type of data, made of that person. `api`: the methods, one file a concern.
//! * [`Service`]: all of that, running. [`browser`]: who gives consent where nobody looks.

mod api;
pub mod browser;
mod exchange;
mod json;
mod mask;
mod oauth;
mod series;
pub mod server;
mod service;
mod wearer;

pub use service::{Service, zone};
pub use wearer::{Beat, samples};
