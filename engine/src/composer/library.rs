//! The loops composed so far.

use crate::arranger::LoopKey;
use sceneloop_music::LoopGrid;
use std::collections::HashMap;
use std::sync::Arc;

/// How many loops the library keeps; a loop is some 10 kB.
const LIBRARY_SIZE: usize = 256;

/// Loops by name, the newest kept. Shared between the composer (writes) and the main thread (state); never touched by
/// the audio thread.
#[derive(Debug, Default)]
pub struct Library {
    loops: HashMap<LoopKey, (Arc<LoopGrid>, &'static str)>,
    /// Oldest first.
    order: Vec<LoopKey>,
}

impl Library {
    /// The loop of that name.
    pub fn get(&self, key: &LoopKey) -> Option<Arc<LoopGrid>> {
        self.find(key).map(|(grid, _)| grid)
    }

    /// The loop of that name, and who wrote it.
    pub(crate) fn find(&self, key: &LoopKey) -> Option<(Arc<LoopGrid>, &'static str)> {
        self.loops.get(key).cloned()
    }

    /// Keeps a loop; the oldest goes where there are too many.
    pub fn insert(&mut self, key: LoopKey, grid: Arc<LoopGrid>, author: &'static str) {
        if self.loops.insert(key, (grid, author)).is_none() {
            self.order.push(key);
        }
        while self.order.len() > LIBRARY_SIZE {
            let oldest = self.order.remove(0);
            self.loops.remove(&oldest);
        }
    }

    /// Forgets a loop if that is who wrote it.
    pub(crate) fn remove(&mut self, key: &LoopKey, author: &'static str) {
        if self.find(key).is_some_and(|(_, written_by)| written_by == author) {
            self.loops.remove(key);
            self.order.retain(|known| known != key);
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::composer::plain::plain;
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
        };
        let mut library = Library::default();
        for index in 0..=LIBRARY_SIZE as i64 {
            library.insert(key(index), Arc::new(plain(&key(index))), "test");
        }
        assert!(library.get(&key(0)).is_none());
        assert!(library.get(&key(1)).is_some());
    }
}
