//! Marks on an axis of days: weeks, months, quarters or years, whichever leaves room for their names.

use super::words;
use chrono::{Datelike, Days, Months, NaiveDate, Weekday};

/// A mark at the beginning of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Days since the first day of the axis.
    pub day: i64,
    /// Its name: `5 Jun`, `Jun`, `2017`.
    pub name: String,
}

#[derive(Clone, Copy)]
enum Step {
    Week,
    Months(u32),
    Years(i32),
}

/// Marks from `from` to `to` (included), at most `most` of them.
#[must_use]
pub fn marks(from: NaiveDate, to: NaiveDate, most: usize) -> Vec<Mark> {
    let steps = [
        Step::Week,
        Step::Months(1),
        Step::Months(2),
        Step::Months(3),
        Step::Months(6),
        Step::Years(1),
        Step::Years(2),
        Step::Years(5),
    ];
    let mut marks = Vec::new();
    for step in steps {
        marks = with(step, from, to);
        if marks.len() <= most {
            break;
        }
    }
    marks
}

fn with(step: Step, from: NaiveDate, to: NaiveDate) -> Vec<Mark> {
    std::iter::successors(first(step, from), |&date| next(step, date))
        .take_while(|&date| date <= to)
        .map(|date| Mark {
            day: (date - from).num_days(),
            name: name(step, date),
        })
        .collect()
}

fn first(step: Step, from: NaiveDate) -> Option<NaiveDate> {
    match step {
        Step::Week => from.iter_days().find(|date| date.weekday() == Weekday::Mon),
        Step::Months(months) => {
            let begin = from.with_day(1)?;
            std::iter::successors(Some(begin), |date| date.checked_add_months(Months::new(1)))
                .find(|date| *date >= from && date.month0() % months == 0)
        }
        Step::Years(years) => (from.year()..)
            .filter(|year| year % years == 0)
            .find_map(|year| NaiveDate::from_ymd_opt(year, 1, 1).filter(|date| *date >= from)),
    }
}

fn next(step: Step, date: NaiveDate) -> Option<NaiveDate> {
    match step {
        Step::Week => date.checked_add_days(Days::new(7)),
        Step::Months(months) => date.checked_add_months(Months::new(months)),
        Step::Years(years) => date.with_year(date.year() + years),
    }
}

fn name(step: Step, date: NaiveDate) -> String {
    match step {
        Step::Week => format!("{} {}", date.day(), words::short_month(date)),
        Step::Months(_) if date.month() == 1 => date.year().to_string(),
        Step::Months(_) => words::short_month(date).to_owned(),
        Step::Years(_) => date.year().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(from: &str, to: &str) -> Vec<String> {
        let date = |text: &str| text.parse().expect("a date");
        marks(date(from), date(to), 14)
            .into_iter()
            .map(|mark| mark.name)
            .collect()
    }

    #[test]
    fn the_longer_the_span_the_wider_the_steps() {
        assert_eq!(
            names("2017-06-01", "2017-06-30"),
            ["5 Jun", "12 Jun", "19 Jun", "26 Jun"]
        );
        let year = names("2017-01-01", "2017-12-31");
        assert_eq!((year.len(), &*year[0], &*year[11]), (12, "2017", "Dec"));
        assert_eq!(
            names("2015-11-15", "2017-11-14")[..3],
            ["2016", "Mar", "May"]
        );
        let decade = names("2010-03-01", "2019-12-31");
        assert_eq!((decade.len(), &*decade[0]), (9, "2011"));
    }
}
