//! `influx`: the line protocol, by its reference: a series is a measurement, its values are fields, its labels and the source
//! tags, in nanoseconds.
//!
//! A point needs an instant and a field, so rows without are left out and counted. A day is at noon UTC of its date. A span that
//! says no more than its labels has its length as the field `seconds`. Points of one instant and the same tags would be one:
//! the later ones are put a nanosecond on, as the reference advises.

use super::series::{File, Table};
use super::text::Text;
use crate::archive::DayFile;
use crate::extract::{Rows, Value};
use crate::sink::digits;
use std::fmt::Write as _;

/// The format of heart rate.
#[derive(Debug)]
pub struct Influx;

impl Text<DayFile> for Influx {
    fn push(&self, out: &mut Vec<u8>, file: &DayFile) -> u64 {
        let day = &file.day;
        let beginnings: Vec<_> = day
            .sources
            .iter()
            .map(|source| format!("heart_rate,source={} bpm=", tag_value(&source.to_string())))
            .collect();
        out.reserve(day.samples.len() * 56);
        let mut left_out = 0;
        for sample in &day.samples {
            let beginning = beginnings.get(usize::from(sample.source));
            let (Some(instant), Some(beginning)) = (sample.instant, beginning) else {
                left_out += 1;
                continue;
            };
            out.extend_from_slice(beginning.as_bytes());
            digits::push_bpm(out, sample.bpm);
            out.extend_from_slice(b"i ");
            digits::push_integer(out, instant);
            out.extend_from_slice(if instant == 0 { b"\n" } else { b"000000\n" });
        }
        left_out
    }
}

/// The format of any other table.
#[derive(Debug)]
pub struct InfluxOfTable<'a>(pub &'a Table);

impl Text<File> for InfluxOfTable<'_> {
    fn push(&self, out: &mut Vec<u8>, file: &File) -> u64 {
        let Some(rows) = self.0.rows(file) else {
            return 0;
        };
        let points = Points::of(self.0, rows);
        let (mut left_out, mut at_once) = (0, (i64::MIN, Vec::new()));
        for row in 0..rows.len() {
            let Some((instant, head, fields)) = points.point(row) else {
                left_out += 1;
                continue;
            };
            if at_once.0 != instant {
                at_once = (instant, Vec::new());
            }
            let same = at_once.1.iter().filter(|other| **other == head).count();
            let shift = i64::try_from(same).unwrap_or_default();
            out.extend_from_slice(format!("{head} {fields} ").as_bytes());
            digits::push_integer(out, instant.saturating_mul(1_000_000) + shift);
            out.push(b'\n');
            at_once.1.push(head);
        }
        left_out
    }
}

/// Which columns of some rows become what.
struct Points<'a> {
    measurement: &'a str,
    rows: &'a Rows,
    tags: Vec<(&'a str, usize)>,
    fields: Vec<(&'a str, usize)>,
}

impl<'a> Points<'a> {
    fn of(table: &'a Table, rows: &'a Rows) -> Self {
        let place = |name: &'a str| Some((name, rows.place(name)?));
        let (labels, values): (Vec<_>, Vec<_>) =
            table.values().iter().partition(|field| field.is_label);
        // Seconds by label stand in no definition.
        let by_label = ["seconds"].into_iter().filter(|_| values.is_empty());
        let labels = labels.iter().map(|field| field.column.name.as_str());
        let values = values.iter().map(|field| field.column.name.as_str());
        Self {
            measurement: table.name(),
            rows,
            tags: labels.chain(["source"]).filter_map(place).collect(),
            fields: values.chain(by_label).filter_map(place).collect(),
        }
    }

    /// The instant in milliseconds, measurement and tags, and the fields; `None` for a row that is no point.
    fn point(&self, row: usize) -> Option<(i64, String, String)> {
        let int = |name| self.rows.ints(name).get(row).copied().flatten();
        let noon = || Some(int("day")? * 86_400_000 + 43_200_000);
        let instant = if self.rows.place("time").is_some() {
            int("time")?
        } else {
            noon()?
        };
        let mut head = self.measurement.to_owned();
        for (name, place) in &self.tags {
            let value = match self.rows.get(row, *place) {
                Value::Text(text) => tag_value(&text),
                Value::Int(number) => number.to_string(),
                Value::Double(number) => number.to_string(),
                Value::Boolean(flag) => flag.to_string(),
                Value::Null | Value::List(_) => continue,
            };
            if !value.is_empty() {
                let _ = write!(head, ",{name}={value}");
            }
        }
        let mut fields = String::new();
        for (name, place) in &self.fields {
            if let Some(value) = field_value(&self.rows.get(row, *place)) {
                let comma = if fields.is_empty() { "" } else { "," };
                let _ = write!(fields, "{comma}{name}={value}");
            }
        }
        if fields.is_empty() {
            let seconds = (int("end_time")? - instant) / 1000;
            fields = format!("seconds={seconds}i");
        }
        Some((instant, head, fields))
    }
}

/// A field's value: a list is its text in JSON.
fn field_value(value: &Value) -> Option<String> {
    Some(match value {
        Value::Null => return None,
        Value::Int(number) => format!("{number}i"),
        Value::Double(number) => number.to_string(),
        Value::Boolean(flag) => flag.to_string(),
        Value::Text(text) => quoted(text),
        Value::List(list) => quoted(&format!("{list:?}").replace(' ', "")),
    })
}

/// A text in quotes; what would end the line is a space.
fn quoted(text: &str) -> String {
    let mut value = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => value.extend(['\\', c]),
            c if c.is_control() => value.push(' '),
            c => value.push(c),
        }
    }
    value.push('"');
    value
}

/// A tag's value: commas, equals signs and spaces are escaped; a line feed would end the point.
fn tag_value(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            ',' | '=' | ' ' => value.extend(['\\', c]),
            c if c.is_control() => value.push_str("\\ "),
            c => value.push(c),
        }
    }
    // A backslash at the end would escape the space that follows.
    if value.ends_with('\\') {
        value.push('_');
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn a_device_s_name_does_not_end_the_tag() {
        for (name, expected) in [
            ("takeout/Inspire 3", "takeout/Inspire\\ 3"),
            ("takeout/a,b=c", "takeout/a\\,b\\=c"),
            ("takeout/a\nb", "takeout/a\\ b"),
            ("takeout/a\\", "takeout/a\\_"),
        ] {
            assert_eq!(tag_value(name), expected);
        }
    }

    #[test]
    fn a_field_s_value_has_the_form_of_its_kind() {
        for (value, expected) in [
            (Value::Null, None),
            (Value::Int(-7), Some("-7i")),
            (Value::Double(72_400.0), Some("72400")),
            (Value::Boolean(true), Some("true")),
            (
                Value::Text(Arc::from("a \"b\" \\ c\n")),
                Some(r#""a \"b\" \\ c ""#),
            ),
            (Value::List(Arc::from([-3, 0, 12])), Some("\"[-3,0,12]\"")),
        ] {
            assert_eq!(field_value(&value).as_deref(), expected);
        }
    }
}
