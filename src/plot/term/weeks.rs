//! Some weeks in a terminal: a low curve a day.

use super::super::digest::Digest;
use super::super::scale::Scale;
use super::super::{Error, Picture, curve, words};
use super::cells::Cells;
use super::day;
use super::ink::Ink;
use super::layout::{
    Area, Drawn, across, cell, down, draw_axes, drawing_error, figure_rows, write_figures,
    write_title,
};
use plotters::chart::{ChartBuilder, LabelAreaPosition};
use plotters::drawing::IntoDrawingArea;

const TITLE_ROWS: usize = 4;
const AXIS_ROWS: usize = 2;
/// The name of a day.
const NAMES: usize = 12;
/// Mean, range and worn time.
const FIGURES: usize = 24;

/// Dots of a curve, across.
#[must_use]
pub fn curve_columns(width: usize) -> usize {
    width.saturating_sub(NAMES + FIGURES) * 2
}

/// Draws the days.
///
/// # Errors
/// Fails when plotters does.
pub fn draw(picture: &Picture, width: usize) -> Result<Cells, Error> {
    let days: Vec<_> = picture.days().collect();
    let height = if days.len() <= 7 { 3 } else { 2 };
    let figures = figure_rows(picture, width - 2);
    let axis_at = TITLE_ROWS + days.len() * height;
    let mut cells = Cells::new(width, axis_at + AXIS_ROWS + 1 + figures.len());
    write_title(&mut cells, picture);
    let columns = cell(width - FIGURES) + 2;
    cells.text(
        (columns, cell(TITLE_ROWS) - 1),
        "mean    range   worn",
        Ink::Dim,
    );
    for (row, (date, digest)) in days.iter().enumerate() {
        let top = TITLE_ROWS + row * height;
        let last = row + 1 == days.len();
        {
            let root = (&mut cells).into_drawing_area();
            let rows = height + if last { AXIS_ROWS } else { 0 };
            let area = root.shrink(
                (across(NAMES), down(top)),
                (across(width - NAMES - FIGURES), down(rows)),
            );
            draw_curve(&area, picture, *digest, last).map_err(drawing_error)?;
        }
        let middle = cell(top + height / 2);
        cells.text((1, middle), &words::short_day(*date), Ink::Plain);
        cells.text((columns, middle), &day_figures(*digest), Ink::Plain);
    }
    write_figures(&mut cells, axis_at + AXIS_ROWS + 1, &figures);
    Ok(cells)
}

fn draw_curve(
    area: &Area<'_>,
    picture: &Picture,
    digest: Option<&Digest>,
    last: bool,
) -> Drawn<()> {
    let clock = picture.clock();
    let hours = curve::hours(&clock.few_marks());
    let axis = if last { down(AXIS_ROWS) } else { 0 };
    let mut chart = ChartBuilder::on(area)
        .set_label_area_size(LabelAreaPosition::Bottom, axis)
        .build_cartesian_2d(
            Scale::new((0.0, curve::seconds(clock.length())), hours),
            Scale::unnamed(curve::bpm_range(picture), Vec::new()),
        )?;
    if last {
        draw_axes(&mut chart, 2)?;
    }
    let Some(digest) = digest else { return Ok(()) };
    day::draw_runs(&mut chart, &digest.runs, &digest.zones)
}

fn day_figures(digest: Option<&Digest>) -> String {
    let figures = digest.map(|digest| &digest.figures);
    let Some((figures, mean)) = figures.and_then(|f| Some((f, f.samples.mean()?))) else {
        return "no data".to_owned();
    };
    let bin = &figures.samples;
    format!(
        "{mean:>4.0}  {:>7}   {}",
        format!("{}–{}", bin.min, bin.max),
        hours_and_minutes(figures.worn)
    )
}

/// Milliseconds as `4:05`.
fn hours_and_minutes(length: i64) -> String {
    let minutes = length / 60_000;
    format!("{}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_have_two_digits() {
        let shown = [
            0,
            59_999,
            42 * 60_000,
            4 * 3_600_000,
            17 * 3_600_000 + 5 * 60_000,
        ];
        assert_eq!(
            shown.map(hours_and_minutes),
            ["0:00", "0:00", "0:42", "4:00", "17:05"]
        );
    }
}
