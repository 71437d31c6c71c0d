//! Saturation of a stem, with first-order antiderivative antialiasing.
//!
//! Julian Parker, Vadim Zavalishin and Efflam Le Bivic, *Reducing the Aliasing of Nonlinear Waveshaping Using
//! Continuous-Time Convolution*, 2016: the shaper is averaged over the straight line between two frames, which is a
//! difference of its antiderivative. The shape is the hyperbolic tangent, its antiderivative ln cosh.

/// One channel of saturation.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Drive {
    last: f64,
    last_integral: f64,
}

fn integral(x: f64) -> f64 {
    // ln cosh x, without overflow.
    let a = x.abs();
    a + (-2.0 * a).exp().ln_1p() - std::f64::consts::LN_2
}

impl Drive {
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// Saturates in place. `gain` and `slope` are the gain before it at the first frame and its change a frame, `after`
    /// is the gain behind it.
    pub fn process(&mut self, gain: f32, slope: f32, after: (f32, f32), samples: &mut [f32]) {
        for (n, sample) in samples.iter_mut().enumerate() {
            let gain = gain + slope * n as f32;
            let x = f64::from(*sample * gain);
            let area = integral(x);
            let step = x - self.last;
            let y = if step.abs() < 1e-4 {
                // Ill-conditioned there: the middle of the step is as good.
                (0.5 * (x + self.last)).tanh()
            } else {
                (area - self.last_integral) / step
            };
            (self.last, self.last_integral) = (x, area);
            *sample = y as f32 * (after.0 + after.1 * n as f32);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn soft_sounds_pass_and_loud_ones_are_held() {
        let mut drive = Drive::default();
        let mut soft: Vec<f32> = (0..1000).map(|n| 0.001 * (n as f32 * 0.05).sin()).collect();
        let input = soft.clone();
        drive.process(1.0, 0.0, (1.0, 0.0), &mut soft);
        // First order averages two frames: half a frame of delay.
        for n in 1..1000 {
            assert!((soft[n] - 0.5 * (input[n] + input[n - 1])).abs() < 1e-6);
        }
        let mut loud: Vec<f32> = (0..1000).map(|n| 100.0 * (n as f32 * 0.05).sin()).collect();
        drive.process(1.0, 0.0, (1.0, 0.0), &mut loud);
        assert!(loud.iter().all(|x| x.abs() <= 1.0));
    }

    #[test]
    fn aliases_are_lower_than_those_of_the_plain_shaper() {
        // 5 kHz driven hard at 48 kHz: the harmonics at 25, 35 and 45 kHz fold to 23, 13 and 3 kHz.
        let wave = |n: usize| 8.0 * (n as f32 * 5000.0 / 48_000.0 * std::f32::consts::TAU).sin();
        let mut anti: Vec<f32> = (0..4800).map(wave).collect();
        let plain: Vec<f32> = anti.iter().map(|x| x.tanh()).collect();
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
            let gain = level(&plain, alias) - level(&anti, alias);
            assert!(gain > 6.0, "{alias}: only {gain} dB better");
        }
    }
}
