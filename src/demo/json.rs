//! JSON as the service writes it, straight into text: whole numbers as strings, durations with an `s`, what is selected alone.

use super::mask::Mask;
use chrono::{DateTime, Datelike, NaiveDate};
use std::fmt::Write as _;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    /// A 64-bit integer: a string.
    Int(i64),
    /// A 32-bit integer.
    Small(i32),
    /// A double; one that is no number is the string `"NaN"`.
    Number(f64),
    /// A word that needs no escapes.
    Text(&'static str),
    /// True or false.
    Flag(bool),
    /// Milliseconds since 1970.
    Instant(i64),
    /// Seconds: `"-14400s"`.
    Duration(i64),
    /// A date.
    Date(NaiveDate),
    /// Seconds of the wall clock since 1970.
    Civil(i64),
    /// An object.
    Object(Members),
    /// A list.
    List(Vec<Self>),
}

/// The members of an object, in their order.
pub type Members = Vec<(&'static str, Json)>;

impl Json {
    fn push(&self, out: &mut String, mask: &Mask) {
        match self {
            Self::Int(value) => push_all(out, format_args!("\"{value}\"")),
            Self::Small(value) => push_all(out, format_args!("{value}")),
            Self::Number(value) if value.is_nan() => out.push_str("\"NaN\""),
            Self::Number(value) => push_all(out, format_args!("{value}")),
            Self::Text(text) => push_all(out, format_args!("\"{text}\"")),
            Self::Flag(flag) => out.push_str(if *flag { "true" } else { "false" }),
            Self::Instant(instant) => push_instant(out, *instant),
            Self::Duration(seconds) => push_all(out, format_args!("\"{seconds}s\"")),
            Self::Date(date) => push_date(out, *date),
            Self::Civil(wall) => push_civil(out, *wall),
            Self::Object(members) => object(out, mask, |object| object.all(members)),
            Self::List(items) => list(out, items, |out, item| item.push(out, mask)),
        }
    }
}

/// Writes to a text, which cannot fail.
fn push_all(out: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = out.write_fmt(text);
}

/// Writes a list.
pub fn list<T>(
    out: &mut String,
    items: impl IntoIterator<Item = T>,
    mut push: impl FnMut(&mut String, T),
) {
    out.push('[');
    let empty = out.len();
    for item in items {
        if out.len() > empty {
            out.push(',');
        }
        push(out, item);
    }
    out.push(']');
}

/// Writes an object.
pub fn object(out: &mut String, mask: &Mask, write: impl FnOnce(&mut Object<'_>)) {
    out.push('{');
    write(&mut Object {
        out,
        mask,
        first: true,
    });
    out.push('}');
}

/// An object that is being written: the members that its mask selects.
pub struct Object<'a> {
    out: &'a mut String,
    mask: &'a Mask,
    first: bool,
}

impl Object<'_> {
    /// Adds a member whose value is written by `push`.
    pub fn add(&mut self, name: &str, push: impl FnOnce(&mut String, &Mask)) {
        let Some(mask) = self.mask.member(name) else {
            return;
        };
        if !self.first {
            self.out.push(',');
        }
        self.first = false;
        self.out.push('"');
        self.out.push_str(name);
        self.out.push_str("\":");
        push(self.out, mask);
    }

    /// Adds a member.
    pub fn value(&mut self, name: &str, value: &Json) {
        self.add(name, |out, mask| value.push(out, mask));
    }

    /// Adds a member that is an object.
    pub fn object(&mut self, name: &str, write: impl FnOnce(&mut Object<'_>)) {
        self.add(name, |out, mask| object(out, mask, write));
    }

    /// Adds members.
    pub fn all(&mut self, members: &[(&'static str, Json)]) {
        for (name, value) in members {
            self.value(name, value);
        }
    }
}

fn digits(out: &mut String, value: u32, count: u32) {
    for place in (0..count).rev() {
        let digit = value / 10_u32.pow(place) % 10;
        out.push(char::from_digit(digit, 10).unwrap_or('0'));
    }
}

fn clock(second: i64) -> [u32; 3] {
    let of_day = u32::try_from(second.rem_euclid(86_400)).unwrap_or(0);
    [of_day / 3600, of_day / 60 % 60, of_day % 60]
}

fn date_of(second: i64) -> NaiveDate {
    let at = DateTime::from_timestamp(second, 0).unwrap_or_default();
    at.date_naive()
}

/// `"2026-11-21T05:00:05Z"`; milliseconds only where there are some.
fn push_instant(out: &mut String, instant: i64) {
    let second = instant.div_euclid(1000);
    let date = date_of(second);
    let [hours, minutes, seconds] = clock(second);
    out.push('"');
    digits(out, date.year().unsigned_abs(), 4);
    for (before, value) in ['-', '-', 'T', ':', ':'].into_iter().zip([
        date.month(),
        date.day(),
        hours,
        minutes,
        seconds,
    ]) {
        out.push(before);
        digits(out, value, 2);
    }
    let millis = u32::try_from(instant.rem_euclid(1000)).unwrap_or(0);
    if millis > 0 {
        out.push('.');
        digits(out, millis, 3);
    }
    out.push_str("Z\"");
}

fn push_date(out: &mut String, date: NaiveDate) {
    let (year, month, day) = (date.year(), date.month(), date.day());
    push_all(
        out,
        format_args!("{{\"year\":{year},\"month\":{month},\"day\":{day}}}"),
    );
}

/// A wall clock as an object; members that are zero are left out.
fn push_civil(out: &mut String, wall: i64) {
    let names = ["hours", "minutes", "seconds"].into_iter();
    let parts = names.zip(clock(wall)).filter(|(_, value)| *value > 0);
    out.push_str("{\"date\":");
    push_date(out, date_of(wall));
    out.push_str(",\"time\":{");
    for (index, (name, value)) in parts.enumerate() {
        let comma = if index > 0 { "," } else { "" };
        push_all(out, format_args!("{comma}\"{name}\":{value}"));
    }
    out.push_str("}}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &Json, mask: &str) -> String {
        let mut out = String::new();
        value.push(&mut out, &Mask::decode(mask).unwrap_or_default());
        out
    }

    #[test]
    fn values_are_written_as_the_service_writes_them() {
        let cases = [
            (Json::Int(-37), "\"-37\""),
            (Json::Number(1.5), "1.5"),
            (Json::Number(61.0), "61"),
            (Json::Number(f64::NAN), "\"NaN\""),
            (Json::Duration(-14_400), "\"-14400s\""),
            (Json::Instant(1_795_237_205_000), "\"2026-11-21T05:00:05Z\""),
            (
                Json::Instant(1_795_237_205_070),
                "\"2026-11-21T05:00:05.070Z\"",
            ),
            (
                Json::Civil(1_795_219_200),
                "{\"date\":{\"year\":2026,\"month\":11,\"day\":21},\"time\":{}}",
            ),
            (
                Json::Civil(1_795_219_200 + 8 * 3600 + 29),
                "{\"date\":{\"year\":2026,\"month\":11,\"day\":21},\"time\":{\"hours\":8,\"seconds\":29}}",
            ),
        ];
        for (value, expected) in cases {
            assert_eq!(text(&value, ""), expected);
        }
    }

    #[test]
    fn what_is_not_selected_is_not_written() {
        let stage = Json::Object(vec![("type", Json::Text("REM")), ("at", Json::Small(1))]);
        let sleep = Json::Object(vec![
            ("stages", Json::List(vec![stage.clone(), stage])),
            ("nap", Json::Flag(false)),
        ]);
        assert_eq!(
            text(&sleep, "stages/type"),
            "{\"stages\":[{\"type\":\"REM\"},{\"type\":\"REM\"}]}"
        );
        assert_eq!(text(&sleep, "nap"), "{\"nap\":false}");
    }
}
