//! A day at a coarser detail: the mean of the samples in each civil window, rounded half up. A window without samples is
//! absent. The two passes of a repeated hour are two windows, told apart by their offset.

use crate::archive::merge::rank;
use crate::day::{Day, Detail, Sample, Source, SourceIndex};
use std::collections::BTreeMap;

/// The samples of one window so far.
struct Window {
    /// Its beginning on the wall clock.
    start: i64,
    /// How far the wall clock was ahead of UTC, in milliseconds; `None` while no sample has an instant.
    ahead: Option<i64>,
    /// What the source said the offset was; `None` if any did not say.
    utc_offset: Option<i32>,
    source: SourceIndex,
    sum: u64,
    count: u64,
}

impl Window {
    fn of(sample: &Sample, start: i64) -> Self {
        Self {
            start,
            ahead: ahead(sample),
            utc_offset: sample.utc_offset,
            source: sample.source,
            sum: u64::from(sample.bpm),
            count: 1,
        }
    }

    /// The sample is of this window: a sample without an instant is of either pass of a repeated hour.
    fn takes(&self, sample: &Sample, start: i64) -> bool {
        let ahead = ahead(sample);
        self.start == start && (self.ahead == ahead || self.ahead.is_none() || ahead.is_none())
    }

    fn join(&mut self, other: &Self, sources: &mut Vec<Source>) {
        self.utc_offset = match (self.ahead, other.ahead) {
            (None, Some(_)) => other.utc_offset,
            (Some(_), None) => self.utc_offset,
            _ => self
                .utc_offset
                .filter(|_| self.utc_offset == other.utc_offset),
        };
        self.ahead = self.ahead.or(other.ahead);
        self.sum += other.sum;
        self.count += other.count;
        if self.source != other.source {
            self.source = common_source(sources, self.source, other.source);
        }
    }

    fn mean(&self) -> Sample {
        let rounded = (2 * self.sum + self.count) / (2 * self.count);
        Sample {
            instant: self.ahead.map(|ahead| self.start - ahead),
            local_time: self.start,
            utc_offset: self.utc_offset,
            bpm: u16::try_from(rounded).unwrap_or(u16::MAX),
            confidence: None,
            source: self.source,
        }
    }
}

fn ahead(sample: &Sample) -> Option<i64> {
    sample.instant.map(|instant| sample.local_time - instant)
}

/// Of two sources the provider that ranks higher, without a device unless it is the same.
fn common_source(sources: &mut Vec<Source>, a: SourceIndex, b: SourceIndex) -> SourceIndex {
    let of = |index: SourceIndex| sources.get(usize::from(index));
    let providers = [of(a), of(b)].into_iter().flatten().map(|s| s.provider);
    let Some(higher) = providers.max_by_key(|provider| rank(*provider)) else {
        return a;
    };
    let common = Source::of(higher);
    let place = sources.iter().position(|source| *source == common);
    let place = place.unwrap_or_else(|| {
        sources.push(common);
        sources.len() - 1
    });
    SourceIndex::try_from(place).unwrap_or(a)
}

/// The day at `detail`, which is coarser than its own, else the day as it is.
#[must_use]
pub fn aggregated(day: Day, detail: Detail) -> Day {
    if detail <= day.detail {
        return day;
    }
    let length = detail.seconds() * 1000;
    let mut sources = day.sources;
    let mut windows: Vec<Window> = Vec::new();
    for sample in &day.samples {
        let start = sample.local_time - sample.local_time.rem_euclid(length);
        let window = Window::of(sample, start);
        match windows.last_mut() {
            Some(last) if last.takes(sample, start) => last.join(&window, &mut sources),
            _ => windows.push(window),
        }
    }
    Day {
        date: day.date,
        detail,
        samples: gathered(windows, &mut sources)
            .iter()
            .map(Window::mean)
            .collect(),
        sources,
        summary: day.summary,
    }
}

/// Clocks that go to and fro leave parts of one window apart; this brings them together.
fn gathered(windows: Vec<Window>, sources: &mut Vec<Source>) -> Vec<Window> {
    let mut places = BTreeMap::new();
    let mut gathered: Vec<Window> = Vec::with_capacity(windows.len());
    for window in windows {
        let place = *places
            .entry((window.start, window.ahead))
            .or_insert(gathered.len());
        match gathered.get_mut(place) {
            Some(known) => known.join(&window, sources),
            None => gathered.push(window),
        }
    }
    gathered
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::day::Provider;
    use chrono::NaiveDate;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn day(samples: Vec<Sample>) -> Day {
        let date = NaiveDate::from_ymd_opt(2024, 11, 3).expect("a date");
        let mut day = Day::empty(date, Detail::Sec1, Provider::Takeout);
        day.samples = samples;
        day
    }

    /// `HH:MM offset bpm` of each window.
    fn shown(day: &Day) -> Vec<String> {
        let line = |s: &Sample| {
            let clock = crate::day::clock_text(s.local_time);
            let hours = s
                .utc_offset
                .map_or("?".to_owned(), |o| (o / 3600).to_string());
            format!("{} {hours} {}", &clock[..5], s.bpm)
        };
        day.samples.iter().map(line).collect()
    }

    const HOUR: i64 = 3_600_000;

    #[test]
    fn halves_are_rounded_up_and_empty_minutes_are_absent() {
        let samples = [(0, 60), (30, 61), (60, 62), (61, 62), (62, 63), (200, 99)];
        let samples = samples.map(|(second, bpm)| Sample::at(second * 1000, 0, bpm));
        let minutes = aggregated(day(samples.to_vec()), Detail::Min1);
        assert_eq!(shown(&minutes), ["00:00 0 61", "00:01 0 62", "00:03 0 99"]);
        let fives = aggregated(minutes, Detail::Min5);
        assert_eq!(shown(&fives), ["00:00 0 74"]);
        assert_eq!(fives.samples[0].instant, Some(0));
    }

    #[test]
    fn the_passes_of_a_repeated_hour_stay_apart() {
        let first = Sample::at(5 * HOUR + 1_800_000, -4 * 3600, 60);
        let second = Sample::at(6 * HOUR + 1_800_000, -5 * 3600, 80);
        assert_eq!(first.local_time, second.local_time);
        let minutes = aggregated(day(vec![first, second]), Detail::Min15);
        assert_eq!(shown(&minutes), ["01:30 -4 60", "01:30 -5 80"]);
    }

    #[test]
    fn a_sample_without_an_instant_joins_its_window() {
        let known = Sample::at(10_000, 3600, 60);
        let unknown = Sample {
            instant: None,
            utc_offset: None,
            local_time: known.local_time - 5_000,
            bpm: 80,
            ..known
        };
        let minutes = aggregated(day(vec![unknown, known]), Detail::Min1);
        assert_eq!(shown(&minutes), ["01:00 1 70"]);
        assert_eq!(minutes.samples[0].instant, Some(0));
    }

    #[test]
    fn windows_of_two_sources_are_of_the_higher() {
        let mut mixed = day(vec![
            Sample::at(0, 0, 60),
            Sample {
                source: 1,
                ..Sample::at(1000, 0, 70)
            },
            Sample {
                source: 1,
                ..Sample::at(60_000, 0, 70)
            },
        ]);
        mixed.sources = ["takeout/Inspire 3", "google/Charge 6"]
            .map(|s| s.parse().expect("a source"))
            .to_vec();
        let minutes = aggregated(mixed, Detail::Min1);
        let names: Vec<_> = minutes
            .samples
            .iter()
            .map(|s| minutes.sources[usize::from(s.source)].to_string())
            .collect();
        assert_eq!(names, ["google", "google/Charge 6"]);
    }

    proptest! {
        #[test]
        fn means_are_those_of_a_naive_model(
            steps in proptest::collection::vec((1_i64..90, 30_u16..200), 0..300),
            detail in prop_oneof![Just(Detail::Min1), Just(Detail::Min5), Just(Detail::Min15)],
            change in 0_i64..9000,
        ) {
            let mut second = 0;
            let samples: Vec<_> = steps
                .iter()
                .map(|(step, bpm)| {
                    second += step;
                    let offset = if second < change { 3600 } else { 0 };
                    Sample::at(second * 1000, offset, *bpm)
                })
                .collect();
            let mut naive: BTreeMap<(i32, i64), Vec<u64>> = BTreeMap::new();
            for s in &samples {
                let window = s.local_time / 1000 / detail.seconds();
                naive
                    .entry((-s.utc_offset.expect("known"), window))
                    .or_default()
                    .push(u64::from(s.bpm));
            }
            #[allow(clippy::cast_precision_loss, reason = "small numbers")]
            let expected: Vec<_> = naive
                .iter()
                .map(|((offset, window), beats)| {
                    let mean = beats.iter().sum::<u64>() as f64 / beats.len() as f64;
                    (-offset, window * detail.seconds() * 1000, (mean + 0.5).floor())
                })
                .collect();
            let made: Vec<_> = aggregated(day(samples), detail)
                .samples
                .iter()
                .map(|s| (s.utc_offset.expect("known"), s.local_time, f64::from(s.bpm)))
                .collect();
            prop_assert_eq!(made, expected);
        }
    }
}
