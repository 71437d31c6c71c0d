//! Brick-wall limiter of true peaks with a short lookahead.
//!
//! The gain that each frame needs is held over the lookahead (a running minimum), recovers slowly, and is smoothed by two
//! running means whose lengths add up to the lookahead, so that it is all the way down when the peak arrives and has no
//! corner on its way (the scheme of Giannoulis, Massberg and Reiss, section "look-ahead", with FIR smoothing).

use super::true_peak::{DELAY, TruePeak, greatest};
use crate::math::db_to_gain;

/// Where true peaks are held, dB: 0.2 below -1 dBTP for what the detector's filter and another meter's see differently.
const CEILING_DB: f32 = -1.2;
/// Latency, seconds.
const LATENCY_S: f32 = 0.000_9;
/// Time constant of the recovery, seconds.
const RELEASE_S: f32 = 0.090;

/// A running mean over a fixed number of frames, in double precision, so that it does not drift.
struct Mean {
    past: Vec<f64>,
    at: usize,
    sum: f64,
    scale: f64,
}

impl Mean {
    fn new(frames: usize) -> Self {
        Self { past: vec![1.0; frames], at: 0, sum: frames as f64, scale: 1.0 / frames as f64 }
    }

    fn reset(&mut self) {
        self.past.fill(1.0);
        self.at = 0;
        self.sum = self.past.len() as f64;
    }

    #[inline(always)]
    fn tick(&mut self, x: f64) -> f64 {
        self.sum += x - self.past[self.at];
        self.past[self.at] = x;
        self.at = if self.at + 1 == self.past.len() { 0 } else { self.at + 1 };
        self.sum * self.scale
    }
}

/// The least of the last frames, by a queue in which values only rise (Lemire, *Streaming Maximum-Minimum Filter*, 2006).
struct Least {
    values: Vec<(f64, u64)>,
    head: usize,
    length: usize,
    window: u64,
    now: u64,
}

impl Least {
    fn new(window: usize) -> Self {
        Self { values: vec![(1.0, 0); window + 1], head: 0, length: 0, window: window as u64, now: 0 }
    }

    fn reset(&mut self) {
        (self.head, self.length, self.now) = (0, 0, 0);
    }

    #[inline(always)]
    fn tick(&mut self, x: f64) -> f64 {
        let size = self.values.len();
        let wrap = |k: usize| if k >= size { k - size } else { k };
        while self.length > 0 && self.values[wrap(self.head + self.length - 1)].0 >= x {
            self.length -= 1;
        }
        if self.length > 0 && self.values[self.head].1 + self.window <= self.now {
            self.head = wrap(self.head + 1);
            self.length -= 1;
        }
        self.values[wrap(self.head + self.length)] = (x, self.now);
        self.length += 1;
        self.now += 1;
        self.values[self.head].0
    }
}

/// The limiter of both channels: one gain for both, so that the picture stays in its place.
pub(crate) struct Limiter {
    ceiling: f32,
    detectors: [TruePeak; 2],
    least: Least,
    release: f64,
    held: f64,
    means: [Mean; 2],
    delay: Vec<[f32; 2]>,
    at: usize,
}

impl Limiter {
    pub fn new(rate: f32) -> Self {
        let latency = (LATENCY_S * rate) as usize;
        // What the detector leaves is shared by the two means; their lengths less one add up to it.
        let smooth = latency - DELAY;
        let first = smooth / 2 + 1;
        let second = smooth - (first - 1) + 1;
        Self {
            ceiling: db_to_gain(CEILING_DB),
            detectors: [TruePeak::new(), TruePeak::new()],
            // One frame more on either side, because a peak between frames belongs to both.
            least: Least::new(smooth + 2),
            release: 1.0 - f64::from((-1.0 / (RELEASE_S * rate)).exp()),
            held: 1.0,
            means: [Mean::new(first), Mean::new(second)],
            delay: vec![[0.0; 2]; latency],
            at: 0,
        }
    }

    pub fn latency_frames(&self) -> usize {
        self.delay.len()
    }

    pub fn reset(&mut self) {
        self.detectors.iter_mut().for_each(TruePeak::reset);
        self.least.reset();
        self.held = 1.0;
        self.means.iter_mut().for_each(Mean::reset);
        self.delay.fill([0.0; 2]);
        self.at = 0;
    }

    /// One frame in, one frame out.
    #[inline(always)]
    pub fn tick(&mut self, input: [f32; 2]) -> [f32; 2] {
        let peak = greatest(self.detectors[0].tick(input[0]), self.detectors[1].tick(input[1]));
        let needed = if peak > self.ceiling { f64::from(self.ceiling / peak) } else { 1.0 };
        let least = self.least.tick(needed);
        self.held = if least < self.held { least } else { self.held + self.release * (least - self.held) };
        let gain = self.means[0].tick(self.held);
        let gain = self.means[1].tick(gain) as f32;
        let late = self.delay[self.at];
        self.delay[self.at] = input;
        self.at = if self.at + 1 == self.delay.len() { 0 } else { self.at + 1 };
        // Rounding may lift a sample a hair above; the clamp is below anything one can hear and keeps the promise.
        late.map(|x| (x * gain).clamp(-self.ceiling, self.ceiling))
    }
}
