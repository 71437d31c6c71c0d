//! How long the shipped network writes: a loop of four bars and seven roles with all its steps, the same loop eight times at once, and one
//! role beside the others.

use criterion::{Criterion, criterion_group, criterion_main};
use sceneloop_model::condition::usual;
use sceneloop_model::device::quiet_threads;
use sceneloop_model::generator::composing_key;
use sceneloop_model::{Condition, Generator, Part, Place, Wish, weights};
use sceneloop_music::{Descriptor, Dimension, Metre, Mode, Role, Swing};
use std::path::Path;

fn compose(criterion: &mut Criterion) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets/model");
    let place = Place::cpu();
    let network = weights::open(Path::new(folder), place.device()).expect("weights");
    let generator = Generator::new(network, place.device().clone());
    // What is usual, all of it wanted, so that the loop is led there.
    let mut condition = Condition::open(Some(Mode::Dorian), Metre::FOUR_FOUR, 4);
    condition.given = [true; Descriptor::LEN];
    Dimension::ALL.into_iter().for_each(|dimension| condition.wanted[dimension] = usual(dimension).0);
    let wish = Wish { condition, key: composing_key(Mode::Dorian), swing: Swing::default(), seed: 1 };
    let threads = quiet_threads().expect("threads");
    let mut group = criterion.benchmark_group("four bars, seven roles");
    group.sample_size(20);
    let grid = generator.generate(&wish).expect("a loop").grid;
    group.bench_function("one loop", |bench| bench.iter(|| threads.install(|| generator.generate(&wish))));
    group.bench_function("eight candidates", |bench| {
        bench.iter(|| threads.install(|| generator.candidates(&wish, 8, None)));
    });
    group.bench_function("one role", |bench| {
        let part = Part::role(Role::Lead, 4);
        bench.iter(|| threads.install(|| generator.infill(&grid, &part, &wish)));
    });
    group.finish();
}

criterion_group!(benches, compose);
criterion_main!(benches);
