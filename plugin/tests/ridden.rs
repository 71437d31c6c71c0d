//! A controller that is learned and rides the energy, through whole blocks of the audio thread, which allocates nothing.

use assert_no_alloc::{AllocDisabler, assert_no_alloc};
use nice_plug::context::PluginApi;
use nice_plug::context::process::SendEventError;
use nice_plug::prelude::*;
use sceneloop_engine::{Engine, Preference};
use sceneloop_music::Energy;
use sceneloop_plugin::Sceneloop;
use sceneloop_plugin::host_guard::{Drained, HostLink};
use sceneloop_plugin::params::SceneloopParams;
use sceneloop_plugin::process::Processor;
use sceneloop_plugin::state::EngineSlot;
use std::collections::VecDeque;
use std::sync::Arc;

#[global_allocator]
static GUARD: AllocDisabler = AllocDisabler;

const BLOCK: usize = 256;

/// What one block gets of a host.
struct Context {
    transport: Transport,
    events: VecDeque<NoteEvent<()>>,
}

impl ProcessContext<Sceneloop> for Context {
    fn plugin_api(&self) -> PluginApi {
        PluginApi::Standalone
    }
    fn execute_background(&self, _: Drained) {}
    fn execute_gui(&self, _: Drained) {}
    fn transport(&self) -> &Transport {
        &self.transport
    }
    fn next_event(&mut self) -> Option<NoteEvent<()>> {
        self.events.pop_front()
    }
    fn try_send_event(&mut self, _: NoteEvent<()>) -> Result<(), (NoteEvent<()>, SendEventError)> {
        Ok(())
    }
    fn set_latency_samples(&self, _: u32) {}
    fn request_restart(&self) {}
    fn set_current_voice_capacity(&self, _: u32) {}
}

struct Desk {
    params: Arc<SceneloopParams>,
    processor: Processor,
}

impl Desk {
    fn new() -> Self {
        let engine = Engine::with_notes(Preference::TEACHER, None).unwrap();
        engine.set_scene("techno").unwrap();
        let params = Arc::new(SceneloopParams::new(EngineSlot::new(Ok(engine))));
        let mut processor = Processor::new(params.clone(), HostLink::current());
        let config = BufferConfig {
            sample_rate: 48_000.0,
            min_buffer_size: None,
            max_buffer_size: BLOCK as u32,
            process_mode: ProcessMode::Realtime,
        };
        assert!(processor.activate(&config));
        Self { params, processor }
    }

    /// A block with messages as they come from a cable, each at its frame; the energy that a controller has led to.
    #[allow(unsafe_code)]
    fn block(&mut self, messages: &[(u32, [u8; 3])]) -> Option<f32> {
        let mut sides = [[0.0f32; BLOCK], [0.0f32; BLOCK]];
        let [left, right] = &mut sides;
        let mut buffer = Buffer::default();
        // SAFETY: the sides outlive the block, and have that length.
        unsafe { buffer.set_slices(BLOCK, |slices| *slices = vec![&mut left[..], &mut right[..]]) };
        let mut aux = AuxiliaryBuffers { inputs: &mut [], outputs: &mut [] };
        let events = messages.iter().map(|(frame, bytes)| NoteEvent::from_midi(*frame, bytes).unwrap());
        let mut context = Context { transport: Transport::new(48_000.0), events: events.collect() };
        context.transport.playing = true;
        let status = assert_no_alloc(|| self.processor.process(&mut buffer, &mut aux, &mut context));
        assert!(matches!(status, ProcessStatus::KeepAlive) && context.events.is_empty());
        self.params.controller.ridden().map(Energy::get)
    }
}

#[test]
fn the_first_controller_that_moves_is_learned_and_rides_until_something_else_moves() {
    let mut desk = Desk::new();
    assert_eq!(desk.block(&[(0, [0xb0, 74, 1]), (9, [0x90, 60, 100])]), None, "nobody asked");
    desk.params.controller.begin_learning();
    assert_eq!(desk.block(&[(3, [0xb0, 123, 0]), (5, [0x90, 15, 90])]), None, "a mode message and an event");
    let messages = [(0, [0xb0, 121, 0]), (10, [0xb2, 74, 127]), (10, [0xb0, 1, 0]), (200, [0xb4, 74, 0])];
    assert_eq!(desk.block(&messages), Some(0.0));
    assert_eq!(desk.params.controller.learned(), Some(74));
    assert_eq!(desk.block(&[]), Some(0.0));
    assert_eq!(desk.block(&[(0, [0xb0, 1, 127])]), Some(0.0));
    assert_eq!(desk.block(&[(255, [0xb0, 74, 127])]), Some(100.0));
    // The parameter, as a host automates it.
    // SAFETY: nobody else uses the parameters.
    #[allow(unsafe_code)]
    unsafe {
        desk.params.energy.as_ptr()._internal_set_normalized_value(0.3)
    };
    assert_eq!(desk.block(&[]), None);
    assert_eq!(desk.block(&[(100, [0xb0, 74, 64])]), Some(50.4));
    desk.processor.reset();
    assert_eq!(desk.params.controller.ridden(), None);
    assert_eq!((desk.block(&[]), desk.params.controller.learned()), (None, Some(74)));
    assert_eq!(desk.block(&[(100, [0xb0, 74, 64])]), Some(50.4));
    desk.params.controller.forget();
    assert_eq!(desk.block(&[(100, [0xb0, 74, 127])]), None);
}

#[test]
fn a_flood_of_messages_costs_no_memory() {
    let mut desk = Desk::new();
    for block in 0..200u8 {
        if block % 20 == 0 {
            desk.params.controller.begin_learning();
        }
        let messages: Vec<(u32, [u8; 3])> =
            (0..BLOCK as u32).map(|frame| (frame, [0xb0, block / 20, frame as u8 & 127])).collect();
        assert_eq!(desk.block(&messages), Some(100.0));
        assert_eq!(desk.params.controller.learned(), Some(block / 20));
    }
}

#[test]
fn what_lies_behind_the_block_is_the_next_ones() {
    let mut desk = Desk::new();
    desk.params.controller.begin_learning();
    assert_eq!(desk.block(&[(0, [0xb0, 74, 0])]), Some(0.0));
    assert_eq!(desk.block(&[(BLOCK as u32, [0xb0, 74, 127])]), Some(0.0));
    assert_eq!(desk.block(&[]), Some(100.0));
}
