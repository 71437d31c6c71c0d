//! Notes in and notes out.
//!
//! **In:** the twelve keys from 12 to 23, the lowest octave of a grand piano and below, are events: 12 victory,
//! 13 defeat, 14 death, 15 boss, 16 danger, 17 calm, 18 discovery, 19 countdown, 20 cheer, 21 to 23 the first three
//! of the scene's own. A note-on of any other key sets the tonic of the key and with it transposes the music from the
//! next sync point on. It stays until the next such note-on or a reset; note-offs, velocity, channel and octave say
//! nothing. The key parameter holds again after a reset.
//!
//! **Out:** every note that sounds, on the channel of its role, at its frame in the block.

use nice_plug::midi::{Channel, Key, NoteEvent, VoiceID};
use sceneloop_engine::NoteOut;
use sceneloop_music::{EventId, PitchClass};

/// The keys that are events, in the order of their places.
pub const EVENT_KEYS: std::ops::RangeInclusive<u8> = 12..=23;

/// The tonic that was last played. Lives on the audio thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TonicLatch(Option<PitchClass>);

impl TonicLatch {
    /// Takes what the host sends; all but note-ons with a key is ignored.
    pub fn take<S>(&mut self, event: &NoteEvent<S>) {
        if let Some((_, key)) = note_on(event)
            && !EVENT_KEYS.contains(&key)
        {
            self.0 = Some(PitchClass::new(i32::from(key)));
        }
    }

    /// The tonic that holds, if one was played.
    pub fn tonic(self) -> Option<PitchClass> {
        self.0
    }

    /// Forgets what was played.
    pub fn reset(&mut self) {
        self.0 = None;
    }
}

/// The event that a note stands for, and its frame in the block.
pub fn trigger<S>(event: &NoteEvent<S>) -> Option<(u32, EventId)> {
    let (frame, key) = note_on(event).filter(|(_, key)| EVENT_KEYS.contains(key))?;
    EventId::new(usize::from(key - EVENT_KEYS.start())).map(|event| (frame, event))
}

/// Frame and key of a note-on with a key.
fn note_on<S>(event: &NoteEvent<S>) -> Option<(u32, u8)> {
    match event {
        NoteEvent::NoteOn { timing, key: Key::Number(key), velocity, .. } if *velocity > 0.0 => {
            Some((*timing, *key))
        }
        _ => None,
    }
}

/// A note of the music as the host wants it, `offset` frames later.
pub fn event<S>(note: NoteOut, offset: u32) -> NoteEvent<S> {
    let (timing, voice_id) = (offset + note.frame, VoiceID::Wildcard);
    let (channel, key) = (Channel::Number(note.channel), Key::Number(note.key));
    if note.velocity > 0.0 {
        NoteEvent::NoteOn { timing, voice_id, channel, key, velocity: note.velocity.min(1.0) }
    } else {
        NoteEvent::NoteOff { timing, voice_id, channel, key, velocity: 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sceneloop_music::Role;

    fn on(key: Key, velocity: f32) -> NoteEvent<()> {
        NoteEvent::NoteOn {
            timing: 3,
            voice_id: VoiceID::Wildcard,
            channel: Channel::Number(2),
            key,
            velocity,
        }
    }

    #[test]
    fn a_note_holds_until_the_next_or_a_reset() {
        let mut latch = TonicLatch::default();
        assert_eq!(latch.tonic(), None);
        latch.take(&on(Key::Number(69), 0.5));
        assert_eq!(latch.tonic(), Some(PitchClass::new(9)));
        let (voice_id, channel) = (VoiceID::Wildcard, Channel::Wildcard);
        latch.take::<()>(&NoteEvent::NoteOff {
            timing: 9,
            voice_id,
            channel,
            key: Key::Number(69),
            velocity: 0.0,
        });
        assert_eq!(latch.tonic(), Some(PitchClass::new(9)));
        latch.take(&on(Key::Wildcard, 0.5));
        latch.take(&on(Key::Number(60), 0.0));
        assert_eq!(latch.tonic(), Some(PitchClass::new(9)));
        latch.take(&on(Key::Number(24), 1.0));
        assert_eq!(latch.tonic(), Some(PitchClass::new(0)));
        latch.reset();
        assert_eq!(latch.tonic(), None);
    }

    #[test]
    fn the_lowest_keys_are_events_and_no_tonic() {
        let mut latch = TonicLatch::default();
        for key in 0..128 {
            let note = on(Key::Number(key), 0.5);
            let place = (12..24).contains(&key).then(|| (3, EventId::new(usize::from(key) - 12).unwrap()));
            assert_eq!(trigger(&note), place);
            latch.reset();
            latch.take(&note);
            assert_eq!(latch.tonic().is_some(), place.is_none());
        }
        assert_eq!(trigger(&on(Key::Number(12), 0.0)), None);
        assert_eq!(trigger(&on(Key::Wildcard, 1.0)), None);
    }

    #[test]
    fn notes_leave_on_their_channel_and_frame() {
        let note = NoteOut {
            frame: 5,
            role: Role::Drums,
            channel: Role::Drums.midi_channel(),
            key: 36,
            velocity: 0.8,
        };
        let (voice_id, channel, key) = (VoiceID::Wildcard, Channel::Number(9), Key::Number(36));
        assert_eq!(
            event::<()>(note, 64),
            NoteEvent::NoteOn { timing: 69, voice_id, channel, key, velocity: 0.8 }
        );
        let off = NoteOut { velocity: 0.0, ..note };
        assert_eq!(
            event::<()>(off, 0),
            NoteEvent::NoteOff { timing: 5, voice_id, channel, key, velocity: 0.0 }
        );
    }
}
