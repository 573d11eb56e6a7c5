//! The wire: one client for everything, a rate limiter that all requests share, and retries.

mod client;
mod fault;
mod limiter;
mod quota;
pub mod retry;

pub use client::{Answer, Http, Kind, Route, SetupError, install_cryptography};
pub use fault::{Fault, FaultKind};
pub use limiter::Limiter;
pub use quota::Quota;
pub use retry::TimeLimits;
