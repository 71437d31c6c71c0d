//! Views of a host's event and parameter lists that show a part of the block only. Used when a VST3 host sends a
//! longer block than it announced; the plugin then gets several shorter ones. They leave out what nice-plug panics at.

#![allow(clippy::unnecessary_cast)] // some constants have another type on Windows

use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::Event_::EventTypes_;
use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::*;
use nice_plug::wrapper::vst3::vst3::Steinberg::{int32, kInvalidArgument, kResultFalse, kResultOk, tresult};
use nice_plug::wrapper::vst3::vst3::{Class, ComRef, ComWrapper};
use std::cell::Cell;

/// The part `start..start + len` of a block of `total` samples.
#[derive(Clone, Copy, Default)]
pub struct Part {
    pub start: i32,
    pub len: i32,
    pub total: i32,
}

impl Part {
    /// The offset within this part, if `offset` lies in it. Offsets beyond the block count as its first or last
    /// sample.
    fn within(&self, offset: i32) -> Option<i32> {
        let offset = offset.clamp(0, (self.total - 1).max(0)) - self.start;
        (0..self.len).contains(&offset).then_some(offset)
    }
}

/// The events of a part.
#[derive(Default)]
struct Events {
    list: Cell<*mut IEventList>,
    part: Cell<Part>,
}

impl Class for Events {
    type Interfaces = (IEventList,);
}

impl Events {
    /// The event with this index among those of the part, or the number of events there are up to it.
    ///
    /// # Safety
    /// `list` is null or the host's list for the present `process` call.
    unsafe fn find(&self, index: i32) -> Result<Event, i32> {
        // SAFETY: as the caller vouches; a zeroed event is one of the kind "note on" at offset 0.
        unsafe {
            let Some(list) = ComRef::from_raw(self.list.get()) else { return Err(0) };
            let mut found = 0;
            for i in 0..list.getEventCount() {
                let mut event: Event = std::mem::zeroed();
                if list.getEvent(i, &mut event) != kResultOk || is_nowhere(&event) {
                    continue;
                }
                if let Some(offset) = self.part.get().within(event.sampleOffset) {
                    if index == found {
                        event.sampleOffset = offset;
                        return Ok(event);
                    }
                    found += 1;
                }
            }
            Err(found)
        }
    }
}

/// Whether an event's bytes are said to lie at null.
///
/// # Safety
/// `event` is the host's.
unsafe fn is_nowhere(event: &Event) -> bool {
    // SAFETY: of this kind.
    event.r#type == EventTypes_::kDataEvent as u16 && unsafe { event.__field0.data }.bytes.is_null()
}

/// Whether a list holds an event that nice-plug panics at.
///
/// # Safety
/// `list` is null or the host's list for the present `process` call.
pub unsafe fn is_odd(list: *mut IEventList) -> bool {
    // SAFETY: as the caller vouches; a zeroed event is one of the kind "note on" at offset 0.
    unsafe {
        let Some(list) = ComRef::from_raw(list) else { return false };
        (0..list.getEventCount()).any(|index| {
            let mut event: Event = std::mem::zeroed();
            list.getEvent(index, &mut event) == kResultOk && is_nowhere(&event)
        })
    }
}

impl IEventListTrait for Events {
    unsafe fn getEventCount(&self) -> int32 {
        // SAFETY: only called within `process`, where `apply` has set the list. No event has this index.
        unsafe { self.find(-1) }.err().unwrap_or(0)
    }
    unsafe fn getEvent(&self, index: int32, out: *mut Event) -> tresult {
        // SAFETY: as above; `out` is nice-plug's.
        unsafe {
            match self.find(index) {
                Ok(event) => *out = event,
                Err(_) => return kInvalidArgument,
            }
        }
        kResultOk
    }
    unsafe fn addEvent(&self, event: *mut Event) -> tresult {
        // SAFETY: as above; `event` is nice-plug's.
        unsafe {
            let Some(list) = ComRef::from_raw(self.list.get()) else { return kResultFalse };
            let mut event = *event;
            event.sampleOffset += self.part.get().start;
            list.addEvent(&mut event)
        }
    }
}

/// The points of one parameter in a part.
#[derive(Default)]
struct Queue {
    queue: Cell<*mut IParamValueQueue>,
    part: Cell<Part>,
}

impl Class for Queue {
    type Interfaces = (IParamValueQueue,);
}

impl IParamValueQueueTrait for Queue {
    unsafe fn getParameterId(&self) -> ParamID {
        // SAFETY: null or the host's queue for the present `process` call.
        unsafe { ComRef::from_raw(self.queue.get()).map_or(kNoParamId, |queue| queue.getParameterId()) }
    }
    unsafe fn getPointCount(&self) -> int32 {
        let (mut offset, mut value, mut count) = (0, 0.0, 0);
        // SAFETY: as above, with our own memory for the point.
        while unsafe { self.getPoint(count, &mut offset, &mut value) } == kResultOk {
            count += 1;
        }
        count
    }
    unsafe fn getPoint(&self, index: int32, offset: *mut int32, value: *mut ParamValue) -> tresult {
        // SAFETY: as above; `offset` and `value` are the caller's.
        unsafe {
            let Some(queue) = ComRef::from_raw(self.queue.get()) else { return kResultFalse };
            let mut found = 0;
            for i in 0..queue.getPointCount() {
                let (mut at, mut becomes) = (0, 0.0);
                if queue.getPoint(i, &mut at, &mut becomes) != kResultOk {
                    continue;
                }
                if let Some(at) = self.part.get().within(at) {
                    if found == index {
                        (*offset, *value) = (at, becomes);
                        return kResultOk;
                    }
                    found += 1;
                }
            }
        }
        kResultFalse
    }
    unsafe fn addPoint(&self, _: int32, _: ParamValue, _: *mut int32) -> tresult {
        kResultFalse
    }
}

/// The parameter changes of a part. nice-plug looks at one queue at a time, so that one view of a queue is enough.
struct Changes {
    list: Cell<*mut IParameterChanges>,
    view: ComWrapper<Queue>,
}

impl Class for Changes {
    type Interfaces = (IParameterChanges,);
}

impl IParameterChangesTrait for Changes {
    unsafe fn getParameterCount(&self) -> int32 {
        // SAFETY: null or the host's list for the present `process` call.
        unsafe { ComRef::from_raw(self.list.get()).map_or(0, |list| list.getParameterCount()) }
    }
    unsafe fn getParameterData(&self, index: int32) -> *mut IParamValueQueue {
        // SAFETY: as above.
        let queue = unsafe { ComRef::from_raw(self.list.get()).map(|list| list.getParameterData(index)) };
        self.view.queue.set(queue.unwrap_or(std::ptr::null_mut()));
        self.view.as_com_ref::<IParamValueQueue>().map_or(std::ptr::null_mut(), |view| view.as_ptr())
    }
    unsafe fn addParameterData(&self, _: *const ParamID, _: *mut int32) -> *mut IParamValueQueue {
        std::ptr::null_mut()
    }
}

/// The views of one instance, made before processing starts.
pub struct Split {
    inputs: ComWrapper<Events>,
    outputs: ComWrapper<Events>,
    changes: ComWrapper<Changes>,
}

impl Split {
    pub fn new() -> Self {
        let (list, view) = (Cell::new(std::ptr::null_mut()), ComWrapper::new(Queue::default()));
        Self {
            inputs: ComWrapper::new(Events::default()),
            outputs: ComWrapper::new(Events::default()),
            changes: ComWrapper::new(Changes { list, view }),
        }
    }

    /// Changes a copy of the host's data so that it shows `part`. `context` is room for a copy.
    ///
    /// # Safety
    /// `data` is valid for the present `process` call.
    pub unsafe fn apply(&self, data: &mut ProcessData, part: Part, rate: f64, context: &mut ProcessContext) {
        for (view, list) in [(&self.inputs, &mut data.inputEvents), (&self.outputs, &mut data.outputEvents)] {
            view.part.set(part);
            view.list.set(*list);
            if !list.is_null() {
                *list = view.as_com_ref::<IEventList>().map_or(std::ptr::null_mut(), |view| view.as_ptr());
            }
        }
        self.changes.view.part.set(part);
        self.changes.list.set(data.inputParameterChanges);
        if !data.inputParameterChanges.is_null() {
            data.inputParameterChanges = self
                .changes
                .as_com_ref::<IParameterChanges>()
                .map_or(std::ptr::null_mut(), |view| view.as_ptr());
        }
        // SAFETY: null or the host's context, as the caller vouches.
        if let Some(host) = unsafe { data.processContext.as_ref() } {
            *context = *host;
            // Whatever the host says, no sum may overflow.
            for samples in [&mut context.projectTimeSamples, &mut context.continousTimeSamples] {
                *samples = samples.saturating_add(i64::from(part.start));
            }
            if context.state & ProcessContext_::StatesAndFlags_::kTempoValid as u32 != 0 {
                context.projectTimeMusic += f64::from(part.start) / rate * context.tempo / 60.0;
            }
            data.processContext = context;
        }
        data.numSamples = part.len;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nice_plug::wrapper::vst3::vst3::ComPtr;

    /// Three parts of a block of 1,300 samples.
    fn parts() -> [Part; 3] {
        [(0, 512), (512, 512), (1024, 276)].map(|(start, len)| Part { start, len, total: 1300 })
    }

    #[test]
    fn every_offset_falls_into_exactly_one_part() {
        for (offset, part, expected) in
            [(-5, 0, 0), (0, 0, 0), (511, 0, 511), (512, 1, 0), (1299, 2, 275), (9999, 2, 275)]
        {
            for (index, candidate) in parts().iter().enumerate() {
                assert_eq!(candidate.within(offset), (index == part).then_some(expected));
            }
        }
    }

    /// A host's list of one event of system-exclusive bytes at null.
    struct Nowhere;

    impl Class for Nowhere {
        type Interfaces = (IEventList,);
    }

    impl IEventListTrait for Nowhere {
        unsafe fn getEventCount(&self) -> int32 {
            1
        }
        unsafe fn getEvent(&self, _: int32, out: *mut Event) -> tresult {
            // SAFETY: `out` is the caller's, and zero is an event; so are bytes of no length.
            unsafe {
                *out = std::mem::zeroed();
                (*out).r#type = EventTypes_::kDataEvent as u16;
            }
            kResultOk
        }
        unsafe fn addEvent(&self, _: *mut Event) -> tresult {
            kResultFalse
        }
    }

    #[test]
    fn bytes_at_null_are_left_out() {
        let host: ComPtr<IEventList> = ComWrapper::new(Nowhere).to_com_ptr().unwrap();
        let split = Split::new();
        // SAFETY: zero is empty data and an empty context; all lists outlive the calls.
        unsafe {
            assert!(is_odd(host.as_ptr()) && !is_odd(std::ptr::null_mut()));
            let mut data: ProcessData = std::mem::zeroed();
            (data.numSamples, data.inputEvents) = (64, host.as_ptr());
            let mut context: ProcessContext = std::mem::zeroed();
            split.apply(&mut data, Part { start: 0, len: 64, total: 64 }, 48_000.0, &mut context);
            assert_eq!(ComRef::from_raw(data.inputEvents).unwrap().getEventCount(), 0);
        }
    }

    #[test]
    fn time_at_its_end_goes_no_further() {
        // SAFETY: zero is empty data and an empty context.
        unsafe {
            let mut data: ProcessData = std::mem::zeroed();
            let mut time: ProcessContext = std::mem::zeroed();
            (time.projectTimeSamples, time.continousTimeSamples) = (i64::MAX, i64::MAX - 1);
            data.processContext = &mut time;
            let mut context: ProcessContext = std::mem::zeroed();
            Split::new().apply(&mut data, parts()[1], 48_000.0, &mut context);
            assert_eq!((context.projectTimeSamples, context.continousTimeSamples), (i64::MAX, i64::MAX));
        }
    }

    /// A host's list of notes at these offsets.
    struct HostEvents(Vec<i32>);

    impl Class for HostEvents {
        type Interfaces = (IEventList,);
    }

    impl IEventListTrait for HostEvents {
        unsafe fn getEventCount(&self) -> int32 {
            self.0.len() as int32
        }
        unsafe fn getEvent(&self, index: int32, out: *mut Event) -> tresult {
            // SAFETY: `out` is the caller's, and zero is an event.
            unsafe {
                *out = std::mem::zeroed();
                (*out).sampleOffset = self.0[index as usize];
            }
            kResultOk
        }
        unsafe fn addEvent(&self, _: *mut Event) -> tresult {
            kResultFalse
        }
    }

    #[test]
    fn events_and_time_move_with_the_part() {
        let host: ComPtr<IEventList> =
            ComWrapper::new(HostEvents(vec![0, 600, 600, 1024])).to_com_ptr().unwrap();
        let split = Split::new();
        // SAFETY: zero is an empty context.
        let mut time: ProcessContext = unsafe { std::mem::zeroed() };
        time.state = ProcessContext_::StatesAndFlags_::kTempoValid as u32;
        time.tempo = 120.0;
        let expected = [vec![0], vec![88, 88], vec![0]];
        for (part, expected) in parts().into_iter().zip(expected) {
            // SAFETY: zero is empty data and an empty context; all lists outlive the calls.
            unsafe {
                let mut data: ProcessData = std::mem::zeroed();
                (data.numSamples, data.inputEvents, data.processContext) = (1300, host.as_ptr(), &mut time);
                let mut context: ProcessContext = std::mem::zeroed();
                split.apply(&mut data, part, 48_000.0, &mut context);
                assert_eq!(data.numSamples, part.len);
                assert_eq!((*data.processContext).projectTimeSamples, i64::from(part.start));
                assert!(
                    ((*data.processContext).projectTimeMusic - f64::from(part.start) / 24_000.0).abs()
                        < 1e-12
                );
                let view = ComRef::from_raw(data.inputEvents).unwrap();
                let offsets: Vec<i32> = (0..view.getEventCount())
                    .map(|index| {
                        let mut event: Event = std::mem::zeroed();
                        assert_eq!(view.getEvent(index, &mut event), kResultOk);
                        event.sampleOffset
                    })
                    .collect();
                assert_eq!(offsets, expected);
            }
        }
    }
}
