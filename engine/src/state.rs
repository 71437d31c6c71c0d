//! What a project remembers of the engine.

use crate::arranger::LoopKey;
use crate::error::EngineError;
use sceneloop_music::LoopGrid;
use serde::{Deserialize, Serialize};

/// A loop with its name, so that a project plays the same notes even if the composer has changed since.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PinnedLoop {
    /// Its name.
    pub key: LoopKey,
    /// Its notes.
    pub grid: LoopGrid,
}

/// The saved state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EngineState {
    /// [`Self::VERSION`] of the program that wrote it.
    pub version: u32,
    /// The scene.
    pub scene: String,
    /// The loop that plays, the first of its song, which it varies, and what else was heard of that song.
    #[serde(default)]
    pub loops: Vec<PinnedLoop>,
}

impl EngineState {
    /// The version this program writes; it reads all up to it.
    pub const VERSION: u32 = 1;
    /// More loops than this are not saved, and refused.
    pub const MAX_LOOPS: usize = 64;

    /// Checks version and loops.
    ///
    /// # Errors
    /// [`EngineError::State`] or [`EngineError::Loop`] with the reason.
    pub fn check(&self) -> Result<(), EngineError> {
        if self.version > Self::VERSION {
            return Err(EngineError::State(format!(
                "it was written by a newer version (format {}, this program reads up to {})",
                self.version,
                Self::VERSION
            )));
        }
        if self.loops.len() > Self::MAX_LOOPS {
            return Err(EngineError::State(format!("it holds {} loops", self.loops.len())));
        }
        for pinned in &self.loops {
            pinned.grid.validate()?;
            let LoopKey { metre, bars, mode, .. } = pinned.key;
            if (metre, bars, mode) != (pinned.grid.metre, pinned.grid.bars, pinned.grid.key.mode) {
                return Err(EngineError::State("a loop does not fit its name".into()));
            }
        }
        Ok(())
    }
}
