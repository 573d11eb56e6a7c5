//! Day by hour of day: the grid of means behind a heat map, and the scale of its colours.

use super::binning::Bin;
use super::digest::Digest;
use chrono::{Days, NaiveDate};

/// One column of a heat map.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// The first day in it.
    pub date: NaiveDate,
    /// Its samples by hour of the wall clock; an hour not worn has none.
    pub hours: [Bin; 24],
    /// Mean resting heart rate of its days.
    pub resting: Option<f64>,
}

/// Columns from the first day to the last.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    /// Ascending; days without data are columns too.
    pub columns: Vec<Column>,
    /// Days a column.
    pub days_per_column: u64,
}

impl Grid {
    /// Puts `digests` (ascending) into columns of `days_per_column` days, from `from` to `to`, both included.
    #[must_use]
    pub fn of(digests: &[Digest], from: NaiveDate, to: NaiveDate, days_per_column: u64) -> Self {
        let days_per_column = days_per_column.max(1);
        let mut columns = Vec::new();
        let mut rest = digests;
        let mut date = from;
        while date <= to {
            let next = date
                .checked_add_days(Days::new(days_per_column))
                .unwrap_or(NaiveDate::MAX);
            let count = rest.iter().take_while(|digest| digest.date < next).count();
            let (own, later) = rest.split_at(count);
            rest = later;
            columns.push(column(date, own));
            if next == NaiveDate::MAX {
                break;
            }
            date = next;
        }
        Self {
            columns,
            days_per_column,
        }
    }

    /// The means at the given share of all cells, from 0 (lowest) to 1 (highest); `None` without any.
    #[must_use]
    pub fn quantile(&self, share: f64) -> Option<f64> {
        let mut means: Vec<f64> = self.means().collect();
        means.sort_by(f64::total_cmp);
        #[allow(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "an index into a list that fits in memory"
        )]
        let index = (means.len().saturating_sub(1) as f64 * share.clamp(0.0, 1.0)).round() as usize;
        means.get(index).copied()
    }

    fn means(&self) -> impl Iterator<Item = f64> + '_ {
        self.columns
            .iter()
            .flat_map(|column| column.hours.iter().filter_map(Bin::mean))
    }

    /// The ends of the colour scale: multiples of five that hold all but the most extreme cells.
    #[must_use]
    pub fn scale(&self) -> Option<(f64, f64)> {
        let low = (self.quantile(0.02)? / 5.0).floor() * 5.0;
        let high = (self.quantile(0.985)? / 5.0).ceil() * 5.0;
        Some((low, high.max(low + 10.0)))
    }
}

fn column(date: NaiveDate, digests: &[Digest]) -> Column {
    let mut hours = [Bin::default(); 24];
    for digest in digests {
        for (all, own) in hours.iter_mut().zip(&digest.hours) {
            all.merge(own);
        }
    }
    let figures = digests.iter().map(|digest| &digest.figures);
    Column {
        date,
        hours,
        resting: super::figures::Figures::over(figures).resting,
    }
}

#[cfg(test)]
mod tests {
    use super::super::digest::Wanted;
    use super::super::timeline::midnight;
    use super::*;
    use crate::day::{Day, Detail, Provider, Sample};

    fn digest(date: &str, hour: i64, bpm: u16) -> Digest {
        let date = date.parse().expect("a date");
        let mut day = Day::empty(date, Detail::Sec1, Provider::Demo);
        day.samples = vec![Sample::at(midnight(date) + hour * 3_600_000, 0, bpm)];
        day.summary.resting_bpm = Some(f64::from(bpm) - 10.0);
        let wanted = Wanted {
            curve: None,
            trace_step: None,
        };
        Digest::of(&day, wanted)
    }

    fn date(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn days_without_data_are_blank_columns() {
        let digests = [digest("2017-06-02", 3, 60), digest("2017-06-04", 5, 80)];
        let grid = Grid::of(&digests, date("2017-06-01"), date("2017-06-05"), 1);
        let means = |column: usize| grid.columns[column].hours.map(|bin| bin.mean());
        assert_eq!(grid.columns.len(), 5);
        assert!(means(0).iter().all(Option::is_none));
        assert_eq!(means(1)[3], Some(60.0));
        assert_eq!(means(3)[5], Some(80.0));
        assert_eq!(means(3).iter().flatten().count(), 1);
        assert_eq!(grid.columns[2].resting, None);
    }

    #[test]
    fn a_week_is_the_mean_of_its_days() {
        let digests = [digest("2017-06-02", 3, 60), digest("2017-06-04", 3, 80)];
        let grid = Grid::of(&digests, date("2017-06-01"), date("2017-06-10"), 7);
        assert_eq!(grid.columns.len(), 2);
        assert_eq!(grid.columns[0].hours[3].mean(), Some(70.0));
        assert_eq!(grid.columns[0].resting, Some(60.0));
        assert_eq!(grid.scale(), Some((70.0, 80.0)));
    }

    #[test]
    fn without_data_there_is_no_scale() {
        let grid = Grid::of(&[], date("2017-06-01"), date("2017-06-30"), 1);
        assert_eq!((grid.columns.len(), grid.scale()), (30, None));
    }
}
