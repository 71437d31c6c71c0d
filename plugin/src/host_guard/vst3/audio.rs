//! One block of audio: complete buses for nice-plug, and several shorter blocks where the host's is longer than it
//! announced.

use super::super::buffers::{Buses, HostBus};
use super::super::channels;
use super::super::split::{Part, Split, is_odd};
use super::SAMPLE_32;
use nice_plug::prelude::{AudioIOLayout, Vst3Plugin};
use nice_plug::wrapper::vst3::Wrapper;
use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::*;
use nice_plug::wrapper::vst3::vst3::Steinberg::{int32, kResultOk, tresult};

/// Longest part of a block that is passed on at once.
const MAX_FRAMES: usize = 1 << 16;

/// Everything `process` needs, allocated in `setActive(true)`.
pub struct Audio {
    frames: usize,
    rate: f64,
    inputs: Buses,
    outputs: Buses,
    host_inputs: Vec<AudioBusBuffers>,
    host_outputs: Vec<AudioBusBuffers>,
    split: Split,
}

// SAFETY: the COM views in `split` are private to this value and only used within `process`.
unsafe impl Send for Audio {}

impl Audio {
    pub fn new(layout: &AudioIOLayout, setup: &ProcessSetup) -> Self {
        let frames = usize::try_from(setup.maxSamplesPerBlock).unwrap_or(0).clamp(1, MAX_FRAMES);
        let mut inputs = Buses::new(&channels(layout, false), frames);
        let mut outputs = Buses::new(&channels(layout, true), frames);
        let (host_inputs, host_outputs) = (describe(&mut inputs), describe(&mut outputs));
        Self {
            frames,
            rate: setup.sampleRate,
            inputs,
            outputs,
            host_inputs,
            host_outputs,
            split: Split::new(),
        }
    }

    /// # Safety
    /// `host` is what the host passed to `process`, with 32 bit samples and no negative size.
    pub unsafe fn process<P: Vst3Plugin>(&mut self, inner: &Wrapper<P>, host: &ProcessData) -> tresult {
        let total = host.numSamples;
        let mut result = kResultOk;
        let mut start = 0;
        loop {
            let len = (total - start).min(self.frames as i32);
            let mut data = *host;
            let offset = start as usize;
            // SAFETY: as the caller vouches; no part is longer than `frames`.
            let any = unsafe {
                self.inputs.point(offset, false, |bus| given(host.inputs, host.numInputs, bus));
                self.outputs.point(offset, true, |bus| given(host.outputs, host.numOutputs, bus))
            };
            if total == 0 || (!any && self.outputs.len() > 0) {
                // Without samples, or without any output, the call only delivers parameters: some hosts do so with a
                // sample count, and the plugin must not advance then.
                (data.numInputs, data.numOutputs) = (0, 0);
                (data.inputs, data.outputs) = (std::ptr::null_mut(), std::ptr::null_mut());
                // SAFETY: as the caller vouches.
                return unsafe { IAudioProcessorTrait::process(inner, &mut data) };
            }
            data.numInputs = self.host_inputs.len() as int32;
            data.inputs = self.host_inputs.as_mut_ptr();
            data.numOutputs = self.host_outputs.len() as int32;
            data.outputs = self.host_outputs.as_mut_ptr();
            // SAFETY: zero is an empty context; all else as the caller vouches.
            let done = unsafe {
                let mut context: ProcessContext = std::mem::zeroed();
                if len < total || is_odd(host.inputEvents) {
                    self.split.apply(&mut data, Part { start, len, total }, self.rate, &mut context);
                }
                let done = IAudioProcessorTrait::process(inner, &mut data);
                self.outputs.fold(len as usize);
                done
            };
            if done != kResultOk {
                result = done;
            }
            start += len;
            if start >= total {
                break;
            }
        }
        for bus in 0..self.outputs.len().min(host.numOutputs.max(0) as usize) {
            // SAFETY: the host gave this many. nice-plug leaves the old flags.
            unsafe { (*host.outputs.add(bus)).silenceFlags = 0 };
        }
        result
    }
}

fn describe(buses: &mut Buses) -> Vec<AudioBusBuffers> {
    let count = buses.len();
    let describe = |bus| AudioBusBuffers {
        numChannels: buses.channels(bus) as int32,
        silenceFlags: 0,
        __field0: AudioBusBuffers__type0 { channelBuffers32: buses.pointers(bus) },
    };
    (0..count).map(describe).collect()
}

/// What the host gave for a bus.
///
/// # Safety
/// `buses` is null or points to `count` buses.
unsafe fn given(buses: *mut AudioBusBuffers, count: int32, bus: usize) -> HostBus {
    if buses.is_null() || bus >= count.max(0) as usize {
        return HostBus::ABSENT;
    }
    // SAFETY: below `count`; both fields of the union are pointers.
    unsafe {
        let bus = &*buses.add(bus);
        HostBus { channels: bus.__field0.channelBuffers32, count: bus.numChannels.max(0) as usize }
    }
}

/// Silence instead of whatever is in the host's memory, for a block that is refused.
///
/// # Safety
/// `host` is what the host passed to `process`.
pub unsafe fn silence(host: &ProcessData, buses: usize) {
    let size = if host.symbolicSampleSize == SAMPLE_32 { 4 } else { 8 };
    let bytes = host.numSamples.max(0) as usize * size;
    for bus in 0..buses {
        // SAFETY: as the caller vouches.
        unsafe {
            let bus = given(host.outputs, host.numOutputs, bus);
            for channel in (0..bus.count).map(|channel| bus.channel(channel)).filter(|c| !c.is_null()) {
                std::ptr::write_bytes(channel.cast::<u8>(), 0, bytes);
            }
        }
    }
}
