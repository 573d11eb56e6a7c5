//! Tries a job before it is installed: `doctor`, with nothing around it but what the scheduler gives.

use super::Job;
use super::error::Error;
use crate::environment::Environment;
use crate::exit::Exit;
use crate::hint::Hint;
use crate::secret;
use serde::Deserialize;
use std::ffi::OsString;
use std::process::{Command, Output, Stdio};

/// Where a scheduler looks for programs.
const BARE_PATH: &str = "/usr/bin:/bin";
/// Says whether a job is in place, which is about to be changed.
const OWN_CHECK: &str = "schedule";

/// What `doctor --json` says of one thing.
#[derive(Debug, Deserialize)]
struct Check {
    id: String,
    state: String,
    says: String,
    remedy: Option<String>,
}

/// Runs `doctor` as the scheduler would run the job.
///
/// # Errors
/// Fails with the first fault that it finds, or when it cannot be run at all.
pub fn prove(job: &Job, environment: &Environment) -> Result<(), Error> {
    let options = job
        .arguments
        .split_last()
        .map_or(&[][..], |(_, options)| options);
    let mut command = Command::new(&job.program);
    // A task of Windows has all that its user has.
    if !cfg!(windows) {
        command.env_clear().envs(bare(environment));
    }
    let output = command
        .envs(job.variables.iter().map(|(name, value)| (name, value)))
        .args(options)
        .args(["doctor", "--json"])
        .current_dir(&job.folder)
        .stdin(Stdio::null())
        .output()
        .map_err(|cause| {
            Error::command(&[job.program.display().to_string()], &cause.to_string())
        })?;
    judge(&output)
}

fn bare(environment: &Environment) -> Vec<(&'static str, OsString)> {
    let mut variables = vec![("PATH", BARE_PATH.into()), ("SHELL", "/bin/sh".into())];
    variables.extend(
        environment
            .home
            .clone()
            .map(|home| ("HOME", home.into_os_string())),
    );
    for name in ["LOGNAME", "USER"] {
        variables.extend(environment.user.clone().map(|user| (name, user)));
    }
    variables
}

fn judge(output: &Output) -> Result<(), Error> {
    let exit = output.status.code().and_then(Exit::of_code);
    let Ok(checks) = serde_json::from_slice::<Vec<Check>>(&output.stdout) else {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(Error::Unproven {
            says: secret::clean(said.lines().next().unwrap_or("it said nothing")),
            remedy: Hint::from("run ")
                .command("doctor")
                .and(" here, and see what is different"),
            exit: exit.unwrap_or(Exit::Config),
        });
    };
    let is_fault = |check: &Check| check.state == "failed" && check.id != OWN_CHECK;
    match checks.into_iter().find(is_fault) {
        None => Ok(()),
        Some(check) => Err(Error::Unproven {
            says: format!("{}: {}", check.id, check.says),
            remedy: check.remedy.map_or_else(Hint::default, Hint::from),
            exit: exit.unwrap_or(Exit::Config),
        }),
    }
}
