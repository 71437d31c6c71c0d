//! A loop as answers to the fields of the [`Vocabulary`], and back.

use crate::vocabulary::{
    HOLD, MASK, NOTHING, PATCH, Row, Vocabulary, pitch_answer, pitch_of, rank_answer, rank_of, take_voice,
    velocity_answer, velocity_of, voices,
};
use sceneloop_music::{
    Chord, ChordQuality, ChordSpan, Clip, GridError, Key, LoopGrid, Metre, Note, Role, Swing,
};

/// Why a loop has no tokens, or tokens are no loop.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// More notes at once than the role has voices.
    #[error("{role}: more than {most} notes sound at step {step}")]
    Voices {
        /// Whose notes.
        role: Role,
        /// Where.
        step: u16,
        /// Voices of the role.
        most: usize,
    },
    /// The loop, or the one that the tokens make, is not valid.
    #[error(transparent)]
    Grid(#[from] GridError),
    /// An answer is missing or is none of its field's.
    #[error("field {field} of step {step} has no answer")]
    Answer {
        /// Where.
        step: u16,
        /// Which, in the order of the vocabulary.
        field: usize,
    },
    /// A voice holds a note that never began, or a chord that is not there goes on.
    #[error("field {field} of step {step} holds what did not begin")]
    Hold {
        /// Where.
        step: u16,
        /// Which, in the order of the vocabulary.
        field: usize,
    },
}

/// The answers of a loop: `cells[step * vocabulary.len() + field]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens {
    /// Metre of every bar.
    pub metre: Metre,
    /// 1 to 8.
    pub bars: u8,
    /// One answer, or [`MASK`], for each field of each step.
    pub cells: Vec<u8>,
}

impl Tokens {
    /// Everything to be found.
    pub fn masked(metre: Metre, bars: u8, vocabulary: &Vocabulary) -> Self {
        let mut tokens = Self { metre, bars, cells: Vec::new() };
        tokens.cells = vec![MASK; tokens.steps() * vocabulary.len()];
        tokens
    }

    /// Steps of a bar.
    pub fn bar_steps(&self) -> usize {
        self.metre.steps_per_bar() as usize
    }

    /// Length in steps.
    pub fn steps(&self) -> usize {
        self.bar_steps() * usize::from(self.bars)
    }

    /// Positions of one row: each bar is cut into patches of [`PATCH`] steps, of which the last may be shorter, so that
    /// every bar line is the edge of one.
    pub fn patches(&self) -> usize {
        self.bar_steps().div_ceil(PATCH) * usize::from(self.bars)
    }

    /// Where a step lies when all patches lie end to end: a bar whose last patch is short has places without a step.
    pub fn place(&self, step: usize) -> usize {
        let bar = self.bar_steps();
        step / bar * bar.next_multiple_of(PATCH) + step % bar
    }

    /// Each place of the patches with the step that lies there, if one does.
    pub fn places(&self) -> impl Iterator<Item = Option<usize>> {
        let (bar, patches) = (self.bar_steps(), self.bar_steps().next_multiple_of(PATCH));
        (0..self.patches() * PATCH)
            .map(move |place| (place % patches < bar).then_some(place / patches * bar + place % patches))
    }

    /// The steps of a patch.
    pub fn patch(&self, patch: usize) -> std::ops::Range<usize> {
        let bar_steps = self.bar_steps();
        let per_bar = bar_steps.div_ceil(PATCH);
        let (bar, within) = (patch / per_bar, patch % per_bar);
        let start = bar * bar_steps;
        start + within * PATCH..start + ((within + 1) * PATCH).min(bar_steps)
    }

    /// The answer to a field at a step.
    pub fn at(&self, step: usize, field: usize, vocabulary: &Vocabulary) -> u8 {
        self.cells[step * vocabulary.len() + field]
    }

    /// The answers of a row, step by step.
    pub fn row(&self, row: Row, vocabulary: &Vocabulary) -> impl Iterator<Item = u8> {
        let fields = vocabulary.row(row);
        self.cells.chunks_exact(vocabulary.len()).flat_map(move |step| step[fields.clone()].iter().copied())
    }

    fn set(&mut self, step: usize, field: usize, answer: u8, vocabulary: &Vocabulary) {
        self.cells[step * vocabulary.len() + field] = answer;
    }

    /// The answers of a valid loop. A note takes the lowest voice that is free; of notes that begin together the lowest
    /// comes first.
    ///
    /// # Errors
    /// [`TokenError::Grid`] for a loop that is not valid, [`TokenError::Voices`] for one with more notes at once than a
    /// role has voices.
    pub fn of(grid: &LoopGrid, vocabulary: &Vocabulary) -> Result<Self, TokenError> {
        grid.validate()?;
        Self::of_material(grid, vocabulary)
    }

    /// The answers of a loop that need not be valid: real music has notes outside of its key, and a part of it may
    /// have no chord at its start. Notes must lie in the loop and in their roles' ranges.
    ///
    /// # Errors
    /// [`TokenError::Voices`] where more notes sound at once than a role has voices.
    ///
    /// # Panics
    /// Where a note lies outside the loop or its role's range.
    pub fn of_material(grid: &LoopGrid, vocabulary: &Vocabulary) -> Result<Self, TokenError> {
        let mut tokens = Self::masked(grid.metre, grid.bars, vocabulary);
        tokens.cells.fill(NOTHING);
        let harmony = vocabulary.row(Row::Harmony).start;
        for ChordSpan { step, chord } in &grid.chords {
            let quality = ChordQuality::ALL.iter().position(|quality| *quality == chord.quality);
            let answers =
                [1 + chord.root, 1 + quality.unwrap_or(0) as u8, chord.bass.map_or(NOTHING, |bass| 1 + bass)];
            for (field, answer) in answers.into_iter().enumerate() {
                tokens.set(usize::from(*step), harmony + field, answer, vocabulary);
            }
        }
        for (role, clip) in grid.clips.iter() {
            if role == Role::Drums {
                tokens.write_drums(clip, vocabulary);
            } else {
                tokens.write_voices(role, clip, vocabulary)?;
            }
        }
        Ok(tokens)
    }

    fn write_drums(&mut self, clip: &Clip, vocabulary: &Vocabulary) {
        for note in &clip.notes {
            let field = vocabulary.voice(Role::Drums, note.pitch as usize);
            let step = usize::from(note.onset);
            self.set(step, field, velocity_answer(note.velocity), vocabulary);
            self.set(step, field + 1, rank_answer(note.rank), vocabulary);
        }
    }

    fn write_voices(&mut self, role: Role, clip: &Clip, vocabulary: &Vocabulary) -> Result<(), TokenError> {
        let mut free_from = vec![0; voices(role)];
        for note in &clip.notes {
            let full = || TokenError::Voices { role, step: note.onset, most: voices(role) };
            let voice = take_voice(&mut free_from, note).ok_or_else(full)?;
            let field = vocabulary.voice(role, voice);
            let answers =
                [pitch_answer(role, note.pitch), velocity_answer(note.velocity), rank_answer(note.rank)];
            for (offset, answer) in answers.into_iter().enumerate() {
                self.set(usize::from(note.onset), field + offset, answer, vocabulary);
            }
            for step in note.onset + 1..note.end() {
                self.set(usize::from(step), field, HOLD, vocabulary);
            }
        }
        Ok(())
    }

    /// The loop of the answers.
    ///
    /// # Errors
    /// [`TokenError::Answer`] where something is masked or out of range, [`TokenError::Hold`] for a hold without a note,
    /// [`TokenError::Grid`] if the loop would not be valid.
    pub fn to_grid(&self, key: Key, swing: Swing, vocabulary: &Vocabulary) -> Result<LoopGrid, TokenError> {
        let grid = LoopGrid { key, swing, ..self.to_material(vocabulary)? };
        grid.validate()?;
        Ok(grid)
    }

    /// The loop of the answers, which need not be valid, on C, straight.
    ///
    /// # Errors
    /// [`TokenError::Answer`] where something is masked or out of range, [`TokenError::Hold`] for a hold without a note.
    pub fn to_material(&self, vocabulary: &Vocabulary) -> Result<LoopGrid, TokenError> {
        for (index, answer) in self.cells.iter().enumerate() {
            let (step, field) = (index / vocabulary.len(), index % vocabulary.len());
            if *answer >= vocabulary.fields()[field].size {
                return Err(TokenError::Answer { step: step as u16, field });
            }
        }
        let mut grid =
            LoopGrid::empty(self.metre, self.bars, Key::default(), Chord::new(0, ChordQuality::Power));
        grid.chords = self.read_chords(vocabulary)?;
        for role in Role::ALL {
            let notes = if role == Role::Drums {
                self.read_drums(vocabulary)
            } else {
                self.read_voices(role, vocabulary)?
            };
            grid.clips[role] = Clip::new(notes);
        }
        Ok(grid)
    }

    fn read_chords(&self, vocabulary: &Vocabulary) -> Result<Vec<ChordSpan>, TokenError> {
        let start = vocabulary.row(Row::Harmony).start;
        let mut chords = Vec::new();
        for step in 0..self.steps() {
            let [root, quality, slash] = [0, 1, 2].map(|field| self.at(step, start + field, vocabulary));
            if root == NOTHING {
                continue;
            }
            let Some(quality) =
                quality.checked_sub(1).and_then(|index| ChordQuality::ALL.get(usize::from(index)))
            else {
                return Err(TokenError::Answer { step: step as u16, field: start + 1 });
            };
            let chord = Chord { bass: slash.checked_sub(1), ..Chord::new(i32::from(root - 1), *quality) };
            chords.push(ChordSpan { step: step as u16, chord });
        }
        Ok(chords)
    }

    fn read_drums(&self, vocabulary: &Vocabulary) -> Vec<Note> {
        let lanes = vocabulary.row(Row::Role(Role::Drums)).len() / 2;
        let mut notes = Vec::new();
        for step in 0..self.steps() {
            for lane in 0..lanes {
                let field = vocabulary.voice(Role::Drums, lane);
                let (hit, rank) = (self.at(step, field, vocabulary), self.at(step, field + 1, vocabulary));
                if hit != NOTHING {
                    notes.push(Note {
                        onset: step as u16,
                        duration: 1,
                        pitch: lane as i8,
                        velocity: velocity_of(hit),
                        rank: rank_of(rank),
                    });
                }
            }
        }
        notes
    }

    fn read_voices(&self, role: Role, vocabulary: &Vocabulary) -> Result<Vec<Note>, TokenError> {
        let mut notes: Vec<Note> = Vec::new();
        for voice in 0..voices(role) {
            let field = vocabulary.voice(role, voice);
            let mut sounding = false;
            for step in 0..self.steps() {
                let answer = self.at(step, field, vocabulary);
                match answer {
                    NOTHING => sounding = false,
                    HOLD => match notes.last_mut() {
                        Some(note) if sounding => note.duration += 1,
                        _ => return Err(TokenError::Hold { step: step as u16, field }),
                    },
                    pitch => {
                        sounding = true;
                        notes.push(Note {
                            onset: step as u16,
                            duration: 1,
                            pitch: pitch_of(role, pitch),
                            velocity: velocity_of(self.at(step, field + 1, vocabulary)),
                            rank: rank_of(self.at(step, field + 2, vocabulary)),
                        });
                    }
                }
            }
        }
        Ok(notes)
    }
}

/// The loop as its tokens hold it: velocities and ranks in the middle of their classes, drum hits one step long.
pub fn quantised(grid: &LoopGrid) -> LoopGrid {
    let mut grid = grid.clone();
    for (role, clip) in grid.clips.iter_mut() {
        for note in &mut clip.notes {
            note.velocity = velocity_of(velocity_answer(note.velocity));
            note.rank = rank_of(rank_answer(note.rank));
            if role == Role::Drums {
                note.duration = 1;
            }
        }
    }
    grid
}

#[cfg(test)]
mod tests;
