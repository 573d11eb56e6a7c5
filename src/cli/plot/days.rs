//! Where the days of a picture come from: the archive, read by several threads, each day forgotten once it is digested;
//! and the service for days that the archive does not hold.

use super::super::blocking::blocking;
use super::super::context::Context;
use crate::archive::{self, Archive};
use crate::day::{Day, Detail};
use crate::error::Error;
use crate::exit::Explain;
use crate::extract::selection::HEART_RATE;
use crate::left_out::LeftOut;
use crate::live::{Fetched, Request, Service, When};
use crate::oauth::Store;
use crate::plot::{Plan, digest::Digest};
use crate::progress::{Begun, Event, Progress, Stop, Work};
use chrono::NaiveDate;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// Of a span the service is asked for so many days at most: as many as are drawn as curves.
const MOST_FETCHED: usize = 27;
/// The stand-in is on this machine and takes no time.
const MOST_FETCHED_OF_DEMO: usize = 800;

/// Which days a picture is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// One, as it was named and as a date.
    Day(When, NaiveDate),
    /// All from one to another; where one is not given, the first or last there is.
    Range {
        from: Option<NaiveDate>,
        to: Option<NaiveDate>,
        today: NaiveDate,
    },
}

/// The days of a span, and what the archive holds of them.
pub struct Days {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
    /// How the only day was named.
    single: Option<When>,
    detail: Option<Detail>,
    archive: Archive,
    /// Details of each day that has a file, finest first.
    held: BTreeMap<NaiveDate, Vec<Detail>>,
}

/// Days ready to be drawn.
pub struct Digested {
    /// One a day that is known.
    pub digests: Vec<Digest>,
    /// What a person should know.
    pub notes: Vec<String>,
    /// Readings that the service gave and that are no heart rate.
    pub left_out: LeftOut,
    /// The day that was meant, where the account lives by a clock on which it is another one.
    pub meant: Option<NaiveDate>,
    /// Requests to the service.
    pub requests: u64,
}

impl Days {
    /// Looks what the archive holds of a span, at one level of detail or at all of them.
    ///
    /// # Errors
    /// Fails when the archive cannot be listed.
    pub async fn list(
        context: &Context,
        span: Span,
        detail: Option<Detail>,
    ) -> Result<Self, Error> {
        let archive = context.archive_to_show()?;
        blocking(move |_| {
            let mut held: BTreeMap<NaiveDate, Vec<Detail>> = BTreeMap::new();
            let details = detail.map_or(Detail::ALL.to_vec(), |detail| vec![detail]);
            for detail in details {
                for date in archive.days(detail)? {
                    held.entry(date).or_default().push(detail);
                }
            }
            let (from, to) = ends(span, &held);
            let single = match span {
                Span::Day(when, _) => Some(when),
                Span::Range { .. } => (from == to).then_some(When::On(from)),
            };
            held.retain(|date, _| (from..=to).contains(date));
            Ok(Self {
                from,
                to,
                single,
                detail,
                archive,
                held,
            })
        })
        .await
    }

    /// Reads the days that are there, and fetches those that are not where that is no trouble.
    ///
    /// # Errors
    /// Fails when a day cannot be read, and when a single day can be had neither here nor there.
    pub async fn digest(&self, context: &Context, plan: Plan) -> Result<Digested, Error> {
        let (archive, console) = (self.archive.clone(), Arc::clone(&context.console));
        let held: Vec<_> = self.held.clone().into_iter().collect();
        let digests =
            blocking(move |stop| read(&archive, &held, plan, &Progress::new(console, stop)))
                .await?;
        let mut digested = Digested {
            digests,
            notes: Vec::new(),
            left_out: LeftOut::default(),
            meant: None,
            requests: 0,
        };
        let missing: Vec<NaiveDate> = self
            .from
            .iter_days()
            .take_while(|date| *date <= self.to)
            .filter(|date| !self.held.contains_key(date))
            .collect();
        if missing.is_empty() {
            return Ok(digested);
        }
        if self.single.is_some() {
            let fetched = self.fetch(context, plan, &missing, &mut digested).await;
            if fetched.is_err() {
                context.console.note(&format!(
                    "the archive at {} does not hold {}, so the service was asked",
                    context.settings.archive.display(),
                    self.from
                ));
            }
            fetched?;
        } else if missing.len() <= most_fetched(context) && may_ask(context) {
            let fetched = self.fetch(context, plan, &missing, &mut digested).await;
            match fetched {
                Err(error) if digested.digests.is_empty() => return Err(error),
                Err(error) => {
                    let why = error.line();
                    digested.notes.push(why);
                }
                Ok(()) => {}
            }
        } else {
            digested
                .notes
                .push(self.how_to_fill(context, missing.len()));
        }
        Ok(digested)
    }

    fn how_to_fill(&self, context: &Context, missing: usize) -> String {
        let days = (self.to - self.from).num_days() + 1;
        format!(
            "the archive at {} does not hold {missing} of these {days} days; fill it with {} or import",
            context.settings.archive.display(),
            context.command(&format!(
                "{} --from {}",
                context.sync_of(HEART_RATE),
                self.from
            ))
        )
    }

    /// Fetches days one by one: as finely as there is for a single one, by the minute for several.
    async fn fetch(
        &self,
        context: &Context,
        plan: Plan,
        dates: &[NaiveDate],
        into: &mut Digested,
    ) -> Result<(), Error> {
        let usual = if self.single.is_some() {
            Detail::Sec1
        } else {
            Detail::Min1
        };
        let detail = self.detail.unwrap_or(usual);
        let service = context.session().await?;
        let console = Arc::clone(&context.console);
        let progress = Progress::new(console, Stop::default());
        let _begun = begin(&progress, dates.len());
        let mut result = Ok(());
        for &date in dates {
            let when = self.single.unwrap_or(When::On(date));
            match fetch_day(context, &service, when, detail).await {
                Ok(fetched) => {
                    into.meant = Some(fetched.day.date).filter(|there| *there != date);
                    into.digests.push(plan.digest(&fetched.day));
                    into.notes.extend(fetched.notes);
                    into.left_out += fetched.left_out;
                    progress.tell(Event::Advances(1));
                }
                Err(error) => {
                    result = Err(error);
                    break;
                }
            }
        }
        if let Some(lag) = service.wrong_clock() {
            progress.tell(Event::ClockLags(lag));
        }
        into.notes.dedup();
        into.requests = service.requests();
        context.remember_quota(&service);
        result
    }
}

fn most_fetched(context: &Context) -> usize {
    match context.demo {
        Some(_) => MOST_FETCHED_OF_DEMO,
        None => MOST_FETCHED,
    }
}

/// A span is never a reason to send anybody to a login.
fn may_ask(context: &Context) -> bool {
    let logged_in = || {
        let stored = Store::new(context.settings.token_path()).read();
        stored.is_ok_and(|token| token.is_some())
    };
    context.demo.is_some() || logged_in()
}

fn ends(span: Span, held: &BTreeMap<NaiveDate, Vec<Detail>>) -> (NaiveDate, NaiveDate) {
    let (from, to, today) = match span {
        Span::Day(_, date) => return (date, date),
        Span::Range { from, to, today } => (from, to, today),
    };
    let last = || held.keys().next_back().copied();
    let first = || held.keys().next().copied();
    let to = to.unwrap_or_else(|| {
        let last = last().filter(|last| from.is_none_or(|from| from <= *last));
        last.unwrap_or(today)
    });
    let from = from.unwrap_or_else(|| first().filter(|first| *first <= to).unwrap_or(to));
    (from, to)
}

/// Reads and digests days on as many threads as there are processors.
fn read(
    archive: &Archive,
    held: &[(NaiveDate, Vec<Detail>)],
    plan: Plan,
    progress: &Progress,
) -> Result<Vec<Digest>, Error> {
    let _begun = begin(progress, held.len());
    let next = AtomicUsize::new(0);
    let digests = Mutex::new(Vec::with_capacity(held.len()));
    let failure = Mutex::new(None);
    let work = || {
        while let Some((date, details)) = held.get(next.fetch_add(1, Ordering::Relaxed)) {
            if progress.is_over() {
                return;
            }
            match finest(archive, *date, details) {
                Ok(day) => lock(&digests).extend(day.map(|day| plan.digest(&day))),
                Err(error) => {
                    // The others need not go on.
                    next.store(held.len(), Ordering::Relaxed);
                    lock(&failure).get_or_insert(error);
                }
            }
            progress.tell(Event::Advances(1));
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 1..threads.min(held.len()) {
            scope.spawn(work);
        }
        work();
    });
    match lock(&failure).take() {
        Some(error) => Err(error.into()),
        None => Ok(std::mem::take(&mut *lock(&digests))),
    }
}

/// A bar for what may take a while; for few days it would only flicker.
fn begin(progress: &Progress, days: usize) -> Option<Begun<'_>> {
    (days > 7).then(|| progress.begin(Work::Plot, days as u64))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The finest account of a day that has samples; if none has, the finest. The resting heart rate may come from another.
fn finest(
    archive: &Archive,
    date: NaiveDate,
    details: &[Detail],
) -> Result<Option<Day>, archive::Error> {
    let mut found: Option<Day> = None;
    for &detail in details {
        let Some(file) = archive.read(detail, date)? else {
            continue;
        };
        let day = match found.take() {
            Some(finer) => Day {
                summary: finer.summary,
                ..file.day
            },
            None => file.day,
        };
        let done = !day.samples.is_empty();
        found = Some(day);
        if done {
            break;
        }
    }
    Ok(found)
}

async fn fetch_day(
    context: &Context,
    service: &Service,
    when: When,
    detail: Detail,
) -> Result<Fetched, Error> {
    let request = Request {
        when,
        now: context.now,
        detail,
        summary: true,
        account: true,
        zones: context.read_zones(),
    };
    Ok(Box::pin(service.day(request)).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_without_an_end_ends_where_the_archive_does() {
        let date = |text: &str| -> NaiveDate { text.parse().expect("a date") };
        let held: BTreeMap<_, _> = ["2017-06-01", "2017-06-20"]
            .map(|text| (date(text), vec![Detail::Min1]))
            .into();
        let today = date("2026-11-24");
        for (from, to, expected) in [
            (Some("2017-06-05"), None, ("2017-06-05", "2017-06-20")),
            (None, Some("2017-06-10"), ("2017-06-01", "2017-06-10")),
            (Some("2020-01-01"), None, ("2020-01-01", "2026-11-24")),
            (None, Some("2016-01-01"), ("2016-01-01", "2016-01-01")),
        ] {
            let range = Span::Range {
                from: from.map(date),
                to: to.map(date),
                today,
            };
            assert_eq!(ends(range, &held), (date(expected.0), date(expected.1)));
        }
    }
}
