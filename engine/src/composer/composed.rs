//! A loop as the composer hands it out.

use crate::arranger::{self, LoopKey, PlacedGesture, SectionPlace};
use sceneloop_music::{LoopGrid, Scene};
use std::sync::Arc;

/// A loop with what the renderer needs to know of it.
#[derive(Debug)]
pub struct Composed {
    /// Its name.
    pub key: LoopKey,
    /// Its notes.
    pub grid: Arc<LoopGrid>,
    /// The scene it was written for.
    pub scene: Arc<Scene>,
    /// Gain that brings the scene's mix to its loudness, linear.
    pub trim: f32,
    /// Who wrote it.
    pub composer: &'static str,
    /// Where it lies in the song's form, if that has sections.
    pub place: Option<SectionPlace>,
    /// The sounds that lead into it and out of it, in order.
    pub gestures: Vec<PlacedGesture>,
}

impl Composed {
    /// A loop of a scene; everything but its notes follows from its name.
    pub fn new(
        key: LoopKey,
        grid: Arc<LoopGrid>,
        scene: Arc<Scene>,
        trim: f32,
        composer: &'static str,
    ) -> Self {
        let (place, gestures) = (key.place(&scene), arranger::gestures(&key, &scene));
        Self { key, grid, scene, trim, composer, place, gestures }
    }
}
