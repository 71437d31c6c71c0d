//! Frequency modulation with four sine operators.
//!
//! John Chowning, *The Synthesis of Complex Audio Spectra by Means of Frequency Modulation*, 1973; the operators
//! modulate phase, as in Yamaha's instruments. Indices are held down where Carson's rule puts side bands above half the
//! rate, so that high notes do not alias.

use super::Tone;
use crate::event::{BLOCK_FRAMES, Channel, RAMP};
use crate::math::{decay_60, phase_step, sine};
use crate::patch::Check;
use serde::Deserialize;

const OPERATORS: usize = 4;
/// Turns in one radian.
const RADIAN: f32 = 0.5 / std::f32::consts::PI;

/// Who modulates whom. The operators are numbered from 1, as on a panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Algorithm {
    /// 2 modulates 1, 4 modulates 3; 1 and 3 are heard.
    Pairs,
    /// 4 modulates 3 modulates 2 modulates 1; 1 is heard.
    Stack,
    /// 2, 3 and 4 modulate 1; 1 is heard.
    Fan,
}

/// One operator.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OperatorSpec {
    /// Frequency as a multiple of the pitch.
    pub ratio: f32,
    /// Index in radians for a modulator, level 0 to 1 for one that is heard.
    pub level: f32,
    /// Time of its fall by 60 dB towards `sustain`, milliseconds.
    #[serde(default = "long")]
    pub decay_ms: f32,
    /// Where it falls to, as a part of `level`.
    #[serde(default)]
    pub sustain: f32,
}

fn long() -> f32 {
    4000.0
}

/// Settings of the source.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FmSpec {
    /// Who modulates whom.
    pub algorithm: Algorithm,
    /// Operators 1 to 4; a level of 0 switches one off.
    pub operators: [OperatorSpec; OPERATORS],
    /// How much operator 4 modulates itself, radians.
    #[serde(default)]
    pub feedback: f32,
    /// How much softer notes have smaller indices, 0 to 1.
    #[serde(default = "default_velocity")]
    pub velocity: f32,
}

fn default_velocity() -> f32 {
    0.6
}

impl FmSpec {
    pub fn check(&self, check: &mut Check) {
        for (k, operator) in self.operators.iter().enumerate() {
            check.within(&format!("operators[{k}]"), |c| {
                c.range("ratio", operator.ratio, 0.25, 24.0);
                c.range("level", operator.level, 0.0, 8.0);
                c.range("decay_ms", operator.decay_ms, 5.0, 30_000.0);
                c.range("sustain", operator.sustain, 0.0, 1.0);
            });
        }
        check.range("feedback", self.feedback, 0.0, 1.5);
        check.range("velocity", self.velocity, 0.0, 1.0);
    }

    /// Whether an operator is heard.
    fn is_carrier(&self, index: usize) -> bool {
        index == 0 || (index == 2 && self.algorithm == Algorithm::Pairs)
    }

    /// Whom an operator modulates.
    fn target(&self, index: usize) -> usize {
        match self.algorithm {
            Algorithm::Fan => 0,
            Algorithm::Pairs | Algorithm::Stack => index - 1,
        }
    }
}

/// The sounding source.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fm {
    phases: [u32; OPERATORS],
    over: [f32; OPERATORS],
    decay: [f32; OPERATORS],
    last: f32,
}

impl Fm {
    pub fn start(spec: &FmSpec, tone: &Tone<'_>) -> Self {
        // Higher notes die faster, as strings and tines do: twice as fast two octaves up.
        let faster = (tone.hz / 261.6).max(0.25).powf(0.5);
        Self {
            phases: [0; OPERATORS],
            over: spec.operators.map(|operator| 1.0 - operator.sustain),
            decay: spec.operators.map(|operator| decay_60(operator.decay_ms * 1e-3 / faster, tone.rate)),
            last: 0.0,
        }
    }

    pub fn render(&mut self, spec: &FmSpec, tone: &Tone<'_>, [left, right]: [&mut [f32]; 2]) {
        let frames = left.len();
        let mut buses = [[0.0_f32; BLOCK_FRAMES]; OPERATORS];
        left.fill(0.0);
        let soft = 1.0 - spec.velocity * (1.0 - tone.velocity);
        for index in (0..OPERATORS).rev() {
            let operator = &spec.operators[index];
            if operator.level <= 0.0 {
                continue;
            }
            let hz = tone.hz * operator.ratio;
            let step = phase_step(hz, tone.rate);
            let from = operator.sustain + self.over[index];
            self.over[index] *= self.decay[index].powi(frames as i32);
            if self.over[index] < 1e-9 {
                self.over[index] = 0.0;
            }
            let to = operator.sustain + self.over[index];
            let carrier = spec.is_carrier(index);
            let scale = if carrier {
                // A carrier that cannot be played at this rate is silent.
                if hz < 0.47 * tone.rate { 0.5 * operator.level } else { 0.0 }
            } else {
                // Carson: the band reaches to carrier + (index + 1) modulator.
                let room = 0.45 * tone.rate - tone.hz * spec.operators[spec.target(index)].ratio;
                (operator.level * soft).min((room / hz - 1.0).max(0.0)) * RADIAN
            };
            let modulation = buses[index];
            let mut bus: Channel = [0.0; BLOCK_FRAMES];
            let (gain, slope) = (scale * from, scale * (to - from) / frames as f32);
            let start = self.phases[index];
            if index == OPERATORS - 1 && spec.feedback > 0.0 {
                let mut phase = start;
                for (n, x) in bus[..frames].iter_mut().enumerate() {
                    let wave = sine(phase.wrapping_add(turns(self.last * spec.feedback * RADIAN)));
                    // The mean of two frames calms the hunting of strong feedback (Tomisawa's patent).
                    self.last = 0.5 * (self.last + wave);
                    *x = wave * (gain + slope * RAMP[n]);
                    phase = phase.wrapping_add(step);
                }
            } else {
                for (n, x) in bus[..frames].iter_mut().enumerate() {
                    let phase = start.wrapping_add((n as u32).wrapping_mul(step));
                    *x = sine(phase.wrapping_add(turns(modulation[n]))) * (gain + slope * RAMP[n]);
                }
            }
            self.phases[index] = start.wrapping_add((frames as u32).wrapping_mul(step));
            let target: &mut [f32] = if carrier { &mut *left } else { &mut buses[spec.target(index)] };
            for (y, x) in target.iter_mut().zip(&bus[..frames]) {
                *y += *x;
            }
        }
        right.copy_from_slice(left);
    }
}

/// Phase in 2^-32 turns of a number of turns between -4 and 4; three modulators at their strongest reach 3.8.
///
/// Read from the bits: 12 plus the turns lies in 8..16, where a float counts in 2^-20; shifted up, whole turns fall
/// out. A cast would check its range for every frame and not vectorise. The step of 6e-6 radians is below -100 dB.
#[inline(always)]
fn turns(turns: f32) -> u32 {
    (turns + 12.0).to_bits() << 12
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_become_phases() {
        for k in -3900..3900 {
            let x = k as f32 / 1000.0;
            let wanted = (f64::from(x).rem_euclid(1.0) * 4_294_967_296.0) as u32;
            let off = (turns(x).wrapping_sub(wanted) as i32).unsigned_abs();
            assert!(off < 1 << 13, "{x}: {off}");
        }
    }
}
