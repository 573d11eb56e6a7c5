//! Pictures of heart rate: the day, the weeks, the months and years; as SVG, PNG, a page, or text for a terminal.
//!
//! ```text
//! Day -> Digest (what a picture needs of a day) -> Picture -> chart_* drawn with plotters -> svg | png | term | html
//! ```
//!
//! Everything here is pure: days in, bytes out, and the same days give the same bytes. [`Plan`] says what kind of picture
//! a span of days becomes and what it wants of each day; days may be digested on any thread, in any order.

pub mod binning;
pub mod calendar;
pub mod chart_day;
pub mod chart_months;
pub mod chart_weeks;
pub mod curve;
pub mod digest;
pub mod figures;
pub mod heatmap;
pub mod html;
pub mod pen;
pub mod png;
pub mod scale;
pub mod svg;
pub mod term;
pub mod theme;
pub mod timeline;
pub mod words;

use crate::day::{Day, Detail};
use crate::exit::{Exit, Explain};
use crate::extract::between::Between;
use chrono::NaiveDate;
use digest::{Axis, Digest, Wanted};
use figures::Figures;
use plotters::backend::DrawingBackend;
use term::Terminal;

/// Fewer days than the shortest month are drawn a curve a day, more as a heat map.
const MOST_CURVES: i64 = 27;

/// Columns of a curve that is as wide as the picture, and of one in a row of a page or picture.
const CURVE_COLUMNS: usize = 1440;

/// What a picture is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Scalable vector graphics, light and dark.
    Svg,
    /// A bitmap at twice the usual density.
    Png,
    /// One page that works offline.
    Html,
    /// Text for a terminal.
    Term,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 4] = [Self::Svg, Self::Png, Self::Html, Self::Term];

    /// The name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Svg => "svg",
            Self::Png => "png",
            Self::Html => "html",
            Self::Term => "term",
        }
    }

    /// The format that a file's extension stands for, in any case.
    #[must_use]
    pub fn of_extension(extension: &str) -> Option<Self> {
        match extension.to_ascii_lowercase().as_str() {
            "svg" => Some(Self::Svg),
            "png" => Some(Self::Png),
            "html" | "htm" => Some(Self::Html),
            "txt" => Some(Self::Term),
            _ => None,
        }
    }
}

/// What a span of days is shown as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One curve, large.
    Day,
    /// A curve a day, one above the other.
    Weeks,
    /// A heat map with the resting heart rate under it.
    Months,
}

impl Kind {
    /// The name in `--json`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Weeks => "weeks",
            Self::Months => "months",
        }
    }
}

/// Why a picture could not be drawn; a bug, since nothing here depends on the surroundings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(pub String);

impl Explain for Error {
    fn what(&self) -> String {
        "could not draw the picture".to_owned()
    }
    fn why(&self) -> String {
        self.0.clone()
    }
    fn hint(&self) -> String {
        "run the command again with -vv and report what it says".to_owned()
    }
    fn exit(&self) -> Exit {
        Exit::Bug
    }
}

/// A span of days and what it becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    from: NaiveDate,
    to: NaiveDate,
    format: Format,
    terminal: Terminal,
    between: Option<Between>,
}

impl Plan {
    /// A picture of the days from `from` to `to`, both included.
    #[must_use]
    pub fn new(from: NaiveDate, to: NaiveDate, format: Format) -> Self {
        Self {
            from,
            to,
            format,
            terminal: Terminal::default(),
            between: None,
        }
    }

    /// Only what lies in a window of the wearer's clock.
    #[must_use]
    pub const fn between(self, between: Option<Between>) -> Self {
        Self { between, ..self }
    }

    /// For a terminal of this width and these colours.
    #[must_use]
    pub const fn on(self, terminal: Terminal) -> Self {
        Self { terminal, ..self }
    }

    /// What the span is shown as.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match (self.to - self.from).num_days() + 1 {
            ..=1 => Kind::Day,
            2..=MOST_CURVES => Kind::Weeks,
            _ => Kind::Months,
        }
    }

    /// What the picture needs of each day.
    #[must_use]
    pub fn wanted(&self) -> Wanted {
        let width = self.terminal.width();
        let curve = match (self.kind(), self.format) {
            (Kind::Months, _) => None,
            (Kind::Day, Format::Term) => Some((Axis::Elapsed, term::day::curve_columns(width))),
            (Kind::Weeks, Format::Term) => {
                Some((Axis::WallClock, term::weeks::curve_columns(width)))
            }
            (Kind::Day, _) => Some((Axis::Elapsed, CURVE_COLUMNS)),
            (Kind::Weeks, _) => Some((Axis::WallClock, CURVE_COLUMNS / 2)),
        };
        Wanted {
            curve,
            trace_step: (self.format == Format::Html)
                .then(|| html::trace_step((self.to - self.from).num_days() + 1)),
        }
    }

    /// Reduces a day to what the picture needs.
    #[must_use]
    pub fn digest(&self, day: &Day) -> Digest {
        match self.between {
            Some(between) => Digest::between(day, between, self.wanted()),
            None => Digest::of(day, self.wanted()),
        }
    }

    /// Draws the days that have been digested; in any order, days that are not there stay blank. Returns the picture, and
    /// its figures.
    ///
    /// # Errors
    /// Fails when the drawing library does, which is a bug.
    pub fn draw(&self, mut digests: Vec<Digest>) -> Result<(Vec<u8>, Summary), Error> {
        digests.retain(|digest| (self.from..=self.to).contains(&digest.date));
        digests.sort_by_key(|digest| digest.date);
        let picture = Picture {
            kind: self.kind(),
            from: self.from,
            to: self.to,
            figures: Figures::over(digests.iter().map(|digest| &digest.figures)),
            digests,
        };
        let bytes = match self.format {
            Format::Svg => svg::encode(&picture),
            Format::Png => png::encode(&picture),
            Format::Term => term::encode(&picture, self.terminal),
            Format::Html => html::encode(&picture),
        }?;
        Ok((bytes, Summary::of(&picture.figures)))
    }
}

/// The figures of a picture, for scripts.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// Days with samples.
    pub days: u64,
    /// Samples.
    pub samples: u64,
    /// The lowest rate.
    pub min_bpm: Option<u16>,
    /// The highest rate.
    pub max_bpm: Option<u16>,
    /// The mean of all samples.
    pub mean_bpm: Option<f64>,
    /// The mean of the days that know a resting heart rate.
    pub resting_bpm: Option<f64>,
    /// Worn time in whole seconds.
    pub worn_s: i64,
    /// The longest time between neighbouring samples in whole seconds.
    pub largest_gap_s: Option<i64>,
}

fn tenths(bpm: f64) -> f64 {
    (bpm * 10.0).round() / 10.0
}

impl Summary {
    fn of(figures: &Figures) -> Self {
        let bin = &figures.samples;
        let known = |bpm: u16| (bin.count > 0).then_some(bpm);
        Self {
            days: figures.days,
            samples: bin.count,
            min_bpm: known(bin.min),
            max_bpm: known(bin.max),
            mean_bpm: bin.mean().map(tenths),
            resting_bpm: figures.resting.map(tenths),
            worn_s: figures.worn / 1000,
            largest_gap_s: figures.largest_gap.map(|gap| gap / 1000),
        }
    }
}

/// A span of days, digested.
#[derive(Debug, Clone)]
pub struct Picture {
    /// What it is shown as.
    pub kind: Kind,
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
    /// The days that are known, ascending, one a date.
    pub digests: Vec<Digest>,
    /// Their figures.
    pub figures: Figures,
}

impl Picture {
    /// `Thursday, 1 June 2017`, `1–14 June 2017`.
    #[must_use]
    pub fn title(&self) -> String {
        words::span(self.from, self.to)
    }

    /// `Heart rate · 1sec · takeout/Inspire 3`; for a span also how many of its days have data.
    #[must_use]
    pub fn subtitle(&self) -> String {
        let mut parts = vec!["Heart rate".to_owned()];
        if self.kind != Kind::Day {
            let days = (self.to - self.from).num_days() + 1;
            parts.push(format!("{} of {days} days", self.figures.days));
        }
        let with_data = || self.digests.iter().filter(|d| d.figures.days > 0);
        let mut details: Vec<Detail> = with_data().map(|digest| digest.detail).collect();
        details.sort_unstable();
        details.dedup();
        let mut sources: Vec<&str> = with_data()
            .flat_map(|digest| digest.sources.split(", "))
            .filter(|source| !source.is_empty())
            .collect();
        sources.sort_unstable();
        sources.dedup();
        if !details.is_empty() {
            let details: Vec<_> = details.iter().map(|detail| detail.name()).collect();
            parts.push(details.join(", "));
        }
        match sources.as_slice() {
            [] => {}
            [first, second, third, _, ..] => {
                parts.push(format!("{first}, {second}, {third} and others"));
            }
            few => parts.push(few.join(", ")),
        }
        parts.join(" · ")
    }

    /// The picture in words, for those who cannot see it.
    #[must_use]
    pub fn description(&self) -> String {
        let figures: Vec<_> = figures::lines(&self.figures)
            .into_iter()
            .map(|(label, value)| format!("{label}: {value}"))
            .collect();
        format!("{}. {}.", self.subtitle(), figures.join(", "))
    }

    /// Width and height in logical pixels.
    #[must_use]
    pub fn size(&self) -> (f64, f64) {
        match self.kind {
            Kind::Day => chart_day::SIZE,
            Kind::Weeks => chart_weeks::size(self),
            Kind::Months => chart_months::SIZE,
        }
    }

    /// Draws it onto a backend.
    ///
    /// # Errors
    /// Fails as the backend does.
    pub fn draw<DB: DrawingBackend>(
        &self,
        area: &pen::Area<DB>,
        pen: &pen::Pen,
    ) -> Result<(), pen::Failure<DB>> {
        area.fill(&pen.theme.background)?;
        let theme = pen.theme;
        pen.write(
            area,
            (28.0, 22.0),
            &self.title(),
            &pen.strong(20.0, theme.ink),
        )?;
        pen.write(
            area,
            (28.0, 50.0),
            &self.subtitle(),
            &pen.text(12.5, theme.muted),
        )?;
        match self.kind {
            Kind::Day => chart_day::draw(area, pen, self),
            Kind::Weeks => chart_weeks::draw(area, pen, self),
            Kind::Months => chart_months::draw(area, pen, self),
        }
    }
}
