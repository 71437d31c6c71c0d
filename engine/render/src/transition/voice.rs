//! One sound between two parts, made in blocks of its own, so that it is the same wherever in a block it begins.

use super::recipe::{Recipe, recipe};
use crate::event::{BLOCK_FRAMES, Channel, Effect, RAMP, Stereo};
use crate::kernel::noise::Noise;
use crate::kernel::oscillator::Oscillator;
use crate::kernel::svf::{FilterKind, Svf, SvfCoefficients};
use crate::math::{db_to_gain, decay_60, fill_decay, phase_step, sine};
use crate::voice::Context;

/// Ratios of the squares of a cymbal, those of the TR-808.
const METAL: [f32; 6] = [1.0, 1.4826, 1.8002, 2.5460, 2.6303, 3.8966];
/// How much of the noise is not the same on both sides: in mono 0.6 dB of it are missing.
const SIDE: f32 = 0.4;
/// Harmonics of the tone fall by this power of their number.
const FALL: i32 = 1;
/// Below this a part is left out.
const SILENT_DB: f32 = -110.0;

/// What moves, at one moment.
#[derive(Debug, Clone, Copy, Default)]
struct Point {
    noise: f32,
    metal: f32,
    tone: f32,
    step: f32,
    /// The high-pass and the low-pass.
    filters: [SvfCoefficients; 2],
}

/// A sounding one.
#[derive(Debug, Clone, Copy)]
pub(super) struct TransitionVoice {
    pub age: u64,
    recipe: &'static Recipe,
    gain: f32,
    /// Length and what of it is made.
    frames: u64,
    made: u64,
    noise: Noise,
    filters: [Svf; 2],
    metal: [Oscillator; METAL.len()],
    phase: u32,
    click: f32,
    from: Point,
    block: Stereo,
    /// Frames of the block that were heard.
    heard: usize,
    choke: f32,
    choke_step: f32,
}

impl TransitionVoice {
    /// None where it would be over before it begins.
    pub fn new(effect: Effect, frames: u32, gain: f32, seed: u64, age: u64, rate: f32) -> Option<Self> {
        let recipe = recipe(effect);
        let frames = recipe.own_s.map_or(u64::from(frames), |seconds| (seconds * rate) as u64);
        if frames == 0 || gain <= 0.0 {
            return None;
        }
        let mut noise = Noise::new(seed);
        let mut voice = Self {
            age,
            recipe,
            gain,
            frames,
            made: 0,
            filters: [Svf::default(); 2],
            metal: std::array::from_fn(|_| Oscillator { phase: noise.bits() }),
            noise,
            phase: 0,
            click: if recipe.click_db > SILENT_DB { db_to_gain(recipe.click_db) } else { 0.0 },
            from: Point::default(),
            block: [[0.0; BLOCK_FRAMES]; 2],
            heard: BLOCK_FRAMES,
            choke: 1.0,
            choke_step: 0.0,
        };
        voice.from = voice.point(0, rate);
        Some(voice)
    }

    /// Ends it within `seconds`.
    pub fn choke(&mut self, seconds: f32, rate: f32) {
        self.choke_step = 1.0 / (seconds * rate);
    }

    pub fn is_choked(&self) -> bool {
        self.choke_step > 0.0
    }

    /// Where everything is at a frame.
    fn point(&self, frame: u64, rate: f32) -> Point {
        let recipe = self.recipe;
        let way = (frame.min(self.frames) as f64 / self.frames as f64) as f32;
        let way = way.powf(recipe.bend);
        let level = |[from, to]: [f32; 2]| {
            if from.max(to) < SILENT_DB { 0.0 } else { db_to_gain(from + (to - from) * way) }
        };
        let hz = |[from, to]: [f32; 2]| from * (to / from).powf(way);
        let filter = |kind, pair| SvfCoefficients::new(kind, hz(pair).min(0.45 * rate), recipe.q, rate);
        Point {
            noise: level(recipe.noise_db),
            metal: level(recipe.metal_db),
            tone: level(recipe.tone_db),
            step: hz(recipe.tone_hz) * (4_294_967_296.0 / rate),
            filters: [filter(FilterKind::High, recipe.low_hz), filter(FilterKind::Low, recipe.high_hz)],
        }
    }

    /// Makes the next block.
    fn make(&mut self, context: &Context) {
        let rate = context.rate;
        let to = self.point(self.made + BLOCK_FRAMES as u64, rate);
        let from = std::mem::replace(&mut self.from, to);
        let along = |from: f32, to: f32, n: usize| from + (to - from) * (RAMP[n] / BLOCK_FRAMES as f32);
        self.block = [[0.0; BLOCK_FRAMES]; 2];
        if from.noise > 0.0 {
            self.add_noise(&from, &to, context);
        }
        let mut middle: Channel = [0.0; BLOCK_FRAMES];
        if from.tone > 0.0 {
            // Harmonics that half the rate would fold are left out for the whole block.
            let highest = from.step.max(to.step);
            let count = (1..=self.recipe.harmonics).take_while(|k| *k as f32 * highest < 1.9e9).last();
            for (n, x) in middle.iter_mut().enumerate() {
                let mut sum = 0.0;
                for k in 1..=count.unwrap_or(0) {
                    sum += sine(self.phase.wrapping_mul(k)) / (k as f32).powi(FALL);
                }
                *x = along(from.tone, to.tone, n) * sum;
                self.phase = self.phase.wrapping_add(along(from.step, to.step, n).min(2.0e9) as u32);
            }
        }
        if self.click > 1e-5 {
            let (mut levels, mut clicks): (Channel, Channel) = ([0.0; BLOCK_FRAMES], [0.0; BLOCK_FRAMES]);
            fill_decay(&mut self.click, decay_60(0.02, rate), &mut levels);
            self.noise.fill(&mut clicks);
            for ((x, level), click) in middle.iter_mut().zip(levels).zip(clicks) {
                *x += level * click;
            }
        }
        let rise = 1.0 / (self.recipe.rise_s * rate);
        // A sound shorter than its rise and its fall has both in its halves.
        let fall = (self.recipe.fall_s * rate).min(0.5 * self.frames as f32).max(1.0);
        let [left, right] = &mut self.block;
        for n in 0..BLOCK_FRAMES {
            let frame = self.made + n as u64;
            let end = (self.frames.saturating_sub(frame + 1) as f32 / fall).min(1.0);
            let start = (frame as f32 * rise).min(1.0);
            // Both without a corner.
            let gain = self.gain * start * start * (3.0 - 2.0 * start) * end * end * (3.0 - 2.0 * end);
            left[n] = gain * (left[n] + middle[n]);
            right[n] = gain * (right[n] + middle[n]);
        }
        self.made += BLOCK_FRAMES as u64;
        self.heard = 0;
    }

    /// Noise and metal, which share the filters.
    fn add_noise(&mut self, from: &Point, to: &Point, context: &Context) {
        let rate = context.rate;
        let [left, right] = &mut self.block;
        let mut side: Channel = [0.0; BLOCK_FRAMES];
        let mut middle: Channel = [0.0; BLOCK_FRAMES];
        self.noise.fill(&mut middle);
        self.noise.fill(&mut side);
        let mut squares: Channel = [0.0; BLOCK_FRAMES];
        if from.metal > 0.0 {
            let steps = METAL.map(|ratio| phase_step(self.recipe.metal_hz * ratio, rate));
            Oscillator::add_squares(&mut self.metal, context.tables, steps, 0.4, &mut squares);
        }
        // Noise has its power in the whole band: at higher rates less of it falls into the filter.
        let wide = (rate / 48_000.0).sqrt();
        for n in 0..BLOCK_FRAMES {
            let part = RAMP[n] / BLOCK_FRAMES as f32;
            let noise = wide * (from.noise + (to.noise - from.noise) * part);
            let metal = (from.metal + (to.metal - from.metal) * part) * squares[n];
            left[n] = noise * (middle[n] + SIDE * side[n]) + metal;
            right[n] = noise * (middle[n] - SIDE * side[n]) + metal;
        }
        for (filter, (from, to)) in self.filters.iter_mut().zip(from.filters.iter().zip(&to.filters)) {
            filter.process_glide(from, to, left, right);
        }
    }

    /// Adds the coming frames; `false` once it is over.
    pub fn add(&mut self, context: &Context, left: &mut [f32], right: &mut [f32]) -> bool {
        for (l, r) in left.iter_mut().zip(right) {
            if self.heard == BLOCK_FRAMES {
                if self.made >= self.frames {
                    return false;
                }
                self.make(context);
            }
            self.choke = (self.choke - self.choke_step).max(0.0);
            *l += self.choke * self.block[0][self.heard];
            *r += self.choke * self.block[1][self.heard];
            self.heard += 1;
        }
        self.choke > 0.0
    }
}
