//! What every command is handed: settings, console, the time of the start, and the demo if one runs.

use super::Global;
use crate::archive::Refused;
use crate::archive::{self, Archive};
use crate::clock;
use crate::config::{self, Overrides, Settings};
use crate::console::Console;
use crate::environment::Environment;
use crate::error::{Error, Usage};
use crate::extract::selection::HEART_RATE;
use crate::extract::{Definition, Selection};
use crate::hint::Hint;
use crate::oauth::Renewals;
use crate::progress::{Progress, stop};
use crate::zone::Tz;
use chrono::{DateTime, Utc};
use std::path::Path;
use std::sync::Arc;

/// The surroundings of a command.
#[derive(Debug)]
pub struct Context {
    /// The global options as typed.
    pub global: Global,
    /// What the process was started with.
    pub environment: Environment,
    /// The door to stdout and stderr.
    pub console: Arc<Console>,
    /// The configuration; with `--demo` that of the demo.
    pub settings: Settings,
    /// What is wrong with the keys file, for the command that looks at everything; the settings are the defaults then.
    pub settings_error: Option<config::Error>,
    /// When the run began.
    pub now: DateTime<Utc>,
    /// What must be over before the program ends.
    pub renewals: Renewals,
    /// The stand-in service, for as long as the run lasts.
    pub demo: Option<super::demo::Demo>,
}

impl Context {
    /// Reads the settings, whose file is looked for in `folder` first (the current one, where it is empty), and starts the demo if
    /// one is wanted. With `examines` wrong settings are kept to be reported.
    pub(super) fn new(
        global: Global,
        environment: Environment,
        console: Arc<Console>,
        folder: &Path,
        examines: bool,
    ) -> Result<Self, Error> {
        let now = clock::now();
        let overrides = Overrides {
            keys: global.keys.clone(),
            profile: global.profile.clone(),
            output_dir: global.output_dir.clone(),
            folder: folder.to_owned(),
        };
        let (mut demo, mut settings_error) = (None, None);
        let settings = if global.demo || global.demo_browser {
            let named = overrides.keys.as_deref();
            let said = named.map(|keys| Settings::extracts_in(keys, overrides.profile.as_deref()));
            let extracts = match said.transpose() {
                Ok(extracts) => extracts.unwrap_or_default(),
                Err(error) if examines => {
                    settings_error = Some(error);
                    Default::default()
                }
                Err(error) => return Err(error.into()),
            };
            demo.insert(super::demo::Demo::start(now)?)
                .settings(&overrides, extracts)
        } else {
            match Settings::load(&overrides, &environment) {
                Ok(settings) => settings,
                Err(error) if examines => {
                    settings_error = Some(error);
                    Settings::defaults(&overrides, &environment)
                }
                Err(error) => return Err(error.into()),
            }
        };
        Ok(Self {
            global,
            environment,
            console,
            settings,
            settings_error,
            now,
            renewals: Renewals::default(),
            demo,
        })
    }

    /// The zone until an account says otherwise: the keys file's, else this machine's, else UTC.
    #[must_use]
    pub fn likely_zone(&self) -> Tz {
        self.settings
            .timezone
            .or(self.environment.timezone)
            .unwrap_or(Tz::UTC)
    }

    /// The wearer's archive, which need not be there.
    #[must_use]
    pub fn archive(&self) -> Archive {
        Archive::open(&self.settings.archive, self.settings.profile.as_deref())
    }

    /// The extracts that a run is about: those of `--extract`, else those of the keys file.
    ///
    /// # Errors
    /// Fails on a name that no extract has: a usage error with near names.
    pub fn extracts(&self, typed: Option<&Selection>) -> Result<Vec<&Definition>, Error> {
        let selection = typed.unwrap_or(&self.settings.extracts);
        let meant = selection.resolve(&self.settings.catalogue);
        Ok(meant.map_err(Usage::from)?)
    }

    /// The same for readers: made-up days are shown with `--demo` alone.
    ///
    /// # Errors
    /// Fails when it holds made-up days and there is no demo, and when it cannot be read.
    pub fn archive_to_show(&self) -> Result<Archive, Error> {
        let archive = self.archive();
        if self.demo.is_none() && archive.is_made_up()? {
            let refused = Refused::Hidden(archive.root().to_owned());
            return Err(archive::Error::Refused(refused).into());
        }
        Ok(archive)
    }

    /// Somebody sits at a terminal and can be sent to a browser.
    #[must_use]
    pub fn is_interactive(&self) -> bool {
        self.environment.stdin_terminal && self.environment.stderr_terminal
    }

    /// Who is told how far work is that ends by itself when the program is asked to end.
    pub(super) fn progress(&self) -> Progress {
        let (stopper, stop) = stop();
        let ignores_hangup = self.environment.ignores_hangup;
        tokio::spawn(async move {
            super::signals::asked_to_end(ignores_hangup).await;
            stopper.stop();
        });
        let console = Arc::clone(&self.console);
        Progress::new(console, stop)
    }

    /// Returns when the program is asked to end, by Ctrl-C or a signal.
    pub(super) async fn asked_to_end(&self) {
        super::signals::asked_to_end(self.environment.ignores_hangup).await;
    }

    /// The words of the `sync` that brings an extract: heart rate is not named where a `sync` means it anyway.
    #[must_use]
    pub fn sync_of(&self, name: &str) -> String {
        let meant = self.extracts(None).unwrap_or_default();
        if name == HEART_RATE && meant.iter().any(|one| one.name == HEART_RATE) {
            "sync".to_owned()
        } else {
            format!("sync --extract {name}")
        }
    }

    /// A command that a person is told to run, by the words after the program's name.
    #[must_use]
    pub fn command(&self, words: &str) -> String {
        self.console.run().command(words)
    }

    /// A hint in the words of this run.
    #[must_use]
    pub fn said(&self, hint: &Hint) -> String {
        hint.said(self.console.run())
    }
}
