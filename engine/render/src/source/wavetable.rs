//! A wavetable synthesiser: oscillators in unison over a row of cycles, whose place in it envelope, slow movement and velocity
//! move. See [`crate::kernel::morph`] for the rows; the movement can keep the beat, which makes a wobble.

use super::Tone;
use super::analogue::{curved, side};
use crate::event::{BLOCK_FRAMES, Channel};
use crate::kernel::morph::{MorphOscillator, Position, Row};
use crate::kernel::noise::Noise;
use crate::kernel::oscillator::{Oscillator, Shape};
use crate::math::{cents, decay_60, phase_step, sine};
use crate::patch::Check;
use serde::Deserialize;

/// Most oscillators in unison.
const UNISON: usize = 7;

/// Settings of the source.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WavetableSpec {
    /// The row.
    pub row: Row,
    /// Where in the row, 0 dark to 1 bright.
    pub position: f32,
    /// How far the envelope moves it at the start of a note, -1 to 1.
    #[serde(default)]
    pub env: f32,
    /// Time in which that falls to a thousandth, milliseconds.
    #[serde(default = "default_env_ms")]
    pub env_ms: f32,
    /// How much further the hardest note lies than the softest, -1 to 1.
    #[serde(default = "default_velocity")]
    pub velocity: f32,
    /// How far a slow movement goes to either side, 0 to 1.
    #[serde(default)]
    pub lfo: f32,
    /// Its speed, Hz.
    #[serde(default = "default_lfo_hz")]
    pub lfo_hz: f32,
    /// Its length in quarter notes, which begins anew with each note, at its lowest; 0 takes the speed in Hz.
    #[serde(default)]
    pub lfo_beats: f32,
    /// Oscillators in unison, 1 to 7.
    #[serde(default = "one")]
    pub unison: u8,
    /// Distance of the outermost from the pitch, cents.
    #[serde(default)]
    pub detune_cents: f32,
    /// How much closer to the middle the inner ones lie, 1 evenly to 3.
    #[serde(default = "even")]
    pub curve: f32,
    /// How wide the unison lies, 0 to 1.
    #[serde(default)]
    pub spread: f32,
    /// Level of a sine one octave below, 0 to 1.
    #[serde(default)]
    pub sub: f32,
    /// Level of noise, 0 to 1.
    #[serde(default)]
    pub noise: f32,
}

fn default_env_ms() -> f32 {
    600.0
}

fn default_velocity() -> f32 {
    0.25
}

fn default_lfo_hz() -> f32 {
    0.15
}

fn one() -> u8 {
    1
}

fn even() -> f32 {
    1.0
}

impl WavetableSpec {
    pub fn check(&self, check: &mut Check) {
        check.range("position", self.position, 0.0, 1.0);
        check.range("env", self.env, -1.0, 1.0);
        check.range("env_ms", self.env_ms, 5.0, 20_000.0);
        check.range("velocity", self.velocity, -1.0, 1.0);
        check.range("lfo", self.lfo, 0.0, 1.0);
        check.range("lfo_hz", self.lfo_hz, 0.0, 20.0);
        check.range("lfo_beats", self.lfo_beats, 0.0, 32.0);
        check.range("unison", f32::from(self.unison), 1.0, UNISON as f32);
        check.range("detune_cents", self.detune_cents, 0.0, 100.0);
        check.range("curve", self.curve, 1.0, 3.0);
        check.range("spread", self.spread, 0.0, 1.0);
        check.range("sub", self.sub, 0.0, 1.0);
        check.range("noise", self.noise, 0.0, 1.0);
    }
}

/// The sounding source.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wavetable {
    voices: [MorphOscillator; UNISON],
    ratios: [f32; UNISON],
    position: Position,
    sub: Oscillator,
    noise: Noise,
    env: f32,
    phase: u32,
}

impl Wavetable {
    pub fn start(spec: &WavetableSpec, tone: &Tone<'_>, seed: u64) -> Self {
        let mut noise = Noise::new(seed);
        let free = spec.unison > 1;
        let count = usize::from(spec.unison);
        let voices = std::array::from_fn(|_| MorphOscillator { phase: if free { noise.bits() } else { 0 } });
        // In beats the movement begins at its lowest, three quarters round.
        let phase = if spec.lfo_beats > 0.0 { 3 << 30 } else { noise.bits() };
        let mut wavetable = Self {
            voices,
            ratios: std::array::from_fn(|k| cents(curved(k, count, spec.curve) * spec.detune_cents)),
            position: Position::new(0.0),
            sub: Oscillator::default(),
            noise,
            env: 1.0,
            phase,
        };
        wavetable.position = Position::new(wavetable.wanted(spec, tone));
        wavetable
    }

    fn wanted(&self, spec: &WavetableSpec, tone: &Tone<'_>) -> f32 {
        spec.position + spec.env * self.env - spec.velocity * (1.0 - tone.velocity)
            + spec.lfo * sine(self.phase)
    }

    pub fn render(&mut self, spec: &WavetableSpec, tone: &Tone<'_>, [left, right]: [&mut [f32]; 2]) {
        let frames = left.len();
        left.fill(0.0);
        right.fill(0.0);
        let lfo_hz = if spec.lfo_beats > 0.0 { tone.beats_hz / spec.lfo_beats } else { spec.lfo_hz };
        self.phase = self.phase.wrapping_add(phase_step(lfo_hz, tone.rate).wrapping_mul(frames as u32));
        self.env *= decay_60(1e-3 * spec.env_ms, tone.rate).powi(frames as i32);
        if self.env < 1e-6 {
            self.env = 0.0;
        }
        let wanted = self.wanted(spec, tone);
        let place = self.position.advance(spec.row, wanted);
        let count = usize::from(spec.unison);
        let gain = 0.7 / (count as f32).sqrt();
        for (k, voice) in self.voices[..count].iter_mut().enumerate() {
            let step = phase_step(tone.hz * self.ratios[k], tone.rate);
            let wave = voice.wave(&tone.tables.morph, &place, step, frames);
            let lies = side(k, count) * spec.spread;
            let gains = [gain * (1.0 - lies).min(1.0), gain * (1.0 + lies).min(1.0)];
            for ((l, r), x) in left.iter_mut().zip(&mut *right).zip(&wave) {
                *l += gains[0] * x;
                *r += gains[1] * x;
            }
        }
        if spec.sub > 0.0 || spec.noise > 0.0 {
            let mut middle: Channel = [0.0; BLOCK_FRAMES];
            if spec.noise > 0.0 {
                self.noise.fill(&mut middle[..frames]);
                middle.iter_mut().for_each(|x| *x *= 0.5 * spec.noise);
            }
            let step = phase_step(0.5 * tone.hz, tone.rate);
            self.sub.add(tone.tables, Shape::Sine, step, 0.5, 0.5 * spec.sub, &mut middle[..frames]);
            for ((l, r), x) in left.iter_mut().zip(right).zip(&middle) {
                *l += x;
                *r += x;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::source::SourceSpec;
    use crate::source::heard::{centroid, play};

    fn spec(text: &str) -> SourceSpec {
        SourceSpec::Wavetable(toml::from_str(text).unwrap())
    }

    #[test]
    fn envelope_and_velocity_move_the_place() {
        let moved = spec("row = \"resonance\"\nposition = 0.1\nenv = 0.8\nenv_ms = 900.0\nvelocity = 0.0");
        let heard = play(&moved, 110.0, 1.0, 2.0, 1);
        assert!(centroid(&heard, 0) > 2.0 * centroid(&heard, 60_000));
        let touched = spec("row = \"classic\"\nposition = 0.6\nvelocity = 0.5");
        let at = |velocity| centroid(&play(&touched, 110.0, velocity, 1.0, 1), 20_000);
        assert!(at(1.0) > 1.5 * at(0.2));
    }

    #[test]
    fn a_movement_in_beats_keeps_them() {
        // Two quarters a second: a movement of two quarters takes a second, begins dark and is bright in its middle.
        let wobble = spec("row = \"resonance\"\nposition = 0.5\nvelocity = 0.0\nlfo = 0.5\nlfo_beats = 2.0");
        let heard = play(&wobble, 110.0, 1.0, 3.0, 1);
        // A window of a third of a second around each.
        let around = |second: f32| centroid(&heard, (second * 48_000.0) as usize - 8192);
        for second in [1.0, 2.0] {
            assert!(around(second - 0.5) > 2.5 * around(second), "at {second} s");
        }
        // And again the same, whatever the seed.
        assert_eq!(heard, play(&wobble, 110.0, 1.0, 3.0, 7));
    }
}
