//! A cloud of short tones at random times: drops, crackles, bubbles, crickets, sparks.

use crate::kernel::noise::Noise;
use crate::math::{decay_60, phase_step, sine};
use crate::patch::Check;
use serde::Deserialize;

/// Grains that sound at once; a new one takes the place of the oldest.
const GRAINS: usize = 12;

/// Settings of a cloud.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GrainSpec {
    /// Grains a second, on average.
    pub rate_hz: f32,
    /// Lowest pitch, Hz.
    pub low_hz: f32,
    /// Highest pitch, Hz.
    pub high_hz: f32,
    /// Decay by 60 dB, milliseconds.
    pub decay_ms: f32,
    /// Level of the loudest, 0 to 2.
    pub level: f32,
    /// Octaves a second by which the pitch moves: up for bubbles, down for drops.
    #[serde(default)]
    pub chirp: f32,
    /// How much noise the tone has in it, 0 (tone) to 1 (crackle).
    #[serde(default)]
    pub grit: f32,
    /// Speed of a tremolo within each grain, Hz: crickets.
    #[serde(default)]
    pub trill_hz: f32,
}

impl GrainSpec {
    pub fn check(&self, check: &mut Check) {
        check.range("rate_hz", self.rate_hz, 0.01, 400.0);
        check.range("low_hz", self.low_hz, 20.0, 16_000.0);
        check.range("high_hz", self.high_hz, 20.0, 16_000.0);
        check.range("decay_ms", self.decay_ms, 1.0, 5000.0);
        check.range("level", self.level, 0.0, 2.0);
        check.range("chirp", self.chirp, -50.0, 50.0);
        check.range("grit", self.grit, 0.0, 1.0);
        check.range("trill_hz", self.trill_hz, 0.0, 100.0);
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Grain {
    level: f32,
    rise: f32,
    hz: f32,
    pan: f32,
    phase: u32,
    trill: u32,
}

/// The sounding cloud.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grains {
    noise: Noise,
    grains: [Grain; GRAINS],
    next: usize,
    wait: f32,
}

impl Grains {
    pub fn new(seed: u64) -> Self {
        Self { noise: Noise::new(seed), grains: [Grain::default(); GRAINS], next: 0, wait: 0.0 }
    }

    pub fn add(&mut self, spec: &GrainSpec, rate: f32, left: &mut [f32], right: &mut [f32]) {
        let frames = left.len();
        self.wait -= frames as f32 / rate;
        // Times between grains are exponential, as in a Poisson process; they begin at a block's start, whose 1.3 ms
        // nobody hears in chance. Two in one block stay two.
        while self.wait <= 0.0 {
            self.wait += -(1.0 - self.noise.unit()).max(1e-6).ln() / spec.rate_hz;
            let place = self.noise.unit();
            let loud = self.noise.unit();
            self.grains[self.next] = Grain {
                // Many soft, few loud.
                level: spec.level * (0.1 + 0.9 * loud * loud * loud),
                rise: 0.0,
                hz: spec.low_hz * (spec.high_hz / spec.low_hz).powf(place),
                pan: self.noise.white(),
                phase: 0,
                trill: 0,
            };
            self.next = (self.next + 1) % GRAINS;
        }
        let decay = decay_60(spec.decay_ms * 1e-3, rate);
        let bend = (spec.chirp * frames as f32 / rate).exp2();
        let rise = 1.0 / (0.0007 * rate);
        let trill = phase_step(spec.trill_hz, rate);
        for grain in self.grains.iter_mut().filter(|grain| grain.level > 1e-5) {
            let step = phase_step(grain.hz, rate);
            let (pan_left, pan_right) = ((1.0 - grain.pan).min(1.0), (1.0 + grain.pan).min(1.0));
            for (l, r) in left.iter_mut().zip(&mut *right) {
                let tone = sine(grain.phase);
                let mut x = tone + spec.grit * (2.0 * self.noise.white() - tone);
                if spec.trill_hz > 0.0 {
                    x *= (0.5 + sine(grain.trill)).max(0.0);
                    grain.trill = grain.trill.wrapping_add(trill);
                }
                x *= grain.level * grain.rise;
                grain.rise = (grain.rise + rise).min(1.0);
                grain.level *= decay;
                grain.phase = grain.phase.wrapping_add(step);
                *l += pan_left * x;
                *r += pan_right * x;
            }
            grain.hz = (grain.hz * bend).clamp(20.0, 18_000.0);
        }
    }
}
