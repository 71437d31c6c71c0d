//! What ships inside the binary: scenes, patches and levels. Read once per process and shared by all instances.

use crate::error::EngineError;
use crate::loudness::Levels;
use crate::mix::MixTable;
use include_dir::{Dir, include_dir};
use sceneloop_music::{PerRole, Role, Scene, SceneTable};
use sceneloop_render::{Patch, PatchBank};
use std::sync::OnceLock;

static SCENES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../assets/scenes");
static PATCHES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../assets/patches");

static CARD: &str = include_str!("../../assets/model/composer.json");
static WEIGHTS: &[u8] = include_bytes!("../../assets/model/composer.bpk");

static MIX: &str = include_str!("../../assets/mix.toml");
static LEVELS: &str = include_str!("../../assets/levels.toml");

/// Scene table, patch bank, mixes and levels.
#[derive(Debug)]
pub struct Assets {
    /// All tags.
    pub scenes: SceneTable,
    /// All patches.
    pub patches: PatchBank,
    /// Where the roles of each style stand.
    pub mixes: MixTable,
    /// How loud each tag is to be, and each role of a style.
    pub levels: Levels,
}

impl Assets {
    /// The shipped assets.
    ///
    /// # Errors
    /// What is wrong with them, which a test excludes for every release.
    pub fn shipped() -> Result<&'static Self, EngineError> {
        static SHIPPED: OnceLock<Result<Assets, EngineError>> = OnceLock::new();
        SHIPPED.get_or_init(Self::read).as_ref().map_err(Clone::clone)
    }

    fn read() -> Result<Self, EngineError> {
        let broken = |error: &dyn std::fmt::Display| EngineError::Assets(error.to_string());
        let scenes = SceneTable::from_toml(texts(&SCENES)).map_err(|error| broken(&error))?;
        let patches = PatchBank::from_toml(texts(&PATCHES)).map_err(|error| broken(&error))?;
        let (mixes, levels) = (MixTable::from_toml(MIX)?, Levels::from_toml(LEVELS)?);
        Ok(Self { scenes, patches, mixes, levels })
    }

    /// The patch of each role of a scene as it stands in the mix of the scene's heaviest style.
    ///
    /// # Errors
    /// [`EngineError::Assets`] where a scene names a patch that does not exist.
    pub fn scene_patches(&self, scene: &Scene) -> Result<PerRole<Patch>, EngineError> {
        self.patches_of(scene, &PerRole::default())
    }

    /// The same with what was chosen in the place of the scene's patches; what is not there for a role is not played.
    ///
    /// # Errors
    /// As [`Self::scene_patches`].
    pub fn patches_of(
        &self,
        scene: &Scene,
        chosen: &PerRole<Option<String>>,
    ) -> Result<PerRole<Patch>, EngineError> {
        let missing = |id: &str| EngineError::Assets(format!("there is no patch \"{id}\""));
        if let Some((_, id)) = scene.patches.iter().find(|(_, id)| self.patches.get(id).is_none()) {
            return Err(missing(id));
        }
        let first = self.patches.get(&scene.patches.0[0]).ok_or_else(|| missing(&scene.patches.0[0]))?;
        Ok(PerRole::from_fn(|role| {
            let chosen = chosen[role].as_deref().and_then(|id| self.patch(role, id));
            let patch = chosen.or_else(|| self.patches.get(&scene.patches[role])).unwrap_or(first);
            patch.mixed(&self.mixes.role(scene.style(), role, &self.levels))
        }))
    }

    /// A role's patch of that name, if it has one.
    pub fn patch(&self, role: Role, id: &str) -> Option<&Patch> {
        self.patches.get(id).filter(|patch| patch.role() == role)
    }
}

/// Card and numbers of the network's weights.
pub fn weights() -> (&'static str, &'static [u8]) {
    (CARD, WEIGHTS)
}

fn texts(folder: &'static Dir<'static>) -> impl Iterator<Item = (&'static str, &'static str)> {
    let mut files: Vec<_> = folder
        .files()
        .filter_map(|file| Some((file.path().to_str()?, file.contents_utf8()?)))
        .filter(|(name, _)| name.ends_with(".toml"))
        .collect();
    files.sort_unstable(); // the order of a folder differs between file systems
    files.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_tag_has_patches_that_exist() {
        let assets = Assets::shipped().unwrap();
        assert!(assets.scenes.tags().len() >= 64);
        for tag in assets.scenes.tags() {
            let scene = assets.scenes.parse(&tag.id).unwrap();
            let patches = assets.scene_patches(&scene).unwrap();
            for (role, patch) in patches.iter() {
                assert_eq!(patch.role(), role, "{}", tag.id);
            }
        }
    }
}
