//! What an account says about itself and about its days as a whole.

use super::Service;
use crate::day::Zone;
use crate::fitbit::Fitbit;
use crate::google::Google;
use crate::oauth::scopes;
use crate::service::{Error, or_note};
use crate::settled::Syncs;
use crate::zone::Tz;
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// What the account says about itself.
#[derive(Debug, Clone)]
pub struct Account {
    /// Civil days are cut by it.
    pub zone: Tz,
    /// When the devices last synced, as far as that is known.
    pub syncs: Syncs,
    /// What a person should know.
    pub notes: Vec<String>,
}

/// Zones to go by where the account does not say.
#[derive(Debug, Clone, Copy)]
pub struct Zones {
    /// The keys file's; it wins over the account's.
    pub fixed: Option<Tz>,
    /// The one to stay with if nobody says better.
    pub likely: Tz,
    /// That one is this machine's: nobody has said better so far.
    pub is_guess: bool,
}

impl Zones {
    /// What a person should know where the account says nothing either.
    #[must_use]
    pub(super) fn remark(self, account: Option<Tz>) -> Option<String> {
        let is_guess = self.is_guess && self.fixed.or(account).is_none();
        is_guess.then(|| {
            format!(
                "the account's time zone is not known; this machine's is gone by, {}, unless the keys file has a timezone",
                self.likely
            )
        })
    }

    /// The one to go by before the account has answered.
    #[must_use]
    pub fn best(self) -> Tz {
        self.fixed.unwrap_or(self.likely)
    }
}

impl Service {
    /// Zone and last sync, as far as the scopes allow.
    ///
    /// # Errors
    /// Fails when the login does, or the service does not answer for the zone.
    pub async fn account(&self, zones: Zones) -> Result<Account, Error> {
        match self {
            Self::Google(google) => google_account(google, zones).await,
            Self::Fitbit(fitbit) => fitbit_account(fitbit, zones).await,
        }
    }

    /// Resting heart rates of the days from `first` to `last`, where they do not come with the samples.
    ///
    /// # Errors
    /// Fails when the request does.
    pub async fn resting(
        &self,
        first: NaiveDate,
        last: NaiveDate,
    ) -> Result<BTreeMap<NaiveDate, f64>, Error> {
        match self {
            Self::Google(google) => {
                let found = google.resting(first, last).await?;
                let known = found
                    .into_iter()
                    .filter_map(|(date, summary)| Some((date, summary.resting_bpm?)));
                Ok(known.collect())
            }
            Self::Fitbit(_) => Ok(BTreeMap::new()),
        }
    }

    /// Zones with their limits of the days from `first` to `last`, where they do not come with the samples.
    ///
    /// # Errors
    /// Fails when the request does.
    pub async fn zones(
        &self,
        first: NaiveDate,
        last: NaiveDate,
    ) -> Result<BTreeMap<NaiveDate, Vec<Zone>>, Error> {
        match self {
            Self::Google(google) => {
                let found = google.zone_limits(first, last).await?;
                let zones = found
                    .into_iter()
                    .map(|(date, summary)| (date, summary.zones));
                Ok(zones.collect())
            }
            Self::Fitbit(_) => Ok(BTreeMap::new()),
        }
    }
}

async fn google_account(google: &Google, zones: Zones) -> Result<Account, Error> {
    let may_ask = google
        .session()
        .access()
        .token()
        .await
        .grants(scopes::SETTINGS);
    if !may_ask {
        let mut notes = vec![format!(
            "without the scope {} neither the account's time zone nor the last sync is known; days settle by age",
            scopes::short(scopes::SETTINGS)
        )];
        notes.extend(zones.remark(None));
        return Ok(Account {
            zone: zones.best(),
            syncs: Syncs::default(),
            notes,
        });
    }
    let zone = async {
        match zones.fixed {
            Some(zone) => Ok(Some(zone)),
            None => match google.timezone().await {
                Err(error) if error.is_scope_missing() => Ok(None),
                other => other,
            },
        }
    };
    let (zone, syncs) = tokio::join!(zone, google.syncs());
    let zone = zone?;
    let mut account = Account {
        zone: zone.unwrap_or(zones.likely),
        syncs: Syncs::default(),
        notes: zones.remark(zone).into_iter().collect(),
    };
    account.syncs = or_note(syncs, "the last sync is", &mut account.notes)?;
    Ok(account)
}

async fn fitbit_account(fitbit: &Fitbit, zones: Zones) -> Result<Account, Error> {
    let zone = zones.best();
    let mut notes = Vec::new();
    let mut syncs = Syncs::default();
    if fitbit.session().access().token().await.grants("settings") {
        syncs = or_note(fitbit.syncs(zone).await, "the last sync is", &mut notes)?;
    }
    Ok(Account { zone, syncs, notes })
}
