//! The texts of units, lines, agents and batch files. Pure. Sources: systemd.service(5), systemd.timer(5), crontab(5),
//! launchd.plist(5), Microsoft's page on `schtasks create`.

use super::Job;
use super::error::Error;
use super::quote;
use std::fmt::Write;
use std::path::Path;

/// Machines that share a clock must not all call at the same second.
const JITTER: &str = "30min";

/// The end of a crontab line by which it is found again.
pub(super) fn mark(name: &str) -> String {
    format!("# {name}")
}

/// A systemd service that runs the job once.
pub(super) fn service(job: &Job) -> Result<String, Error> {
    let mut variables = String::new();
    for (name, value) in &job.variables {
        let assignment = quote::systemd_assignment(name, value);
        let _ = writeln!(variables, "Environment={assignment}");
    }
    let arguments = job
        .arguments
        .iter()
        .map(|word| quote::systemd_argument(word));
    let program = quote::systemd_program(&quote::utf8(&job.program)?)?;
    let words: Vec<_> = std::iter::once(program).chain(arguments).collect();
    Ok(format!(
        "[Unit]\nDescription=Bring the archive of heart rate up to date (fitbit-hr)\nDocumentation=man:fitbit-hr(1)\n\n\
         [Service]\nType=oneshot\nWorkingDirectory={}\n{variables}ExecStart={}\n",
        quote::systemd_folder(&job.folder)?,
        words.join(" ")
    ))
}

/// The timer of that service: daily, made up for after the machine was off.
pub(super) fn timer(job: &Job) -> String {
    format!(
        "[Unit]\nDescription=Every day: {}\n\n[Timer]\nOnCalendar=*-*-* {}:00\nRandomizedDelaySec={JITTER}\n\
         Persistent=true\n\n[Install]\nWantedBy=timers.target\n",
        job.name(),
        job.at
    )
}

/// A line of the user's crontab.
pub(super) fn crontab_line(job: &Job) -> Result<String, Error> {
    let variables = job
        .variables
        .iter()
        .map(|(name, value)| format!("{name}={}", quote::cron_word(value)));
    let words = words(job)?;
    let words: Vec<_> = variables
        .chain(words.iter().map(|word| quote::cron_word(word)))
        .collect();
    Ok(format!(
        "{} {} * * * {}{} {}",
        job.at.minute,
        job.at.hour,
        crontab_folder(&job.folder)?,
        words.join(" "),
        mark(&job.name())
    ))
}

/// How the command of a crontab line begins.
pub(super) fn crontab_folder(folder: &Path) -> Result<String, Error> {
    Ok(format!(
        "cd {} && ",
        quote::cron_word(&quote::utf8(folder)?)
    ))
}

/// An agent of macOS, whose output goes to `log`.
pub(super) fn plist(job: &Job, log: &Path) -> Result<String, Error> {
    let mut arguments = String::new();
    for word in words(job)? {
        let _ = writeln!(arguments, "    <string>{}</string>", quote::xml(&word));
    }
    let mut variables = String::new();
    for (name, value) in &job.variables {
        let value = quote::xml(value);
        let _ = writeln!(variables, "    <key>{name}</key><string>{value}</string>");
    }
    let path = |path: &Path| Ok::<_, Error>(quote::xml(&quote::utf8(path)?));
    let (folder, log) = (path(&job.folder)?, path(log)?);
    Ok(format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n\
         <plist version=\"1.0\">\n<dict>\n  <key>Label</key><string>{}</string>\n  <key>ProgramArguments</key>\n  <array>\n{arguments}  </array>\n\
         \x20 <key>WorkingDirectory</key><string>{folder}</string>\n  <key>EnvironmentVariables</key>\n  <dict>\n{variables}  </dict>\n\
         \x20 <key>StandardOutPath</key><string>{log}</string>\n  <key>StandardErrorPath</key><string>{log}</string>\n\
         \x20 <key>StartCalendarInterval</key>\n  <dict>\n\
         \x20   <key>Hour</key><integer>{}</integer>\n    <key>Minute</key><integer>{}</integer>\n  </dict>\n</dict>\n</plist>\n",
        job.name(),
        job.at.hour,
        job.at.minute
    ))
}

/// A batch file that runs the job: a task of Windows has no variables, and its command is cut at 261 characters.
pub(super) fn batch(job: &Job) -> Result<String, Error> {
    let mut lines = vec!["@echo off".to_owned(), "chcp 65001 >nul".to_owned()];
    for (name, value) in &job.variables {
        lines.push(format!("set \"{name}={}\"", quote::batch_word(value)?));
    }
    let folder = quote::batch_word(&quote::utf8(&job.folder)?)?;
    lines.push(format!("cd /d \"{folder}\" || exit /b 73"));
    let words: Result<Vec<_>, _> = words(job)?
        .iter()
        .map(|word| quote::batch_argument(word))
        .collect();
    lines.push(words?.join(" "));
    Ok(lines.join("\r\n") + "\r\n")
}

/// Every word of the command, the program first.
fn words(job: &Job) -> Result<Vec<String>, Error> {
    let program = quote::utf8(&job.program)?;
    Ok(std::iter::once(program)
        .chain(job.arguments.iter().cloned())
        .collect())
}
