//! All extracts as a table that fits a terminal of 80 columns.

use super::wrap;
use crate::extract::Definition;
use crate::extract::definition::Field;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Words that end a column's name and say its unit.
const SPEAKING: [&str; 17] = [
    "mm", "ms", "s", "g", "c", "ml", "kcal", "percent", "bpm", "steps", "floors", "strokes",
    "minutes", "count", "dl", "min", "hertz",
];

/// Widths of name, row, columns and tick, with two blanks between them.
const WIDTHS: [usize; 4] = [18, 10, 30, 14];

pub(super) fn table<'a>(all: impl Iterator<Item = &'a Definition>) -> String {
    let mut text =
        line(["name", "a row is", "columns", "tick at login"].map(|word| vec![word.to_owned()]));
    let mut ticks = BTreeMap::new();
    for definition in all {
        let tick = short_tick(definition);
        text.push_str(&line([
            vec![definition.name.clone()],
            vec![definition.shape.row().to_owned()],
            wrap::lines(&values(&definition.values), WIDTHS[2]),
            vec![tick.clone()],
        ]));
        if let Some(segments) = &definition.segments {
            text.push_str(&line([
                vec![format!("  {}", segments.table)],
                vec!["  a part".to_owned()],
                wrap::lines(&values(&segments.values), WIDTHS[2]),
                Vec::new(),
            ]));
        }
        ticks.insert(tick, definition.scope_name.clone());
    }
    text.push_str("\nA column with ? may be empty. The ticks by their scopes:\n");
    for (tick, scope) in ticks {
        let _ = writeln!(text, "  {tick:<16}{scope}.readonly");
    }
    text.push_str("fitbit-hr extracts NAME says more of one.\n");
    text
}

/// `health metrics` of `health_metrics_and_measurements`.
fn short_tick(definition: &Definition) -> String {
    let tick = definition.tick();
    tick.split(" and ").next().unwrap_or_default().to_owned()
}

/// The values with their units, where the names do not say them.
pub(super) fn values(values: &[Field]) -> String {
    let all: Vec<_> = values.iter().map(value).collect();
    if all.is_empty() {
        "its length".to_owned()
    } else {
        all.join(", ")
    }
}

fn value(field: &Field) -> String {
    let name = &field.column.name;
    let mark = if field.column.required { "" } else { "?" };
    let is_said = name
        .rsplit('_')
        .next()
        .is_some_and(|word| SPEAKING.contains(&word));
    match &field.unit {
        Some(unit) if !is_said => format!("{name}{mark} ({unit})"),
        _ => format!("{name}{mark}"),
    }
}

/// A line of the table; a name that is too long for its cell has a line of its own.
fn line(mut cells: [Vec<String>; 4]) -> String {
    let is_long = |name: &&String| name.chars().count() > WIDTHS[0];
    let name = cells[0].first().filter(is_long).cloned();
    let mut text = name
        .as_ref()
        .map_or_else(String::new, |name| format!("{name}\n"));
    if name.is_some() {
        cells[0].clear();
    }
    let height = cells.iter().map(Vec::len).max().unwrap_or_default();
    for row in 0..height {
        let cell = |(cell, width): (&Vec<String>, usize)| {
            let part = cell.get(row).map_or("", String::as_str);
            format!("{part:<width$}  ")
        };
        let line: String = cells.iter().zip(WIDTHS).map(cell).collect();
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
