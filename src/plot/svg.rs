//! A picture as SVG: drawn by plotters in tenths of a pixel, with a title, a description and dark colours added.

use super::pen::{Pen, load_font};
use super::{Error, Picture, chart, theme};
use plotters::backend::SVGBackend;
use plotters::drawing::IntoDrawingArea;
use std::fmt::Write;

/// Plotters' coordinates are whole numbers; in tenths of a pixel curves are smooth.
const SCALE: u32 = 10;

/// Encodes a picture.
///
/// # Errors
/// Fails when plotters does.
pub fn encode(picture: &Picture) -> Result<Vec<u8>, Error> {
    encode_from(picture, 0.0)
}

/// Encodes what lies below the first `top` logical pixels, for a page that has the title already.
///
/// # Errors
/// As [`encode`].
pub fn encode_from(picture: &Picture, top: f64) -> Result<Vec<u8>, Error> {
    load_font()?;
    let (width, height) = chart::size(picture);
    let pen = Pen::new(SCALE);
    let units = |length: f64| pen.px(length).unsigned_abs();
    let mut drawn = String::new();
    {
        let area =
            SVGBackend::with_string(&mut drawn, (units(width), units(height))).into_drawing_area();
        chart::draw(&area, &pen, picture)
            .and_then(|()| area.present())
            .map_err(|error| Error(error.to_string()))?;
    }
    let body = drawn.split_once('\n').map_or("", |(_, body)| body);
    let mut svg = head(picture, (width, height - top), top, &pen);
    // What is the default anyway is a third of the file.
    svg.push_str(
        &body
            .replace(" opacity=\"1\"", "")
            .replace(" stroke=\"none\"", ""),
    );
    Ok(svg.into_bytes())
}

fn head(picture: &Picture, (width, height): (f64, f64), top: f64, pen: &Pen) -> String {
    let mut head = String::new();
    let _ = write!(
        head,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 {} {} {}\" stroke-linejoin=\"round\" stroke-linecap=\"round\">\n\
         <title>{}</title>\n<desc>{}</desc>\n<style>rect{{shape-rendering:crispEdges}}{}</style>\n",
        pen.px(top),
        pen.px(width),
        pen.px(height),
        escape(&picture.title()),
        escape(&picture.description()),
        theme::dark_mode_css()
    );
    head
}

/// Text that cannot be taken for markup, in XML and in HTML.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
