//! The stand-in service of `--demo`, and the settings that lead to it.

use crate::config::{Client, Endpoints, Hooks, Overrides, Provider, Settings};
use crate::demo;
use crate::error::Error;
use crate::extract::{Catalogue, Selection};
use crate::secret::Secret;
use chrono::{DateTime, Utc};
use std::path::PathBuf;

/// The stand-in is on this machine; nobody else is kept waiting.
const DEMO_REQUESTS_PER_SECOND: f64 = 1000.0;

/// The stand-in service and the temporary folder of its login.
pub struct Demo {
    service: demo::Service,
    folder: tempfile::TempDir,
}

impl std::fmt::Debug for Demo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Demo").finish_non_exhaustive()
    }
}

impl Demo {
    /// Starts the stand-in on a free loopback port.
    pub(super) fn start(now: DateTime<Utc>) -> Result<Self, Error> {
        let failed = |cause| crate::atomic_file::Error::Create {
            path: PathBuf::from("the demo's temporary folder or port"),
            cause,
        };
        let folder = tempfile::Builder::new()
            .prefix("fitbit-hr-demo.")
            .tempdir()
            .map_err(failed)?;
        let service = demo::Service::start(now).map_err(failed)?;
        Ok(Self { service, folder })
    }

    /// The settings that lead to the stand-in instead of a real service. Of a keys file that was named they have its extracts.
    pub(super) fn settings(
        &self,
        overrides: &Overrides,
        (catalogue, extracts): (Catalogue, Selection),
    ) -> Settings {
        let output_dir = overrides
            .output_dir
            .clone()
            .unwrap_or_else(|| PathBuf::from("demo_data"));
        Settings {
            catalogue,
            extracts,
            provider: Provider::DEMO,
            configured_client: Some(Client {
                id: self.service.client_id().to_owned(),
                secret: Some(Secret::new(self.service.client_secret())),
            }),
            redirect_url: "http://127.0.0.1:0/".to_owned(),
            timezone: None,
            archive: output_dir.join("archive"),
            output_dir,
            requests_per_second: DEMO_REQUESTS_PER_SECOND,
            endpoints: Endpoints {
                authorize: self.service.authorize_url(),
                token: self.service.token_url(),
                revoke: self.service.revoke_url(),
                api: self.service.base_url(),
                vouched: true,
            },
            profile: overrides.profile.clone().filter(|name| name != "default"),
            hooks: Hooks::default(),
            keys_file: overrides.keys.clone(),
            met_by_chance: false,
            looked_in: Vec::new(),
            state_dir: self.folder.path().to_owned(),
        }
    }
}
