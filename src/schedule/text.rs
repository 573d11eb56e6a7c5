//! The texts of units, lines, agents and tasks. Pure. Sources: systemd.service(5), systemd.timer(5), systemd.syntax(7),
//! crontab(5), launchd.plist(5), Microsoft's page on `schtasks create`.

use super::Job;
use std::fmt::Write;

/// Machines that share a clock must not all call at the same second.
const JITTER: &str = "30min";

/// The end of a crontab line by which it is found again.
pub(super) fn mark(name: &str) -> String {
    format!("# {name}")
}

/// A systemd service that runs the job once.
pub(super) fn service(job: &Job) -> String {
    let mut variables = String::new();
    for (name, value) in &job.variables {
        let _ = writeln!(
            variables,
            "Environment={}",
            systemd_word(&format!("{name}={value}"))
        );
    }
    let words: Vec<_> = words(job).iter().map(|word| systemd_word(word)).collect();
    format!(
        "[Unit]\nDescription=Bring the archive of heart rate up to date (fitbit-hr)\nDocumentation=man:fitbit-hr(1)\n\n\
         [Service]\nType=oneshot\nWorkingDirectory={}\n{variables}ExecStart={}\n",
        job.folder.display().to_string().replace('%', "%%"),
        words.join(" ")
    )
}

/// The timer of that service: daily, made up for after the machine was off.
pub(super) fn timer(job: &Job) -> String {
    format!(
        "[Unit]\nDescription=Every day: {}\n\n[Timer]\nOnCalendar=*-*-* {:02}:{:02}:00\nRandomizedDelaySec={JITTER}\n\
         Persistent=true\n\n[Install]\nWantedBy=timers.target\n",
        job.name(),
        job.at.hour,
        job.at.minute
    )
}

/// A line of the user's crontab.
pub(super) fn crontab_line(job: &Job) -> String {
    let variables: Vec<_> = job
        .variables
        .iter()
        .map(|(name, value)| format!("{name}={}", shell_word(value)))
        .collect();
    let words: Vec<_> = variables
        .into_iter()
        .chain(words(job).iter().map(|word| shell_word(word)))
        .collect();
    // An unescaped percent sign ends the command.
    let folder = shell_word(&job.folder.display().to_string());
    let command = format!("cd {folder} && {}", words.join(" ")).replace('%', "\\%");
    format!(
        "{} {} * * * {command} {}",
        job.at.minute,
        job.at.hour,
        mark(&job.name())
    )
}

/// An agent of macOS.
pub(super) fn plist(job: &Job) -> String {
    let mut arguments = String::new();
    for word in words(job) {
        let _ = writeln!(arguments, "    <string>{}</string>", xml(&word));
    }
    let mut variables = String::new();
    for (name, value) in &job.variables {
        let _ = writeln!(
            variables,
            "    <key>{}</key><string>{}</string>",
            xml(name),
            xml(value)
        );
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n\
         <plist version=\"1.0\">\n<dict>\n  <key>Label</key><string>{}</string>\n  <key>ProgramArguments</key>\n  <array>\n{arguments}  </array>\n\
         \x20 <key>WorkingDirectory</key><string>{}</string>\n  <key>EnvironmentVariables</key>\n  <dict>\n{variables}  </dict>\n  <key>StartCalendarInterval</key>\n  <dict>\n\
         \x20   <key>Hour</key><integer>{}</integer>\n    <key>Minute</key><integer>{}</integer>\n  </dict>\n</dict>\n</plist>\n",
        xml(&job.name()),
        xml(&job.folder.display().to_string()),
        job.at.hour,
        job.at.minute
    )
}

/// The command that makes a task of Windows.
pub(super) fn create_task(job: &Job) -> Vec<String> {
    let run: Vec<_> = words(job)
        .iter()
        .map(|word| format!("\"{word}\""))
        .collect();
    [
        "schtasks",
        "/Create",
        "/F",
        "/SC",
        "DAILY",
        "/TN",
        &job.name(),
        "/ST",
        &format!("{:02}:{:02}", job.at.hour, job.at.minute),
        "/TR",
        &run.join(" "),
    ]
    .map(str::to_owned)
    .to_vec()
}

fn words(job: &Job) -> Vec<String> {
    std::iter::once(job.program.display().to_string())
        .chain(job.arguments.iter().cloned())
        .collect()
}

/// Quoted where systemd would split it; `%` and `$` mean something else to it.
fn systemd_word(word: &str) -> String {
    let escaped = word
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('%', "%%")
        .replace('$', "$$");
    if word
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "/._-=:@+,".contains(c))
    {
        escaped
    } else {
        format!("\"{escaped}\"")
    }
}

/// Quoted where a shell would split or expand it.
fn shell_word(word: &str) -> String {
    if !word.is_empty()
        && word
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "/._-=:@+,".contains(c))
    {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

fn xml(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
