//! What a window shows, as pixels, and what can be told of it without eyes.

use std::collections::HashSet;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::display::Window;

/// A part of the window, points.
#[derive(Debug, Clone, Copy)]
pub struct Area {
    pub x: u32,
    pub y: u32,
    pub width: u32,
    pub height: u32,
}

impl Area {
    pub const fn new(x: u32, y: u32, width: u32, height: u32) -> Self {
        Self { x, y, width, height }
    }

    pub fn middle(self) -> (u32, u32) {
        (self.x + self.width / 2, self.y + self.height / 2)
    }
}

/// Pixels of three bytes, row by row.
#[derive(Debug, PartialEq)]
pub struct Picture {
    width: u32,
    height: u32,
    bytes: Vec<u8>,
}

impl Picture {
    /// Takes one of a window that is to have a size.
    pub fn of(window: &Window, width: u32, height: u32) -> Result<Self> {
        let args = ["-silent", "-window", window.id(), "-depth", "8", "rgb:-"];
        let bytes = window.display().ask("import", &args)?;
        let wanted = (width * height * 3) as usize;
        ensure!(
            bytes.len() == wanted,
            "the window is not of {width} by {height} pixels: there are {} bytes and not {wanted}",
            bytes.len()
        );
        Ok(Self { width, height, bytes })
    }

    /// An area of it, with so many pixels a point.
    pub fn cut(&self, area: Area, scale: u32) -> Self {
        let Area { x, y, width, height } = area;
        let [x, y, width, height] = [x, y, width, height].map(|points| points * scale);
        let width = width.min(self.width.saturating_sub(x));
        let height = height.min(self.height.saturating_sub(y));
        let row = |row: u32| {
            let first = ((y + row) * self.width + x) as usize * 3;
            &self.bytes[first..first + width as usize * 3]
        };
        Self { width, height, bytes: (0..height).flat_map(row).copied().collect() }
    }

    /// How many colours it has.
    pub fn colours(&self) -> usize {
        self.bytes.chunks_exact(3).collect::<HashSet<_>>().len()
    }

    /// The mean of all its bytes, 0 to 1.
    pub fn brightness(&self) -> f64 {
        let sum: u64 = self.bytes.iter().map(|byte| u64::from(*byte)).sum();
        sum as f64 / 255.0 / self.bytes.len().max(1) as f64
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Writes it as a PNG.
    pub fn save(&self, path: &Path) -> Result<()> {
        let mut convert = Command::new("convert")
            .args(["-size", &format!("{}x{}", self.width, self.height), "-depth", "8", "rgb:-"])
            .arg(format!("png:{}", path.display()))
            .stdin(Stdio::piped())
            .spawn()
            .context("cannot start ImageMagick's convert")?;
        let sent = convert.stdin.take().context("convert takes nothing in")?.write_all(&self.bytes);
        let status = convert.wait().context("convert does not end")?;
        sent.context("convert takes no picture in")?;
        ensure!(status.success(), "convert could not write {}: {status}", path.display());
        Ok(())
    }
}
