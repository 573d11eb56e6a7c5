//! A series that stops is noticed: by its own cadence, not by a fixed number of days. [`judge`] is pure.

use crate::archive::{Archive, Error, Series};
use crate::hint::{Hint, Invocation};
use chrono::{NaiveDate, TimeDelta};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt;

/// So many of the last days with data say what a series is used to.
const HABIT_DAYS: usize = 60;
/// Nothing new is nothing unusual before that.
const AT_LEAST_DAYS: i64 = 2;
/// So many usual pauses are unusual.
const PAUSES: i64 = 3;
/// A device that has not synced for so long is the reason.
const DEVICE_AWAY: TimeDelta = TimeDelta::days(2);
/// A login that ends so soon is worth a word first.
const LOGIN_ENDS_SOON: TimeDelta = TimeDelta::days(2);

/// Why nothing comes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The device has not synced since this day.
    DeviceAway(NaiveDate),
    /// The device synced on this day, and the service gives nothing all the same.
    NothingGiven(NaiveDate),
    /// The login ends on this day.
    LoginEnds(NaiveDate),
    /// The service refuses this kind of data.
    Refused(String),
    /// Nobody says when the device synced.
    Unknown,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DeviceAway(day) => write!(f, "the device has not synced since {day}"),
            Self::NothingGiven(day) => {
                write!(
                    f,
                    "the device synced on {day}, and the service gives nothing"
                )
            }
            Self::LoginEnds(day) => write!(f, "the login ends on {day}"),
            Self::Refused(why) => write!(f, "it is refused: {why}"),
            Self::Unknown => f.write_str("when the device synced is not known"),
        }
    }
}

impl Cause {
    /// For scripts.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::DeviceAway(_) => "device_away",
            Self::NothingGiven(_) => "nothing_given",
            Self::LoginEnds(_) => "login_ends",
            Self::Refused(_) => "refused",
            Self::Unknown => "unknown",
        }
    }
}

/// A series that has stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stale {
    /// Its name.
    pub series: String,
    /// Its last day with data.
    pub since: NaiveDate,
    /// Why.
    pub cause: Cause,
    /// The hook has run for it.
    #[serde(default)]
    pub told: bool,
}

impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.series.replace('_', " ");
        write!(f, "no {name} since {}: {}", self.since, self.cause)
    }
}

impl Stale {
    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> Hint {
        match &self.cause {
            Cause::DeviceAway(_) => {
                Hint::from("charge the device, open the app beside it and let it sync; then: ").command("sync")
            }
            Cause::NothingGiven(_) => {
                Hint::from("look whether the app shows it; wear the device and switch the measurement on; then: ").command("sync --refetch 14")
            }
            Cause::LoginEnds(_) => Hint::from("log in again: ").login(),
            Cause::Refused(why) if why.contains("scope") => Hint::add_to_login(&[&*self.series]),
            Cause::Refused(_) => {
                "look for a newer version of fitbit-hr, or leave it out of extracts in the keys file".into()
            }
            Cause::Unknown => Hint::from("open the app and look whether the device syncs; then: ").command("sync"),
        }
    }

    /// For scripts.
    #[must_use]
    pub fn to_json(&self, run: &Invocation) -> Value {
        json!({
            "series": self.series,
            "since": self.since.to_string(),
            "cause": self.cause.name(),
            "why": self.cause.to_string(),
            "remedy": self.remedy().said(run),
            "told": self.told,
        })
    }
}

/// What is known beside the series itself.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances {
    /// The day up to which was looked.
    pub today: NaiveDate,
    /// The day on which the device last synced, if that is known.
    pub device_synced: Option<NaiveDate>,
    /// The day on which the login ends, if it has one.
    pub login_ends: Option<NaiveDate>,
}

/// Whether a series with data on `days` (newest first) has stopped. What came once has no habit yet, unless it is measured all
/// the time.
#[must_use]
pub fn judge(
    series: &str,
    days: &[NaiveDate],
    is_measured_always: bool,
    around: &Circumstances,
) -> Option<Stale> {
    let since = *days.first()?;
    if days.len() == 1 && !is_measured_always {
        return None;
    }
    let limit = (PAUSES * usual_pause(days)).max(AT_LEAST_DAYS);
    ((around.today - since).num_days() > limit).then(|| Stale {
        series: series.to_owned(),
        since,
        cause: cause(around),
        told: false,
    })
}

/// The middle one of the pauses between days with data, in days; 0 where there is none.
fn usual_pause(days: &[NaiveDate]) -> i64 {
    let pairs = days.windows(2).take(HABIT_DAYS);
    let mut pauses: Vec<_> = pairs
        .filter_map(|pair| Some((*pair.first()? - *pair.get(1)?).num_days()))
        .collect();
    pauses.sort_unstable();
    pauses.get(pauses.len() / 2).copied().unwrap_or_default()
}

fn cause(around: &Circumstances) -> Cause {
    match (around.device_synced, around.login_ends) {
        (Some(synced), _) if around.today - synced >= DEVICE_AWAY => Cause::DeviceAway(synced),
        (_, Some(ends)) if ends - around.today <= LOGIN_ENDS_SOON => Cause::LoginEnds(ends),
        (Some(synced), _) => Cause::NothingGiven(synced),
        (None, _) => Cause::Unknown,
    }
}

/// A series that was looked at up to today.
#[derive(Debug, Clone)]
pub struct Looked {
    /// Which.
    pub series: Series,
    /// It is measured all the time that the device is worn.
    pub is_measured_always: bool,
    /// Why the service refuses it, where it does.
    pub refused: Option<String>,
}

/// Those that have stopped.
///
/// # Errors
/// Fails when the archive cannot be listed.
pub fn find(
    archive: &Archive,
    looked: &[Looked],
    around: &Circumstances,
) -> Result<Vec<Stale>, Error> {
    let mut found = Vec::new();
    for one in looked {
        let days = archive.recent_days(&one.series, HABIT_DAYS + 1)?;
        let stopped = judge(&one.series.extract, &days, one.is_measured_always, around);
        found.extend(stopped.map(|stale| Stale {
            cause: one.refused.clone().map_or(stale.cause, Cause::Refused),
            ..stale
        }));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::civil::day;

    fn around(today: &str, synced: Option<&str>, ends: Option<&str>) -> Circumstances {
        Circumstances {
            today: day(today),
            device_synced: synced.map(day),
            login_ends: ends.map(day),
        }
    }

    /// Days with data every `step` days, the last of them being this one.
    fn every(step: u64, last: &str) -> Vec<NaiveDate> {
        let back = |n| day(last) - chrono::Days::new(n * step);
        (0..20).map(back).collect()
    }

    #[test]
    fn a_series_is_stale_after_three_of_its_own_pauses() {
        for (step, last, today, is_stale) in [
            (1, "2026-11-20", "2026-11-20", false),
            (1, "2026-11-20", "2026-11-23", false),
            (1, "2026-11-20", "2026-11-24", true),
            (7, "2026-11-01", "2026-11-22", false),
            (7, "2026-11-01", "2026-11-23", true),
        ] {
            let found = judge(
                "weight",
                &every(step, last),
                false,
                &around(today, None, None),
            );
            assert_eq!(found.is_some(), is_stale, "{step} {today}");
        }
        assert_eq!(
            judge("x", &[], true, &around("2026-11-20", None, None)),
            None
        );
        let once = [day("2026-11-20")];
        assert!(judge("x", &once, true, &around("2026-11-22", None, None)).is_none());
        assert!(judge("x", &once, true, &around("2026-11-23", None, None)).is_some());
        assert!(judge("ecg", &once, false, &around("2027-11-23", None, None)).is_none());
        // One long holiday is no habit.
        let mut days = every(1, "2026-11-20");
        days.extend(every(1, "2026-08-20"));
        assert!(judge("x", &days, false, &around("2026-11-24", None, None)).is_some());
    }

    #[test]
    fn the_reasons_are_told_apart() {
        for (synced, ends, cause) in [
            (
                Some("2026-11-21"),
                None,
                Cause::DeviceAway(day("2026-11-21")),
            ),
            (
                Some("2026-11-27"),
                None,
                Cause::NothingGiven(day("2026-11-27")),
            ),
            (
                Some("2026-11-27"),
                Some("2026-11-28"),
                Cause::LoginEnds(day("2026-11-28")),
            ),
            (None, Some("2027-11-28"), Cause::Unknown),
        ] {
            let found = judge(
                "heart_rate",
                &every(1, "2026-11-20"),
                true,
                &around("2026-11-27", synced, ends),
            );
            assert_eq!(found.map(|stale| stale.cause), Some(cause));
        }
    }
}
