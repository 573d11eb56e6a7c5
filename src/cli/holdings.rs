//! What `status` says about the archive: how much there is, month by month, and which days are still open.

use super::context::Context;
use super::strip::strip;
use crate::archive::coverage::{self, Coverage, Month};
use crate::archive::{Error, HEART_RATE};
use crate::console::Console;
use crate::day::Detail;
use crate::numerals::{counted, grouped, size};
use crate::plot::term::ink::Ink;
use crate::sync::settle;
use chrono::NaiveDate;
use serde_json::{Value, json};
use std::ops::RangeInclusive;

/// More open days than this are counted, not named.
const NAMED: usize = 5;

/// What there is of each series.
pub(super) fn read(context: &Context) -> Result<Vec<Coverage>, Error> {
    let archive = context.archive();
    if context.demo.is_none() && archive.is_made_up()? {
        let root = archive.root().display();
        context.console.note(&format!(
            "the days in {root} are made up; --demo shows them"
        ));
        return Ok(Vec::new());
    }
    coverage::coverages(&archive)
}

/// The same for scripts: the levels of detail of heart rate, and why each open day is open.
pub(super) fn report(context: &Context, held: &[Coverage]) -> Value {
    let details: Vec<_> = held
        .iter()
        .filter(|coverage| *coverage.series.extract == *HEART_RATE)
        .map(|coverage| {
            let mut detail = to_json(coverage);
            let open = coverage
                .unsettled
                .iter()
                .map(|day| json!({"day": day.to_string(), "why": why(context, *day)}));
            detail["open_days"] = open.collect();
            detail
        })
        .collect();
    json!({"path": context.settings.archive.display().to_string(), "details": details})
}

/// Lines for a person, each with its label; a label stands once.
pub(super) fn lines<'a>(context: &Context, held: &'a [Coverage]) -> Vec<(&'a str, String)> {
    let mut lines = vec![("Archive", context.settings.archive.display().to_string())];
    if held.is_empty() {
        lines.push((
            "",
            "holds nothing yet; fill it with: fitbit-hr sync, or fitbit-hr import".to_owned(),
        ));
    }
    for coverage in held {
        let Some(range) = &coverage.range else {
            continue;
        };
        lines.push(("", String::new()));
        lines.push((
            label(coverage),
            format!(
                "{} to {}, {}",
                range.start(),
                range.end(),
                amounts(coverage)
            ),
        ));
        lines.push(("", days(coverage)));
        let strip = strip(coverage).into_iter();
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
        for file in &coverage.unreadable {
            let (period, why, hint) = (file.period, &file.why, &file.hint);
            lines.push(("", format!("{period} cannot be read: {why}; {hint}")));
        }
    }
    lines
}

/// A level of detail of heart rate, or the name of another series.
fn label(coverage: &Coverage) -> &str {
    match coverage.series.detail {
        Some(detail) if *coverage.series.extract == *HEART_RATE => detail.name(),
        _ => &coverage.series.extract,
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
    settle::open_in_archive(day, context.wearers_zone(), context.now).to_string()
}

fn amounts(coverage: &Coverage) -> String {
    format!(
        "{}, {}",
        counted(coverage.rows, "sample"),
        size(coverage.bytes)
    )
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

/// What there is of one series, for scripts.
fn to_json(held: &Coverage) -> Value {
    let names = |dates: &[NaiveDate]| dates.iter().map(ToString::to_string).collect::<Vec<_>>();
    let gap = |gap: &RangeInclusive<NaiveDate>| json!({"from": gap.start().to_string(), "to": gap.end().to_string()});
    let month = |month: &Month| {
        json!({
            "month": month.first.format("%Y-%m").to_string(),
            "days": month.days,
            "days_with_data": month.with_data,
            "samples": month.rows,
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
        "samples": held.rows,
        "bytes": held.bytes,
        "months": held.months.iter().map(month).collect::<Vec<_>>(),
    })
}
