//! What the window shows of the music: the loop that plays, the next, and those before.

use crate::arranger::{LoopKey, SectionPlace};
use crate::composer::Composed;
use sceneloop_music::{LoopGrid, Scene};
use std::collections::VecDeque;
use std::sync::Arc;

/// A loop that plays or has played, for the window and for reports.
#[derive(Debug, Clone)]
pub struct NowPlaying {
    /// Its notes, in the key that sounds.
    pub grid: Arc<LoopGrid>,
    /// The scene it was written for.
    pub scene: Arc<Scene>,
    /// Its name.
    pub key: LoopKey,
    /// Its place in the song, counted in loops.
    pub loop_index: i64,
    /// Where it lies in the song's form, if that has sections.
    pub place: Option<SectionPlace>,
    /// Song position at which it began to play, quarter notes.
    pub began: f64,
    /// Who wrote it.
    pub composer: &'static str,
}

impl NowPlaying {
    /// Whether both are the same notes at the same place of the song.
    pub fn is_same_loop(&self, other: &Self) -> bool {
        self.key == other.key && self.grid.key == other.grid.key
    }
}

/// Written by the renderer, read by main thread and window; never touched by the audio thread.
#[derive(Debug, Default)]
pub(crate) struct Board {
    /// The loop that plays, if one has begun.
    pub now: Option<Arc<NowPlaying>>,
    /// The one that is to come after it, once it has been written.
    pub next: Option<Arc<Composed>>,
    /// What has played, that which plays now last.
    history: VecDeque<Arc<NowPlaying>>,
}

impl Board {
    /// How many loops are remembered.
    pub const MOST: usize = 64;

    /// A loop begins to play. One that begins again, after a jump or where the host goes round, is not another.
    pub fn begin(&mut self, now: Arc<NowPlaying>) {
        if let Some(at) = self.history.iter().rposition(|before| before.is_same_loop(&now)) {
            self.history.remove(at);
        }
        self.history.push_back(now.clone());
        if self.history.len() > Self::MOST {
            self.history.pop_front();
        }
        self.now = Some(now);
    }

    /// What has played, the newest first.
    pub fn history(&self) -> Vec<Arc<NowPlaying>> {
        self.history.iter().rev().cloned().collect()
    }
}
