//! Struck things: a bank of decaying sines, for mallets, bells, tines, glass and piano strings.
//!
//! See [`crate::kernel::modes`] for the sines themselves; here is what makes an instrument of them: stiffness, hardness of
//! the mallet, decay by pitch, a second string beside the first, and the knock.

use super::Tone;
use crate::kernel::modes::{LANES, Modes, ring};
use crate::kernel::noise::Noise;
use crate::math::{cents, db_to_gain, decay_60};
use crate::patch::Check;
use serde::Deserialize;

/// Most modes of a patch.
pub(crate) const MODES: usize = 16;
const GROUPS: usize = 2 * MODES / LANES;

/// Settings of the source.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ModalSpec {
    /// `[ratio to the pitch, level, decay by 60 dB in seconds at middle C]` of each mode; unused ones are left out.
    #[serde(deserialize_with = "read_modes")]
    pub modes: [[f32; 3]; MODES],
    /// Stiffness: partial n lies at n sqrt(1 + b n²) times the pitch.
    #[serde(default)]
    pub stiffness: f32,
    /// How much softer notes are darker: dB lost per octave above the pitch between hardest and softest.
    #[serde(default = "default_hardness")]
    pub hardness_db: f32,
    /// How much faster higher notes die: halvings of the decay an octave.
    #[serde(default = "default_decay_key")]
    pub decay_key: f32,
    /// Distance of a second set of modes, on the other side, cents: the strings of a piano, the pair of a bell.
    #[serde(default)]
    pub beat_cents: f32,
    /// Level of the mallet's own noise, 0 to 1.
    #[serde(default)]
    pub knock: f32,
    /// Decay by 60 dB of that noise, milliseconds.
    #[serde(default = "default_knock_ms")]
    pub knock_ms: f32,
}

fn default_hardness() -> f32 {
    8.0
}

fn default_decay_key() -> f32 {
    0.7
}

fn default_knock_ms() -> f32 {
    25.0
}

fn read_modes<'de, D: serde::Deserializer<'de>>(from: D) -> Result<[[f32; 3]; MODES], D::Error> {
    let list = Vec::<[f32; 3]>::deserialize(from)?;
    if list.is_empty() || list.len() > MODES {
        return Err(serde::de::Error::custom(format!("it must hold 1 to {MODES} modes, not {}", list.len())));
    }
    let mut modes = [[1.0, 0.0, 0.1]; MODES];
    modes[..list.len()].copy_from_slice(&list);
    Ok(modes)
}

impl ModalSpec {
    pub fn check(&self, check: &mut Check) {
        for (k, [ratio, level, decay]) in self.modes.into_iter().enumerate() {
            check.within(&format!("modes[{k}]"), |c| {
                c.range("[0]", ratio, 0.1, 40.0);
                c.range("[1]", level, -1.0, 1.0);
                c.range("[2]", decay, 0.01, 40.0);
            });
        }
        check.range("stiffness", self.stiffness, 0.0, 0.01);
        check.range("hardness_db", self.hardness_db, 0.0, 24.0);
        check.range("decay_key", self.decay_key, 0.0, 2.0);
        check.range("beat_cents", self.beat_cents, 0.0, 30.0);
        check.range("knock", self.knock, 0.0, 1.0);
        check.range("knock_ms", self.knock_ms, 1.0, 500.0);
    }
}

/// The sounding source.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Modal {
    /// First the groups of the left side, then, if it has strings of its own, those of the right.
    groups: [Modes; GROUPS],
    left: usize,
    right: usize,
    hz: f32,
    knock: f32,
    knock_fall: f32,
    noise: Noise,
    alive: bool,
}

impl Modal {
    pub fn start(spec: &ModalSpec, tone: &Tone<'_>, seed: u64) -> Self {
        let mut modal = Self {
            groups: [Modes::default(); GROUPS],
            left: 0,
            right: 0,
            hz: tone.hz,
            knock: spec.knock * tone.velocity,
            knock_fall: decay_60(spec.knock_ms * 1e-3, tone.rate),
            noise: Noise::new(seed),
            alive: true,
        };
        if spec.beat_cents > 0.0 {
            modal.left = modal.tune(spec, tone, 0, -0.5 * spec.beat_cents);
            modal.right = modal.tune(spec, tone, modal.left, 0.5 * spec.beat_cents);
        } else {
            modal.left = modal.tune(spec, tone, 0, 0.0);
        }
        modal
    }

    /// Fills groups from `first` with one set of modes; says how many it took.
    fn tune(&mut self, spec: &ModalSpec, tone: &Tone<'_>, first: usize, shift: f32) -> usize {
        let faster = (-spec.decay_key * (tone.hz / 261.6).log2()).exp2().clamp(0.05, 6.0);
        let mut place = 0;
        for [ratio, level, decay] in spec.modes {
            let hz = tone.hz * ratio * (1.0 + spec.stiffness * ratio * ratio).sqrt() * cents(shift);
            // Modes above hearing or above half the rate are not played.
            if level == 0.0 || hz > 0.45 * tone.rate || hz > 19_000.0 {
                continue;
            }
            let octaves = ratio.log2().max(0.0);
            let soft = db_to_gain(-spec.hardness_db * octaves * (1.0 - tone.velocity));
            // The mallet never falls on the same spot, and each mode says where it fell.
            let spot = db_to_gain(if ratio == 1.0 { 0.0 } else { 0.9 * self.noise.white() });
            let group = &mut self.groups[first + place / LANES];
            group.strike(place % LANES, hz, 0.5 * level * soft * spot, decay * faster, tone.rate);
            place += 1;
        }
        place.div_ceil(LANES)
    }

    pub fn render(&mut self, tone: &Tone<'_>, [left, right]: [&mut [f32]; 2]) {
        let frames = left.len();
        left.fill(0.0);
        right.fill(0.0);
        // Vibrato and glides turn every mode by the same small extra part; a bend is rare, so it costs a division here.
        let bend = tone.hz / self.hz;
        if (bend - 1.0).abs() > 1e-5 {
            self.hz = tone.hz;
            for group in &mut self.groups[..self.left + self.right] {
                group.bend(bend);
            }
        }
        let split = self.left;
        let end = self.left + self.right;
        let mut power = 0.0;
        power += ring(&mut self.groups[..split], left);
        if end > split {
            power += ring(&mut self.groups[split..end], right);
        }
        if self.knock > 1e-4 {
            let mut low = 0.0;
            for n in 0..frames {
                low += 0.3 * (self.noise.white() - low);
                left[n] += 0.6 * self.knock * low;
                if end > split {
                    right[n] += 0.6 * self.knock * low;
                }
                self.knock *= self.knock_fall;
            }
        }
        if end == split {
            right.copy_from_slice(left);
        }
        // -110 dB: still, and far from denormal numbers.
        self.alive = power > 1e-11 || self.knock > 1e-4;
    }

    pub fn is_over(&self) -> bool {
        !self.alive
    }
}
