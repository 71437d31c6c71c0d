//! The bytes of any Standard MIDI File to a song.
//!
//! # Which part plays which role
//! Notes are sorted into parts by track and channel. Of each part these are asked in turn, and the first answer counts:
//! 1. channel 10 (counted from 1) is drums;
//! 2. the name of the track or its instrument: the name of a role, or a word that tells it, such as "piano" or "melody";
//! 3. the General MIDI program that the channel last chose before its first note;
//! 4. the channel on which we write the role;
//! 5. by its notes: bass if the mean key is below 48, chords if more than one sounds in the mean, else lead.

use super::write::{KEY_TEXT, key_of_signature};
use super::{MAX_FILE_BYTES, MAX_QUARTERS, MidiFileError, MidiNote, MidiSong};
use crate::key::Key;
use crate::role::Role;
use crate::time::{Bpm, Metre};
use midly::{EventIter, Format, MetaMessage, MidiMessage, Timing, TrackEventKind};
use std::collections::{BTreeMap, VecDeque};

/// Longest marker that is kept, in characters.
const MARKER_CHARS: usize = 200;
/// Words in a name and the role they tell, the first that is found counts.
const NAME_WORDS: [(&str, Role); 36] = [
    ("drum", Role::Drums),
    ("perc", Role::Drums),
    ("beat", Role::Drums),
    ("鼓", Role::Drums),
    ("bass", Role::Bass),
    ("贝斯", Role::Bass),
    ("chord", Role::Chords),
    ("pad", Role::Pad),
    ("arp", Role::Arp),
    ("lead", Role::Lead),
    ("texture", Role::Texture),
    ("melod", Role::Lead),
    ("vocal", Role::Lead),
    ("voice", Role::Lead),
    ("solo", Role::Lead),
    ("旋律", Role::Lead),
    ("主音", Role::Lead),
    ("atmos", Role::Texture),
    ("ambien", Role::Texture),
    ("fx", Role::Texture),
    ("pluck", Role::Arp),
    ("string", Role::Pad),
    ("choir", Role::Pad),
    ("和弦", Role::Chords),
    ("piano", Role::Chords),
    ("keys", Role::Chords),
    ("organ", Role::Chords),
    ("guitar", Role::Chords),
    ("brass", Role::Chords),
    ("comp", Role::Chords),
    ("flute", Role::Lead),
    ("violin", Role::Lead),
    ("sax", Role::Lead),
    ("trumpet", Role::Lead),
    ("whistle", Role::Lead),
    ("sequence", Role::Arp),
];

/// The notes of one channel of one track.
#[derive(Default)]
struct Part {
    program: Option<u8>,
    notes: Vec<MidiNote>,
    /// Start in ticks and velocity of the notes that are held, by key, oldest first.
    held: BTreeMap<u8, VecDeque<(u64, u8)>>,
}

impl MidiSong {
    /// Reads a file of format 0 or 1, in ticks a quarter or in time code (which is read at 120 BPM).
    ///
    /// Roles are found as the module's page says. A note without end lasts to the end of its track. Tempos are brought
    /// into the range of [`Bpm`], metres that [`Metre`] does not have are passed over, texts need not be UTF-8. Of several
    /// keys the first counts. What is not music (controllers, lyrics, system messages) is passed over.
    ///
    /// # Errors
    /// [`MidiFileError`], one sentence for the user.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, MidiFileError> {
        if bytes.len() > MAX_FILE_BYTES {
            return Err(MidiFileError::Large(bytes.len()));
        }
        // RIFF files and old Macintosh files have a wrapper before the header.
        let start = bytes.windows(4).position(|four| four == b"MThd").ok_or(MidiFileError::NotMidi)?;
        let bytes = &bytes[start..];
        let division = bytes.get(12..14).ok_or(MidiFileError::NotMidi)?;
        // Minus 128 frames a second: nonsense that midly negates into an overflow.
        if division[0] == 0x80 {
            return Err(MidiFileError::Timing);
        }
        let (header, tracks) = midly::parse(bytes).map_err(|_| MidiFileError::NotMidi)?;
        if header.format == Format::Sequential {
            return Err(MidiFileError::Sequential);
        }
        let (ticks_per_quarter, timecode) = match header.timing {
            Timing::Metrical(ticks) => (f64::from(ticks.as_int()), false),
            // Half a second is a quarter at 120 BPM.
            Timing::Timecode(fps, subframes) => (f64::from(fps.as_f32()) * f64::from(subframes) / 2.0, true),
        };
        if ticks_per_quarter <= 0.0 {
            return Err(MidiFileError::Timing);
        }

        let declared = usize::from(u16::from_be_bytes([bytes[10], bytes[11]]));
        let mut song = Self::default();
        let mut count = 0;
        for events in tracks {
            count += 1;
            let events = events.map_err(|_| MidiFileError::Damaged(count))?;
            song.read_track(count, events, ticks_per_quarter)?;
        }
        if count < declared {
            return Err(MidiFileError::Damaged(count + 1));
        }
        if timecode {
            song.tempo = vec![(0.0, Bpm::default())];
        }
        song.tempo.sort_by(|a, b| a.0.total_cmp(&b.0));
        song.metres.sort_by(|a, b| a.0.total_cmp(&b.0));
        song.markers.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (_, notes) in song.tracks.iter_mut() {
            notes.sort_by(|a, b| a.start.total_cmp(&b.start).then(a.key.cmp(&b.key)));
        }
        Ok(song)
    }

    fn read_track(
        &mut self,
        number: usize,
        events: EventIter<'_>,
        ticks_per_quarter: f64,
    ) -> Result<(), MidiFileError> {
        let mut parts: BTreeMap<u8, Part> = BTreeMap::new();
        let mut names = String::new();
        let mut ticks = 0u64;
        let mut ended = false;
        for event in events {
            let event = event.map_err(|_| MidiFileError::Damaged(number))?;
            ticks += u64::from(event.delta.as_int());
            let now = ticks as f64 / ticks_per_quarter;
            if now > MAX_QUARTERS {
                return Err(MidiFileError::Long);
            }
            match event.kind {
                TrackEventKind::Midi { channel, message } => {
                    parts.entry(channel.as_int()).or_default().take(ticks, ticks_per_quarter, message);
                }
                TrackEventKind::Meta(MetaMessage::TrackName(name) | MetaMessage::InstrumentName(name)) => {
                    names = format!("{names} {}", text(name)).to_lowercase();
                }
                TrackEventKind::Meta(MetaMessage::EndOfTrack) => {
                    ended = true;
                    self.length = self.length.max(now);
                    break;
                }
                TrackEventKind::Meta(meta) => self.take_meta(now, meta),
                _ => {}
            }
        }
        // midly ends a track silently where it cannot read on.
        if !ended {
            return Err(MidiFileError::Damaged(number));
        }
        for (channel, mut part) in parts {
            part.release_all(ticks, ticks_per_quarter);
            let role = part.role(channel, &names);
            self.tracks[role].append(&mut part.notes);
        }
        Ok(())
    }

    fn take_meta(&mut self, now: f64, meta: MetaMessage<'_>) {
        match meta {
            MetaMessage::Tempo(microseconds) => {
                let bpm = (60e6 / f64::from(microseconds.as_int().max(1))).clamp(Bpm::MIN, Bpm::MAX);
                self.tempo.extend(Bpm::new(bpm).ok().map(|bpm| (now, bpm)));
            }
            MetaMessage::TimeSignature(numerator, power, ..) => {
                let metre = 1u8.checked_shl(power.into()).and_then(|lower| Metre::new(numerator, lower).ok());
                self.metres.extend(metre.map(|metre| (now, metre)));
            }
            MetaMessage::KeySignature(accidentals, minor) => {
                self.key = self.key.or_else(|| key_of_signature(accidentals, minor));
            }
            // Our own files say the mode beside the signature, which comes first.
            MetaMessage::Text(bytes) => {
                let exact = text(bytes).strip_prefix(KEY_TEXT).and_then(|key| key.parse::<Key>().ok());
                let agrees = |key: &Key| self.key.is_none_or(|known| known.tonic == key.tonic);
                self.key = exact.filter(agrees).or(self.key);
            }
            MetaMessage::Marker(name) => {
                self.markers.push((now, text(name).chars().take(MARKER_CHARS).collect()))
            }
            _ => {}
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_matches(|c: char| c.is_whitespace() || c == '\0').into()
}

impl Part {
    fn take(&mut self, now: u64, ticks_per_quarter: f64, message: MidiMessage) {
        match message {
            MidiMessage::NoteOn { key, vel } if vel > 0 => {
                self.held.entry(key.as_int()).or_default().push_back((now, vel.as_int()));
            }
            MidiMessage::NoteOn { key, .. } | MidiMessage::NoteOff { key, .. } => {
                let Some(held) = self.held.get_mut(&key.as_int()) else { return };
                if let Some((start, velocity)) = held.pop_front() {
                    self.push(start, now, key.as_int(), velocity, ticks_per_quarter);
                }
            }
            MidiMessage::ProgramChange { program } if self.notes.is_empty() && self.held.is_empty() => {
                self.program = Some(program.as_int());
            }
            _ => {}
        }
    }

    fn push(&mut self, start: u64, end: u64, key: u8, velocity: u8, ticks_per_quarter: f64) {
        let start_quarters = start as f64 / ticks_per_quarter;
        let length = (end - start).max(1) as f64 / ticks_per_quarter;
        self.notes.push(MidiNote { start: start_quarters, length, key, velocity });
    }

    fn release_all(&mut self, end: u64, ticks_per_quarter: f64) {
        for (key, held) in std::mem::take(&mut self.held) {
            for (start, velocity) in held {
                self.push(start, end, key, velocity, ticks_per_quarter);
            }
        }
    }

    fn role(&self, channel: u8, names: &str) -> Role {
        if channel == Role::Drums.midi_channel() {
            return Role::Drums;
        }
        let named = NAME_WORDS.into_iter().find(|(word, _)| names.contains(word)).map(|(_, role)| role);
        named
            .or_else(|| self.program.map(role_of_program))
            .or_else(|| Role::ALL.into_iter().find(|role| role.midi_channel() == channel))
            .unwrap_or_else(|| self.role_of_notes())
    }

    fn role_of_notes(&self) -> Role {
        let count = self.notes.len().max(1) as f64;
        let mean_key = self.notes.iter().map(|note| f64::from(note.key)).sum::<f64>() / count;
        let held: f64 = self.notes.iter().map(|note| note.length).sum();
        let first = self.notes.iter().map(|note| note.start).fold(f64::INFINITY, f64::min);
        let last = self.notes.iter().map(|note| note.start + note.length).fold(0.0, f64::max);
        if mean_key < 48.0 {
            Role::Bass
        } else if held > 1.2 * (last - first) {
            Role::Chords
        } else {
            Role::Lead
        }
    }
}

/// The role of a General MIDI program, counted from 0.
fn role_of_program(program: u8) -> Role {
    match program {
        32..=39 | 43 => Role::Bass,
        // Celesta to dulcimer, harp, and the plucked instruments of the world.
        8..=15 | 45 | 46 | 104..=108 => Role::Arp,
        // Solo strings, trumpet, reeds, pipes, synth leads, fiddle.
        40..=42 | 56 | 64..=87 | 109..=111 => Role::Lead,
        44 | 48..=54 | 88..=95 => Role::Pad,
        47 | 112..=119 => Role::Drums,
        96..=103 | 120..=127 => Role::Texture,
        _ => Role::Chords,
    }
}
