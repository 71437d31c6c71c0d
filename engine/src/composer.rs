//! The thread that thinks: it is asked for loops by their [`LoopKey`] and answers with notes, in time.
//!
//! It owns the library of loops composed so far, and knows two who write: the teacher, who is done at once, and the
//! network, which takes its time on a thread of its own (`network`). Whoever asks says by when the loop is wanted. What the
//! network cannot have done by then the teacher writes; whatever was given out first for a key is what it stays.
//!
//! ```text
//!  renderer ──Job──▶ composer ──Ask──▶ network's thread ──▶ graphics card, or quiet threads
//!           ◀─Loop──          ◀─Word──
//! ```

mod alternatives;
mod library;
mod network;
mod plain;

pub use alternatives::{Alternative, Alternatives, Given, Order, alternatives};
pub use library::Library;

use crate::arranger::LoopKey;
use crate::health::Health;
use crate::loudness::Levels;
use crate::stream::Message;
use crate::teacher;
use crossbeam_channel::{Receiver, Sender, never, select_biased, unbounded};
use network::{Ask, Network, Word};
use plain::plain;
use sceneloop_model::generator::composing_key;
use sceneloop_music::{LoopGrid, Scene};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The name of the arranger of rules in reports and in the window.
pub const TEACHER: &str = "teacher";
/// The name of the network.
pub const NETWORK: &str = "network";

/// The name of a loop that a project brought along: whoever wrote it is not known any more.
pub const SAVED: &str = "saved";

/// How long a bounce waits for the network to be ready before the teacher takes over.
const READY_PATIENCE: Duration = Duration::from_secs(60);

/// Who is to write the notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Author {
    /// The network where it can be had, else the teacher.
    Auto,
    /// The network; the teacher only helps out where it would be late or cannot run.
    Network,
    /// The teacher alone. No network is loaded.
    #[default]
    Teacher,
}

/// Who is to write, and where a network is to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Preference {
    /// Who writes.
    pub author: Author,
    /// Where the network runs.
    pub device: sceneloop_model::Choice,
}

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
    /// Compose a loop and send it to the renderer that asked. Without `due` it may take as long as it takes.
    Compose { key: LoopKey, scene: Arc<Scene>, due: Option<Instant>, reply: Sender<Message> },
    /// End the thread.
    Stop,
}

/// Somebody who waits for the network.
struct Waiting {
    key: LoopKey,
    scene: Arc<Scene>,
    due: Instant,
    reply: Sender<Message>,
}

/// What the composer's thread owns.
pub(crate) struct Composer {
    pub library: Arc<Mutex<Library>>,
    pub levels: &'static Levels,
    pub health: Arc<Health>,
    pub preference: Preference,
}

impl Composer {
    /// Runs until told to stop or until nobody can ask any more.
    pub fn run(self, jobs: &Receiver<Job>) {
        let (words_in, mut words) = unbounded();
        let mut network = match self.preference.author {
            Author::Teacher => None,
            Author::Auto | Author::Network => Network::start(self.preference.device, words_in, &self.health),
        };
        let mut waiting: Vec<Waiting> = Vec::new();
        loop {
            let next = waiting.iter().map(|one| one.due).min();
            let overdue = next.map_or_else(never, crossbeam_channel::at);
            select_biased! {
                recv(words) -> word => match word {
                    Ok(word) => self.hear(word, &mut waiting, &mut network),
                    // The network's thread has ended, or never began.
                    Err(_) => {
                        words = never();
                        self.lose(&mut waiting, &mut network);
                    }
                },
                recv(jobs) -> job => match job {
                    Ok(Job::Compose { key, scene, due, reply }) => {
                        self.take(Waiting { key, scene, due: due.unwrap_or_else(|| Instant::now() + READY_PATIENCE), reply }, due.is_some(), &mut waiting, network.as_ref());
                    }
                    Ok(Job::Stop) | Err(_) => return,
                },
                recv(overdue) -> _ => {
                    let now = Instant::now();
                    for late in waiting.extract_if(.., |one| one.due <= now) {
                        self.teach(late);
                    }
                }
            }
        }
    }

    /// From here on the teacher writes alone.
    fn lose(&self, waiting: &mut Vec<Waiting>, network: &mut Option<Network>) {
        *network = None;
        waiting.drain(..).for_each(|one| self.teach(one));
    }

    /// A loop is wanted.
    fn take(&self, one: Waiting, live: bool, waiting: &mut Vec<Waiting>, network: Option<&Network>) {
        if let Some((grid, author)) = self.known(&one.key) {
            return self.give(&one, grid, author);
        }
        let theme = self.known(&one.key.at_index(0)).map(|(grid, _)| grid);
        match network {
            // In a bounce everything waits; live, what cannot be there in time is not even begun for now.
            Some(network) if !live || network.is_in_time(one.due) => {
                network.ask(Ask { key: one.key, scene: one.scene.clone(), theme });
                waiting.push(one);
            }
            _ => self.teach(one),
        }
    }

    /// The network has something to say.
    fn hear(&self, word: Word, waiting: &mut Vec<Waiting>, network: &mut Option<Network>) {
        match word {
            Word::Ready { place } => {
                self.health.set_composer(NETWORK, &place);
                if let Some(network) = network {
                    network.ready();
                }
            }
            Word::Written { key, grid, seconds } => {
                self.health.set_compose_ms(seconds * 1e3);
                if let Some(network) = network {
                    network.took(seconds);
                }
                match grid {
                    // The teacher may have been quicker; then the loop is what the teacher wrote.
                    Ok(grid) if self.known(&key).is_none() => self.keep(key, grid, NETWORK),
                    Ok(_) => {}
                    Err(sentence) => self.health.set_error(Some(sentence)),
                }
                for one in waiting.extract_if(.., |one| one.key == key) {
                    match self.known(&key) {
                        Some((grid, author)) => self.give(&one, grid, author),
                        None => self.teach(one),
                    }
                }
            }
            Word::Failed { sentence } => {
                self.health.set_composer(TEACHER, "CPU");
                self.health.set_error(Some(sentence));
                self.lose(waiting, network);
            }
        }
    }

    /// The teacher writes at once.
    fn teach(&self, one: Waiting) {
        let started = Instant::now();
        let written = catch_unwind(AssertUnwindSafe(|| taught(one.key, &one.scene, &self.library)));
        let grid = match written {
            Ok(Ok(grid)) => grid,
            Ok(Err(error)) => {
                let sentence = format!("A loop was not valid ({error}); a plain one plays instead.");
                self.health.set_error(Some(sentence));
                Arc::new(plain(&one.key))
            }
            Err(_) => {
                self.health.worker_restarted("composer");
                Arc::new(plain(&one.key))
            }
        };
        self.health.set_compose_ms(started.elapsed().as_secs_f32() * 1e3);
        self.give(&one, grid, TEACHER);
    }

    fn give(&self, one: &Waiting, grid: Arc<LoopGrid>, author: &'static str) {
        let trim = self.levels.trim(&one.scene);
        let composed = Composed { key: one.key, grid, scene: one.scene.clone(), trim, composer: author };
        // The renderer may have ended meanwhile; then nobody wants the loop.
        let _ = one.reply.send(Message::Loop(Arc::new(composed)));
    }

    fn known(&self, key: &LoopKey) -> Option<(Arc<LoopGrid>, &'static str)> {
        lock(&self.library).find(key)
    }

    fn keep(&self, key: LoopKey, grid: Arc<LoopGrid>, author: &'static str) {
        lock(&self.library).insert(key, grid, author);
    }
}

fn lock(library: &Mutex<Library>) -> std::sync::MutexGuard<'_, Library> {
    library.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// What the teacher is asked for the loop of a key. Loops are composed on C and transposed where they are played.
fn request<'a>(key: &LoopKey, scene: &'a Scene, previous: Option<&'a LoopGrid>) -> teacher::Request<'a> {
    teacher::Request {
        scene,
        key: composing_key(key.mode),
        metre: key.metre,
        bars: key.bars,
        seed: key.compose_seed(),
        previous,
    }
}

/// The loop of a key: from the library, or by the teacher. Every loop but the first of the song is a variation of the
/// first, so that a jump to any place needs two compositions at most.
pub(crate) fn taught(
    key: LoopKey,
    scene: &Scene,
    library: &Mutex<Library>,
) -> Result<Arc<LoopGrid>, sceneloop_music::GridError> {
    if let Some((grid, _)) = lock(library).find(&key) {
        return Ok(grid);
    }
    let theme = if key.index == 0 { None } else { Some(taught(key.at_index(0), scene, library)?) };
    let grid = teacher::compose(&request(&key, scene, theme.as_deref()));
    grid.validate()?;
    let grid = Arc::new(grid);
    lock(library).insert(key, grid.clone(), TEACHER);
    Ok(grid)
}
