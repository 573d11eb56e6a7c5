//! A picture onto any backend of the drawing library: title, then the chart of its kind.

use super::pen::{Area, Failure, Pen};
use super::{Kind, Picture, chart_day, chart_months, chart_weeks};
use plotters::backend::DrawingBackend;

/// Width and height in logical pixels.
#[must_use]
pub fn size(picture: &Picture) -> (f64, f64) {
    match picture.kind {
        Kind::Day => chart_day::SIZE,
        Kind::Weeks => chart_weeks::size(picture),
        Kind::Months => chart_months::SIZE,
    }
}

/// Draws it.
///
/// # Errors
/// Fails as the backend does.
pub fn draw<DB: DrawingBackend>(
    area: &Area<DB>,
    pen: &Pen,
    picture: &Picture,
) -> Result<(), Failure<DB>> {
    let theme = pen.theme;
    area.fill(&theme.background)?;
    let title = pen.strong(20.0, theme.ink);
    pen.write(area, (28.0, 22.0), &picture.title(), &title)?;
    let subtitle = pen.text(12.5, theme.muted);
    pen.write(area, (28.0, 50.0), &picture.subtitle(), &subtitle)?;
    match picture.kind {
        Kind::Day => chart_day::draw(area, pen, picture),
        Kind::Weeks => chart_weeks::draw(area, pen, picture),
        Kind::Months => chart_months::draw(area, pen, picture),
    }
}
