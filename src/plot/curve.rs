//! What the charts of curves share: the scale of bpm, the band from minimum to maximum, the line of means.

use super::Picture;
use super::binning::Run;
use super::pen::{Failure, Pen};
use plotters::backend::DrawingBackend;
use plotters::chart::ChartContext;
use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::ranged1d::Ranged;
use plotters::element::{Circle, PathElement, Polygon};
use plotters::style::Color;

/// How strongly the band from minimum to maximum is drawn.
pub const BAND_OPACITY: f64 = 0.28;

/// Milliseconds as seconds, for an axis.
#[must_use]
pub fn seconds(milliseconds: i64) -> f64 {
    #[allow(
        clippy::cast_precision_loss,
        reason = "spans of a few days, far below 2^53"
    )]
    let milliseconds = milliseconds as f64;
    milliseconds / 1000.0
}

/// The lowest and highest rate shown: tens that hold all samples and the resting heart rate with some air.
#[must_use]
pub fn bpm_range(picture: &Picture) -> (f64, f64) {
    let bin = &picture.figures.samples;
    if bin.count == 0 {
        return (40.0, 160.0);
    }
    let resting = picture.digests.iter().filter_map(|day| day.figures.resting);
    let lowest = resting.fold(f64::from(bin.min), f64::min);
    let highest = f64::from(bin.max).max(lowest + 30.0);
    let low = ((lowest - 3.0) / 10.0).floor() * 10.0;
    let high = ((highest + 3.0) / 10.0).ceil() * 10.0;
    (low.max(0.0), high)
}

/// Round rates within a range, at most `most` of them.
#[must_use]
pub fn bpm_ticks((low, high): (f64, f64), most: u8) -> Vec<f64> {
    let step = [10.0, 20.0, 25.0, 50.0, 100.0]
        .into_iter()
        .find(|step| (high - low) / step < f64::from(most))
        .unwrap_or(200.0);
    let first = (low / step).ceil() * step;
    std::iter::successors(Some(first), |tick| Some(tick + step))
        .take_while(|&tick| tick <= high)
        .collect()
}

/// `clock +1 h`, `clock −5 h 30 min`.
#[must_use]
pub fn change_text(by: i64) -> String {
    let sign = if by < 0 { '−' } else { '+' };
    let minutes = (by.abs() + 30_000) / 60_000;
    let minutes_text = match minutes % 60 {
        0 => String::new(),
        rest => format!(" {rest} min"),
    };
    format!("clock {sign}{} h{minutes_text}", minutes / 60)
}

/// At most `most` characters of a name, the last an ellipsis if it was cut.
#[must_use]
pub fn shortened(name: &str, most: usize) -> String {
    if name.chars().count() <= most {
        return name.to_owned();
    }
    let kept: String = name.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// Draws runs: the band where a column holds more than one rate, and the means as a line that ends at each gap.
///
/// # Errors
/// Fails as the backend does.
pub fn draw<DB, X, Y>(
    chart: &mut ChartContext<'_, DB, Cartesian2d<X, Y>>,
    pen: &Pen,
    runs: &[Run],
) -> Result<(), Failure<DB>>
where
    DB: DrawingBackend,
    X: Ranged<ValueType = f64>,
    Y: Ranged<ValueType = f64>,
{
    let band = pen.theme.curve.mix(BAND_OPACITY).filled();
    for run in runs {
        let bins = || run.iter().map(|column| (seconds(column.x), &column.bin));
        if run.len() > 1 && bins().any(|(_, bin)| bin.min < bin.max) {
            let above = bins().map(|(x, bin)| (x, f64::from(bin.max)));
            let below = bins().rev().map(|(x, bin)| (x, f64::from(bin.min)));
            chart.draw_series([Polygon::new(above.chain(below).collect::<Vec<_>>(), band)])?;
        }
    }
    let line = pen.stroke(pen.theme.curve, 1.3);
    for run in runs {
        let means: Vec<_> = run
            .iter()
            .filter_map(|column| Some((seconds(column.x), column.bin.mean()?)))
            .collect();
        match means.as_slice() {
            // A run of one sample has no length, but is there.
            [point] => {
                let dot = Circle::new(*point, pen.px(1.1).max(1), pen.theme.curve.filled());
                chart.draw_series([dot])?;
            }
            _ => {
                chart.draw_series([PathElement::new(means, line)])?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_few() {
        assert_eq!(
            bpm_ticks((40.0, 90.0), 7),
            [40.0, 50.0, 60.0, 70.0, 80.0, 90.0]
        );
        assert_eq!(
            bpm_ticks((40.0, 170.0), 7),
            [40.0, 60.0, 80.0, 100.0, 120.0, 140.0, 160.0]
        );
        assert_eq!(bpm_ticks((30.0, 70.0), 2), [50.0]);
    }

    #[test]
    fn a_change_of_the_clock_says_how_far() {
        assert_eq!(change_text(3_600_000), "clock +1 h");
        assert_eq!(change_text(-19_800_000), "clock −5 h 30 min");
    }

    #[test]
    fn long_names_are_cut() {
        assert_eq!(shortened("Out of Range", 18), "Out of Range");
        assert_eq!(shortened("A zone of my own making", 8), "A zone…");
    }
}
