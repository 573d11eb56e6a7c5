//! A daily run without a person: a systemd user timer, a crontab line, a launchd agent or a task of Task Scheduler.
//!
//! [`Job`] says what is to run, [`Plan`] what that comes to on one system; both are pure. [`prove`] tries the job where nothing
//! but its own variables is set, [`install`] and [`remove`] carry a plan out, [`look`] asks how it goes.

mod act;
mod crontab;
mod error;
mod job;
mod look;
mod plan;
mod prove;
mod quote;
mod record;
mod text;

pub use act::{install, remove};
pub use error::Error;
pub use job::{At, Job};
pub use look::{Standing, is_lingering, look};
pub use plan::{File, Folders, Plan, Step};
pub use prove::prove;
pub use quote::utf8;
pub use record::LastRun;

use crate::environment::Environment;

/// Who starts the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Manager {
    /// A systemd user timer
    Systemd,
    /// A line of the user's crontab
    Crontab,
    /// An agent of macOS
    Launchd,
    /// A task of Windows
    TaskScheduler,
}

impl Manager {
    /// The name for people and for `--json`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Systemd => "systemd",
            Self::Crontab => "crontab",
            Self::Launchd => "launchd",
            Self::TaskScheduler => "Task Scheduler",
        }
    }

    /// The one that this machine has.
    #[must_use]
    pub fn of(environment: &Environment) -> Self {
        if cfg!(windows) {
            Self::TaskScheduler
        } else if cfg!(target_os = "macos") {
            Self::Launchd
        } else if environment.has_systemd {
            Self::Systemd
        } else {
            Self::Crontab
        }
    }
}

#[cfg(test)]
mod tests;
