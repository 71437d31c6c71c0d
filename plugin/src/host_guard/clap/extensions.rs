//! The extensions of which the guard has its own version; the outputs are described in [`ports`](super::ports).

use super::super::saved;
use super::Guard;
use clap_sys::events::{clap_input_events, clap_output_events};
use clap_sys::ext::audio_ports::CLAP_EXT_AUDIO_PORTS;
use clap_sys::ext::audio_ports_config::CLAP_EXT_AUDIO_PORTS_CONFIG;
use clap_sys::ext::params::{CLAP_EXT_PARAMS, clap_param_info, clap_plugin_params};
use clap_sys::ext::render::{
    CLAP_EXT_RENDER, CLAP_RENDER_OFFLINE, clap_plugin_render, clap_plugin_render_mode,
};
use clap_sys::ext::state::{CLAP_EXT_STATE, clap_plugin_state};
use clap_sys::stream::{clap_istream, clap_ostream};
use nice_plug::prelude::ClapPlugin;
use nice_plug::wrapper::clap::clap_plugin;
use std::ffi::{CStr, c_char, c_void};

impl<P: ClapPlugin> Guard<P> {
    const RENDER: &'static clap_plugin_render = &clap_plugin_render {
        has_hard_realtime_requirement: Some(Self::has_hard_realtime_requirement),
        set: Some(Self::set_render_mode),
    };

    const STATE: &'static clap_plugin_state =
        &clap_plugin_state { save: Some(Self::state_save), load: Some(Self::state_load) };

    pub(super) unsafe extern "C" fn get_extension(
        plugin: *const clap_plugin,
        id: *const c_char,
    ) -> *const c_void {
        // SAFETY: as CLAP asks of the host.
        unsafe {
            let Some(get) = Self::of(plugin).inner.get_extension else { return std::ptr::null() };
            let extension = get(plugin, id);
            if extension.is_null() {
                return extension;
            }
            match CStr::from_ptr(id) {
                id if id == CLAP_EXT_AUDIO_PORTS => Self::AUDIO_PORTS as *const _ as *const c_void,
                id if id == CLAP_EXT_AUDIO_PORTS_CONFIG => Self::PORT_CONFIGS as *const _ as *const c_void,
                id if id == CLAP_EXT_RENDER => Self::RENDER as *const _ as *const c_void,
                id if id == CLAP_EXT_STATE => Self::STATE as *const _ as *const c_void,
                id if id == CLAP_EXT_PARAMS => {
                    let inner = &*(extension as *const clap_plugin_params);
                    let table = || clap_plugin_params {
                        get_info: Some(Self::param_info),
                        flush: Some(Self::flush),
                        ..*inner
                    };
                    Self::of(plugin).params.get_or_init(table) as *const _ as *const c_void
                }
                _ => extension,
            }
        }
    }

    unsafe extern "C" fn has_hard_realtime_requirement(_: *const clap_plugin) -> bool {
        P::HARD_REALTIME_ONLY
    }

    /// nice-plug would ask the host for another activation.
    unsafe extern "C" fn set_render_mode(plugin: *const clap_plugin, mode: clap_plugin_render_mode) -> bool {
        // SAFETY: as CLAP asks of the host.
        unsafe { Self::of(plugin) }.link.set_offline(mode == CLAP_RENDER_OFFLINE);
        true
    }

    /// # Safety
    /// As for [`Self::of`].
    unsafe fn inner_params<'a>(plugin: *const clap_plugin) -> Option<&'a clap_plugin_params> {
        // SAFETY: nice-plug gives a table of this type, or null, for this id.
        unsafe {
            let get = Self::of(plugin).inner.get_extension?;
            (get(plugin, CLAP_EXT_PARAMS.as_ptr()) as *const clap_plugin_params).as_ref()
        }
    }

    /// nice-plug takes the host's word for these events as it does for those of a block. On the audio thread while active,
    /// else on the main thread.
    unsafe extern "C" fn flush(
        plugin: *const clap_plugin,
        events: *const clap_input_events,
        out: *const clap_output_events,
    ) {
        // SAFETY: as CLAP asks of the host.
        unsafe {
            let guard = Self::of(plugin);
            let Some(flush) = Self::inner_params(plugin).and_then(|params| params.flush) else { return };
            // A host that flushes while a block is played breaks its word, and loses what it sends: nice-plug would panic.
            guard.audio.try_with(|_| {
                guard.flushed.try_with(|flushed| {
                    // There is no block, so that all of it is at frame 0.
                    let events = flushed.take(events, 1, 1).unwrap_or_else(|| flushed.part(0, 1, 1).1);
                    flush(plugin, events, out);
                })
            });
        }
    }

    /// nice-plug panics for the index just after the last one.
    unsafe extern "C" fn param_info(
        plugin: *const clap_plugin,
        index: u32,
        info: *mut clap_param_info,
    ) -> bool {
        // SAFETY: as CLAP asks of the host.
        unsafe {
            let Some(params) = Self::inner_params(plugin) else { return false };
            let count = params.count.map_or(0, |count| count(plugin));
            index < count && params.get_info.is_some_and(|get_info| get_info(plugin, index, info))
        }
    }

    /// # Safety
    /// As for [`Self::of`].
    unsafe fn inner_state<'a>(plugin: *const clap_plugin) -> Option<&'a clap_plugin_state> {
        // SAFETY: nice-plug gives a table of this type, or null, for this id.
        unsafe {
            let get = Self::of(plugin).inner.get_extension?;
            (get(plugin, CLAP_EXT_STATE.as_ptr()) as *const clap_plugin_state).as_ref()
        }
    }

    unsafe extern "C" fn state_save(plugin: *const clap_plugin, stream: *const clap_ostream) -> bool {
        // SAFETY: as CLAP asks of the host.
        unsafe {
            let save = Self::inner_state(plugin).and_then(|state| state.save);
            save.is_some_and(|save| save(plugin, stream))
        }
    }

    unsafe extern "C" fn state_load(plugin: *const clap_plugin, stream: *const clap_istream) -> bool {
        // SAFETY: as CLAP asks of the host.
        unsafe {
            let bytes = saved::of_clap(stream).unwrap_or_default();
            let link = &Self::of(plugin).link;
            if let Err(sentence) = saved::check(bytes.get(8..).unwrap_or_default(), |state| link.vet(state)) {
                link.refuse(sentence);
                return false;
            }
            let load = Self::inner_state(plugin).and_then(|state| state.load);
            load.is_some_and(|load| saved::with_stream(&bytes, |stream| load(plugin, stream)))
        }
    }
}
