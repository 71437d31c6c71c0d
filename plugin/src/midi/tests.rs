use super::*;
use crate::params::SceneloopParams;
use crate::state::EngineSlot;
use sceneloop_engine::EngineError;
use sceneloop_music::Role;

fn on(key: Key, velocity: f32) -> NoteEvent<()> {
    NoteEvent::NoteOn { timing: 3, voice_id: VoiceID::Wildcard, channel: Channel::Number(2), key, velocity }
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
    let note =
        NoteOut { frame: 5, role: Role::Drums, channel: Role::Drums.midi_channel(), key: 36, velocity: 0.8 };
    let (voice_id, channel, key) = (VoiceID::Wildcard, Channel::Number(9), Key::Number(36));
    assert_eq!(
        event::<()>(note, 64),
        NoteEvent::NoteOn { timing: 69, voice_id, channel, key, velocity: 0.8 }
    );
    let off = NoteOut { velocity: 0.0, ..note };
    assert_eq!(event::<()>(off, 0), NoteEvent::NoteOff { timing: 5, voice_id, channel, key, velocity: 0.0 });
}

/// Parameters and a latch, as the audio thread has them.
struct Rider {
    params: SceneloopParams,
    latch: EnergyLatch,
}

impl Rider {
    fn new() -> Self {
        let params = SceneloopParams::new(EngineSlot::new(Err(EngineError::State("none".into()))));
        let mut rider = Self { params, latch: EnergyLatch::default() };
        rider.block();
        rider
    }

    /// One that has learned a controller.
    fn of(number: u8) -> Self {
        let mut rider = Self::new();
        rider.params.controller.begin_learning();
        assert!(rider.params.controller.learn(number));
        rider.block();
        rider
    }

    fn block(&mut self) {
        self.latch.follow(&self.params.energy, &self.params.controller);
    }

    /// A message as it comes from a cable.
    fn send(&mut self, bytes: [u8; 3]) {
        let event = NoteEvent::<()>::from_midi(7, &bytes).unwrap();
        self.latch.take(&event, &self.params.controller);
    }

    #[allow(unsafe_code)]
    fn set(&mut self, energy: f32) {
        // SAFETY: the parameters live, and nobody else uses them.
        unsafe { self.params.energy.as_ptr()._internal_set_normalized_value(energy / 100.0) };
    }

    #[allow(unsafe_code)]
    fn modulate(&mut self, by: f32) {
        // SAFETY: as above.
        unsafe { self.params.energy.as_ptr()._internal_modulate_value(by / 100.0) };
    }

    fn energy(&self) -> Option<f32> {
        self.latch.ridden(&self.params.energy).map(Energy::get)
    }
}

#[test]
fn the_one_that_moved_last_holds() {
    let mut rider = Rider::of(74);
    assert_eq!(rider.energy(), None);
    // Whatever the channel, and no other controller.
    for (bytes, energy) in
        [([0xb0, 74, 127], 100.0), ([0xb9, 74, 0], 0.0), ([0xbf, 74, 64], 50.4), ([0xb0, 73, 1], 50.4)]
    {
        rider.send(bytes);
        assert_eq!(rider.energy(), Some(energy), "{bytes:?}");
    }
    rider.block();
    assert_eq!(rider.energy(), Some(50.4), "nobody moved");
    rider.set(70.0);
    rider.block();
    assert_eq!(rider.energy(), Some(50.4), "70 it was before");
    rider.set(30.0);
    rider.block();
    assert_eq!(rider.energy(), None);
    rider.send([0xb0, 74, 64]);
    assert_eq!(rider.energy(), Some(50.4), "where it stood before");
    rider.set(31.0);
    rider.block();
    rider.send([0xb0, 74, 127]);
    assert_eq!(rider.energy(), Some(100.0), "both in one block: the controller is later");
    rider.params.controller.let_go();
    rider.block();
    assert_eq!(rider.energy(), None, "by hand, to where the parameter stands");
}

#[test]
fn every_value_is_one_that_the_parameter_has() {
    let mut rider = Rider::of(1);
    for value in 0..=127 {
        rider.send([0xb0, 1, value]);
        let energy = rider.energy().unwrap();
        assert!((energy - f32::from(value) / 1.27).abs() <= 0.051, "{value}: {energy}");
        rider.set(f32::from(value) / 1.27);
        assert_eq!(energy, rider.params.energy.value());
    }
}

#[test]
fn a_reset_gives_the_energy_back_and_forgets_no_controller() {
    let mut rider = Rider::of(74);
    rider.send([0xb0, 74, 10]);
    rider.latch.reset();
    assert_eq!(rider.energy(), None);
    rider.set(20.0);
    rider.block();
    rider.send([0xb0, 74, 127]);
    assert_eq!((rider.energy(), rider.params.controller.learned()), (Some(100.0), Some(74)));
}

#[test]
fn the_first_that_moves_is_learned_and_rides_at_once() {
    let mut rider = Rider::of(74);
    rider.send([0xb0, 74, 127]);
    rider.params.controller.begin_learning();
    // Sound off, all notes off, and what is no controller at all.
    for bytes in
        [[0xb0, 120, 5], [0xb0, 123, 0], [0xb0, 127, 9], [0xe0, 3, 4], [0x90, 60, 90], [0xa0, 60, 90]]
    {
        let event = NoteEvent::<()>::from_midi(0, &bytes).unwrap();
        assert!(!rider.latch.is_moved_by(&event, &rider.params.controller), "{bytes:?}");
        rider.send(bytes);
        assert!(rider.params.controller.is_learning(), "{bytes:?}");
    }
    assert_eq!(rider.energy(), Some(100.0), "the one before rides on");
    rider.send([0xb3, 11, 0]);
    rider.send([0xb3, 12, 127]);
    assert_eq!((rider.params.controller.learned(), rider.energy()), (Some(11), Some(0.0)));
    rider.block();
    assert_eq!(rider.energy(), Some(0.0));
    rider.send([0xb0, 74, 127]);
    assert_eq!(rider.energy(), Some(0.0), "the one before rides no longer");
    rider.params.controller.forget();
    rider.block();
    assert_eq!(rider.energy(), None);
}

#[test]
fn modulation_goes_on_about_the_controller() {
    let mut rider = Rider::of(74);
    rider.send([0xb0, 74, 0]);
    rider.modulate(10.0);
    rider.block();
    assert!((rider.energy().unwrap() - 10.0).abs() < 1e-3, "{:?}", rider.energy());
    rider.modulate(-10.0);
    rider.block();
    assert_eq!(rider.energy(), Some(0.0));
    rider.modulate(0.0);
    rider.block();
    assert_eq!(rider.energy(), Some(0.0));
}

#[test]
fn what_lies_behind_a_block_is_the_next_ones_first_after_the_parameter() {
    let mut rider = Rider::of(74);
    rider.latch.take_late(&NoteEvent::<()>::from_midi(64, &[0xb0, 74, 127]).unwrap());
    assert_eq!(rider.energy(), None);
    rider.set(5.0);
    rider.block();
    assert_eq!(rider.energy(), Some(100.0));
}

#[test]
fn what_is_no_number_moves_nothing() {
    let mut rider = Rider::of(74);
    for value in [f32::NAN, f32::INFINITY, -f32::INFINITY] {
        let event = NoteEvent::<()>::MidiCC { timing: 0, channel: 0, cc: 74, value };
        rider.latch.take(&event, &rider.params.controller);
        assert_eq!(rider.energy(), None);
    }
    let event = NoteEvent::<()>::MidiCC { timing: 0, channel: 0, cc: 74, value: 3.0 };
    rider.latch.take(&event, &rider.params.controller);
    assert_eq!(rider.energy(), Some(100.0));
}
