//! A loop made ready to be played: every note with its exact time, in order.

use crate::composer::Composed;
use crate::seed;
use sceneloop_music::{DrumLane, Key, Rank, Role, STEPS_PER_QUARTER};
use std::sync::Arc;

/// The latest a note may come when fully humanised, seconds. Players of one ensemble are some 10 to 30 ms apart (Rasch
/// 1979, "Synchronization in performed ensemble music"); a tight band less.
const LATEST_SECONDS: f64 = 0.010;

/// How far a velocity may stray when fully humanised, of the whole range.
const VELOCITY_SPREAD: f64 = 0.12;

/// A note with its time from the start of the loop.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PreparedNote {
    /// Quarter notes, swing applied.
    pub at: f64,
    /// Quarter notes, swing applied.
    pub end: f64,
    /// 0 to 1: its share of the lateness of human hands.
    pub late: f32,
    /// −1 to 1: its share of their uneven force.
    pub force: f32,
    pub role: Role,
    pub pitch: i8,
    pub velocity: u8,
    pub rank: Rank,
}

impl PreparedNote {
    /// What the renderer is given as pitch: a MIDI key, or the number of a drum lane.
    pub fn render_pitch(&self, key: Key) -> Option<u8> {
        if self.role.is_pitched() { key.midi_key(self.pitch) } else { u8::try_from(self.pitch).ok() }
    }

    /// What goes out as MIDI.
    pub fn midi_key(&self, key: Key) -> Option<u8> {
        match self.role {
            Role::Drums => DrumLane::from_pitch(self.pitch).map(DrumLane::midi_key),
            _ => key.midi_key(self.pitch),
        }
    }

    /// Velocity 0 to 1, `looseness` 0 (as written) to 1.
    pub fn played_velocity(&self, looseness: f32) -> f32 {
        let strayed = f32::from(self.velocity) / 127.0 + self.force * looseness * VELOCITY_SPREAD as f32;
        strayed.clamp(1.0 / 127.0, 1.0)
    }

    /// Whether a listener who comes late should still hear it: held sounds, not struck ones.
    pub fn can_be_joined(&self) -> bool {
        matches!(self.role, Role::Pad | Role::Texture | Role::Chords | Role::Bass | Role::Lead)
    }

    /// Whether it goes on long enough that it follows the energy while it sounds.
    pub fn follows_energy(&self) -> bool {
        matches!(self.role, Role::Pad | Role::Texture)
    }
}

/// A loop as the sequencer plays it.
#[derive(Debug)]
pub(crate) struct PreparedLoop {
    pub composed: Arc<Composed>,
    /// Length in quarter notes.
    pub quarters: f64,
    /// By time.
    pub notes: Vec<PreparedNote>,
}

impl PreparedLoop {
    pub fn new(composed: Arc<Composed>) -> Self {
        let grid = &composed.grid;
        let quarters =
            |step: u16| grid.swing.warp(f64::from(step), grid.metre) / f64::from(STEPS_PER_QUARTER);
        let seed = composed.key.compose_seed();
        let mut notes = Vec::new();
        for (role, clip) in grid.clips.iter() {
            for note in &clip.notes {
                // Notes that are struck together are late together: a chord stays a chord.
                let hand = seed::mix(&[seed, role.index() as u64, u64::from(note.onset)]);
                let finger = seed::mix(&[hand, note.pitch as u64]);
                notes.push(PreparedNote {
                    at: quarters(note.onset),
                    end: quarters(note.end()),
                    late: seed::unit(hand) as f32,
                    force: (seed::unit(finger) * 2.0 - 1.0) as f32,
                    role,
                    pitch: note.pitch,
                    velocity: note.velocity,
                    rank: note.rank,
                });
            }
        }
        notes.sort_by(|a, b| a.at.total_cmp(&b.at));
        Self { quarters: grid.quarters(), notes, composed }
    }

    /// The notes that begin, as written, from `from` to before `to` quarter notes.
    pub fn between(&self, from: f64, to: f64) -> &[PreparedNote] {
        let start = self.notes.partition_point(|note| note.at < from);
        let end = self.notes.partition_point(|note| note.at < to);
        &self.notes[start.min(end)..end]
    }
}

/// The most a note may be late, in quarter notes.
pub(crate) fn latest_quarters(quarters_per_second: f64, looseness: f32) -> f64 {
    LATEST_SECONDS * quarters_per_second * f64::from(looseness)
}
