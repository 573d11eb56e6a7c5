//! One civil day from either service.

use super::{Service, When, Zones};
use crate::civil;
use crate::day::{Day, Detail};
use crate::exit::Explain;
use crate::fitbit::Fitbit;
use crate::google::{self, Google};
use crate::left_out::LeftOut;
use crate::service::Error;
use crate::settled::Syncs;
use crate::zone::Tz;
use chrono::{DateTime, NaiveDate, Utc};

/// Trackers keep some days of data; a day that ended longer ago than this needs no look at the last sync.
const ASK_FOR_SYNC_DAYS: i64 = 7;

/// What is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Request {
    /// The day, on the wearer's clock.
    pub when: When,
    /// When that was asked, by this machine's clock.
    pub now: DateTime<Utc>,
    /// How fine.
    pub detail: Detail,
    /// With resting heart rate and zones, where they cost requests of their own.
    pub summary: bool,
    /// With the account's zone and the last sync.
    pub account: bool,
    /// Zones to go by.
    pub zones: Zones,
}

/// What came.
#[derive(Debug)]
pub struct Fetched {
    /// The day.
    pub day: Day,
    /// The answer byte for byte, where one answer is the day.
    pub answer: Option<Vec<u8>>,
    /// Windows were cut by it.
    pub zone: Tz,
    /// When that was asked, by the service's clock.
    pub now: DateTime<Utc>,
    /// When the devices last synced, as far as that is known.
    pub syncs: Syncs,
    /// Readings that the day is without.
    pub left_out: LeftOut,
    /// What a person should know.
    pub notes: Vec<String>,
}

impl Service {
    /// Fetches a day; and where the account turns out to live by a clock on which it is another day, that one.
    ///
    /// # Errors
    /// Fails when any part of what was asked for fails.
    pub async fn day(&self, request: Request) -> Result<Fetched, Error> {
        let zone = request.zones.best();
        let date = request.when.date(request.now + self.clock_lag(), zone);
        let fetched = self.day_on(date, request).await?;
        let there = request.when.date(fetched.now, fetched.zone);
        if there == date {
            return self.sensible(fetched);
        }
        let zones = Zones {
            likely: fetched.zone,
            ..request.zones
        };
        self.sensible(self.day_on(there, Request { zones, ..request }).await?)
    }

    /// Nothing is used of an answer that shows a changed service.
    fn sensible(&self, fetched: Fetched) -> Result<Fetched, Error> {
        if fetched.left_out.is_nonsense() {
            return Err(Error::Undecodable {
                provider: self.provider(),
                problem: fetched.left_out.problem(),
            });
        }
        Ok(fetched)
    }

    async fn day_on(&self, date: NaiveDate, request: Request) -> Result<Fetched, Error> {
        let mut fetched = match self {
            Self::Google(google) => from_google(google, date, request).await?,
            Self::Fitbit(fitbit) => from_fitbit(fitbit, date, request).await?,
        };
        fetched.now = request.now + self.clock_lag();
        Ok(fetched)
    }
}

async fn from_google(google: &Google, date: NaiveDate, wanted: Request) -> Result<Fetched, Error> {
    let request = google::Request {
        date,
        detail: wanted.detail,
        summary: wanted.summary,
        account: wanted.account,
        fixed_zone: wanted.zones.fixed,
        likely_zone: wanted.zones.likely,
    };
    let mut fetched = Box::pin(google.day(request)).await?;
    if wanted.account {
        fetched
            .notes
            .extend(wanted.zones.remark(fetched.account_zone));
    }
    if let Some(zone) = fetched.account_zone {
        // The next run asks for the right window at once. A login that cannot be rewritten is still good.
        let _ = google
            .session()
            .access()
            .remember(|token| token.timezone = Some(zone.name().to_owned()))
            .await;
    }
    Ok(Fetched {
        day: fetched.day,
        answer: None,
        zone: fetched.zone,
        now: DateTime::UNIX_EPOCH,
        syncs: fetched.syncs,
        left_out: fetched.left_out,
        notes: fetched.notes,
    })
}

async fn from_fitbit(fitbit: &Fitbit, date: NaiveDate, request: Request) -> Result<Fetched, Error> {
    let zone = request.zones.best();
    let fetched = fitbit.day(date, request.detail, zone).await?;
    let mut notes = Vec::new();
    let today = civil::today(request.now + fitbit.session().clock_lag(), zone);
    let recent = (today - date).num_days() <= ASK_FOR_SYNC_DAYS;
    let mut syncs = Syncs::default();
    if request.account && recent && fitbit.session().access().token().await.grants("settings") {
        match fitbit.syncs(zone).await {
            Ok(known) => syncs = known,
            Err(error) => notes.push(format!("the last sync is not known: {}", error.why())),
        }
    }
    if civil::has_clock_change(date, zone) {
        notes.push(format!("the clocks were changed on {date}; this service's times do not tell the two passes of an hour apart"));
    }
    Ok(Fetched {
        day: fetched.day,
        answer: Some(fetched.raw),
        zone,
        now: DateTime::UNIX_EPOCH,
        syncs,
        left_out: fetched.left_out,
        notes,
    })
}
