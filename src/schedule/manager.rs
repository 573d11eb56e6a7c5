//! What starts things at a time of day on each system.

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
