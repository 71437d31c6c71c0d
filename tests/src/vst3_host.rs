//! A VST3 host as small as a test needs, beside the CLAP host of [`crate::host`]: it says "offline" at whatever moment
//! one likes, asks for arrangements, and moves parameters at frames.
//!
//! # Threads
//! Everything happens on the thread that calls, as in the CLAP host.

// The one room of this crate that speaks VST3 in C.
#![allow(unsafe_code)]
#![allow(non_snake_case, clippy::unnecessary_cast)] // VST3's own names; some constants have another type on Windows

mod objects;

use std::ffi::c_void;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use libloading::Library;
use vst3::Steinberg::Vst::Event_::EventTypes_::{kNoteOffEvent, kNoteOnEvent};
use vst3::Steinberg::Vst::*;
use vst3::Steinberg::*;
use vst3::{ComPtr, ComWrapper, Interface};

use crate::host::{Class, Mode, Note, Port, Recording, Transport, plugin_path};
use objects::{Changes, Events, Stream};

const AUDIO: MediaType = MediaTypes_::kAudio as MediaType;
const OUTPUT: BusDirection = BusDirections_::kOutput as BusDirection;

/// Flags of a parameter.
const CAN_AUTOMATE: int32 = ParameterInfo_::ParameterFlags_::kCanAutomate as int32;
const IS_HIDDEN: int32 = ParameterInfo_::ParameterFlags_::kIsHidden as int32;

/// The speakers of an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speakers {
    /// No output.
    None,
    /// One channel.
    Mono,
    /// Two channels.
    Stereo,
}

impl Speakers {
    fn arrangement(self) -> SpeakerArrangement {
        match self {
            Self::None => SpeakerArr::kEmpty,
            Self::Mono => SpeakerArr::kMono,
            Self::Stereo => SpeakerArr::kStereo,
        }
    }
}

/// A parameter as the plugin describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Param {
    /// Id that a project file remembers it by.
    pub id: ParamID,
    /// Name a host shows.
    pub name: String,
    /// Whether a host may change it along the song.
    pub is_automatable: bool,
    /// Whether a host is not to show it.
    pub is_hidden: bool,
}

/// One instance of the plugin and what has come out of it.
pub struct Vst3Host {
    component: ComPtr<IComponent>,
    processor: ComPtr<IAudioProcessor>,
    mapping: ComPtr<IMidiMapping>,
    params: Vec<Param>,
    ports: Vec<Port>,
    changes: ComWrapper<Changes>,
    events: ComWrapper<Events>,
    rate: f64,
    is_active: bool,
    said_with_blocks: Mode,
    steady: i64,
    recording: Recording,
    // Dropped last: everything above is code of this library.
    _library: Library,
}

impl Vst3Host {
    /// Loads the plugin built by cargo and makes an instance of one of its classes.
    pub fn open(class: Class) -> Result<Self> {
        let (library, factory) = load(&plugin_path()?)?;
        let component = create(&factory, class)?;
        let processor = component.cast::<IAudioProcessor>().context("no audio processor")?;
        let controller = component.cast::<IEditController>().context("no edit controller")?;
        let mapping = component.cast::<IMidiMapping>().context("no mapping of controllers")?;
        // SAFETY: a new instance; hosts may give no context.
        ensure!(unsafe { component.initialize(std::ptr::null_mut()) } == kResultOk, "initialize");
        let (params, ports) = (read_params(&controller), read_ports(&component, &processor)?);
        Ok(Self {
            component,
            processor,
            mapping,
            params,
            ports,
            changes: ComWrapper::new(Changes::default()),
            events: ComWrapper::new(Events::default()),
            rate: 0.0,
            is_active: false,
            said_with_blocks: Mode::Realtime,
            steady: 0,
            recording: Recording::default(),
            _library: library,
        })
    }

    /// The plugin's parameters in its own order.
    pub fn params(&self) -> &[Param] {
        &self.params
    }

    /// The plugin's audio outputs in its own order, with the channels they have now.
    pub fn ports(&self) -> &[Port] {
        &self.ports
    }

    /// What the plugin wants to be told of the transport, as flags of `IProcessContextRequirements`.
    pub fn needs(&self) -> Result<u32> {
        let needs = self.processor.cast::<IProcessContextRequirements>().context("no requirements")?;
        // SAFETY: an instance.
        Ok(unsafe { needs.getProcessContextRequirements() })
    }

    /// Asks for these speakers, output by output; whether the plugin agrees.
    pub fn arrange(&mut self, speakers: &[Speakers]) -> Result<bool> {
        let mut wanted: Vec<_> = speakers.iter().map(|speakers| speakers.arrangement()).collect();
        let count = int32::try_from(wanted.len())?;
        // SAFETY: no inputs, and as many outputs as there are in the list.
        let answer =
            unsafe { self.processor.setBusArrangements(std::ptr::null_mut(), 0, wanted.as_mut_ptr(), count) };
        self.ports = read_ports(&self.component, &self.processor)?;
        Ok(answer == kResultOk)
    }

    /// Says how blocks will be, at whatever moment.
    pub fn set_up(&mut self, rate: f64, max_block: usize, mode: Mode) -> Result<()> {
        let mut setup = ProcessSetup {
            processMode: process_mode(mode),
            symbolicSampleSize: SymbolicSampleSizes_::kSample32 as int32,
            maxSamplesPerBlock: int32::try_from(max_block)?,
            sampleRate: rate,
        };
        // SAFETY: our own setup.
        ensure!(unsafe { self.processor.setupProcessing(&mut setup) } == kResultOk, "setupProcessing");
        self.rate = rate;
        Ok(())
    }

    /// What each block says of its mode from now on. Realtime is also what hosts say that do not care.
    pub fn say_with_blocks(&mut self, mode: Mode) {
        self.said_with_blocks = mode;
    }

    /// Activates and starts processing.
    pub fn start(&mut self) -> Result<()> {
        // SAFETY: set up before.
        unsafe {
            ensure!(self.component.setActive(1) == kResultOk, "setActive");
            self.is_active = true;
            self.processor.setProcessing(1);
        }
        Ok(())
    }

    /// Stops processing and deactivates, if active.
    pub fn stop(&mut self) {
        if std::mem::take(&mut self.is_active) {
            // SAFETY: active.
            unsafe {
                self.processor.setProcessing(0);
                self.component.setActive(0);
            }
        }
    }

    /// Sets a parameter to a share of its range at a frame of the next block; ask in the order of frames.
    pub fn set_share_at(&mut self, name: &str, share: f64, frame: usize) -> Result<()> {
        let param = self.params.iter().find(|param| param.name.eq_ignore_ascii_case(name));
        let param = param.with_context(|| format!("the plugin has no parameter \"{name}\""))?;
        self.changes.add(param.id, int32::try_from(frame)?, share);
        Ok(())
    }

    /// Moves a MIDI controller at a frame of the next block, as VST3 has it: by the parameter that the plugin has for it, if it has
    /// one. Ask in the order of frames.
    pub fn control_at(&mut self, channel: u8, number: u8, value: u8, frame: usize) -> Result<()> {
        let mut id = 0;
        // SAFETY: our own memory.
        let result =
            unsafe { self.mapping.getMidiControllerAssignment(0, channel.into(), number.into(), &mut id) };
        if result == kResultTrue {
            ensure!(
                self.params.iter().any(|param| param.id == id),
                "CC {number} has a parameter that there is not"
            );
            self.changes.add(id, int32::try_from(frame)?, f64::from(value) / 127.0);
        }
        Ok(())
    }

    /// The plugin's state as a project file would hold it.
    pub fn save(&self) -> Result<Vec<u8>> {
        let stream = ComWrapper::new(Stream::default());
        let pointer = stream.as_com_ref::<IBStream>().context("a stream")?.as_ptr();
        // SAFETY: our own stream.
        ensure!(unsafe { self.component.getState(pointer) } == kResultOk, "saving");
        Ok(stream.take())
    }

    /// Gives the plugin a state that [`Self::save`] returned.
    pub fn load(&mut self, state: &[u8]) -> Result<()> {
        let stream = ComWrapper::new(Stream::of(state));
        let pointer = stream.as_com_ref::<IBStream>().context("a stream")?.as_ptr();
        // SAFETY: our own stream.
        ensure!(unsafe { self.component.setState(pointer) } == kResultOk, "loading");
        Ok(())
    }

    /// Plays one block, and moves the transport behind it.
    pub fn block(&mut self, frames: usize, transport: &mut Transport) -> Result<()> {
        let start = self.recording.grow(&self.ports, frames);
        self.recording.marks.push(transport.mark(start as u64, self.rate));
        let mut channels = self.recording.window(start);
        let mut pointers: Vec<Vec<*mut f32>> = channels
            .iter_mut()
            .map(|port| port.iter_mut().map(|channel| channel.as_mut_ptr()).collect())
            .collect();
        let bus = |pointers: &mut Vec<*mut f32>| AudioBusBuffers {
            numChannels: pointers.len() as int32,
            silenceFlags: 0,
            __field0: AudioBusBuffers__type0 { channelBuffers32: pointers.as_mut_ptr() },
        };
        let mut buses: Vec<AudioBusBuffers> = pointers.iter_mut().map(bus).collect();
        let mut context = transport.context(self.rate, self.steady);
        let mut data = ProcessData {
            processMode: process_mode(self.said_with_blocks),
            symbolicSampleSize: SymbolicSampleSizes_::kSample32 as int32,
            numSamples: int32::try_from(frames)?,
            numInputs: 0,
            numOutputs: int32::try_from(buses.len())?,
            inputs: std::ptr::null_mut(),
            outputs: buses.as_mut_ptr(),
            inputParameterChanges: self.changes.as_com_ref().context("changes")?.as_ptr(),
            outputParameterChanges: std::ptr::null_mut(),
            inputEvents: std::ptr::null_mut(),
            outputEvents: self.events.as_com_ref().context("events")?.as_ptr(),
            processContext: &mut context,
        };
        // SAFETY: everything in it lives until the call is over; each channel has `frames` samples.
        let answer = unsafe { self.processor.process(&mut data) };
        self.changes.clear();
        for event in self.events.take() {
            let note = note(&event, start as u64)?;
            self.recording.notes.extend(note);
        }
        self.steady += frames as i64;
        transport.advance(frames, self.rate);
        ensure!(answer == kResultOk, "process");
        Ok(())
    }

    /// What came out since the last call of this method; the count of frames starts again at 0.
    pub fn take(&mut self) -> Recording {
        std::mem::take(&mut self.recording)
    }
}

impl Drop for Vst3Host {
    fn drop(&mut self) {
        self.stop();
        // SAFETY: the instance's last call before it is released.
        unsafe { self.component.terminate() };
    }
}

fn process_mode(mode: Mode) -> int32 {
    match mode {
        Mode::Realtime => ProcessModes_::kRealtime as int32,
        Mode::Offline => ProcessModes_::kOffline as int32,
    }
}

/// Loads the library as hosts do: its entry first, then its factory.
fn load(path: &Path) -> Result<(Library, ComPtr<IPluginFactory>)> {
    let entry: &[u8] = if cfg!(target_os = "macos") { b"bundleEntry" } else { b"ModuleEntry" };
    // SAFETY: the plugin under test, built from this repository; its functions have the types that VST3 gives them.
    unsafe {
        let library = Library::new(path).with_context(|| format!("{} does not load", path.display()))?;
        // Windows has none that must be called.
        if let Ok(entry) = library.get::<unsafe extern "C" fn(*mut c_void) -> bool>(entry) {
            ensure!(entry(std::ptr::null_mut()), "the module does not want to be entered");
        }
        let factory =
            library.get::<unsafe extern "system" fn() -> *mut IPluginFactory>(b"GetPluginFactory")?;
        let factory = ComPtr::from_raw(factory()).context("no factory")?;
        Ok((library, factory))
    }
}

fn create(factory: &ComPtr<IPluginFactory>, class: Class) -> Result<ComPtr<IComponent>> {
    // SAFETY: our own memory; zero is an empty description; the object is an `IComponent`, as asked for.
    unsafe {
        for index in 0..factory.countClasses() {
            let mut info: PClassInfo = std::mem::zeroed();
            ensure!(factory.getClassInfo(index, &mut info) == kResultOk, "a class without description");
            let name: Vec<u8> =
                info.name.iter().map(|byte| *byte as u8).take_while(|byte| *byte != 0).collect();
            if name == class.name().as_bytes() {
                let mut object = std::ptr::null_mut();
                let id = IComponent::IID.as_ptr().cast();
                let answer = factory.createInstance(info.cid.as_ptr(), id, &mut object);
                ensure!(answer == kResultOk, "the plugin could not be made");
                return ComPtr::from_raw(object.cast()).context("no instance");
            }
        }
    }
    bail!("no class \"{}\"", class.name())
}

fn text(units: &String128) -> String {
    let units: Vec<u16> = units.iter().map(|unit| *unit as u16).take_while(|unit| *unit != 0).collect();
    String::from_utf16_lossy(&units)
}

fn read_params(controller: &ComPtr<IEditController>) -> Vec<Param> {
    // SAFETY: our own memory; zero is an empty description.
    unsafe {
        let read = |index| {
            let mut info: ParameterInfo = std::mem::zeroed();
            (controller.getParameterInfo(index, &mut info) == kResultOk).then(|| {
                let is = |flag: int32| info.flags & flag != 0;
                let (is_automatable, is_hidden) = (is(CAN_AUTOMATE), is(IS_HIDDEN));
                Param { id: info.id, name: text(&info.title), is_automatable, is_hidden }
            })
        };
        (0..controller.getParameterCount()).filter_map(read).collect()
    }
}

/// The outputs, of which the plugin must say the same twice: as buses, and as arrangements of speakers.
fn read_ports(component: &ComPtr<IComponent>, processor: &ComPtr<IAudioProcessor>) -> Result<Vec<Port>> {
    let mut ports = Vec::new();
    // SAFETY: our own memory; zero is an empty description.
    unsafe {
        for index in 0..component.getBusCount(AUDIO, OUTPUT) {
            let mut info: BusInfo = std::mem::zeroed();
            ensure!(component.getBusInfo(AUDIO, OUTPUT, index, &mut info) == kResultOk, "output {index}");
            let mut speakers = 0;
            ensure!(processor.getBusArrangement(OUTPUT, index, &mut speakers) == kResultOk, "output {index}");
            let channels = u32::try_from(info.channelCount)?;
            ensure!(
                channels == speakers.count_ones(),
                "output {index}: {channels} channels, speakers {speakers:b}"
            );
            ports.push(Port { name: text(&info.name), channels });
        }
    }
    Ok(ports)
}

fn note(event: &Event, start: u64) -> Result<Option<Note>> {
    let frame = start + u64::try_from(event.sampleOffset)?;
    let kind = u32::from(event.r#type);
    // SAFETY: the type says which of the union's fields there is.
    let (channel, key, velocity) = unsafe {
        if kind == kNoteOnEvent as u32 {
            let on = event.__field0.noteOn;
            (on.channel, on.pitch, Some(f64::from(on.velocity)))
        } else if kind == kNoteOffEvent as u32 {
            let off = event.__field0.noteOff;
            (off.channel, off.pitch, None)
        } else {
            return Ok(None);
        }
    };
    Ok(Some(Note { frame, channel: u8::try_from(channel)?, key: u8::try_from(key)?, velocity }))
}
