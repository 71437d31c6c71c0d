//! A cloud of short tones at random times: drops, crackles, bubbles, crickets, birds, sparks.

use crate::kernel::noise::Noise;
use crate::math::{decay_60, phase_step, sine, soft_clip};
use crate::patch::Check;
use serde::Deserialize;

/// Grains that sound at once; a new one takes the place of the oldest.
const GRAINS: usize = 12;
/// Calls that repeat at once; a grain that begins one meanwhile stays alone.
const CALLS: usize = 3;

/// Settings of a cloud.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GrainSpec {
    /// Grains a second, on average; of those that repeat, the first ones.
    pub rate_hz: f32,
    /// Lowest pitch, Hz.
    pub low_hz: f32,
    /// Highest pitch, Hz.
    pub high_hz: f32,
    /// Decay by 60 dB, milliseconds.
    pub decay_ms: f32,
    /// Level of the loudest, 0 to 2.
    pub level: f32,
    /// Rise, milliseconds.
    #[serde(default = "default_rise_ms")]
    pub rise_ms: f32,
    /// Octaves a second by which the pitch moves: up for bubbles, down for drops.
    #[serde(default)]
    pub chirp: f32,
    /// How much noise the tone has in it, 0 (tone) to 1 (crackle).
    #[serde(default)]
    pub grit: f32,
    /// From a sine, 0, to a square, 1.
    #[serde(default)]
    pub edge: f32,
    /// Speed of a tremolo within each grain, Hz: crickets.
    #[serde(default)]
    pub trill_hz: f32,
    /// Speed of a vibrato within each grain, Hz, and its depth in octaves: birds, voices.
    #[serde(default)]
    pub warble_hz: f32,
    /// Depth of the vibrato, octaves to either side.
    #[serde(default)]
    pub warble: f32,
    /// A grain comes again up to so many times: calls of birds, steps, stutters.
    #[serde(default)]
    pub repeats: u8,
    /// Time between them, milliseconds; in each call up to a third more or less.
    #[serde(default = "default_repeat_ms")]
    pub repeat_ms: f32,
    /// Octaves by which each lies above the one before.
    #[serde(default)]
    pub repeat_octaves: f32,
}

fn default_rise_ms() -> f32 {
    0.7
}

fn default_repeat_ms() -> f32 {
    120.0
}

impl GrainSpec {
    pub fn check(&self, check: &mut Check) {
        check.range("rate_hz", self.rate_hz, 0.01, 400.0);
        check.range("low_hz", self.low_hz, 20.0, 16_000.0);
        check.range("high_hz", self.high_hz, 20.0, 16_000.0);
        check.range("decay_ms", self.decay_ms, 1.0, 5000.0);
        check.range("level", self.level, 0.0, 2.0);
        check.range("rise_ms", self.rise_ms, 0.2, 2000.0);
        check.range("chirp", self.chirp, -50.0, 50.0);
        check.range("grit", self.grit, 0.0, 1.0);
        check.range("edge", self.edge, 0.0, 1.0);
        check.range("trill_hz", self.trill_hz, 0.0, 100.0);
        check.range("warble_hz", self.warble_hz, 0.0, 60.0);
        check.range("warble", self.warble, 0.0, 1.0);
        check.range("repeats", f32::from(self.repeats), 0.0, 20.0);
        check.range("repeat_ms", self.repeat_ms, 10.0, 3000.0);
        check.range("repeat_octaves", self.repeat_octaves, -1.0, 1.0);
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
    warble: u32,
}

/// A grain that will come again.
#[derive(Debug, Clone, Copy, Default)]
struct Call {
    grain: Grain,
    left: u8,
    wait: f32,
    distance: f32,
}

/// The sounding cloud.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grains {
    noise: Noise,
    grains: [Grain; GRAINS],
    calls: [Call; CALLS],
    next: usize,
    wait: f32,
    begun: bool,
}

impl Grains {
    pub fn new(seed: u64) -> Self {
        Self {
            noise: Noise::new(seed),
            grains: [Grain::default(); GRAINS],
            calls: [Call::default(); CALLS],
            next: 0,
            wait: 0.0,
            begun: false,
        }
    }

    /// The time until the next grain: exponential, as in a Poisson process.
    fn pause(&mut self, spec: &GrainSpec) -> f32 {
        -(1.0 - self.noise.unit()).max(1e-6).ln() / spec.rate_hz
    }

    fn place(&mut self, grain: Grain) {
        self.grains[self.next] = grain;
        self.next = (self.next + 1) % GRAINS;
    }

    /// Lets what is due in the coming frames begin. It begins at a block's start, whose 1.3 ms nobody hears in chance. Two
    /// in one block stay two.
    fn begin(&mut self, spec: &GrainSpec, seconds: f32) {
        for place in 0..CALLS {
            let call = &mut self.calls[place];
            if call.left == 0 {
                continue;
            }
            call.wait -= seconds;
            if call.wait <= 0.0 {
                call.wait += call.distance;
                call.left -= 1;
                call.grain.hz = (call.grain.hz * spec.repeat_octaves.exp2()).clamp(20.0, 18_000.0);
                let mut grain = call.grain;
                grain.level *= 0.8 + 0.2 * self.noise.unit();
                self.place(grain);
            }
        }
        if !self.begun {
            self.begun = true;
            self.wait = self.pause(spec);
        }
        self.wait -= seconds;
        while self.wait <= 0.0 {
            self.wait += self.pause(spec);
            let place = self.noise.unit();
            let loud = self.noise.unit();
            let grain = Grain {
                // Many soft, few loud.
                level: spec.level * (0.1 + 0.9 * loud * loud * loud),
                hz: spec.low_hz * (spec.high_hz / spec.low_hz).powf(place),
                pan: self.noise.white(),
                warble: self.noise.bits(),
                ..Grain::default()
            };
            self.place(grain);
            if spec.repeats > 0 {
                let left = 1 + (self.noise.unit() * f32::from(spec.repeats)) as u8;
                let distance = spec.repeat_ms * 1e-3 * (1.0 + 0.33 * self.noise.white());
                if let Some(free) = self.calls.iter_mut().find(|call| call.left == 0) {
                    *free = Call { grain, left, wait: distance, distance };
                }
            }
        }
    }

    pub fn add(&mut self, spec: &GrainSpec, rate: f32, left: &mut [f32], right: &mut [f32]) {
        let frames = left.len();
        let seconds = frames as f32 / rate;
        self.begin(spec, seconds);
        let decay = decay_60(spec.decay_ms * 1e-3, rate);
        let bend = (spec.chirp * seconds).exp2();
        let rise = 1.0 / (spec.rise_ms * 1e-3 * rate);
        let trill = phase_step(spec.trill_hz, rate);
        let warble = phase_step(spec.warble_hz, rate).wrapping_mul(frames as u32);
        let noise = &mut self.noise;
        for grain in self.grains.iter_mut().filter(|grain| grain.level > 1e-5) {
            let bent = if spec.warble > 0.0 { (spec.warble * sine(grain.warble)).exp2() } else { 1.0 };
            let step = phase_step(grain.hz * bent, rate);
            grain.warble = grain.warble.wrapping_add(warble);
            let (pan_left, pan_right) = ((1.0 - grain.pan).min(1.0), (1.0 + grain.pan).min(1.0));
            for (l, r) in left.iter_mut().zip(&mut *right) {
                let mut tone = sine(grain.phase);
                if spec.edge > 0.0 {
                    tone = soft_clip(tone * (1.0 + 12.0 * spec.edge));
                }
                let mut x = tone + spec.grit * (2.0 * noise.white() - tone);
                if spec.trill_hz > 0.0 {
                    x *= (0.5 + sine(grain.trill)).max(0.0);
                    grain.trill = grain.trill.wrapping_add(trill);
                }
                x *= grain.level * grain.rise;
                if grain.rise < 1.0 {
                    grain.rise = (grain.rise + rise).min(1.0);
                } else {
                    grain.level *= decay;
                }
                grain.phase = grain.phase.wrapping_add(step);
                *l += pan_left * x;
                *r += pan_right * x;
            }
            grain.hz = (grain.hz * bend).clamp(20.0, 18_000.0);
        }
    }
}
