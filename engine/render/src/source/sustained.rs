//! What is blown or bowed: winds, brass, free reeds, strings under a bow, alone or as a section.
//!
//! The oscillation of such an instrument is periodic, and how rich it is follows from how hard it is driven: Jean-Claude
//! Risset and Max Mathews, *Analysis of Musical Instrument Tones*, 1969. So an oscillator reads a row of cycles from
//! soft to loud ([`crate::kernel::morph`]) at the place that the drive has reached, and the drive is what a player does: it
//! rises at the start, follows the velocity, flutters and sways with the vibrato. What the cycles cannot say is noise, of the
//! air at the edge or of the bow's hair, which rings in the pipe or the string ([`crate::kernel::comb`]).

use super::Tone;
use super::analogue::{place, side};
use crate::event::{BLOCK_FRAMES, Channel, RAMP};
use crate::kernel::comb::Comb;
use crate::kernel::drift::Drift;
use crate::kernel::morph::{MorphOscillator, Position, Row};
use crate::kernel::noise::Noise;
use crate::math::{cents, decay_60, one_pole, phase_step};
use crate::patch::Check;
use serde::Deserialize;

/// Most players of a section.
const PLAYERS: usize = 5;

/// Settings of the source.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SustainedSpec {
    /// The row that holds the spectra from soft to loud.
    pub row: Row,
    /// Where the softest note lies in it, 0 to 1.
    pub soft: f32,
    /// Where the hardest note lies in it, 0 to 1.
    pub hard: f32,
    /// Time until the drive has covered 63 % of its way at middle velocity; harder notes speak sooner. Milliseconds.
    #[serde(default = "default_attack")]
    pub attack_ms: f32,
    /// How much further the drive goes at the start than it stays, as part of its way.
    #[serde(default)]
    pub accent: f32,
    /// How unsteady drive, level and pitch are, 0 to 1.
    #[serde(default = "default_flutter")]
    pub flutter: f32,
    /// How much the drive sways with the vibrato, 0 to 1.
    #[serde(default = "default_sway")]
    pub sway: f32,
    /// Players, 1 to 5.
    #[serde(default = "one")]
    pub players: u8,
    /// Distance of the outermost from the pitch, cents.
    #[serde(default)]
    pub detune_cents: f32,
    /// How wide they sit, 0 to 1.
    #[serde(default)]
    pub spread: f32,
    /// Level of the noise, 0 to 1.
    #[serde(default)]
    pub noise: f32,
    /// Level of a burst of it at the start, 0 to 2.
    #[serde(default)]
    pub chiff: f32,
    /// Time in which the burst falls by 60 dB, milliseconds.
    #[serde(default = "default_chiff_ms")]
    pub chiff_ms: f32,
    /// How long noise rings in the pipe or string, 0 to 0.98.
    #[serde(default = "default_ring")]
    pub ring: f32,
    /// Above this multiple of the pitch the ringing loses its highs.
    #[serde(default = "default_damp")]
    pub damp_ratio: f32,
    /// Whether the pipe is closed at one end.
    #[serde(default)]
    pub closed: bool,
    /// How much of the noise comes only while the string slips under the bow, 0 to 1.
    #[serde(default)]
    pub slip: f32,
    /// Strokes of the bow or tongue a second, Hz; 0 is one long one.
    #[serde(default)]
    pub tremolo_hz: f32,
    /// How deep these are, 0 to 1.
    #[serde(default)]
    pub tremolo: f32,
}

fn default_attack() -> f32 {
    40.0
}

fn default_flutter() -> f32 {
    0.3
}

fn default_sway() -> f32 {
    0.2
}

fn one() -> u8 {
    1
}

fn default_chiff_ms() -> f32 {
    90.0
}

fn default_ring() -> f32 {
    0.8
}

fn default_damp() -> f32 {
    6.0
}

impl SustainedSpec {
    /// Whether there is noise in it, which rings in the pipe or string.
    pub fn is_noisy(&self) -> bool {
        self.noise > 0.0 || self.chiff > 0.0
    }

    pub fn check(&self, check: &mut Check) {
        check.range("soft", self.soft, 0.0, 1.0);
        check.range("hard", self.hard, 0.0, 1.0);
        check.range("attack_ms", self.attack_ms, 1.0, 2000.0);
        check.range("accent", self.accent, 0.0, 1.0);
        check.range("flutter", self.flutter, 0.0, 1.0);
        check.range("sway", self.sway, 0.0, 1.0);
        check.range("players", f32::from(self.players), 1.0, PLAYERS as f32);
        check.range("detune_cents", self.detune_cents, 0.0, 50.0);
        check.range("spread", self.spread, 0.0, 1.0);
        check.range("noise", self.noise, 0.0, 2.0);
        check.range("chiff", self.chiff, 0.0, 4.0);
        check.range("chiff_ms", self.chiff_ms, 1.0, 1000.0);
        check.range("ring", self.ring, 0.0, 0.98);
        check.range("damp_ratio", self.damp_ratio, 1.0, 40.0);
        check.range("slip", self.slip, 0.0, 1.0);
        check.range("tremolo_hz", self.tremolo_hz, 0.0, 20.0);
        check.range("tremolo", self.tremolo, 0.0, 1.0);
    }
}

/// One player: an oscillator and a hand that is never still.
#[derive(Debug, Clone, Copy, Default)]
struct Player {
    oscillator: MorphOscillator,
    pitch: Drift,
    level: Drift,
    /// Gain at the end of the last block.
    gain: f32,
    stroke: u32,
}

/// The sounding source; the pipe or string is the voice's delay line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sustained {
    players: [Player; PLAYERS],
    position: Position,
    comb: Comb,
    noise: Noise,
    drive: f32,
    accent: f32,
    chiff: f32,
    wind: f32,
    breath: Drift,
}

impl Sustained {
    pub fn start(spec: &SustainedSpec, tone: &Tone<'_>, seed: u64, line: &mut [f32]) -> Self {
        let mut noise = Noise::new(seed);
        let alone = spec.players == 1;
        let players = std::array::from_fn(|k| Player {
            // One alone starts at its zero.
            oscillator: MorphOscillator {
                phase: if alone { 0 } else { apart(k, usize::from(spec.players), &mut noise) },
            },
            pitch: Drift::new(&mut noise),
            level: Drift::new(&mut noise),
            gain: 0.0,
            stroke: noise.bits(),
        });
        if spec.is_noisy() {
            line.fill(0.0);
        }
        Self {
            players,
            position: Position::new(0.6 * spec.soft),
            comb: Comb::default(),
            breath: Drift::new(&mut noise),
            drive: 0.0,
            accent: spec.accent,
            chiff: spec.chiff * (0.3 + 0.7 * tone.velocity),
            wind: 0.0,
            noise,
        }
    }

    pub fn render(
        &mut self,
        spec: &SustainedSpec,
        tone: &Tone<'_>,
        line: &mut [f32],
        [left, right]: [&mut [f32]; 2],
    ) {
        let frames = left.len();
        left.fill(0.0);
        right.fill(0.0);
        let rise = 1e-3 * spec.attack_ms * (1.5 - tone.velocity);
        let block_rate = tone.rate / frames as f32;
        self.drive += one_pole(rise, block_rate) * (1.0 - self.drive);
        self.accent *= 1.0 - one_pole(4.0 * rise, block_rate);
        let breath = spec.flutter * self.breath.advance(&mut self.noise, 4.0, frames, tone.rate);
        let way = spec.soft + (spec.hard - spec.soft) * tone.velocity;
        // From near the darkest to where the velocity leads, past it by the accent, and about it.
        let drive = self.drive * (1.0 + self.accent) + 0.05 * breath + 0.25 * spec.sway * tone.sway;
        let place = self.position.advance(spec.row, way * (0.35 + 0.65 * drive));

        let count = usize::from(spec.players);
        let share = 0.9 / (count as f32).sqrt();
        let slip_phase = self.players[0].oscillator.phase;
        for (k, player) in self.players[..count].iter_mut().enumerate() {
            let unsteady = 1.6 * spec.flutter;
            let off = place_of(k, count) * spec.detune_cents
                + unsteady * player.pitch.advance(&mut self.noise, 3.0, frames, tone.rate);
            let step = phase_step(tone.hz * cents(off), tone.rate);
            let loud = 0.06 * spec.flutter * player.level.advance(&mut self.noise, 5.0, frames, tone.rate)
                + 0.18 * spec.sway * tone.sway;
            let stroke = stroke(spec, player, &mut self.noise, frames, tone.rate);
            let gain = share * (1.0 + loud).clamp(0.3, 1.7) * stroke;
            let from = if self.drive == 0.0 || player.gain == 0.0 { gain } else { player.gain };
            player.gain = gain;
            let wave = player.oscillator.wave(&tone.tables.morph, &place, step, frames);
            let slope = (gain - from) / frames as f32;
            let lies = side(k, count) * spec.spread;
            let sides = [(1.0 - lies).min(1.0), (1.0 + lies).min(1.0)];
            for n in 0..frames {
                let x = wave[n] * (from + slope * RAMP[n]);
                left[n] += sides[0] * x;
                right[n] += sides[1] * x;
            }
        }
        if spec.noise > 0.0 || self.chiff > 1e-4 {
            self.add_noise(spec, tone, line, (slip_phase, breath), [left, right]);
        }
    }

    fn add_noise(
        &mut self,
        spec: &SustainedSpec,
        tone: &Tone<'_>,
        line: &mut [f32],
        (slip_phase, breath): (u32, f32),
        [left, right]: [&mut [f32]; 2],
    ) {
        let frames = left.len();
        let mut air: Channel = [0.0; BLOCK_FRAMES];
        self.noise.fill(&mut air[..frames]);
        // White noise has its power in the whole band: at higher rates less of it lies where it is heard.
        let scale = (tone.rate / 48_000.0).sqrt();
        let steady = spec.noise * self.drive * (0.45 + 0.55 * tone.velocity) * (1.0 + 0.25 * breath).max(0.2);
        let fall = decay_60(1e-3 * spec.chiff_ms, tone.rate).powi(frames as i32);
        let to = scale * (steady + self.chiff);
        self.chiff = if self.chiff > 1e-4 { self.chiff * fall } else { 0.0 };
        let slope = (to - self.wind) / frames as f32;
        for n in 0..frames {
            air[n] *= self.wind + slope * RAMP[n];
        }
        self.wind = to;
        if spec.slip > 0.0 {
            let step = phase_step(tone.hz, tone.rate);
            for (n, x) in air[..frames].iter_mut().enumerate() {
                // The string slips in the first part of its period: the noise is strong there and dies away.
                let phase = slip_phase.wrapping_add(step.wrapping_mul(n as u32));
                let left = 1.0 - (phase >> 8) as f32 * (1.0 / 16_777_216.0);
                let pulse = 2.6 * left * left * left * left;
                *x *= 1.0 + spec.slip * (pulse - 1.0);
            }
        }
        let corner = (tone.hz * spec.damp_ratio).clamp(900.0, 14_000.0);
        self.comb.tune(tone.hz, spec.ring, spec.closed, corner, tone.rate, line.len());
        self.comb.process(line, &mut air[..frames]);
        for ((l, r), x) in left.iter_mut().zip(right).zip(&air) {
            *l += x;
            *r += x;
        }
    }
}

/// Phase of one of several that are not together. With phases from chance alone, a fundamental would be strong in one note
/// and nearly cancelled in the next; with the squares of Donald Newman's polynomials it is about as strong as its power says,
/// and a little chance keeps notes unlike.
pub(super) fn apart(index: usize, count: usize, noise: &mut Noise) -> u32 {
    let square = (index * index) as f64 / (2 * count.max(1)) as f64;
    let turns = (square + 0.05 * f64::from(noise.white())).rem_euclid(1.0);
    (turns * 4_294_967_296.0) as u32
}

/// Place of a player in a section; see [`place`].
fn place_of(index: usize, count: usize) -> f32 {
    place(index, count)
}

/// How far a player's stroke has come, 0 to 1: loud in its middle, soft where the bow turns. Every player keeps a speed
/// of their own.
fn stroke(spec: &SustainedSpec, player: &mut Player, noise: &mut Noise, frames: usize, rate: f32) -> f32 {
    if spec.tremolo_hz <= 0.0 || spec.tremolo <= 0.0 {
        return 1.0;
    }
    let speed = spec.tremolo_hz * (1.0 + 0.25 * noise.white());
    player.stroke = player.stroke.wrapping_add(phase_step(speed, rate).wrapping_mul(frames as u32));
    let half = (player.stroke as i32 as f32 * (1.0 / 2_147_483_648.0)).abs();
    // A parabola from turn to turn.
    let open = 4.0 * half * (1.0 - half);
    1.0 - spec.tremolo * (1.0 - open)
}

#[cfg(test)]
mod tests {
    use crate::source::SourceSpec;
    use crate::source::heard::{centroid, play, spectrum, strongest};

    fn spec(text: &str) -> SourceSpec {
        SourceSpec::Sustained(toml::from_str(text).unwrap())
    }

    #[test]
    fn harder_is_brighter_in_every_row_of_an_instrument() {
        for row in ["flute", "reed", "double-reed", "brass", "free-reed", "bow", "pipes"] {
            let spec = spec(&format!("row = \"{row}\"\nsoft = 0.1\nhard = 0.9\nflutter = 0.2"));
            let at = |velocity| centroid(&play(&spec, 220.0, velocity, 1.0, 5), 20_000);
            let (soft, hard) = (at(0.3), at(1.0));
            assert!(hard > 1.2 * soft, "{row}: {soft} Hz to {hard} Hz");
        }
    }

    #[test]
    fn it_is_in_tune_from_the_tuba_to_the_whistle() {
        let spec = spec("row = \"brass\"\nsoft = 0.2\nhard = 0.8\nnoise = 0.3\nchiff = 0.5\nflutter = 0.5");
        for hz in [55.0, 233.0, 880.0, 2960.0] {
            let found = strongest(&play(&spec, hz, 0.7, 1.0, 9), 24_000, hz);
            let off = 1200.0 * (found / hz).log2();
            // A hundredth of a bin is 2 cents for the lowest.
            assert!(off.abs() < 5.0, "{hz} Hz is {off} cents off");
        }
    }

    #[test]
    fn noise_rings_in_the_pipe_and_a_closed_one_has_odd_harmonics() {
        // All noise and hardly any tone, which lies in the darkest cycle: a sine.
        let text = "row = \"classic\"\nsoft = 0.0\nhard = 0.0\nnoise = 2.0\nring = 0.97\ndamp_ratio = 20.0\n";
        let level = |closed: bool, harmonic: f32| {
            let spec = spec(&format!("{text}closed = {closed}"));
            let spectrum = spectrum(&play(&spec, 300.0, 1.0, 1.5, 2), 30_000);
            let bin = (300.0 * harmonic * 16_384.0 / 48_000.0) as usize;
            spectrum[bin - 12..bin + 12].iter().map(|x| x * x).sum::<f32>()
        };
        assert!(level(false, 2.0) > 3.0 * level(false, 2.5));
        assert!(level(true, 3.0) > 3.0 * level(true, 2.0));
    }

    #[test]
    fn a_section_is_no_louder_than_one_and_strokes_are_heard() {
        let rms = |text: &str| {
            let heard = play(&spec(text), 220.0, 0.8, 2.0, 3);
            (heard[24_000..].iter().map(|x| x * x).sum::<f32>() / (heard.len() - 24_000) as f32).sqrt()
        };
        let text = "row = \"bow\"\nsoft = 0.2\nhard = 0.8\n";
        let (one, five) = (rms(text), rms(&format!("{text}players = 5\ndetune_cents = 12.0")));
        assert!((five / one).ln().abs() < 0.35, "{one} {five}");
        let calm = play(&spec(text), 440.0, 0.8, 2.0, 3);
        let trembling = play(&spec(&format!("{text}tremolo_hz = 9.0\ntremolo = 0.9")), 440.0, 0.8, 2.0, 3);
        let swing = |x: &[f32]| {
            let levels: Vec<f32> =
                x[24_000..].chunks(480).map(|part| part.iter().map(|x| x * x).sum::<f32>()).collect();
            levels.iter().fold(0.0_f32, |a, b| a.max(*b)) / levels.iter().fold(f32::MAX, |a, b| a.min(*b))
        };
        assert!(swing(&trembling) > 10.0 * swing(&calm));
    }
}
