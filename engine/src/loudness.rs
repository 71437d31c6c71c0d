//! The gain that brings a scene's mix to its loudness.
//!
//! Patches of a role are equally loud, but scenes are not: one has seven busy roles, another a pad and a drone. What
//! each tag's mix lacks or has too much is measured by `cargo run --release -p sceneloop-engine --example calibrate`
//! and stands in `assets/levels.toml`; a scene of several tags takes the mean by weight.

use crate::error::EngineError;
use sceneloop_music::{PerRole, Scene, Style};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Integrated loudness of a mix at energy 70, LUFS.
pub const TARGET_LUFS: f64 = -16.0;

/// Trims further from 0 than this are a mistake in the table, decibels.
const FURTHEST_DB: f32 = 24.0;

/// Decibels that the mix of each tag is raised by.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Levels {
    /// By id of the tag.
    trim_db: BTreeMap<String, f32>,
    /// By style: what brings each role to where [`crate::mix`] wants it.
    #[serde(default)]
    role_db: BTreeMap<Style, PerRole<f32>>,
}

impl Levels {
    /// Reads a table.
    ///
    /// # Errors
    /// [`EngineError::Assets`] where the text is no such table or a trim is out of range.
    pub fn from_toml(text: &str) -> Result<Self, EngineError> {
        let levels: Self = toml::from_str(text).map_err(|error| EngineError::Assets(error.to_string()))?;
        let far = |level: &f32| level.is_nan() || level.abs() > FURTHEST_DB;
        if let Some((style, _)) = levels.role_db.iter().find(|(_, roles)| roles.0.iter().any(far)) {
            return Err(EngineError::Assets(format!("a role's level of the style {style} is out of range")));
        }
        match levels.trim_db.iter().find(|(_, trim)| far(trim)) {
            Some((tag, trim)) => {
                Err(EngineError::Assets(format!("the level of \"{tag}\" is out of range: {trim} dB")))
            }
            None => Ok(levels),
        }
    }

    /// Decibels of one tag; a tag that was never measured has 0.
    pub fn tag_db(&self, tag: &str) -> f32 {
        self.trim_db.get(tag).copied().unwrap_or_default()
    }

    /// Decibels of each role of a style; a style that was never measured has 0.
    pub fn role_db(&self, style: Style) -> PerRole<f32> {
        self.role_db.get(&style).copied().unwrap_or_default()
    }

    /// Linear gain for a scene's stems.
    pub fn trim(&self, scene: &Scene) -> f32 {
        let weights: f32 = scene.tags.iter().map(|(_, weight)| weight).sum();
        let weighted: f32 = scene.tags.iter().map(|(tag, weight)| self.tag_db(tag) * weight).sum();
        let mean_db = if weights > 0.0 { weighted / weights } else { 0.0 };
        10f32.powf(mean_db / 20.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assets::Assets;

    #[test]
    fn a_mix_of_tags_has_the_mean_of_their_trims() {
        let levels = Levels::from_toml("[trim_db]\ntechno = 6.0\nrain = -6.0\n").unwrap();
        let trim =
            |text: &str| 20.0 * levels.trim(&Assets::shipped().unwrap().scenes.parse(text).unwrap()).log10();
        assert!((trim("techno") - 6.0).abs() < 1e-4);
        assert!((trim("techno:3, rain:1") - 3.0).abs() < 1e-4);
        assert!(trim("jazz").abs() < 1e-6);
    }

    #[test]
    fn every_shipped_tag_has_been_measured_and_nonsense_is_refused() {
        let assets = Assets::shipped().unwrap();
        for tag in assets.scenes.tags() {
            assert!(
                assets.levels.trim_db.contains_key(&tag.id),
                "{} is missing in assets/levels.toml",
                tag.id
            );
        }
        assert_eq!(
            assets.levels.trim_db.len(),
            assets.scenes.tags().len(),
            "levels of tags that do not exist"
        );
        assert!(Levels::from_toml("[trim_db]\nrain = 40.0").is_err());
        assert!(Levels::from_toml("[trim_db]\nrain = nan").is_err());
        assert!(Levels::from_toml("[other]").is_err());
        let with_roles = |level: &str| {
            Levels::from_toml(&format!("[trim_db]\n[role_db]\ntechno = [0, 0, 0, 0, 0, 0, {level}]\n"))
        };
        assert_eq!(with_roles("1.5").unwrap().role_db(Style::Techno).0[6], 1.5);
        assert!(with_roles("30.0").is_err() && with_roles("nan").is_err());
    }
}
