//! Some weeks: a curve a day in rows that share both axes, each with its figures at the right.

use super::digest::{Digest, zones};
use super::pen::{Area, Failure, Pen, centre, left, right};
use super::scale::Scale;
use super::{Picture, curve, theme, words};
use crate::numerals;
use chrono::{Datelike, NaiveDate, Weekday};
use plotters::backend::DrawingBackend;
use plotters::chart::LabelAreaPosition;

const WIDTH: f64 = 1040.0;
const TOP: f64 = 100.0;
const LEFT: f64 = 96.0;
const RIGHT: f64 = 742.0;
const AXIS: f64 = 26.0;
const MARGIN: f64 = 22.0;

/// The right ends of the columns of figures.
const COLUMNS: [(&str, f64); 4] = [
    ("mean", 800.0),
    ("range", 872.0),
    ("resting", 936.0),
    ("worn", 1014.0),
];

/// Width and height in logical pixels; the more days, the lower each.
#[must_use]
pub fn size(picture: &Picture) -> (f64, f64) {
    let (rows, height) = rows(picture);
    (WIDTH, TOP + f64::from(rows) * height + AXIS + MARGIN)
}

fn rows(picture: &Picture) -> (u32, f64) {
    let rows = u32::try_from((picture.to - picture.from).num_days() + 1).unwrap_or(1);
    let height = match rows {
        ..=7 => 84.0,
        8..=14 => 62.0,
        _ => 50.0,
    };
    (rows, height)
}

/// Draws the days below the picture's title.
///
/// # Errors
/// Fails as the backend does.
pub fn draw<DB: DrawingBackend>(
    area: &Area<DB>,
    pen: &Pen,
    picture: &Picture,
) -> Result<(), Failure<DB>> {
    let head = pen.text(11.0, pen.theme.muted).pos(right());
    for (label, x) in COLUMNS {
        pen.write(area, (x, TOP - 12.0), label, &head)?;
    }
    let (rows, height) = rows(picture);
    for (row, (date, day)) in (0..).zip(picture.days()) {
        let last = row + 1 == rows;
        let top = TOP + f64::from(row) * height;
        draw_curve(area, pen, picture, (day, top, height, last))?;
        draw_figures(area, pen, (date, day), top + (height - 7.0) / 2.0)?;
    }
    Ok(())
}

fn draw_curve<DB: DrawingBackend>(
    area: &Area<DB>,
    pen: &Pen,
    picture: &Picture,
    (day, top, height, last): (Option<&Digest>, f64, f64, bool),
) -> Result<(), Failure<DB>> {
    let axis = if last { AXIS } else { 0.0 };
    let plot = pen.part(area, (LEFT, top), (RIGHT - LEFT, height - 7.0 + axis));
    let clock = picture.clock();
    let length = curve::seconds(clock.length());
    let mut hours = curve::hours(&clock.marks());
    if !last {
        for (_, name) in &mut hours {
            name.clear();
        }
    }
    let range = curve::bpm_range(picture);
    let most = if height > 60.0 { 4 } else { 3 };
    let scales = (
        Scale::new((0.0, length), hours),
        Scale::numbered(range, curve::bpm_ticks(range, most)),
    );
    let mut chart = pen.chart(&plot, (30.0, axis), scales)?;
    let opacity = theme::ZONE_OPACITY * 0.6;
    curve::draw_zones(&mut chart, zones(day), (length, range), opacity)?;
    pen.mesh(&mut chart)
        .axis_style(pen.stroke(pen.theme.grid, 1.0))
        .set_tick_mark_size(LabelAreaPosition::Left, pen.px(3.0))
        .label_style(pen.text(10.0, pen.theme.muted))
        .draw()?;
    let Some(day) = day else { return Ok(()) };
    if let Some(resting) = day.figures.resting {
        let line = [(0.0, resting), (length, resting)];
        let style = pen.stroke(pen.theme.resting, 1.0);
        pen.dash(&mut chart, line, style, (5.0, 4.0))?;
    }
    curve::draw(&mut chart, pen, &day.runs)
}

fn draw_figures<DB: DrawingBackend>(
    area: &Area<DB>,
    pen: &Pen,
    (date, day): (NaiveDate, Option<&Digest>),
    y: f64,
) -> Result<(), Failure<DB>> {
    let weekend = matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
    let name = if weekend {
        pen.strong(12.0, pen.theme.ink)
    } else {
        pen.text(12.0, pen.theme.ink)
    };
    pen.write(area, (28.0, y), &words::short_day(date), &name.pos(left()))?;
    let figures = day
        .map(|day| &day.figures)
        .filter(|figures| figures.days > 0);
    let Some(figures) = figures else {
        let middle = (f64::midpoint(LEFT + 30.0, RIGHT), y);
        return pen.write(
            area,
            middle,
            "no data",
            &pen.text(11.0, pen.theme.muted).pos(centre()),
        );
    };
    let bin = &figures.samples;
    let values = [
        bin.mean().map(|mean| format!("{mean:.0}")),
        Some(format!("{}–{}", bin.min, bin.max)),
        figures.resting.map(|resting| format!("{resting:.0}")),
        Some(numerals::span(figures.worn / 1000)),
    ];
    let style = pen.text(12.0, pen.theme.ink).pos(right());
    for ((_, x), value) in COLUMNS.into_iter().zip(values) {
        pen.write(
            area,
            (x, y),
            &value.unwrap_or_else(|| "–".to_owned()),
            &style,
        )?;
    }
    Ok(())
}
