//! How the daily run goes: whether it is in place, when it is due, and what else of this program is.

use super::error::Error;
use super::{At, Manager, Plan, act, crontab};
use std::collections::BTreeSet;
use std::fs;

/// How every name of a job begins.
const NAMES: &str = "fitbit-hr-sync";

/// What is in place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// This job is.
    pub installed: bool,
    /// At which time of day, as far as that can be told.
    pub at: Option<At>,
    /// When the manager started it last, in its own words.
    pub last_run: Option<String>,
    /// When the manager will start it next, in its own words.
    pub next_run: Option<String>,
    /// The exit code of the last run, where the manager remembers it.
    pub last_exit: Option<u8>,
    /// Jobs of other folders, profiles or keys files, by name.
    pub others: Vec<String>,
}

/// Asks the system.
///
/// # Errors
/// Fails when the crontab cannot be read.
pub fn look(plan: &Plan) -> Result<Standing, Error> {
    let mut standing = Standing {
        installed: act::is_installed(plan)?,
        others: others(plan)?,
        ..Standing::default()
    };
    if standing.installed {
        standing.at = at(plan)?;
        if plan.manager == Manager::Systemd {
            ask_systemd(&plan.name, &mut standing);
        }
    }
    Ok(standing)
}

/// Whether a user's timers run while nobody is logged in; `None` where that cannot be told.
#[must_use]
pub fn is_lingering(user: &str) -> Option<bool> {
    let words = ["loginctl", "show-user", user, "--property=Linger"].map(str::to_owned);
    let output = act::output(&words).ok()?;
    let said = String::from_utf8_lossy(&output.stdout);
    said.trim()
        .strip_prefix("Linger=")
        .map(|word| word == "yes")
}

fn ask_systemd(name: &str, standing: &mut Standing) {
    let ask = |unit: String, property: &str| {
        let property = format!("--property={property}");
        let words = ["systemctl", "--user", "show", &unit, &property].map(str::to_owned);
        let output = act::output(&words)
            .ok()
            .filter(|output| output.status.success())?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let (_, value) = said.trim().split_once('=')?;
        let is_known = !value.is_empty() && value != "n/a" && value != "0";
        is_known.then(|| value.to_owned())
    };
    standing.last_run = ask(format!("{name}.timer"), "LastTriggerUSec");
    standing.next_run = ask(format!("{name}.timer"), "NextElapseUSecRealtime");
    if standing.last_run.is_some() {
        let status = ask(format!("{name}.service"), "ExecMainStatus");
        standing.last_exit = status.map_or(Some(0), |status| status.parse().ok());
    }
}

/// The time of day that the installed job says.
fn at(plan: &Plan) -> Result<Option<At>, Error> {
    let text = match plan.manager {
        Manager::Crontab => {
            let crontab = crontab::read()?;
            let mut lines = crontab.split(|byte| *byte == b'\n');
            let line = lines.find(|line| crontab::is_ours(line, &plan.crontab_marks));
            return Ok(line.and_then(|line| crontab_time(&String::from_utf8_lossy(line))));
        }
        Manager::Systemd => between(plan, "OnCalendar=*-*-* ", ":00\n"),
        Manager::Launchd | Manager::TaskScheduler => None,
    };
    Ok(text.and_then(|text| text.parse().ok()))
}

fn crontab_time(line: &str) -> Option<At> {
    let mut fields = line.split_ascii_whitespace();
    let minute = fields.next()?.parse().ok()?;
    let hour = fields.next()?.parse().ok()?;
    Some(At { hour, minute })
}

/// What stands between two texts in an installed file.
fn between(plan: &Plan, before: &str, after: &str) -> Option<String> {
    let texts = plan.files.iter().map(|file| fs::read_to_string(&file.path));
    texts.flatten().find_map(|text| {
        let (_, rest) = text.split_once(before)?;
        Some(rest.split_once(after)?.0.to_owned())
    })
}

fn others(plan: &Plan) -> Result<Vec<String>, Error> {
    let mut names = BTreeSet::new();
    if plan.manager == Manager::Crontab {
        let crontab = crontab::read()?;
        for line in crontab.split(|byte| *byte == b'\n') {
            let line = String::from_utf8_lossy(line);
            let name = line.trim_end().rsplit_once("# ").map(|(_, name)| name);
            let is_ours = crontab::is_ours(line.as_bytes(), &plan.crontab_marks);
            names.extend(name.filter(|_| !is_ours).map(str::to_owned));
        }
    }
    for folder in plan
        .files
        .first()
        .iter()
        .filter_map(|file| file.path.parent())
    {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            names.insert(name.into_owned());
        }
    }
    names.retain(|name| name.starts_with(NAMES) && *name != plan.name);
    Ok(names.into_iter().collect())
}
