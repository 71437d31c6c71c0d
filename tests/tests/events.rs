//! Events from a host: by note and by parameter, and what a project keeps of them.

use clack_host::events::Pckn;
use clack_host::events::event_types::NoteOnEvent;
use sceneloop_tests::host::{Class, Host, Recording, Transport};
use sceneloop_tests::take::{State, Take};

/// Frames of a block.
const BLOCK: usize = 512;

/// The grid parameter's value for no grid.
const NOW: f64 = 1.0;

fn host() -> (Host, Transport) {
    let take = Take { class: Class::Multi, block: BLOCK, ..Take::straight(128.0) };
    let mut host = take.host().unwrap();
    host.set("Event At", NOW).unwrap();
    (host, take.transport)
}

/// 32 blocks; `act` is called before each.
fn record(mut act: impl FnMut(&mut Host, usize)) -> Recording {
    let (mut host, mut transport) = host();
    for block in 0..32 {
        act(&mut host, block);
        host.block(BLOCK, &mut transport).unwrap();
    }
    host.take()
}

/// The first frame at which a role's output differs.
fn first_other(one: &Recording, other: &Recording) -> Option<usize> {
    let first = |port: usize| {
        let sides = one.stereo(port).into_iter().zip(other.stereo(port));
        sides.filter_map(|(one, other)| one.iter().zip(other).position(|(a, b)| a != b)).min()
    };
    (1..one.audio.len()).filter_map(first).min()
}

fn note(key: u16, frame: u32) -> NoteOnEvent {
    NoteOnEvent::new(frame, Pckn::new(0_u16, 0_u16, key, 0_u32), 0.8)
}

#[test]
fn a_low_key_is_heard_within_its_block_and_sets_no_tonic() {
    let plain = record(|_, _| ());
    for (key, frame) in [(12, 0), (15, 300), (20, 400)] {
        let heard = record(|host, block| {
            if block == 10 {
                host.send(&note(key, frame));
            }
        });
        let first = first_other(&heard, &plain).unwrap();
        let begins = 10 * BLOCK + frame as usize;
        // The master looks 0.9 ms ahead.
        assert!((begins..begins + 64).contains(&first), "key {key} at {begins}: {first}");
        assert!(first < 11 * BLOCK);
    }
}

#[test]
fn the_parameter_is_heard_where_it_turns_and_once() {
    let plain = record(|_, _| ());
    let victory = |host: &mut Host, frame: u32| host.set_at("Event", 1.0, frame).unwrap();
    let heard = record(|host, block| {
        if block == 10 {
            victory(host, 200);
        }
    });
    let first = first_other(&heard, &plain).unwrap();
    assert!((10 * BLOCK + 200..10 * BLOCK + 264).contains(&first), "{first}");
    // To say it again changes nothing.
    let again = record(|host, block| {
        if block >= 10 {
            victory(host, 200);
        }
    });
    assert_eq!(first_other(&heard, &again), None);
}

#[test]
fn what_a_host_sets_where_it_begins_to_roll_is_no_event() {
    let plain = record(|_, _| ());
    let heard = record(|host, block| {
        if block == 0 {
            host.set("Event", 4.0).unwrap();
        }
    });
    assert_eq!(first_other(&heard, &plain), None);
}

#[test]
fn a_project_keeps_the_grid_and_what_was_chosen() {
    let (mut host, mut transport) = host();
    host.set("Event", 4.0).unwrap();
    host.set("Event At", 4.0).unwrap();
    host.block(BLOCK, &mut transport).unwrap();
    let saved = host.save().unwrap();
    let mut opened = Host::open(Class::Multi).unwrap();
    opened.load(&saved).unwrap();
    assert_eq!(["Event", "Event At"].map(|name| opened.value(name).unwrap().round()), [4.0, 4.0]);
    let params = |state: &[u8]| State::read(state).unwrap().json["params"].clone();
    assert_eq!(params(&opened.save().unwrap()), params(&saved));
    assert!(params(&saved)["event"].to_string().contains("Boss"));
}
