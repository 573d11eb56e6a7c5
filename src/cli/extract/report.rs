//! What a person and a script are told of a day.

use super::fetch::{Data, Fetched, Part};
use super::plan::Plan;
use crate::civil;
use crate::cli::context::Context;
use crate::day::{Detail, clock_text, wall_clock};
use crate::exit::Explain;
use crate::extract::{Rows, Shape};
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
                if !part.wanted.definition.is_built_in() && !day.never_met.is_empty() {
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

/// Tells a person what there is, and where.
pub fn said(context: &Context, plan: &Plan, fetched: &Fetched, files: &[PathBuf]) {
    let console = &context.console;
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
    if let (Some(sessions), Some(found)) = (&plan.during, &fetched.sessions)
        && found.of_day.rows.is_empty()
    {
        let name = &sessions.name;
        console.note(&format!("there is no {name} on {}: no file", fetched.date));
    }
    if let Some(text) = unfinished(fetched) {
        console.note(&text);
    }
    if let Some(text) = written(files) {
        console.say(&text);
    }
}

/// The files by name; many only by their number.
fn written(files: &[PathBuf]) -> Option<String> {
    let first = files.first()?;
    let names: Vec<_> = files
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    Some(if files.len() > 4 {
        let folder = first.parent().unwrap_or(first).display();
        format!("wrote {} files into {folder}", files.len())
    } else {
        format!("wrote {}", names.join(" and "))
    })
}

fn heart_rate_line(fetched: &live::Fetched) -> String {
    let day = &fetched.day;
    let at = |sample: Option<&crate::day::Sample>| {
        sample.map_or_else(String::new, |sample| hour_and_minute(sample.local_time))
    };
    let gap = day
        .largest_gap_s()
        .map(|gap| format!(", largest gap {}", span(gap)))
        .unwrap_or_default();
    let resting = day
        .summary
        .resting_bpm
        .map(|bpm| format!(", resting {bpm:.0}"))
        .unwrap_or_default();
    format!(
        "{}: {}, {} to {}{gap}{resting}",
        day.date,
        counted(day.samples.len() as u64, "sample"),
        at(day.samples.first()),
        at(day.samples.last())
    )
}

fn series_line(part: &Part, day: &DayOfSeries, fetched: &Fetched) -> String {
    let rows = counted(day.rows.len() as u64, "row");
    let segments = part.wanted.definition.segments.as_ref();
    let segments = segments
        .zip(day.segments.as_ref())
        .map_or_else(String::new, |(segments, rows)| {
            format!(", {} of {}", rows.len(), segments.table)
        });
    let (first, last) = bounds(&day.rows);
    let clock = match first.zip(last) {
        Some((first, last)) => {
            format!(", {} to {}", hour_and_minute(first), hour_and_minute(last))
        }
        None => String::new(),
    };
    let name = &part.wanted.definition.name;
    format!("{}: {name}: {rows}{segments}{clock}", fetched.date)
}

/// The wall clocks of the first row and of the last, of sessions the end of the last.
fn bounds(rows: &Rows) -> (Option<i64>, Option<i64>) {
    let starts = rows.ints("local_time");
    let last_end = rows.ints("local_end").iter().flatten().max().copied();
    let last = starts.last().copied().flatten();
    (starts.first().copied().flatten(), last_end.or(last))
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
pub fn account(
    context: &Context,
    plan: &Plan,
    fetched: &Fetched,
    requests: u64,
    files: &[PathBuf],
) -> Value {
    let mut account = json!({
        "provider": context.settings.provider.name(),
        "profile": context.settings.profile_name(),
        "day": fetched.date.to_string(),
        "timezone": fetched.zone.name(),
        "last_sync": fetched.syncs.latest().map(civil::rfc3339),
        "complete": is_complete(fetched),
        "requests": requests,
        "files": files.iter().map(|path| path.display().to_string()).collect::<Vec<_>>(),
        "extracts": extracts(fetched, requests),
    });
    let heart_rate = fetched.parts.iter().find_map(|part| match &part.data {
        Data::HeartRate(day) => Some(day),
        Data::Series(_) => None,
    });
    let of_heart_rate = heart_rate.map(|day| heart_rate_account(day));
    let members = account.as_object_mut().into_iter();
    for (members, more) in members.zip(of_heart_rate) {
        members.extend(more);
    }
    if let (Some(sessions), Some(members)) = (&plan.during, account.as_object_mut()) {
        members.insert("during".to_owned(), json!(sessions.name));
    }
    account
}

fn heart_rate_account(fetched: &live::Fetched) -> Map<String, Value> {
    let day = &fetched.day;
    let clock =
        |sample: Option<&crate::day::Sample>| sample.map(|sample| clock_text(sample.local_time));
    let members = [
        ("detail", json!(day.detail.name())),
        ("samples", json!(day.samples.len())),
        ("first", json!(clock(day.samples.first()))),
        ("last", json!(clock(day.samples.last()))),
        ("largest_gap_s", json!(day.largest_gap_s())),
        ("resting_bpm", json!(day.summary.resting_bpm)),
        ("left_out", json!(fetched.left_out.count())),
    ];
    let members = members.map(|(name, value)| (name.to_owned(), value));
    members.into_iter().collect()
}

/// Each series by its name. What no other took is heart rate's: the account is asked for days of its clock.
fn extracts(fetched: &Fetched, requests: u64) -> Map<String, Value> {
    let own = |part: &Part| match &part.data {
        Data::Series(day) => day.requests,
        Data::HeartRate(_) => 0,
    };
    let others: u64 = fetched.parts.iter().map(own).sum();
    let requests = |part: &Part| match &part.data {
        Data::Series(day) => day.requests,
        Data::HeartRate(_) => requests.saturating_sub(others),
    };
    let parts = fetched.parts.iter().map(|part| {
        let mut value = extract(part);
        value["requests"] = json!(requests(part));
        (part.wanted.definition.name.clone(), value)
    });
    let refused = fetched.refused.iter();
    let refused = refused.map(|(name, error)| (name.clone(), json!({"refused": error.why()})));
    parts.chain(refused).collect()
}

fn extract(part: &Part) -> Value {
    let (unreadable, first, last, segments) = match &part.data {
        Data::HeartRate(fetched) => {
            let of_day = heart_rate_account(fetched);
            let member = |name| of_day.get(name).cloned().unwrap_or_default();
            (
                fetched.left_out.unreadable,
                member("first"),
                member("last"),
                None,
            )
        }
        Data::Series(day) => {
            let (first, last) = bounds(&day.rows);
            let stamp =
                |at: Option<i64>| json!(at.map(|at| moment(part.wanted.definition.shape, at)));
            let segments = day.segments.as_ref().map(Rows::len);
            (day.faults.unreadable, stamp(first), stamp(last), segments)
        }
    };
    let mut extract = json!({
        "rows": part.len(),
        "detail": part.wanted.detail.map(Detail::name),
        "unreadable": unreadable,
        "first": first,
        "last": last,
    });
    if let Some(segments) = segments {
        extract["segments"] = json!(segments);
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
