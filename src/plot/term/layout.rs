//! Places in cells and dots, strokes and labels, and the lines of text that every picture has.

use super::cells::{Cells, DOTS};
use super::ink::Ink;
use crate::plot::pen::Chart;
use crate::plot::{Error, Picture, figures};
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind};
use plotters::style::{FontDesc, FontFamily, FontStyle, ShapeStyle, TextStyle};
use std::convert::Infallible;

pub(super) type Area<'a> = DrawingArea<&'a mut Cells, Shift>;

/// What drawing gives: cells take everything, plotters may not.
pub(super) type Drawn<T> = Result<T, DrawingAreaErrorKind<Infallible>>;

/// Cells as dots.
pub(super) fn across(cells: usize) -> i32 {
    i32::try_from(cells).unwrap_or(i32::MAX / 8) * DOTS.0
}

pub(super) fn down(cells: usize) -> i32 {
    i32::try_from(cells).unwrap_or(i32::MAX / 8) * DOTS.1
}

pub(super) fn cell(cells: usize) -> i32 {
    i32::try_from(cells).unwrap_or(i32::MAX / 8)
}

fn label(ink: Ink) -> TextStyle<'static> {
    let font = FontDesc::new(FontFamily::SansSerif, 4.0, FontStyle::Normal);
    font.color(&ink.color())
}

pub(super) fn stroke(ink: Ink, stroke_width: u32) -> ShapeStyle {
    ShapeStyle {
        stroke_width,
        ..ShapeStyle::from(ink.color())
    }
}

/// Draws the axes of a chart, with ticks of so many dots.
pub(super) fn draw_axes(chart: &mut Chart<'_, &mut Cells>, ticks: i32) -> Drawn<()> {
    chart
        .configure_mesh()
        .disable_mesh()
        .axis_style(stroke(Ink::Dim, 1))
        .set_all_tick_mark_size(ticks)
        .label_style(label(Ink::Dim))
        .draw()
}

pub(super) fn drawing_error(error: impl std::fmt::Display) -> Error {
    Error(error.to_string())
}

/// Title and subtitle in the first two rows.
pub(super) fn write_title(cells: &mut Cells, picture: &Picture) {
    cells.text((1, 0), &picture.title(), Ink::Strong);
    cells.text((1, 1), &picture.subtitle(), Ink::Dim);
}

/// Writes rows of figures, from a row of cells on.
pub(super) fn write_figures(cells: &mut Cells, first: usize, figures: &[String]) {
    for (row, text) in figures.iter().enumerate() {
        cells.text((1, cell(first + row)), text, Ink::Plain);
    }
}

/// The figures in as few rows of `width` cells as they need.
pub(super) fn figure_rows(picture: &Picture, width: usize) -> Vec<String> {
    let mut rows = vec![String::new()];
    for (label, value) in figures::lines(&picture.figures) {
        let text = match label {
            "Samples" => format!("{value} samples"),
            "Range" => value,
            other => format!("{} {value}", other.to_lowercase()),
        };
        match rows.last_mut() {
            Some(row) if row.is_empty() => row.push_str(&text),
            Some(row) if row.chars().count() + 3 + text.chars().count() <= width => {
                row.push_str(" · ");
                row.push_str(&text);
            }
            _ => rows.push(text),
        }
    }
    rows
}
