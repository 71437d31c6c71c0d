//! Projects that somebody had their hands on.

use arbitrary::{Arbitrary, Unstructured};
use serde_json::{Value, json};

use crate::take::State;

/// A change to one value, found by going down from the top.
#[derive(Debug, Arbitrary)]
struct Edit {
    place: Place,
    path: [u8; 6],
    depth: u8,
    change: Change,
}

#[derive(Debug, Clone, Copy, Arbitrary)]
enum Place {
    Anywhere,
    /// Among the values of parameters.
    Params,
    /// Within the engine's part, which is JSON of its own.
    Engine,
}

#[derive(Debug, Arbitrary)]
enum Change {
    Remove,
    Null,
    Truth(bool),
    Whole(i64),
    Real(f64),
    Text(String),
    List(u8),
    Nest(u8),
    Add(String, i32),
}

/// The states that some bytes stand for: the bytes themselves, with a true length and without, and a good state with
/// changes, whole and cut short.
pub fn states(good: &[u8], bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut states = vec![bytes.to_vec(), [&(bytes.len() as u64).to_le_bytes()[..], bytes].concat()];
    let mut source = Unstructured::new(bytes);
    if let (Ok(edits), Ok(mut state)) = (<Vec<Edit>>::arbitrary(&mut source), State::read(good)) {
        let engine = state.engine().ok().and_then(|engine| serde_json::from_str::<Value>(&engine).ok());
        let mut engine = engine.unwrap_or_default();
        for edit in edits.into_iter().take(8) {
            let path = &edit.path[..usize::from(edit.depth % 7)];
            match edit.place {
                Place::Anywhere => apply(&mut state.json, path, edit.change),
                Place::Params => apply(&mut state.json["params"], &edit.path[..2], edit.change),
                Place::Engine => apply(&mut engine, path, edit.change),
            }
        }
        // Unless the changes put something else there.
        if let Some(fields) = state.json.get_mut("fields").and_then(Value::as_object_mut)
            && fields.get("engine").is_some_and(Value::is_string)
        {
            fields.insert("engine".into(), engine.to_string().into());
        }
        let whole = state.write();
        let cut = usize::from(source.arbitrary::<u16>().unwrap_or_default()) % whole.len();
        states.push(whole[..cut].to_vec());
        states.push(whole);
    }
    states
}

/// The way down from the top that some steps stand for, as a JSON pointer; it ends where nothing is below.
fn pointer(mut value: &Value, path: &[u8]) -> String {
    let mut pointer = String::new();
    for step in path.iter().copied().map(usize::from) {
        let (name, below) = match value {
            Value::Array(list) if !list.is_empty() => {
                let index = step % list.len();
                (index.to_string(), &list[index])
            }
            Value::Object(map) => match map.iter().nth(step % map.len().max(1)) {
                Some((name, below)) => (name.replace('~', "~0").replace('/', "~1"), below),
                None => break,
            },
            _ => break,
        };
        pointer = format!("{pointer}/{name}");
        value = below;
    }
    pointer
}

fn apply(top: &mut Value, path: &[u8], change: Change) {
    let pointer = pointer(top, path);
    let Some(value) = top.pointer_mut(&pointer) else { return };
    match change {
        Change::Remove => {
            if let Some(key) = value.as_object().and_then(|map| map.keys().next().cloned()) {
                value.as_object_mut().map(|map| map.remove(&key));
            } else if let Some(list) = value.as_array_mut() {
                list.pop();
            }
        }
        Change::Null => *value = Value::Null,
        Change::Truth(truth) => *value = truth.into(),
        Change::Whole(number) => *value = number.into(),
        Change::Real(number) => *value = json!(number),
        Change::Text(text) => *value = text.into(),
        Change::List(count) => *value = Value::Array(vec![value.clone(); usize::from(count)]),
        Change::Nest(depth) => {
            for _ in 0..depth {
                *value = json!([value.take()]);
            }
        }
        Change::Add(name, number) => {
            if let Some(map) = value.as_object_mut() {
                map.insert(name, number.into());
            }
        }
    }
}
