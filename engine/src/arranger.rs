//! Which loop belongs where in the song.
//!
//! The song is cut into loops of equal length from its first bar on. Which notes a loop holds follows from its
//! [`LoopKey`] alone, never from what was played before, so that any jump, any bounce and any reopened project finds
//! the same notes at the same place.

use crate::controls::Controls;
use crate::seed;
use sceneloop_music::{Key, Metre, Mode, PitchClass, Scene};
use serde::{Deserialize, Serialize};

/// Names the notes of one loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoopKey {
    /// The scene's number, [`identity`].
    pub scene: u64,
    /// The user's seed.
    pub seed: u32,
    /// The mode after the scene has chosen where the user did not.
    pub mode: Mode,
    /// The host's metre.
    pub metre: Metre,
    /// Bars of the loop, 1 to 8.
    pub bars: u8,
    /// Place in the song: bars `index * bars` to `(index + 1) * bars`, negative before the song's start.
    pub index: i64,
}

impl LoopKey {
    /// The key of the loop in which bar `bar` lies.
    pub fn at_bar(scene: &Scene, controls: &Controls, metre: Metre, bar: i64) -> Self {
        let bars = controls.bars.clamp(1, 8);
        let scene_number = identity(scene);
        Self {
            scene: scene_number,
            seed: controls.seed,
            mode: controls.mode.unwrap_or_else(|| choose_mode(scene, scene_number, controls.seed)),
            metre,
            bars,
            index: bar.div_euclid(i64::from(bars)),
        }
    }

    /// The same music at another place of the song.
    pub fn at_index(self, index: i64) -> Self {
        Self { index, ..self }
    }

    /// The seed of this loop's own choices.
    pub fn compose_seed(&self) -> u64 {
        seed::mix(&[self.scene, u64::from(self.seed), self.index as u64])
    }
}

/// The number of a scene: the same text gives the same number on every machine.
pub fn identity(scene: &Scene) -> u64 {
    seed::of_text(&scene.text)
}

/// The tonic where the user leaves it open. It follows from the seed alone, so that a change of scene stays where it is.
pub fn choose_tonic(seed: u32) -> PitchClass {
    let number = seed::mix(&[u64::from(seed), 0x0074_6f6e_6963]);
    PitchClass::new((number % 12) as i32)
}

/// The key that plays: what the user set, and what scene and seed choose for the rest.
pub fn resolve_key(scene: &Scene, controls: &Controls) -> Key {
    Key {
        tonic: controls.tonic.unwrap_or_else(|| choose_tonic(controls.seed)),
        mode: controls.mode.unwrap_or_else(|| choose_mode(scene, identity(scene), controls.seed)),
    }
}

fn choose_mode(scene: &Scene, scene_number: u64, seed: u32) -> Mode {
    let total: f32 = scene.modes.iter().map(|(_, weight)| weight).sum();
    let mut point = seed::unit(seed::mix(&[scene_number, u64::from(seed), 0x6d6f_6465])) as f32 * total;
    for (mode, weight) in &scene.modes {
        point -= weight;
        if point < 0.0 {
            return *mode;
        }
    }
    scene.modes.first().map_or(Mode::Ionian, |(mode, _)| *mode)
}
