//! Every knob in a host: what energy does, and that no knob at either end breaks anything.

use sceneloop_music::Role;
use sceneloop_tests::host::{Class, Host, Mode, Outputs, Transport};
use sceneloop_tests::listen;
use sceneloop_tests::take::Take;

#[test]
fn more_energy_is_more_notes_and_contains_the_fewer() {
    let take = Take { class: Class::Stereo, ..Take::straight(128.0) };
    let mut before: Vec<(u64, u8, u8)> = Vec::new();
    let mut levels = Vec::new();
    for tenth in 0..=10 {
        let recording = take.clone().set("Energy", f64::from(tenth) / 10.0).record(16.0).unwrap();
        let notes: Vec<_> = recording.starts(None).map(|note| (note.frame, note.channel, note.key)).collect();
        for note in &before {
            assert!(notes.contains(note), "energy {tenth}0 has lost {note:?}");
        }
        levels.push(listen::loudness(recording.stereo(0), take.rate).unwrap().integrated_lufs);
        before = notes;
    }
    assert!(before.len() > 40, "only {} notes at full energy", before.len());
    assert!(levels[10] > levels[1] + 3.0, "energy is not heard: {levels:?}");
}

/// From one block to the next the level moves at once; the notes follow within what is rendered ahead.
#[test]
fn energy_acts_at_once() {
    let take = Take { class: Class::Stereo, block: 480, ..Take::straight(128.0) };
    let mut host = take.host().unwrap();
    let mut transport = take.transport.clone();
    host.set_share("Energy", 1.0).unwrap();
    host.play(take.frames(16.0), &mut transport).unwrap();
    let high = host.take();
    host.set_share("Energy", 0.0).unwrap();
    // 120 ms of sound may be on its way, and a note may ring.
    host.play(12_000, &mut transport).unwrap();
    host.take();
    host.play(take.frames(14.0), &mut transport).unwrap();
    let low = host.take();
    let rate = |recording: &sceneloop_tests::host::Recording| {
        recording.starts(None).count() as f64 / recording.frames() as f64
    };
    assert!(rate(&low) < 0.5 * rate(&high), "{} notes a frame after {}", rate(&low), rate(&high));
    assert!(listen::rms(low.stereo(0)) < listen::rms(high.stereo(0)));
}

#[test]
fn every_parameter_at_its_ends() {
    let params = Host::open(Class::Multi).unwrap().params().to_vec();
    assert!(params.len() >= 20, "only {} parameters", params.len());
    for param in &params {
        assert!(param.min < param.max && (param.min..=param.max).contains(&param.default), "{param:?}");
        for share in [0.0, 1.0] {
            let recording = Take::straight(150.0).set(&param.name, share).record(4.0).unwrap();
            for port in 0..recording.audio.len() {
                let sound = recording.stereo(port);
                assert!(listen::is_finite(sound), "{} at {share}: output {port} is not finite", param.name);
                assert!(listen::peak(sound) < 4.0, "{} at {share}: output {port}", param.name);
            }
            let mix = listen::peak(recording.stereo(0));
            assert!(mix < 1.0, "{} at {share}: the mix has a peak of {mix}", param.name);
        }
    }
}

/// All that can be automated at once, anew in every block, in an order that never comes again: nothing may break.
fn at_random(composer: f64, blocks: usize) {
    let mut host = Host::open(Class::Multi).unwrap();
    host.activate(48_000.0, 512, Mode::Offline, Outputs::All).unwrap();
    host.set_share("Composer", composer).unwrap();
    let automated = host.params().iter().filter(|param| param.is_automatable);
    let names: Vec<String> = automated.map(|param| param.name.clone()).collect();
    let mut transport = Transport::rolling(128.0);
    // A linear congruential generator (Numerical Recipes) is random enough, and the same everywhere.
    let mut state = 7_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / f64::from(1_u32 << 24)
    };
    for _ in 0..blocks {
        let mut frame = 0;
        for name in &names {
            if next() < 0.3 {
                let param = host.param(name).unwrap();
                let value = param.min + next() * (param.max - param.min);
                host.set_at(name, value, frame).unwrap();
                frame = (frame + (next() * 64.0) as u32).min(511);
            }
        }
        if next() < 0.05 {
            transport.locate(next() * 100.0);
        }
        if next() < 0.05 {
            transport.set_bpm(40.0 + next() * 200.0);
        }
        host.block(512, &mut transport).unwrap();
    }
    let recording = host.take();
    for port in 0..recording.audio.len() {
        assert!(listen::is_finite(recording.stereo(port)), "output {port}");
    }
    assert!(listen::peak(recording.stereo(0)) < 1.0, "{}", listen::peak(recording.stereo(0)));
}

/// Each block wants another song. The network takes its time over each, so that it plays fewer of them than the teacher.
#[test]
fn every_parameter_at_random() {
    at_random(0.0, 300);
    at_random(1.0, 60);
}

#[test]
fn a_muted_role_is_silent_and_the_others_are_not() {
    let take = Take::straight(128.0).set("Energy", 1.0);
    let with = take.record(8.0).unwrap();
    let without = take.clone().set("Drums Mute", 1.0).record(8.0).unwrap();
    let drums = 1 + Role::Drums.index();
    assert!(listen::rms(with.stereo(drums)) > 1e-3, "no drums to mute");
    // The first milliseconds may fade.
    let [left, right] = without.stereo(drums);
    assert_eq!(listen::peak([&left[9_600..], &right[9_600..]]), 0.0);
    assert!(listen::rms(without.stereo(0)) > 1e-3, "everything is muted");
}

#[test]
fn the_mix_stays_below_full_scale_with_everything_up() {
    let mut take = Take { class: Class::Stereo, ..Take::straight(150.0) };
    for role in Role::ALL {
        take = take.set(&format!("{role} Level"), 1.0);
    }
    let recording = take.set("Energy", 1.0).set("Tone", 1.0).record(32.0).unwrap();
    let loudness = listen::loudness(recording.stereo(0), 48_000.0).unwrap();
    assert!(loudness.true_peak_db <= -1.0, "{loudness:?}");
}
