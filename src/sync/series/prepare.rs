//! What is asked for of each extract: what the archive has of it, and where its history begins.

use super::plan::{Begin, Known, Plan};
use crate::archive::{self, Archive, Series};
use crate::civil::EARLIEST;
use crate::day::Detail;
use crate::extract::definition::{Operation, Settles};
use crate::extract::{Definition, Shape};
use crate::live::Service;
use crate::service;
use crate::sync::due::Devices;
use crate::sync::error::Error;
use crate::sync::history;
use crate::sync::plan::again;
use crate::sync::sync_state::SyncState;
use crate::tasks::blocking;
use chrono::NaiveDate;
use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::sync::Arc;

/// What is wanted, and what is known before the archive is looked at.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    /// The extracts, in their order.
    pub definitions: &'a [Arc<Definition>],
    /// From this day on, rather than from where the service or the archive begins.
    pub from: Option<NaiveDate>,
    /// Up to this day.
    pub last: NaiveDate,
    /// So many of the last days are looked at again, settled or not.
    pub refetch: Option<u32>,
    /// What devices have brought.
    pub devices: Devices<'a>,
    /// Where heart rate begins, if that was just found out.
    pub begins: Option<NaiveDate>,
}

/// Finds out which days of each extract are to be looked at.
///
/// # Errors
/// Fails when the archive cannot be read, or the service does not answer.
pub async fn plans(
    question: &Question<'_>,
    source: &Service,
    archive: &Archive,
) -> Result<Vec<Plan>, Error> {
    let state = SyncState::read(archive)?;
    let held = held(question.definitions, archive).await?;
    let first = |definition: &Definition, known: &Known| {
        let remembered = state.wanted_from(&definition.name);
        let firsts = [remembered, known.known.first()];
        question.from.or_else(|| firsts.into_iter().flatten().min())
    };
    let firsts = question.definitions.iter().zip(&held);
    let firsts: Vec<_> = firsts
        .map(|(definition, known)| first(definition, known))
        .collect();
    let is_unknown = |(definition, first): (&Arc<Definition>, &Option<NaiveDate>)| {
        first.is_none() && definition.shape != Shape::Days
    };
    let is_wanted = question.definitions.iter().zip(&firsts).any(is_unknown);
    let begins = begins(question, source, archive, &state, is_wanted).await?;
    let today = question.devices.today();
    let last = question.last;
    let all = question.definitions.iter().zip(held).zip(firsts);
    let plan = |((definition, known), first): ((&Arc<Definition>, Known), Option<NaiveDate>)| {
        let is_first_look =
            question.from.is_none() && state.wanted_from(&definition.name).is_none();
        let begin = range(definition, (first, is_first_look), begins, last);
        let mut due = BTreeSet::new();
        if definition.settles == Settles::WithDevices {
            due = question.devices.due(&state, &definition.name);
        }
        let again = again(&due, question.refetch, last);
        let mut plan = Plan::new(Arc::clone(definition), begin, &known, today, &again);
        plan.due = due;
        plan.likely_from = begins.map(Begins::day);
        plan
    };
    Ok(all.map(plan).collect())
}

async fn held(
    definitions: &[Arc<Definition>],
    archive: &Archive,
) -> Result<Vec<Known>, archive::Error> {
    let (definitions, archive) = (definitions.to_vec(), archive.clone());
    blocking(move || {
        let known = definitions
            .iter()
            .map(|definition| known(&archive, definition));
        known.collect()
    })
    .await
}

/// Which days of an extract are known and settled, by the footers. A damaged file counts as missing; changing it says what is wrong.
fn known(archive: &Archive, definition: &Definition) -> Result<Known, archive::Error> {
    let mut all = Known::default();
    for entry in archive.entries(&Series::of(definition))? {
        match archive.table_footer(&entry.key) {
            Ok(Some(footer)) => {
                all.known.merge(&footer.meta.known);
                all.settled.merge(&footer.meta.settled);
                all.rows += footer.rows;
            }
            Ok(None) | Err(archive::Error::Unreadable { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(all)
}

/// The first day with heart rate.
#[derive(Debug, Clone, Copy)]
enum Begins {
    /// As the service says.
    AtService(NaiveDate),
    /// As far as it has been synced.
    InArchive(NaiveDate),
}

impl Begins {
    const fn day(self) -> NaiveDate {
        match self {
            Self::AtService(day) | Self::InArchive(day) => day,
        }
    }
}

/// The days of an extract, and where they begin; `first` is the first day that is wanted, where that is known.
fn range(
    definition: &Definition,
    (first, is_first_look): (Option<NaiveDate>, bool),
    begins: Option<Begins>,
    last: NaiveDate,
) -> (RangeInclusive<NaiveDate>, Begin) {
    match (first, begins) {
        (None, _) if definition.shape == Shape::Days => (EARLIEST..=last, Begin::AtFirstRow),
        // What a scale or an older band has brought may begin before heart rate does.
        (first, Some(Begins::AtService(begins)))
            if is_first_look && definition.operation != Operation::RollUp =>
        {
            let first = first.unwrap_or(begins).min(begins).min(last);
            (first..=last, Begin::HereOrBefore)
        }
        (Some(first), _) => (first..=last, Begin::Here),
        (None, Some(begins)) => (begins.day().min(last)..=last, Begin::Here),
        (None, None) => (EARLIEST..=last, Begin::AfterNothing),
    }
}

/// Where heart rate begins; the service is asked only where that is wanted and not known.
async fn begins(
    question: &Question<'_>,
    source: &Service,
    archive: &Archive,
    state: &SyncState,
    is_wanted: bool,
) -> Result<Option<Begins>, Error> {
    let levels = || Detail::ALL.into_iter();
    let said = || {
        levels()
            .filter_map(|detail| state.begins(detail.name()))
            .min()
    };
    let wanted = || {
        levels()
            .filter_map(|detail| state.wanted_from(detail.name()))
            .min()
    };
    let held = || {
        let first = |detail| archive.days(detail).ok()?.first().copied();
        levels().filter_map(first).min()
    };
    let said = question.begins.or_else(said).map(Begins::AtService);
    let known = said.or_else(|| wanted().or_else(held).map(Begins::InArchive));
    if known.is_some() || !is_wanted {
        return Ok(known);
    }
    Ok(begins_at(source, question).await?.map(Begins::AtService))
}

/// Where heart rate begins at the service; `None` where it does not say.
async fn begins_at(source: &Service, question: &Question<'_>) -> Result<Option<NaiveDate>, Error> {
    let zone = question.devices.zone;
    match history::first_day(source, question.last, zone, &mut None).await {
        Err(service::Error::Refused { .. } | service::Error::Undecodable { .. }) => Ok(None),
        begins => Ok(begins?),
    }
}
