//! What is likely to be wanted next, so that the network can write it before anybody asks.
//!
//! Of all that changes while the music plays only scene, seed, mode, metre, loop length and place in the song name
//! another loop ([`LoopKey`]). Energy, tonic, levels, tone and looseness do not: every loop holds its notes for all
//! energies, and is transposed where it is played. Which other scene or seed comes next is not known, so what is
//! written ahead is the song that plays: its theme, of which all others are made, and those to come.

use super::LoopKey;
use sceneloop_music::{Letter, LoopGrid, Scene};
use std::sync::Arc;

/// How many loops after the one asked for last are written ahead. The renderer asks for one itself.
pub(super) const LOOPS_AHEAD: i64 = 3;

/// The song that was asked for last, and what was written of it without being asked for.
#[derive(Default)]
pub(super) struct Ahead {
    song: Option<(LoopKey, Arc<Scene>)>,
    /// Nobody was given these yet.
    written: Vec<LoopKey>,
}

impl Ahead {
    /// Somebody wants a loop and plays on from it; whatever was to be written of another song is not any more.
    pub fn follow(&mut self, key: LoopKey, scene: &Arc<Scene>) {
        self.song = Some((key, scene.clone()));
    }

    /// The loop to write next, if one is missing.
    pub fn next(&self, is_known: impl Fn(&LoopKey) -> bool) -> Option<(LoopKey, Arc<Scene>)> {
        let (key, scene) = self.song.as_ref()?;
        let coming = key.index.saturating_add(1)..=key.index.saturating_add(LOOPS_AHEAD);
        let root = key.theme(scene, Letter::A);
        let mut keys = std::iter::once(root).chain(coming.map(|index| key.at_index(index)));
        keys.find(|key| !is_known(key)).map(|key| (key, scene.clone()))
    }

    /// A loop was written ahead, or could not be: then nothing more is tried until somebody asks again.
    pub fn wrote(&mut self, key: LoopKey, grid: &Result<Arc<LoopGrid>, String>) {
        match grid {
            Ok(_) => self.written.push(key),
            Err(_) => self.song = None,
        }
    }

    /// Somebody was given a loop.
    pub fn gave(&mut self, key: &LoopKey) {
        self.written.retain(|written| written != key);
    }

    /// What nobody was given, to be forgotten.
    pub fn drop_written(&mut self) -> Vec<LoopKey> {
        std::mem::take(&mut self.written)
    }
}
