//! Plucked string: a delay line with a damping filter in its loop; alone, in pairs, on a bridge that buzzes, with others
//! that sound along.
//!
//! Kevin Karplus and Alex Strong, *Digital Synthesis of Plucked-String and Drum Timbres*, 1983, with David Jaffe and
//! Julius Smith's extensions of the same year: pick position, pick hardness, decay to order, and an all-pass that
//! tunes the string. The delays of the damping filter and of the all-pass are taken at the pitch itself, so that the
//! fundamental is exact.
//!
//! The flat bridge of sitar and tanpura, off which the string rolls, is John Pierce and Scott Van Duyne's all-pass whose
//! coefficient changes with the sign of its state (*A Passive Nonlinear Digital Filter Design Which Facilitates
//! Physics-Based Sound Synthesis of Highly Nonlinear Musical Instruments*, 1997): it hands energy on to higher partials
//! again and again and never adds any.

use super::Tone;
use crate::kernel::modes::{LANES, Modes, ring};
use crate::kernel::noise::Noise;
use crate::math::{cents, decay_60, one_pole, peak};
use crate::patch::Check;
use serde::Deserialize;

/// The lowest string, Hz: a little below the G under a piano's lowest key.
const LOWEST_HZ: f32 = 24.0;

/// Frames of a voice's delay line for each string: a power of two.
pub(crate) fn string_frames(rate: f32) -> usize {
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
    /// How much the bridge buzzes, 0 to 1.
    #[serde(default)]
    pub buzz: f32,
    /// Distance of a second string of the same course, cents; 0 is one string alone.
    #[serde(default)]
    pub course_cents: f32,
    /// Level of strings that sound along, 0 to 1.
    #[serde(default)]
    pub halo: f32,
    /// Time in which these fall by 60 dB, seconds.
    #[serde(default = "default_halo_s")]
    pub halo_s: f32,
}

fn default_position() -> f32 {
    0.2
}

fn default_pick() -> f32 {
    0.6
}

fn default_halo_s() -> f32 {
    4.0
}

impl PluckSpec {
    /// How many strings are plucked.
    pub fn strings(&self) -> u8 {
        if self.course_cents > 0.0 { 2 } else { 1 }
    }

    pub fn check(&self, check: &mut Check) {
        check.range("decay_s", self.decay_s, 0.05, 20.0);
        check.range("brightness", self.brightness, 0.0, 1.0);
        check.range("position", self.position, 0.01, 0.5);
        check.range("pick", self.pick, 0.0, 1.0);
        check.range("scrape", self.scrape, 0.0, 1.0);
        check.range("buzz", self.buzz, 0.0, 1.0);
        check.range("course_cents", self.course_cents, 0.0, 30.0);
        check.range("halo", self.halo, 0.0, 1.0);
        check.range("halo_s", self.halo_s, 0.1, 20.0);
    }
}

/// One string; its length is a part of the voice's delay line.
#[derive(Debug, Clone, Copy, Default)]
struct Wire {
    write: usize,
    hz: f32,
    delay: usize,
    loss: f32,
    damp: f32,
    tune: f32,
    low: f32,
    all: f32,
    all_in: f32,
    buzz: f32,
    rolled: f32,
    rest: f32,
}

impl Wire {
    /// Sets loop gain, damping and delay for the pitch.
    fn tune(&mut self, spec: &PluckSpec, hz: f32, rate: f32, line: usize) {
        let hz = hz.clamp(LOWEST_HZ, 0.23 * rate);
        if hz == self.hz {
            return;
        }
        self.hz = hz;
        let w = std::f32::consts::TAU * hz / rate;
        // The damping filter is a one-pole whose corner lies some partials above the pitch, more for bright strings,
        // and which is limited by an absolute corner, as wood and gut are.
        let corner = (hz * (2.0 + 60.0 * spec.brightness * spec.brightness) + 1500.0 * spec.brightness)
            .min(2000.0 + 16_000.0 * spec.brightness)
            .max(3.0 * hz);
        let decay = spec.decay_s * (261.6 / hz).powf(0.6).clamp(0.15, 2.5);
        let wanted = (-6.907_755 / (decay * hz)).exp();
        // On short strings that corner alone would take more from the pitch itself than the decay allows. The loop must not
        // amplify below the pitch to make up for it, so the corner is moved up until the filter takes 0.7 of the decay.
        let g = wanted.powf(1.4);
        let q = 2.0 * g * (1.0 - w.cos()) / (1.0 - g);
        let most = 0.5 * ((2.0 + q) - ((2.0 + q) * (2.0 + q) - 4.0).sqrt());
        let b = (-std::f32::consts::TAU * (corner / rate).min(0.48)).exp().min(most);
        self.damp = b;
        let gain_at_pitch = (1.0 - b) / (1.0 - 2.0 * b * w.cos() + b * b).sqrt();
        self.loss = (wanted / gain_at_pitch).min(0.999_99);
        let filter_delay = (b * w.sin()).atan2(1.0 - b * w.cos()) / w;
        // Which half the bridge is late in depends on the partials, so that the roll may move the pitch by about its own length: by
        // less than 4 cents where it is at most 0.0013 of a period.
        self.buzz = (0.5 * spec.buzz / (1.0 + hz / 700.0) * (rate / 48_000.0).sqrt())
            .min(0.0013 * rate / hz)
            .min(0.85);
        // Half of the time the bridge is late by (1 - c) / (1 + c), half by (1 + c) / (1 - c).
        let roll = if spec.buzz > 0.0 {
            let c2 = self.buzz * self.buzz;
            (1.0 + c2) / (1.0 - c2)
        } else {
            0.0
        };
        let wanted = rate / hz - filter_delay - roll;
        // The all-pass makes between 0.5 and 1.5 frames, where its delay is flattest.
        let whole = (wanted - 0.5).floor().clamp(1.0, (line - 2) as f32);
        let part = wanted - whole;
        self.delay = whole as usize;
        self.tune = (0.5 * (1.0 - part) * w).sin() / (0.5 * (1.0 + part) * w).sin();
    }

    /// Lays one period of the plucked shape into the line.
    fn excite(&mut self, spec: &PluckSpec, tone: &Tone<'_>, noise: &mut Noise, line: &mut [f32]) {
        let period = self.delay.min(line.len());
        let shape = &mut line[..period];
        // No two plucks are alike: neither in their place nor in how hard they are.
        let place = spec.position * (1.0 + 0.12 * noise.white());
        let hard = spec.pick * (0.35 + 0.65 * tone.velocity) + 0.025 * noise.white();
        // A harder pluck is brighter: the burst passes two one-poles whose corner follows the velocity.
        let corner = 350.0 * (1.0 + self.hz / 400.0) * (6.0 * hard).exp2();
        let keep = (-std::f32::consts::TAU * (corner / tone.rate).min(0.48)).exp();
        let (mut one, mut two) = (0.0, 0.0);
        // The string slips off the plectrum at one moment, which has all partials, alike in every note; the noise beside it
        // is what differs.
        let slip = 1.15 * (period as f32 / 3.0).sqrt();
        // Run in once around, so that the burst has no step where its ends meet.
        let mut burst = *noise;
        for turn in 0..2 {
            burst = Noise::new(u64::from(noise.bits()));
            for (n, x) in shape.iter_mut().enumerate() {
                let slip = if n == 0 { slip } else { 0.0 };
                one += (1.0 - keep) * (slip + 0.3 * burst.white() - one);
                two += (1.0 - keep) * (one - two);
                *x = two;
            }
            if turn == 0 {
                *noise = burst;
            }
        }
        *noise = burst;
        // Pick position: the burst less itself a part of the string later (a comb). In place, so backwards.
        let offset = ((place * period as f32) as usize).clamp(1, period.max(2) - 1).min(period - 1);
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

    /// Adds the coming frames.
    #[inline(always)]
    fn swing<const BUZZ: bool>(&mut self, line: &mut [f32], out: &mut [f32]) {
        let mask = line.len() - 1;
        let (loss, damp, tune, delay) = (self.loss, self.damp, self.tune, self.delay);
        let (mut write, mut low, mut all, mut all_in) = (self.write, self.low, self.all, self.all_in);
        let (mut rolled, mut rest) = (self.rolled, self.rest);
        for x in out {
            let read = line[write.wrapping_sub(delay) & mask];
            low = read * (1.0 - damp) + low * damp;
            let lossy = loss * low;
            all = tune * (lossy - all) + all_in;
            all_in = lossy;
            let mut back = all;
            if BUZZ {
                // On this or on that side of where the string rests, or what the roll rectifies would soon hold it on one.
                rest += 5e-4 * (rolled - rest);
                let c = if rolled > rest { self.buzz } else { -self.buzz };
                back = c * all + rolled;
                rolled = all - c * back;
            }
            line[write & mask] = back;
            write = (write + 1) & mask;
            *x += all;
        }
        (self.write, self.low, self.all, self.all_in) = (write, low, all, all_in);
        (self.rolled, self.rest) = (rolled, rest);
    }
}

/// Strings that sound along with the plucked one: they are struck by nobody, so they come up slowly.
#[derive(Debug, Clone, Copy)]
struct Halo {
    modes: [Modes; 1],
    hz: f32,
    level: f32,
    alive: bool,
}

/// Their pitches against the note's and their levels: octaves and fifths, as such strings are tuned.
const ALONG: [[f32; 2]; LANES] =
    [[1.0, 0.5], [2.0, 1.0], [3.0, 0.8], [4.0, 0.7], [1.5, 0.45], [6.0, 0.45], [8.0, 0.35], [9.0, 0.2]];

impl Halo {
    fn new(spec: &PluckSpec, tone: &Tone<'_>, noise: &mut Noise) -> Self {
        let mut modes = [Modes::default()];
        for (lane, [ratio, level]) in ALONG.into_iter().enumerate() {
            let hz = tone.hz * ratio * cents(5.0 * noise.white());
            if hz < 0.4 * tone.rate {
                let level = 0.16 * spec.halo * level * (0.5 + 0.5 * tone.velocity);
                modes[0].strike(lane, hz, level, spec.halo_s / (1.0 + hz / 2500.0), tone.rate);
            }
        }
        Self { modes, hz: tone.hz, level: 0.0, alive: true }
    }

    fn add(&mut self, tone: &Tone<'_>, out: &mut [f32]) {
        let bend = tone.hz / self.hz;
        if (bend - 1.0).abs() > 1e-5 {
            self.hz = tone.hz;
            self.modes[0].bend(bend);
        }
        let mut wave = [0.0_f32; crate::BLOCK_FRAMES];
        let frames = out.len();
        self.alive = ring(&mut self.modes, &mut wave[..frames]) > 1e-11;
        let way = one_pole(0.12, tone.rate / frames as f32);
        let slope = way * (1.0 - self.level) / frames as f32;
        for (n, (x, y)) in out.iter_mut().zip(&wave).enumerate() {
            *x += (self.level + slope * n as f32) * y;
        }
        self.level += way * (1.0 - self.level);
    }
}

/// The sounding source; the strings themselves are the voice's delay line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pluck {
    wires: [Wire; 2],
    halo: Option<Halo>,
    level: f32,
    scrape: f32,
    noise: Noise,
}

impl Pluck {
    pub fn start(spec: &PluckSpec, tone: &Tone<'_>, seed: u64, line: &mut [f32]) -> Self {
        let mut noise = Noise::new(seed);
        let mut wires = [Wire::default(); 2];
        let length = line.len() / usize::from(spec.strings());
        let (first, second) = line.split_at_mut(length);
        let course = 0.5 * spec.course_cents;
        wires[0].tune(spec, tone.hz * cents(-course), tone.rate, length);
        wires[0].excite(spec, tone, &mut noise, first);
        if course > 0.0 {
            wires[1].tune(spec, tone.hz * cents(course), tone.rate, length);
            wires[1].excite(spec, tone, &mut noise, second);
        }
        let halo = (spec.halo > 0.0).then(|| Halo::new(spec, tone, &mut noise));
        Self { wires, halo, level: 1.0, scrape: spec.scrape * tone.velocity, noise }
    }

    pub fn render(
        &mut self,
        spec: &PluckSpec,
        tone: &Tone<'_>,
        line: &mut [f32],
        [left, right]: [&mut [f32]; 2],
    ) {
        left.fill(0.0);
        let length = line.len() / usize::from(spec.strings());
        let course = 0.5 * spec.course_cents;
        let (first, second) = line.split_at_mut(length);
        for ((wire, line), side) in self.wires.iter_mut().zip([first, second]).zip([-1.0, 1.0]) {
            if wire.hz > 0.0 {
                let shift = if course > 0.0 { cents(side * course) } else { 1.0 };
                wire.tune(spec, tone.hz * shift, tone.rate, length);
                if spec.buzz > 0.0 {
                    wire.swing::<true>(line, left);
                } else {
                    wire.swing::<false>(line, left);
                }
            }
        }
        if course > 0.0 {
            left.iter_mut().for_each(|x| *x *= std::f32::consts::FRAC_1_SQRT_2);
        }
        if let Some(halo) = &mut self.halo {
            halo.add(tone, left);
        }
        // Far below hearing the string is still, before its numbers become denormal.
        let along = self.halo.is_some_and(|halo| halo.alive);
        if peak(left) < 1e-6 && self.scrape < 1e-4 && !along {
            self.level = 0.0;
        }
        if self.scrape > 1e-4 {
            let fall = decay_60(0.03, tone.rate);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceSpec;
    use crate::source::heard::{centroid, play, repeats};

    fn spec(text: &str) -> SourceSpec {
        SourceSpec::Pluck(toml::from_str(&format!("decay_s = 4.0\nbrightness = 0.7\n{text}")).unwrap())
    }

    #[test]
    fn a_string_is_in_tune_with_and_without_a_buzzing_bridge() {
        for text in ["", "buzz = 0.3", "buzz = 0.7"] {
            for hz in [65.4, 220.0, 523.3, 1568.0] {
                let found = repeats(&play(&spec(text), hz, 0.8, 1.0, 4), 3000, hz);
                let off = 1200.0 * (found / hz).log2();
                assert!(off.abs() < 6.0, "{text}: {hz} Hz is {off} cents off");
            }
        }
    }

    #[test]
    fn a_buzzing_bridge_keeps_the_highs_alive_and_adds_no_power() {
        let (plain, buzzing) =
            (play(&spec(""), 146.8, 0.8, 2.0, 4), play(&spec("buzz = 0.7"), 146.8, 0.8, 2.0, 4));
        assert!(centroid(&buzzing, 40_000) > 1.5 * centroid(&plain, 40_000));
        let power = |x: &[f32]| x.iter().map(|x| x * x).sum::<f32>();
        assert!(power(&buzzing[48_000..]) < 1.2 * power(&plain[48_000..]));
        assert!(peak(&buzzing) < 1.5 * peak(&plain));
    }

    #[test]
    fn two_strings_of_a_course_beat_and_others_sound_along() {
        let course = play(&spec("course_cents = 20.0"), 440.0, 0.8, 1.2, 4);
        // 440 Hz and 20 cents are 5.1 Hz: the level swings as often.
        let levels: Vec<f32> =
            course.chunks(2400).map(|part| part.iter().map(|x| x * x).sum::<f32>()).collect();
        let rises = levels.windows(2).filter(|pair| pair[1] > 1.05 * pair[0]).count();
        assert!(rises >= 4, "{levels:?}");
        let dry = play(&spec("").to_short(), 220.0, 0.8, 2.0, 4);
        let along = play(&spec("halo = 1.0").to_short(), 220.0, 0.8, 2.0, 4);
        assert!(peak(&along[72_000..]) > 20.0 * peak(&dry[72_000..]));
    }

    impl SourceSpec {
        /// The same string, but soon dead.
        fn to_short(self) -> Self {
            match self {
                Self::Pluck(spec) => Self::Pluck(PluckSpec { decay_s: 0.4, ..spec }),
                other => other,
            }
        }
    }
}
