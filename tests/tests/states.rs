//! Projects of our users: every state that is kept opens, and plays the notes it was saved with.
//!
//! `tests/states/` holds a state (`NAME.state`) and the notes it must play (`NAME.notes`, see
//! [`sceneloop_tests::notes`]) for each. They are never changed. Those named after a version were written by it.
//! `before-0.1.0` was not written by anything that old, of which no state was kept: it is one of 0.1.0 without what was not
//! there before, not compressed. Before a release, add those of the version:
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
use sceneloop_tests::vst3_host::Vst3Host;
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

/// The bars whose loops a state holds. Of a teacher's song 0.1.0 held the first loop, the one that played and the next one; the
/// others it left to the teacher, who has learned since.
fn held_bars(state: &[u8]) -> Vec<(i64, i64)> {
    let engine: Value = serde_json::from_str(&State::read(state).unwrap().engine().unwrap()).unwrap();
    let bars = |held: &Value| {
        let (index, bars) = (held["key"]["index"].as_i64().unwrap(), held["key"]["bars"].as_i64().unwrap());
        (index * bars, (index + 1) * bars)
    };
    let mut spans: Vec<_> = engine["loops"].as_array().unwrap().iter().map(bars).collect();
    spans.retain(|(_, to)| *to <= BARS);
    spans.sort_unstable();
    spans
}

/// Whether a bar is one of those.
fn holds(spans: &[(i64, i64)], bar: i64) -> bool {
    spans.iter().any(|(from, to)| (*from..*to).contains(&bar))
}

/// The notes of some bars, a line for each bar and role.
fn of_bars(notes: &str, spans: &[(i64, i64)]) -> String {
    let bar = |line: &str| line.split(' ').next().unwrap().parse::<i64>().unwrap();
    notes.split_inclusive('\n').filter(|line| holds(spans, bar(line))).collect()
}

#[test]
fn projects_of_every_version_open_and_play_their_notes() {
    let kept = kept();
    assert!(kept.len() >= 3, "{} states", kept.len());
    for (name, state, wanted) in kept {
        let held = held_bars(&state);
        assert!(holds(&held, 0), "{name} holds {held:?}");
        if !["0.1.0-teacher", "before-0.1.0"].contains(&name.as_str()) {
            assert!((0..BARS).all(|bar| holds(&held, bar)), "{name} holds {held:?}");
        }
        let mut host = Host::open(Class::Stereo).unwrap();
        host.load(&state).unwrap();
        assert_eq!(of_bars(&bounce(&mut host), &held), of_bars(&wanted, &held), "{name}");
    }
}

/// Neither the network, nor a card, nor the teacher need write as they did: what was heard is in the file.
#[test]
fn projects_play_their_notes_whoever_composes_today() {
    for (name, state, wanted) in kept() {
        let held = held_bars(&state);
        for (composer, device) in [(0.0, 0.0), (0.5, 0.5), (1.0, 1.0)] {
            let mut host = Host::open(Class::Multi).unwrap();
            host.load(&state).unwrap();
            host.set_share("Composer", composer).unwrap();
            host.set_share("Device", device).unwrap();
            let heard = bounce(&mut host);
            assert_eq!(of_bars(&heard, &held), of_bars(&wanted, &held), "{name}, composer at {composer}");
        }
    }
}

/// A project that is saved today holds all that was heard of it, sections and all, whoever wrote it: another composer, or the next version
/// of the same one, changes no note of it. Behind what was heard the new composer's notes are played, as whoever chose it wants.
#[test]
fn what_was_heard_stays_whoever_composes_later() {
    let cases = [("techno", 0.0, 0.5), ("forest", 0.5, 0.0)]; // the teacher and the network
    for (scene, before, after) in cases {
        let take = Take { class: Class::Stereo, shares: vec![], ..Take::new(transport()) }.scene(scene);
        let take = take.set("Composer", before).set("Energy", 0.7).set("Loop Length", 1.0 / 3.0);
        let mut host = take.host().unwrap();
        let wanted = bounce(&mut host);
        let state = host.save().unwrap();
        let play = |composer: f64, spans: &[(i64, i64)]| {
            let mut host = Host::open(Class::Multi).unwrap();
            host.load(&state).unwrap();
            host.set_share("Composer", composer).unwrap();
            host.activate(48_000.0, 512, Mode::Offline, Outputs::All).unwrap();
            let mut song = transport();
            for (from, to) in spans {
                song.locate(4.0 * *from as f64);
                host.play((to - from) as usize * 4 * 24_000, &mut song).unwrap();
            }
            notes::written(&host.take(), spans.iter().map(|(_, to)| *to).max().unwrap())
        };
        assert_eq!(play(after, &[(0, BARS)]), wanted, "{scene}");
        let behind = [(4 * BARS, 4 * BARS + 8)];
        assert_ne!(play(after, &behind), play(before, &behind), "{scene}: there is no other composer");
    }
}

/// States that no host may take for loaded, made of a good one, and why.
fn refused(good: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
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
    // Which only a CLAP's state begins with.
    let has_length = good.starts_with(&(good.len() as u64 - 8).to_le_bytes());
    let length = if has_length { &(blanks.len() as u64).to_le_bytes()[..] } else { &[] };
    vec![
        ("from the future", engine(r#"{"version":5,"scene":"forest","colours":[]}"#)),
        ("no such scene", engine(r#"{"version":1,"scene":"no such scene anywhere"}"#)),
        (
            "no such preset",
            engine(
                r#"{"version":2,"scene":"forest","soundfonts":{"pad":{"path":"a.sf2","preset":{"bank":900,"program":1}}}}"#,
            ),
        ),
        ("no JSON", engine("}{")),
        ("no scene", tampered(&|state| drop(state.json["fields"].as_object_mut().unwrap().remove("engine")))),
        ("too loud", param("dr_lvl", json!({ "f32": 1000.0 }))),
        ("infinite", param("tone", json!({ "f32": 1e39 }))),
        ("no such mode", param("mode", json!({ "string": "of the year 3000" }))),
        ("of another kind", param("seed", json!({ "bool": true }))),
        ("no parameters", tampered(&|state| state.json["params"] = json!([]))),
        ("too large", [length, &blanks].concat()),
        ("cut short", good[..good.len() / 2].to_vec()),
        ("empty", Vec::new()),
    ]
}

/// What is wrong with a project is wrong with all of it: parameters, scene, loops and all else stay as they were. The host
/// is told, or it would save what there is over what was not loaded.
#[test]
fn a_state_that_is_refused_changes_nothing() {
    let good = &kept()[0].1;
    let mut host = Host::open(Class::Stereo).unwrap();
    host.load(good).unwrap();
    let before = host.save().unwrap();
    for (why, state) in refused(good) {
        assert!(host.load(&state).is_err(), "{why}: taken for loaded");
        assert!(host.save().unwrap() == before, "{why}");
    }
    host.load(good).unwrap();
}

#[test]
fn a_state_that_is_refused_changes_nothing_in_vst3() {
    let mut host = Vst3Host::open(Class::Stereo).unwrap();
    let good = host.save().unwrap();
    for (why, state) in refused(&good) {
        assert!(host.load(&state).is_err(), "{why}: taken for loaded");
        assert!(host.save().unwrap() == good, "{why}");
    }
    host.load(&good).unwrap();
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
