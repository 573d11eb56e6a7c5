//! The JSON twin by a real parser: other whitespace, other key order, more keys, a four-digit year, a byte order mark,
//! fractions of a second, a bpm with a decimal point.
//!
//! A file that is not well-formed JSON is refused whole: half a day would look like a day. In a well-formed one each
//! record stands alone, and one that makes no sense is left out with its place.

use super::json_fast::time_of_day;
use super::record::{self, Decoded, Fault, JsonRecord};
use chrono::{NaiveDate, NaiveTime};
use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

#[derive(Deserialize)]
struct WireRecord<'a> {
    #[serde(rename = "dateTime", borrow)]
    date_time: &'a RawValue,
    #[serde(borrow)]
    value: &'a RawValue,
}

#[derive(Deserialize)]
struct WireValue<'a> {
    #[serde(borrow)]
    bpm: &'a RawValue,
    #[serde(borrow, default)]
    confidence: Option<&'a RawValue>,
}

/// Reads a file that the template did not fit.
///
/// # Errors
/// Fails with the place where the file stops being JSON, or is something else than an array.
pub fn decode(bytes: &[u8]) -> Result<Decoded<JsonRecord>, Fault> {
    let text = bytes.strip_prefix(record::BOM).unwrap_or(bytes);
    let before = bytes.len() - text.len();
    if record::says_no_data(text) {
        return Ok(Decoded::default());
    }
    let mut json = serde_json::Deserializer::from_slice(text);
    let records = Records { file: bytes };
    let decoded = json.deserialize_seq(records);
    decoded
        .and_then(|decoded| json.end().map(|()| decoded))
        .map_err(|error| syntax_fault(text, before, &error))
}

struct Records<'a> {
    file: &'a [u8],
}

impl<'de> Visitor<'de> for Records<'_> {
    type Value = Decoded<JsonRecord>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut records: A) -> Result<Self::Value, A::Error> {
        let mut decoded = Decoded::default();
        while let Some(raw) = records.next_element::<&RawValue>()? {
            match one(raw.get()) {
                Ok(record) => decoded.records.push(record),
                Err(problem) => {
                    let offset = raw.get().as_ptr().addr() - self.file.as_ptr().addr();
                    decoded.fault(Fault::new(offset, problem));
                }
            }
        }
        Ok(decoded)
    }
}

fn one(raw: &str) -> Result<JsonRecord, String> {
    let wire: WireRecord = object(raw)?;
    let value: WireValue = object(wire.value.get())?;
    let odd = |key: &str, value: &RawValue| format!("{key} is {}", record::excerpt(value.get()));
    let instant = serde_json::from_str(wire.date_time.get())
        .ok()
        .and_then(|stamp: std::borrow::Cow<'_, str>| instant(&stamp))
        .ok_or_else(|| odd("dateTime", wire.date_time))?;
    let bpm = serde_json::from_str(value.bpm.get())
        .ok()
        .and_then(record::whole_bpm)
        .ok_or_else(|| odd("bpm", value.bpm))?;
    Ok(JsonRecord {
        instant,
        bpm,
        confidence: value.confidence.and_then(confidence),
    })
}

/// serde would take an array for a struct, field by field.
fn object<'a, T: Deserialize<'a>>(raw: &'a str) -> Result<T, String> {
    if !raw.starts_with('{') {
        return Err(format!("'{}' is no object", record::excerpt(raw)));
    }
    serde_json::from_str(raw).map_err(|error| plain(&error))
}

/// 0 to 3; what is none of them says nothing, and the sample stays without one.
fn confidence(raw: &RawValue) -> Option<u8> {
    let value: f64 = serde_json::from_str(raw.get()).ok()?;
    [0.0, 1.0, 2.0, 3.0]
        .iter()
        .position(|known| (known - value).abs() < f64::EPSILON)
        .and_then(|at| u8::try_from(at).ok())
}

/// `MM/DD/YY HH:MM:SS` in UTC; the year may have four digits, the second a fraction.
fn instant(stamp: &str) -> Option<i64> {
    let (date, time) = stamp.trim().split_once(' ')?;
    let mut parts = date.split('/');
    let (month, day, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || ![month, day, year].iter().all(|part| is_number(part)) {
        return None;
    }
    let year: i32 = match year.len() {
        2 => 2000 + year.parse::<i32>().ok()?,
        4 => year
            .parse()
            .ok()
            .filter(|year| (2000..2100).contains(year))?,
        _ => return None,
    };
    let date = NaiveDate::from_ymd_opt(year, month.parse().ok()?, day.parse().ok()?)?;
    let midnight = i64::from(date.to_epoch_days()) * 86_400_000;
    let (whole, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let whole = time_of_day(
        *whole
            .as_bytes()
            .first_chunk()
            .filter(|_| whole.len() == 8)?,
    )?;
    Some(midnight + whole + milliseconds(fraction)?)
}

fn is_number(text: &str) -> bool {
    (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The first three digits of a fraction of a second.
fn milliseconds(fraction: &str) -> Option<i64> {
    let all_digits = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let text = format!("00:00:00.{}", fraction.get(..3).unwrap_or(fraction));
    let time = NaiveTime::parse_from_str(&text, "%H:%M:%S%.f").ok()?;
    all_digits.then(|| {
        time.signed_duration_since(NaiveTime::MIN)
            .num_milliseconds()
    })
}

/// serde's sentence without its own count of lines, which would be those of the record.
fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let end = text.rfind(" at line ").unwrap_or(text.len());
    record::excerpt(text.get(..end).unwrap_or_default())
}

fn syntax_fault(text: &[u8], before: usize, error: &serde_json::Error) -> Fault {
    let line_start: usize = text
        .split_inclusive(|&byte| byte == b'\n')
        .take(error.line().saturating_sub(1))
        .map(<[u8]>::len)
        .sum();
    let offset = (line_start + error.column().saturating_sub(1)).min(text.len());
    let problem = if error.is_eof() {
        record::ENDS_EARLY.to_owned()
    } else {
        plain(error)
    };
    Fault::new(before + offset, problem)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::takeout::sample_files::json_file;

    fn read(text: &str) -> Decoded<JsonRecord> {
        decode(text.as_bytes()).expect("well-formed")
    }

    #[test]
    fn departures_from_the_template_mean_the_same() {
        let expected = [JsonRecord {
            instant: 1_468_245_600_000,
            bpm: 49,
            confidence: Some(3),
        }];
        for text in [
            r#"[{"dateTime":"07/11/16 14:00:00","value":{"bpm":49,"confidence":3}}]"#,
            r#" [ { "value" : { "confidence" : 3, "bpm" : 49 }, "dateTime" : "07/11/16 14:00:00" } ] "#,
            r#"[{"dateTime":"07/11/2016 14:00:00","value":{"bpm":49,"confidence":3}}]"#,
            r#"[{"dateTime":"7/11/16 14:00:00","value":{"bpm":49.0,"confidence":3.0}}]"#,
            r#"[{"dateTime":"07/11/16 14:00:00.000","value":{"bpm":48.5,"confidence":3}}]"#,
            r#"[{"dateTime":"07\/11\/16 14:00:00","value":{"bpm":4.9e1,"confidence":3}}]"#,
            r#"[{"id":7,"dateTime":"07/11/16 14:00:00","value":{"bpm":49,"confidence":3,"source":[{}]},"note":null}]"#,
            "\u{feff}[{\"dateTime\":\"07/11/16 14:00:00\",\"value\":{\"bpm\":49,\"confidence\":3}}]\r\n",
        ] {
            assert_eq!(read(text).records, expected, "{text}");
            assert_eq!(read(text).faulty, 0, "{text}");
        }
        let fraction = r#"[{"dateTime":"07/11/16 14:00:00.096319","value":{"bpm":49}}]"#;
        let record = read(fraction).records[0];
        assert_eq!(
            (record.instant, record.confidence),
            (1_468_245_600_096, None)
        );
        for odd in ["4", "-1", "2.5", "\"high\"", "null"] {
            let text = format!(
                r#"[{{"dateTime":"07/11/16 14:00:00","value":{{"bpm":49,"confidence":{odd}}}}}]"#
            );
            let read = read(&text);
            assert_eq!(
                (read.records[0].confidence, read.faulty),
                (None, 0),
                "{odd}"
            );
        }
        assert_eq!(read("[]"), Decoded::default());
        assert_eq!(read("no data\n"), Decoded::default());
    }

    #[test]
    fn a_record_without_sense_is_left_out_with_its_place() {
        let good = r#"{"dateTime":"07/11/16 14:00:00","value":{"bpm":49,"confidence":3}}"#;
        for (bad, problem) in [
            (
                r#"{"dateTime":"13/11/16 14:00:00","value":{"bpm":49}}"#,
                "dateTime is",
            ),
            (
                r#"{"dateTime":"07/11/1916 14:00:00","value":{"bpm":49}}"#,
                "dateTime is",
            ),
            (r#"{"dateTime":7,"value":{"bpm":49}}"#, "dateTime is 7"),
            (
                r#"{"dateTime":"07/11/16 14:00:00","value":{"bpm":0}}"#,
                "bpm is 0",
            ),
            (
                r#"{"dateTime":"07/11/16 14:00:00","value":{"bpm":301}}"#,
                "bpm is 301",
            ),
            (
                r#"{"dateTime":"07/11/16 14:00:00","value":{"bpm":"49"}}"#,
                "bpm is \"49\"",
            ),
            (
                r#"{"dateTime":"07/11/16 14:00:00","value":{"bpm":1e999}}"#,
                "bpm is 1e999",
            ),
            (
                r#"{"dateTime":"07/11/16 14:00:00","value":{"confidence":4}}"#,
                "missing field `bpm`",
            ),
            (
                r#"{"dateTime":"07/11/16 14:00:00","value":49}"#,
                "'49' is no object",
            ),
            (
                r#"{"dateTime":"07/11/16 14:00:00"}"#,
                "missing field `value`",
            ),
            ("null", "'null' is no object"),
            ("[[[]]]", "'[[[]]]' is no object"),
        ] {
            let decoded = read(&format!("[{good}, {bad},{good}]"));
            assert_eq!(decoded.records.len(), 2, "{bad}");
            assert_eq!(decoded.faulty, 1, "{bad}");
            assert_eq!(decoded.faults[0].offset, good.len() as u64 + 3, "{bad}");
            let shown = &decoded.faults[0].problem;
            assert!(shown.starts_with(problem), "{shown}");
        }
    }

    #[test]
    fn what_is_no_json_array_is_refused_with_its_place() {
        let good = r#"{"dateTime":"07/11/16 14:00:00","value":{"bpm":49,"confidence":3}}"#;
        for (text, offset) in [
            (format!("[{good},{good}"), good.len() * 2 + 2),
            (format!("[{good},\n{}", &good[..20]), good.len() + 3 + 19),
            (format!("[{good}]x"), good.len() + 2),
            (format!("[{good},]"), good.len() + 2),
            (good.to_owned(), 0),
            (String::new(), 0),
            ("<html>".to_owned(), 0),
            ("[".repeat(100_000), 99_999),
        ] {
            let fault = decode(text.as_bytes()).expect_err("refused");
            let distance = fault.offset.abs_diff(offset as u64);
            assert!(distance <= 1, "{fault:?} instead of {offset}");
        }
        assert!(decode(b"[\"\xFF\xFE\"]").is_err());
    }

    #[test]
    fn both_parsers_agree_on_the_template() {
        let records: Vec<_> = (0..50)
            .map(|n| JsonRecord {
                instant: 1_468_245_600_000 + n * 7000,
                bpm: 95 + u16::try_from(n).expect("small"),
                confidence: u8::try_from(n % 4).ok(),
            })
            .collect();
        let file = json_file(&records);
        assert_eq!(
            super::super::json_fast::decode(&file).as_ref(),
            Some(&records)
        );
        assert_eq!(decode(&file), Ok(Decoded::of(records)));
    }
}
