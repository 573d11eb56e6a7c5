//! Measures the main job: wall time against a slow service, processor time against a fast one, and the start of the
//! program: `cargo bench --bench main_job`; see `README.md`.
//!
//! The service is this process. Its answers are made once, before anything is measured, so that it costs next to nothing on
//! the processors that it shares with the program.

#![allow(clippy::print_stdout, reason = "a driver for people, run by hand")]

use chrono::{DateTime, TimeDelta, Utc};
use flate2::{Compression, write::GzEncoder};
use serde_json::json;
use std::collections::HashMap;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const PROGRAM: &str = env!("CARGO_BIN_EXE_fitbit-hr");
const SAMPLES: i64 = 27_500;
const PAGE: usize = 5000;
const LATENCY: Duration = Duration::from_millis(50);
const SLOW_RUNS: usize = 11;
const FAST_RUNS: usize = 41;
const POINTS: &str = "/v4/users/me/dataTypes/heart-rate/dataPoints:reconcile";

fn main() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (slow, fast) = (
        Service::start(LATENCY, true)?,
        Service::start(Duration::ZERO, true)?,
    );
    let plain = Service::start(Duration::ZERO, false)?;
    wall(&folder.path().join("slow"), &slow)?;
    for (name, service) in [("gzip", &fast), ("identity", &plain)] {
        cpu(&folder.path().join(name), name, service)?;
    }
    start(folder.path())
}

/// Wall time from the first API request to the end of the last answer, and the serial way of doing the same.
fn wall(home: &Path, service: &Service) -> Result<()> {
    make_home(home, service)?;
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
fn serial(service: &Service) -> Result<Duration> {
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
fn cpu(home: &Path, name: &str, service: &Service) -> Result<()> {
    make_home(home, service)?;
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
    if !output.status.success() || !text.contains(&format!("{SAMPLES} samples")) {
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

/// Somebody who is logged in, in New York.
fn make_home(home: &Path, service: &Service) -> Result<()> {
    fs::create_dir_all(home.join("state"))?;
    let base = format!("http://{}", service.address);
    fs::write(
        home.join("keys.toml"),
        format!(
            "client_id = \"1-b.apps.googleusercontent.com\"\nclient_secret = \"benchmark\"\n[endpoints]\nauthorize = \"{base}/a\"\ntoken = \"{base}/t\"\nrevoke = \"{base}/r\"\napi = \"{base}\"\n"
        ),
    )?;
    let scopes = [
        "health_metrics_and_measurements",
        "settings",
        "activity_and_fitness",
    ]
    .map(|name| format!("https://www.googleapis.com/auth/googlehealth.{name}.readonly"));
    let token = json!({
        "access_token": "access", "refresh_token": "refresh", "client_id": "1-b.apps.googleusercontent.com",
        "scopes": scopes,
        "obtained_at": Utc::now(), "access_expires_at": Utc::now() + TimeDelta::hours(1), "timezone": "America/New_York",
    });
    fs::write(home.join("state/google-default.json"), token.to_string())?;
    Ok(())
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

/// The service: a thread a connection, answers by request line.
struct Service {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    latency: Duration,
    gzip: bool,
    points: Vec<(i64, String)>,
    answers: Mutex<HashMap<String, Arc<Vec<u8>>>>,
    log: Mutex<Vec<Call>>,
}

impl Service {
    fn start(latency: Duration, gzip: bool) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            latency,
            gzip,
            points: points()?,
            answers: Mutex::default(),
            log: Mutex::default(),
        });
        let served = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&served);
                // A connection that ends is no fault.
                thread::spawn(move || serve(stream, &shared).is_ok());
            }
        });
        Ok(Self { address, shared })
    }

    fn log(&self) -> MutexGuard<'_, Vec<Call>> {
        self.shared
            .log
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
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

struct Head {
    first: String,
    length: usize,
}

/// The head of a request or an answer; `None` at the end of the connection.
fn read_head(reader: &mut impl BufRead) -> Result<Option<Head>> {
    let (mut first, mut length, mut line) = (String::new(), 0, String::new());
    if reader.read_line(&mut first)? == 0 {
        return Ok(None);
    }
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse()?;
        }
    }
    Ok(Some(Head { first, length }))
}

fn serve(mut stream: TcpStream, shared: &Shared) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    while let Some(head) = read_head(&mut reader)? {
        let came = Instant::now();
        std::io::copy(
            &mut (&mut reader).take(head.length as u64),
            &mut std::io::sink(),
        )?;
        let bytes = shared.answer(&head.first)?;
        thread::sleep(shared.latency);
        stream.write_all(&bytes)?;
        let call = Call {
            came,
            answered: Instant::now(),
        };
        shared
            .log
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(call);
    }
    Ok(())
}

impl Shared {
    /// The whole answer to a request line, made at its first use: the first run warms the service up.
    fn answer(&self, line: &str) -> Result<Arc<Vec<u8>>> {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bytes) = answers.get(line) {
            return Ok(Arc::clone(bytes));
        }
        let target = line.split(' ').nth(1).ok_or("no target")?;
        let url = url::Url::parse("http://x")?.join(target)?;
        let body = match url.path() {
            POINTS => self.page(&url)?,
            "/v4/users/me/settings" => r#"{"timeZone":"America/New_York"}"#.to_owned(),
            "/v4/users/me/pairedDevices" => {
                r#"{"pairedDevices":[{"features":["HEART_RATE"],"lastSyncTime":"2026-11-20T00:00:00Z"}]}"#.to_owned()
            }
            _ => "{}".to_owned(),
        };
        let (body, coding) = if self.gzip {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(body.as_bytes())?;
            (encoder.finish()?, "Content-Encoding: gzip\r\n")
        } else {
            (body.into_bytes(), "")
        };
        let mut bytes = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{coding}Content-Length: {}\r\n\r\n",
            body.len()
        )
        .into_bytes();
        bytes.extend(body);
        let bytes = Arc::new(bytes);
        answers.insert(line.to_owned(), Arc::clone(&bytes));
        Ok(bytes)
    }

    /// A page of the points within the filter's bounds; the token is the number of points before it.
    fn page(&self, url: &url::Url) -> Result<String> {
        let value = |name: &str| {
            url.query_pairs()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.into_owned())
        };
        let filter = value("filter").ok_or("no filter")?;
        let mut bounds = filter
            .split('"')
            .skip(1)
            .step_by(2)
            .map(DateTime::parse_from_rfc3339);
        let mut bound = || -> Result<i64> { Ok(bounds.next().ok_or("no bound")??.timestamp()) };
        let within = bound()?..bound()?;
        let skipped = value("pageToken").map_or(Ok(0), |token| token.parse::<usize>())?;
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
