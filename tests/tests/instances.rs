//! Many instances in one process: what they share, and that nothing stays of those that are gone. Each test needs a process of its own, as
//! nextest gives it.
#![cfg(all(target_os = "linux", target_env = "gnu"))]

use std::time::{Duration, Instant};

use sceneloop_tests::host::{Class, Host, Mode, Outputs, Transport};
use sceneloop_tests::memory::resident_bytes;
use sceneloop_tests::take::Take;
use sceneloop_tests::vst3_host::Vst3Host;

/// What the process holds.
#[derive(Debug, Clone, Copy)]
struct Held {
    threads: usize,
    files: usize,
    /// In memory, with what the allocator keeps for later.
    resident_mb: f64,
    /// Allocated and not given back.
    live_mb: f64,
}

impl Held {
    fn now() -> Self {
        let count = |folder| std::fs::read_dir(folder).unwrap().count();
        // SAFETY: it only asks.
        #[allow(unsafe_code)]
        let heap = unsafe { libc::mallinfo2() };
        Self {
            threads: count("/proc/self/task"),
            files: count("/proc/self/fd"),
            resident_mb: resident_bytes().unwrap() as f64 / 1e6,
            live_mb: (heap.uordblks + heap.hblkhd) as f64 / 1e6,
        }
    }

    /// The same once so many threads are left: those of instances that are gone may end a little later.
    fn settled(threads: usize) -> Self {
        let begun = Instant::now();
        loop {
            let now = Self::now();
            if now.threads <= threads || begun.elapsed() > Duration::from_secs(120) {
                return now;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Who writes is the network, in each of them.
#[test]
fn eight_instances_share_the_network() {
    let take = Take { shares: Vec::new(), ..Take::straight(128.0) };
    let one = || {
        let mut host = take.host().unwrap();
        host.play(take.frames(8.0), &mut take.transport.clone()).unwrap();
        host.take();
        host
    };
    let before = Held::now();
    let mut hosts = vec![one()];
    let first = Held::now();
    hosts.extend((1..8).map(|_| one()));
    let eighth = Held::now();
    let each = (eighth.live_mb - first.live_mb) / 7.0;
    println!("none {before:?}\none {first:?}\neight {eighth:?}\n{each:.1} MB for each but the first");
    assert!(each < 18.0, "{each} MB for each instance but the first");
    drop(hosts);
    println!("gone {:?}", Held::settled(before.threads));
}

/// One instance after the other, of both classes and formats: made, activated live or offline, played, and dropped.
fn come_and_go(round: usize, with_network: bool) {
    let class = [Class::Stereo, Class::Multi][round % 2];
    let mode = [Mode::Offline, Mode::Realtime, Mode::Realtime][round % 3];
    let mut transport = Transport::rolling(120.0);
    if round % 4 < 2 {
        let mut host = Host::open(class).unwrap();
        host.activate(48_000.0, 256, mode, Outputs::All).unwrap();
        if !with_network {
            host.set_share("Composer", 0.0).unwrap();
        }
        host.play(1_024, &mut transport).unwrap();
    } else {
        let mut host = Vst3Host::open(class).unwrap();
        host.set_up(48_000.0, 256, mode).unwrap();
        host.start().unwrap();
        if !with_network {
            host.set_share_at("Composer", 0.0, 0).unwrap();
        }
        (0..4).for_each(|_| host.block(256, &mut transport).unwrap());
    }
}

/// Every `network`th round with the network.
fn nothing_is_left(rounds: usize, network: usize) {
    let threads = Held::now().threads;
    let warm = rounds / 5;
    let mut seen = Vec::new();
    for round in 0..rounds {
        come_and_go(round, round.is_multiple_of(network));
        if (round + 1).is_multiple_of(warm) {
            seen.push(Held::settled(threads + 1)); // nice-plug's own, which serves them all
            println!("{}: {:?}", round + 1, seen[seen.len() - 1]);
        }
    }
    // Until then the allocator has got what it needs of the system, where some rounds compose.
    let (first, last) = (seen[1], seen[seen.len() - 1]);
    assert!(last.threads <= threads + 1 && last.files <= first.files, "{first:?}, {last:?}");
    assert!(last.live_mb - first.live_mb < 1.0, "{first:?}, {last:?}");
    // What is free lies in pieces, more or less of them.
    assert!(last.resident_mb - first.resident_mb < 48.0, "{first:?}, {last:?}");
}

#[test]
fn a_thousand_instances_leave_nothing() {
    nothing_is_left(1_000, 200);
}

/// Half an hour: `cargo nextest run --workspace --exclude xtask --run-ignored all -E 'test(with_the_network_leave)'`.
#[test]
#[ignore = "takes half an hour: each of them loads the network"]
fn a_thousand_instances_with_the_network_leave_nothing() {
    nothing_is_left(1_000, 1);
}

/// As a host does that looks at all its plugins: none lives for long enough to load the network, and none loads it later for nobody.
#[test]
fn instances_that_are_gone_load_no_network() {
    let before = Held::now();
    for _ in 0..40 {
        let mut host = Host::open(Class::Stereo).unwrap();
        host.activate(48_000.0, 256, Mode::Realtime, Outputs::All).unwrap();
        host.play(1_024, &mut Transport::rolling(120.0)).unwrap();
        std::thread::sleep(Duration::from_millis(10));
    }
    let after = Held::now();
    let begun = Instant::now();
    let settled = Held::settled(before.threads);
    println!("{before:?}, {after:?}, {settled:?} after {:.1} s", begun.elapsed().as_secs_f32());
    // Forty networks would be half a gigabyte.
    assert!(after.live_mb < 100.0, "{after:?}");
    assert!(settled.threads <= before.threads && settled.live_mb < 8.0, "{settled:?}");
}
