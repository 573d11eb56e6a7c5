//! Where the services are. Source: the services' own documentation of 2026.

use super::error::Error;
use super::provider::Provider;
use super::raw::RawEndpoints;
use std::path::Path;
use url::Url;

/// The day on which the legacy Fitbit Web API was announced to be switched off.
pub const LEGACY_CUT_OFF: &str = "2026-11-02";

/// Where Google ends logins.
pub const GOOGLE_REVOKE: &str = "https://oauth2.googleapis.com/revoke";

/// The addresses of one service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// The page on which the user consents.
    pub authorize: String,
    /// Code and refresh token are exchanged here.
    pub token: String,
    /// Ends a login.
    pub revoke: String,
    /// What stands before `/v4/...` or `/1/user/...`, without a slash at the end.
    pub api: String,
    /// The service's own addresses, or those of a keys file that the user named or keeps in the configuration folder; a
    /// `keys.toml` that lies in the current folder may be somebody else's.
    pub vouched: bool,
}

impl Endpoints {
    /// The service's own.
    #[must_use]
    pub fn built_in(provider: Provider) -> Self {
        Self::of(provider, &RawEndpoints::default(), Path::new(""), true)
            .expect("the built-in addresses are addresses")
    }

    /// `named`: the keys file was named, or stands in the configuration folder.
    pub(super) fn of(
        provider: Provider,
        over: &RawEndpoints,
        at: &Path,
        named: bool,
    ) -> Result<Self, Error> {
        let (authorize, token, revoke, api) = match provider {
            Provider::Fitbit => (
                "https://www.fitbit.com/oauth2/authorize",
                "https://api.fitbit.com/oauth2/token",
                "https://api.fitbit.com/oauth2/revoke",
                "https://api.fitbit.com",
            ),
            Provider::Google { .. } => (
                "https://accounts.google.com/o/oauth2/v2/auth",
                "https://oauth2.googleapis.com/token",
                GOOGLE_REVOKE,
                "https://health.googleapis.com",
            ),
        };
        let one = |field: &str, given: Option<&String>, default: &str| match given {
            None => Ok(default.to_owned()),
            Some(url) => match Url::parse(url) {
                Ok(parsed) if matches!(parsed.scheme(), "http" | "https") && parsed.has_host() => {
                    Ok(url.clone())
                }
                _ => Err(Error::value(
                    at,
                    field,
                    "it is not an http or https address",
                    "give the whole address, as in https://proxy.example/token",
                )),
            },
        };
        Ok(Self {
            authorize: one("endpoints.authorize", over.authorize.as_ref(), authorize)?,
            token: one("endpoints.token", over.token.as_ref(), token)?,
            revoke: one("endpoints.revoke", over.revoke.as_ref(), revoke)?,
            api: one("endpoints.api", over.api.as_ref(), api)?
                .trim_end_matches('/')
                .to_owned(),
            vouched: named || (over.token.is_none() && over.revoke.is_none() && over.api.is_none()),
        })
    }

    /// Nothing that is asked of the service is encrypted.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        [&self.token, &self.revoke, &self.api]
            .iter()
            .all(|url| url.starts_with("http://"))
    }

    /// The API is on this machine, so no proxy lies between.
    #[must_use]
    pub fn is_local(&self) -> bool {
        let host = Url::parse(&self.api)
            .ok()
            .and_then(|url| url.host_str().map(str::to_owned));
        matches!(host.as_deref(), Some("localhost" | "127.0.0.1" | "[::1]"))
    }
}
