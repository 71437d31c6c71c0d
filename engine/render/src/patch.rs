//! What a sound is, as data: a patch, and the bank of all patches read from TOML.
//!
//! A patch is plain data without a heap, so that it can be copied on the renderer's thread. Every number has a range
//! that is checked when the file is read, so that no kernel meets a number it was not made for.

mod bank;
mod check;
mod label;
mod mixed;

pub use bank::PatchBank;
pub(crate) use check::Check;
pub(crate) use label::Label;
pub(crate) use mixed::PATCH_PEAKS;
pub use mixed::RoleMix;

use crate::drum::DrumSpec;
use crate::effect::StemSpec;
use crate::kernel::envelope::EnvelopeSpec;
use crate::kernel::svf::FilterKind;
use crate::source::SourceSpec;
use crate::texture::TextureSpec;
use sceneloop_music::{DrumLane, Role};
use serde::Deserialize;

/// One instrument: how its notes sound and how its stem is treated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Patch {
    pub(crate) id: Label,
    pub(crate) name: Label,
    pub(crate) role: Role,
    pub(crate) gain_db: f32,
    /// What of that the mix has added, dB; it is all that a SoundFont in the patch's place gets, which has a level of its own.
    pub(crate) mix_db: f32,
    pub(crate) sound: Sound,
    pub(crate) stem: StemSpec,
}

impl Patch {
    /// The id by which scenes name it, such as `bass-sub`.
    pub fn id(&self) -> &str {
        self.id.as_str()
    }

    /// The role it plays.
    pub fn role(&self) -> Role {
        self.role
    }

    /// The name a person reads.
    pub fn name(&self) -> &str {
        self.name.as_str()
    }
}

/// How notes become sound: three machines for three kinds of role.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "a patch has no heap, so that it can be copied without allocation"
)]
pub(crate) enum Sound {
    /// Notes with a pitch.
    Pitched(VoiceSpec),
    /// A drum kit, one instrument for each lane.
    Kit([DrumSpec; DrumLane::COUNT]),
    /// Atmosphere that sounds while its note is held.
    Texture(TextureSpec),
}

/// A pitched voice: source, filter, envelope and what the player does.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct VoiceSpec {
    /// What makes the raw sound.
    pub source: SourceSpec,
    /// Loudness over time.
    pub amp: EnvelopeSpec,
    /// Filter after the source; without it the source is heard as it is.
    pub filter: Option<FilterSpec>,
    /// Slow movement of the pitch.
    #[serde(default)]
    pub vibrato: VibratoSpec,
    /// Difference in level between the softest and the hardest note, dB.
    #[serde(default = "default_velocity_db")]
    pub velocity_db: f32,
    /// Notes sounding at once; one makes a monophonic instrument that glides.
    #[serde(default = "default_voices")]
    pub voices: u8,
    /// Time of a glide from the note before, where one is held; milliseconds.
    #[serde(default)]
    pub glide_ms: f32,
    /// Transposition in semitones.
    #[serde(default)]
    pub transpose: f32,
    /// Pitch at the start relative to the note, semitones; it settles in `scoop_ms`.
    #[serde(default)]
    pub scoop: f32,
    /// Time in which the scoop settles to a thousandth, milliseconds.
    #[serde(default = "default_scoop_ms")]
    pub scoop_ms: f32,
    /// How far low notes lie left and high notes right, 0 to 1.
    #[serde(default)]
    pub key_pan: f32,
    /// How much no two notes are alike in level, touch and pitch, 0 (a machine) to 1 (a player).
    #[serde(default)]
    pub human: f32,
}

fn default_velocity_db() -> f32 {
    18.0
}

fn default_voices() -> u8 {
    8
}

fn default_scoop_ms() -> f32 {
    60.0
}

/// The filter of a voice.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FilterSpec {
    /// What passes.
    #[serde(default)]
    pub kind: FilterKind,
    /// Cutoff for middle C at full velocity without envelope, Hz.
    pub cutoff_hz: f32,
    /// Q at the cutoff, 0.5 to 20.
    #[serde(default = "default_q")]
    pub q: f32,
    /// How far the cutoff follows the pitch, 0 to 1.
    #[serde(default)]
    pub key_track: f32,
    /// Octaves that the envelope lifts the cutoff.
    #[serde(default)]
    pub env_octaves: f32,
    /// The envelope.
    pub env: Option<EnvelopeSpec>,
    /// Octaves by which the softest note is darker than the hardest.
    #[serde(default)]
    pub velocity_octaves: f32,
    /// Octaves of slow movement up and down.
    #[serde(default)]
    pub lfo_octaves: f32,
    /// Speed of that movement, Hz.
    #[serde(default = "default_lfo_hz")]
    pub lfo_hz: f32,
    /// Its length in quarter notes, which begins anew with each note, at its lowest; 0 takes the speed in Hz.
    #[serde(default)]
    pub lfo_beats: f32,
}

fn default_q() -> f32 {
    0.707
}

fn default_lfo_hz() -> f32 {
    0.2
}

/// Vibrato that sets in after the note's start.
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct VibratoSpec {
    /// Speed, Hz.
    pub rate_hz: f32,
    /// Depth to either side, cents.
    pub cents: f32,
    /// Time until half of it is there, milliseconds.
    #[serde(default)]
    pub delay_ms: f32,
}

impl VoiceSpec {
    /// Checks every range.
    pub fn check(&self, check: &mut Check) {
        check.within("source", |c| self.source.check(c));
        check.within("amp", |c| check_envelope(&self.amp, c));
        if let Some(filter) = &self.filter {
            check.within("filter", |c| filter.check(c));
        }
        check.within("vibrato", |c| {
            c.range("rate_hz", self.vibrato.rate_hz, 0.0, 12.0);
            c.range("cents", self.vibrato.cents, 0.0, 200.0);
            c.range("delay_ms", self.vibrato.delay_ms, 0.0, 5000.0);
        });
        check.range("velocity_db", self.velocity_db, 0.0, 48.0);
        check.range("voices", f32::from(self.voices), 1.0, crate::pool::VOICES as f32);
        check.range("glide_ms", self.glide_ms, 0.0, 1000.0);
        check.range("transpose", self.transpose, -36.0, 36.0);
        check.range("scoop", self.scoop, -24.0, 24.0);
        check.range("scoop_ms", self.scoop_ms, 1.0, 2000.0);
        check.range("key_pan", self.key_pan, 0.0, 1.0);
        check.range("human", self.human, 0.0, 1.0);
    }
}

impl FilterSpec {
    /// Speed of the slow movement at a number of quarter notes a second.
    pub fn speed_hz(&self, beats_hz: f32) -> f32 {
        if self.lfo_beats > 0.0 { beats_hz / self.lfo_beats } else { self.lfo_hz }
    }

    fn check(&self, check: &mut Check) {
        check.range("cutoff_hz", self.cutoff_hz, 20.0, 20_000.0);
        check.range("q", self.q, 0.5, 20.0);
        check.range("key_track", self.key_track, 0.0, 1.0);
        check.range("env_octaves", self.env_octaves, -8.0, 8.0);
        check.range("velocity_octaves", self.velocity_octaves, 0.0, 6.0);
        check.range("lfo_octaves", self.lfo_octaves, 0.0, 4.0);
        check.range("lfo_hz", self.lfo_hz, 0.0, 20.0);
        check.range("lfo_beats", self.lfo_beats, 0.0, 32.0);
        if let Some(env) = &self.env {
            check.within("env", |c| check_envelope(env, c));
        }
    }
}

fn check_envelope(spec: &EnvelopeSpec, check: &mut Check) {
    check.range("attack_ms", spec.attack_ms, 0.5, 10_000.0);
    check.range("decay_ms", spec.decay_ms, 1.0, 30_000.0);
    check.range("sustain", spec.sustain, 0.0, 1.0);
    check.range("release_ms", spec.release_ms, 5.0, 10_000.0);
}
