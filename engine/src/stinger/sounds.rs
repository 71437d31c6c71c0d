//! Which patches play a stinger: three palettes, so that a fanfare fits a castle, a club and a handheld.

use crate::assets::Assets;
use crate::error::EngineError;
use sceneloop_music::{PerRole, Scene, Stinger, Style};
use sceneloop_render::{Fittings, Patch};
use std::sync::OnceLock;

/// A choice of instruments. Follows from the scene's heaviest style.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Palette {
    /// Brass, strings, bells and great drums: all that is not of the other two.
    #[default]
    Orchestra,
    /// Synthesisers and drum machines.
    Machines,
    /// Square waves.
    Chip,
}

impl Palette {
    const COUNT: usize = 3;

    /// The palette of a scene.
    pub fn of(scene: &Scene) -> Self {
        match scene.style() {
            Style::Chiptune => Self::Chip,
            style if MACHINES.contains(&style.name()) => Self::Machines,
            _ => Self::Orchestra,
        }
    }

    /// Ids of the patches, in the order of the roles.
    fn patches(self, stinger: Stinger) -> [&'static str; 7] {
        match self {
            Self::Chip => {
                ["kit-chip", "bass-chip", "chords-chip", "pad-glass", "arp-chip", "lead-chip", "tex-crowd"]
            }
            Self::Machines => {
                let (arp, pad) = match stinger {
                    Stinger::Death => ("arp-bell", "pad-dark"),
                    Stinger::Defeat | Stinger::Danger => ("arp-pluck", "pad-dark"),
                    Stinger::Calm | Stinger::Discovery => ("arp-bell", "pad-glass"),
                    _ => ("arp-pluck", "pad-warm"),
                };
                ["kit-909", "bass-saw", "chords-stab", pad, arp, "lead-saw", "tex-crowd"]
            }
            Self::Orchestra => {
                let (pad, arp, lead) = match stinger {
                    Stinger::Defeat => ("pad-dark", "arp-bell", "lead-strings"),
                    Stinger::Death => ("pad-choir", "arp-bell", "lead-strings"),
                    Stinger::Danger => ("pad-dark", "arp-bell", "lead-strings"),
                    Stinger::Calm => ("pad-glass", "arp-bell", "lead-vibes"),
                    Stinger::Discovery => ("pad-glass", "arp-harp", "lead-vibes"),
                    _ => ("pad-strings", "arp-bell", "lead-trumpet"),
                };
                ["kit-orchestral", "bass-strings", "chords-brass", pad, arp, lead, "tex-crowd"]
            }
        }
    }
}

/// Names of the styles that are made with machines.
const MACHINES: &[&str] = &[
    "techno",
    "house",
    "drum-and-bass",
    "synthwave",
    "cyberpunk",
    "hip-hop",
    "lo-fi",
    "pop",
    "trance",
    "dubstep",
    "trap",
    "disco",
    "space",
];

/// The patches of every palette and stinger.
#[derive(Debug)]
pub(crate) struct Sounds([[PerRole<&'static Patch>; Stinger::COUNT]; Palette::COUNT]);

impl Sounds {
    /// Those that ship with the program.
    ///
    /// # Errors
    /// [`EngineError::Assets`] where a patch does not exist.
    pub fn shipped(assets: &'static Assets) -> Result<&'static Self, EngineError> {
        static SHIPPED: OnceLock<Result<Sounds, EngineError>> = OnceLock::new();
        SHIPPED.get_or_init(|| Self::of(assets)).as_ref().map_err(Clone::clone)
    }

    fn of(assets: &'static Assets) -> Result<Self, EngineError> {
        let missing = |id: &str| EngineError::Assets(format!("there is no patch \"{id}\""));
        let any = assets.patches.get("kit-orchestral").ok_or_else(|| missing("kit-orchestral"))?;
        let mut sounds = Self([[PerRole([any; 7]); Stinger::COUNT]; Palette::COUNT]);
        for palette in [Palette::Orchestra, Palette::Machines, Palette::Chip] {
            for stinger in Stinger::ALL {
                let set = &mut sounds.0[palette as usize][stinger.index()];
                for (patch, id) in set.0.iter_mut().zip(palette.patches(stinger)) {
                    *patch = assets.patches.get(id).ok_or_else(|| missing(id))?;
                }
            }
        }
        Ok(sounds)
    }

    /// The patches of one stinger.
    pub fn get(&self, palette: Palette, stinger: Stinger) -> &PerRole<&'static Patch> {
        &self.0[palette as usize][stinger.index()]
    }

    /// What a rack needs that is to play any of them.
    pub fn fittings(&self) -> PerRole<Fittings> {
        let all = || self.0.iter().flatten();
        PerRole::from_fn(|role| {
            all().map(|patches| Fittings::of(patches[role])).fold(Fittings::default(), Fittings::and)
        })
    }

    /// Some patches to make a rack with.
    pub fn any(&self) -> PerRole<Patch> {
        PerRole(self.0[0][0].0.map(|patch| *patch))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stinger_has_a_patch_of_each_role() {
        let sounds = Sounds::shipped(Assets::shipped().unwrap()).unwrap();
        for palette in [Palette::Orchestra, Palette::Machines, Palette::Chip] {
            for stinger in Stinger::ALL {
                for (role, patch) in sounds.get(palette, stinger).iter() {
                    assert_eq!(patch.role(), role, "{stinger}");
                }
            }
        }
    }

    #[test]
    fn few_roles_need_long_lines() {
        let fittings = Sounds::shipped(Assets::shipped().unwrap()).unwrap().fittings();
        let delays = fittings.0.iter().filter(|fittings| fittings.delay).count();
        let strings: u8 = fittings.0.iter().map(|fittings| fittings.strings).sum();
        assert!(delays <= 3 && strings <= 5, "{fittings:?}");
    }

    #[test]
    fn palettes_follow_the_style() {
        let of = |text: &str| Palette::of(&Assets::shipped().unwrap().scenes.parse(text).unwrap());
        assert_eq!(of("chiptune"), Palette::Chip);
        assert_eq!(of("techno"), Palette::Machines);
        assert_eq!(of("dungeon"), Palette::Orchestra);
    }
}
