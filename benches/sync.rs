//! Measures `sync` against a service that answers at once or late: `cargo bench --bench sync -- COMMAND`; see `README.md`.
//!
//! The service is this process: a thread a connection, answers by request. It makes an answer within its latency, or, where it
//! has none, once, in a run that is not counted.

#![allow(clippy::print_stdout, reason = "a driver for people, run by hand")]

mod measure;
mod stand_in;

use chrono::{DateTime, Days, NaiveDate, Offset, TimeZone};
use fitbit_hr::zone::Tz;
use flate2::Compression;
use serde_json::{Value, json};
use stand_in::{PROGRAM, Result, Service, bounds, log_in, ok, target, value};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::ops::Range;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

const USAGE: &str = "usage: 1min DAYS | 1sec DAYS [PAGE] | open DAYS... | study PARTICIPANTS...";
const SAMPLES_A_DAY: i64 = 27_500;
const LARGEST_PAGE: usize = 10_000;
const LATENCY: Duration = Duration::from_millis(80);
/// The program's default rate, and what it may send at once after a pause.
const RATE: f64 = 2.5;
const BURST: f64 = 30.0;
const HEART_RATE: &str = "/v4/users/me/dataTypes/heart-rate/dataPoints";

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["1min", days] => paced("1min", days.parse()?, LARGEST_PAGE),
        ["1sec", days] => paced("1sec", days.parse()?, LARGEST_PAGE),
        ["1sec", days, page] => paced("1sec", days.parse()?, page.parse()?),
        ["open", days @ ..] if !days.is_empty() => open(days),
        ["study", counts @ ..] if !counts.is_empty() => study(counts),
        _ => {
            println!("{USAGE}");
            Ok(())
        }
    }
}

/// At the default rate: the wall time beside what the rate alone dictates.
fn paced(detail: &str, days: u64, page: usize) -> Result<()> {
    let home = Home::new(Years::start(LATENCY, page)?, RATE)?;
    let run = home.sync(detail, days)?;
    #[allow(clippy::cast_precision_loss, reason = "some thousand requests")]
    let requests = run.requests as f64;
    let wall = run.wall.as_secs_f64();
    let (steady, with_burst) = (requests / RATE, (requests - BURST).max(0.0) / RATE);
    println!(
        "{days} days at {detail}: {} samples, {requests} requests, wall {wall:.1} s",
        run.samples
    );
    if with_burst > 0.0 {
        println!(
            "  the rate alone, first {BURST} requests at once: {with_burst:.1} s, ratio {:.3}",
            wall / with_burst
        );
    }
    println!(
        "  the rate alone, without a burst: {steady:.1} s, ratio {:.3}",
        wall / steady
    );
    Ok(())
}

/// Limiter open, no latency: samples a second, and memory.
fn open(days: &[&str]) -> Result<()> {
    for days in days {
        let home = Home::new(Years::start(Duration::ZERO, LARGEST_PAGE)?, 1000.0)?;
        let days = days.parse()?;
        // The first run makes the answers.
        home.sync("1sec", days)?;
        let mut runs = Vec::new();
        for _ in 0..3 {
            runs.push(home.sync("1sec", days)?);
        }
        runs.sort_by_key(|run| run.wall);
        let peaks: Vec<_> = runs.iter().map(|run| run.peak_kb / 1000).collect();
        let run = &runs[1];
        #[allow(clippy::cast_precision_loss, reason = "some million samples")]
        let samples = run.samples as f64;
        println!(
            "{days} days: {samples} samples in {:.2} s, {:.2} million a second; processor {:.2} s; at their peak {peaks:?} MB",
            run.wall.as_secs_f64(),
            samples / run.wall.as_secs_f64() / 1e6,
            run.processor.as_secs_f64(),
        );
    }
    Ok(())
}

/// A night of so many participants in one shard, limiter open, no latency: time, processor, requests and memory.
fn study(counts: &[&str]) -> Result<()> {
    let service = Years::start(Duration::ZERO, LARGEST_PAGE)?;
    for count in counts {
        let participants: u64 = count.parse()?;
        let home = Home::new(service, 1000.0)?;
        let folder = home.0.path();
        let login = fs::read_to_string(folder.join("state/google-default.json"))?;
        fs::create_dir(folder.join("tokens"))?;
        for number in 1..=participants {
            let mut login: Value = serde_json::from_str(&login)?;
            login["account"] = json!(number.to_string());
            let path = folder.join(format!("tokens/P{number:05}.json"));
            fs::write(&path, login.to_string())?;
        }
        fs::write(
            folder.join("study.toml"),
            "store = \"data\"\nrequests_per_minute = 1e9\n",
        )?;
        let mut runs = Vec::new();
        // The first run makes the answers, and is not counted.
        for _ in 0..4 {
            let _ = fs::remove_dir_all(folder.join("data"));
            let night = ["--from", "2025-03-03", "--to", "2025-03-03"];
            let run = measure::run(
                Command::new(PROGRAM)
                    .args(["study", "sync", "-q"])
                    .args(night)
                    .current_dir(folder),
            )?;
            let outcomes = outcomes(&folder.join("data/_fitbit_hr/runs"))?;
            let sum = |name: &str| outcomes.iter().filter_map(|one| one[name].as_u64()).sum();
            let days: u64 = sum("days");
            if !run.status.success() || days != participants {
                return Err(format!("the run failed: {days} of {participants} nights").into());
            }
            runs.push((run, sum("requests")));
        }
        runs.remove(0);
        runs.sort_by_key(|(run, _)| run.wall);
        let peaks: Vec<_> = runs.iter().map(|(run, _)| run.peak_kb / 1000).collect();
        let (run, requests): &(measure::Run, u64) = &runs[1];
        #[allow(clippy::cast_precision_loss, reason = "some thousand participants")]
        let each = |seconds: Duration| seconds.as_secs_f64() / participants as f64;
        println!(
            "{participants} participants: {:.2} s, {:.0} a minute; processor {:.1} ms and {} requests each; at their peak {peaks:?} MB",
            run.wall.as_secs_f64(),
            60.0 / each(run.wall),
            each(run.processor) * 1000.0,
            requests / participants,
        );
    }
    Ok(())
}

/// What the report of a study's one shard says of each participant.
fn outcomes(runs: &Path) -> Result<Vec<Value>> {
    let day = fs::read_dir(runs)?.next().ok_or("no report")??;
    let report = fs::read(day.path().join("shard-0-of-1.json"))?;
    let report: Value = serde_json::from_slice(&report)?;
    let outcomes = report["participants"].as_object().ok_or("no report")?;
    Ok(outcomes.values().cloned().collect())
}

struct Run {
    wall: Duration,
    processor: Duration,
    peak_kb: u64,
    requests: u64,
    samples: u64,
}

/// Somebody who is logged in, in New York.
struct Home(tempfile::TempDir);

impl Home {
    fn new(service: SocketAddr, rate: f64) -> Result<Self> {
        let home = tempfile::tempdir()?;
        log_in(
            home.path(),
            service,
            &format!("requests_per_second = {rate:.1}"),
        )?;
        Ok(Self(home))
    }

    /// So many days of 2025 into an archive that is not there yet.
    fn sync(&self, detail: &str, days: u64) -> Result<Run> {
        let home = self.0.path();
        let _ = fs::remove_dir_all(home.join("fitbit_data"));
        let first = NaiveDate::from_ymd_opt(2025, 1, 1).ok_or("no date")?;
        let last = first + Days::new(days.saturating_sub(1));
        let run = measure::run(
            Command::new(PROGRAM)
                .args(["sync", "-q", "--json", "--detail", detail])
                .args(["--from", &first.to_string(), "--to", &last.to_string()])
                .current_dir(home)
                .env("FITBIT_HR_STATE_DIR", home.join("state")),
        )?;
        let report: Value = serde_json::from_str(&run.stdout)?;
        if !run.status.success() || report["days"].as_u64() != Some(days) {
            return Err(format!("the run failed: {}", run.stdout).into());
        }
        let count = |name: &str| report[name].as_u64().unwrap_or_default();
        Ok(Run {
            wall: run.wall,
            processor: run.processor,
            peak_kb: run.peak_kb,
            requests: count("requests"),
            samples: count("samples"),
        })
    }
}

/// The service: answers by request.
struct Years {
    latency: Duration,
    largest_page: usize,
    /// By request, where there is no latency to make them in.
    made: Mutex<HashMap<String, Arc<Vec<u8>>>>,
}

impl Years {
    fn start(latency: Duration, largest_page: usize) -> Result<SocketAddr> {
        stand_in::start(Arc::new(Self {
            latency,
            largest_page,
            made: Mutex::default(),
        }))
    }

    fn make(&self, line: &str, body: &[u8]) -> Result<Vec<u8>> {
        let url = target(line)?;
        let filter = value(&url, "filter").unwrap_or_default();
        let text = match url.path().strip_prefix(HEART_RATE) {
            Some(":reconcile") => {
                let skip = value(&url, "pageToken").map_or(Ok(0), |token| token.parse())?;
                let size = value(&url, "pageSize").map_or(Ok(1440), |size| size.parse())?;
                page(&bounds(&filter)?, skip, self.largest_page.min(size))?
            }
            Some(":rollUp") => means(&serde_json::from_slice(body)?)?,
            _ if url.path().ends_with("/settings") => {
                r#"{"timeZone":"America/New_York"}"#.to_owned()
            }
            _ if url.path().ends_with("/identity") => r#"{"healthUserId":"1"}"#.to_owned(),
            _ if url.path().ends_with("/pairedDevices") => {
                let device =
                    json!({"features": ["HEART_RATE"], "lastSyncTime": "2026-02-01T00:00:00Z"});
                json!({"pairedDevices": [device]}).to_string()
            }
            _ if url.path().contains("/daily-resting-heart-rate/") => resting(&filter)?,
            _ if url.path().contains("/daily-heart-rate-zones/") => {
                r#"{"dataPoints":[]}"#.to_owned()
            }
            _ => return Err(format!("nobody should ask for {url}").into()),
        };
        ok(&text, Some(Compression::fast()))
    }
}

impl Service for Years {
    fn latency(&self) -> Duration {
        self.latency
    }

    fn answer(&self, line: &str, body: &[u8]) -> Result<Arc<Vec<u8>>> {
        if !self.latency.is_zero() {
            return Ok(Arc::new(self.make(line, body)?));
        }
        let made = || self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = made().get(line) {
            return Ok(Arc::clone(answer));
        }
        let answer = Arc::new(self.make(line, body)?);
        made().insert(line.to_owned(), Arc::clone(&answer));
        Ok(answer)
    }
}

/// A page, newest first; the token is the number of samples before it.
fn page(within: &Range<i64>, skip: usize, size: usize) -> Result<String> {
    let at = |number: i64| number * 86_400 / SAMPLES_A_DAY;
    let number = |second: i64| (second * SAMPLES_A_DAY).div_euclid(86_400);
    let numbers = number(within.start) - 1..number(within.end) + 2;
    let mut held = numbers.rev().filter(|n| within.contains(&at(*n)));
    let mut body = String::from("{\"dataPoints\":[");
    let mut count = 0;
    for number in held.by_ref().skip(skip).take(size) {
        let instant = DateTime::from_timestamp(at(number), 0).ok_or("no instant")?;
        let offset = Tz::of("America/New_York")
            .offset_from_utc_datetime(&instant.naive_utc())
            .fix();
        let bpm = 60 + number / 20 % 50 + number * 7 % 4;
        write!(
            body,
            r#"{}{{"heartRate":{{"sampleTime":{{"physicalTime":"{}","utcOffset":"{}s"}},"beatsPerMinute":"{bpm}"}}}}"#,
            if count == 0 { "" } else { "," },
            instant.format("%Y-%m-%dT%H:%M:%SZ"),
            offset.local_minus_utc(),
        )?;
        count += 1;
    }
    body.push(']');
    if held.next().is_some() {
        write!(body, ",\"nextPageToken\":\"{}\"", skip + count)?;
    }
    body.push('}');
    Ok(body)
}

/// A mean for every minute of the range, newest first.
fn means(request: &Value) -> Result<String> {
    let bound = |name: &str| -> Result<i64> {
        let text = request["range"][name].as_str().ok_or("no range")?;
        Ok(DateTime::parse_from_rfc3339(text)?.timestamp())
    };
    let (start, end) = (bound("startTime")?, bound("endTime")?);
    let largest = i64::try_from(LARGEST_PAGE)?;
    if request["windowSize"] != "60s" || (end - start) / 60 > largest {
        return Err("not a range of minutes that fits one page".into());
    }
    let mut windows = Vec::new();
    for minute in (start / 60..end / 60).rev() {
        let instant = DateTime::from_timestamp(minute * 60, 0).ok_or("no instant")?;
        windows.push(format!(
            r#"{{"startTime":"{}","heartRate":{{"beatsPerMinuteAvg":{}.25}}}}"#,
            instant.format("%Y-%m-%dT%H:%M:%SZ"),
            60 + minute % 50,
        ));
    }
    Ok(format!("{{\"rollupDataPoints\":[{}]}}", windows.join(",")))
}

/// A resting heart rate for every day.
fn resting(filter: &str) -> Result<String> {
    use chrono::Datelike;
    let mut dates = filter.split('"').filter_map(|part| part.parse().ok());
    let (first, end): (NaiveDate, NaiveDate) = (
        dates.next().ok_or("no first date")?,
        dates.next().ok_or("no last date")?,
    );
    let points = first
        .iter_days()
        .take_while(|date| *date < end)
        .map(|date| {
            let wire = json!({"year": date.year(), "month": date.month(), "day": date.day()});
            json!({"dailyRestingHeartRate": {"date": wire, "beatsPerMinute": "57"}})
        });
    Ok(json!({"dataPoints": points.collect::<Vec<_>>()}).to_string())
}
