//! A CSV for each session of a day: `hr-2026-06-01T1805-run.csv` has the heart rate of the run that began at 18:05.

use super::extent::Extent;
use super::fetch::{Data, Fetched, Part};
use super::files::{self, Document};
use super::plan::Plan;
use crate::cli::typed::Wanted;
use crate::day::{Day, wall_clock};
use crate::extract::cut::{self, When};
use crate::extract::{Definition, Rows, Value};
use crate::sink::{csv, table};
use std::collections::BTreeMap;
use std::ops::Range;

/// Types of exercise whose short word is not their own first word.
const SHORT: [(&str, &str); 6] = [
    ("running", "run"),
    ("walking", "walk"),
    ("biking", "bike"),
    ("swimming", "swim"),
    ("hiking", "hike"),
    ("rowing", "row"),
];

/// A session, with the series cut to it.
#[derive(Debug)]
pub struct Session {
    /// When and what it was.
    pub span: Span,
    /// A table of each series, in the order of the plan.
    pub tables: Vec<Table>,
}

/// A series in a session.
#[derive(Debug)]
pub struct Table {
    /// The series.
    pub extract: String,
    /// The file.
    pub document: Document,
    /// What is in it.
    pub extent: Extent,
}

/// When and what a session was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// `run`.
    pub word: String,
    /// `2026-06-01T1805-run`.
    name: String,
    /// Its instants in milliseconds.
    instants: Range<i64>,
    /// Its wall clock; the end is beyond all days while it still runs.
    pub wall_clock: Range<i64>,
}

/// The sessions that were found, ascending.
pub fn sessions(fetched: &Fetched, plan: &Plan, definition: &Definition) -> Vec<Session> {
    let Some(found) = &fetched.sessions else {
        return Vec::new();
    };
    let table = |part: &Part, span: &Span| {
        let name = &part.wanted.definition.name;
        let same = |other: &&Part| other.wanted.definition.name == *name;
        let before = found.before.iter().find(same);
        let after = found.after.iter().find(same);
        let days: Vec<_> = [before, Some(part), after].into_iter().flatten().collect();
        let (bytes, extent) = match &part.data {
            Data::HeartRate(_) => of_heart_rate(&days, plan, span),
            Data::Series(_) => of_series(&days, plan, &part.wanted, span),
        };
        Table {
            extract: name.clone(),
            document: Document {
                name: format!("{}-{}.csv", part.wanted.file_stem(), span.name),
                bytes,
            },
            extent,
        }
    };
    let spans = spans(&found.of_day.rows, definition).into_iter();
    let session = |span: Span| Session {
        tables: fetched
            .parts
            .iter()
            .map(|part| table(part, &span))
            .collect(),
        span,
    };
    spans.map(session).collect()
}

fn spans(rows: &Rows, definition: &Definition) -> Vec<Span> {
    let cell = |name, row: usize| rows.ints(name).get(row).copied().flatten();
    let mut taken: BTreeMap<String, u32> = BTreeMap::new();
    let span = |row: usize| {
        let (start, local) = (cell("time", row)?, cell("local_time", row)?);
        // One that still runs has no end yet.
        let end = cell("end_time", row).unwrap_or(i64::MAX);
        let word = word(rows, row, definition);
        let at = wall_clock(local).format("%Y-%m-%dT%H%M");
        let mut name = format!("{at}-{word}");
        let times = taken.entry(name.clone()).or_default();
        *times += 1;
        if *times > 1 {
            name = format!("{name}-{times}");
        }
        Some(Span {
            word,
            name,
            instants: start..end,
            wall_clock: local..local.saturating_add(end.saturating_sub(start)),
        })
    };
    (0..rows.len()).filter_map(span).collect()
}

/// What a session is called, by the column that its definition names.
fn word(rows: &Rows, row: usize, definition: &Definition) -> String {
    let column = definition.called_by.as_deref();
    let value = column.and_then(|column| Some(rows.get(row, rows.place(column)?)));
    let word = match (value, column) {
        (Some(Value::Text(text)), _) => short(&text),
        (Some(Value::Boolean(true)), Some(column)) => Some(column.to_owned()),
        _ => None,
    };
    word.unwrap_or_else(|| definition.name.clone())
}

/// The short word of a type: the first of its name, in lower case; `run` of `RUNNING`.
fn short(kind: &str) -> Option<String> {
    let mut words = kind.split(|c: char| !c.is_ascii_alphanumeric());
    let first = words.find(|word| !word.is_empty())?.to_ascii_lowercase();
    let short = SHORT.iter().find(|(long, _)| *long == first);
    Some(short.map_or(first, |(_, short)| (*short).to_owned()))
}

/// Heart rate in a session, of the days that it touches.
fn of_heart_rate(days: &[&Part], plan: &Plan, span: &Span) -> (Vec<u8>, Extent) {
    let mut bytes = csv::header(&plan.columns);
    let mut whole: Option<Day> = None;
    for part in days {
        let Data::HeartRate(fetched) = &part.data else {
            continue;
        };
        let day = span.of_samples(&fetched.day);
        csv::push_rows(&mut bytes, &day, &plan.columns);
        match &mut whole {
            Some(whole) => whole.samples.extend(day.samples),
            None => whole = Some(day),
        }
    }
    (
        bytes,
        whole.map_or_else(Extent::default, |day| Extent::of_samples(&day)),
    )
}

/// Another series in a session, of the days that it touches.
fn of_series(days: &[&Part], plan: &Plan, wanted: &Wanted, span: &Span) -> (Vec<u8>, Extent) {
    let definition = &wanted.definition;
    let mut all: Option<Rows> = None;
    for part in days {
        if let Data::Series(day) = &part.data {
            match &mut all {
                Some(all) => all.append(day.rows.clone()),
                None => all = Some(day.rows.clone()),
            }
        }
    }
    let all = all.unwrap_or_else(|| Rows::none(definition.columns()));
    // Others come at their detail already.
    let detail = wanted.detail.filter(|_| definition.is_label_span());
    let rows = cut::at_detail(definition, &all, detail, |when| span.of(when));
    let shown = files::shown(wanted, plan, &rows);
    (table::csv(&shown, &rows), Extent::of_rows(&rows))
}

impl Span {
    /// It on the wall clock of a row.
    fn of(&self, when: &When) -> Vec<Range<i64>> {
        let on_clock = when.time.map(|time| {
            let ahead = when.wall_clock.start - time;
            self.instants.start + ahead..self.instants.end.saturating_add(ahead)
        });
        vec![on_clock.unwrap_or_else(|| self.wall_clock.clone())]
    }

    fn holds(&self, time: Option<i64>, local_time: i64) -> bool {
        match time {
            Some(time) => self.instants.contains(&time),
            None => self.wall_clock.contains(&local_time),
        }
    }

    fn of_samples(&self, day: &Day) -> Day {
        let mut day = day.clone();
        day.samples
            .retain(|sample| self.holds(sample.instant, sample.local_time));
        day
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::Catalogue;
    use std::sync::Arc;

    const START: i64 = 1_780_337_100_000; // 2026-06-01T18:05:00Z

    /// Sessions of this start, by their ends and the first of their values.
    fn spans_of(name: &str, all: Vec<(Option<i64>, Vec<Value>)>) -> Vec<Span> {
        let catalogue = Catalogue::default();
        let definition = catalogue.get(name).expect("of the catalogue");
        let mut rows = Rows::none(definition.columns());
        for (end, values) in all {
            let int = |at: Option<i64>| at.map_or(Value::Null, Value::Int);
            let before = [Value::Null, Value::Null, int(Some(START)), int(end)];
            let offsets = [int(Some(START)), Value::Null, Value::Null, Value::Null];
            rows.push(before.into_iter().chain(offsets).chain(values));
        }
        spans(&rows, definition)
    }

    fn names(spans: &[Span]) -> Vec<&str> {
        spans.iter().map(|span| span.name.as_str()).collect()
    }

    #[test]
    fn a_workout_is_named_by_its_start_and_the_first_word_of_its_type() {
        let all = [
            (Some("RUNNING"), Some(START + 60_000)),
            (Some("RUNNING"), Some(START + 90_000)),
            (Some("STRENGTH_TRAINING"), Some(START)),
            (Some("HIIT"), None),
            (None, None),
        ];
        let kind =
            |kind: Option<&str>| kind.map_or(Value::Null, |kind| Value::Text(Arc::from(kind)));
        let all = all.map(|(word, end)| (end, vec![kind(word)]));
        let spans = spans_of("exercise", all.to_vec());
        let expected = [
            "2026-06-01T1805-run",
            "2026-06-01T1805-run-2",
            "2026-06-01T1805-strength",
            "2026-06-01T1805-hiit",
            "2026-06-01T1805-exercise",
        ];
        assert_eq!(names(&spans), expected);
        assert!(spans[0].holds(Some(START + 59_999), 0));
        assert!(!spans[0].holds(Some(START + 60_000), 0));
        assert!(spans[3].holds(None, START + 86_400_000));
    }

    #[test]
    fn a_night_is_a_sleep_or_a_nap_and_others_are_called_as_their_extract() {
        let stages = || Value::Text(Arc::from("STAGES"));
        let sleeps = [Value::Boolean(true), Value::Boolean(false), Value::Null]
            .map(|nap| (None, vec![stages(), Value::Null, nap]));
        let expected = ["nap", "sleep", "sleep-2"].map(|word| format!("2026-06-01T1805-{word}"));
        assert_eq!(names(&spans_of("sleep", sleeps.to_vec())), expected);
        let meal = vec![(None, vec![Value::Text(Arc::from("LUNCH"))])];
        assert_eq!(
            names(&spans_of("nutrition", meal)),
            ["2026-06-01T1805-nutrition"]
        );
    }
}
