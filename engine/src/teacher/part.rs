//! Notes while a part is being written: pitches and velocities may still be out of bounds.

use sceneloop_music::{Clip, Key, LoopGrid, Note, Rank, Role};

/// A note not yet checked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Draft {
    /// Step from the start of the loop.
    pub onset: u16,
    /// Steps, at least 1.
    pub duration: u16,
    /// Semitones above the tonic nearest to middle C, or a drum lane.
    pub pitch: i32,
    /// MIDI velocity.
    pub velocity: i32,
    /// Energy from which it sounds, before the scene's wishes move it.
    pub rank: i32,
}

/// The notes of one role being written.
#[derive(Debug, Clone, Default)]
pub struct Part(pub Vec<Draft>);

impl Part {
    /// Adds a note.
    pub fn add(&mut self, onset: u16, duration: u16, pitch: i32, velocity: i32, rank: i32) {
        self.0.push(Draft { onset, duration: duration.max(1), pitch, velocity, rank });
    }

    /// Ends every note where the next one of the part begins, so that a single voice never sings two notes.
    pub fn single_voice(&mut self) {
        self.0.sort_by_key(|note| (note.onset, note.rank, note.pitch));
        self.0.dedup_by_key(|note| note.onset);
        for index in 1..self.0.len() {
            let room = self.0[index].onset - self.0[index - 1].onset;
            let before = &mut self.0[index - 1];
            before.duration = before.duration.min(room);
        }
    }

    /// A clip that keeps every promise of [`LoopGrid::validate`], given the loop's chords, key and length.
    pub fn finish(self, role: Role, grid: &LoopGrid) -> Clip {
        let steps = grid.steps() as u16;
        let (low, high) = role.pitch_range();
        let mut notes: Vec<Note> = Vec::with_capacity(self.0.len());
        let mut drafts = self.0;
        drafts.retain(|note| note.onset < steps);
        // Of two notes at one place the earlier rank wins.
        drafts.sort_by_key(|note| (note.onset, note.pitch, note.rank));
        for draft in drafts {
            let pitch = if role.is_pitched() {
                let folded = fold(draft.pitch, low.into(), high.into());
                let Some(pitch) = in_key(folded, draft.onset, grid, low.into(), high.into()) else {
                    continue;
                };
                pitch
            } else {
                draft.pitch as i8
            };
            notes.push(Note {
                onset: draft.onset,
                duration: draft.duration.clamp(1, steps - draft.onset),
                pitch,
                velocity: draft.velocity.clamp(1, 127) as u8,
                rank: Rank::new(draft.rank.clamp(0, 100) as u8),
            });
        }
        notes.sort_by_key(|note| (note.onset, note.pitch, note.rank));
        notes.dedup_by_key(|note| (note.onset, note.pitch));
        part_overlaps(&mut notes);
        Clip::new(notes)
    }
}

/// Brings a pitch into a range by octaves.
pub fn fold(mut pitch: i32, low: i32, high: i32) -> i32 {
    while pitch < low {
        pitch += 12;
    }
    while pitch > high {
        pitch -= 12;
    }
    pitch
}

/// The allowed pitch nearest to the one wanted.
fn in_key(pitch: i32, onset: u16, grid: &LoopGrid, low: i32, high: i32) -> Option<i8> {
    let Key { mode, .. } = grid.key;
    let chord = grid.chord_at(onset);
    let allowed = |pitch: i32| {
        (low..=high).contains(&pitch)
            && (mode.contains(pitch) || chord.is_some_and(|chord| chord.contains(pitch)))
            && grid.key.midi_key(pitch as i8).is_some()
    };
    (0..12).flat_map(|distance| [pitch - distance, pitch + distance]).find(|p| allowed(*p)).map(|p| p as i8)
}

/// Shortens a note that runs into the next one of its pitch. `notes` are in order of onset.
fn part_overlaps(notes: &mut [Note]) {
    let mut last: [Option<usize>; 256] = [None; 256];
    for index in 0..notes.len() {
        let lane = usize::from(notes[index].pitch as u8);
        if let Some(before) = last[lane] {
            let room = notes[index].onset - notes[before].onset;
            notes[before].duration = notes[before].duration.min(room);
        }
        last[lane] = Some(index);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sceneloop_music::{Chord, ChordQuality, Metre};

    #[test]
    fn whatever_is_written_is_finished_into_a_valid_clip() {
        let mut grid =
            LoopGrid::empty(Metre::THREE_FOUR, 1, Key::default(), Chord::new(0, ChordQuality::Major));
        let mut part = Part::default();
        part.add(0, 40, 1, 300, 120);
        part.add(0, 2, 0, 0, -5);
        part.add(3, 2, 0, 90, 10);
        part.add(11, 5, 99, 90, 10);
        part.add(12, 1, 0, 90, 10);
        grid.clips[Role::Lead] = part.finish(Role::Lead, &grid);
        assert_eq!(grid.validate(), Ok(()));
        let notes = &grid.clips[Role::Lead].notes;
        assert_eq!(
            notes.iter().map(|note| (note.onset, note.duration)).collect::<Vec<_>>(),
            [(0, 2), (3, 2), (11, 1)]
        );
        assert_eq!(notes[0].rank, Rank::ALWAYS);
    }
}
