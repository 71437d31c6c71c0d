//! A saved state is loaded whole or not at all.
//!
//! nice-plug loads what it can make sense of: of a project whose engine we refuse it would still take the parameters, a
//! level of 1000 dB as it stands, and what it does not know would be gone with the next save. So each state passes here
//! first, twice: the guard asks [`check()`] before nice-plug gets the bytes, so that the host hears of a refusal and does not
//! write over what it could not load; and nice-plug itself calls [`vet()`], which empties what we cannot use and leaves the
//! sentence that says why for [`EngineSlot`]. What a newer version added is put aside in [`Kept`], and goes back to its place
//! when the state is loaded by a version that knows it.
//!
//! Threads: wherever the host loads a state; never the audio thread.

use super::EngineSlot;
use crate::params::{SceneloopParams, complete};
use nice_plug::params::persist::PersistentField;
use nice_plug::plugin::ParamValue;
use nice_plug::prelude::*;
use sceneloop_engine::{EngineError, EngineState};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::{Mutex, PoisonError};

/// The field with the engine's state.
const ENGINE: &str = "engine";
/// The field with what is kept.
const KEPT: &str = "kept";
/// What stands in the engine's place where a state is refused: this and the sentence.
const REFUSED: &str = "refused";
/// How far a number may lie beyond its range, as a share of it: rounding.
const ROUNDING: f32 = 1e-4;

/// Parameters and fields of a newer version, in the words of the file.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Unknown {
    /// By id.
    #[serde(default)]
    params: BTreeMap<String, ParamValue>,
    /// By name.
    #[serde(default)]
    fields: BTreeMap<String, String>,
}

/// What the project holds that this version does not know. Written by a load, read by a save.
#[derive(Default)]
pub struct Kept(Mutex<Unknown>);

impl PersistentField<'_, Unknown> for Kept {
    fn set(&self, unknown: Unknown) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = unknown;
    }

    fn map<F, R>(&self, read: F) -> R
    where
        F: Fn(&Unknown) -> R,
    {
        read(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Brings a state into the form of this version, or empties it of all but the sentence that says why it is refused.
pub fn vet(state: &mut PluginState) {
    if let Err(sentence) = check(state) {
        let refused = serde_json::json!({ REFUSED: sentence });
        state.params.clear();
        state.fields = BTreeMap::from([(ENGINE.into(), refused.to_string())]);
    }
}

/// Brings a state into the form of this version, or says in a sentence why it is refused.
pub fn check(state: &mut PluginState) -> Result<(), String> {
    examine(state).map_err(|why| format!("Nothing was loaded: {why}."))
}

/// The sentence that [`vet`] left.
pub fn refusal(engine: &Value) -> Option<&str> {
    engine.get(REFUSED)?.as_str()
}

fn examine(state: &mut PluginState) -> Result<(), String> {
    let engine = state.fields.get(ENGINE).ok_or("this is not a state of Sceneloop: it holds no scene")?;
    let engine: Value =
        serde_json::from_str(engine).map_err(|_| "the scene in this state is damaged".to_owned())?;
    // Without an engine nothing was ever saved.
    if !engine.is_null() {
        EngineState::from_json(engine).map_err(|error| error.to_string())?;
    }
    let fresh = SceneloopParams::new(EngineSlot::new(Err(EngineError::State("none".into()))));
    let known: BTreeMap<String, ParamPtr> =
        fresh.param_map().into_iter().map(|(id, param, _)| (id, param)).collect();
    let fields = fresh.serialize_fields();

    let mut aside: Unknown =
        state.fields.remove(KEPT).and_then(|kept| serde_json::from_str(&kept).ok()).unwrap_or_default();
    aside.fields.remove(KEPT);
    for (id, value) in std::mem::take(&mut aside.params) {
        state.params.entry(id).or_insert(value);
    }
    for (name, value) in std::mem::take(&mut aside.fields) {
        state.fields.entry(name).or_insert(value);
    }
    complete(state);
    aside.params = state.params.extract_if(.., |id, _| !known.contains_key(id)).collect();
    aside.fields = state.fields.extract_if(.., |name, _| !fields.contains_key(name)).collect();
    for (id, param) in known {
        match state.params.get_mut(&id) {
            Some(value) => check_value(param, value)?,
            // What a newer version added has its default in an older project, whatever the instance held before.
            None => drop(state.params.insert(id, default(param))),
        }
    }
    let kept = serde_json::to_string(&aside).map_err(|error| error.to_string())?;
    state.fields.insert(KEPT.into(), kept);
    Ok(())
}

/// Whether a parameter can hold a value, as nice-plug does not ask. `param` belongs to parameters that are alive.
#[allow(unsafe_code)]
fn check_value(param: ParamPtr, value: &mut ParamValue) -> Result<(), String> {
    // SAFETY: as above.
    let (name, low, high) =
        unsafe { (param.name().to_owned(), param.preview_plain(0.0), param.preview_plain(1.0)) };
    let beyond = |value: &dyn Display| {
        Err(format!("\"{name}\" is {value} in this state, and goes from {low} to {high}"))
    };
    match (param, value) {
        (ParamPtr::FloatParam(_), ParamValue::F32(value)) => {
            let within = value.clamp(low, high);
            if !value.is_finite() || (*value - within).abs() > (high - low) * ROUNDING {
                return beyond(value);
            }
            *value = within;
            Ok(())
        }
        (ParamPtr::IntParam(_), ParamValue::I32(value)) => {
            if (low as i32..=high as i32).contains(value) {
                Ok(())
            } else {
                beyond(value)
            }
        }
        (ParamPtr::BoolParam(_), ParamValue::Bool(_)) => Ok(()),
        (ParamPtr::EnumParam(choices), ParamValue::String(id)) => {
            // SAFETY: as above. It sets a parameter that nobody else uses: the answer is whether there is such a choice.
            let is_known = unsafe { (*choices).set_from_id(id) };
            if is_known { Ok(()) } else { Err(format!("this version has no \"{id}\" for \"{name}\"")) }
        }
        (_, value) => Err(format!("\"{name}\" cannot be {value:?}, as in this state")),
    }
}

/// The value of a new instance, as nice-plug writes it. `param` belongs to parameters that are alive and new.
#[allow(unsafe_code)]
fn default(param: ParamPtr) -> ParamValue {
    // SAFETY: as above.
    unsafe {
        match param {
            ParamPtr::FloatParam(param) => ParamValue::F32((*param).default_plain_value()),
            ParamPtr::IntParam(param) => ParamValue::I32((*param).default_plain_value()),
            ParamPtr::BoolParam(param) => ParamValue::Bool((*param).default_plain_value()),
            ParamPtr::EnumParam(param) => match (*param).unmodulated_plain_id() {
                Some(id) => ParamValue::String(id.to_owned()),
                None => ParamValue::I32((*param).default_plain_value()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sceneloop_engine::Engine;

    /// A state as it is saved, and the parameters that save it.
    fn saved() -> (SceneloopParams, PluginState) {
        let params = SceneloopParams::new(EngineSlot::new(Engine::new()));
        let values = params.param_map().into_iter().map(|(id, param, _)| (id, default(param))).collect();
        let state =
            PluginState { version: "0.1.0".into(), params: values, fields: params.serialize_fields() };
        (params, state)
    }

    /// The sentence that a state leaves, after it was seen that nothing else is left of it.
    fn refused(mut state: PluginState) -> String {
        vet(&mut state);
        assert!(state.params.is_empty() && state.fields.len() == 1, "{state:?}");
        refusal(&serde_json::from_str(&state.fields[ENGINE]).unwrap()).unwrap().to_owned()
    }

    #[test]
    fn a_good_state_is_left_as_it_is() {
        let (_params, state) = saved();
        let mut vetted = state.clone();
        vet(&mut vetted);
        let text = |state: &PluginState| serde_json::to_string(state).unwrap();
        assert_eq!(text(&vetted), text(&state));
    }

    #[test]
    fn a_value_that_no_parameter_holds_is_refused_with_the_rest() {
        let (_params, state) = saved();
        for (id, value) in [
            ("energy", ParamValue::F32(1e30)),
            ("energy", ParamValue::F32(f32::INFINITY)),
            ("dr_lvl", ParamValue::F32(1000.0)),
            ("dr_lvl", ParamValue::F32(f32::NAN)),
            ("dr_mut", ParamValue::F32(1.0)),
            ("seed", ParamValue::I32(-1)),
            ("seed", ParamValue::I32(i32::MAX)),
            ("mode", ParamValue::I32(3)),
            ("mode", ParamValue::String("of the year 3000".into())),
        ] {
            let mut bad = state.clone();
            bad.params.insert(id.into(), value);
            let sentence = refused(bad);
            assert!(sentence.starts_with("Nothing was loaded: ") && sentence.ends_with('.'), "{sentence}");
            assert!(sentence.contains('"'), "{sentence} does not name the parameter");
        }
    }

    #[test]
    fn a_state_without_a_readable_scene_is_refused() {
        let (_params, state) = saved();
        for engine in
            ["", "{", "7", "[]", r#"{"version":4000000,"songs":[]}"#, r#"{"version":1,"scene":"nowhere"}"#]
        {
            let mut bad = state.clone();
            bad.fields.insert(ENGINE.into(), engine.into());
            let sentence = refused(bad);
            assert_eq!(sentence.contains("newer version"), engine.contains("4000000"), "{sentence}");
        }
        let mut none = state;
        none.fields.remove(ENGINE);
        assert!(refused(none).contains("not a state of Sceneloop"));
    }

    #[test]
    fn what_a_newer_version_added_goes_through_this_one_unharmed() {
        let (params, state) = saved();
        let mut newer = state.clone();
        newer.params.insert("width".into(), ParamValue::F32(0.5));
        newer.fields.insert("colours".into(), r#"["red"]"#.into());
        let mut vetted = newer.clone();
        vet(&mut vetted);
        assert!(!vetted.params.contains_key("width") && !vetted.fields.contains_key("colours"));
        params.deserialize_fields(&vetted.fields);
        assert_eq!(params.engine.refusal(), None);
        assert_eq!(params.serialize_fields()[KEPT], vetted.fields[KEPT]);
        assert!(vetted.fields[KEPT].contains("width") && vetted.fields[KEPT].contains("red"));

        // Saved and loaded again it is there once and not twice; a state without it takes it away.
        let mut again = PluginState { fields: params.serialize_fields(), ..vetted.clone() };
        vet(&mut again);
        assert_eq!(again.fields[KEPT], vetted.fields[KEPT]);
        let mut plain = state;
        vet(&mut plain);
        params.deserialize_fields(&plain.fields);
        assert!(!params.serialize_fields()[KEPT].contains("width"));
    }

    /// Whatever the instance that opens it has learned.
    #[test]
    fn a_project_from_before_controllers_were_learned_has_none() {
        let (params, mut state) = saved();
        params.controller.set(74.into());
        state.fields.remove("energy_cc").unwrap();
        vet(&mut state);
        params.deserialize_fields(&state.fields);
        assert_eq!((params.engine.refusal(), params.controller.learned()), (None, None));
    }

    #[test]
    fn what_was_kept_goes_back_to_its_place() {
        let (_params, state) = saved();
        let mut through_older = state;
        let energy = through_older.params.remove("energy").unwrap();
        let window = through_older.fields.remove("window").unwrap();
        let kept = Unknown {
            params: BTreeMap::from([("energy".into(), energy)]),
            fields: BTreeMap::from([("window".into(), window.clone())]),
        };
        through_older.fields.insert(KEPT.into(), serde_json::to_string(&kept).unwrap());
        vet(&mut through_older);
        assert!(matches!(through_older.params["energy"], ParamValue::F32(70.0)));
        assert_eq!(through_older.fields["window"], window);
    }

    #[test]
    fn a_parameter_that_is_missing_has_its_default() {
        let (_params, mut state) = saved();
        state.params.remove("seed");
        state.params.remove("author");
        vet(&mut state);
        assert!(matches!(state.params["seed"], ParamValue::I32(1)));
        // But for this one: it was always the teacher before one could choose.
        assert!(matches!(&state.params["author"], ParamValue::String(id) if id == "teacher"));
    }
}
