//! What the fuzzers share. What they do stands in `sceneloop_tests::hostile`, which CI runs as well.

use clack_host::prelude::PluginEntry;

/// The plugin, built into the fuzzer, so that it sees which ways an input took through it.
#[cfg(feature = "plugin")]
fn plugin() -> PluginEntry {
    use clack_host::entry::EntryDescriptor;
    // So that it is linked at all.
    use sceneloop_plugin as _;

    unsafe extern "C" {
        #[link_name = "clap_entry"]
        static ENTRY: EntryDescriptor;
    }
    // SAFETY: it is the plugin's, which is part of this program.
    unsafe { PluginEntry::load_from_raw(&ENTRY, c"") }.expect("the plugin starts")
}

/// The plugin file that `SCENELOOP_CLAP` names. The fuzzer does not see into it, but is built in a minute.
#[cfg(not(feature = "plugin"))]
fn plugin() -> PluginEntry {
    use sceneloop_tests::host;
    host::plugin_path().and_then(|path| host::load(&path)).expect("SCENELOOP_CLAP names a plugin file")
}

/// Runs a body with the plugin, which is loaded once.
pub fn with_plugin(body: impl FnOnce(&PluginEntry)) {
    thread_local! {
        static PLUGIN: PluginEntry = plugin();
    }
    PLUGIN.with(body);
}
