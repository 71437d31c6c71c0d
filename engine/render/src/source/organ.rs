//! Drawbar organ: nine sines at the footages of a tone-wheel organ, with key click and percussion.
//!
//! Harder notes have more of the high feet, as a player opens the swell pedal and the drawbars with the phrase.

use super::Tone;
use crate::kernel::noise::Noise;
use crate::math::{db_to_gain, decay_60, phase_step, sine};
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
    /// Level of the percussion, a third harmonic that dies away, 0 to 1.
    #[serde(default)]
    pub percussion: f32,
    /// Time in which it falls by 60 dB, milliseconds.
    #[serde(default = "default_percussion_ms")]
    pub percussion_ms: f32,
    /// How much softer notes are darker: dB lost per octave above the pitch between hardest and softest.
    #[serde(default = "default_tilt")]
    pub tilt_db: f32,
}

fn default_percussion_ms() -> f32 {
    450.0
}

fn default_tilt() -> f32 {
    4.0
}

impl OrganSpec {
    pub fn check(&self, check: &mut Check) {
        for (k, bar) in self.drawbars.iter().enumerate() {
            check.range(&format!("drawbars[{k}]"), *bar, 0.0, 8.0);
        }
        check.range("click", self.click, 0.0, 1.0);
        check.range("percussion", self.percussion, 0.0, 1.0);
        check.range("percussion_ms", self.percussion_ms, 20.0, 5000.0);
        check.range("tilt_db", self.tilt_db, 0.0, 12.0);
    }
}

/// The sounding source.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Organ {
    phases: [u32; 9],
    /// Gain of each wheel for the note's velocity.
    gains: [f32; 9],
    noise: Noise,
    click: f32,
    struck: f32,
    struck_phase: u32,
}

impl Organ {
    pub fn start(spec: &OrganSpec, tone: &Tone<'_>, seed: u64) -> Self {
        let mut noise = Noise::new(seed);
        // Tone wheels run all the time, so a key finds them anywhere.
        Self {
            phases: std::array::from_fn(|_| noise.bits()),
            gains: std::array::from_fn(|k| {
                let bar = spec.drawbars[k];
                let soft = spec.tilt_db * RATIOS[k].log2().max(0.0) * (1.0 - tone.velocity);
                if bar > 0.0 { 0.2 * (0.345 * (bar - 8.0)).exp() * db_to_gain(-soft) } else { 0.0 }
            }),
            click: spec.click * (0.3 + 0.7 * tone.velocity),
            struck: 0.2 * spec.percussion * tone.velocity,
            struck_phase: 0,
            noise,
        }
    }

    pub fn render(&mut self, spec: &OrganSpec, tone: &Tone<'_>, [left, right]: [&mut [f32]; 2]) {
        left.fill(0.0);
        for ((phase, ratio), gain) in self.phases.iter_mut().zip(RATIOS).zip(self.gains) {
            // The wheels of a real organ end near 6 kHz; above, they fold down an octave.
            let mut hz = tone.hz * ratio;
            while hz > 6000.0 {
                hz *= 0.5;
            }
            if gain <= 0.0 {
                continue;
            }
            let step = phase_step(hz, tone.rate);
            let start = *phase;
            for (n, x) in left.iter_mut().enumerate() {
                *x += gain * sine(start.wrapping_add((n as u32).wrapping_mul(step)));
            }
            *phase = start.wrapping_add((left.len() as u32).wrapping_mul(step));
        }
        if self.click > 1e-4 {
            let fall = decay_60(0.012, tone.rate);
            for x in &mut *left {
                *x += 0.3 * self.click * self.noise.white();
                self.click *= fall;
            }
        }
        if self.struck > 1e-5 {
            let fall = decay_60(1e-3 * spec.percussion_ms, tone.rate);
            let step = phase_step(3.0 * tone.hz, tone.rate);
            for x in &mut *left {
                *x += self.struck * sine(self.struck_phase);
                self.struck_phase = self.struck_phase.wrapping_add(step);
                self.struck *= fall;
            }
        }
        right.copy_from_slice(left);
    }
}
