//! A picture to draw on: rectangles, lines and small text.

use font8x8::UnicodeFonts;
use tiny_skia::{Color, Paint, PathBuilder, Pixmap, Rect, Stroke, Transform};

/// Side of a letter's pixel in `text`; letters are eight of them high and wide.
const LETTER: usize = 8;

/// What our pictures are drawn on.
pub const GROUND: [u8; 3] = [0x16, 0x17, 0x1d];
/// Their axes and grids.
pub const LINE: [u8; 3] = [0x3a, 0x3d, 0x4a];
/// Their letters.
pub const INK: [u8; 3] = [0xd8, 0xda, 0xe2];

/// A picture that is being drawn.
pub struct Canvas {
    pixels: Pixmap,
}

/// Red, green, blue, and opacity from 0 to 1.
pub type Ink = ([u8; 3], f32);

fn paint((colour, opacity): Ink) -> Paint<'static> {
    let mut paint = Paint::default();
    let [red, green, blue] = colour;
    paint.set_color(Color::from_rgba8(red, green, blue, (opacity.clamp(0.0, 1.0) * 255.0) as u8));
    paint.anti_alias = true;
    paint
}

impl Canvas {
    /// `None` for sizes that no picture can have.
    pub fn new(width: u32, height: u32, ground: [u8; 3]) -> Option<Self> {
        let mut pixels = Pixmap::new(width, height)?;
        pixels.fill(Color::from_rgba8(ground[0], ground[1], ground[2], 255));
        Some(Self { pixels })
    }

    /// A filled rectangle with its top left corner at `x`, `y`; at least half a pixel wide and high.
    pub fn rectangle(&mut self, x: f32, y: f32, width: f32, height: f32, ink: Ink) {
        if let Some(rect) = Rect::from_xywh(x, y, width.max(0.5), height.max(0.5)) {
            self.pixels.fill_rect(rect, &paint(ink), Transform::identity(), None);
        }
    }

    /// Straight lines from point to point; `width` in pixels.
    pub fn line(&mut self, points: &[(f32, f32)], width: f32, ink: Ink) {
        let mut path = PathBuilder::new();
        for (index, (x, y)) in points.iter().enumerate() {
            if index == 0 { path.move_to(*x, *y) } else { path.line_to(*x, *y) }
        }
        if let Some(path) = path.finish() {
            let stroke = Stroke { width, ..Stroke::default() };
            self.pixels.stroke_path(&path, &paint(ink), &stroke, Transform::identity(), None);
        }
    }

    /// Letters of 8 by 8 pixels with their top left corner at `x`, `y`; letters the font lacks become "?".
    pub fn text(&mut self, x: f32, y: f32, text: &str, ink: Ink) {
        for (place, letter) in text.chars().enumerate() {
            let glyph = font8x8::BASIC_FONTS
                .get(letter)
                .or_else(|| font8x8::BASIC_FONTS.get('?'))
                .unwrap_or_default();
            for (row, bits) in glyph.iter().enumerate() {
                for column in (0..LETTER).filter(|column| bits >> column & 1 == 1) {
                    let left = x + (place * LETTER + column) as f32;
                    self.rectangle(left, y + row as f32, 1.0, 1.0, ink);
                }
            }
        }
    }

    /// Width of a text in pixels.
    pub fn text_width(text: &str) -> f32 {
        (text.chars().count() * LETTER) as f32
    }

    /// The picture as a PNG file.
    pub fn to_png(&self) -> Vec<u8> {
        self.pixels.encode_png().unwrap_or_default()
    }
}
