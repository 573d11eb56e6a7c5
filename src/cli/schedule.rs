//! `fitbit-hr schedule`: a daily `sync` by the system's own means.

use super::conflict;
use super::context::Context;
use crate::error::Error;
use crate::oauth;
use crate::schedule::{self, At, Job, Manager, Plan};
use serde_json::json;
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  fitbit-hr schedule show                   what would be installed
  fitbit-hr schedule install                every day at 07:30
  fitbit-hr schedule install --at 05:15     at another time
  fitbit-hr schedule remove                 takes it back";

/// Options of `schedule`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// What to do with the daily run
    #[arg(value_enum, value_name = "ACTION")]
    action: Action,
    /// When, by this machine's clock
    #[arg(long, value_name = "HH:MM", default_value = "07:30")]
    at: At,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Action {
    /// Put it in place; needs a login
    Install,
    /// Take it back
    Remove,
    /// Print what would be installed
    Show,
}

pub fn run(args: &Args, context: &Context) -> Result<(), Error> {
    if context.demo.is_some() && args.action != Action::Show {
        return Err(conflict(
            "a demo has nothing to run every day",
            "leave --demo out, or see: fitbit-hr schedule show",
        ));
    }
    let plan = plan(args, context);
    let said = match args.action {
        Action::Show => {
            if !context.global.json {
                context.console.data(plan.shown().as_bytes())?;
            }
            String::new()
        }
        Action::Install => {
            logged_in(context)?;
            schedule::install(&plan)?;
            format!(
                "a daily sync is installed ({}); take it back with: fitbit-hr schedule remove",
                plan.manager.name()
            )
        }
        Action::Remove if schedule::remove(&plan)? => {
            format!("the daily sync is removed ({})", plan.manager.name())
        }
        Action::Remove => "no daily sync was installed".to_owned(),
    };
    if !said.is_empty() {
        context.console.say(&said);
    }
    if context.global.json {
        context.console.json(&json!({
            "manager": plan.manager.name(),
            "installed": schedule::is_installed(&plan)?,
            "files": plan.files.iter().map(|file| json!({"path": file.path.display().to_string(), "content": file.content})).collect::<Vec<_>>(),
            "crontab_line": plan.crontab_line,
            "commands": plan.on.iter().map(|words| words.join(" ")).collect::<Vec<_>>(),
        }))?;
    }
    Ok(())
}

/// A run that nobody watches needs a login that is there already.
fn logged_in(context: &Context) -> Result<(), Error> {
    context.settings.client()?;
    if oauth::Store::new(context.settings.token_path())
        .read()?
        .is_some()
    {
        return Ok(());
    }
    Err(oauth::Error::NotLoggedIn {
        command: format!("fitbit-hr login{}", context.options_to_repeat()),
        remark: "nobody is logged in, and a daily run cannot ask".to_owned(),
    }
    .into())
}

fn plan(args: &Args, context: &Context) -> Plan {
    let environment = &context.environment;
    let home = environment.home.clone().unwrap_or_default();
    let config_home = environment
        .config_dir
        .as_deref()
        .and_then(Path::parent)
        .map_or_else(|| home.join(".config"), Path::to_owned);
    Plan::new(
        Manager::of(environment),
        &job(args, context),
        &home,
        &config_home,
    )
}

/// The daily run: this program with the options that lead to the same keys, login and archive from any folder.
fn job(args: &Args, context: &Context) -> Job {
    let (settings, environment) = (&context.settings, &context.environment);
    let absolute = |path: &Path| {
        environment
            .current_dir
            .clone()
            .unwrap_or_default()
            .join(path)
            .display()
            .to_string()
    };
    let mut arguments = Vec::new();
    if let Some(keys) = &settings.keys_file {
        arguments.extend(["--keys".to_owned(), absolute(keys)]);
    }
    if let Some(profile) = &settings.profile {
        arguments.extend(["--profile".to_owned(), profile.clone()]);
    }
    arguments.extend([
        "--output-dir".to_owned(),
        absolute(&settings.output_dir),
        "sync".to_owned(),
    ]);
    let mut variables = Vec::new();
    if let Some(folder) = environment.named_state_dir.as_deref() {
        variables.push(("FITBIT_HR_STATE_DIR".to_owned(), absolute(folder)));
    }
    Job {
        program: environment
            .program
            .clone()
            .unwrap_or_else(|| PathBuf::from("fitbit-hr")),
        arguments,
        folder: environment.current_dir.clone().unwrap_or_default(),
        variables,
        profile: settings.profile_name().to_owned(),
        at: args.at,
    }
}
