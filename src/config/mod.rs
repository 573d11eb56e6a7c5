//! The configuration as it is meant: the keys file, the environment and the command line laid over each other.
//!
//! The file as it is written is `raw`'s; the addresses of the services are `endpoints`'.

mod client_file;
mod endpoints;
mod error;
mod extracts;
mod hooks;
mod provider;
mod raw;

pub use client_file::ClientFile;
pub use endpoints::{Endpoints, GOOGLE_REVOKE, LEGACY_CUT_OFF};
pub use error::Error;
pub use hooks::Hooks;
pub use provider::{Provider, service_name};

use crate::environment::Environment;
use crate::extract::{Catalogue, Selection};
use crate::secret::Secret;
use crate::zone::Tz;
use raw::{RawFields, RawFile};
use std::fs;
use std::path::{Path, PathBuf};
use url::Url;

/// An app registered at the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// The public half.
    pub id: String,
    /// The secret half; a Fitbit app of type Personal needs none.
    pub secret: Option<Secret>,
}

/// What the command line says about configuration.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// `--keys FILE`.
    pub keys: Option<PathBuf>,
    /// `--profile NAME`.
    pub profile: Option<String>,
    /// `--output-dir DIR`.
    pub output_dir: Option<PathBuf>,
}

/// Everything a command needs to know.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `google` unless the file or the client id says otherwise.
    pub provider: Provider,
    /// The registered app, if one is configured; see [`Settings::client`].
    pub configured_client: Option<Client>,
    /// The redirect URL, letter for letter as it is registered.
    pub redirect_url: String,
    /// The wearer's time zone, if the file names one.
    pub timezone: Option<Tz>,
    /// Where `hr.json` and `hr.csv` go.
    pub output_dir: PathBuf,
    /// The Parquet dataset.
    pub archive: PathBuf,
    /// API requests a second in the long run.
    pub requests_per_second: f64,
    /// The series that there are: the program's and the file's.
    pub catalogue: Catalogue,
    /// The extracts that are meant without `--extract`.
    pub extracts: Selection,
    /// The service's addresses.
    pub endpoints: Endpoints,
    /// `--profile`, if given and not `default`.
    pub profile: Option<String>,
    /// The keys file in use, if one was found.
    pub keys_file: Option<PathBuf>,
    /// Commands for the end of a sync that nobody watches.
    pub hooks: Hooks,
    /// Places where a keys file was looked for.
    pub looked_in: Vec<PathBuf>,
    /// Where tokens are kept.
    pub state_dir: PathBuf,
}

impl Settings {
    /// Reads the first keys file found and lays everything over each other.
    ///
    /// Without any keys file the settings stand all the same, for commands that need no service.
    ///
    /// # Errors
    /// Fails when a file that was named is missing, or one that was found is wrong.
    pub fn load(overrides: &Overrides, environment: &Environment) -> Result<Self, Error> {
        let (found, looked_in) = find_keys(overrides, environment);
        let (file, text) = match &found {
            Some(path) => read_keys(path)?,
            None => Default::default(),
        };
        Self::lay_over(&file, &text, found, looked_in, overrides, environment)
    }

    /// The settings as they are without any keys file and without a client.
    #[must_use]
    pub fn defaults(overrides: &Overrides, environment: &Environment) -> Self {
        let without_client = Environment {
            client_id: None,
            client_secret: None,
            ..environment.clone()
        };
        Self::lay_over(
            &RawFile::default(),
            "",
            None,
            Vec::new(),
            overrides,
            &without_client,
        )
        .expect("the defaults are good")
    }

    fn lay_over(
        file: &RawFile,
        text: &str,
        found: Option<PathBuf>,
        looked_in: Vec<PathBuf>,
        overrides: &Overrides,
        environment: &Environment,
    ) -> Result<Self, Error> {
        let profile = overrides.profile.clone().filter(|name| name != "default");
        let fields = file.fields(profile.as_deref());
        let at = found.clone().unwrap_or_default();
        let (client, registered_redirect) = client(&fields, &at, environment)?;
        let provider = provider(&fields, client.as_ref(), &at)?;
        let output_dir = overrides
            .output_dir
            .clone()
            .or_else(|| fields.output_dir.clone())
            .unwrap_or_else(|| PathBuf::from("fitbit_data"));
        let archive = fields
            .archive
            .clone()
            .unwrap_or_else(|| output_dir.join("archive"));
        let redirect_url = fields
            .redirect_url
            .clone()
            .or(registered_redirect)
            .unwrap_or_else(|| match provider {
                Provider::Fitbit => "http://localhost:1410/".to_owned(),
                Provider::Google { .. } => "http://127.0.0.1:0/".to_owned(),
            });
        let is_chance = is_chance(&at, overrides, environment);
        let (catalogue, extracts) =
            extracts::of(&fields).map_err(|problem| syntax(&at, text, problem.at, problem.what))?;
        Ok(Self {
            catalogue,
            extracts,
            endpoints: Endpoints::of(provider, &fields.endpoints, &at, !is_chance)?,
            provider,
            configured_client: client,
            redirect_url,
            timezone: timezone(&fields, &at)?,
            output_dir,
            archive,
            requests_per_second: rate(&fields, &at)?,
            profile,
            hooks: fields.hooks.meant(&at, is_chance)?,
            keys_file: found,
            looked_in,
            state_dir: environment
                .state_dir
                .clone()
                .unwrap_or_else(|| PathBuf::from(".fitbit-hr")),
        })
    }

    /// The keys file that counts, or that was named and need not be there.
    #[must_use]
    pub fn keys_file(overrides: &Overrides, environment: &Environment) -> Option<PathBuf> {
        find_keys(overrides, environment).0
    }

    /// The registered app.
    ///
    /// # Errors
    /// Fails when none is configured, one is only the example's placeholder, or Google's lacks its secret.
    pub fn client(&self) -> Result<&Client, Error> {
        let client = self
            .configured_client
            .as_ref()
            .ok_or_else(|| Error::NoClient {
                keys_file: self.keys_file.clone(),
                looked_in: self.looked_in.clone(),
            })?;
        let keys_file = self.keys_file.clone().unwrap_or_default();
        if self.provider == Provider::GOOGLE && client.secret.is_none() {
            return Err(Error::value(
                &keys_file,
                "client_secret",
                "a Google client has a secret, and it is missing",
                "add client_secret, or name the downloaded client_secret*.json with client_file",
            ));
        }
        Ok(client)
    }

    /// The profile's name in file names: `default` where none was given.
    #[must_use]
    pub fn profile_name(&self) -> &str {
        self.profile.as_deref().unwrap_or("default")
    }

    /// Where the quota that the service spoke of last is kept.
    #[must_use]
    pub fn quota_path(&self) -> PathBuf {
        self.state_dir.join(format!(
            "quota-{}-{}.json",
            self.provider,
            self.profile_name()
        ))
    }

    /// Where the login is kept.
    #[must_use]
    pub fn token_path(&self) -> PathBuf {
        self.state_dir
            .join(format!("{}-{}.json", self.provider, self.profile_name()))
    }
}

/// The one that is taken from the current folder without being named.
const IN_THIS_FOLDER: &str = "keys.toml";

/// The order of the contract; the first that exists wins, and one that is named must exist.
fn find_keys(overrides: &Overrides, environment: &Environment) -> (Option<PathBuf>, Vec<PathBuf>) {
    if let Some(path) = overrides.keys.clone().or_else(|| environment.keys.clone()) {
        return (Some(path.clone()), vec![path]);
    }
    let mut places = vec![PathBuf::from(IN_THIS_FOLDER)];
    places.extend(
        environment
            .config_dir
            .as_ref()
            .map(|folder| folder.join("keys.toml")),
    );
    (places.iter().find(|path| path.exists()).cloned(), places)
}

/// Whether nobody named this keys file: it lies in the current folder, and that is not the one for configuration.
fn is_chance(at: &Path, overrides: &Overrides, environment: &Environment) -> bool {
    let is_named = overrides.keys.is_some() || environment.keys.is_some();
    let folder = |path: Option<&Path>| path.and_then(|path| path.canonicalize().ok());
    let here = folder(environment.current_dir.as_deref());
    let is_configuration = here.is_some() && here == folder(environment.config_dir.as_deref());
    !is_named && !is_configuration && at == Path::new(IN_THIS_FOLDER)
}

/// The file, and its text for whoever finds a mistake later.
fn read_keys(path: &Path) -> Result<(RawFile, String), Error> {
    let text = fs::read_to_string(path).map_err(|cause| Error::Unreadable {
        path: path.to_owned(),
        cause,
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let file = toml::from_str(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        syntax(path, text, at, without_the_value(error.message()))
    })?;
    Ok((file, text.to_owned()))
}

/// A mistake at a place of the text.
fn syntax(path: &Path, text: &str, at: usize, problem: String) -> Error {
    let line = text[..text.floor_char_boundary(at)].matches('\n').count() + 1;
    Error::Syntax {
        path: path.to_owned(),
        line,
        problem,
    }
}

/// The parser's message in one line. One about a wrong type quotes what was found, which may be a secret without its quotes.
fn without_the_value(message: &str) -> String {
    let message = message.replace('\n', " ");
    match message.split_once(", expected ") {
        Some((found, expected)) if found.starts_with("invalid ") => {
            format!("expected {}", expected.replace("f64", "a number"))
        }
        _ => message,
    }
}

/// A downloaded file counts like the two fields; the environment overrides both.
fn client(
    fields: &RawFields,
    at: &Path,
    environment: &Environment,
) -> Result<(Option<Client>, Option<String>), Error> {
    let (mut id, mut secret, mut redirect) =
        (fields.client_id.clone(), fields.client_secret.clone(), None);
    if let Some(name) = &fields.client_file {
        // Relative to the keys file, so that cron's working folder does not matter.
        let path = at
            .parent()
            .map_or_else(|| name.clone(), |folder| folder.join(name));
        let failed = |problem: String| Error::ClientFile {
            path: path.clone(),
            problem,
        };
        let bytes = fs::read(&path).map_err(|cause| failed(cause.to_string()))?;
        let file = ClientFile::read(&bytes).map_err(failed)?;
        id = id.or(Some(file.id));
        secret = secret.or(file.secret);
        redirect = file.redirect;
    }
    id = environment.client_id.clone().or(id);
    secret = environment.client_secret.clone().or(secret);
    let Some(id) = id else {
        return Ok((None, redirect));
    };
    let id = id.trim().to_owned();
    let is_placeholder =
        |text: &str| text.is_empty() || text.chars().all(|c| c == '.') || text.starts_with("YOUR");
    if is_placeholder(&id)
        || secret.as_ref().is_some_and(|secret| {
            secret.reveal().chars().all(|c| c == '.') && !secret.reveal().is_empty()
        })
    {
        return Err(Error::value(
            at,
            "client_id",
            "it is still the example's placeholder",
            "let fitbit-hr setup put in the client, or put in its own id and secret",
        ));
    }
    Ok((
        Some(Client {
            id,
            secret: secret.filter(|secret| !secret.reveal().is_empty()),
        }),
        redirect,
    ))
}

/// What the form of a client id says about its home.
#[must_use]
pub fn provider_of(client_id: &str) -> Option<Provider> {
    if client_id.ends_with(".apps.googleusercontent.com") {
        Some(Provider::GOOGLE)
    } else if client_id.len() == 6 && client_id.bytes().all(|b| b.is_ascii_alphanumeric()) {
        Some(Provider::Fitbit)
    } else {
        None
    }
}

fn provider(fields: &RawFields, client: Option<&Client>, at: &Path) -> Result<Provider, Error> {
    let said = match fields.provider.as_deref() {
        None => None,
        Some("google") => Some(Provider::GOOGLE),
        Some("fitbit") => Some(Provider::Fitbit),
        Some(other) => {
            let problem = format!("'{}' is not a provider", other.escape_debug());
            return Err(Error::value(
                at,
                "provider",
                &problem,
                "use \"google\" or \"fitbit\"",
            ));
        }
    };
    let guessed = client.and_then(|client| provider_of(&client.id));
    match (said, guessed) {
        (Some(said), Some(guessed)) if said != guessed => Err(Error::value(
            at,
            "provider",
            &format!(
                "it says {said}, but the client id has the form of one of {}",
                service_name(guessed)
            ),
            &format!(
                "set provider = \"{guessed}\", or put in a client id of {}",
                service_name(said)
            ),
        )),
        (Some(provider), _) | (None, Some(provider)) => Ok(provider),
        (None, None) => Ok(Provider::GOOGLE),
    }
}

fn timezone(fields: &RawFields, at: &Path) -> Result<Option<Tz>, Error> {
    let Some(name) = &fields.timezone else {
        return Ok(None);
    };
    name.parse().map(Some).map_err(|_| {
        Error::value(
            at,
            "timezone",
            &format!("'{}' is not a time zone", name.escape_debug()),
            "use an IANA name such as \"America/New_York\"",
        )
    })
}

fn rate(fields: &RawFields, at: &Path) -> Result<f64, Error> {
    let rate = fields.requests_per_second.unwrap_or(2.5);
    if rate.is_finite() && rate > 0.0 {
        return Ok(rate);
    }
    Err(Error::value(
        at,
        "requests_per_second",
        "it has to be more than zero",
        "leave it out for the default, 2.5",
    ))
}

/// The redirect URL taken apart; the text itself stays what is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    /// As it is registered, letter for letter.
    pub url: String,
    /// `localhost`, `127.0.0.1` or `[::1]`.
    pub host: String,
    /// 0 means any free one.
    pub port: u16,
    /// The path, at least `/`.
    pub path: String,
}

impl Redirect {
    /// Takes a redirect URL apart.
    ///
    /// # Errors
    /// Fails when it is not plain `http` on this machine's own loopback address.
    pub fn parse(url: &str, keys_file: Option<&Path>) -> Result<Self, Error> {
        let wrong = |problem: &str| {
            Error::value(
                keys_file.unwrap_or(Path::new("")),
                "redirect_url",
                problem,
                "use http://127.0.0.1:0/ (a Desktop client of Google), else one on this machine that is registered exactly so, such as http://localhost:1410/",
            )
        };
        let parsed =
            Url::parse(url).map_err(|error| wrong(&format!("it is not a URL: {error}")))?;
        let host = parsed.host_str().unwrap_or_default().to_owned();
        if parsed.scheme() != "http" {
            return Err(wrong(
                "it does not begin with http://, and the listener on this machine speaks nothing else",
            ));
        }
        if !matches!(host.as_str(), "localhost" | "127.0.0.1" | "[::1]") {
            return Err(wrong(
                "its host is not this machine (localhost, 127.0.0.1 or [::1])",
            ));
        }
        if parsed.query().is_some() || parsed.fragment().is_some() {
            return Err(wrong("it has a query or a fragment"));
        }
        Ok(Self {
            url: url.to_owned(),
            host,
            port: parsed.port().unwrap_or(80),
            path: parsed.path().to_owned(),
        })
    }

    /// The same with the port that the listener got, where any was allowed.
    #[must_use]
    pub fn on_port(&self, port: u16) -> Self {
        if self.port != 0 {
            return self.clone();
        }
        Self {
            url: self.url.replacen(":0", &format!(":{port}"), 1),
            port,
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests;
