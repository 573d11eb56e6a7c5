//! The keys file as it is written: TOML, every field optional, unknown ones refused.

use super::hooks::RawHooks;
use crate::extract::RawDefinitions;
use crate::secret::Secret;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use toml::Spanned;

/// The whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFile {
    provider: Option<String>,
    client_id: Option<String>,
    client_secret: Option<Secret>,
    client_file: Option<PathBuf>,
    redirect_url: Option<String>,
    timezone: Option<String>,
    output_dir: Option<PathBuf>,
    archive: Option<PathBuf>,
    requests_per_second: Option<f64>,
    extracts: Option<Spanned<Vec<Spanned<String>>>>,
    #[serde(default)]
    extract: RawDefinitions,
    #[serde(default)]
    endpoints: RawEndpoints,
    #[serde(default)]
    hooks: RawHooks,
    #[serde(default)]
    pub(super) profile: BTreeMap<String, RawFields>,
}

/// What a `[profile.NAME]` may say, which is everything that the top of the file may.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFields {
    pub(super) provider: Option<String>,
    pub(super) client_id: Option<String>,
    pub(super) client_secret: Option<Secret>,
    pub(super) client_file: Option<PathBuf>,
    pub(super) redirect_url: Option<String>,
    pub(super) timezone: Option<String>,
    pub(super) output_dir: Option<PathBuf>,
    pub(super) archive: Option<PathBuf>,
    pub(super) requests_per_second: Option<f64>,
    pub(super) extracts: Option<Spanned<Vec<Spanned<String>>>>,
    #[serde(default)]
    pub(super) extract: RawDefinitions,
    #[serde(default)]
    pub(super) endpoints: RawEndpoints,
    #[serde(default)]
    pub(super) hooks: RawHooks,
}

/// `[endpoints]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawEndpoints {
    pub(super) authorize: Option<String>,
    pub(super) token: Option<String>,
    pub(super) revoke: Option<String>,
    pub(super) api: Option<String>,
}

/// Takes over what is not said.
macro_rules! inherit {
    ($fields:expr, $from:expr; $($field:ident),*) => {$(
        if $fields.$field.is_none() {
            $fields.$field.clone_from(&$from.$field);
        }
    )*};
}

impl RawFile {
    /// The file's fields with those of a profile laid over them.
    ///
    /// A profile that names another client does not inherit the secret, the file or the provider of the first one.
    pub(super) fn fields(&self, profile: Option<&str>) -> RawFields {
        let own = profile.and_then(|name| self.profile.get(name));
        let mut fields = own.cloned().unwrap_or_default();
        if fields.client_id.is_none() && fields.client_file.is_none() {
            inherit!(fields, self; provider, client_id, client_secret, client_file);
        }
        inherit!(fields, self; redirect_url, timezone, output_dir, archive, requests_per_second, extracts);
        inherit!(fields.endpoints, self.endpoints; authorize, token, revoke, api);
        inherit!(fields.hooks, self.hooks; done, failed, stale);
        let own = std::mem::replace(&mut fields.extract, self.extract.clone());
        fields.extract.extend(own);
        fields
    }
}
