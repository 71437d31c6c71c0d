//! The energy ridden by a MIDI controller in hosts: as if the parameter had been automated, to the bit.

use sceneloop_tests::host::{Class, Host, Mode, Outputs, Recording, Transport};
use sceneloop_tests::listen;
use sceneloop_tests::take::{Player, State, Take, with_controller};
use sceneloop_tests::vst3_host::Vst3Host;

const FRAMES: usize = 120_000;
const MAX_BLOCK: usize = 8_192;
/// The controller that is learned.
const NUMBER: u8 = 74;

fn take() -> Take {
    Take { block: MAX_BLOCK, ..Take::straight(133.7) }
}

/// An instance that has learned the controller.
fn clap(take: &Take) -> Host {
    let mut host = take.host().unwrap();
    let state = with_controller(&host.save().unwrap(), NUMBER).unwrap();
    host.load(&state).unwrap();
    host
}

fn vst3(take: &Take) -> Vst3Host {
    let mut host = take.vst3().unwrap();
    let state = with_controller(&host.save().unwrap(), NUMBER).unwrap();
    host.load(&state).unwrap();
    host.set_up(take.rate, MAX_BLOCK, Mode::Offline).unwrap();
    host.start().unwrap();
    host
}

/// How the energy moves.
#[derive(Debug, Clone, Copy, PartialEq)]
enum By {
    Nobody,
    Parameter,
    Controller,
    /// One after the other.
    Both,
}

/// Moves at frames that lie anywhere in the blocks, each 0 to 127, on any channel. Sometimes a parameter moves at the same frame.
fn played(host: &mut impl Player, sizes: &[usize], by: By) -> Recording {
    let (mut done, mut sizes) = (0, sizes.iter().cycle());
    let mut transport = take().transport;
    while done < FRAMES {
        let count = (*sizes.next().unwrap()).min(FRAMES - done);
        for index in (1..50).filter(|index| (done..done + count).contains(&(index * 2_333))) {
            let (frame, value) = (index * 2_333 - done, (index * 37 % 128) as u8);
            let is_controller = by == By::Controller || by == By::Both && index % 3 > 0;
            if by == By::Nobody {
                // Nothing that rides: another controller, a channel mode message.
                host.control_at(0, NUMBER + 1, value, frame).unwrap();
                host.control_at(0, 123, 0, frame).unwrap();
            } else if is_controller {
                host.control_at((index % 16) as u8, NUMBER, value, frame).unwrap();
            } else {
                host.set_share_at("Energy", f64::from(value) / 127.0, frame).unwrap();
            }
            if index % 4 == 0 {
                host.set_share_at("Tone", (index % 7) as f64 / 7.0, frame).unwrap();
            }
        }
        host.block(count, &mut transport).unwrap();
        done += count;
    }
    host.take()
}

#[test]
fn a_bounce_follows_the_controller_as_it_follows_the_parameter_in_any_blocks() {
    let wanted = played(&mut clap(&take()), &[512], By::Parameter);
    assert!(listen::rms(wanted.stereo(0)) > 0.01 && wanted.starts(None).count() > 20, "silence");
    let still = played(&mut clap(&take()), &[512], By::Nobody);
    assert!(still.difference(&wanted).is_some(), "it is not heard");
    for sizes in [&[64][..], &[441], &[8_192], &[1, 64, 441, 8_192, 3, 1_024, 500]] {
        for by in [By::Controller, By::Both] {
            let clap = played(&mut clap(&take()), sizes, by);
            assert_eq!(clap.difference(&wanted), None, "CLAP, blocks of {sizes:?}, {by:?}");
            assert_eq!(clap.notes, wanted.notes);
            let vst3 = played(&mut vst3(&take()), sizes, by);
            assert_eq!(vst3.difference(&wanted), None, "VST3, blocks of {sizes:?}, {by:?}");
            assert_eq!(vst3.notes.len(), wanted.notes.len());
        }
    }
}

#[test]
fn a_controller_that_was_not_learned_does_nothing() {
    let wanted = played(&mut clap(&take()), &[512], By::Nobody);
    let mut host = take().host().unwrap();
    assert_eq!(played(&mut host, &[512], By::Controller).difference(&wanted), None);
}

/// What a host's reset does; activation resets as well.
#[test]
fn a_reset_gives_the_energy_back_and_keeps_the_controller() {
    let again = |ride: bool, after: bool| {
        let mut host = clap(&take());
        if ride {
            host.control_at(0, NUMBER, 0, 0);
        }
        host.block(512, &mut take().transport).unwrap();
        host.activate(48_000.0, 512, Mode::Offline, Outputs::All).unwrap();
        host.take();
        if after {
            host.control_at(0, NUMBER, 0, 0);
        }
        host.play(FRAMES, &mut take().transport).unwrap();
        host.take()
    };
    let wanted = again(false, false);
    assert_eq!(again(true, false).difference(&wanted), None);
    assert!(again(true, true).difference(&wanted).is_some(), "it was forgotten");
}

#[test]
fn projects_remember_the_controller() {
    let field = |state: &[u8]| State::read(state).unwrap().json["fields"]["energy_cc"].clone();
    let fresh = Host::open(Class::Stereo).unwrap().save().unwrap();
    assert_eq!(field(&fresh), "null");
    let learned = with_controller(&fresh, NUMBER).unwrap();
    let mut host = Host::open(Class::Stereo).unwrap();
    host.load(&learned).unwrap();
    assert_eq!(field(&host.save().unwrap()), "74");
    let mut vst3 = Vst3Host::open(Class::Stereo).unwrap();
    let state = with_controller(&vst3.save().unwrap(), NUMBER).unwrap();
    vst3.load(&state).unwrap();
    assert_eq!(field(&vst3.save().unwrap()), "74");
    // What cannot be harms nothing else; a project from before there was any has none.
    for odd in [Some("120"), Some("-1"), Some("7.5"), Some("\"74\""), Some("[]"), Some("null"), None] {
        let mut state = State::read(&learned).unwrap();
        match odd {
            Some(odd) => state.json["fields"]["energy_cc"] = odd.into(),
            None => drop(state.json["fields"].as_object_mut().unwrap().remove("energy_cc")),
        }
        state.json["params"]["seed"] = serde_json::json!({ "i32": 4711 });
        host.load(&learned).unwrap();
        host.load(&state.write()).unwrap();
        assert_eq!(host.value("Seed").unwrap().round(), 4711.0, "{odd:?}");
        assert_eq!(field(&host.save().unwrap()), "null", "{odd:?}");
    }
}

/// VST3 has no messages of controllers: a host hears of a hidden parameter for each, behind ours, which stay as and where they are.
#[test]
fn vst3_hosts_see_the_parameters_they_remember_and_hidden_controllers_behind_them() {
    for class in [Class::Stereo, Class::Multi] {
        let (clap, vst3) = (Host::open(class).unwrap(), Vst3Host::open(class).unwrap());
        let (ours, controllers) = vst3.params().split_at(clap.params().len());
        for (one, other) in ours.iter().zip(clap.params()) {
            assert_eq!(
                (one.id, &one.name, one.is_automatable, one.is_hidden),
                (other.id, &other.name, other.is_automatable, false)
            );
        }
        assert_eq!(controllers.len(), 120);
        for (number, one) in controllers.iter().enumerate() {
            assert_eq!(one.name, format!("MIDI CC {number}"));
            assert!(one.is_hidden && !one.is_automatable, "{}", one.name);
        }
    }
}

/// A controller that moves while the host stands still rides what plays on its own, too.
#[test]
fn it_rides_without_a_transport() {
    let quiet = |value: Option<u8>| {
        let mut host = clap(&take().set("Play", 1.0));
        if let Some(value) = value {
            host.control_at(5, NUMBER, value, 100);
        }
        host.play(FRAMES, &mut Transport::stopped(133.7)).unwrap();
        host.take().starts(None).count()
    };
    let (low, own, high) = (quiet(Some(0)), quiet(None), quiet(Some(127)));
    assert!(low < own && own < high, "{low}, {own}, {high} notes");
}
