//! What `status` says about the archive: how much there is, month by month, and which days are still open.

use super::context::Context;
use crate::archive::coverage::{self, Coverage};
use crate::archive::{Archive, Error};
use crate::sync::settle;
use chrono::NaiveDate;
use serde_json::{Value, json};

/// More open days than this are counted, not named.
const NAMED: usize = 5;

/// What there is at each level of detail.
pub(super) fn read(context: &Context) -> Result<Vec<Coverage>, Error> {
    let settings = &context.settings;
    coverage::coverages(&Archive::open(
        &settings.archive,
        settings.profile.as_deref(),
    ))
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
        lines.extend(coverage.strip().into_iter().map(|row| ("", row)));
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

fn why(context: &Context, day: NaiveDate) -> String {
    settle::open_in_archive(day, context.wearers_zone(), context.now).to_string()
}

fn amounts(coverage: &Coverage) -> String {
    format!(
        "{} samples, {}",
        grouped(coverage.samples),
        size(coverage.bytes)
    )
}

fn days(coverage: &Coverage) -> String {
    format!(
        "{} days with data, {} empty, {} missing, {} open",
        grouped(coverage.days_with_data),
        grouped(coverage.empty_days),
        grouped(u64::try_from(coverage.missing_days()).unwrap_or_default()),
        coverage.unsettled.len()
    )
}

/// `82 417`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

#[allow(clippy::cast_precision_loss, reason = "a size for people")]
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{:.0} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_are_grouped() {
        assert_eq!(
            [0, 999, 1000, 82_417, 1_000_000].map(grouped),
            ["0", "999", "1 000", "82 417", "1 000 000"]
        );
        assert_eq!([900, 1_500_000].map(size), ["1 kB", "1.5 MB"]);
    }
}
