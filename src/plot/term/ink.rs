//! Colours of a terminal. Plotters carries colours as red, green and blue, so each ink travels as one made-up colour.

use super::super::theme;
use plotters::style::RGBColor;
use plotters_backend::BackendColor;

/// What something is drawn with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ink {
    /// The terminal's own text colour.
    #[default]
    Plain,
    /// Titles.
    Strong,
    /// Axes and labels.
    Dim,
    /// The curve in the zone at this index, ascending.
    Zone(u8),
    /// Resting heart rate.
    Resting,
    /// A shade of the heat map.
    Heat(u8),
}

impl Ink {
    /// The ink of a curve below the zones of effort.
    pub const CURVE: Self = Self::Zone(0);

    /// The colour under which it travels through plotters.
    #[must_use]
    pub const fn color(self) -> RGBColor {
        match self {
            Self::Plain => RGBColor(0, 0, 0),
            Self::Strong => RGBColor(1, 0, 0),
            Self::Dim => RGBColor(2, 0, 0),
            Self::Resting => RGBColor(3, 0, 0),
            Self::Zone(index) => RGBColor(4, index, 0),
            Self::Heat(step) => RGBColor(5, step, 0),
        }
    }

    /// The ink that travelled as `color`.
    #[must_use]
    pub const fn of(color: BackendColor) -> Self {
        match color.rgb {
            (1, _, _) => Self::Strong,
            (2, _, _) => Self::Dim,
            (3, _, _) => Self::Resting,
            (4, index, _) => Self::Zone(index),
            (5, step, _) => Self::Heat(step),
            _ => Self::Plain,
        }
    }

    /// The SGR parameters, empty for plain text: from the 256 colours those nearest to the pictures' own, in tones that
    /// stand out from a black background and from a white one.
    #[must_use]
    pub fn sgr(self) -> String {
        match self {
            Self::Plain => String::new(),
            Self::Strong => "1".to_owned(),
            Self::Dim => "2".to_owned(),
            Self::Resting => "38;5;36".to_owned(),
            Self::Zone(0) => "38;5;32".to_owned(),
            Self::Zone(1) => "38;5;172".to_owned(),
            Self::Zone(2) => "38;5;166".to_owned(),
            Self::Zone(_) => "38;5;169".to_owned(),
            Self::Heat(step) => format!("38;5;{}", cube(theme::heat(step))),
        }
    }
}

/// The nearest of the 216 colours of the xterm cube.
fn cube(color: RGBColor) -> u16 {
    const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let nearest = |value: u8| {
        (0_u16..)
            .zip(LEVELS)
            .min_by_key(|(_, level)| level.abs_diff(value))
            .map_or(0, |(index, _)| index)
    };
    16 + 36 * nearest(color.0) + 6 * nearest(color.1) + nearest(color.2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use plotters::style::Color;

    #[test]
    fn every_ink_comes_through_plotters_unharmed() {
        for ink in [
            Ink::Plain,
            Ink::Strong,
            Ink::Dim,
            Ink::Resting,
            Ink::Zone(3),
            Ink::Heat(23),
        ] {
            assert_eq!(Ink::of(ink.color().to_backend_color()), ink);
        }
    }

    #[test]
    fn the_heat_map_uses_the_colour_cube() {
        assert_eq!(Ink::Heat(0).sgr(), "38;5;53");
        assert_eq!(Ink::Heat(theme::HEAT_STEPS - 1).sgr(), "38;5;220");
    }
}
