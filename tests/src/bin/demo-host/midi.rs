//! The captured notes as a MIDI file: a track with the tempo, then a track for each role that played.

use anyhow::{Context, Result};
use midly::num::{u4, u7, u15, u24, u28};
use midly::{Format, Header, MetaMessage, MidiMessage, Smf, Timing, Track, TrackEvent, TrackEventKind};
use sceneloop_music::Role;
use sceneloop_tests::host::{Note, Recording};

const TICKS_PER_QUARTER: u16 = 960;

/// The file's bytes.
pub fn file(recording: &Recording, bpm: f64) -> Result<Vec<u8>> {
    let mut smf = Smf::new(Header::new(Format::Parallel, Timing::Metrical(u15::new(TICKS_PER_QUARTER))));
    let microseconds = u24::try_from((60e6 / bpm).round() as u32).context("a tempo that MIDI cannot hold")?;
    smf.tracks.push(vec![
        meta(MetaMessage::Tempo(microseconds)),
        meta(MetaMessage::TimeSignature(4, 2, 24, 8)),
        meta(MetaMessage::EndOfTrack),
    ]);
    for role in Role::ALL {
        let notes: Vec<&Note> =
            recording.notes.iter().filter(|note| note.channel == role.midi_channel()).collect();
        if !notes.is_empty() {
            smf.tracks.push(track(role.name().as_bytes(), &notes, recording));
        }
    }
    let mut bytes = Vec::new();
    smf.write_std(&mut bytes)?;
    Ok(bytes)
}

fn track<'a>(name: &'a [u8], notes: &[&Note], recording: &Recording) -> Track<'a> {
    let mut track = vec![meta(MetaMessage::TrackName(name))];
    let mut last = 0;
    for note in notes {
        let tick = (recording.position(note.frame) * f64::from(TICKS_PER_QUARTER)).round().max(0.0) as u32;
        let (key, channel) = (u7::new(note.key & 127), u4::new(note.channel & 15));
        let message = match note.velocity {
            Some(velocity) => {
                let vel = u7::new((velocity * 127.0).round().clamp(1.0, 127.0) as u8);
                MidiMessage::NoteOn { key, vel }
            }
            None => MidiMessage::NoteOff { key, vel: u7::new(0) },
        };
        let kind = TrackEventKind::Midi { channel, message };
        track.push(TrackEvent { delta: u28::new(tick.saturating_sub(last)), kind });
        last = last.max(tick);
    }
    track.push(meta(MetaMessage::EndOfTrack));
    track
}

fn meta(message: MetaMessage<'_>) -> TrackEvent<'_> {
    TrackEvent { delta: u28::new(0), kind: TrackEventKind::Meta(message) }
}
