//! One day: its curve against the wearer's wall clock, zones as quiet bands, resting heart rate as a line, figures beside.

use super::digest::{Digest, zones};
use super::pen::{Area, Chart, Failure, Pen, centre, left};
use super::scale::Scale;
use super::timeline::Timeline;
use super::{Picture, curve, figures, theme};
use crate::numerals;
use plotters::backend::DrawingBackend;
use plotters::element::PathElement;

/// Width and height in logical pixels.
pub const SIZE: (f64, f64) = (1040.0, 460.0);

const TOP: f64 = 96.0;
const BOTTOM: f64 = 442.0;
const LEFT: f64 = 20.0;
/// Where the plot ends and the names of zones begin.
const RIGHT: f64 = 770.0;
const FIGURES: f64 = 896.0;
/// The height of the hours under the plot.
const HOURS: f64 = 26.0;

/// Draws the day below the picture's title.
///
/// # Errors
/// Fails as the backend does.
pub fn draw<DB: DrawingBackend>(
    area: &Area<DB>,
    pen: &Pen,
    picture: &Picture,
) -> Result<(), Failure<DB>> {
    let day = picture.digests.first();
    let plain = Timeline::plain(picture.from);
    let timeline = day.map_or(&plain, |day| &day.timeline);
    let range = curve::bpm_range(picture);
    let plot = pen.part(area, (LEFT, TOP), (RIGHT - LEFT, BOTTOM - TOP));
    let length = curve::seconds(timeline.length());
    let scales = (
        Scale::new((0.0, length), curve::hours(&timeline.marks())),
        Scale::numbered(range, curve::bpm_ticks(range, 7)),
    );
    let mut chart = pen.chart(&plot, (34.0, HOURS), scales)?;
    let whole = (length, range);
    curve::draw_zones(&mut chart, zones(day), whole, theme::ZONE_OPACITY)?;
    pen.mesh(&mut chart).draw()?;
    draw_lines(&mut chart, pen, picture, timeline, range)?;
    if let Some(day) = day {
        curve::draw(&mut chart, pen, &day.runs)?;
    }
    let pixels = chart.plotting_area().get_y_axis_pixel_range();
    let (top, bottom) = (pixels.start.min(pixels.end), pixels.start.max(pixels.end));
    let y = |bpm: f64| {
        let share = (bpm - range.0) / (range.1 - range.0);
        (f64::from(bottom) - share * f64::from(bottom - top)) / f64::from(pen.px(1.0))
    };
    let columns = chart.plotting_area().get_x_axis_pixel_range();
    let x = |at: i64| {
        let share = curve::seconds(at) / length;
        let (start, end) = (f64::from(columns.start), f64::from(columns.end));
        (start + share * (end - start)) / f64::from(pen.px(1.0))
    };
    label_changes(area, pen, timeline, x)?;
    label_levels(area, pen, &levels(picture, day, range), y)?;
    if picture.figures.days == 0 {
        say_that_there_is_nothing(area, pen)?;
    }
    draw_figures(area, pen, picture)
}

/// Changes of the clock, and the resting heart rate.
fn draw_lines<DB: DrawingBackend>(
    chart: &mut Chart<'_, DB>,
    pen: &Pen,
    picture: &Picture,
    timeline: &Timeline,
    range: (f64, f64),
) -> Result<(), Failure<DB>> {
    let length = curve::seconds(timeline.length());
    for (x, _) in timeline.changes() {
        let x = curve::seconds(x);
        let style = pen.stroke(pen.theme.axis, 1.0);
        pen.dash(chart, [(x, range.0), (x, range.1)], style, (2.0, 4.0))?;
    }
    if let Some(resting) = picture.figures.resting {
        let style = pen.stroke(pen.theme.resting, 1.5);
        let line = [(0.0, resting), (length, resting)];
        pen.dash(chart, line, style, (7.0, 5.0))?;
    }
    Ok(())
}

fn say_that_there_is_nothing<DB: DrawingBackend>(
    area: &Area<DB>,
    pen: &Pen,
) -> Result<(), Failure<DB>> {
    let middle = (
        f64::midpoint(LEFT + 34.0, RIGHT),
        f64::midpoint(TOP, BOTTOM) - HOURS / 2.0,
    );
    let style = pen.text(16.0, pen.theme.muted).pos(centre());
    pen.write(area, middle, "no data", &style)
}

/// What stands to the right of the plot at the height of a rate: one line or two.
struct Level {
    bpm: f64,
    lines: Vec<String>,
    /// The resting heart rate: in its own colour and exactly at its height.
    resting: bool,
}

impl Level {
    fn height(&self) -> f64 {
        self.lines.iter().map(|_| LINE).sum()
    }
}

fn levels(picture: &Picture, day: Option<&Digest>, range: (f64, f64)) -> Vec<Level> {
    let room = (BOTTOM - TOP - HOURS) / (range.1 - range.0);
    let mut levels: Vec<Level> = zones(day)
        .iter()
        .filter_map(|zone| {
            let (low, high) = curve::within(zone, range)?;
            let mut lines = vec![curve::shortened(&zone.name, 18)];
            if let Some(minutes) = zone.minutes {
                lines.push(numerals::span(i64::from(minutes) * 60));
            }
            let level = Level {
                bpm: f64::midpoint(low, high),
                lines,
                resting: false,
            };
            // A sliver of a zone has no room for its name.
            ((high - low) * room > level.height() * 0.8).then_some(level)
        })
        .collect();
    if let Some(resting) = picture.figures.resting {
        levels.push(Level {
            bpm: resting,
            lines: vec![format!("resting {}", figures::bpm_text(resting))],
            resting: true,
        });
    }
    levels.sort_by(|a, b| b.bpm.total_cmp(&a.bpm));
    levels
}

/// The height of a line of names, in logical pixels.
const LINE: f64 = 14.0;

fn label_levels<DB: DrawingBackend>(
    area: &Area<DB>,
    pen: &Pen,
    levels: &[Level],
    y: impl Fn(f64) -> f64,
) -> Result<(), Failure<DB>> {
    let places = apart(
        &levels
            .iter()
            .map(|level| (y(level.bpm), level.height(), level.resting))
            .collect::<Vec<_>>(),
    );
    for (level, place) in levels.iter().zip(places) {
        let style = if level.resting {
            pen.strong(11.0, pen.theme.resting)
        } else {
            pen.text(11.0, pen.theme.muted)
        };
        let mut line = place - (level.height() - LINE) / 2.0;
        for text in &level.lines {
            pen.write(area, (RIGHT + 8.0, line), text, &style.pos(left()))?;
            line += LINE;
        }
    }
    Ok(())
}

/// Moves blocks (middle, height; ascending) apart so that none overlaps another; the fixed one stays.
fn apart(wanted: &[(f64, f64, bool)]) -> Vec<f64> {
    let mut places: Vec<f64> = wanted.iter().map(|&(y, _, _)| y).collect();
    let fixed = wanted.iter().position(|&(_, _, fixed)| fixed).unwrap_or(0);
    let distance = |index: usize| match wanted.get(index..index + 2) {
        Some([above, below]) => f64::midpoint(above.1, below.1),
        _ => 0.0,
    };
    for index in (0..fixed).rev() {
        if let [place, below, ..] = &mut places[index..] {
            *place = place.min(*below - distance(index));
        }
    }
    for index in fixed..places.len().saturating_sub(1) {
        if let [above, place, ..] = &mut places[index..] {
            *place = place.max(*above + distance(index));
        }
    }
    places
}

fn label_changes<DB: DrawingBackend>(
    area: &Area<DB>,
    pen: &Pen,
    timeline: &Timeline,
    x: impl Fn(i64) -> f64,
) -> Result<(), Failure<DB>> {
    let style = pen.text(10.5, pen.theme.muted).pos(centre());
    for (at, by) in timeline.changes() {
        pen.write(area, (x(at), TOP - 9.0), &curve::change_text(by), &style)?;
    }
    Ok(())
}

fn draw_figures<DB: DrawingBackend>(
    area: &Area<DB>,
    pen: &Pen,
    picture: &Picture,
) -> Result<(), Failure<DB>> {
    let rule = PathElement::new(
        vec![
            (pen.px(FIGURES - 14.0), pen.px(TOP)),
            (pen.px(FIGURES - 14.0), pen.px(BOTTOM - HOURS)),
        ],
        pen.stroke(pen.theme.grid, 1.0),
    );
    area.draw(&rule)?;
    let mut y = TOP;
    for (label, value) in figures::lines(&picture.figures) {
        pen.write_figure(area, (FIGURES, y), label, &value)?;
        y += 55.0;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_moved_apart_around_the_fixed_one() {
        assert_eq!(
            apart(&[
                (10.0, 14.0, false),
                (100.0, 28.0, false),
                (104.0, 14.0, true),
                (105.0, 14.0, false)
            ]),
            [10.0, 83.0, 104.0, 118.0]
        );
        let two = [(10.0, 14.0, false), (12.0, 14.0, false)];
        assert_eq!(apart(&two), [10.0, 24.0]);
        assert!(apart(&[]).is_empty());
    }
}
