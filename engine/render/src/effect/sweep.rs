//! The sweep: a filter over a stem whose corner moves once from one place to another.

use crate::event::SweepKind;
use crate::kernel::svf::{FilterKind, Svf, SvfCoefficients, WideCoefficients};
use wide::f32x4;

/// Frames in which the coefficients go along a straight line. Counted from the sweep's own start, so that the blocks it
/// is played in do not matter.
const SEGMENT: u32 = 32;
/// Time in which the filter comes and goes, seconds.
const FADE_S: f32 = 0.003;
/// Q of both halves: together 24 dB an octave with a peak of 3 dB at the corner, which lets the movement be heard.
const QS: [f32; 2] = [0.6, 2.35];

/// The sweep of a stem. A new one fades in while the one before it fades out.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sweeps {
    sweeps: [Sweep; 2],
    newest: usize,
}

impl Sweeps {
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// Begins; `hz` are the corners at start and end.
    pub fn start(&mut self, kind: SweepKind, frames: u32, hz: [f32; 2], rate: f32) {
        self.sweeps[self.newest].stop();
        self.newest = 1 - self.newest;
        self.sweeps[self.newest].start(kind, frames, hz, rate);
    }

    pub fn process(&mut self, left: &mut [f32], right: &mut [f32]) {
        for sweep in &mut self.sweeps {
            sweep.process(left, right);
        }
    }
}

/// The filter and where it is.
#[derive(Debug, Clone, Copy)]
struct Sweep {
    filters: [Svf; 2],
    now: [WideCoefficients; 2],
    step: [WideCoefficients; 2],
    kind: FilterKind,
    hz: [f32; 2],
    rate: f32,
    frames: u32,
    /// Frames since the start, up to `frames`.
    at: u32,
    /// How much of the filter is heard, and what is added to that in a frame.
    part: f32,
    fade: f32,
}

impl Default for Sweep {
    fn default() -> Self {
        Self {
            filters: [Svf::default(); 2],
            now: [WideCoefficients::default(); 2],
            step: [WideCoefficients::default(); 2],
            kind: FilterKind::Low,
            hz: [20_000.0; 2],
            rate: 48_000.0,
            frames: 0,
            at: 0,
            part: 0.0,
            fade: 1.0,
        }
    }
}

impl Sweep {
    fn start(&mut self, kind: SweepKind, frames: u32, hz: [f32; 2], rate: f32) {
        self.kind = match kind {
            SweepKind::LowPass => FilterKind::Low,
            SweepKind::HighPass => FilterKind::High,
        };
        // What is no number counts as open.
        let open = if kind == SweepKind::LowPass { 20_000.0 } else { 20.0 };
        self.hz = hz.map(|hz| if hz.is_finite() { hz.clamp(20.0, 20_000.0) } else { open });
        (self.frames, self.at, self.rate) = (frames, 0, rate);
        self.fade = 1.0 / (FADE_S * rate);
        // Were it still to be heard, a third within 3 ms, it would go on from where it is.
        if self.part == 0.0 {
            self.filters = [Svf::default(); 2];
            self.now = self.coefficients(0.0);
        }
    }

    /// Lets it go.
    fn stop(&mut self) {
        self.frames = self.at;
    }

    /// Both filters when so much of the way is covered.
    fn coefficients(&self, way: f32) -> [WideCoefficients; 2] {
        let hz = self.hz[0] * (self.hz[1] / self.hz[0]).powf(way);
        QS.map(|q| (&SvfCoefficients::new(self.kind, hz, q, self.rate)).into())
    }

    /// Sets out for where the corner is a segment later.
    fn next_segment(&mut self) {
        let length = SEGMENT.min(self.frames - self.at);
        let way = f64::from(self.at + length) / f64::from(self.frames);
        let goal = self.coefficients(way as f32);
        for (step, (now, goal)) in self.step.iter_mut().zip(self.now.iter().zip(&goal)) {
            *step = now.step_to(goal, length as usize);
        }
        self.filters = self.filters.map(Svf::settled);
    }

    fn process(&mut self, left: &mut [f32], right: &mut [f32]) {
        for (l, r) in left.iter_mut().zip(right) {
            let moving = self.at < self.frames;
            if moving {
                if self.at % SEGMENT == 0 {
                    self.next_segment();
                }
                for (now, step) in self.now.iter_mut().zip(&self.step) {
                    now.advance(step);
                }
                self.at += 1;
                self.part = (self.part + self.fade).min(1.0);
            } else {
                self.part = (self.part - self.fade).max(0.0);
                if self.part == 0.0 {
                    return;
                }
            }
            let dry = f32x4::new([*l, *r, 0.0, 0.0]);
            let mut wet = dry;
            for (filter, now) in self.filters.iter_mut().zip(&self.now) {
                wet = filter.tick(now, wet);
            }
            [*l, *r, _, _] = (dry + f32x4::splat(self.part) * (wet - dry)).to_array();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::response::level_db;

    /// A sweep that stands, as a filter of one channel.
    fn standing(kind: SweepKind, hz: f32, rate: f32) -> impl FnOnce(&mut [f32]) {
        move |samples| {
            let mut sweep = Sweeps::default();
            sweep.start(kind, u32::MAX, [hz; 2], rate);
            let mut other = samples.to_vec();
            sweep.process(samples, &mut other);
            assert_eq!(samples, &other[..]);
        }
    }

    #[test]
    fn it_falls_by_24_decibels_an_octave_beyond_its_corner() {
        for rate in [44_100.0, 96_000.0] {
            let low = |hz| level_db(hz, rate, standing(SweepKind::LowPass, 1000.0, rate));
            let high = |hz| level_db(hz, rate, standing(SweepKind::HighPass, 1000.0, rate));
            for (pass, stop) in [(low(100.0), low(4000.0)), (high(8000.0), high(250.0))] {
                assert!(pass.abs() < 0.5, "{rate}: {pass} dB where it is open");
                assert!((-52.0..-44.0).contains(&stop), "{rate}: {stop} dB two octaves beyond");
            }
            let peak = low(900.0);
            assert!((0.5..4.0).contains(&peak), "{rate}: {peak} dB near the corner");
        }
    }

    #[test]
    fn it_moves_from_corner_to_corner_and_is_gone() {
        let wave: Vec<f32> = (0..96_000).map(|n| (n as f32 * 0.131).sin()).collect(); // 1 kHz
        let mut heard = wave.clone();
        let mut other = wave.clone();
        let mut sweep = Sweeps::default();
        sweep.start(SweepKind::LowPass, 48_000, [100.0, 20_000.0], 48_000.0);
        sweep.process(&mut heard, &mut other);
        let rms = |from: usize| heard[from..from + 960].iter().map(|x| x * x).sum::<f32>() / 960.0;
        // A tenth of 7.6 octaves on it is at 170 Hz, nine tenths on at 11.8 kHz.
        assert!(rms(4800) < 1e-4 && (rms(43_200) - 0.5).abs() < 0.01);
        assert_eq!(heard[48_200..], wave[48_200..]);
        let step = heard.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
        // The wave's own is 0.131, and 3 dB more where the corner passes it.
        assert!(step < 0.22, "a step of {step}");
    }

    #[test]
    fn the_blocks_do_not_matter_and_a_second_sweep_leaves_no_step() {
        let wave: Vec<f32> = (0..20_000).map(|n| (n as f32 * 0.02).sin()).collect();
        let run = |cuts: &[usize]| {
            let mut heard = wave.clone();
            let mut other = wave.clone();
            let mut sweep = Sweeps::default();
            let mut starts = vec![
                (7000, SweepKind::HighPass, 5000, [f32::NAN, 800.0]),
                (1000, SweepKind::LowPass, 9000, [15_000.0, 200.0]),
            ];
            let mut at = 0;
            let mut cuts = cuts.iter().cycle();
            while at < 20_000 {
                let next = starts.last().map_or(20_000, |start| start.0);
                let end = (at + cuts.next().unwrap()).min(next);
                sweep.process(&mut heard[at..end], &mut other[at..end]);
                at = end;
                if at == next
                    && let Some((_, kind, frames, hz)) = starts.pop()
                {
                    sweep.start(kind, frames, hz, 48_000.0);
                }
            }
            heard
        };
        let whole = run(&[64]);
        assert_eq!(whole, run(&[1]));
        assert_eq!(whole, run(&[37, 64, 5]));
        let step = whole.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
        assert!(step < 0.05, "a step of {step}");
        assert_ne!(whole[9000], wave[9000]);
    }
}
