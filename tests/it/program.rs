//! Runs the real binary with a clean environment and folders of its own, and looks for secrets in all that it leaves.

mod consent;
mod output;
mod running;

pub use consent::ConsentPage;
pub use output::Output;
pub use running::{Running, run};

use crate::secrets;
use crate::server::Server;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use tempfile::TempDir;

/// A client id of Google.
pub const GOOGLE_ID: &str = "123456789012-test.apps.googleusercontent.com";
/// A client id of a legacy Fitbit app.
pub const FITBIT_ID: &str = "23ABCD";

const PREFIX: &str = "https://www.googleapis.com/auth/googlehealth.";
/// The three scopes asked of Google.
pub fn google_scopes() -> Vec<String> {
    [
        "health_metrics_and_measurements",
        "settings",
        "activity_and_fitness",
    ]
    .map(|name| format!("{PREFIX}{name}.readonly"))
    .into()
}

/// One user's machine: a home, a working folder, a place for tokens. Checked for secrets when it is dropped.
pub struct Home {
    folder: TempDir,
    variables: BTreeMap<String, String>,
}

impl Home {
    /// An empty one in UTC, with a browser that only notes the addresses it is to open.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("temporary folder");
        for name in ["home", "work", "tmp"] {
            fs::create_dir(folder.path().join(name)).expect("made");
        }
        let at = |name: &str| folder.path().join(name).display().to_string();
        let variables = [
            ("PATH", std::env::var("PATH").unwrap_or_default()),
            ("HOME", at("home")),
            ("TMPDIR", at("tmp")),
            ("FITBIT_HR_STATE_DIR", at("state")),
            ("XDG_CONFIG_HOME", at("config")),
            ("XDG_STATE_HOME", at("xdg-state")),
            ("TZ", "UTC".to_owned()),
            // What Windows has in their place, and starts no socket without.
            ("USERPROFILE", at("home")),
            ("APPDATA", at("config")),
            ("LOCALAPPDATA", at("xdg-state")),
            ("TEMP", at("tmp")),
            ("TMP", at("tmp")),
            (
                "SYSTEMROOT",
                std::env::var("SYSTEMROOT").unwrap_or_default(),
            ),
        ];
        let variables = variables
            .map(|(name, value)| (name.to_owned(), value))
            .into();
        Self { folder, variables }.browser("true")
    }

    /// One that is configured for Google at `server`, with these lines of the keys file on top.
    pub fn google(server: &Server, more: &str) -> Self {
        let home = Self::new();
        home.keys(&format!(
            "{more}\nclient_id = \"{GOOGLE_ID}\"\nclient_secret = \"{}\"\nrequests_per_second = 1000\n{}",
            secrets::CLIENT_SECRET,
            endpoints(server)
        ));
        home
    }

    /// One that is configured for Fitbit at `server`, on a free port for the redirect.
    pub fn fitbit(server: &Server, more: &str) -> Self {
        let home = Self::new();
        let redirect = if more.contains("redirect_url") {
            String::new()
        } else {
            format!("redirect_url = \"http://localhost:{}/\"", free_port())
        };
        home.keys(&format!(
            "{more}\n{redirect}\nclient_id = \"{FITBIT_ID}\"\nrequests_per_second = 1000\n{}",
            endpoints(server)
        ));
        home
    }

    /// With an environment variable.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Without an environment variable.
    pub fn without(mut self, name: &str) -> Self {
        self.variables.remove(name);
        self
    }

    /// With a browser: a shell script that gets the address as `$1`. It notes each address in `tmp/opened`.
    pub fn browser(self, script: &str) -> Self {
        let path = self.folder.path().join("browser");
        let opened = self.folder.path().join("tmp/opened");
        fs::write(
            &path,
            format!(
                "#!/bin/sh\nprintf '%s\\n' \"$1\" >> {}\n{script}\n",
                opened.display()
            ),
        )
        .expect("written");
        make_executable(&path);
        let name = path.display().to_string();
        self.with("BROWSER", &name)
    }

    /// The addresses that the browser was told to open.
    pub fn opened(&self) -> Vec<String> {
        let text = fs::read_to_string(self.folder.path().join("tmp/opened")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// The working folder, or a path below it.
    pub fn work(&self, path: &str) -> PathBuf {
        self.below("work").join(path)
    }

    /// A path below the folder of everything: `home`, `config`, `state`.
    pub fn below(&self, path: &str) -> PathBuf {
        let mut below = self.folder.path().to_owned();
        // With the system's own separators, as the program says it.
        below.extend(path.split('/').filter(|part| !part.is_empty()));
        below
    }

    /// Writes `keys.toml` into the working folder.
    pub fn keys(&self, text: &str) {
        fs::write(self.work("keys.toml"), text).expect("written");
    }

    /// Writes a file below the working folder.
    pub fn file(&self, path: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.work(path);
        fs::create_dir_all(path.parent().expect("below work")).expect("made");
        fs::write(&path, content).expect("written");
        path
    }

    /// What a file below the working folder holds.
    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.work(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Where the login of the default profile is kept.
    pub fn token_path(&self, provider: &str) -> PathBuf {
        self.below("state").join(format!("{provider}-default.json"))
    }

    /// The stored login of the default profile.
    pub fn stored(&self, provider: &str) -> Value {
        let bytes = fs::read(self.token_path(provider)).expect("a stored login");
        serde_json::from_slice(&bytes).expect("a stored login")
    }

    /// Stores a login whose access token ends in `seconds`.
    pub fn logged_in(&self, provider: &str, seconds: i64) {
        self.logged_in_with(provider, seconds, &json!({}));
    }

    /// Stores a login with these members over the usual ones.
    pub fn logged_in_with(&self, provider: &str, seconds: i64, over: &Value) {
        let now = Utc::now();
        let (client, scopes) = match provider {
            "fitbit" => (
                FITBIT_ID,
                ["heartrate", "profile", "settings"]
                    .map(str::to_owned)
                    .to_vec(),
            ),
            _ => (GOOGLE_ID, google_scopes()),
        };
        let mut token = json!({
            "access_token": secrets::ACCESS,
            "refresh_token": secrets::REFRESH,
            "scopes": scopes,
            "obtained_at": now - TimeDelta::minutes(10),
            "access_expires_at": now + TimeDelta::seconds(seconds),
            "login_expires_at": null,
            "client_id": client,
            "account": "111111256096816351",
            "legacy_account": null,
            "timezone": "UTC",
        });
        token["origins"] = self.origins(provider);
        for (name, value) in over.as_object().into_iter().flatten() {
            token[name] = value.clone();
        }
        self.store(provider, token.to_string().as_bytes());
    }

    /// Makes the stored login one of the endpoints that the keys file names now.
    pub fn moved(&self, provider: &str) {
        let mut token = self.stored(provider);
        token["origins"] = self.origins(provider);
        self.store(provider, token.to_string().as_bytes());
    }

    /// What a login is bound to that is made with the keys file as it is.
    fn origins(&self, provider: &str) -> Value {
        let text = fs::read_to_string(self.work("keys.toml")).unwrap_or_default();
        let keys: toml::Table = toml::from_str(&text).unwrap_or_default();
        let origin = |name: &str, google: &str| {
            let built_in = if provider == "fitbit" {
                "https://api.fitbit.com"
            } else {
                google
            };
            let named = keys
                .get("endpoints")
                .and_then(|endpoints| endpoints.get(name)?.as_str());
            let url = url::Url::parse(named.unwrap_or(built_in)).expect("an address");
            url.origin().ascii_serialization()
        };
        json!({"token": origin("token", "https://oauth2.googleapis.com"), "revoke": origin("revoke", "https://oauth2.googleapis.com"),
            "api": origin("api", "https://health.googleapis.com")})
    }

    /// Puts these bytes where the login of the default profile is kept.
    pub fn store(&self, provider: &str, bytes: &[u8]) {
        let path = self.token_path(provider);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(&path, bytes).expect("written");
        make_private(&path);
    }

    /// The program with these arguments, not started yet.
    pub fn command<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = self.other(env!("CARGO_BIN_EXE_fitbit-hr"));
        command.args(arguments);
        command
    }

    /// Any program in this environment.
    pub fn other(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .envs(&self.variables)
            .current_dir(self.work(""));
        command
    }

    /// Runs the program to its end, with nothing on stdin.
    pub fn run<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Output {
        run(self.command(arguments))
    }

    /// Starts the program; stdin stays open.
    pub fn start<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Running {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped());
        Running::start(command)
    }

    /// Runs the program on a terminal of 80 columns; stdout and stderr come together in `stdout`.
    ///
    /// `script` is part of every Linux system (util-linux), which spares a crate with `unsafe` in it.
    #[cfg(target_os = "linux")]
    pub fn start_on_terminal(&self, arguments: &str) -> Running {
        let mut command = self.other("script");
        let line = format!(
            "stty cols 80 rows 24; exec {} {arguments}",
            env!("CARGO_BIN_EXE_fitbit-hr")
        );
        command.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
        command
            .env("TERM", "xterm")
            .env("SHELL", "/bin/sh")
            .stdin(Stdio::piped());
        Running::start(command)
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if thread::panicking() {
            return;
        }
        let state = self.below("state");
        let tokens = self.work("tokens");
        // The token files, and what the test itself put there for the program to read.
        let may = |path: &Path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let token = path.parent() == Some(&state)
                && !name.starts_with('.')
                && (name.ends_with(".json") || name.ends_with(".json.new"));
            let input = name.ends_with("keys.toml") || name.starts_with("client_secret");
            token || input || name == "opened" || path.parent() == Some(&tokens)
        };
        secrets::assert_none_below(self.folder.path(), &may);
    }
}

#[cfg(unix)]
fn make_executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("our own file");
}

#[cfg(not(unix))]
fn make_executable(_: &Path) {}

#[cfg(unix)]
fn make_private(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("our own file");
}

#[cfg(not(unix))]
fn make_private(_: &Path) {}

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("bound").port()
}

/// `[endpoints]` of a keys file that leads to a scripted service.
pub fn endpoints(server: &Server) -> String {
    format!(
        "[endpoints]\nauthorize = \"{}\"\ntoken = \"{}\"\nrevoke = \"{}\"\napi = \"{}\"\n",
        server.url("/authorize"),
        server.url("/token"),
        server.url("/revoke"),
        server.url("")
    )
}

/// An instant from now, as the token file has it.
pub fn in_seconds(seconds: i64) -> DateTime<Utc> {
    Utc::now() + TimeDelta::seconds(seconds)
}
