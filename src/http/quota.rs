//! What a service says about the requests that are left. Pure.

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::HeaderMap;
use serde::{Deserialize, Serialize};

/// The state of a quota when an answer came. Only the legacy service says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    /// Requests a window.
    pub limit: u32,
    /// Those left in this window.
    pub remaining: u32,
    /// When the window ends; not at the full hour.
    pub resets_at: DateTime<Utc>,
}

impl Quota {
    /// Reads `Fitbit-Rate-Limit-Limit`, `-Remaining` and `-Reset` (seconds), in any letter case.
    #[must_use]
    pub fn read(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Self> {
        let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<u32>().ok();
        let reset = number("fitbit-rate-limit-reset").filter(|seconds| *seconds <= 86_400)?;
        Some(Self {
            limit: number("fitbit-rate-limit-limit")?,
            remaining: number("fitbit-rate-limit-remaining")?,
            resets_at: now.checked_add_signed(TimeDelta::seconds(i64::from(reset)))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{HeaderName, HeaderValue};

    #[test]
    fn the_three_fields_make_a_quota() {
        let now = DateTime::from_timestamp(1_764_000_000, 0).expect("an instant");
        let headers = |pairs: &[(&str, &str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                let name = HeaderName::from_bytes(name.as_bytes()).expect("a name");
                headers.insert(name, HeaderValue::from_str(value).expect("a value"));
            }
            headers
        };
        let all = [
            ("Fitbit-rate-limit-limit", "150"),
            ("fitbit-Rate-Limit-Remaining", "121"),
            ("Fitbit-rate-limit-reset", "1201"),
        ];
        let quota = Quota::read(&headers(&all), now).expect("a quota");
        assert_eq!((quota.limit, quota.remaining), (150, 121));
        assert_eq!((quota.resets_at - now).num_seconds(), 1201);
        assert_eq!(Quota::read(&headers(&all[..2]), now), None);
        assert_eq!(Quota::read(&headers(&[]), now), None);
    }
}
