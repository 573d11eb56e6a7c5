//! Measures `import` into new archives: `cargo bench --bench import -- EXPORT PLACES [PROGRAM]...`; see `README.md`.
//!
//! `PLACES` are folders with commas between, on the disks that are to be compared. Each round every program imports to every
//! place once, one after the other, so that all of them meet the machine in the same moods. Without `PROGRAM` it is this
//! tree's.

#![allow(clippy::print_stdout, reason = "a driver for people, run by hand")]

mod measure;

use measure::Run;
use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::process::Command;

const USAGE: &str = "usage: EXPORT PLACE[,PLACE]... [PROGRAM]...";

/// After one round that is not counted.
const ROUNDS: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = std::env::args().skip(1);
    let arguments: Vec<String> = arguments.filter(|word| word != "--bench").collect();
    let [export, places, programs @ ..] = arguments.as_slice() else {
        println!("{USAGE}");
        return Ok(());
    };
    let own = [env!("CARGO_BIN_EXE_fitbit-hr").to_owned()];
    let programs = if programs.is_empty() { &own } else { programs };
    let export = std::path::absolute(export)?;
    let mut runs: BTreeMap<(&str, &str), Vec<Run>> = BTreeMap::new();
    for round in 0..=ROUNDS {
        for program in programs {
            for place in places.split(',') {
                let run = import(program, &export, Path::new(place))?;
                if round > 0 {
                    runs.entry((program, place)).or_default().push(run);
                }
            }
        }
    }
    for ((program, place), runs) in &runs {
        let middle = |of: fn(&Run) -> f64| {
            let mut all: Vec<f64> = runs.iter().map(of).collect();
            all.sort_by(f64::total_cmp);
            all[all.len() / 2]
        };
        println!(
            "{program} to {place}: {:.2} s, processor {:.2} s, {:.0} MB at its peak",
            middle(|run| run.wall.as_secs_f64()),
            middle(|run| run.processor.as_secs_f64()),
            middle(|run| f64::from(u32::try_from(run.peak_kb).unwrap_or_default()) / 1000.0),
        );
    }
    Ok(())
}

/// One import into an archive that is not there yet.
fn import(program: &str, export: &Path, place: &Path) -> Result<Run, Box<dyn Error>> {
    let home = tempfile::tempdir_in(place)?;
    let run = measure::run(
        Command::new(std::path::absolute(program)?)
            .args(["import", "-q", "--json"])
            .arg(export)
            .current_dir(home.path())
            .env("FITBIT_HR_STATE_DIR", home.path().join("state")),
    )?;
    if !run.status.success() {
        return Err(format!("{program} ended with {}: {}", run.status, run.stdout).into());
    }
    Ok(run)
}
