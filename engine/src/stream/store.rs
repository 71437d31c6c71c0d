//! The loops that the renderer holds, and its way to those who write them.

use super::prepared::PreparedLoop;
use super::sequencer::LoopSource;
use super::worker::Message;
use crate::arranger::LoopKey;
use crate::composer::{Composed, Job, READY_PATIENCE};
use crate::health::Health;
use crossbeam_channel::{Receiver, Sender};
use sceneloop_music::{Metre, Scene};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long an offline bounce waits for a loop before the old one plays on: longer than the composer waits for the network.
const COMPOSE_PATIENCE: Duration = READY_PATIENCE.saturating_add(Duration::from_secs(20));

/// How often a bounce that waits for a loop looks after those who write it.
const LOOK_AFTER: Duration = Duration::from_millis(100);

/// How much earlier than asked for a loop must be wanted to be asked for again.
const MUCH_EARLIER: Duration = Duration::from_millis(50);

/// A loop that has not come so long after it was wanted is asked for again: whoever was to write it may have failed.
const FORGOTTEN: Duration = Duration::from_secs(2);

/// When a loop is wanted while the transport stands: there is time for the network to think, and asking again once it rolls.
const STANDING_SECONDS: f64 = 3600.0;

/// Loops the renderer holds: the one that plays, the next, and what a user goes back and forth between.
const STORE_SIZE: usize = 24;

/// Loops at hand, and what is on its way.
pub(super) struct Store {
    pub loops: Vec<Arc<PreparedLoop>>,
    /// What is on its way, and when it was said to be wanted.
    asked: Vec<(LoopKey, Instant)>,
    pub jobs: Sender<Job>,
    pub inbox: Receiver<Message>,
    reply: Sender<Message>,
    /// Messages that came while waiting for a loop.
    pub postponed: Vec<Message>,
    pub waits: bool,
    /// The transport stands: nothing is urgent.
    stands: bool,
    health: Arc<Health>,
}

impl Store {
    /// An empty one, between a composer and an inbox whose other end is `reply`.
    pub fn new(
        jobs: Sender<Job>,
        inbox: Receiver<Message>,
        reply: Sender<Message>,
        health: Arc<Health>,
    ) -> Self {
        let (loops, asked, postponed) = (Vec::new(), Vec::new(), Vec::new());
        Self { loops, asked, jobs, inbox, reply, postponed, waits: false, stands: true, health }
    }

    /// Forgets all loops, also those on their way.
    pub fn forget(&mut self) {
        self.loops.clear();
        self.withdraw(|_| true);
    }

    /// Takes back what was asked for and is not wanted any more: from now on it is the loop of here, the two after it, and the one
    /// that the host's cycle goes back to.
    pub fn follow(&mut self, here: LoopKey, back: Option<LoopKey>) {
        let is_wanted = |key: &LoopKey| {
            Some(*key) == back
                || *key == here.at_index(key.index) && (0..=2).contains(&(key.index - here.index))
        };
        self.withdraw(|key| !is_wanted(key));
    }

    /// The transport stands or rolls. What was asked for in a hurry is not, once it stands.
    pub fn stand(&mut self, stands: bool) {
        if stands && !self.stands {
            self.withdraw(|_| true);
        }
        self.stands = stands;
    }

    /// Takes back some of what was asked for.
    fn withdraw(&mut self, which: impl Fn(&LoopKey) -> bool) {
        for (key, _) in self.asked.extract_if(.., |(key, _)| which(key)) {
            // A composer that has ended writes nothing anyway.
            let _ = self.jobs.send(Job::Withdraw { key, reply: self.reply.clone() });
        }
    }

    pub fn insert(&mut self, composed: Arc<Composed>) {
        self.asked.retain(|(key, _)| *key != composed.key);
        self.loops.retain(|known| known.composed.key != composed.key);
        self.loops.push(Arc::new(PreparedLoop::new(composed)));
        if self.loops.len() > STORE_SIZE {
            self.loops.remove(0);
        }
    }

    pub fn find(&self, key: LoopKey) -> Option<Arc<PreparedLoop>> {
        self.loops.iter().find(|known| known.composed.key == key).cloned()
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.withdraw(|_| true);
    }
}

impl LoopSource for Store {
    fn get(&mut self, key: LoopKey, scene: &Arc<Scene>) -> Option<Arc<PreparedLoop>> {
        self.want(key, scene, 0.0);
        let deadline = Instant::now() + COMPOSE_PATIENCE;
        let mut restarts = self.health.restarts();
        while self.waits && self.find(key).is_none() {
            match self.inbox.recv_deadline(deadline.min(Instant::now() + LOOK_AFTER)) {
                Ok(Message::Loop(composed)) => self.insert(composed),
                Ok(other) => self.postponed.push(other),
                Err(_) if Instant::now() < deadline => {
                    // Whoever was to write it may have failed at it, and forgotten it.
                    if std::mem::replace(&mut restarts, self.health.restarts()) != self.health.restarts() {
                        self.asked.retain(|(asked, _)| *asked != key);
                        self.want(key, scene, 0.0);
                    }
                }
                Err(_) => {
                    self.asked.retain(|(asked, _)| *asked != key);
                    break;
                }
            }
        }
        self.find(key)
    }

    fn any(&self, metre: Metre) -> Option<Arc<PreparedLoop>> {
        self.loops.iter().rev().find(|known| known.composed.key.metre == metre).cloned()
    }

    fn want(&mut self, key: LoopKey, scene: &Arc<Scene>, seconds: f64) {
        if self.find(key).is_some() {
            return;
        }
        let seconds = if self.stands { STANDING_SECONDS } else { seconds.clamp(0.0, STANDING_SECONDS) };
        let now = Instant::now();
        let due = now + Duration::from_secs_f64(seconds);
        if !self.waits {
            self.asked.retain(|(_, before)| now < *before + FORGOTTEN);
        }
        if self.asked.iter().any(|(asked, before)| *asked == key && *before < due + MUCH_EARLIER) {
            return;
        }
        // In a bounce nothing is late.
        let job_due = (!self.waits).then_some(due);
        let job = Job::Compose { key, scene: scene.clone(), due: job_due, reply: self.reply.clone() };
        if self.jobs.send(job).is_ok() {
            self.asked.retain(|(asked, _)| *asked != key);
            self.asked.push((key, due));
        }
    }
}
