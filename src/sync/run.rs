//! A run: heart rate, then the other extracts, and what has stopped.

use super::due::Devices;
use super::error::Error;
use super::heart_rate;
use super::lock::Lock;
use super::options::{Options, Target};
use super::plan::Cost;
use super::report::{End, Report};
use super::series;
use super::series::outcome::{Outcome, Trouble};
use super::series::prepare::Question;
use super::series::run::Means;
use super::stale;
use super::stopped;
use super::sync_state::SyncState;
use crate::archive::{HEART_RATE, Series};
use crate::live::{Account, Service};
use crate::progress::Event;
use crate::service;
use crate::tasks::blocking;
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
pub async fn foresee(
    options: &Options,
    source: &Service,
    target: &Target,
) -> Result<Foreseen, Error> {
    let account = account(source, target).await?;
    let mut foreseen = Foreseen {
        heart_rate: None,
        extracts: Vec::new(),
    };
    let mut begins = None;
    if options.heart_rate {
        let plan = heart_rate::foresee(options, source, target, &account).await?;
        begins = plan.range.map(|(first, _)| first);
        let cost = plan.cost(options, source, target);
        foreseen.heart_rate = Some((plan.days, cost));
    }
    let question = question(options, source, &account, begins);
    let plans = series::prepare::plans(&question, source, &target.archive).await?;
    let cost = |plan: series::plan::Plan| {
        let cost = series::cost::cost(&plan, target.requests_per_second);
        (plan, cost)
    };
    foreseen.extracts = plans.into_iter().map(cost).collect();
    Ok(foreseen)
}

async fn account(source: &Service, target: &Target) -> Result<Account, Error> {
    let account = source.account(target.zones).await?;
    if let Some(lag) = source.wrong_clock() {
        target.progress.tell(Event::ClockLags(lag));
    }
    Ok(account)
}

/// What is asked of the other extracts.
fn question<'a>(
    options: &'a Options,
    source: &Service,
    account: &'a Account,
    begins: Option<NaiveDate>,
) -> Question<'a> {
    let devices = Devices::of(account, source.now());
    let today = devices.today();
    Question {
        definitions: &options.extracts,
        from: options.from,
        last: options.to.map_or(today, |to| to.min(today)),
        refetch: options.refetch,
        devices,
        begins,
    }
}

/// Whether this version may work on the archive.
///
/// # Errors
/// Fails with [`Error::Newer`] when a newer version remembers there what it did, and when that cannot be read.
pub fn admits(target: &Target) -> Result<(), Error> {
    if SyncState::is_newer(&target.archive)? {
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
pub async fn run(options: &Options, source: &Service, target: &Target) -> Result<Report, Error> {
    let lock = Lock::take(target.archive.root(), options.patience, &target.progress);
    let _lock = tokio::select! {
        lock = lock => Some(lock?),
        () = target.progress.over() => None,
    };
    run_beside_others(options, source, target).await
}

/// The same without keeping others waiting: two that bring the same days cost requests and change nothing.
///
/// # Errors
/// As [`run`].
pub async fn run_beside_others(
    options: &Options,
    source: &Service,
    target: &Target,
) -> Result<Report, Error> {
    let begun = async {
        admits(target)?;
        account(source, target).await
    };
    let begun = tokio::select! {
        biased;
        () = target.progress.over() => None,
        begun = begun => Some(begun?),
    };
    let mut report = Report::new(options.detail, None);
    if let Some(account) = begun {
        if options.heart_rate {
            report = heart_rate_or_why_not(options, source, target, &account).await?;
        }
        report.notes.splice(0..0, account.notes.iter().cloned());
        if report.end.is_none() && !options.extracts.is_empty() {
            others(options, source, target, &account, &mut report).await?;
        }
        if report.end.is_none() {
            find_stale(options, source, target, &account, &mut report).await?;
        }
    } else {
        report.end = Some(End::Interrupted);
    }
    report.requests = source.requests();
    report.by_name = options.by_name;
    Ok(report)
}

/// Heart rate; where the service refuses it and there are others, that costs them nothing.
async fn heart_rate_or_why_not(
    options: &Options,
    source: &Service,
    target: &Target,
    account: &Account,
) -> Result<Report, Error> {
    let refused = |error: service::Error| {
        let mut report = Report::new(options.detail, None);
        let trouble = Trouble::refused(&error);
        report.extracts.push(Outcome::refused(HEART_RATE, trouble));
        report
    };
    let is_set_aside =
        |error: &service::Error| !options.extracts.is_empty() && error.is_of_one_type();
    match heart_rate::run(options, source, target, account).await {
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
    options: &Options,
    source: &Service,
    target: &Target,
    account: &Account,
    report: &mut Report,
) -> Result<(), Error> {
    let question = question(options, source, account, None);
    let means = Means {
        source,
        archive: &target.archive,
        patience: options.patience,
        progress: &target.progress,
    };
    let (outcomes, end) = series::run::run(&question, means).await?;
    report.extracts.extend(outcomes);
    report.end = end;
    Ok(())
}

/// Notices series that have stopped, of those that this run has looked at up to today.
async fn find_stale(
    options: &Options,
    source: &Service,
    target: &Target,
    account: &Account,
    report: &mut Report,
) -> Result<(), Error> {
    let question = question(options, source, account, None);
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
    let outcome = |name: &str| report.extracts.iter().find(|one| one.name == name);
    let why = |outcome: Option<&Outcome>| Some(outcome?.refused.as_ref()?.why.clone());
    let mut looked = Vec::new();
    let refused = why(outcome(HEART_RATE));
    let is_all = report.failed.is_empty() && report.left.is_empty();
    let has_looked = is_all && report.range.is_some_and(|(_, last)| last >= today);
    if has_looked || refused.is_some() && question.last >= today {
        looked.push(stale::Looked {
            series: Series::heart_rate(options.detail),
            is_measured_always: true,
            refused,
        });
    }
    for definition in question.definitions {
        let outcome = outcome(&definition.name).filter(|one| one.has_looked());
        if outcome.is_some() && question.last >= today {
            looked.push(stale::Looked {
                series: Series::of(definition),
                is_measured_always: definition.dense,
                refused: why(outcome),
            });
        }
    }
    if !looked.is_empty() {
        let archive = target.archive.clone();
        let (looked, found) = blocking(move || {
            let found = stale::find(&archive, &looked, &circumstances);
            (looked, found)
        })
        .await;
        let names: Vec<_> = looked.iter().map(|one| &*one.series.extract).collect();
        report.stale = stopped::remember(&target.archive, &names, found?)?;
    }
    Ok(())
}
