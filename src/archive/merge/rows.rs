//! The samples of several accounts of one day, made one.

use crate::day::{Day, Provider, Sample, Source, SourceIndex};
use std::collections::{BTreeMap, BTreeSet};

/// The beats of a placeholder ("no reading yet") in Takeout's JSON, at confidence [`PLACEHOLDER_CONFIDENCE`].
pub const PLACEHOLDER_BPM: u16 = 70;

/// See [`PLACEHOLDER_BPM`].
pub const PLACEHOLDER_CONFIDENCE: u8 = 0;

/// Whose bpm counts; the higher wins. Takeout's JSON is told from its CSV by its confidence.
#[must_use]
pub fn rank(provider: Provider, confidence: Option<u8>) -> u8 {
    match provider {
        Provider::Google => 4,
        Provider::Fitbit => 3,
        Provider::Demo => 2,
        Provider::Takeout => u8::from(confidence.is_some()),
    }
}

/// Merged samples, with what they point into.
pub(super) struct Rows {
    pub samples: Vec<Sample>,
    /// Ascending by rank, then by device: the greater index wins.
    pub sources: Vec<Source>,
    /// Instants whose placeholder was left out.
    pub placeholders: Vec<i64>,
}

/// Merges the samples of some days.
pub(super) fn merged(days: Vec<Day>, placeholders: BTreeSet<i64>) -> Rows {
    let (mut samples, sources) = pooled(days);
    let mut merge = Merge {
        sources,
        placeholders,
    };
    for sample in &samples {
        if let (true, Some(instant)) = (merge.is_placeholder(sample), sample.instant) {
            merge.placeholders.insert(instant);
        }
    }
    if !merge.placeholders.is_empty() {
        samples.retain_mut(|sample| merge.keeps(sample));
    }
    // Two sorted lists one after the other: this sort takes them as the runs that they are.
    samples.sort_by_key(|sample| sample.instant.map_or((1, sample.local_time), |at| (0, at)));
    let mut samples = merge.one_an_instant(samples);
    let first_timeless = samples.partition_point(|sample| sample.instant.is_some());
    let timeless = samples.split_off(first_timeless);
    let samples = merge.matched_by_clock(samples, &timeless);
    let kept: BTreeSet<_> = samples
        .iter()
        .filter(|sample| merge.is_placeholder(sample))
        .filter_map(|sample| sample.instant)
        .collect();
    let placeholders = merge.placeholders.difference(&kept).copied().collect();
    Rows {
        samples,
        sources: merge.sources,
        placeholders,
    }
}

/// All samples in one list that points into one list of sources, ascending by rank, then by device.
fn pooled(days: Vec<Day>) -> (Vec<Sample>, Vec<Source>) {
    let by_rank = |source: &Source| (rank(source.provider, None), source.device.clone());
    let mut sources: Vec<Source> = days.iter().flat_map(|day| day.sources.clone()).collect();
    sources.sort_by_key(by_rank);
    sources.dedup();
    let mut samples: Vec<Sample> = Vec::new();
    for mut day in days {
        let places: Vec<SourceIndex> = day
            .sources
            .iter()
            .map(|source| sources.iter().position(|s| s == source).unwrap_or(0))
            .map(|place| SourceIndex::try_from(place).unwrap_or(SourceIndex::MAX))
            .collect();
        if places
            .iter()
            .enumerate()
            .any(|(at, to)| at != usize::from(*to))
        {
            for sample in &mut day.samples {
                sample.source = places
                    .get(usize::from(sample.source))
                    .copied()
                    .unwrap_or_default();
            }
        }
        if samples.is_empty() {
            samples = day.samples;
        } else {
            samples.append(&mut day.samples);
        }
    }
    (samples, sources)
}

struct Merge {
    sources: Vec<Source>,
    placeholders: BTreeSet<i64>,
}

impl Merge {
    fn provider(&self, sample: &Sample) -> Provider {
        self.sources
            .get(usize::from(sample.source))
            .map_or(Provider::Takeout, |source| source.provider)
    }

    /// A placeholder that an import was told to keep.
    fn is_placeholder(&self, sample: &Sample) -> bool {
        sample.bpm == PLACEHOLDER_BPM
            && sample.confidence == Some(PLACEHOLDER_CONFIDENCE)
            && self.provider(sample) == Provider::Takeout
    }

    /// Takes away what stands only on a placeholder's record.
    fn keeps(&self, sample: &mut Sample) -> bool {
        let at_placeholder = sample
            .instant
            .is_some_and(|instant| self.placeholders.contains(&instant));
        if !at_placeholder {
            return true;
        }
        match self.provider(sample) {
            Provider::Takeout => return self.is_placeholder(sample),
            // The legacy service knows no instants: this one was Takeout's.
            Provider::Fitbit => {
                sample.instant = None;
                sample.utc_offset = None;
            }
            Provider::Google | Provider::Demo => {}
        }
        sample.confidence = None;
        true
    }

    /// The order in which a row wins.
    fn strength(&self, sample: &Sample) -> (u8, u16, Option<i32>, i64) {
        (
            rank(self.provider(sample), sample.confidence),
            sample.bpm,
            sample.utc_offset,
            sample.local_time,
        )
    }

    fn join(&self, a: Sample, b: Sample) -> Sample {
        let winner = if self.strength(&a) >= self.strength(&b) {
            a
        } else {
            b
        };
        // A placeholder's confidence is about the placeholder alone.
        let lent = |sample: &Sample| {
            let own = sample == &winner || !self.is_placeholder(sample);
            sample.confidence.filter(|_| own)
        };
        Sample {
            confidence: lent(&a).max(lent(&b)),
            source: a.source.max(b.source),
            ..winner
        }
    }

    /// Joins neighbours of one instant, or of one wall clock where they have none.
    fn one_an_instant(&self, samples: Vec<Sample>) -> Vec<Sample> {
        let same = |a: &Sample, b: &Sample| {
            a.instant == b.instant && (a.instant.is_some() || a.local_time == b.local_time)
        };
        let doubled = samples
            .windows(2)
            .any(|pair| matches!(pair, [a, b] if same(a, b)));
        if !doubled {
            return samples;
        }
        let mut joined: Vec<Sample> = Vec::with_capacity(samples.len());
        for sample in samples {
            match joined.last_mut() {
                Some(last) if same(last, &sample) => *last = self.join(*last, sample),
                _ => joined.push(sample),
            }
        }
        joined
    }

    /// Brings samples without an instant to those of their wall clock, and puts the others between.
    fn matched_by_clock(&self, mut timed: Vec<Sample>, timeless: &[Sample]) -> Vec<Sample> {
        // What the legacy service said of a wall clock goes to every sample of it, so it is looked up in samples that
        // already took it in, too.
        let of_clock = timed
            .iter()
            .filter(|sample| self.provider(sample) == Provider::Fitbit)
            .map(|sample| Sample {
                instant: None,
                utc_offset: None,
                confidence: None,
                ..*sample
            });
        let mut by_clock: BTreeMap<i64, Sample> = BTreeMap::new();
        for sample in of_clock.chain(timeless.iter().copied()) {
            by_clock
                .entry(sample.local_time)
                .and_modify(|known| *known = self.join(*known, sample))
                .or_insert(sample);
        }
        if by_clock.is_empty() {
            return timed;
        }
        let mut met = BTreeSet::new();
        timed.retain_mut(|sample| {
            let Some(said) = by_clock.get(&sample.local_time) else {
                return true;
            };
            if self.is_placeholder(sample) {
                return false;
            }
            met.insert(sample.local_time);
            *sample = Sample {
                instant: sample.instant,
                utc_offset: sample.utc_offset,
                ..self.join(*sample, *said)
            };
            true
        });
        let alone = by_clock.into_values();
        let alone = alone.filter(|sample| !met.contains(&sample.local_time));
        interleaved(timed, alone)
    }
}

/// Both in their own order, by wall clock where they meet.
fn interleaved(timed: Vec<Sample>, timeless: impl Iterator<Item = Sample>) -> Vec<Sample> {
    let mut all = Vec::with_capacity(timed.len());
    let mut timeless = timeless.peekable();
    for sample in timed {
        while let Some(earlier) = timeless.next_if(|next| next.local_time < sample.local_time) {
            all.push(earlier);
        }
        all.push(sample);
    }
    all.extend(timeless);
    all
}
