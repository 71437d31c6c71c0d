//! Sceneloop in a host: CLAP and VST3, and a program of its own. No musical decision is made here.
//!
//! # Data flow
//! Host → [`params`], [`transport`], [`midi`] → the engine's stream → audio, notes → host. The [`editor`] changes
//! parameters and the scene, and shows what the engine says of itself.
//!
//! # Threads
//! | thread | here | may wait? |
//! | --- | --- | --- |
//! | audio (the host's) | [`process`]: reads parameters (atomics), takes audio from the stream | never, except in an offline bounce |
//! | main (the host's) | opening and closing the stream, saving and loading ([`state`]) | yes |
//! | window (the host's main thread, or baseview's) | [`editor`] | yes, but never for the composer |
//! | reading, export (ours, for one file or folder) | a SoundFont that was chosen in the window, a loop that is kept | for files |
//!
//! The engine owns the composer and renderer threads. nice-plug's background tasks are not used: see [`host_guard`],
//! which stands between the host and nice-plug.

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

pub mod editor;
pub mod host_guard;
pub mod licences;
pub mod midi;
pub mod params;
mod pinned;
pub mod process;
pub mod state;
pub mod transport;

use editor::SceneloopEditor;
use host_guard::{Drained, HostLink};
use nice_plug::prelude::*;
use params::SceneloopParams;
use process::Processor;
use sceneloop_engine::Engine;
use state::EngineSlot;
use std::num::NonZeroU32;
use std::sync::Arc;

const STEREO: NonZeroU32 = new_nonzero_u32(2);

/// What both classes share.
struct Core {
    params: Arc<SceneloopParams>,
    link: Arc<HostLink>,
    processor: Processor,
}

impl Core {
    fn new() -> Self {
        pinned::keep();
        let params = Arc::new(SceneloopParams::new(EngineSlot::new(Engine::new())));
        let link = HostLink::current();
        link.on_state(params.engine.vetter());
        link.on_refusal(params.engine.refuser());
        Self { processor: Processor::new(params.clone(), link.clone()), link, params }
    }
}

/// Declares one class that a host can load. The two differ in name, ids and output buses only.
macro_rules! class {
    ($(#[$doc:meta])* $class:ident, $name:literal, $clap_id:literal, $vst3_id:literal, $description:literal, $layout:expr) => {
        $(#[$doc])*
        pub struct $class(Core);

        impl Default for $class {
            fn default() -> Self {
                Self(Core::new())
            }
        }

        impl Plugin for $class {
            const NAME: &'static str = $name;
            const VENDOR: &'static str = "Sceneloop";
            const URL: &'static str = "";
            const EMAIL: &'static str = "";
            const VERSION: &'static str = env!("CARGO_PKG_VERSION");
            const AUDIO_IO_LAYOUTS: &'static [AudioIOLayout] = &[$layout];
            // For the controller that rides the energy. What VST3 makes of it, `host_guard` keeps small.
            const MIDI_INPUT: MidiConfig = MidiConfig::MidiCCs;
            const MIDI_OUTPUT: MidiConfig = MidiConfig::Basic;
            const SAMPLE_ACCURATE_AUTOMATION: bool = true;

            type Editor = SceneloopEditor;
            type SysExMessage = ();
            type BackgroundTask = Drained;

            fn task_executor(&mut self) -> TaskExecutor<Self> {
                Box::new(|task| task.done())
            }

            fn params(&self) -> Arc<dyn Params> {
                self.0.params.clone()
            }

            fn filter_state(state: &mut PluginState) {
                state::vet(state);
            }

            fn editor(&mut self, executor: AsyncExecutor<Self>) -> Option<Self::Editor> {
                // Before anything else: the guard must be able to end nice-plug's background thread in order.
                self.0.link.on_drain(move |task| executor.execute_background(task));
                Some(SceneloopEditor::new(self.0.params.clone(), self.0.link.clone()))
            }

            fn activate(
                &mut self,
                _layout: &AudioIOLayout,
                config: &BufferConfig,
                _context: &mut impl ActivateContext<Self>,
            ) -> bool {
                self.0.processor.activate(config)
            }

            fn reset(&mut self) {
                self.0.processor.reset();
            }

            fn process(
                &mut self,
                buffer: &mut Buffer,
                aux: &mut AuxiliaryBuffers,
                context: &mut impl ProcessContext<Self>,
            ) -> ProcessStatus {
                self.0.processor.process(buffer, aux, context)
            }

            fn deactivate(&mut self) {
                self.0.processor.deactivate();
            }
        }

        impl ClapPlugin for $class {
            const CLAP_ID: &'static str = $clap_id;
            const CLAP_DESCRIPTION: Option<&'static str> = Some($description);
            const CLAP_MANUAL_URL: Option<&'static str> = None;
            const CLAP_SUPPORT_URL: Option<&'static str> = None;
            const CLAP_FEATURES: &'static [ClapFeature] =
                &[ClapFeature::Instrument, ClapFeature::Synthesizer, ClapFeature::DrumMachine, ClapFeature::Stereo];
        }

        impl Vst3Plugin for $class {
            const VST3_CLASS_ID: [u8; 16] = *$vst3_id;
            const VST3_SUBCATEGORIES: &'static [Vst3SubCategory] =
                &[Vst3SubCategory::Instrument, Vst3SubCategory::Synth, Vst3SubCategory::Generator];
        }
    };
}

class!(
    /// One stereo output: what most people want, and all that simple hosts can load.
    Sceneloop,
    "Sceneloop",
    "com.sceneloop.sceneloop",
    b"SceneloopStereo1",
    "Endless multi-track loops that fit a scene",
    AudioIOLayout {
        main_output_channels: Some(STEREO),
        names: PortNames { main_output: Some("Main"), ..PortNames::const_default() },
        ..AudioIOLayout::const_default()
    }
);

class!(
    /// The mix, and besides it one stereo output for each role.
    SceneloopMulti,
    "Sceneloop Multi",
    "com.sceneloop.sceneloop-multi",
    b"SceneloopMulti01",
    "Endless multi-track loops that fit a scene, with an output for each role",
    AudioIOLayout {
        main_output_channels: Some(STEREO),
        aux_output_ports: &[STEREO; 7],
        names: PortNames {
            main_output: Some("Main"),
            aux_outputs: &["Drums", "Bass", "Chords", "Pad", "Arp", "Lead", "Texture"],
            ..PortNames::const_default()
        },
        ..AudioIOLayout::const_default()
    }
);

// The first is the one that a host takes which knows of one class only.
host_guard::export!(Sceneloop, SceneloopMulti);

#[cfg(test)]
mod tests {
    use super::*;
    use sceneloop_music::Role;

    #[test]
    fn what_projects_refer_to_does_not_move() {
        assert_eq!(Sceneloop::CLAP_ID, "com.sceneloop.sceneloop");
        assert_eq!(SceneloopMulti::CLAP_ID, "com.sceneloop.sceneloop-multi");
        assert_eq!(&Sceneloop::VST3_CLASS_ID, b"SceneloopStereo1");
        assert_eq!(&SceneloopMulti::VST3_CLASS_ID, b"SceneloopMulti01");
    }

    #[test]
    fn buses_are_the_roles_in_their_order() {
        let [layout] = SceneloopMulti::AUDIO_IO_LAYOUTS else { panic!("one layout a class") };
        let names: Vec<String> = layout.names.aux_outputs.iter().map(|name| name.to_lowercase()).collect();
        assert_eq!(names, Role::ALL.map(Role::name));
        assert_eq!(layout.aux_output_ports.len(), Role::COUNT);
        assert_eq!(Sceneloop::AUDIO_IO_LAYOUTS[0].aux_output_ports.len(), 0);
    }
}
