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
pub mod chart;
pub mod chart_day;
pub mod chart_months;
pub mod chart_weeks;
pub mod curve;
pub mod digest;
mod error;
pub mod figures;
mod format;
pub mod heatmap;
pub mod html;
pub mod pen;
mod picture;
pub mod png;
pub mod scale;
pub mod svg;
pub mod term;
pub mod theme;
pub mod timeline;
pub mod words;

pub use error::Error;
pub use figures::Figures;
pub use format::Format;
pub use picture::{Kind, Picture};

use crate::day::Day;
use crate::extract::between::Between;
use chrono::NaiveDate;
use digest::{Axis, Digest, Wanted};
use term::Terminal;

/// Fewer days than the shortest month are drawn a curve a day, more as a heat map.
const MOST_CURVES: i64 = 27;

/// Columns of a curve that is as wide as the picture, and of one in a row of a page or picture.
const CURVE_COLUMNS: usize = 1440;

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
    pub fn draw(&self, mut digests: Vec<Digest>) -> Result<(Vec<u8>, Figures), Error> {
        digests.retain(|digest| (self.from..=self.to).contains(&digest.date));
        digests.sort_by_key(|digest| digest.date);
        let picture = Picture {
            kind: self.kind(),
            from: self.from,
            to: self.to,
            between: self.between,
            figures: Figures::over(digests.iter().map(|digest| &digest.figures)),
            digests,
        };
        let bytes = match self.format {
            Format::Svg => svg::encode(&picture),
            Format::Png => png::encode(&picture),
            Format::Term => term::encode(&picture, self.terminal),
            Format::Html => html::encode(&picture),
        }?;
        Ok((bytes, picture.figures))
    }
}
