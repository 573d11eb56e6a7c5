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

impl RawFile {
    /// The file's fields with those of a profile laid over them.
    ///
    /// A profile that names another client does not inherit the secret, the file or the provider of the first one.
    pub(super) fn fields(&self, profile: Option<&str>) -> RawFields {
        let over = profile
            .and_then(|name| self.profile.get(name))
            .cloned()
            .unwrap_or_default();
        let own_client = over.client_id.is_some() || over.client_file.is_some();
        let base = |inherited: bool| inherited.then_some(self);
        let client = base(!own_client);
        RawFields {
            provider: over
                .provider
                .or_else(|| client.and_then(|file| file.provider.clone())),
            client_id: over
                .client_id
                .or_else(|| client.and_then(|file| file.client_id.clone())),
            client_secret: over
                .client_secret
                .or_else(|| client.and_then(|file| file.client_secret.clone())),
            client_file: over
                .client_file
                .or_else(|| client.and_then(|file| file.client_file.clone())),
            redirect_url: over.redirect_url.or_else(|| self.redirect_url.clone()),
            timezone: over.timezone.or_else(|| self.timezone.clone()),
            output_dir: over.output_dir.or_else(|| self.output_dir.clone()),
            archive: over.archive.or_else(|| self.archive.clone()),
            requests_per_second: over.requests_per_second.or(self.requests_per_second),
            extracts: over.extracts.or_else(|| self.extracts.clone()),
            extract: self
                .extract
                .clone()
                .into_iter()
                .chain(over.extract)
                .collect(),
            endpoints: RawEndpoints {
                authorize: over
                    .endpoints
                    .authorize
                    .or_else(|| self.endpoints.authorize.clone()),
                token: over
                    .endpoints
                    .token
                    .or_else(|| self.endpoints.token.clone()),
                revoke: over
                    .endpoints
                    .revoke
                    .or_else(|| self.endpoints.revoke.clone()),
                api: over.endpoints.api.or_else(|| self.endpoints.api.clone()),
            },
            hooks: over.hooks.over(&self.hooks),
        }
    }
}
