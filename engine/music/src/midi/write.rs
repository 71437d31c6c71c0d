//! A song to the bytes of a type-1 Standard MIDI File.

use super::{MAX_QUARTERS, MidiNote, MidiSong, TICKS_PER_QUARTER};
use crate::key::{Key, Mode};
use crate::role::Role;
use crate::time::{Bpm, Metre};
use midly::num::{u4, u7, u15, u24, u28};
use midly::{Format, Header, MetaMessage, MidiMessage, Smf, Timing, TrackEvent, TrackEventKind};

/// Begins the text event that holds the key with its exact mode, which a key signature cannot say.
pub(super) const KEY_TEXT: &str = "Key: ";

impl MidiSong {
    /// The song as a type-1 file of [`TICKS_PER_QUARTER`]: a track of tempo, metre, key and markers, then one named
    /// track for each role on its own channel, empty ones too, so that tracks always stand where they stood.
    ///
    /// Positions are rounded to ticks, tempos to microseconds a quarter. What a file cannot hold is brought into
    /// range: positions to 0..=[`MAX_QUARTERS`], lengths to one tick at least, keys and velocities to MIDI's. A note
    /// that is still held when its key is struck again ends there. All tracks end with the song, so that they stay of one
    /// length where they are dropped into a DAW, or with their last event if that is later.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Owned, because events borrow their texts.
        let key_text = self.key.map(|key| format!("{KEY_TEXT}{key}"));
        let mut smf = Smf::new(Header::new(Format::Parallel, Timing::Metrical(u15::new(TICKS_PER_QUARTER))));
        smf.tracks.push(self.conductor(key_text.as_deref()));
        smf.tracks
            .extend(self.tracks.iter().map(|(role, notes)| role_track(role, notes, ticks(self.length))));
        let mut bytes = Vec::new();
        // Writing to memory fails only for a track of 4 GB, for which the notes alone would need ten times as much.
        match smf.write(&mut bytes) {
            Ok(()) => bytes,
            Err(_) => Vec::new(),
        }
    }

    fn conductor<'a>(&'a self, key_text: Option<&'a str>) -> Vec<TrackEvent<'a>> {
        let mut events: Vec<(u32, MetaMessage<'a>)> = Vec::new();
        events.push((0, MetaMessage::TrackName(b"Sceneloop")));
        if let Some((key, text)) = self.key.zip(key_text) {
            let (accidentals, minor) = signature(key);
            events.push((0, MetaMessage::KeySignature(accidentals, minor)));
            events.push((0, MetaMessage::Text(text.as_bytes())));
        }
        events.extend(self.metres.iter().map(|(at, metre)| (ticks(*at), time_signature(*metre))));
        events.extend(self.tempo.iter().map(|(at, bpm)| (ticks(*at), tempo(*bpm))));
        events
            .extend(self.markers.iter().map(|(at, name)| (ticks(*at), MetaMessage::Marker(name.as_bytes()))));
        let events = events.into_iter().map(|(at, meta)| (at, TrackEventKind::Meta(meta))).collect();
        track(events, ticks(self.length))
    }
}

/// Quarter notes in ticks, brought into the range of a song.
fn ticks(quarters: f64) -> u32 {
    // NaN becomes 0 in the cast.
    (quarters.clamp(0.0, MAX_QUARTERS) * f64::from(TICKS_PER_QUARTER)).round() as u32
}

fn tempo(bpm: Bpm) -> MetaMessage<'static> {
    // 10 to 960 BPM are 6,000,000 to 62,500 microseconds: within 24 bits.
    MetaMessage::Tempo(u24::new((60e6 / bpm.get()).round() as u32))
}

fn time_signature(metre: Metre) -> MetaMessage<'static> {
    let denominator = metre.denominator().trailing_zeros() as u8;
    // The click is the first felt beat; a quarter has 24 clocks, a step 6.
    let click = metre.beats().first().map_or(24, |steps| (steps * 6).min(255) as u8);
    MetaMessage::TimeSignature(metre.numerator(), denominator, click, 8)
}

/// Sharps (flats negative) and whether minor: the conventional signature of the mode's tonic, major or minor. So D
/// dorian is written as D minor with one flat, which keeps the tonic that readers show.
pub(super) fn signature(key: Key) -> (i8, bool) {
    let minor = key.mode.is_minor();
    let fifths = i8::try_from(key.tonic.fifths()).unwrap_or(0) - if minor { 3 } else { 0 };
    // C sharp major has fewer accidentals as D flat; six of either are written as sharps.
    (if fifths > 6 { fifths - 12 } else { fifths }, minor)
}

/// The key that a signature says: the other way round.
pub(super) fn key_of_signature(accidentals: i8, minor: bool) -> Option<Key> {
    if !(-7..=7).contains(&accidentals) {
        return None;
    }
    let tonic = i32::from(accidentals) * 7 + if minor { 9 } else { 0 };
    Some(Key::new(crate::key::PitchClass::new(tonic), if minor { Mode::Aeolian } else { Mode::Ionian }))
}

fn role_track(role: Role, notes: &[MidiNote], end: u32) -> Vec<TrackEvent<'static>> {
    let channel = u4::new(role.midi_channel());
    let mut events = vec![(0, TrackEventKind::Meta(MetaMessage::TrackName(role.name().as_bytes())))];
    for (on, off, key, velocity) in spans(notes) {
        let (key, vel) = (u7::new(key), u7::new(velocity));
        events.push((on, TrackEventKind::Midi { channel, message: MidiMessage::NoteOn { key, vel } }));
        events.push((
            off,
            TrackEventKind::Midi { channel, message: MidiMessage::NoteOff { key, vel: u7::new(64) } },
        ));
    }
    track(events, end)
}

/// Notes in ticks (on, off, key, velocity) with no two of one key at once. Of two that start together the last stays.
fn spans(notes: &[MidiNote]) -> Vec<(u32, u32, u8, u8)> {
    let mut spans: Vec<(u32, u32, u8, u8)> = notes
        .iter()
        .map(|note| {
            // One tick before the end at the latest, so that the note has room.
            let on = ticks(note.start).min(ticks(MAX_QUARTERS) - 1);
            let off = ticks(note.start + note.length).max(on + 1);
            (on, off, note.key.min(127), note.velocity.clamp(1, 127))
        })
        .collect();
    spans.sort_by_key(|(on, _, key, _)| (*key, *on));
    for index in 1..spans.len() {
        let (next_on, next_key) = (spans[index].0, spans[index].2);
        let before = &mut spans[index - 1];
        if before.2 == next_key {
            before.1 = before.1.min(next_on);
        }
    }
    spans.retain(|(on, off, ..)| on < off);
    spans.sort_by_key(|(on, _, key, _)| (*on, *key));
    spans
}

/// Events at ticks, in any order, to events with delta times; at one tick meta events come first, then note ends, then
/// note starts, each kind in the order given. The track ends at `end`, or with its last event if that is later.
fn track(mut events: Vec<(u32, TrackEventKind<'_>)>, end: u32) -> Vec<TrackEvent<'_>> {
    events.sort_by_key(|(at, kind)| {
        let order = match kind {
            TrackEventKind::Midi { message: MidiMessage::NoteOn { .. }, .. } => 2,
            TrackEventKind::Midi { .. } => 1,
            _ => 0,
        };
        (*at, order)
    });
    let mut now = 0;
    let mut track: Vec<TrackEvent<'_>> = Vec::with_capacity(events.len() + 1);
    for (at, kind) in events {
        track.push(TrackEvent { delta: u28::new(at - now), kind });
        now = at;
    }
    let rest = u28::new(end.saturating_sub(now));
    track.push(TrackEvent { delta: rest, kind: TrackEventKind::Meta(MetaMessage::EndOfTrack) });
    track
}
