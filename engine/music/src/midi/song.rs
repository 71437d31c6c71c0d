//! Loops as songs.

use super::{MidiNote, MidiSong};
use crate::drum::DrumLane;
use crate::energy::Energy;
use crate::grid::LoopGrid;
use crate::role::Role;
use crate::time::{Bpm, STEPS_PER_QUARTER};

impl MidiSong {
    /// A loop played `repeats` times at one energy and tempo, swung as it is played, with a marker at each chord.
    pub fn of_loop(grid: &LoopGrid, energy: Energy, bpm: Bpm, repeats: u32) -> Self {
        let mut song = Self {
            tempo: vec![(0.0, bpm)],
            metres: vec![(0.0, grid.metre)],
            key: Some(grid.key),
            length: f64::from(repeats) * grid.quarters(),
            ..Self::default()
        };
        for repeat in 0..repeats {
            let start = f64::from(repeat) * grid.quarters();
            song.push_loop(grid, energy, start);
            let chords = grid.chords.iter();
            song.markers.extend(chords.map(|span| {
                (start + f64::from(span.step) / f64::from(STEPS_PER_QUARTER), span.chord.symbol(grid.key))
            }));
        }
        song
    }

    /// Adds the notes of a loop that sound at an energy, the loop's first step at `start` quarter notes.
    ///
    /// Loops are to be added in the order of their starts. Notes outside the MIDI range, which a valid loop has not,
    /// are left out.
    pub fn push_loop(&mut self, grid: &LoopGrid, energy: Energy, start: f64) {
        let quarters =
            |step: u32| grid.swing.warp(f64::from(step), grid.metre) / f64::from(STEPS_PER_QUARTER);
        for (role, track) in self.tracks.iter_mut() {
            for note in grid.clips[role].sounding(energy) {
                let key = match role {
                    Role::Drums => DrumLane::from_pitch(note.pitch).map(DrumLane::midi_key),
                    _ => grid.key.midi_key(note.pitch),
                };
                let Some(key) = key else { continue };
                let (on, off) =
                    (quarters(note.onset.into()), quarters(u32::from(note.onset) + u32::from(note.duration)));
                track.push(MidiNote { start: start + on, length: off - on, key, velocity: note.velocity });
            }
            track.sort_by(|a, b| a.start.total_cmp(&b.start).then(a.key.cmp(&b.key)));
        }
    }
}
