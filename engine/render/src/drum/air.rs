//! The noise: wires, claps, shakers, brushes.

use super::NoiseSpec;
use super::voice::{Touch, fallen};
use crate::event::{BLOCK_FRAMES, Channel};
use crate::kernel::abreast::Chain;
use crate::kernel::noise::Noise;
use crate::kernel::svf::{FilterKind, SvfCoefficients};
use crate::math::{db_to_gain, decay_60, fill_decay, phase_step, sine};

/// Most hands.
const HANDS: usize = 8;

/// Noise behind a low-pass and a high-pass.
#[derive(Debug, Clone, Copy)]
pub(super) struct Air {
    pub chain: Chain<2>,
    gain: f32,
    pub level: f32,
    decay: f32,
    /// The low-pass at the start, and how far it sinks.
    high_hz: f32,
    q: f32,
    fall: f32,
    /// Frames of the rise.
    attack: f32,
    /// Where each burst begins and how loud it is, and where the last one goes over into the decay.
    bursts: [(f32, f32); HANDS],
    count: usize,
    burst: f32,
    over: f32,
    swirl: f32,
    swirl_phase: u32,
    swirl_step: u32,
}

impl Air {
    pub fn start(spec: &NoiseSpec, touch: &Touch, noise: &mut Noise, rate: f32) -> Self {
        // A soft hit is darker by up to an octave and a half.
        let high_hz = spec.high_hz * touch.tune * (-1.5 * touch.dull).exp2();
        let burst = spec.burst_ms * 1e-3 * rate;
        let count = usize::from(spec.bursts).min(HANDS);
        let mut bursts = [(0.0, 1.0); HANDS];
        for (k, (start, level)) in bursts[..count].iter_mut().enumerate() {
            // No two hands come together or clap alike; the first is the beat.
            let late = if k == 0 { 0.0 } else { 0.22 * noise.white() };
            *start = burst * (k as f32 + late);
            *level = 0.9 + 0.1 * noise.white();
        }
        Self {
            chain: Chain::new([
                SvfCoefficients::new(FilterKind::Low, high_hz, spec.q, rate),
                SvfCoefficients::new(FilterKind::High, spec.low_hz * touch.tune, spec.q, rate),
            ]),
            // Noise has its power in the whole band: at higher rates less of it falls into the filter.
            gain: spec.level * (rate / 48_000.0).sqrt() * db_to_gain(-spec.soft_db * touch.dull),
            level: 1.0,
            decay: decay_60(spec.decay_ms * 1e-3 * touch.decay * (1.0 - 0.25 * touch.dull), rate),
            high_hz,
            q: spec.q,
            fall: spec.fall,
            attack: spec.attack_ms * 1e-3 * rate,
            bursts,
            count,
            burst,
            over: burst * count as f32,
            swirl: spec.swirl,
            swirl_phase: 1 << 30,
            swirl_step: phase_step(spec.swirl_hz * touch.tune, rate),
        }
    }

    /// Makes the coming noise, before its filters.
    pub fn sound(&mut self, noise: &mut Noise, frames: usize, rate: f32) {
        noise.fill(&mut self.chain.samples[..frames]);
        if self.fall != 0.0 || self.swirl > 0.0 {
            let octaves = self.swirl * 0.5 * (sine(self.swirl_phase) - 1.0) - self.fall * fallen(self.level);
            let hz = (self.high_hz * octaves.exp2()).max(40.0);
            self.chain.coefficients[0] = SvfCoefficients::new(FilterKind::Low, hz, self.q, rate);
        }
    }

    /// Adds the filtered samples; `frame` is the first one's place in the hit.
    pub fn add(&mut self, frame: u32, out: &mut [f32]) {
        let mut levels: Channel = [0.0; BLOCK_FRAMES];
        let levels = &mut levels[..out.len()];
        let mut rest = 0;
        for (n, level) in levels.iter_mut().enumerate() {
            let at = frame as f32 + n as f32;
            if at < self.over {
                // A saw-tooth of short bursts, each over by 30 dB when the next begins.
                let begun = self.bursts[..self.count].iter().rev().find(|(start, _)| *start <= at);
                let (start, loud) = *begun.unwrap_or(&(0.0, 1.0));
                *level = loud * (-3.5 * (at - start) / self.burst).exp();
            } else if at < self.attack {
                *level = at / self.attack;
            } else {
                break;
            }
            rest = n + 1;
        }
        fill_decay(&mut self.level, self.decay, &mut levels[rest..]);
        if self.swirl > 0.0 {
            for level in &mut *levels {
                *level *= 1.0 - 0.5 * self.swirl * (1.0 - sine(self.swirl_phase));
                self.swirl_phase = self.swirl_phase.wrapping_add(self.swirl_step);
            }
        }
        for ((x, level), sample) in out.iter_mut().zip(levels).zip(&self.chain.samples) {
            *x += self.gain * *level * sample;
        }
    }
}
