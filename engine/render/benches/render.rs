//! Speed at three depths: the whole rack with all roles busy, one voice of each source, one block of the master. The hash of the
//! audio is printed beside the speed, so that a change of sound is seen.

#[path = "../tests/support/mod.rs"]
mod support;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sceneloop_music::{PerRole, Role};
use sceneloop_render::{BLOCK_FRAMES, Master, Patch, PatchBank, Renderer, StemBlock};
use std::hint::black_box;
use support::{BPM, PartNote, QUARTERS, bank, events, play, typical_part};

const RATE: f64 = 48_000.0;

fn chosen(bank: &PatchBank, ids: [&str; 7]) -> PerRole<Patch> {
    PerRole(ids.map(|id| *bank.get(id).unwrap()))
}

fn hash(hash: u64, block: &StemBlock) -> u64 {
    // FNV-1a over the bits.
    block
        .0
        .iter()
        .flatten()
        .flatten()
        .fold(hash, |hash, x| (hash ^ u64::from(x.to_bits())).wrapping_mul(0x0100_0000_01b3))
}

fn rack(c: &mut Criterion) {
    let bank = bank();
    let notes: Vec<PartNote> = Role::ALL.into_iter().flat_map(typical_part).collect();
    let events = events(&notes, RATE, BPM);
    let frames = (QUARTERS * 60.0 / BPM * RATE) as u64;
    let racks = [
        ("synthwave", ["kit-808", "bass-saw", "chords-stab", "pad-warm", "arp-saw", "lead-saw", "tex-city"]),
        (
            "acoustic",
            [
                "kit-acoustic",
                "bass-upright",
                "chords-piano",
                "pad-strings",
                "arp-harp",
                "lead-flute",
                "tex-rain",
            ],
        ),
        (
            "space",
            ["kit-909", "bass-reese", "chords-epiano", "pad-choir", "arp-bell", "lead-guitar", "tex-drone"],
        ),
    ];
    let mut group = c.benchmark_group("rack, four bars, all roles");
    group.sample_size(10).throughput(Throughput::Elements(frames));
    for (name, ids) in racks {
        let mut renderer = Renderer::new(RATE, &chosen(&bank, ids), 1).unwrap();
        let mut sum = 0xcbf2_9ce4_8422_2325;
        let start = std::time::Instant::now();
        play(&mut renderer, &events, frames, |block| sum = hash(sum, block));
        let speed = QUARTERS * 60.0 / BPM / start.elapsed().as_secs_f64();
        println!("{name}: hash of the audio {sum:016x}, first run {speed:.1} times real time");
        group.bench_function(name, |b| {
            b.iter(|| {
                renderer.reset();
                play(&mut renderer, &events, frames, |block| {
                    black_box(block);
                });
            });
        });
    }
    group.finish();
}

fn roles(c: &mut Criterion) {
    let bank = bank();
    let frames = (QUARTERS * 60.0 / BPM * RATE) as u64;
    let mut group = c.benchmark_group("one role, four bars");
    group.sample_size(10).throughput(Throughput::Elements(frames));
    for id in [
        "kit-909",
        "bass-saw",
        "chords-epiano",
        "chords-piano",
        "chords-guitar",
        "pad-strings",
        "pad-choir",
        "arp-harp",
        "tex-rain",
    ] {
        let role = bank.get(id).unwrap().role();
        let events = events(&typical_part(role), RATE, BPM);
        let mut renderer = Renderer::new(RATE, &support::patches_with(&bank, id), 1).unwrap();
        group.bench_function(id, |b| {
            b.iter(|| {
                renderer.reset();
                play(&mut renderer, &events, frames, |block| {
                    black_box(block);
                });
            });
        });
    }
    group.finish();
}

fn master(c: &mut Criterion) {
    let mut master = Master::new(RATE).unwrap();
    let wave: Vec<f32> =
        (0..48_000).map(|n| 1.5 * (n as f32 * 0.05).sin() * (n as f32 * 0.0007).sin()).collect();
    let mut group = c.benchmark_group("master");
    group.throughput(Throughput::Elements(BLOCK_FRAMES as u64));
    let mut at = 0;
    group.bench_function("64 frames", |b| {
        b.iter(|| {
            let mut left = [0.0; BLOCK_FRAMES];
            left.copy_from_slice(&wave[at..at + BLOCK_FRAMES]);
            let mut right = left;
            at = (at + BLOCK_FRAMES) % (wave.len() - BLOCK_FRAMES);
            master.process(&mut left, &mut right);
            black_box((left, right));
        });
    });
    group.finish();
}

criterion_group!(benches, rack, roles, master);
criterion_main!(benches);
