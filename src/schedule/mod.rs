//! A daily run without a person: a systemd user timer, a crontab line, a launchd agent or a task of Task Scheduler.
//!
//! [`Plan::new`] decides everything and is pure; [`install`], [`remove`] and [`is_installed`] carry it out.

mod act;
mod error;
mod text;

pub use act::{install, is_installed, remove};
pub use error::Error;

use crate::environment::Environment;
use std::path::{Path, PathBuf};

/// Who starts the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manager {
    /// A systemd user timer.
    Systemd,
    /// A marked line of the user's crontab.
    Crontab,
    /// An agent of macOS.
    Launchd,
    /// A task of Windows.
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

/// A time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct At {
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
}

impl std::str::FromStr for At {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str, below: u8| {
            let two_digits = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
            text.parse().ok().filter(|n| two_digits && *n < below)
        };
        text.split_once(':')
            .and_then(|(hour, minute)| {
                Some(Self {
                    hour: number(hour, 24)?,
                    minute: number(minute, 60)?,
                })
            })
            .ok_or_else(|| "a time is HH:MM, from 00:00 to 23:59".to_owned())
    }
}

/// What is to be run every day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The program's own path.
    pub program: PathBuf,
    /// Its arguments; paths in them are absolute.
    pub arguments: Vec<String>,
    /// The folder it runs in: relative paths of the keys file start there.
    pub folder: PathBuf,
    /// Variables it needs: places, never secrets.
    pub variables: Vec<(String, String)>,
    /// Whose run it is, in names of units and marks: `default` or a profile.
    pub profile: String,
    /// When.
    pub at: At,
}

impl Job {
    /// `fitbit-hr-sync`, or `fitbit-hr-sync-alice`.
    #[must_use]
    pub fn name(&self) -> String {
        match self.profile.as_str() {
            "default" => "fitbit-hr-sync".to_owned(),
            profile => format!("fitbit-hr-sync-{profile}"),
        }
    }
}

/// A file that is to stand somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Where.
    pub path: PathBuf,
    /// What it says.
    pub content: String,
}

/// All that an installation consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Who starts the run.
    pub manager: Manager,
    /// Files to write, in this order.
    pub files: Vec<File>,
    /// The line of the crontab, with its mark at the end.
    pub crontab_line: Option<String>,
    /// The end of that line, by which it is found again.
    pub mark: String,
    /// Commands that switch it on.
    pub on: Vec<Vec<String>>,
    /// Commands that switch it off, before the files are removed.
    pub off: Vec<Vec<String>>,
}

impl Plan {
    /// The plan for one job under one manager, with the user's own folders.
    #[must_use]
    pub fn new(manager: Manager, job: &Job, home: &Path, config_home: &Path) -> Self {
        let name = job.name();
        let words = |text: &[&str]| {
            text.iter()
                .map(|word| (*word).to_owned())
                .collect::<Vec<_>>()
        };
        let empty = Self {
            manager,
            files: vec![],
            crontab_line: None,
            mark: text::mark(&name),
            on: vec![],
            off: vec![],
        };
        match manager {
            Manager::Systemd => {
                let folder = config_home.join("systemd/user");
                let timer = format!("{name}.timer");
                Self {
                    files: vec![
                        File {
                            path: folder.join(format!("{name}.service")),
                            content: text::service(job),
                        },
                        File {
                            path: folder.join(&timer),
                            content: text::timer(job),
                        },
                    ],
                    on: vec![
                        words(&["systemctl", "--user", "daemon-reload"]),
                        words(&["systemctl", "--user", "enable", "--now", &timer]),
                    ],
                    off: vec![words(&["systemctl", "--user", "disable", "--now", &timer])],
                    ..empty
                }
            }
            Manager::Crontab => Self {
                crontab_line: Some(text::crontab_line(job)),
                ..empty
            },
            Manager::Launchd => {
                let path = home.join(format!("Library/LaunchAgents/{name}.plist"));
                let shown = path.display().to_string();
                Self {
                    files: vec![File {
                        path,
                        content: text::plist(job),
                    }],
                    on: vec![words(&["launchctl", "load", "-w", &shown])],
                    off: vec![words(&["launchctl", "unload", "-w", &shown])],
                    ..empty
                }
            }
            Manager::TaskScheduler => Self {
                on: vec![text::create_task(job)],
                off: vec![words(&["schtasks", "/Delete", "/F", "/TN", &name])],
                ..empty
            },
        }
    }

    /// What would be installed, for a person to read.
    #[must_use]
    pub fn shown(&self) -> String {
        let mut parts = Vec::new();
        for file in &self.files {
            parts.push(format!("# {}\n{}", file.path.display(), file.content));
        }
        if let Some(line) = &self.crontab_line {
            parts.push(format!("# crontab\n{line}\n"));
        }
        if !self.on.is_empty() {
            let commands: Vec<_> = self.on.iter().map(|words| words.join(" ")).collect();
            parts.push(format!("# then\n{}\n", commands.join("\n")));
        }
        parts.join("\n")
    }
}

#[cfg(test)]
mod tests;
