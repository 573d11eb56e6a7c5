//! The one module that reads the process's surroundings: variables, folders, terminals, the machine's time zone.
//!
//! It is read once, at the start, into an [`Environment`]; everything below works on that copy.

use chrono_tz::Tz;
use std::env;
use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::PathBuf;

/// What the process was started with.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// `$FITBIT_HR_KEYS`.
    pub keys: Option<PathBuf>,
    /// `$FITBIT_HR_CLIENT_ID`.
    pub client_id: Option<String>,
    /// `$FITBIT_HR_CLIENT_SECRET`; a [`crate::secret::Secret`] as soon as the configuration is read.
    pub client_secret: Option<crate::secret::Secret>,
    /// Where tokens are kept: `$FITBIT_HR_STATE_DIR`, else the platform's folder for state.
    pub state_dir: Option<PathBuf>,
    /// The platform's folder for configuration: `$XDG_CONFIG_HOME/fitbit-hr` or its counterpart.
    pub config_dir: Option<PathBuf>,
    /// The machine's own time zone, if it has a name.
    pub timezone: Option<Tz>,
    /// The user's home folder.
    pub home: Option<PathBuf>,
    /// Standard input is a terminal.
    pub stdin_terminal: bool,
    /// Standard output is a terminal.
    pub stdout_terminal: bool,
    /// Standard error is a terminal.
    pub stderr_terminal: bool,
    /// `$NO_COLOR` is set to anything but the empty string.
    pub no_color: bool,
    /// `$TERM` is `dumb`.
    pub dumb_terminal: bool,
    /// The width of the terminal, of standard output if that is one.
    pub stdout_columns: Option<u16>,
    /// `$COLUMNS`, for output that is not a terminal.
    pub columns: Option<u16>,
    /// The path of this program, for schedules.
    pub program: Option<PathBuf>,
    /// The current folder.
    pub current_dir: Option<PathBuf>,
}

fn variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}

fn text(name: &str) -> Option<String> {
    variable(name).and_then(|value| value.into_string().ok())
}

fn path(name: &str) -> Option<PathBuf> {
    variable(name).map(PathBuf::from)
}

impl Environment {
    /// Reads everything once.
    #[must_use]
    pub fn read() -> Self {
        let home = env::home_dir();
        let below_home = |parts: &str| home.as_ref().map(|home| home.join(parts));
        let absolute = |name: &str| path(name).filter(|path| path.is_absolute());
        let config_home = if cfg!(windows) {
            path("APPDATA")
        } else if cfg!(target_os = "macos") {
            absolute("XDG_CONFIG_HOME").or_else(|| below_home("Library/Application Support"))
        } else {
            absolute("XDG_CONFIG_HOME").or_else(|| below_home(".config"))
        };
        let state_home = if cfg!(windows) {
            path("LOCALAPPDATA")
        } else if cfg!(target_os = "macos") {
            absolute("XDG_STATE_HOME").or_else(|| below_home("Library/Application Support"))
        } else {
            absolute("XDG_STATE_HOME").or_else(|| below_home(".local/state"))
        };
        Self {
            keys: path("FITBIT_HR_KEYS"),
            client_id: text("FITBIT_HR_CLIENT_ID"),
            client_secret: text("FITBIT_HR_CLIENT_SECRET").map(crate::secret::Secret::new),
            state_dir: path("FITBIT_HR_STATE_DIR")
                .or_else(|| state_home.map(|home| home.join("fitbit-hr"))),
            config_dir: config_home.map(|home| home.join("fitbit-hr")),
            timezone: machine_zone(),
            home,
            stdin_terminal: std::io::stdin().is_terminal(),
            stdout_terminal: std::io::stdout().is_terminal(),
            stderr_terminal: std::io::stderr().is_terminal(),
            no_color: variable("NO_COLOR").is_some(),
            dumb_terminal: text("TERM").is_some_and(|term| term == "dumb"),
            stdout_columns: terminal_size::terminal_size().map(|(width, _)| width.0),
            columns: text("COLUMNS").and_then(|columns| columns.parse().ok()),
            program: env::current_exe().ok(),
            current_dir: env::current_dir().ok(),
        }
    }
}

/// `$TZ` where it is an IANA name, else what the system says.
fn machine_zone() -> Option<Tz> {
    let named = text("TZ").and_then(|name| name.trim_start_matches(':').parse().ok());
    named.or_else(|| {
        iana_time_zone::get_timezone()
            .ok()
            .and_then(|name| name.parse().ok())
    })
}
