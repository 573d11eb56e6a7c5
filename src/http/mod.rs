//! The wire: one client for everything, a rate limiter that all requests share, and retries.

mod client;
mod limiter;
mod quota;
pub mod retry;

pub use client::{Answer, Fault, FaultKind, Http, Kind, Route};
pub use limiter::Limiter;
pub use quota::Quota;
