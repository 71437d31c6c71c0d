//! Fills egui's triangles on the CPU, as its OpenGL painter does: vertex colour times texture, both premultiplied,
//! blended in sRGB as it stands.

use egui::epaint::{ClippedPrimitive, ColorImage, ImageData, Mesh, Primitive, Vertex};
use egui::{Color32, Pos2, TextureId, TexturesDelta};
use std::collections::BTreeMap;
use std::path::Path;
use tiny_skia::{Pixmap, PremultipliedColorU8};

/// Red, green, blue, alpha; premultiplied, 0 to 255.
type Rgba = [f32; 4];

/// A picture and the textures it is painted with.
pub struct Raster {
    pixels: Vec<Rgba>,
    width: usize,
    height: usize,
    textures: BTreeMap<TextureId, ColorImage>,
}

impl Raster {
    /// A black picture.
    pub fn new(width: u32, height: u32) -> Result<Self, String> {
        if width == 0 || height == 0 || width > 8192 || height > 8192 {
            return Err(format!("a picture of {width} by {height} pixels cannot be drawn"));
        }
        let (width, height) = (width as usize, height as usize);
        Ok(Self { pixels: vec![[0.0; 4]; width * height], width, height, textures: BTreeMap::new() })
    }

    /// Black everywhere.
    pub fn clear(&mut self) {
        self.pixels.fill([0.0, 0.0, 0.0, 255.0]);
    }

    /// New and changed textures of a pass.
    pub fn take_textures(&mut self, delta: &TexturesDelta) {
        for (id, changes) in &delta.set {
            for change in changes {
                let ImageData::Color(image) = &change.image;
                match (change.pos, self.textures.get_mut(id)) {
                    (Some([left, top]), Some(texture)) => {
                        for (row, line) in image.pixels.chunks(image.size[0]).enumerate() {
                            let start = (top + row) * texture.size[0] + left;
                            texture.pixels[start..start + line.len()].copy_from_slice(line);
                        }
                    }
                    _ => drop(self.textures.insert(*id, ColorImage::clone(image))),
                }
            }
        }
    }

    /// Paints what a pass left, `scale` pixels a point.
    pub fn draw(&mut self, primitives: &[ClippedPrimitive], scale: f32) {
        for ClippedPrimitive { clip_rect, primitive } in primitives {
            let Primitive::Mesh(mesh) = primitive else { continue };
            let edge = |at: f32, limit: usize| (at * scale).round().clamp(0.0, limit as f32) as usize;
            let x = (edge(clip_rect.left(), self.width), edge(clip_rect.right(), self.width));
            let y = (edge(clip_rect.top(), self.height), edge(clip_rect.bottom(), self.height));
            if let Some(texture) = self.textures.remove(&mesh.texture_id) {
                self.mesh(mesh, &texture, scale, x, y);
                self.textures.insert(mesh.texture_id, texture);
            }
        }
    }

    fn mesh(&mut self, mesh: &Mesh, texture: &ColorImage, scale: f32, x: (usize, usize), y: (usize, usize)) {
        for corners in mesh.indices.chunks_exact(3) {
            let mut corners = [0, 1, 2].map(|corner| {
                let vertex = mesh.vertices[corners[corner] as usize];
                Vertex { pos: (vertex.pos.to_vec2() * scale).to_pos2(), ..vertex }
            });
            if cross(corners[0].pos, corners[1].pos, corners[2].pos) < 0.0 {
                corners.swap(1, 2);
            }
            self.triangle(&corners, texture, x, y);
        }
    }

    fn triangle(
        &mut self,
        corners: &[Vertex; 3],
        texture: &ColorImage,
        x: (usize, usize),
        y: (usize, usize),
    ) {
        let [a, b, c] = corners.map(|corner| corner.pos);
        let area = cross(a, b, c);
        if area <= 0.0 {
            return;
        }
        let low = |values: [f32; 3]| values.into_iter().fold(f32::MAX, f32::min).floor().max(0.0) as usize;
        let high = |values: [f32; 3]| values.into_iter().fold(f32::MIN, f32::max).ceil().max(0.0) as usize;
        let colours = corners.map(|corner| rgba(corner.color));
        for row in low([a.y, b.y, c.y]).max(y.0)..high([a.y, b.y, c.y]).min(y.1) {
            for column in low([a.x, b.x, c.x]).max(x.0)..high([a.x, b.x, c.x]).min(x.1) {
                let at = Pos2::new(column as f32 + 0.5, row as f32 + 0.5);
                let sides = [(b, c), (c, a), (a, b)];
                let shares = sides.map(|(from, to)| cross(from, to, at));
                if !sides.iter().zip(shares).all(|((from, to), share)| is_inside(*from, *to, share)) {
                    continue;
                }
                let shares = shares.map(|share| share / area);
                let mix = |values: [f32; 3]| {
                    values.iter().zip(shares).map(|(value, share)| value * share).sum::<f32>()
                };
                let texel = sample(texture, mix(corners.map(|c| c.uv.x)), mix(corners.map(|c| c.uv.y)));
                let source: Rgba = std::array::from_fn(|channel| {
                    mix(colours.map(|colour| colour[channel])) * texel[channel] / 255.0
                });
                let pixel = &mut self.pixels[row * self.width + column];
                *pixel = std::array::from_fn(|channel| {
                    source[channel] + pixel[channel] * (1.0 - source[3] / 255.0)
                });
            }
        }
    }

    /// Writes a PNG.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), String> {
        let mut picture =
            Pixmap::new(self.width as u32, self.height as u32).ok_or("the picture is too large")?;
        for (to, from) in picture.pixels_mut().iter_mut().zip(&self.pixels) {
            let [red, green, blue, _] = from.map(|value| value.round().clamp(0.0, 255.0) as u8);
            *to = PremultipliedColorU8::from_rgba(red, green, blue, 255).ok_or("a colour is not a colour")?;
        }
        picture.save_png(path).map_err(|error| error.to_string())
    }
}

fn rgba(colour: Color32) -> Rgba {
    colour.to_array().map(f32::from)
}

/// Twice the area of a triangle, positive if it turns clockwise on the screen.
fn cross(a: Pos2, b: Pos2, c: Pos2) -> f32 {
    (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)
}

/// Whether a pixel with this share lies on the inner side of an edge. A pixel on the edge itself belongs to one of the
/// two triangles there: the one of which it is a top or left edge.
fn is_inside(from: Pos2, to: Pos2, share: f32) -> bool {
    share > 0.0 || (share == 0.0 && ((to.y == from.y && to.x > from.x) || to.y < from.y))
}

/// The colour at a place of a texture, 0 to 1, between its four nearest pixels.
fn sample(texture: &ColorImage, u: f32, v: f32) -> Rgba {
    let [width, height] = texture.size;
    let (x, y) = (u * width as f32 - 0.5, v * height as f32 - 0.5);
    let pixel = |x: f32, y: f32| {
        let (x, y) = (x.clamp(0.0, width as f32 - 1.0) as usize, y.clamp(0.0, height as f32 - 1.0) as usize);
        rgba(texture.pixels[y * width + x])
    };
    let (left, top) = (x.floor(), y.floor());
    let (right_share, low_share) = (x - left, y - top);
    let line = |y: f32| -> Rgba {
        let (from, to) = (pixel(left, y), pixel(left + 1.0, y));
        std::array::from_fn(|channel| from[channel] + (to[channel] - from[channel]) * right_share)
    };
    let (upper, lower) = (line(top), line(top + 1.0));
    std::array::from_fn(|channel| upper[channel] + (lower[channel] - upper[channel]) * low_share)
}
