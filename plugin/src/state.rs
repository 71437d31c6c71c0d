//! What is saved with the project besides the parameters: the engine's state, the size of the window, and the controller that
//! rides the energy.
//!
//! One format is written, and the engine says which ones it reads. A state that is damaged or from a newer
//! Sceneloop changes nothing and leaves one sentence for the window; see [`vet()`].
//!
//! Threads: the host's main thread saves and loads, the window reads the sentence; never the audio thread.

mod controller;
mod favourites;
mod vet;

pub use controller::{CONTROLLERS, EnergyController};
pub use favourites::{Favourite, Favourites};
pub use vet::{Kept, Unknown, vet};

use nice_plug::params::persist::PersistentField;
use nice_plug::prelude::PluginState;
use sceneloop_engine::{Engine, EngineError, EngineState};
use serde_json::Value;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The engine of one plugin instance, as the parameters keep it. Clones share the engine.
#[derive(Clone)]
pub struct EngineSlot {
    /// The sentence that says why there is none.
    engine: Result<Engine, String>,
    /// Written by the main thread at a refused load, read by the window.
    refusal: Arc<Mutex<Option<String>>>,
}

impl EngineSlot {
    /// A slot around a new engine; one that could not start leaves its reason for the window.
    pub fn new(engine: Result<Engine, EngineError>) -> Self {
        let engine = engine.map_err(|error| format!("Sceneloop could not start: {error}"));
        Self { refusal: Arc::new(Mutex::new(engine.as_ref().err().cloned())), engine }
    }

    /// The engine, if it could start.
    pub fn engine(&self) -> Option<&Engine> {
        self.engine.as_ref().ok()
    }

    /// Why the last state was refused.
    pub fn refusal(&self) -> Option<String> {
        self.refusal.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Leaves a sentence for the window: a state was refused. Does not keep the engine alive.
    pub fn refuser(&self) -> impl Fn(String) + Send + 'static {
        let refusal = self.refusal.clone();
        move |sentence| *refusal.lock().unwrap_or_else(PoisonError::into_inner) = Some(sentence)
    }

    /// Says of a state that nobody has loaded yet why it will be refused, if it will. Does not keep the engine alive.
    pub fn vetter(&self) -> impl Fn(&mut PluginState) -> Result<(), String> + Send + 'static {
        let has_none = self.engine.as_ref().err().cloned();
        move |state| match &has_none {
            // The scene would be lost with the next save.
            Some(why) => Err(why.clone()),
            None => vet::check(state),
        }
    }

    /// The state of a project, or the sentence that says what is wrong with it.
    fn load(&self, saved: Value) -> Result<(), String> {
        let engine = self.engine.as_ref().map_err(String::clone)?;
        if let Some(sentence) = vet::refusal(&saved) {
            return Err(sentence.to_owned());
        }
        let state = EngineState::from_json(saved).and_then(|state| engine.set_state(state));
        state.map_err(|error| format!("Nothing was loaded: {error}."))
    }
}

/// Any JSON is taken here, so that a state we cannot read is refused by us, with a sentence, and not silently.
impl PersistentField<'_, Value> for EngineSlot {
    fn set(&self, saved: Value) {
        // Without an engine nothing was ever saved.
        let refusal = if saved.is_null() { None } else { self.load(saved).err() };
        *self.refusal.lock().unwrap_or_else(PoisonError::into_inner) = refusal;
    }

    fn map<F, R>(&self, read: F) -> R
    where
        F: Fn(&Value) -> R,
    {
        let saved = self.engine().and_then(|engine| serde_json::to_value(engine.state()).ok());
        read(&saved.unwrap_or(Value::Null))
    }
}

/// Size of the window in logical pixels: width in the upper half, height in the lower, so that both change at once.
/// Written by the window and by a load, read when the window opens.
pub struct WindowSize(AtomicU64);

impl WindowSize {
    /// The smallest size in which everything has room, logical pixels.
    pub const MIN: (u32, u32) = (960, 640);
    /// The size of a new window, logical pixels.
    pub const DEFAULT: (u32, u32) = (1180, 780);
    /// The largest size that is believed, logical pixels.
    pub const MAX: (u32, u32) = (4000, 3000);

    /// Width and height.
    pub fn get(&self) -> (u32, u32) {
        let both = self.0.load(Ordering::Relaxed);
        ((both >> 32) as u32, both as u32)
    }

    /// Takes a size, brought into [`Self::MIN`] to [`Self::MAX`].
    pub fn put(&self, (width, height): (u32, u32)) {
        let width = width.clamp(Self::MIN.0, Self::MAX.0);
        let height = height.clamp(Self::MIN.1, Self::MAX.1);
        self.0.store(u64::from(width) << 32 | u64::from(height), Ordering::Relaxed);
    }
}

impl Default for WindowSize {
    fn default() -> Self {
        let size = Self(AtomicU64::new(0));
        size.put(Self::DEFAULT);
        size
    }
}

impl PersistentField<'_, (u32, u32)> for WindowSize {
    fn set(&self, size: (u32, u32)) {
        self.put(size);
    }

    fn map<F, R>(&self, read: F) -> R
    where
        F: Fn(&(u32, u32)) -> R,
    {
        read(&self.get())
    }
}

/// Whether the window is light. Written by the window and by a load, read by the window.
#[derive(Default)]
pub struct IsLight(AtomicBool);

impl IsLight {
    /// Whether it is.
    pub fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Makes it light or dark.
    pub fn put(&self, is_light: bool) {
        self.0.store(is_light, Ordering::Relaxed);
    }
}

impl PersistentField<'_, bool> for IsLight {
    fn set(&self, is_light: bool) {
        self.put(is_light);
    }

    fn map<F, R>(&self, read: F) -> R
    where
        F: Fn(&bool) -> R,
    {
        read(&self.get())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::SceneloopParams;
    use nice_plug::prelude::Params;

    fn params() -> SceneloopParams {
        SceneloopParams::new(EngineSlot::new(Engine::new()))
    }

    #[test]
    fn a_project_opens_with_what_it_was_saved_with() {
        let (before, after) = (params(), params());
        before.engine.engine().unwrap().set_scene("forest:1, rain:0.5").unwrap();
        before.window.put((1234, 777));
        before.controller.set(74.into());
        after.deserialize_fields(&before.serialize_fields());
        assert_eq!(after.engine.refusal(), None);
        assert_eq!(after.engine.engine().unwrap().scene_text(), before.engine.engine().unwrap().scene_text());
        assert_eq!((after.window.get(), after.controller.learned()), ((1234, 777), Some(74)));
        assert_eq!(after.serialize_fields(), before.serialize_fields());
    }

    #[test]
    fn a_bad_or_newer_state_changes_nothing_and_says_why() {
        let params = params();
        params.engine.engine().unwrap().set_scene("forest").unwrap();
        let mut newer = serde_json::to_value(params.engine.engine().unwrap().state()).unwrap();
        newer["version"] = 4_000_000.into();
        for bad in
            [newer, Value::from("forest"), serde_json::json!({ "version": 1 }), serde_json::json!([1, 2])]
        {
            params.engine.set(bad.clone());
            let refusal = params.engine.refusal().unwrap_or_default();
            assert!(refusal.len() > 20, "{bad}: {refusal}");
            assert!(params.engine.engine().unwrap().scene_text().starts_with("forest"), "{bad}");
        }
        params.engine.set(serde_json::to_value(params.engine.engine().unwrap().state()).unwrap());
        assert_eq!(params.engine.refusal(), None);
    }

    #[test]
    fn an_instance_that_could_not_start_takes_no_project() {
        let good = PluginState {
            version: "0.1.0".into(),
            params: Default::default(),
            fields: params().serialize_fields(),
        };
        let started = EngineSlot::new(Engine::new());
        assert_eq!(started.vetter()(&mut good.clone()), Ok(()));
        let broken = EngineSlot::new(Err(EngineError::State("no".into())));
        assert!(broken.vetter()(&mut good.clone()).unwrap_err().contains("could not start"));
    }

    #[test]
    fn starred_loops_are_saved_with_the_project_and_with_no_other() {
        use sceneloop_engine::{Controls, Output};
        use sceneloop_music::{Metre, Playhead};
        let (before, after) = (params(), params());
        let engine = before.engine.engine().unwrap();
        let mut reader = engine.open_stream(48_000.0).unwrap();
        let mut playhead = Playhead::at(0.0, Default::default(), Metre::FOUR_FOUR, true);
        let (mut left, mut right) = ([0.0; 480], [0.0; 480]);
        while engine.history().len() < 2 {
            let output = Output { main: [&mut left, &mut right], stems: None };
            reader.process_offline(&playhead, &Controls::default(), output, &mut |_| ());
            playhead = playhead.advanced(480.0 * playhead.bpm.quarters_per_frame(48_000.0));
        }
        let history = engine.history();
        history.iter().for_each(|one| before.favourites.turn(one));
        before.favourites.turn(&history[0]);
        assert!(!before.favourites.holds(&history[0]) && before.favourites.holds(&history[1]));
        let fields = before.serialize_fields();
        after.deserialize_fields(&fields);
        let found = after.favourites.loops(after.engine.engine().unwrap());
        assert_eq!(found.len(), 1);
        assert!(found[0].is_same_loop(&history[1]) && found[0].grid == history[1].grid);
        // A project from before there were any has none, whatever the instance held.
        let mut older = PluginState { version: "0.1.0".into(), params: Default::default(), fields };
        older.fields.remove("favourites");
        vet(&mut older);
        after.deserialize_fields(&older.fields);
        assert!(after.favourites.loops(after.engine.engine().unwrap()).is_empty());
    }

    #[test]
    fn a_window_is_never_too_small_to_use() {
        let size = WindowSize::default();
        size.put((0, u32::MAX));
        assert_eq!(size.get(), (WindowSize::MIN.0, WindowSize::MAX.1));
    }
}
