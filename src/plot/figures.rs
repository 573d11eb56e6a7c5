//! A day's or a range's figures: samples, range, mean, worn time, largest gap, resting heart rate.

use super::binning::Bin;
use crate::numerals::{grouped, span};

/// Where a day's samples begin and end, to measure the gap to its neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edges {
    /// The first sample: its instant, if known, and its wall clock, in milliseconds.
    pub first: (Option<i64>, i64),
    /// The last sample.
    pub last: (Option<i64>, i64),
}

/// The figures that stand beside a picture.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Figures {
    /// Samples with their lowest, highest and mean bpm.
    pub samples: Bin,
    /// How long the device was worn, in milliseconds: all time between samples that is not a gap.
    pub worn: i64,
    /// The longest time between neighbouring samples, in milliseconds; `None` with fewer than two.
    pub largest_gap: Option<i64>,
    /// Mean resting heart rate of the days that know one.
    pub resting: Option<f64>,
    /// Days with samples.
    pub days: u64,
    /// The first and the last sample, by which the gap to the neighbouring days counts; `None` without any, and where days are
    /// cut to a window: what lies between two windows is no gap.
    pub edges: Option<Edges>,
}

impl Figures {
    /// The figures of several days in ascending order; gaps between days count.
    #[must_use]
    pub fn over<'a>(days: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut all = Self::default();
        let (mut resting_sum, mut resting_days) = (0.0, 0.0);
        for day in days {
            all.samples.merge(&day.samples);
            all.worn += day.worn;
            all.days += day.days;
            if let Some(resting) = day.resting {
                resting_sum += resting;
                resting_days += 1.0;
            }
            all.largest_gap = all.largest_gap.max(day.largest_gap);
            let Some(edges) = day.edges else { continue };
            let between = all.edges.map(|before| between(before.last, edges.first));
            all.largest_gap = all.largest_gap.max(between);
            all.edges = Some(Edges {
                first: all.edges.map_or(edges.first, |before| before.first),
                last: edges.last,
            });
        }
        all.resting = (resting_days > 0.0).then(|| resting_sum / resting_days);
        all
    }
}

fn between(a: (Option<i64>, i64), b: (Option<i64>, i64)) -> i64 {
    match (a.0, b.0) {
        (Some(a), Some(b)) => b - a,
        _ => b.1 - a.1,
    }
}

/// A figure as label and value, in the order in which they are shown.
#[must_use]
pub fn lines(figures: &Figures) -> Vec<(&'static str, String)> {
    let bin = &figures.samples;
    let mut lines = vec![("Samples", grouped(bin.count))];
    if let Some(mean) = bin.mean() {
        lines.push(("Range", format!("{}–{} bpm", bin.min, bin.max)));
        lines.push(("Mean", format!("{mean:.1} bpm")));
    }
    if let Some(resting) = figures.resting {
        lines.push(("Resting", format!("{} bpm", bpm_text(resting))));
    }
    if bin.count > 0 {
        lines.push(("Worn", span(figures.worn / 1000)));
    }
    if let Some(gap) = figures.largest_gap {
        lines.push(("Largest gap", span(gap / 1000)));
    }
    lines
}

/// A rate with one decimal only where there is one: `58`, `58.4`.
#[must_use]
pub fn bpm_text(bpm: f64) -> String {
    let text = format!("{bpm:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gap_between_two_days_counts() {
        let day = |first: i64, last: i64| Figures {
            largest_gap: Some(5_000),
            days: 1,
            resting: Some(60.0),
            edges: Some(Edges {
                first: (Some(first), first),
                last: (Some(last), last),
            }),
            ..Figures::default()
        };
        let all = Figures::over([
            &day(0, 100_000),
            &Figures::default(),
            &day(400_000, 500_000),
        ]);
        assert_eq!(all.largest_gap, Some(300_000));
        assert_eq!((all.days, all.resting), (2, Some(60.0)));
    }

    #[test]
    fn what_is_not_known_is_not_shown() {
        let shown = lines(&Figures::default());
        assert_eq!(shown, [("Samples", "0".to_owned())]);
        assert_eq!(bpm_text(58.0), "58");
        assert_eq!(bpm_text(58.44), "58.4");
    }
}
