//! Resting heart rates, day by day: a JSON file for 365 days, or one CSV for all.
//!
//! Days without a value and days to come stand there as `null` and `0.0`: both are nothing. The dates are the
//! wearer's, and the `Z` in the CSV is no instant but a date.

use super::record::{self, Decoded, Fault};
use chrono::{Datelike, NaiveDate};
use serde::Deserialize;
use serde_json::value::RawValue;

/// A civil day's resting heart rate in beats per minute.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Resting {
    /// The wearer's day.
    pub day: NaiveDate,
    /// Above 0, at most 300.
    pub bpm: f64,
}

#[derive(Deserialize)]
struct WireYear<'a>(#[serde(borrow)] Vec<&'a RawValue>);

#[derive(Deserialize)]
struct WireRecord {
    value: Option<WireValue>,
}

#[derive(Deserialize)]
struct WireValue {
    date: Option<String>,
    value: Option<f64>,
}

/// Reads `resting_heart_rate-YYYY-MM-DD.json`; days after `last_day` are nothing.
///
/// # Errors
/// Fails when the file is no JSON array. A record that makes no sense is left out with its place.
pub fn decode_json(bytes: &[u8], last_day: NaiveDate) -> Result<Decoded<Resting>, Fault> {
    let text = bytes.strip_prefix(record::BOM).unwrap_or(bytes);
    if record::says_no_data(text) {
        return Ok(Decoded::default());
    }
    let WireYear(raws) = serde_json::from_slice(text)
        .map_err(|error| Fault::new(bytes.len() - text.len(), error.to_string()))?;
    let mut decoded = Decoded::default();
    for raw in raws {
        match one(raw.get()) {
            Ok(resting) => decoded
                .records
                .extend(resting.filter(|resting| resting.day <= last_day)),
            Err(problem) => {
                let offset = raw.get().as_ptr().addr() - bytes.as_ptr().addr();
                decoded.fault(Fault::new(offset, problem));
            }
        }
    }
    Ok(decoded)
}

fn one(raw: &str) -> Result<Option<Resting>, String> {
    let wire: WireRecord =
        serde_json::from_str(raw).map_err(|error| record::excerpt(&error.to_string()))?;
    let Some(WireValue {
        date: Some(date),
        value: Some(bpm),
    }) = wire.value
    else {
        return Ok(None);
    };
    if bpm == 0.0 {
        return Ok(None);
    }
    let day = us_date(&date).ok_or_else(|| format!("date is '{}'", record::excerpt(&date)))?;
    plausible(day, bpm).map(Some)
}

fn plausible(day: NaiveDate, bpm: f64) -> Result<Resting, String> {
    if bpm > 0.0 && bpm <= 300.0 {
        Ok(Resting { day, bpm })
    } else {
        Err(format!("the resting heart rate of {day} is {bpm}"))
    }
}

/// `MM/DD/YY` or `MM/DD/YYYY`.
fn us_date(text: &str) -> Option<NaiveDate> {
    let format = if text.len() > 8 {
        "%m/%d/%Y"
    } else {
        "%m/%d/%y"
    };
    let date = NaiveDate::parse_from_str(text, format).ok()?;
    (2000..2100).contains(&date.year()).then_some(date)
}

/// Reads `daily_resting_heart_rate.csv`; days after `last_day` are nothing.
///
/// # Errors
/// Fails when the header lacks the columns. A row that makes no sense is left out with its place.
pub fn decode_csv(bytes: &[u8], last_day: NaiveDate) -> Result<Decoded<Resting>, Fault> {
    let text = bytes.strip_prefix(record::BOM).unwrap_or(bytes);
    let mut decoded = Decoded::default();
    record::not_empty(text, bytes.len() - text.len())?;
    if record::says_no_data(text) {
        return Ok(decoded);
    }
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text);
    let header = reader
        .headers()
        .map_err(|error| Fault::new(0, error.to_string()))?;
    let find = |name: &str| header.iter().position(|cell| cell.trim() == name);
    let (Some(date), Some(bpm)) = (find("timestamp"), find("beats per minute")) else {
        return Err(Fault::new(
            0,
            "no columns 'timestamp' and 'beats per minute'",
        ));
    };
    for row in reader.byte_records() {
        let row = row.map_err(|error| Fault::new(0, error.to_string()))?;
        let cell = |at: usize| String::from_utf8_lossy(row.get(at).unwrap_or_default());
        match row_of(&cell(date), &cell(bpm)) {
            Ok(resting) => decoded
                .records
                .extend(resting.filter(|resting| resting.day <= last_day)),
            Err(problem) => {
                let mut fault = Fault::new(bytes.len() - text.len(), problem);
                fault.offset += row.position().map_or(0, csv::Position::byte);
                decoded.fault(fault);
            }
        }
    }
    Ok(decoded)
}

fn row_of(stamp: &str, bpm: &str) -> Result<Option<Resting>, String> {
    let day: NaiveDate = stamp
        .get(..10)
        .and_then(|date| date.parse().ok())
        .ok_or_else(|| format!("timestamp is '{}'", record::excerpt(stamp)))?;
    let bpm = bpm.trim();
    if bpm.is_empty() || bpm == "null" {
        return Ok(None);
    }
    let value: f64 = bpm
        .parse()
        .map_err(|_| format!("beats per minute is '{}'", record::excerpt(bpm)))?;
    if value == 0.0 {
        return Ok(None);
    }
    plausible(day, value).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn null_zero_and_days_to_come_are_nothing() {
        let file = br#"[{
  "dateTime" : "05/16/18 00:00:00",
  "value" : { "date" : "05/16/18", "value" : 69.83200740814209, "error" : 6.930667877197266 }
},{
  "dateTime" : "05/17/18 00:00:00",
  "value" : { "date" : null, "value" : 0.0, "error" : 0.0 }
},{
  "dateTime" : "05/18/18 00:00:00",
  "value" : { "date" : "05/18/18", "value" : 0.0, "error" : 0.0 }
},{
  "dateTime" : "05/19/18 00:00:00",
  "value" : null
},{
  "dateTime" : "05/21/18 00:00:00",
  "value" : { "date" : "05/21/18", "value" : 61.5, "error" : 0.0 }
}]"#;
        let decoded = decode_json(file, day("2018-05-20")).expect("JSON");
        let expected = Resting {
            day: day("2018-05-16"),
            bpm: 69.832_007_408_142_09,
        };
        assert_eq!((decoded.records, decoded.faulty), (vec![expected], 0));
    }

    #[test]
    fn the_z_of_the_csv_is_a_date() {
        for file in [
            "timestamp,beats per minute\n2023-04-11T00:00:00Z,76.799\n2023-04-12T00:00:00Z,0.0\n2099-01-01T00:00:00Z,60\n",
            "timestamp,beats per minute,data source\n2023-04-11,76.799,Charge 5\n2023-04-12,null,\n",
        ] {
            let decoded = decode_csv(file.as_bytes(), day("2026-01-01")).expect("CSV");
            let expected = Resting {
                day: day("2023-04-11"),
                bpm: 76.799,
            };
            assert_eq!((decoded.records, decoded.faulty), (vec![expected], 0));
        }
        assert!(decode_csv(b"no data", day("2026-01-01")).is_ok());
    }

    #[test]
    fn what_makes_no_sense_is_left_out_with_its_place() {
        let file = br#"[{"value":{"date":"45/16/18","value":69.8}},{"value":{"date":"05/16/18","value":1e9}},{"value":{"date":"05/16/18","value":60}}]"#;
        let decoded = decode_json(file, day("2026-01-01")).expect("JSON");
        assert_eq!((decoded.records.len(), decoded.faulty), (1, 2));
        assert_eq!(decoded.faults[0].offset, 1);
        assert!(decode_json(b"{}", day("2026-01-01")).is_err());

        let file = b"timestamp,beats per minute\nyesterday,60\n2023-04-11,x\n2023-04-11,61\n";
        let decoded = decode_csv(file, day("2026-01-01")).expect("CSV");
        assert_eq!((decoded.records.len(), decoded.faulty), (1, 2));
        assert_eq!(decoded.faults[0].offset, 27);
        assert!(decode_csv(b"a,b\n1,2\n", day("2026-01-01")).is_err());
    }
}
