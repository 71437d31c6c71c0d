//! Lines, boxes and letters on a picture.

use std::path::Path;

use anyhow::{Context, Result};
use font8x8::UnicodeFonts;
use tiny_skia::{Color, Paint, PathBuilder, Pixmap, PremultipliedColorU8, Rect, Stroke, Transform};

/// Text and axes.
pub const WHITE: [u8; 3] = [0xe8, 0xe6, 0xee];
/// The lines of the grid.
pub const GREY: [u8; 3] = [0x3a, 0x36, 0x46];

/// The part of a picture in which values are drawn, in pixels.
#[derive(Debug, Clone, Copy)]
pub struct Plot {
    /// The edge of the first value.
    pub left: f32,
    /// The edge of the last value.
    pub right: f32,
    /// The edge of the highest value.
    pub top: f32,
    /// The edge of the lowest value.
    pub bottom: f32,
}

impl Plot {
    /// Leaves room for a title, the bars below and names at both sides.
    pub fn inside((width, height): (u32, u32)) -> Self {
        Self { left: 60.0, right: width as f32 - 120.0, top: 50.0, bottom: height as f32 - 60.0 }
    }

    /// From a share of the width, 0 to 1.
    pub fn x(self, share: f64) -> f32 {
        self.left + share as f32 * (self.right - self.left)
    }

    /// From a share of the height, 0 at the bottom.
    pub fn y(self, share: f64) -> f32 {
        self.bottom - share as f32 * (self.bottom - self.top)
    }
}

/// A picture in the making.
pub struct Canvas(Pixmap);

impl Canvas {
    /// A dark one.
    pub fn new((width, height): (u32, u32)) -> Result<Self> {
        let mut pixmap = Pixmap::new(width, height).context("a picture without size")?;
        pixmap.fill(Color::from_rgba8(0x17, 0x14, 0x1f, 0xff));
        Ok(Self(pixmap))
    }

    /// A straight line between two points.
    pub fn line(&mut self, from: (f32, f32), to: (f32, f32), colour: [u8; 3], width: f32) {
        self.curve(&[from, to], colour, width);
    }

    /// A line through points.
    pub fn curve(&mut self, points: &[(f32, f32)], colour: [u8; 3], width: f32) {
        let mut path = PathBuilder::new();
        for (index, (x, y)) in points.iter().enumerate() {
            if index == 0 { path.move_to(*x, *y) } else { path.line_to(*x, *y) }
        }
        if let Some(path) = path.finish() {
            let stroke = Stroke { width, ..Stroke::default() };
            self.0.stroke_path(&path, &paint(colour), &stroke, Transform::identity(), None);
        }
    }

    /// A filled box between two corners.
    pub fn rectangle(&mut self, (left, top): (f32, f32), (right, bottom): (f32, f32), colour: [u8; 3]) {
        if let Some(rectangle) = Rect::from_ltrb(left, top, right, bottom) {
            self.0.fill_rect(rectangle, &paint(colour), Transform::identity(), None);
        }
    }

    /// One pixel; none if it lies outside.
    pub fn dot(&mut self, x: usize, y: usize, [red, green, blue]: [u8; 3]) {
        let width = self.0.width() as usize;
        let colour = PremultipliedColorU8::from_rgba(red, green, blue, 0xff);
        if let (true, Some(pixel), Some(colour)) =
            (x < width, self.0.pixels_mut().get_mut(y * width + x), colour)
        {
            *pixel = colour;
        }
    }

    /// Letters of eight by eight dots, `size` pixels a dot.
    pub fn text(&mut self, x: f32, y: f32, size: f32, colour: [u8; 3], text: &str) {
        for (index, letter) in text.chars().enumerate() {
            let rows = font8x8::BASIC_FONTS.get(letter).unwrap_or_default();
            for (row, bits) in rows.into_iter().enumerate() {
                for column in (0..8).filter(|column| bits >> column & 1 == 1) {
                    let left = x + size * (index * 8 + column) as f32;
                    let top = y + size * row as f32;
                    self.rectangle((left, top), (left + size, top + size), colour);
                }
            }
        }
    }

    /// Writes a PNG file.
    pub fn save(&self, path: &Path) -> Result<()> {
        self.0.save_png(path).with_context(|| format!("cannot write {}", path.display()))
    }
}

fn paint(colour: [u8; 3]) -> Paint<'static> {
    let mut paint = Paint { anti_alias: true, ..Paint::default() };
    paint.set_color_rgba8(colour[0], colour[1], colour[2], 0xff);
    paint
}
