//! Measures the main job: wall time against a slow service, processor time against a fast one, and the start of the
//! program: `cargo bench --bench main_job`; see `README.md`.
//!
//! The service is this process. Its answers are made once, before anything is measured, so that it costs next to nothing on
//! the processors that it shares with the program.

#![allow(clippy::print_stdout, reason = "a driver for people, run by hand")]

mod stand_in;

use chrono::DateTime;
use fitbit_hr::numerals::grouped;
use flate2::Compression;
use stand_in::{PROGRAM, Result, Service, bounds, log_in, ok, read_head, target, value};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

const SAMPLES: i64 = 27_500;
const PAGE: usize = 5000;
const LATENCY: Duration = Duration::from_millis(50);
const SLOW_RUNS: usize = 11;
const FAST_RUNS: usize = 41;
const POINTS: &str = "/v4/users/me/dataTypes/heart-rate/dataPoints:reconcile";

fn main() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (slow, fast) = (
        Started::new(LATENCY, true)?,
        Started::new(Duration::ZERO, true)?,
    );
    let plain = Started::new(Duration::ZERO, false)?;
    wall(&folder.path().join("slow"), &slow)?;
    for (name, service) in [("gzip", &fast), ("identity", &plain)] {
        cpu(&folder.path().join(name), name, service)?;
    }
    start(folder.path())
}

/// Wall time from the first API request to the end of the last answer, and the serial way of doing the same.
fn wall(home: &Path, service: &Started) -> Result<()> {
    log_in(home, service.address, "")?;
    println!(
        "wall time, {} ms a request, {SAMPLES} samples in pages of {PAGE}",
        LATENCY.as_millis()
    );
    for more in [&["--no-summary"][..], &[]] {
        let (mut spans, mut requests) = (Vec::new(), 0);
        for _ in 0..=SLOW_RUNS {
            service.log().clear();
            run(home, &[&["2026-11-12", "1sec"], more].concat())?;
            let log = service.log();
            let first = log.iter().map(|call| call.came).min().ok_or("no request")?;
            let last = log
                .iter()
                .map(|call| call.answered)
                .max()
                .ok_or("no answer")?;
            spans.push(last.duration_since(first));
            requests = log.len();
        }
        let span = median(&mut spans);
        println!(
            "  fitbit-hr {:<14} {:6.1} ms, {:.2} round trips, {requests} requests",
            more.join(" "),
            millis(span),
            span.as_secs_f64() / LATENCY.as_secs_f64()
        );
    }
    let mut spans = Vec::new();
    for _ in 0..SLOW_RUNS {
        spans.push(serial(service)?);
    }
    let span = median(&mut spans);
    println!(
        "  page after page {:13.1} ms, {:.2} round trips",
        millis(span),
        span.as_secs_f64() / LATENCY.as_secs_f64()
    );
    Ok(())
}

/// One page after the other on one connection: what a plain client does.
fn serial(service: &Started) -> Result<Duration> {
    let mut stream = TcpStream::connect(service.address)?;
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let filter = "heart_rate.sample_time.physical_time%20>=%20%222026-11-12T05:00:00Z%22%20AND%20heart_rate.sample_time.physical_time%20<%20%222026-11-13T05:00:00Z%22";
    let (started, mut token, mut samples) = (Instant::now(), String::new(), 0);
    loop {
        let page = if token.is_empty() {
            String::new()
        } else {
            format!("&pageToken={token}")
        };
        stream.write_all(
            format!("GET {POINTS}?filter={filter}{page} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes(),
        )?;
        let length = read_head(&mut reader)?.ok_or("no answer")?.length;
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let mut text = Vec::new();
        flate2::read::GzDecoder::new(body.as_slice()).read_to_end(&mut text)?;
        // Not decoded: the comparison is of ways to ask, not of clients.
        let text = String::from_utf8(text)?;
        samples += text.matches("physicalTime").count();
        match text.split("nextPageToken\":\"").nth(1) {
            Some(next) => next.trim_end_matches("\"}").clone_into(&mut token),
            None => break,
        }
    }
    if samples != usize::try_from(SAMPLES)? {
        return Err(format!("{samples} samples came").into());
    }
    Ok(started.elapsed())
}

/// Processor time of a whole run, from the start to both files on disk.
fn cpu(home: &Path, name: &str, service: &Started) -> Result<()> {
    log_in(home, service.address, "")?;
    let (mut user, mut system, mut total, mut walls) = (vec![], vec![], vec![], vec![]);
    for _ in 0..=FAST_RUNS {
        let started = Instant::now();
        let spent = run(home, &["2026-11-12", "1sec", "--no-summary"])?;
        walls.push(started.elapsed());
        user.push(spent.user);
        system.push(spent.system);
        total.push(spent.user + spent.system);
    }
    println!(
        "processor time of a whole run, no latency, {name}: {:.0} ms (user {:.0}, system {:.0}), wall {:.0} ms; slowest {:.0} ms",
        millis(median(&mut total)),
        millis(median(&mut user)),
        millis(median(&mut system)),
        millis(median(&mut walls)),
        millis(*total.last().ok_or("no run")?)
    );
    Ok(())
}

/// `fitbit-hr --version`.
fn start(home: &Path) -> Result<()> {
    let mut spans = Vec::new();
    for _ in 0..FAST_RUNS {
        let started = Instant::now();
        let status = Command::new(PROGRAM)
            .arg("--version")
            .current_dir(home)
            .stdout(Stdio::null())
            .status()?;
        spans.push(started.elapsed());
        if !status.success() {
            return Err("--version failed".into());
        }
    }
    println!(
        "--version: {:.2} ms from spawn to exit",
        millis(median(&mut spans))
    );
    Ok(())
}

struct Spent {
    user: Duration,
    system: Duration,
}

/// Runs the program; the shell's `time` tells what it alone cost.
fn run(home: &Path, arguments: &[&str]) -> Result<Spent> {
    let output = Command::new("bash")
        .args(["-c", "TIMEFORMAT='%3U %3S'; time \"$0\" \"$@\"", PROGRAM])
        .args(arguments)
        .current_dir(home)
        .env("FITBIT_HR_STATE_DIR", home.join("state"))
        .env("LC_ALL", "C")
        .output()?;
    let text = String::from_utf8_lossy(&output.stderr);
    if !output.status.success()
        || !text.contains(&format!("{} samples", grouped(SAMPLES.unsigned_abs())))
    {
        return Err(format!("the run failed:\n{text}").into());
    }
    let mut seconds = text
        .lines()
        .last()
        .unwrap_or_default()
        .split(' ')
        .map(str::parse);
    let mut next =
        || -> Result<Duration> { Ok(Duration::from_secs_f64(seconds.next().ok_or("no time")??)) };
    Ok(Spent {
        user: next()?,
        system: next()?,
    })
}

fn median(spans: &mut [Duration]) -> Duration {
    spans.sort();
    spans[spans.len() / 2]
}

fn millis(span: Duration) -> f64 {
    span.as_secs_f64() * 1000.0
}

struct Call {
    came: Instant,
    answered: Instant,
}

struct Started {
    address: SocketAddr,
    day: Arc<Day>,
}

/// The service: answers by request line.
struct Day {
    latency: Duration,
    gzip: bool,
    points: Vec<(i64, String)>,
    answers: Mutex<HashMap<String, Arc<Vec<u8>>>>,
    log: Mutex<Vec<Call>>,
}

impl Started {
    fn new(latency: Duration, gzip: bool) -> Result<Self> {
        let day = Arc::new(Day {
            latency,
            gzip,
            points: points()?,
            answers: Mutex::default(),
            log: Mutex::default(),
        });
        let address = stand_in::start(Arc::clone(&day))?;
        Ok(Self { address, day })
    }

    fn log(&self) -> MutexGuard<'_, Vec<Call>> {
        self.day.log()
    }
}

/// A day in New York, newest first, as the slim request gets it.
fn points() -> Result<Vec<(i64, String)>> {
    let start = DateTime::parse_from_rfc3339("2026-11-12T05:00:00Z")?.timestamp();
    let mut points = Vec::new();
    for i in (0..SAMPLES).rev() {
        let at = start + i * 86_400 / SAMPLES;
        let text = DateTime::from_timestamp(at, 0)
            .ok_or("no instant")?
            .format("%Y-%m-%dT%H:%M:%SZ");
        let bpm = 50 + i * 7 % 90;
        points.push((at, format!(
            r#"{{"heartRate":{{"sampleTime":{{"physicalTime":"{text}","utcOffset":"-18000s"}},"beatsPerMinute":"{bpm}"}}}}"#
        )));
    }
    Ok(points)
}

impl Service for Day {
    fn latency(&self) -> Duration {
        self.latency
    }

    fn answered(&self, came: Instant) {
        let answered = Instant::now();
        self.log().push(Call { came, answered });
    }

    /// The whole answer to a request line, made at its first use: the first run warms the service up.
    fn answer(&self, line: &str, _body: &[u8]) -> Result<Arc<Vec<u8>>> {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bytes) = answers.get(line) {
            return Ok(Arc::clone(bytes));
        }
        let url = target(line)?;
        let body = match url.path() {
            POINTS => self.page(&url)?,
            "/v4/users/me/settings" => r#"{"timeZone":"America/New_York"}"#.to_owned(),
            "/v4/users/me/pairedDevices" => {
                r#"{"pairedDevices":[{"features":["HEART_RATE"],"lastSyncTime":"2026-11-20T00:00:00Z"}]}"#.to_owned()
            }
            _ => "{}".to_owned(),
        };
        let bytes = Arc::new(ok(&body, self.gzip.then(Compression::default))?);
        answers.insert(line.to_owned(), Arc::clone(&bytes));
        Ok(bytes)
    }
}

impl Day {
    fn log(&self) -> MutexGuard<'_, Vec<Call>> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A page of the points within the filter's bounds; the token is the number of points before it.
    fn page(&self, url: &url::Url) -> Result<String> {
        let within = bounds(&value(url, "filter").ok_or("no filter")?)?;
        let skipped = value(url, "pageToken").map_or(Ok(0), |token| token.parse::<usize>())?;
        let mut held = self
            .points
            .iter()
            .filter(|(at, _)| within.contains(at))
            .skip(skipped);
        let page: Vec<_> = held
            .by_ref()
            .take(PAGE)
            .map(|(_, text)| text.as_str())
            .collect();
        let mut body = format!("{{\"dataPoints\":[{}]", page.join(","));
        if held.next().is_some() {
            write!(body, ",\"nextPageToken\":\"{}\"", skipped + page.len())?;
        }
        body.push('}');
        Ok(body)
    }
}
