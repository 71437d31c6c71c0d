//! The teacher as a whole: valid, graded by energy, the same for a seed, and musical by measure.

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
