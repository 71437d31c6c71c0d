//! Tones that stand: drones and machines.

use crate::event::RAMP;
use crate::kernel::noise::Noise;
use crate::math::{cents, phase_step, sine};
use crate::patch::Check;
use serde::Deserialize;

/// Partials of a hum.
const PARTIALS: usize = 6;

/// Settings of a hum.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HumSpec {
    /// Fixed pitch, Hz; 0 takes the note's.
    #[serde(default)]
    pub hz: f32,
    /// Octaves added to the note's pitch.
    #[serde(default)]
    pub octaves: f32,
    /// Levels of the six partials.
    pub partials: [f32; PARTIALS],
    /// Distance of the sides, cents: they beat.
    #[serde(default)]
    pub beat_cents: f32,
    /// Part by which each partial swells and fades, 0 to 1.
    #[serde(default)]
    pub swell: f32,
    /// Speed of the swelling, Hz.
    #[serde(default = "default_swell_hz")]
    pub swell_hz: f32,
}

fn default_swell_hz() -> f32 {
    0.1
}

impl HumSpec {
    pub fn check(&self, check: &mut Check) {
        check.range("hz", self.hz, 0.0, 4000.0);
        check.range("octaves", self.octaves, -4.0, 4.0);
        for (k, partial) in self.partials.iter().enumerate() {
            check.range(&format!("partials[{k}]"), *partial, 0.0, 1.0);
        }
        check.range("beat_cents", self.beat_cents, 0.0, 50.0);
        check.range("swell", self.swell, 0.0, 1.0);
        check.range("swell_hz", self.swell_hz, 0.0, 20.0);
    }
}

/// The sounding hum.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hum {
    phases: [[u32; 2]; PARTIALS],
    swell: [u32; PARTIALS],
    /// By what each partial's swelling is faster than it should be; another one every time round.
    speeds: [f32; PARTIALS],
    noise: Noise,
    levels: [f32; PARTIALS],
}

impl Hum {
    pub fn new(seed: u64) -> Self {
        let mut noise = Noise::new(seed);
        Self {
            phases: std::array::from_fn(|_| [noise.bits(), noise.bits()]),
            swell: std::array::from_fn(|_| noise.bits()),
            speeds: [1.0; PARTIALS],
            noise,
            levels: [0.0; PARTIALS],
        }
    }

    pub fn add(&mut self, spec: &HumSpec, note_hz: f32, rate: f32, left: &mut [f32], right: &mut [f32]) {
        let frames = left.len();
        let hz = if spec.hz > 0.0 { spec.hz } else { note_hz * spec.octaves.exp2() };
        for k in 0..PARTIALS {
            // Each partial swells at a speed of its own, so that the pattern does not come round.
            let speed = spec.swell_hz * (1.0 + 0.37 * k as f32) * self.speeds[k];
            let goal = spec.partials[k] * (1.0 - spec.swell * (0.5 + 0.5 * sine(self.swell[k])));
            let (swell, round) =
                self.swell[k].overflowing_add(phase_step(speed, rate).wrapping_mul(frames as u32));
            self.swell[k] = swell;
            if round {
                self.speeds[k] = 1.0 + 0.3 * self.noise.white();
            }
            let slope = (goal - self.levels[k]) / frames as f32;
            let pitch = hz * (k + 1) as f32;
            if spec.partials[k] == 0.0 || pitch > 0.45 * rate {
                continue;
            }
            let steps = [-0.5, 0.5].map(|side| phase_step(pitch * cents(side * spec.beat_cents), rate));
            for n in 0..frames {
                let level = 0.5 * (self.levels[k] + slope * RAMP[n]);
                let [one, other] = [0, 1]
                    .map(|side| sine(self.phases[k][side].wrapping_add(steps[side].wrapping_mul(n as u32))));
                // Each side has a part of the other, or in mono they would beat until nothing is left.
                left[n] += level * (0.93 * one + 0.36 * other);
                right[n] += level * (0.93 * other + 0.36 * one);
            }
            for side in 0..2 {
                self.phases[k][side] =
                    self.phases[k][side].wrapping_add(steps[side].wrapping_mul(frames as u32));
            }
            self.levels[k] = goal;
        }
    }
}
