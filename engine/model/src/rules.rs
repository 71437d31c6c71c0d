//! Which answers a cell may have, so that whatever is drawn is a valid loop.
//!
//! Chords lie in the mode's harmony and one begins at the first step; pitches lie in the scale or in the chord that holds;
//! a voice holds only what began; what is known already is not cut off.

use crate::tokenizer::Tokens;
use crate::vocabulary::{FIRST_PITCH, FieldKind, HOLD, MASK, NOTHING, Row, Vocabulary};
use sceneloop_music::{Chord, ChordQuality, Mode, Role};

/// The rules of a mode, or of no mode: then every chord and every pitch is in key.
#[derive(Debug, Clone)]
pub struct Rules {
    mode: Option<Mode>,
    /// For each root the qualities whose notes all lie in the mode's harmony.
    qualities: [[bool; ChordQuality::ALL.len()]; 12],
}

impl Rules {
    /// The rules of a mode, if there is one.
    pub fn new(mode: Option<Mode>) -> Self {
        let fits = |root: usize, quality: usize| {
            let chord = Chord::new(root as i32, ChordQuality::ALL[quality]);
            chord.pitch_classes().all(|class| in_harmony(mode, class))
        };
        Self {
            mode,
            qualities: std::array::from_fn(|root| std::array::from_fn(|quality| fits(root, quality))),
        }
    }

    /// Whether a chord lies in the mode's harmony.
    pub fn allows_chord(&self, chord: Chord) -> bool {
        let quality = ChordQuality::ALL.iter().position(|quality| *quality == chord.quality);
        quality.is_some_and(|quality| self.qualities[usize::from(chord.root % 12)][quality])
            && chord.bass.is_none_or(|class| in_harmony(self.mode, class))
    }

    /// Whether a pitch may begin while a chord holds.
    pub fn allows_pitch(&self, pitch: i32, chord: Option<Chord>) -> bool {
        self.mode.is_none_or(|mode| mode.contains(pitch)) || chord.is_some_and(|chord| chord.contains(pitch))
    }

    /// Fills `out` with whether each answer of a field may stand at a step. At least one may.
    pub fn allowed(
        &self,
        tokens: &Tokens,
        step: usize,
        field: usize,
        chord: Option<Chord>,
        vocabulary: &Vocabulary,
        out: &mut Vec<bool>,
    ) {
        let what = vocabulary.fields()[field];
        out.clear();
        out.resize(usize::from(what.size), true);
        let start = vocabulary.row(what.row).start;
        match (what.kind, what.row) {
            (FieldKind::Root, _) => {
                out[0] = step > 0;
                for root in 0..12 {
                    out[1 + root] = self.qualities[root].contains(&true);
                }
            }
            (FieldKind::Quality, _) => match tokens.at(step, start, vocabulary) {
                root @ 1..=12 => {
                    out[0] = false;
                    out[1..].copy_from_slice(&self.qualities[usize::from(root - 1)]);
                }
                _ => out[1..].fill(false),
            },
            (FieldKind::Slash, _) => {
                let root = tokens.at(step, start, vocabulary);
                for class in 0..12 {
                    let other = root != NOTHING && usize::from(root) != 1 + class;
                    out[1 + class] = other && in_harmony(self.mode, class as u8);
                }
            }
            (FieldKind::Pitch, Row::Role(role)) => {
                self.pitches(role, chord, out);
                let before = step.checked_sub(1).map(|step| tokens.at(step, field, vocabulary));
                out[usize::from(HOLD)] = before.is_some_and(|before| before != NOTHING);
                let after =
                    if step + 1 < tokens.steps() { tokens.at(step + 1, field, vocabulary) } else { NOTHING };
                // What follows holds on, so something must be there to be held.
                out[usize::from(NOTHING)] = after != HOLD;
                self.not_twice(role, tokens, step, what.voice.into(), vocabulary, out);
            }
            (FieldKind::Velocity | FieldKind::Rank, Row::Role(role)) => {
                let voice = vocabulary.voice(role, what.voice.into());
                let answer = tokens.at(step, voice, vocabulary);
                let begins = answer != NOTHING && (role == Role::Drums || answer >= FIRST_PITCH);
                out.fill(begins);
                out[0] = !begins;
            }
            _ => {}
        }
    }

    fn pitches(&self, role: Role, chord: Option<Chord>, out: &mut [bool]) {
        let low = i32::from(role.pitch_range().0);
        for (index, may) in out[usize::from(FIRST_PITCH)..].iter_mut().enumerate() {
            *may = self.allows_pitch(low + index as i32, chord);
        }
    }

    /// No voice begins a pitch that another of its role sounds, unless nothing else is left.
    fn not_twice(
        &self,
        role: Role,
        tokens: &Tokens,
        step: usize,
        voice: usize,
        vocabulary: &Vocabulary,
        out: &mut [bool],
    ) {
        for other in (0..crate::vocabulary::voices(role)).filter(|other| *other != voice) {
            if let Some(answer) = sounding(tokens, step, vocabulary.voice(role, other), vocabulary) {
                out[usize::from(answer)] = false;
            }
        }
    }
}

fn in_harmony(mode: Option<Mode>, class: u8) -> bool {
    mode.is_none_or(|mode| mode.harmony().contains(&class))
}

/// The pitch that a voice sounds at a step, as its answer, if that is known.
pub fn sounding(tokens: &Tokens, step: usize, field: usize, vocabulary: &Vocabulary) -> Option<u8> {
    for step in (0..=step).rev() {
        match tokens.at(step, field, vocabulary) {
            HOLD => {}
            NOTHING | MASK => return None,
            pitch => return Some(pitch),
        }
    }
    None
}

/// The chord that holds at each step, as far as known.
pub fn chords(tokens: &Tokens, vocabulary: &Vocabulary) -> Vec<Option<Chord>> {
    let start = vocabulary.row(Row::Harmony).start;
    let mut holds = None;
    (0..tokens.steps())
        .map(|step| {
            let [root, quality, slash] = [0, 1, 2].map(|field| tokens.at(step, start + field, vocabulary));
            if let (1..=12, 1..) = (root, quality)
                && let Some(quality) = ChordQuality::ALL.get(usize::from(quality) - 1)
            {
                let bass = (1..=12).contains(&slash).then(|| slash - 1);
                holds = Some(Chord { bass, ..Chord::new(i32::from(root) - 1, *quality) });
            }
            holds
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sceneloop_music::Metre;

    #[test]
    fn every_mode_has_chords_and_something_is_always_allowed() {
        let vocabulary = Vocabulary::new();
        let mut out = Vec::new();
        for mode in Mode::ALL {
            let rules = Rules::new(Some(mode));
            let mut tokens = Tokens::masked(Metre::FOUR_FOUR, 1, &vocabulary);
            for step in 0..tokens.steps() {
                for field in 0..vocabulary.len() {
                    rules.allowed(&tokens, step, field, None, &vocabulary, &mut out);
                    let first =
                        out.iter().rposition(|may| *may).unwrap_or_else(|| panic!("{mode} {step} {field}"));
                    tokens.cells[step * vocabulary.len() + field] = first as u8;
                }
            }
        }
    }

    #[test]
    fn chords_and_pitches_lie_in_the_key() {
        let rules = Rules::new(Some(Mode::Ionian));
        assert!(rules.allows_chord(Chord::new(0, ChordQuality::Major)));
        assert!(!rules.allows_chord(Chord::new(0, ChordQuality::Minor)));
        assert!(rules.allows_pitch(4, None) && !rules.allows_pitch(6, None));
        assert!(rules.allows_pitch(6, Some(Chord::new(2, ChordQuality::Major))));
    }

    #[test]
    fn a_hold_needs_a_note_and_a_note_is_not_doubled() {
        let vocabulary = Vocabulary::new();
        let rules = Rules::new(Some(Mode::Ionian));
        let mut tokens = Tokens::masked(Metre::FOUR_FOUR, 1, &vocabulary);
        let [first, second] = [0, 1].map(|voice| vocabulary.voice(Role::Lead, voice));
        let low = i32::from(Role::Lead.pitch_range().0);
        let pitch = (FIRST_PITCH as i32 - low) as u8;
        let mut set =
            |step: usize, field: usize, answer| tokens.cells[step * vocabulary.len() + field] = answer;
        set(0, first, pitch);
        set(1, first, HOLD);
        set(3, first, HOLD);
        set(4, first, NOTHING);
        let allowed = |step, field| {
            let mut out = Vec::new();
            rules.allowed(&tokens, step, field, None, &vocabulary, &mut out);
            out
        };
        assert!(!allowed(0, second)[usize::from(HOLD)], "nothing can be held at the start");
        assert!(!allowed(1, second)[usize::from(pitch)], "the other voice sounds it");
        assert!(!allowed(2, first)[usize::from(NOTHING)], "the next step holds on");
        assert!(!allowed(5, first)[usize::from(HOLD)], "after silence");
    }
}
