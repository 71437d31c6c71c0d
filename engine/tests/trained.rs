//! What the shipped weights have learned, beyond what the rules force.

use sceneloop_engine::assets::Assets;
use sceneloop_engine::teacher;
use sceneloop_model::generator::composing_key;
use sceneloop_model::weights::{self, WeightsError};
use sceneloop_model::{Condition, Generator, Part, Place, Wish};
use sceneloop_music::{Bpm, Descriptor, Dimension, Energy, LoopGrid, Metre, Mode, Role};
use std::collections::BTreeSet;
use std::path::Path;

fn generator() -> Generator {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/model");
    let place = Place::cpu();
    Generator::new(weights::open(Path::new(folder), place.device()).unwrap(), place.device().clone())
}

/// A loop of the teacher's and the wish for it.
fn lesson(scene: &str, seed: u64) -> (LoopGrid, Wish) {
    let scene = Assets::shipped().unwrap().scenes.parse(scene).unwrap();
    let key = composing_key(Mode::Aeolian);
    let request =
        teacher::Request { scene: &scene, key, metre: Metre::FOUR_FOUR, bars: 4, seed, previous: None };
    let grid = teacher::compose(&request);
    let mut condition = Condition::of_scene(&scene, key.mode, grid.metre, grid.bars);
    condition.wanted = measured(&grid);
    let wish = Wish { condition, key, swing: grid.swing, seed };
    (grid, wish)
}

fn measured(grid: &LoopGrid) -> Descriptor {
    Descriptor::measure(grid, Bpm::new(120.0).unwrap(), Energy::new(100.0))
}

#[test]
fn weights_that_are_not_there_are_named() {
    let error = weights::open(Path::new("nowhere"), Place::cpu().device()).unwrap_err();
    assert!(matches!(&error, WeightsError::File(path, _) if path.contains("nowhere")), "{error}");
}

/// Dense and sparse, high and low: what is wanted is what comes, on the mean of some loops.
#[test]
fn wishes_are_met() {
    let generator = generator();
    for dimension in
        [Dimension::OnsetDensity, Dimension::Register, Dimension::DrumShare, Dimension::Syncopation]
    {
        let mean = |deviations: f32| {
            let found = (0..6).map(|seed| {
                let (_, mut wish) = lesson("techno", seed);
                let (usual, deviation) = sceneloop_model::condition::usual(dimension);
                wish.condition.wanted[dimension] = (usual + deviations * deviation).clamp(0.0, 1.0);
                measured(&generator.generate(&wish).unwrap().grid)[dimension]
            });
            found.sum::<f32>() / 6.0
        };
        let (low, high) = (mean(-1.5), mean(1.5));
        assert!(high > low, "{dimension:?}: {low} where little is wanted, {high} where much is");
    }
}

/// A bar taken out of music that repeats comes back as it was; out of what does not, it comes back as something.
#[test]
fn a_bar_is_filled_in_as_the_others_are() {
    let generator = generator();
    let (mut same, mut all) = (0, 0);
    for seed in 0..4 {
        let (mut grid, wish) = lesson("techno", seed);
        let bar = grid.metre.steps_per_bar() as u16;
        let drums = &mut grid.clips[Role::Drums].notes;
        let first: Vec<_> = drums.iter().filter(|note| note.onset < bar).copied().collect();
        *drums = (0..4)
            .flat_map(|index| first.iter().map(move |note| (index, *note)))
            .map(|(index, mut note)| {
                note.onset += index * bar;
                note
            })
            .collect();
        let mut part = Part::role(Role::Drums, 4);
        part.bars = 2..3;
        let filled = generator.infill(&grid, &part, &wish).unwrap().grid;
        let (before, after) = (hits(&grid, 2), hits(&filled, 2));
        same += before.intersection(&after).count();
        all += before.union(&after).count();
    }
    assert!(same * 4 > all * 3, "{same} of {all} hits are where they were");
}

/// What follows a loop takes up more of it than what was written for the same wish and follows another.
#[test]
fn what_follows_a_loop_takes_it_up() {
    let generator = generator();
    let notes = |grid: &LoopGrid| -> BTreeSet<(Role, u16, i8)> {
        let all = grid.clips.iter().flat_map(|(role, clip)| clip.notes.iter().map(move |note| (role, note)));
        all.map(|(role, note)| (role, note.onset, note.pitch)).collect()
    };
    let (mut own, mut other) = (0, 0);
    for seed in 0..6 {
        let (before, wish) = lesson("synthwave", seed);
        let (stranger, _) = lesson("synthwave", seed + 100);
        let wish = wish.with_seed(seed + 7);
        let shared = |following: &LoopGrid| {
            let next = notes(&generator.follow(following, &wish).unwrap().grid);
            next.intersection(&notes(&before)).count()
        };
        own += shared(&before);
        other += shared(&stranger);
    }
    assert!(own > other, "{own} notes shared with the loop before, {other} where another came before");
}

/// Of two bars of drums that follow each other most hits are in both, as in nearly all of what was learned from.
#[test]
fn drums_find_a_groove() {
    let generator = generator();
    let (mut both, mut either) = (0, 0);
    for seed in 0..6 {
        let (_, wish) = lesson("techno", seed);
        let grid = generator.generate(&wish).unwrap().grid;
        let hits = |bar: u16| hits(&grid, bar);
        for bar in 1..3 {
            both += hits(bar - 1).intersection(&hits(bar)).count();
            either += hits(bar - 1).union(&hits(bar)).count();
        }
    }
    assert!(both * 3 > either * 2, "{both} of {either} hits are in both bars");
}

/// Place in the bar and lane of the drums of a bar.
fn hits(grid: &LoopGrid, bar: u16) -> BTreeSet<(u16, i8)> {
    let steps = grid.metre.steps_per_bar() as u16;
    let notes = grid.clips[Role::Drums].notes.iter();
    notes.filter(|note| note.onset / steps == bar).map(|note| (note.onset % steps, note.pitch)).collect()
}
