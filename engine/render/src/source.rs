//! What makes the raw sound of a pitched voice.

mod analogue;
mod choir;
mod fm;
#[cfg(test)]
mod heard;
mod modal;
mod organ;
mod pluck;
mod sustained;
mod wavetable;

use crate::kernel::abreast::Chain;
use crate::kernel::oscillator::Wavetables;

use crate::patch::Check;
use serde::Deserialize;

/// The source of a voice and its settings.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum SourceSpec {
    /// Oscillators in unison with noise.
    Analogue(analogue::AnalogueSpec),
    /// Four sine operators.
    Fm(fm::FmSpec),
    /// A plucked string.
    Pluck(pluck::PluckSpec),
    /// A struck bar, bell or piano string.
    Modal(modal::ModalSpec),
    /// Voices that sing vowels.
    Choir(choir::ChoirSpec),
    /// Drawbars.
    Organ(organ::OrganSpec),
    /// Oscillators over a row of cycles that morph.
    Wavetable(wavetable::WavetableSpec),
    /// Blown or bowed.
    Sustained(sustained::SustainedSpec),
}

impl SourceSpec {
    pub fn check(&self, check: &mut Check) {
        match self {
            Self::Analogue(spec) => check.within("analogue", |c| spec.check(c)),
            Self::Fm(spec) => check.within("fm", |c| spec.check(c)),
            Self::Pluck(spec) => check.within("pluck", |c| spec.check(c)),
            Self::Modal(spec) => check.within("modal", |c| spec.check(c)),
            Self::Choir(spec) => check.within("choir", |c| spec.check(c)),
            Self::Organ(spec) => check.within("organ", |c| spec.check(c)),
            Self::Wavetable(spec) => check.within("wavetable", |c| spec.check(c)),
            Self::Sustained(spec) => check.within("sustained", |c| spec.check(c)),
        }
    }
}

/// What a source needs to know about its note.
#[derive(Clone, Copy)]
pub(crate) struct Tone<'a> {
    /// Pitch now, Hz.
    pub hz: f32,
    /// How hard the note was struck, 0 to 1.
    pub velocity: f32,
    /// Where the vibrato is, -1 to 1; nothing before it has set in.
    pub sway: f32,
    /// Quarter notes a second.
    pub beats_hz: f32,
    /// Frames a second.
    pub rate: f32,
    /// Wave shapes.
    pub tables: &'a Wavetables,
}

/// A source that sounds. The delay line of a string lies outside, because only it needs one.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::large_enum_variant, reason = "all states live in the voice, which is allocated once")]
pub(crate) enum Source {
    Analogue(analogue::Analogue),
    Fm(fm::Fm),
    Pluck(pluck::Pluck),
    Modal(modal::Modal),
    Choir(choir::Choir),
    Organ(organ::Organ),
    Wavetable(wavetable::Wavetable),
    Sustained(sustained::Sustained),
}

impl Source {
    /// Begins a note. `line` is the voice's delay line, of as many strings as the spec has, see [`pluck::string_frames`].
    pub fn start(spec: &SourceSpec, tone: &Tone<'_>, seed: u64, line: &mut [f32]) -> Self {
        match spec {
            SourceSpec::Analogue(spec) => Self::Analogue(analogue::Analogue::start(spec, seed)),
            SourceSpec::Fm(spec) => Self::Fm(fm::Fm::start(spec, tone)),
            SourceSpec::Pluck(spec) => Self::Pluck(pluck::Pluck::start(spec, tone, seed, line)),
            SourceSpec::Modal(spec) => Self::Modal(modal::Modal::start(spec, tone, seed)),
            SourceSpec::Choir(spec) => Self::Choir(choir::Choir::start(spec, seed)),
            SourceSpec::Organ(spec) => Self::Organ(organ::Organ::start(spec, tone, seed)),
            SourceSpec::Wavetable(spec) => Self::Wavetable(wavetable::Wavetable::start(spec, tone, seed)),
            SourceSpec::Sustained(spec) => {
                Self::Sustained(sustained::Sustained::start(spec, tone, seed, line))
            }
        }
    }

    /// Writes the coming frames of both channels.
    pub fn render(&mut self, spec: &SourceSpec, tone: &Tone<'_>, line: &mut [f32], out: [&mut [f32]; 2]) {
        match (self, spec) {
            (Self::Analogue(state), SourceSpec::Analogue(spec)) => state.render(spec, tone, out),
            (Self::Fm(state), SourceSpec::Fm(spec)) => state.render(spec, tone, out),
            (Self::Pluck(state), SourceSpec::Pluck(spec)) => state.render(spec, tone, line, out),
            (Self::Modal(state), SourceSpec::Modal(_)) => state.render(tone, out),
            (Self::Choir(state), SourceSpec::Choir(spec)) => state.render(spec, tone, out),
            (Self::Organ(state), SourceSpec::Organ(spec)) => state.render(spec, tone, out),
            (Self::Wavetable(state), SourceSpec::Wavetable(spec)) => state.render(spec, tone, out),
            (Self::Sustained(state), SourceSpec::Sustained(spec)) => state.render(spec, tone, line, out),
            // A voice keeps the spec it was started with, so the pair always fits.
            _ => {
                for channel in out {
                    channel.fill(0.0);
                }
            }
        }
    }

    /// The filter that is to be run between [`Self::render`] and [`Self::finish`], if there is any.
    pub fn chain(&mut self) -> Option<&mut Chain<1>> {
        match self {
            Self::Analogue(state) => state.breath_chain(),
            _ => None,
        }
    }

    /// Adds what was filtered.
    pub fn finish(&self, out: [&mut [f32]; 2]) {
        if let Self::Analogue(state) = self {
            state.add_breath(out);
        }
    }

    /// Whether it has died away by itself.
    pub fn is_over(&self) -> bool {
        match self {
            Self::Pluck(state) => state.is_over(),
            Self::Modal(state) => state.is_over(),
            _ => false,
        }
    }
}

pub(crate) use pluck::string_frames;
