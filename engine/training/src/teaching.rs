//! Loops by the teacher: any number of them, each named by its dice.

use crate::material::{Material, Trust};
use sceneloop_engine::assets::Assets;
use sceneloop_engine::teacher::{Request, compose};
use sceneloop_music::{Bpm, Dice, Dimension, Key, LoopGrid, Metre, Mode, PerRole, PitchClass, Role, Scene};

/// A loop, and the one it follows.
#[derive(Debug, Clone)]
pub struct Lesson {
    /// The loop.
    pub now: Material,
    /// A loop of the same scene, of which it is a variation.
    pub before: LoopGrid,
    /// Its scene.
    pub scene: Scene,
}

/// A loop of a scene that the dice make up: one to three tags, wishes off their usual values, some roles left out.
///
/// # Panics
/// If the shipped scenes cannot be read, which a test of the engine excludes.
pub fn lesson(metre: Metre, bars: u8, dice: &mut Dice) -> Lesson {
    let assets = Assets::shipped().expect("the shipped scenes are tested");
    let tags = assets.scenes.tags();
    let count = [1, 1, 1, 2, 2, 3][dice.below(6)];
    let text: Vec<String> =
        (0..count).map(|_| format!("{}:{}", tags[dice.below(tags.len())].id, 1 + dice.below(3))).collect();
    let mut scene = assets.scenes.parse(&text.join(", ")).expect("these are the table's own tags");
    stray(&mut scene, dice);
    let mode = mode_of(&scene, dice);
    let key = Key::new(PitchClass::new(0), mode);
    let request = |seed, previous| Request { scene: &scene, key, metre, bars, seed, previous };
    let seed = |dice: &mut Dice| u64::from(dice.unit().to_bits()) << 32 | u64::from(dice.unit().to_bits());
    let before = compose(&request(seed(dice), None));
    let grid = compose(&request(seed(dice), Some(&before)));
    let (slow, fast) = scene.tempo;
    let tempo = slow + (fast - slow) * f64::from(dice.unit());
    let now = Material {
        present: PerRole::from_fn(|role| !grid.clips[role].notes.is_empty()),
        presence: scene.roles,
        grid,
        harmony: Trust::Sure,
        mode: Some(mode),
        styles: scene.styles.clone(),
        tempo: Bpm::new(tempo).ok(),
        velocities: true,
        ranks: true,
        swing: true,
    };
    Lesson { now, before, scene }
}

/// Moves what is wanted away from the scene's own values, so that every number is heard apart from its style.
fn stray(scene: &mut Scene, dice: &mut Dice) {
    let far = [0.0, 0.15, 0.4][dice.below(3)];
    for dimension in Dimension::ALL {
        let to = dice.unit();
        scene.wanted[dimension] += far * (to - scene.wanted[dimension]) * 2.0 * dice.unit();
        scene.wanted[dimension] = scene.wanted[dimension].clamp(0.0, 1.0);
    }
    for role in Role::ALL {
        if dice.chance(0.12) {
            scene.roles[role] = if dice.chance(0.5) { 0.0 } else { 0.3 + 0.7 * dice.unit() };
        }
    }
    if Role::ALL.iter().all(|role| scene.roles[*role] == 0.0) {
        scene.roles[Role::Pad] = 0.8;
    }
}

/// One of the scene's modes by weight; now and then any.
fn mode_of(scene: &Scene, dice: &mut Dice) -> Mode {
    if dice.chance(0.15) || scene.modes.is_empty() {
        return *dice.pick(&Mode::ALL);
    }
    let mut throw = dice.unit();
    for (mode, weight) in &scene.modes {
        throw -= weight;
        if throw < 0.0 {
            return *mode;
        }
    }
    scene.modes[0].0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lessons_are_valid_and_named_by_their_dice() {
        for seed in 0..40 {
            let lesson = |seed| lesson("7/8".parse().unwrap(), 2, &mut Dice::new(seed, "test"));
            let one = lesson(seed);
            one.now.grid.validate().unwrap();
            assert!(one.now.present.iter().any(|(_, plays)| *plays));
            assert_eq!(lesson(seed).now.grid, one.now.grid);
            assert_ne!(lesson(seed + 100).now.grid, one.now.grid);
            assert_eq!((one.before.metre, one.before.bars), (one.now.grid.metre, one.now.grid.bars));
        }
    }
}
