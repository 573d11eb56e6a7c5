//! A run from the first question to the report: what is there, what is wanted, and getting it.

use super::assembly::Assembly;
use super::by_day::{ByDay, Clocks};
use super::by_range::ByRange;
use super::desk::Desk;
use super::drive::Drive;
use super::error::Error;
use super::history;
use super::lock::Lock;
use super::memory::Memory;
use super::pace::Patience;
use super::plan::{self, Cost, Habits, Stored};
use super::report::{End, Report};
use super::stale;
use super::stop::Stop;
use super::stopped;
use super::verify::Proof;
use super::whole::Whole;
use crate::archive::{self, Archive};
use crate::civil;
use crate::console::Console;
use crate::day::Detail;
use crate::exit::Explain;
use crate::live::{Account, Service, Zones};
use crate::service;
use chrono::{DateTime, Days, NaiveDate, Utc};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Resting heart rates and zones are looked up for days up to this long ago, whose values had not been worked out before.
const LATE_DAYS: u64 = 35;

/// No device keeps its samples longer than a month, and a tracker a week.
const DEVICE_KEEPS_DAYS: i64 = 31;
const TRACKER_KEEPS_DAYS: i64 = 7;

/// What is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Wish {
    /// From this day on, rather than from where the service or the archive begins.
    pub from: Option<NaiveDate>,
    /// Up to this day, rather than today.
    pub to: Option<NaiveDate>,
    /// At this detail.
    pub detail: Detail,
    /// So many of the last days are looked at again, settled or not.
    pub refetch: Option<u32>,
    /// Hold every day against the service's own means.
    pub verify: bool,
    /// The longest single wait: for a rate limit, or for another sync.
    pub max_wait: Option<Duration>,
}

/// Where it goes, and by which clocks.
#[derive(Debug, Clone)]
pub struct Place {
    /// The archive.
    pub archive: Archive,
    /// Zones to go by.
    pub zones: Zones,
    /// Requests a second in the long run, for estimates.
    pub requests_per_second: f64,
    /// Who is told.
    pub console: Arc<Console>,
}

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
    now: DateTime<Utc>,
}

/// Finds out which days are to be looked at. Asks for nothing but what is needed to know that.
///
/// # Errors
/// Fails when the service does not answer, or the archive cannot be read.
pub async fn plan(wish: &Wish, source: &Service, place: &Place) -> Result<Plan, Error> {
    let account = source.account(place.zones).await?;
    if let Some(warning) = source.clock_warning() {
        place.console.warn(&warning);
    }
    let now = source.now();
    let today = civil::today(now, account.zone);
    let last = wish.to.map_or(today, |to| to.min(today));
    let (archive, detail) = (place.archive.clone(), wish.detail);
    let archived = blocking(move || archive.days(detail)).await?;
    let memory = Memory::read(place.archive.root());
    let remembered = memory.wanted_from(detail);
    let known = [remembered, archived.first().copied()]
        .into_iter()
        .flatten()
        .min();
    let mut resting = None;
    let mut begins = memory.begins(detail);
    let mut first = wish.from.or(known);
    if first.is_none() {
        begins = history::first_day(source, last, account.zone, &mut resting).await?;
        first = begins;
    }
    let mut plan = Plan {
        range: first.map(|first| (first, last)),
        days: Vec::new(),
        account,
        stored: BTreeMap::new(),
        resting,
        begins,
        now,
    };
    if let Some(range) = plan.range {
        let archive = place.archive.clone();
        plan.stored = blocking(move || stored(&archive, detail, range)).await?;
        let again = wish
            .refetch
            .and_then(|days| plan::refetched_from(range.1, days));
        let unseen = plan.unseen_from(memory.synced_until(detail));
        let again = [again, unseen].into_iter().flatten().min();
        plan.days = plan::wanted(range, again, &plan.stored, plan.account.zone, now);
    }
    Ok(plan)
}

impl Plan {
    /// The first day of which the device has brought more since the last run, whether or not it was settled by then.
    fn unseen_from(&self, synced_until: Option<i64>) -> Option<NaiveDate> {
        let (before, now) = (synced_until?, self.account.last_sync?);
        let oldest = self.now.timestamp_millis() - DEVICE_KEEPS_DAYS * 86_400_000;
        let from = before.max(oldest);
        (before < now).then(|| civil::local_date(from, civil::offset_at(from, self.account.zone)))
    }

    /// Whether the run looks at all that the device has brought since `synced_until`; with `all` it begins where the
    /// archive does.
    fn sees_all_since(&self, synced_until: Option<i64>, all: bool) -> bool {
        let zone = self.account.zone;
        let from =
            synced_until.map(|before| civil::local_date(before, civil::offset_at(before, zone)));
        self.range.is_some_and(|(first, last)| {
            last >= civil::today(self.now, zone) && (all || from.is_none_or(|from| first <= from))
        })
    }

    /// What it costs, about.
    #[must_use]
    pub fn cost(&self, wish: &Wish, source: &Service, place: &Place) -> Cost {
        let known: Vec<u64> = self
            .stored
            .values()
            .filter(|stored| stored.settled && stored.samples > 0)
            .map(|stored| stored.samples)
            .collect();
        let habits = Habits {
            provider: source.provider(),
            detail: wish.detail,
            requests_per_second: place.requests_per_second,
            samples_a_day: (!known.is_empty())
                .then(|| known.iter().sum::<u64>().div_ceil(known.len() as u64)),
        };
        plan::cost(&self.days, 0, self.account.zone, &habits)
    }
}

/// Brings the archive up to date.
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
    let prepared = async {
        if Memory::is_newer(place.archive.root()) {
            return Err(Error::Newer);
        }
        let lock = Lock::take(place.archive.root(), wish.max_wait, &place.console).await?;
        let plan = plan(wish, source, place).await?;
        let mut report = Report::new(wish.detail, plan.range);
        report.notes.clone_from(&plan.account.notes);
        let (desk, empty) = prepare(wish, source, place, &plan, &mut report).await?;
        Ok::<_, Error>((lock, plan, report, desk, empty))
    };
    let (_lock, plan, mut report, desk, empty) = tokio::select! {
        prepared = prepared => prepared?,
        () = stop.asked() => {
            let mut report = Report::new(wish.detail, None);
            report.end = Some(End::Interrupted);
            report.requests = source.requests();
            return Ok(report);
        }
    };
    let mut assembly = assembly(wish, &plan, &desk, &empty, source).await?;
    let console = &*place.console;
    let shown = console.style().terminal && !console.style().quiet;
    let drive = Drive {
        source,
        desk: Arc::clone(&desk),
        patience: Patience {
            max_wait: wish.max_wait,
            terminal: console.style().terminal,
        },
        stop,
        console,
        progress: shown.then(|| console.progress("sync", "days", plan.days.len() as u64)),
    };
    drive.run(assembly.as_mut(), &plan.days, &mut report).await;
    drop(drive);
    if report.end.is_none() {
        late_summaries(&plan, desk, stop, &mut report).await?;
    }
    if report.end.is_none() {
        // Nothing is called done that a power cut could take back.
        place.archive.flush();
        remember_sync(wish, place, &plan, &report)?;
        find_stale(wish, source, place, &plan, &mut report).await?;
    }
    report.requests = source.requests();
    Ok(report)
}

/// What has to be known before the first day is fetched.
async fn prepare(
    wish: &Wish,
    source: &Service,
    place: &Place,
    plan: &Plan,
    report: &mut Report,
) -> Result<(Arc<Desk>, BTreeSet<NaiveDate>), Error> {
    let mut desk = Desk {
        archive: place.archive.clone(),
        provider: source.provider().origin(),
        detail: wish.detail,
        zone: plan.account.zone,
        last_sync: plan.account.last_sync,
        resting: BTreeMap::new(),
        zones: BTreeMap::new(),
        proof: Proof::None,
        before_history: None,
        clocks: Mutex::default(),
    };
    let (Some(range), Some(oldest), Some(newest)) =
        (plan.range, plan.days.last(), plan.days.first())
    else {
        return Ok((Arc::new(desk), BTreeSet::new()));
    };
    let root = place.archive.root();
    let mut memory = Memory::read(root);
    desk.clocks = Mutex::new(memory.clocks(wish.detail));
    match plan.begins {
        Some(first) if memory.begins(wish.detail).is_none() => {
            memory.begin(root, wish.detail, first)?;
        }
        _ => memory.want(root, wish.detail, range.0)?,
    }
    desk.before_history = plan.begins.and_then(|first| first.pred_opt());
    // Before the first day settles by age while the device still holds some of it.
    if memory.synced_until(wish.detail).is_none() {
        let unknown = plan.now.timestamp_millis() - TRACKER_KEEPS_DAYS * 86_400_000;
        memory.looked_until(root, wish.detail, plan.account.last_sync.unwrap_or(unknown))?;
    }
    let from = range.0.max(*newest - Days::new(LATE_DAYS)).min(*oldest);
    let resting = async {
        match &plan.resting {
            Some(known) => Ok(known.clone()),
            None => source.resting(from, *newest).await,
        }
    };
    let (resting, zones) = tokio::join!(resting, source.zones(from, *newest));
    desk.resting = or_note(resting, "resting heart rates", report)?;
    let zones = or_note(zones, "heart-rate zones", report)?.into_iter();
    desk.zones = zones
        .map(|(date, zones)| (date, archive::zones::limits(&zones)))
        .collect();
    let doubtful = history::doubtful(&plan.days, &plan.stored, &desk.resting, plan.now);
    let empty = history::empty_days(source, &doubtful, plan.account.zone, wish.detail).await?;
    desk.proof = if wish.detail != Detail::Sec1 {
        Proof::None
    } else if wish.verify {
        Proof::Fetched
    } else {
        let archive = place.archive.clone();
        let by_the_minute = blocking(move || archive.days(Detail::Min1)).await?;
        let helps = plan
            .days
            .iter()
            .any(|date| by_the_minute.binary_search(date).is_ok());
        if helps { Proof::Stored } else { Proof::None }
    };
    Ok((Arc::new(desk), empty))
}

/// What is nice to know; only a login that failed ends the run.
fn or_note<T: Default>(
    result: Result<T, service::Error>,
    what: &str,
    report: &mut Report,
) -> Result<T, Error> {
    match result {
        Ok(known) => Ok(known),
        Err(error @ service::Error::Login(_)) => Err(error.into()),
        Err(error) => {
            let why = error.why();
            report.notes.push(format!("{what} are not known: {why}"));
            Ok(T::default())
        }
    }
}

async fn assembly(
    wish: &Wish,
    plan: &Plan,
    desk: &Arc<Desk>,
    empty: &BTreeSet<NaiveDate>,
    source: &Service,
) -> Result<Box<dyn Assembly>, Error> {
    let (days, zone) = (&plan.days, plan.account.zone);
    Ok(match (source, wish.detail) {
        (Service::Fitbit(_), _) => Box::new(Whole::new(days, empty, zone)),
        (Service::Google(_), Detail::Sec1) => {
            let dates = history::days_with_clocks(days, &plan.stored);
            let archive = desk.archive.clone();
            let mut clocks = blocking(move || clocks(&archive, &dates)).await?;
            let met = Memory::read(desk.archive.root()).clocks(wish.detail);
            for date in history::beside(days, &plan.stored) {
                clocks.entry(date).or_default().extend(&met);
            }
            Box::new(ByDay::new(days, empty, clocks, zone, desk.proof))
        }
        (Service::Google(_), detail) => Box::new(ByRange::new(days, empty, zone, detail)),
    })
}

/// Notices a series that has stopped, if this run has looked at all there is up to today.
async fn find_stale(
    wish: &Wish,
    source: &Service,
    place: &Place,
    plan: &Plan,
    report: &mut Report,
) -> Result<(), Error> {
    let zone = plan.account.zone;
    let today = civil::today(plan.now, zone);
    let looked = plan.range.is_some_and(|(_, last)| last >= today);
    if !looked || !report.failed.is_empty() || !report.left.is_empty() {
        return Ok(());
    }
    let (archive, detail) = (place.archive.clone(), wish.detail);
    let days = blocking(move || stale::recent_days(&archive, detail)).await?;
    let token = source.access().token().await;
    let date = |at: DateTime<Utc>| at.with_timezone(&zone).date_naive();
    let synced = plan
        .account
        .last_sync
        .and_then(DateTime::from_timestamp_millis);
    let circumstances = stale::Circumstances {
        today,
        device_synced: synced.map(date),
        login_ends: token.login_expires_at.map(date),
    };
    let found = stale::judge("heart_rate", &days, &circumstances);
    report.stale = stopped::remember(place.archive.root(), found)?;
    Ok(())
}

/// Keeps in mind what the device had brought by now, if all of it has been looked at.
fn remember_sync(wish: &Wish, place: &Place, plan: &Plan, report: &Report) -> Result<(), Error> {
    let root = place.archive.root();
    let mut memory = Memory::read(root);
    let all = report.failed.is_empty()
        && report.left.is_empty()
        && plan.sees_all_since(memory.synced_until(wish.detail), wish.from.is_none());
    if all && wish.from.is_none() {
        memory.meet(root, wish.detail, &BTreeSet::new())?;
    }
    if let Some(sync) = plan.account.last_sync.filter(|_| all) {
        memory.looked_until(root, wish.detail, sync)?;
    }
    Ok(())
}

/// Resting heart rates and zones come a day late or more: days that are settled get theirs here, without a request.
async fn late_summaries(
    plan: &Plan,
    desk: Arc<Desk>,
    stop: &Stop,
    report: &mut Report,
) -> Result<(), Error> {
    let settled = plan.stored.iter().filter(|(_, stored)| stored.settled);
    let late: Vec<_> = settled
        .filter_map(|(date, stored)| Some((*date, desk.late(*date, stored)?)))
        .collect();
    for (date, late) in late {
        let desk = Arc::clone(&desk);
        tokio::select! {
            biased;
            () = stop.asked() => {
                report.end = Some(End::Interrupted);
                break;
            }
            kept = blocking(move || desk.keep_late(date, late)) => kept?,
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
                    has_resting: footer.meta.resting_bpm.is_some(),
                    has_zones: !footer.meta.zones.is_empty(),
                };
                stored.insert(date, day);
            }
            // A damaged file counts as missing; keeping its day says what is wrong with it.
            Ok(None) | Err(archive::Error::Damaged { .. }) => {}
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
            Err(archive::Error::Damaged { .. }) => None,
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

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(value) => value,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
