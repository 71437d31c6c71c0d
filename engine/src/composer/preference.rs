//! Who is to write, and how that is changed while the music plays.

use super::Job;
use crossbeam_channel::Sender;
use sceneloop_model::Choice;
use sceneloop_music::Scene;
use std::sync::{Mutex, MutexGuard};

/// Who is to write the notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Author {
    /// The network where it can be had and the scene is no dance that only the teacher knows, else the teacher.
    #[default]
    Auto,
    /// The network; the teacher only helps out where it would be late. In a render that is not live it is an error where it cannot run.
    Network,
    /// The teacher alone. No network is loaded.
    Teacher,
}

/// Who is to write, and where a network is to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Preference {
    /// Who writes.
    pub author: Author,
    /// Where the network runs.
    pub device: Choice,
}

impl Preference {
    /// Nobody but the teacher.
    pub const TEACHER: Self = Self { author: Author::Teacher, device: Choice::Auto };

    /// The device on which a network is to run, if one is wanted at all.
    pub(super) fn network(self) -> Option<Choice> {
        match self.author {
            Author::Teacher => None,
            Author::Auto | Author::Network => Some(self.device),
        }
    }

    /// Whether the teacher writes a scene although there is a network: where the choice is free, and the scene is one of several
    /// dances of its style, of which the network is not told. Who asks for the network gets the style.
    pub(super) fn leaves_to_teacher(self, scene: &Scene) -> bool {
        self.author == Author::Auto && scene.dance.is_some()
    }
}

/// The preference that holds. Main thread and renderer write and read it; neither minds the lock.
pub(crate) struct Switch {
    now: Mutex<Preference>,
    jobs: Sender<Job>,
}

impl Switch {
    pub fn new(now: Preference, jobs: Sender<Job>) -> Self {
        Self { now: Mutex::new(now), jobs }
    }

    pub fn get(&self) -> Preference {
        *self.lock()
    }

    /// Takes a preference and tells the composer if it is another one.
    pub fn set(&self, preference: Preference) {
        let mut now = self.lock();
        if *now != preference {
            *now = preference;
            // Under the lock, so that the composer hears them in the order in which they were set.
            let _ = self.jobs.send(Job::Prefer(preference));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Preference> {
        self.now.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}
