//! The skin: tones whose pitch falls, and the click of the stick.

use super::voice::{CLICK_END, END, Touch};
use super::{OVERTONES, SkinSpec};
use crate::event::{BLOCK_FRAMES, Channel};
use crate::kernel::noise::Noise;
use crate::math::{decay_60, fill_decay, sine};

/// The fundamental and the overtones of a membrane, which move together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Skin {
    /// Of each tone: phase, ratio, level.
    phases: [u32; OVERTONES + 1],
    ratios: [f32; OVERTONES + 1],
    gains: [f32; OVERTONES + 1],
    pub level: f32,
    decay: f32,
    /// Phase step at rest, and by how much more the sweep's start is.
    rest: f32,
    top: f32,
    sweep: f32,
    fall: f32,
    click: f32,
    click_fall: f32,
}

impl Skin {
    pub fn start(spec: &SkinSpec, touch: &Touch, rate: f32) -> Self {
        let (mut ratios, mut gains) = ([1.0; OVERTONES + 1], [spec.level; OVERTONES + 1]);
        for (k, [ratio, level]) in spec.overtones.into_iter().enumerate() {
            // What a soft stroke lacks is the high part. Above half the rate is nothing to be heard.
            let audible = spec.hz * ratio < 0.45 * rate;
            ratios[k + 1] = ratio;
            gains[k + 1] = if audible { spec.level * level * (1.0 - 0.8 * touch.dull) } else { 0.0 };
        }
        Self {
            phases: [0; OVERTONES + 1],
            ratios,
            gains,
            level: 1.0,
            decay: decay_60(spec.decay_ms * 1e-3 * touch.decay, rate),
            rest: spec.hz * touch.tune * (4_294_967_296.0 / rate),
            // The frequency is rest × (1 + top s²), where s falls from 1 to 0: 2^sweep times the rest at the start. A
            // soft stroke stretches the skin less.
            top: (spec.sweep * if spec.sweep > 0.0 { 1.0 - 0.4 * touch.dull } else { 1.0 }).exp2() - 1.0,
            sweep: 1.0,
            fall: decay_60(spec.sweep_ms * 1e-3, rate),
            click: spec.click * (1.0 - 0.7 * touch.dull),
            click_fall: decay_60(0.006, rate),
        }
    }

    pub fn is_over(&self) -> bool {
        self.level <= END && self.click <= CLICK_END
    }

    pub fn add(&mut self, noise: &mut Noise, out: &mut [f32]) {
        let frames = out.len();
        let mut steps: Channel = [self.rest; BLOCK_FRAMES];
        if self.sweep > 0.0 {
            fill_decay(&mut self.sweep, self.fall, &mut steps[..frames]);
            for step in &mut steps[..frames] {
                *step = self.rest * (1.0 + self.top * *step * *step);
            }
            // What is left changes the pitch by less than a float can hold.
            if self.sweep < 1e-4 {
                self.sweep = 0.0;
            }
        }
        let mut levels: Channel = [0.0; BLOCK_FRAMES];
        fill_decay(&mut self.level, self.decay, &mut levels[..frames]);
        for (k, (gain, ratio)) in self.gains.into_iter().zip(self.ratios).enumerate() {
            if gain == 0.0 {
                continue;
            }
            let mut phases = [0; BLOCK_FRAMES];
            let mut at = self.phases[k];
            for (phase, step) in phases[..frames].iter_mut().zip(&steps) {
                *phase = at;
                at = at.wrapping_add((step * ratio).min(2.0e9) as u32);
            }
            self.phases[k] = at;
            for ((x, level), phase) in out.iter_mut().zip(levels).zip(phases) {
                let level = if k == 0 { level } else { level * level };
                *x += gain * level * sine(phase);
            }
        }
        if self.click > CLICK_END {
            fill_decay(&mut self.click, self.click_fall, &mut levels[..frames]);
            let mut clicks: Channel = [0.0; BLOCK_FRAMES];
            noise.fill(&mut clicks[..frames]);
            for ((x, level), click) in out.iter_mut().zip(levels).zip(clicks) {
                *x += level * click;
            }
        }
    }
}
