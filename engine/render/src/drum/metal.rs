//! The squares: cymbals and hats.

use super::MetalSpec;
use super::voice::{Touch, fallen};
use crate::event::{BLOCK_FRAMES, Channel};
use crate::kernel::abreast::Chain;
use crate::kernel::noise::Noise;
use crate::kernel::oscillator::{Oscillator, Wavetables};
use crate::kernel::svf::{FilterKind, SvfCoefficients};
use crate::math::{decay_60, fill_decay, phase_step};

/// Oscillators in each half.
const HALF: usize = 3;
/// Frequencies of the six oscillators of the TR-808's cymbal, as multiples of the lowest, in two halves.
const RATIOS: [[f32; HALF]; 2] = [[1.0, 1.8002, 2.6303], [1.4826, 2.5460, 3.8966]];

/// Six squares behind a high-pass and a low-pass.
#[derive(Debug, Clone, Copy)]
pub(super) struct Metal {
    oscillators: [[Oscillator; HALF]; 2],
    steps: [[u32; HALF]; 2],
    pub chain: Chain<2>,
    gain: f32,
    pub level: f32,
    decay: f32,
    dense: f32,
    high_hz: f32,
    fall: f32,
}

impl Metal {
    pub fn start(spec: &MetalSpec, touch: &Touch, noise: &mut Noise, rate: f32) -> Self {
        let low = spec.low_hz * (-0.5 * touch.dull).exp2();
        let high_hz = spec.high_hz * (-1.0 * touch.dull).exp2();
        Self {
            oscillators: std::array::from_fn(|_| std::array::from_fn(|_| Oscillator { phase: noise.bits() })),
            steps: RATIOS.map(|half| half.map(|ratio| phase_step(spec.hz * touch.tune * ratio, rate))),
            chain: Chain::new([
                SvfCoefficients::new(FilterKind::High, low, 0.9, rate),
                SvfCoefficients::new(FilterKind::Low, high_hz, 0.707, rate),
            ]),
            gain: 0.3 * spec.level,
            level: 1.0,
            decay: decay_60(spec.decay_ms * 1e-3 * touch.decay, rate),
            dense: spec.dense,
            high_hz,
            fall: spec.fall,
        }
    }

    /// Makes the coming frames, before the filters.
    pub fn sound(&mut self, tables: &Wavetables, frames: usize, rate: f32) {
        let samples = &mut self.chain.samples[..frames];
        samples.fill(0.0);
        let [one, two] = &mut self.oscillators;
        if self.dense > 0.0 {
            let mut other: Channel = [0.0; BLOCK_FRAMES];
            Oscillator::add_squares(one, tables, self.steps[0], 1.0, samples);
            Oscillator::add_squares(two, tables, self.steps[1], 1.0, &mut other[..frames]);
            // As loud as the sum: three squares have a power of 3, their product one of 9, their sum one of 6.
            let (sum, product) = (self.gain * (1.0 - self.dense), self.gain * 0.816 * self.dense);
            for (x, y) in samples.iter_mut().zip(other) {
                *x = sum * (*x + y) + product * (*x * y);
            }
        } else {
            Oscillator::add_squares(one, tables, self.steps[0], self.gain, samples);
            Oscillator::add_squares(two, tables, self.steps[1], self.gain, samples);
        }
        if self.fall > 0.0 {
            let hz = self.high_hz * (-self.fall * fallen(self.level)).exp2();
            self.chain.coefficients[1] = SvfCoefficients::new(FilterKind::Low, hz.max(200.0), 0.707, rate);
        }
    }

    pub fn add(&mut self, out: &mut [f32]) {
        let mut levels: Channel = [0.0; BLOCK_FRAMES];
        let levels = &mut levels[..out.len()];
        fill_decay(&mut self.level, self.decay, levels);
        for ((x, level), sample) in out.iter_mut().zip(levels).zip(&self.chain.samples) {
            *x += *level * sample;
        }
    }
}
