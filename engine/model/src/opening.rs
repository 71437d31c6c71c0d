//! A loop with a hole in it, and how what is found and what was kept become a loop again.

use crate::generator::{ComposeError, Part};
use crate::tokenizer::{TokenError, Tokens};
use crate::vocabulary::{HOLD, MASK, NOTHING, Row, Vocabulary, pitch_answer};
use sceneloop_music::{ChordSpan, Clip, Dice, Energy, Key, LoopGrid, Note, PerRole, Role, Swing};

/// A loop with a hole in it.
#[derive(Debug, Clone)]
pub struct Opening {
    /// The notes and chords that stay as they are.
    pub kept: LoopGrid,
    /// The same as tokens, [`MASK`] in the hole.
    pub tokens: Tokens,
    /// The loop before.
    pub before: Option<Tokens>,
}

impl Opening {
    /// What was kept with what was found where there was a hole. Notes that were kept win where one pitch would sound twice.
    ///
    /// # Errors
    /// [`TokenError`] if something is still masked.
    pub fn join(
        &self,
        found: &Tokens,
        key: Key,
        swing: Swing,
        vocabulary: &Vocabulary,
    ) -> Result<LoopGrid, TokenError> {
        let mut all = found.to_material(vocabulary)?;
        (all.key, all.swing) = (key, swing);
        for (role, clip) in all.clips.iter_mut() {
            let mut notes = self.kept.clips[role].notes.clone();
            let kept = notes.len();
            for note in &clip.notes {
                if !begins(&self.tokens, role, note, vocabulary) {
                    fit(&mut notes, kept, *note);
                }
            }
            *clip = Clip::new(notes);
        }
        let fresh = all.chords.iter().filter(|span| {
            self.tokens.at(span.step.into(), vocabulary.row(Row::Harmony).start, vocabulary) == MASK
        });
        let mut chords: Vec<ChordSpan> = fresh.copied().chain(self.kept.chords.iter().copied()).collect();
        chords.sort_by_key(|span| span.step);
        // A chord that is told again has not changed; but what was kept is kept as it was written.
        let told: Vec<u16> = self.kept.chords.iter().map(|span| span.step).collect();
        chords.dedup_by(|later, earlier| later.chord == earlier.chord && !told.contains(&later.step));
        all.chords = chords;
        Ok(all)
    }
}

/// Whether tokens hold the beginning of a note.
fn begins(tokens: &Tokens, role: Role, note: &Note, vocabulary: &Vocabulary) -> bool {
    let step = usize::from(note.onset);
    if role == Role::Drums {
        return tokens.at(step, vocabulary.voice(role, note.pitch as usize), vocabulary) != MASK;
    }
    let answer = pitch_answer(role, note.pitch);
    vocabulary.leading(Row::Role(role)).any(|voice| tokens.at(step, voice, vocabulary) == answer)
}

/// Adds a note that was found to the notes of its role, of which the first `kept` stay as they are.
fn fit(notes: &mut Vec<Note>, kept: usize, mut note: Note) {
    let clash = |a: &Note, b: &Note| a.pitch == b.pitch && a.onset < b.end() && b.onset < a.end();
    for (index, other) in notes.iter_mut().enumerate() {
        if !clash(other, &note) {
            continue;
        }
        if other.onset < note.onset && index >= kept {
            other.duration = note.onset - other.onset;
        } else if other.onset > note.onset {
            note.duration = other.onset - note.onset;
        } else {
            return;
        }
    }
    notes.push(note);
}

/// A loop of which a part is to be found.
///
/// # Errors
/// [`TokenError::Voices`] for a loop that the vocabulary cannot tell.
pub fn part(grid: &LoopGrid, part: &Part, vocabulary: &Vocabulary) -> Result<Opening, ComposeError> {
    let bar = grid.metre.steps_per_bar() as usize;
    let inside = |step: usize| part.bars.contains(&((step / bar) as u8));
    let opens = |row: Row, step: usize, _: usize| match row {
        Row::Harmony => part.harmony && inside(step),
        Row::Role(role) => part.roles[role] && inside(step),
    };
    open(grid, vocabulary, opens, inside)
}

/// A loop of which a share is to be found, with every share holding the smaller ones.
///
/// # Errors
/// As [`part`].
pub fn distance(
    grid: &LoopGrid,
    distance: f32,
    seed: u64,
    vocabulary: &Vocabulary,
) -> Result<Opening, ComposeError> {
    let bar = grid.metre.steps_per_bar() as usize;
    let mut dice = Dice::new(seed, "distance");
    let blocks: Vec<[f32; Row::COUNT]> =
        (0..grid.bars).map(|_| std::array::from_fn(|_| dice.unit())).collect();
    let cells: Vec<f32> = (0..grid.steps() as usize * vocabulary.len()).map(|_| dice.unit()).collect();
    let opens = |row: Row, step: usize, field: usize| {
        let block = blocks[step / bar][row.index()];
        // Chords are what one knows a loop by: they change last.
        let threshold = match row {
            Row::Harmony => 0.5 + 0.5 * block,
            Row::Role(_) => 0.6 * block + 0.4 * cells[step * vocabulary.len() + field],
        };
        threshold < distance
    };
    open(grid, vocabulary, opens, |_| true)
}

/// A loop of which all that does not sound at an energy is to be found: the notes above it, and the silence where others could be.
///
/// # Errors
/// As [`part`].
pub fn above(grid: &LoopGrid, energy: Energy, vocabulary: &Vocabulary) -> Result<Opening, ComposeError> {
    let mut heard = grid.clone();
    for (_, clip) in heard.clips.iter_mut() {
        clip.notes.retain(|note| note.rank.sounds_at(energy));
    }
    let whole = Tokens::of_material(&heard, vocabulary)?;
    let silent = |row: Row, step: usize, field: usize| {
        matches!(row, Row::Role(_)) && whole.at(step, field, vocabulary) == NOTHING
    };
    open(&heard, vocabulary, silent, |_| true)
}

/// Opens the cells that `opens` names by row, step and the field of their voice. A note opens as a whole with its onset; what it
/// held on to outside of where anything may change is silent then.
fn open(
    grid: &LoopGrid,
    vocabulary: &Vocabulary,
    opens: impl Fn(Row, usize, usize) -> bool,
    inside: impl Fn(usize) -> bool,
) -> Result<Opening, ComposeError> {
    let mut tokens = Tokens::of_material(grid, vocabulary)?;
    let whole = tokens.clone();
    for row in Row::all() {
        let mut lead = 0;
        for field in vocabulary.row(row) {
            if vocabulary.fields()[field].kind.leads() {
                lead = field;
            }
            let mut note_opens = false;
            for step in 0..tokens.steps() {
                let answer = whole.at(step, lead, vocabulary);
                let holds = row.is_pitched() && answer == HOLD;
                if !holds {
                    note_opens = opens(row, step, lead);
                }
                if note_opens {
                    tokens.cells[step * vocabulary.len() + field] = if inside(step) { MASK } else { NOTHING };
                }
            }
        }
    }
    let mut kept = grid.clone();
    for (role, clip) in kept.clips.iter_mut() {
        clip.notes.retain(|note| begins(&tokens, role, note, vocabulary));
    }
    let root = vocabulary.row(Row::Harmony).start;
    kept.chords.retain(|span| tokens.at(span.step.into(), root, vocabulary) != MASK);
    Ok(Opening { kept, tokens, before: None })
}

/// Silence for the roles that are not to play, where they are not known.
pub fn silence_absent(tokens: &mut Tokens, roles: &PerRole<f32>, vocabulary: &Vocabulary) {
    for (role, presence) in roles.iter() {
        if *presence > 0.0 {
            continue;
        }
        for step in tokens.cells.chunks_exact_mut(vocabulary.len()) {
            for answer in step[vocabulary.row(Row::Role(role))].iter_mut().filter(|answer| **answer == MASK) {
                *answer = NOTHING;
            }
        }
    }
}

/// A loop as the one before another: its last bars, or all of them again and again until they are as many.
pub fn before(before: &LoopGrid, now: &LoopGrid, vocabulary: &Vocabulary) -> Option<Tokens> {
    let tokens = Tokens::of_material(before, vocabulary).ok()?;
    let bar = before.metre.steps_per_bar() as usize * vocabulary.len();
    let (have, want) = (usize::from(before.bars), usize::from(now.bars));
    let bars = (0..want).map(|index| (index + have * want - want) % have);
    let cells = bars.flat_map(|index| tokens.cells[index * bar..(index + 1) * bar].iter().copied()).collect();
    (before.metre == now.metre).then_some(Tokens { metre: now.metre, bars: now.bars, cells })
}

/// The last bar of a loop, an empty one, and the first bar of another. Notes end at the bar lines.
pub fn joined(from: &LoopGrid, to: &LoopGrid) -> LoopGrid {
    let bar = to.metre.steps_per_bar() as u16;
    let mut joined = LoopGrid { bars: 3, chords: Vec::new(), clips: PerRole::default(), ..to.clone() };
    let last = u16::from(from.bars - 1) * bar;
    joined.chords = chords_of(from, last, bar, 0);
    joined.chords.extend(chords_of(to, 0, bar, 2 * bar));
    for role in Role::ALL {
        let mut notes = notes_of(from, role, last, bar, 0);
        notes.extend(notes_of(to, role, 0, bar, 2 * bar));
        joined.clips[role] = Clip::new(notes);
    }
    joined
}

fn chords_of(grid: &LoopGrid, start: u16, bar: u16, to: u16) -> Vec<ChordSpan> {
    let holding = grid.chord_at(start).map(|chord| ChordSpan { step: to, chord });
    let later = grid.chords.iter().filter(|span| span.step > start && span.step < start + bar);
    holding.into_iter().chain(later.map(|span| ChordSpan { step: span.step - start + to, ..*span })).collect()
}

fn notes_of(grid: &LoopGrid, role: Role, start: u16, bar: u16, to: u16) -> Vec<Note> {
    let inside = grid.clips[role].notes.iter().filter(|note| (start..start + bar).contains(&note.onset));
    inside
        .map(|note| Note {
            onset: note.onset - start + to,
            duration: note.duration.min(start + bar - note.onset),
            ..*note
        })
        .collect()
}

/// The middle of three bars as a loop of its own, in the key of the one it leads to.
pub fn middle(found: &Tokens, to: &LoopGrid, vocabulary: &Vocabulary) -> LoopGrid {
    let bar = to.metre.steps_per_bar() as u16;
    let mut all = found.to_material(vocabulary).unwrap_or_else(|_| to.clone());
    (all.key, all.swing) = (to.key, to.swing);
    let rules = crate::rules::Rules::new(Some(to.key.mode));
    let mut chords = chords_of(&all, bar, bar, 0);
    chords.retain(|span| rules.allows_chord(span.chord));
    if chords.first().is_none_or(|span| span.step != 0) {
        let chord = to.chords.first().map_or(crate::generator::tonic_chord(to.key.mode), |span| span.chord);
        chords.insert(0, ChordSpan { step: 0, chord });
    }
    let mut grid = LoopGrid { bars: 1, chords, clips: PerRole::default(), ..to.clone() };
    for role in Role::ALL {
        let notes = notes_of(&all, role, bar, bar, 0);
        let fits = |note: &Note| {
            !role.is_pitched() || rules.allows_pitch(i32::from(note.pitch), grid.chord_at(note.onset))
        };
        grid.clips[role] = Clip::new(notes.into_iter().filter(fits).collect());
    }
    grid
}
