//! A run: heart rate, then the other extracts, and what has stopped.

use super::blocking::blocking;
use super::due::Devices;
use super::error::Error;
use super::heart_rate;
use super::lock::Lock;
use super::plan::Cost;
use super::report::{End, Report};
use super::series;
use super::series::outcome::{Outcome, Trouble};
use super::series::prepare::Question;
use super::series::run::Means;
use super::stale;
use super::stop::Stop;
use super::stopped;
use super::sync_state::SyncState;
use super::wish::{Place, Wish};
use crate::archive::HEART_RATE;
use crate::live::{Account, Service};
use crate::service;
use chrono::{DateTime, NaiveDate, Utc};

/// What a run would do.
#[derive(Debug)]
pub struct Foreseen {
    /// The days of heart rate, newest first, and their cost; `None` where it is not wanted.
    pub heart_rate: Option<(Vec<NaiveDate>, Cost)>,
    /// The other extracts, and what each costs.
    pub extracts: Vec<(series::plan::Plan, Cost)>,
}

/// Finds out what a run would do. Asks for nothing but what is needed to know that.
///
/// # Errors
/// Fails when the service does not answer, or the archive cannot be read.
pub async fn foresee(wish: &Wish, source: &Service, place: &Place) -> Result<Foreseen, Error> {
    let account = account(source, place).await?;
    let mut foreseen = Foreseen {
        heart_rate: None,
        extracts: Vec::new(),
    };
    let mut begins = None;
    if wish.heart_rate {
        let plan = heart_rate::plan(wish, source, place, &account).await?;
        begins = plan.range.map(|(first, _)| first);
        let cost = plan.cost(wish, source, place);
        foreseen.heart_rate = Some((plan.days, cost));
    }
    let question = question(wish, source, &account, begins);
    let plans = series::prepare::plans(&question, source, &place.archive).await?;
    let cost = |plan: series::plan::Plan| {
        let cost = series::cost::cost(&plan, place.requests_per_second);
        (plan, cost)
    };
    foreseen.extracts = plans.into_iter().map(cost).collect();
    Ok(foreseen)
}

async fn account(source: &Service, place: &Place) -> Result<Account, Error> {
    let account = source.account(place.zones).await?;
    if let Some(warning) = source.clock_warning() {
        place.console.warn(&warning);
    }
    Ok(account)
}

/// What is asked of the other extracts.
fn question<'a>(
    wish: &'a Wish,
    source: &Service,
    account: &'a Account,
    begins: Option<NaiveDate>,
) -> Question<'a> {
    let devices = Devices::of(account, source.now());
    let today = devices.today();
    Question {
        definitions: &wish.extracts,
        from: wish.from,
        last: wish.to.map_or(today, |to| to.min(today)),
        refetch: wish.refetch,
        devices,
        begins,
    }
}

/// Whether this version may work on the archive.
///
/// # Errors
/// Fails with [`Error::Newer`] when a newer version remembers there what it did, and when that cannot be read.
pub fn admits(place: &Place) -> Result<(), Error> {
    if SyncState::is_newer(&place.archive)? {
        return Err(Error::Newer);
    }
    Ok(())
}

/// Brings the archive up to date: heart rate, then the other extracts.
///
/// Every finished day is kept, however the run ends; what a report says is in the archive is there.
///
/// # Errors
/// Fails when the run cannot begin. What ends it later is in the report.
pub async fn run(
    wish: &Wish,
    source: &Service,
    place: &Place,
    stop: &Stop,
) -> Result<Report, Error> {
    let lock = Lock::take(place.archive.root(), wish.max_wait, &place.console);
    let _lock = tokio::select! {
        lock = lock => Some(lock?),
        () = stop.asked() => None,
    };
    run_beside_others(wish, source, place, stop).await
}

/// The same without keeping others waiting: two that bring the same days cost requests and change nothing.
///
/// # Errors
/// As [`run`].
pub async fn run_beside_others(
    wish: &Wish,
    source: &Service,
    place: &Place,
    stop: &Stop,
) -> Result<Report, Error> {
    let begun = async {
        admits(place)?;
        account(source, place).await
    };
    let begun = tokio::select! {
        biased;
        () = stop.asked() => None,
        begun = begun => Some(begun?),
    };
    let mut report = Report::new(wish.detail, None);
    if let Some(account) = begun {
        if wish.heart_rate {
            report = heart_rate_or_why_not(wish, source, place, stop, &account).await?;
        }
        report.notes.splice(0..0, account.notes.iter().cloned());
        if report.end.is_none() && !wish.extracts.is_empty() {
            others(wish, source, place, stop, &account, &mut report).await?;
        }
        if report.end.is_none() {
            find_stale(wish, source, place, &account, &mut report).await?;
        }
    } else {
        report.end = Some(End::Interrupted);
    }
    report.requests = source.requests();
    report.by_name = wish.by_name;
    Ok(report)
}

/// Heart rate; where the service refuses it and there are others, that costs them nothing.
async fn heart_rate_or_why_not(
    wish: &Wish,
    source: &Service,
    place: &Place,
    stop: &Stop,
    account: &Account,
) -> Result<Report, Error> {
    let refused = |error: service::Error| {
        let mut report = Report::new(wish.detail, None);
        let trouble = Trouble::refused(&error);
        report.extracts.push(Outcome::refused(HEART_RATE, trouble));
        report
    };
    let is_set_aside = |error: &service::Error| !wish.extracts.is_empty() && error.is_of_one_type();
    match heart_rate::run(wish, source, place, stop, account).await {
        Err(Error::Service(error)) if is_set_aside(&error) => Ok(refused(error)),
        Err(error) => Err(error),
        Ok(mut report) => match report.end.take() {
            Some(End::Service(error)) if is_set_aside(&error) => Ok(refused(error)),
            end => {
                report.end = end;
                report.heart_rate = Some(source.requests());
                Ok(report)
            }
        },
    }
}

/// The other extracts.
async fn others(
    wish: &Wish,
    source: &Service,
    place: &Place,
    stop: &Stop,
    account: &Account,
    report: &mut Report,
) -> Result<(), Error> {
    let question = question(wish, source, account, None);
    let means = Means {
        source,
        archive: &place.archive,
        console: &place.console,
        patience: wish.patience(&place.console),
        stop,
    };
    let (outcomes, end) = series::run::run(&question, means).await?;
    report.extracts.extend(outcomes);
    report.end = end;
    Ok(())
}

/// Notices series that have stopped, of those that this run has looked at up to today.
async fn find_stale(
    wish: &Wish,
    source: &Service,
    place: &Place,
    account: &Account,
    report: &mut Report,
) -> Result<(), Error> {
    let question = question(wish, source, account, None);
    let zone = account.zone;
    let today = question.devices.today();
    let token = source.access().token().await;
    let date = |at: DateTime<Utc>| at.with_timezone(&zone).date_naive();
    let synced = account
        .syncs
        .latest()
        .and_then(DateTime::from_timestamp_millis);
    let circumstances = stale::Circumstances {
        today,
        device_synced: synced.map(date),
        login_ends: token.login_expires_at.map(date),
    };
    let (mut looked, mut found) = (Vec::new(), Vec::new());
    let is_all = report.failed.is_empty() && report.left.is_empty();
    if is_all && report.range.is_some_and(|(_, last)| last >= today) {
        let (archive, detail) = (place.archive.clone(), wish.detail);
        let days = blocking(move || stale::recent_days(&archive, detail)).await?;
        looked.push(HEART_RATE);
        found.extend(stale::judge(HEART_RATE, &days, &circumstances));
    }
    if question.last >= today {
        let outcomes: Vec<_> = report
            .extracts
            .iter()
            .filter(|one| one.has_looked())
            .collect();
        looked.extend(outcomes.iter().map(|one| &*one.name));
        let (definitions, archive) = (question.definitions, &place.archive);
        found.extend(series::run::stale(definitions, &outcomes, archive, circumstances).await?);
    }
    if !looked.is_empty() {
        report.stale = stopped::remember(&place.archive, &looked, found)?;
    }
    Ok(())
}
