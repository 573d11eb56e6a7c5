//! `UserSleeps_*.csv` and `UserSleepStages_*.csv`: what the wearer's clock was ahead of UTC in each night; and
//! `sleep-*.json`, which tells how to read their stamps.
//!
//! The stamps end in `+0000` or `Z`. In exports of 2025 they are the wearer's wall clock all the same, in those of 2026 they
//! are UTC (column `algorithm_version`). `sleep-*.json` has the wall clock: where the same start stands in both, it is
//! the wall clock in both. `+00:00` means "not known" in most rows of `UserSleeps`, so it proves nothing there, not even
//! to people in London; the stages have an offset in every row.

use super::record::{self, Fault};
use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Stages that begin later than this after the one before are of another sleep.
const SAME_SLEEP_MS: i64 = 3 * 3_600_000;

/// A part of a night as the export states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "Wire", from = "Wire")]
pub struct Night {
    /// The first stamp, as if it were UTC, in milliseconds since 1970.
    pub first: i64,
    /// The last one.
    pub last: i64,
    /// Seconds ahead of UTC, a multiple of 900; `None` where it is not known.
    pub utc_offset: Option<i32>,
    /// The columns are those of 2026.
    pub newer: bool,
}

type Wire = (i64, i64, Option<i32>, bool);

impl From<Night> for Wire {
    fn from(night: Night) -> Self {
        (night.first, night.last, night.utc_offset, night.newer)
    }
}

impl From<Wire> for Night {
    fn from((first, last, utc_offset, newer): Wire) -> Self {
        Self {
            first,
            last,
            utc_offset,
            newer,
        }
    }
}

/// What stamps show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StampClock {
    /// UTC.
    Utc,
    /// The wearer's wall clock.
    Local,
}

impl Night {
    /// First and last instant, and the offset; `None` where it is not known.
    #[must_use]
    pub fn stated(&self, clock: StampClock) -> Option<(i64, i64, i32)> {
        let utc_offset = self.utc_offset?;
        let behind = match clock {
            StampClock::Utc => 0,
            StampClock::Local => i64::from(utc_offset) * 1000,
        };
        Some((self.first - behind, self.last - behind, utc_offset))
    }
}

/// How the stamps of an export's nights are to be read, by the starts of its sleeps on the wearer's clock; else by its columns.
#[must_use]
pub fn clock(nights: &BTreeSet<Night>, sleeps: &BTreeSet<i64>) -> StampClock {
    let ahead = |night: &Night| night.utc_offset.filter(|ahead| *ahead != 0);
    let (mut local, mut utc) = (0, 0);
    for night in nights {
        local += u32::from(sleeps.contains(&night.first));
        let shifted = ahead(night).map(|ahead| night.first + i64::from(ahead) * 1000);
        utc += u32::from(shifted.is_some_and(|start| sleeps.contains(&start)));
    }
    let newer = nights.iter().any(|night| night.newer);
    if utc > local || utc == local && newer {
        StampClock::Utc
    } else {
        StampClock::Local
    }
}

/// Reads `UserSleeps_*.csv`: the beginnings and ends of nights.
///
/// # Errors
/// Fails when the file is no CSV. A night that says nothing usable is passed over: it is evidence, not data.
pub fn decode(bytes: &[u8]) -> Result<Vec<Night>, Fault> {
    let points = points(bytes, ["sleep_start", "sleep_end"])?;
    // Here, no offset is one that is not known.
    let known = |night: Night| Night {
        utc_offset: night.utc_offset.filter(|ahead| *ahead != 0),
        ..night
    };
    Ok(points.into_iter().map(known).collect())
}

/// Reads `UserSleepStages_*.csv`: stretches of one offset.
///
/// # Errors
/// As [`decode`].
pub fn decode_stages(bytes: &[u8]) -> Result<Vec<Night>, Fault> {
    let mut points = points(bytes, ["sleep_stage_start", "sleep_stage_end"])?;
    points.retain(|night| night.utc_offset.is_some());
    points.sort_unstable();
    let mut nights: Vec<Night> = Vec::new();
    for point in points {
        match nights.last_mut() {
            Some(night)
                if night.utc_offset == point.utc_offset
                    && point.first - night.last <= SAME_SLEEP_MS =>
            {
                night.last = night.last.max(point.last);
            }
            _ => nights.push(point),
        }
    }
    Ok(nights)
}

/// Each stamp of the two columns, or of those with `(UTC)` behind their names, with the offset beside it.
fn points(bytes: &[u8], stamps: [&str; 2]) -> Result<Vec<Night>, Fault> {
    let text = bytes.strip_prefix(record::BOM).unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text);
    let failed = |error: csv::Error| Fault::new(0, error.to_string());
    let header = reader.byte_headers().map_err(failed)?;
    let find = |name: &str| {
        let utc = format!("{name}(UTC)");
        let known = |cell: &[u8]| [name.as_bytes(), utc.as_bytes()].contains(&cell.trim_ascii());
        header.iter().position(known)
    };
    let [start, end] = stamps;
    let ends = [("start_utc_offset", start), ("end_utc_offset", end)]
        .map(|(offset, stamp)| (find(offset), find(stamp)));
    let newer = find("algorithm_version").is_some();
    let mut nights = Vec::new();
    for row in reader.byte_records() {
        let row = row.map_err(failed)?;
        let cell = |at: usize| std::str::from_utf8(row.get(at).unwrap_or_default()).ok();
        for (offset, stamp) in ends {
            let instant = stamp.and_then(cell).and_then(super::csv::instant);
            nights.extend(instant.map(|at| Night {
                first: at,
                last: at,
                utc_offset: offset.and_then(cell).and_then(utc_offset),
                newer,
            }));
        }
    }
    Ok(nights)
}

#[derive(Deserialize)]
struct WireSleep {
    #[serde(rename = "startTime")]
    start_time: Option<String>,
}

/// Reads `sleep-YYYY-MM-DD.json`: when sleeps began, in milliseconds since 1970 of the wearer's clock.
///
/// # Errors
/// Fails when the file is no JSON array of sleeps.
pub fn decode_log(bytes: &[u8]) -> Result<Vec<i64>, Fault> {
    let text = bytes.strip_prefix(record::BOM).unwrap_or(bytes);
    let sleeps: Vec<WireSleep> = serde_json::from_slice(text)
        .map_err(|error| Fault::new(0, record::excerpt(&error.to_string())))?;
    let starts = sleeps.into_iter().filter_map(|sleep| sleep.start_time);
    let start = |text: String| NaiveDateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M:%S%.f").ok();
    Ok(starts
        .filter_map(start)
        .map(|at| at.and_utc().timestamp_millis())
        .collect())
}

/// `+05:30` in seconds; `None` for what no clock on earth shows.
fn utc_offset(text: &str) -> Option<i32> {
    let text = text.trim();
    let sign = match text.chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.get(..2)?.parse().ok()?);
    let seconds = sign * (hours * 3600 + minutes * 60);
    let real = (0..=14).contains(&hours) && (0..60).contains(&minutes) && seconds % 900 == 0;
    real.then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    fn night(first: i64, last: i64, utc_offset: Option<i32>) -> Night {
        Night {
            first,
            last,
            utc_offset,
            newer: false,
        }
    }

    #[test]
    fn both_ends_of_a_night_have_an_offset_of_their_own() {
        let file = b"sleep_id,start_utc_offset,sleep_start,end_utc_offset,sleep_end\n\
            1,+02:00,2026-10-04 20:30:00+0000,+02:00,2026-10-05T04:30:00Z\n\
            2,+00:00,2026-10-05 20:30:00+0000,-03:30,2026-10-06 04:30:00+0000\n\
            4,,,x,y\n";
        let expected = [
            (1_791_145_800_000, Some(7200)),
            (1_791_174_600_000, Some(7200)),
            (1_791_232_200_000, None),
            (1_791_261_000_000, Some(-12_600)),
        ];
        let expected = expected.map(|(at, ahead)| night(at, at, ahead));
        assert_eq!(decode(file), Ok(expected.to_vec()));
        let newer = b"sleep_id,start_utc_offset,sleep_start(UTC),algorithm_version\n1,+25:00,2026-10-04T20:30:00Z,v1\n";
        let newer = decode(newer).expect("CSV");
        assert_eq!(
            (newer.len(), newer[0].newer, newer[0].utc_offset),
            (1, true, None)
        );
        assert_eq!(decode(b"a,b\n1,2\n"), Ok(Vec::new()));
    }

    #[test]
    fn stages_are_stretches_of_one_offset_and_zero_is_one() {
        let file = b"sleep_id,sleep_stage_type,start_utc_offset,sleep_stage_start,end_utc_offset,sleep_stage_end\n\
            1,AWAKE,+00:00,2026-10-04T20:30:00Z,+00:00,2026-10-04T20:33:00Z\n\
            1,LIGHT,+00:00,2026-10-04T20:33:00Z,+00:00,2026-10-05T04:30:00Z\n\
            2,LIGHT,+01:00,2026-10-05T20:30:00Z,+01:00,2026-10-05T21:30:00Z\n";
        let start = 1_791_145_800_000;
        let expected = [
            night(start, start + 3 * 60_000, Some(0)),
            night(start + 8 * HOUR, start + 8 * HOUR, Some(0)),
            night(start + 24 * HOUR, start + 25 * HOUR, Some(3600)),
        ];
        assert_eq!(decode_stages(file), Ok(expected.to_vec()));
    }

    #[test]
    fn the_log_of_sleeps_tells_what_the_stamps_are_and_else_the_columns() {
        let log =
            decode_log(br#"[{"startTime":"2026-10-04T20:30:00.000"},{"logId":1}]"#).expect("JSON");
        let (start, berlin) = (1_791_145_800_000, Some(7200));
        assert_eq!(log, [start]);
        let log: BTreeSet<i64> = log.into_iter().collect();
        let newer = |night: Night| Night {
            newer: true,
            ..night
        };
        let (as_it_is, shifted) = (
            night(start, start, berlin),
            night(start - 2 * HOUR, start, berlin),
        );
        for (night, log, expected) in [
            (as_it_is, &log, StampClock::Local),
            (newer(as_it_is), &log, StampClock::Local),
            (shifted, &log, StampClock::Utc),
            (night(start, start, None), &log, StampClock::Local),
            (as_it_is, &BTreeSet::new(), StampClock::Local),
            (newer(as_it_is), &BTreeSet::new(), StampClock::Utc),
        ] {
            assert_eq!(clock(&[night].into(), log), expected, "{night:?}");
        }
        assert_eq!(
            as_it_is.stated(StampClock::Local),
            Some((start - 2 * HOUR, start - 2 * HOUR, 7200))
        );
        assert!(decode_log(b"{}").is_err());
    }
}
