//! What a project remembers of the engine.

use crate::arranger::LoopKey;
use crate::assets::Assets;
use crate::edits::{self, Edits};
use crate::error::EngineError;
use crate::soundfont::FontChoice;
use sceneloop_music::{LoopGrid, Role};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A loop with its name, so that a project plays the same notes even if the composer has changed since.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinnedLoop {
    /// Its name.
    pub key: LoopKey,
    /// Its notes.
    pub grid: LoopGrid,
}

/// The saved state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EngineState {
    /// [`Self::VERSION`] of the program that wrote it.
    pub version: u32,
    /// The scene.
    pub scene: String,
    /// The loop that plays, the themes of its song, of which it is made, and what else was heard of that song.
    #[serde(default)]
    pub loops: Vec<PinnedLoop>,
    /// What was changed of the song by hand.
    #[serde(default, skip_serializing_if = "Edits::is_none")]
    pub edits: Edits,
    /// The loops that something is held of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<LoopGrid>,
    /// The patches that play roles in the place of the scene's. One that is not known here waits for a version that does.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub patches: BTreeMap<Role, String>,
    /// The SoundFonts that play roles in the place of their patches.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub soundfonts: BTreeMap<Role, FontChoice>,
    /// What a newer program of the same format added; it is saved again as it is. Within a loop or the choice of a SoundFont
    /// nothing may be unknown: it would not play as it was written.
    #[serde(flatten)]
    pub unknown: Map<String, Value>,
}

impl EngineState {
    /// The version this program writes; it reads all up to it. The first knew no sections: neither scenes that ask for them
    /// nor loops that belong to one. The second knew nothing that is changed by hand, the third no role that was varied by itself.
    pub const VERSION: u32 = 4;
    /// More loops than this are not saved, and refused.
    pub const MAX_LOOPS: usize = 64;

    /// Reads a state of this version or an older one, and checks it.
    ///
    /// # Errors
    /// [`EngineError::State`], [`EngineError::Loop`] or [`EngineError::Scene`] with the reason.
    pub fn from_json(saved: Value) -> Result<Self, EngineError> {
        // First of all: what is newer may look like anything.
        let version = saved.get("version").and_then(Value::as_u64);
        check_version(version.ok_or_else(|| EngineError::State("it does not say its version".into()))?)?;
        let state: Self =
            serde_json::from_value(saved).map_err(|error| EngineError::State(error.to_string()))?;
        state.check()?;
        Ok(state)
    }

    /// Checks version, scene, SoundFonts, whose files may be gone, and loops.
    ///
    /// # Errors
    /// [`EngineError::State`], [`EngineError::Loop`], [`EngineError::SoundFont`] or [`EngineError::Scene`] with the reason.
    pub fn check(&self) -> Result<(), EngineError> {
        check_version(self.version.into())?;
        let scene = Assets::shipped()?.scenes.parse(&self.scene);
        scene.map_err(|error| EngineError::Scene(error.to_string()))?;
        if self.loops.len() > Self::MAX_LOOPS {
            return Err(EngineError::State(format!("it holds {} loops", self.loops.len())));
        }
        self.soundfonts.values().try_for_each(FontChoice::check)?;
        if self.held.len() > Role::COUNT + 1 {
            return Err(EngineError::State(format!("something is held of {} loops", self.held.len())));
        }
        self.held.iter().try_for_each(LoopGrid::validate)?;
        let known: Vec<u64> = self.held.iter().map(|grid| edits::numbered(grid).0).collect();
        if self.edits.held().any(|number| !known.contains(&number)) {
            return Err(EngineError::State("a line is held that it does not hold".into()));
        }
        for pinned in &self.loops {
            pinned.grid.validate()?;
            let LoopKey { metre, bars, mode, .. } = pinned.key;
            if (metre, bars, mode) != (pinned.grid.metre, pinned.grid.bars, pinned.grid.key.mode) {
                return Err(EngineError::State("a loop does not fit its name".into()));
            }
        }
        Ok(())
    }
}

fn check_version(version: u64) -> Result<(), EngineError> {
    match version {
        0 => Err(EngineError::State("there never was a format 0".into())),
        1.. if version <= EngineState::VERSION.into() => Ok(()),
        _ => Err(EngineError::State(format!(
            "it was written by a newer version (format {version}, this program reads up to {}); update to load it",
            EngineState::VERSION
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Engine;
    use serde_json::json;

    fn state() -> Value {
        json!({ "version": 1, "scene": "forest", "loops": [] })
    }

    #[test]
    fn what_is_not_known_is_saved_again() {
        let mut newer = state();
        newer["stinger"] = json!({ "at": [1, 2.5], "name": "win" });
        let engine = Engine::new().unwrap();
        engine.set_state(EngineState::from_json(newer.clone()).unwrap()).unwrap();
        let saved = serde_json::to_value(engine.state()).unwrap();
        assert_eq!(saved["stinger"], newer["stinger"]);
        // It belongs to that project and to no other.
        engine.set_state(EngineState::from_json(state()).unwrap()).unwrap();
        assert_eq!(serde_json::to_value(engine.state()).unwrap().get("stinger"), None);
    }

    #[test]
    fn a_state_from_the_future_is_refused_whatever_it_looks_like() {
        for newer in [json!({ "version": 5 }), json!({ "version": u64::MAX, "scene": ["forest"] })] {
            let sentence = EngineState::from_json(newer).unwrap_err().to_string();
            assert!(sentence.contains("newer version"), "{sentence}");
        }
        for bad in
            [json!({}), json!(null), json!({ "version": -1 }), json!({ "version": 0, "scene": "forest" })]
        {
            let sentence = EngineState::from_json(bad).unwrap_err().to_string();
            assert!(!sentence.contains("newer"), "{sentence}");
        }
    }

    #[test]
    fn within_a_loop_nothing_may_be_unknown() {
        let engine = Engine::new().unwrap();
        let scene = engine.scene();
        let controls = crate::Controls::default();
        let key = LoopKey::at_bar(&scene, &controls, sceneloop_music::Metre::FOUR_FOUR, 0);
        let mut good = state();
        let mut grid = LoopGrid::empty(
            key.metre,
            key.bars,
            crate::arranger::resolve_key(&scene, &controls),
            sceneloop_music::Chord::new(0, sceneloop_music::ChordQuality::Power),
        );
        let note = sceneloop_music::Note {
            onset: 0,
            duration: 1,
            pitch: 0,
            velocity: 90,
            rank: sceneloop_music::Rank::ALWAYS,
        };
        grid.clips[sceneloop_music::Role::Bass].notes.push(note);
        good["loops"] = json!([PinnedLoop { key, grid }]);
        EngineState::from_json(good.clone()).unwrap();
        for place in [
            "",
            "/key",
            "/grid",
            "/grid/key",
            "/grid/swing",
            "/grid/chords/0",
            "/grid/chords/0/chord",
            "/grid/clips/1/0",
        ] {
            let mut bad = good.clone();
            bad.pointer_mut(&format!("/loops/0{place}")).unwrap()["slide"] = json!(1);
            let sentence = EngineState::from_json(bad).expect_err(place).to_string();
            assert!(sentence.contains("slide"), "{sentence}");
        }
    }
}
