//! Oscillators in unison, a second oscillator, a sub-oscillator and noise: the analogue synthesiser, and with breath
//! and bow noise also the wind and string instruments.

use super::Tone;
use crate::event::{BLOCK_FRAMES, Channel};
use crate::kernel::abreast::Chain;
use crate::kernel::noise::Noise;
use crate::kernel::oscillator::{Oscillator, Shape};
use crate::kernel::svf::{FilterKind, SvfCoefficients};
use crate::math::{cents, phase_step, sine};
use crate::patch::Check;
use serde::Deserialize;

/// Most oscillators in unison.
const UNISON: usize = 7;

/// Settings of the source.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnalogueSpec {
    /// Shape of the main oscillators.
    pub shape: Shape,
    /// Duty of a pulse, 0.5 is a square.
    #[serde(default = "half")]
    pub duty: f32,
    /// How far a slow movement changes the duty to either side.
    #[serde(default)]
    pub duty_depth: f32,
    /// Speed of that movement, Hz.
    #[serde(default)]
    pub duty_hz: f32,
    /// Oscillators in unison, 1 to 7.
    #[serde(default = "one")]
    pub unison: u8,
    /// Distance of the outermost from the pitch, cents.
    #[serde(default)]
    pub detune_cents: f32,
    /// How much closer to the middle the inner ones lie, 1 evenly to 3.
    #[serde(default = "even")]
    pub curve: f32,
    /// How wide the unison lies, 0 to 1.
    #[serde(default)]
    pub spread: f32,
    /// Another oscillator.
    pub second: Option<SecondSpec>,
    /// Level of a sine one octave below, 0 to 1.
    #[serde(default)]
    pub sub: f32,
    /// Level of noise around the pitch: breath or bow, 0 to 1.
    #[serde(default)]
    pub breath: f32,
    /// Centre of that noise as a multiple of the pitch.
    #[serde(default = "two")]
    pub breath_ratio: f32,
    /// Level of white noise, 0 to 1.
    #[serde(default)]
    pub noise: f32,
}

/// The second oscillator.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SecondSpec {
    /// Its shape.
    pub shape: Shape,
    /// Distance in semitones.
    #[serde(default)]
    pub semitones: f32,
    /// Level against the first, 0 to 1.
    pub level: f32,
    /// Duty of a pulse.
    #[serde(default = "half")]
    pub duty: f32,
}

fn half() -> f32 {
    0.5
}

fn one() -> u8 {
    1
}

fn even() -> f32 {
    1.0
}

fn two() -> f32 {
    2.0
}

impl AnalogueSpec {
    pub fn check(&self, check: &mut Check) {
        check.range("duty", self.duty, 0.05, 0.95);
        check.range("duty_depth", self.duty_depth, 0.0, 0.45);
        check.range("duty_hz", self.duty_hz, 0.0, 20.0);
        check.range("unison", f32::from(self.unison), 1.0, UNISON as f32);
        check.range("detune_cents", self.detune_cents, 0.0, 100.0);
        check.range("curve", self.curve, 1.0, 3.0);
        check.range("spread", self.spread, 0.0, 1.0);
        check.range("sub", self.sub, 0.0, 1.0);
        check.range("breath", self.breath, 0.0, 4.0);
        check.range("breath_ratio", self.breath_ratio, 0.5, 16.0);
        check.range("noise", self.noise, 0.0, 1.0);
        if let Some(second) = &self.second {
            check.within("second", |c| {
                c.range("semitones", second.semitones, -36.0, 36.0);
                c.range("level", second.level, 0.0, 1.0);
                c.range("duty", second.duty, 0.05, 0.95);
            });
        }
    }
}

/// The sounding source.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Analogue {
    voices: [Oscillator; UNISON],
    second: Oscillator,
    sub: Oscillator,
    noise: Noise,
    breath: Option<Breath>,
    duty_phase: u32,
    /// Pitch of each oscillator of the unison, and of the second, against the note's.
    ratios: [f32; UNISON],
    second_ratio: f32,
}

impl Analogue {
    /// Oscillators run freely, so their phases at the start are chance, from the note's seed.
    pub fn start(spec: &AnalogueSpec, seed: u64) -> Self {
        let mut noise = Noise::new(seed);
        // One oscillator alone starts at its zero, for notes that all have the same attack.
        let free = spec.unison > 1;
        let mut phase = || if free { noise.bits() } else { 0 };
        let voices = std::array::from_fn(|_| Oscillator { phase: phase() });
        let second = Oscillator { phase: phase() };
        let duty_phase = noise.bits();
        let count = usize::from(spec.unison);
        let ratios = std::array::from_fn(|k| cents(curved(k, count, spec.curve) * spec.detune_cents));
        let second_ratio = spec.second.map_or(1.0, |second| cents(100.0 * second.semitones));
        let sub = Oscillator::default();
        let breath = (spec.breath > 0.0).then(|| Breath {
            chain: Chain::new([SvfCoefficients::default()]),
            hz: 0.0,
            gain: 0.0,
        });
        Self { voices, second, sub, noise, breath, duty_phase, ratios, second_ratio }
    }

    pub fn render(&mut self, spec: &AnalogueSpec, tone: &Tone<'_>, [left, right]: [&mut [f32]; 2]) {
        let frames = left.len();
        left.fill(0.0);
        right.fill(0.0);
        let step = |hz: f32| phase_step(hz, tone.rate);
        let duty = spec.duty + spec.duty_depth * sine(self.duty_phase);
        self.duty_phase =
            self.duty_phase.wrapping_add(phase_step(spec.duty_hz, tone.rate).wrapping_mul(frames as u32));
        let count = usize::from(spec.unison);
        if count == 1 {
            self.voices[0].add(tone.tables, spec.shape, step(tone.hz), duty, 0.5, left);
        } else {
            let gain = 0.5 / (count as f32).sqrt();
            for (k, voice) in self.voices[..count].iter_mut().enumerate() {
                let side = side(k, count) * spec.spread;
                let gains = [gain * (1.0 - side).min(1.0), gain * (1.0 + side).min(1.0)];
                let hz = tone.hz * self.ratios[k];
                voice.add_stereo(tone.tables, spec.shape, step(hz), duty, gains, [&mut *left, &mut *right]);
            }
        }
        let mut mono: Channel = [0.0; BLOCK_FRAMES];
        let mono = &mut mono[..frames];
        if let Some(second) = &spec.second {
            let hz = tone.hz * self.second_ratio;
            self.second.add(tone.tables, second.shape, step(hz), second.duty, 0.5 * second.level, mono);
        }
        if spec.sub > 0.0 {
            self.sub.add(tone.tables, Shape::Sine, step(0.5 * tone.hz), 0.5, 0.5 * spec.sub, mono);
        }
        if spec.noise > 0.0 {
            let mut hiss: Channel = [0.0; BLOCK_FRAMES];
            self.noise.fill(&mut hiss[..frames]);
            for (x, h) in mono.iter_mut().zip(hiss) {
                *x += 0.5 * spec.noise * h;
            }
        }
        if let Some(breath) = &mut self.breath {
            breath.start_block(&mut self.noise, spec, tone, frames);
        }
        if count == 1 {
            for ((l, r), m) in left.iter_mut().zip(&mut *right).zip(mono) {
                *l += *m;
                *r = *l;
            }
        } else {
            for ((l, r), m) in left.iter_mut().zip(&mut *right).zip(mono) {
                *l += *m;
                *r += *m;
            }
        }
    }

    /// The filter of the breath, which is to be run between [`Self::render`] and [`Self::add_breath`], if there is any.
    pub fn breath_chain(&mut self) -> Option<&mut Chain<1>> {
        self.breath.as_mut().map(|breath| &mut breath.chain)
    }

    /// Adds the filtered breath.
    pub fn add_breath(&self, [left, right]: [&mut [f32]; 2]) {
        let Some(breath) = &self.breath else { return };
        for ((l, r), x) in left.iter_mut().zip(right).zip(&breath.chain.samples) {
            *l += breath.gain * x;
            *r += breath.gain * x;
        }
    }
}

/// Noise around the pitch. The filters of all voices run side by side, between making the noise and adding it.
#[derive(Debug, Clone, Copy)]
struct Breath {
    chain: Chain<1>,
    hz: f32,
    gain: f32,
}

impl Breath {
    fn start_block(&mut self, noise: &mut Noise, spec: &AnalogueSpec, tone: &Tone<'_>, frames: usize) {
        noise.fill(&mut self.chain.samples[..frames]);
        let hz = tone.hz * spec.breath_ratio;
        if hz != self.hz {
            self.hz = hz;
            self.chain.coefficients = [SvfCoefficients::new(FilterKind::Band, hz, 1.5, tone.rate)];
            // Noise has its power in the whole band: at higher rates less of it falls into the filter.
            self.gain = 0.5 * spec.breath * (tone.rate / 48_000.0).sqrt();
        }
    }
}

/// Place of an oscillator in a unison, -1 lowest to 1 highest; one alone is in the middle.
pub(super) fn place(index: usize, count: usize) -> f32 {
    if count < 2 { 0.0 } else { 2.0 * index as f32 / (count as f32 - 1.0) - 1.0 }
}

/// The same, with the inner ones drawn to the middle: in Roland's *super saw* the distances go about with the power 1.6 of
/// the place (Adam Szabó, *How to Emulate the Super Saw*, 2010), so that a wide unison keeps a pitch.
pub(super) fn curved(index: usize, count: usize, curve: f32) -> f32 {
    let place = place(index, count);
    place.signum() * place.abs().powf(curve)
}

/// Side on which it lies, -1 left to 1 right: as far out as its pitch, but pairs lie crosswise in turn, so that the high
/// ones are not all on one side. All sides add up to the middle.
pub(super) fn side(index: usize, count: usize) -> f32 {
    let pair = index.min(count - 1 - index);
    if pair.is_multiple_of(2) { place(index, count) } else { -place(index, count) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unison_lies_evenly() {
        for count in 1..=UNISON {
            let sum = |of: fn(usize, usize) -> f32| (0..count).map(|k| of(k, count)).sum::<f32>();
            assert!(sum(place).abs() < 1e-6 && sum(side).abs() < 1e-6, "{count}");
        }
        assert_eq!([curved(0, 7, 1.0), curved(6, 7, 2.0), curved(3, 7, 2.0)], [-1.0, 1.0, 0.0]);
        assert!((curved(5, 7, 1.6) - 0.52).abs() < 0.01 && (curved(2, 7, 1.6) + 0.17).abs() < 0.01);
        assert_eq!([side(0, 2), side(1, 2)], [-1.0, 1.0]);
        let third = 1.0_f32 / 3.0;
        let four = [0, 1, 2, 3].map(|k| side(k, 4));
        assert!(four.iter().zip([-1.0, third, -third, 1.0]).all(|(a, b)| (a - b).abs() < 1e-6));
    }
}
