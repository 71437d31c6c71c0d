//! Originality: how much of what is written stands in the music that was learned from.

use sceneloop_music::{LoopGrid, Role};
use std::collections::{HashMap, HashSet};

/// Notes that two bars must have to be told from others.
const ENOUGH: usize = 4;

/// Two bars of a line: onset from the first bar line and pitch from its first note.
pub type Phrase = Vec<(u16, i8)>;

/// All phrases of two bars of a role.
pub fn phrases(grid: &LoopGrid, role: Role) -> Vec<Phrase> {
    let bar = grid.metre.steps_per_bar() as u16;
    (0..u16::from(grid.bars).saturating_sub(1))
        .filter_map(|first| {
            let inside = grid.clips[role]
                .notes
                .iter()
                .filter(|note| (first * bar..(first + 2) * bar).contains(&note.onset));
            let notes: Phrase = inside.map(|note| (note.onset - first * bar, note.pitch)).collect();
            let lowest = notes.first()?.1;
            (notes.len() >= ENOUGH)
                .then(|| notes.iter().map(|(onset, pitch)| (*onset, pitch - lowest)).collect())
        })
        .collect()
}

/// Which pieces each phrase stands in.
#[derive(Debug, Default)]
pub struct Known {
    pieces: HashMap<(Role, Phrase), HashSet<usize>>,
}

impl Known {
    /// Remembers the phrases of a piece.
    pub fn learn(&mut self, piece: usize, grid: &LoopGrid) {
        for role in [Role::Lead, Role::Bass] {
            for phrase in phrases(grid, role) {
                self.pieces.entry((role, phrase)).or_default().insert(piece);
            }
        }
    }

    /// Shares of the phrases of some loops that are known at all, and that stand in the one piece that has most of them. Nothing without
    /// phrases.
    pub fn overlap(&self, loops: &[LoopGrid], role: Role) -> Option<(f64, f64)> {
        let all: Vec<Phrase> = loops.iter().flat_map(|grid| phrases(grid, role)).collect();
        let found: Vec<&HashSet<usize>> =
            all.iter().filter_map(|phrase| self.pieces.get(&(role, phrase.clone()))).collect();
        let mut of_piece: HashMap<usize, usize> = HashMap::new();
        found
            .iter()
            .flat_map(|pieces| pieces.iter())
            .for_each(|piece| *of_piece.entry(*piece).or_default() += 1);
        let most = of_piece.values().max().copied().unwrap_or(0);
        (!all.is_empty()).then(|| (found.len() as f64 / all.len() as f64, most as f64 / all.len() as f64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sceneloop_music::{Chord, ChordQuality, Clip, Key, Metre, Note, Rank};

    fn tune(pitches: &[i8]) -> LoopGrid {
        let mut grid =
            LoopGrid::empty(Metre::FOUR_FOUR, 2, Key::default(), Chord::new(0, ChordQuality::Major));
        let note = |(index, pitch): (usize, &i8)| Note {
            onset: 4 * index as u16,
            duration: 4,
            pitch: *pitch,
            velocity: 90,
            rank: Rank::ALWAYS,
        };
        grid.clips[Role::Lead] = Clip::new(pitches.iter().enumerate().map(note).collect());
        grid
    }

    #[test]
    fn a_tune_is_known_wherever_it_is_transposed_to() {
        let mut known = Known::default();
        known.learn(1, &tune(&[0, 2, 4, 5, 7]));
        let overlap = |grids: &[LoopGrid]| known.overlap(grids, Role::Lead);
        assert_eq!(overlap(&[tune(&[2, 4, 6, 7, 9])]), Some((1.0, 1.0)));
        assert_eq!(overlap(&[tune(&[2, 4, 6, 7, 9]), tune(&[0, 2, 4, 5, 8])]), Some((0.5, 0.5)));
        assert_eq!(overlap(&[tune(&[0, 2])]), None);
    }
}
