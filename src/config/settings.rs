//! Everything a command needs to know: keys file, environment and command line laid over each other.

use super::client::{Client, client, provider};
use super::keys_file::{find_keys, is_chance, read_keys, syntax};
use super::raw::{RawFields, RawFile};
use super::{Endpoints, Error, Hooks, Overrides, Provider, extracts};
use crate::environment::Environment;
use crate::extract::{Catalogue, Selection};
use crate::zone::Tz;
use std::path::{Path, PathBuf};

/// The settings of a run.
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
    /// Nobody named that file: it lies in the current folder.
    pub met_by_chance: bool,
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
            met_by_chance: is_chance,
            looked_in,
            state_dir: environment
                .state_dir
                .clone()
                .unwrap_or_else(|| PathBuf::from(".fitbit-hr")),
        })
    }

    /// What a keys file says of extracts, and nothing else of it.
    ///
    /// # Errors
    /// As [`Settings::load`].
    pub fn extracts_in(
        keys: &Path,
        profile: Option<&str>,
    ) -> Result<(Catalogue, Selection), Error> {
        let (file, text) = read_keys(keys)?;
        extracts::of(&file.fields(profile))
            .map_err(|problem| syntax(keys, &text, problem.at, problem.what))
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
