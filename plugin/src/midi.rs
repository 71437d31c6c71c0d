//! Notes and controllers in, notes out.
//!
//! **In:** the twelve keys from 12 to 23, the lowest octave of a grand piano and below, are events: 12 victory,
//! 13 defeat, 14 death, 15 boss, 16 danger, 17 calm, 18 discovery, 19 countdown, 20 cheer, 21 to 23 the first three
//! of the scene's own. A note-on of any other key sets the tonic of the key and with it transposes the music from the
//! next sync point on. It stays until the next such note-on or a reset; note-offs, velocity, channel and octave say
//! nothing. The key parameter holds again after a reset.
//!
//! The one controller that was learned, on any channel, rides the energy: its 0 to 127 are 0 to 100. As with the tonic, whoever moved last
//! holds, the controller from its very frame on, the energy parameter from where it changes; a reset gives the energy back
//! to the parameter. The parameter itself is not written, or hosts would record what their MIDI track holds already.
//!
//! **Out:** every note that sounds, on the channel of its role, at its frame in the block.

use crate::state::{CONTROLLERS, EnergyController};
use nice_plug::midi::{Channel, Key, NoteEvent, VoiceID};
use nice_plug::prelude::{FloatParam, Param};
use sceneloop_engine::NoteOut;
use sceneloop_music::{Energy, EventId, PitchClass};

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

/// The energy that the controller has led to. Lives on the audio thread.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct EnergyLatch {
    /// Where the controller stands, 0 to 1, if it moved last.
    ride: Option<f32>,
    /// What is due at the first frame of the next block: of the frame behind this one's last.
    late: Option<(u8, f32)>,
    /// The controller, and the parameter's value, in the last block.
    controller: Option<u8>,
    param: Option<f32>,
}

impl EnergyLatch {
    /// Looks at the beginning of a block at what else moves the energy: the parameter, and the window.
    pub fn follow(&mut self, param: &FloatParam, shared: &EnergyController) {
        // Modulation is no move: it goes on about wherever the energy is.
        let value = param.unmodulated_plain_value();
        let has_moved = self.param.replace(value).is_some_and(|before| before != value);
        let controller = shared.learned();
        if shared.was_let_go() || has_moved || controller != self.controller {
            self.ride = None;
        }
        self.controller = controller;
        if let Some((number, value)) = self.late.take() {
            self.moved(number, value, shared);
        }
    }

    /// Whether an event moves the energy, or may be the one that is learned.
    pub fn is_moved_by<S>(&self, event: &NoteEvent<S>, shared: &EnergyController) -> bool {
        controller(event).is_some_and(|(number, _)| self.controller == Some(number) || shared.is_learning())
    }

    /// Takes what the host sends; all but the controller is ignored.
    pub fn take<S>(&mut self, event: &NoteEvent<S>, shared: &EnergyController) {
        if let Some((number, value)) = controller(event) {
            self.moved(number, value, shared);
        }
    }

    /// Takes what lies behind the block. nice-plug sends it so where it cuts a block at a parameter that moves at the same frame.
    pub fn take_late<S>(&mut self, event: &NoteEvent<S>) {
        self.late = controller(event);
    }

    fn moved(&mut self, number: u8, value: f32, shared: &EnergyController) {
        if shared.learn(number) {
            self.controller = Some(number);
        }
        if self.controller == Some(number) {
            self.ride = Some(value);
        }
    }

    /// The energy that the controller has led to, with the modulation that the host has put on the parameter.
    pub fn ridden(&self, param: &FloatParam) -> Option<Energy> {
        let modulation = param.value() - param.unmodulated_plain_value();
        // In the parameter's own steps, so that both sound the same.
        self.ride.map(|unit| Energy::new(param.preview_plain(unit) + modulation))
    }

    /// Gives the energy back to the parameter. The controller stays learned.
    pub fn reset(&mut self) {
        (self.ride, self.late, self.param) = (None, None, None);
    }
}

/// Number and value, 0 to 1, of a controller that can be learned.
fn controller<S>(event: &NoteEvent<S>) -> Option<(u8, f32)> {
    match event {
        NoteEvent::MidiCC { cc, value, .. } if CONTROLLERS.contains(cc) && value.is_finite() => {
            Some((*cc, value.clamp(0.0, 1.0)))
        }
        _ => None,
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
mod tests;
