//! Drum lanes: what the pitch of a note in [`crate::Role::Drums`] means.

use serde::{Deserialize, Serialize};

/// One instrument of a drum kit. The number of the lane is the pitch of its notes; the order is frozen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DrumLane {
    /// Bass drum, or the lowest drum of the kit.
    Kick,
    /// Snare drum, or the main answer to the kick.
    Snare,
    /// Side stick, rim, or wood block.
    Rim,
    /// Hand clap.
    Clap,
    /// Closed hi-hat. Chokes the open hi-hat.
    ClosedHat,
    /// Open hi-hat.
    OpenHat,
    /// Ride cymbal.
    Ride,
    /// Crash cymbal or gong.
    Crash,
    /// Low tom.
    TomLow,
    /// Middle tom.
    TomMid,
    /// High tom.
    TomHigh,
    /// Shaker or maracas.
    Shaker,
    /// Tambourine.
    Tambourine,
    /// Low hand drum (conga, darbuka, small frame drum).
    HandLow,
    /// High hand drum.
    HandHigh,
    /// Cowbell, agogo, clave or small bell.
    Bell,
}

impl DrumLane {
    /// How many lanes there are.
    pub const COUNT: usize = 16;
    /// All lanes in their frozen order.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Kick,
        Self::Snare,
        Self::Rim,
        Self::Clap,
        Self::ClosedHat,
        Self::OpenHat,
        Self::Ride,
        Self::Crash,
        Self::TomLow,
        Self::TomMid,
        Self::TomHigh,
        Self::Shaker,
        Self::Tambourine,
        Self::HandLow,
        Self::HandHigh,
        Self::Bell,
    ];

    /// Position in [`Self::ALL`], which is also the pitch of its notes.
    pub fn index(self) -> usize {
        self as usize
    }

    /// The pitch of its notes in a clip.
    pub fn pitch(self) -> i8 {
        self as i8
    }

    /// The lane of a pitch in a drum clip.
    pub fn from_pitch(pitch: i8) -> Option<Self> {
        usize::try_from(pitch).ok().and_then(|index| Self::ALL.get(index)).copied()
    }

    /// Lower-case English name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kick => "kick",
            Self::Snare => "snare",
            Self::Rim => "rim",
            Self::Clap => "clap",
            Self::ClosedHat => "closed hat",
            Self::OpenHat => "open hat",
            Self::Ride => "ride",
            Self::Crash => "crash",
            Self::TomLow => "low tom",
            Self::TomMid => "mid tom",
            Self::TomHigh => "high tom",
            Self::Shaker => "shaker",
            Self::Tambourine => "tambourine",
            Self::HandLow => "low hand",
            Self::HandHigh => "high hand",
            Self::Bell => "bell",
        }
    }

    /// General MIDI percussion key (GM 1 sound set).
    pub fn midi_key(self) -> u8 {
        match self {
            Self::Kick => 36,
            Self::Snare => 38,
            Self::Rim => 37,
            Self::Clap => 39,
            Self::ClosedHat => 42,
            Self::OpenHat => 46,
            Self::Ride => 51,
            Self::Crash => 49,
            Self::TomLow => 45,
            Self::TomMid => 47,
            Self::TomHigh => 50,
            Self::Shaker => 70,
            Self::Tambourine => 54,
            Self::HandLow => 64,
            Self::HandHigh => 63,
            Self::Bell => 56,
        }
    }

    /// The lane that stands for a General MIDI percussion key, `None` for keys without one.
    pub fn from_midi_key(key: u8) -> Option<Self> {
        Some(match key {
            35 | 36 => Self::Kick,
            38 | 40 => Self::Snare,
            37 | 76 | 77 => Self::Rim,
            39 => Self::Clap,
            42 | 44 => Self::ClosedHat,
            46 => Self::OpenHat,
            51 | 53 | 59 => Self::Ride,
            49 | 52 | 55 | 57 => Self::Crash,
            41 | 43 | 45 => Self::TomLow,
            47 | 48 => Self::TomMid,
            50 => Self::TomHigh,
            69 | 70 | 82 => Self::Shaker,
            54 => Self::Tambourine,
            61 | 64 | 66 => Self::HandLow,
            60 | 62 | 63 | 65 => Self::HandHigh,
            56 | 67 | 68 | 75 | 80 | 81 => Self::Bell,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_lead_back_from_pitch_and_from_midi() {
        for (index, lane) in DrumLane::ALL.into_iter().enumerate() {
            assert_eq!(lane.index(), index);
            assert_eq!(DrumLane::from_pitch(lane.pitch()), Some(lane));
            assert_eq!(DrumLane::from_midi_key(lane.midi_key()), Some(lane));
        }
        assert_eq!(DrumLane::from_pitch(-1), None);
        assert_eq!(DrumLane::from_pitch(16), None);
    }
}
