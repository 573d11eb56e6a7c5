//! Days as people name them. Pure.

use crate::civil;
use crate::zone::Tz;
use chrono::{DateTime, Days, NaiveDate, Utc};
use std::str::FromStr;

/// `YYYY-MM-DD`, `today` or `yesterday`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// The wearer's present civil day.
    Today,
    /// The one before.
    Yesterday,
    /// A date.
    On(NaiveDate),
}

impl FromStr for When {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "today" => return Ok(Self::Today),
            "yesterday" => return Ok(Self::Yesterday),
            _ => {}
        }
        let well_formed = text.len() == 10
            && text.bytes().enumerate().all(|(i, b)| {
                if matches!(i, 4 | 7) {
                    b == b'-'
                } else {
                    b.is_ascii_digit()
                }
            });
        if !well_formed {
            return Err("a date is YYYY-MM-DD, today or yesterday".to_owned());
        }
        let date: NaiveDate = text
            .parse()
            .map_err(|_| "there is no such date".to_owned())?;
        if date < civil::EARLIEST {
            return Err(format!("there is no heart rate before {}", civil::EARLIEST));
        }
        Ok(Self::On(date))
    }
}

impl When {
    /// The civil date, as the wearer's zone has it.
    #[must_use]
    pub fn date(self, now: DateTime<Utc>, zone: Tz) -> NaiveDate {
        let today = civil::today(now, zone);
        match self {
            Self::Today => today,
            Self::Yesterday => today - Days::new(1),
            Self::On(date) => date,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_real_dates_are_taken() {
        assert_eq!("today".parse(), Ok(When::Today));
        assert_eq!(
            "2024-02-29".parse(),
            Ok(When::On("2024-02-29".parse().expect("a date")))
        );
        for text in [
            "2023-02-29",
            "2017-6-1",
            "01/06/2017",
            "2017-06-01T00:00",
            "+2017-06-1",
            "tomorrow",
            "",
            "2006-12-31",
            "2017-13-01",
        ] {
            assert!(text.parse::<When>().is_err(), "{text}");
        }
    }

    #[test]
    fn today_is_the_wearers() {
        let now = "2026-11-22T03:00:00Z".parse().expect("an instant");
        let date = |when: When, zone| when.date(now, zone).to_string();
        assert_eq!(date(When::Today, Tz::of("America/New_York")), "2026-11-21");
        assert_eq!(date(When::Yesterday, Tz::UTC), "2026-11-21");
        let other = When::On("2026-11-20".parse().expect("a date"));
        assert_eq!(date(other, Tz::UTC), "2026-11-20");
    }
}
