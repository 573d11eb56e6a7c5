//! The sessions of some days after a new answer about them, with their segments. Pure.
//!
//! The answer is wider than the days on each side, so that a session is seen beside those that it overlaps.

use crate::archive::{DayRanges, Table, TableMeta, merge::shape, table};
use crate::extract::definition::Overlaps;
use crate::extract::overlap::{self, Span};
use crate::extract::removal::{self, Answer};
use crate::extract::row_key::session;
use crate::extract::{Rows, Shape};
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

/// Sessions, and the segments of all of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Sessions {
    /// A row a session.
    pub rows: Rows,
    /// Their segments; without rows where they have none.
    pub segments: Rows,
}

/// What the answer was asked for, and how it is to be taken.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The days whose sessions it decides.
    pub days: &'a DayRanges,
    /// Every page came, and each of its points could be read.
    pub is_complete: bool,
    /// What becomes of sessions that overlap.
    pub overlaps: Overlaps,
}

/// What is kept of the stored sessions and of the answer's.
#[must_use]
pub fn renewed(stored: &Sessions, answer: &Sessions, question: Question<'_>) -> Sessions {
    let nothing = Sessions {
        rows: Rows::none(Arc::clone(stored.rows.columns())),
        segments: Rows::none(Arc::clone(stored.segments.columns())),
    };
    let answer = together(answer.clone(), nothing);
    let (old, new) = (Names::of(stored), Names::of(&answer));
    let is_mine = days_of(&answer.rows, question.days);
    let mut stays = left(stored, &old, &answer, &new, question);
    // One that was on such a day and has ended on another comes along, settled as that day may be.
    let was_mine = days_of(&stored.rows, question.days);
    let was_mine: HashSet<&str> = (0..old.called.len())
        .filter(|row| was_mine.get(*row) == Some(&true))
        .map(|row| old.name(row))
        .collect();
    let mut taken: BTreeSet<usize> = (0..new.called.len())
        .filter(|row| is_mine.get(*row) == Some(&true) || was_mine.contains(new.name(*row)))
        .collect();
    if question.overlaps == Overlaps::Longest {
        let candidates: Vec<usize> = stays
            .iter()
            .filter(|row| !new.has(old.name(**row)))
            .copied()
            .collect();
        let spans = candidates.iter().map(|row| old.span(*row));
        let spans = spans.chain((0..new.called.len()).map(|row| new.span(row)));
        let kept: BTreeSet<usize> = overlap::kept(&spans.collect::<Vec<_>>())
            .into_iter()
            .collect();
        taken.retain(|row| kept.contains(&(candidates.len() + row)));
        // What only stands beside the days gives way to what comes in, to nothing else.
        let times: Vec<_> = taken.iter().map(|row| new.span(*row)).collect();
        stays.retain(|row| {
            let span = old.span(*row);
            !times
                .iter()
                .any(|new| new.start < span.end && span.start < new.end)
        });
    }
    together(some(stored, &old, &stays), some(&answer, &new, &taken))
}

/// The stored sessions whose place the answer does not take, and that are not gone.
fn left(
    stored: &Sessions,
    old: &Names<'_>,
    answer: &Sessions,
    new: &Names<'_>,
    question: Question<'_>,
) -> BTreeSet<usize> {
    let asked = days_of(&stored.rows, question.days);
    let asked: Vec<usize> = (0..old.called.len())
        .filter(|row| asked.get(*row) == Some(&true))
        .collect();
    let spans: Vec<_> = asked.iter().map(|row| old.span(*row)).collect();
    let said = Answer {
        window: i64::MIN..i64::MAX,
        is_complete: question.is_complete,
        sessions: (0..new.called.len()).map(|row| new.span(row)).collect(),
    };
    let gone = removal::gone(&spans, &said, |span| span.start);
    let gone: BTreeSet<usize> = gone
        .iter()
        .filter_map(|place| asked.get(*place).copied())
        .collect();
    let is_mine = days_of(&answer.rows, question.days);
    let mine: HashSet<&str> = (0..new.called.len())
        .filter(|row| is_mine.get(*row) == Some(&true))
        .map(|row| new.name(row))
        .collect();
    let asked: BTreeSet<usize> = asked.into_iter().collect();
    let is_replaced = |row: &usize| {
        let name = old.name(*row);
        mine.contains(name) || asked.contains(row) && new.has(name)
    };
    (0..old.called.len())
        .filter(|row| !gone.contains(row) && !is_replaced(row))
        .collect()
}

/// Whether each row is of one of the days.
fn days_of(rows: &Rows, days: &DayRanges) -> Vec<bool> {
    table::civil_days(rows)
        .map(|day| day.is_some_and(|day| days.contains(day)))
        .collect()
}

/// Some of the sessions with their segments.
fn some(all: &Sessions, names: &Names<'_>, rows: &BTreeSet<usize>) -> Sessions {
    let chosen: HashSet<&str> = rows.iter().map(|row| names.name(*row)).collect();
    let whose = all.segments.texts("session");
    let belongs = |row: &usize| {
        let name = whose.get(*row).and_then(Option::as_deref);
        name.is_some_and(|name| chosen.contains(name))
    };
    Sessions {
        rows: all.rows.filter(|row| rows.contains(row)),
        segments: all.segments.filter(belongs),
    }
}

/// Both in the order of the archive; of copies the one that was updated last.
fn together(a: Sessions, b: Sessions) -> Sessions {
    let tables = |sessions: Sessions| {
        let table = |rows| Table {
            rows,
            meta: TableMeta::default(),
        };
        (table(sessions.rows), table(sessions.segments))
    };
    let (rows, segments) = shape::sessions(tables(a), tables(b));
    Sessions {
        rows: rows.rows,
        segments: segments.rows,
    }
}

/// What sessions are called, and from when to when they are.
struct Names<'a> {
    called: Vec<Arc<str>>,
    spans: Vec<Span<'a>>,
    all: HashSet<Arc<str>>,
}

impl<'a> Names<'a> {
    fn of(sessions: &'a Sessions) -> Self {
        let rows = &sessions.rows;
        let name = |row| session(rows, row).unwrap_or_default();
        let called: Vec<_> = (0..rows.len()).map(name).collect();
        Self {
            spans: crate::extract::answer::spans(rows, Some(&sessions.segments)),
            all: called.iter().cloned().collect(),
            called,
        }
    }

    fn name(&self, row: usize) -> &str {
        self.called.get(row).map_or("", |name| name)
    }

    fn has(&self, name: &str) -> bool {
        self.all.contains(name)
    }

    fn span(&self, row: usize) -> Span<'a> {
        let nowhere = Span {
            id: "",
            start: 0,
            end: 0,
            updated: None,
        };
        self.spans.get(row).copied().unwrap_or(nowhere)
    }
}

/// No sessions of an extract without segments.
#[must_use]
pub fn no_segments() -> Rows {
    Rows::none(Shape::segment_columns().into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::civil;
    use crate::extract::{Catalogue, Value};
    use chrono::NaiveDate;

    const HOUR: i64 = 3_600_000;

    /// Sleeps by id, the hours of June 2026 at which they begin and end, and when they were updated; each with a segment.
    fn sleeps(all: &[(&str, i64, i64, i64)]) -> Sessions {
        let catalogue = Catalogue::default();
        let sleep = catalogue.get("sleep").expect("in the catalogue");
        let mut rows = Rows::none(sleep.columns());
        let stages = sleep.segments.as_ref().expect("stages");
        let mut segments = Rows::none(stages.columns());
        let first = civil::day_number(day(1)) * 24 * HOUR;
        for (id, start, end, updated) in all {
            let (start, end) = (first + start * HOUR, first + end * HOUR);
            let date = Value::Int(end.div_euclid(24 * HOUR));
            let id = Value::Text(Arc::from(*id));
            let mut row = vec![Value::Null; rows.columns().len()];
            let cells = [
                ("id", id.clone()),
                ("day", date.clone()),
                ("time", Value::Int(start)),
                ("end_time", Value::Int(end)),
                ("local_time", Value::Int(start)),
                ("local_end", Value::Int(end)),
                ("source", Value::Text(Arc::from("google"))),
                ("updated", Value::Int(*updated)),
            ];
            for (name, value) in cells {
                row[rows.place(name).expect("a column")] = value;
            }
            rows.push(row);
            let (start, end) = (Value::Int(start), Value::Int(end));
            segments.push([id, date, start.clone(), end, start]);
        }
        Sessions { rows, segments }
    }

    fn day(n: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 6, n).expect("a date")
    }

    /// The ids that are left after an answer about the second and the third, and that segments are theirs.
    fn left(stored: &Sessions, answer: &Sessions, is_complete: bool) -> Vec<String> {
        let days: DayRanges = [day(2), day(3)].into_iter().collect();
        let question = Question {
            days: &days,
            is_complete,
            overlaps: Overlaps::Longest,
        };
        let after = renewed(stored, answer, question);
        let names = |rows: &Rows, column: &str| -> Vec<String> {
            rows.texts(column)
                .iter()
                .flatten()
                .map(ToString::to_string)
                .collect()
        };
        let ids = names(&after.rows, "id");
        assert_eq!(names(&after.segments, "session"), ids, "one segment each");
        assert_eq!(renewed(&after, answer, question), after, "once is enough");
        ids
    }

    #[test]
    fn a_complete_answer_decides_and_another_takes_nothing_away() {
        let stored = sleeps(&[
            ("a", 0, 7, 0),
            ("b", 23, 31, 0),
            ("c", 47, 55, 0),
            ("d", 71, 79, 0),
        ]);
        for (answer, is_complete, expected) in [
            (
                vec![("b", 23, 31, 0), ("c", 47, 55, 0)],
                true,
                vec!["a", "b", "c", "d"],
            ),
            (vec![("c", 47, 55, 0)], true, vec!["a", "c", "d"]),
            (vec![("c", 47, 55, 0)], false, vec!["a", "b", "c", "d"]),
            (vec![], true, vec!["a", "d"]),
            // A copy that is longer takes the night's place, and a shorter one does not.
            (
                vec![("b", 23, 31, 0), ("x", 23, 32, 0)],
                true,
                vec!["a", "x", "d"],
            ),
            (
                vec![("b", 23, 31, 0), ("x", 24, 31, 9)],
                true,
                vec!["a", "b", "d"],
            ),
            (vec![("x", 23, 32, 0)], false, vec!["a", "x", "c", "d"]),
            // A night that turns out to have ended on another day is there once.
            (vec![("a", 0, 25, 0)], true, vec!["a", "d"]),
            (vec![("c", 47, 73, 0)], true, vec!["a", "c"]),
            (vec![("c", 47, 71, 0)], true, vec!["a", "c", "d"]),
            // Where the longer one stays, it is the stored one too.
            (vec![("x", 6, 25, 0)], true, vec!["x", "d"]),
            (vec![("x", 6, 25, 0), ("a", 0, 24, 0)], true, vec!["a", "d"]),
        ] {
            assert_eq!(
                left(&stored, &sleeps(&answer), is_complete),
                expected,
                "{answer:?}"
            );
        }
    }
}
