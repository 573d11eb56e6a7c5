//! What an installation consists of on each system. Pure.

use super::error::Error;
use super::{Job, Manager, quote, text};
use std::path::{Path, PathBuf};

/// The most that `schtasks /TR` takes.
const LONGEST_TASK: usize = 261;

/// A file that is to stand somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Where.
    pub path: PathBuf,
    /// What it says.
    pub content: String,
}

/// A command of the system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The program and its arguments.
    pub words: Vec<String>,
    /// It need not succeed.
    pub may_fail: bool,
}

impl Step {
    fn new(words: &[&str]) -> Self {
        Self {
            words: words.iter().map(|word| (*word).to_owned()).collect(),
            may_fail: false,
        }
    }

    fn may_fail(words: &[&str]) -> Self {
        Self {
            may_fail: true,
            ..Self::new(words)
        }
    }
}

/// The user's own folders, and number, as far as managers want them.
#[derive(Debug, Clone, Default)]
pub struct Folders {
    /// The home folder.
    pub home: PathBuf,
    /// The folder of all configuration.
    pub config: PathBuf,
    /// The number of the user; macOS has a domain for each.
    pub user_id: u32,
}

/// All that an installation consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Who starts the run.
    pub manager: Manager,
    /// By which the manager knows it.
    pub name: String,
    /// Files to write, in this order.
    pub files: Vec<File>,
    /// What the manager itself leaves behind.
    pub leavings: Vec<PathBuf>,
    /// The line of the crontab, with its mark at the end.
    pub crontab_line: Option<String>,
    /// Lines that are this job's: how their command begins, and how they end.
    pub crontab_marks: Vec<(String, String)>,
    /// Commands that switch it on.
    pub on: Vec<Step>,
    /// Commands that switch it off, before the files are removed.
    pub off: Vec<Step>,
    /// Commands after the files are removed.
    pub after: Vec<Step>,
}

impl Plan {
    /// The plan for one job under one manager.
    ///
    /// # Errors
    /// Fails when a path cannot be written so that the manager understands it.
    pub fn new(manager: Manager, job: &Job, folders: &Folders) -> Result<Self, Error> {
        job.check()?;
        let empty = Self {
            manager,
            name: job.name(),
            files: vec![],
            leavings: vec![],
            crontab_line: None,
            crontab_marks: vec![],
            on: vec![],
            off: vec![],
            after: vec![],
        };
        match manager {
            Manager::Systemd => empty.systemd(job, folders),
            Manager::Crontab => empty.crontab(job),
            Manager::Launchd => empty.launchd(job, folders),
            Manager::TaskScheduler => empty.task(job, folders),
        }
    }

    fn systemd(self, job: &Job, folders: &Folders) -> Result<Self, Error> {
        let units = folders.config.join("systemd/user");
        let service = units.join(format!("{}.service", self.name));
        let timer = format!("{}.timer", self.name);
        let reload = ["systemctl", "--user", "daemon-reload"];
        Ok(Self {
            files: vec![
                File {
                    path: service,
                    content: text::service(job)?,
                },
                File {
                    path: units.join(&timer),
                    content: text::timer(job),
                },
            ],
            leavings: vec![
                units.join("timers.target.wants").join(&timer),
                folders
                    .home
                    .join(format!(".local/share/systemd/timers/stamp-{timer}")),
            ],
            on: vec![
                Step::new(&reload),
                Step::new(&["systemctl", "--user", "enable", "--now", &timer]),
            ],
            off: vec![Step::may_fail(&[
                "systemctl",
                "--user",
                "disable",
                "--now",
                &timer,
            ])],
            after: vec![Step::may_fail(&reload)],
            ..self
        })
    }

    fn crontab(self, job: &Job) -> Result<Self, Error> {
        Ok(Self {
            crontab_line: Some(text::crontab_line(job)?),
            crontab_marks: vec![
                (String::new(), text::mark(&self.name)),
                // Before jobs had a folder's name there was one a profile; this folder's is taken for its own.
                (
                    text::crontab_folder(&job.folder)?,
                    text::mark(&job.former_name()),
                ),
            ],
            ..self
        })
    }

    fn launchd(self, job: &Job, folders: &Folders) -> Result<Self, Error> {
        let library = folders.home.join("Library");
        let path = library.join(format!("LaunchAgents/{}.plist", self.name));
        let log = library.join(format!("Logs/{}.log", self.name));
        let domain = format!("gui/{}", folders.user_id);
        let off = Step::may_fail(&["launchctl", "bootout", &format!("{domain}/{}", self.name)]);
        Ok(Self {
            // What is loaded under the name already is not replaced by itself.
            on: vec![
                off.clone(),
                Step::new(&["launchctl", "bootstrap", &domain, &quote::utf8(&path)?]),
            ],
            off: vec![off],
            files: vec![File {
                path,
                content: text::plist(job, &log)?,
            }],
            leavings: vec![log],
            ..self
        })
    }

    fn task(self, job: &Job, folders: &Folders) -> Result<Self, Error> {
        let file = format!("{}.cmd", self.name);
        let path = folders.config.join("fitbit-hr").join(file);
        let run = format!("\"{}\"", quote::utf8(&path)?);
        if run.encode_utf16().count() > LONGEST_TASK {
            let why = "Task Scheduler takes a command of 261 characters at most";
            return Err(Error::unwritable(&run, why));
        }
        let (name, at) = (self.name.clone(), job.at.to_string());
        let create = [
            "schtasks", "/Create", "/F", "/SC", "DAILY", "/TN", &name, "/ST", &at, "/TR", &run,
        ];
        Ok(Self {
            files: vec![File {
                path,
                content: text::batch(job)?,
            }],
            on: vec![Step::new(&create)],
            off: vec![Step::may_fail(&["schtasks", "/Delete", "/F", "/TN", &name])],
            ..self
        })
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
        let needed = self.on.iter().filter(|step| !step.may_fail);
        let commands: Vec<_> = needed.map(|step| step.words.join(" ")).collect();
        if !commands.is_empty() {
            parts.push(format!("# then\n{}\n", commands.join("\n")));
        }
        parts.join("\n")
    }

    /// Folders that exist for these files alone, innermost first; removed where they are empty.
    pub(super) fn folders(&self) -> impl Iterator<Item = &Path> {
        let wants = self.leavings.iter().filter_map(|path| path.parent());
        let wants = wants.filter(|path| path.ends_with("timers.target.wants"));
        wants.chain(self.files.iter().filter_map(|file| file.path.parent()))
    }
}
