//! Carries a plan out: writes and removes files, edits the crontab, runs the system's own commands.

use super::error::Error;
use super::{Manager, Plan};
use crate::atomic_file::{self, Access};
use std::fs;
use std::io::{self, Write};
use std::process::{Command, Stdio};

/// Puts everything in place; what was installed before is replaced.
///
/// # Errors
/// Fails when a file cannot be written or a command fails.
pub fn install(plan: &Plan) -> Result<(), Error> {
    for file in &plan.files {
        atomic_file::write(&file.path, file.content.as_bytes(), Access::Shared)?;
    }
    if let Some(line) = &plan.crontab_line {
        let kept = without_mark(&crontab()?, &plan.mark);
        write_crontab(&format!("{kept}{line}\n"))?;
    }
    plan.on.iter().try_for_each(|words| run(words))
}

/// Takes everything back; `false` if nothing was there.
///
/// # Errors
/// Fails when a file cannot be removed or a command fails.
pub fn remove(plan: &Plan) -> Result<bool, Error> {
    if !is_installed(plan)? {
        return Ok(false);
    }
    plan.off.iter().try_for_each(|words| run(words))?;
    for file in &plan.files {
        match fs::remove_file(&file.path) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
                return Err(Error::Remove {
                    path: file.path.clone(),
                    cause,
                });
            }
            _ => {}
        }
    }
    if plan.crontab_line.is_some() {
        write_crontab(&without_mark(&crontab()?, &plan.mark))?;
    }
    Ok(true)
}

/// Whether the daily run is in place.
///
/// # Errors
/// Fails when the system cannot be asked.
pub fn is_installed(plan: &Plan) -> Result<bool, Error> {
    match plan.manager {
        Manager::Systemd | Manager::Launchd => Ok(plan.files.iter().any(|file| file.path.exists())),
        Manager::Crontab => Ok(crontab()?
            .lines()
            .any(|line| line.trim_end().ends_with(&plan.mark))),
        Manager::TaskScheduler => {
            let name = plan
                .off
                .first()
                .and_then(|words| words.last())
                .cloned()
                .unwrap_or_default();
            Ok(Command::new("schtasks")
                .args(["/Query", "/TN", &name])
                .output()
                .is_ok_and(|output| output.status.success()))
        }
    }
}

/// The lines without those that carry the mark, each ended.
fn without_mark(crontab: &str, mark: &str) -> String {
    let kept = crontab
        .lines()
        .filter(|line| !line.trim_end().ends_with(mark));
    kept.flat_map(|line| [line, "\n"]).collect()
}

fn crontab() -> Result<String, Error> {
    let words = ["crontab", "-l"].map(str::to_owned);
    let output = Command::new(&words[0])
        .arg(&words[1])
        .stdin(Stdio::null())
        .output();
    match output {
        // Where there is no cron there is no crontab.
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        Err(cause) => Err(Error::command(&words, &cause.to_string())),
        Ok(output) if output.status.success() => {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        }
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            // "no crontab for alice" is an empty one.
            if said.contains("no crontab") {
                Ok(String::new())
            } else {
                Err(Error::command(&words, &said))
            }
        }
    }
}

fn write_crontab(text: &str) -> Result<(), Error> {
    let words = ["crontab", "-"].map(str::to_owned);
    let failed = |cause: io::Error| Error::command(&words, &cause.to_string());
    let mut child = Command::new(&words[0])
        .arg(&words[1])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let written = child
        .stdin
        .take()
        .map_or(Ok(()), |mut stdin| stdin.write_all(text.as_bytes()));
    let output = child.wait_with_output().map_err(failed)?;
    written.map_err(failed)?;
    if output.status.success() {
        Ok(())
    } else {
        Err(Error::command(
            &words,
            &String::from_utf8_lossy(&output.stderr),
        ))
    }
}

fn run(words: &[String]) -> Result<(), Error> {
    let Some((program, arguments)) = words.split_first() else {
        return Ok(());
    };
    match Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
    {
        Err(cause) => Err(Error::command(words, &cause.to_string())),
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(Error::command(
            words,
            &String::from_utf8_lossy(&output.stderr),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_marked_line_is_taken_out_of_a_crontab() {
        let crontab = "MAILTO=me\n0 1 * * * backup\n30 7 * * * fitbit-hr sync # fitbit-hr-sync\n30 7 * * * x # fitbit-hr-sync-alice";
        assert_eq!(
            without_mark(crontab, "# fitbit-hr-sync"),
            "MAILTO=me\n0 1 * * * backup\n30 7 * * * x # fitbit-hr-sync-alice\n"
        );
        assert_eq!(without_mark("", "# fitbit-hr-sync"), "");
    }
}
