//! A CSV for each session of a day: `hr-2026-06-01T1805-run.csv` has the heart rate of the run that began at 18:05.

use super::fetch::{Data, Fetched, Part};
use super::files::{self, Document};
use super::plan::Plan;
use crate::day::{Day, wall_clock};
use crate::extract::{Definition, Rows};
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

/// One session.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Span {
    /// `2026-06-01T1805-run`.
    name: String,
    /// Its instants in milliseconds.
    instants: Range<i64>,
    /// Its wall clock, for rows whose instant is not known.
    wall_clock: Range<i64>,
}

/// A table for each session and each series.
pub fn documents(fetched: &Fetched, plan: &Plan, sessions: &Definition) -> Vec<Document> {
    let Some(found) = &fetched.sessions else {
        return Vec::new();
    };
    let spans = spans(&found.of_day.rows, &sessions.name);
    let parts = fetched.parts.iter();
    let tables = parts.flat_map(|part| {
        let name = &part.wanted.definition.name;
        let same = |other: &&Part| other.wanted.definition.name == *name;
        let before = found.before.iter().find(same);
        let after = found.after.iter().find(same);
        let days: Vec<_> = [before, Some(part), after].into_iter().flatten().collect();
        spans.iter().map(move |span| Document {
            name: format!("{}-{}.csv", part.wanted.file_stem(), span.name),
            bytes: cut(&days, plan, span),
        })
    });
    tables.collect()
}

fn spans(rows: &Rows, extract: &str) -> Vec<Span> {
    let cell = |name, row: usize| rows.ints(name).get(row).copied().flatten();
    let types = rows.texts("type");
    let mut taken: BTreeMap<String, u32> = BTreeMap::new();
    let span = |row: usize| {
        let (start, local) = (cell("time", row)?, cell("local_time", row)?);
        // One that still runs has no end yet.
        let end = cell("end_time", row).unwrap_or(i64::MAX);
        let kind = types.get(row).and_then(Option::as_deref);
        let word = kind.and_then(word).unwrap_or_else(|| extract.to_owned());
        let at = wall_clock(local).format("%Y-%m-%dT%H%M");
        let mut name = format!("{at}-{word}");
        let times = taken.entry(name.clone()).or_default();
        *times += 1;
        if *times > 1 {
            name = format!("{name}-{times}");
        }
        Some(Span {
            name,
            instants: start..end,
            wall_clock: local..local.saturating_add(end.saturating_sub(start)),
        })
    };
    (0..rows.len()).filter_map(span).collect()
}

/// The short word of a type: the first of its name, in lower case; `run` of `RUNNING`.
fn word(kind: &str) -> Option<String> {
    let mut words = kind.split(|c: char| !c.is_ascii_alphanumeric());
    let first = words.find(|word| !word.is_empty())?.to_ascii_lowercase();
    let short = SHORT.iter().find(|(long, _)| *long == first);
    Some(short.map_or(first, |(_, short)| (*short).to_owned()))
}

/// The rows of a series in a session, as CSV, of the days that it touches.
fn cut(days: &[&Part], plan: &Plan, span: &Span) -> Vec<u8> {
    let mut out = Vec::new();
    for (place, part) in days.iter().enumerate() {
        match &part.data {
            Data::HeartRate(fetched) => {
                if place == 0 {
                    out = csv::header(&plan.columns);
                }
                csv::push_rows(&mut out, &span.of_samples(&fetched.day), &plan.columns);
            }
            Data::Series(day) => {
                let shown = files::shown(part, plan, &day.rows);
                if place == 0 {
                    table::push_header(&mut out, &shown);
                }
                table::push_csv(&mut out, &shown, &span.of_rows(&day.rows));
            }
        }
    }
    out
}

impl Span {
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

    fn of_rows(&self, rows: &Rows) -> Rows {
        let cell = |name, row: usize| rows.ints(name).get(row).copied().flatten();
        rows.filter(|row| {
            let local = cell("local_time", *row);
            local.is_some_and(|local| self.holds(cell("time", *row), local))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::{Catalogue, Value};
    use std::sync::Arc;

    #[test]
    fn a_session_is_named_by_its_start_and_the_first_word_of_its_type() {
        let catalogue = Catalogue::default();
        let definition = catalogue.get("exercise").expect("of the catalogue");
        let mut rows = Rows::none(definition.columns());
        let start = 1_780_337_100_000; // 2026-06-01T18:05:00Z
        for (kind, end) in [
            (Some("RUNNING"), Some(start + 60_000)),
            (Some("RUNNING"), Some(start + 90_000)),
            (Some("STRENGTH_TRAINING"), Some(start)),
            (Some("HIIT"), None),
            (None, None),
        ] {
            let int = |at: Option<i64>| at.map_or(Value::Null, Value::Int);
            let kind = kind.map_or(Value::Null, |kind| Value::Text(Arc::from(kind)));
            let before = [Value::Null, Value::Null, int(Some(start)), int(end)];
            let offsets = [int(Some(start)), Value::Null, Value::Null, Value::Null];
            rows.push(before.into_iter().chain(offsets).chain([kind]));
        }
        let spans = spans(&rows, "exercise");
        let names: Vec<_> = spans.iter().map(|span| span.name.as_str()).collect();
        let expected = [
            "2026-06-01T1805-run",
            "2026-06-01T1805-run-2",
            "2026-06-01T1805-strength",
            "2026-06-01T1805-hiit",
            "2026-06-01T1805-exercise",
        ];
        assert_eq!(names, expected);
        assert!(spans[0].holds(Some(start + 59_999), 0));
        assert!(!spans[0].holds(Some(start + 60_000), 0));
        assert!(spans[3].holds(None, start + 86_400_000));
    }
}
