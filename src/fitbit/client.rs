//! Authorized requests to the legacy service, and a day from it.

use super::error::classify;
use super::intraday::{Decoded, decode};
use crate::civil;
use crate::config::Provider;
use crate::day::{Day, Detail};
use crate::http::Http;
use crate::left_out::LeftOut;
use crate::oauth::Access;
use crate::service::session::{Dialect, Session};
use crate::service::{Error, Refusal};
use crate::settled::Syncs;
use crate::zone::Tz;
use chrono::{NaiveDate, NaiveDateTime, TimeZone};
use serde::Deserialize;
use std::sync::Arc;

/// The service, for one login.
#[derive(Debug, Clone)]
pub struct Fitbit {
    session: Session,
    base: String,
}

const DIALECT: Dialect = Dialect {
    wants_another_token: |answer| answer.status == 401,
    classify,
};

/// A day, and the answer it came in.
#[derive(Debug)]
pub struct Fetched {
    /// The day.
    pub day: Day,
    /// The answer, byte for byte.
    pub raw: Vec<u8>,
    /// Readings that the day is without.
    pub left_out: LeftOut,
}

#[derive(Debug, Deserialize)]
struct WireProfile {
    user: WireUser,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireUser {
    timezone: Option<String>,
    member_since: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireDevice {
    id: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    last_sync_time: Option<String>,
}

impl Fitbit {
    /// The service at `base`, which stands before `/1/user/`.
    #[must_use]
    pub const fn new(http: Arc<Http>, access: Arc<Access>, base: String) -> Self {
        Self {
            session: Session::new(http, access, Provider::Fitbit, DIALECT),
            base,
        }
    }

    /// The requests under its login.
    #[must_use]
    pub const fn session(&self) -> &Session {
        &self.session
    }

    /// One day in one request. `zone` tells on which days the clocks are changed.
    ///
    /// # Errors
    /// Fails as [`Error`] says; an app that is not of type Personal is an error, a day without data is not.
    pub async fn day(&self, date: NaiveDate, detail: Detail, zone: Tz) -> Result<Fetched, Error> {
        let raw = self
            .get(&format!(
                "/1/user/-/activities/heart/date/{date}/1d/{detail}.json"
            ))
            .await?;
        let decoded =
            decode(&raw, date, detail, civil::has_clock_change(date, zone)).map_err(|problem| {
                Error::Undecodable {
                    provider: Provider::Fitbit,
                    problem: format!("heart rate: {problem}"),
                }
            })?;
        match decoded {
            Decoded::Day { day, left_out } => Ok(Fetched {
                day,
                raw: raw.into_bytes(),
                left_out,
            }),
            Decoded::NotPersonal => Err(Error::Refused {
                provider: Provider::Fitbit,
                reason: Refusal::NotPersonal,
                said: String::new(),
            }),
        }
    }

    /// The profile's present time zone.
    ///
    /// # Errors
    /// As [`Fitbit::day`].
    pub async fn timezone(&self) -> Result<Option<Tz>, Error> {
        let profile: WireProfile = read("profile", &self.get("/1/user/-/profile.json").await?)?;
        Ok(profile.user.timezone.and_then(|name| name.parse().ok()))
    }

    /// The day on which the account was made; `None` if the profile does not say.
    ///
    /// # Errors
    /// As [`Fitbit::day`].
    pub async fn member_since(&self) -> Result<Option<NaiveDate>, Error> {
        let profile: WireProfile = read("profile", &self.get("/1/user/-/profile.json").await?)?;
        Ok(profile.user.member_since.and_then(|date| date.parse().ok()))
    }

    /// When each tracker last synced. The service gives its wall clock, which is taken for that of `zone`.
    ///
    /// # Errors
    /// As [`Fitbit::day`].
    pub async fn syncs(&self, zone: Tz) -> Result<Syncs, Error> {
        let devices: Vec<WireDevice> = read("devices", &self.get("/1/user/-/devices.json").await?)?;
        let trackers = devices.into_iter();
        let trackers = trackers.filter(|device| device.kind.as_deref() != Some("SCALE"));
        let syncs = trackers.filter_map(|device| {
            let at: NaiveDateTime = device.last_sync_time?.parse().ok()?;
            let at = zone.from_local_datetime(&at).earliest()?;
            Some((device.id.unwrap_or_default(), at.timestamp_millis()))
        });
        Ok(Syncs(syncs.collect()))
    }

    pub(super) async fn get(&self, path: &str) -> Result<String, Error> {
        let request = self.session.client().get(format!("{}{path}", self.base));
        let sent = self
            .session
            .text(request.header("Accept", "application/json"));
        // "This application does not have permission to access sleep data": the path says it more surely.
        let scope = match path {
            "/1/user/-/profile.json" => "profile",
            "/1/user/-/devices.json" => "settings",
            _ => "heartrate",
        };
        sent.await.map_err(|error| error.for_want_of(scope))
    }
}

pub(super) fn read<'a, T: Deserialize<'a>>(what: &str, text: &'a str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|error| Error::Undecodable {
        provider: Provider::Fitbit,
        problem: format!(
            "{what}: not the JSON that is documented (line {}, column {})",
            error.line(),
            error.column()
        ),
    })
}
