//! An embedded stand-in for the Google Health API v4 and Google's OAuth, so that everything runs without an account.
//!
//! It is a real HTTP server on loopback with the real service's habits: newest first, short and empty pages,
//! tokens that belong to one query, roll-up limits, values as strings. The heart rate is made up, and the
//! same for the same date.
//!
//! * `server` and `exchange`: HTTP, and a request and its answer apart from it.
//! * `oauth`: consent page, codes, tokens. `api`: the methods, one file a concern.
//! * `wearer`: the made-up person, of whom [`heart`] is the heart rate.
//! * [`Service`]: all of that, running. [`browser`]: who gives consent where nobody looks.

mod api;
pub mod browser;
mod exchange;
mod oauth;
mod server;
mod service;
#[cfg(test)]
mod walk;
mod wearer;

pub use service::{Service, Settings};
pub use wearer::heart;
