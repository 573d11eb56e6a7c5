//! How the last run that nobody watched ended: cron keeps no book, so the run itself does, beside the login.

use crate::atomic_file::{self, Access};
use crate::file_version;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};

/// What this version writes.
const VERSION: u32 = 1;

/// A run's end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastRun {
    /// When it was.
    pub ended: DateTime<Utc>,
    /// The code it ended with.
    pub exit_code: u8,
    /// What could not be done, where something could not.
    pub error: Option<String>,
}

impl LastRun {
    /// The last run of this job; `None` where there was none, or it cannot be read.
    #[must_use]
    pub fn read(state_dir: &Path, job: &str) -> Option<Self> {
        let bytes = fs::read(path(state_dir, job)).ok()?;
        let is_ours = !file_version::is_newer(&bytes, VERSION);
        serde_json::from_slice(&bytes).ok().filter(|_| is_ours)
    }

    /// Keeps it for the next look. It is only a remark: a disk that takes no more is told of elsewhere.
    pub fn keep(&self, state_dir: &Path, job: &str) {
        let path = path(state_dir, job);
        let there = fs::read(&path).unwrap_or_default();
        if let Ok(bytes) = serde_json::to_vec(self)
            && !file_version::is_newer(&there, VERSION)
        {
            let _ = atomic_file::write(&path, &bytes, Access::Private);
        }
    }

    /// There is no such job any more.
    pub fn forget(state_dir: &Path, job: &str) {
        let _ = fs::remove_file(path(state_dir, job));
    }
}

fn path(state_dir: &Path, job: &str) -> PathBuf {
    state_dir.join(format!("last-run-{job}.json"))
}
