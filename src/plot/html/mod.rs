//! A picture as one page that works offline: figures, a chart that zooms, pans and is read out, a table, and for months
//! the heat map. All of it is in the file; the page's own policy forbids every request.
//!
//! The chart is uPlot's (MIT). The samples travel as one or two bytes a slot, in base64, and are binned to pixels as the
//! view moves, so that a year of minutes stays small and quick.

mod data;
mod table;

pub use data::trace_step;

use super::svg::escape;
use super::theme::{self, DARK, LIGHT, Theme, hex};
use super::{Error, Kind, Picture, curve, figures, svg};
use data::common_zones;
use std::fmt::Write;

const UPLOT: &str = include_str!("page/uplot.js");
const UPLOT_CSS: &str = include_str!("page/uplot.css");
const UPLOT_LICENSE: &str = include_str!("page/LICENSE-uplot");
const CSS: &str = include_str!("page/page.css");
const TRACE: &str = include_str!("page/trace.js");
const PAGE: &str = include_str!("page/page.js");

/// What the page's own title takes the place of, in logical pixels.
const TITLE_HEIGHT: f64 = 68.0;

/// Encodes a picture.
///
/// # Errors
/// Fails when the drawing library does.
pub fn encode(picture: &Picture) -> Result<Vec<u8>, Error> {
    let still = svg::encode_from(picture, TITLE_HEIGHT)?;
    let still = String::from_utf8_lossy(&still);
    let title = escape(&picture.title());
    let mut page = String::with_capacity(256 << 10);
    let _ = write!(
        page,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; \
         script-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>Heart rate, {title}</title>\n\
         <style>\n{UPLOT_CSS}\n{}{CSS}</style>\n</head>\n<body>\n<main>\n",
        variables()
    );
    let subtitle = escape(&picture.subtitle());
    let _ = write!(
        page,
        "<header>\n<h1>{title}</h1>\n<p class=\"sub\">{subtitle}</p>\n</header>\n"
    );
    write_figures(&mut page, picture);
    write_chart(&mut page, picture);
    write_still(&mut page, picture, &still);
    table::write(&mut page, picture);
    let data = data::encode(picture).to_string().replace('<', "\\u003c");
    let _ = write!(
        page,
        "<footer>Made by fitbit-hr. Times are the wearer’s wall clock.</footer>\n</main>\n\
         <script type=\"application/json\" id=\"data\">{data}</script>\n\
         <script>\n/*\n{UPLOT_LICENSE}*/\n{UPLOT}</script>\n<script>\n{TRACE}</script>\n<script>\n{PAGE}</script>\n\
         </body>\n</html>\n"
    );
    Ok(page.into_bytes())
}

/// The colours of [`theme`] as CSS variables; on paper the light ones.
fn variables() -> String {
    let colors = |theme: &Theme| {
        let mut css = String::new();
        for (name, color) in [
            ("background", theme.background),
            ("blank", theme.blank),
            ("ink", theme.ink),
            ("muted", theme.muted),
            ("axis", theme.axis),
            ("grid", theme.grid),
            ("curve", theme.curve),
            ("resting", theme.resting),
        ] {
            let _ = write!(css, "--{name}:{};", hex(color));
        }
        let _ = write!(
            css,
            "--band:{};",
            translucent(&hex(theme.curve), curve::BAND_OPACITY)
        );
        css
    };
    let mut css = format!(":root{{{}", colors(&LIGHT));
    css.push_str(&zones(theme::ZONE_OPACITY));
    let _ = writeln!(
        css,
        "}}\n@media screen and (prefers-color-scheme:dark){{:root:not(.paper){{{}{}}}}}",
        colors(&DARK),
        // The same strength looks weaker on black.
        zones(theme::ZONE_OPACITY * 1.6)
    );
    css
}

fn zones(opacity: f64) -> String {
    let variable = |index: usize| {
        let color = translucent(&hex(theme::zone(index)?), opacity);
        Some(format!("--zone{index}:{color};"))
    };
    (1..=3).filter_map(variable).collect()
}

fn translucent(hex: &str, opacity: f64) -> String {
    format!(
        "color-mix(in srgb, {hex} {:.0}%, transparent)",
        opacity * 100.0
    )
}

fn write_figures(page: &mut String, picture: &Picture) {
    page.push_str("<dl class=\"figures\">\n");
    for (label, value) in figures::lines(&picture.figures) {
        let _ = writeln!(page, "<div><dt>{label}</dt><dd>{value}</dd></div>");
    }
    page.push_str("</dl>\n");
}

fn write_chart(page: &mut String, picture: &Picture) {
    page.push_str(
        "<section aria-label=\"Heart rate over time\">\n<div class=\"bar\">\n<div class=\"buttons\">\n\
         <button type=\"button\" data-do=\"left\" aria-label=\"earlier\">←</button>\n\
         <button type=\"button\" data-do=\"right\" aria-label=\"later\">→</button>\n\
         <button type=\"button\" data-do=\"in\" aria-label=\"zoom in\">+</button>\n\
         <button type=\"button\" data-do=\"out\" aria-label=\"zoom out\">−</button>\n\
         <button type=\"button\" data-do=\"all\">All</button>\n</div>\n\
         <output id=\"readout\" aria-live=\"polite\"></output>\n<span id=\"view\"></span>\n</div>\n\
         <div id=\"plot\" tabindex=\"0\" role=\"group\" aria-label=\"Chart; arrow keys read it out\" \
         aria-describedby=\"keys\"></div>\n",
    );
    write_legend(page, picture);
    page.push_str(
        "<p class=\"hint\" id=\"keys\">Wheel or <kbd>+</kbd> <kbd>−</kbd> zooms, dragging selects a span, \
         <kbd>Shift</kbd> with wheel, drag or arrows moves, <kbd>←</kbd> <kbd>→</kbd> read on, \
         <kbd>Home</kbd> <kbd>End</kbd> go to the first and last sample, <kbd>0</kbd> shows all.</p>\n\
         <noscript><p>The chart needs scripts; the table below does not.</p></noscript>\n</section>\n",
    );
}

fn write_legend(page: &mut String, picture: &Picture) {
    let zones = common_zones(picture);
    let resting = picture.figures.resting.is_some();
    if zones.is_empty() && !resting {
        return;
    }
    page.push_str("<ul class=\"legend\">\n");
    for (index, zone) in zones.iter().enumerate().skip(1) {
        let limits = match (zone.min, zone.max) {
            (Some(min), Some(max)) => format!(" {min}–{max}"),
            (Some(min), None) => format!(" from {min}"),
            (None, _) => String::new(),
        };
        let _ = writeln!(
            page,
            "<li><i style=\"background:var(--zone{})\"></i>{}{limits}</li>",
            index.min(3),
            escape(&zone.name)
        );
    }
    if resting {
        page.push_str(
            "<li><i style=\"background:var(--resting);height:2px;vertical-align:middle\"></i>resting heart rate</li>\n",
        );
    }
    page.push_str("</ul>\n");
}

fn write_still(page: &mut String, picture: &Picture, still: &str) {
    match picture.kind {
        Kind::Months => {
            let _ = write!(page, "<figure>\n{still}</figure>\n");
        }
        Kind::Day | Kind::Weeks => {
            let _ = write!(page, "<noscript><figure>\n{still}</figure></noscript>\n");
        }
    }
}
