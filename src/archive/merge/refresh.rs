//! What a live service says now, in the place of what it said before.

use super::{merge, resting_of, zones_of};
use crate::archive::DayFile;
use crate::day::{Provider, Sample};
use std::collections::{BTreeSet, HashMap};

/// The stored day with the incoming one in the place of what the same live services had contributed.
///
/// A sample that the service no longer has goes, unless Takeout vouches for it (it has a confidence, or an instant that
/// only Takeout could know). A changed bpm is the new one, and so are the resting heart rate and the zones of a day of
/// which no other source spoke. What other sources contributed stays, as by [`merge()`].
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
    let now = Said::by(&incoming.day.samples);
    let providers: Vec<_> = stored.day.sources.iter().map(|s| s.provider).collect();
    stored.day.samples.retain_mut(|sample| {
        let Some(provider) = providers.get(usize::from(sample.source)) else {
            return true;
        };
        if !live.contains(provider) {
            return true;
        }
        if let Some(bpm) = now.bpm(sample) {
            sample.bpm = bpm;
            return true;
        }
        let from_takeout = *provider == Provider::Fitbit && sample.instant.is_some();
        sample.confidence.is_some() || from_takeout
    });
    if stored.meta.providers.is_subset(&live) {
        if resting_of(&incoming).is_some() {
            stored.meta.resting_bpm = None;
            stored.day.summary.resting_bpm = None;
        }
        if !zones_of(&incoming).is_empty() {
            stored.meta.zones.clear();
            stored.day.summary.zones.clear();
        }
    }
    merge(stored, incoming)
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
