#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sceneloop_tests::hostile::midi_file(bytes));
