//! One token bucket for all requests of a run: a steady rate, short bursts, and a common pause after a 429.

use crate::clock;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A burst is what the steady rate gives in this time: enough for one day in slices with its summary.
const BURST_SECONDS: f64 = 12.0;

/// The shared limiter.
#[derive(Debug)]
pub struct Limiter {
    rate: f64,
    state: Mutex<Bucket>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f64,
    filled: Instant,
    closed_until: Option<Instant>,
}

impl Bucket {
    /// Takes one token; says how long to wait for it. Pure but for `self`.
    fn take(&mut self, rate: f64, now: Instant) -> Duration {
        let burst = (rate * BURST_SECONDS).max(1.0);
        let gained = now.saturating_duration_since(self.filled).as_secs_f64() * rate;
        self.tokens = (self.tokens + gained).min(burst) - 1.0;
        self.filled = now;
        let for_token = if self.tokens >= 0.0 {
            Duration::ZERO
        } else {
            Duration::from_secs_f64(-self.tokens / rate)
        };
        let for_pause = self
            .closed_until
            .map_or(Duration::ZERO, |until| until.saturating_duration_since(now));
        for_token.max(for_pause)
    }
}

impl Limiter {
    /// At most `rate` requests a second in the long run; `rate` is positive.
    #[must_use]
    pub fn new(rate: f64) -> Self {
        let now = clock::monotonic();
        let tokens = (rate * BURST_SECONDS).max(1.0);
        Self {
            rate,
            state: Mutex::new(Bucket {
                tokens,
                filled: now,
                closed_until: None,
            }),
        }
    }

    /// Waits for this request's turn.
    pub async fn turn(&self) {
        let wait = self.bucket().take(self.rate, clock::monotonic());
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
    }

    /// No request starts within `pause` from now: the service asked for a rest.
    pub fn pause(&self, pause: Duration) {
        let until = clock::monotonic() + pause;
        let mut bucket = self.bucket();
        bucket.closed_until = bucket.closed_until.max(Some(until));
    }

    fn bucket(&self) -> std::sync::MutexGuard<'_, Bucket> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_goes_at_once_and_the_rest_at_the_steady_rate() {
        let start = clock::monotonic();
        let mut bucket = Bucket {
            tokens: 30.0,
            filled: start,
            closed_until: None,
        };
        for _ in 0..30 {
            assert_eq!(bucket.take(2.5, start), Duration::ZERO);
        }
        assert_eq!(bucket.take(2.5, start), Duration::from_millis(400));
        assert_eq!(bucket.take(2.5, start), Duration::from_millis(800));
        // A minute later the bucket is full again, not fuller.
        let later = start + Duration::from_mins(1);
        for _ in 0..30 {
            assert_eq!(bucket.take(2.5, later), Duration::ZERO);
        }
        assert!(bucket.take(2.5, later) > Duration::ZERO);
    }

    #[test]
    fn a_pause_holds_everybody() {
        let start = clock::monotonic();
        let mut bucket = Bucket {
            tokens: 30.0,
            filled: start,
            closed_until: Some(start + Duration::from_secs(9)),
        };
        assert_eq!(bucket.take(2.5, start), Duration::from_secs(9));
        assert_eq!(
            bucket.take(2.5, start + Duration::from_secs(10)),
            Duration::ZERO
        );
    }
}
