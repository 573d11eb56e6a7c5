//! What a file in an export is, told by its base name alone.
//!
//! The folders changed with every year and product name (`user-site-export`, `MyFitbitData`, `Takeout/Fitbit`,
//! `Takeout/Google Health`, one sub-folder a family); the base names did not. They are matched whole: the neighbours
//! `resting_heart_rate-*`, `time_in_heart_rate_zones-*` and `daily_heart_rate_zones.csv` are no heart-rate files.

use chrono::NaiveDate;

/// What is read from an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `Profile.csv`: the account's time zone.
    Profile,
    /// `UserSleeps_*.csv`: offsets from UTC, night by night.
    Sleeps,
    /// `UserSleepStages_*.csv`: the same, stage by stage.
    SleepStages,
    /// `sleep-YYYY-MM-DD.json`: sleeps on the wearer's clock.
    SleepLog,
    /// `resting_heart_rate-YYYY-MM-DD.json`: a year of resting heart rates.
    RestingJson,
    /// `daily_resting_heart_rate.csv`, with a date or without: all resting heart rates.
    RestingCsv,
    /// `heart_rate-YYYY-MM-DD.json`: the UTC instants of one day of the wearer.
    Json(NaiveDate),
    /// `heart_rate_YYYY-MM-DD.csv`: the instants of one day of UTC.
    Csv(NaiveDate),
}

impl Kind {
    /// The day in the name of a heart-rate file.
    #[must_use]
    pub const fn day(self) -> Option<NaiveDate> {
        match self {
            Self::Json(day) | Self::Csv(day) => Some(day),
            Self::Profile
            | Self::Sleeps
            | Self::SleepStages
            | Self::SleepLog
            | Self::RestingJson
            | Self::RestingCsv => None,
        }
    }

    /// No honest file of this kind has more bytes: what claims or turns out to be larger is refused unread.
    ///
    /// A JSON day holds one record a second of the wall clock at most, which is 8.3 MB in the usual spacing.
    #[must_use]
    pub const fn max_bytes(self) -> u64 {
        const MIB: u64 = 1 << 20;
        match self {
            Self::Json(_) | Self::Csv(_) => 24 * MIB,
            Self::Sleeps
            | Self::SleepStages
            | Self::SleepLog
            | Self::RestingJson
            | Self::RestingCsv => 16 * MIB,
            Self::Profile => MIB,
        }
    }
}

/// What a name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// A file to read.
    Wanted(Kind),
    /// It is called like a heart-rate file of a day that does not exist.
    NoDay,
    /// Not ours: never opened, never inflated.
    Foreign,
}

/// Judges a path inside an archive or a folder; only its last part counts.
///
/// Both separators end a folder's name, whatever system packed the archive. What macOS packs beside the files
/// (`__MACOSX/._name`) is foreign.
#[must_use]
pub fn judge(path: &[u8]) -> Named {
    let base = base_name(path);
    let known = match base {
        b"Profile.csv" => Some(Kind::Profile),
        b"daily_resting_heart_rate.csv" => Some(Kind::RestingCsv),
        _ if base.starts_with(b"UserSleeps_") && base.ends_with(b".csv") => Some(Kind::Sleeps),
        _ if base.starts_with(b"UserSleepStages_") && base.ends_with(b".csv") => {
            Some(Kind::SleepStages)
        }
        _ => None,
    };
    let named = known.map_or_else(|| dated(base), Named::Wanted);
    if named != Named::Foreign && in_macos_shadow(path) {
        return Named::Foreign;
    }
    named
}

/// The part of a path behind its last separator.
#[must_use]
pub fn base_name(path: &[u8]) -> &[u8] {
    let start = path.iter().rposition(|&byte| matches!(byte, b'/' | b'\\'));
    path.get(start.map_or(0, |at| at + 1)..).unwrap_or_default()
}

fn in_macos_shadow(path: &[u8]) -> bool {
    path.split(|&byte| matches!(byte, b'/' | b'\\'))
        .any(|part| part == b"__MACOSX")
}

fn dated(base: &[u8]) -> Named {
    type Make = fn(NaiveDate) -> Kind;
    const FAMILIES: [(&[u8], &[u8], Make); 5] = [
        (b"heart_rate-", b".json", Kind::Json),
        (b"heart_rate_", b".csv", Kind::Csv),
        (b"resting_heart_rate-", b".json", |_| Kind::RestingJson),
        (b"sleep-", b".json", |_| Kind::SleepLog),
        (b"daily_resting_heart_rate_", b".csv", |_| Kind::RestingCsv),
    ];
    for (before, after, kind) in FAMILIES {
        let date = base
            .strip_prefix(before)
            .and_then(|rest| rest.strip_suffix(after));
        if let Some(date) = date.filter(|date| is_date_shaped(date)) {
            return date_of(date).map_or(Named::NoDay, |date| Named::Wanted(kind(date)));
        }
    }
    Named::Foreign
}

fn is_date_shaped(text: &[u8]) -> bool {
    text.len() == 10
        && text.iter().enumerate().all(|(at, byte)| match at {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

fn date_of(text: &[u8]) -> Option<NaiveDate> {
    let text = std::str::from_utf8(text).ok()?;
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn every_layout_of_ten_years_is_known_by_its_base_names() {
        for (path, kind) in [
            (
                "JaneDoe/user-site-export/heart_rate-2018-03-04.json",
                Kind::Json(day("2018-03-04")),
            ),
            (
                "MyFitbitData/JaneDoe/Physical Activity/heart_rate-2020-02-29.json",
                Kind::Json(day("2020-02-29")),
            ),
            (
                "Takeout/Fitbit/Global Export Data/heart_rate-2024-01-01.json",
                Kind::Json(day("2024-01-01")),
            ),
            (
                "Takeout/Fitbit/Physical Activity_GoogleData/heart_rate_2024-01-01.csv",
                Kind::Csv(day("2024-01-01")),
            ),
            (
                "Takeout/Google Health/Physical Activity_GoogleData/Heart Rate/heart_rate_2026-09-12.csv",
                Kind::Csv(day("2026-09-12")),
            ),
            (
                "../../../etc/heart_rate-2024-01-01.json",
                Kind::Json(day("2024-01-01")),
            ),
            (
                "C:\\temp\\heart_rate_2024-01-01.csv",
                Kind::Csv(day("2024-01-01")),
            ),
            ("heart_rate-2024-01-01.json", Kind::Json(day("2024-01-01"))),
            (
                "Takeout/Fitbit/Global Export Data/resting_heart_rate-2018-05-16.json",
                Kind::RestingJson,
            ),
            ("x/daily_resting_heart_rate.csv", Kind::RestingCsv),
            ("daily_resting_heart_rate_2026-09-01.csv", Kind::RestingCsv),
            ("Takeout/Fitbit/Your Profile/Profile.csv", Kind::Profile),
            (
                "Takeout/Fitbit/Health Fitness Data_GoogleData/UserSleeps_2023-04-10.csv",
                Kind::Sleeps,
            ),
            ("UserSleepStages_2023-04-10.csv", Kind::SleepStages),
            ("sleep-2023-04-10.json", Kind::SleepLog),
        ] {
            assert_eq!(judge(path.as_bytes()), Named::Wanted(kind), "{path}");
        }
    }

    #[test]
    fn neighbours_with_similar_names_are_foreign() {
        for path in [
            "time_in_heart_rate_zones-2024-01-01.json",
            "time_in_heart_rate_zone_2024-01-01.csv",
            "heart_rate_variability_2024-01-01.csv",
            "daily_heart_rate_zones.csv",
            "heart_rate_readme.txt",
            "Heart Rate Notifications Alerts.csv",
            "heart_rate_2024-01-01.json",
            "heart_rate-2024-01-01.csv",
            "heart_rate-2024-01-01.json.bak",
            "heart_rate-2024-1-1.json",
            "__MACOSX/Takeout/heart_rate-2024-01-01.json",
            "__MACOSX/Takeout/._heart_rate-2024-01-01.json",
            "heart_rate-2024-01-01.json/",
            "",
        ] {
            assert_eq!(judge(path.as_bytes()), Named::Foreign, "{path}");
        }
        assert_eq!(judge(b"heart_rate-2023-02-29.json"), Named::NoDay);
        assert_eq!(judge(b"heart_rate_2023-13-01.csv"), Named::NoDay);
    }
}
