//! What a person and a script are told of a day.

use super::during::Session;
use super::extent::Extent;
use super::fetch::{Data, Fetched, Part};
use super::plan::Plan;
use crate::civil;
use crate::cli::context::Context;
use crate::console::Console;
use crate::day::{Detail, clock_text, wall_clock};
use crate::exit::Explain;
use crate::extract::Shape;
use crate::extract::selection::HEART_RATE;
use crate::live::{self, DayOfSeries};
use crate::numerals::{counted, span};
use crate::settled;
use chrono::DateTime;
use serde_json::{Map, Value, json};
use std::path::PathBuf;

/// What should be known before the files are there.
pub fn notes(context: &Context, plan: &Plan, fetched: &Fetched) {
    for note in &fetched.notes {
        context.console.note(note);
    }
    for part in &fetched.parts {
        let name = &part.wanted.definition.name;
        match &part.data {
            Data::HeartRate(day) => {
                day.notes.iter().for_each(|note| context.console.note(note));
                if day.left_out.count() > 0 {
                    // An answer that is kept byte for byte still has them.
                    let of = day.answer.as_ref().map_or("", |_| " of hr.csv");
                    context.console.note(&(day.left_out.to_string() + of));
                }
            }
            Data::Series(day) => {
                if day.faults.unreadable > 0 {
                    context.console.note(&format!(
                        "{name}: {} of {} cannot be read and {} left out",
                        day.faults.unreadable,
                        counted(day.faults.points, "point"),
                        if day.faults.unreadable == 1 {
                            "was"
                        } else {
                            "were"
                        }
                    ));
                }
                if !day.never_met.is_empty() {
                    let members = day.never_met.join(", ");
                    context
                        .console
                        .warn(&format!("{name}: no point has the member {members}"));
                }
            }
        }
    }
    if !plan.by_name {
        for (name, error) in &fetched.refused {
            context
                .console
                .note(&format!("{name} is left out: {}", error.why()));
        }
    }
}

/// What came of it.
pub struct Done<'a> {
    /// What came.
    pub fetched: &'a Fetched,
    /// The sessions that it was cut to, if that was wanted.
    pub sessions: Option<&'a [Session]>,
    /// Requests to the API.
    pub requests: u64,
    /// What was written.
    pub files: &'a [PathBuf],
}

/// Tells a person what there is, and where.
pub fn said(context: &Context, plan: &Plan, done: &Done<'_>) {
    let (console, fetched) = (&context.console, done.fetched);
    match done.sessions {
        Some(sessions) => said_of_sessions(console, plan, fetched, sessions),
        None => said_of_day(console, plan, fetched),
    }
    if let Some(text) = unfinished(fetched) {
        console.note(&text);
    }
    if let Some(text) = written(done.files) {
        console.say(&text);
    }
}

fn said_of_day(console: &Console, plan: &Plan, fetched: &Fetched) {
    let window = plan
        .between
        .map(|between| format!(" between {between}"))
        .unwrap_or_default();
    let mut empty = Vec::new();
    for part in &fetched.parts {
        match &part.data {
            Data::HeartRate(day) if !day.day.samples.is_empty() => {
                console.say(&heart_rate_line(day));
            }
            Data::HeartRate(_) => console.note(&format!(
                "there is no heart rate for {}{window}: not worn, or not synced",
                fetched.date
            )),
            Data::Series(day) if day.rows.is_empty() => empty.push(part),
            Data::Series(day) => console.say(&series_line(part, day, fetched)),
        }
    }
    if !empty.is_empty() {
        let names = empty
            .iter()
            .map(|part| part.wanted.definition.name.as_str());
        console.note(&format!(
            "there is nothing for {}{window} of {}",
            fetched.date,
            names.collect::<Vec<_>>().join(", ")
        ));
    }
}

/// A line a file: what it has of its session.
fn said_of_sessions(console: &Console, plan: &Plan, fetched: &Fetched, sessions: &[Session]) {
    if let (Some(definition), Some(_), []) = (&plan.during, &fetched.sessions, sessions) {
        let name = &definition.name;
        console.note(&format!("there is no {name} on {}: no file", fetched.date));
    }
    for session in sessions {
        let start = wall_clock(session.span.wall_clock.start).format("%Y-%m-%d %H:%M");
        let session_name = format!("{start} {}", session.span.word);
        for table in &session.tables {
            let (name, extent) = (&table.extract, &table.extent);
            if extent.rows == 0 {
                console.note(&format!("{session_name}: there is nothing of {name}"));
            } else if name == HEART_RATE {
                console.say(&format!("{session_name}: {}", samples(extent)));
            } else {
                let rows = counted(extent.rows as u64, "row");
                console.say(&format!("{session_name}: {name}: {rows}{}", clock(extent)));
            }
        }
    }
}

/// The files by name; many only by their number.
fn written(files: &[PathBuf]) -> Option<String> {
    let first = files.first()?;
    let names: Vec<_> = files
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    Some(match names.as_slice() {
        [rest @ .., last] if (1..4).contains(&rest.len()) => {
            format!("wrote {} and {last}", rest.join(", "))
        }
        [only] => format!("wrote {only}"),
        _ => {
            let folder = first.parent().unwrap_or(first).display();
            format!("wrote {} files into {folder}", files.len())
        }
    })
}

fn heart_rate_line(fetched: &live::Fetched) -> String {
    let day = &fetched.day;
    let resting = day
        .summary
        .resting_bpm
        .map(|bpm| format!(", resting {bpm:.0}"))
        .unwrap_or_default();
    format!(
        "{}: {}{resting}",
        day.date,
        samples(&Extent::of_samples(day))
    )
}

/// `1 240 samples, 00:00 to 23:59, largest gap 12 min`.
fn samples(extent: &Extent) -> String {
    let gap = extent.largest_gap_s;
    let gap = gap.map_or_else(String::new, |gap| format!(", largest gap {}", span(gap)));
    format!(
        "{}{}{gap}",
        counted(extent.rows as u64, "sample"),
        clock(extent)
    )
}

/// `, 00:00 to 23:59`.
fn clock(extent: &Extent) -> String {
    match extent.first.zip(extent.last) {
        Some((first, last)) => {
            format!(", {} to {}", hour_and_minute(first), hour_and_minute(last))
        }
        None => String::new(),
    }
}

fn series_line(part: &Part, day: &DayOfSeries, fetched: &Fetched) -> String {
    let rows = counted(day.rows.len() as u64, "row");
    let segments = part.wanted.definition.segments.as_ref();
    let segments = segments
        .zip(day.segments.as_ref())
        .map_or_else(String::new, |(segments, rows)| {
            format!(", {} of {}", rows.len(), segments.table)
        });
    let name = &part.wanted.definition.name;
    let clock = clock(&Extent::of_rows(&day.rows));
    format!("{}: {name}: {rows}{segments}{clock}", fetched.date)
}

fn is_complete(fetched: &Fetched) -> bool {
    settled::is_complete(end_of_day(fetched), fetched.now, &fetched.syncs)
}

fn end_of_day(fetched: &Fetched) -> i64 {
    civil::window(fetched.date, fetched.zone).map_or(i64::MAX, |window| window.end)
}

/// Why more may come.
fn unfinished(fetched: &Fetched) -> Option<String> {
    let (date, end) = (fetched.date, end_of_day(fetched));
    let at = |instant: i64| {
        DateTime::from_timestamp_millis(instant).map(|at| at.with_timezone(&fetched.zone))
    };
    let behind = fetched.syncs.behind(fetched.now);
    match behind.or(fetched.syncs.latest()) {
        Some(sync) if sync < end => {
            let sync = at(sync)?;
            let format = if sync.date_naive() == date {
                "%H:%M"
            } else {
                "%Y-%m-%d %H:%M"
            };
            Some(format!(
                "last sync {}: later samples are not there yet",
                sync.format(format)
            ))
        }
        None if fetched.now.timestamp_millis() < end => Some(format!(
            "{date} is not over: later samples are not there yet"
        )),
        _ => None,
    }
}

/// `23:59`.
fn hour_and_minute(local_time: i64) -> String {
    wall_clock(local_time).format("%H:%M").to_string()
}

/// The object of the run.
pub fn account(context: &Context, plan: &Plan, done: &Done<'_>) -> Value {
    let fetched = done.fetched;
    let mut account = json!({
        "provider": context.settings.provider.name(),
        "profile": context.settings.profile_name(),
        "day": fetched.date.to_string(),
        "timezone": fetched.zone.name(),
        "last_sync": fetched.syncs.latest().map(civil::rfc3339),
        "complete": is_complete(fetched),
        "requests": done.requests,
        "files": done.files.iter().map(|path| path.display().to_string()).collect::<Vec<_>>(),
        "extracts": extracts(done),
    });
    let members = account.as_object_mut().into_iter();
    for members in members {
        for part in &fetched.parts {
            if let Data::HeartRate(day) = &part.data {
                members.extend(heart_rate_account(day, &done.extent(part)));
            }
        }
        if let Some(between) = plan.between {
            members.insert("between".to_owned(), json!(between.ends()));
        }
        if let (Some(definition), Some(sessions)) = (&plan.during, done.sessions) {
            members.insert("during".to_owned(), json!(definition.name));
            members.insert("sessions".to_owned(), sessions_account(sessions));
        }
    }
    account
}

fn sessions_account(sessions: &[Session]) -> Value {
    let stamp = |local: i64| moment(Shape::Sessions, local);
    let session = |session: &Session| {
        let clock = &session.span.wall_clock;
        let tables = session.tables.iter();
        json!({
            "start": stamp(clock.start),
            "end": Some(clock.end).filter(|end| *end < i64::MAX).map(stamp),
            "word": session.span.word,
            "rows": tables.map(|table| (table.extract.clone(), json!(table.extent.rows))).collect::<Map<_, _>>(),
        })
    };
    sessions.iter().map(session).collect()
}

impl Done<'_> {
    /// What there is of a series in what was written.
    fn extent(&self, part: &Part) -> Extent {
        let Some(sessions) = self.sessions else {
            return part.extent();
        };
        let tables = sessions.iter().flat_map(|session| &session.tables);
        let own = tables.filter(|table| table.extract == part.wanted.definition.name);
        Extent::together(own.map(|table| table.extent))
    }

    /// The requests of a series, on the days around included. What no other took is heart rate's: the account is asked for
    /// days of its clock.
    fn requests(&self, part: &Part) -> u64 {
        let fetched = self.fetched;
        let around = fetched.sessions.iter();
        let around = around.flat_map(|found| found.before.iter().chain(&found.after));
        let all = fetched.parts.iter().chain(around);
        match &part.data {
            Data::Series(_) => {
                let name = &part.wanted.definition.name;
                let own = all.filter(|other| other.wanted.definition.name == *name);
                own.map(Part::requests).sum()
            }
            Data::HeartRate(_) => {
                let sessions = fetched.sessions.iter();
                let sessions: u64 = sessions.map(|found| found.of_day.requests).sum();
                let others = all.map(Part::requests).sum::<u64>() + sessions;
                self.requests.saturating_sub(others)
            }
        }
    }
}

fn heart_rate_account(fetched: &live::Fetched, extent: &Extent) -> Map<String, Value> {
    let day = &fetched.day;
    let members = [
        ("detail", json!(day.detail.name())),
        ("samples", json!(extent.rows)),
        ("first", json!(extent.first.map(clock_text))),
        ("last", json!(extent.last.map(clock_text))),
        ("largest_gap_s", json!(extent.largest_gap_s)),
        ("resting_bpm", json!(day.summary.resting_bpm)),
        ("left_out", json!(fetched.left_out.count())),
    ];
    let members = members.map(|(name, value)| (name.to_owned(), value));
    members.into_iter().collect()
}

/// Each series by its name.
fn extracts(done: &Done<'_>) -> Map<String, Value> {
    let parts = done.fetched.parts.iter().map(|part| {
        let mut value = extract(part, &done.extent(part), done.sessions.is_some());
        value["requests"] = json!(done.requests(part));
        (part.wanted.definition.name.clone(), value)
    });
    let refused = done.fetched.refused.iter();
    let refused = refused.map(|(name, error)| (name.clone(), json!({"refused": error.why()})));
    parts.chain(refused).collect()
}

fn extract(part: &Part, extent: &Extent, is_cut: bool) -> Value {
    let stamp = |at: Option<i64>| json!(at.map(|at| moment(part.wanted.definition.shape, at)));
    let (unreadable, segments) = match &part.data {
        Data::HeartRate(fetched) => (fetched.left_out.unreadable, None),
        Data::Series(day) => (day.faults.unreadable, day.segments.as_ref()),
    };
    let mut extract = json!({
        "rows": extent.rows,
        "detail": part.wanted.detail.map(Detail::name),
        "unreadable": unreadable,
        "first": stamp(extent.first),
        "last": stamp(extent.last),
    });
    if let Some(segments) = segments.filter(|_| !is_cut) {
        extract["segments"] = json!(segments.len());
    }
    extract
}

/// A wall clock as the rows have it: with its date where a row spans days.
fn moment(shape: Shape, local_time: i64) -> String {
    match shape {
        Shape::Samples | Shape::Intervals | Shape::Days => clock_text(local_time),
        Shape::Sessions => wall_clock(local_time)
            .format("%Y-%m-%d %H:%M:%S")
            .to_string(),
    }
}
