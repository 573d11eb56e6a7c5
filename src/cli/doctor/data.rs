//! Checks of what a daily run lives on and leaves: the archive, its series, the schedule.

use super::check::{Check, of_disk};
use crate::archive::coverage::Coverage;
use crate::cli::context::Context;
use crate::cli::{holdings, schedule};
use crate::exit::Exit;
use crate::hint::Hint;
use crate::numerals::{counted, size};
use crate::schedule::{LastRun, Manager, Plan, Standing, look};
use crate::sync::stopped;
use chrono::TimeDelta;
use std::fs;
use std::path::Path;

/// A daily run that ended longer ago has been missed.
const MISSED: TimeDelta = TimeDelta::hours(49);

/// `archive`, `series` and `schedule`.
pub(super) fn checks(context: &Context) -> Vec<Check> {
    if context.settings_error.is_some() {
        return Vec::new();
    }
    let mut checks = match holdings::read(context, None) {
        Err(error) => vec![Check::from_error("archive", &error)],
        Ok(held) => vec![archive(context, &held), series(context, &held)],
    };
    checks.push(match &context.demo {
        Some(_) => Check::skipped("schedule", schedule::NOT_OF_DEMO),
        None => schedule_check(context),
    });
    checks
}

fn archive(context: &Context, held: &[Coverage]) -> Check {
    let root = context.archive().root().to_owned();
    let shown = root.display();
    let unreadable: Vec<_> = held.iter().flat_map(|held| &held.unreadable).collect();
    if let Some(file) = unreadable.first() {
        let files = counted(unreadable.len() as u64, "file");
        let says = format!(
            "{files} cannot be read, {} first: {}",
            file.period, file.why
        );
        return Check::bad("archive", Exit::Data, says, file.hint.clone());
    }
    if held.is_empty() {
        let remedy = format!("fill it with: {}", context.command("sync"));
        return Check::skipped("archive", format!("{shown} holds nothing yet; {remedy}"));
    }
    if let Err(error) = tempfile::tempfile_in(&root) {
        let says = format!("{shown} cannot be written: {error}");
        let remedy = format!("sudo chown -R \"$USER\" {shown}");
        return Check::bad("archive", of_disk(&error), says, remedy);
    }
    let days = held.iter().map(|held| held.days_with_data).max();
    let of = match held.len() {
        1 => String::new(),
        series => format!(" in the longest of {series} series"),
    };
    let bytes = held.iter().map(|held| held.bytes).sum();
    let left = match left_overs(&root) {
        0 => String::new(),
        files => format!(
            "; the next run sweeps up {} of a run that was killed",
            counted(files, "file")
        ),
    };
    let says = format!(
        "{shown}: {} with data{of}, {}{left}",
        counted(days.unwrap_or(0), "day"),
        size(bytes)
    );
    Check::good("archive", says)
}

/// Files that were being written when a run was killed.
fn left_overs(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| {
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            let path = entry.path();
            let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
            let is_left = is_hidden && path.extension().is_some_and(|ending| ending == "tmp");
            if is_folder {
                left_overs(&path)
            } else {
                u64::from(is_left)
            }
        })
        .sum()
}

fn series(context: &Context, held: &[Coverage]) -> Check {
    let found = stopped::in_archive(&context.archive()).unwrap_or_default();
    match found.first() {
        _ if held.is_empty() => Check::skipped("series", "there is none yet"),
        None => Check::good("series", "data come as they are used to"),
        Some(first) => {
            let all: Vec<_> = found.iter().map(ToString::to_string).collect();
            Check::caution("series", all.join("; "), first.remedy())
        }
    }
}

fn schedule_check(context: &Context) -> Check {
    let id = "schedule";
    let manager = Manager::of(&context.environment);
    let looked = schedule::plan(manager, schedule::MORNING, context)
        .and_then(|plan| Ok((look(&plan)?, plan)));
    match looked {
        Err(error) => Check::from_error(id, &error),
        Ok((standing, _)) if !standing.installed => {
            let install = context.command("schedule install");
            let says = format!("no daily sync is installed here; {install} does it");
            Check::skipped(id, says)
        }
        Ok((standing, plan)) => installed(context, &plan, &standing),
    }
}

fn installed(context: &Context, plan: &Plan, standing: &Standing) -> Check {
    let id = "schedule";
    let run = LastRun::read(&context.settings.state_dir, &plan.name);
    let next = schedule::next_run(standing, context);
    let next = next.map_or_else(String::new, |next| format!("; next {next}"));
    match run {
        Some(run) if run.exit_code != 0 => {
            let ended = context.moment(run.ended);
            let error = run.error.unwrap_or_default();
            let says = format!(
                "the run of {ended} ended with {}: {error}{next}",
                run.exit_code
            );
            Check::caution(id, says, Hint::from("run it by hand: ").command("sync"))
        }
        Some(run) if context.now - run.ended > MISSED => {
            let says = format!("the last run was on {}{next}", context.moment(run.ended));
            Check::caution(id, says, Hint::default().command("schedule install"))
        }
        Some(run) => {
            let ended = context.moment(run.ended);
            Check::good(id, format!("the run of {ended} did all{next}"))
        }
        None => Check::good(id, format!("installed, has not run yet{next}")),
    }
}
