//! What is to run every day, and the name by which it is found again.

use super::error::Error;
use super::quote;
use crate::zone::Tz;
use chrono::{DateTime, NaiveDate, NaiveTime, TimeZone, Utc};
use std::path::{Path, PathBuf};

/// A time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct At {
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
}

impl std::fmt::Display for At {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02}:{:02}", self.hour, self.minute)
    }
}

impl At {
    /// When it is this time next, by the clock of `zone`; an hour that a clock skips is passed over.
    #[must_use]
    pub fn next(self, now: DateTime<Utc>, zone: Tz) -> Option<DateTime<Tz>> {
        let time = NaiveTime::from_hms_opt(self.hour.into(), self.minute.into(), 0)?;
        let today = now.with_timezone(&zone).date_naive();
        let on = |day: NaiveDate| zone.from_local_datetime(&day.and_time(time)).earliest();
        today
            .iter_days()
            .take(3)
            .filter_map(on)
            .find(|at| *at > now)
    }
}

impl std::str::FromStr for At {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str, below: u8| {
            let two_digits = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
            text.parse().ok().filter(|n| two_digits && *n < below)
        };
        text.split_once(':')
            .and_then(|(hour, minute)| {
                Some(Self {
                    hour: number(hour, 24)?,
                    minute: number(minute, 60)?,
                })
            })
            .ok_or_else(|| "a time is HH:MM, from 00:00 to 23:59".to_owned())
    }
}

/// What is to be run every day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The program's own path.
    pub program: PathBuf,
    /// Options that lead, from its folder, to the same keys, login and archive, then the command; paths are absolute.
    pub arguments: Vec<String>,
    /// The folder it runs in: relative paths of the keys file start there.
    pub folder: PathBuf,
    /// Variables it needs: places and ways, never the client or a login.
    pub variables: Vec<(String, String)>,
    /// Whose run it is: `default` or a profile.
    pub profile: String,
    /// The keys file, if there is one; the arguments name it unless it is met by chance in the folder.
    pub keys: Option<PathBuf>,
    /// When.
    pub at: At,
}

impl Job {
    /// `fitbit-hr-sync-1a2b3c4d`, or `fitbit-hr-sync-alice-1a2b3c4d`: the same for the same folder, profile and keys file.
    #[must_use]
    pub fn name(&self) -> String {
        let keys = self.keys.as_deref().unwrap_or(Path::new(""));
        let parts = [self.folder.as_path(), Path::new(&self.profile), keys];
        let texts = parts.map(|part| part.to_string_lossy().into_owned());
        format!("{}-{:08x}", self.former_name(), fnv1a(&texts.join("\0")))
    }

    /// The name that jobs had when there was one a profile.
    pub(super) fn former_name(&self) -> String {
        match self.profile.as_str() {
            "default" => "fitbit-hr-sync".to_owned(),
            profile => format!("fitbit-hr-sync-{profile}"),
        }
    }

    /// Fails when something in it fits into no unit, line or agent.
    pub(super) fn check(&self) -> Result<(), Error> {
        let paths = [quote::utf8(&self.program)?, quote::utf8(&self.folder)?];
        let values = self.variables.iter().map(|(_, value)| value);
        paths
            .iter()
            .chain(&self.arguments)
            .chain(values)
            .try_for_each(|word| quote::printable(word))
    }
}

/// The 32-bit FNV-1a hash: short, and the same on every machine and in every version.
fn fnv1a(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day_are_checked() {
        let at = At { hour: 7, minute: 5 };
        assert_eq!(
            ("07:05".parse(), at.to_string().as_str()),
            (Ok(at), "07:05")
        );
        for text in ["7:30", "24:00", "07:60", "0730", "noon", ""] {
            assert!(text.parse::<At>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_next_run_is_today_or_tomorrow_by_the_zones_own_clock() {
        let at = At {
            hour: 2,
            minute: 30,
        };
        for (now, next) in [
            ("2026-11-27T01:00:00Z", "2026-11-27T01:30:00Z"),
            ("2026-11-27T01:30:00Z", "2026-11-28T01:30:00Z"),
            // There is no 02:30 on the day after.
            ("2026-03-28T12:00:00Z", "2026-03-30T00:30:00Z"),
        ] {
            let now = now.parse().expect("an instant");
            let found = at.next(now, Tz::of("Europe/Berlin")).map(|at| at.to_utc());
            assert_eq!(found, next.parse().ok());
        }
    }

    #[test]
    fn the_hash_is_the_one_of_the_page_on_fnv() {
        assert_eq!([fnv1a(""), fnv1a("foobar")], [0x811c_9dc5, 0xbf9c_f968]);
    }
}
