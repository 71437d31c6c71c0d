//! What travels with a scene: its events for the audio thread, and the scenes that they lead to for the renderer.

use super::sounds::Palette;
use sceneloop_music::{EventId, EventTable, Scene, SceneTable};
use std::sync::Arc;

/// What the audio thread knows of the scene. Written by the main thread, by way of a triple buffer: `Copy`.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Plans {
    /// Which scene, counted as in [`crate::stream::SceneChange`].
    pub generation: u32,
    pub table: EventTable,
    pub palette: Palette,
}

impl Plans {
    pub fn of(scene: &Scene, generation: u32) -> Self {
        Self { generation, table: scene.event_table(), palette: Palette::of(scene) }
    }
}

/// The scene that each event leads to, where it leads to one. Made on the main thread, so that none is parsed later.
pub(crate) type EventScenes = [Option<Arc<Scene>>; EventId::COUNT];

/// The scenes of a scene's events. A text that is not understood, which the table's own check excludes, leads nowhere.
pub(crate) fn event_scenes(scene: &Scene, table: &SceneTable) -> EventScenes {
    std::array::from_fn(|index| {
        let action = scene.event_action(EventId::new(index)?)?;
        table.parse(action.scene.as_ref()?).ok().map(Arc::new)
    })
}
