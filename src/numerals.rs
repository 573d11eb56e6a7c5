//! How numbers are written for people: one way everywhere, on the screen, in pictures and in tables.

/// `82 417`.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

/// `1 day`, `3 days`.
#[must_use]
pub fn counted(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {what}{plural}", grouped(count))
}

/// Bytes as `120 kB`, `8.5 MB`, `85 MB`, `1.2 GB`.
#[must_use]
pub fn size(bytes: u64) -> String {
    #[allow(clippy::cast_precision_loss, reason = "a size for people")]
    let exact = bytes as f64;
    match bytes {
        0..1_000_000 => format!("{:.0} kB", exact / 1e3),
        1_000_000..10_000_000 => format!("{:.1} MB", exact / 1e6),
        10_000_000..1_000_000_000 => format!("{:.0} MB", exact / 1e6),
        _ => format!("{:.1} GB", exact / 1e9),
    }
}

/// Seconds as `23 h 12 min`, `12 min 5 s`, `4 s`; days from 100 hours up.
#[must_use]
pub fn span(seconds: i64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600, seconds / 60);
    if hours >= 100 {
        format!("{} d {} h", grouped(days.unsigned_abs()), hours % 24)
    } else if hours >= 1 {
        format!("{hours} h {} min", minutes % 60)
    } else if minutes >= 1 && seconds % 60 != 0 {
        format!("{minutes} min {} s", seconds % 60)
    } else if minutes >= 1 {
        format!("{minutes} min")
    } else {
        format!("{seconds} s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_are_grouped() {
        assert_eq!(
            [0, 999, 1000, 82_417, 1_234_567].map(grouped),
            ["0", "999", "1 000", "82 417", "1 234 567"]
        );
        assert_eq!(counted(1, "day"), "1 day");
        assert_eq!(counted(3650, "day"), "3 650 days");
    }

    #[test]
    fn sizes_have_two_digits_or_three() {
        assert_eq!(
            [900, 120_000, 1_500_000, 84_600_000, 1_200_000_000].map(size),
            ["1 kB", "120 kB", "1.5 MB", "85 MB", "1.2 GB"]
        );
    }

    #[test]
    fn spans_read_as_people_say_them() {
        for (seconds, text) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (725, "12 min 5 s"),
            (83_520, "23 h 12 min"),
            (8_640_000, "100 d 0 h"),
        ] {
            assert_eq!(span(seconds), text);
        }
    }
}
