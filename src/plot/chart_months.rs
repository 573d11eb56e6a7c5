//! Months and years: a heat map (day by hour of the wall clock, colour = mean bpm, not worn left blank), the resting
//! heart rate as a line under it, the distribution of all samples, and the figures.

use super::heatmap::Grid;
use super::pen::{Area, Failure, Pen, centre, left};
use super::scale::Scale;
use super::{Picture, calendar, curve, figures, theme};
use plotters::backend::DrawingBackend;
use plotters::chart::{ChartBuilder, LabelAreaPosition};
use plotters::element::{Circle, PathElement, Rectangle};
use plotters::style::{Color, TRANSPARENT};

/// Width and height in logical pixels.
pub const SIZE: (f64, f64) = (1040.0, 734.0);

const LEFT: f64 = 20.0;
const LABELS: f64 = 46.0;
const RIGHT: f64 = 940.0;
const TOP: f64 = 84.0;
/// Where the heat map ends if resting heart rates are known; their panel follows.
const HEAT_BOTTOM: f64 = 368.0;
const RESTING: (f64, f64) = (432.0, 516.0);
const DISTRIBUTION: (f64, f64) = (572.0, 712.0);
const DISTRIBUTION_RIGHT: f64 = 640.0;
const FIGURES: (f64, f64) = (700.0, 556.0);

/// More days than this share their columns by weeks.
const MOST_DAY_COLUMNS: i64 = 732;

/// Names that fit under the heat map.
const MOST_MARKS: usize = 14;

/// Draws the span below the picture's title.
///
/// # Errors
/// Fails as the backend does.
pub fn draw<DB: DrawingBackend>(
    area: &Area<DB>,
    pen: &Pen,
    picture: &Picture,
) -> Result<(), Failure<DB>> {
    let grid = grid(picture);
    let resting = grid.columns.iter().any(|column| column.resting.is_some());
    let bottom = if resting { HEAT_BOTTOM } else { RESTING.1 };
    draw_heat(area, pen, picture, &grid, bottom)?;
    draw_scale(area, pen, &grid, bottom)?;
    if resting {
        draw_resting(area, pen, picture, &grid)?;
    }
    draw_distribution(area, pen, picture)?;
    draw_figures(area, pen, picture)
}

/// The heat map's cells: a column a day, over more than two years a column a week.
#[must_use]
pub fn grid(picture: &Picture) -> Grid {
    let days = (picture.to - picture.from).num_days() + 1;
    let days_per_column = if days <= MOST_DAY_COLUMNS { 1 } else { 7 };
    Grid::of(&picture.digests, picture.from, picture.to, days_per_column)
}

fn days(picture: &Picture) -> f64 {
    count((picture.to - picture.from).num_days() + 1)
}

fn count(number: i64) -> f64 {
    f64::from(i32::try_from(number).unwrap_or(i32::MAX))
}

fn draw_heat<DB: DrawingBackend>(
    area: &Area<DB>,
    pen: &Pen,
    picture: &Picture,
    grid: &Grid,
    bottom: f64,
) -> Result<(), Failure<DB>> {
    let plot = pen.part(area, (LEFT, TOP), (RIGHT - LEFT, bottom - TOP + 26.0));
    let marks = calendar::marks(picture.from, picture.to, MOST_MARKS)
        .into_iter()
        .map(|mark| (count(mark.day), mark.name))
        .collect();
    let shown = picture.hours();
    let (first, last) = (f64::from(shown.start), f64::from(shown.end));
    let step = match shown.len() {
        ..=6 => 1,
        7..=12 => 3,
        _ => 6,
    };
    let hours = (shown.start..=shown.end)
        .filter(|hour| hour % step == 0)
        .map(|hour| (f64::from(hour), format!("{hour:02}:00")))
        .collect();
    let days = days(picture);
    let scales = (
        Scale::new((0.0, days), marks),
        Scale::new((last, first), hours),
    );
    let mut chart = pen.chart(&plot, (LABELS, 26.0), scales)?;
    chart.plotting_area().fill(&pen.theme.blank)?;
    if let Some(scale) = grid.scale() {
        chart.draw_series(
            cells(grid, scale, days)
                .into_iter()
                .map(|(x, hours, shade)| {
                    let corners = [(x.0, hours.0), (x.1, hours.1)];
                    Rectangle::new(corners, theme::heat(shade).filled())
                }),
        )?;
    }
    pen.mesh(&mut chart).disable_mesh().draw()?;
    if picture.figures.days == 0 {
        let middle = (
            f64::midpoint(LEFT + LABELS, RIGHT),
            f64::midpoint(TOP, bottom),
        );
        let style = pen.text(16.0, pen.theme.muted).pos(centre());
        pen.write(area, middle, "no data", &style)?;
    }
    Ok(())
}

type Span = (f64, f64);

/// Days, hours and shade of each cell; neighbouring hours of one shade are one.
fn cells(grid: &Grid, scale: (f64, f64), days: f64) -> Vec<(Span, Span, u8)> {
    let mut cells: Vec<(Span, Span, u8)> = Vec::new();
    let width = count(i64::try_from(grid.days_per_column).unwrap_or(1));
    for (index, column) in grid.columns.iter().enumerate() {
        let left = count(i64::try_from(index).unwrap_or(0)) * width;
        let x = (left, (left + width).min(days));
        for (hour, bin) in (0..).zip(&column.hours) {
            let Some(mean) = bin.mean() else { continue };
            let shade = theme::heat_step(mean, scale);
            let hour = f64::from(hour);
            match cells.last_mut() {
                Some((last, hours, same))
                    if last.0.eq(&x.0) && hours.1.eq(&hour) && *same == shade =>
                {
                    hours.1 += 1.0;
                }
                _ => cells.push((x, (hour, hour + 1.0), shade)),
            }
        }
    }
    cells
}

fn draw_scale<DB: DrawingBackend>(
    area: &Area<DB>,
    pen: &Pen,
    grid: &Grid,
    bottom: f64,
) -> Result<(), Failure<DB>> {
    let Some((low, high)) = grid.scale() else {
        return Ok(());
    };
    let height = (bottom - TOP).min(180.0);
    let bar = pen.part(area, (RIGHT + 18.0, TOP + 22.0), (64.0, height - 22.0));
    let steps = f64::from(theme::HEAT_STEPS);
    let middle = f64::midpoint(low, high);
    let names = vec![
        (low, format!("≤ {low:.0}")),
        (middle, figures::bpm_text(middle)),
        (high, format!("≥ {high:.0}")),
    ];
    let mut chart = ChartBuilder::on(&bar)
        .set_label_area_size(LabelAreaPosition::Right, pen.px(50.0))
        .build_cartesian_2d(
            Scale::unnamed((0.0, 1.0), Vec::new()),
            Scale::new((low, high), names),
        )?;
    chart.draw_series((0..theme::HEAT_STEPS).map(|step| {
        let bpm = |step: f64| low + (high - low) * step / steps;
        let (from, to) = (f64::from(step), f64::from(step) + 1.0);
        Rectangle::new(
            [(0.0, bpm(to)), (1.0, bpm(from))],
            theme::heat(step).filled(),
        )
    }))?;
    pen.mesh(&mut chart)
        .disable_mesh()
        .axis_style(TRANSPARENT)
        .set_tick_mark_size(LabelAreaPosition::Right, pen.px(3.0))
        .draw()?;
    let head = pen.text(11.0, pen.theme.muted).pos(left());
    pen.write(area, (RIGHT + 18.0, TOP + 6.0), "mean bpm", &head)
}

fn draw_resting<DB: DrawingBackend>(
    area: &Area<DB>,
    pen: &Pen,
    picture: &Picture,
    grid: &Grid,
) -> Result<(), Failure<DB>> {
    let head = pen.strong(12.0, pen.theme.ink).pos(left());
    pen.write(
        area,
        (LEFT + LABELS, RESTING.0 - 13.0),
        "Resting heart rate",
        &head,
    )?;
    let known = || grid.columns.iter().filter_map(|column| column.resting);
    let low = (known().fold(f64::INFINITY, f64::min) / 5.0 - 0.2).floor() * 5.0;
    let high = ((known().fold(0.0, f64::max) / 5.0 + 0.2).ceil() * 5.0).max(low + 10.0);
    let step = if high - low > 20.0 { 10.0 } else { 5.0 };
    let levels = curve::steps(low, high, step).collect();
    let plot = pen.part(
        area,
        (LEFT, RESTING.0),
        (RIGHT - LEFT, RESTING.1 - RESTING.0),
    );
    let marks = calendar::marks(picture.from, picture.to, MOST_MARKS)
        .into_iter()
        .map(|mark| count(mark.day))
        .collect();
    let scales = (
        Scale::unnamed((0.0, days(picture)), marks),
        Scale::numbered((low, high), levels),
    );
    let mut chart = pen.chart(&plot, (LABELS, 0.0), scales)?;
    pen.mesh(&mut chart).axis_style(TRANSPARENT).draw()?;
    for run in resting_runs(grid) {
        if let [point] = run.as_slice() {
            let dot = Circle::new(*point, pen.px(1.5), pen.theme.resting.filled());
            chart.draw_series([dot])?;
        } else {
            chart.draw_series([PathElement::new(run, pen.stroke(pen.theme.resting, 1.5))])?;
        }
    }
    Ok(())
}

/// Lines through the middle of neighbouring columns that know a resting heart rate.
fn resting_runs(grid: &Grid) -> Vec<Vec<(f64, f64)>> {
    let width = count(i64::try_from(grid.days_per_column).unwrap_or(1));
    let mut runs = vec![Vec::new()];
    for (index, column) in (0..).zip(&grid.columns) {
        match (column.resting, runs.last_mut()) {
            (Some(resting), Some(run)) => run.push(((count(index) + 0.5) * width, resting)),
            (None, Some(run)) if !run.is_empty() => runs.push(Vec::new()),
            _ => {}
        }
    }
    runs.retain(|run| !run.is_empty());
    runs
}

/// Bars of the distribution: lower rate, and the share of all samples in the step from there.
#[must_use]
pub fn distribution(picture: &Picture, step: usize) -> Vec<(f64, f64)> {
    let mut counts = vec![0_u64; 301 / step + 1];
    for digest in &picture.digests {
        for (bpm, &count) in digest.histogram.iter().enumerate() {
            if let Some(bar) = counts.get_mut(bpm / step) {
                *bar += u64::from(count);
            }
        }
    }
    #[allow(clippy::cast_precision_loss, reason = "shares for people")]
    let share = |count: u64| count as f64 / picture.figures.samples.count.max(1) as f64;
    let bar = |index: usize| count(i64::try_from(index * step).unwrap_or(0));
    let bars = counts.into_iter().enumerate();
    bars.map(|(index, count)| (bar(index), share(count)))
        .collect()
}

fn draw_distribution<DB: DrawingBackend>(
    area: &Area<DB>,
    pen: &Pen,
    picture: &Picture,
) -> Result<(), Failure<DB>> {
    const STEP: usize = 2;
    let head = pen.strong(12.0, pen.theme.ink).pos(left());
    let (top, bottom) = DISTRIBUTION;
    pen.write(area, (LEFT + LABELS, top - 15.0), "Distribution", &head)?;
    let bars = distribution(picture, STEP);
    let range = curve::bpm_range(picture);
    let highest = bars.iter().map(|&(_, share)| share).fold(0.01, f64::max) * 1.08;
    let shares = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0];
    let step = shares
        .into_iter()
        .find(|step| highest / step < 4.0)
        .unwrap_or(1.0);
    let levels = curve::steps(0.0, highest, step)
        .map(|level| (level, format!("{:.0} %", level * 100.0)))
        .collect();
    let plot = pen.part(area, (LEFT, top), (DISTRIBUTION_RIGHT - LEFT, bottom - top));
    let scales = (
        Scale::numbered(range, curve::bpm_ticks(range, 14)),
        Scale::new((0.0, highest), levels),
    );
    let mut chart = pen.chart(&plot, (LABELS, 26.0), scales)?;
    pen.mesh(&mut chart).disable_x_mesh().draw()?;
    let width = count(i64::try_from(STEP).unwrap_or(1));
    let bars = bars.into_iter().filter(|&(_, share)| share > 0.0);
    chart.draw_series(bars.map(|(bpm, share)| {
        let corners = [(bpm + width * 0.06, share), (bpm + width * 0.94, 0.0)];
        Rectangle::new(corners, pen.theme.curve.filled())
    }))?;
    Ok(())
}

fn draw_figures<DB: DrawingBackend>(
    area: &Area<DB>,
    pen: &Pen,
    picture: &Picture,
) -> Result<(), Failure<DB>> {
    for (index, (label, value)) in (0_i32..).zip(figures::lines(&picture.figures)) {
        let x = FIGURES.0 + f64::from(index % 2) * 160.0;
        let y = FIGURES.1 + f64::from(index / 2) * 52.0;
        pen.write_figure(area, (x, y), label, &value)?;
    }
    Ok(())
}
