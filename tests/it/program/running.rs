//! A run under way: what it printed so far, what is typed, signals, and its end.

use super::consent::ConsentPage;
use super::output::Output;
use crate::secrets;
use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// No run of a test takes longer.
const LONGEST_RUN: Duration = Duration::from_secs(100);

/// Runs a command to its end, with nothing on stdin.
pub fn run(mut command: Command) -> Output {
    command.stdin(Stdio::null());
    Running::start(command).finish()
}

type Gathered = Arc<Mutex<Vec<u8>>>;

/// A run under way. It is killed when it is dropped.
pub struct Running {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: Gathered,
    stderr: Gathered,
    readers: Vec<thread::JoinHandle<()>>,
    started: Instant,
}

impl Running {
    /// Starts a command, whose stdin is as it was set.
    pub fn start(mut command: Command) -> Self {
        let started = Instant::now();
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let (stdout, out) = gather(child.stdout.take());
        let (stderr, err) = gather(child.stderr.take());
        Self {
            stdin: child.stdin.take(),
            child,
            stdout,
            stderr,
            readers: vec![out, err],
            started,
        }
    }

    /// What is on stderr by now.
    pub fn stderr(&self) -> String {
        text(&self.stderr)
    }

    /// What is on stdout by now.
    pub fn stdout(&self) -> String {
        text(&self.stdout)
    }

    /// Waits until stdout or stderr has this.
    #[track_caller]
    pub fn wait_for(&self, part: &str) {
        let end = Instant::now() + Duration::from_mins(1);
        while !self.stderr().contains(part) && !self.stdout().contains(part) {
            assert!(
                Instant::now() < end,
                "\"{part}\" never came:\n{}\n{}",
                self.stdout(),
                self.stderr()
            );
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// The address of the consent page, once it was printed.
    #[track_caller]
    pub fn consent_page(&self) -> ConsentPage {
        self.wait_for("/authorize?");
        let end = Instant::now() + Duration::from_mins(1);
        loop {
            let all = format!("{}\n{}", self.stderr(), self.stdout());
            let line = all
                .split_inclusive('\n')
                .find(|line| line.contains("/authorize?") && line.ends_with('\n'));
            if let Some(url) = line.and_then(|line| {
                line.split_whitespace()
                    .find(|word| word.contains("/authorize?"))
            }) {
                return ConsentPage::new(url);
            }
            assert!(Instant::now() < end, "the address never ended:\n{all}");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Types a line.
    pub fn type_line(&mut self, line: &str) {
        let stdin = self.stdin.as_mut().expect("stdin is open");
        stdin
            .write_all(format!("{line}\n").as_bytes())
            .and_then(|()| stdin.flush())
            .expect("the program reads");
    }

    /// Ends stdin.
    pub fn close_stdin(&mut self) {
        self.stdin = None;
    }

    /// Sends a signal by its name, such as `INT`.
    #[cfg(unix)]
    pub fn signal(&self, name: &str) {
        let line = format!("kill -s {name} {}", self.child.id());
        assert!(
            Command::new("sh")
                .args(["-c", &line])
                .status()
                .expect("a shell")
                .success()
        );
    }

    /// It has a file of this name open.
    #[cfg(target_os = "linux")]
    pub fn has_open(&self, name: &str) -> bool {
        let folder = format!("/proc/{}/fd", self.child.id());
        let open = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let mut open = open.filter_map(|file| std::fs::read_link(file.path()).ok());
        open.any(|path| path.ends_with(name))
    }

    /// It is still running.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("our own child").is_none()
    }

    /// Waits for the end, and looks for secrets in what was printed.
    #[track_caller]
    pub fn finish(mut self) -> Output {
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("our own child") {
                break status;
            }
            assert!(
                self.started.elapsed() < LONGEST_RUN,
                "it does not end:\n{}\n{}",
                self.stdout(),
                self.stderr()
            );
            thread::sleep(Duration::from_millis(3));
        };
        let took = self.started.elapsed();
        for reader in self.readers.drain(..) {
            reader.join().expect("a reader");
        }
        let output = Output {
            code: code(status),
            stdout: self.stdout(),
            stderr: self.stderr(),
            took,
        };
        secrets::assert_none_in("stderr", output.stderr.as_bytes());
        secrets::assert_none_in("stdout", output.stdout.as_bytes());
        output
    }
}

#[cfg(unix)]
fn code(status: std::process::ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt;
    status
        .code()
        .unwrap_or_else(|| 128 + status.signal().unwrap_or(0))
}

#[cfg(not(unix))]
fn code(status: std::process::ExitStatus) -> i32 {
    status.code().unwrap_or(-1)
}

impl Drop for Running {
    fn drop(&mut self) {
        // `script` does not take along a program that ignores hang-ups, as under `nohup`.
        if matches!(self.child.try_wait(), Ok(None)) {
            let parent = self.child.id().to_string();
            let _ = Command::new("pkill")
                .args(["-KILL", "-P", &parent])
                .status();
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn gather(stream: Option<impl Read + Send + 'static>) -> (Gathered, thread::JoinHandle<()>) {
    let gathered = Gathered::default();
    let mine = Arc::clone(&gathered);
    let reader = thread::spawn(move || {
        let Some(mut stream) = stream else { return };
        let mut buffer = [0; 8192];
        while let Ok(count) = stream.read(&mut buffer) {
            if count == 0 {
                break;
            }
            mine.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .extend(&buffer[..count]);
        }
    });
    (gathered, reader)
}

fn text(gathered: &Gathered) -> String {
    String::from_utf8_lossy(&gathered.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
}
