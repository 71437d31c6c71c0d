//! Delay in time with the tempo, crossing from side to side, darker with each return.

use crate::event::RAMP;
use crate::math::one_pole;
use wide::f32x4;

/// Longest delay, seconds; longer ones are halved until they fit, which keeps them in time.
const LONGEST_S: f32 = 1.2;
/// Crossfade from one time to another, seconds.
const CROSSFADE_S: f32 = 0.04;

/// The delay of one stem.
pub(crate) struct Delay {
    line: Vec<[f32; 2]>,
    write: usize,
    now: usize,
    before: usize,
    fade: f32,
    low: f32x4,
    high: f32x4,
}

impl Delay {
    pub fn new(rate: f32) -> Self {
        let frames = (LONGEST_S * rate) as usize + 2;
        Self {
            line: vec![[0.0; 2]; frames],
            write: 0,
            now: 0,
            before: 0,
            fade: 1.0,
            low: f32x4::ZERO,
            high: f32x4::ZERO,
        }
    }

    pub fn reset(&mut self) {
        self.line.fill([0.0; 2]);
        let now = self.now;
        self.write = 0;
        self.before = now;
        self.fade = 1.0;
        (self.low, self.high) = (f32x4::ZERO, f32x4::ZERO);
    }

    /// Sets the time; the sound fades from the old to the new, without a bend of pitch.
    pub fn set_seconds(&mut self, mut seconds: f32, rate: f32) {
        while seconds > LONGEST_S {
            seconds *= 0.5;
        }
        let frames = ((seconds * rate) as usize).clamp(1, self.line.len() - 1);
        if frames != self.now {
            self.before = if self.now == 0 { frames } else { self.now };
            self.now = frames;
            self.fade = 0.0;
        }
    }

    /// Time now, frames.
    pub fn frames(&self) -> usize {
        self.now
    }

    /// Adds what returns; says how loud it was. `send` and `slope` are the part sent at the first frame and its change.
    pub fn process(
        &mut self,
        (send, slope): (f32, f32),
        feedback: f32,
        rate: f32,
        input: [&[f32]; 2],
        [left, right]: [&mut [f32]; 2],
    ) -> f32 {
        let length = self.line.len();
        let dark = one_pole(1.0 / (std::f32::consts::TAU * 4500.0), rate);
        let thin = one_pole(1.0 / (std::f32::consts::TAU * 180.0), rate);
        let fade_step = 1.0 / (CROSSFADE_S * rate);
        let at = |write: usize, back: usize| if write >= back { write - back } else { write + length - back };
        let (mut now, mut before) = (at(self.write, self.now), at(self.write, self.before));
        let (dark, thin) = (f32x4::splat(dark), f32x4::splat(thin));
        let (mut low, mut high) = (self.low, self.high);
        let mut peak = f32x4::ZERO;
        for n in 0..left.len() {
            let [mut l, mut r] = self.line[now];
            if self.fade < 1.0 {
                let old = self.line[before];
                l = old[0] + self.fade * (l - old[0]);
                r = old[1] + self.fade * (r - old[1]);
                self.fade += fade_step;
            }
            low += dark * (f32x4::new([l, r, 0.0, 0.0]) - low);
            high += thin * (low - high);
            let wet = low - high;
            peak = peak.fast_max(wet.abs());
            let [l, r, _, _] = wet.to_array();
            let send = send + slope * RAMP[n];
            // Enters on the left, returns on the right, and so on; what was right enters right.
            let mid = 0.5 * (input[0][n] + input[1][n]);
            self.line[self.write] = [
                send * (0.7 * mid + 0.3 * input[0][n]) + feedback * r,
                send * 0.3 * input[1][n] + feedback * l + 1e-20,
            ];
            left[n] += l;
            right[n] += r;
            self.write = if self.write + 1 == length { 0 } else { self.write + 1 };
            now = if now + 1 == length { 0 } else { now + 1 };
            before = if before + 1 == length { 0 } else { before + 1 };
        }
        (self.low, self.high) = (low, high);
        peak.to_array().into_iter().fold(0.0, f32::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn returns_come_in_time_from_side_to_side_and_fade() {
        for rate in [22_050.0_f32, 48_000.0, 192_000.0] {
            let mut delay = Delay::new(rate);
            delay.set_seconds(0.25, rate);
            let frames = (rate * 0.8) as usize / 64 * 64;
            let (mut left, mut right) = (vec![0.0; frames], vec![0.0; frames]);
            let silence = [0.0; 64];
            let mut impulse = [0.0; 64];
            impulse[0] = 1.0;
            for (k, (l, r)) in left.chunks_mut(64).zip(right.chunks_mut(64)).enumerate() {
                let input = if k == 0 { &impulse } else { &silence };
                delay.process((1.0, 0.0), 0.5, rate, [input, input], [l, r]);
            }
            let quarter = (0.25 * rate) as usize;
            let energy =
                |x: &[f32], at: usize| x[at..at + (0.01 * rate) as usize].iter().map(|x| x * x).sum::<f32>();
            assert!(energy(&left, quarter) > 4.0 * energy(&right, quarter));
            assert!(energy(&right, 2 * quarter) > 2.0 * energy(&left, 2 * quarter));
            assert!(energy(&right, 2 * quarter) < 0.5 * energy(&left, quarter));
            assert!(left[..quarter].iter().all(|x| x.abs() < 1e-9));
        }
    }

    #[test]
    fn a_time_too_long_is_halved_until_it_fits() {
        let mut delay = Delay::new(48_000.0);
        delay.set_seconds(5.0, 48_000.0);
        assert_eq!(delay.frames(), 30_000);
    }
}
