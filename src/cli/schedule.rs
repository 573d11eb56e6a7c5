//! `fitbit-hr schedule`: a daily `sync` by the system's own means.

use super::conflict;
use super::context::Context;
use crate::clock;
use crate::config::{Overrides, Settings};
use crate::environment::Environment;
use crate::error::Error;
use crate::oauth::Store;
use crate::schedule::{self, At, Folders, Job, LastRun, Manager, Plan, Standing};
use crate::zone::Tz;
use serde_json::json;
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  fitbit-hr schedule show                   what is installed, or would be
  fitbit-hr schedule install                every day at 07:30
  fitbit-hr schedule install --at 05:15     at another time
  fitbit-hr schedule remove                 takes it back

Each folder, profile and keys file has a daily run of its own.";

/// When, where nobody says.
pub(super) const MORNING: At = At {
    hour: 7,
    minute: 30,
};

/// Why `--demo` goes with none of it.
pub(super) const NOT_OF_DEMO: &str = "a demo has nothing to run every day";

/// Options of `schedule`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// What to do with the daily run
    #[arg(value_enum, value_name = "ACTION")]
    action: Action,
    /// When, by this machine's clock [default: 07:30]
    #[arg(long, value_name = "HH:MM")]
    at: Option<At>,
    /// Who starts it [default: what this machine has]
    #[arg(long, value_enum, value_name = "MANAGER")]
    with: Option<Manager>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Action {
    /// Try it where the scheduler would run it, then put it in place
    Install,
    /// Take it back
    Remove,
    /// Print what is installed or would be, its last run and its next
    Show,
}

pub fn run(args: &Args, context: &Context) -> Result<(), Error> {
    if context.demo.is_some() {
        return Err(conflict(NOT_OF_DEMO, "leave --demo out"));
    }
    let manager = args.with.unwrap_or(Manager::of(&context.environment));
    match args.action {
        Action::Show => show(args, manager, context),
        Action::Install => install(args, manager, context),
        Action::Remove => remove(args, context),
    }
}

fn show(args: &Args, manager: Manager, context: &Context) -> Result<(), Error> {
    let standing = schedule::look(&plan(manager, MORNING, context)?)?;
    let at = args.at.or(standing.at).unwrap_or(MORNING);
    let plan = plan(manager, at, context)?;
    if context.global.json {
        return report(&plan, &standing, context);
    }
    context.console.data(plan.shown().as_bytes())?;
    for line in words(&plan, &standing, context) {
        context.console.say(&line);
    }
    if let Some(line) = lingering(manager, context) {
        context.console.note(&line);
    }
    Ok(())
}

fn install(args: &Args, manager: Manager, context: &Context) -> Result<(), Error> {
    client_in_keys(context)?;
    // What a run from this folder may not have, the job may not have either.
    if let Some(token) = Store::new(context.settings.token_path()).read()? {
        context.takes(&token)?;
    }
    let at = args.at.unwrap_or(MORNING);
    let plan = plan(manager, at, context)?;
    schedule::prove(&job(at, context)?, &context.environment)?;
    schedule::install(&plan)?;
    context.console.say(&format!(
        "a daily sync is installed, at {at} ({}); take it back with: {}",
        manager.name(),
        context.command("schedule remove")
    ));
    if let Some(line) = lingering(manager, context) {
        context.console.note(&line);
    }
    if context.global.json {
        report(&plan, &schedule::look(&plan)?, context)?;
    }
    Ok(())
}

/// On Linux a daily run may have been installed either way, whatever the machine has now.
fn remove(args: &Args, context: &Context) -> Result<(), Error> {
    let first = args.with.unwrap_or(Manager::of(&context.environment));
    let mut managers = vec![first];
    if args.with.is_none() && matches!(first, Manager::Systemd | Manager::Crontab) {
        managers = vec![Manager::Systemd, Manager::Crontab];
    }
    let mut was_there = false;
    for manager in managers {
        if schedule::remove(&plan(manager, MORNING, context)?)? {
            was_there = true;
            let name = manager.name();
            context
                .console
                .say(&format!("the daily sync is removed ({name})"));
        }
    }
    let plan = plan(first, MORNING, context)?;
    LastRun::forget(&context.settings.state_dir, &plan.name);
    let standing = schedule::look(&plan)?;
    if !was_there {
        context
            .console
            .say("no daily sync was installed for this folder, profile and keys file");
    }
    if let Some(line) = others(&standing) {
        context.console.say(&line);
    }
    if context.global.json {
        return report(&plan, &standing, context);
    }
    Ok(())
}

/// A client that only this shell knows is no client for the scheduler.
fn client_in_keys(context: &Context) -> Result<(), Error> {
    let environment = Environment {
        client_id: None,
        client_secret: None,
        ..context.environment.clone()
    };
    let overrides = Overrides {
        keys: context.global.keys.clone(),
        profile: context.global.profile.clone(),
        output_dir: context.global.output_dir.clone(),
        folder: std::path::PathBuf::new(),
    };
    let client = Settings::load(&overrides, &environment)?.configured_client;
    if Some(context.settings.client()?) == client.as_ref() {
        return Ok(());
    }
    Err(schedule::Error::ClientNotInKeys.into())
}

/// How the job of this folder, profile and keys file goes, one line a fact.
fn words(plan: &Plan, standing: &Standing, context: &Context) -> Vec<String> {
    let manager = plan.manager.name();
    let mut lines = Vec::new();
    if standing.installed {
        let at = standing.at.map(|at| format!(", every day at {at}"));
        lines.push(format!("installed ({manager}){}", at.unwrap_or_default()));
        lines.push(last_run(plan, standing, context));
        lines.extend(next_run(standing, context).map(|next| format!("next run {next}")));
    } else {
        lines.push(format!(
            "not installed; do it with: {}",
            context.command("schedule install")
        ));
    }
    lines.extend(others(standing));
    lines
}

fn others(standing: &Standing) -> Option<String> {
    let names = standing.others.join(", ");
    (!names.is_empty())
        .then(|| format!("daily syncs of other folders, profiles or keys files: {names}"))
}

fn last_run(plan: &Plan, standing: &Standing, context: &Context) -> String {
    if let Some(run) = LastRun::read(&context.settings.state_dir, &plan.name) {
        let ended = context.moment(run.ended);
        return match run.error {
            None => format!("last run {ended}: all was done"),
            Some(error) => format!("last run {ended}: exit code {}, {error}", run.exit_code),
        };
    }
    match (&standing.last_run, standing.last_exit) {
        (None, _) => "it has not run yet".to_owned(),
        (Some(at), None | Some(0)) => format!("last run {at}"),
        (Some(at), Some(code)) => format!("last run {at}: exit code {code}"),
    }
}

/// By the manager's own word, else by the clock.
pub(super) fn next_run(standing: &Standing, context: &Context) -> Option<String> {
    let by_the_clock = || {
        let zone = context.environment.timezone.unwrap_or(Tz::UTC);
        let next = standing.at?.next(context.now, zone)?;
        Some(next.format("%Y-%m-%d %H:%M %Z").to_string())
    };
    standing.next_run.clone().or_else(by_the_clock)
}

/// What the owner of a systemd timer on a server has to know.
fn lingering(manager: Manager, context: &Context) -> Option<String> {
    let user = context.environment.user.as_ref()?.to_str()?;
    let sleeps = manager == Manager::Systemd && schedule::is_lingering(user) == Some(false);
    sleeps.then(|| {
        format!("it runs only while {user} is logged in; to let it run always: loginctl enable-linger {user}")
    })
}

fn report(plan: &Plan, standing: &Standing, context: &Context) -> Result<(), Error> {
    let run = LastRun::read(&context.settings.state_dir, &plan.name);
    let files = plan
        .files
        .iter()
        .map(|file| json!({"path": file.path.display().to_string(), "content": file.content}));
    let steps = plan.on.iter().filter(|step| !step.may_fail);
    let last = run.as_ref().map(|run| context.moment(run.ended));
    Ok(context.console.json(&json!({
        "manager": plan.manager.name(),
        "name": plan.name,
        "installed": standing.installed,
        "files": files.collect::<Vec<_>>(),
        "crontab_line": plan.crontab_line,
        "commands": steps.map(|step| step.words.join(" ")).collect::<Vec<_>>(),
        "at": standing.at.map(|at| at.to_string()),
        "last_run": last.or_else(|| standing.last_run.clone()),
        "last_exit_code": run.as_ref().map(|run| run.exit_code).or(standing.last_exit),
        "last_error": run.and_then(|run| run.error),
        "next_run": next_run(standing, context),
        "others": standing.others,
    }))?)
}

pub(super) fn plan(manager: Manager, at: At, context: &Context) -> Result<Plan, Error> {
    let environment = &context.environment;
    let home = environment.home.clone().unwrap_or_default();
    let config = environment
        .config_dir
        .as_deref()
        .and_then(Path::parent)
        .map_or_else(|| home.join(".config"), Path::to_owned);
    let folders = Folders {
        config,
        home,
        user_id: environment.user_id.unwrap_or_default(),
    };
    Ok(Plan::new(manager, &job(at, context)?, &folders)?)
}

/// Puts down how a run that nobody watched ended; cron itself keeps no book.
pub(super) fn keep_end(context: &Context, exit_code: u8, error: Option<String>) {
    if let Ok(job) = job(MORNING, context) {
        let run = LastRun {
            ended: clock::now(),
            exit_code,
            error,
        };
        run.keep(&context.settings.state_dir, &job.name());
    }
}

/// The daily run: this program with the options that lead to the same keys, login and archive from any folder.
fn job(at: At, context: &Context) -> Result<Job, Error> {
    let (settings, environment) = (&context.settings, &context.environment);
    let folder = environment.current_dir.clone().unwrap_or_default();
    let text = |path: PathBuf| schedule::utf8(&folder.join(path));
    let keys = settings.keys_file.as_ref().map(|keys| folder.join(keys));
    let mut arguments = Vec::new();
    // One that was met by chance is met so by the job, too: to name it would be to trust it, with hooks that it may have later.
    if let Some(keys) = keys.as_ref().filter(|_| !settings.met_by_chance) {
        arguments.extend(["--keys".to_owned(), text(keys.clone())?]);
    }
    if let Some(profile) = &settings.profile {
        arguments.extend(["--profile".to_owned(), profile.clone()]);
    }
    let output_dir = text(settings.output_dir.clone())?;
    arguments.extend(["--output-dir".to_owned(), output_dir, "sync".to_owned()]);
    let variables = environment.carried.iter().map(|(name, value)| {
        // Places are meant from here; the other folder has others.
        let is_place = matches!(
            *name,
            "FITBIT_HR_STATE_DIR" | "SSL_CERT_FILE" | "SSL_CERT_DIR"
        );
        let value = PathBuf::from(value);
        let value = if is_place { folder.join(value) } else { value };
        Ok::<_, schedule::Error>(((*name).to_owned(), schedule::utf8(&value)?))
    });
    Ok(Job {
        program: environment
            .program
            .clone()
            .unwrap_or_else(|| PathBuf::from("fitbit-hr")),
        variables: variables.collect::<Result<_, _>>()?,
        profile: settings.profile_name().to_owned(),
        arguments,
        folder,
        keys,
        at,
    })
}
