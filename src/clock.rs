//! The one module that reads the clock. Everything else is handed the time as an argument.

use chrono::{DateTime, Utc};
use std::time::{Duration, Instant};

/// The present instant.
#[must_use]
pub fn now() -> DateTime<Utc> {
    Utc::now()
}

/// A reading of the clock that never runs backwards, for measuring.
#[must_use]
pub fn monotonic() -> Instant {
    Instant::now()
}

/// How long ago a reading of [`monotonic`] was.
#[must_use]
pub fn since(reading: Instant) -> Duration {
    monotonic().saturating_duration_since(reading)
}
