//! A picture as text for a terminal: braille curves, shades, and labels in 80 columns or as many as there are. Colours
//! help where they are allowed; without them everything can still be read.

pub mod cells;
pub mod day;
pub mod ink;
pub mod months;
pub mod weeks;

use super::pen::load_font;
use super::{Error, Kind, Picture, figures};
use cells::{Cells, DOTS};
use ink::Ink;
use plotters::coord::Shift;
use plotters::drawing::DrawingArea;
use plotters::style::{FontDesc, FontFamily, FontStyle, ShapeStyle, TextStyle};

/// The terminal that a picture is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terminal {
    /// Its width in cells.
    pub columns: u16,
    /// Whether it may be coloured.
    pub color: bool,
}

impl Default for Terminal {
    /// What fits everywhere: 80 columns without colours.
    fn default() -> Self {
        Self {
            columns: 80,
            color: false,
        }
    }
}

impl Terminal {
    /// Narrower than the narrowest picture or wider than a curve gains from is not used.
    #[must_use]
    pub fn width(self) -> usize {
        usize::from(self.columns.clamp(60, 160))
    }
}

/// Encodes a picture as lines of text.
///
/// # Errors
/// Fails when plotters does.
pub fn encode(picture: &Picture, terminal: Terminal) -> Result<Vec<u8>, Error> {
    load_font()?;
    let width = terminal.width();
    let cells = match picture.kind {
        Kind::Day => day::draw(picture, width)?,
        Kind::Weeks => weeks::draw(picture, width)?,
        Kind::Months => months::draw(picture, width)?,
    };
    Ok(cells.render(terminal.color).into_bytes())
}

type Area<'a> = DrawingArea<&'a mut Cells, Shift>;

/// Cells as dots.
fn across(cells: usize) -> i32 {
    i32::try_from(cells).unwrap_or(i32::MAX / 8) * DOTS.0
}

fn down(cells: usize) -> i32 {
    i32::try_from(cells).unwrap_or(i32::MAX / 8) * DOTS.1
}

fn cell(cells: usize) -> i32 {
    i32::try_from(cells).unwrap_or(i32::MAX / 8)
}

fn label(ink: Ink) -> TextStyle<'static> {
    let font = FontDesc::new(FontFamily::SansSerif, 4.0, FontStyle::Normal);
    font.color(&ink.color())
}

fn stroke(ink: Ink, stroke_width: u32) -> ShapeStyle {
    ShapeStyle {
        stroke_width,
        ..ShapeStyle::from(ink.color())
    }
}

fn drawing_error(error: impl std::fmt::Display) -> Error {
    Error(error.to_string())
}

/// Title and subtitle in the first two rows.
fn write_title(cells: &mut Cells, picture: &Picture) {
    cells.text((1, 0), &picture.title(), Ink::Strong);
    cells.text((1, 1), &picture.subtitle(), Ink::Dim);
}

/// The figures in as few rows of `width` cells as they need.
fn figure_rows(picture: &Picture, width: usize) -> Vec<String> {
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
