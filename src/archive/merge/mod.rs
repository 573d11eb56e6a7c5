//! What two accounts of one day make together: always the same, in whatever order they come.
//!
//! [`merge()`] is commutative, associative and idempotent, so an import before a sync gives the bytes of a sync before
//! an import. It holds because every part of the result is the greatest of what was offered, in an order that
//! survives merging:
//!
//! * Samples with an instant are one an instant, and the row is one record's as a whole: `google` over `fitbit`, `demo`,
//!   `takeout`'s JSON (it has a confidence) and its CSV; what decides among those is in [`record`]. Only twins, records of
//!   one instant and one bpm, add what they know. What of Takeout is not in the row is noted in the footer
//!   ([`super::takeout_notes`]), for it may come to matter.
//! * Samples without an instant are matched by wall clock: the legacy service's bpm goes to every Takeout sample of its
//!   wall clock (in a repeated hour there are two), which lends its instant, and the Google service's samples absorb it.
//! * What an import leaves out (a placeholder, a sample below the confidence that was asked for) takes its CSV twin with
//!   it, whichever came first. An import that was told to keep it brings it as a sample, and that stays.
//! * `settled` if any account is. Of two resting heart rates the one with more decimals stays (services round, the
//!   archives do not), then the higher. Of two time zones one with a region, then the later in the alphabet. Of two
//!   lists of heart-rate zones, which only live services give, the longer, then the later in the alphabet.
//!
//! What is out of reach: `google`, `fitbit` and `takeout` samples of one wall clock in a repeated hour, where Takeout
//! has only the one pass and Google only the other, or a placeholder beside another device's beat. Whose the legacy
//! service's reading was is then anybody's guess, and the order of merging decides it.

pub mod record;
mod refresh;
mod rows;
pub mod shape;
#[cfg(test)]
mod tests;

pub use refresh::refreshed;
pub use rows::rank;

use super::{DayFile, Meta, TakeoutNotes, zones};
use crate::day::{Day, Detail, Sample, Source, SourceIndex, Summary, Zone};
use chrono::NaiveDate;
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// What is there with what comes in; a first account of a day is put into the archive's form.
#[must_use]
pub fn into(stored: Option<DayFile>, incoming: DayFile) -> DayFile {
    match stored {
        Some(stored) => merge(stored, incoming),
        None => normalized(incoming),
    }
}

/// What two accounts of one day make together. The date and the detail are those of `a`.
#[must_use]
pub fn merge(a: DayFile, b: DayFile) -> DayFile {
    let (date, detail) = (a.day.date, a.day.detail);
    let (meta, summary) = (meta_of(&a, Some(&b)), summary_of(&a, Some(&b)));
    assemble(date, detail, rows::merged(vec![a, b]), meta, summary)
}

/// A day as the archive keeps it: `merge(x, x)`, but faster.
#[must_use]
pub fn normalized(file: DayFile) -> DayFile {
    let (date, detail) = (file.day.date, file.day.detail);
    let (meta, summary) = (meta_of(&file, None), summary_of(&file, None));
    assemble(date, detail, rows::merged(vec![file]), meta, summary)
}

fn assemble(
    date: NaiveDate,
    detail: Detail,
    rows: rows::Rows,
    mut meta: Meta,
    summary: Summary,
) -> DayFile {
    let mut day = Day {
        date,
        detail,
        samples: rows.samples,
        sources: rows.sources,
        summary,
    };
    sort_sources(&mut day.sources, &mut day.samples);
    meta.placeholders = rows.placeholders;
    meta.takeout = rows.takeout;
    meta.providers
        .extend(day.sources.iter().map(|source| source.provider));
    if day.samples.is_empty() {
        day.sources = meta.providers.iter().copied().map(Source::of).collect();
    }
    DayFile { day, meta }
}

/// Leaves the sources that are used, in their order, and lets the samples point there.
fn sort_sources(sources: &mut Vec<Source>, samples: &mut [Sample]) {
    let mut used = vec![false; sources.len()];
    for sample in samples.iter() {
        if let Some(used) = used.get_mut(usize::from(sample.source)) {
            *used = true;
        }
    }
    let sorted: BTreeSet<&Source> = sources
        .iter()
        .zip(&used)
        .filter_map(|(source, used)| used.then_some(source))
        .collect();
    let places: Vec<_> = sources
        .iter()
        .map(|source| sorted.iter().position(|s| *s == source).unwrap_or(0))
        .map(|place| SourceIndex::try_from(place).unwrap_or_default())
        .collect();
    let sorted = sorted.into_iter().cloned().collect();
    if *sources != sorted {
        for sample in samples {
            if let Some(place) = places.get(usize::from(sample.source)) {
                sample.source = *place;
            }
        }
        *sources = sorted;
    }
}

fn meta_of(a: &DayFile, b: Option<&DayFile>) -> Meta {
    let files = || [Some(a), b].into_iter().flatten();
    let timezones = files().filter_map(|file| file.meta.timezone.clone());
    Meta {
        providers: files()
            .flat_map(|file| file.meta.providers.clone())
            .collect(),
        settled: files().any(|file| file.meta.settled),
        timezone: timezones
            .filter(|zone| !zone.is_empty())
            .max_by_key(|zone| (zone.contains('/'), zone.clone())),
        placeholders: Vec::new(),
        takeout: TakeoutNotes::default(),
    }
}

fn summary_of(a: &DayFile, b: Option<&DayFile>) -> Summary {
    let files = || [Some(a), b].into_iter().flatten();
    let zones = files().map(zones_of);
    Summary {
        resting_bpm: files().filter_map(resting_of).max_by(more_exact),
        zones: zones
            .max_by_key(|zones| fullness(zones))
            .unwrap_or_default(),
    }
}

/// The resting heart rate of one account; what is no beat count is none.
fn resting_of(file: &DayFile) -> Option<f64> {
    let bpm = file.day.summary.resting_bpm;
    bpm.filter(|bpm| bpm.is_finite() && *bpm > 0.0)
}

/// The limits of the zones of one account.
fn zones_of(file: &DayFile) -> Vec<Zone> {
    zones::limits(&file.day.summary.zones)
}

fn fullness(limits: &[Zone]) -> (usize, String) {
    (limits.len(), zones::encode(limits))
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "for max_by")]
fn more_exact(a: &f64, b: &f64) -> Ordering {
    decimals(*a).cmp(&decimals(*b)).then(a.total_cmp(b))
}

/// How many digits stand behind the point.
fn decimals(x: f64) -> usize {
    let text = x.to_string();
    text.split_once('.').map_or(0, |(_, behind)| behind.len())
}
