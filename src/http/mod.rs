//! The wire: one client for everything, a rate limiter that all requests share, and retries.

mod client;
mod limiter;
pub mod retry;

pub use client::{Answer, Fault, FaultKind, Http, Kind};
pub use limiter::Limiter;
