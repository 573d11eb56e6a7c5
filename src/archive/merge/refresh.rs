//! What a live service says now, in the place of what it said before.

use super::{merge, resting_of, zones_of};
use crate::archive::DayFile;
use crate::archive::takeout_notes::{Exports, Other};
use crate::day::{Provider, Sample, Source, SourceIndex};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The stored day with the incoming one in the place of what the same live services had contributed.
///
/// A sample that the service no longer has goes, and what Takeout said there comes back (a sample of the legacy service
/// with an instant stands on one of Takeout's). A changed bpm is the new one, and so are the resting heart rate and the
/// zones of a day of which no other source spoke. What other sources contributed stays, as by [`merge()`].
#[must_use]
pub fn refreshed(mut stored: DayFile, incoming: DayFile) -> DayFile {
    let live: BTreeSet<Provider> = incoming
        .meta
        .providers
        .iter()
        .chain(incoming.day.sources.iter().map(|source| &source.provider))
        .copied()
        .filter(|provider| *provider != Provider::Takeout)
        .collect();
    withdraw(&mut stored, &live, &Said::by(&incoming.day.samples));
    if stored.meta.providers.is_subset(&live) {
        if resting_of(&incoming).is_some() {
            stored.day.summary.resting_bpm = None;
        }
        if !zones_of(&incoming).is_empty() {
            stored.day.summary.zones.clear();
        }
    }
    merge(stored, incoming)
}

/// Takes away what the services had said: what is left of a row is what Takeout knows of it.
fn withdraw(stored: &mut DayFile, live: &BTreeSet<Provider>, now: &Said) {
    let takeout = Source::of(Provider::Takeout);
    let sources = &mut stored.day.sources;
    let place = sources.iter().position(|source| *source == takeout);
    let place = place.unwrap_or_else(|| {
        sources.push(takeout);
        sources.len() - 1
    });
    let place = SourceIndex::try_from(place).unwrap_or_default();
    let others = &stored.meta.takeout.others;
    let exports = &stored.meta.takeout.exports;
    let (mut told, mut back) = (Vec::new(), BTreeMap::new());
    let other = |instant: Option<i64>| {
        let instant = instant?;
        let at = others.binary_search_by_key(&instant, |other| other.instant);
        at.ok().and_then(|at| others.get(at))
    };
    stored.day.samples.retain_mut(|sample| {
        let provider = sources
            .get(usize::from(sample.source))
            .map(|source| source.provider);
        let Some(provider) = provider.filter(|provider| live.contains(provider)) else {
            return true;
        };
        if provider == Provider::Fitbit && sample.instant.is_some() {
            if let Some(bpm) = now.bpm(sample) {
                let before = std::mem::replace(&mut sample.bpm, bpm);
                // A confidence is its twin's alone.
                if let (true, Some(instant), Some(_)) =
                    (before != bpm, sample.instant, sample.confidence)
                {
                    told.push(Other {
                        instant,
                        bpm: before,
                        confidence: sample.confidence.take(),
                        device: None,
                        made: exports.at(instant).0,
                    });
                }
                return true;
            }
            sample.source = place;
            return true;
        }
        sample.source = place;
        if sample.confidence.is_some() {
            return true;
        }
        let Some(other) = other(sample.instant) else {
            return false;
        };
        back.insert(other.instant, other.made);
        (sample.bpm, sample.confidence) = (other.bpm, other.confidence);
        true
    });
    let mut of_rows = Exports::default();
    for instant in stored
        .day
        .samples
        .iter()
        .filter_map(|sample| sample.instant)
    {
        let (json, csv) = exports.at(instant);
        let made = back.get(&instant).copied();
        of_rows.push(instant, made.or(Some(json)), made.or(Some(csv)));
    }
    stored.meta.takeout.exports = of_rows;
    stored.meta.takeout.others.extend(told);
}

/// The beats of a day, by instant, and by wall clock where there is none.
struct Said {
    by_instant: HashMap<i64, u16>,
    by_clock: HashMap<i64, u16>,
}

impl Said {
    fn by(samples: &[Sample]) -> Self {
        let mut said = Self {
            by_instant: HashMap::with_capacity(samples.len()),
            by_clock: HashMap::new(),
        };
        for sample in samples {
            match sample.instant {
                Some(instant) => said.by_instant.insert(instant, sample.bpm),
                None => said.by_clock.insert(sample.local_time, sample.bpm),
            };
        }
        said
    }

    fn bpm(&self, sample: &Sample) -> Option<u16> {
        let by_instant = sample.instant.and_then(|at| self.by_instant.get(&at));
        by_instant
            .or_else(|| self.by_clock.get(&sample.local_time))
            .copied()
    }
}
