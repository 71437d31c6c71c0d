//! The loop: all notes of all roles with its chords, on a grid of sixteenths.

use crate::chord::{Chord, ChordSpan};
use crate::drum::DrumLane;
use crate::energy::{Energy, Rank};
use crate::key::Key;
use crate::role::{PerRole, Role};
use crate::time::Metre;
use serde::{Deserialize, Serialize};

/// One note of a clip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// Step from the start of the loop.
    pub onset: u16,
    /// Length in steps, at least 1; the note ends within the loop.
    pub duration: u16,
    /// Semitones above the tonic nearest to middle C, or in the drums a [`DrumLane`].
    pub pitch: i8,
    /// MIDI velocity, 1 to 127.
    pub velocity: u8,
    /// The energy from which on it sounds.
    pub rank: Rank,
}

impl Note {
    /// The step after its last.
    pub fn end(&self) -> u16 {
        self.onset + self.duration
    }
}

/// The notes of one role over one loop, by onset and then pitch.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Clip {
    /// Ordered by onset, then pitch; no two of one pitch overlap.
    pub notes: Vec<Note>,
}

impl Clip {
    /// A clip of notes in any order.
    pub fn new(mut notes: Vec<Note>) -> Self {
        notes.sort_by_key(|note| (note.onset, note.pitch));
        Self { notes }
    }

    /// The notes that sound at an energy.
    pub fn sounding(&self, energy: Energy) -> impl Iterator<Item = &Note> {
        self.notes.iter().filter(move |note| note.rank.sounds_at(energy))
    }
}

/// How late the second of each pair of units is played.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Swing {
    /// 0 (even) to 1 (the first of each pair lasts two thirds: triplets).
    pub amount: f32,
    /// Whether eighths swing (as in jazz) instead of sixteenths (as in hip-hop).
    pub eighths: bool,
}

impl Swing {
    /// Where a position of the straight grid is played, both in steps from the start of a bar. Rises strictly and leaves the
    /// start of each pair where it is, so that durations stay positive and beats stay on the beat. Pairs are counted within
    /// the felt beats ([`Metre::beats`]); a beat that is no whole number of pairs, as of three eighths, is even.
    pub fn warp(self, step: f64, metre: Metre) -> f64 {
        let pair = if self.eighths { 4.0 } else { 2.0 };
        let first = pair * (0.5 + f64::from(self.amount.clamp(0.0, 1.0)) / 6.0);
        let bar = f64::from(metre.steps_per_bar());
        let mut beat_start = (step / bar).floor() * bar;
        let (mut start, mut is_paired) = (step, false);
        for beat in metre.beats().into_iter().map(f64::from) {
            if step < beat_start + beat {
                start = beat_start + ((step - beat_start) / pair).floor() * pair;
                is_paired = beat % pair == 0.0;
                break;
            }
            beat_start += beat;
        }
        if !is_paired {
            return step;
        }
        let within = step - start;
        let half = pair / 2.0;
        start
            + if within < half {
                within / half * first
            } else {
                first + (within - half) / half * (pair - first)
            }
    }
}

/// All clips of one loop with its chords.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoopGrid {
    /// Metre of every bar.
    pub metre: Metre,
    /// 1 to 8.
    pub bars: u8,
    /// Tonic and mode. Pitches and chords are relative to the tonic, so changing it transposes all.
    pub key: Key,
    /// Swing of all roles.
    pub swing: Swing,
    /// Ordered by step, the first at step 0; at most one a step.
    pub chords: Vec<ChordSpan>,
    /// The notes of each role.
    pub clips: PerRole<Clip>,
}

/// Why a loop is not valid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GridError {
    /// Not 1 to 8 bars.
    #[error("a loop has 1 to 8 bars, not {0}")]
    Bars(u8),
    /// Chords missing, out of order or out of the loop.
    #[error("chords begin at step 0, rise, and lie in the loop")]
    Chords,
    /// A chord uses notes that the mode's harmony does not have.
    #[error("the chord at step {0} is not in the key")]
    ChordKey(u16),
    /// A note has no length, or ends after the loop.
    #[error("{role}: the note at step {onset} lasts {duration} steps and does not fit the loop")]
    Extent {
        /// Whose note.
        role: Role,
        /// Its onset in steps.
        onset: u16,
        /// Its length in steps.
        duration: u16,
    },
    /// A pitch outside of the role's range, or not a drum lane.
    #[error("{role}: pitch {pitch} at step {onset} is out of range")]
    Pitch {
        /// Whose note.
        role: Role,
        /// Its onset in steps.
        onset: u16,
        /// Its pitch.
        pitch: i8,
    },
    /// A pitch that is neither in the scale nor in the chord.
    #[error("{role}: pitch {pitch} at step {onset} is not in the key")]
    NotInKey {
        /// Whose note.
        role: Role,
        /// Its onset in steps.
        onset: u16,
        /// Its pitch.
        pitch: i8,
    },
    /// Velocity 0 or above 127.
    #[error("{0}: velocity is 1 to 127")]
    Velocity(Role),
    /// Notes out of order.
    #[error("{0}: notes are not in order of onset and pitch")]
    Order(Role),
    /// Two notes of one pitch overlap.
    #[error("{role}: two notes of pitch {pitch} overlap at step {onset}")]
    Overlap {
        /// Whose notes.
        role: Role,
        /// Onset of the later one.
        onset: u16,
        /// Their pitch.
        pitch: i8,
    },
    /// Swing not within 0 to 1.
    #[error("swing is 0 to 1")]
    Swing,
}

impl Role {
    /// Lowest and highest pitch a loop may use, in semitones above the tonic nearest to middle C; for drums the lanes.
    pub fn pitch_range(self) -> (i8, i8) {
        match self {
            Self::Drums => (0, DrumLane::COUNT as i8 - 1),
            Self::Bass => (-36, 0),
            Self::Chords => (-20, 24),
            Self::Pad => (-24, 24),
            Self::Arp => (-12, 36),
            Self::Lead => (-12, 33),
            Self::Texture => (-36, 36),
        }
    }
}

impl LoopGrid {
    /// An empty loop on one chord, the major or minor triad (or whatever stands for it) of the tonic.
    pub fn empty(metre: Metre, bars: u8, key: Key, chord: Chord) -> Self {
        Self {
            metre,
            bars,
            key,
            swing: Swing::default(),
            chords: vec![ChordSpan { step: 0, chord }],
            clips: PerRole::default(),
        }
    }

    /// Length in steps.
    pub fn steps(&self) -> u32 {
        self.metre.steps_per_bar() * u32::from(self.bars)
    }

    /// Length in quarter notes.
    pub fn quarters(&self) -> f64 {
        self.metre.quarters_per_bar() * f64::from(self.bars)
    }

    /// The chord that holds at a step.
    pub fn chord_at(&self, step: u16) -> Option<Chord> {
        let after = self.chords.partition_point(|span| span.step <= step);
        after.checked_sub(1).map(|index| self.chords[index].chord)
    }

    /// How many notes sound at an energy, all roles together.
    pub fn sounding_count(&self, energy: Energy) -> usize {
        self.clips.iter().map(|(_, clip)| clip.sounding(energy).count()).sum()
    }

    /// Checks everything a valid loop promises: extent, order, ranges, key, chords, swing.
    ///
    /// A pitched note is in key if it lies in the mode's scale, or in the chord that holds at its onset.
    ///
    /// # Errors
    /// The first [`GridError`] found.
    pub fn validate(&self) -> Result<(), GridError> {
        if !(1..=8).contains(&self.bars) {
            return Err(GridError::Bars(self.bars));
        }
        if !(0.0..=1.0).contains(&self.swing.amount) {
            return Err(GridError::Swing);
        }
        let steps = self.steps();
        let rising = self.chords.windows(2).all(|pair| pair[0].step < pair[1].step);
        if self.chords.first().is_none_or(|span| span.step != 0)
            || !rising
            || self.chords.last().is_some_and(|span| u32::from(span.step) >= steps)
        {
            return Err(GridError::Chords);
        }
        let harmony = self.key.mode.harmony();
        for span in &self.chords {
            let mut classes = span.chord.pitch_classes().chain(span.chord.bass);
            if span.chord.root > 11 || !classes.all(|class| harmony.contains(&class)) {
                return Err(GridError::ChordKey(span.step));
            }
        }
        Role::ALL.into_iter().try_for_each(|role| self.validate_clip(role, steps))
    }

    fn validate_clip(&self, role: Role, steps: u32) -> Result<(), GridError> {
        let notes = &self.clips[role].notes;
        let (low, high) = role.pitch_range();
        let mut busy_until = [0u16; 256];
        for (index, note) in notes.iter().enumerate() {
            let Note { onset, duration, pitch, velocity, .. } = *note;
            if duration == 0 || u32::from(onset) + u32::from(duration) > steps {
                return Err(GridError::Extent { role, onset, duration });
            }
            if !(low..=high).contains(&pitch) || (role.is_pitched() && self.key.midi_key(pitch).is_none()) {
                return Err(GridError::Pitch { role, onset, pitch });
            }
            if !(1..=127).contains(&velocity) {
                return Err(GridError::Velocity(role));
            }
            if index > 0 && (notes[index - 1].onset, notes[index - 1].pitch) > (onset, pitch) {
                return Err(GridError::Order(role));
            }
            let lane = usize::from(pitch as u8);
            if busy_until[lane] > onset {
                return Err(GridError::Overlap { role, onset, pitch });
            }
            busy_until[lane] = note.end();
            let in_chord = || self.chord_at(onset).is_some_and(|chord| chord.contains(pitch.into()));
            if role.is_pitched() && !self.key.mode.contains(pitch.into()) && !in_chord() {
                return Err(GridError::NotInKey { role, onset, pitch });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chord::ChordQuality;

    fn note(onset: u16, duration: u16, pitch: i8) -> Note {
        Note { onset, duration, pitch, velocity: 100, rank: Rank::ALWAYS }
    }

    fn grid(lead: Vec<Note>) -> LoopGrid {
        let mut grid =
            LoopGrid::empty(Metre::FOUR_FOUR, 2, Key::default(), Chord::new(0, ChordQuality::Major));
        grid.clips[Role::Lead] = Clip::new(lead);
        grid
    }

    #[test]
    fn a_valid_loop_is_accepted_and_each_fault_is_named() {
        assert_eq!(grid(vec![note(4, 4, 7), note(0, 4, 0), note(28, 4, 12)]).validate(), Ok(()));
        let fault = |notes| grid(notes).validate().unwrap_err();
        assert!(matches!(fault(vec![note(31, 2, 0)]), GridError::Extent { .. }));
        assert!(matches!(fault(vec![note(3, 0, 0)]), GridError::Extent { .. }));
        assert!(matches!(fault(vec![note(0, 1, 1)]), GridError::NotInKey { .. }));
        assert!(matches!(fault(vec![note(0, 1, 90)]), GridError::Pitch { .. }));
        assert!(matches!(fault(vec![note(0, 4, 0), note(2, 4, 0)]), GridError::Overlap { .. }));
        let mut loud = grid(vec![note(0, 1, 0)]);
        loud.clips[Role::Lead].notes[0].velocity = 128;
        assert_eq!(loud.validate(), Err(GridError::Velocity(Role::Lead)));
        loud.chords.clear();
        assert_eq!(loud.validate(), Err(GridError::Chords));
        loud.bars = 9;
        assert_eq!(loud.validate(), Err(GridError::Bars(9)));
    }

    #[test]
    fn a_chord_outside_the_harmony_is_refused() {
        let mut odd = grid(vec![]);
        odd.chords[0].chord = Chord::new(1, ChordQuality::Major);
        assert_eq!(odd.validate(), Err(GridError::ChordKey(0)));
    }

    #[test]
    fn swing_moves_the_off_beat_to_the_triplet_and_nothing_backwards() {
        let full = Swing { amount: 1.0, eighths: true };
        let straight = Metre::FOUR_FOUR;
        assert!((full.warp(2.0, straight) - 8.0 / 3.0).abs() < 1e-12);
        assert_eq!(full.warp(4.0, straight), 4.0);
        let metres = [(4, 4), (3, 4), (5, 8), (7, 8), (6, 8), (13, 16), (7, 16)];
        for metre in metres.map(|(beats, unit)| Metre::new(beats, unit).unwrap()) {
            for swing in [0.0, 0.3, 1.0]
                .into_iter()
                .flat_map(|amount| [false, true].map(|eighths| Swing { amount, eighths }))
            {
                let places: Vec<f64> = (0..800).map(|i| swing.warp(f64::from(i) * 0.1, metre)).collect();
                assert!(places.windows(2).all(|pair| pair[0] < pair[1]), "{metre} {swing:?}");
                // Every felt beat of three bars, bar lines among them, stays.
                let mut beat = 0.0;
                for steps in (0..3).flat_map(|_| metre.beats()) {
                    assert_eq!(swing.warp(beat, metre), beat, "{metre} {swing:?}");
                    beat += f64::from(steps);
                }
            }
        }
        assert_eq!(Swing::default().warp(3.25, straight), 3.25);
        // 7/8 is 2 + 2 + 3: the three are even.
        let seven = Metre::new(7, 8).unwrap();
        assert!((full.warp(14.0 + 2.0, seven) - 14.0 - 8.0 / 3.0).abs() < 1e-12);
        assert_eq!(full.warp(10.0, seven), 10.0);
    }

    #[test]
    fn the_loop_survives_json() {
        let before = grid(vec![note(0, 4, 0)]);
        let text = serde_json::to_string(&before).unwrap();
        assert_eq!(serde_json::from_str::<LoopGrid>(&text).unwrap(), before);
    }
}
