//! Memory over the host's time, drawn.

use anyhow::Result;
use sceneloop_tests::canvas::{Canvas, GREY, Plot, WHITE};

use crate::Minute;

const SIZE: (u32, u32) = (1_200, 500);
const CURVE: [u8; 3] = [0xe5, 0xa0, 0x3c];

/// A curve from 0 to a round number above the most.
pub fn memory(minutes: &[Minute]) -> Result<Canvas> {
    let mut canvas = Canvas::new(SIZE)?;
    let plot = Plot::inside(SIZE);
    let most = minutes.iter().map(|minute| minute.resident_mb).fold(1.0, f64::max);
    let top = (most / 100.0).ceil() * 100.0;
    let hours = minutes.last().map_or(1.0, |minute| minute.hours);
    canvas.text(plot.left, 16.0, 2.0, WHITE, "Resident memory over hours of the host's time, MB");
    for part in 0..=4 {
        let share = f64::from(part) / 4.0;
        let (x, y) = (plot.x(share), plot.y(share));
        canvas.line((plot.left, y), (plot.right, y), GREY, 1.0);
        canvas.text(8.0, y - 6.0, 1.5, WHITE, &format!("{:.0}", share * top));
        canvas.text(x - 16.0, plot.bottom + 12.0, 1.5, WHITE, &format!("{:.2}", share * hours));
    }
    let points: Vec<_> = minutes
        .iter()
        .map(|minute| (plot.x(minute.hours / hours), plot.y(minute.resident_mb / top)))
        .collect();
    canvas.curve(&points, CURVE, 2.0);
    Ok(canvas)
}
