//! The figures of a picture, for scripts.

use super::figures::Figures;

/// The figures of a picture, for scripts.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// Days with samples.
    pub days: u64,
    /// Samples.
    pub samples: u64,
    /// The lowest rate.
    pub min_bpm: Option<u16>,
    /// The highest rate.
    pub max_bpm: Option<u16>,
    /// The mean of all samples.
    pub mean_bpm: Option<f64>,
    /// The mean of the days that know a resting heart rate.
    pub resting_bpm: Option<f64>,
    /// Worn time in whole seconds.
    pub worn_s: i64,
    /// The longest time between neighbouring samples in whole seconds.
    pub largest_gap_s: Option<i64>,
}

fn tenths(bpm: f64) -> f64 {
    (bpm * 10.0).round() / 10.0
}

impl Summary {
    pub(super) fn of(figures: &Figures) -> Self {
        let bin = &figures.samples;
        let known = |bpm: u16| (bin.count > 0).then_some(bpm);
        Self {
            days: figures.days,
            samples: bin.count,
            min_bpm: known(bin.min),
            max_bpm: known(bin.max),
            mean_bpm: bin.mean().map(tenths),
            resting_bpm: figures.resting.map(tenths),
            worn_s: figures.worn / 1000,
            largest_gap_s: figures.largest_gap.map(|gap| gap / 1000),
        }
    }
}
