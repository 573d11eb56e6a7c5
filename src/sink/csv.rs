//! `hr.csv`: a header, then one row a sample.

use crate::day::{Day, Sample};
use crate::sink::digits;
use crate::sink::fields::{DEFAULT_FIELDS, Field};
use chrono::Datelike;

/// Header and rows of one day.
#[must_use]
pub fn encode(day: &Day, fields: &[Field]) -> Vec<u8> {
    let mut out = header(fields);
    push_rows(&mut out, day, fields);
    out
}

/// The first line: the fields' names.
#[must_use]
pub fn header(fields: &[Field]) -> Vec<u8> {
    let names: Vec<_> = fields.iter().map(|field| field.name()).collect();
    format!("{}\n", names.join(",")).into_bytes()
}

/// Appends the rows of a day, in its order.
pub fn push_rows(out: &mut Vec<u8>, day: &Day, fields: &[Field]) {
    if fields == DEFAULT_FIELDS {
        push_plain_rows(out, day);
        return;
    }
    let row = Row::new(day);
    out.reserve(day.samples.len() * fields.len() * 12);
    for sample in &day.samples {
        for (place, field) in fields.iter().enumerate() {
            if place > 0 {
                out.push(b',');
            }
            row.push(out, sample, *field);
        }
        out.push(b'\n');
    }
}

/// The rows of the default fields: all but eight digits and the beats are the same on every line of a day.
fn push_plain_rows(out: &mut Vec<u8>, day: &Day) {
    let date = date_text(day);
    out.reserve(day.samples.len() * (date.len() + 14));
    for sample in &day.samples {
        out.extend_from_slice(&date);
        out.push(b',');
        out.extend_from_slice(&digits::clock(digits::second_of_day(sample.local_time)));
        out.push(b',');
        digits::push_bpm(out, sample.bpm);
        out.push(b'\n');
    }
}

fn date_text(day: &Day) -> Vec<u8> {
    let mut text = Vec::with_capacity(10);
    digits::push_date(&mut text, day.date.year(), day.date.month(), day.date.day());
    text
}

/// What the rows of a day have in common, ready to be copied.
struct Row {
    date: Vec<u8>,
    sources: Vec<Vec<u8>>,
}

impl Row {
    fn new(day: &Day) -> Self {
        let quoted = |source: &crate::day::Source| quote(&source.to_string());
        Self {
            date: date_text(day),
            sources: day.sources.iter().map(quoted).collect(),
        }
    }

    fn push(&self, out: &mut Vec<u8>, sample: &Sample, field: Field) {
        match field {
            Field::Day => out.extend_from_slice(&self.date),
            Field::Time => {
                out.extend_from_slice(&digits::clock(digits::second_of_day(sample.local_time)));
            }
            Field::Hr => digits::push_bpm(out, sample.bpm),
            Field::Utc => {
                if let Some(instant) = sample.instant {
                    digits::push_timestamp(out, instant);
                    out.push(b'Z');
                }
            }
            Field::Offset => {
                if let Some(offset) = sample.utc_offset {
                    digits::push_offset(out, offset);
                }
            }
            Field::Confidence => {
                if let Some(confidence) = sample.confidence {
                    digits::push_bpm(out, u16::from(confidence));
                }
            }
            Field::Source => {
                if let Some(source) = self.sources.get(usize::from(sample.source)) {
                    out.extend_from_slice(source);
                }
            }
        }
    }
}

/// A value in quotes where RFC 4180 asks for them.
fn quote(text: &str) -> Vec<u8> {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\"")).into_bytes()
    } else {
        text.as_bytes().to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::day::{Detail, Provider};
    use chrono::NaiveDate;

    fn a_day() -> Day {
        let date = NaiveDate::from_ymd_opt(2017, 6, 1).expect("a date");
        let mut day = Day::empty(date, Detail::Sec1, Provider::Takeout);
        let midnight = 1_496_289_600_000; // 2017-06-01T04:00:00Z, midnight in New York
        day.samples = vec![
            Sample::at(midnight, -14_400, 63),
            Sample {
                confidence: Some(3),
                source: 1,
                ..Sample::at(midnight + 5_250, -14_400, 101)
            },
            Sample {
                instant: None,
                utc_offset: None,
                ..Sample::at(midnight + 86_399_000, -14_400, 9)
            },
        ];
        day.sources
            .push("takeout/Band \"X\", left".parse().expect("a source"));
        day
    }

    fn text(fields: &[Field]) -> String {
        String::from_utf8(encode(&a_day(), fields)).expect("text")
    }

    #[test]
    fn the_default_is_what_the_script_wrote() {
        assert_eq!(
            text(&DEFAULT_FIELDS),
            "day,time,hr\n2017-06-01,00:00:00,63\n2017-06-01,00:00:05,101\n2017-06-01,23:59:59,9\n"
        );
    }

    #[test]
    fn every_field_is_empty_where_the_source_did_not_say() {
        let fields = [
            Field::Hr,
            Field::Utc,
            Field::Offset,
            Field::Confidence,
            Field::Source,
            Field::Day,
            Field::Time,
        ];
        assert_eq!(
            text(&fields),
            "hr,utc,offset,confidence,source,day,time\n\
             63,2017-06-01T04:00:00Z,-04:00,,takeout,2017-06-01,00:00:00\n\
             101,2017-06-01T04:00:05.250Z,-04:00,3,\"takeout/Band \"\"X\"\", left\",2017-06-01,00:00:05\n\
             9,,,,takeout,2017-06-01,23:59:59\n"
        );
    }

    #[test]
    fn a_day_without_data_is_the_header_alone() {
        let day = Day::empty(a_day().date, Detail::Min1, Provider::Google);
        assert_eq!(encode(&day, &DEFAULT_FIELDS), b"day,time,hr\n");
    }
}
