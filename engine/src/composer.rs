//! The thread that thinks: it is asked for loops by their [`LoopKey`] and answers with notes.
//!
//! It owns the library of loops composed so far. It may take its time: the renderer asks ahead, and plays on with what
//! it has while it waits.

use crate::arranger::LoopKey;
use crate::health::Health;
use crate::loudness::Levels;
use crate::stream::Message;
use crate::teacher;
use crossbeam_channel::{Receiver, Sender};
use sceneloop_music::{Chord, ChordQuality, Clip, Key, LoopGrid, Note, PitchClass, Rank, Role, Scene};
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// The name of the arranger of rules in reports and in the window.
pub const TEACHER: &str = "teacher";

/// How many loops the library keeps; a loop is some 10 kB.
const LIBRARY_SIZE: usize = 256;

/// A loop with what the renderer needs to know of it.
#[derive(Debug)]
pub struct Composed {
    /// Its name.
    pub key: LoopKey,
    /// Its notes.
    pub grid: Arc<LoopGrid>,
    /// The scene it was written for.
    pub scene: Arc<Scene>,
    /// Gain that brings the scene's mix to its loudness, linear.
    pub trim: f32,
    /// Who wrote it.
    pub composer: &'static str,
}

/// What the composer is asked.
pub(crate) enum Job {
    /// Compose a loop and send it to the renderer that asked.
    Compose { key: LoopKey, scene: Arc<Scene>, reply: Sender<Message> },
    /// End the thread.
    Stop,
}

/// Loops by name, the newest kept. Shared between the composer (writes) and the main thread (state); never touched by
/// the audio thread.
#[derive(Debug, Default)]
pub struct Library {
    loops: HashMap<LoopKey, Arc<LoopGrid>>,
    /// Oldest first.
    order: Vec<LoopKey>,
}

impl Library {
    /// The loop of that name.
    pub fn get(&self, key: &LoopKey) -> Option<Arc<LoopGrid>> {
        self.loops.get(key).cloned()
    }

    /// Keeps a loop; the oldest goes where there are too many.
    pub fn insert(&mut self, key: LoopKey, grid: Arc<LoopGrid>) {
        if self.loops.insert(key, grid).is_none() {
            self.order.push(key);
        }
        while self.order.len() > LIBRARY_SIZE {
            let oldest = self.order.remove(0);
            self.loops.remove(&oldest);
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

/// Runs until told to stop or until nobody can ask any more.
pub(crate) fn run(jobs: &Receiver<Job>, library: &Mutex<Library>, levels: &Levels, health: &Health) {
    while let Ok(Job::Compose { key, scene, reply }) = jobs.recv() {
        let started = Instant::now();
        let composed = catch_unwind(AssertUnwindSafe(|| loop_of(key, &scene, library)));
        let grid = match composed {
            Ok(Ok(grid)) => grid,
            Ok(Err(error)) => {
                health.set_error(Some(format!("A loop was not valid ({error}); a plain one plays instead.")));
                Arc::new(plain(&key))
            }
            Err(_) => {
                health.worker_restarted("composer");
                Arc::new(plain(&key))
            }
        };
        health.set_compose_ms(started.elapsed().as_secs_f32() * 1e3);
        let trim = levels.trim(&scene);
        // The renderer may have ended meanwhile; then nobody wants the loop.
        let _ = reply.send(Message::Loop(Arc::new(Composed { key, grid, scene, trim, composer: TEACHER })));
    }
}

/// The loop of a key: from the library, or composed. Every loop but the first of the song is a variation of the
/// first, so that a jump to any place needs two compositions at most.
pub(crate) fn loop_of(
    key: LoopKey,
    scene: &Scene,
    library: &Mutex<Library>,
) -> Result<Arc<LoopGrid>, sceneloop_music::GridError> {
    let known = |key: &LoopKey| library.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).get(key);
    if let Some(grid) = known(&key) {
        return Ok(grid);
    }
    let theme = if key.index == 0 { None } else { Some(loop_of(key.at_index(0), scene, library)?) };
    let grid = teacher::compose(&teacher::Request {
        scene,
        key: key_of(&key),
        metre: key.metre,
        bars: key.bars,
        seed: key.compose_seed(),
        previous: theme.as_deref(),
    });
    grid.validate()?;
    let grid = Arc::new(grid);
    library.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).insert(key, grid.clone());
    Ok(grid)
}

/// Loops are composed on C and transposed where they are played.
fn key_of(key: &LoopKey) -> Key {
    Key::new(PitchClass::new(0), key.mode)
}

/// What plays where composing failed: the tonic, and its fifth where the mode has one, held by pad and bass. Valid in
/// every mode.
fn plain(key: &LoopKey) -> LoopGrid {
    let mut grid = LoopGrid::empty(key.metre, key.bars, key_of(key), plain_chord(key));
    let bar = key.metre.steps_per_bar() as u16;
    let held = |pitch: i8| {
        let note = move |index: u16| {
            let onset = index * bar;
            Note { onset, duration: bar, pitch, velocity: 80, rank: Rank::ALWAYS }
        };
        (0..u16::from(key.bars)).map(note).collect::<Vec<_>>()
    };
    grid.clips[Role::Bass] = Clip::new(held(-24));
    let pad = if key.mode.contains(7) { [held(-12), held(-5)].concat() } else { held(-12) };
    grid.clips[Role::Pad] = Clip::new(pad);
    grid
}

/// A chord of the mode that holds the tonic: on the tonic if the mode has one there (the 角 mode has none).
fn plain_chord(key: &LoopKey) -> Chord {
    let harmony = key.mode.harmony();
    (0..12)
        .flat_map(|root| ChordQuality::ALL.map(|quality| Chord::new(root, quality)))
        .find(|chord| chord.contains(0) && chord.pitch_classes().all(|class| harmony.contains(&class)))
        .unwrap_or(Chord::new(0, ChordQuality::Power))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sceneloop_music::{Metre, Mode};

    #[test]
    fn the_plain_loop_is_valid_everywhere() {
        for mode in Mode::ALL {
            for (metre, bars) in [("4/4", 4), ("7/8", 1), ("12/8", 8)] {
                let key = LoopKey { scene: 1, seed: 1, mode, metre: metre.parse().unwrap(), bars, index: 0 };
                assert_eq!(plain(&key).validate(), Ok(()), "{mode} {metre}");
            }
        }
    }

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
            library.insert(key(index), Arc::new(plain(&key(index))));
        }
        assert!(library.get(&key(0)).is_none());
        assert!(library.get(&key(1)).is_some());
    }
}
