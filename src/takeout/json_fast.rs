//! The JSON twin by its fixed template: every byte is checked against what a record looks like, nothing is searched.
//!
//! 1,795 of 1,795 measured files (2015 to 2026) are, byte for byte, records of this shape joined by `},{`:
//!
//! ```text
//! [{
//!   "dateTime" : "07/11/16 14:00:00",
//!   "value" : {
//!     "bpm" : 49,
//!     "confidence" : 3
//!   }
//! }]
//! ```
//!
//! Whatever departs from it by one byte is left to [`super::json_slow`].

use super::record::JsonRecord;
use chrono::NaiveDate;

const BEFORE_STAMP: &[u8; 18] = b"{\n  \"dateTime\" : \"";
const BEFORE_BPM: &[u8; 29] = b"\",\n  \"value\" : {\n    \"bpm\" : ";
const BEFORE_CONFIDENCE: &[u8; 21] = b",\n    \"confidence\" : ";
const AFTER: &[u8; 6] = b"\n  }\n}";

/// A record with a bpm of two digits and the comma or bracket behind it.
const RECORD_BYTES: usize = 95;

const DAY_MS: i64 = 86_400_000;

/// All records in the file's order; `None` at the first byte that is not as the template says, at a date that does
/// not exist, and at a bpm outside 1 to 300.
#[must_use]
pub fn decode(bytes: &[u8]) -> Option<Vec<JsonRecord>> {
    let mut rest = bytes.strip_prefix(b"[")?;
    let mut records = Vec::with_capacity(bytes.len() / RECORD_BYTES + 1);
    let mut midnight = Midnight::default();
    loop {
        let (record, after) = record(rest, &mut midnight)?;
        records.push(record);
        match after.split_first()? {
            (b',', more) => rest = more,
            (b']', []) => return Some(records),
            _ => return None,
        }
    }
}

fn record<'a>(rest: &'a [u8], midnight: &mut Midnight) -> Option<(JsonRecord, &'a [u8])> {
    let (head, rest) = rest.split_first_chunk::<66>()?;
    let (before, stamp) = head.split_first_chunk::<18>()?;
    let (date, stamp) = stamp.split_first_chunk::<9>()?;
    let (time, stamp) = stamp.split_first_chunk::<8>()?;
    let (before_bpm, bpm) = stamp.split_first_chunk::<29>()?;
    if before != BEFORE_STAMP || before_bpm != BEFORE_BPM {
        return None;
    }
    let instant = midnight.of(*date)? + time_of_day(*time)?;
    let [tens, ones] = *bpm else { return None };
    let mut bpm = u16::from(digit(tens)?) * 10 + u16::from(digit(ones)?);
    let mut rest = rest;
    if let Some(&third) = rest.first().filter(|&&byte| byte != b',') {
        bpm = bpm * 10 + u16::from(digit(third)?);
        rest = rest.get(1..)?;
    }
    // A leading zero is no JSON number.
    if tens == b'0' || !(1..=300).contains(&bpm) {
        return None;
    }
    let (tail, rest) = rest.split_first_chunk::<28>()?;
    let (before, tail) = tail.split_first_chunk::<21>()?;
    let (confidence, after) = tail.split_first()?;
    if before != BEFORE_CONFIDENCE || after != AFTER {
        return None;
    }
    let record = JsonRecord {
        instant,
        bpm,
        confidence: Some(digit(*confidence).filter(|&confidence| confidence <= 3)?),
    };
    Some((record, rest))
}

fn digit(byte: u8) -> Option<u8> {
    let value = byte.wrapping_sub(b'0');
    (value <= 9).then_some(value)
}

fn two_digits(tens: u8, ones: u8) -> Option<u32> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens <= 9 && ones <= 9).then(|| u32::from(tens) * 10 + u32::from(ones))
}

/// Milliseconds since midnight of `HH:MM:SS`.
pub(super) fn time_of_day([h1, h2, c1, m1, m2, c2, s1, s2]: [u8; 8]) -> Option<i64> {
    if c1 != b':' || c2 != b':' {
        return None;
    }
    let (hours, minutes, seconds) = (
        two_digits(h1, h2)?,
        two_digits(m1, m2)?,
        two_digits(s1, s2)?,
    );
    (hours < 24 && minutes < 60 && seconds < 60)
        .then(|| i64::from((hours * 60 + minutes) * 60 + seconds) * 1000)
}

/// The last date met and its midnight: a file has two or three of them.
#[derive(Default)]
struct Midnight {
    date: [u8; 9],
    instant: i64,
}

impl Midnight {
    /// The instant of `MM/DD/YY `, which is 20YY.
    fn of(&mut self, date: [u8; 9]) -> Option<i64> {
        if date != self.date {
            self.instant = midnight(date)?;
            self.date = date;
        }
        Some(self.instant)
    }
}

fn midnight([m1, m2, s1, d1, d2, s2, y1, y2, blank]: [u8; 9]) -> Option<i64> {
    if s1 != b'/' || s2 != b'/' || blank != b' ' {
        return None;
    }
    let year = 2000 + i32::try_from(two_digits(y1, y2)?).ok()?;
    let date = NaiveDate::from_ymd_opt(year, two_digits(m1, m2)?, two_digits(d1, d2)?)?;
    Some(i64::from(date.to_epoch_days()) * DAY_MS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::takeout::sample_files::json_file;

    #[test]
    fn the_template_is_read_as_it_stands_in_real_files() {
        let file = b"[{\n  \"dateTime\" : \"07/11/16 14:00:00\",\n  \"value\" : {\n    \"bpm\" : 49,\n    \"confidence\" : 3\n  }\n},{\n  \"dateTime\" : \"07/11/16 14:00:10\",\n  \"value\" : {\n    \"bpm\" : 100,\n    \"confidence\" : 0\n  }\n}]";
        let expected = [(1_468_245_600_000, 49, 3), (1_468_245_610_000, 100, 0)];
        let records = decode(file).expect("the template");
        let read: Vec<_> = records
            .iter()
            .map(|r| (r.instant, r.bpm, r.confidence.expect("there")))
            .collect();
        assert_eq!(read, expected);
        assert_eq!(json_file(&records), file);
    }

    #[test]
    fn one_changed_byte_is_noticed_wherever_it_stands() {
        let records: Vec<_> = (0..3)
            .map(|n| JsonRecord {
                instant: 1_468_245_600_000 + n * 5000,
                bpm: 65,
                confidence: Some(2),
            })
            .collect();
        let file = json_file(&records);
        assert_eq!(decode(&file).as_ref(), Some(&records));
        for at in 0..file.len() {
            let mut changed = file.clone();
            changed[at] ^= 0x80;
            assert_eq!(decode(&changed), None, "byte {at}");
            assert_eq!(decode(&file[..at]), None, "cut at {at}");
        }
        assert_eq!(decode(&[file.as_slice(), b"\n"].concat()), None);
    }

    #[test]
    fn dates_and_values_that_cannot_be_are_refused() {
        let record = |stamp: &str, bpm: &str, confidence: &str| {
            format!(
                "[{{\n  \"dateTime\" : \"{stamp}\",\n  \"value\" : {{\n    \"bpm\" : {bpm},\n    \"confidence\" : {confidence}\n  }}\n}}]"
            )
        };
        assert!(decode(record("02/29/16 23:59:59", "300", "0").as_bytes()).is_some());
        for (stamp, bpm, confidence) in [
            ("02/29/15 00:00:00", "70", "1"),
            ("13/01/15 00:00:00", "70", "1"),
            ("01/01/15 24:00:00", "70", "1"),
            ("01/01/15 00:60:00", "70", "1"),
            ("01/01/15 00:00:60", "70", "1"),
            ("01/01/15 00:00:00", "301", "1"),
            ("01/01/15 00:00:00", "070", "1"),
            ("01/01/15 00:00:00", "7", "1"),
            ("01/01/15 00:00:00", "70", "4"),
            ("01/01/15 00:00:00", "-7", "1"),
        ] {
            let file = record(stamp, bpm, confidence);
            assert_eq!(decode(file.as_bytes()), None, "{file}");
        }
    }
}
