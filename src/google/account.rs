//! What the account says about itself: identity, time zone, devices and when they last synced.

use super::client::Google;
use super::pages::{self, Call};
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
        let wire: WireIdentity = self.read("identity", &self.get("identity", &[]).await?)?;
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
        let wire: WireSettings = self.read("settings", &self.get("settings", &[]).await?)?;
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
        let call = Call::Get(
            "pairedDevices".to_owned(),
            vec![("pageSize", "100".to_owned())],
        );
        let take = |text: &str| {
            let page = pages::read::<WireDevice>(text)?.with_sense()?;
            let devices = page.items.iter().filter(|device| device.may_measure());
            let times = devices.filter_map(|device| device.last_sync_time.as_deref());
            latest = latest.max(times.filter_map(wire::instant).max());
            Ok(page.next)
        };
        self.follow("devices", call, take).await?;
        Ok(latest)
    }

    pub(super) fn read<'a, T: Deserialize<'a>>(
        &self,
        what: &str,
        text: &'a str,
    ) -> Result<T, Error> {
        serde_json::from_str(text).map_err(|error| {
            let problem = format!(
                "not the JSON that is documented (line {}, column {})",
                error.line(),
                error.column()
            );
            self.undecodable(what, problem)
        })
    }
}
