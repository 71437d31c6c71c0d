//! Scenes: weighted tags and what follows from them.

use crate::descriptor::{Descriptor, Dimension};
use crate::key::Mode;
use crate::role::{PerRole, Role};
use crate::style::Style;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What an event ("boss", "victory") does to a scene.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventAction {
    /// Energy from then on, 0 to 100, where it changes.
    #[serde(default)]
    pub energy: Option<f32>,
    /// Scene text from then on, where it changes.
    #[serde(default)]
    pub scene: Option<String>,
    /// Bars until the scene returns; 0 = it stays.
    #[serde(default)]
    pub bars: u8,
}

/// What a scene's tags add up to: everything the composer and the renderer need to know of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scene {
    /// The scene in canonical text: `cyberpunk city:1, rain:0.5`.
    pub text: String,
    /// Ids of the tags with their weights, heaviest first.
    pub tags: Vec<(String, f32)>,
    /// Style families with their weights, heaviest first; they add up to 1.
    pub styles: Vec<(Style, f32)>,
    /// What the loop should measure. Dimensions nobody asked for stand at their style's value.
    pub wanted: Descriptor,
    /// Modes with their weights, heaviest first; they add up to 1.
    pub modes: Vec<(Mode, f32)>,
    /// Tempo range it likes, BPM.
    pub tempo: (f64, f64),
    /// How much each role is wanted: 0 (never) to 1 (from the lowest energies on).
    pub roles: PerRole<f32>,
    /// Patch of each role.
    pub patches: PerRole<String>,
    /// 0 (machine) to 1 (loose hands): how far timing may stray when humanised.
    pub human: f32,
    /// What its events do.
    pub events: BTreeMap<String, EventAction>,
}

impl Scene {
    /// The heaviest style.
    pub fn style(&self) -> Style {
        self.styles.first().map_or(Style::Ambient, |(style, _)| *style)
    }
}

#[allow(dead_code)]
type Unused = (Dimension, Role);
