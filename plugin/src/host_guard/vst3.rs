//! VST3: the object the host sees. It owns nice-plug's object and implements the same interfaces.

#![allow(non_snake_case, clippy::unnecessary_cast)]

mod arrangement;
mod audio;
mod controllers;
mod factory;

pub use factory::{VstClass, factory};

use super::buffers::Exclusive;
use super::link::{Drained, HostLink, lock};
use super::{output_count, saved, single_layout};
use arrangement::fit;
use audio::{Audio, silence};
use nice_plug::prelude::{AudioIOLayout, Vst3Plugin};
use nice_plug::wrapper::vst3::Wrapper;
use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::CString;
use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::ChannelContext::{IInfoListener, IInfoListenerTrait};
use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::*;
use nice_plug::wrapper::vst3::vst3::Steinberg::*;
use nice_plug::wrapper::vst3::vst3::{Class, ComRef};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

const SAMPLE_32: int32 = SymbolicSampleSizes_::kSample32 as int32;
const OFFLINE: int32 = ProcessModes_::kOffline as int32;
const AUDIO: MediaType = MediaTypes_::kAudio as MediaType;
const INPUT: BusDirection = BusDirections_::kInput as BusDirection;
const OUTPUT: BusDirection = BusDirections_::kOutput as BusDirection;

/// The object of one instance.
struct Guard<P: Vst3Plugin<BackgroundTask = Drained>> {
    /// `Some` while active.
    audio: Exclusive<Option<Audio>>,
    setup: Mutex<Option<ProcessSetup>>,
    active: AtomicBool,
    /// Whether `setupProcessing` said last that the host renders offline.
    offline: AtomicBool,
    /// Buses the host has declared empty, one bit each: inputs, outputs.
    empty: [AtomicU64; 2],
    /// The same for stereo buses that it wants mono.
    mono: [AtomicU64; 2],
    link: Arc<HostLink>,
    inner: Wrapper<P>,
}

impl<P: Vst3Plugin<BackgroundTask = Drained>> Class for Guard<P> {
    type Interfaces = (
        IComponent,
        IEditController,
        IAudioProcessor,
        IMidiMapping,
        INoteExpressionController,
        IProcessContextRequirements,
        IUnitInfo,
        IInfoListener,
    );
}

impl<P: Vst3Plugin<BackgroundTask = Drained>> Guard<P> {
    const LAYOUT: &'static AudioIOLayout = single_layout(P::AUDIO_IO_LAYOUTS);

    fn new() -> Self {
        let link = Arc::new(HostLink::default());
        let inner = link.enter(Wrapper::<P>::new);
        Self {
            audio: Exclusive::new(None),
            setup: Mutex::new(None),
            active: AtomicBool::new(false),
            offline: AtomicBool::new(false),
            empty: Default::default(),
            mono: Default::default(),
            link,
            inner,
        }
    }

    /// What the host has arranged otherwise than we have it: no speakers, or one where we have two.
    fn arranged(&self, dir: BusDirection, index: int32) -> Option<SpeakerArrangement> {
        let has = |buses: &[AtomicU64; 2]| {
            let buses = buses[usize::from(dir == OUTPUT)].load(Ordering::Relaxed);
            (0..64).contains(&index) && buses >> index & 1 != 0
        };
        let mono = has(&self.mono).then_some(SpeakerArr::kMono);
        has(&self.empty).then_some(SpeakerArr::kEmpty).or(mono)
    }
}

impl<P: Vst3Plugin<BackgroundTask = Drained>> Drop for Guard<P> {
    fn drop(&mut self) {
        self.link.set_notify(None);
        self.link.drain();
    }
}

/// Methods that go to nice-plug unchanged.
macro_rules! pass_on {
    ($interface:ident: $(fn $method:ident($($arg:ident: $type:ty),*) -> $result:ty;)*) => {
        $(unsafe fn $method(&self, $($arg: $type),*) -> $result {
            // SAFETY: the host vouches to us for what nice-plug asks of it.
            unsafe { $interface::$method(&self.inner, $($arg),*) }
        })*
    };
}

impl<P: Vst3Plugin<BackgroundTask = Drained>> IPluginBaseTrait for Guard<P> {
    pass_on! { IPluginBaseTrait:
        fn initialize(context: *mut FUnknown) -> tresult;
    }

    unsafe fn terminate(&self) -> tresult {
        self.link.set_notify(None);
        // SAFETY: passed on.
        unsafe { IPluginBaseTrait::terminate(&self.inner) }
    }
}

impl<P: Vst3Plugin<BackgroundTask = Drained>> IComponentTrait for Guard<P> {
    pass_on! { IComponentTrait:
        fn getControllerClassId(id: *mut TUID) -> tresult;
        fn setIoMode(mode: IoMode) -> tresult;
        fn getBusCount(media: MediaType, dir: BusDirection) -> int32;
        fn getRoutingInfo(from: *mut RoutingInfo, to: *mut RoutingInfo) -> tresult;
        fn activateBus(media: MediaType, dir: BusDirection, index: int32, state: TBool) -> tresult;
        fn getState(state: *mut IBStream) -> tresult;
    }

    unsafe fn setState(&self, state: *mut IBStream) -> tresult {
        // SAFETY: null or the host's.
        unsafe {
            let bytes = saved::of_vst3(state).unwrap_or_default();
            match saved::check(&bytes, |state| self.link.vet(state)) {
                Ok(()) => IComponentTrait::setState(&self.inner, state),
                Err(sentence) => {
                    self.link.refuse(sentence);
                    kResultFalse
                }
            }
        }
    }

    unsafe fn getBusInfo(
        &self,
        media: MediaType,
        dir: BusDirection,
        index: int32,
        bus: *mut BusInfo,
    ) -> tresult {
        // SAFETY: passed on with a valid index; `bus` is the host's.
        unsafe {
            if index < 0 || index >= self.getBusCount(media, dir) {
                return kInvalidArgument;
            }
            let result = self.inner.getBusInfo(media, dir, index, bus);
            if result != kResultOk || media != AUDIO {
                return result;
            }
            if let Some(arranged) = self.arranged(dir, index) {
                (*bus).channelCount = arranged.count_ones() as int32;
            }
            if dir == OUTPUT
                && index == 0
                && Self::LAYOUT.main_output_channels.is_some()
                && let Some(name) = Self::LAYOUT.names.main_output
            {
                // nice-plug gives it the name of the main input.
                (*bus).name = [0; 128];
                for (to, from) in (&mut (*bus).name)[..127].iter_mut().zip(name.encode_utf16()) {
                    *to = from as _;
                }
            }
        }
        kResultOk
    }

    unsafe fn setActive(&self, state: TBool) -> tresult {
        // SAFETY: passed on.
        let pass_on = |state| unsafe { self.inner.setActive(state) };
        if state == 0 {
            self.active.store(false, Ordering::SeqCst);
            let result = pass_on(state);
            let _ = self.audio.replace(None);
            return result;
        }
        let Some(setup) = *lock(&self.setup) else { return kResultFalse };
        let audio = Audio::new(Self::LAYOUT, &setup);
        let result = pass_on(state);
        if result != kResultOk {
            return result;
        }
        if self.audio.replace(Some(audio)).is_err() {
            pass_on(0);
            return kResultFalse;
        }
        self.active.store(true, Ordering::SeqCst);
        kResultOk
    }
}

impl<P: Vst3Plugin<BackgroundTask = Drained>> IAudioProcessorTrait for Guard<P> {
    pass_on! { IAudioProcessorTrait:
        fn canProcessSampleSize(size: int32) -> tresult;
        fn getLatencySamples() -> uint32;
        fn setProcessing(state: TBool) -> tresult;
        fn getTailSamples() -> uint32;
    }

    /// nice-plug is not asked: it has this one layout anyway, and it reads beyond the arrays.
    unsafe fn setBusArrangements(
        &self,
        inputs: *mut SpeakerArrangement,
        num_ins: int32,
        outputs: *mut SpeakerArrangement,
        num_outs: int32,
    ) -> tresult {
        if num_ins < 0 || num_outs < 0 {
            return kInvalidArgument;
        }
        if self.active.load(Ordering::SeqCst) {
            return kResultFalse;
        }
        // SAFETY: the host's arrays have these lengths.
        let fits = unsafe {
            (fit(Self::LAYOUT, inputs, num_ins, false), fit(Self::LAYOUT, outputs, num_outs, true))
        };
        match fits {
            (Some(inputs), Some(outputs)) => {
                for (index, [empty, mono]) in [inputs, outputs].into_iter().enumerate() {
                    self.empty[index].store(empty, Ordering::Relaxed);
                    self.mono[index].store(mono, Ordering::Relaxed);
                }
                kResultOk
            }
            _ => kResultFalse,
        }
    }

    unsafe fn getBusArrangement(
        &self,
        dir: BusDirection,
        index: int32,
        arrangement: *mut SpeakerArrangement,
    ) -> tresult {
        // SAFETY: passed on with a valid index; `arrangement` is the host's.
        unsafe {
            if (dir != INPUT && dir != OUTPUT) || index < 0 || index >= self.getBusCount(AUDIO, dir) {
                return kInvalidArgument;
            }
            match self.arranged(dir, index).filter(|_| !arrangement.is_null()) {
                Some(arranged) => *arrangement = arranged,
                None => return self.inner.getBusArrangement(dir, index, arrangement),
            }
        }
        kResultOk
    }

    unsafe fn setupProcessing(&self, setup: *mut ProcessSetup) -> tresult {
        // SAFETY: null or the host's.
        let Some(wanted) = (unsafe { setup.as_ref() }).copied() else { return kInvalidArgument };
        if wanted.symbolicSampleSize != SAMPLE_32 {
            return kResultFalse;
        }
        if wanted.maxSamplesPerBlock <= 0 || !wanted.sampleRate.is_finite() || wanted.sampleRate <= 0.0 {
            return kInvalidArgument;
        }
        // SAFETY: passed on.
        let result = unsafe { self.inner.setupProcessing(setup) };
        if result != kResultOk {
            return result;
        }
        let before = lock(&self.setup).replace(wanted);
        self.offline.store(wanted.processMode == OFFLINE, Ordering::Relaxed);
        // Not allowed while active, and done. A mode is heard at once and long blocks are split; a rate must be begun with.
        if self.active.load(Ordering::SeqCst)
            && before.is_some_and(|before| before.sampleRate != wanted.sampleRate)
        {
            // SAFETY: on the host's main thread, as this call.
            return unsafe {
                self.setActive(0);
                self.setActive(1)
            };
        }
        kResultOk
    }

    unsafe fn process(&self, data: *mut ProcessData) -> tresult {
        // SAFETY: null or the host's, valid for this call.
        let Some(host) = (unsafe { data.as_ref() }) else { return kInvalidArgument };
        let readable = host.symbolicSampleSize == SAMPLE_32 && host.numSamples >= 0;
        // Some hosts say it with a block only, others leave the field of the block as it is.
        self.link.set_offline(self.offline.load(Ordering::Relaxed) || host.processMode == OFFLINE);
        self.link.begin_block();
        let run = |audio: &mut Option<Audio>| {
            // SAFETY: as above, and the samples have 32 bits.
            audio.as_mut().filter(|_| readable).map(|audio| unsafe { audio.process(&self.inner, host) })
        };
        self.audio.try_with(run).flatten().unwrap_or_else(|| {
            // Not active, busy with a reconfiguration, or a block we cannot read.
            // SAFETY: as above.
            unsafe { silence(host, output_count(Self::LAYOUT)) };
            kResultFalse
        })
    }
}

impl<P: Vst3Plugin<BackgroundTask = Drained>> IEditControllerTrait for Guard<P> {
    pass_on! { IEditControllerTrait:
        fn setComponentState(state: *mut IBStream) -> tresult;
        fn setState(state: *mut IBStream) -> tresult;
        fn getState(state: *mut IBStream) -> tresult;
        fn getParamStringByValue(id: ParamID, value: ParamValue, string: *mut String128) -> tresult;
        fn getParamValueByString(id: ParamID, string: *mut TChar, value: *mut ParamValue) -> tresult;
        fn normalizedParamToPlain(id: ParamID, value: ParamValue) -> ParamValue;
        fn plainParamToNormalized(id: ParamID, value: ParamValue) -> ParamValue;
        fn getParamNormalized(id: ParamID) -> ParamValue;
        fn setParamNormalized(id: ParamID, value: ParamValue) -> tresult;
        fn createView(name: FIDString) -> *mut IPlugView;
    }

    unsafe fn getParameterCount(&self) -> int32 {
        // SAFETY: passed on.
        controllers::shown(P::MIDI_INPUT, unsafe { self.inner.getParameterCount() })
    }

    unsafe fn getParameterInfo(&self, index: int32, info: *mut ParameterInfo) -> tresult {
        // SAFETY: passed on; nice-plug panics for the index just after the last one.
        unsafe {
            if index < 0 || index >= self.getParameterCount() {
                return kInvalidArgument;
            }
            let result = self.inner.getParameterInfo(index, info);
            if let Some(info) = info.as_mut().filter(|_| result == kResultOk) {
                controllers::name(info);
            }
            result
        }
    }

    unsafe fn setComponentHandler(&self, handler: *mut IComponentHandler) -> tresult {
        // SAFETY: null or the host's.
        let handler2 =
            unsafe { ComRef::from_raw(handler) }.and_then(|handler| handler.cast::<IComponentHandler2>());
        self.link.set_notify(handler2.map(|handler| -> Arc<dyn Fn() + Send + Sync> {
            Arc::new(move || {
                // SAFETY: counted; taken away at `terminate`.
                let _ = unsafe { handler.setDirty(1) };
            })
        }));
        // SAFETY: passed on.
        unsafe { self.inner.setComponentHandler(handler) }
    }
}

impl<P: Vst3Plugin<BackgroundTask = Drained>> IMidiMappingTrait for Guard<P> {
    unsafe fn getMidiControllerAssignment(
        &self,
        bus: int32,
        channel: int16,
        controller: CtrlNumber,
        id: *mut ParamID,
    ) -> tresult {
        match controllers::mapped(channel, controller) {
            // SAFETY: passed on.
            Some(channel) => unsafe { self.inner.getMidiControllerAssignment(bus, channel, controller, id) },
            None => kResultFalse,
        }
    }
}

impl<P: Vst3Plugin<BackgroundTask = Drained>> INoteExpressionControllerTrait for Guard<P> {
    pass_on! { INoteExpressionControllerTrait:
        fn getNoteExpressionCount(bus: int32, channel: int16) -> int32;
        fn getNoteExpressionInfo(bus: int32, channel: int16, index: int32, info: *mut NoteExpressionTypeInfo) -> tresult;
        fn getNoteExpressionStringByValue(bus: int32, channel: int16, id: NoteExpressionTypeID, value: NoteExpressionValue, string: *mut String128) -> tresult;
        fn getNoteExpressionValueByString(bus: int32, channel: int16, id: NoteExpressionTypeID, string: *const TChar, value: *mut NoteExpressionValue) -> tresult;
    }
}

impl<P: Vst3Plugin<BackgroundTask = Drained>> IProcessContextRequirementsTrait for Guard<P> {
    pass_on! { IProcessContextRequirementsTrait:
        fn getProcessContextRequirements() -> uint32;
    }
}

impl<P: Vst3Plugin<BackgroundTask = Drained>> IUnitInfoTrait for Guard<P> {
    pass_on! { IUnitInfoTrait:
        fn getUnitCount() -> int32;
        fn getUnitInfo(index: int32, info: *mut UnitInfo) -> tresult;
        fn getProgramListCount() -> int32;
        fn getProgramListInfo(index: int32, info: *mut ProgramListInfo) -> tresult;
        fn getProgramName(list: ProgramListID, program: int32, name: *mut String128) -> tresult;
        fn getProgramInfo(list: ProgramListID, program: int32, attribute: CString, value: *mut String128) -> tresult;
        fn hasProgramPitchNames(list: ProgramListID, program: int32) -> tresult;
        fn getProgramPitchName(list: ProgramListID, program: int32, pitch: int16, name: *mut String128) -> tresult;
        fn getSelectedUnit() -> UnitID;
        fn selectUnit(unit: UnitID) -> tresult;
        fn getUnitByBus(media: MediaType, dir: BusDirection, bus: int32, channel: int32, unit: *mut UnitID) -> tresult;
        fn setUnitProgramData(list: int32, program: int32, data: *mut IBStream) -> tresult;
    }
}

impl<P: Vst3Plugin<BackgroundTask = Drained>> IInfoListenerTrait for Guard<P> {
    pass_on! { IInfoListenerTrait:
        fn setChannelContextInfos(list: *mut IAttributeList) -> tresult;
    }
}

#[cfg(test)]
mod tests;
