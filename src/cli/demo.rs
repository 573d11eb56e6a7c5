//! The stand-in service of `--demo`, and the settings that lead to it.

use crate::archive::{self, Refused};
use crate::config::{Client, Endpoints, Hooks, Overrides, Provider, Settings};
use crate::demo;
use crate::error::Error;
use crate::extract::{Catalogue, Selection};
use crate::secret::Secret;
use chrono::{DateTime, NaiveDate, NaiveTime, Timelike, Utc};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The stand-in is on this machine; nobody else is kept waiting.
const DEMO_REQUESTS_PER_SECOND: f64 = 1000.0;

/// The stand-in service and the temporary folder of its login.
pub struct Demo {
    service: demo::Service,
    folder: tempfile::TempDir,
}

impl std::fmt::Debug for Demo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Demo").finish_non_exhaustive()
    }
}

impl Demo {
    /// Starts the stand-in on a free loopback port.
    pub(super) fn start(now: DateTime<Utc>) -> Result<Self, Error> {
        let failed = |cause| crate::atomic_file::Error::Create {
            path: PathBuf::from("the demo's temporary folder or port"),
            cause,
        };
        let folder = tempfile::Builder::new()
            .prefix("fitbit-hr-demo.")
            .tempdir()
            .map_err(failed)?;
        let service = demo::Service::start(now).map_err(failed)?;
        Ok(Self { service, folder })
    }

    /// The settings that lead to the stand-in instead of a real service.
    pub(super) fn settings(&self, overrides: &Overrides) -> Settings {
        let output_dir = overrides
            .output_dir
            .clone()
            .unwrap_or_else(|| PathBuf::from("demo_data"));
        Settings {
            catalogue: Catalogue::default(),
            extracts: Selection::default(),
            provider: Provider::DEMO,
            configured_client: Some(Client {
                id: self.service.client_id().to_owned(),
                secret: Some(Secret::new(self.service.client_secret())),
            }),
            redirect_url: "http://127.0.0.1:0/".to_owned(),
            timezone: None,
            archive: output_dir.join("archive"),
            output_dir,
            requests_per_second: DEMO_REQUESTS_PER_SECOND,
            endpoints: Endpoints {
                authorize: self.service.authorize_url(),
                token: self.service.token_url(),
                revoke: self.service.revoke_url(),
                api: self.service.base_url(),
                vouched: true,
            },
            profile: overrides.profile.clone().filter(|name| name != "default"),
            hooks: Hooks::default(),
            keys_file: None,
            looked_in: Vec::new(),
            state_dir: self.folder.path().to_owned(),
        }
    }
}

/// Real files are not overwritten by made-up ones. They say nothing of where they come from, but made-up ones can be made again.
///
/// # Errors
/// Fails when `hr.json` or `hr.csv` in the folder holds other heart rate than the stand-in's.
pub(super) fn spare_real_files(folder: &Path) -> Result<(), Error> {
    let json = std::fs::read(folder.join("hr.json")).ok();
    let csv = std::fs::read_to_string(folder.join("hr.csv")).ok();
    let is_real = match json.map(|bytes| serde_json::from_slice::<Value>(&bytes)) {
        Some(Ok(json)) => !is_made_up(&json).unwrap_or(true),
        Some(Err(_)) => false,
        None => csv.is_some_and(|text| text.contains("time,") && text.lines().count() > 1),
    };
    if is_real {
        return Err(archive::Error::Refused(Refused::Real(folder.to_owned())).into());
    }
    Ok(())
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
    let beats = demo::samples(date, demo::zone());
    let wall = |beat: &demo::Beat| {
        let local = DateTime::from_timestamp(beat.instant / 1000 + i64::from(beat.utc_offset), 0)?;
        Some((
            i64::from(local.num_seconds_from_midnight()),
            u64::from(beat.bpm),
        ))
    };
    let beats: Vec<_> = beats.iter().filter_map(wall).collect();
    let fits = |sample: &Value| {
        let time: NaiveTime = sample["time"].as_str()?.parse().ok()?;
        let start = i64::from(time.num_seconds_from_midnight());
        let within = beats
            .iter()
            .filter(|(second, _)| (start..start + length).contains(second));
        let rates: Vec<_> = within.map(|(_, bpm)| *bpm).collect();
        let value = sample["value"].as_u64()?;
        Some((*rates.iter().min()?..=*rates.iter().max()?).contains(&value))
    };
    let samples = intraday["dataset"].as_array()?;
    Some(samples.iter().all(|sample| fits(sample) == Some(true)))
}
