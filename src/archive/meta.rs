//! What the footer of a day's file of heart rate says under `fitbit_hr.*`. Every key is always there, empty where
//! unknown. The limits of the zones stand beside them, where they are known, and so do Takeout's notes.

use super::parquet_file::{Tail, rows, value};
use super::{DayFile, Fault, Key, Meta, Period, TakeoutNotes, zones};
use crate::day::{Day, Detail, Provider, Summary};
use chrono::NaiveDate;
use std::collections::BTreeSet;
use std::fmt::Display;
use std::str::FromStr;

/// The version of the layout: `fitbit_hr.schema`.
pub const SCHEMA: u32 = 1;

/// What the keys begin with.
pub const PREFIX: &str = "fitbit_hr.";

/// The key of the limits of the heart-rate zones, beside the others; there where they are known.
pub const ZONES: &str = "heart_rate_zones";

/// What can be learnt about a file without reading its samples.
#[derive(Debug, Clone, PartialEq)]
pub struct Footer {
    /// The civil day it holds.
    pub date: NaiveDate,
    /// How fine its samples are.
    pub detail: Detail,
    /// How many there are.
    pub samples: u64,
    /// Resting heart rate, and the names and limits of the zones.
    pub summary: Summary,
    /// The rest.
    pub meta: Meta,
}

impl Footer {
    /// What the footer of the file of a day says.
    ///
    /// # Errors
    /// As [`decode`].
    pub fn of(key: &Key, tail: &Tail) -> Result<Self, Fault> {
        let file = tail.file();
        let footer = decode(key, |key| value(file, key))?;
        Ok(Self {
            samples: rows(file),
            ..footer
        })
    }
}

/// The keys and values of a footer, in the order in which they are written.
#[must_use]
pub fn encode(file: &DayFile) -> Vec<(String, String)> {
    let (day, meta) = (&file.day, &file.meta);
    let mut pairs = pairs([
        ("schema", SCHEMA.to_string()),
        ("day", day.date.to_string()),
        ("detail", day.detail.to_string()),
        ("provider", names(&meta.providers)),
        ("settled", meta.settled.to_string()),
        ("timezone", meta.timezone.clone().unwrap_or_default()),
        ("resting_bpm", text(day.summary.resting_bpm.as_ref())),
        ("placeholders", join(&meta.placeholders)),
    ]);
    let limits = zones::limits(&day.summary.zones);
    if !limits.is_empty() {
        pairs.push((ZONES.to_owned(), zones::encode(&limits)));
    }
    pairs.extend(meta.takeout.encode());
    pairs
}

/// The keys and values of a footer over many days: what holds for all of them, and the other keys empty.
#[must_use]
pub fn encode_of_many(detail: Detail) -> Vec<(String, String)> {
    let day = Day::empty(NaiveDate::default(), detail, Provider::Google);
    of_many(encode(&DayFile::new(day)))
}

/// Of a footer's keys and values what holds for many files, and the other keys empty.
pub(super) fn of_many(pairs: Vec<(String, String)>) -> Vec<(String, String)> {
    let holds = |key: &str| ["schema", "extract", "detail"].contains(&key);
    let pairs = pairs.into_iter().map(|(key, value)| {
        let its = key.strip_prefix(PREFIX).is_some_and(holds);
        (key, if its { value } else { String::new() })
    });
    pairs.collect()
}

/// Reads the values that `value` finds for the keys of the footer of a day's file; it says nothing of how many samples there are.
///
/// What another program left out is unknown.
///
/// # Errors
/// Fails on a newer layout, another day, or a value that cannot be read.
pub fn decode<'a>(key: &Key, value: impl Fn(&str) -> Option<&'a str>) -> Result<Footer, Fault> {
    let footer = Pairs(value);
    footer.check_schema()?;
    let (Period::Day(date), Some(detail)) = (key.period, key.series.detail) else {
        return Err(Fault::Foreign(format!("{key} is no day of heart rate")));
    };
    let its_date = footer.parsed("day")?.unwrap_or(date);
    let its_detail = footer.parsed("detail")?.unwrap_or(detail);
    if (its_date, its_detail) != (date, detail) {
        return Err(Fault::Foreign(format!(
            "it holds {its_date} at {its_detail}"
        )));
    }
    Ok(Footer {
        date,
        detail,
        samples: 0,
        summary: Summary {
            resting_bpm: footer.parsed("resting_bpm")?,
            zones: footer.zones()?,
        },
        meta: Meta {
            providers: footer.list("provider")?,
            settled: footer.parsed("settled")?.unwrap_or_default(),
            timezone: footer.text("timezone").map(str::to_owned),
            placeholders: footer.list("placeholders")?,
            takeout: footer.takeout()?,
        },
    })
}

/// The keys and values of some file's footer.
pub(super) struct Pairs<F>(pub F);

impl<'a, F: Fn(&str) -> Option<&'a str>> Pairs<F> {
    /// Fails on a layout that is not this version's.
    pub fn check_schema(&self) -> Result<(), Fault> {
        match self.parsed::<u32>("schema")? {
            Some(schema) if schema > SCHEMA => Err(Fault::Newer),
            _ => Ok(()),
        }
    }

    /// A value; `None` where it is not known.
    pub fn text(&self, key: &str) -> Option<&'a str> {
        (self.0)(&format!("{PREFIX}{key}")).filter(|text| !text.is_empty())
    }

    /// A value; `None` where it is not known.
    pub fn parsed<T: FromStr>(&self, key: &str) -> Result<Option<T>, Fault> {
        self.text(key).map(|text| parse(key, text)).transpose()
    }

    /// A list of values.
    pub fn list<T: FromStr, C: FromIterator<T>>(&self, key: &str) -> Result<C, Fault> {
        let parts = separated(self.text(key).unwrap_or_default());
        parts.map(|part| parse(key, part)).collect()
    }

    fn takeout(&self) -> Result<TakeoutNotes, Fault> {
        let notes = TakeoutNotes::decode(&self.0);
        notes.map_err(|key| odd(key, (self.0)(key).unwrap_or_default()))
    }

    fn zones(&self) -> Result<Vec<crate::day::Zone>, Fault> {
        let text = (self.0)(ZONES).unwrap_or_default();
        zones::decode(text).ok_or_else(|| odd(ZONES, text))
    }
}

/// Keys as they stand in a file.
pub(super) fn pairs<'a>(
    pairs: impl IntoIterator<Item = (&'a str, String)>,
) -> Vec<(String, String)> {
    let pairs = pairs.into_iter();
    pairs
        .map(|(key, value)| (format!("{PREFIX}{key}"), value))
        .collect()
}

/// The names of providers, in the order of the alphabet.
pub(super) fn names(providers: &BTreeSet<Provider>) -> String {
    let mut names: Vec<_> = providers.iter().map(|provider| provider.name()).collect();
    names.sort_unstable();
    names.join(",")
}

fn parse<T: FromStr>(key: &str, text: &str) -> Result<T, Fault> {
    text.parse()
        .map_err(|_| odd(&format!("{PREFIX}{key}"), text))
}

fn odd(key: &str, text: &str) -> Fault {
    Fault::Damaged(format!("its {key} has the odd value '{text}'"))
}

fn separated(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').filter(|part| !part.is_empty())
}

fn text(value: Option<&impl Display>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}

fn join(instants: &[i64]) -> String {
    let texts: Vec<_> = instants.iter().map(ToString::to_string).collect();
    texts.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::Series;
    use crate::day::Zone;

    fn file() -> DayFile {
        let date = NaiveDate::from_ymd_opt(2017, 6, 1).expect("a date");
        let mut file = DayFile::new(Day::empty(date, Detail::Sec1, Provider::Google));
        file.meta.providers.clear();
        file
    }

    fn read_back(pairs: &[(String, String)]) -> Result<(Summary, Meta), Fault> {
        let key = Series::heart_rate(Detail::Sec1).day(file().day.date);
        let footer = decode(&key, |key| {
            let pair = pairs.iter().find(|pair| pair.0 == key);
            pair.map(|pair| pair.1.as_str())
        })?;
        Ok((footer.summary, footer.meta))
    }

    #[test]
    fn every_key_is_there_and_empty_where_unknown() {
        let pairs = encode(&file());
        let shown: Vec<_> = pairs.iter().map(|(k, v)| format!("{k}={v}")).collect();
        assert_eq!(
            shown,
            [
                "fitbit_hr.schema=1",
                "fitbit_hr.day=2017-06-01",
                "fitbit_hr.detail=1sec",
                "fitbit_hr.provider=",
                "fitbit_hr.settled=false",
                "fitbit_hr.timezone=",
                "fitbit_hr.resting_bpm=",
                "fitbit_hr.placeholders=",
            ]
        );
        let nothing = Ok((Summary::default(), Meta::default()));
        assert_eq!(read_back(&pairs), nothing);
        // Another program may have dropped them.
        assert_eq!(read_back(&pairs[..4]), nothing);
        assert_eq!(read_back(&[]), nothing);
    }

    #[test]
    fn a_file_of_many_days_has_every_key_too() {
        let keys = |pairs: Vec<(String, String)>| pairs.into_iter().map(|(key, _)| key).collect();
        let many: Vec<String> = keys(encode_of_many(Detail::Min1));
        let one: Vec<String> = keys(encode(&file()));
        assert_eq!(many, one);
        let mut known = encode_of_many(Detail::Min1);
        known.retain(|(_, value)| !value.is_empty());
        let known: Vec<_> = known.iter().map(|(k, v)| format!("{k}={v}")).collect();
        assert_eq!(known, ["fitbit_hr.schema=1", "fitbit_hr.detail=1min"]);
    }

    #[test]
    fn values_read_back_as_they_were() {
        let mut file = file();
        file.day.summary = Summary {
            resting_bpm: Some(69.832_007_408_142_09),
            zones: vec![Zone {
                name: "Fat Burn".to_owned(),
                min: Some(97),
                max: Some(138),
                minutes: None,
                calories: None,
            }],
        };
        file.meta = Meta {
            providers: [Provider::Takeout, Provider::Google].into(),
            settled: true,
            timezone: Some("America/New_York".to_owned()),
            placeholders: vec![1_496_289_600_000, 1_496_289_605_000],
            takeout: TakeoutNotes::default(),
        };
        let pairs = encode(&file);
        assert!(pairs.contains(&("fitbit_hr.provider".to_owned(), "google,takeout".to_owned())));
        assert_eq!(read_back(&pairs), Ok((file.day.summary, file.meta)));
    }

    #[test]
    fn a_newer_layout_another_day_and_an_odd_value_are_named() {
        let pairs = encode(&file());
        for (at, value, expected) in [
            (0, "2", "newer"),
            (0, "10", "newer"),
            (1, "2017-13-01", "fitbit_hr.day has the odd value"),
            (1, "2017-06-02", "it holds 2017-06-02 at 1sec"),
            (2, "5min", "it holds 2017-06-01 at 5min"),
            (3, "garmin", "fitbit_hr.provider has the odd value"),
            (7, "1,x", "fitbit_hr.placeholders has the odd value"),
        ] {
            let mut pairs = pairs.clone();
            pairs[at].1 = value.to_owned();
            let fault = read_back(&pairs).expect_err("refused");
            assert!(fault.why().contains(expected), "{fault:?}");
        }
        let zones = [&pairs[..], &[(ZONES.to_owned(), "Peak".to_owned())]].concat();
        let fault = read_back(&zones).expect_err("refused");
        assert!(
            fault.why().contains("heart_rate_zones has the odd value"),
            "{fault:?}"
        );
    }
}
