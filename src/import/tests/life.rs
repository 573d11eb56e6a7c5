//! A made-up life, and what Fitbit exports of it.

use crate::takeout::record::JsonRecord;
use crate::takeout::sample_files::{csv_file, json_file};
use crate::takeout::wearer_clock::{DAY_MS, date, midnight};
use crate::zone::Tz;
use chrono::NaiveDate;
use std::collections::BTreeMap;

pub const HOUR: i64 = 3_600_000;

/// A wearer's samples, and the clock that the band showed.
#[derive(Debug, Clone)]
pub struct Life {
    pub zone: Tz,
    pub first: NaiveDate,
    pub days: u64,
    /// From and to which day of the life, and at which offset in quarters of an hour.
    pub trip: Option<(u64, u64, i32)>,
    /// The hours of the wall clock at which the band is worn.
    pub worn: (i64, i64),
    pub step_s: i64,
}

pub type Files = BTreeMap<String, Vec<u8>>;

/// Instant, bpm, device.
type CsvRow = (i64, u16, Option<&'static str>);

impl Life {
    pub fn utc_offset(&self, instant: i64) -> i32 {
        let home = self.zone.utc_offset(instant);
        let day = (instant + i64::from(home) * 1000 - midnight(self.first)).div_euclid(DAY_MS);
        match self.trip {
            Some((from, to, quarters)) if (from..to).contains(&day.unsigned_abs()) && day >= 0 => {
                quarters * 900
            }
            _ => home,
        }
    }

    pub fn local(&self, instant: i64) -> i64 {
        instant + i64::from(self.utc_offset(instant)) * 1000
    }

    pub fn instants(&self) -> Vec<i64> {
        let start = midnight(self.first);
        let length = i64::try_from(self.days).expect("small") * DAY_MS;
        (start..start + length)
            .step_by(usize::try_from(self.step_s * 1000).expect("small"))
            .filter(|instant| {
                let hour = self.local(*instant).rem_euclid(DAY_MS) / HOUR;
                (self.worn.0..self.worn.1).contains(&hour)
            })
            .collect()
    }

    pub fn bpm(instant: i64) -> u16 {
        // Never the 70 of placeholders.
        71 + u16::try_from((instant / 7000).rem_euclid(37)).expect("small")
    }

    pub fn confidence(instant: i64) -> u8 {
        u8::try_from((instant / 11_000).rem_euclid(4)).expect("small")
    }

    /// One record a second of the wall clock, the later one, in the order of the clock.
    pub fn json(&self) -> Files {
        let mut days: BTreeMap<NaiveDate, BTreeMap<i64, JsonRecord>> = BTreeMap::new();
        for instant in self.instants() {
            let local = self.local(instant);
            let record = JsonRecord {
                instant,
                bpm: Self::bpm(instant),
                confidence: Some(Self::confidence(instant)),
            };
            days.entry(date(local)).or_default().insert(local, record);
        }
        days.into_iter()
            .map(|(day, records)| {
                let records: Vec<_> = records.into_values().collect();
                (format!("heart_rate-{day}.json"), json_file(&records))
            })
            .collect()
    }

    pub fn csv(&self) -> Files {
        let mut days: BTreeMap<NaiveDate, Vec<CsvRow>> = BTreeMap::new();
        for instant in self.instants() {
            let row = (instant, Self::bpm(instant), Some("Inspire 3"));
            days.entry(date(instant)).or_default().push(row);
        }
        days.into_iter()
            .map(|(day, rows)| (format!("heart_rate_{day}.csv"), csv_file(&rows)))
            .collect()
    }
}

pub fn home() -> Life {
    Life {
        zone: Tz::of("America/New_York"),
        first: NaiveDate::from_ymd_opt(2024, 10, 28).expect("a date"),
        days: 10,
        trip: None,
        worn: (0, 24),
        step_s: 97,
    }
}
