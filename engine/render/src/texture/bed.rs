//! A bed of filtered noise whose level and colour wander.

use crate::event::{BLOCK_FRAMES, Stereo};
use crate::kernel::noise::{Noise, Pink};
use crate::kernel::svf::{FilterKind, Svf, SvfCoefficients};
use crate::math::db_to_gain;
use crate::patch::Check;
use serde::Deserialize;

/// How much of the difference of the sides is kept: two noises that have nothing in common would lose 3 dB in mono.
const SIDE: f32 = 0.8;

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
    /// By how much the bed swells now and then, dB: a crowd, a gust, a car that passes.
    #[serde(default)]
    pub surge_db: f32,
    /// Surges in a second, on average.
    #[serde(default = "default_surge_hz")]
    pub surge_hz: f32,
    /// How long one takes to rise; it falls in three times that. Seconds.
    #[serde(default = "default_surge_s")]
    pub surge_s: f32,
}

fn default_q() -> f32 {
    0.707
}

fn default_wander_hz() -> f32 {
    0.3
}

fn default_surge_hz() -> f32 {
    0.1
}

fn default_surge_s() -> f32 {
    1.5
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
        check.range("surge_db", self.surge_db, 0.0, 24.0);
        check.range("surge_hz", self.surge_hz, 0.005, 10.0);
        check.range("surge_s", self.surge_s, 0.01, 20.0);
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
    surge: Surge,
}

/// Swells at random times and of random strength.
#[derive(Debug, Clone, Copy, Default)]
struct Surge {
    wait: f32,
    /// Where it is and where it is going, 0 to 1.
    now: f32,
    goal: f32,
}

impl Surge {
    /// Moves on; says how strong it is, 0 to 1.
    fn advance(&mut self, spec: &BedSpec, noise: &mut Noise, seconds: f32) -> f32 {
        self.wait -= seconds;
        if self.wait <= 0.0 {
            // As in a Poisson process, but never two within one rise.
            self.wait = spec.surge_s - (1.0 - noise.unit()).max(1e-6).ln() / spec.surge_hz;
            self.goal = 0.4 + 0.6 * noise.unit();
        }
        if self.now < self.goal {
            self.now += seconds / spec.surge_s;
            if self.now >= self.goal {
                (self.now, self.goal) = (self.goal, 0.0);
            }
        } else {
            self.now = (self.now - seconds / (3.0 * spec.surge_s)).max(0.0);
        }
        // Without corners.
        self.now * self.now * (3.0 - 2.0 * self.now)
    }
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
            surge: Surge { wait: f32::NAN, now: 0.0, goal: 0.0 },
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
            let (middle, side) = (0.5 * (*a + *b), 0.5 * SIDE * (*a - *b));
            *a = self.pink[0].process(middle + side);
            *b = self.pink[1].process(middle - side);
        }
        let hz = spec.high_hz * (spec.wander_octaves * self.place[0]).exp2();
        let to = SvfCoefficients::new(FilterKind::Low, hz, spec.q, rate);
        let from = self.low_at.unwrap_or(to);
        self.low.process_glide(&from, &to, l, r);
        self.low_at = Some(to);
        self.high.process(&SvfCoefficients::new(FilterKind::High, spec.low_hz, 0.707, rate), l, r);
        // Wandering is by chance, and chance must not change the loudness for long: it is around the middle.
        let mut goal = 1.0 + spec.wander_level * self.place[1];
        if spec.surge_db > 0.0 {
            if self.surge.wait.is_nan() {
                // The first comes at any time of a usual wait.
                self.surge.wait = self.noise.unit() / spec.surge_hz;
            }
            goal *= db_to_gain(spec.surge_db * self.surge.advance(spec, &mut self.noise, seconds));
        }
        let slope = (goal - self.level) / frames as f32;
        for n in 0..frames {
            self.level += slope;
            left[n] += spec.level * self.level * l[n];
            right[n] += spec.level * self.level * r[n];
        }
    }
}
