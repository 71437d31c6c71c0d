//! CLAP: the plugin object the host sees. It is a copy of nice-plug's table of functions with some of them replaced,
//! and it carries nice-plug's data pointer, so that all of nice-plug's other functions and extensions work on it
//! unchanged.

mod extensions;
mod parts;
mod ports;

use super::buffers::{Buses, Exclusive, HostBus};
use super::events::Events;
use super::link::HostLink;
use super::{channels, output_count, single_layout};
use clap_sys::audio_buffer::clap_audio_buffer;
use clap_sys::events::clap_event_transport;
use clap_sys::ext::params::clap_plugin_params;
use clap_sys::ext::state::{CLAP_EXT_STATE, clap_host_state};
use clap_sys::process::{CLAP_PROCESS_CONTINUE, CLAP_PROCESS_ERROR, clap_process, clap_process_status};
use nice_plug::prelude::{AudioIOLayout, ClapPlugin};
use nice_plug::wrapper::clap::{
    CLAP_PLUGIN_FACTORY_ID, PluginDescriptor, Wrapper, clap_host, clap_plugin, clap_plugin_descriptor,
    clap_plugin_factory,
};
use parts::Out;
use std::ffi::{CStr, c_char, c_void};
use std::marker::PhantomData;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// Everything `process` needs, allocated in `activate`.
struct Audio {
    /// The longest block that was announced.
    frames: u32,
    rate: f64,
    inputs: Buses,
    outputs: Buses,
    input_ports: Vec<clap_audio_buffer>,
    output_ports: Vec<clap_audio_buffer>,
    events: Events,
}

// SAFETY: the pointers are only meaningful within the `process` call that set them.
unsafe impl Send for Audio {}

impl Audio {
    fn new(layout: &AudioIOLayout, rate: f64, frames: u32) -> Self {
        let frames = frames.max(1);
        let mut inputs = Buses::new(&channels(layout, false), frames as usize);
        let mut outputs = Buses::new(&channels(layout, true), frames as usize);
        let (input_ports, output_ports) = (describe(&mut inputs), describe(&mut outputs));
        Self { frames, rate, inputs, outputs, input_ports, output_ports, events: Events::new() }
    }

    /// One block, in parts where nice-plug could not take it whole.
    ///
    /// # Safety
    /// `host` is what the host passed to `process`, and `inner` what nice-plug does with it.
    unsafe fn process(
        &mut self,
        host: &clap_process,
        inner: impl Fn(&clap_process) -> clap_process_status,
    ) -> clap_process_status {
        let frames = host.frames_count;
        // SAFETY: as the caller vouches.
        let whole = unsafe { self.events.take(host.in_events, frames, self.frames) };
        let (mut start, mut status) = (0, CLAP_PROCESS_CONTINUE);
        loop {
            let mut data = *host;
            let (end, events) = match whole {
                Some(events) => (frames, events),
                None => self.events.part(start, frames, self.frames),
            };
            let out = Out::new(host.out_events, start);
            let (list, transport) = (out.list(), self.transport(host, start));
            if start > 0 {
                data.out_events = &list;
                data.steady_time = host.steady_time.saturating_add(i64::from(start));
                data.transport = transport.as_ref().map_or(std::ptr::null(), |transport| transport);
            }
            (data.frames_count, data.in_events) = (end - start, events);
            // SAFETY: as the caller vouches; no part is longer than was announced.
            unsafe {
                let (inputs, outputs) = (host.audio_inputs, host.audio_outputs);
                self.inputs.point(start as usize, false, |bus| given(inputs, host.audio_inputs_count, bus));
                self.outputs.point(start as usize, true, |bus| given(outputs, host.audio_outputs_count, bus));
            }
            data.audio_inputs = self.input_ports.as_ptr();
            data.audio_inputs_count = self.input_ports.len() as u32;
            data.audio_outputs = self.output_ports.as_mut_ptr();
            data.audio_outputs_count = self.output_ports.len() as u32;
            let done = inner(&data);
            // SAFETY: `point` was called for this part.
            unsafe { self.outputs.fold((end - start) as usize) };
            if start == 0 || done == CLAP_PROCESS_ERROR {
                status = done;
            }
            start = end;
            if start >= frames {
                return status;
            }
        }
    }

    /// What the host says of time at a frame of the block.
    fn transport(&self, host: &clap_process, start: u32) -> Option<clap_event_transport> {
        // SAFETY: null, or the host's for this block.
        let (since, transport) = self
            .events
            .transport(start)
            .or_else(|| Some((0, unsafe { host.transport.as_ref() }.copied()?)))?;
        Some(parts::advanced(transport, start - since, self.rate))
    }
}

fn describe(buses: &mut Buses) -> Vec<clap_audio_buffer> {
    let count = buses.len();
    let describe = |bus| clap_audio_buffer {
        data32: buses.pointers(bus),
        data64: std::ptr::null_mut(),
        channel_count: buses.channels(bus) as u32,
        latency: 0,
        constant_mask: 0,
    };
    (0..count).map(describe).collect()
}

/// What the host gave for a bus.
///
/// # Safety
/// `buses` is null or points to `count` buffers.
unsafe fn given(buses: *const clap_audio_buffer, count: u32, bus: usize) -> HostBus {
    if buses.is_null() || bus >= count as usize {
        return HostBus::ABSENT;
    }
    // SAFETY: `bus` is below `count`.
    let bus = unsafe { &*buses.add(bus) };
    HostBus { channels: bus.data32, count: bus.channel_count as usize }
}

/// What the host's `clap_plugin` pointer leads to.
#[repr(C)]
struct Guard<P: ClapPlugin> {
    /// What the host gets a pointer to. Must be the first field.
    outer: clap_plugin,
    inner: clap_plugin,
    host: *const clap_host,
    audio: Exclusive<Option<Audio>>,
    /// For what the host sends outside of blocks, which it may do while there is no [`Audio`].
    flushed: Exclusive<Events>,
    /// Whether the host chose mono outputs. What a block gives counts, whatever was chosen.
    mono: AtomicBool,
    /// nice-plug's table with functions of ours.
    params: OnceLock<clap_plugin_params>,
    /// Set by the window, taken by the main thread.
    dirty: Arc<AtomicBool>,
    link: Arc<HostLink>,
    plugin: PhantomData<P>,
}

impl<P: ClapPlugin> Guard<P> {
    const LAYOUT: &'static AudioIOLayout = single_layout(P::AUDIO_IO_LAYOUTS);

    /// The guard behind the host's pointer.
    ///
    /// # Safety
    /// `plugin` was made by `create` and is not yet destroyed.
    unsafe fn of<'a>(plugin: *const clap_plugin) -> &'a Self {
        // SAFETY: `outer` is the first field of a `repr(C)` struct.
        unsafe { &*(plugin as *const Self) }
    }

    /// # Safety
    /// `host` is valid until the plugin is destroyed.
    unsafe fn create(host: *const clap_host) -> *const clap_plugin {
        let link = Arc::new(HostLink::default());
        // nice-plug's `destroy` gives this reference back.
        // SAFETY: as the caller vouches.
        let wrapper = Arc::into_raw(link.enter(|| unsafe { Wrapper::<P>::new(host) }));
        // SAFETY: just made.
        let inner: clap_plugin = *unsafe { &*wrapper }.clap_plugin.borrow();
        let outer = clap_plugin {
            activate: Some(Self::activate),
            deactivate: Some(Self::deactivate),
            process: Some(Self::process),
            on_main_thread: Some(Self::on_main_thread),
            get_extension: Some(Self::get_extension),
            destroy: Some(Self::destroy),
            ..inner
        };
        let dirty = Arc::new(AtomicBool::new(false));
        let (flag, address) = (dirty.clone(), host as usize);
        link.set_notify(Some(Arc::new(move || {
            flag.store(true, Ordering::SeqCst);
            let host = address as *const clap_host;
            // SAFETY: the host outlives the plugin, and `destroy` takes this closure away first.
            unsafe {
                if let Some(request) = (*host).request_callback {
                    request(host);
                }
            }
        })));
        let (audio, flushed) = (Exclusive::new(None), Exclusive::new(Events::new()));
        let (mono, params) = (AtomicBool::new(false), OnceLock::new());
        let plugin = PhantomData;
        let guard = Self { outer, inner, host, audio, flushed, mono, params, dirty, link, plugin };
        Box::into_raw(Box::new(guard)) as *const clap_plugin
    }

    unsafe extern "C" fn destroy(plugin: *const clap_plugin) {
        // SAFETY: the host destroys what `create` made, once.
        unsafe {
            let guard = Box::from_raw(plugin as *mut Self);
            guard.link.set_notify(None);
            if let Some(destroy) = guard.inner.destroy {
                destroy(&guard.outer);
            }
        }
    }

    unsafe extern "C" fn activate(plugin: *const clap_plugin, rate: f64, min: u32, max: u32) -> bool {
        // SAFETY: as CLAP asks of the host.
        unsafe {
            let guard = Self::of(plugin);
            guard.audio.replace(Some(Audio::new(Self::LAYOUT, rate, max))).is_ok()
                && guard.inner.activate.is_some_and(|activate| activate(plugin, rate, min, max))
        }
    }

    unsafe extern "C" fn deactivate(plugin: *const clap_plugin) {
        // SAFETY: as CLAP asks of the host.
        unsafe {
            let guard = Self::of(plugin);
            if let Some(deactivate) = guard.inner.deactivate {
                deactivate(plugin);
            }
            let _ = guard.audio.replace(None);
        }
    }

    unsafe extern "C" fn process(
        plugin: *const clap_plugin,
        process: *const clap_process,
    ) -> clap_process_status {
        // SAFETY: as CLAP asks of the host; its buses are only read through `given`.
        unsafe {
            let guard = Self::of(plugin);
            let Some(host) = process.as_ref() else { return CLAP_PROCESS_ERROR };
            guard.link.begin_block();
            let run = |audio: &mut Option<Audio>| {
                let (audio, inner) = (audio.as_mut()?, guard.inner.process?);
                Some(audio.process(host, |data| inner(plugin, data)))
            };
            let status = guard.audio.try_with(run).flatten();
            for index in 0..output_count(Self::LAYOUT) {
                let bus = given(host.audio_outputs, host.audio_outputs_count, index);
                if bus.channels.is_null() {
                    continue;
                }
                (*host.audio_outputs.add(index)).constant_mask = 0;
                if status.is_none() {
                    // Not active, or busy: silence, not what lies in the memory.
                    for channel in (0..bus.count).map(|channel| bus.channel(channel)).filter(|c| !c.is_null())
                    {
                        std::ptr::write_bytes(channel, 0, host.frames_count as usize);
                    }
                }
            }
            status.unwrap_or(CLAP_PROCESS_ERROR)
        }
    }

    unsafe extern "C" fn on_main_thread(plugin: *const clap_plugin) {
        // SAFETY: as CLAP asks of the host.
        unsafe {
            let guard = Self::of(plugin);
            let host = guard.host;
            if guard.dirty.swap(false, Ordering::SeqCst)
                && let Some(get) = (*host).get_extension
                && let Some(state) = (get(host, CLAP_EXT_STATE.as_ptr()) as *const clap_host_state).as_ref()
                && let Some(mark_dirty) = state.mark_dirty
            {
                mark_dirty(host);
            }
            if let Some(on_main_thread) = guard.inner.on_main_thread {
                on_main_thread(plugin);
            }
        }
    }
}

/// One class of the module.
pub struct ClapClass {
    descriptor: PluginDescriptor,
    create: unsafe fn(*const clap_host) -> *const clap_plugin,
}

impl ClapClass {
    /// The class of a plugin type.
    pub fn of<P: ClapPlugin>() -> Self {
        Self { descriptor: PluginDescriptor::for_plugin::<P>(), create: Guard::<P>::create }
    }
}

static CLASSES: OnceLock<Vec<ClapClass>> = OnceLock::new();

/// Takes the classes of the module, the first time it is called.
pub fn register(classes: impl FnOnce() -> Vec<ClapClass>) {
    CLASSES.get_or_init(classes);
}

fn classes() -> &'static [ClapClass] {
    CLASSES.get().map_or(&[], |classes| classes)
}

unsafe extern "C" fn count(_: *const clap_plugin_factory) -> u32 {
    classes().len() as u32
}

unsafe extern "C" fn descriptor(_: *const clap_plugin_factory, index: u32) -> *const clap_plugin_descriptor {
    classes().get(index as usize).map_or(std::ptr::null(), |class| class.descriptor.clap_plugin_descriptor())
}

unsafe extern "C" fn create(
    _: *const clap_plugin_factory,
    host: *const clap_host,
    id: *const c_char,
) -> *const clap_plugin {
    if host.is_null() || id.is_null() {
        return std::ptr::null();
    }
    // SAFETY: not null, and a C string as CLAP asks of the host.
    let id = unsafe { CStr::from_ptr(id) };
    let class = classes().iter().find(|class| class.descriptor.clap_id() == id);
    // SAFETY: not null, and valid until the plugin is destroyed, as CLAP asks of the host.
    class.map_or(std::ptr::null(), |class| unsafe { (class.create)(host) })
}

static FACTORY: clap_plugin_factory = clap_plugin_factory {
    get_plugin_count: Some(count),
    get_plugin_descriptor: Some(descriptor),
    create_plugin: Some(create),
};

/// The module's `deinit`: nothing to undo.
///
/// # Safety
/// None is needed; the type is CLAP's.
pub unsafe extern "C" fn deinit() {}

/// The module's `get_factory`.
///
/// # Safety
/// `id` is null or a C string.
pub unsafe extern "C" fn get_factory(id: *const c_char) -> *const c_void {
    // SAFETY: as the caller vouches.
    if !id.is_null() && unsafe { CStr::from_ptr(id) } == CLAP_PLUGIN_FACTORY_ID {
        return &FACTORY as *const _ as *const c_void;
    }
    std::ptr::null()
}
