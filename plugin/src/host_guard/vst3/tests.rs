use super::*;
use crate::{Sceneloop, SceneloopMulti};
use nice_plug::prelude::Vst3Plugin;
use nice_plug::wrapper::vst3::vst3::{ComPtr, ComWrapper};

const FRAMES: usize = 256;

/// An instance as a host holds it.
fn instance() -> ComPtr<IComponent> {
    ComWrapper::new(Guard::<SceneloopMulti>::new()).to_com_ptr::<IComponent>().unwrap()
}

fn set_up(processor: &ComPtr<IAudioProcessor>) {
    let mut setup = ProcessSetup {
        processMode: ProcessModes_::kOffline as int32,
        symbolicSampleSize: SAMPLE_32,
        maxSamplesPerBlock: FRAMES as int32,
        sampleRate: 48_000.0,
    };
    // SAFETY: our own setup.
    assert_eq!(unsafe { processor.setupProcessing(&mut setup) }, kResultOk);
}

/// One block without transport, with these buses.
fn process(processor: &ComPtr<IAudioProcessor>, frames: usize, buses: &mut [AudioBusBuffers]) -> tresult {
    // SAFETY: zero is empty data; the buses are the caller's.
    unsafe {
        let mut data: ProcessData = std::mem::zeroed();
        data.symbolicSampleSize = SAMPLE_32;
        data.numSamples = frames as int32;
        data.numOutputs = buses.len() as int32;
        data.outputs = buses.as_mut_ptr();
        processor.process(&mut data)
    }
}

fn bus(pointers: &mut [*mut f32]) -> AudioBusBuffers {
    AudioBusBuffers {
        numChannels: pointers.len() as int32,
        silenceFlags: 3,
        __field0: AudioBusBuffers__type0 { channelBuffers32: pointers.as_mut_ptr() },
    }
}

#[test]
fn the_factory_has_both_classes_stereo_first() {
    let factory = factory(vec![VstClass::of::<Sceneloop>(), VstClass::of::<SceneloopMulti>()]);
    // SAFETY: the factory is ours and has these interfaces; zero is an empty description.
    unsafe {
        let factory = ComPtr::from_raw(factory.cast::<IPluginFactory>()).unwrap();
        assert_eq!(factory.countClasses(), 2);
        let ids = [Sceneloop::PLATFORM_VST3_CLASS_ID, SceneloopMulti::PLATFORM_VST3_CLASS_ID];
        for (index, id) in ids.into_iter().enumerate() {
            let mut info: PClassInfo = std::mem::zeroed();
            assert_eq!(factory.getClassInfo(index as int32, &mut info), kResultOk);
            assert_eq!(info.cid.map(|byte| byte as u8), id);
        }
        let mut info: PClassInfo = std::mem::zeroed();
        assert_eq!(factory.getClassInfo(2, &mut info), kInvalidArgument);
    }
}

#[test]
fn a_host_may_leave_role_buses_out_but_not_the_main_one() {
    let processor = instance().cast::<IAudioProcessor>().unwrap();
    let ask = |wanted: &[SpeakerArrangement]| {
        let mut wanted = wanted.to_vec();
        // SAFETY: our own arrangements.
        unsafe {
            processor.setBusArrangements(std::ptr::null_mut(), 0, wanted.as_mut_ptr(), wanted.len() as int32)
        }
    };
    let (stereo, mono, empty) = (SpeakerArr::kStereo, SpeakerArr::kMono, SpeakerArr::kEmpty);
    assert_eq!(ask(&[empty]), kResultFalse);
    assert_eq!(ask(&[]), kResultFalse);
    assert_eq!(ask(&[stereo, SpeakerArr::k51]), kResultFalse);
    assert_eq!(ask(&[stereo; 9]), kResultFalse);
    assert_eq!(ask(&[stereo; 8]), kResultOk);
    assert_eq!(ask(&[stereo, stereo, empty]), kResultOk);
    let mut found = 0;
    let mut has = |expected: [(int32, SpeakerArrangement); 4]| {
        for (bus, expected) in expected {
            // SAFETY: our own memory.
            assert_eq!(unsafe { processor.getBusArrangement(OUTPUT, bus, &mut found) }, kResultOk);
            assert_eq!(found, expected, "bus {bus}");
        }
    };
    has([(0, stereo), (1, stereo), (2, empty), (7, empty)]);
    assert_eq!(ask(&[mono, stereo, mono]), kResultOk);
    has([(0, mono), (1, stereo), (2, mono), (7, empty)]);
    // SAFETY: our own memory.
    assert_eq!(unsafe { processor.getBusArrangement(OUTPUT, 8, &mut found) }, kInvalidArgument);
}

#[test]
fn one_parameter_too_far_is_an_error_and_no_panic() {
    let controller = instance().cast::<IEditController>().unwrap();
    // SAFETY: zero is an empty description.
    unsafe {
        let mut info: ParameterInfo = std::mem::zeroed();
        let count = controller.getParameterCount();
        assert!(count >= 24);
        assert_eq!(controller.getParameterInfo(count - 1, &mut info), kResultOk);
        for index in [-1, count, count + 1] {
            assert_eq!(controller.getParameterInfo(index, &mut info), kInvalidArgument);
        }
    }
}

/// Hosts hear of one parameter for each controller, behind all others, and use it for every channel.
#[test]
fn controllers_are_hidden_parameters_one_for_all_channels() {
    let component = instance();
    let controller = component.cast::<IEditController>().unwrap();
    let mapping = component.cast::<IMidiMapping>().unwrap();
    // SAFETY: zero is an empty description; all else is our own memory.
    unsafe {
        let count = controller.getParameterCount();
        let describe = |index| {
            let mut info: ParameterInfo = std::mem::zeroed();
            assert_eq!(controller.getParameterInfo(index, &mut info), kResultOk, "{index}");
            info
        };
        let ours: Vec<u32> = (0..count - 120).map(|index| describe(index).id).collect();
        assert_eq!(ours.len(), 36);
        for number in 0..130 {
            let ids: Vec<Option<u32>> = (-1..17)
                .map(|channel| {
                    let mut id = 0;
                    let result = mapping.getMidiControllerAssignment(0, channel, number, &mut id);
                    (result == kResultOk).then_some(id)
                })
                .collect();
            assert_eq!((ids[0], ids[17]), (None, None), "there are sixteen channels");
            assert!(ids[1..17].iter().all(|id| *id == ids[1]), "{number}: {ids:?}");
            assert_eq!(ids[1].is_some(), number < 120, "{number}");
            let Some(id) = ids[1] else { continue };
            let info = describe(count - 120 + int32::from(number));
            assert!(info.id == id && !ours.contains(&id), "{number}");
            let name: Vec<u16> =
                info.title.iter().map(|unit| *unit as u16).take_while(|unit| *unit != 0).collect();
            assert_eq!(String::from_utf16(&name).unwrap(), format!("MIDI CC {number}"));
            // Hidden, and nothing that a host automates.
            let is = |flag: int32| info.flags & flag != 0;
            assert!(is(ParameterInfo_::ParameterFlags_::kIsHidden as int32));
            assert!(!is(ParameterInfo_::ParameterFlags_::kCanAutomate as int32));
        }
        let mut id = 0;
        assert_eq!(mapping.getMidiControllerAssignment(1, 0, 74, &mut id), kResultFalse, "there is one bus");
    }
}

#[test]
fn the_main_output_has_its_own_name() {
    // SAFETY: zero is an empty description.
    unsafe {
        let mut info: BusInfo = std::mem::zeroed();
        assert_eq!(instance().getBusInfo(AUDIO, OUTPUT, 0, &mut info), kResultOk);
        let name: Vec<u16> =
            info.name.iter().map(|unit| *unit as u16).take_while(|unit| *unit != 0).collect();
        assert_eq!(String::from_utf16(&name).unwrap(), "Main");
    }
}

#[test]
fn a_block_while_inactive_is_silence() {
    let processor = instance().cast::<IAudioProcessor>().unwrap();
    set_up(&processor);
    let mut memory = [[1.0f32; FRAMES]; 2];
    let mut pointers = memory.each_mut().map(|channel| channel.as_mut_ptr());
    assert_eq!(process(&processor, FRAMES, &mut [bus(&mut pointers)]), kResultFalse);
    assert_eq!(memory, [[0.0; FRAMES]; 2]);
}

#[test]
fn the_mix_is_heard_though_the_host_leaves_all_role_buses_out_and_sends_long_blocks() {
    let component = instance();
    let processor = component.cast::<IAudioProcessor>().unwrap();
    set_up(&processor);
    // SAFETY: an instance that is set up.
    unsafe {
        assert_eq!(component.setActive(1), kResultOk);
        processor.setProcessing(1);
    }
    const LONG: usize = FRAMES * 3 + 100;
    let mut loudest = 0.0f32;
    for block in 0..80 {
        let mut memory = [[9.0f32; LONG]; 2];
        let mut pointers = memory.each_mut().map(|channel| channel.as_mut_ptr());
        let mut absent = bus(&mut []);
        absent.__field0.channelBuffers32 = std::ptr::null_mut();
        let mut buses = [bus(&mut pointers), absent];
        assert_eq!(process(&processor, LONG, &mut buses), kResultOk);
        assert_eq!(buses[0].silenceFlags, 0);
        for sample in memory.iter().flatten() {
            assert!(sample.abs() <= 1.0, "block {block}: every frame is written");
            loudest = loudest.max(sample.abs());
        }
    }
    assert!(loudest > 0.01, "{loudest}");
    // SAFETY: as above.
    unsafe {
        processor.setProcessing(0);
        assert_eq!(component.setActive(0), kResultOk);
    }
}

/// A host's stream over some bytes: where it stands, and what it holds.
struct Stream(std::cell::RefCell<(usize, Vec<u8>)>);

impl Class for Stream {
    type Interfaces = (IBStream,);
}

impl IBStreamTrait for Stream {
    unsafe fn read(&self, to: *mut std::ffi::c_void, count: int32, done: *mut int32) -> tresult {
        let (at, bytes) = &mut *self.0.borrow_mut();
        let count = (bytes.len() - *at).min(count as usize);
        // SAFETY: the caller has room for as many, and for the count or null.
        unsafe {
            std::ptr::copy_nonoverlapping(bytes[*at..].as_ptr(), to.cast(), count);
            if let Some(done) = done.as_mut() {
                *done = count as int32;
            }
        }
        *at += count;
        kResultOk
    }
    unsafe fn write(&self, from: *mut std::ffi::c_void, count: int32, done: *mut int32) -> tresult {
        let (at, bytes) = &mut *self.0.borrow_mut();
        // SAFETY: the caller has as many.
        unsafe {
            bytes.extend_from_slice(std::slice::from_raw_parts(from.cast(), count as usize));
            if let Some(done) = done.as_mut() {
                *done = count;
            }
        }
        *at = bytes.len();
        kResultOk
    }
    unsafe fn seek(&self, pos: i64, mode: int32, result: *mut i64) -> tresult {
        let (at, bytes) = &mut *self.0.borrow_mut();
        let from_end = mode == IBStream_::IStreamSeekMode_::kIBSeekEnd as int32;
        *at = if from_end { bytes.len() } else { pos as usize };
        // SAFETY: the caller's, or null.
        if let Some(result) = unsafe { result.as_mut() } {
            *result = *at as i64;
        }
        kResultOk
    }
    unsafe fn tell(&self, pos: *mut i64) -> tresult {
        // SAFETY: the caller's.
        unsafe { *pos = self.0.borrow().0 as i64 };
        kResultOk
    }
}

#[test]
fn a_state_is_loaded_from_where_the_stream_stands_or_refused() {
    let component = instance();
    let load = |at: usize, bytes: Vec<u8>| {
        let stream = ComWrapper::new(Stream((at, bytes).into())).to_com_ptr::<IBStream>().unwrap();
        // SAFETY: the stream is ours.
        unsafe { component.setState(stream.as_ptr()) }
    };
    let saved = ComWrapper::new(Stream((0, Vec::new()).into()));
    let stream = saved.to_com_ptr::<IBStream>().unwrap();
    // SAFETY: the stream is ours.
    assert_eq!(unsafe { component.getState(stream.as_ptr()) }, kResultOk);
    let good = saved.0.borrow().1.clone();
    assert_eq!(load(0, good.clone()), kResultOk);
    // Some hosts put their own header before it.
    assert_eq!(load(4, [b"head", &good[..]].concat()), kResultOk);
    assert_eq!(load(0, good[..good.len() / 2].to_vec()), kResultFalse);
    assert_eq!(load(0, Vec::new()), kResultFalse);
    let blanks = std::io::Read::take(std::io::repeat(b' '), 1 << 30);
    assert_eq!(load(0, zstd::encode_all(blanks, 1).unwrap()), kResultFalse);
    // SAFETY: null is a host's mistake that is answered.
    assert_ne!(unsafe { component.setState(std::ptr::null_mut()) }, kResultOk);
}
