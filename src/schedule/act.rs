//! Carries a plan out: writes and removes files, edits the crontab, runs the system's own commands.

use super::error::Error;
use super::{File, Manager, Plan, Step, crontab};
use crate::atomic_file::{self, Access};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Puts everything in place; what the same job had before is replaced.
///
/// # Errors
/// Fails when a file cannot be written or a command fails; all is as it was then.
pub fn install(plan: &Plan) -> Result<(), Error> {
    if let Some(line) = &plan.crontab_line {
        let mut lines = crontab::without(&crontab::read()?, &plan.crontab_marks);
        lines.extend_from_slice(line.as_bytes());
        lines.push(b'\n');
        return crontab::write(&lines);
    }
    let before = Before::of(&plan.files);
    let files = plan.files.iter().try_for_each(|file| {
        // A way through a proxy may have a password in it.
        atomic_file::write(&file.path, file.content.as_bytes(), Access::Private)
            .map(drop)
            .map_err(Error::from)
    });
    let done = files.and_then(|()| plan.on.iter().try_for_each(run));
    if done.is_err() {
        before.restore(plan);
    }
    done
}

/// Takes everything back; `false` if nothing was there. A manager that does not answer keeps nobody from it.
///
/// # Errors
/// Fails when a file cannot be removed or the crontab cannot be changed.
pub fn remove(plan: &Plan) -> Result<bool, Error> {
    if plan.crontab_line.is_some() {
        let crontab = crontab::read()?;
        let kept = crontab::without(&crontab, &plan.crontab_marks);
        let is_there = has_line(&crontab, plan);
        return if is_there {
            crontab::write(&kept).map(|()| true)
        } else {
            Ok(false)
        };
    }
    if !is_installed(plan)? {
        return Ok(false);
    }
    plan.off.iter().try_for_each(run)?;
    let files = plan.files.iter().map(|file| &file.path);
    files
        .chain(&plan.leavings)
        .try_for_each(|path| gone(path))?;
    plan.after.iter().try_for_each(run)?;
    sweep(plan);
    Ok(true)
}

/// Whether this job is in place.
///
/// # Errors
/// Fails when the crontab cannot be read.
pub(super) fn is_installed(plan: &Plan) -> Result<bool, Error> {
    Ok(match plan.manager {
        Manager::Crontab => has_line(&crontab::read()?, plan),
        Manager::Systemd | Manager::Launchd | Manager::TaskScheduler => {
            plan.files.iter().any(|file| file.path.exists())
        }
    })
}

fn has_line(crontab: &[u8], plan: &Plan) -> bool {
    let mut lines = crontab.split(|byte| *byte == b'\n');
    lines.any(|line| crontab::is_ours(line, &plan.crontab_marks))
}

/// What stood where the files go.
struct Before(Vec<(PathBuf, Option<Vec<u8>>)>);

impl Before {
    fn of(files: &[File]) -> Self {
        let read = |file: &File| (file.path.clone(), fs::read(&file.path).ok());
        Self(files.iter().map(read).collect())
    }

    /// Puts it back. The error that led here is what a person is told, so what fails on the way is not.
    fn restore(self, plan: &Plan) {
        let was_installed = self.0.iter().any(|(_, bytes)| bytes.is_some());
        if !was_installed {
            let _ = plan.off.iter().try_for_each(run);
            let _ = plan.leavings.iter().try_for_each(|path| gone(path));
        }
        for (path, bytes) in self.0 {
            let _ = match bytes {
                Some(bytes) => atomic_file::write(&path, &bytes, Access::Private)
                    .map(drop)
                    .is_ok(),
                None => gone(&path).is_ok(),
            };
        }
        let _ = plan.after.iter().try_for_each(run);
        sweep(plan);
    }
}

/// Removes the folders that are empty now; a folder that is not is somebody else's too.
fn sweep(plan: &Plan) {
    for folder in plan.folders() {
        let _ = fs::remove_dir(folder);
    }
}

fn gone(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(Error::Remove {
            path: path.to_owned(),
            cause,
        }),
        _ => Ok(()),
    }
}

fn run(step: &Step) -> Result<(), Error> {
    let failed = |why: &str| Err(Error::command(&step.words, why));
    match output(&step.words) {
        _ if step.may_fail => Ok(()),
        Err(cause) => failed(&cause.to_string()),
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => failed(&String::from_utf8_lossy(&output.stderr)),
    }
}

/// Runs a command of the system to its end.
pub(super) fn output(words: &[String]) -> io::Result<Output> {
    let (program, arguments) = words.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
}
