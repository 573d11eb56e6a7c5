//! How the last run that nobody watched ended: cron keeps no book, so the run itself does, beside the login.

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
        file_version::read_remark(&path(state_dir, job), VERSION)
    }

    /// Keeps it for the next look.
    pub fn keep(&self, state_dir: &Path, job: &str) {
        file_version::keep_remark(&path(state_dir, job), self, VERSION);
    }

    /// There is no such job any more.
    pub fn forget(state_dir: &Path, job: &str) {
        let _ = fs::remove_file(path(state_dir, job));
    }
}

fn path(state_dir: &Path, job: &str) -> PathBuf {
    state_dir.join(format!("last-run-{job}.json"))
}
