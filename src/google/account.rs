//! What the account says about itself: identity, time zone, devices and when they last synced.

use super::client::Google;
use super::wire;
use crate::service::Error;
use crate::zone::Tz;
use serde::Deserialize;
use serde::de::IgnoredAny;

/// Who is logged in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The id at Google Health.
    pub health_user_id: Option<String>,
    /// The id in Fitbit's days, which names the owner of older exports.
    pub legacy_user_id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireIdentity {
    health_user_id: Option<String>,
    legacy_user_id: Option<String>,
    error: Option<IgnoredAny>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireSettings {
    time_zone: Option<String>,
    error: Option<IgnoredAny>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireDevices {
    paired_devices: Option<Vec<WireDevice>>,
    next_page_token: Option<String>,
    error: Option<IgnoredAny>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireDevice {
    device_type: Option<String>,
    #[serde(default)]
    features: Option<Vec<String>>,
    last_sync_time: Option<String>,
}

impl WireDevice {
    /// Devices that say nothing about their features may well measure the heart rate, scales never do.
    fn may_measure(&self) -> bool {
        self.device_type.as_deref() != Some("SCALE")
            && self.features.as_ref().is_none_or(|features| {
                features.is_empty() || features.iter().any(|name| name.contains("HEART_RATE"))
            })
    }
}

impl Google {
    /// Who is logged in; works with any read scope.
    ///
    /// # Errors
    /// As [`Google::get`].
    pub async fn identity(&self) -> Result<Identity, Error> {
        let wire: WireIdentity = self.read("identity", &self.get("identity", vec![]).await?)?;
        if wire.error.is_some() {
            return Err(self.undecodable("identity", "an error in an answer of status 200"));
        }
        Ok(Identity {
            health_user_id: wire.health_user_id,
            legacy_user_id: wire.legacy_user_id,
        })
    }

    /// The account's present time zone; `None` if it has none that is known here.
    ///
    /// # Errors
    /// As [`Google::get`].
    pub async fn timezone(&self) -> Result<Option<Tz>, Error> {
        let wire: WireSettings = self.read("settings", &self.get("settings", vec![]).await?)?;
        if wire.error.is_some() {
            return Err(self.undecodable("settings", "an error in an answer of status 200"));
        }
        Ok(wire.time_zone.and_then(|name| name.parse().ok()))
    }

    /// When a device that measures the heart rate last synced, in milliseconds since 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// As [`Google::get`].
    pub async fn last_sync(&self) -> Result<Option<i64>, Error> {
        let mut latest = None;
        let mut token = String::new();
        loop {
            let mut query = vec![("pageSize", "100".to_owned())];
            if !token.is_empty() {
                query.push(("pageToken", token.clone()));
            }
            let wire: WireDevices =
                self.read("devices", &self.get("pairedDevices", query).await?)?;
            if wire.error.is_some() {
                return Err(self.undecodable("devices", "an error in an answer of status 200"));
            }
            let devices = wire.paired_devices.unwrap_or_default();
            let times = devices
                .iter()
                .filter(|device| device.may_measure())
                .filter_map(|device| device.last_sync_time.as_deref());
            latest = latest.max(times.filter_map(wire::instant).max());
            match wire.next_page_token.filter(|next| !next.is_empty()) {
                None => return Ok(latest),
                Some(next) if next == token => {
                    return Err(self.undecodable("devices", "a page token came twice"));
                }
                Some(next) => token = next,
            }
        }
    }

    pub(super) fn read<'a, T: Deserialize<'a>>(
        &self,
        what: &str,
        body: &'a [u8],
    ) -> Result<T, Error> {
        serde_json::from_slice(body).map_err(|error| {
            let problem = format!(
                "not the JSON that is documented (line {}, column {})",
                error.line(),
                error.column()
            );
            self.undecodable(what, problem)
        })
    }
}
