//! The one module that reads the process's surroundings: variables, folders, terminals, the machine's time zone.
//!
//! It is read once, at the start, into an [`Environment`]; everything below works on that copy.

use crate::zone::{self, Tz};
use std::env;
use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

/// What a run takes from its surroundings beside the client: where its files are, the way to the network, the clock's zone.
/// A scheduler knows none of it.
const CARRIED: [&str; 15] = [
    "FITBIT_HR_STATE_DIR",
    "XDG_STATE_HOME",
    "XDG_CONFIG_HOME",
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "TZ",
    "TZDIR",
];

/// By which Slurm, AWS Batch and Kubernetes tell a task of an array which one it is.
const ARRAY_TASK: [&str; 7] = [
    "SLURM_ARRAY_TASK_ID",
    "SLURM_ARRAY_TASK_MIN",
    "SLURM_ARRAY_TASK_MAX",
    "SLURM_ARRAY_TASK_COUNT",
    "AWS_BATCH_JOB_ARRAY_INDEX",
    "AWS_BATCH_JOB_ARRAY_SIZE",
    "JOB_COMPLETION_INDEX",
];

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
    /// What lies between this machine and the services.
    pub network: Network,
    /// The hang-up signal is ignored, as `nohup` does.
    pub ignores_hangup: bool,
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
    /// `$TERM` is `dumb`, or the console is one of Windows that knows no escape sequences.
    pub dumb_terminal: bool,
    /// The width of the terminal, of standard output if that is one.
    pub stdout_columns: Option<u16>,
    /// `$COLUMNS`, for output that is not a terminal.
    pub columns: Option<u16>,
    /// systemd runs this machine.
    pub has_systemd: bool,
    /// The path of this program, for schedules: the name by which it is reached where that leads to the same file, since a
    /// package manager moves the file itself with every update.
    pub program: Option<PathBuf>,
    /// The variables that a run by a scheduler needs too, as they are set.
    pub carried: Vec<(&'static str, OsString)>,
    /// The user's name, which a scheduler gives to what it starts.
    pub user: Option<OsString>,
    /// The number of the user on Unix.
    pub user_id: Option<u32>,
    /// Where browsers put what they download, and the current folder.
    pub downloads: Vec<PathBuf>,
    /// The current folder.
    pub current_dir: Option<PathBuf>,
    /// What a scheduler says to a task of an array about which one it is: each variable that is set, and its value.
    pub array_task: Vec<(&'static str, String)>,
    /// What the environment says about S3.
    pub aws: Aws,
}

/// The variables `AWS_*`: keys, regions and servers, in the order of their names. It shows their names alone.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Aws(Vec<(String, String)>);

impl Aws {
    /// Takes these for it.
    #[must_use]
    pub fn new(mut variables: Vec<(String, String)>) -> Self {
        variables.retain(|(name, value)| name.starts_with("AWS_") && !value.is_empty());
        variables.sort_unstable();
        for (_, value) in variables.iter().filter(|(name, _)| is_secret(name)) {
            // Remembered, so that no message repeats it.
            let _ = crate::secret::Secret::new(value.clone());
        }
        Self(variables)
    }

    fn read() -> Self {
        let text = |(name, value): (OsString, OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self::new(env::vars_os().filter_map(text).collect())
    }

    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

fn is_secret(name: &str) -> bool {
    matches!(
        name,
        "AWS_SECRET_ACCESS_KEY" | "AWS_SESSION_TOKEN" | "AWS_SECRET_KEY" | "AWS_TOKEN"
    ) || name.starts_with("AWS_SSE_CUSTOMER")
}

impl std::fmt::Debug for Aws {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list()
            .entries(self.iter().map(|(name, _)| name))
            .finish()
    }
}

/// Proxies and certificates, as the variables that the HTTP library obeys say it; here they only name what is in the way.
#[derive(Debug, Clone, Default)]
pub struct Network {
    https_proxy: Option<String>,
    http_proxy: Option<String>,
    no_proxy: Option<String>,
    /// `$SSL_CERT_FILE`, instead of the machine's own trusted certificates.
    pub certificates: Option<PathBuf>,
}

impl Network {
    fn read() -> Self {
        let first = |names: &[&str]| names.iter().find_map(|name| text(name));
        Self {
            https_proxy: first(&["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]),
            http_proxy: first(&["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"]),
            no_proxy: first(&["NO_PROXY", "no_proxy"]),
            certificates: path("SSL_CERT_FILE"),
        }
    }

    /// The same, with a direct way to the service.
    #[must_use]
    pub fn without_proxies(&self) -> Self {
        Self {
            certificates: self.certificates.clone(),
            ..Self::default()
        }
    }

    /// The proxy on the way to `host` (`host:port`), without the name and the password that it may want.
    #[must_use]
    pub fn proxy_for(&self, scheme: &str, host: &str) -> Option<String> {
        let proxy = match scheme {
            "https" => self.https_proxy.as_deref()?,
            _ => self.http_proxy.as_deref()?,
        };
        let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
        let mut passed = self.no_proxy.iter().flat_map(|list| list.split(','));
        let passed = passed.any(|name| {
            let name = name.trim().trim_start_matches('.');
            let above = host
                .strip_suffix(name)
                .is_some_and(|front| front.ends_with('.'));
            name == "*" || (!name.is_empty() && (host == name || above))
        });
        let address = proxy.rsplit_once('@').map_or_else(
            || proxy.to_owned(),
            |(front, address)| match front.split_once("://") {
                Some((scheme, _)) => format!("{scheme}://{address}"),
                None => address.to_owned(),
            },
        );
        (!passed).then_some(address)
    }
}

/// Whether SIGHUP was ignored when the process began; the first signal is the lowest bit. Where the system has no `/proc`,
/// it counts as ignored as soon as nobody watches.
fn ignores_hangup() -> bool {
    match std::fs::read_to_string("/proc/self/status") {
        Ok(status) => status
            .lines()
            .find_map(|line| line.strip_prefix("SigIgn:"))
            .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
            .is_some_and(|mask| mask & 1 != 0),
        Err(_) => !std::io::stderr().is_terminal(),
    }
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
            network: Network::read(),
            ignores_hangup: ignores_hangup(),
            timezone: machine_zone(),
            user_id: home.as_deref().and_then(owner),
            user: variable("LOGNAME").or_else(|| variable("USER")),
            home,
            stdin_terminal: std::io::stdin().is_terminal(),
            stdout_terminal: std::io::stdout().is_terminal(),
            stderr_terminal: std::io::stderr().is_terminal(),
            no_color: variable("NO_COLOR").is_some(),
            dumb_terminal: text("TERM").is_some_and(|term| term == "dumb")
                || anstyle_query::windows::enable_ansi_colors() == Some(false),
            stdout_columns: terminal_size::terminal_size().map(|(width, _)| width.0),
            columns: text("COLUMNS").and_then(|columns| columns.parse().ok()),
            has_systemd: std::path::Path::new("/run/systemd/system").is_dir(),
            program: env::current_exe().ok().map(as_reached),
            carried: CARRIED
                .into_iter()
                .filter_map(|name| Some((name, variable(name)?)))
                .collect(),
            downloads: downloads(),
            current_dir: env::current_dir().ok(),
            array_task: ARRAY_TASK
                .into_iter()
                .filter_map(|name| Some((name, text(name)?)))
                .collect(),
            aws: Aws::read(),
        }
    }
}

/// `$TZ` if it is set, be it to nothing, else what the system says.
fn machine_zone() -> Option<Tz> {
    zone::look_in(path("TZDIR"));
    match env::var("TZ") {
        Ok(text) => Some(zone::of_variable(&text)),
        Err(_) => zone::local(),
    }
}

/// The desktop's own word for the folder of downloads, which may be in another language, then the usual one.
fn downloads() -> Vec<PathBuf> {
    let home = env::home_dir();
    let config = path("XDG_CONFIG_HOME").or_else(|| Some(home.as_ref()?.join(".config")));
    let named =
        config.and_then(|config| std::fs::read_to_string(config.join("user-dirs.dirs")).ok());
    let named = named.and_then(|text| {
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix("XDG_DOWNLOAD_DIR="))?;
        let folder = line.trim_matches('"');
        Some(match folder.strip_prefix("$HOME/") {
            Some(below) => home.as_ref()?.join(below),
            None => PathBuf::from(folder),
        })
    });
    let usual = home.as_ref().map(|home| home.join("Downloads"));
    let mut folders: Vec<_> = [named, usual, env::current_dir().ok()]
        .into_iter()
        .flatten()
        .collect();
    folders.dedup();
    folders
}

/// The name of the running program that outlives an update: as `$PATH` has it, else as it was called, else its own.
fn as_reached(own: PathBuf) -> PathBuf {
    let called = env::args_os().next().map(PathBuf::from).unwrap_or_default();
    let name = called
        .file_name()
        .map_or("fitbit-hr".into(), ToOwned::to_owned);
    let folders = variable("PATH").unwrap_or_default();
    let on_path = env::split_paths(&folders).map(|folder| folder.join(&name));
    let typed = env::current_dir().map(|folder| folder.join(&called));
    let is_own = |path: &PathBuf| path.is_absolute() && leads_to(path, &own);
    on_path
        .chain(typed.ok().filter(|_| called.components().count() > 1))
        .find(is_own)
        .unwrap_or(own)
}

fn leads_to(path: &Path, file: &Path) -> bool {
    path.canonicalize()
        .is_ok_and(|real| file.canonicalize().is_ok_and(|file| real == file))
}

#[cfg(unix)]
fn owner(home: &Path) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(home).ok().map(|home| home.uid())
}

#[cfg(not(unix))]
fn owner(_: &Path) -> Option<u32> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proxy_on_the_way_is_named_without_its_password() {
        let network = |proxy: &str, no_proxy: Option<&str>| Network {
            https_proxy: Some(proxy.to_owned()),
            no_proxy: no_proxy.map(str::to_owned),
            ..Network::default()
        };
        let way = |proxy, no_proxy| {
            network(proxy, no_proxy).proxy_for("https", "health.googleapis.com:443")
        };
        assert_eq!(
            way("http://me:pass@proxy.example:3128", None).as_deref(),
            Some("http://proxy.example:3128")
        );
        assert_eq!(
            way("me:p@ss@proxy.example:3128", Some("localhost")).as_deref(),
            Some("proxy.example:3128")
        );
        for passed in [
            "*",
            "googleapis.com",
            "a.example, .googleapis.com",
            "health.googleapis.com",
        ] {
            assert_eq!(way("http://proxy.example", Some(passed)), None, "{passed}");
        }
        assert!(way("http://proxy.example", Some("apis.com")).is_some());
        assert_eq!(
            network("http://p", None).proxy_for("http", "health.googleapis.com:80"),
            None
        );
    }
}
