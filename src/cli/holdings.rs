//! What `status` says about the archive: how much there is, month by month, and which days are still open.

use super::context::Context;
use crate::archive::Error;
use crate::archive::coverage::{self, Coverage};
use crate::console::Console;
use crate::numerals::{counted, grouped, size};
use crate::plot::term::ink::Ink;
use crate::sync::settle;
use chrono::NaiveDate;
use serde_json::{Value, json};

/// More open days than this are counted, not named.
const NAMED: usize = 5;

/// What there is at each level of detail.
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

/// The same for scripts: what [`Coverage::to_json`] says, and why each open day is open.
pub(super) fn report(context: &Context, held: &[Coverage]) -> Value {
    let details: Vec<_> = held
        .iter()
        .map(|coverage| {
            let mut detail = coverage.to_json();
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
pub(super) fn lines(context: &Context, held: &[Coverage]) -> Vec<(&'static str, String)> {
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
            coverage.detail.name(),
            format!(
                "{} to {}, {}",
                range.start(),
                range.end(),
                amounts(coverage)
            ),
        ));
        lines.push(("", days(coverage)));
        let strip = coverage.strip().into_iter();
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
        for day in &coverage.damaged {
            lines.push((
                "",
                format!("damaged: {day}; remove its file, then fetch or import it again"),
            ));
        }
    }
    lines
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
        counted(coverage.samples, "sample"),
        size(coverage.bytes)
    )
}

fn days(coverage: &Coverage) -> String {
    format!(
        "{} with data, {} empty, {} missing, {} open",
        counted(coverage.days_with_data, "day"),
        grouped(coverage.empty_days),
        grouped(u64::try_from(coverage.missing_days()).unwrap_or_default()),
        coverage.unsettled.len()
    )
}
