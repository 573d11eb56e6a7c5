//! Where a service's history begins and where it has holes, asked in the way that each service answers cheaply.

use super::plan::Stored;
use super::probe;
use crate::archive::DayRanges;
use crate::civil;
use crate::day::Detail;
use crate::exit::Explain;
use crate::fitbit::Fitbit;
use crate::live::Service;
use crate::service::Error;
use crate::zone::Tz;
use chrono::{DateTime, Days, NaiveDate, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// The longest range of the legacy service's daily values is a year.
const FITBIT_LONGEST_DAYS: u64 = 365;
/// From how many doubtful days on the legacy service is asked for its daily values.
const FITBIT_WORTH_ASKING: usize = 31;
/// A resting heart rate comes up to so many days late; until then its absence says nothing.
const RESTING_COMES_WITHIN_DAYS: u64 = 4;

/// The first day with heart rate; `None` if there is none up to `last`. Leaves the resting heart rates that it met in `resting`.
///
/// # Errors
/// Fails when the service does not answer.
pub async fn first_day(
    source: &Service,
    last: NaiveDate,
    zone: Tz,
    resting: &mut Option<BTreeMap<NaiveDate, f64>>,
) -> Result<Option<NaiveDate>, Error> {
    match source {
        Service::Google(google) => {
            let known = match source.resting(civil::EARLIEST, last).await {
                Ok(known) => known,
                Err(error @ Error::Login(_)) => return Err(error),
                // Without them the search takes a few requests more.
                Err(_) => BTreeMap::new(),
            };
            let earliest = known.keys().next().copied();
            *resting = Some(known);
            probe::first_day(google, earliest, last, zone).await
        }
        Service::Fitbit(fitbit) => first_day_of_fitbit(fitbit, last).await,
    }
}

async fn first_day_of_fitbit(fitbit: &Fitbit, last: NaiveDate) -> Result<Option<NaiveDate>, Error> {
    let since = if fitbit.session().access().token().await.grants("profile") {
        fitbit.member_since().await?
    } else {
        None
    };
    let earliest = since.unwrap_or(civil::EARLIEST);
    let (mut found, mut end) = (None, last);
    while end >= earliest {
        let start = earliest.max(end - Days::new(FITBIT_LONGEST_DAYS - 1));
        let days = fitbit.days_with_data(start, end).await?;
        let first = days.first().copied();
        // A year without anything, before one with data: that was the beginning.
        if first.is_none() && found.is_some() {
            break;
        }
        found = first.or(found);
        let Some(before) = start.pred_opt() else {
            break;
        };
        end = before;
    }
    Ok(found)
}

/// The days (descending, as `days`) of which nothing says that they have data.
#[must_use]
pub fn doubtful(
    days: &[NaiveDate],
    stored: &BTreeMap<NaiveDate, Stored>,
    resting: &BTreeMap<NaiveDate, f64>,
    now: DateTime<Utc>,
) -> Vec<NaiveDate> {
    let recent = now.date_naive() - Days::new(RESTING_COMES_WITHIN_DAYS);
    let has_samples = |date: &NaiveDate| stored.get(date).is_some_and(|day| day.samples > 0);
    days.iter()
        .filter(|date| **date < recent && !resting.contains_key(date) && !has_samples(date))
        .copied()
        .collect()
}

/// Which of the doubtful days (descending) are known to have nothing, after a few questions.
///
/// # Errors
/// Fails when the service does not answer.
pub async fn empty_days(
    source: &Service,
    doubtful: &[NaiveDate],
    zone: Tz,
    detail: Detail,
) -> Result<BTreeSet<NaiveDate>, Error> {
    let mut empty = BTreeSet::new();
    match source {
        Service::Google(google) => {
            let doubtful: DayRanges = doubtful.iter().copied().collect();
            for days in doubtful.ranges().rev() {
                let (first, last) = days.into_inner();
                empty.extend(probe::empty_days(google, first, last, zone, detail).await?);
            }
        }
        Service::Fitbit(fitbit) if doubtful.len() >= FITBIT_WORTH_ASKING => {
            let (Some(first), Some(newest)) = (doubtful.last(), doubtful.first()) else {
                return Ok(empty);
            };
            let mut start = *first;
            while start <= *newest {
                let end = (*newest).min(start + Days::new(FITBIT_LONGEST_DAYS - 1));
                match fitbit.days_with_data(start, end).await {
                    Ok(full) => empty.extend(
                        doubtful
                            .iter()
                            .filter(|date| (start..=end).contains(date) && !full.contains(date)),
                    ),
                    Err(error) if error.exit() == crate::exit::Exit::Data => {}
                    Err(error) => return Err(error),
                }
                start = end + Days::new(1);
            }
        }
        Service::Fitbit(_) => {}
    }
    Ok(empty)
}

/// Days of the archive that stand beside days to be fetched (descending) and are not among them.
#[must_use]
pub fn beside(days: &[NaiveDate], stored: &BTreeMap<NaiveDate, Stored>) -> BTreeSet<NaiveDate> {
    let wanted: BTreeSet<_> = days.iter().copied().collect();
    let near = days
        .iter()
        .flat_map(|date| [date.pred_opt(), date.succ_opt()])
        .flatten();
    near.filter(|date| !wanted.contains(date) && stored.contains_key(date))
        .collect()
}

/// Days of the archive whose clocks tell how much has to be fetched for `days` (descending): these and those beside them.
#[must_use]
pub fn days_with_clocks(
    days: &[NaiveDate],
    stored: &BTreeMap<NaiveDate, Stored>,
) -> BTreeSet<NaiveDate> {
    let near = days
        .iter()
        .flat_map(|date| [date.pred_opt(), Some(*date), date.succ_opt()])
        .flatten();
    near.filter(|date| stored.get(date).is_some_and(|stored| stored.samples > 0))
        .collect()
}
