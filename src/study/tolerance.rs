//! How many of a shard's participants may fail before the run as a whole counts as failed. Pure.

use std::fmt;
use std::str::FromStr;

/// One that fails is a person's matter, whatever the share.
const AT_LEAST: usize = 2;

/// `--fail-above`: a share in percent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tolerance(f64);

impl Default for Tolerance {
    fn default() -> Self {
        Self(5.0)
    }
}

impl Tolerance {
    /// Whether more than that failed of `all` participants who have not withdrawn, and at least two.
    #[must_use]
    #[allow(
        clippy::cast_precision_loss,
        reason = "no study has so many participants"
    )]
    pub fn is_exceeded(self, failed: usize, all: usize) -> bool {
        failed >= AT_LEAST && failed as f64 * 100.0 > self.0 * all as f64
    }
}

impl FromStr for Tolerance {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = text.trim().strip_suffix('%').unwrap_or(text.trim());
        let is_plain = number
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.');
        let share = number.trim_end().parse().ok().filter(|_| is_plain);
        share
            .filter(|share| (0.0..=100.0).contains(share))
            .map(Self)
            .ok_or_else(|| "give a share from 0% to 100%, like 5%".to_owned())
    }
}

impl fmt::Display for Tolerance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_the_share_and_at_least_two_is_too_many() {
        for (share, failed, all, is_exceeded) in [
            ("5%", 0, 0, false),
            ("5%", 1, 1, false),
            ("5%", 1, 10, false),
            ("5%", 2, 10, true),
            ("5%", 2, 39, true),
            ("5%", 2, 40, false),
            ("5%", 10, 200, false),
            ("5%", 11, 200, true),
            ("0%", 1, 200, false),
            ("0%", 2, 200, true),
            ("100%", 200, 200, false),
            ("12.5", 25, 200, false),
            ("12.5", 26, 200, true),
        ] {
            let tolerance: Tolerance = share.parse().expect("a share");
            assert_eq!(
                tolerance.is_exceeded(failed, all),
                is_exceeded,
                "{share} {failed} of {all}"
            );
        }
        assert_eq!(Tolerance::default().to_string(), "5%");
        for bad in ["", "%", "-1%", "101%", "x", "5%%", "NaN", "inf", "1e1"] {
            assert!(bad.parse::<Tolerance>().is_err(), "{bad}");
        }
    }
}
