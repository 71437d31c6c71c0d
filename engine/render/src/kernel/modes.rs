//! Decaying sines, eight side by side.
//!
//! Modal synthesis (Jean-Marie Adrien, *The Missing Link: Modal Synthesis*, 1991). Each mode is a point that turns on a
//! shrinking circle (the coupled form), which stays exact for low pitches at high rates, where a two-pole recursion
//! loses its frequency in single precision.

use crate::event::BLOCK_FRAMES;
use crate::math::decay_60;
use wide::f32x4;

/// Modes that are computed side by side.
pub const LANES: usize = 8;

/// Eight modes; those not set are silent.
#[derive(Debug, Clone, Copy, Default)]
pub struct Modes {
    re: [f32; LANES],
    im: [f32; LANES],
    cos: [f32; LANES],
    sin: [f32; LANES],
    /// What each frame leaves, and the turn of a frame in radians: what cosine and sine are made from.
    radius: [f32; LANES],
    angle: [f32; LANES],
}

impl Modes {
    /// Strikes the mode of a lane: `hz` below half of `rate`, falling by 60 dB in `seconds`.
    pub fn strike(&mut self, lane: usize, hz: f32, level: f32, seconds: f32, rate: f32) {
        let radius = f64::from(decay_60(seconds, rate));
        let angle = std::f64::consts::TAU * f64::from(hz) / f64::from(rate);
        self.re[lane] = level;
        self.im[lane] = 0.0;
        self.cos[lane] = (radius * angle.cos()) as f32;
        self.sin[lane] = (radius * angle.sin()) as f32;
        (self.radius[lane], self.angle[lane]) = (radius as f32, angle as f32);
    }

    /// Multiplies the pitch of every mode.
    pub fn bend(&mut self, ratio: f32) {
        for lane in 0..LANES {
            self.angle[lane] *= ratio;
            // Above half the rate is nothing to be heard; the true angle is kept for the way back.
            let angle = self.angle[lane].min(3.0);
            self.cos[lane] = self.radius[lane] * angle.cos();
            self.sin[lane] = self.radius[lane] * angle.sin();
        }
    }
}

/// Frames that are computed from one state: each is the state turned by a power of its own, so that the next state waits
/// for one turn and not for four.
const AHEAD: usize = 4;

/// Turns all modes on and adds their sum to `out`, at most a block; says how much power is left.
pub fn ring(groups: &mut [Modes], out: &mut [f32]) -> f32 {
    let frames = out.len().min(BLOCK_FRAMES);
    let (whole, rest) = (frames / AHEAD, frames % AHEAD);
    // Of each frame the sum of every fourth mode.
    let mut sums = [[f32x4::ZERO; AHEAD]; BLOCK_FRAMES / AHEAD];
    let mut power = 0.0;
    for group in groups {
        for half in 0..LANES / 4 {
            let lanes = 4 * half..4 * half + 4;
            let [mut re, mut im, cos, sin] =
                [&group.re, &group.im, &group.cos, &group.sin].map(|x| f32x4::from(&x[lanes.clone()]));
            let mut turns = [(cos, sin); AHEAD];
            for k in 1..AHEAD {
                turns[k] = turned(turns[k - 1], (cos, sin));
            }
            for sum in &mut sums[..whole] {
                // The imaginary part starts at 0, so a strike does not begin with a step.
                for (sum, turn) in sum[..AHEAD - 1].iter_mut().zip(&turns) {
                    *sum += re * turn.1 + im * turn.0;
                }
                (re, im) = turned((re, im), turns[AHEAD - 1]);
                sum[AHEAD - 1] += im;
            }
            if rest > 0 {
                for (sum, turn) in sums[whole][..rest].iter_mut().zip(&turns) {
                    *sum += re * turn.1 + im * turn.0;
                }
                (re, im) = turned((re, im), turns[rest - 1]);
            }
            let left = re * re + im * im;
            power += left.reduce_add();
            // Long before numbers become denormal.
            let heard = left.simd_ge(f32x4::splat(1e-20));
            group.re[lanes.clone()].copy_from_slice(&(re & heard).to_array());
            group.im[lanes].copy_from_slice(&(im & heard).to_array());
        }
    }
    for (part, sum) in out.chunks_mut(AHEAD).zip(sums) {
        let [a, b, c, d] = f32x4::transpose(sum);
        for (x, y) in part.iter_mut().zip((a + b + c + d).to_array()) {
            *x += y;
        }
    }
    power
}

/// Product of two complex numbers.
#[inline(always)]
fn turned(a: (f32x4, f32x4), b: (f32x4, f32x4)) -> (f32x4, f32x4) {
    (a.0 * b.0 - a.1 * b.1, a.0 * b.1 + a.1 * b.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bending_to_and_fro_keeps_pitch_and_decay() {
        let mut bent = [Modes::default()];
        bent[0].strike(0, 1000.0, 0.5, 10.0, 192_000.0);
        let mut straight = bent;
        let (mut one, mut other) = ([0.0; 64], [0.0; 64]);
        for block in 0..9000 {
            bent[0].bend(if block % 2 == 0 { 1.01 } else { 1.0 / 1.01 });
            (one, other) = ([0.0; 64], [0.0; 64]);
            ring(&mut bent, &mut one);
            ring(&mut straight, &mut other);
        }
        let [one, other] = [one, other].map(|wave| crate::math::peak(&wave));
        // 64 frames are a third of a wave: the peaks need not lie in them, but the powers are near.
        assert!(one > 0.2 * other && one < 5.0 * other, "{one} {other}");
        let power = |modes: &Modes| modes.re[0].hypot(modes.im[0]);
        assert!((power(&bent[0]) / power(&straight[0]) - 1.0).abs() < 0.05);
        assert!((bent[0].angle[0] / straight[0].angle[0] - 1.0).abs() < 1e-3);
    }

    #[test]
    fn a_mode_is_the_decaying_sine_of_the_textbook() {
        for (rate, hz) in [(22_050.0_f32, 440.0_f32), (48_000.0, 3000.0), (192_000.0, 27.5)] {
            let mut modes = [Modes::default()];
            modes[0].strike(3, hz, 0.5, 0.8, rate);
            let mut out = vec![0.0; 64 * 200];
            // Blocks are cut where events lie: 64 = 5 + 37 + 22.
            for block in out.chunks_mut(64).flat_map(|block| {
                let (a, rest) = block.split_at_mut(5);
                let (b, c) = rest.split_at_mut(37);
                [a, b, c]
            }) {
                ring(&mut modes, block);
            }
            for (n, x) in out.iter().enumerate() {
                let t = (n + 1) as f64 / f64::from(rate);
                let wanted =
                    0.5 * (-6.907_755 * t / 0.8).exp() * (std::f64::consts::TAU * f64::from(hz) * t).sin();
                assert!((f64::from(*x) - wanted).abs() < 1e-3, "{rate} {hz} {n}");
            }
        }
    }
}
