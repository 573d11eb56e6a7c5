//! A picture as text for a terminal: braille curves, shades, and labels in 80 columns or as many as there are. Colours
//! help where they are allowed; without them everything can still be read.

pub mod cells;
pub mod day;
pub mod ink;
mod layout;
pub mod months;
pub mod weeks;

use super::pen::load_font;
use super::{Error, Kind, Picture};

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
