//! One sounding note of a pitched role.

use crate::event::{BLOCK_FRAMES, Channel, NoteId, Stereo};
use crate::kernel::abreast::{Chain, GlideJob};
use crate::kernel::envelope::Envelope;
use crate::kernel::noise::Noise;
use crate::kernel::oscillator::Wavetables;
use crate::kernel::svf::{Svf, SvfCoefficients};
use crate::math::{cents, db_to_gain, decay_60, phase_step, pitch_hz, sine};
use crate::patch::VoiceSpec;
use crate::source::{Source, Tone, string_frames};

/// What all voices of a renderer share.
#[derive(Clone, Copy)]
pub(crate) struct Context {
    pub rate: f32,
    pub tables: &'static Wavetables,
    /// Octaves by which the energy opens filters, about -0.6 to 0.3.
    pub open: f32,
    /// Quarter notes a second.
    pub beats_hz: f32,
}

/// How long a stolen voice takes to fade, seconds: short, but longer than a click.
const FADE_S: f32 = 0.004;

/// Sets the chance of the player's hand apart from that of the source, which has the same seed.
const HAND: u64 = 0x6a09_e667_f3bc_c909;

/// A voice: source → filter → amplifier. It keeps the settings it was started with, so that a change of patch leaves
/// sounding notes alone.
pub(crate) struct Voice {
    note: NoteId,
    age: u64,
    playing: Option<(VoiceSpec, Source)>,
    line: Vec<f32>,
    velocity: f32,
    gains: [f32; 2],
    key: f32,
    glide: f32,
    glide_fall: f32,
    scoop: f32,
    scoop_fall: f32,
    vibrato_phase: u32,
    vibrato_in: f32,
    amp: Envelope,
    filter_env: Envelope,
    filter: Svf,
    filter_at: Option<SvfCoefficients>,
    filter_glide: Option<[SvfCoefficients; 2]>,
    wave: Stereo,
    lfo_phase: u32,
    fade: f32,
    fade_step: f32,
}

/// How a note begins.
pub(crate) struct Start {
    pub note: NoteId,
    pub pitch: u8,
    pub velocity: f32,
    /// Level of the patch as an amplitude.
    pub gain: f32,
    /// Counts note-ons, so that the oldest can be found.
    pub age: u64,
    pub seed: u64,
    /// Key from which a glide comes.
    pub from: Option<f32>,
}

impl Voice {
    /// One with so many strings or pipes.
    pub fn new(rate: f32, strings: u8) -> Self {
        Self {
            note: NoteId(0),
            age: 0,
            playing: None,
            line: vec![0.0; usize::from(strings) * string_frames(rate)],
            velocity: 0.0,
            gains: [0.0; 2],
            key: 0.0,
            glide: 0.0,
            glide_fall: 0.0,
            scoop: 0.0,
            scoop_fall: 0.0,
            vibrato_phase: 0,
            vibrato_in: 0.0,
            amp: Envelope::default(),
            filter_env: Envelope::default(),
            filter: Svf::default(),
            filter_at: None,
            filter_glide: None,
            wave: [[0.0; BLOCK_FRAMES]; 2],
            lfo_phase: 0,
            fade: 1.0,
            fade_step: 0.0,
        }
    }

    /// Begins a note on a voice that is free.
    pub fn start(&mut self, spec: &VoiceSpec, start: &Start, context: &Context) {
        let velocity = start.velocity.clamp(0.0, 1.0);
        self.note = start.note;
        self.age = start.age;
        // What no player does twice alike, within 0.5 dB, 2 cents and a hair of the touch.
        let mut hand = Noise::new(start.seed ^ HAND);
        let mut chance = || spec.human * hand.white();
        let (louder_db, sharper, harder) = (0.5 * chance(), 0.02 * chance(), 0.06 * chance());
        self.velocity = (velocity + harder).clamp(0.0, 1.0);
        self.key = f32::from(start.pitch.min(127)) + spec.transpose + sharper;
        self.glide = start.from.map_or(0.0, |from| from - self.key);
        self.glide_fall = decay_60(spec.glide_ms * 1e-3, context.rate);
        self.scoop = spec.scoop;
        self.scoop_fall = decay_60(spec.scoop_ms * 1e-3, context.rate);
        let level = start.gain * db_to_gain(louder_db - spec.velocity_db * (1.0 - velocity));
        let side = (spec.key_pan * (self.key - 62.0) / 30.0).clamp(-0.9, 0.9);
        self.gains = [level * (1.0 - side).sqrt(), level * (1.0 + side).sqrt()];
        self.vibrato_phase = 0;
        self.vibrato_in = 0.0;
        self.amp = Envelope::start(&spec.amp, context.rate);
        self.filter_env = match spec.filter.and_then(|filter| filter.env) {
            Some(env) => Envelope::start(&env, context.rate),
            None => Envelope::default(),
        };
        self.filter.reset();
        self.filter_at = None;
        self.filter_glide = None;
        let beats = spec.filter.is_some_and(|filter| filter.lfo_beats > 0.0);
        // In beats the movement begins at its lowest, three quarters round.
        self.lfo_phase = if beats { 3 << 30 } else { start.seed as u32 };
        self.fade = 1.0;
        self.fade_step = 0.0;
        let tone = self.tone(context, pitch_hz(self.pitch_now()), 0.0);
        let source = Source::start(&spec.source, &tone, start.seed, &mut self.line);
        self.playing = Some((*spec, source));
    }

    fn tone<'a>(&self, context: &Context, hz: f32, sway: f32) -> Tone<'a> {
        let Context { rate, tables, beats_hz, .. } = *context;
        Tone { hz, velocity: self.velocity, sway, beats_hz, rate, tables }
    }

    fn pitch_now(&self) -> f32 {
        (self.key + self.glide + self.scoop).clamp(0.0, 140.0)
    }

    /// The note is let go.
    pub fn release(&mut self) {
        self.amp.release();
        self.filter_env.release();
    }

    /// Takes the voice away from its note: a quick fade, then free.
    pub fn steal(&mut self, rate: f32) {
        if self.fade_step == 0.0 {
            self.fade_step = 1.0 / (FADE_S * rate);
        }
    }

    /// Silence at once.
    pub fn stop(&mut self) {
        self.playing = None;
    }

    pub fn is_free(&self) -> bool {
        self.playing.is_none()
    }

    /// Sounding and not fading out for another.
    pub fn is_held(&self) -> bool {
        self.playing.is_some() && self.fade_step == 0.0
    }

    pub fn is_released(&self) -> bool {
        self.amp.is_released()
    }

    pub fn note(&self) -> NoteId {
        self.note
    }

    pub fn age(&self) -> u64 {
        self.age
    }

    /// Key that sounds now, a glide included.
    pub fn key_now(&self) -> f32 {
        self.key + self.glide
    }

    /// How loud it is about now.
    pub fn loudness(&self) -> f32 {
        self.amp.value() * self.gains[0].max(self.gains[1]) * self.fade
    }

    /// Makes the coming frames of the source, at most a block, and says where the filter goes.
    pub fn sound(&mut self, context: &Context, frames: usize) {
        let key = self.pitch_now();
        let Some((spec, _)) = &self.playing else { return };
        let rate = context.rate;
        let turn = |hz: f32| phase_step(hz, rate).wrapping_mul(frames as u32);
        let sway = self.vibrato_in * sine(self.vibrato_phase);
        let vibrato = spec.vibrato.cents * sway;
        self.vibrato_phase = self.vibrato_phase.wrapping_add(turn(spec.vibrato.rate_hz));
        if spec.vibrato.cents > 0.0 {
            let settle = crate::math::one_pole(spec.vibrato.delay_ms * 1e-3, rate / frames as f32);
            self.vibrato_in += settle * (1.0 - self.vibrato_in);
        }
        let hz = pitch_hz(key) * cents(vibrato);
        if self.glide != 0.0 {
            self.glide *= self.glide_fall.powi(frames as i32);
        }
        if self.scoop != 0.0 {
            self.scoop *= self.scoop_fall.powi(frames as i32);
        }

        let tone = self.tone(context, hz, sway);
        let Some((spec, source)) = &mut self.playing else { return };
        let [l, r] = &mut self.wave;
        source.render(&spec.source, &tone, &mut self.line, [&mut l[..frames], &mut r[..frames]]);

        if let Some(filter) = &spec.filter {
            let env = if filter.env.is_some() { self.filter_env.advance(frames) } else { 0.0 };
            let lfo = filter.lfo_octaves * sine(self.lfo_phase);
            self.lfo_phase = self.lfo_phase.wrapping_add(turn(filter.speed_hz(context.beats_hz)));
            let octaves = filter.key_track * (key - 60.0) / 12.0 + filter.env_octaves * env + lfo
                - filter.velocity_octaves * (1.0 - self.velocity)
                + context.open;
            let cutoff = (filter.cutoff_hz * octaves.exp2()).min(20_000.0);
            let to = SvfCoefficients::new(filter.kind, cutoff, filter.q, rate);
            self.filter_glide = Some([self.filter_at.unwrap_or(to), to]);
            self.filter_at = Some(to);
        }
    }

    /// The filter within the source, which is to be run after [`Self::sound`], if there is any; then comes
    /// [`Self::filter_job`].
    pub fn source_chain(&mut self) -> Option<&mut Chain<1>> {
        self.playing.as_mut().and_then(|(_, source)| source.chain())
    }

    /// Adds what the source's own filter made, and gives the filtering that is to be done before [`Self::add`], if any.
    pub fn filter_job(&mut self, frames: usize) -> Option<GlideJob<'_>> {
        let (_, source) = self.playing.as_ref()?;
        let [l, r] = &mut self.wave;
        source.finish([&mut l[..frames], &mut r[..frames]]);
        let glide = self.filter_glide.take()?;
        Some(GlideJob { filter: &mut self.filter, glide, wave: &mut self.wave })
    }

    /// Amplifies what is there and adds it to a stem; the voice may be free afterwards.
    pub fn add(&mut self, [left, right]: [&mut [f32]; 2]) {
        let Some((_, source)) = &self.playing else { return };
        let frames = left.len();
        let [l, r] = &self.wave;
        let mut level: Channel = [0.0; BLOCK_FRAMES];
        self.amp.fill(&mut level[..frames]);
        if self.fade_step > 0.0 {
            for x in &mut level[..frames] {
                self.fade = (self.fade - self.fade_step).max(0.0);
                *x *= self.fade;
            }
        }
        let [gain_left, gain_right] = self.gains;
        for n in 0..frames {
            left[n] += gain_left * level[n] * l[n];
            right[n] += gain_right * level[n] * r[n];
        }
        if self.amp.is_over() || self.fade <= 0.0 || source.is_over() {
            self.playing = None;
        }
    }
}
