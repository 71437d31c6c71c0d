//! Tokens as the numbers that go into the network and come out of it. Nothing of a network here: training and inference share it.
//!
//! A position is one row over one patch. In it goes a multi-hot vector: for each of its steps and each field a one at
//! the answer, or at the field's mask. Out come logits, grouped by kind of field so that fields with equally many answers
//! lie in one array: `[patch][step of the patch][voice][answer]`.

use crate::hints::{RowHints, Seen};
use crate::tokenizer::Tokens;
use crate::vocabulary::{FieldKind, MASK, PATCH, Row, Vocabulary};

/// A row of some loops of one shape, as it goes into the network.
#[derive(Debug, Clone, PartialEq)]
pub struct RowValues {
    /// Multi-hot vectors, `[loop][patch][input_width]`.
    pub cells: Vec<f32>,
    /// What goes around the layers.
    pub hints: RowHints,
}

/// Fields of one row and kind: as many answers each, one for each lane or voice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Whose.
    pub row: Row,
    /// What they ask.
    pub kind: FieldKind,
    /// Answers of each.
    pub size: usize,
    /// Where its logits begin in a step of its row.
    pub start: usize,
    /// Their places in the vocabulary, by voice.
    pub fields: Vec<usize>,
}

impl Group {
    /// Logits of one step.
    pub fn width(&self) -> usize {
        self.fields.len() * self.size
    }
}

/// All groups, by row and then in the order in which their kinds first appear.
pub fn groups(vocabulary: &Vocabulary) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (place, field) in vocabulary.fields().iter().enumerate() {
        match groups.iter_mut().find(|group| (group.row, group.kind) == (field.row, field.kind)) {
            Some(group) => group.fields.push(place),
            None => groups.push(Group {
                row: field.row,
                kind: field.kind,
                size: usize::from(field.size),
                start: 0,
                fields: vec![place],
            }),
        }
    }
    for row in groups.chunk_by_mut(|a, b| a.row == b.row) {
        let mut start = 0;
        for group in row {
            group.start = start;
            start += group.width();
        }
    }
    groups
}

/// Length of the vector that goes in for one position of a row: every answer and one mask for each field of each step.
pub fn input_width(vocabulary: &Vocabulary, row: Row) -> usize {
    PATCH * (vocabulary.row_size(row) + vocabulary.row(row).len())
}

/// Where the logits of each field of the vocabulary begin in a step of its row.
pub fn offsets(vocabulary: &Vocabulary) -> Vec<usize> {
    let mut offsets = vec![0; vocabulary.len()];
    for group in groups(vocabulary) {
        for (voice, field) in group.fields.iter().enumerate() {
            offsets[*field] = group.start + voice * group.size;
        }
    }
    offsets
}

impl RowValues {
    /// A row of some loops of one shape, each with the loop before it if there is one.
    pub fn of(loops: &[Seen], row: Row, vocabulary: &Vocabulary) -> Self {
        let width = loops.first().map_or(0, |(tokens, _)| tokens.patches()) * input_width(vocabulary, row);
        let mut cells = vec![0.0; loops.len() * width];
        for ((tokens, _), out) in loops.iter().zip(cells.chunks_exact_mut(width.max(1))) {
            write_inputs(tokens, row, vocabulary, out);
        }
        Self { cells, hints: RowHints::of(loops, row, vocabulary) }
    }
}

/// Writes a row as multi-hot vectors, `[patch][input_width]`, into `out`, which must be as long. Steps that a short last
/// patch of a bar does not have stay zero.
///
/// # Panics
/// If `out` is of another length, or an answer is none of its field's.
pub fn write_inputs(tokens: &Tokens, row: Row, vocabulary: &Vocabulary, out: &mut [f32]) {
    let width = input_width(vocabulary, row);
    assert_eq!(out.len(), tokens.patches() * width);
    out.fill(0.0);
    let step_width = width / PATCH;
    for (patch, position) in out.chunks_exact_mut(width).enumerate() {
        for (within, step) in tokens.patch(patch).enumerate() {
            let mut at = within * step_width;
            for field in vocabulary.row(row) {
                let size = usize::from(vocabulary.fields()[field].size);
                let answer = tokens.at(step, field, vocabulary);
                let place = if answer == MASK { size } else { usize::from(answer) };
                assert!(place <= size, "answer {answer} of field {field} at step {step}");
                position[at + place] = 1.0;
                at += size + 1;
            }
        }
    }
}

/// One question asked: where its answer lies among the logits of its group, and where among the cells of the tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Index of the field's first logit in `[patch][step][voice][answer]` is this times the group's size.
    pub logits: usize,
    /// Index in [`Tokens::cells`].
    pub cell: usize,
}

/// All questions of a group in the order of their logits; steps that do not exist are left out.
pub fn places(tokens: &Tokens, group: &Group, vocabulary: &Vocabulary) -> Vec<Place> {
    let voices = group.fields.len();
    let mut places = Vec::with_capacity(tokens.steps() * voices);
    for patch in 0..tokens.patches() {
        for (within, step) in tokens.patch(patch).enumerate() {
            for (voice, field) in group.fields.iter().enumerate() {
                places.push(Place {
                    logits: (patch * PATCH + within) * voices + voice,
                    cell: step * vocabulary.len() + field,
                });
            }
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use sceneloop_music::Metre;

    #[test]
    fn groups_hold_every_field_once() {
        let vocabulary = Vocabulary::new();
        let groups = groups(&vocabulary);
        assert_eq!(groups.len(), 3 + 2 + 6 * 3);
        let mut fields: Vec<usize> = groups.iter().flat_map(|group| group.fields.clone()).collect();
        fields.sort_unstable();
        assert_eq!(fields, (0..vocabulary.len()).collect::<Vec<_>>());
        for group in &groups {
            assert!(group.fields.iter().all(|field| {
                let field = vocabulary.fields()[*field];
                (field.row, field.kind, usize::from(field.size)) == (group.row, group.kind, group.size)
            }));
        }
        for row in Row::all() {
            let width: usize = groups.iter().filter(|group| group.row == row).map(Group::width).sum();
            assert_eq!(width, vocabulary.row_size(row));
            // The fields of a row share its logits out among them, each its own.
            let offsets = offsets(&vocabulary);
            let mut taken: Vec<usize> = vocabulary
                .row(row)
                .flat_map(|field| (0..usize::from(vocabulary.fields()[field].size)).map(move |k| (field, k)))
                .map(|(field, k)| offsets[field] + k)
                .collect();
            taken.sort_unstable();
            assert_eq!(taken, (0..width).collect::<Vec<_>>());
        }
    }

    #[test]
    fn one_stands_at_each_answer_or_mask() {
        let vocabulary = Vocabulary::new();
        // 14 steps a bar: the last patch of each has two.
        let mut tokens = Tokens::masked("7/8".parse::<Metre>().unwrap(), 2, &vocabulary);
        assert_eq!(tokens.patches(), 8);
        for (index, cell) in tokens.cells.iter_mut().enumerate() {
            let size = vocabulary.fields()[index % vocabulary.len()].size;
            if index % 3 != 0 {
                *cell = (index % usize::from(size)) as u8;
            }
        }
        for row in Row::all() {
            let width = input_width(&vocabulary, row);
            let mut out = vec![9.0; tokens.patches() * width];
            write_inputs(&tokens, row, &vocabulary, &mut out);
            assert!(out.iter().all(|x| *x == 0.0 || *x == 1.0));
            let ones = out.iter().filter(|x| **x == 1.0).count();
            assert_eq!(ones, tokens.steps() * vocabulary.row(row).len());
            // The first field of the row at step 15, the second of the second bar: patch 4, step 1 of it.
            let field = vocabulary.row(row).start;
            let size = usize::from(vocabulary.fields()[field].size);
            let answer = tokens.at(15, field, &vocabulary);
            let place = if answer == MASK { size } else { usize::from(answer) };
            assert_eq!(out[4 * width + width / PATCH + place], 1.0);
        }
    }

    #[test]
    fn places_lead_from_logits_to_cells() {
        let vocabulary = Vocabulary::new();
        let tokens = Tokens::masked("7/8".parse::<Metre>().unwrap(), 2, &vocabulary);
        let mut seen = vec![0; tokens.cells.len()];
        for group in groups(&vocabulary) {
            let places = places(&tokens, &group, &vocabulary);
            assert!(places.windows(2).all(|pair| pair[0].logits < pair[1].logits));
            let last = tokens.patches() * PATCH * group.fields.len();
            assert!(places.iter().all(|place| place.logits < last));
            places.iter().for_each(|place| seen[place.cell] += 1);
        }
        assert!(seen.iter().all(|count| *count == 1));
    }
}
