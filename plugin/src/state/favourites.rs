//! Loops that the user has starred. They are saved with the project, so that they are there when the history has long gone past them.

use nice_plug::params::persist::PersistentField;
use sceneloop_engine::arranger::LoopKey;
use sceneloop_engine::{Engine, NowPlaying};
use sceneloop_music::LoopGrid;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Who wrote a loop that was saved.
const SAVED: &str = "saved";

/// A loop with all that is needed to play it again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Favourite {
    scene: String,
    key: LoopKey,
    /// In the key that sounded.
    grid: Arc<LoopGrid>,
}

impl Favourite {
    fn of(one: &NowPlaying) -> Self {
        Self { scene: one.scene.text.clone(), key: one.key, grid: one.grid.clone() }
    }

    fn is(&self, one: &NowPlaying) -> bool {
        self.key == one.key && self.grid.key == one.grid.key
    }
}

/// The starred loops, the newest first. Written by the window and by a load, read by the window and by a save.
#[derive(Default)]
pub struct Favourites(Mutex<Vec<Favourite>>);

impl Favourites {
    /// Most of them: each takes some kilobytes of the project.
    pub const MOST: usize = 64;

    /// All of them as loops that have played. One whose scene this version does not know is kept and not shown.
    pub fn loops(&self, engine: &Engine) -> Vec<Arc<NowPlaying>> {
        let playing = |one: &Favourite| {
            let scene = engine.scene_table().parse(&one.scene).ok()?;
            let place = one.key.is_of(&scene).then(|| one.key.place(&scene)).flatten();
            let (grid, key, loop_index) = (one.grid.clone(), one.key, one.key.index);
            let scene = Arc::new(scene);
            Some(Arc::new(NowPlaying { grid, scene, key, loop_index, place, began: 0.0, composer: SAVED }))
        };
        self.lock().iter().filter_map(playing).collect()
    }

    /// Whether a loop is one of them.
    pub fn holds(&self, one: &NowPlaying) -> bool {
        self.lock().iter().any(|known| known.is(one))
    }

    /// Stars a loop, or takes its star. Of too many the oldest goes.
    pub fn turn(&self, one: &NowPlaying) {
        let mut all = self.lock();
        let before = all.len();
        all.retain(|known| !known.is(one));
        if all.len() == before {
            all.insert(0, Favourite::of(one));
            all.truncate(Self::MOST);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Favourite>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PersistentField<'_, Vec<Favourite>> for Favourites {
    fn set(&self, mut all: Vec<Favourite>) {
        // What is no loop cannot be played.
        all.retain(|one| one.grid.validate().is_ok());
        all.truncate(Self::MOST);
        *self.lock() = all;
    }

    fn map<F, R>(&self, read: F) -> R
    where
        F: Fn(&Vec<Favourite>) -> R,
    {
        read(&self.lock())
    }
}
