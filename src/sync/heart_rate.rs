//! Heart rate, the first of a run: which of its days are wanted, and getting them.

use super::by_day::{ByDay, Clocks};
use super::by_range::ByRange;
use super::day_builder::DayBuilder;
use super::day_keeper::DayKeeper;
use super::drive::Drive;
use super::due::{Devices, is_left};
use super::error::Error;
use super::history;
use super::legacy_days::LegacyDays;
use super::options::{Options, Target};
use super::plan::{self, Cost, Habits, Stored};
use super::report::{End, Report};
use super::sync_state::SyncState;
use super::verify::Proof;
use crate::archive::{self, Archive};
use crate::civil;
use crate::day::Detail;
use crate::live::{Account, Service};
use crate::progress::{Progress, Work};
use crate::service::or_note;
use crate::tasks::blocking;
use chrono::{DateTime, Days, NaiveDate, Utc};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

/// Resting heart rates and zones are looked up for days up to this long ago, whose values had not been worked out before.
const LATE_DAYS: u64 = 35;

/// What is going to be done.
#[derive(Debug)]
pub struct Plan {
    /// First and last day; `None` where the service has no heart rate at all.
    pub range: Option<(NaiveDate, NaiveDate)>,
    /// The days to look at, newest first.
    pub days: Vec<NaiveDate>,
    account: Account,
    stored: BTreeMap<NaiveDate, Stored>,
    resting: Option<BTreeMap<NaiveDate, f64>>,
    begins: Option<NaiveDate>,
    due: BTreeSet<NaiveDate>,
    now: DateTime<Utc>,
}

/// Finds out which days are to be looked at. Asks for nothing but what is needed to know that.
///
/// # Errors
/// Fails when the service does not answer, or the archive cannot be read.
pub async fn foresee(
    options: &Options,
    source: &Service,
    target: &Target,
    account: &Account,
) -> Result<Plan, Error> {
    let now = source.now();
    let today = civil::today(now, account.zone);
    let last = options.to.map_or(today, |to| to.min(today));
    let (archive, detail) = (target.archive.clone(), options.detail);
    let archived = blocking(move || archive.days(detail)).await?;
    let state = SyncState::read(&target.archive)?;
    let remembered = state.wanted_from(detail.name());
    let known = [remembered, archived.first().copied()]
        .into_iter()
        .flatten()
        .min();
    let mut resting = None;
    let mut begins = state.begins(detail.name());
    let mut first = options.from.or(known);
    if first.is_none() {
        begins = history::first_day(source, last, account.zone, &mut resting).await?;
        first = begins;
    }
    let mut plan = Plan {
        range: first.map(|first| (first, last)),
        days: Vec::new(),
        account: account.clone(),
        stored: BTreeMap::new(),
        resting,
        begins,
        due: BTreeSet::new(),
        now,
    };
    if let Some(range) = plan.range {
        let archive = target.archive.clone();
        plan.stored = blocking(move || stored(&archive, detail, range)).await?;
        plan.due = Devices::of(account, now).due(&state, detail.name());
        let settled = plan.stored.iter().filter(|(_, stored)| stored.settled);
        let settled = settled.map(|(date, _)| *date).collect();
        let again = plan::again(&plan.due, options.refetch, last);
        let days = plan::wanted(&(range.0..=last), &settled, today, &again);
        plan.days = plan::newest_first(&days, account.zone);
    }
    Ok(plan)
}

impl Plan {
    /// What it costs, about.
    #[must_use]
    pub fn cost(&self, options: &Options, source: &Service, target: &Target) -> Cost {
        let known: Vec<u64> = self
            .stored
            .values()
            .filter(|stored| stored.settled && stored.samples > 0)
            .map(|stored| stored.samples)
            .collect();
        let habits = Habits {
            provider: source.provider(),
            detail: options.detail,
            requests_per_second: target.requests_per_second,
            samples_a_day: (!known.is_empty())
                .then(|| known.iter().sum::<u64>().div_ceil(known.len() as u64)),
        };
        plan::cost(&self.days, 0, self.account.zone, &habits)
    }
}

/// Brings heart rate up to date.
///
/// # Errors
/// Fails when the run cannot begin. What ends it later is in the report.
pub async fn run(
    options: &Options,
    source: &Service,
    target: &Target,
    account: &Account,
) -> Result<Report, Error> {
    let prepared = async {
        let plan = foresee(options, source, target, account).await?;
        let mut report = Report::new(options.detail, plan.range);
        let (keeper, empty) = prepare(options, source, target, &plan, &mut report).await?;
        Ok::<_, Error>((plan, report, keeper, empty))
    };
    let (plan, mut report, keeper, empty) = tokio::select! {
        prepared = prepared => prepared?,
        () = target.progress.over() => {
            let mut report = Report::new(options.detail, None);
            report.end = Some(End::Interrupted);
            return Ok(report);
        }
    };
    let mut builder = builder(options, &plan, &keeper, &empty, source).await?;
    let drive = Drive {
        source,
        builder: builder.as_mut(),
        keeper: Arc::clone(&keeper),
        left: plan.days.iter().copied().collect(),
        report: &mut report,
        progress: &target.progress,
    };
    {
        let _begun = target.progress.begin(Work::Sync, plan.days.len() as u64);
        drive.run(options.patience).await;
    }
    if report.end.is_none() {
        late_summaries(&plan, keeper, &target.progress, &mut report).await?;
    }
    if report.end.is_none() {
        // Nothing is called done that a power cut could take back.
        target.archive.flush();
        remember_sync(options, target, &plan, &report)?;
    }
    Ok(report)
}

/// What has to be known before the first day is fetched.
async fn prepare(
    options: &Options,
    source: &Service,
    target: &Target,
    plan: &Plan,
    report: &mut Report,
) -> Result<(Arc<DayKeeper>, BTreeSet<NaiveDate>), Error> {
    let mut keeper = DayKeeper {
        archive: target.archive.clone(),
        provider: source.provider().origin(),
        detail: options.detail,
        zone: plan.account.zone,
        syncs: plan.account.syncs.clone(),
        resting: BTreeMap::new(),
        zones: BTreeMap::new(),
        proof: Proof::None,
        before_history: None,
        clocks: Mutex::default(),
    };
    let (Some(range), Some(oldest), Some(newest)) =
        (plan.range, plan.days.last(), plan.days.first())
    else {
        return Ok((Arc::new(keeper), BTreeSet::new()));
    };
    let archive = &target.archive;
    let mut state = SyncState::read(archive)?;
    keeper.clocks = Mutex::new(state.clocks(options.detail.name()));
    match plan.begins {
        Some(first) if state.begins(options.detail.name()).is_none() => {
            state.begin(archive, options.detail.name(), first)?;
        }
        _ => state.want(archive, [(options.detail.name(), range.0)])?,
    }
    keeper.before_history = plan.begins.and_then(|first| first.pred_opt());
    let devices = Devices::of(&plan.account, plan.now);
    devices.first_seen(archive, &mut state, &[options.detail.name()])?;
    let from = range.0.max(*newest - Days::new(LATE_DAYS)).min(*oldest);
    let resting = async {
        match &plan.resting {
            Some(known) => Ok(known.clone()),
            None => source.resting(from, *newest).await,
        }
    };
    let (resting, zones) = tokio::join!(resting, source.zones(from, *newest));
    keeper.resting = or_note(resting, "resting heart rates are", &mut report.notes)?;
    let zones = or_note(zones, "heart-rate zones are", &mut report.notes)?;
    keeper.zones = zones
        .into_iter()
        .map(|(date, zones)| (date, archive::zones::limits(&zones)))
        .collect();
    let doubtful = history::doubtful(&plan.days, &plan.stored, &keeper.resting, plan.now);
    let empty = history::empty_days(source, &doubtful, plan.account.zone, options.detail).await?;
    keeper.proof = if options.detail != Detail::Sec1 {
        Proof::None
    } else if options.verify {
        Proof::Fetched
    } else {
        let archive = target.archive.clone();
        let by_the_minute = blocking(move || archive.days(Detail::Min1)).await?;
        let helps = plan
            .days
            .iter()
            .any(|date| by_the_minute.binary_search(date).is_ok());
        if helps { Proof::Stored } else { Proof::None }
    };
    Ok((Arc::new(keeper), empty))
}

async fn builder(
    options: &Options,
    plan: &Plan,
    keeper: &Arc<DayKeeper>,
    empty: &BTreeSet<NaiveDate>,
    source: &Service,
) -> Result<Box<dyn DayBuilder>, Error> {
    let (days, zone) = (&plan.days, plan.account.zone);
    Ok(match (source, options.detail) {
        (Service::Fitbit(_), _) => Box::new(LegacyDays::new(days, empty, zone)),
        (Service::Google(_), Detail::Sec1) => {
            let dates = history::days_with_clocks(days, &plan.stored);
            let archive = keeper.archive.clone();
            let mut clocks = blocking(move || clocks(&archive, &dates)).await?;
            let met = SyncState::read(&keeper.archive)?.clocks(options.detail.name());
            for date in history::beside(days, &plan.stored) {
                clocks.entry(date).or_default().extend(&met);
            }
            Box::new(ByDay::new(days, empty, clocks, zone, keeper.proof))
        }
        (Service::Google(_), detail) => Box::new(ByRange::new(days, empty, zone, detail)),
    })
}

/// Keeps in mind what the devices had brought by now, and which days are still to be looked at for it.
fn remember_sync(
    options: &Options,
    target: &Target,
    plan: &Plan,
    report: &Report,
) -> Result<(), Error> {
    let archive = &target.archive;
    let mut state = SyncState::read(archive)?;
    let Some((first, last)) = plan.range else {
        return Ok(());
    };
    let today = civil::today(plan.now, plan.account.zone);
    let undone = |date: &NaiveDate| {
        is_left(*date, &(first..=last), options.from)
            || report.failed.contains_key(date)
            || report.left.contains(date)
    };
    if report.failed.is_empty() && report.left.is_empty() && options.from.is_none() && last >= today
    {
        state.meet(archive, options.detail.name(), &BTreeSet::new())?;
    }
    let due = plan.due.iter().copied().filter(undone).collect();
    state.see(archive, &plan.account.syncs, [(options.detail.name(), due)])?;
    Ok(())
}

/// Resting heart rates and zones come a day late or more: days that are settled get theirs here, without a request.
async fn late_summaries(
    plan: &Plan,
    keeper: Arc<DayKeeper>,
    progress: &Progress,
    report: &mut Report,
) -> Result<(), Error> {
    let settled = plan.stored.iter().filter(|(_, stored)| stored.settled);
    let late: Vec<_> = settled
        .filter_map(|(date, stored)| Some((*date, keeper.late(*date, stored)?)))
        .collect();
    for (date, late) in late {
        let keeper = Arc::clone(&keeper);
        tokio::select! {
            biased;
            () = progress.over() => {
                report.end = Some(End::Interrupted);
                break;
            }
            kept = blocking(move || keeper.keep_late(date, late)) => kept?,
        }
    }
    Ok(())
}

/// What the archive says about the days of a range.
fn stored(
    archive: &Archive,
    detail: Detail,
    (first, last): (NaiveDate, NaiveDate),
) -> Result<BTreeMap<NaiveDate, Stored>, archive::Error> {
    let mut stored = BTreeMap::new();
    // The neighbours of the range are looked at for their clocks.
    let near = first.pred_opt().unwrap_or(first)..=last.succ_opt().unwrap_or(last);
    for date in archive.days(detail)? {
        if !near.contains(&date) {
            continue;
        }
        match archive.footer(detail, date) {
            Ok(Some(footer)) => {
                let day = Stored {
                    settled: footer.meta.settled,
                    samples: footer.samples,
                    has_resting: footer.summary.resting_bpm.is_some(),
                    has_zones: !footer.summary.zones.is_empty(),
                };
                stored.insert(date, day);
            }
            // A damaged file counts as missing; keeping its day says what is wrong with it.
            Ok(None) | Err(archive::Error::Unreadable { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(stored)
}

/// The clocks that the archive's samples show on these days.
fn clocks(archive: &Archive, days: &BTreeSet<NaiveDate>) -> Result<Clocks, archive::Error> {
    let mut clocks = Clocks::new();
    for date in days {
        let day = match archive.read(Detail::Sec1, *date) {
            Ok(day) => day,
            Err(archive::Error::Unreadable { .. }) => None,
            Err(error) => return Err(error),
        };
        let samples = day.map(|file| file.day.samples).unwrap_or_default();
        clocks.insert(
            *date,
            samples
                .iter()
                .filter_map(|sample| sample.utc_offset)
                .collect(),
        );
    }
    Ok(clocks)
}
