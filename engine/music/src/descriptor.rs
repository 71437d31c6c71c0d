//! The 23 numbers that describe a loop, or the loop that is wanted.

mod measure;

use serde::{Deserialize, Serialize};
use std::ops::{Index, IndexMut};

macro_rules! dimensions {
    ($($(#[$doc:meta])* $name:ident => $text:literal),+ $(,)?) => {
        /// One of the 23 numbers. The order is frozen.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Dimension { $($(#[$doc])* $name),+ }

        impl Dimension {
            /// All dimensions in their frozen order.
            pub const ALL: [Self; Descriptor::LEN] = [$(Self::$name),+];

            /// Name as it stands in files.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }

            /// Position in [`Self::ALL`].
            pub fn index(self) -> usize {
                self as usize
            }
        }
    };
}

dimensions! {
    /// Cosine of the tonic on the circle of fifths, −1..1 scaled to 0..1.
    TonicCos => "tonic_cos",
    /// Sine of the tonic on the circle of fifths, −1..1 scaled to 0..1.
    TonicSin => "tonic_sin",
    /// Locrian (0) to Lydian (1).
    ModeBrightness => "mode_brightness",
    /// Chord changes a quarter note.
    HarmonicRhythm => "harmonic_rhythm",
    /// Size and rarity of chords.
    HarmonicComplexity => "harmonic_complexity",
    /// Roughness of intervals that sound together.
    Dissonance => "dissonance",
    /// Tempo, 40 to 220 BPM.
    Tempo => "tempo",
    /// Onsets a quarter note, all roles.
    OnsetDensity => "onset_density",
    /// Weight of onsets off the beat.
    Syncopation => "syncopation",
    /// Even (0) to triplets (1).
    Swing => "swing",
    /// How evenly onsets fall over the felt beats.
    MetricEvenness => "metric_evenness",
    /// Share of onsets that lie on finer steps than the eighth.
    Subdivision => "subdivision",
    /// Notes that sound at once.
    Polyphony => "polyphony",
    /// Share of onsets that are drums.
    DrumShare => "drum_share",
    /// Share of onsets in the bass.
    BassShare => "bass_share",
    /// Share of onsets in chords and pad.
    ChordShare => "chord_share",
    /// Share of onsets in the lead.
    LeadShare => "lead_share",
    /// Share of onsets in arp and texture.
    ArpShare => "arp_share",
    /// Mean pitch.
    Register => "register",
    /// Distance of the highest from the lowest pitch.
    PitchRange => "pitch_range",
    /// Share of melodic steps of at most a whole tone.
    StepwiseMotion => "stepwise_motion",
    /// Sad (0) to glad (1).
    Valence => "valence",
    /// Calm (0) to excited (1).
    Arousal => "arousal",
}

/// A tempo on the scale of [`Dimension::Tempo`]: 40 BPM is 0, 220 BPM is 1.
pub fn tempo_unit(bpm: f64) -> f32 {
    (((bpm - 40.0) / 180.0) as f32).clamp(0.0, 1.0)
}

/// 23 numbers, each 0 to 1, in the order of [`Dimension::ALL`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Descriptor(pub [f32; Descriptor::LEN]);

impl Descriptor {
    /// How many numbers there are.
    pub const LEN: usize = 23;
}

impl Default for Descriptor {
    /// The middle of every dimension.
    fn default() -> Self {
        Self([0.5; Self::LEN])
    }
}

impl Index<Dimension> for Descriptor {
    type Output = f32;
    fn index(&self, dimension: Dimension) -> &f32 {
        &self.0[dimension.index()]
    }
}

impl IndexMut<Dimension> for Descriptor {
    fn index_mut(&mut self, dimension: Dimension) -> &mut f32 {
        &mut self.0[dimension.index()]
    }
}
