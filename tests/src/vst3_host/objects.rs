//! What a VST3 host gives a plugin to read from and write to: parameter changes, events, a stream of bytes.
//!
//! All of them are used by one thread at a time, within a call of the plugin.

use std::cell::{Cell, RefCell};
use std::ffi::c_void;

use vst3::Steinberg::IBStream_::IStreamSeekMode_::{kIBSeekCur, kIBSeekEnd};
use vst3::Steinberg::Vst::*;
use vst3::Steinberg::*;
use vst3::{Class, ComWrapper};

/// The points of one parameter in a block, in the order of frames.
struct Points {
    id: ParamID,
    points: RefCell<Vec<(int32, f64)>>,
}

impl Class for Points {
    type Interfaces = (IParamValueQueue,);
}

impl IParamValueQueueTrait for Points {
    unsafe fn getParameterId(&self) -> ParamID {
        self.id
    }
    unsafe fn getPointCount(&self) -> int32 {
        self.points.borrow().len() as int32
    }
    unsafe fn getPoint(&self, index: int32, frame: *mut int32, value: *mut ParamValue) -> tresult {
        let points = self.points.borrow();
        let Some(point) = usize::try_from(index).ok().and_then(|index| points.get(index)) else {
            return kInvalidArgument;
        };
        // SAFETY: the plugin's own memory.
        unsafe { (*frame, *value) = *point };
        kResultOk
    }
    unsafe fn addPoint(&self, _: int32, _: ParamValue, _: *mut int32) -> tresult {
        kResultFalse
    }
}

/// The parameter changes of a block: one queue for each parameter that changes, as VST3 has it.
#[derive(Default)]
pub struct Changes(RefCell<Vec<ComWrapper<Points>>>);

impl Class for Changes {
    type Interfaces = (IParameterChanges,);
}

impl Changes {
    /// Adds a point; ask in the order of frames.
    pub fn add(&self, id: ParamID, frame: int32, value: f64) {
        let mut queues = self.0.borrow_mut();
        if let Some(queue) = queues.iter().find(|queue| queue.id == id) {
            queue.points.borrow_mut().push((frame, value));
        } else {
            queues.push(ComWrapper::new(Points { id, points: RefCell::new(vec![(frame, value)]) }));
        }
    }

    /// Forgets all points.
    pub fn clear(&self) {
        self.0.borrow_mut().clear();
    }
}

impl IParameterChangesTrait for Changes {
    unsafe fn getParameterCount(&self) -> int32 {
        self.0.borrow().len() as int32
    }
    unsafe fn getParameterData(&self, index: int32) -> *mut IParamValueQueue {
        let queues = self.0.borrow();
        let queue = usize::try_from(index).ok().and_then(|index| queues.get(index));
        queue.and_then(|queue| queue.as_com_ref()).map_or(std::ptr::null_mut(), |queue| queue.as_ptr())
    }
    unsafe fn addParameterData(&self, _: *const ParamID, _: *mut int32) -> *mut IParamValueQueue {
        std::ptr::null_mut()
    }
}

/// The events that a plugin sends in a block.
#[derive(Default)]
pub struct Events(RefCell<Vec<Event>>);

impl Class for Events {
    type Interfaces = (IEventList,);
}

impl Events {
    /// All events since the last call of this method.
    pub fn take(&self) -> Vec<Event> {
        self.0.take()
    }
}

impl IEventListTrait for Events {
    unsafe fn getEventCount(&self) -> int32 {
        self.0.borrow().len() as int32
    }
    unsafe fn getEvent(&self, index: int32, event: *mut Event) -> tresult {
        let events = self.0.borrow();
        let Some(found) = usize::try_from(index).ok().and_then(|index| events.get(index)) else {
            return kInvalidArgument;
        };
        // SAFETY: the plugin's own memory.
        unsafe { *event = *found };
        kResultOk
    }
    unsafe fn addEvent(&self, event: *mut Event) -> tresult {
        // SAFETY: the plugin's event.
        self.0.borrow_mut().push(unsafe { *event });
        kResultOk
    }
}

/// A saved state, read and written from its start.
#[derive(Default)]
pub struct Stream {
    bytes: RefCell<Vec<u8>>,
    at: Cell<usize>,
}

impl Class for Stream {
    type Interfaces = (IBStream,);
}

impl Stream {
    /// A stream with something to read.
    pub fn of(bytes: &[u8]) -> Self {
        Self { bytes: RefCell::new(bytes.to_vec()), at: Cell::new(0) }
    }

    /// All that was written.
    pub fn take(&self) -> Vec<u8> {
        self.bytes.take()
    }
}

/// Puts a value where the plugin wants it, if it does.
///
/// # Safety
/// `to` is null or the plugin's own memory.
unsafe fn tell<T>(to: *mut T, value: T) {
    if !to.is_null() {
        // SAFETY: not null.
        unsafe { *to = value };
    }
}

impl IBStreamTrait for Stream {
    unsafe fn read(&self, buffer: *mut c_void, count: int32, done: *mut int32) -> tresult {
        let bytes = self.bytes.borrow();
        let rest = &bytes[self.at.get().min(bytes.len())..];
        let count = rest.len().min(usize::try_from(count).unwrap_or(0));
        // SAFETY: the plugin's buffer has room for as much as it asks for.
        unsafe {
            std::ptr::copy_nonoverlapping(rest.as_ptr(), buffer.cast(), count);
            tell(done, count as int32);
        }
        self.at.set(self.at.get() + count);
        kResultOk
    }
    unsafe fn write(&self, buffer: *mut c_void, count: int32, done: *mut int32) -> tresult {
        let mut bytes = self.bytes.borrow_mut();
        bytes.truncate(self.at.get());
        // SAFETY: the plugin's buffer holds so many bytes.
        unsafe {
            bytes
                .extend(std::slice::from_raw_parts(buffer.cast::<u8>(), usize::try_from(count).unwrap_or(0)));
            tell(done, count);
        }
        self.at.set(bytes.len());
        kResultOk
    }
    unsafe fn seek(&self, offset: int64, mode: int32, now: *mut int64) -> tresult {
        let from = match mode as u32 {
            mode if mode == kIBSeekEnd as u32 => self.bytes.borrow().len() as int64,
            mode if mode == kIBSeekCur as u32 => self.at.get() as int64,
            _ => 0,
        };
        let Ok(at) = usize::try_from(from + offset) else { return kInvalidArgument };
        self.at.set(at);
        // SAFETY: as `tell` asks.
        unsafe { tell(now, at as int64) };
        kResultOk
    }
    unsafe fn tell(&self, now: *mut int64) -> tresult {
        // SAFETY: as `tell` asks.
        unsafe { tell(now, self.at.get() as int64) };
        kResultOk
    }
}
