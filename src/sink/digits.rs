//! Numbers, dates and times as text, appended to a buffer without the formatting machinery: an export writes
//! a hundred million of them.

use crate::day::wall_clock;
use chrono::{Datelike, Timelike};

/// `00`, `01`, ... `99`, one after the other.
const PAIRS: [[u8; 2]; 100] = pairs();

const fn pairs() -> [[u8; 2]; 100] {
    let mut table = [*b"00"; 100];
    let mut n = 1;
    while n < 100 {
        let [tens, ones] = table[n - 1];
        table[n] = match ones {
            b'9' => [tens + 1, b'0'],
            _ => [tens, ones + 1],
        };
        n += 1;
    }
    table
}

/// The two digits of `n`, which is below 100.
#[must_use]
pub fn pair(n: u32) -> [u8; 2] {
    PAIRS[n as usize % 100]
}

/// Appends a whole number.
pub fn push_integer(out: &mut Vec<u8>, n: i64) {
    let mut digits = [0_u8; 20];
    let mut at = digits.len();
    let mut rest = n.unsigned_abs();
    loop {
        at -= 1;
        digits[at] = b'0' + u8::try_from(rest % 10).unwrap_or_default();
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if n < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(&digits[at..]);
}

/// A beat count, 0 to 999, as its one to three digits.
pub fn push_bpm(out: &mut Vec<u8>, bpm: u16) {
    let n = u32::from(bpm);
    let [tens, ones] = pair(n % 100);
    match n {
        0..10 => out.push(ones),
        10..100 => out.extend_from_slice(&[tens, ones]),
        _ => {
            push_integer(out, i64::from(n / 100));
            out.extend_from_slice(&[tens, ones]);
        }
    }
}

/// `HH:MM:SS` of a second of the day.
#[must_use]
pub fn clock(second_of_day: u32) -> [u8; 8] {
    let [h1, h2] = pair(second_of_day / 3600 % 24);
    let [m1, m2] = pair(second_of_day / 60 % 60);
    let [s1, s2] = pair(second_of_day % 60);
    [h1, h2, b':', m1, m2, b':', s1, s2]
}

/// The second of the day of a wall clock in milliseconds.
#[must_use]
pub fn second_of_day(local_time: i64) -> u32 {
    u32::try_from(local_time.rem_euclid(86_400_000) / 1000).unwrap_or_default()
}

/// Appends a wall clock or an instant in milliseconds as `2017-06-01T04:00:05`, with `.250` where the seconds are not
/// whole.
pub fn push_timestamp(out: &mut Vec<u8>, milliseconds: i64) {
    let at = wall_clock(milliseconds);
    push_date(out, at.year(), at.month(), at.day());
    out.push(b'T');
    out.extend_from_slice(&clock(at.num_seconds_from_midnight()));
    push_fraction(out, milliseconds);
}

/// Appends `2017-06-01`; years beyond four digits as they are.
pub fn push_date(out: &mut Vec<u8>, year: i32, month: u32, day: u32) {
    match u32::try_from(year) {
        Ok(year @ 0..10_000) => {
            out.extend_from_slice(&pair(year / 100));
            out.extend_from_slice(&pair(year % 100));
        }
        _ => push_integer(out, i64::from(year)),
    }
    let [m1, m2] = pair(month);
    let [d1, d2] = pair(day);
    out.extend_from_slice(&[b'-', m1, m2, b'-', d1, d2]);
}

/// Appends `.250` where the seconds are not whole.
pub fn push_fraction(out: &mut Vec<u8>, milliseconds: i64) {
    let fraction = u32::try_from(milliseconds.rem_euclid(1000)).unwrap_or_default();
    if fraction != 0 {
        let [tens, ones] = pair(fraction % 100);
        let [_, hundreds] = pair(fraction / 100);
        out.extend_from_slice(&[b'.', hundreds, tens, ones]);
    }
}

/// Appends an offset from UTC as `-04:00`; seconds, which only old zones have, as `-04:56:02`.
pub fn push_offset(out: &mut Vec<u8>, seconds: i32) {
    out.push(if seconds < 0 { b'-' } else { b'+' });
    let ahead = seconds.unsigned_abs();
    out.extend_from_slice(&pair(ahead / 3600));
    out.push(b':');
    out.extend_from_slice(&pair(ahead / 60 % 60));
    if !ahead.is_multiple_of(60) {
        out.push(b':');
        out.extend_from_slice(&pair(ahead % 60));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).expect("ascii")
    }

    #[test]
    fn numbers_are_written_as_the_formatter_writes_them() {
        for n in [0, 7, 10, 99, 100, 12_345, -1, i64::MAX, i64::MIN] {
            assert_eq!(text(|out| push_integer(out, n)), n.to_string());
        }
        for bpm in 0..=300 {
            assert_eq!(text(|out| push_bpm(out, bpm)), bpm.to_string());
        }
        assert_eq!(text(|out| push_bpm(out, u16::MAX)), u16::MAX.to_string());
    }

    #[test]
    fn fractions_are_shown_only_where_there_are_some() {
        for (at, expected) in [
            (1_496_282_405_000, "2017-06-01T02:00:05"),
            (1_496_282_405_250, "2017-06-01T02:00:05.250"),
            (1_496_282_405_007, "2017-06-01T02:00:05.007"),
            (-1, "1969-12-31T23:59:59.999"),
        ] {
            assert_eq!(text(|out| push_timestamp(out, at)), expected);
        }
    }

    #[test]
    fn offsets_have_a_sign_and_two_digits() {
        for (seconds, expected) in [
            (0, "+00:00"),
            (-14_400, "-04:00"),
            (20_700, "+05:45"),
            (-17_762, "-04:56:02"),
        ] {
            assert_eq!(text(|out| push_offset(out, seconds)), expected);
        }
    }
}
