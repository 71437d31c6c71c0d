//! The outputs as the host sees them: their names, and that it may have them mono.

use super::Guard;
use clap_sys::ext::audio_ports::{
    CLAP_EXT_AUDIO_PORTS, CLAP_PORT_MONO, CLAP_PORT_STEREO, clap_audio_port_info, clap_plugin_audio_ports,
};
use clap_sys::ext::audio_ports_config::{clap_audio_ports_config, clap_plugin_audio_ports_config};
use nice_plug::prelude::ClapPlugin;
use nice_plug::wrapper::clap::clap_plugin;
use std::ffi::{CStr, c_char};
use std::sync::atomic::Ordering;

/// What a host may choose, by id: name, channels and kind of every output.
const CONFIGS: [(&CStr, u32, &CStr); 2] = [(c"Stereo", 2, CLAP_PORT_STEREO), (c"Mono", 1, CLAP_PORT_MONO)];

impl<P: ClapPlugin> Guard<P> {
    pub(super) const AUDIO_PORTS: &'static clap_plugin_audio_ports =
        &clap_plugin_audio_ports { count: Some(Self::port_count), get: Some(Self::port_info) };

    pub(super) const PORT_CONFIGS: &'static clap_plugin_audio_ports_config =
        &clap_plugin_audio_ports_config {
            count: Some(Self::config_count),
            get: Some(Self::config),
            select: Some(Self::select_config),
        };

    /// # Safety
    /// As for [`Self::of`].
    unsafe fn inner_ports<'a>(plugin: *const clap_plugin) -> Option<&'a clap_plugin_audio_ports> {
        // SAFETY: nice-plug gives a table of this type, or null, for this id.
        unsafe {
            let get = Self::of(plugin).inner.get_extension?;
            (get(plugin, CLAP_EXT_AUDIO_PORTS.as_ptr()) as *const clap_plugin_audio_ports).as_ref()
        }
    }

    unsafe extern "C" fn port_count(plugin: *const clap_plugin, input: bool) -> u32 {
        // SAFETY: as CLAP asks of the host.
        unsafe {
            let count = Self::inner_ports(plugin).and_then(|ports| ports.count);
            count.map_or(0, |count| count(plugin, input))
        }
    }

    /// nice-plug gives the main output the name of the main input, and knows nothing of mono.
    unsafe extern "C" fn port_info(
        plugin: *const clap_plugin,
        index: u32,
        input: bool,
        info: *mut clap_audio_port_info,
    ) -> bool {
        // SAFETY: as CLAP asks of the host.
        unsafe {
            let get = Self::inner_ports(plugin).and_then(|ports| ports.get);
            let found = get.is_some_and(|get| get(plugin, index, input, info));
            if !found || input {
                return found;
            }
            let info = &mut *info;
            if index == 0
                && Self::LAYOUT.main_output_channels.is_some()
                && let Some(name) = Self::LAYOUT.names.main_output
            {
                write(&mut info.name, name.as_bytes());
            }
            if info.channel_count == 2 && Self::of(plugin).mono.load(Ordering::Relaxed) {
                (info.channel_count, info.port_type) = (1, CLAP_PORT_MONO.as_ptr());
            }
            true
        }
    }

    unsafe extern "C" fn config_count(_: *const clap_plugin) -> u32 {
        CONFIGS.len() as u32
    }

    unsafe extern "C" fn config(
        plugin: *const clap_plugin,
        index: u32,
        config: *mut clap_audio_ports_config,
    ) -> bool {
        let Some((name, channels, kind)) = CONFIGS.get(index as usize) else { return false };
        // SAFETY: as CLAP asks of the host.
        unsafe {
            let Some(config) = config.as_mut() else { return false };
            config.id = index;
            write(&mut config.name, name.to_bytes());
            config.input_port_count = Self::port_count(plugin, true);
            config.output_port_count = Self::port_count(plugin, false);
            config.has_main_input = false;
            config.main_input_channel_count = 0;
            config.main_input_port_type = std::ptr::null();
            config.has_main_output = Self::LAYOUT.main_output_channels.is_some();
            config.main_output_channel_count = *channels;
            config.main_output_port_type = kind.as_ptr();
        }
        true
    }

    unsafe extern "C" fn select_config(plugin: *const clap_plugin, id: u32) -> bool {
        let Some((_, channels, _)) = CONFIGS.get(id as usize) else { return false };
        // SAFETY: as CLAP asks of the host.
        unsafe { Self::of(plugin) }.mono.store(*channels == 1, Ordering::Relaxed);
        true
    }
}

/// A text with zeros behind it.
fn write(to: &mut [c_char], text: &[u8]) {
    to.fill(0);
    let last = to.len() - 1;
    for (to, from) in to[..last].iter_mut().zip(text) {
        *to = *from as c_char;
    }
}
