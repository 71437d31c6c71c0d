//! A bounce from a VST3 host of our own: bit for bit the same in any blocks, whenever the host says that it renders
//! offline, and the same as from the CLAP.

use sceneloop_tests::host::{Mode, Recording, Transport};
use sceneloop_tests::listen;
use sceneloop_tests::take::{Move, Player, Take, play_moved};
use sceneloop_tests::vst3_host::Vst3Host;
use vst3::Steinberg::Vst::IProcessContextRequirements_::Flags_ as Flags;

const FRAMES: usize = 120_000;
const MAX_BLOCK: usize = 8_192;

fn take() -> Take {
    Take { block: MAX_BLOCK, ..Take::straight(133.7) }.set("Humanise", 0.5)
}

/// The energy, a level and the tone moved at frames that lie anywhere in the blocks.
fn moves() -> Vec<Move> {
    let params = ["Energy", "Bass Level", "Tone"];
    let one =
        |k: usize| Move { frame: k * 2_333, param: params[k % 3], share: (k * 37 % 100) as f64 / 100.0 };
    (1..50).map(one).collect()
}

fn played(host: &mut Vst3Host, sizes: &[usize]) -> Recording {
    play_moved(host, FRAMES, sizes, &moves(), &mut take().transport).unwrap()
}

fn bounced(sizes: &[usize]) -> Recording {
    let mut host = take().vst3().unwrap();
    host.set_up(take().rate, MAX_BLOCK, Mode::Offline).unwrap();
    host.start().unwrap();
    played(&mut host, sizes)
}

fn wanted() -> Recording {
    let wanted = play_moved(&mut take().host().unwrap(), FRAMES, &[512], &moves(), &mut take().transport);
    let wanted = wanted.unwrap();
    assert!(listen::rms(wanted.stereo(0)) > 0.01 && wanted.starts(None).count() > 20, "silence");
    wanted
}

#[test]
fn an_automated_bounce_is_the_same_three_times_in_any_blocks_and_as_the_clap() {
    let wanted = wanted();
    for sizes in [&[1][..], &[64], &[441], &[1_024], &[8_192], &[1, 64, 441, 8_192, 3, 1_024, 500]] {
        for time in 1..=3 {
            let bounced = bounced(sizes);
            assert_eq!(bounced.difference(&wanted), None, "blocks of {sizes:?}, time {time}");
            assert_eq!(bounced.notes.len(), wanted.notes.len());
        }
    }
}

/// Blocks may be longer than was announced; then the guard splits them.
#[test]
fn blocks_longer_than_announced_are_the_same() {
    let mut host = take().vst3().unwrap();
    host.set_up(take().rate, 500, Mode::Offline).unwrap();
    host.start().unwrap();
    assert_eq!(played(&mut host, &[8_192, 100]).difference(&wanted()), None);
}

/// Hosts say "offline" at moments of their own.
#[test]
fn offline_is_heard_whenever_the_host_says_it() {
    let (wanted, rate) = (wanted(), take().rate);
    type Moment = (&'static str, fn(&mut Vst3Host, f64));
    let moments: [Moment; 6] = [
        ("before activation", |host, rate| {
            host.set_up(rate, MAX_BLOCK, Mode::Offline).unwrap();
            host.start().unwrap();
        }),
        ("before activation, live before that", |host, rate| {
            host.set_up(rate, MAX_BLOCK, Mode::Realtime).unwrap();
            host.set_up(rate, MAX_BLOCK, Mode::Offline).unwrap();
            host.start().unwrap();
        }),
        ("at the next activation, live before that", |host, rate| {
            host.set_up(rate, MAX_BLOCK, Mode::Realtime).unwrap();
            host.start().unwrap();
            host.block(MAX_BLOCK, &mut take().transport).unwrap();
            host.stop();
            host.set_up(rate, MAX_BLOCK, Mode::Offline).unwrap();
            host.start().unwrap();
        }),
        ("while active", |host, rate| {
            host.set_up(rate, MAX_BLOCK, Mode::Realtime).unwrap();
            host.start().unwrap();
            host.set_up(rate, MAX_BLOCK, Mode::Offline).unwrap();
        }),
        ("while playing", |host, rate| {
            host.set_up(rate, MAX_BLOCK, Mode::Realtime).unwrap();
            host.start().unwrap();
            host.block(MAX_BLOCK, &mut take().transport).unwrap();
            host.set_up(rate, MAX_BLOCK, Mode::Offline).unwrap();
        }),
        ("with blocks only", |host, rate| {
            host.set_up(rate, MAX_BLOCK, Mode::Realtime).unwrap();
            host.start().unwrap();
            host.say_with_blocks(Mode::Offline);
        }),
    ];
    for (name, moment) in moments {
        let mut host = take().vst3().unwrap();
        moment(&mut host, rate);
        host.take();
        assert_eq!(played(&mut host, &[MAX_BLOCK]).difference(&wanted), None, "{name}");
    }
}

/// The control of the test before: a plugin that would not wait is found out by blocks of this length.
#[test]
fn live_it_does_not_wait() {
    let mut host = take().vst3().unwrap();
    host.set_up(take().rate, MAX_BLOCK, Mode::Realtime).unwrap();
    host.start().unwrap();
    assert!(played(&mut host, &[MAX_BLOCK]).difference(&wanted()).is_some());
}

/// The transport moves as in a DAW: another tempo and metre, a jump, and the host's cycle.
fn travelled(host: &mut impl Player) -> Recording {
    const BLOCK: usize = 480;
    let mut transport = Transport::rolling(120.0);
    let mut play = |transport: &mut Transport, blocks: usize| {
        (0..blocks).for_each(|_| host.block(BLOCK, transport).unwrap());
    };
    play(&mut transport, 200);
    transport.set_metre(3, 4);
    play(&mut transport, 150);
    transport.set_bpm(90.0);
    play(&mut transport, 100);
    transport.locate(32.0);
    play(&mut transport, 100);
    transport.set_bpm(120.0);
    transport.locate(8.0);
    transport.set_cycle(8.0, 10.0);
    play(&mut transport, 250);
    transport.set_playing(false);
    play(&mut transport, 20);
    transport.set_playing(true);
    play(&mut transport, 50);
    host.take()
}

#[test]
fn a_transport_that_travels_is_followed_as_by_the_clap() {
    let wanted = travelled(&mut take().host().unwrap());
    assert!(listen::rms(wanted.stereo(0)) > 0.01 && wanted.starts(None).count() > 20, "silence");
    let mut host = take().vst3().unwrap();
    host.set_up(take().rate, MAX_BLOCK, Mode::Offline).unwrap();
    host.start().unwrap();
    assert_eq!(travelled(&mut host).difference(&wanted), None);
}

/// Hosts tell only what they are asked for.
#[test]
fn it_asks_for_what_it_needs_of_the_transport() {
    let needs = take().vst3().unwrap().needs().unwrap();
    let flags = [
        Flags::kNeedTransportState,
        Flags::kNeedTempo,
        Flags::kNeedTimeSignature,
        Flags::kNeedProjectTimeMusic,
        Flags::kNeedBarPositionMusic,
        Flags::kNeedCycleMusic,
    ];
    for flag in flags {
        assert!(needs & flag != 0, "{flag:b} is missing in {needs:b}");
    }
}

#[test]
fn a_project_reopens_as_it_was() {
    let wanted = bounced(&[MAX_BLOCK]);
    let mut host = take().vst3().unwrap();
    host.set_up(take().rate, MAX_BLOCK, Mode::Offline).unwrap();
    host.start().unwrap();
    host.block(1, &mut Transport::stopped(120.0)).unwrap(); // which sets the parameters
    let state = host.save().unwrap();
    let mut reopened = Vst3Host::open(take().class).unwrap();
    reopened.load(&state).unwrap();
    reopened.set_up(take().rate, MAX_BLOCK, Mode::Offline).unwrap();
    reopened.start().unwrap();
    assert_eq!(played(&mut reopened, &[MAX_BLOCK]).difference(&wanted), None);
}
