//! One day in a terminal.

use super::super::binning::{Bin, Run};
use super::super::digest::{Digest, zones};
use super::super::figures::bpm_text;
use super::super::pen::Chart;
use super::super::scale::Scale;
use super::super::timeline::Timeline;
use super::super::{Error, Picture, curve};
use super::cells::{Cells, DOTS};
use super::ink::Ink;
use super::layout::{
    Area, Drawn, across, cell, down, draw_axes, drawing_error, figure_rows, stroke, write_figures,
    write_title,
};
use crate::day::Zone;
use plotters::chart::{ChartBuilder, LabelAreaPosition};
use plotters::drawing::IntoDrawingArea;
use plotters::element::PathElement;

const TITLE_ROWS: usize = 3;
const PLOT_ROWS: usize = 16;
const AXIS_ROWS: usize = 2;
/// Three digits, a tick and the axis.
const LABELS: usize = 5;
/// Names of zones at the right.
const NAMES: usize = 14;

/// Dots of the curve, across.
#[must_use]
pub fn curve_columns(width: usize) -> usize {
    width.saturating_sub(LABELS + NAMES) * 2
}

/// Draws the day.
///
/// # Errors
/// Fails when plotters does.
pub fn draw(picture: &Picture, width: usize) -> Result<Cells, Error> {
    let figures = figure_rows(picture, width - 2);
    let figures_at = TITLE_ROWS + PLOT_ROWS + AXIS_ROWS + 1;
    let mut cells = Cells::new(width, figures_at + figures.len());
    write_title(&mut cells, picture);
    let range = curve::bpm_range(picture);
    let names = names(picture, range);
    let rows = {
        let root = (&mut cells).into_drawing_area();
        let area = root.shrink(
            (0, down(TITLE_ROWS)),
            (across(width - NAMES), down(PLOT_ROWS + AXIS_ROWS)),
        );
        draw_plot(&area, picture, range, &names).map_err(drawing_error)?
    };
    cells.text(
        (cell(LABELS) - 1, cell(TITLE_ROWS + PLOT_ROWS)),
        "└",
        Ink::Dim,
    );
    write_names(&mut cells, &names, &rows, width);
    write_changes(&mut cells, picture, width);
    if picture.figures.days == 0 {
        let middle = cell(LABELS + (width - LABELS - NAMES) / 2 - 3);
        cells.text(
            (middle, cell(TITLE_ROWS + PLOT_ROWS / 2)),
            "no data",
            Ink::Dim,
        );
    }
    write_figures(&mut cells, figures_at, &figures);
    Ok(cells)
}

/// Draws the plot, and returns the rows of the names' rates.
fn draw_plot(
    area: &Area<'_>,
    picture: &Picture,
    range: (f64, f64),
    names: &[Name],
) -> Drawn<Vec<i32>> {
    let day = picture.digests.first();
    let plain = Timeline::plain(picture.from);
    let timeline = day.map_or(&plain, |day| &day.timeline);
    let length = curve::seconds(timeline.length());
    let hours = curve::hours(&timeline.marks());
    let mut chart = ChartBuilder::on(area)
        .set_label_area_size(LabelAreaPosition::Left, across(LABELS))
        .set_label_area_size(LabelAreaPosition::Bottom, down(AXIS_ROWS))
        .build_cartesian_2d(
            Scale::new((0.0, length), hours),
            Scale::numbered(range, curve::bpm_ticks(range, 8)),
        )?;
    draw_axes(&mut chart, DOTS.0)?;
    let level = |bpm: f64| vec![(0.0, bpm), (length, bpm)];
    for (zone, limit) in limits(day, range) {
        let style = stroke(zone, 2);
        chart.draw_series([PathElement::new(level(limit), style)])?;
    }
    if let Some(resting) = picture.figures.resting {
        chart.draw_series([PathElement::new(level(resting), stroke(Ink::Resting, 2))])?;
    }
    if let Some(day) = day {
        draw_runs(&mut chart, &day.runs, &day.zones)?;
    }
    let row = |name: &Name| chart.backend_coord(&(0.0, name.bpm)).1.div_euclid(DOTS.1);
    Ok(names.iter().map(row).collect())
}

/// Draws each column from its lowest to its highest rate, in the colours of the zones that it passes; neighbours in a
/// run meet, runs do not.
///
/// # Errors
/// Fails when plotters does.
pub fn draw_runs(chart: &mut Chart<'_, &mut Cells>, runs: &[Run], zones: &[Zone]) -> Drawn<()> {
    for run in runs {
        let mut before: Option<&Bin> = None;
        for column in run {
            let x = curve::seconds(column.x);
            let bin = &column.bin;
            let low = before.map_or(bin.min, |before| bin.min.min(before.max));
            let high = before.map_or(bin.max, |before| bin.max.max(before.min));
            before = Some(bin);
            for bpm in low..=high {
                let piece = [bpm, high.min(bpm + 1)].map(|bpm| (x, f64::from(bpm)));
                let ink = Ink::Zone(zone_of(bpm, zones));
                chart.draw_series([PathElement::new(piece.to_vec(), stroke(ink, 1))])?;
            }
        }
    }
    Ok(())
}

/// The zone that a rate lies in, ascending from 0.
fn zone_of(bpm: u16, zones: &[Zone]) -> u8 {
    let below = zones
        .iter()
        .filter(|zone| zone.min.is_some_and(|min| min <= bpm))
        .count();
    u8::try_from(below.saturating_sub(1)).unwrap_or(u8::MAX)
}

/// The lower limits of zones that are shown, with the ink of the zone above.
fn limits(day: Option<&Digest>, range: (f64, f64)) -> Vec<(Ink, f64)> {
    (0_u8..)
        .zip(zones(day))
        .skip(1)
        .filter_map(|(index, zone)| Some((Ink::Zone(index), f64::from(zone.min?))))
        .filter(|&(_, limit)| range.0 < limit && limit < range.1)
        .collect()
}

/// A name to the right of the plot.
struct Name {
    bpm: f64,
    text: String,
    ink: Ink,
}

/// The resting heart rate first, then zones at their lower limits.
fn names(picture: &Picture, range: (f64, f64)) -> Vec<Name> {
    let day = picture.digests.first();
    let resting = picture.figures.resting.map(|bpm| Name {
        bpm,
        text: format!("resting {}", bpm_text(bpm)),
        ink: Ink::Resting,
    });
    let zones = zones(day);
    let zone = |(ink, bpm): (Ink, f64)| {
        let Ink::Zone(index) = ink else { return None };
        let text = curve::shortened(&zones.get(usize::from(index))?.name, NAMES - 1);
        Some(Name { bpm, text, ink })
    };
    let zones = limits(day, range).into_iter().filter_map(zone);
    resting.into_iter().chain(zones).collect()
}

/// Writes names in their rows; of two in one row the first.
fn write_names(cells: &mut Cells, names: &[Name], rows: &[i32], width: usize) {
    let mut taken = Vec::new();
    for (name, row) in names.iter().zip(rows) {
        if !taken.contains(row) {
            taken.push(*row);
            cells.text((cell(width - NAMES) + 1, *row), &name.text, name.ink);
        }
    }
}

/// Above the plot, where the clock was set.
fn write_changes(cells: &mut Cells, picture: &Picture, width: usize) {
    let Some(day) = picture.digests.first() else {
        return;
    };
    let columns = f64::from(cell(width - LABELS - NAMES));
    for (x, by) in day.timeline.changes() {
        let text = curve::change_text(by);
        let share = curve::seconds(x) / curve::seconds(day.timeline.length());
        #[allow(clippy::cast_possible_truncation, reason = "a column of the picture")]
        let column = (share * columns) as i32 - cell(text.chars().count()) / 2;
        let at = (cell(LABELS) + column.max(0), cell(TITLE_ROWS) - 1);
        cells.text(at, &text, Ink::Dim);
    }
}
