//! The master: what the audio thread does to the sum of all stems.
//!
//! # Thread
//! The audio thread. Nothing here allocates, locks or waits outside `new`; the result does not depend on how a stretch
//! of audio is cut into calls.

mod compressor;
mod limiter;
mod true_peak;

use crate::error::{RenderError, checked_rate};
use crate::math::{db_to_gain, one_pole};
use compressor::Compressor;
use limiter::Limiter;

/// Corner of the direct-current filter, Hz.
const DC_HZ: f32 = 5.0;
/// Where the tone tilts, Hz.
const TILT_HZ: f32 = 800.0;
/// Tilt at full tone, dB up on one side and down on the other.
const TILT_DB: f32 = 4.5;
/// Time in which the tone follows, seconds.
const TONE_S: f32 = 0.02;
/// Louder input than this is held: +40 dB, far above music, far below where numbers overflow.
const INPUT_LIMIT: f32 = 100.0;

/// Compressor, tone and true-peak limiter over the stereo sum.
pub struct Master {
    rate: f32,
    dc: [[f32; 2]; 2],
    dc_keep: f32,
    compressor: Compressor,
    tone: f32,
    tone_goal: f32,
    tone_way: f32,
    tilt_low: [f32; 2],
    tilt_way: f32,
    tilt_gains: [f32; 2],
    limiter: Limiter,
}

impl Master {
    /// Makes a master for a rate in Hz, 22,050 to 192,000.
    ///
    /// # Errors
    /// [`RenderError::SampleRate`] for a rate out of range.
    pub fn new(sample_rate: f64) -> Result<Self, RenderError> {
        let rate = checked_rate(sample_rate)?;
        Ok(Self {
            rate,
            dc: [[0.0; 2]; 2],
            dc_keep: 1.0 - one_pole(1.0 / (std::f32::consts::TAU * DC_HZ), rate),
            compressor: Compressor::new(rate),
            tone: 0.0,
            tone_goal: 0.0,
            tone_way: one_pole(TONE_S, rate),
            tilt_low: [0.0; 2],
            tilt_way: one_pole(1.0 / (std::f32::consts::TAU * TILT_HZ), rate),
            tilt_gains: [1.0; 2],
            limiter: Limiter::new(rate),
        })
    }

    /// Frames by which the output is late: the limiter's lookahead, about 0.9 ms.
    pub fn latency_frames(&self) -> usize {
        self.limiter.latency_frames()
    }

    /// Sets the tone, -1 dark to +1 bright, 0 as it is; smooth. What is no number counts as 0.
    pub fn set_tone(&mut self, tone: f32) {
        self.tone_goal = if tone.is_finite() { tone.clamp(-1.0, 1.0) } else { 0.0 };
    }

    /// Silence inside; the tone stays.
    pub fn reset(&mut self) {
        self.dc = [[0.0; 2]; 2];
        self.compressor.reset();
        self.tone = self.tone_goal;
        self.set_tilt_gains();
        self.tilt_low = [0.0; 2];
        self.limiter.reset();
    }

    /// Processes both channels in place; the output is late by [`Self::latency_frames`]. Where the channels differ in length,
    /// the longer one's rest is left alone. Input that is no number becomes silence.
    pub fn process(&mut self, left: &mut [f32], right: &mut [f32]) {
        for (l, r) in left.iter_mut().zip(right) {
            let input = [clean(*l), clean(*r)];
            let level = self.block_dc(input);
            let level = self.compressor.tick(level);
            let level = self.tilt(level);
            [*l, *r] = self.limiter.tick(level);
        }
    }

    /// One-pole, one-zero high-pass (Julius Smith, *Introduction to Digital Filters*, "DC blocker").
    #[inline(always)]
    fn block_dc(&mut self, input: [f32; 2]) -> [f32; 2] {
        let [before, after] = &mut self.dc;
        for side in 0..2 {
            // The tiny constant keeps the tail from becoming denormal.
            after[side] = input[side] - before[side] + self.dc_keep * after[side] + 1e-20;
            before[side] = input[side];
        }
        *after
    }

    /// Splits at [`TILT_HZ`] and weighs both halves: they add up to the input at tone 0.
    #[inline(always)]
    fn tilt(&mut self, input: [f32; 2]) -> [f32; 2] {
        if self.tone != self.tone_goal {
            self.tone += self.tone_way * (self.tone_goal - self.tone);
            if (self.tone - self.tone_goal).abs() < 1e-4 {
                self.tone = self.tone_goal;
            }
            self.set_tilt_gains();
        }
        let mut out = [0.0; 2];
        for side in 0..2 {
            self.tilt_low[side] += self.tilt_way * (input[side] - self.tilt_low[side]);
            let high = input[side] - self.tilt_low[side];
            out[side] = self.tilt_gains[0] * self.tilt_low[side] + self.tilt_gains[1] * high;
        }
        out
    }

    fn set_tilt_gains(&mut self) {
        let high = db_to_gain(TILT_DB * self.tone);
        self.tilt_gains = [1.0 / high, high];
    }

    /// Sample rate in Hz for which it was made.
    pub fn sample_rate(&self) -> f64 {
        f64::from(self.rate)
    }
}

#[inline(always)]
fn clean(x: f32) -> f32 {
    if x.is_finite() { x.clamp(-INPUT_LIMIT, INPUT_LIMIT) } else { 0.0 }
}
