//! A terminal's cells as a backend of plotters: two by four braille dots a cell for curves, box-drawing characters for
//! axes, block characters for areas, and text as text.

use super::ink::Ink;
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
};
use std::convert::Infallible;

/// Dots in a cell, across and down.
pub const DOTS: (i32, i32) = (2, 4);

/// A line no longer than this is a tick of an axis.
const TICK: i32 = 4;

const UP: u8 = 1;
const DOWN: u8 = 2;
const LEFT: u8 = 4;
const RIGHT: u8 = 8;

#[derive(Debug, Clone, Copy, Default)]
struct Cell {
    /// Braille dots as the bits of U+2800.
    dots: u8,
    /// Arms of box-drawing lines.
    arms: u8,
    /// Text, a block or a dash, which nothing else covers but text.
    glyph: Option<char>,
    /// A dashed level behind everything else.
    dashed: Option<Ink>,
    ink: Ink,
}

/// A rectangle of cells.
#[derive(Debug)]
pub struct Cells {
    columns: usize,
    cells: Vec<Cell>,
}

impl Cells {
    /// Blank cells.
    #[must_use]
    pub fn new(columns: usize, rows: usize) -> Self {
        Self {
            columns: columns.max(1),
            cells: vec![Cell::default(); columns.max(1) * rows],
        }
    }

    fn cell(&mut self, column: i32, row: i32) -> Option<&mut Cell> {
        let column = usize::try_from(column).ok().filter(|&c| c < self.columns)?;
        let row = usize::try_from(row).ok()?;
        self.cells.get_mut(row * self.columns + column)
    }

    /// Writes text from a cell on; what does not fit is cut.
    pub fn text(&mut self, (column, row): (i32, i32), text: &str, ink: Ink) {
        for (offset, character) in (0..).zip(text.chars()) {
            if let Some(cell) = self.cell(column + offset, row) {
                cell.glyph = Some(character);
                cell.ink = ink;
            }
        }
    }

    fn dot(&mut self, (x, y): BackendCoord, ink: Ink) {
        const BITS: [[u8; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];
        let (column, row) = (x.div_euclid(DOTS.0), y.div_euclid(DOTS.1));
        let bit = usize::try_from(x.rem_euclid(DOTS.0))
            .ok()
            .zip(usize::try_from(y.rem_euclid(DOTS.1)).ok())
            .and_then(|(x, y)| BITS.get(x)?.get(y).copied());
        if let (Some(cell), Some(bit)) = (self.cell(column, row), bit) {
            cell.dots |= bit;
            // The highest zone that touches a cell colours it.
            cell.ink = match (cell.ink, ink) {
                (Ink::Zone(old), Ink::Zone(new)) => Ink::Zone(old.max(new)),
                _ => ink,
            };
        }
    }

    fn arm(&mut self, column: i32, row: i32, arms: u8, ink: Ink) {
        if let Some(cell) = self.cell(column, row) {
            cell.arms |= arms;
            if cell.dots == 0 && cell.glyph.is_none() {
                cell.ink = ink;
            }
        }
    }

    /// An axis or a tick along the cells between two dots.
    fn rule(&mut self, from: BackendCoord, to: BackendCoord, ink: Ink) {
        let level = from.1 == to.1;
        let (start, end) = if level {
            (from.0.min(to.0), from.0.max(to.0))
        } else {
            (from.1.min(to.1), from.1.max(to.1))
        };
        let size = if level { DOTS.0 } else { DOTS.1 };
        let (first, last) = (start.div_euclid(size), end.div_euclid(size));
        let (back, forth) = if level { (LEFT, RIGHT) } else { (UP, DOWN) };
        for at in first..=last {
            let tick = end - start <= TICK;
            let arms = match (tick, level) {
                (true, true) if at == last => back,
                (true, false) if at == first => forth,
                _ => back | forth,
            };
            if level {
                self.arm(at, from.1.div_euclid(DOTS.1), arms, ink);
            } else {
                self.arm(from.0.div_euclid(DOTS.0), at, arms, ink);
            }
        }
    }

    fn level(&mut self, from: BackendCoord, to: BackendCoord, ink: Ink) {
        let row = from.1.div_euclid(DOTS.1);
        let columns = from.0.min(to.0).div_euclid(DOTS.0)..=from.0.max(to.0).div_euclid(DOTS.0);
        for column in columns {
            if let Some(cell) = self.cell(column, row) {
                cell.dashed = Some(ink);
            }
        }
    }

    /// Bresenham's line, in dots.
    fn line(&mut self, from: BackendCoord, to: BackendCoord, ink: Ink) {
        let (dx, dy) = ((to.0 - from.0).abs(), -(to.1 - from.1).abs());
        let step = ((to.0 - from.0).signum(), (to.1 - from.1).signum());
        let (mut at, mut error) = (from, dx + dy);
        loop {
            self.dot(at, ink);
            if at == to {
                return;
            }
            let twice = 2 * error;
            if twice >= dy {
                error += dy;
                at.0 += step.0;
            }
            if twice <= dx {
                error += dx;
                at.1 += step.1;
            }
        }
    }

    /// The cells as lines of text, with colours if wanted; each line ends with `\n` and without blanks.
    #[must_use]
    pub fn render(&self, color: bool) -> String {
        let mut text = String::new();
        for row in self.cells.chunks(self.columns) {
            let mut line = String::new();
            let mut current = Ink::Plain;
            let width = row.iter().rposition(|cell| glyph(cell).0 != ' ');
            for cell in row.iter().take(width.map_or(0, |last| last + 1)) {
                let (character, ink) = glyph(cell);
                if color && ink != current && character != ' ' {
                    line.push_str(&change(current, ink));
                    current = ink;
                }
                line.push(character);
            }
            if current != Ink::Plain {
                line.push_str("\u{1b}[0m");
            }
            text.push_str(&line);
            text.push('\n');
        }
        text
    }
}

fn change(from: Ink, to: Ink) -> String {
    let sgr = to.sgr();
    match (from, to) {
        (_, Ink::Plain) => "\u{1b}[0m".to_owned(),
        (Ink::Plain, _) => format!("\u{1b}[{sgr}m"),
        _ => format!("\u{1b}[0;{sgr}m"),
    }
}

fn glyph(cell: &Cell) -> (char, Ink) {
    if let Some(glyph) = cell.glyph {
        return (glyph, cell.ink);
    }
    if cell.dots != 0 {
        let braille = char::from_u32(0x2800 + u32::from(cell.dots));
        return (braille.unwrap_or(' '), cell.ink);
    }
    let arms = match cell.arms {
        0 => {
            return cell.dashed.map_or((' ', Ink::Plain), |ink| ('╌', ink));
        }
        UP | DOWN | 3 => '│',
        LEFT | RIGHT | 12 => '─',
        5 => '┘',
        6 => '┐',
        9 => '└',
        10 => '┌',
        7 => '┤',
        11 => '├',
        13 => '┴',
        14 => '┬',
        _ => '┼',
    };
    (arms, cell.ink)
}

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

impl DrawingBackend for &mut Cells {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        let size = |cells: usize, dots: i32| {
            u32::try_from(cells).unwrap_or(u32::MAX / 8) * dots.unsigned_abs()
        };
        let rows = self.cells.len() / self.columns;
        (size(self.columns, DOTS.0), size(rows, DOTS.1))
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Drawn {
        if color.alpha > 0.0 {
            self.dot(point, Ink::of(color));
        }
        Ok(())
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Drawn {
        let color = style.color();
        let straight = from.0 == to.0 || from.1 == to.1;
        let ink = Ink::of(color);
        if color.alpha <= 0.0 {
            return Ok(());
        }
        if straight && ink == Ink::Dim {
            self.rule(from, to, ink);
        } else if style.stroke_width() > 1 {
            // A line wider than a dot is a level that lies behind the curve.
            self.level(from, to, ink);
        } else {
            self.line(from, to, ink);
        }
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        let mut before: Option<BackendCoord> = None;
        for point in path {
            self.draw_line(before.unwrap_or(point), point, style)?;
            before = Some(point);
        }
        Ok(())
    }

    /// Fills whole cells: with a block in the ink of a heat map, or its shade in characters.
    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        bottom_right: BackendCoord,
        style: &S,
        _fill: bool,
    ) -> Drawn {
        let ink = Ink::of(style.color());
        let round = |dot: i32, size: i32| (dot + size / 2).div_euclid(size);
        for row in round(upper_left.1, DOTS.1)..round(bottom_right.1, DOTS.1) {
            for column in round(upper_left.0, DOTS.0)..round(bottom_right.0, DOTS.0) {
                if let Some(cell) = self.cell(column, row) {
                    cell.glyph = Some(shade(ink));
                    cell.ink = ink;
                }
            }
        }
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &S,
        position: BackendCoord,
    ) -> Drawn {
        let width = i32::try_from(text.chars().count()).unwrap_or(i32::MAX);
        let column = position.0.div_euclid(DOTS.0);
        let column = match style.anchor().h_pos {
            HPos::Left => column,
            HPos::Center => column - width / 2,
            HPos::Right => column - width,
        };
        let row = match style.anchor().v_pos {
            VPos::Top | VPos::Center => position.1.div_euclid(DOTS.1),
            VPos::Bottom => (position.1 - 1).div_euclid(DOTS.1),
        };
        // Labels at the ends of an axis are moved into the picture rather than cut.
        let last = i32::try_from(self.columns).unwrap_or(i32::MAX) - width;
        self.text((column.min(last).max(0), row), text, Ink::of(style.color()));
        Ok(())
    }

    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        _style: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        let width = u32::try_from(text.chars().count()).unwrap_or(u32::MAX / 8);
        Ok((width * DOTS.0.unsigned_abs(), DOTS.1.unsigned_abs()))
    }
}

/// One of four characters for a shade of the heat map, so that it can be read without colours.
#[must_use]
pub fn shade(ink: Ink) -> char {
    const SHADES: [char; 4] = ['░', '▒', '▓', '█'];
    match ink {
        Ink::Heat(step) => {
            let index =
                usize::from(step) * SHADES.len() / usize::from(super::super::theme::HEAT_STEPS);
            SHADES.get(index).copied().unwrap_or('█')
        }
        Ink::Plain | Ink::Strong | Ink::Dim | Ink::Zone(_) | Ink::Resting => '█',
    }
}

#[cfg(test)]
mod tests {
    use super::super::layout::stroke;
    use super::*;

    fn draw(columns: usize, rows: usize, paint: impl Fn(&mut Cells)) -> String {
        let mut cells = Cells::new(columns, rows);
        paint(&mut cells);
        cells.render(false)
    }

    #[test]
    fn a_curve_is_made_of_braille_dots() {
        let text = draw(3, 1, |mut cells| {
            let style = stroke(Ink::Plain, 1);
            let _ = cells.draw_path([(0, 3), (3, 0), (5, 0)], &style);
        });
        assert_eq!(text, "⡠⠊⠉\n");
    }

    #[test]
    fn axes_meet_in_box_drawing_characters() {
        let text = draw(4, 3, |mut cells| {
            let style = stroke(Ink::Dim, 1);
            let _ = cells.draw_line((3, 0), (3, 11), &style);
            let _ = cells.draw_line((1, 5), (3, 5), &style);
        });
        assert_eq!(text, " │\n─┤\n │\n");
    }

    #[test]
    fn colours_are_switched_only_where_they_change() {
        let mut cells = Cells::new(6, 1);
        cells.text((0, 0), "ab", Ink::Strong);
        cells.text((3, 0), "c", Ink::Strong);
        cells.text((4, 0), "d", Ink::Plain);
        assert_eq!(cells.render(true), "\u{1b}[1mab c\u{1b}[0md\n");
        assert_eq!(cells.render(false), "ab cd\n");
    }

    #[test]
    fn shades_can_be_read_without_colours() {
        let shades: String = [0, 6, 12, 23]
            .map(|step| shade(Ink::Heat(step)))
            .iter()
            .collect();
        assert_eq!(shades, "░▒▓█");
    }
}
