//! `influx`: the line protocol, by its reference: measurement `heart_rate`, tag `source`, field `bpm`, nanoseconds.
//!
//! A point needs an instant, so samples without one are left out and counted.

use super::text::Text;
use crate::day::Day;
use crate::sink::digits;

/// The format.
#[derive(Debug)]
pub struct Influx;

impl Text for Influx {
    fn push_day(&self, out: &mut Vec<u8>, day: &Day) -> u64 {
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
}
