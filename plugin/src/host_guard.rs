//! A guard between the host and nice-plug.
//!
//! The plugin is exported by `export!` instead of `nice_export_vst3!` and `nice_export_clap!`. Entry points,
//! factories and the objects that the host sees are then ours; each object owns the nice-plug object of the same
//! class and passes every call on to it, except where nice-plug 0.4.2 trusts the host too much. Nothing here changes
//! parameters, state or the sound of a well-behaved host, and nothing depends on memory layouts inside nice-plug: on
//! the VST3 side the guard holds a `Wrapper` by value and uses the public traits of the `vst3` crate, on the CLAP
//! side it copies the public table of functions.
//!
//! | defect of 0.4.2 | repaired by | gone upstream when |
//! | --- | --- | --- |
//! | silence if a role bus has no buffers; reads beyond the bus array; null channels used; panic at more channels than declared | `buffers` | `buffer_is_valid` looks at the main bus only and bus indices are compared with `>=` |
//! | the same memory for two outputs gives two `&mut` slices | `Buses::point` | never: a property of hosts |
//! | the process mode is heard at the next activation only, in VST3 one `setupProcessing` late, and never where a block says it | [`HostLink::is_offline`] | every block knows it |
//! | CLAP: events beyond the block or out of order write behind the host's buffers or panic | `events` | times are clamped before the block is split |
//! | system-exclusive bytes at null panic, in CLAP also in `flush` | `events`, `split`, `clap::extensions` | the assertion goes |
//! | a state is unpacked however large it becomes; what cannot be read is refused without a word, and what the plugin refuses is reported as loaded | `saved` | it has a limit and tells the plugin, and `filter_state` may fail |
//! | VST3: 64 bit, negative sizes, sample rate 0, blocks while inactive | checks in [`vst3`] | they return errors in release builds |
//! | blocks longer than announced | VST3: `split`; CLAP: `clap::parts` | never: a property of hosts |
//! | CLAP: where the host says within a block that time goes otherwise from there, the frames before are counted twice | `clap::parts` | `song_pos_beats` of such an event is taken as it is |
//! | old silence flags stay on outputs | end of `process` | nice-plug writes them |
//! | VST3: `setBusArrangements` reads beyond the array and takes exact layouts only | `vst3::arrangement` | it accepts requests for the main bus alone |
//! | no mono for a host that wants it of a stereo plugin | `Buses::fold`, `vst3::arrangement`, `clap::ports` | never: two channels are what we render |
//! | the description of the parameter after the last one panics | index checks | the check is `>=` |
//! | VST3: 2,080 hidden parameters for controllers, where 120 are listened to | `vst3::controllers` | a plugin says which it wants |
//! | the main output has the main input's name | `getBusInfo`, `port_info` | `main_output_name` reads `main_output` |
//! | the background thread ends at a task of a deleted instance, and the last deletion then ends the host; or it is itself the last to let go of an instance, and waits for its own end | [`HostLink`], before an instance goes | `worker_thread` no longer returns there |
//! | nobody can tell the host that saved data changed | [`HostLink::mark_dirty`] | nice-plug offers it |
//!
//! With another version of nice-plug the compiler tells of changed traits. What it cannot tell is a new interface:
//! compare `type Interfaces` in its `vst3/wrapper.rs` with ours, and the functions in its `clap/wrapper.rs`.
//!
//! Rules for a guarded class: one entry in `AUDIO_IO_LAYOUTS`; `type BackgroundTask = Drained`; [`HostLink::current`]
//! in `Default` and nowhere else; [`HostLink::on_drain`] first in `editor`. Windows and macOS entry points were never
//! compiled.
//!
//! Threads: `process` runs on the audio thread and neither allocates nor waits; everything else on the main thread.

// The one room of this crate that speaks to hosts in C.
#![allow(unsafe_code)]

mod buffers;
pub mod clap;
mod events;
mod link;
mod saved;
mod split;
pub mod vst3;

pub use link::{Drained, HostLink};

use nice_plug::prelude::AudioIOLayout;

/// A class keeps one set of buses: nice-plug cannot be told safely to take another one.
const fn single_layout(layouts: &'static [AudioIOLayout]) -> &'static AudioIOLayout {
    assert!(layouts.len() == 1, "a guarded plugin class has exactly one bus layout");
    &layouts[0]
}

/// Channel counts of all buses in host order, main bus first.
fn channels(layout: &AudioIOLayout, output: bool) -> Vec<usize> {
    let (main, aux) = if output {
        (layout.main_output_channels, layout.aux_output_ports)
    } else {
        (layout.main_input_channels, layout.aux_input_ports)
    };
    main.iter().chain(aux).map(|count| count.get() as usize).collect()
}

/// Number of output buses; for the audio thread, which must not make a list.
fn output_count(layout: &AudioIOLayout) -> usize {
    usize::from(layout.main_output_channels.is_some()) + layout.aux_output_ports.len()
}

/// Exports the given plugin types, in this order, as VST3 and CLAP.
macro_rules! export {
    ($($plugin:ty),+ $(,)?) => {
        #[allow(unsafe_code)]
        mod host_guard_entry {
            use super::*;
            use std::ffi::{c_char, c_void};

            fn start() -> bool {
                $(nice_plug::wrapper::setup_logger::<$plugin>();)+
                true
            }

            // SAFETY (all entry points): the names are the ones that hosts look for, and nothing else in this library
            // defines them.
            #[unsafe(no_mangle)]
            pub extern "system" fn GetPluginFactory() -> *mut c_void {
                $crate::host_guard::vst3::factory(vec![$($crate::host_guard::vst3::VstClass::of::<$plugin>()),+])
            }

            #[unsafe(no_mangle)]
            #[cfg(all(target_family = "unix", not(target_os = "macos")))]
            pub extern "C" fn ModuleEntry(_library: *mut c_void) -> bool { start() }
            #[unsafe(no_mangle)]
            #[cfg(all(target_family = "unix", not(target_os = "macos")))]
            pub extern "C" fn ModuleExit() -> bool { true }

            #[unsafe(no_mangle)]
            #[cfg(target_os = "macos")]
            pub extern "C" fn bundleEntry(_bundle: *mut c_void) -> bool { start() }
            #[unsafe(no_mangle)]
            #[cfg(target_os = "macos")]
            pub extern "C" fn bundleExit() -> bool { true }

            #[unsafe(no_mangle)]
            #[cfg(target_os = "windows")]
            pub extern "system" fn InitDll() -> bool { start() }
            #[unsafe(no_mangle)]
            #[cfg(target_os = "windows")]
            pub extern "system" fn ExitDll() -> bool { true }

            unsafe extern "C" fn clap_init(_path: *const c_char) -> bool {
                $crate::host_guard::clap::register(|| vec![$($crate::host_guard::clap::ClapClass::of::<$plugin>()),+]);
                start()
            }

            #[unsafe(no_mangle)]
            #[used]
            #[allow(non_upper_case_globals)]
            pub static clap_entry: nice_plug::wrapper::clap::clap_plugin_entry =
                nice_plug::wrapper::clap::clap_plugin_entry {
                    clap_version: nice_plug::wrapper::clap::CLAP_VERSION,
                    init: Some(clap_init),
                    deinit: Some($crate::host_guard::clap::deinit),
                    get_factory: Some($crate::host_guard::clap::get_factory),
                };
        }
    };
}
pub(crate) use export;
