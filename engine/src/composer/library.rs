//! The loops composed so far.

use super::TEACHER;
use crate::arranger::LoopKey;
use crate::edits;
use sceneloop_music::{LoopGrid, Scene};
use std::collections::HashMap;
use std::sync::Arc;

/// How many loops the library keeps; a loop is some 10 kB.
const LIBRARY_SIZE: usize = 256;

#[derive(Debug, Clone)]
struct Entry {
    grid: Arc<LoopGrid>,
    author: &'static str,
    /// Whether the network would write it again as it is.
    follows: bool,
}

/// Loops by name, the newest kept. Shared between the composer (writes) and the main thread (state); never touched by
/// the audio thread.
#[derive(Debug, Default)]
pub struct Library {
    loops: HashMap<LoopKey, Entry>,
    /// Oldest first.
    order: Vec<LoopKey>,
    /// Loops that something is held of, or was, by their numbers. Few: each was asked for by hand.
    held: HashMap<u64, Arc<LoopGrid>>,
}

impl Library {
    /// The loop of that name.
    pub fn get(&self, key: &LoopKey) -> Option<Arc<LoopGrid>> {
        self.loops.get(key).map(|entry| entry.grid.clone())
    }

    /// The loop of that name, and who wrote it.
    pub(crate) fn find(&self, key: &LoopKey) -> Option<(Arc<LoopGrid>, &'static str)> {
        self.loops.get(key).map(|entry| (entry.grid.clone(), entry.author))
    }

    /// Who wrote the loop of that name.
    pub fn author(&self, key: &LoopKey) -> Option<&'static str> {
        self.loops.get(key).map(|entry| entry.author)
    }

    /// Whether the network would write the loop of that name again as it is.
    pub(crate) fn follows(&self, key: &LoopKey) -> bool {
        self.loops.get(key).is_some_and(|entry| entry.follows)
    }

    /// The loops of the song of a key, its themes among them, the nearest to it first; of two as near the earlier.
    pub fn song(&self, key: &LoopKey, scene: &Scene) -> Vec<(LoopKey, Arc<LoopGrid>)> {
        let of_song = self.loops.iter().filter(|(known, _)| key.is_song_of(scene, known));
        let mut song: Vec<_> = of_song.map(|(known, entry)| (*known, entry.grid.clone())).collect();
        song.sort_by_key(|(known, _)| (known.index.abs_diff(key.index), known.index, known.is_theme()));
        song
    }

    /// What does not follow from its name, and would be lost. Where a network writes: loops by the teacher, who helped out, those that were
    /// written in a hurry, and those that a project brought along. Where the teacher does: all others.
    /// The newest first, without those of the song of a key.
    pub fn strangers(&self, key: &LoopKey, scene: &Scene, by_teacher: bool) -> Vec<(LoopKey, Arc<LoopGrid>)> {
        let others = self.order.iter().rev().filter(|known| !key.is_song_of(scene, known));
        let stranger = |known: &LoopKey| {
            let entry = self.loops.get(known)?;
            let follows = if by_teacher { entry.author == TEACHER } else { entry.follows };
            (!follows).then(|| (*known, entry.grid.clone()))
        };
        others.filter_map(stranger).collect()
    }

    /// Keeps a loop; the oldest goes where there are too many, but the themes of a song, of which the others are made, not before them.
    /// `follows` says whether the network would write it again as it is.
    pub fn insert(&mut self, key: LoopKey, grid: Arc<LoopGrid>, author: &'static str, follows: bool) {
        if self.loops.insert(key, Entry { grid, author, follows }).is_none() {
            self.order.push(key);
        }
        while self.order.len() > LIBRARY_SIZE {
            let oldest = self.order.iter().position(|known| !known.is_theme()).unwrap_or(0);
            self.loops.remove(&self.order.remove(oldest));
        }
    }

    /// Forgets a loop if that is who wrote it.
    pub(crate) fn remove(&mut self, key: &LoopKey, author: &'static str) {
        if self.author(key) == Some(author) {
            self.loops.remove(key);
            self.order.retain(|known| known != key);
        }
    }

    /// Keeps a loop that something is to be held of, and gives its number.
    pub(crate) fn hold(&mut self, grid: &LoopGrid) -> u64 {
        let (number, grid) = edits::numbered(grid);
        self.held.insert(number, grid);
        number
    }

    /// A loop that something is held of.
    pub(crate) fn held(&self, number: u64) -> Option<Arc<LoopGrid>> {
        self.held.get(&number).cloned()
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arranger::{Part, identity};
    use crate::assets::Assets;
    use crate::composer::NETWORK;
    use crate::composer::plain::plain;
    use crate::edits::Edits;
    use sceneloop_music::{Metre, Mode};

    #[test]
    fn the_library_forgets_the_oldest() {
        let key = |index| LoopKey {
            scene: 1,
            seed: 1,
            mode: Mode::Ionian,
            metre: Metre::FOUR_FOUR,
            bars: 4,
            index,
            part: Part::Plain,
            edits: Edits::default(),
        };
        let mut library = Library::default();
        for index in 0..=LIBRARY_SIZE as i64 {
            library.insert(key(index), Arc::new(plain(&key(index))), "test", false);
        }
        assert!(library.get(&key(0)).is_some(), "the others are variations of it");
        assert!(library.get(&key(1)).is_none());
        assert!(library.get(&key(2)).is_some());
        for seed in 0..=LIBRARY_SIZE as u32 {
            let first = LoopKey { seed, ..key(0) };
            library.insert(first, Arc::new(plain(&first)), "test", false);
        }
        assert!(library.get(&key(0)).is_none());
        assert_eq!(library.order.len(), LIBRARY_SIZE);
    }

    #[test]
    fn a_song_is_given_from_one_of_its_loops_outwards() {
        let scene = Assets::shipped().unwrap().scenes.parse("techno").unwrap();
        let key = |seed, index| LoopKey {
            scene: identity(&scene),
            seed,
            mode: Mode::Ionian,
            metre: Metre::FOUR_FOUR,
            bars: 4,
            index,
            part: Part::Plain,
            edits: Edits::default(),
        };
        let mut library = Library::default();
        for (seed, index) in [(1, -2), (1, 0), (1, 3), (1, 5), (1, 7), (2, 4)] {
            library.insert(key(seed, index), Arc::new(plain(&key(seed, index))), "test", false);
        }
        for (seed, follows) in [(3, true), (4, false)] {
            library.insert(key(seed, 1), Arc::new(plain(&key(seed, 1))), NETWORK, follows);
        }
        let strangers: Vec<u32> =
            library.strangers(&key(1, 5), &scene, false).iter().map(|(key, _)| key.seed).collect();
        assert_eq!(strangers, [4, 2]);
        let song =
            |key: LoopKey| library.song(&key, &scene).iter().map(|(key, _)| key.index).collect::<Vec<_>>();
        assert_eq!(song(key(1, 5)), [5, 3, 7, 0, -2]);
        // Of plain loops only the theme belongs to a song with sections.
        let section = LoopKey { part: Part::Section, ..key(1, 9) };
        assert_eq!(song(section), [0]);
        for key in [LoopKey { part: Part::Theme, ..key(1, 2) }, section, section.at_index(11)] {
            library.insert(key, Arc::new(plain(&key)), "test", false);
        }
        let song: Vec<_> =
            library.song(&section, &scene).iter().map(|(key, _)| (key.part, key.index)).collect();
        assert_eq!(song, [(Part::Section, 9), (Part::Section, 11), (Part::Theme, 2), (Part::Plain, 0)]);
    }
}
