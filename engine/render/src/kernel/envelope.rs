//! Envelope of attack, decay, sustain and release.

use crate::math::decay_60;
use serde::Deserialize;

/// Times and level of an envelope, as they stand in a patch.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnvelopeSpec {
    /// Straight rise to full, milliseconds.
    pub attack_ms: f32,
    /// Time in which the way from full to the sustain level is covered to a thousandth, milliseconds.
    pub decay_ms: f32,
    /// Level while the note is held, 0 to 1.
    pub sustain: f32,
    /// Time to fall by 60 dB after the note's end, milliseconds.
    pub release_ms: f32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Stage {
    #[default]
    Idle,
    Attack,
    Decay,
    Release,
}

/// Below this the envelope is over: -90 dB.
const END: f32 = 3.2e-5;

/// The running envelope: a straight attack, then exponential falls, as analogue envelopes have them.
#[derive(Debug, Clone, Copy, Default)]
pub struct Envelope {
    stage: Stage,
    value: f32,
    rise: f32,
    decay: f32,
    sustain: f32,
    release: f32,
}

impl Envelope {
    /// Starts from silence.
    pub fn start(spec: &EnvelopeSpec, rate: f32) -> Self {
        Self {
            stage: Stage::Attack,
            value: 0.0,
            rise: 1.0 / (spec.attack_ms * 1e-3 * rate).max(1.0),
            decay: decay_60(spec.decay_ms * 1e-3, rate),
            sustain: spec.sustain,
            release: decay_60(spec.release_ms * 1e-3, rate),
        }
    }

    /// Begins the fall to silence.
    pub fn release(&mut self) {
        if self.stage != Stage::Idle {
            self.stage = Stage::Release;
        }
    }

    /// The level now, 0 to 1.
    pub fn value(&self) -> f32 {
        self.value
    }

    /// Whether it has ended, or will never sound again because it has decayed to a sustain of nothing.
    pub fn is_over(&self) -> bool {
        self.stage == Stage::Idle || (self.stage == Stage::Decay && self.value < END && self.sustain < END)
    }

    /// Whether the note was let go.
    pub fn is_released(&self) -> bool {
        matches!(self.stage, Stage::Release | Stage::Idle)
    }

    /// Fills a buffer with the levels of the coming frames.
    pub fn fill(&mut self, out: &mut [f32]) {
        let mut at = 0;
        while at < out.len() {
            match self.stage {
                Stage::Idle => {
                    out[at..].fill(0.0);
                    return;
                }
                Stage::Attack => {
                    // Within half a step of the top is the top, here and in `advance`, whatever the sum has rounded off.
                    let top = 1.0 - 0.5 * self.rise;
                    while at < out.len() && self.value < 1.0 {
                        let next = self.value + self.rise;
                        self.value = if next > top { 1.0 } else { next };
                        out[at] = self.value;
                        at += 1;
                    }
                    if self.value >= 1.0 {
                        self.stage = Stage::Decay;
                    }
                }
                Stage::Decay => {
                    let sustain = self.sustain;
                    let over = fall(self.value - sustain, self.decay, sustain, &mut out[at..]);
                    // What is left of the way is rounded off before it becomes denormal.
                    self.value = if over.abs() < 1e-9 { sustain } else { sustain + over };
                    return;
                }
                Stage::Release => {
                    self.value = fall(self.value, self.release, 0.0, &mut out[at..]);
                    if self.value < END {
                        self.stage = Stage::Idle;
                        self.value = 0.0;
                    }
                    return;
                }
            }
        }
    }

    /// Moves on by a number of frames without writing them, which is what a modulation needs once a block.
    pub fn advance(&mut self, frames: usize) -> f32 {
        let mut frames = frames as i32;
        if self.stage == Stage::Attack {
            let rest = ((1.0 - self.value) / self.rise - 0.5).ceil().max(1.0) as i32;
            if frames < rest {
                self.value += self.rise * frames as f32;
                return self.value;
            }
            (self.value, self.stage) = (1.0, Stage::Decay);
            frames -= rest;
        }
        match self.stage {
            Stage::Decay => {
                let over = (self.value - self.sustain) * self.decay.powi(frames);
                self.value = if over.abs() < 1e-9 { self.sustain } else { self.sustain + over };
            }
            Stage::Release => {
                self.value *= self.release.powi(frames);
                if self.value < END {
                    (self.value, self.stage) = (0.0, Stage::Idle);
                }
            }
            Stage::Attack | Stage::Idle => {}
        }
        self.value
    }
}

/// Writes `base` plus a fall by `decay` a frame from `over`; returns what is left of it. Eight frames at once, each from
/// the first of the eight, so that no frame waits for the one before.
fn fall(mut over: f32, decay: f32, base: f32, out: &mut [f32]) -> f32 {
    let mut powers = [decay; 8];
    for k in 1..8 {
        powers[k] = powers[k - 1] * decay;
    }
    let mut chunks = out.chunks_exact_mut(8);
    for chunk in &mut chunks {
        for (x, power) in chunk.iter_mut().zip(&powers) {
            *x = base + over * power;
        }
        over *= powers[7];
    }
    for x in chunks.into_remainder() {
        over *= decay;
        *x = base + over;
    }
    over
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEC: EnvelopeSpec =
        EnvelopeSpec { attack_ms: 10.0, decay_ms: 100.0, sustain: 0.5, release_ms: 50.0 };

    fn run(envelope: &mut Envelope, frames: usize) -> Vec<f32> {
        let mut out = vec![0.0; frames];
        for chunk in out.chunks_mut(64) {
            envelope.fill(chunk);
        }
        out
    }

    #[test]
    fn the_shape_is_as_written_at_every_rate() {
        for rate in [22_050.0_f32, 48_000.0, 192_000.0] {
            let mut envelope = Envelope::start(&SPEC, rate);
            let ms = |ms: f32| (ms * 1e-3 * rate) as usize;
            let held = run(&mut envelope, ms(300.0));
            assert!((held[ms(5.0)] - 0.5).abs() < 0.02);
            assert!(held[..ms(9.0)].windows(2).all(|pair| pair[1] > pair[0]));
            assert!((held[ms(10.1)] - 1.0).abs() < 0.02);
            assert!((held[ms(110.0)] - 0.5).abs() < 0.002);
            assert!((held[ms(299.0)] - 0.5).abs() < 1e-4);
            envelope.release();
            let fall = run(&mut envelope, ms(200.0));
            assert!((fall[ms(50.0)] - 0.5e-3).abs() < 5e-5);
            assert!(envelope.is_over());
        }
    }

    #[test]
    fn advancing_leads_where_filling_leads() {
        for step in [1, 7, 64] {
            let mut a = Envelope::start(&SPEC, 48_000.0);
            let mut b = a;
            for k in 0..200 {
                if k == 150 {
                    a.release();
                    b.release();
                }
                let filled = run(&mut a, step);
                assert!((filled[step - 1] - b.advance(step)).abs() < 1e-4);
            }
        }
    }

    #[test]
    fn blocks_of_any_size_give_one_curve() {
        let mut a = Envelope::start(&SPEC, 48_000.0);
        let mut b = a;
        let whole = run(&mut a, 6400);
        let mut pieces = vec![0.0; 6400];
        for chunk in pieces.chunks_mut(7) {
            b.fill(chunk);
        }
        for (x, y) in whole.iter().zip(&pieces) {
            assert!((x - y).abs() < 1e-5);
        }
    }
}
