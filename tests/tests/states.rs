//! Projects of our users: every state that a released version wrote opens, and plays the notes it was saved with.
//!
//! `tests/states/` holds a state (`NAME.state`) and the notes it must play (`NAME.notes`, see
//! [`sceneloop_tests::notes`]) for each. They are never changed. Before a release, add those of the version:
//!
//! ```sh
//! cargo nextest run --workspace --exclude xtask --run-ignored only -E 'test(states_of_this_version)'
//! ```

use std::fs;
use std::path::{Path, PathBuf};

use sceneloop_tests::host::{Class, Host, Mode, Outputs, Transport};
use sceneloop_tests::notes;
use sceneloop_tests::take::{State, Take};

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
