//! MIDI files: a song of tempo map, metres, markers and one track per role, to Standard MIDI File bytes and back.
//!
//! Positions and lengths are quarter notes from the start of the song. Keys are MIDI keys as they sound: pitches of a
//! loop go through its key, drum lanes through their General MIDI keys. Nothing here touches a file: bytes in, bytes out.

mod line;
mod read;
mod song;
mod write;

pub use line::LineError;

use crate::key::Key;
use crate::role::PerRole;
use crate::time::{Bpm, Metre};

/// Ticks in a quarter note of the files we write: every tuplet of 2, 3, 5 and their products down to a 64th is whole.
pub const TICKS_PER_QUARTER: u16 = 960;
/// Longest song, in quarter notes: about 14 hours at 120 BPM. What lies beyond is not a song.
pub const MAX_QUARTERS: f64 = 100_000.0;
/// Largest file that is read, in bytes.
pub const MAX_FILE_BYTES: usize = 16 << 20;

/// One note of a song.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MidiNote {
    /// Quarter notes from the start of the song, 0 to [`MAX_QUARTERS`].
    pub start: f64,
    /// Quarter notes it lasts, above 0.
    pub length: f64,
    /// MIDI key, 0 to 127; in the drums a General MIDI percussion key.
    pub key: u8,
    /// 1 to 127.
    pub velocity: u8,
}

/// What a MIDI file says. Lists are ordered by position.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MidiSong {
    /// Tempo from each position on.
    pub tempo: Vec<(f64, Bpm)>,
    /// Metre from each position on.
    pub metres: Vec<(f64, Metre)>,
    /// The key, where the file says one.
    pub key: Option<Key>,
    /// Names of places in the song.
    pub markers: Vec<(f64, String)>,
    /// Notes of each role, by start and then key.
    pub tracks: PerRole<Vec<MidiNote>>,
    /// Quarter notes from the start to the end of the song, with the rests at its end. A song that is written ends with its
    /// last event at the earliest.
    pub length: f64,
}

/// Why the bytes of a MIDI file are refused. Each is one sentence for the user.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MidiFileError {
    /// No header of a MIDI file.
    #[error("this is not a MIDI file: it does not begin with a MIDI header")]
    NotMidi,
    /// Larger than [`MAX_FILE_BYTES`].
    #[error("this MIDI file has {0} bytes; at most {max} are read", max = MAX_FILE_BYTES)]
    Large(usize),
    /// The header's division of time is 0 or makes no sense.
    #[error("this MIDI file does not say how long its ticks are")]
    Timing,
    /// Format 2 holds songs, not one song.
    #[error("this MIDI file holds several independent songs (format 2); save one of them as format 0 or 1")]
    Sequential,
    /// A track ends in the middle.
    #[error("this MIDI file is damaged: track {0} breaks off before its end")]
    Damaged(usize),
    /// Longer than [`MAX_QUARTERS`].
    #[error("this MIDI file is longer than {max} quarter notes", max = MAX_QUARTERS)]
    Long,
}

#[cfg(test)]
mod tests;
