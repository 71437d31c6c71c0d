//! The teacher as a whole: valid, graded by energy, the same for a seed, and musical by measure.

mod families;
mod genre;
mod musical;

use super::*;
use sceneloop_music::scene::SceneTable;
use sceneloop_music::{Energy, Mode, PitchClass, Style};
use std::sync::OnceLock;

/// The scenes that are shipped.
fn table() -> &'static SceneTable {
    static TABLE: OnceLock<SceneTable> = OnceLock::new();
    TABLE.get_or_init(|| {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/scenes");
        let mut files: Vec<(String, String)> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| {
                let path = entry.unwrap().path();
                (
                    path.file_name().unwrap().to_string_lossy().into_owned(),
                    std::fs::read_to_string(path).unwrap(),
                )
            })
            .collect();
        files.sort();
        SceneTable::from_toml(files.iter().map(|(name, text)| (name.as_str(), text.as_str()))).unwrap()
    })
}

/// A scene of one style in which every role plays.
pub fn scene(style: Style) -> Scene {
    let text = table().tags()[0].id.clone();
    let mut scene = table().parse(&text).unwrap();
    scene.styles = vec![(style, 1.0)];
    scene.wanted = Default::default();
    scene.roles = PerRole::from_fn(|_| 0.75);
    scene
}

const METRES: [&str; 10] = ["4/4", "3/4", "6/8", "12/8", "5/4", "7/8", "2/4", "11/8", "7/16", "2/2"];

fn request(scene: &Scene, mode: Mode, metre: &str, bars: u8, seed: u64) -> LoopGrid {
    let key = Key::new(PitchClass::new(seed as i32), mode);
    compose(&Request { scene, key, metre: metre.parse().unwrap(), bars, seed, previous: None })
}

#[test]
fn every_style_mode_metre_and_length_gives_a_valid_loop() {
    let mut seed = 0;
    for style in Style::ALL {
        let scene = scene(*style);
        for mode in Mode::ALL {
            for (index, metre) in METRES.iter().enumerate() {
                seed += 1;
                let bars = 1 + ((seed as usize + index) % 8) as u8;
                let grid = request(&scene, mode, metre, bars, seed);
                assert_eq!(grid.validate(), Ok(()), "{style} {mode} {metre} {bars} {seed}");
                let next = compose(&Request {
                    scene: &scene,
                    key: grid.key,
                    metre: grid.metre,
                    bars: 1 + (bars * 3) % 8,
                    seed: seed + 1,
                    previous: Some(&grid),
                });
                assert_eq!(next.validate(), Ok(()), "after {style} {mode} {metre} {bars} {seed}");
            }
        }
    }
}

#[test]
fn odd_metres_give_valid_loops() {
    for numerator in 1..=32 {
        for denominator in [1, 2, 4, 8, 16] {
            let Ok(metre) = Metre::new(numerator, denominator) else { continue };
            let style = Style::ALL[usize::from(numerator) % Style::ALL.len()];
            let grid = request(&scene(style), Mode::Dorian, &metre.to_string(), 3, u64::from(numerator));
            assert_eq!(grid.validate(), Ok(()), "{style} {metre}");
        }
    }
}

/// Every shipped tag on its own, in the mode and metre it likes best.
fn tags() -> impl Iterator<Item = Scene> {
    table().tags().iter().map(|tag| table().parse(&tag.id).unwrap())
}

#[test]
fn energy_only_adds_and_every_ten_points_add_something_one_hears() {
    for scene in tags() {
        for (seed, metre) in ["4/4", "3/4", "7/8"].into_iter().enumerate() {
            let grid = request(&scene, scene.modes[0].0, metre, 4, seed as u64);
            assert_eq!(grid.validate(), Ok(()), "{}", scene.text);
            let power = |energy: u8| -> f32 {
                grid.clips
                    .iter()
                    .flat_map(|(_, clip)| clip.sounding(Energy::new(energy.into())))
                    .map(|note| (f32::from(note.velocity) / 127.0).powi(2) * f32::from(note.duration).sqrt())
                    .sum()
            };
            let count = |energy: u8| grid.sounding_count(Energy::new(energy.into()));
            assert!(count(0) >= 3, "{}: {} notes at energy 0", scene.text, count(0));
            for energy in (0..100).step_by(10) {
                let (now, then) = (count(energy), count(energy + 10));
                assert!(then > now, "{} {metre}: {now} notes at {energy}, {then} ten later", scene.text);
                let louder = power(energy + 10) / power(energy);
                assert!(
                    louder > 1.008,
                    "{} {metre}: only {louder} times the power above {energy}",
                    scene.text
                );
            }
        }
    }
}

#[test]
fn a_role_that_is_not_wanted_is_silent_and_a_wanted_one_plays_early() {
    for style in Style::ALL {
        for role in Role::ALL {
            let mut scene = scene(*style);
            scene.roles[role] = 0.0;
            assert!(request(&scene, Mode::Dorian, "4/4", 4, 3).clips[role].notes.is_empty());
            let first = |presence: f32| {
                let mut scene = scene.clone();
                scene.roles[role] = presence;
                let grid = request(&scene, Mode::Dorian, "4/4", 4, 3);
                grid.clips[role].notes.iter().map(|note| note.rank).min().unwrap().get()
            };
            assert!(first(1.0) <= 10, "{style} {role}: {}", first(1.0));
            assert!(first(0.2) >= 20, "{style} {role}: {}", first(0.2));
        }
    }
}

#[test]
fn the_same_request_gives_the_same_loop_and_another_seed_another() {
    for style in Style::ALL {
        let scene = scene(*style);
        let grid = |seed: u64| request(&scene, Mode::Aeolian, "4/4", 4, seed * 12);
        let mut chords = Vec::new();
        let mut leads = Vec::new();
        for seed in 0..16 {
            let loop_of_seed = grid(seed);
            assert_eq!(loop_of_seed, grid(seed));
            chords.push(loop_of_seed.chords.iter().map(|span| span.chord.root).collect::<Vec<_>>());
            leads.push(loop_of_seed.clips[Role::Lead].clone().notes);
        }
        chords.sort();
        chords.dedup();
        leads.sort_by_key(|notes| notes.iter().map(|note| (note.onset, note.pitch)).collect::<Vec<_>>());
        leads.dedup();
        assert!(chords.len() >= 3, "{style}: {} progressions in 16 seeds", chords.len());
        assert!(leads.len() >= 15, "{style}: {} leads in 16 seeds", leads.len());
    }
}

#[test]
fn styles_of_a_mix_lend_players_but_not_the_harmony() {
    let mut scene = scene(Style::Synthwave);
    let alone = request(&scene, Mode::Aeolian, "4/4", 4, 5);
    scene.styles = vec![(Style::Synthwave, 0.6), (Style::Chinese, 0.4)];
    let mixed: Vec<LoopGrid> =
        (0..24).map(|seed| request(&scene, Mode::Aeolian, "4/4", 4, seed * 12 + 5)).collect();
    assert_eq!(mixed[0].chords, alone.chords);
    assert_eq!(mixed[0].swing, alone.swing);
    let lent = (0..24u64).filter(|seed| {
        let mut pure = scene.clone();
        pure.styles = vec![(Style::Synthwave, 1.0)];
        request(&pure, Mode::Aeolian, "4/4", 4, seed * 12 + 5).clips != mixed[*seed as usize].clips
    });
    assert!((12..24).contains(&lent.count()));
}

#[test]
fn odd_requests_are_answered() {
    let mut scene = scene(Style::Pop);
    scene.styles.truncate(0);
    scene.styles.push((Style::Jazz, f32::NAN));
    scene.wanted.0 = [f32::NAN; 23];
    scene.roles =
        PerRole::from_fn(|role| [f32::NAN, 7.0, -1.0, 0.001, 1.0, 0.5, f32::INFINITY][role.index()]);
    for bars in [0, 1, 9, 255] {
        assert_eq!(request(&scene, Mode::Blues, "32/16", bars, u64::MAX).validate(), Ok(()));
    }
    scene.roles = PerRole::default();
    let silent = request(&scene, Mode::Jue, "1/8", 1, 0);
    assert_eq!(silent.validate(), Ok(()));
    assert_eq!(silent.sounding_count(Energy::new(100.0)), 0);
}

#[test]
fn what_the_scene_wants_is_what_the_loop_measures() {
    use sceneloop_music::{Bpm, Descriptor};
    let steered = [
        (Dimension::OnsetDensity, 0.08),
        (Dimension::Syncopation, 0.03),
        (Dimension::HarmonicRhythm, 0.2),
        (Dimension::HarmonicComplexity, 0.2),
        (Dimension::Register, 0.06),
        (Dimension::Swing, 0.3),
        (Dimension::StepwiseMotion, 0.08),
    ];
    for (dimension, least) in steered {
        let mean = |wanted: f32| {
            let loops = Style::ALL.iter().flat_map(|style| (0..4).map(move |seed| (*style, seed)));
            let measured = loops.map(|(style, seed)| {
                let mut scene = scene(style);
                scene.wanted[dimension] = wanted;
                let grid = request(&scene, Mode::Aeolian, "4/4", 4, seed * 12);
                Descriptor::measure(&grid, Bpm::default(), Energy::new(60.0))[dimension]
            });
            measured.sum::<f32>() / (Style::ALL.len() * 4) as f32
        };
        let (little, much) = (mean(0.05), mean(0.95));
        assert!(much > little + least, "{dimension:?}: {little} to {much}");
    }
}
