//! What is plain to see and goes around the network's layers: repetition, neighbours, who else plays, the chord.
//!
//! Steps lie as in the patches: a bar whose last patch is short has steps that do not exist, of which nothing is said.

use crate::features::offsets;
use crate::rules::chords;
use crate::tokenizer::Tokens;
use crate::vocabulary::{HOLD, MASK, NOTHING, PATCH, Row, Vocabulary, pitch_of};
use sceneloop_music::{Chord, ChordQuality, Role};
use std::ops::Range;

/// A loop that is looked at, and the one before it if there is one.
pub type Seen<'a> = (&'a Tokens, Option<&'a Tokens>);

/// Kinds of echoes: of all other bars, of the bars two before and after, and of the same bar of the loop before.
pub const ECHOES: usize = 3;

/// How many steps away the answers lie that are told beside a step.
pub const BESIDE: [isize; 4] = [-2, -1, 1, 2];

/// Answers told from beside a step: those of [`BESIDE`], then the last before it and the first after it that are known to begin something.
pub const NEIGHBOURS: usize = BESIDE.len() + 2;

/// What each role may do at a step: rest, sound on, begin, or nobody knows.
const STATES: usize = 4;

/// Numbers that say who plays at a step: for each role one of its states is 1.
pub const COMPANY: usize = Role::COUNT * STATES;

/// Codes of a chord: root and quality, and one for none.
pub const CHORD_CODES: usize = 12 * ChordQuality::ALL.len() + 1;

/// Steps ahead over which notes are gathered for the harmony.
pub const AHEAD: [usize; 2] = [4, 16];

/// Numbers that say which notes sound from a step on: for each of [`AHEAD`] the share of each pitch class, of the bass and of the others.
pub const PROFILE: usize = AHEAD.len() * 2 * 12;

/// Codes of an answer that stands beside: the answers of the field, hidden, and none where the loop does not reach.
pub fn codes_beside(size: usize) -> usize {
    size + 2
}

/// What a row is told.
#[derive(Debug, Clone, PartialEq)]
pub struct RowHints {
    /// `[loop][step][ECHOES][Vocabulary::row_size]`: of the bars of which an answer is known, the share that gives this one; all 0
    /// where none is known. Fields lie as in the logits.
    pub echoes: Vec<f32>,
    /// For each of [`NEIGHBOURS`] the codes of the leading fields there, `[loop][step][voice]`: see [`codes_beside`].
    pub beside: [Vec<i32>; NEIGHBOURS],
}

/// What all rows are told.
#[derive(Debug, Clone, PartialEq)]
pub struct LoopHints {
    /// `[loop][step][COMPANY]`
    pub company: Vec<f32>,
    /// The code of the last chord known, `[loop][step]`.
    pub chords: Vec<i32>,
    /// `[loop][step][PROFILE]`
    pub profile: Vec<f32>,
}

impl RowHints {
    /// The hints of a row of some loops of one shape.
    pub fn of(loops: &[Seen], row: Row, vocabulary: &Vocabulary) -> Self {
        let steps = loops.first().map_or(0, |(tokens, _)| tokens.patches() * PATCH);
        let width = steps * ECHOES * vocabulary.row_size(row);
        let mut echoes = vec![0.0; loops.len() * width];
        let offsets = offsets(vocabulary);
        for ((tokens, before), out) in loops.iter().zip(echoes.chunks_exact_mut(width.max(1))) {
            write_echoes(tokens, *before, row, vocabulary, &offsets, out);
        }
        let mut beside: [Vec<i32>; NEIGHBOURS] = Default::default();
        for (tokens, _) in loops {
            let [before, after] = nearest_begun(tokens, row, vocabulary);
            let near = BESIDE.map(|way| neighbours(tokens, row, vocabulary, way));
            for (all, own) in beside.iter_mut().zip(near.into_iter().chain([before, after])) {
                all.extend(own);
            }
        }
        Self { echoes, beside }
    }
}

fn write_echoes(
    tokens: &Tokens,
    before: Option<&Tokens>,
    row: Row,
    vocabulary: &Vocabulary,
    offsets: &[usize],
    out: &mut [f32],
) {
    let (bars, bar_steps) = (usize::from(tokens.bars), tokens.bar_steps());
    let width = vocabulary.row_size(row);
    for bar in 0..bars {
        for within in 0..bar_steps {
            let at = tokens.place(bar * bar_steps + within) * ECHOES * width;
            for field in vocabulary.row(row) {
                let size = usize::from(vocabulary.fields()[field].size);
                let known = |tokens: &Tokens, bar: usize| {
                    let answer = tokens.at(bar * bar_steps + within, field, vocabulary);
                    (answer != MASK).then_some(usize::from(answer))
                };
                let slot = |kind: usize| -> Range<usize> {
                    let start = at + kind * width + offsets[field];
                    start..start + size
                };
                let others = (0..bars).filter(|other| *other != bar);
                write_shares(&mut out[slot(0)], others.filter_map(|other| known(tokens, other)));
                let second = [bar.checked_sub(2), Some(bar + 2).filter(|other| *other < bars)];
                let second = second.into_iter().flatten();
                write_shares(&mut out[slot(1)], second.filter_map(|other| known(tokens, other)));
                if let Some(before) = before.filter(|before| before.cells.len() == tokens.cells.len()) {
                    write_shares(&mut out[slot(2)], known(before, bar).into_iter());
                }
            }
        }
    }
}

/// Writes which share of some answers each is.
fn write_shares(out: &mut [f32], answers: impl Iterator<Item = usize>) {
    let mut count = 0.0;
    for answer in answers {
        out[answer] += 1.0;
        count += 1.0;
    }
    if count > 1.0 {
        out.iter_mut().for_each(|value| *value /= count);
    }
}

fn neighbours(tokens: &Tokens, row: Row, vocabulary: &Vocabulary, way: isize) -> Vec<i32> {
    let fields: Vec<usize> = vocabulary.leading(row).collect();
    tokens
        .places()
        .flat_map(|step| {
            let there =
                step.and_then(|step| step.checked_add_signed(way)).filter(|step| *step < tokens.steps());
            fields.iter().map(move |field| {
                let size = i32::from(vocabulary.fields()[*field].size);
                match there.map(|step| tokens.at(step, *field, vocabulary)) {
                    Some(MASK) => size,
                    Some(answer) => i32::from(answer),
                    None => size + 1,
                }
            })
        })
        .collect()
}

/// Of the leading fields the last answer before each step, and the first after it, that is known to begin a note, a hit or a chord.
fn nearest_begun(tokens: &Tokens, row: Row, vocabulary: &Vocabulary) -> [Vec<i32>; 2] {
    let fields: Vec<usize> = vocabulary.leading(row).collect();
    let steps = tokens.steps();
    let mut found = [vec![None; steps * fields.len()], vec![None; steps * fields.len()]];
    for (voice, field) in fields.iter().enumerate() {
        let begun = |step: usize| {
            let answer = tokens.at(step, *field, vocabulary);
            row.begins(answer).then_some(answer)
        };
        for step in 1..steps {
            found[0][step * fields.len() + voice] =
                begun(step - 1).or(found[0][(step - 1) * fields.len() + voice]);
        }
        for step in (0..steps.saturating_sub(1)).rev() {
            found[1][step * fields.len() + voice] =
                begun(step + 1).or(found[1][(step + 1) * fields.len() + voice]);
        }
    }
    found.map(|found| {
        let code = |step: Option<usize>, voice: usize| {
            let none = i32::from(vocabulary.fields()[fields[voice]].size) + 1;
            step.and_then(|step| found[step * fields.len() + voice]).map_or(none, i32::from)
        };
        tokens
            .places()
            .flat_map(|step| (0..fields.len()).map(move |voice| (step, voice)))
            .map(|(step, voice)| code(step, voice))
            .collect()
    })
}

impl LoopHints {
    /// The hints of some loops of one shape.
    pub fn of(loops: &[Seen], vocabulary: &Vocabulary) -> Self {
        let mut hints = Self { company: Vec::new(), chords: Vec::new(), profile: Vec::new() };
        for (tokens, _) in loops {
            let sounds = Role::ALL.map(|role| sounding(tokens, role, vocabulary));
            let chords = chords(tokens, vocabulary);
            let profiles = profiles(&sounds, tokens.steps());
            for step in tokens.places() {
                for (role, sounds) in Role::ALL.into_iter().zip(&sounds) {
                    let mut states = [0.0; STATES];
                    if let Some(step) = step {
                        states[state(tokens, role, step, sounds, vocabulary)] = 1.0;
                    }
                    hints.company.extend(states);
                }
                hints.chords.push(step.map_or(0, |step| chord_code(chords[step])));
                match step {
                    Some(step) => hints.profile.extend(profiles[step]),
                    None => hints.profile.extend([0.0; PROFILE]),
                }
            }
        }
        hints
    }
}

/// 0 without a chord, else 1 and more.
fn chord_code(chord: Option<Chord>) -> i32 {
    let code = |chord: Chord| {
        let quality = ChordQuality::ALL.iter().position(|quality| *quality == chord.quality).unwrap_or(0);
        1 + (usize::from(chord.root) * ChordQuality::ALL.len() + quality) as i32
    };
    chord.map_or(0, code)
}

/// The pitches known to sound at each step, relative to the tonic.
pub(crate) fn sounding(tokens: &Tokens, role: Role, vocabulary: &Vocabulary) -> Vec<Vec<i32>> {
    let mut out = vec![Vec::new(); tokens.steps()];
    if !role.is_pitched() {
        return out;
    }
    for field in vocabulary.leading(Row::Role(role)) {
        let mut holds = None;
        for (step, out) in out.iter_mut().enumerate() {
            holds = match tokens.at(step, field, vocabulary) {
                NOTHING | MASK => None,
                HOLD => holds,
                answer => Some(i32::from(pitch_of(role, answer))),
            };
            out.extend(holds);
        }
    }
    out
}

fn state(tokens: &Tokens, role: Role, step: usize, sounds: &[Vec<i32>], vocabulary: &Vocabulary) -> usize {
    let answers = || vocabulary.leading(Row::Role(role)).map(|field| tokens.at(step, field, vocabulary));
    if answers().any(|answer| Row::Role(role).begins(answer)) {
        2
    } else if answers().any(|answer| answer == MASK) {
        3
    } else {
        usize::from(!sounds[step].is_empty())
    }
}

/// Shares of the pitch classes that sound from each step on, each of [`AHEAD`] and of the bass and the others adding up to 1 or, where nothing
/// sounds, to 0.
fn profiles(sounds: &[Vec<Vec<i32>>; Role::COUNT], steps: usize) -> Vec<[f32; PROFILE]> {
    let mut out = vec![[0.0; PROFILE]; steps];
    for (step, out) in out.iter_mut().enumerate() {
        for (which, ahead) in AHEAD.into_iter().enumerate() {
            for at in step..(step + ahead).min(steps) {
                for (role, sounds) in Role::ALL.into_iter().zip(sounds) {
                    let start = (which * 2 + usize::from(role != Role::Bass)) * 12;
                    for pitch in &sounds[at] {
                        out[start + pitch.rem_euclid(12) as usize] += 1.0;
                    }
                }
            }
        }
        for shares in out.chunks_exact_mut(12) {
            let sum: f32 = shares.iter().sum();
            if sum > 0.0 {
                shares.iter_mut().for_each(|share| *share /= sum);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::pitch_answer;
    use sceneloop_music::Metre;

    /// Four bars of 14 steps, of which each takes 16 steps of patches.
    fn masked() -> (Vocabulary, Tokens) {
        let vocabulary = Vocabulary::new();
        let tokens = Tokens::masked("7/8".parse::<Metre>().unwrap(), 4, &vocabulary);
        (vocabulary, tokens)
    }

    fn set(tokens: &mut Tokens, step: usize, field: usize, answer: u8, vocabulary: &Vocabulary) {
        tokens.cells[step * vocabulary.len() + field] = answer;
    }

    #[test]
    fn echoes_are_what_other_bars_have_at_the_same_place() {
        let (vocabulary, mut tokens) = masked();
        let row = Row::Role(Role::Bass);
        let field = vocabulary.leading(row).next().unwrap();
        // Bar 0 is asked; bars 1 and 3 answer 7, bar 2 answers 4.
        for (bar, answer) in [(1, 7), (2, 4), (3, 7)] {
            set(&mut tokens, bar * 14 + 5, field, answer, &vocabulary);
        }
        let mut before = tokens.clone();
        before.cells.fill(8);
        let hints = RowHints::of(&[(&tokens, Some(&before))], row, &vocabulary);
        let width = vocabulary.row_size(row);
        let echo = |step: usize, kind: usize, answer: usize| {
            hints.echoes[(step * ECHOES + kind) * width + offsets(&vocabulary)[field] + answer]
        };
        assert_eq!([4, 7].map(|answer| echo(5, 0, answer)), [1.0 / 3.0, 2.0 / 3.0]);
        assert_eq!([4, 7].map(|answer| echo(5, 1, answer)), [1.0, 0.0]);
        assert_eq!(echo(5, 2, 8), 1.0);
        assert_eq!([4, 7].map(|answer| echo(2 * 16 + 5, 0, answer)), [0.0, 1.0]);
        assert_eq!([4, 7].map(|answer| echo(16 + 5, 1, answer)), [0.0, 1.0]);
        let alone = RowHints::of(&[(&tokens, None)], row, &vocabulary);
        assert!((alone.echoes.iter().sum::<f32>() - 7.0).abs() < 1e-5, "bar 0 gives no echo to bar 2");
    }

    #[test]
    fn neighbours_are_found_over_bar_lines() {
        let (vocabulary, mut tokens) = masked();
        let row = Row::Role(Role::Bass);
        let field = vocabulary.leading(row).next().unwrap();
        let size = i32::from(vocabulary.fields()[field].size);
        let voices = vocabulary.leading(row).count();
        set(&mut tokens, 13, field, 3, &vocabulary);
        let hints = RowHints::of(&[(&tokens, None)], row, &vocabulary);
        let [second_before, before, after, second_after, last, next] = &hints.beside;
        // From the first two steps of bar 1, at places 16 and 17, back to the last of bar 0.
        assert_eq!((before[16 * voices], second_before[17 * voices]), (3, 3));
        assert_eq!((after[12 * voices], second_after[11 * voices]), (3, 3));
        assert_eq!((before[0], before[voices]), (size + 1, size));
        assert_eq!(after[(3 * 16 + 13) * voices], size + 1, "nothing follows the last step");
        assert!(before[14 * voices..16 * voices].iter().all(|code| *code == size + 1), "no such steps");
        // From afar: bar 3 knows what began in bar 0, and the first step what will.
        assert_eq!((last[(3 * 16) * voices], next[0]), (3, 3));
        assert_eq!((last[13 * voices], next[13 * voices]), (size + 1, size + 1), "neither counts itself");
        assert!(hints.beside.iter().all(|codes| codes.len() == 4 * 16 * voices));
    }

    #[test]
    fn company_chord_and_notes_are_told() {
        let (vocabulary, mut tokens) = masked();
        let harmony = vocabulary.row(Row::Harmony).start;
        let bass = vocabulary.voice(Role::Bass, 0);
        for cell in &mut tokens.cells[..14 * vocabulary.len()] {
            *cell = NOTHING;
        }
        // A chord on the fourth step of the scale from step 2 on, and a bass of two steps.
        set(&mut tokens, 2, harmony, 1 + 5, &vocabulary);
        set(&mut tokens, 2, harmony + 1, 2, &vocabulary);
        set(&mut tokens, 3, bass, pitch_answer(Role::Bass, -7), &vocabulary);
        set(&mut tokens, 4, bass, HOLD, &vocabulary);
        let hints = LoopHints::of(&[(&tokens, None)], &vocabulary);
        let states = |step: usize| {
            let start = step * COMPANY + Role::Bass.index() * STATES;
            hints.company[start..start + STATES].iter().position(|state| *state == 1.0)
        };
        assert_eq!([2, 3, 4, 5, 14, 16].map(states), [Some(0), Some(2), Some(1), Some(0), None, Some(3)]);
        assert_eq!(hints.chords[..4], [0, 0, 1 + 5 * 21 + 1, 1 + 5 * 21 + 1]);
        assert_eq!(hints.chords[16], 1 + 5 * 21 + 1, "the last chord that is known");
        // The bass is the one note from step 0 to 4, and its pitch class is 5.
        for (step, share) in [(0, 1.0), (3, 1.0), (4, 1.0), (5, 0.0)] {
            let profile = &hints.profile[step * PROFILE..][..PROFILE];
            assert_eq!((profile[5], profile.iter().sum::<f32>()), (share, 2.0 * share), "step {step}");
        }
    }
}
