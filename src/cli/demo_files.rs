//! Real files are not overwritten by made-up ones. They say nothing of where they come from, but made-up heart rate can be made
//! again and compared; for files of other series the demo leaves a mark in a folder that is not its own.

use super::context::Context;
use crate::archive::{self, Refused};
use crate::atomic_file::{self, Access};
use crate::demo;
use crate::error::Error;
use crate::extract::Catalogue;
use chrono::{NaiveDate, NaiveTime, Timelike};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Says that a folder's files of series are the demo's.
const MARK: &str = ".fitbit-hr.demo";

/// Looks at the folder that a run is to write to, before anything is asked for.
///
/// # Errors
/// Fails when a demo would put its files beside real ones.
pub(super) fn look(context: &Context) -> Result<(), Error> {
    let folder = &context.settings.output_dir;
    let others = context.global.output_dir.is_some()
        && !folder.join(MARK).exists()
        && has_files_of_series(folder, &context.settings.catalogue);
    if context.demo.is_some() && (others || has_real_heart_rate(folder)) {
        return Err(archive::Error::Refused(Refused::Real(folder.clone())).into());
    }
    Ok(())
}

/// Marks the folder that a demo writes these files to; a real run takes the mark away.
///
/// # Errors
/// Fails when the mark cannot be written.
pub(super) fn mark<'a>(
    context: &Context,
    mut names: impl Iterator<Item = &'a str>,
) -> Result<(), Error> {
    let (global, mark) = (&context.global, context.settings.output_dir.join(MARK));
    if context.demo.is_none() {
        // A mark that stays makes a later demo forget that there are real files; it is not there as a rule.
        let _ = fs::remove_file(mark);
    } else if global.output_dir.is_some() && names.any(|name| !HEART_RATE.contains(&name)) {
        atomic_file::write(&mark, b"", Access::Shared)?;
    }
    Ok(())
}

/// The files of heart rate, which can be told from made-up ones.
const HEART_RATE: [&str; 2] = ["hr.json", "hr.csv"];

fn has_files_of_series(folder: &Path, catalogue: &Catalogue) -> bool {
    let segments = catalogue
        .all()
        .filter_map(|extract| extract.segments.as_ref());
    let segments = segments.map(|segments| segments.table.as_str());
    let names: Vec<&str> = catalogue.names().chain(segments).collect();
    let is_of_series = |file: &str| {
        let Some((stem, "csv" | "json")) = file.rsplit_once('.') else {
            return false;
        };
        // `steps.csv`, or a workout's `hr-2026-06-01T1805-run.csv`.
        let (name, rest) = stem.split_once('-').unwrap_or((stem, ""));
        names.contains(&name) || (name == "hr" && rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    files.any(|file| is_of_series(&file))
}

fn has_real_heart_rate(folder: &Path) -> bool {
    let json = fs::read(folder.join("hr.json")).ok();
    let csv = fs::read_to_string(folder.join("hr.csv")).ok();
    match json.map(|bytes| serde_json::from_slice::<Value>(&bytes)) {
        Some(Ok(json)) => !is_made_up(&json).unwrap_or(true),
        Some(Err(_)) => false,
        None => csv.is_some_and(|text| text.contains("time,") && text.lines().count() > 1),
    }
}

/// Whether each value of a `hr.json` lies within the stand-in's beats of its time; `None` for another kind of file.
fn is_made_up(json: &Value) -> Option<bool> {
    let date: NaiveDate = json["activities-heart"][0]["dateTime"]
        .as_str()?
        .parse()
        .ok()?;
    let intraday = &json["activities-heart-intraday"];
    let unit = if intraday["datasetType"] == "second" {
        1
    } else {
        60
    };
    let length = intraday["datasetInterval"].as_i64().unwrap_or(1) * unit;
    // Two passes of a repeated hour share a second.
    let mut rates: BTreeMap<i64, Vec<u64>> = BTreeMap::new();
    for beat in demo::samples(date, demo::zone()) {
        let wall = beat.instant / 1000 + i64::from(beat.utc_offset);
        rates
            .entry(wall.rem_euclid(86_400))
            .or_default()
            .push(u64::from(beat.bpm));
    }
    let fits = |sample: &Value| {
        let time: NaiveTime = sample["time"].as_str()?.parse().ok()?;
        let start = i64::from(time.num_seconds_from_midnight());
        let within = || {
            rates
                .range(start..start + length)
                .flat_map(|(_, rates)| rates)
        };
        let value = sample["value"].as_u64()?;
        Some((*within().min()?..=*within().max()?).contains(&value))
    };
    let samples = intraday["dataset"].as_array()?;
    Some(samples.iter().all(|sample| fits(sample) == Some(true)))
}
