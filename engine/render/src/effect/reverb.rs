//! Reverb: a feedback network of eight delay lines.
//!
//! Jean-Marc Jot and Antoine Chaigne, *Digital delay networks for designing artificial reverberators*, 1991: delays of
//! unlike lengths, mixed by an orthogonal (Hadamard) matrix, each with a one-pole that gives the decay wanted at low
//! and at high frequencies. Two Schroeder all-passes on each side thicken the input. `fundsp`'s reverbs were measured at 130
//! to 410 ns a frame; seven of them would take twice to seven times what the whole renderer may.

use crate::event::BLOCK_FRAMES;
use crate::math::{one_pole, peak};

const LINES: usize = 8;
/// Lengths in seconds, unlike each other and none a multiple of another.
const LENGTHS_S: [f32; LINES] = [0.0297, 0.0371, 0.0411, 0.0437, 0.0533, 0.0612, 0.0677, 0.0743];
/// Lengths of the diffusing all-passes of the left side, seconds; those of the right are a little longer.
const DIFFUSE_S: [f32; 2] = [0.0047, 0.0036];
const DIFFUSE_RIGHT: f32 = 1.07;
const DIFFUSE_GAIN: f32 = 0.6;

struct Line {
    samples: Vec<f32>,
    at: usize,
}

impl Line {
    fn new(seconds: f32, rate: f32) -> Self {
        // A block is read before it is written, so no line may be shorter than one.
        Self { samples: vec![0.0; ((seconds * rate) as usize).max(BLOCK_FRAMES)], at: 0 }
    }

    /// Copies the oldest frames out.
    fn read(&self, out: &mut [f32]) {
        let first = (self.samples.len() - self.at).min(out.len());
        out[..first].copy_from_slice(&self.samples[self.at..self.at + first]);
        let rest = out.len() - first;
        out[first..].copy_from_slice(&self.samples[..rest]);
    }

    /// Puts new frames in their place.
    fn write(&mut self, new: &[f32]) {
        let first = (self.samples.len() - self.at).min(new.len());
        self.samples[self.at..self.at + first].copy_from_slice(&new[..first]);
        let rest = new.len() - first;
        self.samples[..rest].copy_from_slice(&new[first..]);
        self.at = (self.at + new.len()) % self.samples.len();
    }
}

/// The reverb of one stem.
pub(crate) struct Reverb {
    lines: [Line; LINES],
    diffusers: [[Line; 2]; 2],
    low: [f32; LINES],
    loss: [f32; LINES],
    high_loss: [f32; LINES],
    seconds: f32,
    damp_hz: f32,
}

impl Reverb {
    pub fn new(rate: f32) -> Self {
        let diffuser = |side: f32| DIFFUSE_S.map(|seconds| Line::new(seconds * side, rate));
        Self {
            lines: LENGTHS_S.map(|seconds| Line::new(seconds, rate)),
            diffusers: [diffuser(1.0), diffuser(DIFFUSE_RIGHT)],
            low: [0.0; LINES],
            loss: [0.0; LINES],
            high_loss: [0.0; LINES],
            seconds: 0.0,
            damp_hz: 0.0,
        }
    }

    pub fn reset(&mut self) {
        for line in self.lines.iter_mut().chain(self.diffusers.iter_mut().flatten()) {
            line.samples.fill(0.0);
            line.at = 0;
        }
        self.low = [0.0; LINES];
    }

    /// Sets the time to fall by 60 dB and the frequency above which it falls faster.
    pub fn set(&mut self, seconds: f32, damp_hz: f32, rate: f32) {
        if seconds == self.seconds && damp_hz == self.damp_hz {
            return;
        }
        (self.seconds, self.damp_hz) = (seconds, damp_hz);
        for (k, line) in self.lines.iter().enumerate() {
            self.loss[k] = (-6.907_755 * line.samples.len() as f32 / (seconds * rate)).exp();
            self.high_loss[k] = one_pole(1.0 / (std::f32::consts::TAU * damp_hz), rate);
        }
    }

    /// Adds the reverb of `input`; says how loud it was.
    #[inline(never)]
    pub fn process(&mut self, input: &mut [[f32; BLOCK_FRAMES]; 2], out: [&mut [f32]; 2]) -> f32 {
        let [left, right] = out;
        let frames = left.len();
        for (channel, diffusers) in input.iter_mut().zip(&mut self.diffusers) {
            for line in diffusers {
                let mut delayed = [0.0; BLOCK_FRAMES];
                let mut kept = [0.0; BLOCK_FRAMES];
                line.read(&mut delayed[..frames]);
                for n in 0..frames {
                    kept[n] = channel[n] + DIFFUSE_GAIN * delayed[n];
                    channel[n] = delayed[n] - DIFFUSE_GAIN * kept[n];
                }
                line.write(&kept[..frames]);
            }
        }
        let mut taps = [[0.0_f32; BLOCK_FRAMES]; LINES];
        for (tap, line) in taps.iter_mut().zip(&self.lines) {
            line.read(&mut tap[..frames]);
        }
        let mut low = self.low;
        let keep = self.high_loss.map(|way| 1.0 - way);
        for n in 0..frames {
            for k in 0..LINES {
                low[k] = keep[k] * low[k] + self.high_loss[k] * taps[k][n];
                taps[k][n] = self.loss[k] * low[k];
            }
        }
        for value in &mut low {
            if value.abs() < 1e-18 {
                *value = 0.0;
            }
        }
        self.low = low;
        let mut wet = [[0.0; BLOCK_FRAMES]; 2];
        for (side, (channel, out)) in wet.iter_mut().zip([left, right]).enumerate() {
            for (n, (x, y)) in channel.iter_mut().zip(out).enumerate() {
                *x = 0.35 * (taps[side][n] - taps[2 + side][n] + taps[4 + side][n] - taps[6 + side][n]);
                *y += *x;
            }
        }
        hadamard(&mut taps, frames);
        for (k, (tap, line)) in taps.iter_mut().zip(&mut self.lines).enumerate() {
            // Even lines take the left side, odd ones the right; signs differ, so that the sum of lines is no echo.
            let sign = if k % 4 < 2 { 0.5 } else { -0.5 };
            for (x, source) in tap[..frames].iter_mut().zip(&input[k % 2]) {
                // The tiny constant keeps the tail from ever becoming denormal; it is -400 dB.
                *x += sign * source + 1e-20;
            }
            line.write(&tap[..frames]);
        }
        peak(wet.as_flattened())
    }
}

/// Multiplies eight signals by the orthogonal Hadamard matrix, in place, by the fast transform.
fn hadamard(signals: &mut [[f32; BLOCK_FRAMES]; LINES], frames: usize) {
    let scale = 1.0 / (LINES as f32).sqrt();
    for stride in [1, 2, 4] {
        for start in (0..LINES).filter(|k| k & stride == 0) {
            let (head, tail) = signals.split_at_mut(start + stride);
            for (a, b) in head[start][..frames].iter_mut().zip(&mut tail[0][..frames]) {
                (*a, *b) = (*a + *b, *a - *b);
            }
        }
    }
    for signal in signals {
        for x in &mut signal[..frames] {
            *x *= scale;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn impulse_response(rate: f32, seconds: f32, damp_hz: f32, length_s: f32) -> Vec<f32> {
        let mut reverb = Reverb::new(rate);
        reverb.set(seconds, damp_hz, rate);
        let blocks = (rate * length_s) as usize / BLOCK_FRAMES;
        let mut out = Vec::new();
        for block in 0..blocks {
            let mut input = [[0.0; BLOCK_FRAMES]; 2];
            if block == 0 {
                input[0][0] = 1.0;
                input[1][0] = 1.0;
            }
            let (mut l, mut r) = ([0.0; BLOCK_FRAMES], [0.0; BLOCK_FRAMES]);
            reverb.process(&mut input, [&mut l, &mut r]);
            out.extend_from_slice(&l);
        }
        out
    }

    #[test]
    fn it_falls_by_sixty_decibels_in_its_time_at_every_rate() {
        for rate in [22_050.0_f32, 48_000.0, 192_000.0] {
            let response = impulse_response(rate, 1.5, 18_000.0, 2.0);
            let level = |from: f32, to: f32| {
                let piece = &response[(from * rate) as usize..(to * rate) as usize];
                10.0 * (piece.iter().map(|x| x * x).sum::<f32>() / piece.len() as f32).log10()
            };
            let fall = level(0.3, 0.5) - level(1.2, 1.4);
            // 0.9 s of 1.5 s are 36 dB; the one-poles take a little more from the top.
            assert!((35.0..46.0).contains(&fall), "{rate}: {fall}");
        }
    }

    #[test]
    fn damping_makes_the_tail_darker() {
        let change = |response: &[f32]| {
            let piece = &response[24_000..38_000];
            let power: f32 = piece.iter().map(|x| x * x).sum();
            piece.windows(2).map(|pair| (pair[1] - pair[0]).powi(2)).sum::<f32>() / power
        };
        let bright = change(&impulse_response(48_000.0, 2.0, 16_000.0, 1.0));
        let dark = change(&impulse_response(48_000.0, 2.0, 1500.0, 1.0));
        assert!(dark < 0.1 * bright, "{dark} {bright}");
    }

    #[test]
    fn the_matrix_keeps_power() {
        let mut signals = [[0.0; BLOCK_FRAMES]; LINES];
        for (k, signal) in signals.iter_mut().enumerate() {
            signal[0] = k as f32 - 2.0;
        }
        let before: f32 = signals.iter().map(|s| s[0] * s[0]).sum();
        hadamard(&mut signals, BLOCK_FRAMES);
        let after: f32 = signals.iter().map(|s| s[0] * s[0]).sum();
        assert!((before - after).abs() < 1e-3);
    }
}
