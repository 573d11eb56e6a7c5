//! Completeness is proved, not assumed: samples are held against the service's own means of the same minutes. Pure.

use crate::google::points::Point;
use crate::google::rollup::Mean;
use std::collections::BTreeMap;
use std::fmt;

/// What the samples of a day are held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// Nothing.
    None,
    /// Means by the minute that the archive has of the same day; they cost nothing.
    Stored,
    /// Means by the minute that are fetched for it.
    Fetched,
}

/// How the mean of a day may differ in beats per minute: nobody says whether the service weights by time.
const TOLERANCE_BPM: f64 = 2.0;

/// Sum and number of the readings of each minute, by the minute since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally(BTreeMap<i64, (u32, u32)>);

impl Tally {
    /// Counts these readings.
    #[must_use]
    pub fn of(points: &[Point]) -> Self {
        let mut minutes: BTreeMap<i64, (u32, u32)> = BTreeMap::new();
        let mut current = (i64::MIN, 0, 0);
        for point in points {
            let minute = point.instant.div_euclid(60_000);
            if minute != current.0 {
                add(&mut minutes, current);
                current = (minute, 0, 0);
            }
            current.1 += u32::from(point.bpm);
            current.2 += 1;
        }
        add(&mut minutes, current);
        Self(minutes)
    }

    fn mean(&self, minute: i64) -> Option<f64> {
        self.0
            .get(&minute)
            .map(|(sum, count)| f64::from(*sum) / f64::from(*count))
    }
}

fn add(minutes: &mut BTreeMap<i64, (u32, u32)>, (minute, sum, count): (i64, u32, u32)) {
    if count > 0 {
        let entry = minutes.entry(minute).or_default();
        entry.0 += sum;
        entry.1 += count;
    }
}

/// How a day falls short of what the service itself says about it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shortfall {
    /// So many of the minutes that have a mean are without a sample.
    Minutes {
        /// Without a sample.
        missing: usize,
        /// With a mean.
        of: usize,
    },
    /// The minutes are there, and their mean is another one.
    Mean {
        /// Of the samples.
        ours: f64,
        /// Of the service.
        theirs: f64,
    },
}

impl fmt::Display for Shortfall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Minutes { missing, of } => write!(
                f,
                "{missing} of the {of} minutes that the service has means for are without samples"
            ),
            Self::Mean { ours, theirs } => write!(
                f,
                "the samples' mean is {ours:.1} bpm, the service's own is {theirs:.1}"
            ),
        }
    }
}

/// How the readings of a window fall short of the means of the same window; `None` if they do not.
///
/// Minutes without a mean are no fault: the service leaves out what was recorded while the device was not worn.
#[must_use]
pub fn shortfall(tally: &Tally, means: &[Mean]) -> Option<Shortfall> {
    let ours: Vec<_> = means
        .iter()
        .map(|mean| (tally.mean(mean.start.div_euclid(60_000)), mean.bpm))
        .collect();
    let missing = ours.iter().filter(|(mean, _)| mean.is_none()).count();
    if missing > 0 {
        return Some(Shortfall::Minutes {
            missing,
            of: means.len(),
        });
    }
    #[allow(clippy::cast_precision_loss, reason = "a day has 1500 minutes at most")]
    let count = means.len().max(1) as f64;
    let theirs = means.iter().map(|mean| f64::from(mean.bpm)).sum::<f64>() / count;
    let ours = ours.iter().filter_map(|(mean, _)| *mean).sum::<f64>() / count;
    ((ours - theirs).abs() > TOLERANCE_BPM).then_some(Shortfall::Mean { ours, theirs })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(beats: &[(i64, u16)]) -> Vec<Point> {
        beats
            .iter()
            .map(|(second, bpm)| Point {
                instant: second * 1000,
                utc_offset: None,
                bpm: *bpm,
            })
            .collect()
    }

    fn means(minutes: &[(i64, u16)]) -> Vec<Mean> {
        minutes
            .iter()
            .map(|(minute, bpm)| Mean {
                start: minute * 60_000,
                bpm: *bpm,
            })
            .collect()
    }

    #[test]
    fn a_day_that_falls_short_is_told_how() {
        // Newest first, in two pages that meet within a minute.
        let tally = Tally::of(&points(&[
            (125, 70),
            (65, 62),
            (119, 64),
            (59, 80),
            (0, 60),
        ]));
        for (means, expected) in [
            (means(&[]), None),
            (means(&[(0, 70), (1, 63), (2, 70)]), None),
            // Minutes that the service leaves out.
            (means(&[(1, 63)]), None),
            // The service rounds.
            (means(&[(0, 71), (1, 64), (2, 71)]), None),
            (
                means(&[(0, 70), (1, 63), (2, 70), (3, 70)]),
                Some(Shortfall::Minutes { missing: 1, of: 4 }),
            ),
            (
                means(&[(1, 66)]),
                Some(Shortfall::Mean {
                    ours: 63.0,
                    theirs: 66.0,
                }),
            ),
        ] {
            assert_eq!(shortfall(&tally, &means), expected, "{means:?}");
        }
        assert_eq!(
            shortfall(&Tally::default(), &means(&[(0, 60)])).map(|short| short.to_string()),
            Some(
                "1 of the 1 minutes that the service has means for are without samples".to_owned()
            )
        );
    }
}
