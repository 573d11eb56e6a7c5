//! The CSV twin: UTC instants of one day of UTC, without confidence, since 2026 with the device.
//!
//! ```text
//! timestamp,beats per minute,data source
//! 2026-04-07T00:00:00Z,85.0,Inspire 3
//! ```
//!
//! Two or three columns, `\n`, always a `Z` and always `.0` in 9.8 million measured rows: [`fast`] checks every byte of
//! that; any departure sends the whole file through the `csv` crate, row by row, columns found by their names. A last
//! line without its `\n` is one that breaks off: `5` may have been `58.0`, and `Inspire` an `Inspire 3`.

use super::device::{Device, Devices};
use super::record::{self, CsvRecord, Decoded, Fault};
use chrono::{DateTime, Datelike, NaiveDate};

const STAMP: &str = "timestamp";
const BPM: &str = "beats per minute";
const DEVICE: &str = "data source";

/// Reads a file.
///
/// # Errors
/// Fails when there is nothing at all, or the header lacks the columns `timestamp` and `beats per minute`. A row that
/// makes no sense or breaks off is left out with its place.
pub fn decode(bytes: &[u8], devices: &Devices) -> Result<Decoded<CsvRecord>, Fault> {
    match fast(bytes, devices) {
        Some(records) => Ok(Decoded::of(records)),
        None => slow(bytes, devices),
    }
}

/// The fixed template; `None` at the first byte that departs from it.
#[must_use]
pub fn fast(bytes: &[u8], devices: &Devices) -> Option<Vec<CsvRecord>> {
    let (header, mut rest) = split_line(bytes)?;
    let with_device = match header {
        b"timestamp,beats per minute" => false,
        b"timestamp,beats per minute,data source" => true,
        _ => return None,
    };
    let mut records = Vec::with_capacity(rest.len() / 26);
    let mut midnight = Midnight::default();
    let mut name: (&[u8], Option<Device>) = (b"", None);
    while !rest.is_empty() {
        let (stamp, after) = rest.split_first_chunk::<21>()?;
        let (date, time) = stamp.split_first_chunk::<11>()?;
        let (time, [b'Z', b',']) = time.split_first_chunk::<8>()? else {
            return None;
        };
        let instant = midnight.of(*date)? + super::json_fast::time_of_day(*time)?;
        let (bpm, after) = beats(after)?;
        let after = if with_device {
            let (device, after) = split_line(after.strip_prefix(b",")?)?;
            if device != name.0 {
                name = (device, Some(plain_name(device, devices)?));
            }
            after
        } else {
            after.strip_prefix(b"\n")?
        };
        records.push(CsvRecord {
            instant,
            bpm,
            device: name.1,
        });
        rest = after;
    }
    Some(records)
}

fn split_line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|&byte| byte == b'\n')?;
    Some((bytes.get(..end)?, bytes.get(end + 1..)?))
}

fn plain_name(name: &[u8], devices: &Devices) -> Option<Device> {
    let special = |byte: &u8| matches!(byte, b'"' | b',') || byte.is_ascii_control();
    let padded = name.trim_ascii().len() < name.len();
    if name.is_empty() || padded || name.iter().any(special) {
        return None;
    }
    devices.intern(std::str::from_utf8(name).ok()?)
}

/// `NN.0` or `NNN.0`, and what follows.
fn beats(bytes: &[u8]) -> Option<(u16, &[u8])> {
    let digits = bytes.iter().take(3).take_while(|b| b.is_ascii_digit());
    let (count, bpm) = digits.fold((0, 0), |(count, bpm), digit| {
        (count + 1, bpm * 10 + u16::from(digit - b'0'))
    });
    let rest = bytes.get(count..)?.strip_prefix(b".0")?;
    (bytes.first() != Some(&b'0') && (1..=300).contains(&bpm)).then_some((bpm, rest))
}

/// The last date met and its midnight.
#[derive(Default)]
struct Midnight {
    date: [u8; 11],
    instant: i64,
}

impl Midnight {
    /// The instant of `YYYY-MM-DDT`.
    fn of(&mut self, date: [u8; 11]) -> Option<i64> {
        if date != self.date {
            let text = std::str::from_utf8(&date).ok()?.strip_suffix('T')?;
            let all_digits = text.bytes().filter(u8::is_ascii_digit).count() == 8;
            let parsed: NaiveDate = text.parse().ok().filter(|_| all_digits)?;
            self.instant = i64::from(in_our_century(parsed)?.to_epoch_days()) * 86_400_000;
            self.date = date;
        }
        Some(self.instant)
    }
}

fn in_our_century(date: NaiveDate) -> Option<NaiveDate> {
    (2000..2100).contains(&date.year()).then_some(date)
}

pub(super) fn slow(bytes: &[u8], devices: &Devices) -> Result<Decoded<CsvRecord>, Fault> {
    let text = bytes.strip_prefix(record::BOM).unwrap_or(bytes);
    let before = bytes.len() - text.len();
    record::not_empty(text, before)?;
    if record::says_no_data(text) {
        return Ok(Decoded::default());
    }
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .has_headers(false)
        .from_reader(text);
    let mut row = csv::ByteRecord::new();
    let header = reader.read_byte_record(&mut row);
    header.map_err(|error| Fault::new(before, error.to_string()))?;
    let columns = Columns::find(&row)
        .ok_or_else(|| Fault::new(before, format!("no columns '{STAMP}' and '{BPM}'")))?;
    let mut decoded = Decoded::default();
    while reader
        .read_byte_record(&mut row)
        .map_err(|error| Fault::new(before, error.to_string()))?
    {
        let unended = reader.position().byte() == text.len() as u64 && !text.ends_with(b"\n");
        let read = if unended && !columns.is_complete(&row) {
            Err("the last line breaks off".to_owned())
        } else {
            columns.read(&row, devices)
        };
        match read {
            Ok(record) => decoded.records.push(record),
            Err(problem) => {
                let start = row.position().map_or(0, csv::Position::byte);
                let mut fault = Fault::new(before, problem);
                fault.offset += start;
                decoded.fault(fault);
            }
        }
    }
    Ok(decoded)
}

struct Columns {
    stamp: usize,
    bpm: usize,
    device: Option<usize>,
}

impl Columns {
    fn find(header: &csv::ByteRecord) -> Option<Self> {
        let find = |name: &str| {
            header
                .iter()
                .position(|cell| cell.trim_ascii().eq_ignore_ascii_case(name.as_bytes()))
        };
        Some(Self {
            stamp: find(STAMP)?,
            bpm: find(BPM)?,
            device: find(DEVICE),
        })
    }

    /// Whether a last line without its end is all there: nothing follows the `.0` of its beats.
    fn is_complete(&self, row: &csv::ByteRecord) -> bool {
        let beats_are_last =
            self.device.is_none_or(|device| device < self.bpm) && self.stamp < self.bpm;
        let beats = row.get(self.bpm).unwrap_or_default();
        beats_are_last && row.len() == self.bpm + 1 && beats.ends_with(b".0")
    }

    fn read(&self, row: &csv::ByteRecord, devices: &Devices) -> Result<CsvRecord, String> {
        let cell = |column: usize| {
            let cell = row.get(column).unwrap_or_default();
            String::from_utf8_lossy(cell.trim_ascii())
        };
        let odd = |name: &str, cell: &str| format!("{name} is '{}'", record::excerpt(cell));
        let (stamp, bpm) = (cell(self.stamp), cell(self.bpm));
        let instant = instant(&stamp).ok_or_else(|| odd(STAMP, &stamp))?;
        let bpm = bpm
            .parse()
            .ok()
            .and_then(record::whole_bpm)
            .ok_or_else(|| odd(BPM, &bpm))?;
        let name = self.device.map(cell).filter(|name| !name.is_empty());
        let device = name.and_then(|name| {
            let shown: String = name.chars().filter(|c| !c.is_control()).collect();
            devices.intern(&shown)
        });
        Ok(CsvRecord {
            instant,
            bpm,
            device,
        })
    }
}

/// RFC 3339 with any offset and fraction; without an offset nothing is guessed.
pub(super) fn instant(stamp: &str) -> Option<i64> {
    let parsed = DateTime::parse_from_rfc3339(stamp)
        .or_else(|_| DateTime::parse_from_str(stamp, "%Y-%m-%d %H:%M:%S%.f%z"))
        .ok()?;
    in_our_century(parsed.naive_utc().date())?;
    Some(parsed.timestamp_millis())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::takeout::sample_files::csv_file;

    fn read(text: &str) -> (Decoded<CsvRecord>, Devices) {
        let devices = Devices::default();
        let decoded = decode(text.as_bytes(), &devices).expect("a header");
        (decoded, devices)
    }

    fn rows(text: &str) -> Vec<(i64, u16, Option<String>)> {
        let (decoded, devices) = read(text);
        assert_eq!(decoded.faulty, 0, "{text}: {:?}", decoded.faults);
        decoded
            .records
            .iter()
            .map(|r| (r.instant, r.bpm, r.device.and_then(|d| devices.name(d))))
            .collect()
    }

    #[test]
    fn both_shapes_are_read_by_the_fast_path() {
        let devices = Devices::default();
        let two = [
            (1_681_603_207_000, 82, None),
            (1_681_603_209_000, 101, None),
        ];
        let three = [
            (1_775_520_000_000, 85, Some("Inspire 3")),
            (1_775_520_001_000, 86, Some("Garmin Connect Health Connect")),
        ];
        for (file, count) in [(csv_file(&two), 2), (csv_file(&three), 2)] {
            let fast = fast(&file, &devices).expect("the template");
            assert_eq!(fast.len(), count);
            assert_eq!(slow(&file, &devices), Ok(Decoded::of(fast)));
        }
        assert_eq!(
            rows("timestamp,beats per minute,data source\n2026-04-07T00:00:00Z,85.0,Inspire 3\n"),
            [(1_775_520_000_000, 85, Some("Inspire 3".to_owned()))]
        );
    }

    #[test]
    fn one_changed_byte_never_passes_for_another_time_or_bpm() {
        let file = csv_file(&[
            (1_681_603_207_000, 82, None),
            (1_681_603_209_000, 101, None),
        ]);
        let devices = Devices::default();
        for at in 0..file.len() {
            let mut changed = file.clone();
            changed[at] ^= 0x80;
            assert_eq!(fast(&changed, &devices), None, "byte {at}");
        }
    }

    #[test]
    fn departures_mean_the_same() {
        let expected = [(1_681_603_207_000, 82, None)];
        for text in [
            "timestamp,beats per minute\r\n2023-04-16T00:00:07Z,82.0\r\n",
            "timestamp,beats per minute\n2023-04-16T00:00:07Z,82.0",
            "\u{feff}timestamp,beats per minute\n2023-04-16T00:00:07Z,82\n",
            "beats per minute,zone,timestamp\n81.5,x,2023-04-16T00:00:07.000Z\n",
            "\"timestamp\",\"beats per minute\"\n\"2023-04-16T02:00:07+02:00\",\"82.4\"\n",
            "Timestamp,Beats per minute,Data source\n2023-04-16 00:00:07+0000,82.0,\n",
        ] {
            assert_eq!(rows(text), expected, "{text}");
        }
        assert_eq!(
            rows("timestamp,beats per minute\n2023-04-16T00:00:07.096319Z,82.0\n"),
            [(1_681_603_207_096, 82, None)]
        );
    }

    #[test]
    fn nothing_there_is_no_fault() {
        for text in [
            "no data",
            "No data\n",
            "timestamp,beats per minute\n",
            "timestamp,beats per minute,data source",
        ] {
            assert_eq!(rows(text), [], "{text}");
        }
    }

    #[test]
    fn a_last_line_that_breaks_off_is_left_out() {
        let (two, three) = (
            "timestamp,beats per minute\n",
            "timestamp,beats per minute,data source\n",
        );
        let good = [
            "2024-03-05T11:59:55Z,61.0\n",
            "2024-03-05T11:59:55Z,61.0,Inspire 3\n",
        ];
        for (header, good, torn) in [
            (two, good[0], "2024-03-05T12:00:00Z,5"),
            (two, good[0], "2024-03-05T12:00:00Z,58."),
            (two, good[0], "2024-03-05T12:00:00Z"),
            (two, good[0], "2024-03-05T12:0"),
            (three, good[1], "2024-03-05T12:00:00Z,58.0"),
            (three, good[1], "2024-03-05T12:00:00Z,58.0,"),
            (three, good[1], "2024-03-05T12:00:00Z,58.0,Inspire"),
            (three, good[1], "2024-03-05T12:00:00Z,58.0,\"Inspire 3"),
        ] {
            let (decoded, _) = read(&format!("{header}{good}{torn}"));
            assert_eq!((decoded.records.len(), decoded.faulty), (1, 1), "{torn}");
            assert_eq!(decoded.faults[0].offset, (header.len() + good.len()) as u64);
            assert_eq!(decoded.faults[0].problem, "the last line breaks off");
        }
        let empty = decode(b"\r\n", &Devices::default()).expect_err("refused");
        assert_eq!(empty, Fault::new(0, "the file ends in the middle"));
    }

    #[test]
    fn a_long_name_is_cut_and_its_sample_stays() {
        let (long, short) = ("ä".repeat(100), "ä".repeat(64));
        let row =
            format!("timestamp,beats per minute,data source\n2023-04-16T00:00:07Z,82.0,{long}\n");
        assert_eq!(rows(&row), [(1_681_603_207_000, 82, Some(short))]);
    }

    #[test]
    fn a_row_without_sense_is_left_out_with_its_place() {
        let header = "timestamp,beats per minute,data source\n";
        let good = "2023-04-16T00:00:07Z,82.0,Charge 5\n";
        for (bad, problem) in [
            ("2023-04-16T00:00:07,82.0,x\n", "timestamp is"),
            ("1970-04-16T00:00:07Z,82.0,x\n", "timestamp is"),
            ("2023-02-30T00:00:07Z,82.0,x\n", "timestamp is"),
            ("2023-04-16T00:00:07Z,0.0,x\n", "beats per minute is '0.0'"),
            ("2023-04-16T00:00:07Z,,x\n", "beats per minute is ''"),
            ("2023-04-16T00:00:07Z,inf,x\n", "beats per minute is 'inf'"),
            ("2023-04-16T00:00:07Z,301,x\n", "beats per minute is '301'"),
            ("2023-04-1\n", "timestamp is '2023-04-1'"),
            ("2023-04-16T00:00:07Z\n", "beats per minute is ''"),
        ] {
            let (decoded, _) = read(&format!("{header}{good}{bad}{good}"));
            assert_eq!(decoded.records.len(), 2, "{bad}");
            assert_eq!(decoded.faulty, 1, "{bad}");
            let fault = &decoded.faults[0];
            assert_eq!(fault.offset, (header.len() + good.len()) as u64, "{bad}");
            assert!(fault.problem.starts_with(problem), "{}", fault.problem);
        }
    }

    #[test]
    fn a_file_with_other_columns_is_refused() {
        let fault = decode(
            b"timestamp,steps\n2023-04-16T00:00:07Z,3\n",
            &Devices::default(),
        );
        let fault = fault.expect_err("refused");
        assert!(fault.problem.contains("beats per minute"), "{fault:?}");
    }
}
