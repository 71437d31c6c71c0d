//! The built plugin in a CLAP host: what it offers, and what it makes of hosts that give it less than they should.

use sceneloop_music::Role;
use sceneloop_tests::host::{Class, Host, Mode, Outputs, Raw, Transport, class_names, plugin_path};
use sceneloop_tests::listen;
use sceneloop_tests::take::Take;

#[test]
fn there_are_two_classes_the_stereo_one_first() {
    let names = class_names(&plugin_path().unwrap()).unwrap();
    assert_eq!(names, [Class::Stereo.name(), Class::Multi.name()]);
}

#[test]
fn outputs_are_the_mix_and_the_roles_in_their_order() {
    let stereo = Host::open(Class::Stereo).unwrap();
    assert_eq!(stereo.ports().len(), 1);
    let multi = Host::open(Class::Multi).unwrap();
    let names: Vec<String> = multi.ports().iter().skip(1).map(|port| port.name.to_lowercase()).collect();
    assert_eq!(names, Role::ALL.map(Role::name));
    for port in stereo.ports().iter().chain(multi.ports()) {
        assert_eq!(port.channels, 2, "{}", port.name);
    }
}

#[test]
fn both_classes_play_the_same_mix() {
    let multi = Take::straight(128.0);
    let stereo = Take { class: Class::Stereo, ..multi.clone() };
    let (multi, stereo) = (multi.record(8.0).unwrap(), stereo.record(8.0).unwrap());
    assert!(listen::rms(stereo.stereo(0)) > 0.01, "silence");
    assert_eq!(multi.difference(&stereo), None);
}

/// The stems are the parts the mix is made of: alone, each role that plays is heard on its own output and no other.
#[test]
fn a_role_sounds_on_its_output() {
    let recording = Take::straight(128.0).set("Energy", 1.0).record(16.0).unwrap();
    let mut heard = 0;
    for role in Role::ALL {
        let starts = recording.starts(Some(role.midi_channel())).count();
        let level = listen::rms(recording.stereo(1 + role.index()));
        if starts > 0 {
            assert!(level > 1e-4, "{role} plays {starts} notes and is silent ({level})");
            heard += 1;
        }
    }
    assert!(heard >= 4, "only {heard} roles play at full energy");
}

#[test]
fn the_mix_sounds_whatever_the_host_leaves_out() {
    let whole = Take::straight(128.0);
    let wanted = whole.record(8.0).unwrap();
    assert!(listen::rms(wanted.stereo(0)) > 0.01, "silence");
    for outputs in [Outputs::MainOnly, Outputs::StemsWithoutChannels, Outputs::StemsNull] {
        let recording = Take { outputs, ..whole.clone() }.record(8.0).unwrap();
        let (left, right) = (recording.stereo(0), wanted.stereo(0));
        assert_eq!(listen::difference(left[0], right[0]), None, "{outputs:?}");
        assert_eq!(listen::difference(left[1], right[1]), None, "{outputs:?}");
        assert_eq!(recording.notes, wanted.notes, "{outputs:?}");
    }
}

#[test]
fn every_sample_rate_works() {
    for rate in [22_050.0, 44_100.0, 48_000.0, 96_000.0, 192_000.0] {
        let take = Take { rate, class: Class::Stereo, ..Take::straight(120.0) };
        let recording = take.record(4.0).unwrap();
        let mix = recording.stereo(0);
        assert!(listen::is_finite(mix), "{rate} Hz");
        assert!(listen::rms(mix) > 0.01 && listen::peak(mix) < 1.0, "{rate} Hz: peak {}", listen::peak(mix));
    }
}

#[test]
fn an_instance_can_be_activated_again_and_again() {
    let take = Take::straight(120.0);
    let mut host = take.host().unwrap();
    for (rate, block) in [(44_100.0, 64), (48_000.0, 512), (96_000.0, 4096), (48_000.0, 512)] {
        host.activate(rate, block, Mode::Offline, Outputs::All).unwrap();
        host.take();
        host.play(rate as usize, &mut Transport::rolling(120.0)).unwrap();
        let recording = host.take();
        assert!(listen::rms(recording.stereo(0)) > 0.01, "silence at {rate} Hz");
    }
}

#[test]
fn instances_do_not_disturb_each_other() {
    let take = Take { class: Class::Stereo, ..Take::straight(140.0) };
    let wanted = take.record(8.0).unwrap();
    let (mut one, mut two) = (take.host().unwrap(), take.host().unwrap());
    let (mut at_one, mut at_two) = (take.transport.clone(), take.transport.clone());
    two.set_share("Seed", 0.5).unwrap();
    for _ in 0..take.frames(8.0) / take.block {
        one.block(take.block, &mut at_one).unwrap();
        two.block(take.block, &mut at_two).unwrap();
    }
    let (one, two) = (one.take(), two.take());
    assert_eq!(listen::difference(one.stereo(0)[0], &wanted.stereo(0)[0][..one.frames()]), None);
    assert!(one.difference(&two).is_some(), "two seeds, one sound");
}

/// Outside of blocks, while active and while not, among events that are short, out of order or lie at null.
#[test]
fn parameters_move_without_a_block_whatever_else_is_sent() {
    let mut host = Host::open(Class::Stereo).unwrap();
    for (round, energy) in [0.25, 0.5, 0.75, 0.125].into_iter().enumerate() {
        host.send(&Raw::new(Raw::EXCLUSIVE, Raw::MOST, 9));
        for kind in 0..Raw::KINDS {
            host.send(&Raw::new(kind, Raw::LEAST, 7));
        }
        host.set_at("Energy", energy, 500).unwrap();
        host.send(&Raw::new(Raw::EXCLUSIVE, Raw::MOST, 0));
        host.flush().unwrap();
        let moved = host.value("Energy").unwrap();
        assert!((moved - energy).abs() < 1e-6, "{moved} and not {energy} in round {round}");
        match round {
            0 => host.activate(48_000.0, 256, Mode::Realtime, Outputs::All).unwrap(),
            1 => host.play(256, &mut Transport::rolling(120.0)).unwrap(),
            _ => host.deactivate(),
        }
    }
}

/// Made and destroyed at once, as hosts do when they scan, with and without having played.
#[test]
fn instances_come_and_go() {
    for round in 0..20 {
        let mut host = Host::open(if round % 2 == 0 { Class::Stereo } else { Class::Multi }).unwrap();
        if round % 3 > 0 {
            host.activate(48_000.0, 256, Mode::Realtime, Outputs::All).unwrap();
            host.set_share("Energy", 0.3).unwrap();
            host.play(256 * round, &mut Transport::rolling(120.0)).unwrap();
        }
    }
}

/// Threads of the network and of the graphics driver may outlive the last instance; their code must not go.
#[cfg(target_os = "linux")]
#[test]
fn the_library_stays_loaded_once_it_was() {
    let flags = std::process::Command::new("readelf").arg("-d").arg(plugin_path().unwrap()).output().unwrap();
    let flags = String::from_utf8(flags.stdout).unwrap();
    assert!(flags.contains("NODELETE"), "{flags}");
}
