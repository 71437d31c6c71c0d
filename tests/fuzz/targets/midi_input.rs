#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    sceneloop_fuzz::with_plugin(|plugin| sceneloop_tests::hostile::midi_input(plugin, bytes));
});
