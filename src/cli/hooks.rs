//! Commands of the keys file at the end of a run that nobody watches. They get what the run would say as `--json` on standard
//! input and a minute, and nothing that they do changes how the run ended.

use super::context::Context;
use crate::clock;
use serde_json::Value;
use std::io::{self, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long a hook and what it started may take.
const BUDGET: Duration = Duration::from_mins(1);
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// Nobody sits at a terminal.
pub(super) fn is_unattended(context: &Context) -> bool {
    let environment = &context.environment;
    !environment.stdin_terminal && !environment.stderr_terminal
}

/// Runs a hook, if there is one, to its end.
pub(super) async fn run(command: &[String], told: &Value, context: &Context) {
    let (words, input) = (command.to_vec(), told.to_string().into_bytes());
    let Some(name) = words.first().cloned() else {
        return;
    };
    let running = tokio::task::spawn_blocking(move || run_within(BUDGET, &words, input));
    let problem = match running.await {
        Ok(Ok(Some(status))) if status.success() => return,
        Ok(Ok(Some(status))) => status.to_string(),
        Ok(Ok(None)) => "it was ended after a minute".to_owned(),
        Ok(Err(error)) => error.to_string(),
        Err(error) => error.to_string(),
    };
    context
        .console
        .note(&format!("the hook {name} failed: {problem}"));
}

/// Runs a command with this input until it and all that it started have ended; `None` where they had to be ended.
fn run_within(
    budget: Duration,
    words: &[String],
    input: Vec<u8>,
) -> io::Result<Option<ExitStatus>> {
    let (program, arguments) = words.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    let end = clock::monotonic() + budget;
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut group = Group(in_its_own_group(&mut command).spawn()?);
    if let Some(mut stdin) = group.0.stdin.take() {
        // A hook that does not read must not hold the run.
        thread::spawn(move || stdin.write_all(&input));
    }
    let status = loop {
        match group.0.try_wait()? {
            Some(status) => break status,
            None if clock::monotonic() >= end => return Ok(None),
            None => thread::sleep(BETWEEN_LOOKS),
        }
    };
    group.outlive(end);
    Ok(Some(status))
}

/// A hook and what it started; ended when it is dropped.
struct Group(Child);

impl Group {
    /// Waits for what the hook left running: a mail may still be on its way.
    fn outlive(&self, end: Instant) {
        while self.lives() && clock::monotonic() < end {
            thread::sleep(BETWEEN_LOOKS);
        }
    }

    #[cfg(unix)]
    fn id(&self) -> Option<rustix::process::Pid> {
        i32::try_from(self.0.id())
            .ok()
            .and_then(rustix::process::Pid::from_raw)
    }

    #[cfg(unix)]
    fn lives(&self) -> bool {
        self.id()
            .is_some_and(|id| rustix::process::test_kill_process_group(id).is_ok())
    }

    #[cfg(not(unix))]
    fn lives(&self) -> bool {
        false
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(id) = self.id() {
            let _ = rustix::process::kill_process_group(id, rustix::process::Signal::KILL);
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(unix)]
fn in_its_own_group(command: &mut Command) -> &mut Command {
    std::os::unix::process::CommandExt::process_group(command, 0)
}

#[cfg(not(unix))]
fn in_its_own_group(command: &mut Command) -> &mut Command {
    command
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::fs;
    use std::path::Path;

    fn shell(script: &str, budget: Duration, input: &[u8]) -> Option<ExitStatus> {
        let words = ["/bin/sh", "-c", script].map(str::to_owned);
        run_within(budget, &words, input.to_vec()).expect("a shell")
    }

    #[test]
    fn a_hook_reads_the_run_and_its_end_is_known() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("got");
        let script = format!("cat > '{}'; echo noise; exit 3", file.display());
        let status = shell(&script, BUDGET, b"{\"days\":3}");
        assert_eq!(status.and_then(|status| status.code()), Some(3));
        assert_eq!(fs::read(&file).expect("written"), b"{\"days\":3}");
        // One that does not read holds nobody up.
        assert!(shell("exec <&-; exit 0", BUDGET, &vec![b' '; 1 << 20]).is_some());
        assert!(run_within(BUDGET, &["/no/such".to_owned()], vec![]).is_err());
    }

    #[test]
    fn a_hook_that_hangs_is_ended_with_all_that_it_started() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("pids");
        for last in ["sleep 100", "exit 0"] {
            let script = format!("sleep 100 & echo $! > '{}'; {last}", file.display());
            let begun = clock::monotonic();
            let status = shell(&script, Duration::from_millis(400), b"");
            assert_eq!(status.is_some(), last == "exit 0");
            assert!(clock::monotonic() - begun < Duration::from_secs(20));
            let id = fs::read_to_string(&file).expect("written");
            let entry = format!("/proc/{}/stat", id.trim());
            // The signal has been sent; the process may take a moment to end.
            let is_gone = || {
                let stat = fs::read_to_string(Path::new(&entry)).unwrap_or_default();
                stat.is_empty() || stat.contains(") Z ")
            };
            assert!((0..500).any(|_| {
                thread::sleep(BETWEEN_LOOKS);
                is_gone()
            }));
        }
    }
}
