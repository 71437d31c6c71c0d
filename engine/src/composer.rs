//! The thread that thinks: it is asked for loops by their [`LoopKey`] and answers with notes, in time.
//!
//! It owns the library of loops composed so far, and knows two who write: the teacher, who is done at once, and the
//! network, which takes its time on a thread of its own (`network`), started with the first loop that anybody asks for.
//! Whoever asks says by when the loop is wanted. What the network cannot have done by then the teacher writes. Whatever began to play
//! for a key is what it stays, and what a project saves. So what was heard is what is bounced, and what nobody has
//! heard yet follows from the seed. While nobody waits the network writes ahead what is likely next (`ahead`).
//!
//! ```text
//!  renderer ──Job──▶ composer ──Ask──▶ network's thread ──▶ graphics card, or quiet threads
//!           ◀─Loop──          ◀─Word──
//! ```

mod ahead;
mod alternatives;
mod composed;
mod graphics;
mod library;
mod network;
pub(crate) mod note;
mod plain;
mod preference;
mod rules;
mod workbench;

pub use alternatives::{Alternative, Alternatives, Given, Order, alternatives};
pub use composed::Composed;
pub use library::Library;
pub(crate) use preference::Switch;
pub use preference::{Author, Preference};
pub(crate) use rules::{request, taught};

use crate::arranger::{self, LoopKey};
use crate::fault::Fault;
use crate::health::Health;
use crate::loudness::Levels;
use crate::stream::Message;
use ahead::Ahead;
use crossbeam_channel::{Receiver, Sender, never, select_biased, unbounded};
use network::{Ask, Network, Word};
pub(crate) use plain::plain;
use rules::by_rules;
use sceneloop_model::Choice;
use sceneloop_model::score::CANDIDATES;
use sceneloop_music::{LoopGrid, Scene};
use sceneloop_render::SoundFontPlayer;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The name of the arranger of rules in reports and in the window.
pub const TEACHER: &str = "teacher";
/// The name of the network.
pub const NETWORK: &str = "network";

/// The name of a loop that a project brought along: whoever wrote it is not known any more.
pub const SAVED: &str = "saved";

/// How long a bounce waits for a loop of the network's before the teacher takes over.
pub(crate) const READY_PATIENCE: Duration = Duration::from_secs(60);

/// How long before a loop is wanted the teacher takes over from a network that is late: the renderer works ahead in
/// strides of a host's block, and on a busy machine threads wake up late.
const TAKE_OVER: Duration = Duration::from_millis(100);

/// What is said where a bounce could not wait any longer.
const LATE: &str = "The network took too long over a loop of the bounce; the teacher wrote it.";

/// What is said where the graphics card did not answer any more.
const HUNG: &str = "The graphics card does not answer; the network writes on the CPU from here on.";

/// What the composer is asked.
pub(crate) enum Job {
    /// Compose a loop and send it to the renderer that asked. Without `due` it may take as long as it takes.
    Compose { key: LoopKey, scene: Arc<Scene>, due: Option<Instant>, reply: Sender<Message> },
    /// A renderer does not want a loop any more that it asked for.
    Withdraw { key: LoopKey, reply: Sender<Message> },
    /// A loop begins to play: whoever wrote it, that is what it stays.
    Played(Arc<Composed>),
    /// From here on write so. Loops given out stay what they are.
    Prefer(Preference),
    /// What a renderer does not need any more; it is to be dropped here.
    Discard(Box<SoundFontPlayer>),
    /// Fail, for a test.
    Fault(Fault),
    /// End the thread.
    Stop,
}

/// Somebody who wants a loop.
struct Waiting {
    key: LoopKey,
    scene: Arc<Scene>,
    due: Instant,
    /// Whether the music goes on without it when it is late; a bounce waits.
    live: bool,
    reply: Sender<Message>,
}

/// What the composer's thread owns.
pub(crate) struct Composer {
    library: Arc<Mutex<Library>>,
    levels: &'static Levels,
    health: Arc<Health>,
    preference: Preference,
    /// Where it is noted that a graphics card is being tried.
    notes: Option<PathBuf>,
    network: Option<Network>,
    /// Where the network that writes now computes, once it is ready.
    place: Option<String>,
    /// The scene that was asked for last is left to the teacher.
    leaves: bool,
    /// Nobody has asked for a loop: a host that only looks at the plugin is spared the network.
    sleeps: bool,
    /// From the network that writes now; those of an earlier one reach nobody.
    words: Receiver<Word>,
    waiting: Vec<Waiting>,
    ahead: Ahead,
    /// The next loop is failed at, for a test.
    fails: bool,
}

impl Composer {
    pub fn new(
        library: Arc<Mutex<Library>>,
        levels: &'static Levels,
        health: Arc<Health>,
        preference: Preference,
        notes: Option<PathBuf>,
    ) -> Self {
        Self {
            library,
            levels,
            health,
            preference,
            notes,
            network: None,
            place: None,
            leaves: false,
            sleeps: true,
            words: never(),
            waiting: Vec::new(),
            ahead: Ahead::default(),
            fails: false,
        }
    }

    /// Runs until told to stop or until nobody can ask any more. A panic costs what was being done, not the thread.
    pub fn run(mut self, jobs: &Receiver<Job>) {
        while catch_unwind(AssertUnwindSafe(|| self.work(jobs))).is_err() {
            self.health.worker_restarted("composer");
            self.ahead = Ahead::default(); // nobody waits for it, and it may be what failed
        }
    }

    fn work(&mut self, jobs: &Receiver<Job>) {
        loop {
            self.write_ahead();
            let next = self.waiting.iter().map(|one| one.due).min();
            let overdue = next.map_or_else(never, crossbeam_channel::at);
            let hangs = self.network.as_ref().and_then(Network::hangs_at);
            let hangs = hangs.map_or_else(never, crossbeam_channel::at);
            let words = self.words.clone();
            select_biased! {
                recv(words) -> word => match word {
                    Ok(word) => self.hear(word),
                    // The network's thread has ended, or never began.
                    Err(_) => self.lose(),
                },
                recv(jobs) -> job => match job {
                    Ok(Job::Compose { key, scene, due, reply }) => {
                        if std::mem::take(&mut self.sleeps) {
                            self.start_network();
                        }
                        let live = due.is_some();
                        let now = Instant::now();
                        let due = due.map_or(now + READY_PATIENCE, |due| due.checked_sub(TAKE_OVER).unwrap_or(now));
                        self.take(Waiting { key, scene, due, live, reply });
                    }
                    Ok(Job::Played(composed)) => self.played(&composed),
                    Ok(Job::Withdraw { key, reply }) => self.withdraw(key, &reply),
                    Ok(Job::Prefer(preference)) => self.prefer(preference),
                    Ok(Job::Discard(player)) => drop(player),
                    Ok(Job::Fault(Fault::PanicWriting)) => self.fails = true,
                    Ok(Job::Fault(fault)) => fault.happen(),
                    Ok(Job::Stop) | Err(_) => return,
                },
                recv(hangs) -> _ => self.leave_card(),
                recv(overdue) -> _ => {
                    let now = Instant::now();
                    let late: Vec<_> = self.waiting.extract_if(.., |one| one.due <= now).collect();
                    for one in late {
                        if !one.live {
                            self.health.set_error(Some(LATE.to_owned()));
                        }
                        self.teach(one);
                    }
                }
            }
        }
    }

    /// Begins anew with the network that is wanted, or with none.
    fn start_network(&mut self) {
        self.start_network_on(self.preference.network());
    }

    /// The graphics card does not answer. Its thread is left to it.
    fn leave_card(&mut self) {
        self.health.set_error(Some(HUNG.to_owned()));
        self.start_network_on(Some(Choice::Cpu));
    }

    /// Whoever waits is asked for again.
    fn start_network_on(&mut self, place: Option<Choice>) {
        self.network = None; // the old one ends on its own thread
        self.place = None;
        self.words = never();
        self.health.set_composer(TEACHER, "CPU");
        if let Some(device) = place {
            let (words_in, words) = unbounded();
            self.words = words;
            self.network = Network::start(device, words_in, self.notes.as_deref(), self.library.clone());
        }
        self.health.set_network_starting(self.network.is_some());
        for one in std::mem::take(&mut self.waiting) {
            self.take(one);
        }
    }

    /// Somebody else is to write.
    fn prefer(&mut self, preference: Preference) {
        let old = std::mem::replace(&mut self.preference, preference);
        if self.sleeps || old.network() == preference.network() {
            return;
        }
        self.health.set_error(None); // it spoke of the choice before
        for key in self.ahead.drop_written() {
            lock(&self.library).remove(&key, NETWORK);
        }
        self.start_network();
    }

    /// Has the network write what is likely to be wanted next, one loop at a time, while nobody waits for it.
    fn write_ahead(&mut self) {
        if !self.waiting.is_empty() {
            return;
        }
        let next = self.ahead.next(|key| self.known(key).is_some());
        let idle = self.network.as_mut().filter(|network| network.is_idle());
        if let Some((network, (key, scene))) = idle.zip(next) {
            network.ask(Ask::new(key, scene, CANDIDATES, false));
        }
    }

    /// From here on the teacher writes alone.
    fn lose(&mut self) {
        self.network = None;
        self.place = None;
        self.health.set_network_starting(false);
        self.words = never();
        for one in std::mem::take(&mut self.waiting) {
            self.teach(one);
        }
    }

    /// A loop is wanted.
    fn take(&mut self, one: Waiting) {
        // Who asks again has less time than was thought.
        self.waiting.retain(|other| other.key != one.key || !other.reply.same_channel(&one.reply));
        self.leaves = self.preference.leaves_to_teacher(&one.scene);
        self.tell_author();
        if one.live {
            match self.leaves {
                true => self.ahead.rest(),
                false => self.ahead.follow(one.key, &one.scene),
            }
        }
        if let Some((grid, author)) = self.known(&one.key) {
            return self.give(&one, grid, author);
        }
        if std::mem::take(&mut self.fails) {
            Fault::Panic.happen();
        }
        // In a bounce everything waits; live, what cannot be there in time is not even begun for now.
        let candidates = |network: &Network| match one.live {
            true => network.in_time(&one.key, &one.scene, one.due),
            false => Some(CANDIDATES),
        };
        let candidates = self.network.as_ref().filter(|_| !self.leaves).and_then(candidates);
        let Some((network, candidates)) = self.network.as_mut().zip(candidates) else {
            return self.teach(one);
        };
        let (key, scene) = (one.key, one.scene.clone());
        network.ask(Ask::new(key, scene, candidates, !one.live));
        self.waiting.push(one);
    }

    /// Says who writes the scene that is asked for: the network once it is ready, unless the scene is left to the teacher.
    fn tell_author(&self) {
        match &self.place {
            Some(place) if !self.leaves => self.health.set_composer(NETWORK, place),
            _ => self.health.set_composer(TEACHER, "CPU"),
        }
    }

    /// Somebody does not want a loop any more. If it is being written it is finished and kept.
    fn withdraw(&mut self, key: LoopKey, reply: &Sender<Message>) {
        self.waiting.retain(|one| one.key != key || !one.reply.same_channel(reply));
        if let Some(network) = self.network.as_mut().filter(|_| self.waiting.iter().all(|one| one.key != key))
        {
            network.withdraw(&key);
        }
    }

    /// The network has something to say.
    fn hear(&mut self, word: Word) {
        match word {
            Word::Ready { place, is_card } => {
                self.health.set_network_starting(false);
                self.place = Some(place);
                self.tell_author();
                if let Some(network) = &mut self.network {
                    network.ready(is_card);
                }
            }
            Word::Trouble { sentence } => self.health.set_error(Some(sentence)),
            Word::Written { key, grid, seconds, loops, follows } => {
                let key = *key;
                self.health.set_compose_ms(seconds * 1e3);
                let waited: Vec<_> = self.waiting.extract_if(.., |one| one.key == key).collect();
                if waited.is_empty() && self.known(&key).is_none() {
                    self.ahead.wrote(key, &grid);
                }
                match grid {
                    // The teacher may have been quicker; then the loop is what the teacher wrote.
                    Ok(grid) if self.known(&key).is_none() => self.keep(key, grid, NETWORK, follows),
                    Ok(_) => {}
                    Err(sentence) => self.health.set_error(Some(sentence)),
                }
                // From here on the next one is written, which may vary this one.
                if let Some(network) = &mut self.network {
                    network.wrote(&key, seconds, loops);
                }
                for one in waited {
                    match self.known(&key) {
                        Some((grid, author)) => self.give(&one, grid, author),
                        None => self.teach(one),
                    }
                }
            }
            Word::Failed { sentence } => {
                self.health.set_composer(TEACHER, "CPU");
                self.health.set_error(Some(sentence));
                self.lose();
            }
        }
    }

    /// The teacher writes at once. Beside a network that is kept once it is played, else from now on.
    fn teach(&mut self, one: Waiting) {
        if let Some(network) = &mut self.network {
            network.withdraw(&one.key);
        }
        let started = Instant::now();
        let write = if self.preference.network().is_some() { by_rules } else { taught };
        let written = catch_unwind(AssertUnwindSafe(|| write(one.key, &one.scene, &self.library)));
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

    /// A loop begins to play. What a project brought along stands above all.
    fn played(&mut self, composed: &Composed) {
        let Composed { key, grid, composer, scene, place, .. } = composed;
        if self.known(key).is_none_or(|(_, author)| author != *composer && author != SAVED) {
            self.keep(*key, grid.clone(), composer, false);
        }
        // A theme that was stated is the theme, also where the teacher only helped out.
        if *composer == TEACHER
            && let Some(theme) =
                place.filter(arranger::is_statement).map(|place| key.theme(scene, place.letter()))
            && self.known(&theme).is_none()
            && let Ok(grid) = by_rules(theme, scene, &self.library)
        {
            self.keep(theme, grid, TEACHER, false);
        }
    }

    fn give(&mut self, one: &Waiting, grid: Arc<LoopGrid>, author: &'static str) {
        self.ahead.gave(&one.key);
        let trim = self.levels.trim(&one.scene);
        let composed = Composed::new(one.key, grid, one.scene.clone(), trim, author);
        // The renderer may have ended meanwhile; then nobody wants the loop.
        let _ = one.reply.send(Message::Loop(Arc::new(composed)));
    }

    fn known(&self, key: &LoopKey) -> Option<(Arc<LoopGrid>, &'static str)> {
        lock(&self.library).find(key)
    }

    fn keep(&self, key: LoopKey, grid: Arc<LoopGrid>, author: &'static str, follows: bool) {
        lock(&self.library).insert(key, grid, author, follows);
    }
}

fn lock(library: &Mutex<Library>) -> std::sync::MutexGuard<'_, Library> {
    library.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

#[cfg(test)]
mod tests;
