//! Rows of any series as CSV, as NDJSON, and as the document `NAME.json`: what the main job and `export` share.
//!
//! Numbers are written as short as they can be read back, and what is missing is an empty cell, or null. A list is an array in
//! JSON, and its numbers with blanks between in a cell of CSV.

use super::shown::Shown;
use crate::extract::definition::Segments;
use crate::extract::{Definition, Rows, Value, row_key};
use chrono::NaiveDate;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

/// Appends the line of names.
pub fn push_header(out: &mut Vec<u8>, shown: &Shown) {
    push_records(out, [shown.names()]);
}

/// Appends a line a row, in their order.
pub fn push_csv(out: &mut Vec<u8>, shown: &Shown, rows: &Rows) {
    let record = |row| -> Vec<String> { shown.values(rows, row).map(cell).collect() };
    push_records(out, (0..rows.len()).map(record));
}

/// A whole CSV document: the names, then the rows.
#[must_use]
pub fn csv(shown: &Shown, rows: &Rows) -> Vec<u8> {
    let mut out = Vec::new();
    push_header(&mut out, shown);
    push_csv(&mut out, shown, rows);
    out
}

/// Appends an object a row, one a line.
pub fn push_ndjson(out: &mut Vec<u8>, shown: &Shown, rows: &Rows) {
    for row in 0..rows.len() {
        push_members(out, shown, rows, row);
        out.extend_from_slice(b"}\n");
    }
}

/// Appends the document of one day: `{"extract","day","rows":[...]}`, without a line's end. The segments of a session are inside
/// it, under the name of their table.
pub fn push_document(
    out: &mut Vec<u8>,
    definition: &Definition,
    day: NaiveDate,
    shown: &Shown,
    rows: &Rows,
    segments: Option<&Rows>,
) {
    let parts = definition.segments.as_ref().zip(segments);
    let parts = parts.map(|(segments, rows)| Parts::new(segments, rows));
    out.extend_from_slice(b"{\"extract\":");
    push_text(out, &definition.name);
    out.extend_from_slice(format!(",\"day\":\"{day}\",\"rows\":[").as_bytes());
    for row in 0..rows.len() {
        if row > 0 {
            out.push(b',');
        }
        push_members(out, shown, rows, row);
        if let Some(parts) = &parts {
            parts.push_of(out, rows, row);
        }
        out.push(b'}');
    }
    out.extend_from_slice(b"]}");
}

/// Segments by their sessions.
struct Parts<'a> {
    table: &'a str,
    shown: Shown,
    rows: &'a Rows,
    of: HashMap<Arc<str>, Vec<usize>>,
}

impl<'a> Parts<'a> {
    fn new(segments: &'a Segments, rows: &'a Rows) -> Self {
        let mut of: HashMap<Arc<str>, Vec<usize>> = HashMap::new();
        for (row, session) in rows.texts("session").iter().enumerate() {
            if let Some(session) = session {
                of.entry(Arc::clone(session)).or_default().push(row);
            }
        }
        Self {
            table: &segments.table,
            shown: Shown::of_segments(segments),
            rows,
            of,
        }
    }

    /// Appends the member that holds those of a session.
    fn push_of(&self, out: &mut Vec<u8>, sessions: &Rows, session: usize) {
        out.push(b',');
        push_text(out, self.table);
        out.extend_from_slice(b":[");
        let name = row_key::session(sessions, session);
        let rows = name.and_then(|name| self.of.get(&name));
        for (place, row) in rows.into_iter().flatten().enumerate() {
            if place > 0 {
                out.push(b',');
            }
            push_members(out, &self.shown, self.rows, *row);
            out.push(b'}');
        }
        out.push(b']');
    }
}

/// Appends an object that is not closed yet.
fn push_members(out: &mut Vec<u8>, shown: &Shown, rows: &Rows, row: usize) {
    let values = shown.names().iter().zip(shown.values(rows, row));
    for (place, (name, value)) in values.enumerate() {
        out.push(if place == 0 { b'{' } else { b',' });
        push_text(out, name);
        out.push(b':');
        match value {
            Value::Null => out.extend_from_slice(b"null"),
            Value::Text(text) => push_text(out, &text),
            Value::List(list) => {
                let text = serde_json::to_string(&*list).expect("numbers are JSON");
                out.extend_from_slice(text.as_bytes());
            }
            plain @ (Value::Int(_) | Value::Double(_) | Value::Boolean(_)) => {
                out.extend_from_slice(cell(plain).as_bytes());
            }
        }
    }
}

fn push_text(out: &mut Vec<u8>, text: &str) {
    let text = serde_json::to_string(text).expect("a text is JSON");
    out.extend_from_slice(text.as_bytes());
}

/// A cell of CSV, not quoted yet.
fn cell(value: Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Int(number) => number.to_string(),
        // No reader of the service lets another number than a finite one through.
        Value::Double(number) => number.to_string(),
        Value::Boolean(flag) => flag.to_string(),
        Value::Text(text) => text.to_string(),
        Value::List(list) => {
            let mut text = String::new();
            for (place, number) in list.iter().enumerate() {
                let blank = if place == 0 { "" } else { " " };
                let _ = write!(text, "{blank}{number}");
            }
            text
        }
    }
}

fn push_records<R, C>(out: &mut Vec<u8>, records: impl IntoIterator<Item = R>)
where
    R: IntoIterator<Item = C>,
    C: AsRef<[u8]>,
{
    let mut writer = csv::Writer::from_writer(out);
    for record in records {
        let written = writer.write_record(record);
        written.expect("a buffer takes every record of a table's width");
    }
    writer.flush().expect("a buffer takes everything");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::Catalogue;
    use serde_json::json;

    fn text(text: &str) -> Value {
        Value::Text(Arc::from(text))
    }

    fn definition(name: &str) -> Definition {
        let catalogue = Catalogue::default();
        catalogue.get(name).expect("of the catalogue").clone()
    }

    /// Rows with these cells, by the names of their columns; the others are empty.
    fn rows(columns: &crate::extract::Columns, all: &[&[(&str, Value)]]) -> Rows {
        let mut rows = Rows::none(Arc::clone(columns));
        for row in all {
            let cell = |column: &crate::extract::Column| {
                let cell = row.iter().find(|(name, _)| *name == column.name);
                cell.map_or(Value::Null, |(_, value)| value.clone())
            };
            rows.push(columns.iter().map(cell));
        }
        rows
    }

    fn csv_of(name: &str, fields: &[&str], row: &[(&str, Value)]) -> String {
        let definition = definition(name);
        let names: Vec<String> = if fields.is_empty() {
            definition.default_fields()
        } else {
            fields.iter().map(ToString::to_string).collect()
        };
        let rows = rows(&definition.columns(), &[row]);
        let shown = Shown::of(&definition, rows.columns(), &names);
        String::from_utf8(csv(&shown, &rows)).expect("text")
    }

    #[test]
    fn every_kind_of_cell_has_its_form() {
        let at = Value::Int(1_780_271_100_000); // 2026-05-31T23:45:00Z
        let when = [
            ("time", at.clone()),
            ("local_time", Value::Int(1_780_278_300_000)),
            ("utc_offset", Value::Int(7200)),
        ];
        let with = |more: &[(&'static str, Value)]| [&when[..], more].concat();
        for (name, fields, row, expected) in [
            (
                "weight",
                &[][..],
                with(&[("weight_g", Value::Double(72_400.0))]),
                "day,time,weight_g\n2026-06-01,01:45:00,72400\n",
            ),
            (
                "weight",
                &["weight_g", "utc", "offset", "source"],
                with(&[("weight_g", Value::Double(0.1))]),
                "weight_g,utc,offset,source\n0.1,2026-05-31T23:45:00Z,+02:00,\n",
            ),
            (
                "heart_rate",
                &[],
                with(&[("bpm", Value::Int(61))]),
                "day,time,hr\n2026-06-01,01:45:00,61\n",
            ),
            (
                "resting_heart_rate",
                &[],
                vec![("day", Value::Int(-1)), ("bpm", Value::Int(57))],
                "day,bpm\n1969-12-31,57\n",
            ),
            (
                "ecg",
                &["start", "end", "result", "waveform"],
                with(&[
                    ("day", Value::Int(20_605)),
                    ("result", text("A, \"B\"")),
                    ("waveform", Value::List(Arc::from([-3, 0, 12]))),
                ]),
                "start,end,result,waveform\n2026-06-01 01:45:00,,\"A, \"\"B\"\"\",-3 0 12\n",
            ),
        ] {
            assert_eq!(csv_of(name, fields, &row), expected);
        }
    }

    #[test]
    fn a_document_has_the_segments_inside_their_session() {
        let definition = definition("sleep");
        let segments = definition.segments.clone().expect("stages");
        let night = [
            ("id", text("7")),
            ("day", Value::Int(20_605)),
            ("local_time", Value::Int(1_780_270_890_000)),
            ("local_end", Value::Int(1_780_297_200_000)),
            ("main", Value::Boolean(true)),
            ("asleep_s", Value::Int(22_000)),
        ];
        let all = rows(&definition.columns(), &[&night, &[("id", text("8"))]]);
        let start = Value::Int(1_780_270_890_000);
        let end = Value::Int(1_780_270_920_000);
        let stage = [
            ("session", text("7")),
            ("day", Value::Int(20_605)),
            ("time", start.clone()),
            ("end_time", end),
            ("local_time", start),
            ("kind", text("DEEP")),
            ("short", Value::Boolean(false)),
        ];
        let stages = rows(&segments.columns(), &[&stage]);
        let names = ["start", "end", "main", "asleep_s"].map(str::to_owned);
        let shown = Shown::of(&definition, all.columns(), &names);
        let mut out = Vec::new();
        let day = "2026-06-01".parse().expect("a date");
        push_document(&mut out, &definition, day, &shown, &all, Some(&stages));
        let document: serde_json::Value = serde_json::from_slice(&out).expect("JSON");
        let stage = json!({"session": "7", "day": "2026-06-01", "start": "2026-05-31 23:41:30", "end": "2026-05-31 23:42:00",
            "kind": "DEEP", "short": false});
        let night = json!({"start": "2026-05-31 23:41:30", "end": "2026-06-01 07:00:00", "main": true, "asleep_s": 22_000,
            "sleep_stages": [stage]});
        let other =
            json!({"start": null, "end": null, "main": null, "asleep_s": null, "sleep_stages": []});
        assert_eq!(
            document,
            json!({"extract": "sleep", "day": "2026-06-01", "rows": [night, other]})
        );
        let mut lines = Vec::new();
        push_ndjson(&mut lines, &shown, &all);
        assert_eq!(String::from_utf8_lossy(&lines).lines().count(), 2);
    }
}
