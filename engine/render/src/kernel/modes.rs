//! Decaying sines, eight side by side.
//!
//! Modal synthesis (Jean-Marie Adrien, *The Missing Link: Modal Synthesis*, 1991). Each mode is a point that turns on a
//! shrinking circle (the coupled form), which stays exact for low pitches at high rates, where a two-pole recursion
//! loses its frequency in single precision.

use crate::event::BLOCK_FRAMES;
use crate::math::decay_60;

/// Modes that are computed side by side.
pub const LANES: usize = 8;

/// Eight modes; those not set are silent.
#[derive(Debug, Clone, Copy, Default)]
pub struct Modes {
    re: [f32; LANES],
    im: [f32; LANES],
    cos: [f32; LANES],
    sin: [f32; LANES],
}

impl Modes {
    /// Strikes the mode of a lane: `hz` below half of `rate`, falling by 60 dB in `seconds`.
    pub fn strike(&mut self, lane: usize, hz: f32, level: f32, seconds: f32, rate: f32) {
        let radius = f64::from(decay_60(seconds, rate));
        let angle = std::f64::consts::TAU * f64::from(hz) / f64::from(rate);
        self.re[lane] = level;
        self.im[lane] = 0.0;
        self.cos[lane] = (radius * angle.cos()) as f32;
        self.sin[lane] = (radius * angle.sin()) as f32;
    }

    /// Multiplies the pitch of every mode.
    pub fn bend(&mut self, ratio: f32) {
        for lane in 0..LANES {
            let radius = self.cos[lane].hypot(self.sin[lane]);
            let angle = (self.sin[lane].atan2(self.cos[lane]) * ratio).min(3.0);
            self.cos[lane] = radius * angle.cos();
            self.sin[lane] = radius * angle.sin();
        }
    }
}

/// Turns all modes on and adds their sum to `out`, at most a block; says how much power is left.
pub fn ring(groups: &mut [Modes], out: &mut [f32]) -> f32 {
    let mut sum = [[0.0_f32; LANES]; BLOCK_FRAMES];
    let frames = out.len().min(BLOCK_FRAMES);
    let mut power = 0.0;
    for group in groups {
        let Modes { mut re, mut im, cos, sin } = *group;
        for frame in &mut sum[..frames] {
            for lane in 0..LANES {
                let turned = re[lane] * cos[lane] - im[lane] * sin[lane];
                im[lane] = re[lane] * sin[lane] + im[lane] * cos[lane];
                re[lane] = turned;
                // The imaginary part starts at 0, so a strike does not begin with a step.
                frame[lane] += im[lane];
            }
        }
        for lane in 0..LANES {
            let left = re[lane] * re[lane] + im[lane] * im[lane];
            power += left;
            // Long before numbers become denormal.
            if left < 1e-20 {
                (re[lane], im[lane]) = (0.0, 0.0);
            }
        }
        (group.re, group.im) = (re, im);
    }
    for (x, lanes) in out.iter_mut().zip(&sum) {
        *x += lanes.iter().sum::<f32>();
    }
    power
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_is_the_decaying_sine_of_the_textbook() {
        for (rate, hz) in [(22_050.0_f32, 440.0_f32), (48_000.0, 3000.0), (192_000.0, 27.5)] {
            let mut modes = [Modes::default()];
            modes[0].strike(3, hz, 0.5, 0.8, rate);
            let mut out = vec![0.0; 64 * 200];
            for block in out.chunks_mut(64) {
                ring(&mut modes, block);
            }
            for (n, x) in out.iter().enumerate() {
                let t = (n + 1) as f64 / f64::from(rate);
                let wanted =
                    0.5 * (-6.907_755 * t / 0.8).exp() * (std::f64::consts::TAU * f64::from(hz) * t).sin();
                assert!((f64::from(*x) - wanted).abs() < 1e-3, "{rate} {hz} {n}");
            }
        }
    }
}
