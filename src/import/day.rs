//! A day of the export meets the day in the archive.

use crate::archive::merge::normalized;
use crate::archive::{DayFile, merge};
use crate::day::Provider;

/// What becomes of a day's file; `None` if nothing is left to say.
///
/// `ours` is all that Takeout knows of the day, the archive's own Takeout samples included, if `reviewed`: then those in
/// `stored` go, for they are in `ours` or belong to another day. `known`: a file of the export is about this day.
#[must_use]
pub fn combine(
    stored: Option<DayFile>,
    ours: &DayFile,
    known: bool,
    reviewed: bool,
) -> Option<DayFile> {
    let speaks = known
        || !ours.day.samples.is_empty()
        || !ours.meta.placeholders.is_empty()
        || !ours.meta.takeout.left_out.is_empty()
        || ours.day.summary.resting_bpm.is_some();
    let Some(stored) = stored else {
        return speaks.then(|| normalized(ours.clone()));
    };
    if !reviewed {
        return Some(merge(stored, ours.clone()));
    }
    let had_samples = !stored.meta.placeholders.is_empty()
        || !stored.meta.takeout.left_out.is_empty()
        || stored
            .day
            .samples
            .iter()
            .any(|sample| is_takeouts(&stored, sample.source));
    if !speaks && !had_samples {
        return Some(stored);
    }
    let others = without_takeout(stored);
    if speaks {
        return Some(merge(others, ours.clone()));
    }
    let mut others = others;
    if others.day.samples.is_empty() && others.meta.providers.is_empty() {
        others.day.summary.resting_bpm?;
        others.meta.providers.insert(Provider::Takeout);
    }
    Some(normalized(others))
}

fn is_takeouts(file: &DayFile, source: u16) -> bool {
    file.day
        .sources
        .get(usize::from(source))
        .is_some_and(|source| source.provider == Provider::Takeout)
}

/// The part of a file that live services know, and what is known of the day as a whole.
fn without_takeout(mut file: DayFile) -> DayFile {
    let takeouts: Vec<bool> = file
        .day
        .sources
        .iter()
        .map(|source| source.provider == Provider::Takeout)
        .collect();
    let had_samples = !file.day.samples.is_empty();
    file.day.samples.retain(|sample| {
        !takeouts
            .get(usize::from(sample.source))
            .copied()
            .unwrap_or_default()
    });
    file.meta.placeholders.clear();
    file.meta.takeout.others.clear();
    file.meta.takeout.left_out.clear();
    file.meta.providers.remove(&Provider::Takeout);
    if file.meta.providers.is_empty() {
        file.meta.timezone = None;
        // Whether more is to come follows from where its samples are, and that is decided anew.
        file.meta.settled &= !had_samples;
    }
    file
}
