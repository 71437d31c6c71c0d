//! A CLAP host as small as a test needs: one plugin, its parameters and state, and blocks played one after another.
//!
//! # Threads
//! Everything happens on the thread that calls: for the plugin it is main thread and audio thread in turn, which CLAP
//! allows. What the plugin starts of its own is its own affair.

mod callbacks;
mod described;
mod library;
mod raw;
mod recording;
#[cfg(target_os = "linux")]
pub mod sanitizer;
mod transport;
#[cfg(target_os = "linux")]
pub mod watch;

use std::path::Path;

use anyhow::{Context, Result, anyhow, bail, ensure};
use clack_extensions::audio_ports_config::{AudioPortsConfigBuffer, PluginAudioPortsConfig};
use clack_extensions::params::{ParamInfoBuffer, PluginParams};
use clack_extensions::render::{PluginRender, RenderMode};
use clack_extensions::state::PluginState;
use clack_host::events::event_types::{MidiEvent, ParamValueEvent, TransportEvent};
use clack_host::prelude::*;

use callbacks::{Shared, TestHost};
pub use described::{Param, Port};
use described::{read_params, read_ports};
pub use library::{Class, class_names, load, plugin_path};
pub use raw::Raw;
pub use recording::{GARBAGE, Mark, Note, Recording};
pub use transport::Transport;

/// Whether the plugin may take its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// As under a sound card: the plugin must answer in time with what it has.
    Realtime,
    /// As in a bounce: the plugin waits for its own threads.
    Offline,
}

/// What the host gives the plugin to write to. Hosts differ most here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outputs {
    /// Buffers for every output.
    All,
    /// Only the first output is in the list at all.
    MainOnly,
    /// Every output is in the list, the others than the first with no channels.
    StemsWithoutChannels,
    /// Every output is in the list, the others than the first with a null pointer for their channels.
    StemsNull,
    /// Buffers for every output, of one channel each.
    Mono,
}

/// One instance of the plugin and what has come out of it.
pub struct Host {
    // Dropped before the instance: a plugin is never destroyed while active.
    processor: Option<StartedPluginAudioProcessor<TestHost>>,
    instance: PluginInstance<TestHost>,
    params: Vec<Param>,
    ports: Vec<Port>,
    rate: f64,
    max_block: u32,
    outputs: Outputs,
    steady: u64,
    is_watched: bool,
    /// What the plugin is sent with the next block, in the order in which it was asked for.
    events: EventBuffer,
    /// Everything that came out since the last [`Self::take`].
    recording: Recording,
}

impl Host {
    /// Loads the plugin built by cargo and makes an instance of one of its classes.
    pub fn open(class: Class) -> Result<Self> {
        Self::open_file(&plugin_path()?, class)
    }

    /// Loads a plugin file and makes an instance of one of its classes.
    pub fn open_file(path: &Path, class: Class) -> Result<Self> {
        Self::of(&library::load(path)?, class)
    }

    /// Makes an instance of one of the classes of a plugin that is loaded, or linked with the program.
    pub fn of(entry: &PluginEntry, class: Class) -> Result<Self> {
        let id = library::class_id(entry, class)?;
        let info = HostInfo::new("Sceneloop tests", "Sceneloop", "", env!("CARGO_PKG_VERSION"))?;
        let mut instance = PluginInstance::<TestHost>::new(
            |_| Shared::default(),
            |_| callbacks::Main::default(),
            entry,
            &id,
            &info,
        )
        .map_err(|error| anyhow!("the plugin could not be made: {error}"))?;
        let params = read_params(&mut instance)?;
        let ports = read_ports(&mut instance)?;
        Ok(Self {
            processor: None,
            instance,
            params,
            ports,
            rate: 0.0,
            max_block: 0,
            outputs: Outputs::All,
            steady: 0,
            is_watched: false,
            events: EventBuffer::with_capacity(256),
            recording: Recording::default(),
        })
    }

    /// The plugin's parameters in its own order.
    pub fn params(&self) -> &[Param] {
        &self.params
    }

    /// The plugin's audio outputs in its own order.
    pub fn ports(&self) -> &[Port] {
        &self.ports
    }

    /// Sample rate in hertz; 0 before the first activation.
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// The parameter of a name, any case.
    pub fn param(&self, name: &str) -> Result<&Param> {
        self.params.iter().find(|param| param.name.eq_ignore_ascii_case(name)).with_context(|| {
            let names: Vec<&str> = self.params.iter().map(|param| param.name.as_str()).collect();
            format!("the plugin has no parameter \"{name}\"; it has {}", names.join(", "))
        })
    }

    /// Whether the plugin describes a parameter of an index, which may be any.
    pub fn describes(&mut self, index: u32) -> Result<bool> {
        let params = self.extension::<PluginParams>()?;
        Ok(params.get_info(&self.instance.plugin_handle(), index, &mut ParamInfoBuffer::new()).is_some())
    }

    /// Current plain value of a parameter.
    pub fn value(&mut self, name: &str) -> Result<f64> {
        let id = self.param(name)?.id;
        let params = self.extension::<PluginParams>()?;
        params
            .get_value(&self.instance.plugin_handle(), clap_id(id)?)
            .with_context(|| format!("{name} has no value"))
    }

    /// Sets a parameter to a plain value at the first frame of the next block.
    pub fn set(&mut self, name: &str, value: f64) -> Result<()> {
        self.set_at(name, value, 0)
    }

    /// Sets a parameter to a plain value at a frame of the next block; ask in the order of frames.
    pub fn set_at(&mut self, name: &str, value: f64, frame: u32) -> Result<()> {
        let id = clap_id(self.param(name)?.id)?;
        self.send(&ParamValueEvent::new(frame, id, Pckn::match_all(), value));
        Ok(())
    }

    /// Moves a MIDI controller at a frame of the next block; ask in the order of frames.
    pub fn control_at(&mut self, channel: u8, number: u8, value: u8, frame: u32) {
        self.send(&MidiEvent::new(frame, 0, [0xb0 | channel, number, value]));
    }

    /// Sends any event with the next block, as it is: nothing is checked, sorted or brought into the block.
    pub fn send<E: AsRef<UnknownEvent>>(&mut self, event: &E) {
        self.events.push(event);
    }

    /// Sends what is to be sent now and without a block, active or not.
    pub fn flush(&mut self) -> Result<()> {
        let params = self.extension::<PluginParams>()?;
        let (input, mut heard) = (self.events.as_input(), EventBuffer::new());
        if let Some(processor) = &mut self.processor {
            params.flush_active(&mut processor.plugin_handle(), &input, &mut heard.as_output());
        } else {
            let mut plugin = self.instance.inactive_plugin_handle().context("it is active")?;
            params.flush(&mut plugin, &input, &mut heard.as_output());
        }
        self.events.clear();
        Ok(())
    }

    /// Sets a parameter to one end of its range: 0 the lower, 1 the upper, between them in proportion.
    pub fn set_share(&mut self, name: &str, share: f64) -> Result<()> {
        let param = self.param(name)?;
        let value = param.min + share * (param.max - param.min);
        self.set(name, value)
    }

    /// The plugin's state as a project file would hold it.
    pub fn save(&mut self) -> Result<Vec<u8>> {
        let state = self.extension::<PluginState>()?;
        let mut bytes = Vec::new();
        state.save(&self.instance.plugin_handle(), &mut bytes).map_err(|error| anyhow!("saving: {error}"))?;
        Ok(bytes)
    }

    /// Gives the plugin a state that [`Self::save`] returned.
    pub fn load(&mut self, state: &[u8]) -> Result<()> {
        let extension = self.extension::<PluginState>()?;
        extension
            .load(&self.instance.plugin_handle(), &mut &state[..])
            .map_err(|error| anyhow!("loading: {error}"))
    }

    /// Times the plugin said that its state has changed.
    pub fn dirty_marks(&self) -> u32 {
        self.instance.access_handler(|main| main.dirty.get())
    }

    /// Activates at a sample rate in hertz, for blocks of at most `max_block` frames, and starts processing.
    pub fn activate(&mut self, rate: f64, max_block: u32, mode: Mode, outputs: Outputs) -> Result<()> {
        self.deactivate();
        self.set_mode(mode)?;
        self.choose_ports(if outputs == Outputs::Mono { "Mono" } else { "Stereo" })?;
        let configuration =
            PluginAudioConfiguration { sample_rate: rate, min_frames_count: 1, max_frames_count: max_block };
        let stopped = self
            .instance
            .activate(|_, _| (), configuration)
            .map_err(|error| anyhow!("activation at {rate} Hz in blocks of {max_block}: {error}"))?;
        let started =
            stopped.start_processing().map_err(|error| anyhow!("processing did not start: {error}"))?;
        self.processor = Some(started);
        (self.rate, self.max_block, self.outputs) = (rate, max_block, outputs);
        Ok(())
    }

    /// Says whether it renders offline, at whatever moment.
    pub fn set_mode(&mut self, mode: Mode) -> Result<()> {
        let wanted = if mode == Mode::Offline { RenderMode::Offline } else { RenderMode::Realtime };
        let render = self.extension::<PluginRender>()?;
        render.set(&self.instance.plugin_handle(), wanted).map_err(|_| anyhow!("{mode:?} was refused"))
    }

    /// Chooses the configuration of outputs of a name.
    fn choose_ports(&mut self, name: &str) -> Result<()> {
        let configs = self.extension::<PluginAudioPortsConfig>()?;
        let handle = self.instance.plugin_handle();
        let mut buffer = AudioPortsConfigBuffer::new();
        for index in 0..configs.count(&handle) {
            let config = configs.get(&handle, index, &mut buffer).context("an unknown configuration")?;
            if config.name == name.as_bytes() {
                let (id, main) = (config.id, config.main_output.map(|main| main.channel_count));
                configs.select(&handle, id).map_err(|_| anyhow!("{name} was refused"))?;
                self.ports = read_ports(&mut self.instance)?;
                ensure!(main == self.ports.first().map(|port| port.channels), "{name} is not what it says");
                return Ok(());
            }
        }
        bail!("the plugin has no outputs of the kind {name}")
    }

    /// From now on has the kernel look for system calls in `process`: the first of each block goes into the recording. For the thread that plays.
    #[cfg(target_os = "linux")]
    pub fn watch(&mut self) -> Result<()> {
        watch::begin()?;
        self.is_watched = true;
        Ok(())
    }

    /// Stops processing and deactivates, if active.
    pub fn deactivate(&mut self) {
        if let Some(started) = self.processor.take() {
            self.instance.deactivate(started.stop_processing());
        }
    }

    /// Plays `frames` in blocks of the largest size while `transport` rolls on.
    pub fn play(&mut self, frames: usize, transport: &mut Transport) -> Result<()> {
        let mut left = frames;
        while left > 0 {
            let block = left.min(self.max_block as usize);
            self.block(block, transport)?;
            left -= block;
        }
        Ok(())
    }

    /// Plays one block, and moves the transport behind it.
    pub fn block(&mut self, frames: usize, transport: &mut Transport) -> Result<()> {
        let (event, mark) = (transport.event(), transport.mark(self.recording.frames() as u64, self.rate));
        let result = self.told(frames, &event, mark);
        transport.advance(frames, self.rate);
        result
    }

    /// Plays one block of which the host says anything at all. The recording does not know where it lies in the song.
    pub fn block_with(&mut self, frames: usize, event: &TransportEvent) -> Result<()> {
        let mark = Mark { frame: self.recording.frames() as u64, position: 0.0, quarters_per_frame: 0.0 };
        self.told(frames, event, mark)
    }

    fn told(&mut self, frames: usize, event: &TransportEvent, mark: Mark) -> Result<()> {
        let mut processor = self.processor.take().context("the plugin is not active")?;
        self.recording.marks.push(mark);
        let result = self.process(&mut processor, frames, event);
        self.processor = Some(processor);
        self.events.clear();
        result?;
        if self.instance.access_shared_handler(Shared::take_callback_request) {
            self.instance.call_on_main_thread_callback();
        }
        Ok(())
    }

    /// What came out since the last call of this method; the count of frames starts again at 0.
    pub fn take(&mut self) -> Recording {
        std::mem::take(&mut self.recording)
    }

    fn process(
        &mut self,
        processor: &mut StartedPluginAudioProcessor<TestHost>,
        frames: usize,
        transport: &TransportEvent,
    ) -> Result<()> {
        let start = self.recording.grow(&self.ports, frames);
        let channels = self.recording.window(start);
        let total: usize = channels.iter().map(Vec::len).sum();
        // As many as there are: clack's lists must not grow while they are filled.
        let mut list = AudioPorts::with_capacity(total, channels.len());
        let mut outputs = list.with_output_buffers(channels.into_iter().map(|port| AudioPortBuffer {
            latency: 0,
            channels: AudioPortBufferType::f32_output_only(port.into_iter()),
        }));
        let kept = if self.outputs == Outputs::MainOnly { 1 } else { outputs.as_raw_buffers().len() };
        for buffer in outputs.as_raw_buffers().iter_mut().skip(1) {
            match self.outputs {
                Outputs::All | Outputs::MainOnly | Outputs::Mono => {}
                Outputs::StemsWithoutChannels => {
                    buffer.channel_count = 0;
                    buffer.data32 = std::ptr::null_mut();
                }
                Outputs::StemsNull => buffer.data32 = std::ptr::null_mut(),
            }
        }
        let length = u32::try_from(frames)?;
        // SAFETY: the buffers are those of `outputs`, each of `frames` frames, borrowed until the call is over. Those
        // made null above are what a host may do by the letter of CLAP's headers no longer, but does.
        #[allow(unsafe_code)]
        let mut outputs =
            unsafe { OutputAudioBuffers::from_raw_buffers(&mut outputs.into_raw_buffers()[..kept], length) };

        let input = self.events.as_input();
        let mut notes = EventBuffer::with_capacity(256);
        let (empty, mut heard) = (InputAudioBuffers::empty(), notes.as_output());
        let mut process = || {
            processor.process(&empty, &mut outputs, &input, &mut heard, Some(self.steady), Some(transport))
        };
        #[cfg(target_os = "linux")]
        let mut process = || sanitizer::checked(&mut process);
        #[cfg(target_os = "linux")]
        let status = if self.is_watched {
            let (status, call) = watch::caught(&mut process);
            self.recording.system_calls.extend(call);
            status
        } else {
            process()
        };
        #[cfg(not(target_os = "linux"))]
        let status = process();
        self.steady += frames as u64;
        self.recording.listen(&notes, start)?;
        status.map(|_| ()).map_err(|error| anyhow!("process: {error}"))
    }

    fn extension<
        E: clack_host::extensions::prelude::Extension<
                ExtensionSide = clack_host::extensions::prelude::PluginExtensionSide,
            >,
    >(
        &self,
    ) -> Result<E> {
        self.instance
            .plugin_shared_handle()
            .get_extension()
            .with_context(|| format!("the plugin lacks the extension {}", std::any::type_name::<E>()))
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.deactivate();
    }
}

fn clap_id(id: u32) -> Result<ClapId> {
    ClapId::from_raw(id).with_context(|| format!("{id} is not a parameter id"))
}
