//! Months and years in a terminal: a heat map of two hours a row, resting heart rates under it, and the distribution.

use super::super::heatmap::Grid;
use super::super::scale::Scale;
use super::super::{Error, Picture, calendar, chart_months, figures, theme};
use super::cells::{Cells, shade};
use super::ink::Ink;
use super::layout::{
    Area, Drawn, across, cell, down, draw_axes, drawing_error, stroke, write_title,
};
use plotters::chart::{ChartBuilder, LabelAreaPosition};
use plotters::drawing::IntoDrawingArea;
use plotters::element::Rectangle;
use std::ops::Range;

const TITLE_ROWS: usize = 3;
const HOURS_A_ROW: usize = 2;
const AXIS_ROWS: usize = 2;
/// `00:00`, a tick and the axis.
const LABELS: usize = 7;
/// The distribution's bars at full length.
const BAR: usize = 24;

/// Draws the span.
///
/// # Errors
/// Fails when plotters does.
pub fn draw(picture: &Picture, width: usize) -> Result<Cells, Error> {
    let room = width - LABELS - 1;
    let (grid, cells_a_column) = grid(picture, room);
    let used = grid.columns.len() * cells_a_column;
    let bars = bars(picture);
    let facts = figures::lines(&picture.figures);
    let rows = rows(picture).len();
    let below = TITLE_ROWS + rows + AXIS_ROWS;
    let lower = below + 5;
    let mut cells = Cells::new(width, lower + bars.len().max(facts.len()));
    write_title(&mut cells, picture);
    {
        let whole = (&mut cells).into_drawing_area();
        let size = (across(LABELS + used), down(rows + AXIS_ROWS));
        let area = whole.shrink((0, down(TITLE_ROWS)), size);
        draw_heat(&area, picture, &grid, room).map_err(drawing_error)?;
    }
    let corner = (cell(LABELS) - 1, cell(TITLE_ROWS + rows));
    cells.text(corner, "└", Ink::Dim);
    write_resting(&mut cells, &grid, cells_a_column, below);
    write_legend(&mut cells, &grid, below + 2);
    cells.text((1, cell(lower) - 1), "distribution", Ink::Dim);
    for (row, (name, share)) in bars.iter().enumerate() {
        let row = cell(lower + row);
        cells.text((1, row), name, Ink::Dim);
        cells.text((9, row), &bar(*share, &bars), Ink::Zone(0));
        let text = format!("{:>5.1} %", share * 100.0);
        cells.text((cell(BAR) + 10, row), &text, Ink::Plain);
    }
    for (row, (name, value)) in facts.iter().enumerate() {
        let at = (cell(BAR) + 24, cell(lower + row));
        cells.text(at, &format!("{:<12}", name.to_lowercase()), Ink::Dim);
        cells.text((at.0 + 13, at.1), value, Ink::Plain);
    }
    Ok(cells)
}

/// The rows of hours that are shown.
fn rows(picture: &Picture) -> Range<usize> {
    let hours = picture.hours();
    let last = usize::from(hours.end).div_ceil(HOURS_A_ROW);
    usize::from(hours.start) / HOURS_A_ROW..last
}

/// Several cells a day where they fit, else several days a cell.
fn grid(picture: &Picture, room: usize) -> (Grid, usize) {
    let days = usize::try_from((picture.to - picture.from).num_days() + 1).unwrap_or(1);
    let days_per_column = days.div_ceil(room).max(1);
    let per_column = u64::try_from(days_per_column).unwrap_or(1);
    let grid = Grid::of(&picture.digests, picture.from, picture.to, per_column);
    let cells = (room / grid.columns.len().max(1)).clamp(1, 3);
    (grid, cells)
}

fn draw_heat(area: &Area<'_>, picture: &Picture, grid: &Grid, room: usize) -> Drawn<()> {
    let count = |number: usize| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
    let days_per_column = f64::from(u32::try_from(grid.days_per_column).unwrap_or(1));
    let marks = calendar::marks(picture.from, picture.to, room / 8)
        .into_iter()
        .map(|mark| {
            let day = f64::from(i32::try_from(mark.day).unwrap_or(0));
            (day / days_per_column, mark.name)
        })
        .collect();
    let shown = rows(picture);
    let step = if shown.len() > 6 { 3 } else { 1 };
    let hours = shown.clone().filter(|row| row % step == 0);
    let hours = hours
        .map(|row| (count(row) + 0.5, format!("{:02}:00", row * HOURS_A_ROW)))
        .collect();
    let mut chart = ChartBuilder::on(area)
        .set_label_area_size(LabelAreaPosition::Left, across(LABELS))
        .set_label_area_size(LabelAreaPosition::Bottom, down(AXIS_ROWS))
        .build_cartesian_2d(
            Scale::new((0.0, count(grid.columns.len())), marks),
            Scale::new((count(shown.end), count(shown.start)), hours),
        )?;
    draw_axes(&mut chart, 2)?;
    let Some(scale) = grid.scale() else {
        return Ok(());
    };
    for (index, column) in grid.columns.iter().enumerate() {
        for (row, hours) in column.hours.chunks(HOURS_A_ROW).enumerate() {
            let mut all = super::super::binning::Bin::default();
            for hour in hours {
                all.merge(hour);
            }
            let Some(mean) = all.mean() else { continue };
            let ink = Ink::Heat(theme::heat_step(mean, scale));
            let corners = [
                (count(index), count(row)),
                (count(index + 1), count(row + 1)),
            ];
            chart.draw_series([Rectangle::new(corners, stroke(ink, 1).filled())])?;
        }
    }
    Ok(())
}

const EIGHTHS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

fn write_resting(cells: &mut Cells, grid: &Grid, cells_a_column: usize, row: usize) {
    let known = || grid.columns.iter().filter_map(|column| column.resting);
    let (low, high) = known().fold((f64::INFINITY, 0.0_f64), |(low, high), bpm| {
        (low.min(bpm), high.max(bpm))
    });
    if low > high {
        return;
    }
    cells.text((0, cell(row)), "rest", Ink::Resting);
    for (index, column) in grid.columns.iter().enumerate() {
        let Some(bpm) = column.resting else { continue };
        let share = (bpm - low) / (high - low).max(1.0);
        let block = eighth(share).to_string().repeat(cells_a_column);
        let at = (cell(LABELS + index * cells_a_column), cell(row));
        cells.text(at, &block, Ink::Resting);
    }
    let (low, high) = (figures::bpm_text(low), figures::bpm_text(high));
    let text = if low == high {
        format!("resting {low} bpm")
    } else {
        format!("resting {low}–{high} bpm")
    };
    cells.text((cell(LABELS), cell(row) + 1), &text, Ink::Dim);
}

fn eighth(share: f64) -> char {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 7"
    )]
    let index = (share.clamp(0.0, 1.0) * 7.0).round() as usize;
    EIGHTHS.get(index).copied().unwrap_or('█')
}

fn write_legend(cells: &mut Cells, grid: &Grid, row: usize) {
    let Some((low, high)) = grid.scale() else {
        cells.text((cell(LABELS), cell(row)), "no data", Ink::Dim);
        return;
    };
    let mut column = cell(LABELS);
    for step in [3_u8, 9, 15, 21] {
        let ink = Ink::Heat(step);
        let mark: String = std::iter::repeat_n(shade(ink), 2).collect();
        cells.text((column, cell(row)), &mark, ink);
        let bpm = |steps: u8| {
            let share = f64::from(steps) / f64::from(theme::HEAT_STEPS);
            low + (high - low) * share
        };
        let text = match step {
            3 => format!("< {:.0}", bpm(6)),
            21 => format!("≥ {:.0} mean bpm", bpm(18)),
            step => format!("{:.0}–{:.0}", bpm(step - 3), bpm(step + 3)),
        };
        cells.text((column + 3, cell(row)), &text, Ink::Dim);
        column += 14;
    }
}

/// Steps of ten bpm, from the first to the last that has samples.
fn bars(picture: &Picture) -> Vec<(String, f64)> {
    let bars = chart_months::distribution(picture, 10);
    let shown = |bar: &(f64, f64)| bar.1 >= 0.000_5;
    let first = bars.iter().position(shown).unwrap_or(0);
    let last = bars.iter().rposition(shown).map_or(0, |last| last + 1);
    let bars = bars.get(first..last).unwrap_or_default();
    bars.iter()
        .map(|(bpm, share)| (format!("{bpm:>3.0}–{:.0}", bpm + 9.0), *share))
        .collect()
}

fn bar(share: f64, bars: &[(String, f64)]) -> String {
    const PARTS: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
    let most = bars.iter().map(|&(_, share)| share).fold(0.001, f64::max);
    let length = share / most * f64::from(u32::try_from(BAR * 8).unwrap_or(0));
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "eighths of a bar's cells"
    )]
    let eighths = length.round() as usize;
    let mut bar = "█".repeat(eighths / 8);
    bar.extend(PARTS.get(eighths % 8));
    bar.trim_end().to_owned()
}
