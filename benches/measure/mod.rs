//! Runs the program as a whole process: how long it took, what it cost, and its memory at its peak.

use std::error::Error;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// What a run came to.
pub struct Run {
    pub status: ExitStatus,
    pub stdout: String,
    pub wall: Duration,
    pub processor: Duration,
    pub peak_kb: u64,
}

/// Runs it to its end; little may come on its standard output, which is read only then.
pub fn run(command: &mut Command) -> Result<Run, Box<dyn Error>> {
    let started = Instant::now();
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let process = format!("/proc/{}", child.id());
    let process = Path::new(&process);
    let (mut peak_kb, mut ticks) = (0, 0);
    let status = loop {
        // Both only grow: what was seen last is the whole, but for the last moments.
        peak_kb = fs::read_to_string(process.join("status"))
            .ok()
            .and_then(|text| number_after(&text, "VmHWM:"))
            .unwrap_or(peak_kb);
        ticks = fs::read_to_string(process.join("stat"))
            .ok()
            .and_then(|text| processor_ticks(&text))
            .filter(|spent| *spent > 0)
            .unwrap_or(ticks);
        if let Some(status) = child.try_wait()? {
            break status;
        }
        thread::sleep(Duration::from_millis(2));
    };
    let wall = started.elapsed();
    let mut stdout = String::new();
    if let Some(mut pipe) = child.stdout.take() {
        pipe.read_to_string(&mut stdout)?;
    }
    Ok(Run {
        status,
        stdout,
        wall,
        processor: Duration::from_millis(ticks * 10),
        peak_kb,
    })
}

fn number_after(text: &str, name: &str) -> Option<u64> {
    let mut words = text.split(name).nth(1)?.split_whitespace();
    words.next()?.parse().ok()
}

/// User and system time of `/proc/PID/stat`, in hundredths of a second.
fn processor_ticks(stat: &str) -> Option<u64> {
    let mut fields = stat.rsplit(") ").next()?.split(' ').skip(11);
    let mut next = || fields.next()?.parse::<u64>().ok();
    Some(next()? + next()?)
}
