//! A picture as PNG: drawn by plotters at four times the size, and averaged down to twice the size for smooth edges.

use super::pen::{Pen, load_font};
use super::{Error, Picture, chart};
use plotters::backend::{BitMapBackend, DrawingBackend};
use plotters::drawing::IntoDrawingArea;
use plotters_backend::{BackendCoord, BackendStyle, BackendTextStyle, DrawingErrorKind};

/// Pixels of the file in a logical pixel, for sharp screens and for print.
const DENSITY: u32 = 2;

/// Pixels drawn for a pixel of the file, in each direction.
const OVERSAMPLING: u32 = 2;

/// 96 logical pixels in an inch, in pixels a metre.
const PIXELS_A_METRE: u32 = DENSITY * 3780;

/// Encodes a picture.
///
/// # Errors
/// Fails when plotters or the encoder does.
pub fn encode(picture: &Picture) -> Result<Vec<u8>, Error> {
    load_font()?;
    let pen = Pen::new(DENSITY * OVERSAMPLING);
    let (width, height) = chart::size(picture);
    let (width, height) = (pen.px(width).unsigned_abs(), pen.px(height).unsigned_abs());
    let mut pixels = vec![u8::MAX; width as usize * height as usize * 3];
    {
        let bitmap = BitMapBackend::with_buffer(&mut pixels, (width, height));
        let area = SmoothLines(bitmap).into_drawing_area();
        chart::draw(&area, &pen, picture)
            .and_then(|()| area.present())
            .map_err(|error| Error(error.to_string()))?;
    }
    let smooth = average(&pixels, width as usize);
    compress(&smooth, width / OVERSAMPLING, height / OVERSAMPLING)
        .map_err(|error| Error(error.to_string()))
}

/// The mean of each square of [`OVERSAMPLING`] pixels.
fn average(pixels: &[u8], width: usize) -> Vec<u8> {
    let n = OVERSAMPLING as usize;
    let row = width * 3;
    let mut smooth = Vec::with_capacity(pixels.len() / (n * n));
    for rows in pixels.chunks_exact(row * n) {
        for x in 0..width / n {
            for channel in 0..3 {
                let sum: usize = (0..n * n)
                    .filter_map(|i| rows.get((i / n) * row + (x * n + i % n) * 3 + channel))
                    .map(|&value| usize::from(value))
                    .sum();
                smooth.push(u8::try_from((sum + n * n / 2) / (n * n)).unwrap_or(u8::MAX));
            }
        }
    }
    smooth
}

fn compress(pixels: &[u8], width: u32, height: u32) -> Result<Vec<u8>, png::EncodingError> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_pixel_dims(Some(png::PixelDimensions {
        xppu: PIXELS_A_METRE,
        yppu: PIXELS_A_METRE,
        unit: png::Unit::Meter,
    }));
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(file)
}

/// Plotters' bitmap, with wide lines drawn piece by piece: as one outline, as plotters fills them, a jagged curve
/// would have holes where it overlaps itself.
struct SmoothLines<'a>(BitMapBackend<'a>);

type Drawn<'a> = Result<(), DrawingErrorKind<<BitMapBackend<'a> as DrawingBackend>::ErrorType>>;

impl<'a> DrawingBackend for SmoothLines<'a> {
    type ErrorType = <BitMapBackend<'a> as DrawingBackend>::ErrorType;

    fn get_size(&self) -> (u32, u32) {
        self.0.get_size()
    }

    fn ensure_prepared(&mut self) -> Drawn<'a> {
        self.0.ensure_prepared()
    }

    fn present(&mut self) -> Drawn<'a> {
        self.0.present()
    }

    fn draw_pixel(
        &mut self,
        point: BackendCoord,
        color: plotters_backend::BackendColor,
    ) -> Drawn<'a> {
        self.0.draw_pixel(point, color)
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Drawn<'a> {
        // An upright or level line is a box; as a polygon its edges would depend on rounding.
        let half = i32::try_from(style.stroke_width() / 2).unwrap_or(0);
        let rest = i32::try_from(style.stroke_width()).unwrap_or(1) - half;
        if from.0 == to.0 || from.1 == to.1 {
            let (left, right) = (from.0.min(to.0), from.0.max(to.0));
            let (top, bottom) = (from.1.min(to.1), from.1.max(to.1));
            let (dx, dy) = if from.0 == to.0 { (half, 0) } else { (0, half) };
            let (ex, ey) = if from.0 == to.0 { (rest, 0) } else { (0, rest) };
            let corner = (right + ex, bottom + ey);
            return self.0.draw_rect((left - dx, top - dy), corner, style, true);
        }
        self.0.draw_line(from, to, style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        bottom_right: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn<'a> {
        self.0.draw_rect(upper_left, bottom_right, style, fill)
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn<'a> {
        let mut before: Option<BackendCoord> = None;
        for point in path {
            if let Some(before) = before {
                self.draw_line(before, point, style)?;
            }
            if style.stroke_width() > 3 {
                self.0
                    .draw_circle(point, style.stroke_width() / 2 - 1, &style.color(), true)?;
            }
            before = Some(point);
        }
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        vertices: I,
        style: &S,
    ) -> Drawn<'a> {
        self.0.fill_polygon(vertices, style)
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        center: BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Drawn<'a> {
        self.0.draw_circle(center, radius, style, fill)
    }

    fn draw_text<S: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &S,
        position: BackendCoord,
    ) -> Drawn<'a> {
        // Plotters centres text a little higher in bitmaps than in SVG.
        #[allow(
            clippy::cast_possible_truncation,
            reason = "a fraction of a font's size"
        )]
        let lower = (style.size() * 0.06) as i32;
        self.0
            .draw_text(text, style, (position.0, position.1 + lower))
    }
}
