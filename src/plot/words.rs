//! How pictures name days and spans of days.

use chrono::{Datelike, NaiveDate, Weekday};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// `June`.
#[must_use]
pub fn month(date: NaiveDate) -> &'static str {
    usize::try_from(date.month0())
        .ok()
        .and_then(|index| MONTHS.get(index))
        .copied()
        .unwrap_or_default()
}

/// `Jun`.
#[must_use]
pub fn short_month(date: NaiveDate) -> &'static str {
    month(date).get(..3).unwrap_or_default()
}

/// `Thursday`.
#[must_use]
pub const fn weekday(date: Weekday) -> &'static str {
    match date {
        Weekday::Mon => "Monday",
        Weekday::Tue => "Tuesday",
        Weekday::Wed => "Wednesday",
        Weekday::Thu => "Thursday",
        Weekday::Fri => "Friday",
        Weekday::Sat => "Saturday",
        Weekday::Sun => "Sunday",
    }
}

/// `Thursday, 1 June 2017`.
#[must_use]
pub fn day(date: NaiveDate) -> String {
    format!(
        "{}, {} {} {}",
        weekday(date.weekday()),
        date.day(),
        month(date),
        date.year()
    )
}

/// `Thu 1 Jun`.
#[must_use]
pub fn short_day(date: NaiveDate) -> String {
    let weekday = weekday(date.weekday()).get(..3).unwrap_or_default();
    format!("{weekday} {} {}", date.day(), short_month(date))
}

/// `1–14 June 2017`, `28 May – 3 June 2017`, `1 June 2016 – 31 May 2017`; a single day in full.
#[must_use]
pub fn span(from: NaiveDate, to: NaiveDate) -> String {
    if from == to {
        return day(from);
    }
    let end = format!("{} {} {}", to.day(), month(to), to.year());
    if from.year() != to.year() {
        format!("{} {} {} – {end}", from.day(), month(from), from.year())
    } else if from.month() != to.month() {
        format!("{} {} – {end}", from.day(), month(from))
    } else {
        format!("{}–{end}", from.day())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_say_no_more_than_they_must() {
        for (from, to, text) in [
            ("2017-06-01", "2017-06-01", "Thursday, 1 June 2017"),
            ("2017-06-01", "2017-06-14", "1–14 June 2017"),
            ("2017-05-28", "2017-06-03", "28 May – 3 June 2017"),
            ("2016-06-01", "2017-05-31", "1 June 2016 – 31 May 2017"),
        ] {
            let date = |text: &str| text.parse().expect("a date");
            assert_eq!(span(date(from), date(to)), text);
        }
        assert_eq!(short_day(NaiveDate::MIN).len(), 9);
    }
}
