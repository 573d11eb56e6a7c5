//! `fitbit-hr study status`: what the last run came to, shard by shard laid together, and who needs a call.

use super::opened::Study;
use crate::cli::context::Context;
use crate::error::Error;
use crate::numerals::counted;
use crate::study::overview::Overview;
use crate::study::run::{last_reports, logins};
use crate::study::tombstone;
use std::collections::BTreeSet;

const EXAMPLES: &str = "\
Examples:
  fitbit-hr study status           what failed, who fell silent
  fitbit-hr study status --json    the same for scripts, all of it";

/// So many of a kind are shown to a person.
const SHOWN: usize = 20;
/// A line's width.
const WIDTH: usize = 80;

/// Options of `study status`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {}

pub async fn run(_: &Args, study: &Study, context: &Context) -> Result<(), Error> {
    let found = study.with_store(|objects| {
        let withdrawn = tombstone::all(objects)?.into_iter();
        let withdrawn: BTreeSet<_> = withdrawn.map(|one| one.participant).collect();
        Ok((last_reports(objects)?, withdrawn))
    });
    let (reports, withdrawn) = found.await?;
    // Who only reads the store has no logins.
    let ids = study
        .tokens
        .list()
        .map(|listed| listed.ids)
        .unwrap_or_default();
    let logins = logins(&study.tokens, &ids);
    let overview = Overview::of(reports, withdrawn, &logins, context.now);
    if context.global.json {
        return Ok(context.console.json(&overview.json())?);
    }
    for line in lines(&overview, &study.settings.store.to_string()) {
        context.console.ask(&line);
    }
    Ok(())
}

/// The table.
fn lines(overview: &Overview, store: &str) -> Vec<String> {
    let mut table = Table::default();
    table.row("Store", store);
    let participants = counted(overview.participants.len() as u64, "participant");
    match overview.run {
        None => table.row("Last run", "none yet: fitbit-hr study sync"),
        Some((of, started)) => {
            let started = started.format("%Y-%m-%d %H:%M UTC");
            table.row(
                "Last run",
                &format!("{started}, {}", counted(u64::from(of), "shard")),
            );
        }
    }
    table.row("", &participants);
    let missing: Vec<_> = overview
        .missing_shards
        .iter()
        .map(ToString::to_string)
        .collect();
    if !missing.is_empty() {
        let count = counted(missing.len() as u64, "shard");
        table.row(
            "Missing",
            &format!("{count} without a report: {}", missing.join(", ")),
        );
    }
    let kinds = overview.kinds();
    let kinds: Vec<_> = kinds
        .iter()
        .map(|(kind, count)| format!("{count} {}", kind.name()))
        .collect();
    let failures = overview
        .failures()
        .map(|(id, outcome)| format!("{id}: {}", outcome.why.as_deref().unwrap_or_default()));
    table.section("Failed", &kinds.join(", "), &failures.collect::<Vec<_>>());
    let silent = overview
        .silent
        .iter()
        .map(|(id, (last, days))| match (last, days) {
            (Some(last), Some(days)) => format!(
                "{id}: no data since {last}, {}",
                counted(days.unsigned_abs(), "day")
            ),
            _ => format!("{id}: no data at all so far"),
        });
    table.section("Silent", "", &silent.collect::<Vec<_>>());
    let ending = overview.logins_ending.iter();
    let ending = ending.map(|(id, end)| format!("{id}: {}", end.format("%Y-%m-%d %H:%M UTC")));
    table.section("Logins ending", "", &ending.collect::<Vec<_>>());
    let withdrawn = overview.withdrawn.iter().map(ToString::to_string);
    table.section("Withdrawn", "", &withdrawn.collect::<Vec<_>>());
    table.lines
}

#[derive(Debug, Default)]
struct Table {
    lines: Vec<String>,
}

impl Table {
    fn row(&mut self, label: &str, text: &str) {
        let line = format!("{label:<15} {text}");
        self.lines.push(cut(line.trim_end()));
    }

    /// A number of things, each on a line; only the first ones of many.
    fn section(&mut self, label: &str, more: &str, rows: &[String]) {
        if rows.is_empty() {
            return;
        }
        let count = rows.len();
        let text = if more.is_empty() {
            count.to_string()
        } else {
            format!("{count} ({more})")
        };
        self.row(label, &text);
        for row in rows.iter().take(SHOWN) {
            self.row("", row);
        }
        if count > SHOWN {
            let left = count - SHOWN;
            self.row("", &format!("and {left} more; --json has all of them"));
        }
    }
}

fn cut(line: &str) -> String {
    if line.chars().count() <= WIDTH {
        return line.to_owned();
    }
    let kept: String = line.chars().take(WIDTH - 3).collect();
    format!("{}...", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::Id;
    use crate::study::report::{Kind, Outcome, Report};
    use std::collections::BTreeMap;

    #[test]
    fn the_table_fits_into_80_columns_and_names_what_there_is_to_do() {
        let now: chrono::DateTime<chrono::Utc> =
            "2026-11-27T08:00:00Z".parse().expect("an instant");
        let id = |at: usize| -> Id { format!("P{at:03}").parse().expect("an id") };
        let failed = (0..30).map(|at| {
            (
                id(at),
                Outcome::failed(Kind::Login, "the login is over: ".repeat(9)),
            )
        });
        let report = Report {
            shard: 0,
            of: 2,
            started: now,
            ended: now,
            participants: failed.collect(),
        };
        let overview = Overview::of(vec![report], [id(99)].into(), &BTreeMap::new(), now);
        let lines = lines(&overview, "s3://bucket/prefix");
        assert!(
            lines.iter().all(|line| line.chars().count() <= 80),
            "{lines:#?}"
        );
        let text = lines.join("\n");
        for says in [
            "Missing         1 shard without a report: 1",
            "30 (30 login)",
            "and 10 more",
            "Withdrawn       1\n",
            "P099",
        ] {
            assert!(text.contains(says), "{says}: {text}");
        }
    }
}
