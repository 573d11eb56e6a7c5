//! `ndjson`: an object a row, one a line. Its keys are the fields' names; what the source did not say is null.

use super::heart_rate::HeartRate;
use super::series::{File, Table};
use super::text::Text;
use crate::archive::DayFile;
use crate::day::{Day, Sample};
use crate::sink::{Field, digits, table};
use chrono::Datelike;

/// The format of any series but heart rate.
#[derive(Debug)]
pub struct NdjsonOfTable<'a>(pub &'a Table);

impl Text<File> for NdjsonOfTable<'_> {
    fn push(&self, out: &mut Vec<u8>, file: &File) -> u64 {
        if let Some(rows) = self.0.rows(file) {
            table::push_ndjson(out, &self.0.shown, rows);
        }
        0
    }
}

/// The format of heart rate.
#[derive(Debug)]
pub struct Ndjson<'a>(pub &'a HeartRate);

impl Text<DayFile> for Ndjson<'_> {
    fn push(&self, out: &mut Vec<u8>, file: &DayFile) -> u64 {
        let (day, fields) = (&file.day, &self.0.fields);
        let line = Line::new(fields, day);
        out.reserve(day.samples.len() * fields.len() * 24);
        for sample in &day.samples {
            for (key, field) in line.keys.iter().zip(fields) {
                out.extend_from_slice(key);
                line.push_value(out, sample, *field);
            }
            out.extend_from_slice(b"}\n");
        }
        0
    }
}

/// What the lines of a day have in common.
struct Line {
    /// `{"day":`, `,"time":` and so on.
    keys: Vec<Vec<u8>>,
    date: Vec<u8>,
    sources: Vec<String>,
}

impl Line {
    fn new(fields: &[Field], day: &Day) -> Self {
        let key = |(place, field): (usize, &Field)| {
            let before = if place == 0 { '{' } else { ',' };
            format!("{before}\"{field}\":").into_bytes()
        };
        let mut date = vec![b'"'];
        digits::push_date(&mut date, day.date.year(), day.date.month(), day.date.day());
        date.push(b'"');
        let quoted =
            |source: &crate::day::Source| serde_json::json!(source.to_string()).to_string();
        Self {
            keys: fields.iter().enumerate().map(key).collect(),
            date,
            sources: day.sources.iter().map(quoted).collect(),
        }
    }

    fn push_value(&self, out: &mut Vec<u8>, sample: &Sample, field: Field) {
        const NULL: &[u8] = b"null";
        match field {
            Field::Day => out.extend_from_slice(&self.date),
            Field::Time => {
                out.push(b'"');
                out.extend_from_slice(&digits::clock(digits::second_of_day(sample.local_time)));
                out.push(b'"');
            }
            Field::Hr => digits::push_bpm(out, sample.bpm),
            Field::Utc => match sample.instant {
                Some(instant) => {
                    out.push(b'"');
                    digits::push_timestamp(out, instant);
                    out.extend_from_slice(b"Z\"");
                }
                None => out.extend_from_slice(NULL),
            },
            Field::Offset => match sample.utc_offset {
                Some(offset) => {
                    out.push(b'"');
                    digits::push_offset(out, offset);
                    out.push(b'"');
                }
                None => out.extend_from_slice(NULL),
            },
            Field::Confidence => match sample.confidence {
                Some(confidence) => digits::push_bpm(out, u16::from(confidence)),
                None => out.extend_from_slice(NULL),
            },
            Field::Source => match self.sources.get(usize::from(sample.source)) {
                Some(source) => out.extend_from_slice(source.as_bytes()),
                None => out.extend_from_slice(NULL),
            },
        }
    }
}
