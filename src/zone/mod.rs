//! Time zones: the newer of this machine's database and the bundled one, fixed offsets, and what `TZ` may say.
//!
//! [`Tz`] is chrono's `TimeZone`. A zone is read once, kept for the life of the program and passed about as a reference.

mod clock;
mod database;
mod machine;
mod posix;
mod table;
mod tz;
mod tzif;

pub use database::{Database, database, look_in};
pub use machine::{local, of_variable};
pub use tz::{Tz, ZoneOffset};

use std::fmt;
use std::str::FromStr;

/// No database has that name, and it is neither an offset nor a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown;

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no time zone is called so; use an IANA name such as America/New_York, or an offset such as UTC+02:00")
    }
}

impl std::error::Error for Unknown {}

impl FromStr for Tz {
    type Err = Unknown;

    /// An IANA name in any case; `GMT+02:00`, `UTC+1`, `-05:30`: east positive; or a POSIX rule with its dates.
    fn from_str(text: &str) -> Result<Self, Unknown> {
        let text = text.trim();
        let offset = || Self::fixed(east_of_greenwich(text)?);
        let rule = || {
            Self::of_rule(
                &posix::Rule::parse(text).filter(|_| text.contains(','))?,
                text,
            )
        };
        database::named(text)
            .or_else(offset)
            .or_else(rule)
            .ok_or(Unknown)
    }
}

/// The seconds of `GMT+02:00`, `UTC-5`, `+0530`.
fn east_of_greenwich(text: &str) -> Option<i32> {
    let upper = text.to_ascii_uppercase().replace('\u{2212}', "-");
    let prefixes = ["GMT", "UTC", "UT"];
    let signed = prefixes
        .iter()
        .find_map(|prefix| upper.strip_prefix(prefix))
        .unwrap_or(&upper)
        .trim_start();
    let (sign, digits) = match signed.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None if digits.len() > 2 => digits.split_at_checked(digits.len() - 2)?,
        None => (digits, "00"),
    };
    let number = |text: &str, lengths: std::ops::RangeInclusive<usize>| {
        let is_number =
            lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse::<i32>().ok()).flatten()
    };
    let (hours, minutes) = (number(hours, 1..=2)?, number(minutes, 2..=2)?);
    (hours <= 18 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

#[cfg(test)]
mod tests;
