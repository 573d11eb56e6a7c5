//! The day of each series of a plan, side by side. What is refused by itself costs the others nothing.

use super::extent::Extent;
use super::plan::Plan;
use crate::civil;
use crate::cli::context::Context;
use crate::cli::typed::Wanted;
use crate::cli::when;
use crate::day::Detail;
use crate::error::Error;
use crate::extract::between::Between;
use crate::live::{self, DayOfSeries, Request, SeriesError, Service, When, Zones};
use crate::service;
use crate::settled::Syncs;
use crate::tasks::resume;
use crate::zone::Tz;
use chrono::{DateTime, NaiveDate, Utc};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// What came.
#[derive(Debug)]
pub struct Fetched {
    /// The civil day.
    pub date: NaiveDate,
    /// Days were cut by it.
    pub zone: Tz,
    /// When that was asked, by the service's clock.
    pub now: DateTime<Utc>,
    /// When the devices last synced, as far as that is known.
    pub syncs: Syncs,
    /// What a person should know.
    pub notes: Vec<String>,
    /// The series, in the order of the plan.
    pub parts: Vec<Part>,
    /// The sessions that the series are cut by, and the day after where one runs into it.
    pub sessions: Option<Sessions>,
    /// Series that the service refuses, and why.
    pub refused: Vec<(String, service::Error)>,
}

/// Sessions of the day, and of each series the days around it.
#[derive(Debug)]
pub struct Sessions {
    /// The series on the day before, if a session begins there.
    pub before: Vec<Part>,
    /// They themselves.
    pub of_day: DayOfSeries,
    /// The series on the day after, if a session reaches into it.
    pub after: Vec<Part>,
}

/// One series on one day.
#[derive(Debug)]
pub struct Part {
    /// As it was wanted.
    pub wanted: Wanted,
    /// What there is of it.
    pub data: Data,
}

/// What there is of a series.
#[derive(Debug)]
pub enum Data {
    /// Heart rate, with its summary.
    HeartRate(Box<live::Fetched>),
    /// Any other.
    Series(DayOfSeries),
}

impl Part {
    /// What there is of the day.
    pub fn extent(&self) -> Extent {
        match &self.data {
            Data::HeartRate(fetched) => Extent::of_samples(&fetched.day),
            Data::Series(day) => Extent::of_rows(&day.rows),
        }
    }

    /// How many requests are known to have been its own.
    pub fn requests(&self) -> u64 {
        match &self.data {
            Data::HeartRate(_) => 0,
            Data::Series(day) => day.requests,
        }
    }
}

/// Fetches what is planned, cut to the window of the clock.
///
/// # Errors
/// Fails when any series does that is not refused by itself, and when what comes of one makes no sense.
pub async fn fetched(service: &Service, plan: &Plan, context: &Context) -> Result<Fetched, Error> {
    let mut fetched = match plan.single() {
        Some(only) if only.is_heart_rate() && plan.during.is_none() => {
            heart_rate(service, plan, only, context).await?
        }
        _ => several(service, plan, context).await?,
    };
    for part in &mut fetched.parts {
        cut(plan, part);
    }
    Ok(fetched)
}

/// Heart rate alone: the account is asked in the same round trip.
async fn heart_rate(
    service: &Service,
    plan: &Plan,
    only: &Wanted,
    context: &Context,
) -> Result<Fetched, Error> {
    let request = Request {
        account: true,
        ..request(plan, only, plan.when, context.now, context.read_zones())
    };
    let mut fetched = Box::pin(service.day(request)).await?;
    Ok(Fetched {
        date: fetched.day.date,
        zone: fetched.zone,
        now: fetched.now,
        syncs: std::mem::take(&mut fetched.syncs),
        notes: std::mem::take(&mut fetched.notes),
        parts: vec![Part {
            wanted: only.clone(),
            data: Data::HeartRate(Box::new(fetched)),
        }],
        sessions: None,
        refused: Vec::new(),
    })
}

fn request(plan: &Plan, wanted: &Wanted, when: When, now: DateTime<Utc>, zones: Zones) -> Request {
    Request {
        when,
        now,
        detail: wanted.detail.unwrap_or(Detail::Min1),
        summary: plan.summary && plan.during.is_none(),
        account: false,
        zones,
    }
}

async fn several(service: &Service, plan: &Plan, context: &Context) -> Result<Fetched, Error> {
    let account = service.account(context.read_zones()).await?;
    let now = context.now + service.clock_lag();
    let date = when::date(plan.when, now, account.zone)?;
    let run = Run {
        service,
        plan,
        now,
        zone: account.zone,
    };
    let mut fetched = Fetched {
        date,
        zone: account.zone,
        now,
        syncs: account.syncs,
        notes: account.notes,
        parts: Vec::new(),
        sessions: None,
        refused: Vec::new(),
    };
    if let Some(definition) = &plan.during {
        let sessions = Wanted {
            definition: definition.clone(),
            detail: None,
        };
        let (parts, refused) = run.side_by_side(&[sessions], date).await?;
        fetched.refused = refused;
        let Some(Data::Series(of_day)) = parts.into_iter().next().map(|part| part.data) else {
            return Ok(fetched);
        };
        let is_empty = of_day.rows.is_empty();
        fetched.sessions = Some(run.sessions(of_day, date).await?);
        if is_empty {
            return Ok(fetched);
        }
    }
    let (parts, refused) = run.side_by_side(&plan.wanted, date).await?;
    fetched.parts = parts;
    fetched.refused.extend(refused);
    Ok(fetched)
}

/// What the series of a run have in common.
struct Run<'a> {
    service: &'a Service,
    plan: &'a Plan,
    now: DateTime<Utc>,
    zone: Tz,
}

impl Run<'_> {
    /// The series on a day, in the order in which they are wanted, and those that are refused.
    async fn side_by_side(
        &self,
        wanted: &[Wanted],
        date: NaiveDate,
    ) -> Result<(Vec<Part>, Vec<(String, service::Error)>), Error> {
        let permits = Arc::new(Semaphore::new(self.service.side_by_side()));
        let mut tasks = JoinSet::new();
        for (place, wanted) in wanted.iter().enumerate() {
            let (service, wanted) = (self.service.clone(), wanted.clone());
            let zones = Zones {
                fixed: Some(self.zone),
                likely: self.zone,
                is_guess: false,
            };
            let request = request(self.plan, &wanted, When::On(date), self.now, zones);
            let (permits, between) = (Arc::clone(&permits), self.plan.between);
            let detail = self.plan.asked_detail(&wanted);
            tasks.spawn(async move {
                let _permit = permits.acquire_owned().await;
                let found =
                    Box::pin(one(&service, &wanted, date, request, (detail, between))).await;
                (place, wanted, found)
            });
        }
        let mut parts = Vec::new();
        let mut refused = Vec::new();
        while let Some(joined) = tasks.join_next().await {
            let (place, wanted, found) = joined.unwrap_or_else(resume);
            match found {
                Ok(found) => parts.push((place, Part::of(wanted, found)?)),
                Err(error) if error.is_of_one_type() => {
                    refused.push((place, (wanted.definition.name, error)));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok((in_order(parts), in_order(refused)))
    }

    /// The sessions of a day, with the days before and after of every series if one of them begins or ends there. Spans with a
    /// label reach into a session from the evening before in any case.
    async fn sessions(&self, of_day: DayOfSeries, date: NaiveDate) -> Result<Sessions, Error> {
        let midnight = |date| civil::day_number(date) * 86_400_000;
        let starts = of_day.rows.ints("local_time").iter().flatten();
        let mut before = Vec::new();
        if let (Some(eve), Some(first)) = (date.pred_opt(), starts.min()) {
            let mut wanted = self.plan.wanted.clone();
            wanted.retain(|wanted| *first < midnight(date) || wanted.definition.is_label_span());
            before = self.side_by_side(&wanted, eve).await?.0;
        }
        let ends = of_day.rows.ints("local_end").iter().flatten();
        let mut after = Vec::new();
        if let Some(morrow) = date.succ_opt()
            && ends.max().is_some_and(|last| *last > midnight(morrow))
            && morrow <= civil::today(self.now, self.zone)
        {
            after = self.side_by_side(&self.plan.wanted, morrow).await?.0;
        }
        Ok(Sessions {
            before,
            of_day,
            after,
        })
    }
}

fn in_order<T>(mut all: Vec<(usize, T)>) -> Vec<T> {
    all.sort_by_key(|(place, _)| *place);
    all.into_iter().map(|(_, one)| one).collect()
}

async fn one(
    service: &Service,
    wanted: &Wanted,
    date: NaiveDate,
    request: Request,
    (detail, between): (Option<Detail>, Option<Between>),
) -> Result<Data, service::Error> {
    match service {
        Service::Google(google) if !wanted.is_heart_rate() => {
            let zone = request.zones.best();
            let day = google.day_of_series(&wanted.definition, detail, date, zone, between);
            day.await.map(Data::Series)
        }
        Service::Google(_) | Service::Fitbit(_) => {
            let fetched = service.day(request).await?;
            Ok(Data::HeartRate(Box::new(fetched)))
        }
    }
}

impl Part {
    /// Nothing is used of an answer that is not what the definition says.
    fn of(wanted: Wanted, data: Data) -> Result<Self, Error> {
        let Data::Series(day) = &data else {
            return Ok(Self { wanted, data });
        };
        let definition = &wanted.definition;
        let members = definition.wrong_members(&day.never_met);
        let name = definition.name.clone();
        if !members.is_empty() {
            return Err(SeriesError::NeverMet { name, members }.into());
        }
        if day.faults.are_too_many() {
            let faults = day.faults;
            let is_own = !definition.is_built_in();
            return Err(SeriesError::Unreadable {
                name,
                faults,
                is_own,
            }
            .into());
        }
        Ok(Self { wanted, data })
    }
}

/// Leaves what of heart rate lies in the window of the clock; other series come so. An answer that is one file byte for byte
/// has more.
fn cut(plan: &Plan, part: &mut Part) {
    if let (Some(between), Data::HeartRate(fetched)) = (plan.between, &mut part.data) {
        between.cut(&mut fetched.day);
        fetched.answer = None;
    }
}
