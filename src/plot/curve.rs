//! What the charts of curves share: the scale of bpm, the band from minimum to maximum, the line of means.

use super::binning::Run;
use super::pen::{Chart, Failure, Pen};
use super::timeline::Tick;
use super::{Picture, theme};
use crate::day::Zone;
use plotters::backend::DrawingBackend;
use plotters::element::{Circle, PathElement, Polygon, Rectangle};
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
    steps(first, high, step).collect()
}

/// From `first` on to `high` in steps.
pub fn steps(first: f64, high: f64, step: f64) -> impl Iterator<Item = f64> {
    std::iter::successors(Some(first), move |level| Some(level + step))
        .take_while(move |&level| level <= high)
}

/// Marks of the clock on an axis of seconds.
#[must_use]
pub fn hours(marks: &[Tick]) -> Vec<(f64, String)> {
    let mark = |tick: &Tick| (seconds(tick.x), tick.to_string());
    marks.iter().map(mark).collect()
}

/// A zone's limits, cut to what is shown; `None` where nothing of it is.
#[must_use]
pub fn within(zone: &Zone, (low, high): (f64, f64)) -> Option<(f64, f64)> {
    let from = zone.min.map_or(low, f64::from).max(low);
    let to = zone.max.map_or(high, f64::from).min(high);
    (from < to).then_some((from, to))
}

/// Draws the zones that have a colour as quiet bands, so strongly, over an axis of this length.
///
/// # Errors
/// Fails as the backend does.
pub fn draw_zones<DB: DrawingBackend>(
    chart: &mut Chart<'_, DB>,
    zones: &[Zone],
    (length, range): (f64, (f64, f64)),
    opacity: f64,
) -> Result<(), Failure<DB>> {
    for (index, zone) in zones.iter().enumerate() {
        if let (Some(color), Some((low, high))) = (theme::zone(index), within(zone, range)) {
            let style = color.mix(opacity).filled();
            chart.draw_series([Rectangle::new([(0.0, low), (length, high)], style)])?;
        }
    }
    Ok(())
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
pub fn draw<DB: DrawingBackend>(
    chart: &mut Chart<'_, DB>,
    pen: &Pen,
    runs: &[Run],
) -> Result<(), Failure<DB>> {
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
    fn a_zone_is_cut_to_what_is_shown() {
        let zone = |min, max| Zone {
            name: "Peak".to_owned(),
            min,
            max,
            minutes: None,
            calories: None,
        };
        assert_eq!(
            within(&zone(Some(30), Some(91)), (40.0, 120.0)),
            Some((40.0, 91.0))
        );
        assert_eq!(
            within(&zone(Some(147), None), (40.0, 160.0)),
            Some((147.0, 160.0))
        );
        assert_eq!(within(&zone(Some(147), Some(220)), (40.0, 120.0)), None);
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
