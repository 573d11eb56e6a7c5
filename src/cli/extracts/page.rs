//! One extract: what it is, its columns, what a reader should know, an example.

use super::wrap;
use crate::extract::definition::{Coarser, Field, Settles};
use crate::extract::shape::DayOf;
use crate::extract::{Column, Definition, Kind};
use std::fmt::Write;

pub(super) fn page(definition: &Definition) -> String {
    let mut text = format!(
        "{}\n{}\n\n",
        definition.title,
        wrap::indented(&definition.help, 0, 80)
    );
    for (label, words) in facts(definition) {
        let words = wrap::indented(&words, 12, 80);
        let _ = writeln!(text, "{label:<12}{}", words.trim_start());
    }
    let _ = write!(text, "\nColumns of {}\n", definition.name);
    push_columns(&mut text, &definition.columns(), &definition.values);
    if let Some(segments) = &definition.segments {
        let _ = write!(text, "\nColumns of {}\n", segments.table);
        push_columns(&mut text, &segments.columns(), &segments.values);
    }
    text.push_str("\nGood to know\n");
    for trap in &definition.traps {
        let trap = wrap::indented(trap, 4, 80);
        let _ = writeln!(text, "  - {}", trap.trim_start());
    }
    let _ = write!(text, "\nExample\n  {}\n", definition.example);
    text
}

/// What is said of an extract beside its columns, each with its label.
pub(super) fn facts(definition: &Definition) -> Vec<(&'static str, String)> {
    vec![
        (
            "A row is",
            format!("{}, {}", definition.shape.row(), day(definition)),
        ),
        ("Details", details(definition)),
        ("Settled", settled(definition)),
        (
            "Archive",
            if definition.dense {
                "a file a day"
            } else {
                "a file a year"
            }
            .to_owned(),
        ),
        (
            "Tick",
            format!("{} ({}.readonly)", definition.tick(), definition.scope_name),
        ),
        ("Type", definition.data_type.clone()),
        ("Fields", definition.default_fields().join(", ")),
        ("--fields", more_fields(definition)),
    ]
}

/// What does not stand there without being asked for.
fn more_fields(definition: &Definition) -> String {
    let usual = definition.default_fields();
    let mut more = definition.all_fields();
    more.retain(|field| !usual.contains(field));
    format!("these, and {}", more.join(", "))
}

fn day(definition: &Definition) -> &'static str {
    match definition.day {
        DayOf::Start if definition.shape == crate::extract::Shape::Samples => "of its own date",
        DayOf::Start => "of the day it begins on",
        DayOf::End => "of the day it ends on",
        DayOf::Given => "as the service dates it",
    }
}

fn details(definition: &Definition) -> String {
    let all: Vec<_> = definition
        .details()
        .iter()
        .map(|detail| detail.name())
        .collect();
    match definition.coarser {
        Coarser::None => "none".to_owned(),
        Coarser::Mean => format!("{}: coarser ones are means", all.join(", ")),
        Coarser::Sum => format!("{}: coarser ones are sums", all.join(", ")),
        Coarser::Seconds => format!("{}: coarser ones are seconds", all.join(", ")),
    }
}

fn settled(definition: &Definition) -> String {
    match definition.settles {
        Settles::WithDevices => "when every device has synced, or two days after".to_owned(),
        Settles::AfterDays(days) => format!("{days} days after its day"),
    }
}

fn push_columns(text: &mut String, columns: &[Column], values: &[Field]) {
    for (name, kind, unit) in described(columns, values) {
        let line = format!("  {name:<20}{kind:<13}{unit}");
        let _ = writeln!(text, "{}", line.trim_end());
    }
}

/// Name, kind (with `?` where it may be empty) and meaning of each column.
pub(super) fn described(columns: &[Column], values: &[Field]) -> Vec<(String, String, String)> {
    let unit = |column: &Column| {
        let field = values.iter().find(|field| field.column.name == column.name);
        let unit = field.and_then(|field| field.unit.clone());
        unit.unwrap_or_else(|| usual(column).to_owned())
    };
    let described = columns.iter().map(|column| {
        let mark = if column.required { "" } else { "?" };
        (
            column.name.clone(),
            format!("{}{mark}", column.kind.name()),
            unit(column),
        )
    });
    described.collect()
}

/// What a column is that every extract of the shape has.
fn usual(column: &Column) -> &'static str {
    match (column.name.as_str(), column.kind) {
        ("time", Kind::Instant) => "its instant, or its first; ms, UTC",
        ("end_time", Kind::Instant) => "the instant after its last; ms, UTC",
        ("updated", Kind::Instant) => "when it changed last; ms, UTC",
        ("local_time", Kind::WallClock) => "time on the wearer's wall clock",
        ("local_end", Kind::WallClock) => "end_time on the wearer's wall clock",
        ("utc_offset", Kind::Int32) => "seconds ahead of UTC at time",
        ("end_offset", Kind::Int32) => "seconds ahead of UTC at end_time",
        ("day", Kind::Date) => "a civil day of the wearer",
        ("id", Kind::Text) => "the service's name for it",
        ("session", Kind::Text) => "id of the session, else its start",
        ("source", Kind::Text) => "provider/device",
        _ => "",
    }
}
