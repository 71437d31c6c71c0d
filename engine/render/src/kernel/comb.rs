//! A tube or string in which noise rings: a feedback comb filter with losses.
//!
//! Manfred Schroeder's comb (*Natural Sounding Artificial Reverberation*, 1962) with the one-pole in its loop that James
//! Moorer added (1979). With the loop inverted and half as long it is a tube closed at one end, which has odd harmonics
//! alone.

use std::f32::consts::TAU;

/// The comb; its delay line lies outside.
#[derive(Debug, Clone, Copy, Default)]
pub struct Comb {
    write: usize,
    low: f32,
    hz: f32,
    delay: f32,
    loop_gain: f32,
    damp: f32,
    level: f32,
    /// Below the pitch, where a comb rings as well, nothing is heard: two high-passes.
    floor: f32,
    floors: [f32; 2],
}

impl Comb {
    /// Tunes it. `ring` is the part that comes back, 0 to 0.99, `corner_hz` where its highs are lost.
    pub fn tune(&mut self, hz: f32, ring: f32, closed: bool, corner_hz: f32, rate: f32, line: usize) {
        if hz == self.hz {
            return;
        }
        self.hz = hz;
        self.damp = (-TAU * (corner_hz / rate).min(0.45)).exp();
        // What the low-pass delays the pitch by, so that the tube is in tune with the note.
        let w = TAU * hz / rate;
        let late = (self.damp * w.sin()).atan2(1.0 - self.damp * w.cos()) / w;
        let around = if closed { 0.5 * rate / hz } else { rate / hz };
        self.delay = (around - late).clamp(2.0, (line - 2) as f32);
        self.loop_gain = if closed { -ring } else { ring };
        // Noise comes out as loud as it went in.
        self.floor = 1.0 - (-TAU * 0.7 * hz / rate).exp();
        self.level = (1.0 - ring * ring).sqrt();
    }

    /// Filters in place. `line` has a power of two of frames.
    pub fn process(&mut self, line: &mut [f32], samples: &mut [f32]) {
        let mask = line.len() - 1;
        let whole = self.delay as usize;
        let part = self.delay - whole as f32;
        let (mut write, mut low, mut floors) = (self.write, self.low, self.floors);
        for x in samples {
            let near = line[write.wrapping_sub(whole) & mask];
            let far = line[write.wrapping_sub(whole + 1) & mask];
            let back = near + part * (far - near);
            low = back + self.damp * (low - back);
            let y = *x + self.loop_gain * low;
            line[write & mask] = y;
            write = (write + 1) & mask;
            // Heard where it has passed the losses: a tube does not hiss.
            let mut heard = self.level * (low + 0.15 * *x);
            for under in &mut floors {
                *under += self.floor * (heard - *under);
                heard -= *under;
            }
            *x = heard;
        }
        self.floors = floors.map(|under| if under.abs() < 1e-15 { 0.0 } else { under });
        (self.write, self.low) = (write, if low.abs() < 1e-15 { 0.0 } else { low });
    }

    /// Angle of a frequency, in half turns, around the loop; whole where it rings.
    #[cfg(test)]
    fn turns(&self, hz: f32, rate: f32) -> f32 {
        let w = TAU * hz / rate;
        (w * self.delay + (self.damp * w.sin()).atan2(1.0 - self.damp * w.cos())) / std::f32::consts::PI
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::response::level_db;

    const RATE: f32 = 48_000.0;

    #[test]
    fn it_rings_at_its_harmonics_and_not_between_them() {
        for closed in [false, true] {
            let level = |hz: f32| {
                let mut comb = Comb::default();
                comb.tune(440.0, 0.9, closed, 6000.0, RATE, 4096);
                level_db(hz, RATE, |x| comb.process(&mut vec![0.0; 4096], x))
            };
            for k in 0..3 {
                let on = 440.0 * if closed { 2 * k + 1 } else { k + 1 } as f32;
                let between = if closed { 880.0 * (k + 1) as f32 } else { 440.0 * (k as f32 + 1.5) };
                assert!(level(on) > level(between) + 8.0, "{closed} {k}: {} {}", level(on), level(between));
            }
        }
    }

    #[test]
    fn nothing_rumbles_below_the_pitch() {
        let level = |hz: f32| {
            let mut comb = Comb::default();
            comb.tune(880.0, 0.9, false, 6000.0, RATE, 4096);
            level_db(hz, RATE, |x| comb.process(&mut vec![0.0; 4096], x))
        };
        assert!(level(60.0) < level(880.0) - 25.0, "{} {}", level(60.0), level(880.0));
    }

    #[test]
    fn it_is_tuned_through_its_losses() {
        for hz in [60.0, 440.0, 2000.0] {
            for closed in [false, true] {
                let mut comb = Comb::default();
                comb.tune(hz, 0.9, closed, 5000.0, RATE, 4096);
                let turns = comb.turns(hz, RATE);
                assert!((turns - if closed { 1.0 } else { 2.0 }).abs() < 1e-3, "{hz} {closed}: {turns}");
            }
        }
    }

    #[test]
    fn it_falls_silent() {
        let mut comb = Comb::default();
        comb.tune(200.0, 0.97, false, 8000.0, RATE, 4096);
        let mut line = vec![0.0; 4096];
        let mut samples = vec![0.0; 480_000];
        samples[0] = 1.0;
        comb.process(&mut line, &mut samples);
        assert!(samples[..4800].iter().any(|x| x.abs() > 1e-3));
        assert!(samples[400_000..].iter().all(|x| x.abs() < 1e-9));
    }
}
