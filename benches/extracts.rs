//! Measures `sync` of every series but heart rate: `cargo bench --bench extracts -- RATE DAYS...`; see `README.md`.
//!
//! The service is the demo's stand-in, in this process; the program logs in to it as to the real one.

#![allow(clippy::print_stdout, reason = "a driver for people, run by hand")]

mod measure;

use chrono::{Days, Utc};
use fitbit_hr::demo::{Service, browser};
use fitbit_hr::extract::Catalogue;
use fitbit_hr::extract::selection::HEART_RATE;
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use url::Url;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

const PROGRAM: &str = env!("CARGO_BIN_EXE_fitbit-hr");
/// So many seconds' worth of requests may go at once.
const BURST_S: f64 = 12.0;
const RUNS: usize = 3;

fn main() -> Result<()> {
    let arguments = std::env::args().skip(1);
    let arguments: Vec<_> = arguments.filter(|word| word != "--bench").collect();
    let [rate, days @ ..] = arguments.as_slice() else {
        println!("usage: RATE DAYS...");
        return Ok(());
    };
    let rate: f64 = rate.parse()?;
    let service = Service::start(Utc::now())?;
    let home = tempfile::tempdir()?;
    log_in(home.path(), &service, rate)?;
    for days in days {
        measure(home.path(), days.parse()?, rate)?;
    }
    Ok(())
}

/// Keys that lead to the service, and a login for every series but heart rate.
fn log_in(home: &Path, service: &Service, rate: f64) -> Result<()> {
    let catalogue = Catalogue::default();
    let names: Vec<_> = catalogue
        .names()
        .filter(|name| *name != HEART_RATE)
        .collect();
    let (id, secret, api) = (
        service.client_id(),
        service.client_secret(),
        service.base_url(),
    );
    let [authorize, token, revoke] = [
        service.authorize_url(),
        service.token_url(),
        service.revoke_url(),
    ];
    fs::write(
        home.join("keys.toml"),
        format!(
            "client_id = \"{id}\"\nclient_secret = \"{secret}\"\nrequests_per_second = {rate:.1}\nextracts = {names:?}\n\
             [endpoints]\nauthorize = \"{authorize}\"\ntoken = \"{token}\"\nrevoke = \"{revoke}\"\napi = \"{api}\"\n"
        ),
    )?;
    let mut login = program(home)
        .args(["login", "--no-browser"])
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    let said = BufReader::new(login.stderr.take().ok_or("no standard error")?);
    let mut pages = said.lines().map_while(std::io::Result::ok);
    let page = pages.find_map(|line| {
        let at = line.find(&authorize)?;
        Url::parse(line.get(at..)?.trim()).ok()
    });
    browser::consent_in_background(&page.ok_or("no page to open")?)?;
    // What it still has to say must find a reader.
    pages.for_each(drop);
    if login.wait()?.success() {
        Ok(())
    } else {
        Err("the login failed".into())
    }
}

fn program(home: &Path) -> Command {
    let mut program = Command::new(PROGRAM);
    program
        .current_dir(home)
        .env("FITBIT_HR_STATE_DIR", home.join("state"));
    program
}

/// So many days into an archive that is not there yet, some times.
fn measure(home: &Path, days: u64, rate: f64) -> Result<()> {
    let first = Utc::now().date_naive() - Days::new(days);
    let mut runs = Vec::new();
    for _ in 0..RUNS {
        let _ = fs::remove_dir_all(home.join("fitbit_data"));
        let run = measure::run(program(home).args([
            "sync",
            "-q",
            "--json",
            "--from",
            &first.to_string(),
        ]))?;
        if !run.status.success() {
            return Err(format!("the run failed: {}", run.stdout).into());
        }
        runs.push(run);
    }
    runs.sort_by_key(|run| run.wall);
    let run = &runs[RUNS / 2];
    let report: Value = serde_json::from_str(&run.stdout)?;
    let requests = report["requests"].as_f64().ok_or("no requests")?;
    let series = report["extracts"].as_object().ok_or("no series")?;
    let rows: u64 = series.values().filter_map(|one| one["rows"].as_u64()).sum();
    let (wall, dictated) = (run.wall.as_secs_f64(), (requests / rate - BURST_S).max(0.0));
    let peaks: Vec<_> = runs.iter().map(|run| run.peak_kb / 1000).collect();
    println!(
        "{days} days: {rows} rows, {requests} requests in {wall:.2} s; processor {:.2} s; at their peak {peaks:?} MB",
        run.processor.as_secs_f64(),
    );
    if dictated > 0.0 {
        let ratio = wall / dictated;
        println!("  the rate alone: {dictated:.1} s, ratio {ratio:.2}");
    }
    Ok(())
}
