//! Saturation of a stem, with first-order antiderivative antialiasing.
//!
//! Julian Parker, Vadim Zavalishin and Efflam Le Bivic, *Reducing the Aliasing of Nonlinear Waveshaping Using
//! Continuous-Time Convolution*, 2016: the shaper is averaged over the straight line between two frames, which is the
//! difference of its antiderivative over the difference of the frames. For the shape x / sqrt(1 + x²), whose
//! antiderivative is sqrt(1 + x²), that fraction can be reduced to (a + b) / (sqrt(1 + a²) + sqrt(1 + b²)): nothing is
//! left that could divide by zero, single precision is enough, and no frame waits for the one before.

use crate::event::RAMP;

/// One channel of saturation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Drive {
    last: f32,
    last_root: f32,
}

impl Default for Drive {
    fn default() -> Self {
        Self { last: 0.0, last_root: 1.0 }
    }
}

impl Drive {
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// Saturates in place. `gain` and `slope` are the gain before it at the first frame and its change a frame, `after`
    /// is the gain behind it and its change.
    pub fn process(&mut self, gain: f32, slope: f32, after: (f32, f32), samples: &mut [f32]) {
        let mut x = [0.0_f32; crate::BLOCK_FRAMES + 1];
        let mut root = [0.0_f32; crate::BLOCK_FRAMES + 1];
        for part in samples.chunks_mut(crate::BLOCK_FRAMES) {
            let frames = part.len();
            (x[0], root[0]) = (self.last, self.last_root);
            for n in 0..frames {
                let driven = part[n] * (gain + slope * RAMP[n]);
                x[n + 1] = driven;
                root[n + 1] = (1.0 + driven * driven).sqrt();
            }
            for n in 0..frames {
                let y = (x[n] + x[n + 1]) / (root[n] + root[n + 1]);
                part[n] = y * (after.0 + after.1 * RAMP[n]);
            }
            (self.last, self.last_root) = (x[frames], root[frames]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(x: f32) -> f32 {
        x / (1.0 + x * x).sqrt()
    }

    #[test]
    fn soft_sounds_pass_and_loud_ones_are_held() {
        let mut soft: Vec<f32> = (0..1000).map(|n| 0.001 * (n as f32 * 0.05).sin()).collect();
        let input = soft.clone();
        Drive::default().process(1.0, 0.0, (1.0, 0.0), &mut soft);
        // First order averages two frames: half a frame of delay.
        for n in 1..1000 {
            assert!((soft[n] - 0.5 * (input[n] + input[n - 1])).abs() < 1e-6);
        }
        let mut loud: Vec<f32> = (0..1000).map(|n| 100.0 * (n as f32 * 0.05).sin()).collect();
        Drive::default().process(1.0, 0.0, (1.0, 0.0), &mut loud);
        assert!(loud.iter().all(|x| x.abs() <= 1.0));
    }

    #[test]
    fn it_is_the_mean_of_the_shaper_between_two_frames() {
        // The other road: the integral by many small steps.
        for (a, b) in [(0.3_f32, 0.31), (-2.0, 5.0), (8.0, -8.0), (0.5, 0.5), (40.0, 3.0)] {
            let mut samples = [a, b];
            Drive::default().process(1.0, 0.0, (1.0, 0.0), &mut samples);
            let mean =
                (0..1000).map(|k| plain(a + (b - a) * (k as f32 + 0.5) / 1000.0)).sum::<f32>() / 1000.0;
            assert!((samples[1] - mean).abs() < 1e-4, "{a} {b}: {} {mean}", samples[1]);
        }
    }

    #[test]
    fn aliases_are_lower_than_those_of_the_plain_shaper() {
        // 5 kHz driven hard at 48 kHz: the harmonics at 35 and 45 kHz fold to 13 and 3 kHz.
        let wave = |n: usize| 8.0 * (n as f32 * 5000.0 / 48_000.0 * std::f32::consts::TAU).sin();
        let mut anti: Vec<f32> = (0..4800).map(wave).collect();
        let naive: Vec<f32> = anti.iter().map(|x| plain(*x)).collect();
        Drive::default().process(1.0, 0.0, (1.0, 0.0), &mut anti);
        let level = |x: &[f32], hz: f32| {
            let (mut re, mut im) = (0.0_f64, 0.0_f64);
            for (n, x) in x.iter().enumerate() {
                let angle = n as f64 * f64::from(hz) / 48_000.0 * std::f64::consts::TAU;
                re += f64::from(*x) * angle.cos();
                im += f64::from(*x) * angle.sin();
            }
            10.0 * (re * re + im * im).log10()
        };
        for alias in [3000.0, 13_000.0] {
            let gain = level(&naive, alias) - level(&anti, alias);
            assert!(gain > 6.0, "{alias}: only {gain} dB better");
        }
    }
}
