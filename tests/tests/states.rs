//! Projects of our users: every state that a released version wrote opens, and plays the notes it was saved with.
//!
//! `tests/states/` holds a state (`NAME.state`) and the notes it must play (`NAME.notes`, see
//! [`sceneloop_tests::notes`]) for each. They are never changed. Before a release, add those of the version:
//!
//! ```sh
//! cargo nextest run --workspace --exclude xtask --run-ignored only -E 'test(states_of_this_version)'
//! ```

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use sceneloop_tests::host::{Class, Host, Mode, Outputs, Transport};
use sceneloop_tests::notes;
use sceneloop_tests::take::{State, Take};
use serde_json::{Value, json};

/// Bars of 4/4 that each state is held to: four loops.
const BARS: i64 = 16;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("states")
}

fn transport() -> Transport {
    Transport::rolling(120.0)
}

/// The states that are kept, by name.
fn kept() -> Vec<(String, Vec<u8>, String)> {
    let mut names: Vec<String> = fs::read_dir(folder())
        .unwrap()
        .filter_map(|entry| {
            entry.unwrap().file_name().into_string().unwrap().strip_suffix(".state").map(str::to_owned)
        })
        .collect();
    names.sort();
    let read = |name: String| {
        let path = folder().join(&name);
        let state = fs::read(path.with_file_name(format!("{name}.state"))).unwrap();
        let notes = fs::read_to_string(path.with_file_name(format!("{name}.notes"))).unwrap();
        (name, state, notes)
    };
    names.into_iter().map(read).collect()
}

/// What a bounce of the first bars plays, from an instance that has just been opened and set up.
fn bounce(host: &mut Host) -> String {
    host.activate(48_000.0, 512, Mode::Offline, Outputs::All).unwrap();
    let quarters = 4 * BARS as usize;
    host.play(quarters * 24_000, &mut transport()).unwrap();
    notes::written(&host.take(), BARS)
}

#[test]
fn projects_of_every_version_open_and_play_their_notes() {
    let kept = kept();
    assert!(kept.len() >= 3, "{} states", kept.len());
    for (name, state, wanted) in kept {
        let mut host = Host::open(Class::Stereo).unwrap();
        host.load(&state).unwrap();
        assert_eq!(bounce(&mut host), wanted, "{name}");
    }
}

/// Neither the network nor a card need be there any more: what it wrote is in the file.
#[test]
fn projects_play_their_notes_whoever_composes_today() {
    for (name, state, wanted) in kept() {
        let by_network = name.contains("network");
        for (composer, device) in [(0.0, 0.0), (0.5, 0.5), (1.0, 1.0)] {
            // What the teacher wrote follows from its name only while the teacher writes.
            if composer > 0.0 && !by_network {
                continue;
            }
            let mut host = Host::open(Class::Multi).unwrap();
            host.load(&state).unwrap();
            host.set_share("Composer", composer).unwrap();
            host.set_share("Device", device).unwrap();
            assert_eq!(bounce(&mut host), wanted, "{name}, composer at {composer}");
        }
    }
}

/// What is wrong with a project is wrong with all of it: parameters, scene, loops and all else stay as they were.
#[test]
fn a_state_that_is_refused_changes_nothing() {
    let good = &kept()[0].1;
    let tampered = |tamper: &dyn Fn(&mut State)| {
        let mut state = State::read(good).unwrap();
        state.json["params"]["energy"] = json!({ "f32": 12.0 });
        state.json["params"]["seed"] = json!({ "i32": 7 });
        tamper(&mut state);
        state.write()
    };
    let engine = |engine: &str| tampered(&|state| state.json["fields"]["engine"] = engine.into());
    let param = |id: &str, value: Value| tampered(&|state| state.json["params"][id] = value.clone());
    let blanks = zstd::encode_all(std::io::repeat(b' ').take(1 << 30), 1).unwrap();
    let refused = [
        ("from the future", engine(r#"{"version":2,"scene":"forest","sections":[]}"#)),
        ("no such scene", engine(r#"{"version":1,"scene":"no such scene anywhere"}"#)),
        ("no JSON", engine("}{")),
        ("no scene", tampered(&|state| drop(state.json["fields"].as_object_mut().unwrap().remove("engine")))),
        ("too loud", param("dr_lvl", json!({ "f32": 1000.0 }))),
        ("infinite", param("tone", json!({ "f32": 1e39 }))),
        ("no such mode", param("mode", json!({ "string": "of the year 3000" }))),
        ("of another kind", param("seed", json!({ "bool": true }))),
        ("no parameters", tampered(&|state| state.json["params"] = json!([]))),
        ("too large", [&(blanks.len() as u64).to_le_bytes()[..], &blanks].concat()),
        ("cut short", good[..good.len() / 2].to_vec()),
        ("empty", Vec::new()),
    ];
    for (why, state) in refused {
        let mut host = Host::open(Class::Stereo).unwrap();
        host.load(good).unwrap();
        let before = host.save().unwrap();
        // Whether the host is told or not, and the window has the sentence: what counts is that nothing has changed.
        let _ = host.load(&state);
        assert!(host.save().unwrap() == before, "{why}");
    }
}

/// A project of a newer version that this one can play keeps what this one does not know.
#[test]
fn what_is_not_known_survives() {
    let (_, good, notes) = &kept()[0];
    let mut newer = State::read(good).unwrap();
    newer.json["params"]["width"] = json!({ "f32": 0.25 });
    newer.json["fields"]["colours"] = r#"["red"]"#.into();
    let mut engine: Value = serde_json::from_str(&newer.engine().unwrap()).unwrap();
    engine["stinger"] = json!({ "name": "win", "bars": [1, 2] });
    newer.json["fields"]["engine"] = engine.to_string().into();

    let mut host = Host::open(Class::Stereo).unwrap();
    host.load(&newer.write()).unwrap();
    assert_eq!(&bounce(&mut host), notes);
    let saved = State::read(&host.save().unwrap()).unwrap();
    let engine: Value = serde_json::from_str(&saved.engine().unwrap()).unwrap();
    assert_eq!(engine["stinger"]["bars"], json!([1, 2]));
    let aside: Value = serde_json::from_str(saved.json["fields"]["kept"].as_str().unwrap()).unwrap();
    assert_eq!(aside["params"]["width"], json!({ "f32": 0.25 }));
    assert_eq!(aside["fields"]["colours"], r#"["red"]"#);
}

/// The states of this version. A state that is there stays as it is: delete it first, and know why.
#[test]
#[ignore = "writes files that are kept"]
fn states_of_this_version() {
    let version = env!("CARGO_PKG_VERSION");
    let write = |name: String, state: &[u8], notes: &str| {
        let path = folder().join(format!("{name}.state"));
        if !path.exists() {
            fs::write(&path, state).unwrap();
            fs::write(path.with_extension("notes"), notes).unwrap();
        }
    };
    let take =
        |scene: &str| Take { class: Class::Stereo, ..Take::new(transport()) }.scene(scene).set("Energy", 0.8);
    let teacher = take("forest:1, rain:0.5").set("Seed", 0.42).set("Loop Length", 1.0 / 3.0);
    // As it comes out of the box.
    let network = Take { shares: vec![], ..take("cyberpunk city, rain") }.set("Energy", 0.8).set("Seed", 0.3);
    for (name, take) in [("teacher", teacher), ("network", network)] {
        let mut host = take.host().unwrap();
        let notes = bounce(&mut host);
        let state = host.save().unwrap();
        write(format!("{version}-{name}"), &state, &notes);
        if name == "teacher" {
            // Before there was a choice of composer, neither it nor the device was saved, and nothing was compressed.
            let mut old = State::read(&state).unwrap();
            for id in ["author", "device"] {
                old.json["params"].as_object_mut().unwrap().remove(id).unwrap();
            }
            write("before-0.1.0".into(), &old.write(), &notes);
        }
    }
}
