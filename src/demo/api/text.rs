//! JSON written by hand where there are thousands of points, and the forms of times that the service uses.

use chrono::{DateTime, Datelike, NaiveDate};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// Writes one object into a text, comma by comma.
pub struct Object<'a> {
    out: &'a mut String,
    first: bool,
}

impl<'a> Object<'a> {
    /// Opens an object.
    pub fn open(out: &'a mut String) -> Self {
        out.push('{');
        Self { out, first: true }
    }

    /// Opens a member; its value is what is pushed next.
    pub fn member(&mut self, name: &str) -> &mut String {
        if !self.first {
            self.out.push(',');
        }
        self.first = false;
        self.out.push('"');
        self.out.push_str(name);
        self.out.push_str("\":");
        self.out
    }

    /// Closes the object.
    pub fn close(self) {
        self.out.push('}');
    }
}

/// Writes instants and wall clocks, and remembers the date of the one before.
#[derive(Debug, Default)]
pub struct Stamps {
    utc: Option<(i64, String)>,
    civil: Option<(i64, String)>,
}

fn date_of(day: i64) -> NaiveDate {
    DateTime::from_timestamp(day * 86_400, 0)
        .unwrap_or_default()
        .date_naive()
}

/// The text that goes with a day: as it was, if the day is the same.
fn remembered(known: &mut Option<(i64, String)>, day: i64, text: fn(NaiveDate) -> String) -> &str {
    let entry = match known.take() {
        Some(entry) if entry.0 == day => entry,
        _ => (day, text(date_of(day))),
    };
    &known.insert(entry).1
}

impl Stamps {
    /// `"2026-11-21T05:00:05Z"`; milliseconds only where there are some.
    pub fn push_instant(&mut self, out: &mut String, instant: i64) {
        let second = instant.div_euclid(1000);
        let text = remembered(&mut self.utc, second.div_euclid(86_400), |date| {
            date.format("\"%Y-%m-%dT").to_string()
        });
        out.push_str(text);
        let [hours, minutes, seconds] = clock(second);
        push_two(out, hours);
        out.push(':');
        push_two(out, minutes);
        out.push(':');
        push_two(out, seconds);
        let millis = instant.rem_euclid(1000);
        if millis > 0 {
            let _ = write!(out, ".{millis:03}");
        }
        out.push_str("Z\"");
    }

    /// `{"date":{..},"time":{..}}`; members that are zero are left out.
    pub fn push_civil(&mut self, out: &mut String, wall_second: i64) {
        let text = remembered(&mut self.civil, wall_second.div_euclid(86_400), |date| {
            format!("{{\"date\":{},\"time\":", date_value(date))
        });
        out.push_str(text);
        let mut time = Object::open(out);
        for (name, value) in ["hours", "minutes", "seconds"]
            .into_iter()
            .zip(clock(wall_second))
        {
            if value > 0 {
                push_number(time.member(name), value);
            }
        }
        time.close();
        out.push('}');
    }
}

fn clock(second: i64) -> [u32; 3] {
    let of_day = u32::try_from(second.rem_euclid(86_400)).unwrap_or(0);
    [of_day / 3600, of_day / 60 % 60, of_day % 60]
}

fn digit(out: &mut String, value: u32) {
    out.push(char::from_digit(value % 10, 10).unwrap_or('0'));
}

fn push_two(out: &mut String, value: u32) {
    digit(out, value / 10);
    digit(out, value);
}

/// A whole number.
pub fn push_number(out: &mut String, value: u32) {
    if value >= 10 {
        push_number(out, value / 10);
    }
    digit(out, value);
}

/// `-14400s`.
pub fn duration_text(seconds: i64) -> String {
    format!("{seconds}s")
}

/// `{"year":2026,"month":11,"day":21}`.
pub fn date_value(date: NaiveDate) -> Value {
    json!({"year": date.year(), "month": date.month(), "day": date.day()})
}

/// A wall clock as an object; members that are zero are left out.
pub fn civil_value(wall_second: i64) -> Value {
    let time: Map<_, _> = ["hours", "minutes", "seconds"]
        .into_iter()
        .zip(clock(wall_second))
        .filter(|(_, value)| *value > 0)
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    json!({"date": date_value(date_of(wall_second.div_euclid(86_400))), "time": time})
}

/// Indents JSON by two spaces, as Google does unless told otherwise.
pub fn pretty(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 3);
    let mut depth = 0;
    let mut quoted = false;
    let mut escaped = false;
    let mut chars = text.chars().peekable();
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth));
    };
    while let Some(c) = chars.next() {
        if quoted {
            out.push(c);
            quoted = escaped || c != '"';
            escaped = !escaped && c == '\\';
            continue;
        }
        match c {
            '{' | '[' if matches!(chars.peek(), Some('}' | ']')) => {
                out.push(c);
                out.extend(chars.next());
            }
            '{' | '[' => {
                out.push(c);
                depth += 1;
                line(&mut out, depth);
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            _ => {
                quoted = c == '"';
                out.push(c);
            }
        }
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_and_wall_clocks_are_written_as_the_service_writes_them() {
        let mut stamps = Stamps::default();
        let mut out = String::new();
        stamps.push_instant(&mut out, 1_795_237_205_000);
        stamps.push_instant(&mut out, 1_795_237_205_070);
        stamps.push_instant(&mut out, 1_795_323_599_000);
        assert_eq!(
            out,
            "\"2026-11-21T05:00:05Z\"\"2026-11-21T05:00:05.070Z\"\"2026-11-22T04:59:59Z\""
        );
        let mut out = String::new();
        stamps.push_civil(&mut out, 1_795_219_200);
        stamps.push_civil(&mut out, 1_795_219_200 + 8 * 3600 + 29);
        assert_eq!(
            out,
            "{\"date\":{\"day\":21,\"month\":11,\"year\":2026},\"time\":{}}\
             {\"date\":{\"day\":21,\"month\":11,\"year\":2026},\"time\":{\"hours\":8,\"seconds\":29}}"
        );
        let values = [1_795_219_200, 1_795_219_200 + 8 * 3600 + 29].map(civil_value);
        assert_eq!(out, values.map(|value| value.to_string()).concat());
    }

    #[test]
    fn indentation_keeps_the_meaning_and_leaves_strings_alone() {
        let value = json!({"a": [1, {"b": "x:{\"\\,"}], "c": {}, "d": []});
        let text = pretty(&value.to_string());
        assert_eq!(serde_json::from_str::<Value>(&text).ok(), Some(value));
        assert!(text.starts_with("{\n  \"a\": [\n    1,\n    {\n      \"b\": \"x:{"));
        assert!(text.contains("\"c\": {}"));
    }
}
