//! Voices that sing vowels: detuned saws through four formants.
//!
//! Formant frequencies, bandwidths and levels are the tenor and alto tables of the Csound manual (appendix *Formant
//! Values*), between which the pitch chooses.

use super::Tone;
use super::analogue::{place, side};
use super::sustained::apart;
use crate::event::BLOCK_FRAMES;
use crate::kernel::noise::Noise;
use crate::kernel::oscillator::{Oscillator, Shape};
use crate::kernel::svf::{FilterKind, Svf, SvfCoefficients, WideCoefficients};
use crate::math::{cents, db_to_gain, phase_step, sine};
use crate::patch::Check;
use serde::Deserialize;
use wide::f32x4;

const SINGERS: usize = 4;
const FORMANTS: usize = 4;
/// Vectors of two filters that hold the formants and the body.
const PAIRS: usize = FORMANTS / 2 + 1;

/// Frequency in Hz, bandwidth in Hz and level in dB of four formants, for a, e, i, o, u.
const TENOR: [[[f32; 3]; FORMANTS]; 5] = [
    [[650.0, 80.0, 0.0], [1080.0, 90.0, -6.0], [2650.0, 120.0, -7.0], [2900.0, 130.0, -8.0]],
    [[400.0, 70.0, 0.0], [1700.0, 80.0, -14.0], [2600.0, 100.0, -12.0], [3200.0, 120.0, -14.0]],
    [[290.0, 40.0, 0.0], [1870.0, 90.0, -15.0], [2800.0, 100.0, -18.0], [3250.0, 120.0, -20.0]],
    [[400.0, 40.0, 0.0], [800.0, 80.0, -10.0], [2600.0, 100.0, -12.0], [2800.0, 120.0, -12.0]],
    [[350.0, 40.0, 0.0], [600.0, 60.0, -20.0], [2700.0, 100.0, -17.0], [2900.0, 120.0, -14.0]],
];
const ALTO: [[[f32; 3]; FORMANTS]; 5] = [
    [[800.0, 80.0, 0.0], [1150.0, 90.0, -4.0], [2800.0, 120.0, -20.0], [3500.0, 130.0, -36.0]],
    [[400.0, 60.0, 0.0], [1600.0, 80.0, -24.0], [2700.0, 120.0, -30.0], [3300.0, 150.0, -35.0]],
    [[350.0, 50.0, 0.0], [1700.0, 100.0, -20.0], [2700.0, 120.0, -30.0], [3700.0, 150.0, -36.0]],
    [[450.0, 70.0, 0.0], [800.0, 80.0, -9.0], [2830.0, 100.0, -16.0], [3500.0, 130.0, -28.0]],
    [[325.0, 50.0, 0.0], [700.0, 60.0, -12.0], [2530.0, 170.0, -30.0], [3500.0, 180.0, -40.0]],
];

/// Settings of the source.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChoirSpec {
    /// The vowel: 0 a, 1 e, 2 i, 3 o, 4 u, and all between.
    pub vowel: f32,
    /// How far it wanders to either side.
    #[serde(default)]
    pub wander: f32,
    /// Speed of the wandering, Hz.
    #[serde(default = "slow")]
    pub wander_hz: f32,
    /// Distance of the outermost singer from the pitch, cents.
    #[serde(default = "default_detune")]
    pub detune_cents: f32,
    /// Level of breath, 0 to 1.
    #[serde(default)]
    pub breath: f32,
}

fn slow() -> f32 {
    0.15
}

fn default_detune() -> f32 {
    12.0
}

impl ChoirSpec {
    pub fn check(&self, check: &mut Check) {
        check.range("vowel", self.vowel, 0.0, 4.0);
        check.range("wander", self.wander, 0.0, 2.0);
        check.range("wander_hz", self.wander_hz, 0.0, 5.0);
        check.range("detune_cents", self.detune_cents, 0.0, 60.0);
        check.range("breath", self.breath, 0.0, 1.0);
    }
}

/// The sounding source.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Choir {
    singers: [Oscillator; SINGERS],
    noise: Noise,
    filters: [Svf; PAIRS],
    mouth: Option<Mouth>,
    phase: u32,
}

impl Choir {
    pub fn start(_: &ChoirSpec, seed: u64) -> Self {
        let mut noise = Noise::new(seed);
        Self {
            singers: std::array::from_fn(|k| Oscillator { phase: apart(k, SINGERS, &mut noise) }),
            filters: [Svf::default(); PAIRS],
            mouth: None,
            phase: noise.bits(),
            noise,
        }
    }

    pub fn render(&mut self, spec: &ChoirSpec, tone: &Tone<'_>, [left, right]: [&mut [f32]; 2]) {
        let frames = left.len();
        left.fill(0.0);
        right.fill(0.0);
        for (k, singer) in self.singers.iter_mut().enumerate() {
            let place = place(k, SINGERS);
            // Every singer has a vibrato of their own speed on top of the voice's.
            let sway = sine(self.phase.wrapping_mul(29 + 3 * k as u32));
            let hz = tone.hz * cents(place * spec.detune_cents + 4.0 * sway);
            let side = 0.7 * side(k, SINGERS);
            let gains = [0.35 * (1.0 - side).min(1.0), 0.35 * (1.0 + side).min(1.0)];
            let step = phase_step(hz, tone.rate);
            singer.add_stereo(tone.tables, Shape::Saw, step, 0.5, gains, [&mut *left, &mut *right]);
        }
        if spec.breath > 0.0 {
            let gain = spec.breath * (tone.rate / 48_000.0).sqrt();
            for side in [&mut *left, &mut *right] {
                let mut air = [0.0_f32; BLOCK_FRAMES];
                self.noise.fill(&mut air[..frames]);
                for (x, a) in side.iter_mut().zip(air) {
                    *x += gain * a;
                }
            }
        }
        self.phase = self.phase.wrapping_add(phase_step(spec.wander_hz * frames as f32, tone.rate));
        let vowel = (spec.vowel + spec.wander * sine(self.phase)).clamp(0.0, 4.0);
        let mouth = match self.mouth {
            Some(mouth) if mouth.is_near(vowel, tone.hz) => mouth,
            _ => Mouth::new(vowel, tone),
        };
        self.mouth = Some(mouth);
        let mut filters = self.filters;
        for (l, r) in left.iter_mut().zip(&mut *right) {
            let input = f32x4::new([*l, *r, *l, *r]);
            let mut sum = f32x4::ZERO;
            for (filter, (c, gain)) in filters.iter_mut().zip(&mouth.filters) {
                sum += *gain * filter.tick(c, input);
            }
            let [a, b, c, d] = sum.to_array();
            (*l, *r) = (a + c, b + d);
        }
        self.filters = filters.map(Svf::settled);
    }
}

/// The filters of a vowel, two to a vector: the formants, and the body.
#[derive(Debug, Clone, Copy)]
struct Mouth {
    vowel: f32,
    hz: f32,
    filters: [(WideCoefficients, f32x4); PAIRS],
}

impl Mouth {
    fn new(vowel: f32, tone: &Tone<'_>) -> Self {
        let female = ((tone.hz / 196.0).log2() / 1.2).clamp(0.0, 1.0);
        let filter = |k: usize| {
            if k == FORMANTS {
                // A little of the glottal sound itself fills the valleys and keeps low fundamentals.
                return (SvfCoefficients::new(FilterKind::Low, 1.5 * tone.hz, 0.7, tone.rate), 0.3);
            } else if k > FORMANTS {
                return (SvfCoefficients::default(), 0.0);
            }
            let [hz, width, db] = formant(vowel, female, k);
            // A soft voice is all first formant: the others need a glottis that snaps shut.
            let db = db - 7.0 * k as f32 * (1.0 - tone.velocity);
            // A formant narrower than the distance of harmonics would make single notes boom.
            let width = width.max(0.35 * tone.hz);
            (SvfCoefficients::new(FilterKind::Band, hz, hz / width, tone.rate), 2.5 * db_to_gain(db))
        };
        let filters = std::array::from_fn(|k| {
            let ((a, gain_a), (b, gain_b)) = (filter(2 * k), filter(2 * k + 1));
            (WideCoefficients::pair(&a, &b), f32x4::new([gain_a, gain_a, gain_b, gain_b]))
        });
        Self { vowel, hz: tone.hz, filters }
    }

    /// Whether it still serves: a step so small is not heard, and the coefficients take longer than a block of singing.
    fn is_near(&self, vowel: f32, hz: f32) -> bool {
        (vowel - self.vowel).abs() < 0.005 && (hz / self.hz - 1.0).abs() < 0.005
    }
}

fn formant(vowel: f32, female: f32, k: usize) -> [f32; 3] {
    let low = (vowel as usize).min(3);
    let part = vowel - low as f32;
    std::array::from_fn(|field| {
        let between = |table: &[[[f32; 3]; FORMANTS]; 5]| {
            table[low][k][field] + part * (table[low + 1][k][field] - table[low][k][field])
        };
        between(&TENOR) + female * (between(&ALTO) - between(&TENOR))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vowels_stand_where_the_table_says() {
        assert_eq!(formant(0.0, 0.0, 0), [650.0, 80.0, 0.0]);
        assert_eq!(formant(4.0, 1.0, 3), [3500.0, 180.0, -40.0]);
        assert_eq!(formant(0.5, 0.0, 0)[0], 525.0);
    }
}
