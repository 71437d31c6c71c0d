//! Reverb: a feedback network of eight delay lines.
//!
//! Jean-Marc Jot and Antoine Chaigne, *Digital delay networks for designing artificial reverberators*, 1991: delays of
//! unlike lengths, mixed by an orthogonal (Hadamard) matrix, each with a one-pole that gives the decay wanted at low
//! and at high frequencies. Two Schroeder all-passes on each side thicken the input. `fundsp`'s reverbs were measured at 130
//! to 410 ns a frame; seven of them would take twice to seven times what the whole renderer may.

use crate::event::{BLOCK_FRAMES, Stereo};
use crate::math::{one_pole, peak};
use wide::f32x4;

const LINES: usize = 8;
/// Frames in a vector.
const FOUR: usize = 4;
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

    /// Adds the reverb of a block; what went in is used up. Says how loud it was.
    #[inline(never)]
    pub fn process(&mut self, input: &mut Stereo, out: &mut Stereo) -> f32 {
        for (channel, diffusers) in input.iter_mut().zip(&mut self.diffusers) {
            for line in diffusers {
                let mut delayed = [0.0; BLOCK_FRAMES];
                let mut kept = [0.0; BLOCK_FRAMES];
                line.read(&mut delayed);
                for n in 0..BLOCK_FRAMES {
                    kept[n] = channel[n] + DIFFUSE_GAIN * delayed[n];
                    channel[n] = delayed[n] - DIFFUSE_GAIN * kept[n];
                }
                line.write(&kept);
            }
        }
        let mut taps = [[[0.0_f32; FOUR]; BLOCK_FRAMES / FOUR]; LINES];
        for (tap, line) in taps.iter_mut().zip(&self.lines) {
            line.read(tap.as_flattened_mut());
        }
        let halves = |x: [f32; LINES]| -> [f32x4; 2] { [f32x4::from(&x[..4]), f32x4::from(&x[4..])] };
        let (loss, way) = (halves(self.loss), halves(self.high_loss));
        let keep = way.map(|way| f32x4::ONE - way);
        let mut low = halves(self.low);
        let mut wet: Stereo = [[0.0; BLOCK_FRAMES]; 2];
        let [wet_left, wet_right] = wet.each_mut().map(|channel| channel.as_chunks_mut::<FOUR>().0);
        let fed = input.each_ref().map(|channel| channel.as_chunks::<FOUR>().0);
        for n in 0..BLOCK_FRAMES / FOUR {
            // Four frames of each line, turned so that the lines lie side by side for the one-poles, and turned back.
            let mut rows: [f32x4; LINES] = std::array::from_fn(|k| f32x4::new(taps[k][n]));
            for (half, rows) in rows.as_chunks_mut::<4>().0.iter_mut().enumerate() {
                let mut frames = f32x4::transpose(*rows);
                for frame in &mut frames {
                    low[half] = keep[half] * low[half] + way[half] * *frame;
                    *frame = loss[half] * low[half];
                }
                *rows = f32x4::transpose(frames);
            }
            wet_left[n] = (0.35 * (rows[0] - rows[2] + rows[4] - rows[6])).to_array();
            wet_right[n] = (0.35 * (rows[1] - rows[3] + rows[5] - rows[7])).to_array();
            hadamard(&mut rows);
            for (k, row) in rows.into_iter().enumerate() {
                // Even lines take the left side, odd ones the right; signs differ, so that the sum of lines is no echo.
                let sign = if k % 4 < 2 { 0.5 } else { -0.5 };
                // The tiny constant keeps the tail from ever becoming denormal; it is -400 dB.
                taps[k][n] = (row + sign * f32x4::new(fed[k % 2][n]) + 1e-20).to_array();
            }
        }
        for (tap, line) in taps.iter().zip(&mut self.lines) {
            line.write(tap.as_flattened());
        }
        let low = low.map(|low| low.to_array().map(|x| if x.abs() < 1e-18 { 0.0 } else { x }));
        self.low.copy_from_slice(low.as_flattened());
        for (channel, wet) in out.iter_mut().zip(&wet) {
            for (y, x) in channel.iter_mut().zip(wet) {
                *y += x;
            }
        }
        peak(wet.as_flattened())
    }
}

/// Multiplies eight signals by the orthogonal Hadamard matrix, in place, by the fast transform.
#[inline(always)]
fn hadamard(signals: &mut [f32x4; LINES]) {
    for stride in [1, 2, 4] {
        for k in (0..LINES).filter(|k| k & stride == 0) {
            let (a, b) = (signals[k], signals[k + stride]);
            (signals[k], signals[k + stride]) = (a + b, a - b);
        }
    }
    for signal in signals {
        *signal *= f32x4::splat(1.0 / (LINES as f32).sqrt());
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
            let mut wet = [[0.0; BLOCK_FRAMES]; 2];
            reverb.process(&mut input, &mut wet);
            out.extend_from_slice(&wet[0]);
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
        let mut signals: [f32x4; LINES] = std::array::from_fn(|k| f32x4::splat(k as f32 - 2.0));
        let power = |signals: &[f32x4]| signals.iter().map(|s| s.to_array()[1].powi(2)).sum::<f32>();
        let before = power(&signals);
        hadamard(&mut signals);
        let after = power(&signals);
        assert!((before - after).abs() < 1e-3);
    }
}
