//! Drawbar organ: nine sines at the footages of a tone-wheel organ, with key click.

use super::Tone;
use crate::kernel::noise::Noise;
use crate::math::{phase_step, sine};
use crate::patch::Check;
use serde::Deserialize;

/// Multiples of the pitch of the nine drawbars, 16' to 1'.
const RATIOS: [f32; 9] = [0.5, 1.5, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0];

/// Settings of the source.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrganSpec {
    /// The drawbars, 0 to 8 each; every step is 3 dB.
    pub drawbars: [f32; 9],
    /// Level of the key click, 0 to 1.
    #[serde(default)]
    pub click: f32,
}

impl OrganSpec {
    pub fn check(&self, check: &mut Check) {
        for (k, bar) in self.drawbars.iter().enumerate() {
            check.range(&format!("drawbars[{k}]"), *bar, 0.0, 8.0);
        }
        check.range("click", self.click, 0.0, 1.0);
    }
}

/// The sounding source.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Organ {
    phases: [u32; 9],
    noise: Noise,
    click: f32,
}

impl Organ {
    pub fn start(spec: &OrganSpec, seed: u64) -> Self {
        let mut noise = Noise::new(seed);
        // Tone wheels run all the time, so a key finds them anywhere.
        Self { phases: std::array::from_fn(|_| noise.bits()), click: spec.click, noise }
    }

    pub fn render(&mut self, spec: &OrganSpec, tone: &Tone<'_>, [left, right]: [&mut [f32]; 2]) {
        left.fill(0.0);
        for ((phase, ratio), bar) in self.phases.iter_mut().zip(RATIOS).zip(spec.drawbars) {
            // The wheels of a real organ end near 6 kHz; above, they fold down an octave.
            let mut hz = tone.hz * ratio;
            while hz > 6000.0 {
                hz *= 0.5;
            }
            if bar <= 0.0 {
                continue;
            }
            let gain = 0.2 * (0.345 * (bar - 8.0)).exp();
            let step = phase_step(hz, tone.rate);
            let start = *phase;
            for (n, x) in left.iter_mut().enumerate() {
                *x += gain * sine(start.wrapping_add((n as u32).wrapping_mul(step)));
            }
            *phase = start.wrapping_add((left.len() as u32).wrapping_mul(step));
        }
        if self.click > 1e-4 {
            let fall = crate::math::decay_60(0.012, tone.rate);
            for x in &mut *left {
                *x += 0.3 * self.click * self.noise.white();
                self.click *= fall;
            }
        }
        right.copy_from_slice(left);
    }
}
