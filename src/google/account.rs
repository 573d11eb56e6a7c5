//! What the account says about itself: identity, time zone, devices and when they last synced.

use super::client::Google;
use super::pages::{self, Call};
use super::wire;
use crate::oauth::{Token, scopes};
use crate::service::Error;
use crate::settled::Syncs;
use crate::zone::Tz;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

/// Who is logged in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Identity {
    /// The id at Google Health.
    pub health_user_id: Option<String>,
    /// The id in Fitbit's days, which names the owner of older exports.
    pub legacy_user_id: Option<String>,
}

impl Identity {
    /// Puts it into a login.
    pub fn keep_with(self, token: &mut Token) {
        token.account = self.health_user_id;
        token.legacy_account = self.legacy_user_id;
    }
}

/// What a new login asks the account first: who it is, and by which clock it lives.
#[derive(Debug)]
pub struct Introduction {
    identity: Identity,
    zone: Option<Tz>,
}

impl Introduction {
    /// Puts it into a login.
    pub fn keep_with(self, token: &mut Token) {
        self.identity.keep_with(token);
        token.timezone = self.zone.map(|zone| zone.name().to_owned());
    }
}

/// An answer that is no list.
#[derive(Debug, Deserialize)]
struct WireAnswer<T> {
    #[serde(flatten)]
    said: T,
    error: Option<IgnoredAny>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireSettings {
    time_zone: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireDevice {
    name: Option<String>,
    device_version: Option<String>,
    device_type: Option<String>,
    #[serde(default)]
    features: Option<Vec<String>>,
    last_sync_time: Option<String>,
}

impl WireDevice {
    /// What tells it from the wearer's other devices.
    fn id(&self) -> String {
        let name = self
            .name
            .as_deref()
            .and_then(|name| name.rsplit('/').next());
        let id = name.or(self.device_version.as_deref());
        id.unwrap_or_default().to_owned()
    }

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
        self.read("identity").await
    }

    /// Who is logged in, and the time zone if the scopes allow to ask for it.
    ///
    /// # Errors
    /// As [`Google::get`].
    pub async fn introduction(&self) -> Result<Introduction, Error> {
        let zone = async {
            if self
                .session()
                .access()
                .token()
                .await
                .grants(scopes::SETTINGS)
            {
                self.timezone().await
            } else {
                Ok(None)
            }
        };
        let (identity, zone) = tokio::try_join!(self.identity(), zone)?;
        Ok(Introduction { identity, zone })
    }

    /// The account's present time zone; `None` if it has none that is known here.
    ///
    /// # Errors
    /// As [`Google::get`].
    pub async fn timezone(&self) -> Result<Option<Tz>, Error> {
        let wire: WireSettings = self.read("settings").await?;
        Ok(wire.time_zone.and_then(|name| name.parse().ok()))
    }

    /// When each device that may measure the heart rate last synced.
    ///
    /// # Errors
    /// As [`Google::get`].
    pub async fn syncs(&self) -> Result<Syncs, Error> {
        let mut syncs = Syncs::default();
        let call = Call::Get(
            "pairedDevices".to_owned(),
            vec![("pageSize", "100".to_owned())],
        );
        let take = |text: &str| {
            let page = pages::read::<WireDevice>(text)?.with_sense()?;
            for device in page.items.iter().filter(|device| device.may_measure()) {
                let at = device.last_sync_time.as_deref().and_then(wire::instant);
                syncs.0.extend(at.map(|at| (device.id(), at)));
            }
            Ok(page.next)
        };
        self.follow("devices", call, take).await?;
        Ok(syncs)
    }

    async fn read<T: DeserializeOwned>(&self, what: &str) -> Result<T, Error> {
        let text = self.get(what, &[]).await?;
        let answer = serde_json::from_str::<WireAnswer<T>>(&text)
            .map_err(|error| pages::not_documented(&error))
            .and_then(|answer| pages::without_error(answer.error.is_some()).map(|()| answer.said));
        answer.map_err(|problem| self.undecodable(what, problem))
    }
}
