//! What a host in real time must be able to rely on, whatever it does to the plugin.
#![cfg(target_os = "linux")]

use std::process::{Command, Output};
use std::time::{Duration, Instant};

use sceneloop_music::Dice;
use sceneloop_tests::host::{Class, Host, Mode, Transport, sanitizer};
use sceneloop_tests::listen;
use sceneloop_tests::take::{Take, with_controller};

/// The controller that rides the energy.
const NUMBER: u8 = 74;

/// Blocks of many sizes at a sound card's pace, with jumps, stops, tempo and metre changes, loops of the host's that begin, move
/// and end while it plays, every parameter somewhere else in every other block, and controllers, of which one rides the energy.
fn storm(host: &mut Host, blocks: usize, seed: u64) {
    let mut dice = Dice::new(seed, "storm");
    let mut transport = Transport::rolling(128.0);
    let names: Vec<String> =
        host.params().iter().filter(|param| param.is_automatable).map(|param| param.name.clone()).collect();
    let mut due = Instant::now();
    for block in 0..blocks {
        match dice.below(48) {
            0 => transport.locate(64.0 * f64::from(dice.unit())),
            1 => transport.set_playing(dice.below(3) > 0),
            2 => transport.set_bpm(60.0 + 120.0 * f64::from(dice.unit())),
            3 => transport.set_metre([3, 4, 7][block % 3], [4, 4, 8][block % 3]),
            // From where it plays, or a little before or behind it; shorter than a block, a bar, or several.
            4..8 => {
                let from = (transport.position() + f64::from(dice.between(-8, 8))).max(0.0);
                let quarters = [0.003, 1.0, 4.0, 8.0][dice.below(4)];
                transport.set_cycle(from, from + quarters * (0.5 + f64::from(dice.unit())));
            }
            8 | 9 => transport.clear_cycle(),
            _ => {}
        }
        if block % 2 == 0 {
            for name in &names {
                host.set_share(name, f64::from(dice.unit())).unwrap();
            }
        }
        let frames = [64, 1, 512, 441, 17][block % 5];
        for index in 0..dice.below(5) as u32 {
            let number = [NUMBER, 1, 120, 127][dice.below(4)];
            let frame = (index * 9).min(frames as u32 - 1);
            host.control_at(dice.below(16) as u8, number, dice.below(128) as u8, frame);
        }
        host.block(frames, &mut transport).unwrap();
        due += Duration::from_secs_f64(frames as f64 / host.rate());
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
    }
}

/// An instance of all outputs, live, as it comes out of the box.
fn live() -> Host {
    let take = Take {
        mode: Mode::Realtime,
        class: Class::Multi,
        block: 512,
        shares: Vec::new(),
        ..Take::straight(128.0)
    };
    let mut host = take.host().unwrap();
    let state = with_controller(&host.save().unwrap(), NUMBER).unwrap();
    host.load(&state).unwrap();
    host
}

#[test]
fn process_makes_no_system_call_whatever_the_host_does() {
    let mut host = live();
    host.watch().unwrap();
    storm(&mut host, 3_000, 5);
    let recording = host.take();
    assert_eq!(recording.system_calls, Vec::<i64>::new(), "numbers of system calls in process");
    for port in 0..8 {
        assert!(listen::is_finite(recording.stereo(port)), "output {port}");
    }
    assert!(listen::peak(recording.stereo(0)) > 0.01 && recording.starts(None).count() > 20, "it did play");
}

/// One of the tests below, in a program of its own with the sanitizer's runtime loaded.
fn under_the_sanitizer(library: &std::path::Path, test: &str) -> Output {
    let program = std::env::current_exe().unwrap();
    let mut command = Command::new(program);
    command.args(["--ignored", "--exact", "--nocapture", test]).env("LD_PRELOAD", library);
    command.output().unwrap()
}

#[test]
fn process_passes_the_realtime_sanitizer() {
    let folder = tempfile::tempdir().unwrap();
    let Some(library) = sanitizer::library(folder.path()).unwrap() else {
        println!("not looked at: there is no nightly toolchain with the sanitizer's runtime");
        return;
    };
    let fault = under_the_sanitizer(&library, "a_block_of_memory_in_a_realtime_context");
    let report = String::from_utf8_lossy(&fault.stderr);
    assert!(!fault.status.success() && report.contains("unsafe function `malloc`"), "{report}");
    let storm = under_the_sanitizer(&library, "a_storm_in_a_realtime_context");
    assert!(storm.status.success(), "{}", String::from_utf8_lossy(&storm.stderr));
}

#[test]
#[ignore = "run by the test above"]
fn a_block_of_memory_in_a_realtime_context() {
    assert!(sanitizer::is_loaded());
    sanitizer::checked(|| std::hint::black_box(Vec::<u8>::with_capacity(std::hint::black_box(1_000))));
}

#[test]
#[ignore = "run by the test above"]
fn a_storm_in_a_realtime_context() {
    assert!(sanitizer::is_loaded());
    let mut host = live();
    storm(&mut host, 2_000, 6);
    assert!(listen::peak(host.take().stereo(0)) > 0.01, "silence");
}
