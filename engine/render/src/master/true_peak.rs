//! Peaks between samples, by four-fold interpolation.
//!
//! ITU-R BS.1770-4, annex 2, asks for at least four-fold oversampling; the filter here is a windowed sinc with twelve
//! taps a phase, the length of the recommendation's example.

use wide::f32x4;

/// Taps of each phase.
const TAPS: usize = 12;
/// Phases: four-fold.
const PHASES: usize = 4;

/// Frames by which a peak is known late: half of the filter.
pub(crate) const DELAY: usize = TAPS / 2;

/// The detector of one channel.
pub(crate) struct TruePeak {
    taps: [f32x4; TAPS],
    /// The last frames, written twice so that they always lie in a row.
    past: [f32; 2 * TAPS],
    at: usize,
}

impl TruePeak {
    pub fn new() -> Self {
        let mut taps = [[0.0; PHASES]; TAPS];
        for (k, row) in taps.iter_mut().enumerate() {
            for (phase, tap) in row.iter_mut().enumerate() {
                // Distance in frames from the point asked for, which lies `phase` quarters before the frame that came
                // in `DELAY` less one frames ago.
                let x = k as f64 - DELAY as f64 + phase as f64 / PHASES as f64;
                let sinc = if x == 0.0 {
                    1.0
                } else {
                    (x * std::f64::consts::PI).sin() / (x * std::f64::consts::PI)
                };
                let window = 0.5 + 0.5 * (x / (DELAY as f64 + 0.25) * std::f64::consts::PI).cos();
                *tap = (sinc * window) as f32;
            }
        }
        Self { taps: taps.map(f32x4::new), past: [0.0; 2 * TAPS], at: 0 }
    }

    pub fn reset(&mut self) {
        self.past = [0.0; 2 * TAPS];
        self.at = 0;
    }

    /// Takes a frame in; gives the amplitudes around the frame [`DELAY`] before, one of each phase.
    #[inline(always)]
    pub fn tick(&mut self, input: f32) -> f32x4 {
        self.past[self.at] = input;
        self.past[self.at + TAPS] = input;
        self.at = if self.at + 1 == TAPS { 0 } else { self.at + 1 };
        let past = &self.past[self.at..self.at + TAPS];
        let mut sum = f32x4::ZERO;
        for (x, taps) in past.iter().zip(&self.taps) {
            sum += f32x4::splat(*x) * *taps;
        }
        sum.abs()
    }
}

/// Greatest of the amplitudes that [`TruePeak::tick`] gives for the channels.
#[inline(always)]
pub(crate) fn greatest(left: f32x4, right: f32x4) -> f32 {
    let [a, b, c, d] = left.fast_max(right).to_array();
    let (a, c) = (if a > b { a } else { b }, if c > d { c } else { d });
    if a > c { a } else { c }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_finds_the_peak_between_samples() {
        // A quarter of the rate, sampled 45 degrees beside its peaks: samples of 0.707, true peak 1.
        let mut detector = TruePeak::new();
        let mut peak = 0.0_f32;
        for n in 0..1000 {
            let x = (n as f32 * 0.5 * std::f32::consts::PI + 0.25 * std::f32::consts::PI).sin();
            let found = greatest(detector.tick(x), f32x4::ZERO);
            if n > 2 * TAPS {
                peak = peak.max(found);
            }
        }
        assert!((peak - 1.0).abs() < 0.02, "{peak}");
    }

    #[test]
    fn an_impulse_is_seen_after_its_delay() {
        let mut detector = TruePeak::new();
        let seen: Vec<f32> =
            (0..32).map(|n| greatest(f32x4::ZERO, detector.tick(if n == 3 { 1.0 } else { 0.0 }))).collect();
        let place = seen.iter().position(|x| *x > 0.99).unwrap();
        assert!((place as i32 - 3 - DELAY as i32).abs() <= 1, "{place}");
    }
}
