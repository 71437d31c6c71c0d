//! Chorus: two delayed copies whose delay sways, one on each side.
//!
//! Jon Dattorro, *Effect Design Part 2: Delay-Line Modulation and Chorus*, 1997, without its feedback.

use crate::event::RAMP;
use crate::math::{phase_step, sine};

/// Middle of the delay, seconds.
const CENTRE_S: f32 = 0.012;
/// Sway to either side, seconds.
const DEPTH_S: f32 = 0.003;
/// Speed of the sway, Hz.
const SPEED_HZ: f32 = 0.6;

/// The chorus of one stem.
pub(crate) struct Chorus {
    line: Vec<[f32; 2]>,
    write: usize,
    phase: u32,
}

impl Chorus {
    pub fn new(rate: f32) -> Self {
        let frames = ((CENTRE_S + DEPTH_S) * rate) as usize + 4;
        Self { line: vec![[0.0; 2]; frames.next_power_of_two()], write: 0, phase: 0 }
    }

    pub fn reset(&mut self) {
        self.line.fill([0.0; 2]);
        self.write = 0;
        self.phase = 0;
    }

    /// Mixes the copies in; `amount` and `slope` are the part at the first frame and its change a frame.
    pub fn process(&mut self, amount: f32, slope: f32, rate: f32, left: &mut [f32], right: &mut [f32]) {
        let mask = self.line.len() - 1;
        let frames = left.len();
        let turn = phase_step(SPEED_HZ, rate).wrapping_mul(frames as u32);
        // The sway is a line within a block: at 0.6 Hz nobody hears the corners.
        let delays = |phase: u32| {
            // A quarter turn apart, so that left and right never move together.
            [phase, phase.wrapping_add(1 << 30)].map(|phase| (CENTRE_S + DEPTH_S * sine(phase)) * rate)
        };
        let from = delays(self.phase);
        self.phase = self.phase.wrapping_add(turn);
        let to = delays(self.phase);
        let mut write = self.write;
        for (n, (l, r)) in left.iter_mut().zip(right).enumerate() {
            self.line[write] = [*l, *r];
            let along = RAMP[n] / frames as f32;
            let mut wet = [0.0; 2];
            for side in 0..2 {
                let delay = from[side] + along * (to[side] - from[side]);
                let whole = delay as usize;
                let part = delay - whole as f32;
                let a = self.line[write.wrapping_sub(whole) & mask][side];
                let b = self.line[write.wrapping_sub(whole + 1) & mask][side];
                wet[side] = a + part * (b - a);
            }
            write = (write + 1) & mask;
            let amount = amount + slope * RAMP[n];
            // Constant power for unlike signals.
            let dry = 1.0 - 0.3 * amount;
            *l = dry * *l + 0.7 * amount * wet[0];
            *r = dry * *r + 0.7 * amount * wet[1];
        }
        self.write = write;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_impulse_comes_back_once_on_each_side_within_the_sway() {
        for rate in [22_050.0_f32, 48_000.0, 192_000.0] {
            let mut chorus = Chorus::new(rate);
            let frames = (rate * 0.05) as usize / 64 * 64;
            let (mut left, mut right) = (vec![0.0; frames], vec![0.0; frames]);
            (left[0], right[0]) = (1.0, 1.0);
            for (l, r) in left.chunks_mut(64).zip(right.chunks_mut(64)) {
                chorus.process(1.0, 0.0, rate, l, r);
            }
            for channel in [&left, &right] {
                assert!((channel[0] - 0.7).abs() < 1e-6);
                let first = channel.iter().skip(1).position(|x| x.abs() > 1e-6).unwrap() + 1;
                let time = first as f32 / rate;
                assert!((CENTRE_S - DEPTH_S - 1e-3..=CENTRE_S + DEPTH_S + 1e-3).contains(&time), "{time}");
                let sum: f32 = channel.iter().skip(1).sum();
                assert!((sum - 0.7).abs() < 0.02, "{sum}");
            }
            assert_ne!(left, right);
        }
    }
}
