//! How fast the whole engine renders: 64 bars at 128 BPM, all roles, 48 kHz, as a bounce does it.
//!
//! `cargo bench -p sceneloop-engine` prints the time for 64 bars (120 s of music) and a hash of the audio, so that a
//! change of sound is seen beside a change of speed.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sceneloop_engine::export::{EnergyCurve, Take, TakeRequest};
use sceneloop_engine::{Controls, Engine, Preference, seed};
use sceneloop_music::{Bpm, Energy, Metre};
use std::hint::black_box;

fn take(scene: &str) -> Take {
    let engine = Engine::with(Preference::TEACHER).unwrap();
    engine.set_scene(scene).unwrap();
    let request = TakeRequest {
        bpm: Bpm::new(128.0).unwrap(),
        metre: Metre::FOUR_FOUR,
        bars: 64,
        curve: EnergyCurve::level(Energy::new(100.0)),
        controls: Controls { seed: 7, ..Controls::default() },
        sample_rate: 48_000,
        tail_seconds: 0.0,
        stems: false,
    };
    Take::render(&engine, request, |_| {}).unwrap()
}

fn bench(c: &mut Criterion) {
    let mut group = c.benchmark_group("64 bars, all roles, energy 100");
    group.sample_size(10);
    for scene in ["cyberpunk city, rain", "techno", "orchestral", "jazz"] {
        let heard = take(scene);
        let bits: Vec<u64> = heard.main.iter().flatten().map(|sample| u64::from(sample.to_bits())).collect();
        let seconds = heard.main[0].len() as f64 / 48_000.0;
        println!(
            "{scene}: {seconds:.1} s of music, {} notes, audio {:016x}",
            heard.notes.len(),
            seed::mix(&bits)
        );
        group.throughput(Throughput::Elements(heard.main[0].len() as u64));
        group.bench_function(scene, |b| b.iter(|| black_box(take(scene))));
    }
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
