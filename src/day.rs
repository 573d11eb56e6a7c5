//! The unit of everything: one civil day of the wearer, with its samples and its summary.
//!
//! Sources make a [`Day`], sinks write one, the archive keeps one. Nothing here does I/O.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Timelike, Utc};
use std::fmt;
use std::str::FromStr;

/// How fine the samples of a day are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Detail {
    /// As the device stored them: every one to fifteen seconds.
    Sec1,
    /// The mean of each civil minute.
    Min1,
    /// The mean of each five minutes.
    Min5,
    /// The mean of each quarter of an hour.
    Min15,
}

impl Detail {
    /// Every level, finest first.
    pub const ALL: [Self; 4] = [Self::Sec1, Self::Min1, Self::Min5, Self::Min15];

    /// The name on the command line, in URLs and in paths.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sec1 => "1sec",
            Self::Min1 => "1min",
            Self::Min5 => "5min",
            Self::Min15 => "15min",
        }
    }

    /// The length of a window in seconds; 1 for [`Detail::Sec1`].
    #[must_use]
    pub const fn seconds(self) -> i64 {
        match self {
            Self::Sec1 => 1,
            Self::Min1 => 60,
            Self::Min5 => 300,
            Self::Min15 => 900,
        }
    }

    /// `datasetInterval` and `datasetType` of Fitbit's intraday answer.
    #[must_use]
    pub const fn dataset(self) -> (u32, &'static str) {
        match self {
            Self::Sec1 => (1, "second"),
            Self::Min1 => (1, "minute"),
            Self::Min5 => (5, "minute"),
            Self::Min15 => (15, "minute"),
        }
    }
}

impl fmt::Display for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Detail {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|detail| detail.name() == text)
            .ok_or_else(|| format!("'{text}' is none of 1sec, 1min, 5min, 15min"))
    }
}

/// Where samples come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Provider {
    /// Google Health API v4.
    Google,
    /// Legacy Fitbit Web API.
    Fitbit,
    /// A Takeout or account-export archive.
    Takeout,
    /// The embedded stand-in service.
    Demo,
}

impl Provider {
    /// The name in keys files, in the column `source` and in `--json`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Google => "google",
            Self::Fitbit => "fitbit",
            Self::Takeout => "takeout",
            Self::Demo => "demo",
        }
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Provider {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Google, Self::Fitbit, Self::Takeout, Self::Demo]
            .into_iter()
            .find(|provider| provider.name() == text)
            .ok_or_else(|| format!("'{text}' is none of google, fitbit, takeout, demo"))
    }
}

/// A provider, and the device if it is known: `takeout/Inspire 3`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Source {
    /// The service or archive that gave the sample.
    pub provider: Provider,
    /// The device's name as the source spells it.
    pub device: Option<String>,
}

impl Source {
    /// A source whose device is not known.
    #[must_use]
    pub const fn of(provider: Provider) -> Self {
        Self {
            provider,
            device: None,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.provider.name())?;
        match &self.device {
            Some(device) => write!(f, "/{device}"),
            None => Ok(()),
        }
    }
}

impl FromStr for Source {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (provider, device) = match text.split_once('/') {
            Some((provider, device)) => (provider, Some(device.to_owned())),
            None => (text, None),
        };
        Ok(Self {
            provider: provider.parse()?,
            device,
        })
    }
}

/// A place in [`Day::sources`].
pub type SourceIndex = u16;

/// One heart-rate reading, or the mean of one window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sample {
    /// The instant in milliseconds since 1970-01-01T00:00:00Z; `None` where the source gives wall clock only.
    pub instant: Option<i64>,
    /// The wearer's wall clock, in milliseconds since 1970-01-01T00:00:00 of that same wall clock.
    pub local_time: i64,
    /// What the source said the wall clock was ahead of UTC, in seconds; `None` where it did not say.
    pub utc_offset: Option<i32>,
    /// Beats per minute, 1 to 300.
    pub bpm: u16,
    /// 0 (none) to 3 (best); only Takeout's JSON knows it.
    pub confidence: Option<u8>,
    /// Index into the day's [`Day::sources`].
    pub source: SourceIndex,
}

impl Sample {
    /// A sample whose instant and offset are both known.
    #[must_use]
    pub const fn at(instant: i64, utc_offset: i32, bpm: u16) -> Self {
        Self {
            instant: Some(instant),
            local_time: instant + utc_offset as i64 * 1000,
            utc_offset: Some(utc_offset),
            bpm,
            confidence: None,
            source: 0,
        }
    }

    /// The civil date on the wearer's wall clock.
    #[must_use]
    pub fn local_date(&self) -> NaiveDate {
        wall_clock(self.local_time).date()
    }

    /// The order of samples in a day: by instant, else by wall clock; samples without an instant come by wall clock.
    #[must_use]
    pub fn order_key(&self) -> (i64, i64) {
        (self.instant.unwrap_or(self.local_time), self.local_time)
    }
}

/// A wall clock in milliseconds as date and time.
///
/// Values outside chrono's years (about 262,000 before and after 1970) give its earliest time.
#[must_use]
pub fn wall_clock(local_time: i64) -> NaiveDateTime {
    DateTime::<Utc>::from_timestamp_millis(local_time)
        .map_or(NaiveDateTime::MIN, |at| at.naive_utc())
}

/// `HH:MM:SS` of a wall clock in milliseconds.
#[must_use]
pub fn clock_text(local_time: i64) -> String {
    let time = wall_clock(local_time).time();
    format!(
        "{:02}:{:02}:{:02}",
        time.hour(),
        time.minute(),
        time.second()
    )
}

/// A heart-rate zone of one day, in Fitbit's words.
#[derive(Debug, Clone, PartialEq)]
pub struct Zone {
    /// `Out of Range`, `Fat Burn`, `Cardio`, `Peak`, or what the service calls it.
    pub name: String,
    /// Lower limit in beats per minute.
    pub min: Option<u16>,
    /// Upper limit in beats per minute.
    pub max: Option<u16>,
    /// Whole minutes spent in the zone.
    pub minutes: Option<u32>,
    /// Kilocalories burnt in the zone.
    pub calories: Option<f64>,
}

/// What a source says about a day as a whole. Missing is `None` or an empty list, never zero.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Summary {
    /// Resting heart rate in beats per minute.
    pub resting_bpm: Option<f64>,
    /// Zones in ascending order.
    pub zones: Vec<Zone>,
}

/// One civil day of the wearer at one level of detail.
#[derive(Debug, Clone, PartialEq)]
pub struct Day {
    /// The date on the wearer's wall clock.
    pub date: NaiveDate,
    /// How fine the samples are.
    pub detail: Detail,
    /// Ascending by [`Sample::order_key`], one an instant (one a wall-clock time where there is no instant).
    pub samples: Vec<Sample>,
    /// What [`Sample::source`] points into.
    pub sources: Vec<Source>,
    /// Resting heart rate and zones.
    pub summary: Summary,
}

impl Day {
    /// A day without samples, from a source whose device is not known.
    #[must_use]
    pub fn empty(date: NaiveDate, detail: Detail, provider: Provider) -> Self {
        Self {
            date,
            detail,
            samples: Vec::new(),
            sources: vec![Source::of(provider)],
            summary: Summary::default(),
        }
    }

    /// The longest time between neighbouring samples in whole seconds; `None` with fewer than two samples.
    #[must_use]
    pub fn largest_gap_s(&self) -> Option<i64> {
        self.samples
            .windows(2)
            .filter_map(|pair| match pair {
                [a, b] => Some(match (a.instant, b.instant) {
                    (Some(a), Some(b)) => b - a,
                    _ => b.local_time - a.local_time,
                }),
                _ => None,
            })
            .max()
            .map(|gap| gap / 1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_as_what_they_name() {
        for detail in Detail::ALL {
            assert_eq!(detail.name().parse(), Ok(detail));
        }
        assert!("2min".parse::<Detail>().is_err());
        for text in ["google", "takeout/Inspire 3", "demo", "fitbit/a/b"] {
            assert_eq!(
                text.parse::<Source>().map(|s| s.to_string()),
                Ok(text.to_owned())
            );
        }
    }

    #[test]
    fn a_sample_belongs_to_the_date_on_its_own_clock() {
        // 2017-06-01T02:00:00Z is still 31 May in New York.
        let instant = 1_496_282_400_000;
        assert_eq!(
            Sample::at(instant, -14400, 60).local_date().to_string(),
            "2017-05-31"
        );
        assert_eq!(
            Sample::at(instant, 7200, 60).local_date().to_string(),
            "2017-06-01"
        );
        assert_eq!(
            clock_text(Sample::at(instant, -14400, 60).local_time),
            "22:00:00"
        );
    }

    #[test]
    fn the_largest_gap_lies_between_neighbours() {
        let mut day = Day::empty(NaiveDate::MIN, Detail::Sec1, Provider::Demo);
        assert_eq!(day.largest_gap_s(), None);
        day.samples = vec![Sample::at(0, 0, 60)];
        assert_eq!(day.largest_gap_s(), None);
        day.samples.extend([
            Sample::at(5_000, 0, 60),
            Sample::at(65_500, 0, 60),
            Sample::at(66_000, 0, 60),
        ]);
        assert_eq!(day.largest_gap_s(), Some(60));
    }
}
