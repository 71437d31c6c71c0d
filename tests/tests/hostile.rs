//! Short runs of what the fuzzers of `tests/fuzz` do for longer: bytes from a seed that is always the same. What a fuzzer
//! found goes into the lists here.

use clack_host::prelude::PluginEntry;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, RngSeed, TestRunner};
use sceneloop_music::Dice;
use sceneloop_tests::host::{Class, Host, Mode, Outputs, Transport, load, plugin_path};
use sceneloop_tests::memory::resident_bytes;
use sceneloop_tests::{hostile, listen};

/// Runs a body on so many lists of up to `length` bytes, the same ones every time.
fn run(cases: u32, length: usize, mut body: impl FnMut(&[u8])) {
    let config = Config {
        cases,
        rng_algorithm: RngAlgorithm::ChaCha,
        rng_seed: RngSeed::Fixed(0x5ce9_e100),
        failure_persistence: None,
        max_shrink_iters: 64,
        ..Config::default()
    };
    let body = std::cell::RefCell::new(&mut body);
    let bytes = vec(any::<u8>(), 0..length);
    TestRunner::new(config)
        .run(&bytes, |bytes| {
            (body.borrow_mut())(&bytes);
            Ok(())
        })
        .unwrap();
}

/// The same on a plugin.
fn run_on_plugin(length: usize, body: fn(&PluginEntry, &[u8])) {
    let plugin = load(&plugin_path().unwrap()).unwrap();
    run(40, length, |bytes| body(&plugin, bytes));
}

#[test]
fn any_scene_text() {
    run(2000, 300, hostile::scene);
}

#[test]
fn any_midi_file() {
    run(20_000, 600, hostile::midi_file);
}

#[test]
fn any_state() {
    run_on_plugin(400, hostile::state);
}

#[test]
fn any_transport() {
    run_on_plugin(2000, hostile::transport);
}

#[test]
fn any_midi_input() {
    run_on_plugin(2000, hostile::midi_input);
}

#[test]
fn every_parameter_in_every_block() {
    run_on_plugin(2000, hostile::storm);
}

/// Live, with the composer and the device among what is moved, and loops of the host's: nothing waits, so nothing may be silent
/// for good.
#[test]
fn a_live_storm_is_over_when_it_is_over() {
    let mut host = Host::open(Class::Stereo).unwrap();
    host.activate(48_000.0, 256, Mode::Realtime, Outputs::All).unwrap();
    let names: Vec<String> = host.params().iter().map(|param| param.name.clone()).collect();
    let mut song = Transport::rolling(120.0);
    for block in 0..200_u32 {
        match block % 25 {
            // Round from here, then elsewhere, then so short that a block goes round more than once, then on again.
            3 => song.set_cycle(song.position(), song.position() + 0.05),
            10 => song.set_cycle(song.position() - 2.0, song.position() + 0.02),
            15 => song.set_cycle(song.position() + 8.0, song.position() + 8.0),
            17 => song.set_cycle(song.position() - 1.0, song.position() - 0.999),
            20 => song.clear_cycle(),
            _ => {}
        }
        for (index, name) in names.iter().enumerate() {
            let share = f64::from((block * 7 + index as u32 * 13) % 17) / 16.0;
            host.set_share(name, share).unwrap();
        }
        host.block(256, &mut song).unwrap();
    }
    let storm = host.take();
    assert!(storm.audio.iter().flatten().flatten().all(|sample| sample.is_finite()));

    song.clear_cycle();
    let good = Host::open(Class::Stereo).unwrap().save().unwrap();
    host.load(&good).unwrap();
    host.set_share("Composer", 0.0).unwrap();
    let clock = std::time::Instant::now();
    loop {
        host.block(256, &mut song).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(4));
        let heard = host.take();
        assert!(heard.audio.iter().flatten().flatten().all(|sample| sample.is_finite()));
        if listen::rms(heard.stereo(0)) > 0.01 {
            break;
        }
        assert!(clock.elapsed().as_secs() < 30, "it is silent for good");
    }
}

/// The same storm again and again in one instance. What it keeps is bounded (loops composed, for one), so after some rounds
/// no more is kept.
#[cfg(target_os = "linux")]
#[test]
fn storms_do_not_add_up() {
    const ALLOWED: usize = 24 << 20;
    let mut host = Host::open(Class::Multi).unwrap();
    let mut rounds = Vec::new();
    for round in 0..40_u64 {
        let mut dice = Dice::new(1, "storm"); // any bytes will do, and these are the same ones always
        let bytes: Vec<u8> = (0..6000).map(|_| dice.below(256) as u8).collect();
        hostile::play(&mut host, &bytes, |_| {});
        if round % 10 == 9 {
            rounds.push(resident_bytes().unwrap());
        }
    }
    let grown = rounds[3].saturating_sub(rounds[0]);
    assert!(grown < ALLOWED, "{grown} bytes more after 40 rounds than after 10: {rounds:?}");
}
