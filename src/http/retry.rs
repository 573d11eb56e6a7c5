//! Whether a failed request is sent again, and when. Pure, [`jitter`] aside.

use chrono::{DateTime, Utc};
use reqwest::header::HeaderMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

/// How long a request may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeLimits {
    /// A host that says nothing for so long says nothing more.
    pub answer: Duration,
    /// All tries together, waits included.
    pub tries: Duration,
}

impl Default for TimeLimits {
    fn default() -> Self {
        Self {
            answer: Duration::from_secs(30),
            tries: Duration::from_mins(1),
        }
    }
}

const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(16);
/// A host that refuses connections or has no name seldom comes back within seconds.
const CONNECT_TRIES: u32 = 5;
const TRIES: u32 = 8;
/// Waking exactly at the reset of a quota gave clients a second refusal.
const MARGIN: Duration = Duration::from_secs(1);

/// What came of one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// An answer with this status, and the earliest time for the next try if the server named one.
    Status(u16, Option<Duration>),
    /// No connection.
    NoConnection,
    /// Something on the way refuses, and will not change its mind.
    NotLetThrough,
    /// The connection broke, or nothing came in time.
    Broken,
}

/// What to do after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// The answer stands, good or bad.
    Accept,
    /// Try again after this pause.
    Wait(Duration),
    /// It is no use to wait longer; come back after this time if the server said so.
    GiveUp(Option<Duration>),
}

/// Decides after attempt number `attempt` (1 for the first), `elapsed` after the first one began, of `longest` for all.
///
/// `jitter` is a random number from 0 to 1: the wait lies between half the backoff and all of it.
#[must_use]
pub fn next(
    outcome: Outcome,
    attempt: u32,
    elapsed: Duration,
    longest: Duration,
    jitter: f64,
) -> Next {
    let (floor, tries) = match outcome {
        Outcome::Status(429 | 500 | 502 | 503 | 504, floor) => (floor, TRIES),
        Outcome::Status(..) => return Next::Accept,
        Outcome::NotLetThrough => return Next::GiveUp(None),
        Outcome::NoConnection => (None, CONNECT_TRIES),
        Outcome::Broken => (None, TRIES),
    };
    let doubled = FIRST_WAIT.saturating_mul(
        1_u32
            .checked_shl(attempt.saturating_sub(1))
            .unwrap_or(u32::MAX),
    );
    let backoff = doubled
        .min(LONGEST_WAIT)
        .mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0);
    let wait = floor.map_or(backoff, |floor| backoff.max(floor));
    if attempt >= tries || elapsed + wait >= longest {
        Next::GiveUp(floor)
    } else {
        Next::Wait(wait)
    }
}

/// A random number from 0 to 1, from the standard library's own source of hash seeds.
#[allow(clippy::cast_precision_loss, reason = "jitter needs no precision")]
#[must_use]
pub fn jitter() -> f64 {
    RandomState::new().build_hasher().finish() as f64 / u64::MAX as f64
}

/// The earliest time for the next try: the later of `Retry-After` (seconds or an HTTP date) and
/// `Fitbit-Rate-Limit-Reset` (seconds), with a small margin; `None` where neither makes sense.
///
/// The reset counts only for a 429: every answer of Fitbit's carries it.
#[must_use]
pub fn floor(status: u16, headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::trim)
    };
    let retry_after =
        text("retry-after").and_then(|value| seconds(value).or_else(|| until(value, now)));
    let reset = text("fitbit-rate-limit-reset")
        .filter(|_| status == 429)
        .and_then(seconds);
    match retry_after.max(reset) {
        Some(Duration::ZERO) => Some(Duration::ZERO),
        Some(wait) => Some(wait + MARGIN),
        None => None,
    }
}

fn seconds(value: &str) -> Option<Duration> {
    // A day is longer than any quota's window; more than that is garbage.
    value
        .parse::<u64>()
        .ok()
        .filter(|seconds| *seconds <= 86_400)
        .map(Duration::from_secs)
}

fn until(value: &str, now: DateTime<Utc>) -> Option<Duration> {
    let at = DateTime::parse_from_rfc2822(value).ok()?;
    let wait = at
        .with_timezone(&Utc)
        .signed_duration_since(now)
        .to_std()
        .unwrap_or(Duration::ZERO);
    (wait <= Duration::from_hours(24)).then_some(wait)
}

/// When to come back, for a person: `in 20 min`.
#[must_use]
pub fn in_words(wait: Duration) -> String {
    match wait.as_secs() {
        0..=90 => format!("in {} s", wait.as_secs().max(1)),
        seconds => format!("in {} min", seconds.div_ceil(60)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{HeaderName, HeaderValue};

    const LONGEST: Duration = Duration::from_mins(1);

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        for status in [200, 204, 302, 400, 401, 403, 404, 410, 412] {
            assert_eq!(
                next(Outcome::Status(status, None), 1, s(0), LONGEST, 1.0),
                Next::Accept,
                "{status}"
            );
        }
        for status in [429, 500, 502, 503, 504] {
            assert_eq!(
                next(Outcome::Status(status, None), 1, s(0), LONGEST, 1.0),
                Next::Wait(FIRST_WAIT),
                "{status}"
            );
        }
    }

    #[test]
    fn waits_double_with_jitter_up_to_a_limit() {
        let wait = |attempt, jitter| next(Outcome::Broken, attempt, s(0), LONGEST, jitter);
        assert_eq!(wait(1, 0.0), Next::Wait(Duration::from_millis(125)));
        assert_eq!(wait(2, 1.0), Next::Wait(Duration::from_millis(500)));
        assert_eq!(wait(5, 1.0), Next::Wait(s(4)));
        assert_eq!(wait(7, 1.0), Next::Wait(s(16)));
        assert_eq!(wait(8, 1.0), Next::GiveUp(None));
    }

    #[test]
    fn what_the_server_asks_for_is_the_floor() {
        assert_eq!(
            next(Outcome::Status(429, Some(s(7))), 1, s(0), LONGEST, 1.0),
            Next::Wait(s(7))
        );
        assert_eq!(
            next(
                Outcome::Status(503, Some(Duration::ZERO)),
                2,
                s(0),
                LONGEST,
                1.0
            ),
            Next::Wait(Duration::from_millis(500))
        );
        assert_eq!(
            next(Outcome::Status(429, Some(s(1201))), 1, s(0), LONGEST, 1.0),
            Next::GiveUp(Some(s(1201)))
        );
    }

    #[test]
    fn all_tries_together_take_about_a_minute_at_most() {
        assert_eq!(TimeLimits::default().tries, LONGEST);
        assert_eq!(
            next(Outcome::Broken, 2, s(60), LONGEST, 1.0),
            Next::GiveUp(None)
        );
        let (mut elapsed, mut attempt) = (Duration::ZERO, 1);
        while let Next::Wait(wait) =
            next(Outcome::Status(503, None), attempt, elapsed, LONGEST, 1.0)
        {
            elapsed += wait;
            attempt += 1;
        }
        assert!(
            elapsed < LONGEST && attempt == TRIES,
            "{elapsed:?} {attempt}"
        );
    }

    #[test]
    fn both_headers_are_read_in_any_letter_case_and_garbage_is_survived() {
        let now = DateTime::parse_from_rfc3339("2026-11-22T10:00:00Z")
            .expect("a date")
            .to_utc();
        let floor_of = |status, pairs: &[(&str, &str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(
                    HeaderName::from_bytes(name.as_bytes()).expect("a name"),
                    HeaderValue::from_str(value).expect("a value"),
                );
            }
            floor(status, &headers, now)
        };
        assert_eq!(
            floor_of(429, &[("Fitbit-rate-limit-reset", "1201")]),
            Some(s(1202))
        );
        assert_eq!(
            floor_of(
                429,
                &[("fitbit-rate-limit-reset", "5"), ("Retry-After", "9")]
            ),
            Some(s(10))
        );
        assert_eq!(floor_of(503, &[("Fitbit-Rate-Limit-Reset", "1201")]), None);
        assert_eq!(
            floor_of(429, &[("Retry-After", "Sun, 22 Nov 2026 10:00:20 GMT")]),
            Some(s(21))
        );
        assert_eq!(
            floor_of(429, &[("Retry-After", "Sun, 22 Nov 2026 09:00:00 GMT")]),
            Some(Duration::ZERO)
        );
        for garbage in ["soon", "-3", "99999999999", ""] {
            assert_eq!(
                floor_of(429, &[("Retry-After", garbage)]),
                None,
                "{garbage}"
            );
        }
    }
}
