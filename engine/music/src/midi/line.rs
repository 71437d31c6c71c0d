//! One line out of a song: a tune or a bass for a loop.

use super::{MidiNote, MidiSong};
use crate::energy::Rank;
use crate::grid::{Clip, Note};
use crate::key::Key;
use crate::role::Role;
use crate::time::{Metre, STEPS_PER_QUARTER};

/// Why a song gives no line. Each is one sentence for the user.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// No note with a pitch.
    #[error("this MIDI file holds no notes but drums")]
    Empty,
    /// A note that the scale does not have.
    #[error("the line has the note {note}, which is not in {key}")]
    NotInKey {
        /// Name of the pitch class.
        note: String,
        /// The key.
        key: Key,
    },
    /// No octave in which all of it can be played.
    #[error("the line goes from MIDI key {low} to {high}, which is more than the {role} plays")]
    Range {
        /// Lowest MIDI key.
        low: u8,
        /// Highest MIDI key.
        high: u8,
        /// Who was to play it.
        role: Role,
    },
}

impl MidiSong {
    /// The notes that a line for a role is made of: the role's own track, or without notes there the first track with
    /// pitches that has any.
    pub fn voice(&self, role: Role) -> &[MidiNote] {
        let tracks = std::iter::once(role).chain(Role::ALL).filter(|role| role.is_pitched());
        tracks.map(|role| self.tracks[role].as_slice()).find(|notes| !notes.is_empty()).unwrap_or_default()
    }

    /// The key of [`Self::line`]: the one the file says if it holds all its notes, else the one that [`Key::detect`] finds.
    pub fn key_of_line(&self, role: Role, metre: Metre, bars: u8) -> Option<Key> {
        let mut weights = [0.0; 12];
        for note in self.opening(role, metre, bars)?.1 {
            weights[usize::from(note.key % 12)] += (note.end - note.start) as f32;
        }
        self.key.filter(|key| key.holds(&weights)).or_else(|| Key::detect(&weights))
    }

    /// The first bars of [`Self::voice`] as a line for a loop, one note at a time: of notes that begin together the highest,
    /// for a bass the lowest, each ending where the next begins at the latest. Rounded to steps, from the bar with the
    /// first note on; in the octave nearest to its own in which the role can play it; sounding at every energy.
    ///
    /// # Errors
    /// [`LineError`].
    pub fn line(&self, role: Role, key: Key, metre: Metre, bars: u8) -> Result<Clip, LineError> {
        let steps = metre.steps_per_bar() * u32::from(bars);
        let (start, inside) = self.opening(role, metre, bars).ok_or(LineError::Empty)?;
        let shift = octave(&inside, role, key)?;
        let ends = inside.iter().skip(1).map(|next| next.start).chain([start + steps]);
        let line = inside.iter().zip(ends).map(|(note, end)| {
            if !key.mode.contains(i32::from(key.pitch(note.key))) {
                let above = key.pitch(note.key).rem_euclid(12) as u8;
                return Err(LineError::NotInKey { note: key.spell(above), key });
            }
            Ok(Note {
                onset: (note.start - start) as u16,
                duration: (note.end.min(end) - note.start) as u16,
                pitch: (i32::from(key.pitch(note.key)) + shift) as i8,
                velocity: note.velocity,
                rank: Rank::ALWAYS,
            })
        });
        Ok(Clip::new(line.collect::<Result<_, _>>()?))
    }

    /// The notes of [`Self::voice`] in its first bars, and the step at which these begin. Nothing without notes.
    fn opening(&self, role: Role, metre: Metre, bars: u8) -> Option<(u32, Vec<Step>)> {
        let notes = in_steps(self.voice(role), role);
        let first = notes.first()?.start;
        let start = first - first % metre.steps_per_bar();
        let end = start + metre.steps_per_bar() * u32::from(bars);
        Some((start, notes.into_iter().filter(|note| note.start < end).collect()))
    }
}

/// A note in steps from the start of the song.
struct Step {
    start: u32,
    end: u32,
    key: u8,
    velocity: u8,
}

/// Notes rounded to steps, one at each onset, by onset.
fn in_steps(notes: &[MidiNote], role: Role) -> Vec<Step> {
    let step = |quarters: f64| (quarters * f64::from(STEPS_PER_QUARTER)).round() as u32;
    let mut notes: Vec<Step> = notes
        .iter()
        .map(|note| {
            let start = step(note.start);
            let end = step(note.start + note.length).max(start + 1);
            Step { start, end, key: note.key, velocity: note.velocity }
        })
        .collect();
    let outer = |key: u8| if role == Role::Bass { i32::from(key) } else { -i32::from(key) };
    notes.sort_by_key(|note| (note.start, outer(note.key)));
    notes.dedup_by_key(|note| note.start);
    notes
}

/// Semitones, a multiple of 12 and as few as can be, that bring all notes to where the role plays.
fn octave(notes: &[Step], role: Role, key: Key) -> Result<i32, LineError> {
    let keys = || notes.iter().map(|note| note.key);
    let (low, high) = (keys().min().unwrap_or(0), keys().max().unwrap_or(0));
    let (lowest, highest) = role.pitch_range();
    let fits = |shift: &i32| {
        i32::from(key.pitch(low)) + shift >= i32::from(lowest)
            && i32::from(key.pitch(high)) + shift <= i32::from(highest)
    };
    let shifts = (0..=10).flat_map(|octaves| [12 * octaves, -12 * octaves]);
    shifts.into_iter().find(fits).ok_or(LineError::Range { low, high, role })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::role::PerRole;

    fn song(role: Role, notes: &[(f64, f64, u8)]) -> MidiSong {
        let note = |(start, length, key): &(f64, f64, u8)| MidiNote {
            start: *start,
            length: *length,
            key: *key,
            velocity: 90,
        };
        let mut tracks = PerRole::default();
        tracks[role] = notes.iter().map(note).collect();
        MidiSong { tracks, ..MidiSong::default() }
    }

    fn key(text: &str) -> Key {
        text.parse().unwrap()
    }

    fn line(song: &MidiSong, role: Role, key: Key, bars: u8) -> Result<Vec<(u16, u16, i8)>, LineError> {
        let clip = song.line(role, key, Metre::FOUR_FOUR, bars)?;
        Ok(clip.notes.iter().map(|note| (note.onset, note.duration, note.pitch)).collect())
    }

    #[test]
    fn notes_are_rounded_to_steps_and_counted_from_the_tonic() {
        // Two bars of rest, then notes a little beside the grid, two of them at once, the last beyond one bar.
        let song = song(
            Role::Chords,
            &[(8.02, 1.2, 62), (8.98, 0.02, 66), (9.01, 0.5, 69), (11.5, 4.0, 74), (12.0, 1.0, 62)],
        );
        assert_eq!(song.key_of_line(Role::Lead, Metre::FOUR_FOUR, 2), Some(key("D major")));
        assert_eq!(line(&song, Role::Lead, key("D major"), 1), Ok(vec![(0, 4, 0), (4, 2, 7), (14, 2, 12)]));
        assert_eq!(line(&song, Role::Lead, key("D major"), 2).unwrap()[2..], [(14, 2, 12), (16, 4, 0)]);
        assert_eq!(
            line(&song, Role::Bass, key("D major"), 1),
            Ok(vec![(0, 4, -12), (4, 1, -8), (14, 2, 0)]),
            "the lowest, an octave down"
        );
    }

    #[test]
    fn what_cannot_be_a_line_is_refused() {
        let drums = song(Role::Drums, &[(0.0, 1.0, 36)]);
        assert_eq!(line(&drums, Role::Lead, key("C"), 1), Err(LineError::Empty));
        assert_eq!(drums.key_of_line(Role::Lead, Metre::FOUR_FOUR, 2), None);
        let sharp = song(Role::Lead, &[(0.0, 1.0, 66)]);
        let refused = LineError::NotInKey { note: "F#".into(), key: key("C") };
        assert_eq!(line(&sharp, Role::Lead, key("C"), 1), Err(refused));
        let wide = song(Role::Lead, &[(0.0, 1.0, 24), (1.0, 1.0, 96)]);
        let refused = LineError::Range { low: 24, high: 96, role: Role::Bass };
        assert_eq!(line(&wide, Role::Bass, key("C"), 1), Err(refused));
    }

    #[test]
    fn the_role_itself_goes_before_other_tracks_and_the_files_key_before_a_guess() {
        let mut song = song(Role::Bass, &[(0.0, 1.0, 36)]);
        song.tracks[Role::Arp] = vec![MidiNote { start: 0.0, length: 1.0, key: 76, velocity: 90 }];
        assert_eq!(song.voice(Role::Lead)[0].key, 36, "the first track there is");
        assert_eq!(song.voice(Role::Arp)[0].key, 76);
        song.key = Some(key("F major"));
        assert_eq!(song.key_of_line(Role::Bass, Metre::FOUR_FOUR, 2), song.key);
        song.key = Some(key("B major"));
        assert_ne!(song.key_of_line(Role::Bass, Metre::FOUR_FOUR, 2), song.key, "it has no C");
        // What comes after the bars that are used does not count.
        let later =
            (0..12).map(|k| MidiNote { start: 4.0 + f64::from(k), length: 1.0, key: 36 + k, velocity: 90 });
        song.tracks[Role::Bass].extend(later);
        song.key = Some(key("F major"));
        assert_eq!(song.key_of_line(Role::Bass, Metre::FOUR_FOUR, 1), song.key);
        assert_eq!(song.key_of_line(Role::Bass, Metre::FOUR_FOUR, 4), None);
    }
}
