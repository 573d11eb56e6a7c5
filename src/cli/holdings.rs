//! What `status` says about the archive: how much there is, month by month, and which days are still open.

use super::context::Context;
use super::strip;
use crate::archive::coverage::{self, Coverage, Month};
use crate::archive::{Error, HEART_RATE};
use crate::console::Console;
use crate::day::Detail;
use crate::extract::Definition;
use crate::numerals::{counted, grouped, size};
use crate::plot::term::ink::Ink;
use crate::sync::settle;
use chrono::NaiveDate;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

/// More open days than this are counted, not named.
const NAMED: usize = 5;
/// The columns of a label, and those of a series' name in the table of all of them.
const LABEL: usize = 11;
const NAME: usize = 20;

/// What there is of each series, or of those that were named.
pub(super) fn read(
    context: &Context,
    named: Option<&[&Definition]>,
) -> Result<Vec<Coverage>, Error> {
    let archive = context.archive();
    if context.demo.is_none() && archive.is_made_up()? {
        let root = archive.root().display();
        context.console.note(&format!(
            "the days in {root} are made up; --demo shows them"
        ));
        return Ok(Vec::new());
    }
    let mut held = coverage::coverages(&archive)?;
    if let Some(named) = named {
        let tables = named.iter().flat_map(|definition| definition.tables());
        let tables: BTreeSet<&str> = tables.collect();
        held.retain(|coverage| tables.contains(&*coverage.series.extract));
    }
    Ok(held)
}

/// The same for scripts: each extract by its name, and the levels of detail of heart rate, and why each open day is open.
pub(super) fn report(context: &Context, held: &[Coverage]) -> Value {
    let details: Vec<_> = held
        .iter()
        .filter(|coverage| *coverage.series.extract == *HEART_RATE)
        .map(|coverage| {
            let mut detail = to_json(coverage, "samples");
            let open = coverage
                .unsettled
                .iter()
                .map(|day| json!({"day": day.to_string(), "why": why(context, *day)}));
            detail["open_days"] = open.collect();
            detail
        })
        .collect();
    let mut extracts = Map::new();
    let segments = Segments::of(context, held);
    for coverage in held.iter().filter(|coverage| !segments.are(coverage)) {
        let mut extract = to_json(coverage, "rows");
        if let Some(parts) = segments.whose(coverage) {
            extract["segments"] =
                json!({"table": &*parts.series.extract, "rows": parts.rows, "bytes": parts.bytes});
        }
        // The finest level stands for a series that has several.
        extracts
            .entry(coverage.series.extract.to_string())
            .or_insert(extract);
    }
    json!({
        "path": context.settings.archive.display().to_string(),
        "details": details,
        "extracts": extracts,
    })
}

/// Lines for a person, each with its label; a label stands once.
pub(super) fn lines<'a>(context: &Context, held: &'a [Coverage]) -> Vec<(&'a str, String)> {
    let mut lines = vec![("Archive", context.settings.archive.display().to_string())];
    let is_of_demo = context.demo.is_none() && context.archive().is_made_up().unwrap_or(false);
    if held.is_empty() && !is_of_demo {
        lines.push((
            "",
            format!(
                "holds nothing yet; fill it with: {}, or import",
                context.command("sync")
            ),
        ));
    }
    let (heart_rate, others): (Vec<_>, Vec<_>) = held
        .iter()
        .partition(|coverage| *coverage.series.extract == *HEART_RATE);
    for coverage in heart_rate {
        lines.extend(of_heart_rate(context, coverage));
    }
    lines.extend(of_others(context, held, &others));
    lines
}

/// A level of detail of heart rate at length.
fn of_heart_rate<'a>(context: &Context, coverage: &'a Coverage) -> Vec<(&'a str, String)> {
    let mut lines = vec![("", String::new())];
    let detail = coverage.series.detail.map_or(HEART_RATE, Detail::name);
    let amounts = format!(
        "{}, {}",
        counted(coverage.rows, "sample"),
        size(coverage.bytes)
    );
    lines.push((
        detail,
        match &coverage.range {
            Some(range) => format!("{} to {}, {amounts}", range.start(), range.end()),
            None => amounts,
        },
    ));
    lines.push(("", days(coverage)));
    let strip = strip::strip(coverage).into_iter();
    lines.extend(strip.map(|row| ("", painted(&context.console, &row))));
    for day in coverage.unsettled.iter().rev().take(NAMED) {
        lines.push(("", format!("open: {day}, {}", why(context, *day))));
    }
    if coverage.unsettled.len() > NAMED {
        lines.push((
            "",
            format!("and {} more open days", coverage.unsettled.len() - NAMED),
        ));
    }
    lines.extend(unreadable(coverage, context).map(|line| ("", line)));
    lines
}

/// All other series in one table, which is at most 80 columns wide.
fn of_others<'a>(
    context: &Context,
    held: &'a [Coverage],
    others: &[&'a Coverage],
) -> Vec<(&'a str, String)> {
    if others.is_empty() {
        return Vec::new();
    }
    let indented = |label: &str, text: &str| {
        let before = LABEL.max(label.len());
        format!("{}{text}", " ".repeat(NAME.saturating_sub(before)))
    };
    let (initials, legend) = strip::frame();
    let mut lines = vec![
        ("", String::new()),
        ("Series", indented("Series", &initials)),
    ];
    let segments = Segments::of(context, held);
    for coverage in others.iter().filter(|coverage| !segments.are(coverage)) {
        let mut label: &str = &coverage.series.extract;
        if label.len() >= NAME {
            lines.push((std::mem::take(&mut label), String::new()));
        }
        for row in strip::rows(coverage) {
            let row = indented(label, &painted(&context.console, &row));
            lines.push((std::mem::take(&mut label), row));
        }
        let remarks = packed(&remarks(coverage, segments.whose(coverage)));
        for remark in remarks.into_iter().chain(unreadable(coverage, context)) {
            let line = indented(label, &format!("      {remark}"));
            lines.push((std::mem::take(&mut label), line));
        }
    }
    lines.push(("", indented("", &legend)));
    lines
}

/// What is not seen in the strip.
fn remarks(coverage: &Coverage, segments: Option<&Coverage>) -> Vec<String> {
    let mut remarks = Vec::new();
    if let Some(segments) = segments.filter(|segments| segments.rows > 0) {
        let rows = counted(segments.rows, "row");
        remarks.push(format!("{rows} of {}", segments.series.extract));
    }
    let missing = coverage.missing_days();
    if missing > 0 {
        remarks.push(format!("{} missing", counted(missing, "day")));
    }
    let open = coverage.unsettled.len() as u64;
    if open > 0 {
        remarks.push(format!("{} open", counted(open, "day")));
    }
    remarks
}

/// Remarks on lines of at most 54 columns.
fn packed(remarks: &[String]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for remark in remarks {
        match lines.last_mut() {
            Some(line) if line.len() + 2 + remark.len() <= 54 => {
                line.push_str(", ");
                line.push_str(remark);
            }
            _ => lines.push(remark.clone()),
        }
    }
    lines
}

fn unreadable(coverage: &Coverage, context: &Context) -> impl Iterator<Item = String> {
    coverage.unreadable.iter().map(|file| {
        let (period, why, hint) = (file.period, &file.why, context.said(&file.hint));
        format!("{period} cannot be read: {why}; {hint}")
    })
}

/// Which tables are the segments of which extract.
struct Segments<'a>(BTreeMap<String, &'a Coverage>);

impl<'a> Segments<'a> {
    fn of(context: &Context, held: &'a [Coverage]) -> Self {
        let find = |table: &str| {
            held.iter()
                .find(|coverage| *coverage.series.extract == *table)
        };
        let names = held.iter().map(|coverage| &*coverage.series.extract);
        let definitions = names.filter_map(|name| context.settings.catalogue.get(name));
        let pairs = definitions.filter_map(|definition| {
            let segments = definition.segments.as_ref()?;
            Some((definition.name.clone(), find(&segments.table)?))
        });
        Self(pairs.collect())
    }

    fn whose(&self, coverage: &Coverage) -> Option<&'a Coverage> {
        self.0.get(&*coverage.series.extract).copied()
    }

    fn are(&self, coverage: &Coverage) -> bool {
        self.0
            .values()
            .any(|segments| segments.series == coverage.series)
    }
}

/// A row of the strip, its blocks in the colour that curves have in a terminal.
fn painted(console: &Console, row: &str) -> String {
    let color = Ink::CURVE.sgr();
    row.chars()
        .map(|cell| match cell {
            '\u{2581}'..='\u{2588}' => console.paint(&color, &cell.to_string()),
            other => other.to_string(),
        })
        .collect()
}

fn why(context: &Context, day: NaiveDate) -> String {
    settle::open_in_archive(day, context.read_zone(), context.now).to_string()
}

fn days(coverage: &Coverage) -> String {
    format!(
        "{} with data, {} empty, {} missing, {} open",
        counted(coverage.days_with_data, "day"),
        grouped(coverage.empty_days),
        grouped(coverage.missing_days()),
        coverage.unsettled.len()
    )
}

/// What there is of one series, for scripts, by what its rows are called.
fn to_json(held: &Coverage, rows: &str) -> Value {
    let names = |dates: &[NaiveDate]| dates.iter().map(ToString::to_string).collect::<Vec<_>>();
    let gap = |gap: &RangeInclusive<NaiveDate>| json!({"from": gap.start().to_string(), "to": gap.end().to_string()});
    let month = |month: &Month| {
        json!({
            "month": month.first.format("%Y-%m").to_string(),
            "days": month.days,
            "days_with_data": month.with_data,
            rows: month.rows,
        })
    };
    json!({
        "detail": held.series.detail.map(Detail::name),
        "first_day": held.range.as_ref().map(|range| range.start().to_string()),
        "last_day": held.range.as_ref().map(|range| range.end().to_string()),
        "days_with_data": held.days_with_data,
        "empty_days": held.empty_days,
        "missing_days": held.missing_days(),
        "missing": held.gaps.iter().map(gap).collect::<Vec<_>>(),
        "unsettled_days": names(&held.unsettled),
        "damaged_days": held.unreadable.iter().map(|file| file.period.to_string()).collect::<Vec<_>>(),
        rows: held.rows,
        "bytes": held.bytes,
        "months": held.months.iter().map(month).collect::<Vec<_>>(),
    })
}
