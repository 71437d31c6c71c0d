//! Plucked string: a delay line with a damping filter in its loop.
//!
//! Kevin Karplus and Alex Strong, *Digital Synthesis of Plucked-String and Drum Timbres*, 1983, with David Jaffe and
//! Julius Smith's extensions of the same year: pick position, pick hardness, decay to order, and an all-pass that
//! tunes the string. The delays of the damping filter and of the all-pass are taken at the pitch itself, so that the
//! fundamental is exact.

use super::Tone;
use crate::kernel::noise::Noise;
use crate::math::peak;
use crate::patch::Check;
use serde::Deserialize;

/// The lowest string, Hz.
const LOWEST_HZ: f32 = 20.0;

/// Frames a voice's delay line needs.
pub(crate) fn line_frames(rate: f32) -> usize {
    ((rate / LOWEST_HZ) as usize + 8).next_power_of_two()
}

/// Settings of the source.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PluckSpec {
    /// Time in which middle C falls by 60 dB, seconds; lower notes sound longer.
    pub decay_s: f32,
    /// How much of the high partials lasts, 0 (thumb) to 1 (steel).
    pub brightness: f32,
    /// Where the string is plucked, 0 (bridge) to 0.5 (middle).
    #[serde(default = "default_position")]
    pub position: f32,
    /// How hard the plectrum is at full velocity, 0 to 1.
    #[serde(default = "default_pick")]
    pub pick: f32,
    /// Level of the pick's own noise, 0 to 1.
    #[serde(default)]
    pub scrape: f32,
}

fn default_position() -> f32 {
    0.2
}

fn default_pick() -> f32 {
    0.6
}

impl PluckSpec {
    pub fn check(&self, check: &mut Check) {
        check.range("decay_s", self.decay_s, 0.05, 20.0);
        check.range("brightness", self.brightness, 0.0, 1.0);
        check.range("position", self.position, 0.01, 0.5);
        check.range("pick", self.pick, 0.0, 1.0);
        check.range("scrape", self.scrape, 0.0, 1.0);
    }
}

/// The sounding source; the string itself is the voice's delay line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pluck {
    write: usize,
    hz: f32,
    delay: usize,
    loss: f32,
    damp: f32,
    tune: f32,
    low: f32,
    all: f32,
    all_in: f32,
    level: f32,
    scrape: f32,
    noise: Noise,
}

impl Pluck {
    pub fn start(spec: &PluckSpec, tone: &Tone<'_>, seed: u64, line: &mut [f32]) -> Self {
        let mut pluck = Self {
            write: 0,
            hz: 0.0,
            delay: 1,
            loss: 0.0,
            damp: 0.0,
            tune: 0.0,
            low: 0.0,
            all: 0.0,
            all_in: 0.0,
            level: 1.0,
            scrape: spec.scrape * tone.velocity,
            noise: Noise::new(seed),
        };
        pluck.tune(spec, tone, line.len());
        pluck.excite(spec, tone, line);
        pluck
    }

    /// Sets loop gain, damping and delay for the pitch.
    fn tune(&mut self, spec: &PluckSpec, tone: &Tone<'_>, line: usize) {
        let hz = tone.hz.clamp(LOWEST_HZ, 0.23 * tone.rate);
        if hz == self.hz {
            return;
        }
        self.hz = hz;
        let w = std::f32::consts::TAU * hz / tone.rate;
        // The damping filter is a one-pole whose corner lies some partials above the pitch, more for bright strings,
        // and which is limited by an absolute corner, as wood and gut are.
        let corner = (hz * (2.0 + 60.0 * spec.brightness * spec.brightness) + 1500.0 * spec.brightness)
            .min(2000.0 + 16_000.0 * spec.brightness)
            .max(3.0 * hz);
        let b = (-std::f32::consts::TAU * (corner / tone.rate).min(0.48)).exp();
        self.damp = b;
        let decay = spec.decay_s * (261.6 / hz).powf(0.6).clamp(0.15, 2.5);
        let gain_at_pitch = (1.0 - b) / (1.0 - 2.0 * b * w.cos() + b * b).sqrt();
        self.loss = ((-6.907_755 / (decay * hz)).exp() / gain_at_pitch).min(0.999_99);
        let filter_delay = (b * w.sin()).atan2(1.0 - b * w.cos()) / w;
        let wanted = tone.rate / hz - filter_delay;
        // The all-pass makes between 0.5 and 1.5 frames, where its delay is flattest.
        let whole = (wanted - 0.5).floor().clamp(1.0, (line - 2) as f32);
        let part = wanted - whole;
        self.delay = whole as usize;
        self.tune = (0.5 * (1.0 - part) * w).sin() / (0.5 * (1.0 + part) * w).sin();
    }

    /// Lays one period of the plucked shape into the line.
    fn excite(&mut self, spec: &PluckSpec, tone: &Tone<'_>, line: &mut [f32]) {
        let period = self.delay.min(line.len());
        let shape = &mut line[..period];
        // A harder pluck is brighter: the burst passes two one-poles whose corner follows the velocity.
        let corner =
            350.0 * (1.0 + self.hz / 400.0) * (6.0 * spec.pick * (0.35 + 0.65 * tone.velocity)).exp2();
        let keep = (-std::f32::consts::TAU * (corner / tone.rate).min(0.48)).exp();
        let (mut one, mut two) = (0.0, 0.0);
        // Run in once around, so that the burst has no step where its ends meet.
        let mut burst = self.noise;
        for turn in 0..2 {
            burst = Noise::new(u64::from(self.noise.bits()));
            for x in &mut *shape {
                one += (1.0 - keep) * (burst.white() - one);
                two += (1.0 - keep) * (one - two);
                *x = two;
            }
            if turn == 0 {
                self.noise = burst;
            }
        }
        self.noise = burst;
        // Pick position: the burst less itself a part of the string later (a comb). In place, so backwards.
        let offset = ((spec.position * period as f32) as usize).clamp(1, period.max(2) - 1).min(period - 1);
        if offset > 0 {
            let first = shape[..offset].iter().sum::<f32>() / offset as f32;
            for n in (offset..period).rev() {
                shape[n] -= shape[n - offset];
            }
            for x in &mut shape[..offset] {
                *x -= first;
            }
        }
        let mean = shape.iter().sum::<f32>() / period as f32;
        let power = shape.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>() / period as f32;
        let gain = 0.25 / power.sqrt().max(1e-6);
        for x in &mut *shape {
            *x = (*x - mean) * gain;
        }
        line[period..].fill(0.0);
        self.write = period & (line.len() - 1);
    }

    pub fn render(
        &mut self,
        spec: &PluckSpec,
        tone: &Tone<'_>,
        line: &mut [f32],
        [left, right]: [&mut [f32]; 2],
    ) {
        self.tune(spec, tone, line.len());
        let mask = line.len() - 1;
        let (loss, damp, tune, delay) = (self.loss, self.damp, self.tune, self.delay);
        let (mut write, mut low, mut all, mut all_in) = (self.write, self.low, self.all, self.all_in);
        for x in &mut *left {
            let read = line[write.wrapping_sub(delay) & mask];
            low = read * (1.0 - damp) + low * damp;
            let lossy = loss * low;
            all = tune * (lossy - all) + all_in;
            all_in = lossy;
            line[write & mask] = all;
            write = (write + 1) & mask;
            *x = all;
        }
        // Far below hearing the string is still, before its numbers become denormal.
        if peak(left) < 1e-6 && self.scrape < 1e-4 {
            self.level = 0.0;
        }
        (self.write, self.low, self.all, self.all_in) = (write, low, all, all_in);
        if self.scrape > 1e-4 {
            let fall = crate::math::decay_60(0.03, tone.rate);
            for x in &mut *left {
                *x += 0.3 * self.scrape * self.noise.white();
                self.scrape *= fall;
            }
        }
        right.copy_from_slice(left);
    }

    pub fn is_over(&self) -> bool {
        self.level == 0.0
    }
}
