//! Pieces of the service's JSON: integers that come as strings, durations, instants, civil dates. Decoding is strict about
//! types and tolerant about everything that is not asked for.

use chrono::{DateTime, NaiveDate, Timelike};
use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;

/// A JSON string that is borrowed from the answer where it has no escapes.
#[derive(Debug, Deserialize)]
pub(super) struct WireText<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

/// A number that comes as a string (`"72"`), an integer or a fraction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct WireNumber(pub(super) f64);

impl<'de> Deserialize<'de> for WireNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberVisitor;
        #[allow(
            clippy::cast_precision_loss,
            reason = "heart rates and minutes are small"
        )]
        impl Visitor<'_> for NumberVisitor {
            type Value = WireNumber;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, or a string that holds one")
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<WireNumber, E> {
                Ok(WireNumber(value as f64))
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<WireNumber, E> {
                Ok(WireNumber(value as f64))
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<WireNumber, E> {
                Ok(WireNumber(value))
            }
            fn visit_str<E: de::Error>(self, value: &str) -> Result<WireNumber, E> {
                let number = value
                    .parse::<f64>()
                    .ok()
                    .filter(|number| number.is_finite());
                number
                    .map(WireNumber)
                    .ok_or_else(|| E::custom("a string that is not a number"))
            }
        }
        deserializer.deserialize_any(NumberVisitor)
    }
}

/// `{"year":2026,"month":8,"day":6}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct WireDate {
    year: i32,
    month: u32,
    day: u32,
}

impl WireDate {
    pub(super) fn date(self) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(self.year, self.month, self.day)
    }
}

impl From<NaiveDate> for WireDate {
    fn from(date: NaiveDate) -> Self {
        use chrono::Datelike;
        Self {
            year: date.year(),
            month: date.month(),
            day: date.day(),
        }
    }
}

/// An instant in milliseconds from RFC 3339, with a fast path for `2026-08-06T12:01:29Z`.
pub(super) fn instant(text: &str) -> Option<i64> {
    if let [
        y0,
        y1,
        y2,
        y3,
        b'-',
        m0,
        m1,
        b'-',
        d0,
        d1,
        b'T',
        h0,
        h1,
        b':',
        i0,
        i1,
        b':',
        s0,
        s1,
        b'Z',
    ] = *text.as_bytes()
    {
        let two = |a: u8, b: u8| {
            (a.is_ascii_digit() && b.is_ascii_digit())
                .then(|| u32::from(a - b'0') * 10 + u32::from(b - b'0'))
        };
        let year = i32::try_from(two(y0, y1)? * 100 + two(y2, y3)?).ok()?;
        let date = NaiveDate::from_ymd_opt(year, two(m0, m1)?, two(d0, d1)?)?;
        let time = date.and_hms_opt(two(h0, h1)?, two(i0, i1)?, two(s0, s1)?)?;
        return Some(time.and_utc().timestamp_millis());
    }
    // A leap second has no place on this time line: its reading would meet another of the second after.
    DateTime::parse_from_rfc3339(text)
        .ok()
        .filter(|at| at.nanosecond() < 1_000_000_000)
        .map(|at| at.timestamp_millis())
}

/// Seconds from a duration such as `-14400s` or `3.5s`.
pub(super) fn seconds(text: &str) -> Option<f64> {
    text.strip_suffix('s')?
        .parse::<f64>()
        .ok()
        .filter(|seconds| seconds.is_finite())
}

/// An offset in whole seconds, within what clocks on Earth show.
#[allow(clippy::cast_possible_truncation, reason = "within a day's seconds")]
pub(super) fn utc_offset(text: &str) -> Option<i32> {
    let whole = match text.strip_suffix('s')?.parse::<i32>() {
        Ok(whole) => whole,
        Err(_) => seconds(text)?.trunc() as i32,
    };
    (whole.abs() <= 86_400).then_some(whole)
}

/// Rounds a mean to whole beats, halves up.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be a heart rate"
)]
pub(super) fn bpm(value: f64) -> Option<u16> {
    let rounded = (value + 0.5).floor();
    (1.0..=300.0).contains(&rounded).then_some(rounded as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_read_with_and_without_a_fraction() {
        let at = 1_786_017_689_000;
        for (text, expected) in [
            ("2026-08-06T12:01:29Z", Some(at)),
            ("2026-08-06T12:01:29.5Z", Some(at + 500)),
            ("2026-08-06T12:01:29.123456789Z", Some(at + 123)),
            ("2026-08-06T08:01:29-04:00", Some(at)),
            ("2026-13-06T12:01:29Z", None),
            ("2026-08-06", None),
            ("20260806T120129Z", None),
            ("", None),
        ] {
            assert_eq!(instant(text), expected, "{text}");
        }
    }

    #[test]
    fn offsets_and_numbers_come_in_several_forms() {
        assert_eq!(
            ["-14400s", "3600s", "0s", "3600.5s"].map(utc_offset),
            [Some(-14400), Some(3600), Some(0), Some(3600)]
        );
        assert_eq!(
            ["", "s", "1h", "999999s", "NaNs"].map(utc_offset),
            [None; 5]
        );
        for (text, expected) in [
            (r#""72""#, Some(72.0)),
            ("72", Some(72.0)),
            ("72.5", Some(72.5)),
            (r#""x""#, None),
            ("true", None),
            (r#""inf""#, None),
        ] {
            assert_eq!(
                serde_json::from_str::<WireNumber>(text).ok().map(|n| n.0),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn means_are_rounded_half_up_and_must_be_a_heart_rate() {
        assert_eq!(
            [61.4, 61.5, 62.49, 0.4, 0.5, 300.4, 300.5].map(bpm),
            [Some(61), Some(62), Some(62), None, Some(1), Some(300), None]
        );
    }
}
