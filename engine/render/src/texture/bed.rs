//! A bed of filtered noise whose level and colour wander.

use crate::event::{BLOCK_FRAMES, Stereo};
use crate::kernel::noise::{Noise, Pink};
use crate::kernel::svf::{FilterKind, Svf, SvfCoefficients};
use crate::patch::Check;
use serde::Deserialize;

/// Settings of a bed.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BedSpec {
    /// Level, 0 to 1.
    pub level: f32,
    /// High-pass, Hz.
    pub low_hz: f32,
    /// Low-pass, Hz.
    pub high_hz: f32,
    /// Q of the low-pass: above 1 it whistles.
    #[serde(default = "default_q")]
    pub q: f32,
    /// Octaves by which the low-pass wanders.
    #[serde(default)]
    pub wander_octaves: f32,
    /// Part by which the level wanders, 0 to 1.
    #[serde(default)]
    pub wander_level: f32,
    /// New directions of the wandering in a second.
    #[serde(default = "default_wander_hz")]
    pub wander_hz: f32,
}

fn default_q() -> f32 {
    0.707
}

fn default_wander_hz() -> f32 {
    0.3
}

impl BedSpec {
    pub fn check(&self, check: &mut Check) {
        check.range("level", self.level, 0.0, 2.0);
        check.range("low_hz", self.low_hz, 20.0, 10_000.0);
        check.range("high_hz", self.high_hz, 60.0, 20_000.0);
        check.range("q", self.q, 0.5, 15.0);
        check.range("wander_octaves", self.wander_octaves, 0.0, 3.0);
        check.range("wander_level", self.wander_level, 0.0, 1.0);
        check.range("wander_hz", self.wander_hz, 0.01, 20.0);
    }
}

/// The sounding bed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bed {
    noise: Noise,
    pink: [Pink; 2],
    low: Svf,
    high: Svf,
    low_at: Option<SvfCoefficients>,
    left_to_go: f32,
    goal: [f32; 2],
    place: [f32; 2],
    level: f32,
}

impl Bed {
    pub fn new(seed: u64) -> Self {
        Self {
            noise: Noise::new(seed),
            pink: [Pink::default(); 2],
            low: Svf::default(),
            high: Svf::default(),
            low_at: None,
            left_to_go: 0.0,
            goal: [0.0; 2],
            place: [0.0; 2],
            level: 1.0,
        }
    }

    pub fn add(&mut self, spec: &BedSpec, rate: f32, left: &mut [f32], right: &mut [f32]) {
        let frames = left.len();
        let seconds = frames as f32 / rate;
        self.left_to_go -= seconds;
        if self.left_to_go <= 0.0 {
            self.left_to_go = (0.5 + self.noise.unit()) / spec.wander_hz;
            self.goal = [self.noise.white(), self.noise.white()];
        }
        let way = crate::math::one_pole(0.4 / spec.wander_hz, 1.0 / seconds);
        for (place, goal) in self.place.iter_mut().zip(self.goal) {
            *place += way * (goal - *place);
        }
        let mut buffer: Stereo = [[0.0; BLOCK_FRAMES]; 2];
        let [l, r] = &mut buffer;
        let (l, r) = (&mut l[..frames], &mut r[..frames]);
        self.noise.fill(l);
        self.noise.fill(r);
        for (a, b) in l.iter_mut().zip(&mut *r) {
            *a = self.pink[0].process(*a);
            *b = self.pink[1].process(*b);
        }
        let hz = spec.high_hz * (spec.wander_octaves * self.place[0]).exp2();
        let to = SvfCoefficients::new(FilterKind::Low, hz, spec.q, rate);
        let from = self.low_at.unwrap_or(to);
        self.low.process_glide(&from, &to, l, r);
        self.low_at = Some(to);
        self.high.process(&SvfCoefficients::new(FilterKind::High, spec.low_hz, 0.707, rate), l, r);
        // Wandering is by chance, and chance must not change the loudness for long: it is around the middle.
        let goal = 1.0 + spec.wander_level * self.place[1];
        let slope = (goal - self.level) / frames as f32;
        for n in 0..frames {
            self.level += slope;
            left[n] += spec.level * self.level * l[n];
            right[n] += spec.level * self.level * r[n];
        }
    }
}
