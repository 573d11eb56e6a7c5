//! The visual language of all pictures: a few quiet colours that colour-blind people can tell apart.
//!
//! Lines and zones are from Okabe and Ito's set (Color Universal Design, 2008), the heat map is viridis; both stay
//! readable in every common form of colour blindness, and viridis in grey too. A picture is drawn in the light colours;
//! formats that know the reader's preference swap them for the dark ones.

use plotters::style::RGBColor;
use plotters::style::colors::colormaps::{ColorMap, ViridisRGB};
use std::fmt::Write;

/// The colours of one mode.
#[derive(Debug, Clone, Copy)]
pub struct Theme {
    /// Behind everything.
    pub background: RGBColor,
    /// Behind a heat map: what is seen where nothing was measured.
    pub blank: RGBColor,
    /// Titles and figures.
    pub ink: RGBColor,
    /// Labels.
    pub muted: RGBColor,
    /// Axes.
    pub axis: RGBColor,
    /// Grid lines.
    pub grid: RGBColor,
    /// The curve of means and, paler, the band from minimum to maximum.
    pub curve: RGBColor,
    /// Resting heart rate.
    pub resting: RGBColor,
}

/// Dark on light: paper, most screens, PNG.
pub const LIGHT: Theme = Theme {
    background: RGBColor(0xFF, 0xFF, 0xFF),
    blank: RGBColor(0xF2, 0xF4, 0xF6),
    ink: RGBColor(0x1F, 0x23, 0x28),
    muted: RGBColor(0x59, 0x63, 0x6E),
    axis: RGBColor(0x8C, 0x95, 0x9F),
    grid: RGBColor(0xE4, 0xE7, 0xEB),
    curve: RGBColor(0x00, 0x72, 0xB2),
    resting: RGBColor(0x00, 0x80, 0x5E),
};

/// Light on dark.
pub const DARK: Theme = Theme {
    background: RGBColor(0x0D, 0x11, 0x17),
    blank: RGBColor(0x1A, 0x20, 0x29),
    ink: RGBColor(0xE6, 0xED, 0xF3),
    muted: RGBColor(0x9A, 0xA4, 0xAF),
    axis: RGBColor(0x6B, 0x75, 0x80),
    grid: RGBColor(0x27, 0x2E, 0x36),
    curve: RGBColor(0x56, 0xB4, 0xE9),
    resting: RGBColor(0x2B, 0xC4, 0x96),
};

/// Shades of the heat map.
pub const HEAT_STEPS: u8 = 24;

/// How strongly a zone's band is laid over the background.
pub const ZONE_OPACITY: f64 = 0.13;

/// The band of the zone at `index`, ascending; the lowest has none.
#[must_use]
pub fn zone(index: usize) -> Option<RGBColor> {
    const ZONES: [RGBColor; 3] = [
        RGBColor(0xE6, 0x9F, 0x00),
        RGBColor(0xD5, 0x5E, 0x00),
        RGBColor(0xCC, 0x79, 0xA7),
    ];
    let above = index.checked_sub(1)?;
    ZONES.get(above).or(ZONES.last()).copied()
}

/// The shade of `bpm` on a scale from `low` to `high`: 0 to [`HEAT_STEPS`] - 1.
#[must_use]
pub fn heat_step(bpm: f64, (low, high): (f64, f64)) -> u8 {
    let share = ((bpm - low) / (high - low)).clamp(0.0, 1.0);
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and the number of steps"
    )]
    let step = (share * f64::from(HEAT_STEPS)) as u8;
    step.min(HEAT_STEPS - 1)
}

/// The colour of a shade.
#[must_use]
pub fn heat(step: u8) -> RGBColor {
    ViridisRGB.get_color(f32::from(step) / f32::from(HEAT_STEPS - 1))
}

/// `#0072B2`.
#[must_use]
pub fn hex(color: RGBColor) -> String {
    format!("#{:02X}{:02X}{:02X}", color.0, color.1, color.2)
}

impl Theme {
    fn colors(&self) -> [RGBColor; 8] {
        [
            self.background,
            self.blank,
            self.ink,
            self.muted,
            self.axis,
            self.grid,
            self.curve,
            self.resting,
        ]
    }
}

/// Style rules that swap the light colours of an SVG for the dark ones, where the reader prefers them.
#[must_use]
pub fn dark_mode_css() -> String {
    let mut css = String::from("@media (prefers-color-scheme:dark){");
    for (light, dark) in LIGHT.colors().into_iter().zip(DARK.colors()) {
        let (light, dark) = (hex(light), hex(dark));
        for paint in ["fill", "stroke"] {
            let _ = write!(css, "[{paint}=\"{light}\"]{{{paint}:{dark}}}");
        }
    }
    css.push('}');
    css
}

#[cfg(test)]
mod tests {
    use super::*;

    /// WCAG 2.2, relative luminance.
    fn luminance(color: RGBColor) -> f64 {
        let channel = |value: u8| {
            let value = f64::from(value) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * channel(color.0) + 0.7152 * channel(color.1) + 0.0722 * channel(color.2)
    }

    fn contrast(a: RGBColor, b: RGBColor) -> f64 {
        let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
        a.max(b) / a.min(b)
    }

    #[test]
    fn text_and_lines_stand_out_in_both_modes() {
        for theme in [LIGHT, DARK] {
            for (color, least) in [
                (theme.ink, 7.0),
                (theme.muted, 4.5),
                (theme.curve, 4.5),
                (theme.resting, 4.5),
                (theme.axis, 3.0),
            ] {
                assert!(contrast(color, theme.background) >= least, "{color:?}");
            }
        }
    }

    #[test]
    fn the_heat_map_grows_lighter_without_a_step_back() {
        let shades: Vec<_> = (0..HEAT_STEPS).map(|step| luminance(heat(step))).collect();
        assert!(shades.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(heat_step(40.0, (50.0, 100.0)), 0);
        assert_eq!(heat_step(100.0, (50.0, 100.0)), HEAT_STEPS - 1);
        assert_eq!(heat_step(75.0, (50.0, 100.0)), HEAT_STEPS / 2);
    }

    #[test]
    fn every_light_colour_has_a_dark_one() {
        let css = dark_mode_css();
        assert_eq!(css.matches("fill:").count(), 8);
        assert!(css.contains("[stroke=\"#0072B2\"]{stroke:#56B4E9}"));
    }
}
