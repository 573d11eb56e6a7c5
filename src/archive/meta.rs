//! What the footer of a day's file says under `fitbit_hr.*`. Every key is always there, empty where unknown.
//! The limits of the zones and Takeout's notes stand beside them, where there are some.

use super::{TakeoutNotes, zones};
use crate::day::{Detail, Provider, Zone};
use chrono::NaiveDate;
use std::collections::BTreeSet;
use std::fmt::Display;
use std::str::FromStr;

/// The version of the layout: `fitbit_hr.schema`.
pub const SCHEMA: &str = "1";

/// What the keys begin with.
pub const PREFIX: &str = "fitbit_hr.";

/// The key of the limits of the heart-rate zones, beside the others; there where they are known.
pub const ZONES: &str = "heart_rate_zones";

/// What is known about a day besides its samples.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Meta {
    /// Who contributed to the file.
    pub providers: BTreeSet<Provider>,
    /// Nothing more is to come.
    pub settled: bool,
    /// The zone the civil day was cut by: an IANA name, or what else the source proved.
    pub timezone: Option<String>,
    /// Resting heart rate in beats per minute.
    pub resting_bpm: Option<f64>,
    /// Heart-rate zones in ascending order: names and limits alone. Empty where unknown.
    pub zones: Vec<Zone>,
    /// Instants in milliseconds since 1970 UTC whose Takeout record is a placeholder and was left out; ascending.
    pub placeholders: Vec<i64>,
    /// What Takeout said beside the rows.
    pub takeout: TakeoutNotes,
}

/// What can be learnt about a file without reading its samples.
#[derive(Debug, Clone, PartialEq)]
pub struct Footer {
    /// The civil day it holds.
    pub date: NaiveDate,
    /// How fine its samples are.
    pub detail: Detail,
    /// How many there are.
    pub samples: u64,
    /// The rest.
    pub meta: Meta,
}

/// The keys and values of a footer, in the order in which they are written.
#[must_use]
pub fn encode(date: NaiveDate, detail: Detail, meta: &Meta) -> Vec<(String, String)> {
    let providers: Vec<_> = meta.providers.iter().map(|p| p.name()).collect();
    let mut providers = providers;
    providers.sort_unstable();
    let mut pairs = [
        ("schema", SCHEMA.to_owned()),
        ("day", date.to_string()),
        ("detail", detail.to_string()),
        ("provider", providers.join(",")),
        ("settled", meta.settled.to_string()),
        ("timezone", meta.timezone.clone().unwrap_or_default()),
        ("resting_bpm", text(meta.resting_bpm.as_ref())),
        ("placeholders", join(&meta.placeholders)),
    ]
    .map(|(key, value)| (format!("{PREFIX}{key}"), value))
    .to_vec();
    if !meta.zones.is_empty() {
        pairs.push((ZONES.to_owned(), zones::encode(&meta.zones)));
    }
    pairs.extend(meta.takeout.encode());
    pairs
}

/// The keys and values of a footer over many days: what holds for all of them, and the other keys empty.
#[must_use]
pub fn encode_of_many(detail: Detail) -> Vec<(String, String)> {
    let known = [format!("{PREFIX}schema"), format!("{PREFIX}detail")];
    encode(NaiveDate::MIN, detail, &Meta::default())
        .into_iter()
        .map(|(key, value)| {
            let value = if known.contains(&key) {
                value
            } else {
                String::new()
            };
            (key, value)
        })
        .collect()
}

/// Reads the values that `value` finds for the keys of a footer.
///
/// # Errors
/// Fails on a missing key, another schema, or a value that cannot be read, with a sentence for a person.
pub fn decode<'a>(
    value: impl Fn(&str) -> Option<&'a str>,
) -> Result<(NaiveDate, Detail, Meta), String> {
    let get = |key: &str| {
        let key = format!("{PREFIX}{key}");
        value(&key).ok_or_else(|| format!("its footer lacks {key}"))
    };
    let schema = get("schema")?;
    if schema != SCHEMA {
        return Err(format!(
            "its layout is version '{schema}'; this program knows {SCHEMA}"
        ));
    }
    let providers = get("provider")?;
    let meta = Meta {
        providers: separated(providers)
            .map(|name| parse("provider", name))
            .collect::<Result<_, _>>()?,
        settled: parse("settled", get("settled")?)?,
        timezone: Some(get("timezone")?)
            .filter(|zone| !zone.is_empty())
            .map(str::to_owned),
        resting_bpm: separated(get("resting_bpm")?)
            .next()
            .map(|bpm| parse("resting_bpm", bpm))
            .transpose()?,
        // Files of earlier versions lack it.
        zones: read_zones(value(ZONES).unwrap_or_default())?,
        placeholders: separated(get("placeholders")?)
            .map(|instant| parse("placeholders", instant))
            .collect::<Result<_, _>>()?,
        takeout: TakeoutNotes::decode(&value)
            .map_err(|key| odd(key, value(key).unwrap_or_default()))?,
    };
    Ok((
        parse("day", get("day")?)?,
        parse("detail", get("detail")?)?,
        meta,
    ))
}

fn parse<T: FromStr>(key: &str, text: &str) -> Result<T, String> {
    text.parse()
        .map_err(|_| odd(&format!("{PREFIX}{key}"), text))
}

fn read_zones(text: &str) -> Result<Vec<Zone>, String> {
    zones::decode(text).ok_or_else(|| odd(ZONES, text))
}

fn odd(key: &str, text: &str) -> String {
    format!("its {key} has the odd value '{text}'")
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

    fn date() -> NaiveDate {
        NaiveDate::from_ymd_opt(2017, 6, 1).expect("a date")
    }

    fn read_back(pairs: &[(String, String)]) -> Result<(NaiveDate, Detail, Meta), String> {
        decode(|key| {
            let pair = pairs.iter().find(|pair| pair.0 == key);
            pair.map(|pair| pair.1.as_str())
        })
    }

    #[test]
    fn every_key_is_there_and_empty_where_unknown() {
        let pairs = encode(date(), Detail::Sec1, &Meta::default());
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
        assert_eq!(
            read_back(&pairs),
            Ok((date(), Detail::Sec1, Meta::default()))
        );
    }

    #[test]
    fn a_file_of_many_days_has_every_key_too() {
        let keys = |pairs: Vec<(String, String)>| pairs.into_iter().map(|(key, _)| key).collect();
        let many: Vec<String> = keys(encode_of_many(Detail::Min1));
        let one: Vec<String> = keys(encode(date(), Detail::Min1, &Meta::default()));
        assert_eq!(many, one);
        let mut known = encode_of_many(Detail::Min1);
        known.retain(|(_, value)| !value.is_empty());
        let known: Vec<_> = known.iter().map(|(k, v)| format!("{k}={v}")).collect();
        assert_eq!(known, ["fitbit_hr.schema=1", "fitbit_hr.detail=1min"]);
    }

    #[test]
    fn values_read_back_as_they_were() {
        let meta = Meta {
            providers: [Provider::Takeout, Provider::Google].into(),
            settled: true,
            timezone: Some("America/New_York".to_owned()),
            resting_bpm: Some(69.832_007_408_142_09),
            zones: vec![Zone {
                name: "Fat Burn".to_owned(),
                min: Some(97),
                max: Some(138),
                minutes: None,
                calories: None,
            }],
            placeholders: vec![1_496_289_600_000, 1_496_289_605_000],
            takeout: TakeoutNotes::default(),
        };
        let pairs = encode(date(), Detail::Min5, &meta);
        assert!(pairs.contains(&("fitbit_hr.provider".to_owned(), "google,takeout".to_owned())));
        assert_eq!(read_back(&pairs), Ok((date(), Detail::Min5, meta)));
    }

    #[test]
    fn a_missing_key_another_schema_and_an_odd_value_are_named() {
        let pairs = encode(date(), Detail::Sec1, &Meta::default());
        for (at, value, expected) in [
            (0, "2", "version '2'"),
            (1, "2017-13-01", "fitbit_hr.day has the odd value"),
            (3, "garmin", "fitbit_hr.provider has the odd value"),
            (7, "1,x", "fitbit_hr.placeholders has the odd value"),
        ] {
            let mut pairs = pairs.clone();
            pairs[at].1 = value.to_owned();
            let problem = read_back(&pairs).expect_err("refused");
            assert!(problem.contains(expected), "{problem}");
        }
        let zones = [&pairs[..], &[(ZONES.to_owned(), "Peak".to_owned())]].concat();
        let problem = read_back(&zones).expect_err("refused");
        assert!(
            problem.contains("heart_rate_zones has the odd value"),
            "{problem}"
        );
        let problem = read_back(&pairs[..5]).expect_err("refused");
        assert!(problem.contains("lacks fitbit_hr.timezone"), "{problem}");
    }
}
