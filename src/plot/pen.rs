//! What all charts are drawn with: one unit of length, a few sizes of text, a few strokes.
//!
//! Charts are laid out in logical pixels; a backend draws each of them as `scale` of its own units. Text is measured
//! and, in bitmaps, drawn with a bundled font, so that a picture is the same on every machine.

use super::scale::Scale;
use super::theme::{LIGHT, Theme};
use plotters::backend::DrawingBackend;
use plotters::chart::{ChartBuilder, ChartContext, LabelAreaPosition, MeshStyle};
use plotters::coord::Shift;
use plotters::coord::cartesian::Cartesian2d;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind};
use plotters::element::DashedPathElement;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{
    Color, FontDesc, FontFamily, FontStyle, FontTransform, RGBColor, ShapeStyle, TextStyle,
};
use std::sync::OnceLock;

/// Roboto, Copyright 2015 Google Inc., Apache License 2.0, cut down to Latin; see `font/README.md`.
const REGULAR: &[u8] = include_bytes!("font/roboto-regular.ttf");
/// The same in medium weight, for titles and figures.
const MEDIUM: &[u8] = include_bytes!("font/roboto-medium.ttf");

/// Plotters calls a font of `s` pixels what CSS calls one of `s / 1.24`.
const FONT_HEIGHT: f64 = 1.24;

/// How drawing on a backend fails.
pub type Failure<DB> = DrawingAreaErrorKind<<DB as DrawingBackend>::ErrorType>;

/// A place to draw on.
pub type Area<DB> = DrawingArea<DB, Shift>;

/// A chart whose marks are given.
pub type Chart<'a, DB> = ChartContext<'a, DB, Cartesian2d<Scale, Scale>>;

/// Registers the bundled font as the generic family that pictures name.
///
/// # Errors
/// Fails when the bundled font cannot be read.
pub fn load_font() -> Result<(), super::Error> {
    static LOADED: OnceLock<bool> = OnceLock::new();
    let loaded = LOADED.get_or_init(|| {
        [(FontStyle::Normal, REGULAR), (FontStyle::Bold, MEDIUM)]
            .into_iter()
            .all(|(style, bytes)| {
                plotters::style::register_font("sans-serif", style, bytes).is_ok()
            })
    });
    if *loaded {
        Ok(())
    } else {
        Err(super::Error(
            "the bundled font could not be read".to_owned(),
        ))
    }
}

/// Length, text and strokes.
#[derive(Debug, Clone, Copy)]
pub struct Pen {
    /// Units of the backend in a logical pixel.
    scale: f64,
    /// The colours.
    pub theme: Theme,
}

impl Pen {
    /// A pen for a backend with `scale` units in a logical pixel.
    #[must_use]
    pub const fn new(scale: u32) -> Self {
        Self {
            scale: scale as f64,
            theme: LIGHT,
        }
    }

    /// Logical pixels in units of the backend.
    #[must_use]
    pub fn px(&self, logical: f64) -> i32 {
        #[allow(
            clippy::cast_possible_truncation,
            reason = "lengths of a picture, some thousand units"
        )]
        let units = (logical * self.scale).round() as i32;
        units
    }

    /// A line of so many logical pixels.
    #[must_use]
    pub fn stroke<C: Color>(&self, color: C, width: f64) -> ShapeStyle {
        ShapeStyle {
            color: color.to_rgba(),
            filled: false,
            stroke_width: self.px(width).max(1).unsigned_abs(),
        }
    }

    /// Text of so many logical pixels.
    #[must_use]
    pub fn text(&self, size: f64, color: RGBColor) -> TextStyle<'static> {
        self.styled(size, color, FontStyle::Normal)
    }

    /// The same in a heavier weight.
    #[must_use]
    pub fn strong(&self, size: f64, color: RGBColor) -> TextStyle<'static> {
        self.styled(size, color, FontStyle::Bold)
    }

    fn styled(&self, size: f64, color: RGBColor, style: FontStyle) -> TextStyle<'static> {
        let size = (size * self.scale * FONT_HEIGHT).round();
        TextStyle {
            font: FontDesc::new(FontFamily::SansSerif, size, style).transform(FontTransform::None),
            color: plotters::style::Color::to_backend_color(&color),
            pos: Pos::default(),
        }
    }

    /// Draws text at a logical position of `area`.
    ///
    /// # Errors
    /// Fails as the backend does.
    pub fn write<DB: DrawingBackend>(
        &self,
        area: &Area<DB>,
        (x, y): (f64, f64),
        text: &str,
        style: &TextStyle<'_>,
    ) -> Result<(), Failure<DB>> {
        area.draw_text(text, style, (self.px(x), self.px(y)))
    }

    /// Writes a figure below its label.
    ///
    /// # Errors
    /// Fails as the backend does.
    pub fn write_figure<DB: DrawingBackend>(
        &self,
        area: &Area<DB>,
        (x, y): (f64, f64),
        label: &str,
        value: &str,
    ) -> Result<(), Failure<DB>> {
        self.write(area, (x, y), label, &self.text(11.0, self.theme.muted))?;
        let strong = self.strong(16.0, self.theme.ink);
        self.write(area, (x, y + 16.0), value, &strong)
    }

    /// An empty chart in a part of a picture, with room for the labels of its axes at the left and at the bottom.
    ///
    /// # Errors
    /// Fails as the backend does.
    pub fn chart<'c, DB: DrawingBackend>(
        &self,
        part: &Area<DB>,
        (left, bottom): (f64, f64),
        (x, y): (Scale, Scale),
    ) -> Result<Chart<'c, DB>, Failure<DB>> {
        ChartBuilder::on(part)
            .set_label_area_size(LabelAreaPosition::Left, self.px(left))
            .set_label_area_size(LabelAreaPosition::Bottom, self.px(bottom))
            .build_cartesian_2d(x, y)
    }

    /// The axes and the grid of a chart, still to be drawn.
    pub fn mesh<'a, 'c, DB: DrawingBackend>(
        &self,
        chart: &'c mut Chart<'a, DB>,
    ) -> MeshStyle<'a, 'c, Scale, Scale, DB> {
        let mut mesh = chart.configure_mesh();
        mesh.bold_line_style(self.stroke(self.theme.grid, 1.0))
            .axis_style(self.stroke(self.theme.axis, 1.0))
            .set_all_tick_mark_size(self.px(4.0))
            .label_style(self.text(11.0, self.theme.muted));
        mesh
    }

    /// Draws a line of dashes.
    ///
    /// # Errors
    /// Fails as the backend does.
    pub fn dash<DB: DrawingBackend>(
        &self,
        chart: &mut Chart<'_, DB>,
        line: [(f64, f64); 2],
        style: ShapeStyle,
        (dash, space): (f64, f64),
    ) -> Result<(), Failure<DB>> {
        let (dash, space) = (self.px(dash), self.px(space));
        chart.draw_series([DashedPathElement::new(line, dash, space, style)])?;
        Ok(())
    }

    /// A part of `area`: left, top, width and height in logical pixels.
    #[must_use]
    pub fn part<DB: DrawingBackend>(
        &self,
        area: &Area<DB>,
        (x, y): (f64, f64),
        (width, height): (f64, f64),
    ) -> Area<DB> {
        area.clone()
            .shrink((self.px(x), self.px(y)), (self.px(width), self.px(height)))
    }
}

/// Anchored at its right end, centred on its height.
#[must_use]
pub fn right() -> Pos {
    Pos::new(HPos::Right, VPos::Center)
}

/// Anchored at its left end, centred on its height.
#[must_use]
pub fn left() -> Pos {
    Pos::new(HPos::Left, VPos::Center)
}

/// Anchored at its middle.
#[must_use]
pub fn centre() -> Pos {
    Pos::new(HPos::Center, VPos::Center)
}
