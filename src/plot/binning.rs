//! Many samples in few columns: what a curve shows where there are more samples than pixels.
//!
//! Samples become [`Run`]s: stretches without a gap, each a list of columns with minimum, mean and maximum. A line is
//! drawn within a run and never between two, so a gap stays open however it is zoomed.

use crate::day::Detail;

/// What is known of the samples that fall together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bin {
    /// How many samples there are; with none, the rest means nothing.
    pub count: u64,
    /// The sum of their bpm.
    pub sum: u64,
    /// The lowest bpm.
    pub min: u16,
    /// The highest bpm.
    pub max: u16,
}

impl Bin {
    /// Takes one sample in.
    pub fn add(&mut self, bpm: u16) {
        self.merge(&Self {
            count: 1,
            sum: u64::from(bpm),
            min: bpm,
            max: bpm,
        });
    }

    /// Takes in what another bin holds.
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        if self.count == 0 {
            *self = *other;
            return;
        }
        self.count += other.count;
        self.sum += other.sum;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    /// The mean in bpm; `None` without samples.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        #[allow(
            clippy::cast_precision_loss,
            reason = "sums of bpm stay far below 2^53"
        )]
        (self.count > 0).then(|| self.sum as f64 / self.count as f64)
    }
}

/// One sample on its way into a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// Milliseconds since the day began, by a clock that is never set: what decides about gaps.
    pub elapsed: i64,
    /// Milliseconds from the left end of the axis.
    pub x: i64,
    /// Beats per minute.
    pub bpm: u16,
}

/// The samples of one run that fall into one column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Which column, from the left.
    pub index: usize,
    /// Where on the axis the samples lie on average, in milliseconds.
    pub x: i64,
    /// The samples.
    pub bin: Bin,
}

/// Neighbouring columns without a gap between them, left to right.
pub type Run = Vec<Column>;

/// The longest time between neighbouring samples that is not a gap, in milliseconds.
///
/// A device stores every one to fifteen seconds, and less often at rest: five times the day's usual spacing, and two
/// minutes at least. A window without a mean is a gap whatever its length.
#[must_use]
pub fn gap_limit(detail: Detail, median_spacing: Option<i64>) -> i64 {
    match detail {
        Detail::Sec1 => (5 * median_spacing.unwrap_or(0)).max(120_000),
        Detail::Min1 | Detail::Min5 | Detail::Min15 => detail.seconds() * 1500,
    }
}

/// Sorts points (ascending by `elapsed`) into `columns` columns over an axis of `length` milliseconds.
///
/// A run ends at a gap longer than `gap_limit`, on the clock or on the axis, and where the axis jumps back (a repeated
/// hour on a wall clock). Points off the axis go into its outermost columns, so that none is lost.
#[must_use]
pub fn runs(
    points: impl IntoIterator<Item = Point>,
    length: i64,
    columns: usize,
    gap_limit: i64,
) -> Vec<Run> {
    let mut builder = Runs {
        length: length.max(1),
        columns: columns.max(1),
        gap_limit,
        done: Vec::new(),
        open: None,
        last: None,
    };
    for point in points {
        builder.take(point);
    }
    builder.finish()
}

struct Runs {
    length: i64,
    columns: usize,
    gap_limit: i64,
    done: Vec<Run>,
    /// The column in hand, and the sum of its samples' places on the axis.
    open: Option<(Run, usize, i64, Bin)>,
    last: Option<Point>,
}

impl Runs {
    fn column(&self, x: i64) -> usize {
        let columns = i64::try_from(self.columns).unwrap_or(i64::MAX);
        let index = (x.max(0).saturating_mul(columns) / self.length).min(columns - 1);
        usize::try_from(index).unwrap_or(0)
    }

    fn take(&mut self, point: Point) {
        let index = self.column(point.x);
        let joined = self.last.is_some_and(|last| {
            let step = point.x - last.x;
            point.elapsed - last.elapsed <= self.gap_limit && (0..=self.gap_limit).contains(&step)
        });
        self.last = Some(point);
        let open = self.open.take();
        let (run, open_index, mut x_sum, mut bin) = match open {
            Some(open) if joined && open.1 == index => open,
            Some((mut run, open_index, x_sum, bin)) => {
                run.push(column(open_index, x_sum, bin));
                if joined {
                    (run, index, 0, Bin::default())
                } else {
                    self.done.push(run);
                    (Vec::new(), index, 0, Bin::default())
                }
            }
            None => (Vec::new(), index, 0, Bin::default()),
        };
        x_sum += point.x;
        bin.add(point.bpm);
        self.open = Some((run, open_index.max(index), x_sum, bin));
    }

    fn finish(mut self) -> Vec<Run> {
        if let Some((mut run, index, x_sum, bin)) = self.open.take() {
            run.push(column(index, x_sum, bin));
            self.done.push(run);
        }
        self.done
    }
}

fn column(index: usize, x_sum: i64, bin: Bin) -> Column {
    Column {
        index,
        x: x_sum / i64::try_from(bin.count).unwrap_or(i64::MAX).max(1),
        bin,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn point(elapsed: i64, bpm: u16) -> Point {
        Point {
            elapsed,
            x: elapsed,
            bpm,
        }
    }

    #[test]
    fn a_column_knows_minimum_mean_and_maximum() {
        let points = [(0, 60), (1_000, 66), (2_000, 90), (50_000, 70)];
        let runs = runs(points.map(|(at, bpm)| point(at, bpm)), 100_000, 10, 60_000);
        assert_eq!(runs.len(), 1);
        let columns = &runs[0];
        assert_eq!(columns.iter().map(|c| c.index).collect::<Vec<_>>(), [0, 5]);
        let bin = columns[0].bin;
        assert_eq!((bin.count, bin.min, bin.max), (3, 60, 90));
        assert_eq!(bin.mean(), Some(72.0));
        assert_eq!((columns[0].x, columns[1].x), (1_000, 50_000));
    }

    #[test]
    fn a_gap_parts_runs_even_within_a_column() {
        let points = [(0, 60), (10, 61), (5_000, 62)].map(|(at, bpm)| point(at, bpm));
        assert_eq!(runs(points, 100_000, 2, 1_000).len(), 2);
        assert_eq!(runs(points, 100_000, 2, 4_990).len(), 1);
    }

    #[test]
    fn a_repeated_hour_begins_a_new_run() {
        let hour = 3_600_000;
        let points = [
            Point {
                elapsed: 2 * hour - 1_000,
                x: 2 * hour - 1_000,
                bpm: 60,
            },
            Point {
                elapsed: 2 * hour,
                x: hour,
                bpm: 61,
            },
        ];
        assert_eq!(runs(points, 24 * hour, 100, 120_000).len(), 2);
    }

    #[test]
    fn a_missing_window_is_a_gap_and_a_sparse_device_is_not() {
        assert_eq!(gap_limit(Detail::Min1, Some(60_000)), 90_000);
        assert_eq!(gap_limit(Detail::Min15, None), 1_350_000);
        assert_eq!(gap_limit(Detail::Sec1, Some(5_000)), 120_000);
        assert_eq!(gap_limit(Detail::Sec1, Some(60_000)), 300_000);
    }

    proptest! {
        #[test]
        fn every_sample_is_counted_once(
            steps in prop::collection::vec((0_i64..400_000, 30_u16..220), 0..300),
            columns in 1_usize..500,
            limit in 1_i64..200_000,
        ) {
            let points = walk(&steps);
            let runs = runs(points.clone(), 86_400_000, columns, limit);
            let bins = || runs.iter().flatten().map(|column| column.bin);
            prop_assert_eq!(bins().map(|bin| bin.count).sum::<u64>(), points.len() as u64);
            prop_assert_eq!(
                bins().map(|bin| bin.sum).sum::<u64>(),
                points.iter().map(|point| u64::from(point.bpm)).sum::<u64>()
            );
            prop_assert_eq!(bins().map(|bin| bin.max).max(), points.iter().map(|p| p.bpm).max());
            for run in &runs {
                prop_assert!(run.windows(2).all(|pair| pair[0].index < pair[1].index));
                prop_assert!(run.iter().all(|column| column.index < columns));
            }
        }

        #[test]
        fn no_run_reaches_over_a_gap(
            steps in prop::collection::vec((0_i64..400_000, 30_u16..220), 2..300),
            columns in 1_usize..500,
            limit in 1_i64..200_000,
        ) {
            let points = walk(&steps);
            let parts = 1 + points.windows(2).filter(|p| p[1].elapsed - p[0].elapsed > limit).count();
            let runs = runs(points.clone(), 86_400_000, columns, limit);
            prop_assert_eq!(runs.len(), parts);
            let mut left = points.iter();
            for run in &runs {
                let count: u64 = run.iter().map(|column| column.bin.count).sum();
                let own: Vec<_> = left.by_ref().take(usize::try_from(count).unwrap_or(0)).collect();
                prop_assert!(own.windows(2).all(|p| p[1].elapsed - p[0].elapsed <= limit));
            }
        }
    }

    fn walk(steps: &[(i64, u16)]) -> Vec<Point> {
        let mut at = 0;
        steps
            .iter()
            .map(|&(step, bpm)| {
                at += step;
                point(at, bpm)
            })
            .collect()
    }
}
